"""Values and derivatives of any callable on a tensor, by torch's autograd."""

import copy
import os
import random
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actplot.errors import ActplotError, Argument, BadValue, FunctionFailed, NoDevice
from actplot.numerics.frameworks import on_tensors
from actplot.options import check_device, check_dtype
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike
else:
    from actplot.functions import _torch as torch


def derivatives(
    function: "Callable[[torch.Tensor], torch.Tensor]",
    x: "ArrayLike | torch.Tensor",
    *,
    order: int = 1,
    dtype: str = "float64",
    device: str = "cpu",
) -> tuple[NDArray[Any], ...]:
    """The values of ``function`` at ``x`` and its derivatives up to ``order``.

    Parameters
    ----------
    function
        Takes a tensor and returns one of the same shape, element by element. Where it has an attribute ``second``, a
        function of the same kind, that is its second derivative.
    x
        Numbers of any shape.
    order
        The number of derivatives.
    dtype
        What torch computes in: float64, float32, float16 or bfloat16.
    device
        What torch computes on: cpu, cuda, cuda:N or auto.

    Returns
    -------
    tuple of arrays
        ``order + 1`` arrays of the shape of ``x``, in ``dtype`` (float32 for bfloat16, which NumPy does not have).

    Raises
    ------
    FunctionFailed
        If the function raises, returns something other than a tensor of the shape of ``x``, or cannot be differentiated.
    BadValue
        For an ``x`` that is no real number, and an unknown dtype or device.
    NoDevice
        If this machine does not have the device.

    Examples
    --------
    >>> y, dy, d2y = derivatives(lambda x: x**3, [1.0, 2.0], order=2)
    >>> dy.tolist(), d2y.tolist()
    ([3.0, 12.0], [6.0, 12.0])
    """
    points = torch.as_tensor(_numbers(x)).to(device=find_device(device), dtype=getattr(torch, check_dtype(dtype)))
    return tuple(map(_array, differentiated(function, points, order)))


def differentiated(
    function: "Callable[[torch.Tensor], torch.Tensor]", points: "torch.Tensor", order: int
) -> "list[torch.Tensor]":
    """The same as tensors, of points that are one: on its device, in its type, and with whatever graph is left."""
    if not points.numel():  # no function needs to know what to do with no numbers
        return [torch.empty_like(points) for _ in range(order + 1)]
    # A function may declare a second derivative, where torch has none for it.
    declared = getattr(function, "second", None) if order >= 2 else None
    if declared is not None:
        return [*differentiated(function, points, 1), *differentiated(declared, points, order - 2)]
    points = points.detach().requires_grad_(order > 0)
    results = [values_at(function, points)]
    while len(results) <= order:
        is_first, is_last = len(results) == 1, len(results) == order
        if is_first and not results[0].requires_grad and not _is_flat(function, results[0], points):
            raise FunctionFailed(
                Text(
                    "autograd cannot differentiate the function: its result is detached from the graph",
                    "autograd 无法对函数求导：结果与计算图脱离",
                ),
                Text(
                    "avoid comparisons, .detach() and NumPy as the last step", "最后一步请勿用比较、.detach() 或 NumPy"
                ),
            )
        results.append(_slope(results[-1], points, keep_graph=not is_last))
    return results


def find_device(device: str) -> "torch.device":
    """The device of that name on this machine; ``auto`` is CUDA where there is one, else the CPU.

    Raises
    ------
    BadValue
        For a name that is none.
    NoDevice
        If this machine does not have the device.
    """
    name = check_device(device)
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    found = torch.device("cuda" if name == "auto" else name)
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if (found.index or 0) >= count:
        has = (
            Text(f"this machine has {count} CUDA device{'s' * (count > 1)}", f"这台机器有 {count} 个 CUDA 设备")
            if count
            else Text("torch finds no CUDA device here", "torch 在这里找不到 CUDA 设备")
        )
        on_cpu = Argument("device", ("cpu",))
        raise NoDevice(
            Text(f"no device {device!r}: {has.en}", f"没有设备 {device!r}：{has.zh}"),
            Text(f"use {on_cpu} or auto", f"可用 {on_cpu} 或 auto"),
        )
    return torch.device("cuda", torch.cuda.current_device() if found.index is None else found.index)


def _numbers(x: "ArrayLike | torch.Tensor") -> NDArray[np.float64]:
    if isinstance(x, torch.Tensor):
        x = x.detach().to("cpu", torch.float64).numpy()
    try:
        numbers = np.array(x, dtype=np.float64)
        # NumPy takes None for NaN.
        if np.isnan(numbers).any() and any(each is None for each in np.array(x, dtype=object).flat):
            raise TypeError
    except (TypeError, ValueError) as error:
        raise BadValue(Text(f"x must be real numbers, got {x!r}", f"x 须是实数，这里是 {x!r}")) from error
    return numbers


def apply(function: "Callable[[torch.Tensor], torch.Tensor]", points: "torch.Tensor") -> "torch.Tensor":
    """The function at the points, whatever arrays it takes.

    A module is called in its evaluation mode, in their dtype and on their device.
    """
    if isinstance(function, torch.nn.Module):
        function = copy.deepcopy(function).eval().to(points.device, points.dtype)
    else:
        function = on_tensors(function)
    return function(points)


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for torch: how it splits sums among several shows in the last bits."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass
class Generators:
    """The states of torch's, NumPy's (the global one) and Python's random numbers, as they were at one moment."""

    python: Any
    numpy: Any
    cpu: "torch.Tensor"
    cuda: "list[torch.Tensor]"

    @classmethod
    def now(cls) -> "Generators":
        """The states of this process."""
        is_used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
        cuda = torch.cuda.get_rng_state_all() if is_used else []
        return cls(random.getstate(), np.random.get_state(), torch.get_rng_state(), cuda)

    def restore(self) -> None:
        """Sets the generators of this process to these states."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)
        torch.set_rng_state(self.cpu)
        if self.cuda:
            torch.cuda.set_rng_state_all(self.cuda)

    def are(self, other: "Generators") -> bool:
        """Whether the same random numbers follow upon both."""
        (_, mine, *my_place), (_, theirs, *their_place) = self.numpy, other.numpy
        return (
            self.python == other.python
            and np.array_equal(mine, theirs)
            and my_place == their_place
            and all(map(torch.equal, (self.cpu, *self.cuda), (other.cpu, *other.cuda)))
        )


SEED = 0


@contextmanager
def seeded(start: Generators | None = None) -> Iterator[Callable[[], bool]]:
    """Random numbers drawn in this context are the same every time: from the states ``start``, or from ``SEED``.

    Yields a function that returns whether any have been drawn. The generators of the caller are restored at the end.
    Generators that are made without a seed, as by ``numpy.random.default_rng()``, are out of reach.
    """
    before = Generators.now()
    if start is not None:
        start.restore()
    else:
        random.seed(SEED)
        np.random.seed(SEED)
        torch.default_generator.manual_seed(SEED)
        if before.cuda:
            torch.cuda.manual_seed_all(SEED)
    first = Generators.now()
    try:
        yield lambda: not first.are(Generators.now())
    finally:
        before.restore()


def check_elementwise(function: "Callable[[torch.Tensor], torch.Tensor]", x: NDArray[np.float64]) -> None:
    """Raises :class:`FunctionFailed` where a value depends on more than its own point.

    A few points between the ends of ``x``, out of order, are evaluated together and alone.
    """
    few = np.linspace(x.min(), x.max(), 7)[[3, 0, 5, 1, 6, 2, 4]]  # in no order that a sort or a running extreme keeps
    (together,) = derivatives(function, few, order=0)
    if not np.array_equal(together, derivatives(function, few, order=0)[0], equal_nan=True):
        raise FunctionFailed(
            Text("the function returns something else every time", "函数每次返回的结果都不同"),
            Text("fix its random seed, or its evaluation mode", "请固定它的随机种子，或切换到评估模式"),
        )
    alone = np.array([derivatives(function, [point], order=0)[0][0] for point in few])
    size = float(np.max(np.abs(together), where=np.isfinite(together), initial=0.0))
    # A function that computes in float32 rounds otherwise for many points than for one.
    if not np.allclose(together, alone, rtol=1e-6, atol=1e-9 + 1e-6 * min(size, 1.0), equal_nan=True):
        raise FunctionFailed(
            Text(
                "the function is not elementwise: what it returns for a point depends on the other points",
                "函数不是逐元素的：一个点的结果取决于其他点",
            ),
            Text("a curve needs a function of one number", "曲线需要一元函数"),
        )


_FRAMEWORKS = ("torch", "jax", "jaxlib", "numpy", "scipy")
# Characters of a message that are told: JAX explains its own at length.
_MESSAGE = 300


def format_exception(error: BaseException) -> str:
    """An exception of the user's code as one line: its type, its message and the place in their own file."""
    frames = traceback.extract_tb(error.__traceback__)
    libraries = (
        *(os.path.dirname(sys.modules[name].__file__ or "") for name in _FRAMEWORKS if name in sys.modules),
        os.path.dirname(os.path.dirname(__file__)),
        os.path.dirname(os.__file__),
        "<frozen",
    )
    theirs = [frame for frame in frames if not frame.filename.startswith(libraries)]
    if isinstance(error, SyntaxError) and error.filename:  # which has no frame in the file that it is about
        place = f" ({Path(error.filename).name}, line {error.lineno})"
    else:
        place = f" ({Path(theirs[-1].filename).name}, line {theirs[-1].lineno})" if theirs else ""
    try:
        message = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
    except Exception:  # whatever a class of the user's own does instead
        message = "(no message)"
    if len(message) > _MESSAGE:
        message = message[:_MESSAGE].rpartition(" ")[0] + " …"
    return f"{type(error).__name__}: {message}{place}"


def values_at(function: "Callable[[torch.Tensor], torch.Tensor]", points: "torch.Tensor") -> "torch.Tensor":
    """The function at the points, by :func:`apply`.

    Raises
    ------
    FunctionFailed
        If it raises or returns something other than a tensor of their shape.
    """
    try:
        values = apply(function, points.clone())  # a copy, for functions that work in place
    except ActplotError:
        raise
    except (Exception, SystemExit) as error:
        raise FunctionFailed(
            Text(f"the function raised {format_exception(error)}", f"函数抛出了 {format_exception(error)}")
        ) from error
    if not isinstance(values, torch.Tensor):
        raise FunctionFailed(
            Text(
                f"the function returned {type(values).__name__}, not a tensor",
                f"函数返回的是 {type(values).__name__}，不是张量",
            ),
            Text("return a tensor of the shape of x", "请返回与 x 形状相同的张量"),
        )
    if values.shape != points.shape:
        raise FunctionFailed(
            Text(
                f"the function turned shape {tuple(points.shape)} into {tuple(values.shape)}",
                f"函数把形状 {tuple(points.shape)} 变成了 {tuple(values.shape)}",
            ),
            Text("return a tensor of the shape of x", "请返回与 x 形状相同的张量"),
        )
    return values


def _is_flat(
    function: "Callable[[torch.Tensor], torch.Tensor]", values: "torch.Tensor", points: "torch.Tensor"
) -> bool:
    """Whether values without a graph have the slope 0: those of a constant, or of a plateau.

    ``if (x > 0).any(): y[x > 0] = ...`` leaves points without a graph where all of them lie on a plateau; a function
    like this has a graph elsewhere, which is looked for at other points.
    """
    if bool((values == values.flatten()[:1]).all()):
        return True
    seen = points.detach().double().flatten()
    seen = seen[seen.isfinite()]
    if not seen.numel():
        return False
    steps = torch.logspace(-3, 6, 145, dtype=seen.dtype, device=seen.device)
    steps = torch.cat([-steps.flip(0), steps])
    low, high = seen.min(), seen.max()
    between = low + (high - low) * torch.linspace(0, 1, 257, dtype=seen.dtype, device=seen.device)
    probes = torch.cat([between, steps, (low + high) / 2 + steps]).to(points.dtype)
    return values_at(function, probes.requires_grad_()).requires_grad


def _slope(values: "torch.Tensor", points: "torch.Tensor", *, keep_graph: bool) -> "torch.Tensor":
    """The derivative of each value by its own point: right for functions that work element by element."""
    if not values.requires_grad:  # no graph leads to a constant, nor from a slope such as that of x * (x > 0)
        return torch.zeros_like(points)
    try:
        # Given the sum instead of a tensor of ones, torch leaves SymPy alone, which takes 0.2 s to import.
        (slope,) = torch.autograd.grad(values.sum(), points, create_graph=keep_graph, allow_unused=True)
    except RuntimeError as error:
        raise FunctionFailed(
            Text(
                f"autograd cannot differentiate the function: {str(error).splitlines()[0]}",
                f"autograd 无法对函数求导：{str(error).splitlines()[0]}",
            )
        ) from error
    return torch.zeros_like(points) if slope is None else slope


def _array(result: "torch.Tensor") -> NDArray[Any]:
    if result.dtype == torch.bfloat16:
        result = result.to(torch.float32)
    # With force, since autograd may answer with a tensor that only stands for zeros and has no memory.
    return np.array(result.numpy(force=True))
