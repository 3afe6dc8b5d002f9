"""Commands in processes of their own, as a shell starts them, without a display."""

import base64
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# What would make a command do something else than it does in an ordinary shell without a screen.
_UNSET = {
    "ACTPLOT_LANG",
    "DISPLAY",
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "MPLBACKEND",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONUNBUFFERED",
    "PY_COLORS",
    "WAYLAND_DISPLAY",
}
# A figure that is drawn fast, for tests that do not look at it.
SMALL = ("--size", "4", "2", "--dpi", "20", "--samples", "10")
# No figure at all, for tests of what --json says.
NUMBERS = ("--data", "numbers.csv", "--samples", "10")
OLD = b"what stood there before"
on_linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see the second process")


@dataclass(frozen=True)
class Answer:
    """Exit code and outputs of a command."""

    code: int
    out: str
    err: str


Act = Callable[..., Answer]


def check_refusal(answer: Answer, code: int, *parts: str) -> None:
    """Nothing but one line on stderr, with what it must say."""
    assert (answer.code, answer.out) == (code, ""), answer
    assert answer.err.startswith("actplot: "), answer
    assert answer.err.endswith("\n"), answer
    assert len(answer.err.splitlines()) == 1, answer
    for part in parts:
        assert part in answer.err


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def environment(**more: str) -> dict[str, str]:
    """The environment of this process without a display and without settings of actplot's."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return kept | {"LC_ALL": "C.UTF-8"} | more


def start(*words: str, cwd: Path, **more: str) -> subprocess.Popen[bytes]:
    """A command that runs, in a process group of its own, and whose output is caught."""
    return subprocess.Popen(
        [sys.executable, "-m", "actplot", *words],
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finish(running: subprocess.Popen[bytes]) -> tuple[int, bytes, str]:
    """Exit code, stdout and stderr of a command that was started; one that hangs is killed with all it started."""
    try:
        out, err = running.communicate(timeout=100)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        raise
    return running.returncode, out, err.decode()


def run(*words: str, cwd: Path, **more: str) -> tuple[int, bytes, str]:
    """Exit code, stdout and stderr of a command."""
    return finish(start(*words, cwd=cwd, **more))


# What takes long to load.
HEAVY = frozenset({"torch", "numpy", "matplotlib", "rich", "textual_image", "pydantic"})


@dataclass(frozen=True)
class Finished:
    """What a command has done, and the heavy modules that its process had loaded at its end."""

    code: int
    out: bytes
    err: str
    heavy: frozenset[str]


def check_light_refusal(done: Finished, *parts: str) -> None:
    """A wrong command: one line on stderr, and nothing heavy was loaded for it."""
    check_refusal(Answer(done.code, done.out.decode(), done.err), 2, *parts)
    assert done.heavy == set(), done


class Forks:
    """A process that has loaded modules, and runs each command in a fork of itself.

    A command behaves as in a process of its own, without the time that loading takes. Where torch is loaded, a command
    computes in its one process.
    """

    def __init__(self, *modules: str) -> None:
        self._server = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("forks.py"), *modules],
            env=environment(OPENBLAS_NUM_THREADS="1"),  # a process with threads cannot be forked
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __call__(self, *words: str | Path, cwd: Path, **more: str) -> Finished:
        """Runs a command; fails where it does not end."""
        asked = {"words": [*map(str, words)], "cwd": str(cwd), "environment": environment(**more)}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(asked).encode() + b"\n")
        self._server.stdin.flush()
        with selectors.DefaultSelector() as answered:
            answered.register(self._server.stdout, selectors.EVENT_READ)
            assert answered.select(timeout=100), f"{words} does not end"
        told = json.loads(self._server.stdout.readline())
        out = base64.b64decode(told["out"])
        return Finished(told["code"], out, told["err"], HEAVY.intersection(told["modules"]))

    def end(self) -> None:
        """Ends the process."""
        self._server.kill()
        self._server.communicate()


def within_seconds(condition: Callable[[], object], seconds: float = 30) -> Any:
    """What a condition comes to as soon as it holds, or when the time is over, which no test should need."""
    deadline = time.monotonic() + seconds
    while not (held := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return held


def wait_for(condition: Callable[[], object], running: "subprocess.Popen[bytes]") -> Any:
    """What a condition of a running command comes to when it holds; fails where the command ends before."""
    held = within_seconds(lambda: condition() or running.poll() is not None, 60)
    assert running.poll() is None, "the command has ended"
    assert held, "the command goes on without it"
    return held


def second_process(running: "subprocess.Popen[bytes]") -> int:
    """The process that computes, as soon as it is there."""
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    return int(wait_for(lambda: children.read_text().split(), running)[0])


def is_gone(process: int) -> bool:
    """Whether a process has ended, or does within seconds."""

    def ended() -> bool:
        try:
            status = Path(f"/proc/{process}/stat").read_text()
        except FileNotFoundError:
            return True
        return status.rpartition(")")[2].split()[0] == "Z"

    return bool(within_seconds(ended))


def script(code: str, *words: str, **more: str) -> str:
    """What a piece of Python prints that runs in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment(**more), capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def peak(*words: str, cwd: Path) -> int:
    """The bytes that the largest process of a command held at its most; the command must succeed."""
    code = (
        "import resource, subprocess, sys\n"
        "subprocess.run([sys.executable, '-m', 'actplot', *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=cwd, env=environment(), capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
