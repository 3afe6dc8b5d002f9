"""The gallery: what it writes, what it leaves alone, and what it says when an image is not as it should be."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from actplot.functions.catalog import CATALOG
from actplot.functions.registry import PlotSpec
from actplot.gallery.build import Plan, PlannedFigure, draw_all
from actplot.options import Sampling, Style

ROOT = Path(__file__).parent.parent


def actplot(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "actplot", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def images(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".md"}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three functions, made once and only read."""
    folder = tmp_path_factory.mktemp("few")
    made = actplot("gallery", "ReLU", "lrelu", "hardshrink", "--out", "figs", "--quiet", cwd=folder)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    return folder / "figs"


def copy(few: Path, to: Path) -> Path:
    folder = to / "figs"
    folder.mkdir()
    for name, content in images(few).items():
        (folder / name).write_bytes(content)
    return folder


def test_files_take_the_canonical_names(few: Path) -> None:
    assert sorted(path.name for path in few.iterdir()) == [
        "README.md",
        "hardshrink.png",
        "index.html",
        "leaky_relu.png",
        "relu.png",
    ]


def test_a_picture_is_that_of_the_single_command(few: Path, tmp_path: Path) -> None:
    actplot("leaky_relu", "--out", "one.png", cwd=tmp_path)
    assert (tmp_path / "one.png").read_bytes() == (few / "leaky_relu.png").read_bytes()


def test_formats_and_options_reach_every_picture(tmp_path: Path) -> None:
    options = [
        "--range",
        "-2",
        "3",
        "--lang",
        "en",
        "--dpi",
        "50",
        "--style",
        "ggplot",
        "--format",
        "svg",
        "--format",
        "png",
    ]
    made = actplot("gallery", "elu", "tanh", *options, "--out", "a/b", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert {path.name for path in (tmp_path / "a/b").glob("[et]*")} == {"elu.svg", "elu.png", "tanh.svg", "tanh.png"}
    assert set(made.stdout.split()) == {str(Path("a/b", path.name)) for path in (tmp_path / "a/b").iterdir()}
    with Image.open(tmp_path / "a/b/elu.png") as picture:
        assert picture.size == (500, 200)
        assert "--range -2 3" in picture.info["Command"]
        assert "--lang en" in picture.info["Command"]
    actplot("elu", *options[:-4], "--out", "one.png", cwd=tmp_path)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "a/b/elu.png").read_bytes()


def test_families(tmp_path: Path) -> None:
    made = actplot("gallery", "--family", "shrink", "--quiet", cwd=tmp_path)
    assert made.returncode == 0
    assert {path.stem for path in (tmp_path / "figs").glob("*.png")} == {"hardshrink", "softshrink", "tanhshrink"}


def test_same_bytes_however_many_work_and_wherever(few: Path, tmp_path: Path) -> None:
    settings = tmp_path / "config"
    settings.mkdir()
    (settings / "matplotlibrc").write_text("lines.linewidth: 9\nfont.family: monospace\nsavefig.dpi: 33\n")
    elsewhere = tmp_path / "somewhere else"
    elsewhere.mkdir()
    made = actplot(
        "gallery", "hardshrink", "relu", "leaky_relu", "--jobs", "1", "--out", elsewhere, "--quiet", cwd=elsewhere,
        LC_ALL="C", TZ="Asia/Shanghai", MPLCONFIGDIR=str(settings), PYTHONHASHSEED="7",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert {path.name: path.read_bytes() for path in elsewhere.iterdir()} == {
        path.name: path.read_bytes() for path in few.iterdir()
    }


def test_an_existing_folder_keeps_what_is_not_the_gallerys(tmp_path: Path) -> None:
    folder = tmp_path / "figs"
    folder.mkdir()
    for name in ("README.md", "notes.txt", "tanh.png"):
        (folder / name).write_text("mine")
    (folder / "relu.png").write_text("old")
    made = actplot("gallery", "relu", cwd=tmp_path)
    assert made.returncode == 0
    assert "figs/README.md is not a page of actplot's and was left alone" in made.stderr
    for name in ("README.md", "notes.txt", "tanh.png"):
        assert (folder / name).read_text() == "mine"
    assert (folder / "relu.png").read_bytes().startswith(b"\x89PNG")
    again = actplot("gallery", "relu", "--out", "figs", cwd=tmp_path)
    assert "figs/index.html" in again.stdout.split()


def test_progress_and_result_without_a_terminal(tmp_path: Path) -> None:
    made = actplot("gallery", "relu", "tanh", "--jobs", "1", cwd=tmp_path)
    assert made.stdout.split() == ["figs/relu.png", "figs/tanh.png", "figs/index.html", "figs/README.md"]
    assert "[1/2] relu\n[2/2] tanh\n" in made.stderr
    assert re.search(r"\d\.\d s in all +2 +2 +\d+ +0", made.stderr)
    assert "\x1b" not in made.stdout + made.stderr


# -- checking


def test_the_committed_gallery_is_as_drawn(tmp_path: Path) -> None:
    made = actplot("gallery", "--check", ROOT / "gallery", "--quiet", cwd=tmp_path)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")


def test_check_passes_and_changes_nothing(few: Path, tmp_path: Path) -> None:
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in few.iterdir()}
    made = actplot("gallery", "relu", "leaky_relu", "hardshrink", "--check", few, cwd=tmp_path)
    assert (made.returncode, made.stdout) == (0, "")
    assert "3 images are as they should be" in made.stderr
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in few.iterdir()} == before
    assert not list(tmp_path.iterdir())


def test_one_changed_pixel_fails_with_a_picture(few: Path, tmp_path: Path) -> None:
    folder = copy(few, tmp_path)
    with Image.open(folder / "relu.png") as picture:
        picture.load()
        picture.putpixel((700, 300), (255, 0, 255))
        picture.save(folder / "relu.png")
    names = ["relu", "leaky_relu", "hardshrink"]
    made = actplot("gallery", *names, "--check", folder, "--diff", "apart", cwd=tmp_path)
    assert made.returncode == 1
    assert re.fullmatch(r"changed  relu\.png  RMS 0\.\d+, see apart/relu-diff\.png\n", made.stdout)
    with Image.open(tmp_path / "apart/relu-diff.png") as picture:
        assert picture.convert("RGB").getpixel((700, 300)) != (0, 0, 0)
        assert picture.convert("RGB").getpixel((10, 10)) == (0, 0, 0)
    assert {path.name for path in (tmp_path / "apart").iterdir()} == {
        "relu-diff.png", "relu-expected.png", "relu-actual.png",
    }  # fmt: skip
    assert actplot("gallery", *names, "--check", folder, "--tolerance", "1", cwd=tmp_path).returncode == 0


def test_missing_broken_resized_and_extra_images(few: Path, tmp_path: Path) -> None:
    folder = copy(few, tmp_path)
    (folder / "relu.png").unlink()
    (folder / "leaky_relu.png").write_bytes(b"no picture")
    Image.new("RGB", (30, 20)).save(folder / "hardshrink.png")
    made = actplot("gallery", "--family", "relu", "--family", "shrink", "--check", folder, cwd=tmp_path)
    assert made.returncode == 1
    lines = {tuple(line.split()[:2]) for line in made.stdout.splitlines()}
    assert {("missing", "relu.png"), ("broken", "leaky_relu.png"), ("changed", "hardshrink.png")} <= lines
    assert "Traceback" not in made.stderr

    (folder / "old_name.png").write_bytes((few / "relu.png").read_bytes())
    whole = actplot("gallery", "--check", folder, "--dpi", "20", "--quiet", cwd=tmp_path)
    assert ("extra", "old_name.png") in {tuple(line.split()[:2]) for line in whole.stdout.splitlines()}


# -- interruptions


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "actplot", "gallery", "--out", "figs", "--format", "png", "--format", "pdf", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_first_picture(folder: Path) -> None:
    deadline = time.monotonic() + 60
    while not list(folder.glob("figs/*.png")):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def assert_whole(folder: Path) -> None:
    for path in folder.glob("figs/*.png"):
        with Image.open(path) as picture:
            picture.load()
    for path in folder.glob("figs/*.pdf"):
        assert path.read_bytes().rstrip().endswith(b"%%EOF")


def test_ctrl_c_stops_with_whole_files(interruptible: None, tmp_path: Path) -> None:
    running = start(tmp_path)
    wait_for_first_picture(tmp_path)
    running.send_signal(signal.SIGINT)
    begun = time.monotonic()
    _, err = running.communicate(timeout=30)
    assert time.monotonic() - begun < 2  # the promise is a second; the machine may be busy
    assert running.returncode == 130
    assert re.search(r"\d+ of \d+ functions were written to figs", err)
    assert "Traceback" not in err
    assert not list(tmp_path.glob("figs/.*"))
    assert_whole(tmp_path)


def test_ctrl_c_while_loading(interruptible: None, tmp_path: Path) -> None:
    running = start(tmp_path)
    time.sleep(0.6)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in err


def test_a_killed_run_leaves_no_half_image_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    running = start(tmp_path)
    wait_for_first_picture(tmp_path)
    running.kill()
    running.communicate(timeout=10)  # until those that draw have noticed, too
    assert_whole(tmp_path)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left, busy = (tmp_path / f"figs/.actplot-{process}-0123abcd.tmp" for process in (dead.pid, os.getpid()))
    left.write_bytes(b"half")
    busy.write_bytes(b"half")
    assert actplot("gallery", "relu", cwd=tmp_path).returncode == 0
    assert not left.exists()
    assert busy.exists()


def test_one_failure_does_not_stop_the_others(tmp_path: Path) -> None:
    def fail(x: object) -> object:
        raise ValueError("no luck")

    from dataclasses import replace

    good, bad = CATALOG["relu"].bind(), replace(CATALOG["tanh"].bind(), call=fail, name="bad")
    style = Style(lang="en", size=(6.0, 3.0), dpi=50.0)
    figures = tuple(
        PlannedFigure(PlotSpec(each.name, (each,), lambda _: []), Sampling(range=each.range, samples=50), str)
        for each in (bad, good)
    )
    plan = Plan(figures, style, order=1, formats=("png",), jobs=1)
    outcomes = {outcome.name: outcome for outcome in draw_all(plan, tmp_path)}
    assert "ValueError: no luck" in outcomes["bad"].error
    assert outcomes["relu"].files == ("relu.png",)


# -- bad input


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["reluu", "nonsense"], 2, "unknown functions 'reluu' (did you mean relu"),
        (["--family", "shrunk"], 2, "unknown family 'shrunk'; did you mean shrink"),
        (["relu", "--family", "shrink"], 2, "none of the functions named is in the family named"),
        (["--format", "gif"], 2, "unknown format 'gif'"),
        (["--jobs", "0"], 2, "--jobs must be at least 1, got 0"),
        (["--tolerance", "-1"], 2, "--tolerance must be from 0 to 255"),
        (["--check", "nowhere"], 2, "--check nowhere: there is no such folder"),
        (["--check", "empty"], 2, "--check empty: it holds no images"),
        (["--range", "1", "0"], 2, "LO must be less than HI"),
        (["--out", "file"], 1, "cannot write to file: it is a file"),
        (["--out", "file/below"], 1, "cannot make file/below"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], code: int, message: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    made = actplot("gallery", *arguments, cwd=tmp_path)
    assert (made.returncode, made.stdout) == (code, "")
    assert made.stderr.count("\n") == 1
    assert message in made.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file"]
