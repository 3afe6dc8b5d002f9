"""The picture in a terminal: a real one, tmux, whose content can be captured."""

import contextlib
import io
import json
import os
import shlex
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch  # noqa: F401 - loaded here, so that commands in this process compute in this process
from command import environment
from rich.cells import cell_len
from rich.console import Console

import actplot
from actplot.cli import main
from actplot.options import SIZE, Style
from actplot.output import terminal as output
from actplot.plot.limits import y_limits

pytest.importorskip("textual_image")
needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
SHELL = Path(__file__).with_name("shell.py")
Terminal = Callable[[int, str], list[str]]


class Tmux:
    """A terminal that runs one command after another and shows each alone."""

    def __init__(self, socket: Path) -> None:
        self._socket = str(socket)
        settings = environment(LC_ALL="C.UTF-8", OPENBLAS_NUM_THREADS="1")  # a process with threads cannot be forked
        for name in ("COLUMNS", "LINES"):
            settings.pop(name, None)
        words = ["-f", os.devnull, "new-session", "-d", "-x", "200", "-y", "60", f"{sys.executable} {SHELL}"]
        subprocess.run(["tmux", "-S", self._socket, *words], check=True, env=settings)
        self._read()

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-S", self._socket, *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=100).stdout

    def _read(self) -> list[str]:
        """The lines on the screen, once the shell has ended its turn."""
        self._tmux("wait-for", "turn")
        lines = [""]
        while not lines[-1].startswith(("ready", "done ")):  # the screen may be behind by an instant
            lines = self._tmux("capture-pane", "-p").rstrip().splitlines() or [""]
        return lines

    def run(self, columns: int, words: str, cwd: Path, encoding: str = "utf-8") -> list[str]:
        """The lines that a command leaves on a screen so many columns wide, and its exit code."""
        self._tmux("resize-window", "-x", str(columns), "-y", "60")
        self._tmux("send-keys", "-R")  # an empty screen
        self._tmux("clear-history")
        asked = json.dumps({"words": shlex.split(words), "cwd": str(cwd), "encoding": encoding, "columns": columns})
        self._tmux("send-keys", "-l", f"{asked}\n")
        return self._read()

    def end(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._tmux("kill-server")


@pytest.fixture(scope="module")
def tmux(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tmux]:
    tmux = Tmux(tmp_path_factory.mktemp("tmux") / "socket")
    yield tmux
    tmux.end()


@pytest.fixture
def terminal(tmux: Tmux, tmp_path: Path) -> Terminal:
    """Runs a command in a terminal so many columns wide, and returns the lines on it."""
    return lambda columns, words: tmux.run(columns, words, tmp_path)


@needs_tmux
@pytest.mark.parametrize(("columns", "beside"), [(120, True), (60, False)])
def test_it_is_as_wide_as_the_terminal_and_no_wider(
    terminal: Terminal, columns: int, beside: bool, tmp_path: Path
) -> None:
    *lines, last = terminal(columns, "elu --alpha 2 --inline")
    assert last == "done 0"
    assert all(cell_len(line) <= columns for line in lines)
    rows = [line for line in lines if "▀" in line]
    assert len(rows) == (14 if beside else 28)
    assert max(line.count("▀") for line in rows) >= columns - 3
    titles = [line for line in lines if "ELU 函数" in line]
    assert len(titles) == (1 if beside else 2)
    words = "\n".join(lines)
    assert "ELU 函数导数曲线图（alpha = 2）" in words
    low, high = y_limits([actplot.sample("elu", alpha=2)], ("dy",))
    assert f"x -5 … 5   y {low:.3g} … {high:.3g}" in words
    assert not list(tmp_path.iterdir())


@needs_tmux
def test_a_terminal_that_is_too_narrow_is_one_line(terminal: Terminal, tmp_path: Path) -> None:
    lines = terminal(25, "elu --inline --out elu.png")
    said = "".join("".join(lines).split())
    assert said.startswith("actplot:theterminalis25columnswide,and--inlineneeds30")
    assert lines[-1] == "done 2"
    assert not list(tmp_path.iterdir())


@needs_tmux
def test_a_terminal_without_graphics_is_given_a_file(terminal: Terminal, tmp_path: Path) -> None:
    assert terminal(80, "elu") == ["elu.png", "done 0"]
    assert [path.name for path in tmp_path.iterdir()] == ["elu.png"]


@needs_tmux
def test_other_pictures_and_several_curves(terminal: Terminal) -> None:
    lines = terminal(70, "compare relu gelu --inline --lang en")
    assert any("━ ReLU" in line and "━ GELU" in line for line in lines)
    lines = terminal(70, "softmax --inline --lang en --labels 猫,狗,鸟,鱼")
    assert [line.count("█") for line in lines if "█" in line] == [
        round(59 * p / 0.6439) for p in (0.0321, 0.0871, 0.2369, 0.6439)
    ]
    assert any(line.startswith("鱼") and line.endswith("0.644") for line in lines)
    lines = terminal(80, "depth --inline --depth 3 --width 8 --batch 8")
    assert any("激活值的标准差" in line and "梯度范数" in line for line in lines)
    assert any(line.count("━") == 4 for line in lines)
    lines = terminal(70, "softmax --inline --lang en --scores 1,2 --scores 3,4")
    assert sum("▀" in line for line in lines) > 5
    assert all(cell_len(line) <= 70 for line in lines)


@needs_tmux
def test_a_terminal_of_few_characters_is_given_others_in_their_place(tmux: Tmux, tmp_path: Path) -> None:
    *lines, last = tmux.run(80, "elu --alpha 2 --inline", tmp_path, encoding="ascii")
    assert last == "done 0"
    words = "".join(lines)
    assert "ELU" in words
    assert "?" in words
    assert words.isascii()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_of_no_size_is_one_line(tmp_path: Path) -> None:
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()  # which answers nothing
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 0, 0, 0))
    words = [sys.executable, "-m", "actplot", "elu", "--inline"]
    done = subprocess.run(
        words, cwd=tmp_path, env=environment(TERM="xterm"), stdin=theirs, stdout=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    os.close(ours)
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert b"how large it is" in done.stderr


def test_nothing_where_stdout_is_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["elu", "--inline"]) == 0
    assert capsys.readouterr() == ("", "")
    assert not list(tmp_path.iterdir())
    assert main(["elu", "--inline", "--out", "x.png"]) == 0
    assert capsys.readouterr() == ("x.png\n", "")
    assert main(["elu", "--inline", "--json"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)


def pixels_of(renderable: object, columns: int) -> np.ndarray:
    """The colours of half blocks on a terminal so many columns wide, two rows of pixels for each row of them."""
    console = Console(width=columns, color_system="truecolor", force_terminal=True)
    rows: list[list[tuple[int, ...]]] = []
    for line in console.render_lines(renderable):  # type: ignore[arg-type]
        upper, lower = [], []
        for text, style, _ in line:
            for _ in range(text.count("▀")):
                upper.append(tuple(style.color.triplet))
                lower.append(tuple(style.bgcolor.triplet))
        rows += [upper, lower] if upper else []
    return np.array(rows)


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # in textual_image
@pytest.mark.parametrize("name", ["gelu", "sigmoid", "sine", "hardshrink"])
def test_the_pixels_follow_the_curve(name: str) -> None:
    curve = actplot.sample(name)
    columns = 60
    both = pixels_of(output.panels([curve], Style(lang="en", size=SIZE), columns), columns)  # one below the other
    for place, pixels in enumerate(np.split(both, 2)):
        low, high = y_limits([curve], [("y", "dy")[place]])
        tall = len(pixels)
        is_grey = np.ptp(pixels, axis=2) < 12
        for column in range(3, columns - 3):
            left, right = (curve.range[0] + (column + side) / columns * np.ptp(curve.range) for side in (0.2, 0.8))
            values = actplot.evaluate(name, np.linspace(left, right, 9))[place]
            coloured = np.flatnonzero(~is_grey[:, column])
            expected = tall - (values - low) / (high - low) * tall
            if np.ptp(expected) < 4 and 1 < expected.min() < expected.max() < tall - 1:
                assert coloured.size
                assert coloured.min() - 1.5 <= expected.mean() <= coloured.max() + 2.5


@pytest.mark.parametrize(("kind", "begins"), [("SixelImage", "\x1bP"), ("TGPImage", "\x1b_G")])
@pytest.mark.parametrize("columns", [160, 60])
def test_a_terminal_with_pixels_gets_them(
    kind: str, begins: str, columns: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Stands in for a terminal that speaks Sixel or Kitty's protocol, of which tmux does neither."""
    import textual_image.renderable as renderable
    from textual_image._terminal import CellSize, get_cell_size

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(renderable, "Image", getattr(renderable, kind))
    monkeypatch.setattr(output, "has_pixels", lambda: True)
    monkeypatch.setattr(get_cell_size, "_result", CellSize(8, 16), raising=False)  # what it would ask the terminal
    shown = Terminal()
    monkeypatch.setattr("sys.stdout", shown)
    monkeypatch.setattr("sys.__stdout__", shown)
    assert main(["elu", "--inline"]) == 0
    assert begins in shown.getvalue()
    assert len(shown.getvalue()) > 5_000
    assert not list(tmp_path.iterdir())


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # in textual_image
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("columns", [40, 80, 120])
def test_it_fits_on_a_screen_of_24_rows(order: int, columns: int) -> None:
    curves = [actplot.sample(name, order=order) for name in ("gelu", "silu")]
    console = Console(file=io.StringIO(), width=columns, color_system="truecolor", force_terminal=True)
    style = Style(lang="zh", size=SIZE, title="标题")
    lines = console.render_lines(output.panels(curves, style, columns, 24), pad=False)
    assert len(lines) <= 23  # and the prompt below it
    words = "".join(segment.text for line in lines for segment in line)
    assert words.count("x -5 … 5") == order + 1


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # in textual_image
def test_half_blocks_show_what_is_asked_of_the_look() -> None:
    curves = [actplot.sample(name) for name in ("gelu", "silu")]
    console = Console(file=io.StringIO(), width=120, color_system="truecolor", force_terminal=True)
    style = Style(lang="en", size=SIZE, label=("one", "two"), color=("#00ff00", "red"), dylim=(-3.0, 3.0), title=False)
    segments = [each for line in console.render_lines(output.panels(curves, style, 120)) for each in line]
    words = "".join(segment.text for segment in segments)
    assert "━ one" in words
    assert "━ two" in words
    assert "y -3 … 3" in words
    assert "function" not in words
    assert "#00ff00" in {each.style.color.triplet.hex for each in segments if "━" in each.text and each.style}


@pytest.mark.parametrize("reason", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours_is_told_so(
    reason: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from textual_image._terminal import CellSize, get_cell_size

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm-256color")
    for name, value in reason.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(output, "has_pixels", lambda: False)
    monkeypatch.setattr(get_cell_size, "_result", CellSize(8, 16), raising=False)  # what it would ask the terminal
    monkeypatch.setattr("sys.stdout", shown := Terminal())
    assert main(["elu", "--inline"]) == 2
    assert shown.getvalue() == ""
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert next(iter(reason)) in err
    assert "--out FILE" in err
