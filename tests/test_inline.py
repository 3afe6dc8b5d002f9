"""The picture in a terminal: a real one, tmux, whose content can be captured."""

import contextlib
import io
import os
import shlex
import shutil
import struct
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import command
import numpy as np
import pytest
import torch  # noqa: F401 - loaded here, so that commands in this process compute in this process
from rich.cells import cell_len

import actplot
from actplot.output import terminal as inline
from actplot.plot.limits import y_limits as limits

pytest.importorskip("textual_image")
needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
Terminal = Callable[[int, str], list[str]]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """Runs a command in a terminal so many columns wide, and returns the lines on it."""
    sockets: list[str] = []

    def tmux(*words: str) -> str:
        return subprocess.run(["tmux", "-L", sockets[-1], *words], capture_output=True, text=True, check=True).stdout

    def run(columns: int, words: str) -> list[str]:
        environment = {name: value for name, value in command.environment().items() if name not in ("COLUMNS", "LINES")}
        sockets.append(f"actplot-{uuid.uuid4().hex}")  # a server for each, since one that ends takes its time
        script = f"{shlex.quote(sys.executable)} -m actplot {words}; echo done $?; exec sleep 60"
        subprocess.run(
            ["tmux", "-L", sockets[-1], "-f", os.devnull, "new-session", "-d", "-x", str(columns), "-y", "60", script],
            check=True,
            cwd=tmp_path,
            env=environment | {"LC_ALL": "C.UTF-8"},
        )
        deadline = time.monotonic() + 60
        while "done " not in (shown := tmux("capture-pane", "-p")):
            assert time.monotonic() < deadline, shown
            time.sleep(0.2)
        tmux("kill-server")
        return shown.rstrip().splitlines()

    yield run
    for socket in sockets:
        subprocess.run(["tmux", "-L", socket, "kill-server"], capture_output=True)


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
    low, high = limits([actplot.sample("elu", alpha=2)], ("dy",))
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
    lines = terminal(70, "softmax --inline --lang en")
    assert sum("▀" in line for line in lines) > 5
    assert all(cell_len(line) <= 70 for line in lines)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_of_few_characters_is_given_others_in_their_place(tmp_path: Path) -> None:
    code, shown, err = on_a_terminal("elu", "--alpha", "2", "--inline", cwd=tmp_path, encoding="ascii")
    assert (code, err) == (0, b"")
    assert b"ELU" in shown
    assert b"?" in shown
    assert shown.isascii()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_of_no_size_is_one_line(tmp_path: Path) -> None:
    code, _, err = on_a_terminal("elu", "--inline", cwd=tmp_path, encoding="utf-8", columns=0)
    assert (code, err.count(b"\n")) == (2, 1)
    assert b"how large it is" in err


def on_a_terminal(*words: str, cwd: Path, encoding: str, columns: int = 80) -> tuple[int, bytes, bytes]:
    """Exit code, what is shown, and stderr of a command on a terminal that answers nothing."""
    import fcntl
    import pty
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    running = subprocess.Popen(
        [sys.executable, "-m", "actplot", *words],
        cwd=cwd,
        env=command.environment(PYTHONIOENCODING=encoding, TERM="xterm"),
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # which is how it ends
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    _, err = running.communicate()
    return running.returncode, shown, err


def test_nothing_where_stdout_is_no_terminal(tmp_path: Path) -> None:
    assert command.run("elu", "--inline", cwd=tmp_path) == (0, b"", "")
    assert not list(tmp_path.iterdir())
    assert command.run("elu", "--inline", "--out", "x.png", cwd=tmp_path) == (0, b"x.png\n", "")
    code, out, err = command.run("elu", "--inline", "--json", cwd=tmp_path)
    assert (code, out, err.count("\n")) == (2, b"", 1)


@pytest.mark.parametrize("name", ["gelu", "sigmoid", "sine", "hardshrink"])
def test_the_pixels_follow_the_curve(name: str) -> None:
    curve = actplot.sample(name)
    for part in ("y", "dy"):
        low, high = limits([curve], (part,))
        pixels = np.asarray(inline._picture([curve], (part,), curve.range, (low, high), (60, 28))).astype(int)
        grey = np.ptp(pixels, axis=2) < 12
        for column in range(3, 57):
            left, right = (curve.range[0] + (column + side) / 60 * np.ptp(curve.range) for side in (0.2, 0.8))
            values = actplot.evaluate(name, np.linspace(left, right, 9))[("y", "dy").index(part)]
            coloured = np.flatnonzero(~grey[:, column])
            expected = 28 - (values - low) / (high - low) * 28
            if np.ptp(expected) < 4 and 1 < expected.min() < expected.max() < 27:
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

    from actplot.cli import main

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(renderable, "Image", getattr(renderable, kind))
    monkeypatch.setattr(inline, "has_pixels", lambda: True)
    monkeypatch.setattr(get_cell_size, "_result", CellSize(8, 16), raising=False)  # what it would ask the terminal
    shown = Terminal()
    monkeypatch.setattr("sys.stdout", shown)
    monkeypatch.setattr("sys.__stdout__", shown)
    assert main(["elu", "--inline"]) == 0
    assert begins in shown.getvalue()
    assert len(shown.getvalue()) > 5_000
    assert not list(tmp_path.iterdir())
