"""Values and derivatives of any callable on a tensor, by torch's autograd."""

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actplot.errors import ActplotError, BadValue, FunctionFailed, NoDevice
from actplot.options import check_device, check_dtype

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from numpy.typing import ArrayLike
else:
    from actplot import _torch as torch


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
        Takes a tensor and returns one of the same shape, element by element.
    x
        Numbers of any shape.
    order
        0 for the values alone, 1 for the derivative too, 2 for the second one as well.
    dtype, device
        What torch computes in and on.

    Returns
    -------
    tuple of arrays
        ``order + 1`` arrays of the shape of ``x``, in ``dtype`` (float32 for bfloat16, which NumPy does not have).

    Raises
    ------
    FunctionFailed
        If the function raises, returns something other than a tensor of the shape of ``x``, or cannot be differentiated.
    NoDevice
        If this machine does not have the device.
    """
    if order not in (0, 1, 2):
        raise BadValue(f"order must be 0, 1 or 2, got {order!r}")
    points = torch.as_tensor(_numbers(x)).to(device=find_device(device), dtype=getattr(torch, check_dtype(dtype)))
    points.requires_grad_(order > 0)
    results = [_values(function, points)]
    while len(results) <= order:
        results.append(_slope(results[-1], points, keep_graph=len(results) < order))
    return tuple(_array(result) for result in results)


def find_device(device: str) -> "torch.device":
    """The device of that name on this machine; ``auto`` is CUDA where there is one, else the CPU."""
    name = check_device(device)
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    found = torch.device("cuda" if name == "auto" else name)
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if (found.index or 0) >= count:
        has = f"this machine has {count} CUDA device{'s' * (count > 1)}" if count else "torch finds no CUDA device here"
        raise NoDevice(f"no device {device!r}: {has}", "use --device cpu or auto")
    return found


def _numbers(x: "ArrayLike | torch.Tensor") -> NDArray[np.float64]:
    if isinstance(x, torch.Tensor):
        x = x.detach().to("cpu", torch.float64).numpy()
    try:
        return np.array(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadValue(f"x must be real numbers, got {x!r}") from error


def _values(function: "Callable[[torch.Tensor], torch.Tensor]", points: "torch.Tensor") -> "torch.Tensor":
    try:
        values = function(points)
    except ActplotError:
        raise
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = " ".join(str(error).split())
        raise FunctionFailed(
            f"the function raised {type(error).__name__}: {message} ({Path(where.filename).name}, line {where.lineno})"
        ) from error
    if not isinstance(values, torch.Tensor):
        raise FunctionFailed(
            f"the function returned {type(values).__name__}, not a tensor", "return a tensor of the shape of x"
        )
    if values.shape != points.shape:
        raise FunctionFailed(
            f"the function turned shape {tuple(points.shape)} into {tuple(values.shape)}",
            "return a tensor of the shape of x",
        )
    return values


def _slope(values: "torch.Tensor", points: "torch.Tensor", *, keep_graph: bool) -> "torch.Tensor":
    """The derivative of each value by its own point: right for functions that work element by element."""
    if not values.requires_grad:
        if bool((values == values.flatten()[:1]).all()):  # a constant, which no graph leads to
            return torch.zeros_like(points)
        raise FunctionFailed(
            "autograd cannot differentiate the function: its result is detached from the graph",
            "avoid comparisons, .detach() and NumPy as the last step",
        )
    try:
        # Given the sum instead of a tensor of ones, torch leaves SymPy alone, which takes 0.2 s to import.
        (slope,) = torch.autograd.grad(values.sum(), points, create_graph=keep_graph, allow_unused=True)
    except RuntimeError as error:
        raise FunctionFailed(f"autograd cannot differentiate the function: {str(error).splitlines()[0]}") from error
    return torch.zeros_like(points) if slope is None else slope


def _array(result: "torch.Tensor") -> NDArray[Any]:
    result = result.detach()
    if result.dtype == torch.bfloat16:
        result = result.to(torch.float32)
    # A sum with real zeros: autograd may answer with a tensor that only stands for zeros and has no memory.
    return np.array((torch.zeros_like(result) + result).cpu().numpy())
