"""A second process that loads torch and computes: while this one loads matplotlib, and as long as a figure is alive."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from actplot.errors import ActplotError, CannotDo


class Job:
    """A task that another process works on, or that waits here for its result to be asked for.

    The task runs in a forked process on Linux, where that costs next to nothing as long as nothing heavy is loaded.
    Elsewhere, where torch is loaded already, and where it is told to, it runs here. A job that ``stays`` answers calls
    after its task is done, until this process ends.
    """

    def __init__(self, task: Callable[[], Any], *, here: bool = False, stays: bool = False) -> None:
        self._task, self._stays = task, stays
        self.is_elsewhere = not here and sys.platform == "linux" and "torch" not in sys.modules and self._fork()

    def _fork(self) -> bool:
        from multiprocessing import get_context

        context = get_context("fork")
        self._pipe, other = context.Pipe()
        given = self._task, other, self._stays, os.getpid()
        self._process = context.Process(target=_run, args=given, daemon=True)
        sys.stdout.flush()
        try:
            with interruptions_held():
                self._process.start()
        except OSError:  # no room for a second process
            return False
        other.close()
        return True

    def cancel(self) -> None:
        """Stops the other process, if there is one."""
        if self.is_elsewhere:
            self._process.terminate()

    def result(self) -> Any:
        """What the task returned; raises what it raised."""
        if not self.is_elsewhere:
            return self._task()
        answer = self._answer()
        if not self._stays:
            self._process.join()
        return answer

    def call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """What a function of a module returns, called where torch is loaded, once the result was asked for."""
        return self.begin(function, *arguments, **options)()

    def begin(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Callable[[], Any]:
        """Begins a :meth:`call`; what is returned waits for its result, and is to be called before the next begins."""
        if not self.is_elsewhere:
            return partial(function, *arguments, **options)
        with contextlib.suppress(OSError):  # it is gone; the answer says how
            self._pipe.send((function, arguments, options))
        return self._answer

    def _answer(self) -> Any:
        try:
            answer, failed = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            code = self._process.exitcode
            raise CannotDo(f"the process that computes died (exit code {code})", "try fewer samples") from None
        if failed:
            raise answer
        return answer


def end_with_parent(parent: int) -> None:
    """Makes this process end when its parent does, however that ends; else it might wait for work for ever.

    ``parent`` is the process that started this one, which may have ended before this one could ask for its id.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextlib.contextmanager
def interruptions_held() -> Iterator[None]:
    """Keeps Ctrl-C back while processes are started.

    They begin with it held, until they have said what it does to them; it is the parent that tells the user.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(task: Callable[[], Any], pipe: Any, stays: bool, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    end_with_parent(parent)
    os.environ["OMP_NUM_THREADS"] = "1"  # how torch splits work among threads shows in the last bits
    while True:
        try:
            answer = task(), False
        except ActplotError as error:
            answer = error, True
        pipe.send(answer)
        if not stays:
            return
        try:
            function, arguments, options = pipe.recv()
        except EOFError:
            return
        task = partial(function, *arguments, **options)
