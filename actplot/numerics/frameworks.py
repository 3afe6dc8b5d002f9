"""Functions of other arrays as functions of tensors: JAX's with their derivatives, NumPy's without.

A function of JAX arrays is called on arrays and differentiated by ``jax.vmap(jax.grad(...))``, as often as torch asks.
Memory is shared through DLPack, which knows the 16-bit types; NumPy has bfloat16 from ml_dtypes, which JAX brings.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator
from functools import cache, lru_cache, partial
from importlib import import_module
from inspect import unwrap
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from actplot.errors import FunctionFailed, NoDevice, NotInstalled
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

Framework = Literal["torch", "jax", "numpy"]
# The packages whose functions take arrays of theirs.
_HOMES: dict[str, Framework] = {
    "torch": "torch",
    "actplot": "torch",
    "jax": "jax",
    "jaxlib": "jax",
    "numpy": "numpy",
    "scipy": "numpy",
}
_TRIED = (-1.0, 0.25, 2.0)


def on_tensors(function: "Callable[[Tensor], Tensor]") -> "Callable[[Tensor], Tensor]":
    """The function as one of tensors, whatever arrays it takes.

    Autograd differentiates it where it takes tensors or JAX arrays; one of NumPy arrays raises where it is differentiated.
    """
    return as_tensors(function, framework_of(function))


def as_tensors(function: Callable[..., Any], framework: Framework) -> "Callable[[Tensor], Tensor]":
    """A function of this framework's arrays as one of tensors."""
    return function if framework == "torch" else partial(_through_arrays, _ARRAYS[framework](function))


def framework_of(function: Callable[..., Any]) -> Framework:
    """Whose arrays a callable takes: known from the package that made it, or found by calling it.

    It is called where it comes from a module that has something of JAX or NumPy among its names.
    """
    inner: Any = function
    while isinstance(inner, partial):
        inner = inner.func
    for home in (type(inner).__module__, getattr(inner, "__module__", None)):
        if (known := _HOMES.get(str(home).partition(".")[0])) is not None:
            return known
    with contextlib.suppress(TypeError):  # what cannot be hashed is asked every time
        hash(function)
        return _looked_at(function)
    return _looked_at.__wrapped__(function)


@lru_cache(maxsize=128)
def _looked_at(function: Callable[..., Any]) -> Framework:
    inner: Any = function
    while isinstance(inner, partial):
        inner = inner.func
    inner = unwrap(inner)
    body = inner if hasattr(inner, "__globals__") else vars(type(inner)).get("__call__")
    around = [*getattr(body, "__globals__", {}).values(), *_closure(body)]
    imported = getattr(getattr(body, "__code__", None), "co_names", ())
    homes = {_HOMES.get(name) for name in (*map(_home, around), *(name.partition(".")[0] for name in imported))}
    return found_by_calling(function) if homes & {"jax", "numpy"} else "torch"


def _closure(body: Any) -> Iterator[Any]:
    for cell in getattr(body, "__closure__", None) or ():
        with contextlib.suppress(ValueError):  # an empty one
            yield cell.cell_contents


def _home(value: Any) -> str:
    """The package of a module, or of what made a value."""
    name = getattr(value, "__name__", "") if isinstance(value, type(sys)) else getattr(value, "__module__", None)
    return str(name).partition(".")[0]


def found_by_calling(function: Callable[..., Any]) -> Framework:
    """Whose arrays a callable takes: the first with which it does not raise, else torch's."""
    kinds: dict[Framework, Callable[[], Any]] = {
        "torch": lambda: torch.tensor(_TRIED, dtype=torch.float32, requires_grad=True).clone(),
        "jax": lambda: sys.modules["jax"].numpy.array(_TRIED, dtype="float32"),
        "numpy": lambda: np.array(_TRIED, dtype=np.float32),
    }
    for framework, points in kinds.items():
        with contextlib.suppress(Exception, SystemExit), np.errstate(all="ignore"):
            function(points())
            return framework
    return "torch"


class _Jax:
    """A function of JAX arrays and its derivatives."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, x: "Tensor", order: int) -> "Tensor":
        """The derivative of that order."""
        jax = import_module("jax")
        with jax.enable_x64(True) if x.dtype == torch.float64 else contextlib.nullcontext():
            try:
                points = jax.numpy.from_dlpack(x.contiguous())
            except (RuntimeError, ValueError) as error:
                raise NoDevice(
                    Text(f"JAX does not reach {x.device} here", f"JAX 在此无法使用 {x.device}"),
                    Text("use the CPU", "请用 CPU"),
                ) from error
            values = self._slopes(points, order) if order else self._function(points)
            if not isinstance(values, jax.Array):
                raise _not_an_array(values)
            result: Tensor = torch.utils.dlpack.from_dlpack(values)
            return result.clone()  # JAX does not expect its memory to change

    def _slopes(self, points: Any, order: int) -> Any:
        from actplot.numerics.autograd import format_exception

        jax, slope = import_module("jax"), self._function
        for _ in range(order):
            slope = jax.grad(slope)
        try:
            return jax.vmap(slope)(points.ravel()).reshape(points.shape)
        except Exception as error:
            why = format_exception(error)
            raise FunctionFailed(
                Text(f"JAX cannot differentiate the function: {why}", f"JAX 无法对该函数求导：{why}"),
                Text("it is called on one number", "求导时传入的是单个数"),
            ) from error


class _NumPy:
    """A function of NumPy arrays."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, x: "Tensor", order: int) -> "Tensor":
        """The values; there is no derivative."""
        if order:
            raise FunctionFailed(
                Text("the function takes NumPy arrays, which have no derivative", "函数的输入是 NumPy 数组，没有导数"),
                Text("write it with torch or JAX", "请用 torch 或 JAX 写"),
            )
        cpu = x.cpu()
        points = cpu.view(torch.int16).numpy().view(_bfloat16()) if x.dtype == torch.bfloat16 else cpu.numpy()
        with np.errstate(all="ignore"):
            values = self._function(points.copy())
        if not isinstance(values, np.ndarray | np.generic):
            raise _not_an_array(values)
        values = np.asarray(values)
        if values.dtype.name == "bfloat16":
            return torch.from_numpy(values.view(np.int16)).view(torch.bfloat16).to(x.device)
        if values.dtype.kind not in "fiub" or values.dtype.itemsize > 8:
            raise FunctionFailed(
                Text(f"the function returned numbers of type {values.dtype}", f"函数返回的数的类型是 {values.dtype}"),
                Text("return the dtype of x", "请返回与 x 相同的类型"),
            )
        return torch.from_numpy(values).to(x.device)


_ARRAYS: dict[str, Callable[[Callable[..., Any]], Any]] = {"jax": _Jax, "numpy": _NumPy}


def _bfloat16() -> Any:
    try:
        return import_module("ml_dtypes").bfloat16
    except ImportError:
        install = 'pip install "actplot[jax]"'
        raise NotInstalled(
            Text("NumPy has no bfloat16 without ml_dtypes", "没有 ml_dtypes，NumPy 就没有 bfloat16"),
            Text(install, install),
        ) from None


def _not_an_array(value: object) -> FunctionFailed:
    kind = type(value).__name__
    return FunctionFailed(
        Text(f"the function returned {kind}, not an array", f"函数返回了 {kind}，而不是数组"),
        Text("return an array of the shape of x", "请返回与 x 形状相同的数组"),
    )


def _through_arrays(arrays: Any, x: "Tensor") -> "Tensor":
    """The values of a function of arrays, with a graph where ``x`` has one."""
    return _in_graph(x, arrays, 0)


def _in_graph(x: "Tensor", arrays: Any, order: int) -> "Tensor":
    result: Tensor = _step().apply(x, arrays, order)
    return result


@cache
def _step() -> Any:
    """A step of autograd's graph whose derivative is such a step again."""

    class Step(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: "Tensor", arrays: Any, order: int) -> "Tensor":
            ctx.save_for_backward(x)
            ctx.arrays, ctx.order = arrays, order
            result: Tensor = arrays(x.detach(), order)
            return result

        @staticmethod
        def backward(ctx: Any, *upstream: "Tensor") -> "tuple[Tensor, None, None]":
            (x,) = ctx.saved_tensors
            return upstream[0] * _in_graph(x, ctx.arrays, ctx.order + 1), None, None

    return Step
