"""The command line: exit codes, one line for every mistake, stdout for results alone."""

import errno
import json
import os
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import pytest
import torch
from command import (
    NUMBERS,
    OLD,
    SMALL,
    Act,
    Answer,
    Forks,
    check_light_refusal,
    check_refusal,
    environment,
    finish,
    is_gone,
    names,
    on_linux,
    run,
    second_process,
    start,
    wait_for,
)
from conftest import every_entry
from PIL import Image

import actplot
from actplot.cli.options import FigureOptions
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, Family
from actplot.live import window
from actplot.output import image as output
from actplot.output import metadata

PNG, PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"

# Wrong commands

WRONG = [
    # The function
    ("sigmiod", "unknown function 'sigmiod'", "did you mean sigmoid"),
    ("leaky-rel", "'leaky-rel'", "did you mean leaky_relu"),
    ("LRELUU", "'LRELUU'", "did you mean lrelu"),
    ("qqqq", "unknown function 'qqqq'", "actplot list"),
    ("''", "unknown function ''"),
    ("'two\nlines'", r"'two\nlines'"),
    ("relu sigmoid", "sigmoid"),
    # The range
    ("relu --range 1 1", "--range 1 1", "LO must be less than HI"),
    ("relu --range 2 -1", "--range 2 -1", "try --range -1 2"),
    ("relu --range nan 1", "--range nan 1", "finite"),
    ("relu --range 0 nan", "--range 0 nan", "finite"),
    ("relu --range -inf 0", "--range -inf 0", "finite"),
    ("relu --range 0 inf", "--range 0 inf", "finite"),
    ("relu --range 0 1e400", "--range 0", "finite"),
    ("relu --range -1e305 1e305", "1e+305", "1e+300"),
    ("relu --range 1 1.0000000000000002", "1.0000000000000002", "too narrow for float64"),
    ("relu --range 1 1.000001 --dtype float32", "1.000001", "too narrow for float32"),
    ("relu --range 1 1.001 --dtype float16", "1.001", "too narrow for float16"),
    ("relu --range 1 1.01 --dtype bfloat16", "1.01", "too narrow for bfloat16"),
    ("relu --range 0 65505 --dtype float16", "65505", "within 65504 of 0 in float16"),
    ("relu --range -1e39 0 --dtype float32", "-1e+39", "within 3.40282e+38 of 0 in float32"),
    ("relu --range 1", "--range takes two numbers", "write: actplot relu --range -1 1"),
    ("relu --range -1", "--range takes two numbers", "write: actplot relu --range -1 1"),
    ("relu --range", "--range", "2 arguments"),
    ("relu --range a 1", "--range", "'a' is not a number"),
    ("relu --range 1 b", "--range", "'b' is not a number"),
    ("relu --range '' 1", "--range", "'' is not a number"),
    # The number of samples
    ("relu --samples 1", "got 1", "from 2 to 1,000,000,000"),
    ("relu --samples 0", "got 0"),
    ("relu --samples -5", "got -5"),
    ("relu -n 10000001 --data a.csv", "--data holds at most 10,000,000 samples, not 10,000,001"),
    ("relu -n 1000000001", "got 1000000001", "from 2 to 1,000,000,000"),
    ("relu -n 10.5", "'10.5' is not a whole number"),
    ("relu -n 1e-3", "'1e-3' is not a whole number"),
    ("relu -n inf", "'inf' is not a whole number"),
    ("relu -n many", "'many' is not a whole number"),
    ("relu -n nan", "'nan' is not a whole number"),
    ("relu -n", "-n"),
    # The function's own parameters
    ("elu --alpha -0.1", "elu: alpha must be >= 0, got -0.1", "try --alpha 1"),
    ("elu --alpha nan", "alpha", "nan"),
    ("elu --alpha inf", "alpha", "inf"),
    ("elu --alpha -inf", "alpha", "-inf"),
    ("elu --alpha deep", "--alpha", "'deep' is not a number"),
    ("elu --alpha", "--alpha", "argument"),
    ("celu --alpha 0", "celu: alpha must be > 0, got 0"),
    ("celu --alpha inf", "alpha", "inf"),
    ("leaky_relu --slope nan", "slope must be finite, got nan"),
    ("leaky_relu --slope inf", "slope must be finite, got inf"),
    ("hardshrink --lambd -1", "lambd must be >= 0, got -1"),
    ("softshrink --lambd -0.5", "lambd must be >= 0, got -0.5"),
    ("hardtanh --min-val 1 --max-val 1", "min_val < max_val", "min_val = 1, max_val = 1"),
    ("hardtanh --min-val 3", "min_val < max_val", "min_val = 3"),
    ("hardtanh --max-val -3", "min_val < max_val", "max_val = -3"),
    # Options
    ("relu --bogus", "No such option: --bogus", "actplot relu --help"),
    ("elu --alpah 1", "No such option: --alpah", "--alpha"),
    ("elu --slope 1", "elu has no --slope; it takes --alpha", "write: actplot elu --alpha 1"),
    ("sigmoid --slope 1", "sigmoid has no parameters", "actplot sigmoid --help"),
    ("hardtanh --slope 1", "hardtanh has no --slope; it takes --min-val, --max-val"),
    ("relu -z", "-z"),
    ("--range 0 1 relu", "--range", "options come after the function"),
    ("-n 10 relu", "-n", "options come after the function"),
    ("--out a.png relu", "--out", "options come after the function"),
    ("relu --device tpu", "unknown device 'tpu'", "cpu, cuda, cuda:N or auto"),
    ("relu --device cuda:x", "unknown device 'cuda:x'"),
    ("relu --device ''", "unknown device ''"),
    ("relu --dtype float8", "unknown dtype 'float8'", "float64, float32, float16, bfloat16"),
    ("relu --style nonsense", "unknown style 'nonsense'", "ggplot"),
    ("relu --style gplot", "unknown style 'gplot'", "did you mean ggplot"),
    ("relu --lang fr", "--lang: 'fr'", "zh or en"),
    ("relu --layout top", "unknown layout 'top'", "side or overlay"),
    ("relu --size 0.1 0.1", "--size 0.1 0.1", "at least 3 by 1.6 inches"),
    ("relu --size -10 4", "--size -10 4"),
    ("relu --size nan 4", "--size nan 4"),
    ("relu --size 10 inf", "--size 10 inf"),
    ("relu --size 1000 1000", "--size 1000 1000", "30,000 pixels"),
    ("relu --size 100 100", "--size 100 100 at --dpi 150", "200,000,000 in all"),
    ("relu --size 10", "--size", "2 arguments"),
    ("relu --dpi nan", "--dpi nan"),
    ("relu --dpi inf", "--dpi inf"),
    ("relu --dpi 0", "--dpi 0", "at least 10"),
    ("relu --dpi 1e6", "--dpi 1000000", "30,000 pixels"),
    ("relu --dpi fine", "'fine' is not a number"),
    ("relu --out picture.jpg", "'picture.jpg'", ".png, .svg, .pdf"),
    ("relu --out picture", "cannot tell the format of 'picture'"),
    ("relu --out picture.png.txt", "'picture.png.txt'"),
    ("relu --out ''", "cannot tell the format of ''"),
    ("relu --json --out -", "--json and --out -", "stdout"),
    # The other commands
    ("list --family reluu", "unknown family 'reluu'", "did you mean relu"),
    ("list --lang fr", "--lang: 'fr'", "zh or en"),
    ("list relu", "relu"),
    ("info", "info needs the name of a function"),
    ("info sigmiod", "unknown function 'sigmiod'", "did you mean sigmoid"),
    ("info relu --lang fr", "--lang: 'fr'"),
    ("info elu --alpha -1", "alpha must be >= 0, got -1"),
    ("info elu --alpha 1 --alpha 2", "--alpha"),
    ("info relu --bogus", "--bogus", "actplot info relu --help"),
    ("--bogus", "--bogus"),
]


@pytest.mark.parametrize(
    ("command", "parts"), [(command, parts) for command, *parts in WRONG], ids=[c for c, *_ in WRONG]
)
def test_a_wrong_command_is_one_line_loads_nothing_and_touches_nothing(
    command: str, parts: list[str], light: Forks, tmp_path: Path
) -> None:
    words = shlex.split(command)
    standing = tmp_path / f"{words[0] if words[0] in CATALOG else 'relu'}.png"  # where the figure would go
    standing.write_bytes(OLD)
    check_light_refusal(light(*words, cwd=tmp_path), *parts)
    assert standing.read_bytes() == OLD
    assert names(tmp_path) == [standing.name]


# What only matplotlib can tell.
WRONG_STYLES = [
    ("relu --font 'No Such Font'", "unknown font 'No Such Font'"),
    ("relu --font 'DejaVu Sanz'", "'DejaVu Sanz'", "did you mean DejaVu Sans"),
    ("relu --font missing.ttf", "no font file 'missing.ttf'"),
    ("relu --style missing.mplstyle", "unknown style 'missing.mplstyle'"),
    (r"relu --title '$x^{2$'", "$x^{2$", "mathtext"),
    (r"relu --title '$\nonsense$'", "nonsense", "mathtext"),
]


@pytest.mark.parametrize(
    ("command", "parts"),
    [(command, parts) for command, *parts in WRONG_STYLES],
    ids=[command for command, *_ in WRONG_STYLES],
)
def test_a_wrong_style_is_one_line_and_touches_nothing(
    command: str, parts: list[str], act: Act, tmp_path: Path
) -> None:
    (tmp_path / "relu.png").write_bytes(OLD)
    check_refusal(act(*shlex.split(command)), 2, *parts)
    assert (tmp_path / "relu.png").read_bytes() == OLD
    assert names(tmp_path) == ["relu.png"]


def test_a_file_that_is_no_font(act: Act, tmp_path: Path) -> None:
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    check_refusal(act("relu", "--font", "broken.ttf"), 2, "'broken.ttf' cannot be read as a font")
    assert names(tmp_path) == ["broken.ttf"]


@pytest.mark.parametrize(
    "content", [b"lines.linewidth: wide\n", b"no.such.key: 1\n", b"\xff\xfe\n"], ids=["value", "key", "bytes"]
)
def test_a_file_that_is_no_style(content: bytes, act: Act, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "broken.mplstyle").write_bytes(content)
    check_refusal(act("relu", *SMALL, "--style", "broken.mplstyle"), 2, "broken.mplstyle")
    assert not caplog.records  # which matplotlib puts on stderr
    assert names(tmp_path) == ["broken.mplstyle"]


@pytest.mark.parametrize("command", ["relu", "list", "info relu"])
def test_a_language_of_the_environment_that_is_none(command: str, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTPLOT_LANG", "klingon")
    check_refusal(act(*command.split()), 2, "ACTPLOT_LANG: 'klingon'", "zh or en")


def test_an_option_comes_before_the_environment(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTPLOT_LANG", "klingon")
    assert act("relu", *SMALL, "--lang", "en") == Answer(0, "relu.png\n", "")


@pytest.mark.parametrize("command", ["elu --alpha 2 --alpha 2", "elu --alpha 1 --alpha=1"])
def test_a_value_given_twice(command: str, act: Act, tmp_path: Path) -> None:
    check_refusal(act(*command.split()), 2, "alpha = ", "is given twice")
    assert names(tmp_path) == []


# What cannot be done


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
@pytest.mark.parametrize("device", ["cuda", "cuda:0", "cuda:7"])
def test_a_device_that_is_not_there(device: str, act: Act, tmp_path: Path) -> None:
    check_refusal(act("relu", "--device", device), 1, repr(device), "--device cpu")
    assert names(tmp_path) == []


def test_a_device_of_ones_own_choice(act: Act) -> None:
    summary = json.loads(act("relu", *NUMBERS, "--device", "auto", "--json").out)
    assert summary["device"] == ("cuda:0" if torch.cuda.is_available() else "cpu")


def test_a_folder_that_is_missing(act: Act, tmp_path: Path) -> None:
    check_refusal(act("relu", "--out", "missing/relu.png"), 1, "missing/relu.png", "no folder 'missing'")
    assert names(tmp_path) == []


def test_a_folder_with_a_line_break_in_its_name(act: Act) -> None:
    check_refusal(act("relu", "--out", "two\nlines/relu.png"), 1, r"two\nlines")


def test_a_file_in_the_place_of_a_folder(act: Act, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(OLD)
    check_refusal(act("relu", "--out", "file/relu.png"), 1, "file/relu.png")
    assert (tmp_path / "file").read_bytes() == OLD


@pytest.mark.parametrize("path", ["pictures.png", "pictures.png/"])
def test_a_folder_in_the_place_of_a_file(path: str, act: Act, tmp_path: Path) -> None:
    (tmp_path / "pictures.png").mkdir()
    check_refusal(act("relu", "--out", path), 1, f"cannot write {path}: it is a folder")
    assert names(tmp_path) == ["pictures.png"]


def test_a_folder_that_is_not_writable(act: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "relu.png").write_bytes(OLD)
    folder.chmod(0o500)
    if os.geteuid() == 0:  # whom no permissions bind
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path).resolve() != folder)
    check_refusal(act("relu", "--out", "mine/relu.png"), 1, "mine/relu.png", "not writable")
    assert (folder / "relu.png").read_bytes() == OLD
    assert names(folder) == ["relu.png"]
    monkeypatch.chdir(folder)
    check_refusal(act("relu"), 1, "relu-2.png", "not writable")


def test_a_disk_that_is_full(act: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "relu.png").write_bytes(OLD)

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("actplot.output.image.os.fsync", full)
        check_refusal(act("relu", *SMALL, "--out", "relu.png"), 1, "cannot write relu.png: No space left on device")
    assert (tmp_path / "relu.png").read_bytes() == OLD
    assert names(tmp_path) == ["relu.png"]


@pytest.mark.parametrize("title", ["smile 🙂", "bell\x07", "\udcff", "$中$"])
def test_a_character_that_no_font_can_draw(title: str, act: Act, tmp_path: Path) -> None:
    code_point = next(f"U+{ord(each):04X}" for each in title if each in "🙂\x07\udcff中")
    check_refusal(act("relu", "--title", title), 1, code_point)
    assert names(tmp_path) == []


LONG = "x" * 100_000
DEEP = "$" + r"\frac{1}{" * 400 + "x" + "}" * 400 + "$"


@pytest.mark.parametrize(
    "command",
    [
        ["relu", "--title", DEEP],
        ["relu", "--title", "$" + "{" * 400 + "x" + "}" * 400 + "$"],
        ["plot", "(" * 1000 + "x" + ")" * 1000],
        [LONG],
        ["info", LONG],
        ["plot", LONG],
        ["plot", f"{LONG}:f"],
        ["plot", f"{LONG}.py:f"],
        ["plot", "a b " * 30_000],
        ["compare", "relu", LONG],
        ["again", LONG],
        ["explore", LONG],
        ["gallery", LONG],
        ["list", "--family", LONG],
        ["relu", f"--{LONG}"],
        ["relu", f"--{LONG}=1"],
        ["relu", LONG],
        *(
            ["relu", f"--{name}", LONG]
            for name in ("samples", "style", "font", "lang", "dtype", "out", "data", "device")
        ),
        ["relu", "--style", LONG + ".mplstyle"],
        ["relu", "--font", LONG + ".ttf"],
        ["softmax", "--scores", LONG],
        ["softmax", "--labels", LONG],
        ["softmax", "--labels", "a,b,c,\udcff", "--vary", "1"],
    ],
    ids=lambda command: " ".join(command)[:40],
)
def test_what_is_long_or_deep_is_a_short_line(command: list[str], act: Act, tmp_path: Path) -> None:
    answer = act(*command)
    check_refusal(answer, 2)
    assert len(answer.err) < 1000
    assert names(tmp_path) == []


@pytest.mark.parametrize("title", ["全角\u3000空格", "a\xa0b", "两\n行", "--out"])
def test_blanks_and_lines_in_a_title(title: str, act: Act, tmp_path: Path) -> None:
    assert act("relu", "--title", title, *SMALL).code == 0
    shown = act("again", "relu.png").out
    assert f" --title {metadata.join([title])} --size" in shown
    assert act("again", "relu.png", "--out", "new.png").code == 0
    assert (tmp_path / "new.png").read_bytes() == (tmp_path / "relu.png").read_bytes()


@pytest.mark.parametrize("beside", [[], ["--out", "relu.png"], ["--out", "-"], ["--json"]])
def test_a_window_without_a_display(beside: list[str], act: Act, tmp_path: Path) -> None:
    check_refusal(act("relu", "--show", *beside), 1, "no display", "--out")
    assert names(tmp_path) == []


@pytest.mark.parametrize("command", ["leaky_relu --slope 1e308", "elu --alpha 1e308", "leaky_relu --slope -1e308"])
def test_parameters_at_the_end_of_all_numbers(command: str, act: Act, tmp_path: Path) -> None:
    answer = act(*command.split(), *SMALL)
    if answer.code == 0:
        assert (len(answer.out.splitlines()), answer.err, len(names(tmp_path))) == (1, "", 1)
    else:
        check_refusal(answer, answer.code, "1e+308")
        assert names(tmp_path) == []


# Interruption, and readers that leave


@on_linux
@pytest.mark.parametrize(("whom", "is_loaded"), [("group", False), ("group", True), ("process", True)])
def test_an_interruption(whom: str, is_loaded: bool, interruptible: None, tmp_path: Path) -> None:
    (tmp_path / "big.png").write_bytes(OLD)
    running = start("gelu", "--samples", "10000000", "--out", "big.png", cwd=tmp_path)
    computing = second_process(running)
    if is_loaded:  # and computes, or is about to
        wait_for(lambda: "libtorch_cpu" in Path(f"/proc/{computing}/maps").read_text(), running)
    if whom == "group":  # as a terminal does
        os.killpg(running.pid, signal.SIGINT)
    else:
        running.send_signal(signal.SIGINT)
    assert finish(running) == (130, b"", "actplot: interrupted\n")
    assert (tmp_path / "big.png").read_bytes() == OLD
    assert names(tmp_path) == ["big.png"]
    assert is_gone(computing)


# Sends Ctrl-C to this process while a module is loaded, in code made of a string, as a dataclass is, or in the midst of an
# object: one that pyparsing begins has a finalizer that needs it whole.
INTERRUPTED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
where = sys.argv.pop()
def called(frame, event, _):
    if event == "call" and frame.f_code.co_name == "__init__" and type(frame.f_locals.get("self")).__name__ == where:
        sys.setprofile(None)
        os.kill(os.getpid(), signal.SIGINT)
if where == "Forward":
    sys.setprofile(called)
def watch(event, given):
    global where
    name = given[0] if event == "import" else given[1] if event == "compile" else None
    if where == name:
        where = ""
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(watch)
sys.argv[0] = "actplot"
from actplot.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("command", "where"),
    [
        ("relu", "actplot.cli"),
        ("relu", "typer"),
        ("relu", "<string>"),
        ("relu", "matplotlib"),
        ("relu", "matplotlib.ft2font"),
        ("relu", "matplotlib.backends.backend_agg"),
        ("relu", "Forward"),
        ("info relu", "torch"),
        ("gallery relu", "actplot.gallery.build"),
    ],
)
def test_an_interruption_while_modules_are_loaded(command: str, where: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, *command.split(), where],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "actplot: interrupted\n")
    assert names(tmp_path) == []


@on_linux
def test_a_second_process_that_is_killed(tmp_path: Path) -> None:
    running = start("gelu", "--samples", "10000000", cwd=tmp_path)
    os.kill(second_process(running), signal.SIGKILL)
    code, out, err = finish(running)
    check_refusal(Answer(code, out.decode(), err), 1, "exit code -9", "fewer samples")
    assert names(tmp_path) == []


@on_linux
def test_a_command_that_is_ended_leaves_no_process_behind(tmp_path: Path) -> None:
    with start("gelu", "--samples", "100000", cwd=tmp_path) as running:
        computing = second_process(running)
        running.terminate()
        assert running.wait(60) == -signal.SIGTERM
        try:
            assert is_gone(computing)
        finally:
            with suppress(ProcessLookupError):
                os.kill(computing, signal.SIGKILL)
        assert running.communicate() == (b"", b"")
    assert names(tmp_path) == []


# A figure in a process of its own.
drawing = pytest.param(f"relu {' '.join(SMALL)} --out -", marks=pytest.mark.slow)


@pytest.mark.parametrize("command", ["list", "--version", "--help", drawing])
def test_a_reader_that_leaves(command: str, tmp_path: Path) -> None:
    running = start(*command.split(), cwd=tmp_path)
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == b""
    assert running.wait(60) in (0, 1)
    running.stderr.close()


needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@needs_dev_full
@pytest.mark.parametrize("command", ["list", drawing])
def test_a_stdout_that_takes_nothing(command: str, tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "actplot", *command.split()],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
    check_refusal(Answer(done.returncode, "", done.stderr), 1, "No space left on device")


@pytest.mark.parametrize(
    ("command", "closed", "code"), [("list", ">&-", 0), ("sigmiod", "2>&-", 2), (f"relu {' '.join(SMALL)}", ">&-", 0)]
)
def test_streams_that_are_closed(command: str, closed: str, code: int, tmp_path: Path) -> None:
    words = shlex.join([sys.executable, "-m", "actplot", *command.split()])
    done = subprocess.run(
        ["sh", "-c", f"{words} {closed}"], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")
    assert names(tmp_path) == (["relu.png"] if "relu" in command else [])


# What is on stdout


@pytest.mark.parametrize(("form", "option"), [("png", "--out"), ("svg", "-o"), ("pdf", "--out"), ("PNG", "-o")])
def test_stdout_is_the_path_of_the_file(form: str, option: str, act: Act, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    assert act("relu", *SMALL, option, f"sub/a.{form}") == Answer(0, f"sub/a.{form}\n", "")
    path = str(tmp_path / f"b.{form}")
    assert act("relu", *SMALL, option, path) == Answer(0, f"{path}\n", "")
    assert names(tmp_path) == [f"b.{form}", "sub"]


@pytest.mark.parametrize(
    ("name", "file"), [("relu", "relu.png"), ("LeakyReLU", "leaky_relu.png"), ("swish", "swish.png")]
)
def test_without_out_and_display_a_file_is_written_and_named(name: str, file: str, act: Act, tmp_path: Path) -> None:
    assert act(name, *SMALL) == Answer(0, f"{file}\n", "")
    assert names(tmp_path) == [file]
    assert (tmp_path / file).read_bytes().startswith(PNG)


def test_no_show_writes_a_file_on_a_machine_with_a_display(
    act: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "display_at_hand", lambda: True)
    assert act("relu", *SMALL, "--no-show") == Answer(0, "relu.png\n", "")
    assert names(tmp_path) == ["relu.png"]


KEYS = ["function", "parameters", "range", "samples", "order", "dtype", "device", "breaks", "files", "command"]


def test_json_is_alone_on_stdout(act: Act, tmp_path: Path) -> None:
    answer = act("LeakyReLU", "--slope", "0.3", "--range", "-2", "3", *SMALL, "--json", "--out", "a.svg")
    assert (answer.code, answer.err) == (0, "")
    summary = json.loads(answer.out)
    assert list(summary) == KEYS
    (kink,) = summary.pop("breaks")
    assert kink == dict(x=0, y_left=0, y_right=0, y_at=0, dy_left=0.3, dy_right=1, dy_at=0.3)
    command = summary.pop("command")
    assert summary == dict(
        function="leaky_relu",
        parameters={"slope": 0.3},
        range=[-2, 3],
        samples=10,
        order=1,
        dtype="float64",
        device="cpu",
        files=["a.svg"],
    )
    assert shlex.split(command)[:2] == ["actplot", "leaky_relu"]
    assert names(tmp_path) == ["a.svg"]


@pytest.mark.parametrize("extra", [[], ["--quiet"], ["--no-show"]])
def test_json_names_the_file_that_was_not_asked_for(extra: list[str], act: Act, tmp_path: Path) -> None:
    answer = act("tanh", *SMALL, "--json", *extra)
    assert json.loads(answer.out)["files"] == ["tanh.png"]
    assert (answer.code, answer.err, names(tmp_path)) == (0, "", ["tanh.png"])


@pytest.mark.parametrize("option", ["--quiet", "-q"])
def test_quiet_is_silent(option: str, act: Act, tmp_path: Path) -> None:
    assert act("relu", *NUMBERS, option) == Answer(0, "", "")
    assert names(tmp_path) == ["numbers.csv"]
    check_refusal(act("relu", option, "--range", "2", "1"), 2, "--range 2 1")


def test_out_dash_is_png_and_nothing_else(act: Act, tmp_path: Path) -> None:
    command = ["hardshrink", *SMALL]
    # A backend of the environment that is none is no matter: a file needs none.
    code, out, err = run(*command, "--out", "-", cwd=tmp_path, MPLBACKEND="nonsense")
    assert (code, err, names(tmp_path)) == (0, "", [])
    assert out.startswith(PNG)
    assert out.endswith(PNG_END)
    assert act(*command, "--out", "a.png") == Answer(0, "a.png\n", "")
    assert out == (tmp_path / "a.png").read_bytes()


@pytest.mark.parametrize("extra", ["--quiet", "--no-show"])
def test_out_dash_beside_other_options(extra: str, warm: Forks, tmp_path: Path) -> None:
    done = warm("relu", *SMALL, "--out", "-", extra, cwd=tmp_path)
    assert done.out.startswith(PNG)
    assert done.out.endswith(PNG_END)
    assert (done.code, done.err, names(tmp_path)) == (0, "", [])


def test_what_does_not_matter_is_not_in_the_command(act: Act) -> None:
    plain = json.loads(act("relu", "--json", "--data", "a.csv").out)["command"]
    assert plain == "actplot relu --range -5 5 --lang zh"
    wordy = [
        "--json",
        "--data",
        "b.csv",
        "--no-show",
        "--dtype",
        "float64",
        "-n",
        "1000",
        "--size",
        "10",
        "4",
        "--lang",
        "zh",
    ]
    assert json.loads(act("relu", *wordy).out)["command"] == plain
    assert json.loads(act("elu", "--alpha", "1.0", *NUMBERS, "--json").out)["command"].startswith("actplot elu --range")


@pytest.mark.parametrize(
    ("words", "size"), [([], (1500, 600)), (["--size", "6", "3", "--dpi", "50"], (300, 150))], ids=["default", "chosen"]
)
def test_the_size_of_the_picture(words: list[str], size: tuple[int, int], act: Act) -> None:
    act("relu", *words)
    with Image.open("relu.png") as image:
        assert image.size == size


# Names and numbers


@pytest.mark.parametrize(
    "name", ["leaky_relu", "LeakyReLU", "leaky-relu", "leaky relu", "LEAKY_RELU", "lrelu", "LReLU"]
)
def test_spellings(name: str, act: Act) -> None:
    assert json.loads(act(name, *NUMBERS, "--json").out)["function"] == "leaky_relu"
    assert act("info", name, "--help").out.split("Facts about ")[1].startswith("Leaky ReLU")


def test_every_alias(act: Act) -> None:
    for entry in CATALOG.values():
        for name in (entry.name, *entry.aliases):
            assert all(CATALOG[spelling] is entry for spelling in (name, name.upper(), name.replace("_", "-")))
            check_refusal(act(name, "--range", "2", "1"), 2, "--range 2 1")  # no verb has this name


@pytest.mark.parametrize(
    ("words", "range", "slope"),
    [
        ("--range -10 10", [-10, 10], 0.01),
        ("--range=-10 10", [-10, 10], 0.01),
        ("--slope -0.1 --range -1e-3 1e-3", [-0.001, 0.001], -0.1),
        ("--slope=-.5 --range -3 -1", [-3, -1], -0.5),
        ("--range -1E2 +5 --slope -1e-5", [-100, 5], -1e-05),
        ("--range -0 1", [0, 1], 0.01),
    ],
)
def test_negative_numbers(words: str, range: list[float], slope: float, act: Act) -> None:
    summary = json.loads(act("leaky_relu", *words.split(), *NUMBERS, "--json").out)
    assert summary["range"] == range
    assert summary["parameters"] == {"slope": slope}


@every_entry
def test_every_parameter_is_an_option(entry: Activation, act: Act) -> None:
    words = [
        word
        for p in entry.parameters
        for word in (p.option, str(p.span[1] if p.choices else p.span[0] + 0.4 * (p.span[1] - p.span[0])))
    ]
    summary = json.loads(act(entry.name, *words, *NUMBERS, "--json").out, parse_constant=pytest.fail)
    assert summary["parameters"] == {p.name: float(words[2 * n + 1]) for n, p in enumerate(entry.parameters)}
    if words:
        page = act(entry.name, "--help").out
        assert all(p.option in page for p in entry.parameters)


@pytest.mark.parametrize("count", ["2", "3"])
def test_the_least_samples(count: str, act: Act) -> None:
    assert json.loads(act("relu", *SMALL, "--samples", count, "--json").out)["samples"] == int(count)


# Lists and pages


def columns(text: str) -> list[str]:
    """The first word of every line that is not a heading."""
    return [line.split()[0] for line in text.splitlines() if line.startswith("  ")]


def test_list_names_everything(act: Act) -> None:
    answer = act("list", "--lang", "zh")
    assert (answer.code, answer.err) == (0, "")
    assert columns(answer.out) == list(CATALOG)
    for entry in CATALOG.values():
        (line,) = (line for line in answer.out.splitlines() if line.split()[0] == entry.name)
        for word in (*entry.aliases, entry.title.zh, *(p.option for p in entry.parameters)):
            assert word in line


def test_list_in_english(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    english = act("list", "--lang", "en").out
    assert english.isascii()
    assert "Leaky ReLU" in english
    monkeypatch.setenv("ACTPLOT_LANG", "en")
    assert act("list").out == english
    assert act("list", "--lang", "zh").out != english


@pytest.mark.parametrize("family", CATALOG.families, ids=lambda family: family.key)
def test_list_of_a_family(family: Family, act: Act) -> None:
    expected = [entry.name for entry in family.entries]
    assert columns(act("list", "--family", family.key).out) == expected
    assert [each["name"] for each in json.loads(act("list", "--family", family.key, "--json").out)] == expected


def test_list_as_json(act: Act) -> None:
    answer = act("list", "--json")
    assert (answer.code, answer.err) == (0, "")
    listed = json.loads(answer.out)
    assert [each["name"] for each in listed] == list(CATALOG)
    for each in listed:
        entry = CATALOG[each["name"]]
        assert each == dict(
            name=entry.name, aliases=list(entry.aliases), family=entry.family, parameters=entry.defaults
        )


HEADINGS = {"en": ("Formula", "Derivative", "Parameters"), "zh": ("公式", "导数", "参数")}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_info(lang: str, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = act("info", "elu", "--alpha", "2", "--lang", lang)
    assert (answer.code, answer.err) == (0, "")
    for part in ("ELU", "f(x) =", "alpha = 2", "actplot elu --alpha 2", *HEADINGS[lang]):
        assert part in answer.out
    assert not any(line != line.rstrip() for line in answer.out.splitlines())
    monkeypatch.setenv("ACTPLOT_LANG", lang)
    assert act("info", "elu", "--alpha", "2") == answer


def test_chinese_is_the_default(act: Act) -> None:
    assert act("info", "elu") == act("info", "elu", "--lang", "zh") != act("info", "elu", "--lang", "en")


@pytest.mark.parametrize("words", [[], ["--lang", "en"], ["--lang", "zh"]])
def test_info_as_json(words: list[str], act: Act) -> None:
    answer = act("info", "elu", "--alpha", "2", "--json", *words)
    assert (answer.code, answer.err) == (0, "")
    known = json.loads(answer.out)
    assert (known["name"], known["family"], known["parameters"]) == ("elu", "exponential", {"alpha": 2})
    assert (known["breaks"][0]["dy_left"], known["breaks"][0]["dy_right"]) == (2, 1)
    assert set(known["summary"]) == {"en", "zh"}


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_help_names_the_functions(words: list[str], act: Act) -> None:
    answer = act(*words)
    assert (answer.code, answer.err) == (0, "")
    for name in (*CATALOG, "list", "info"):
        assert name in answer.out


def test_help_of_a_function_names_every_option(act: Act) -> None:
    page = act("leaky-relu", "--help").out
    for option in ("--slope", *(f"--{field.name.replace('_', '-')}" for field in fields(FigureOptions))):
        assert option in page


@pytest.mark.parametrize("words", ["info --help --lang en", "info --lang en --help", "--lang en info --help"])
def test_help_of_info_takes_a_language(words: str, act: Act) -> None:
    answer = act(*words.split())
    assert (answer.code, answer.err) == (0, "")
    assert "Usage: actplot info [OPTIONS] FUNCTION" in answer.out


def test_a_language_before_the_name_of_a_function(act: Act) -> None:
    assert act("info", "--lang", "en", "relu") == act("info", "relu", "--lang", "en") != act("info", "relu")
    check_refusal(act("info", "--lang", "zh"), 2, "info 需要一个函数名")


def test_version(act: Act) -> None:
    assert act("--version") == Answer(0, f"actplot {actplot.__version__}\n", "")


# Real processes: what a shell and a pipe see


@pytest.mark.parametrize("command", ["--help", "elu --help", "list", "info elu", "sigmiod", "elu --alpha -1"])
@pytest.mark.parametrize("surroundings", [{}, {"GITHUB_ACTIONS": "true"}], ids=["plain", "github"])
def test_no_escape_codes_where_there_is_no_terminal(
    command: str, surroundings: dict[str, str], warm: Forks, tmp_path: Path
) -> None:
    done = warm(*command.split(), cwd=tmp_path, TERM="xterm-256color", COLORTERM="truecolor", **surroundings)
    assert done.code == (0 if done.out else 2)
    assert b"\x1b" not in done.out
    assert "\x1b" not in done.err


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_text_is_utf_8_in_every_locale(locale: str, tmp_path: Path) -> None:
    code, out, err = run("list", "--lang", "zh", cwd=tmp_path, LC_ALL=locale, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert (code, err) == (0, "")
    assert CATALOG["relu"].title.zh in out.decode("utf-8")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("sigmiod", 2),
        ("relu --out missing/relu.png", 1),
        ("relu --title 🙂", 1),
    ],
)
def test_a_mistake_in_a_process_of_its_own(command: str, code: int, tmp_path: Path) -> None:
    answered, out, err = run(*command.split(), cwd=tmp_path)
    check_refusal(Answer(answered, out.decode(), err), code)
    assert names(tmp_path) == []


def test_a_figure_in_a_process_of_its_own(act: Act, tmp_path: Path) -> None:
    command = ["leaky relu", "--slope", "-0.1", "--range", "-1e-3", "1e-3", "--json"]
    code, out, err = run(*command, cwd=tmp_path)
    assert (code, err, names(tmp_path)) == (0, "", ["leaky_relu.png"])
    assert json.loads(out) == json.loads(act(*command, "--out", "leaky_relu.png").out)


def test_a_file_is_replaced_by_the_whole_of_another(act: Act, tmp_path: Path) -> None:
    act("relu", *SMALL, "--out", "a.png")
    act("tanh", *SMALL, "--out", "b.png")
    assert act("tanh", *SMALL, "--out", "a.png").code == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_console_script(tmp_path: Path) -> None:
    path = Path(sys.executable).with_name("actplot")
    if not path.exists():
        pytest.skip("the package is not installed beside this Python")
    done = subprocess.run([path, "--version"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"actplot {actplot.__version__}\n", "")


def test_the_figure_of_a_command_is_the_one_of_the_interface(act: Act, tmp_path: Path) -> None:
    act("elu", "--alpha", "2", "--samples", "50", "--out", "a.png")
    figure = actplot.draw(actplot.sample("elu", samples=50, alpha=2), lang="zh")
    with Image.open(tmp_path / "a.png") as image:
        command = image.info["Command"]
    assert output.render(figure, "png", command=command) == (tmp_path / "a.png").read_bytes()


def test_explore_needs_a_display_or_a_browser(act: Act, tmp_path: Path) -> None:
    check_refusal(act("explore"), 1, "--web")
    check_refusal(act("explore", "gleu", "--web"), 2, "did you mean")
    assert names(tmp_path) == []


def test_the_command_of_a_function_is_built_once(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    from actplot.cli.commands import activation

    built: list[str] = []
    build = activation.build
    monkeypatch.setattr(activation, "build", lambda entry: [built.append(entry.name), build(entry)][1])
    assert act("leaky-relu", "--samples", "10", "--data", "-").code == 0
    assert built == ["leaky_relu"]
