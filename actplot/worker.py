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


def _nothing() -> None:
    """What comes after a task where nothing does."""


class _End:
    """Sent after the last of several answers."""


class Job:
    """A task that another process works on, or that waits here for its result to be asked for.

    The task runs in a forked process on Linux, where that costs next to nothing as long as nothing heavy is loaded.
    Elsewhere, where torch is loaded already, and where it is told to, it runs here. A job that ``stays`` answers calls
    after its task is done, until this process ends; before the first call the other process does what comes ``then``.
    """

    def __init__(
        self,
        task: Callable[[], Any],
        *,
        here: bool = False,
        stays: bool = False,
        then: Callable[[], object] = _nothing,
    ) -> None:
        self._task, self._stays, self._then = task, stays, then
        self.is_elsewhere = not here and sys.platform == "linux" and "torch" not in sys.modules and self._fork()

    def _fork(self) -> bool:
        from multiprocessing import get_context

        context = get_context("fork")
        self._pipe, other = context.Pipe()
        given = self._task, other, self._then if self._stays else None, os.getpid()
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
        return self._answer()  # the process ends beside this one, which at its own end waits for it

    def results(self) -> Iterator[Any]:
        """What the task, which returns an iterator, yields: each as it comes, few at a time; raises what it raised."""
        if not self.is_elsewhere:
            yield from self._task()
            return
        while (answer := self._answer()) is not _End:
            yield answer

    def call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """What a function of a module returns, called where torch is loaded, once the result was asked for."""
        if not self.is_elsewhere:
            return function(*arguments, **options)
        with contextlib.suppress(OSError):  # it is gone; the answer says how
            self._pipe.send((function, arguments, options))
        return self._answer()

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


def _run(task: Callable[[], Any], pipe: Any, then: Callable[[], object] | None, parent: int) -> None:
    """Answers with what the task returns, does what comes ``then``, and answers calls; ends at once without a ``then``."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    end_with_parent(parent)
    os.environ["OMP_NUM_THREADS"] = "1"  # how torch splits work among threads shows in the last bits
    while True:
        try:
            answer = task()
            if isinstance(answer, Iterator):
                for each in answer:
                    pipe.send((each, False))
                answer = _End
            pipe.send((answer, False))
        except ActplotError as error:
            pipe.send((error, True))
        if then is None:
            return
        then()
        then = _nothing
        try:
            function, arguments, options = pipe.recv()
        except EOFError:
            return
        task = partial(function, *arguments, **options)
