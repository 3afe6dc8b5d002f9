"""Curves: a function and its derivative, sampled along a range and cut where a line must not be drawn."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from actplot.errors import Argument, FunctionFailed
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, Function
from actplot.functions.source import function as function_of
from actplot.numerics.autograd import check_elementwise, derivatives, find_device
from actplot.numerics.breaks import Break, examine
from actplot.numerics.finder import BreakSearch, find, merged, scale_of
from actplot.options import SAMPLES, check_at, check_dtype, check_order, check_range, check_samples
from actplot.text import number

if TYPE_CHECKING:
    import torch
    from numpy.typing import ArrayLike
else:
    from actplot.functions import _torch as torch

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


class Envelope(NamedTuple):
    """Least and greatest values in narrow columns of x, where a curve changes too fast to be drawn as a line.

    Attributes
    ----------
    edges
        The ends of all columns, ascending, shape (n + 1,).
    low, high
        For the function and each derivative, shape (order + 1, n); NaN in columns where the line is drawn.
    """

    edges: Floats
    low: Floats
    high: Floats


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
    envelope
        Where the samples cannot show what the function does, what it covers; else None.
    too_many_breaks
        Whether there are so many breaks that none is told apart and ``breaks`` is empty.
    is_searched_whole
        Whether all of the range was searched for breaks, however fast the function moves.
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
    envelope: Envelope | None = None
    too_many_breaks: bool = False
    is_searched_whole: bool = True

    @property
    def has_few_breaks(self) -> bool:
        """Whether breaks are few enough for dots and asymptotes to be told apart in a panel of 700 pixels."""
        return not self.too_many_breaks and len(self.breaks) <= 50

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
    search = _breaks_within(bound, low, high, check_order(order), device)
    scale = 1.0 if bound.breaks is not None else scale_of(bound.call, low, high, device)
    breaks = examine(bound.call, search.places, order=order, scale=scale, **settings)

    x = np.union1d(x, _rounded(_approaches(x, breaks), dtype))
    if order < 2:  # else they are breaks
        x = np.union1d(x, [kink for kink in _dy_kinks(bound, low, high, device) if low < kink < high])
    for each in breaks:
        close = _CLOSE * max(1.0, abs(each.x))
        x = np.delete(x, slice(*np.searchsorted(x, [each.x - close, each.x + close], "left")))
    columns = _columns(bound, x, order, settings)
    x, columns, envelope = _resolved(bound, x, columns, breaks, settings, search.too_many, (low, high), samples)
    x, columns = _with_rows_at(breaks, x, columns, (low, high))
    y, dy, *more = columns
    return Curve(
        function=bound,
        range=(low, high),
        samples=samples,
        order=order,
        dtype=dtype,
        device=str(find_device(device)),
        x=x,
        y=y,
        dy=dy,
        d2y=more[0] if more else None,
        breaks=breaks,
        points=_points(bound, at, order, settings),
        envelope=envelope,
        too_many_breaks=search.too_many,
        is_searched_whole=search.searched == (low, high),
    )


def _breaks_within(function: Function, low: float, high: float, order: int, device: str) -> BreakSearch:
    """The breaks of a function in a range, declared or found; with order 2 those of its second derivative too."""
    if function.breaks is None:
        search = find(function.call, low, high, device=device)
        if search.searched != (low, high) and len(search.places) > 100:  # these are but the first of many
            return BreakSearch((), search.searched, too_many=True)
    else:
        search = BreakSearch(tuple(x for x in function.breaks if low <= x <= high), (low, high))
    if order < 2 or search.too_many:
        return search
    higher = find(function.call, low, high, derivative=1, device=device)
    return BreakSearch(merged(search.places, higher.places), search.searched)


def _columns(function: Function, x: Floats, order: int, settings: Any) -> list[Floats]:
    """Values and derivatives at the samples, in float64; a derivative only where there is a value."""
    columns = [values.astype(np.float64) for values in derivatives(function.call, x, order=max(order, 1), **settings)]
    if function.breaks is None and x.size and not any(np.isfinite(columns[0])):
        what = "NaN" if np.isnan(columns[0]).all() else "infinite"
        raise FunctionFailed(
            f"{function.title} is {what} everywhere from {number(x[0])} to {number(x[-1])}",
            f"try another {Argument('range')}",
        )
    for derivative in columns[1:]:  # log(x) has a finite slope for x < 0, but no value
        derivative[np.isnan(columns[0])] = np.nan
    return columns


def _with_rows_at(
    breaks: Sequence[Break], x: Floats, columns: list[Floats], range: tuple[float, float]
) -> tuple[Floats, list[Floats]]:
    """The samples with three rows at each break: limit, gap or value, limit."""
    low, high = range
    cuts: list[int] = []
    rows: list[tuple[float, ...]] = []
    names = ("y", "dy", "d2y")[: len(columns)]
    for each in breaks:
        gaps = (
            np.cumsum([each.y_is_discontinuous, each.dy_is_discontinuous, each.d2y_is_discontinuous][: len(columns)])
            > 0
        )
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
    return x, columns


# A chord may miss what the slopes at its ends say by this share of the curve's height.
_TOLERANCE, _BULGE = 2e-3, 0.02
# Samples below this number are meant to be coarse; points that are added to show what the samples miss.
_COARSE, _MOST_ADDED = 50, 100_000
# Columns of an envelope, and points looked at in each: a panel is 700 pixels wide.
_COLUMNS, _PER_COLUMN = 1400, 64
_GOLDEN = (3 - 5**0.5) / 2


def _resolved(
    function: Function,
    x: Floats,
    columns: list[Floats],
    breaks: Sequence[Break],
    settings: Any,
    too_many_breaks: bool,
    range: tuple[float, float],
    samples: int,
) -> tuple[Floats, list[Floats], Envelope | None]:
    """Samples with points between them where the curve moves faster, and an envelope where no number of them suffices.

    A chord that contradicts the slopes at its ends betrays such a place; a point between tells whether the chord or
    the slopes are to be believed.
    """
    order = len(columns) - 1
    edges = np.linspace(*range, _COLUMNS + 1)
    if too_many_breaks:
        return x, columns, _envelope(function, edges, np.ones(_COLUMNS, dtype=bool), order, settings)
    if samples < _COARSE or settings["dtype"] not in ("float64", "float32"):
        return x, columns, None
    added, open_cells = _points_between(function, x, columns, breaks, settings)
    if not added.size:
        return x, columns, None
    envelope = None
    if open_cells.size:
        left, right = open_cells
        first, last = np.searchsorted(edges, left, "right") - 1, np.searchsorted(edges, right, "left")
        covered = np.zeros(_COLUMNS + 1, dtype=int)
        np.add.at(covered, first.clip(0, _COLUMNS), 1)
        np.add.at(covered, last.clip(0, _COLUMNS), -1)
        hidden = np.cumsum(covered)[:-1] > 0
        envelope = _envelope(function, edges, hidden, order, settings)
        added = added[~hidden[(np.searchsorted(edges, added, "right") - 1).clip(0, _COLUMNS - 1)]]
    more = _columns(function, added, order, settings) if added.size else [added] * len(columns)
    places = np.searchsorted(x, added)
    x, *columns = (np.insert(old, places, new) for old, new in zip((x, *columns), (added, *more), strict=True))
    return x, columns, envelope


def _points_between(
    function: Function, x: Floats, columns: list[Floats], breaks: Sequence[Break], settings: Any
) -> tuple[Floats, Floats]:
    """Points that show what the samples miss, ascending, and the cells, as (2, n), that are still not resolved."""
    y, dy = columns[:2]
    low, high = _window(y, breaks)
    size = max(high - low, 1e-9 * max(abs(low), abs(high)))
    crossed = np.searchsorted([each.x for each in breaks], x)
    cells = np.array([x[:-1], x[1:], y[:-1], y[1:], dy[:-1], dy[1:]])[:, crossed[:-1] == crossed[1:]]
    added: list[Floats] = []
    while True:
        left, right, y_left, y_right, dy_left, dy_right = cells
        width = right - left
        with np.errstate(all="ignore"):
            rise = y_right - y_left
            off = np.abs(rise - width * (dy_left + dy_right) / 2)
            in_sight = (np.maximum(y_left, y_right) >= low) & (np.minimum(y_left, y_right) <= high)
            # Around an extremum the slopes cancel; their difference says how far the curve bulges out from its chord.
            bulge = width * np.abs(dy_right - dy_left) / 8
        active = (
            ((off > _TOLERANCE * size) | (bulge > _BULGE * size))
            & in_sight
            & np.isfinite(off)
            & (width > 1e-12 * np.maximum(1.0, abs(left)))
        )
        cells = cells[:, active]
        if not active.any() or sum(map(len, added)) + cells.shape[1] > _MOST_ADDED:
            break
        left, right, y_left, y_right, dy_left, dy_right = cells
        middle = left + _GOLDEN * (right - left)
        y_middle, dy_middle = _columns(function, middle, 1, settings)
        if not added:  # samples that all fall on zeros say nothing of the height
            low, high = _window(np.concatenate([y, y_middle]), breaks)
            size = max(high - low, size)
        with np.errstate(all="ignore"):
            missed = ~(np.abs(y_middle - y_left - _GOLDEN * (y_right - y_left)) <= _TOLERANCE * size)
            # A second place, since one in some hundred points lies on the chord by chance.
            other = left + 2 * _GOLDEN * (right - left)
            y_other = _columns(function, other, 1, settings)[0]
            missed |= ~(np.abs(y_other - y_left - 2 * _GOLDEN * (y_right - y_left)) <= _TOLERANCE * size)
        added.append(middle[missed])
        before, after = cells[:, missed], cells[:, missed]
        before[1::2] = after[0::2] = np.array([middle, y_middle, dy_middle])[:, missed]
        cells = np.concatenate([before, after], axis=1)
    points = np.unique(np.concatenate([*added, np.array([])]))
    return points, cells[:2]


def _window(y: Floats, breaks: Sequence[Break]) -> tuple[float, float]:
    """What of the values a panel shows: all of them, without what leaves towards a pole."""
    y = y[np.isfinite(y)]
    if not y.size:
        return 0.0, 0.0
    if any(np.isinf([each.y_left, each.y_right]).any() for each in breaks):
        low, middle, high = np.quantile(y, [0.1, 0.5, 0.9])
        edge = 0.4 * (high - low)  # as the limits of a panel are chosen
        return float(middle - 1.6 * (middle - low) - edge), float(middle + 1.6 * (high - middle) + edge)
    return float(y.min()), float(y.max())


def _envelope(function: Function, edges: Floats, shown: NDArray[np.bool_], order: int, settings: Any) -> Envelope:
    """Least and greatest values in the columns that are ``shown``."""
    width = np.diff(edges)[shown]
    shares = (np.arange(_PER_COLUMN) + 0.5) / _PER_COLUMN
    x = edges[:-1][shown, None] + (shares + np.sin(1e3 * np.arange(shares.size)) / (3 * _PER_COLUMN)) * width[:, None]
    values = np.array(_columns(function, x.ravel(), order, settings)).reshape(-1, *x.shape)
    values[~np.isfinite(values)] = np.nan
    low, high = np.full((2, len(values), shown.size), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column without any value
        low[:, shown], high[:, shown] = np.nanmin(values, axis=2), np.nanmax(values, axis=2)
    return Envelope(edges, low, high)


def _dy_kinks(function: Function, low: float, high: float, device: str) -> tuple[float, ...]:
    """Points on the grid so that a kink of the derivative is not cut off: those declared, or found."""
    if function.breaks is not None:
        return function.dy_kinks
    try:
        return find(function.call, low, high, derivative=1, device=device).places
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
