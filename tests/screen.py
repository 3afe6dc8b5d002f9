"""A virtual screen with a mouse and keys, and commands that open windows on it."""

import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

_MISSING = [tool for tool in ("Xvfb", "xdotool") if shutil.which(tool) is None]
_MISSING += [] if find_spec("tkinter") else ["tkinter"]
needs_screen = pytest.mark.skipif(bool(_MISSING), reason=f"needs {', '.join(_MISSING)}")


class Screen:
    """A virtual screen whose pixels can be read, and on which a hand can move and type."""

    def __init__(self, folder: Path) -> None:
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1700x800x24", "-nocursor", "-fbdir", str(folder)]
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

    def count(self, red: int, green: int, blue: int) -> int:
        """How many pixels have this colour."""
        return int((self.pixels() == np.array([red, green, blue], np.uint8)).all(axis=2).sum())

    def hand(self, *words: object) -> None:
        """Moves the mouse or presses keys, as ``xdotool`` words it; the answer is there some time later."""
        environment = {**os.environ, "DISPLAY": self.display}
        subprocess.run(["xdotool", *map(str, words)], env=environment, check=True, capture_output=True)

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Drags with the left button, in steps."""
        moves: list[object] = []
        for share in np.linspace(0, 1, 9)[1:]:
            moves += ["mousemove", "--sync", *(int(a + share * (b - a)) for a, b in zip(start, end, strict=True))]
        self.hand("mousemove", *start, "mousedown", 1, *moves, "mouseup", 1)

    def settled(self, since: NDArray[np.uint8] | None = None, rows: slice = slice(None)) -> NDArray[np.uint8]:
        """The pixels once they no longer change; first, those of these rows must be others than ``since``."""
        deadline = time.monotonic() + 60
        before = self.pixels().copy()
        while time.monotonic() < deadline:
            time.sleep(0.25)
            now = self.pixels().copy()
            if (now == before).all() and (since is None or (now[rows] != since[rows]).any()):
                return now
            before = now
        raise AssertionError("the screen never rests" if since is None else "the screen does not change")


def start(arguments: list[str], display: str, folder: Path) -> subprocess.Popen[str]:
    """A command that may open a window."""
    environment = {key: value for key, value in os.environ.items() if key not in ("MPLBACKEND", "WAYLAND_DISPLAY")}
    return subprocess.Popen(
        [sys.executable, "-m", "actplot", *arguments],
        cwd=folder,
        env={**environment, "DISPLAY": display, "MPLBACKEND": "tkagg"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(condition: Callable[[], bool], running: subprocess.Popen[str], what: str) -> None:
    """Waits until the condition holds while the command runs."""
    deadline = time.monotonic() + 60
    while not condition():
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline, f"no {what}"
        time.sleep(0.1)
