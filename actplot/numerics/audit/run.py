"""Audits: chunk after chunk, here or by workers, and what comes of them."""

import contextlib
import ctypes
import math
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, NamedTuple

from actplot.errors import ActplotError, Argument, BadValue, CannotDo, FunctionFailed, NotInstalled
from actplot.functions.registry import Function
from actplot.functions.source import Loaded
from actplot.numerics.audit.enclosure import enclosures
from actplot.numerics.audit.formats import Inputs
from actplot.numerics.audit.measure import Chunk, Plan, measure, run
from actplot.numerics.audit.reference import Reference
from actplot.numerics.audit.result import Audit, Collector
from actplot.numerics.autograd import derivatives, find_device, format_exception, one_thread
from actplot.numerics.frameworks import Framework, framework_of
from actplot.text import Text
from actplot.worker import end_with_parent, interruptions_held

if TYPE_CHECKING:
    import torch
else:
    from actplot.functions import _torch as torch

# Inputs of one sign that are tried at first: whether they come out the same twice, and alone.
_PROBES = 512
# Chunks that wait for each worker.
_AHEAD = 3
# Inputs of one sign in a chunk for a GPU: so many that the launch of kernels costs little.
_ON_GPU = 1 << 23
# Bytes of free memory that a process may keep.
_KEPT = 1 << 28
# Seconds that a scheduler has to answer.
_PATIENCE = 5
_DOES_IT_END = Text("does the function end its process?", "函数是否结束了自己的进程？")


def audit(
    function: Function,
    against: Function | None = None,
    *,
    dtype: str = "bfloat16",
    device: str = "cpu",
    inputs: int | None = None,
    forward_only: bool = False,
    levels: tuple[float, float] = (1.0, 1.0),
    keep: bool = False,
    jobs: int = 1,
    scheduler: str | None = None,
    seen: Callable[[int], None] | None = None,
) -> Audit:
    """How far an implementation is from the truth, in units in the last place (see :mod:`actplot.numerics.audit.formats`).

    A keyword for each option of the command, which is what makes it long.

    Parameters
    ----------
    function
        The implementation: it is run in ``dtype`` on ``device``, and differentiated by autograd, or by JAX. Of one of
        NumPy arrays the derivative is left out.
    against
        A function with a formula, evaluated exactly; by default the function itself.
    dtype
        bfloat16, float16, float32 or float64.
    inputs
        About how many inputs, evenly over the representations; by default all of the type, which float64 does not
        allow.
    forward_only
        Leaves the derivative out.
    levels
        Errors of the function and of the derivative beyond which inputs form regions.
    keep
        Whether the table of every input is kept.
    jobs
        Processes on this machine; the result does not depend on how many.
    scheduler
        The address of a Dask scheduler, whose workers do the work instead.
    seen
        Is told after every chunk how many inputs are done.

    Returns
    -------
    Audit
        Not complete after a Ctrl-C.

    Raises
    ------
    BadValue
        For a reference without a formula, or inputs that are not allowed.
    FunctionFailed
        If the function raises, changes dtype or shape, is random, or mixes its inputs.
    CannotDo
        If workers die twice at the same chunk, or the scheduler does not answer.
    """
    against = against or function
    enclosures(against)
    if inputs is None and dtype == "float64":
        raise BadValue(
            Text("float64 has too many inputs to try them all", "float64 的输入太多，无法全部检验"),
            Text(
                f"give {Argument('inputs')} N, as in {Argument('inputs', (100000,))}",
                f"请给出 {Argument('inputs')} N，例如 {Argument('inputs', (100000,))}",
            ),
        )
    plan = Plan(function, against, Inputs.of(dtype, inputs), device, forward_only, levels, keep)
    workers = _Workers(jobs, scheduler)
    collector = Collector(plan)
    probed = Probed("cpu", [], "torch")
    try:
        probed = workers.result(workers.submit(probe, plan))
        plan = replace(plan.of(probed.framework), device=probed.device)
        collector = Collector(plan)
        for chunk in _measured(plan, workers):
            collector.add(chunk)
            if seen is not None:
                seen(collector.covered)
    except KeyboardInterrupt:
        if not collector.covered:
            raise
    finally:
        workers.shutdown()
    with one_thread() if "torch" in sys.modules else contextlib.nullcontext():
        return collector.finish(probed.special, probed.device, probed.framework)


class Probed(NamedTuple):
    """What is known of a function before it is audited.

    Attributes
    ----------
    device
        The name of the device that computes.
    special
        What comes out wrong for infinite inputs and for NaN: of the derivative or not, input, truth, result.
    framework
        Whose arrays it takes.
    """

    device: str
    special: list[tuple[bool, float, float, float]]
    framework: Framework


def probe(plan: Plan) -> Probed:
    """Tries the function at a few inputs, twice, and at those that are no numbers.

    Raises
    ------
    FunctionFailed
        If the function is not one of a single number, or random.
    """
    device, call = find_device(plan.device), plan.function.call
    framework = framework_of(call.target() if isinstance(call, Loaded) else call)
    plan = plan.of(framework)
    with one_thread():
        step = max(1, plan.inputs.count // _PROBES)
        places = range(0, plan.inputs.count, step)
        magnitudes = torch.tensor([plan.inputs.magnitude(place) for place in places], device=device)
        x = torch.cat([plan.format.tensor(magnitudes, negative=negative) for negative in (False, True)])
        first, again = (run(plan.function, x, forward_only=plan.forward_only) for _ in range(2))
        for one, other in zip(first, again, strict=True):
            if one is not None and other is not None and not _same(one, other):
                raise FunctionFailed(
                    Text("two runs of the function differ: it is random", "函数两次运行的结果不同：它是随机的"),
                    Text("fix its seed, or its evaluation mode", "请固定它的随机种子，或切换到评估模式"),
                )
        near = torch.linspace(-2, 2, 9, dtype=x.dtype, device=device)
        together, _ = run(plan.function, near, forward_only=True)
        alone, _ = run(plan.function, near.flip(0)[2:5].clone(), forward_only=True)
        if not _close(together.flip(0)[2:5], alone):
            raise FunctionFailed(
                Text(
                    "the function is not elementwise: what it returns for a point depends on the other points",
                    "函数不是逐元素的：一个点的结果取决于其他点",
                ),
                Text("an audit needs a function of one number", "检验需要一元函数"),
            )
        if not plan.forward_only:
            # Says so where the result is detached from the graph.
            numbers = x.double().cpu().numpy()
            derivatives(plan.function.call, numbers, dtype=plan.format.name, device=plan.device)
        name = "cpu" if device.type == "cpu" else str(device)
        return Probed(name, list(_special(plan, device)), framework)


def _same(one: "torch.Tensor", other: "torch.Tensor") -> bool:
    return bool(((one == other) | (one.isnan() & other.isnan())).all())


def _close(one: "torch.Tensor", other: "torch.Tensor") -> bool:
    """Whether values agree but for their last bits, in which a vector's remainder may be computed otherwise."""
    tolerance = 16 * torch.finfo(one.dtype).eps
    first, second = one.double(), other.double()
    return torch.allclose(first, second, rtol=tolerance, atol=torch.finfo(one.dtype).tiny, equal_nan=True)


def _special(plan: Plan, device: "torch.device") -> Iterator[tuple[bool, float, float, float]]:
    """Results at -inf and inf that are not the limits, and a number for NaN."""
    points = torch.tensor([-math.inf, math.inf, math.nan], dtype=getattr(torch, plan.format.name), device=device)
    y, slope = run(plan.function, points, forward_only=plan.forward_only)
    for is_slope, results in ((False, y), (True, slope)):
        if results is None:
            continue
        truth = Reference(plan.against, plan.format, is_slope)
        for sign, result in zip((-1, 1), results.double().tolist(), strict=False):
            limit = truth.at_infinity(sign)
            if math.isnan(limit):
                continue
            near = math.isfinite(limit) and abs(result - limit) <= 2 * plan.format.ulp(limit)
            if not (result == limit or near):
                yield is_slope, sign * math.inf, limit, result
    if not math.isnan(float(y[2])):
        yield False, math.nan, math.nan, float(y[2])


def _measured(plan: Plan, workers: "_Workers") -> Iterator[Chunk]:
    """The chunks in their order, a few of them under way at any time."""
    chunks = iter(plan.inputs.chunks() if plan.device == "cpu" else plan.inputs.chunks(_ON_GPU))
    waiting: deque[tuple[tuple[int, int], Future[Chunk]]] = deque()
    has_died = False
    while True:
        while len(waiting) < workers.ahead and (ends := next(chunks, None)) is not None:
            waiting.append((ends, workers.submit(measure, plan, *ends)))
        if not waiting:
            return
        ends, future = waiting[0]
        try:
            chunk = workers.result(future)
        except BrokenProcessPool:
            if has_died:
                raise CannotDo(
                    Text(
                        f"workers died twice at the same inputs, from {plan.inputs.value(ends[0], negative=False):g} on",
                        f"工作进程在同一批输入上两次意外终止，从 {plan.inputs.value(ends[0], negative=False):g} 起",
                    ),
                    _DOES_IT_END,
                ) from None
            has_died = True
            workers.restart()
            waiting = deque((ends, workers.submit(measure, plan, *ends)) for ends, _ in waiting)
            continue
        has_died = False
        waiting.popleft()
        yield chunk


class Here(Executor):
    """Does the work in this process, when it is handed in."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except ActplotError as error:
            future.set_exception(error)
        return future


class _Workers:
    """Who does the work: this process, others on this machine, or those of a Dask scheduler."""

    def __init__(self, jobs: int, scheduler: str | None) -> None:
        self._jobs = jobs
        self._client: Any = None if scheduler is None else _connected(scheduler)
        self._executor = self._made()

    @property
    def ahead(self) -> int:
        """How many chunks are under way at once."""
        if self._client is not None:
            return max(1, int(sum(self._client.nthreads().values()))) * _AHEAD
        return self._jobs * _AHEAD if self._jobs > 1 else 1

    def _made(self) -> Executor:
        if self._client is not None:
            executor: Executor = self._client.get_executor(pure=False)
            return executor
        if self._jobs == 1:
            keep_memory()
            return Here()
        # A fork that has torch's threads in it may hang.
        context = get_context("fork" if sys.platform == "linux" and "torch" not in sys.modules else "spawn")
        pool = ProcessPoolExecutor(self._jobs, context, initializer=_get_ready, initargs=(os.getpid(),))
        with interruptions_held():
            for _ in range(self._jobs):
                pool.submit(os.getpid)  # starts the processes
        return pool

    def submit(self, task: Callable[..., Any], *arguments: Any) -> "Future[Any]":
        """Hands a task in."""
        return self._executor.submit(task, *arguments)

    def result(self, future: "Future[Any]") -> Any:
        """What a task returned; raises what it raised, as one of actplot's errors where a Dask cluster failed."""
        if self._client is None:
            return future.result()
        from distributed import KilledWorker

        try:
            return future.result()
        except (ActplotError, BrokenProcessPool):
            raise
        except KilledWorker:  # which the scheduler says after several tries on several workers
            raise CannotDo(
                Text("every worker that tried the same inputs died", "计算同一批输入的工作进程都意外终止了"),
                _DOES_IT_END,
            ) from None
        except CancelledError:
            raise CannotDo(
                Text("the Dask scheduler went away", "Dask 调度器断开了"), Text("is it running?", "它还在运行吗？")
            ) from None
        except Exception as error:
            why = format_exception(error)
            raise CannotDo(
                Text(f"a Dask worker raised {why}", f"Dask 工作进程抛出了 {why}"),
                Text("has it the same actplot, packages and files?", "那里的 actplot、软件包与文件都相同吗？"),
            ) from error

    def restart(self) -> None:
        """Takes new workers in the place of dead ones."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self._executor = self._made()

    def shutdown(self) -> None:
        """Lets the workers go."""
        if self._client is not None:
            self._client.close()
        else:
            self._executor.shutdown(wait=True, cancel_futures=True)


def keep_memory() -> None:
    """Lets glibc keep what arrays leave: to give it back after each and fetch it anew takes as long as the work.

    Parameters by the numbers of ``malloc.h``: M_TRIM_THRESHOLD and M_MMAP_THRESHOLD.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(-1, _KEPT)
            mallopt(-3, _KEPT)


def _get_ready(parent: int) -> None:
    """What a worker on this machine does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent tells the user
    end_with_parent(parent)
    keep_memory()


def _connected(scheduler: str) -> Any:
    """A client of the Dask scheduler at an address."""
    try:
        from distributed import Client
    except ImportError:
        raise NotInstalled(
            Text(
                f"{Argument('scheduler')} needs dask, which is not installed",
                f"{Argument('scheduler')} 需要 dask，它还没有安装",
            ),
            Text('pip install "actplot[dask]"', '请运行 pip install "actplot[dask]"'),
        ) from None
    try:
        return Client(scheduler, timeout=_PATIENCE)
    except (OSError, ValueError, TimeoutError) as error:
        reason = " ".join(str(error).split())[:80]
        raise CannotDo(
            Text(f"no Dask scheduler answers at {scheduler}: {reason}", f"{scheduler} 没有 Dask 调度器应答：{reason}"),
            Text("is it running?", "它在运行吗？"),
        ) from None
