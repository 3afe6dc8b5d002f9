"""Curves: a function and its derivative, sampled along a range and cut where a line must not be drawn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from actplot.breaks import Break, examine, find
from actplot.catalog import CATALOG
from actplot.compute import derivatives, find_device
from actplot.options import SAMPLES, check_dtype, check_range, check_samples
from actplot.registry import Activation, Function

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike
else:
    from actplot import _torch as torch

Source = str | Activation | Function | Callable[["torch.Tensor"], "torch.Tensor"]
Floats = NDArray[np.float64]


class Segment(NamedTuple):
    """A stretch between two breaks, with nothing to interrupt a line."""

    x: Floats
    y: Floats
    dy: Floats


@dataclass(frozen=True, eq=False)
class Curve:
    """A sampled function and its derivative.

    Attributes
    ----------
    function
        The function with its parameters.
    range
        The ends of x.
    samples
        The number of points asked for.
    dtype, device
        What torch computed in and on.
    x, y, dy
        Arrays of shape (n,) in float64, x ascending. Around a break three rows share its x: the limit from the left,
        a gap, the limit from the right; the gap is NaN in ``dy``, and in ``y`` too where the function itself jumps.
    breaks
        The breaks within the range, its ends included.
    """

    function: Function
    range: tuple[float, float]
    samples: int
    dtype: str
    device: str
    x: Floats
    y: Floats
    dy: Floats
    breaks: tuple[Break, ...]

    @property
    def segments(self) -> Iterator[Segment]:
        """The stretches between the breaks."""
        gaps = np.flatnonzero(np.isin(self.x, [b.x for b in self.breaks]) & np.isnan(self.dy))
        for rows in np.split(np.arange(self.x.size), gaps):
            rows = rows[~np.isin(rows, gaps)]
            if rows.size:
                yield Segment(self.x[rows], self.y[rows], self.dy[rows])


def evaluate(
    function: Source,
    x: "ArrayLike | torch.Tensor",
    *,
    order: int = 1,
    dtype: str = "float64",
    device: str = "cpu",
    **parameters: float,
) -> tuple[NDArray[Any], ...]:
    """Values and derivatives of a function at given points.

    Parameters
    ----------
    function
        A name of the catalog, an entry of it, or a callable that turns a tensor into one of the same shape.
    x
        Numbers of any shape.
    order
        Derivatives to compute: 0, 1 or 2.
    dtype
        float64, float32, float16 or bfloat16.
    device
        cpu, cuda, cuda:N or auto.
    **parameters
        Parameters of the function by name; the defaults where none is given.

    Returns
    -------
    tuple of arrays
        ``order + 1`` arrays of the shape of ``x``: values, first and second derivatives, as torch's autograd has them.

    Raises
    ------
    UnknownFunction, BadValue
        For a name, parameter, dtype or device that is not allowed.
    FunctionFailed
        If a callable raises or cannot be differentiated.
    NoDevice
        If this machine does not have the device.

    Examples
    --------
    >>> y, dy = evaluate("elu", [-1.0, 0.0, 1.0], alpha=2.0)
    >>> dy.round(4).tolist()
    [0.7358, 2.0, 1.0]
    """
    call = CATALOG.function(function, **parameters).call
    return derivatives(call, x, order=order, dtype=dtype, device=device)


def sample(
    function: Source,
    *,
    range: tuple[float, float] | None = None,
    samples: int = SAMPLES,
    dtype: str = "float64",
    device: str = "cpu",
    **parameters: float,
) -> Curve:
    """A function and its derivative along a range, cut at its breaks.

    Parameters
    ----------
    function, dtype, device, **parameters
        As for :func:`evaluate`.
    range
        The ends of x; by default the range that shows what the function does.
    samples
        The number of evenly spaced points, from 2 to 10,000,000. Those that fall on a break are replaced by its
        one-sided limits; those that ``dtype`` cannot tell apart are one.

    Raises
    ------
    As :func:`evaluate`, and BadValue for a range or a number of samples that is not allowed.

    Examples
    --------
    >>> curve = sample("relu", range=(-1, 1), samples=4)
    >>> curve.dy.tolist()
    [0.0, 0.0, 0.0, nan, 1.0, 1.0, 1.0]
    """
    bound = CATALOG.function(function, **parameters)
    low, high = check_range(*(range or bound.range), dtype)
    check_samples(samples)
    places = find(bound.call, low, high, device=device) if bound.breaks is None else bound.breaks
    breaks = examine(bound.call, [x for x in places if low <= x <= high], dtype=dtype, device=device)

    x = _grid(low, high, samples, dtype)
    for at in breaks:
        near = np.searchsorted(x, [at.x - _CLOSE * max(1.0, abs(at.x)), at.x + _CLOSE * max(1.0, abs(at.x))], "left")
        x = np.delete(x, slice(*near))
    y, dy = (values.astype(np.float64) for values in derivatives(bound.call, x, dtype=dtype, device=device))

    cuts, rows = [], []
    for at in breaks:
        middle = (at.x, np.nan if at.jumps else at.y_at, np.nan)
        sides = [(at.x, at.y_left, at.dy_left)] * (at.x > low), [(at.x, at.y_right, at.dy_right)] * (at.x < high)
        here = [*sides[0], middle, *sides[1]]
        cuts += [int(np.searchsorted(x, at.x))] * len(here)
        rows += here
    if rows:
        x, y, dy = (np.insert(old, cuts, new) for old, new in zip((x, y, dy), zip(*rows, strict=True), strict=True))
    return Curve(bound, (low, high), samples, dtype, str(find_device(device)), x, y, dy, breaks)


# Points this near a break, relative to its size, are the break itself: there rounding decides which side they see.
_CLOSE = 1e-12


def _grid(low: float, high: float, samples: int, dtype: str) -> Floats:
    """Evenly spaced points, as numbers of ``dtype``."""
    x = np.linspace(low, high, samples)
    if check_dtype(dtype) == "float64":
        return x
    rounded = torch.from_numpy(x).to(getattr(torch, dtype)).to(torch.float64).numpy()
    return np.unique(rounded)
