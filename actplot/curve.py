"""Curves: a function and its derivative, sampled along a range and cut where a line must not be drawn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from actplot.breaks import Break, examine, find, merged
from actplot.catalog import CATALOG
from actplot.compute import check_elementwise, derivatives, find_device
from actplot.errors import FunctionFailed
from actplot.options import SAMPLES, check_at, check_dtype, check_order, check_range, check_samples
from actplot.registry import Activation, Function
from actplot.source import function as function_of
from actplot.text import number

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


class Point(NamedTuple):
    """A point that was asked for: what torch returns there. ``d2y`` is NaN below order 2."""

    x: float
    y: float
    dy: float
    d2y: float


@dataclass(frozen=True, eq=False)
class Curve:
    """A sampled function and its derivatives.

    Attributes
    ----------
    function
        The function with its parameters.
    range
        The ends of x.
    samples
        The number of points asked for.
    order
        The number of derivatives to show: 0, 1 or 2.
    dtype, device
        What torch computed in and on.
    x, y, dy, d2y
        Arrays of shape (n,) in float64, x ascending; ``d2y`` is None below order 2. Around a break three rows share
        its x: the limit from the left, a gap, the limit from the right; the gap is NaN in each derivative that jumps
        there, and in ``y`` where the function itself jumps. Where the function is not defined, all are NaN.
    breaks
        The breaks within the range, its ends included; with order 2 those of the second derivative too.
    points
        The points asked for by ``at``.
    """

    function: Function
    range: tuple[float, float]
    samples: int
    order: int
    dtype: str
    device: str
    x: Floats
    y: Floats
    dy: Floats
    d2y: Floats | None
    breaks: tuple[Break, ...]
    points: tuple[Point, ...] = ()

    @property
    def undefined(self) -> float:
        """The share of the range, from 0 to 1, on which the function has no value."""
        low, high = self.range
        ends = [low, *(at.x for at in self.breaks), high]
        missing = 0.0
        for left, right in pairwise(ends):
            inside = self.y[(self.x > left) & (self.x < right)]
            if inside.size and np.isnan(inside).all():
                missing += right - left
        return missing / (high - low)

    @property
    def segments(self) -> Iterator[Segment]:
        """The stretches between the breaks."""
        last = self.dy if self.d2y is None else self.d2y
        gaps = np.flatnonzero(np.isin(self.x, [b.x for b in self.breaks]) & np.isnan(last))
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
        A name of the catalog, an entry of it, an expression in x, or a callable that turns a tensor into one of the
        same shape.
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
    call = _function(function, parameters).call
    return derivatives(call, x, order=check_order(order), dtype=dtype, device=device)


def _function(source: Source, parameters: dict[str, float]) -> Function:
    return function_of(source, parameters) if isinstance(source, str) else CATALOG.function(source, **parameters)


def sample(
    function: Source,
    *,
    range: tuple[float, float] | None = None,
    samples: int = SAMPLES,
    order: int = 1,
    at: Sequence[float] = (),
    dtype: str = "float64",
    device: str = "cpu",
    **parameters: float,
) -> Curve:
    """A function and its derivatives along a range, cut at its breaks.

    Parameters
    ----------
    function, dtype, device, **parameters
        As for :func:`evaluate`.
    range
        The ends of x; by default the range that shows what the function does.
    samples
        The number of evenly spaced points, from 2 to 10,000,000. Those that fall on a break are replaced by its
        one-sided limits; those that ``dtype`` cannot tell apart are one.
    order
        Derivatives to show: 0, 1 or 2.
    at
        Points within the range to mark.

    Raises
    ------
    As :func:`evaluate`, and BadValue for a range, points or a number of samples that are not allowed, and
    FunctionFailed for a callable that has no finite value in the range or mixes its points.

    Examples
    --------
    >>> curve = sample("relu", range=(-1, 1), samples=4)
    >>> curve.dy.tolist()
    [0.0, 0.0, 0.0, nan, 1.0, 1.0, 1.0]
    """
    bound = _function(function, parameters)
    low, high = check_range(*(range or bound.range), dtype)
    bound.check_domain(low, high)
    check_samples(samples)
    check_at(at, (low, high))
    settings: Any = dict(dtype=dtype, device=device)
    x = _rounded(np.linspace(low, high, samples), dtype)
    if bound.breaks is None:
        check_elementwise(bound.call, x)
    places = find(bound.call, low, high, device=device) if bound.breaks is None else bound.breaks
    if check_order(order) == 2:
        places = merged(places, find(bound.call, low, high, derivative=1, device=device))
    breaks = examine(bound.call, [x for x in places if low <= x <= high], order=order, **settings)

    x = np.union1d(x, _rounded(_approaches(x, breaks), dtype))
    if order < 2:  # else they are breaks
        x = np.union1d(x, [corner for corner in _corners(bound, low, high, device) if low < corner < high])
    for each in breaks:
        close = _CLOSE * max(1.0, abs(each.x))
        x = np.delete(x, slice(*np.searchsorted(x, [each.x - close, each.x + close], "left")))
    computed = derivatives(bound.call, x, order=max(order, 1), **settings)
    columns = [values.astype(np.float64) for values in computed]
    if bound.breaks is None and not any(np.isfinite(columns[0])):
        what = "NaN" if np.isnan(columns[0]).all() else "infinite"
        raise FunctionFailed(
            f"{bound.title} is {what} everywhere from {number(low)} to {number(high)}", "try another --range"
        )
    for derivative in columns[1:]:  # log(x) has a finite slope for x < 0, but no value
        derivative[np.isnan(columns[0])] = np.nan

    cuts: list[int] = []
    rows: list[tuple[float, ...]] = []
    names = ("y", "dy", "d2y")[: len(columns)]
    for each in breaks:
        gaps = np.cumsum([each.jumps, each.bends, each.twists][: len(columns)]) > 0
        middle = (np.nan if gap else getattr(each, f"{name}_at") for name, gap in zip(names, gaps, strict=True))
        here = [(each.x, *middle)]
        if each.x > low:
            here.insert(0, (each.x, *(getattr(each, f"{name}_left") for name in names)))
        if each.x < high:
            here.append((each.x, *(getattr(each, f"{name}_right") for name in names)))
        cuts += [int(np.searchsorted(x, each.x))] * len(here)
        rows += here
    if rows:
        x, *columns = (
            np.insert(old, cuts, new) for old, new in zip((x, *columns), zip(*rows, strict=True), strict=True)
        )
    points = _points(bound, at, order, settings)
    y, dy, *more = columns
    d2y = more[0] if more else None
    return Curve(bound, (low, high), samples, order, dtype, str(find_device(device)), x, y, dy, d2y, breaks, points)


def _corners(function: Function, low: float, high: float, device: str) -> tuple[float, ...]:
    """Points on the grid so that a corner of the derivative is not cut off: those declared, or found."""
    if function.breaks is not None:
        return function.corners
    try:
        return find(function.call, low, high, derivative=1, device=device)
    except FunctionFailed:  # torch has no second derivative
        return ()


def _points(function: Function, at: Sequence[float], order: int, settings: Any) -> tuple[Point, ...]:
    if not at:
        return ()
    y, dy, *more = (
        values.astype(np.float64) for values in derivatives(function.call, at, order=max(order, 1), **settings)
    )
    d2y = more[0] if more else np.full(len(at), np.nan)
    dy[np.isnan(y)] = d2y[np.isnan(y)] = np.nan  # log(-1) has no value, whatever autograd says of its slope
    return tuple(Point(*map(float, numbers)) for numbers in zip(at, y, dy, d2y, strict=True))


# Points this near a break, relative to its size, are the break itself: there rounding decides which side they see.
_CLOSE = 1e-12


def _rounded(x: Floats, dtype: str) -> Floats:
    """The points as numbers of ``dtype``."""
    if check_dtype(dtype) == "float64":
        return x
    rounded = torch.from_numpy(x).to(getattr(torch, dtype)).to(torch.float64).numpy()
    return np.unique(rounded)


def _approaches(x: Floats, breaks: Sequence[Break]) -> Floats:
    """Points ever closer to each pole, between it and its neighbours on the grid, so that the curve is seen to leave."""
    nearer = []
    for each in breaks:
        before, after = np.searchsorted(x, each.x, "left") - 1, np.searchsorted(x, each.x, "right")
        if np.isinf(each.y_left) and before >= 0:
            nearer.append(each.x - (each.x - x[before]) * _HALVINGS)
        if np.isinf(each.y_right) and after < x.size:
            nearer.append(each.x + (x[after] - each.x) * _HALVINGS)
    return np.concatenate([np.array([]), *nearer])


_HALVINGS = 0.5 ** np.arange(1.0, 36.0)
