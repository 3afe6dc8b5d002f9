"""What a command takes: wall time, processor time, and the memory of all its processes together."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

# Seconds between two looks at the memory of a tree of processes.
_LOOK = 0.01
ALTERNATIVES = Path(__file__).with_name("alternatives")


class CommandFailed(Exception):
    """A command ended with another exit code than it should."""


class Cost(NamedTuple):
    """Seconds of wall time, and of processor time of all processes, for one unit of work."""

    wall: float
    cpu: float


class Pair(NamedTuple):
    """What both sides of a row took, one right after the other."""

    ours: Cost
    theirs: Cost


@dataclass(frozen=True)
class Command:
    """A command in a process of its own, in an empty folder.

    Attributes
    ----------
    words
        The command line.
    work
        The units of work that it does: figures of a gallery.
    cache
        The folder of the cache of actplot; None for an empty one each time.
    fails
        Whether it is a wrong command.
    package
        The folder that ``actplot`` is imported from, where it is not the installed one.
    """

    words: Sequence[str]
    work: int = 1
    cache: Path | None = None
    fails: bool = False
    package: Path | None = None

    def cost(self) -> Cost:
        """What one run takes."""
        with self._place() as place:
            start = time.perf_counter()
            process = place.start(self.words)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            self._check(process.returncode)
        return Cost(wall / self.work, (usage.ru_utime + usage.ru_stime) / self.work)

    def peak(self) -> float:
        """The highest memory of the tree of processes in one run, in MiB."""
        with self._place() as place:
            process = place.start(self.words)
            seen = [0.0]
            done = threading.Event()

            def watch() -> None:
                while not done.wait(_LOOK):
                    seen.append(_memory(process.pid))

            watcher = threading.Thread(target=watch)
            watcher.start()
            code = process.wait()
            done.set()
            watcher.join()
            self._check(code)
        return max(seen)

    def _check(self, code: int) -> None:
        if code != (2 if self.fails else 0):
            raise CommandFailed(f"{' '.join(self.words)} ended with exit code {code}")

    def _place(self) -> "_Place":
        return _Place(self.cache, self.package)


@dataclass
class _Place:
    """An empty folder and an environment to run one command in."""

    cache: Path | None
    package: Path | None
    _folder: "tempfile.TemporaryDirectory[str]" = field(init=False)

    def __enter__(self) -> "_Place":
        self._folder = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def start(self, words: Sequence[str]) -> "subprocess.Popen[bytes]":
        folder = Path(self._folder.name)
        (work := folder / "work").mkdir()
        return subprocess.Popen(
            words,
            cwd=work,
            env=_environment(self.cache or folder / "cache", self.package),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _environment(cache: Path, package: Path | None) -> Mapping[str, str]:
    # Bytecode is kept, as an installer leaves it: without, this package alone would be compiled at each start.
    left_out = ("DISPLAY", "WAYLAND_DISPLAY", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment["ACTPLOT_CACHE"] = str(cache)
    if package is not None:
        environment["PYTHONPATH"] = str(package)
    return environment


def _memory(process: int) -> float:
    """Proportional memory of a process and its children, in MiB: shared pages are counted once."""
    try:
        rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0.0
    sizes = (int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return next(sizes, 0) / 1024 + sum(_memory(int(child)) for child in children)


def actplot(*words: str) -> list[str]:
    """The command line of a command of actplot's."""
    return [sys.executable, "-m", "actplot", *words]


def alternative(name: str, *words: str) -> list[str]:
    """The command line of a script that a user would run instead."""
    return [sys.executable, str(ALTERNATIVES / f"{name}.py"), *words]


def timed(task: Callable[[], object]) -> Cost:
    """What a call in this process takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    task()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def alternating(ours: Callable[[], Cost], theirs: Callable[[], Cost], rounds: int) -> Iterator[Pair]:
    """Pairs of one run each, once both have run to warm up."""
    theirs(), ours()
    for _ in range(rounds):
        other = theirs()
        yield Pair(ours(), other)
