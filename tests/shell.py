"""Reads commands from a terminal of tmux, a line of JSON each, and runs them there in forks of itself.

A fork has loaded what a picture in a terminal needs, and else behaves like a process of its own.
"""

import json
import os
import subprocess
import sys
import termios
import time

import torch  # noqa: F401

import actplot.numerics.curve
import actplot.output.terminal
import actplot.plot.figure  # noqa: F401
from actplot.cli import main


def run(words: list[str], cwd: str, encoding: str, columns: int) -> int:
    """The exit code of a command, begun once the terminal is so many columns wide: tmux resizes it a little later."""
    while os.get_terminal_size().columns != columns:
        time.sleep(0.01)
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    code = 1
    try:
        os.chdir(cwd)
        sys.stdout.reconfigure(encoding=encoding)  # type: ignore[attr-defined]
        code = main(words)
        sys.stdout.flush()
    finally:
        os._exit(code)


def end_turn(words: str) -> None:
    """Says something, and tells who waits for it."""
    print(words, flush=True)
    subprocess.run(["tmux", "wait-for", "-S", "turn"], check=True)


if __name__ == "__main__":
    settings = termios.tcgetattr(0)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(0, termios.TCSANOW, settings)
    end_turn("ready")
    while line := sys.stdin.readline():
        end_turn(f"done {run(**json.loads(line))}")
