"""The gallery: what it writes, what it leaves alone, and what it says when an image is not as it should be."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import (
    SMALL,
    Answer,
    Finished,
    Forks,
    check_refusal,
    finish,
    on_linux,
    run,
    script,
    second_process,
    start,
    wait_for,
)
from PIL import Image

from actplot.errors import BadValue
from actplot.output import metadata

GALLERY = Path(__file__).parent.parent / "gallery"


@pytest.fixture(scope="module", autouse=True)
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of these tests' own: most of a small gallery's time goes to the font of its page."""
    with pytest.MonkeyPatch.context() as during:
        during.setenv("ACTPLOT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def few(warm: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three functions, made once and only read."""
    folder = tmp_path_factory.mktemp("few")
    made = warm("gallery", "ReLU", "lrelu", "hardshrink", "--out", "figs", "--quiet", cwd=folder)
    assert (made.code, made.out, made.err) == (0, b"", "")
    return folder / "figs"


def lines(made: Finished) -> list[str]:
    """What a command has printed."""
    return made.out.decode().splitlines()


def test_files_take_the_canonical_names(few: Path) -> None:
    assert sorted(path.name for path in few.iterdir()) == [
        "README.md",
        "actplot.json",
        "hardshrink.png",
        "index.html",
        "leaky_relu.png",
        "relu.png",
    ]


def test_a_picture_is_that_of_the_single_command(few: Path, warm: Forks, tmp_path: Path) -> None:
    assert warm("leaky_relu", "--out", "one.png", cwd=tmp_path).code == 0
    assert (tmp_path / "one.png").read_bytes() == (few / "leaky_relu.png").read_bytes()


def test_formats_and_options_reach_every_picture(warm: Forks, tmp_path: Path) -> None:
    options = ["--range", "-2", "3", "--lang", "en", "--dpi", "50", "--style", "ggplot"]
    formats = ["--format", "svg", "--format", "png"]
    made = warm("gallery", "elu", "tanh", *options, *formats, "--out", "a/b", cwd=tmp_path)
    assert made.code == 0, made.err
    assert {path.name for path in (tmp_path / "a/b").glob("[et]*")} == {"elu.svg", "elu.png", "tanh.svg", "tanh.png"}
    assert set(lines(made)) == {str(Path("a/b", path.name)) for path in (tmp_path / "a/b").iterdir()}
    with Image.open(tmp_path / "a/b/elu.png") as picture:
        assert picture.size == (500, 200)
        assert "--range -2 3" in picture.info["Command"]
        assert "--lang en" in picture.info["Command"]
    assert warm("elu", *options, "--out", "one.png", cwd=tmp_path).code == 0
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "a/b/elu.png").read_bytes()


def test_the_page_opens_in_the_language_of_its_pictures(few: Path, warm: Forks, tmp_path: Path) -> None:
    assert '<html lang="zh-Hans">' in (few / "index.html").read_text("utf-8")
    with pytest.raises(BadValue, match="a page of many figures and carries no command"):
        metadata.read(str(few / "index.html"))
    assert warm("gallery", "relu", *SMALL, "--lang", "en", "--quiet", cwd=tmp_path).code == 0
    assert '<html lang="en">' in (tmp_path / "figs/index.html").read_text("utf-8")
    assert warm("gallery", "--check", "figs", "--quiet", cwd=tmp_path).code == 0


def test_families(warm: Forks, tmp_path: Path) -> None:
    made = warm("gallery", "--family", "shrink", *SMALL, "--quiet", cwd=tmp_path)
    assert made.code == 0
    assert {path.stem for path in (tmp_path / "figs").glob("*.png")} == {"hardshrink", "softshrink", "tanhshrink"}


def test_same_bytes_however_many_work_and_wherever(few: Path, tmp_path: Path) -> None:
    settings = tmp_path / "config"
    settings.mkdir()
    (settings / "matplotlibrc").write_text("lines.linewidth: 9\nfont.family: monospace\nsavefig.dpi: 33\n")
    elsewhere = tmp_path / "somewhere else"
    elsewhere.mkdir()
    words = ["gallery", "hardshrink", "relu", "leaky_relu", "--jobs", "1", "--out", str(elsewhere), "--quiet"]
    surroundings = dict(LC_ALL="C", TZ="Asia/Shanghai", MPLCONFIGDIR=str(settings), PYTHONHASHSEED="7")
    surroundings |= {"ACTPLOT_CACHE": "off"}
    assert run(*words, cwd=elsewhere, **surroundings) == (0, b"", "")
    assert {path.name: path.read_bytes() for path in elsewhere.iterdir()} == {
        path.name: path.read_bytes() for path in few.iterdir()
    }


def test_an_existing_folder_keeps_what_is_not_the_gallerys(warm: Forks, tmp_path: Path) -> None:
    folder = tmp_path / "figs"
    folder.mkdir()
    for name in ("README.md", "notes.txt", "tanh.png"):
        (folder / name).write_text("mine")
    (folder / "relu.png").write_text("old")
    made = warm("gallery", "relu", *SMALL, cwd=tmp_path)
    assert made.code == 0
    assert "figs/README.md is not a page of actplot's and was left alone" in made.err
    for name in ("README.md", "notes.txt", "tanh.png"):
        assert (folder / name).read_text() == "mine"
    assert (folder / "relu.png").read_bytes().startswith(b"\x89PNG")
    again = warm("gallery", "relu", *SMALL, "--out", "figs", cwd=tmp_path)
    assert "figs/index.html" in lines(again)


def test_progress_and_result_without_a_terminal(warm: Forks, tmp_path: Path) -> None:
    made = warm("gallery", "relu", "tanh", *SMALL, "--jobs", "1", cwd=tmp_path)
    assert lines(made) == [
        "figs/relu.png", "figs/tanh.png", "figs/index.html", "figs/README.md", "figs/actplot.json",
    ]  # fmt: skip
    assert "[1/2] relu\n[2/2] tanh\n" in made.err
    assert re.search(r"\d\.\d s in all +2 +2 +\d+ +0", made.err)
    assert "\x1b" not in made.out.decode() + made.err


# -- checking


def test_check_passes_and_changes_nothing(warm: Forks, tmp_path: Path) -> None:
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in GALLERY.iterdir()}
    made = warm("gallery", "relu", "leaky_relu", "hardshrink", "--check", GALLERY, cwd=tmp_path)
    assert (made.code, made.out) == (0, b"")
    assert "3 images are as they should be" in made.err
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in GALLERY.iterdir()} == before
    assert not list(tmp_path.iterdir())


def test_the_committed_gallery_is_as_drawn_but_for_what_is_changed(warm: Forks, tmp_path: Path) -> None:
    folder = tmp_path / "figs"
    shutil.copytree(GALLERY, folder)
    (folder / "relu.png").rename(folder / "old_name.png")
    (folder / "leaky_relu.png").write_bytes(b"no picture")
    Image.new("RGB", (30, 20)).save(folder / "hardshrink.png")
    made = warm("gallery", "--check", folder, "--quiet", cwd=tmp_path)
    assert (made.code, made.err) == (1, "")
    assert [line.split()[:2] for line in lines(made)] == [
        ["changed", "hardshrink.png"],
        ["broken", "leaky_relu.png"],
        ["extra", "old_name.png"],
        ["missing", "relu.png"],
    ]


def test_one_changed_pixel_fails_with_a_picture(few: Path, warm: Forks, tmp_path: Path) -> None:
    folder = tmp_path / "figs"
    shutil.copytree(few, folder)
    with Image.open(folder / "relu.png") as picture:
        picture.load()
        picture.putpixel((700, 300), (255, 0, 255))
        picture.save(folder / "relu.png")
    names = ["relu", "leaky_relu", "hardshrink"]
    made = warm("gallery", *names, "--check", folder, "--diff", "apart", cwd=tmp_path)
    assert made.code == 1
    assert re.fullmatch(r"changed  relu\.png  RMS 0\.\d+, see apart/relu-diff\.png\n", made.out.decode())
    assert made.err.endswith("figs: 1 of 3 images differ\n")
    with Image.open(tmp_path / "apart/relu-diff.png") as picture:
        assert picture.convert("RGB").getpixel((700, 300)) != (0, 0, 0)
        assert picture.convert("RGB").getpixel((10, 10)) == (0, 0, 0)
    assert {path.name for path in (tmp_path / "apart").iterdir()} == {
        "relu-diff.png", "relu-expected.png", "relu-actual.png",
    }  # fmt: skip
    assert warm("gallery", *names, "--check", folder, "--tolerance", "1", cwd=tmp_path).code == 0


def test_nothing_is_written_into_the_folder_that_is_checked(few: Path, warm: Forks, tmp_path: Path) -> None:
    folder = tmp_path / "figs"
    shutil.copytree(few, folder)
    with Image.open(few / "relu.png") as picture:
        picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(folder / "relu.png")
    before = sorted(folder.iterdir())
    assert warm("gallery", "relu", "--check", ".", cwd=folder).code == 1
    made = warm("gallery", "relu", "--check", folder, "--diff", "figs/diff", cwd=tmp_path)
    check_refusal(Answer(made.code, made.out.decode(), made.err), 2, "lies in the folder", "--diff ../figs-diff")
    assert sorted(folder.iterdir()) == before
    assert (tmp_path / "figs-diff/relu-diff.png").exists()


def test_what_is_not_asked_for_is_not_extra(few: Path, warm: Forks, tmp_path: Path) -> None:
    made = warm("gallery", "relu", "tanh", "--check", few, cwd=tmp_path)
    assert made.code == 1
    assert [line.split()[:2] for line in lines(made)] == [["missing", "tanh.png"]]


# -- interruptions

DRAW_ALL = ("gallery", "--out", "figs", "--format", "png", "--format", "pdf")


def first_picture(folder: Path) -> list[Path]:
    return list(folder.glob("figs/*.png"))


def assert_whole(folder: Path) -> None:
    for path in folder.glob("figs/*.png"):
        with Image.open(path) as picture:
            picture.load()
    for path in folder.glob("figs/*.pdf"):
        assert path.read_bytes().rstrip().endswith(b"%%EOF")


def test_ctrl_c_stops_with_whole_files(interruptible: None, tmp_path: Path) -> None:
    running = start(*DRAW_ALL, cwd=tmp_path)
    wait_for(lambda: first_picture(tmp_path), running)
    running.send_signal(signal.SIGINT)
    code, _, err = finish(running)
    assert code == 130
    done = re.search(r"(\d+) of (\d+) functions were written to figs", err)
    assert done is not None
    assert int(done[1]) < int(done[2])  # it has not drawn the others first
    assert "Traceback" not in err
    assert not list(tmp_path.glob("figs/.*"))
    assert_whole(tmp_path)


@on_linux
def test_ctrl_c_while_loading(interruptible: None, tmp_path: Path) -> None:
    running = start(*DRAW_ALL, cwd=tmp_path)
    second_process(running)
    os.killpg(running.pid, signal.SIGINT)
    code, _, err = finish(running)
    assert code == 130
    assert err.splitlines()[-1] == "actplot: interrupted"
    assert "Traceback" not in err
    assert not first_picture(tmp_path)


@pytest.mark.slow
def test_a_killed_run_leaves_no_half_image_and_the_next_one_cleans_up(warm: Forks, tmp_path: Path) -> None:
    running = start(*DRAW_ALL, cwd=tmp_path)
    wait_for(lambda: first_picture(tmp_path), running)
    running.kill()
    finish(running)  # until those that draw have noticed, too
    assert_whole(tmp_path)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left, busy = (tmp_path / f"figs/.actplot-{process}-0123abcd.tmp" for process in (dead.pid, os.getpid()))
    left.write_bytes(b"half")
    busy.write_bytes(b"half")
    assert warm("gallery", "relu", *SMALL, cwd=tmp_path).code == 0
    assert not left.exists()
    assert busy.exists()


def test_a_file_that_cannot_be_written_does_not_stop_the_others(warm: Forks, tmp_path: Path) -> None:
    (tmp_path / "figs/relu.png").mkdir(parents=True)
    made = warm("gallery", "relu", "tanh", *SMALL, cwd=tmp_path)
    assert made.code == 1
    assert "actplot: relu: cannot write figs/relu.png: it is a folder" in made.err
    assert set(lines(made)) == {"figs/tanh.png", "figs/index.html", "figs/README.md", "figs/actplot.json"}


FAILING = """
import sys
from dataclasses import replace
from pathlib import Path

import torch

from actplot.functions.catalog import CATALOG
from actplot.functions.registry import PlotSpec
from actplot.gallery.build import Plan, PlannedFigure, draw_all
from actplot.options import Sampling, Style

def fail(x):
    raise ValueError("no luck")

good, bad = CATALOG["relu"].bind(), replace(CATALOG["tanh"].bind(), call=fail, name="bad")
figures = tuple(
    PlannedFigure(PlotSpec(each.name, (each,), lambda _: []), Sampling(range=each.range, samples=50), str)
    for each in (bad, good)
)
plan = Plan(figures, Style(lang="en", size=(6.0, 3.0), dpi=50.0), order=1, formats=("png",), jobs=1)
for outcome in sorted(draw_all(plan, Path(sys.argv[1])), key=lambda outcome: outcome.name):
    print(outcome.name, outcome.files, outcome.error and outcome.error.en)
"""


@pytest.mark.slow
def test_a_function_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    told = script(FAILING, str(tmp_path)).splitlines()
    assert told == ["bad () the function raised ValueError: no luck (<string>, line 14)", "relu ('relu.png',) None"]


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
        (["--check", "file"], 2, "--check file: it is a file"),
        (["--check", "empty"], 2, "--check empty: it holds no images"),
        (["--range", "1", "0"], 2, "LO must be less than HI"),
        (["--out", "file"], 1, "cannot write to file: it is a file"),
        (["--out", "file/below"], 1, "cannot make file/below"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], code: int, message: str, light: Forks, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    made = light("gallery", *arguments, cwd=tmp_path)
    check_refusal(Answer(made.code, made.out.decode(), made.err), code, message)
    assert "torch" not in made.heavy
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "file"]


# -- what a gallery remembers


@pytest.fixture(scope="module")
def remembered(warm: Forks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose pictures were drawn with options of their own, in three formats; only read."""
    folder = tmp_path_factory.mktemp("remembered")
    words = [
        "relu",
        "leaky_relu",
        "--format",
        "png",
        "--format",
        "svg",
        "--format",
        "pdf",
        "--no-grid",
        "--slope",
        "0.1",
    ]
    assert warm("gallery", *words, "--slope", "0.3", *SMALL, "--quiet", cwd=folder).code == 0
    assert warm("gallery", "tanh", *SMALL, "--lang", "en", "--quiet", cwd=folder).code == 0
    return folder / "figs"


def test_a_folder_is_checked_with_the_options_it_was_drawn_with(remembered: Path, warm: Forks, tmp_path: Path) -> None:
    made = warm("gallery", "--check", remembered, cwd=tmp_path)
    assert (made.code, made.out) == (0, b"")
    assert "7 images and the pages about them are as they should be" in made.err
    made = warm("gallery", "relu", "--check", remembered, cwd=tmp_path)
    assert "3 images are as they should be" in made.err
    made = warm("gallery", "relu", "--lang", "en", *SMALL, "--check", remembered, cwd=tmp_path)
    assert (made.code, [line.split()[:2] for line in lines(made)]) == (1, [["changed", "relu.png"]])


def test_pages_are_compared_where_the_whole_folder_is(remembered: Path, warm: Forks, tmp_path: Path) -> None:
    folder = tmp_path / "figs"
    shutil.copytree(remembered, folder)
    page = (folder / "index.html").read_text("utf-8")
    (folder / "index.html").write_text(page.replace("tanh", "tanned", 1), "utf-8")
    (folder / "README.md").unlink()
    made = warm("gallery", "--check", folder, cwd=tmp_path)
    assert (made.code, lines(made)) == (1, ["missing  README.md", "changed  index.html  its text differs"])
    assert made.err.endswith("figs: 0 of 7 images differ, 2 of 2 pages differ\n")
    assert warm("gallery", "relu", "--check", folder, cwd=tmp_path).code == 0
    (folder / "README.md").write_text("somebody else's", "utf-8")
    (folder / "index.html").write_bytes(page.replace("\n", "\r\n").encode())
    assert warm("gallery", "--check", folder, cwd=tmp_path).code == 0
    (folder / "index.html").write_text(page.replace("tanh", "tanned", 1), "utf-8")
    memory = (folder / "actplot.json").read_text("utf-8")
    (folder / "actplot.json").write_text(re.sub('("numpy": ")[^"]*', r"\g<1>1.26.44", memory), "utf-8")
    made = warm("gallery", "--check", folder, cwd=tmp_path)  # other versions may compute other digits
    assert (made.code, made.out) == (0, b"")
    assert "7 images are as they should be" in made.err


def test_some_functions_drawn_anew_leave_the_others_in_the_pages(remembered: Path, warm: Forks, tmp_path: Path) -> None:
    folder = tmp_path / "figs"
    shutil.copytree(remembered, folder)
    assert warm("gallery", "elu", *SMALL, "--quiet", cwd=tmp_path).code == 0
    page, readme = (folder / "index.html").read_text("utf-8"), (folder / "README.md").read_text("utf-8")
    for name in ("relu", "leaky_relu", "tanh", "elu"):
        assert f'<li class="card" id="{name}"' in page
        assert f"({name}.png)" in readme
    assert "slope = 0.1, 0.3" in page
    (folder / "tanh.png").unlink()
    assert warm("gallery", "elu", *SMALL, "--quiet", cwd=tmp_path).code == 0
    assert 'id="tanh"' not in (folder / "index.html").read_text("utf-8")


def test_extra_images_are_seen_with_names_too(remembered: Path, warm: Forks, tmp_path: Path) -> None:
    folder = tmp_path / "figs"
    shutil.copytree(remembered, folder)
    shutil.copy(folder / "relu.svg", folder / "other.svg")
    made = warm("gallery", "relu", "--check", folder, cwd=tmp_path)
    assert (made.code, [line.split() for line in lines(made)]) == (1, [["extra", "other.svg"]])
    assert "0 of 3 images differ, 1 extra" in made.err


@pytest.mark.slow
def test_other_versions_are_told_apart_from_other_drawings(remembered: Path, warm: Forks, tmp_path: Path) -> None:
    folder = tmp_path / "figs"
    shutil.copytree(remembered, folder)
    version = re.search(rb"numpy ([\d.]+)", (folder / "relu.svg").read_bytes())
    assert version is not None
    for name in ("relu.svg", "relu.pdf"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content.replace(b"numpy " + version[1], b"numpy 1.26.44"))
    made = warm("gallery", "--check", folder, cwd=tmp_path)
    assert (made.code, made.out) == (0, b"")
    assert f"drawn by other versions: numpy 1.26.44 → {version[1].decode()}" in made.err
    drawing = (folder / "relu.svg").read_bytes()
    (folder / "relu.svg").write_bytes(drawing.replace(b"stroke-width: 2", b"stroke-width: 3"))
    made = warm("gallery", "--check", folder, cwd=tmp_path)
    assert (made.code, lines(made)) == (1, ["changed  relu.svg  its drawing differs"])
    assert {path.name for path in (tmp_path / "figs-diff").iterdir()} == {"relu-expected.svg", "relu-actual.svg"}


@pytest.mark.parametrize(
    "change",
    [
        ("{", "["),
        ('"relu.png"', '"../relu.png"'),
        ('"grid": false', '"grid": 0'),
        ('"grid": false', '"out": "a"'),
        ('"slope": 0.1', '"slope": "x"'),
    ],
)
def test_what_the_gallery_would_not_write_is_refused(
    change: tuple[str, str], remembered: Path, light: Forks, tmp_path: Path
) -> None:
    folder = tmp_path / "figs"
    shutil.copytree(remembered, folder)
    manifest = folder / "actplot.json"
    manifest.write_text(manifest.read_text("utf-8").replace(*change), "utf-8")
    for words in (["--check", "figs"], ["relu"]):
        made = light("gallery", *words, cwd=tmp_path)
        check_refusal(Answer(made.code, made.out.decode(), made.err), 2, "was not written by this version of actplot")


def test_a_folder_cannot_have_other_files_read(remembered: Path, light: Forks, tmp_path: Path) -> None:
    folder = tmp_path / "figs"
    shutil.copytree(remembered, folder)
    manifest = folder / "actplot.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"grid": false', '"style": "./own.mplstyle"'), "utf-8")
    made = light("gallery", "--check", "figs", cwd=tmp_path)
    check_refusal(Answer(made.code, made.out.decode(), made.err), 2, "names the style './own.mplstyle'")
