"""A second process that loads torch and computes: while this one loads matplotlib, and as long as a figure is alive."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from actplot.errors import ActplotError, CannotDo
from actplot.text import Text


def _nothing() -> None:
    """What comes after a task where nothing does."""


class _End:
    """Sent after the last of several answers."""


class Call:
    """A function that a job was asked to call; its answer comes later."""

    def __init__(self, job: "Job", compute: Callable[[], Any] | None) -> None:
        self._job, self._compute = job, compute
        self._answer: tuple[Any, bool] | None = None

    def answer(self, answer: Any, failed: bool) -> None:
        """Takes what the function returned or raised."""
        self._answer = answer, failed

    def is_answered(self, seconds: float = 0.0) -> bool:
        """Whether the result is there, or comes within so many seconds; without a second process it is made at once."""
        if self._compute is None and self._answer is None:
            self._job.receive(self, time.monotonic() + seconds)
        return self._compute is not None or self._answer is not None

    def result(self) -> Any:
        """What the function returned; raises what it raised. Waits for it."""
        if self._compute is not None:
            return self._compute()
        if self._answer is None:
            self._job.receive(self)
        assert self._answer is not None
        answer, failed = self._answer
        if failed:
            raise answer
        return answer


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
        self._asked: deque[Call] = deque()
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
        return self.ask(function, *arguments, **options).result()

    def ask(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Call:
        """Has a function of a module called like :meth:`call`, and does not wait; answers come in this order."""
        if not self.is_elsewhere:
            return Call(self, partial(function, *arguments, **options))
        call = Call(self, None)
        self._asked.append(call)
        with contextlib.suppress(OSError):  # it is gone; the answer says how
            self._pipe.send((function, arguments, options))
        return call

    def receive(self, call: Call, deadline: float | None = None) -> None:
        """Hands answers out until this call has its own, or until the deadline of the monotonic clock."""
        while call in self._asked:
            if deadline is not None and not self._pipe.poll(max(0.0, deadline - time.monotonic())):
                return
            try:
                answer = self._pipe.recv()
            except (EOFError, ConnectionResetError):
                answer = self._death(), True
            self._asked.popleft().answer(*answer)

    def _answer(self) -> Any:
        try:
            answer, failed = self._pipe.recv()
        except (EOFError, ConnectionResetError):
            raise self._death() from None
        if failed:
            raise answer
        return answer

    def _death(self) -> CannotDo:
        """The error that the other process has ended."""
        self._process.join()
        code = self._process.exitcode
        return CannotDo(
            Text(f"the process that computes died (exit code {code})", f"计算进程意外终止（退出码 {code}）"),
            Text("try fewer samples", "请减少取样点"),
        )


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
