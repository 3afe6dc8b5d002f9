"""A real window on a virtual screen."""

import os
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

needs_screen = pytest.mark.skipif(
    shutil.which("Xvfb") is None or find_spec("tkinter") is None, reason="needs Xvfb and tkinter"
)


class Screen:
    """A virtual screen whose pixels can be read."""

    def __init__(self, folder: Path) -> None:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1700x800x24", "-fbdir", str(folder)]
        self.process = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as answer:
            self.display = f":{answer.readline().strip()}"
        self.file = folder / "Xvfb_screen0"

    def pixels(self) -> NDArray[np.uint8]:
        """The screen as an array of shape (height, width, 3)."""
        content = self.file.read_bytes()
        header = struct.unpack(">25I", content[:100])
        start, width, height, line, colours = header[0], header[4], header[5], header[12], header[19]
        raw = np.frombuffer(content, np.uint8, line * height, start + 12 * colours)
        return raw.reshape(height, line // 4, 4)[:, :width, 2::-1]

    def shows(self, red: int, green: int, blue: int) -> bool:
        close = np.abs(self.pixels().astype(int) - (red, green, blue)).max(axis=2) < 12
        return int(close.sum()) > 300


@pytest.fixture
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    screen = Screen(tmp_path_factory.mktemp("screen"))
    yield screen
    screen.process.terminate()
    screen.process.wait()


def start(arguments: list[str], display: str, folder: Path) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key not in ("MPLBACKEND", "WAYLAND_DISPLAY")}
    return subprocess.Popen(
        [sys.executable, "-m", "actplot", *arguments],
        cwd=folder,
        env={**environment, "DISPLAY": display},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@needs_screen
def test_a_window_opens_where_there_is_a_display(screen: Screen, interruptible: None, tmp_path: Path) -> None:
    running = start(["tanh", "--range", "-5", "5"], screen.display, tmp_path)
    deadline = time.monotonic() + 60
    while not (screen.shows(0x1F, 0x5F, 0xC4) and screen.shows(0xD0, 0x28, 0x1E)):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline, "no curves on the screen"
        time.sleep(0.2)
    assert not list(tmp_path.iterdir())
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert out == ""
    assert "Traceback" not in err


@needs_screen
def test_out_writes_and_opens_nothing(screen: Screen, tmp_path: Path) -> None:
    out, err = start(["tanh", "--out", "tanh.png"], screen.display, tmp_path).communicate(timeout=60)
    assert (out, err) == ("tanh.png\n", "")


def test_a_display_that_does_not_answer_gives_a_file(tmp_path: Path) -> None:
    running = start(["tanh"], ":987", tmp_path)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (0, "tanh.png\n", "")
    running = start(["tanh", "--show"], ":987", tmp_path)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (1, "")
    assert err.count("\n") == 1
