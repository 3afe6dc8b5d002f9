"""Curves: a function and its derivative, sampled along a range and cut where a line must not be drawn."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from actplot.errors import Argument, BadValue, FunctionFailed, did_you_mean
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, Function
from actplot.functions.source import function as function_of
from actplot.numerics.autograd import check_elementwise, derivatives, differentiated, find_device
from actplot.numerics.breaks import Break, examine
from actplot.numerics.finder import BreakSearch, find, merged
from actplot.numerics.refinement import Envelope, refine, whole_envelope
from actplot.numerics.thinning import Evenly, thinned
from actplot.numerics.window import QUANTILES, window_beside_poles
from actplot.options import (
    MAX_WHOLE,
    SAMPLES,
    check_at,
    check_dtype,
    check_order,
    check_range,
    check_samples,
    check_xscale,
)
from actplot.text import Text, number

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


@dataclass(frozen=True, eq=False, repr=False)
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
    html, png
        How notebooks show a curve, given it, as a page and as a picture; None where nobody has said.
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

    html: ClassVar[Callable[["Curve"], str] | None] = None
    png: ClassVar[Callable[["Curve"], tuple[bytes, dict[str, int]]] | None] = None

    def __repr__(self) -> str:
        low, high = map(number, self.range)
        more = "" if self.order == 1 else f", order={self.order}"
        return f"<Curve of {self.function.label} from {low} to {high}, {self.x.size} points{more}>"

    def _repr_html_(self) -> str | None:
        """What a notebook shows, if the package has said how."""
        show = type(self).html
        return None if show is None else show(self)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        """What it shows where a page cannot be shown."""
        show = type(self).png
        return None if show is None else show(self)

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
    call = bound(function, parameters).call
    return derivatives(call, x, order=check_order(order), dtype=dtype, device=device)


def bound(source: Source, parameters: dict[str, float]) -> Function:
    """A function with its parameters."""
    return function_of(source, parameters) if isinstance(source, str) else CATALOG.function(source, **parameters)


def check_sources(sources: Sequence[Curve | Source], how: Mapping[str, object], others: Iterable[str] = ()) -> None:
    """Raises :class:`BadValue` where curves are to be sampled anew: ``how`` is for sources that are none yet.

    ``others`` are keywords that may have been meant.
    """
    if how and any(isinstance(source, Curve) for source in sources):
        name = next(iter(how))
        raise BadValue(
            Text(f"{name} has no meaning for a curve that is sampled already", f"{name} 对已经取样的曲线没有意义"),
            did_you_mean(name, others, Text("give it to actplot.sample", "请把它给 actplot.sample")),
        )


def check_same_order(curves: Sequence[Curve]) -> None:
    """Raises :class:`BadValue` for curves of different orders."""
    if any(curve.order != curves[0].order for curve in curves):
        raise BadValue(
            Text("curves of different orders do not fit into one figure", "阶数不同的曲线不能画在同一张图里"),
            Text("sample them with the same order", "请用相同的 order 取样"),
        )


# The keywords of :func:`sample` beside the parameters of the function.
SAMPLING = frozenset({"range", "samples", "order", "at", "dtype", "device", "xscale"})


def sample(
    function: Source,
    *,
    range: tuple[float, float] | None = None,
    samples: int = SAMPLES,
    order: int = 1,
    at: Sequence[float] = (),
    dtype: str = "float64",
    device: str = "cpu",
    xscale: str = "linear",
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
        The number of evenly spaced points, from 2 to 1,000,000,000. Those that fall on a break are replaced by its
        one-sided limits; those that ``dtype`` cannot tell apart are one. Of more than 10,000,000 all are computed, and
        those kept that show in a picture: see :mod:`actplot.numerics.thinning`.
    order
        Derivatives to show: 0, 1 or 2.
    at
        Points within the range to mark.
    xscale
        The scale on which the points are evenly spaced: "linear", "log" or "symlog".

    Returns
    -------
    Curve
        Its arrays hold the samples, the limits at breaks, and points between where the curve moves faster than the
        samples can show: those are added from 50 samples on in float64 and float32.

    Raises
    ------
    UnknownFunction, BadValue
        As :func:`evaluate`, and for a range, points or a number of samples that are not allowed.
    FunctionFailed
        If a callable raises, cannot be differentiated, has no finite value in the range or mixes its points.
    NoDevice
        If this machine does not have the device.

    Examples
    --------
    >>> curve = sample("relu", range=(-1, 1), samples=4)
    >>> curve.dy.tolist()
    [0.0, 0.0, 0.0, nan, 1.0, 1.0, 1.0]
    >>> [(at.x, at.dy_left, at.dy_right, at.dy_at) for at in curve.breaks]
    [(0.0, 0.0, 1.0, 0.0)]
    """
    source, dtype = bound(function, parameters), check_dtype(dtype)
    ends = check_range(*(range or source.range), dtype)
    source.check_domain(*ends)
    check_samples(samples)
    check_at(at, ends)
    check_xscale(xscale, ends)
    return CurveSampler(source, ends, samples, check_order(order), tuple(at), dtype, device, xscale).curve()


# Fewer samples are meant to be coarse.
_COARSE = 50
# Points this near a break, relative to its size, are the break itself: there rounding decides which side they see.
_CLOSE = 1e-12
# A search that was not whole and found more breaks than this found but the first of many.
_FIRST_OF_MANY = 100
# Distances from a pole to its neighbour on the grid at which the curve is seen to leave, as shares of it.
_HALVINGS = 0.5 ** np.arange(1.0, 36.0)


@dataclass(frozen=True)
class CurveSampler:
    """A function in a range, in a dtype and on a device: the steps of :func:`sample`."""

    function: Function
    range: tuple[float, float]
    samples: int
    order: int
    at: tuple[float, ...]
    dtype: str
    device: str
    xscale: str = "linear"

    def curve(self) -> Curve:
        """All of them, one after the other."""
        if self.function.breaks is None:
            check_elementwise(self.function.call, np.array(self.range))
        search = self.search()
        breaks = self.examine(search)
        if self.samples > MAX_WHOLE:
            x, columns, envelope = self.thinned(breaks, too_many_breaks=search.too_many)
        else:
            x = self.grid(self.evenly(), breaks)
            x, columns, envelope = self.refine(x, self.columns(x), breaks, too_many_breaks=search.too_many)
        return self.made_of(x, columns, search, breaks, envelope)

    def made_of(
        self,
        x: Floats,
        columns: list[Floats],
        search: BreakSearch,
        breaks: tuple[Break, ...],
        envelope: Envelope | None,
    ) -> Curve:
        """The curve of these samples: points between breaks, with values and derivatives at them."""
        x, (y, dy, *more) = with_rows_at(breaks, x, columns, self.range)
        return Curve(
            function=self.function,
            range=self.range,
            samples=self.samples,
            order=self.order,
            dtype=self.dtype,
            device=str(find_device(self.device)),
            x=x,
            y=y,
            dy=dy,
            d2y=more[0] if more else None,
            breaks=breaks,
            points=self.points(),
            envelope=envelope,
            too_many_breaks=search.too_many,
            is_searched_whole=search.searched == self.range,
        )

    def evenly(self) -> Floats:
        """The samples that were asked for."""
        return self._spaced(partial(_rounded, dtype=self.dtype)).points(0, self.samples)

    def _spaced(self, rounded: Callable[[Floats], Floats]) -> Evenly:
        return Evenly(*self.range, self.samples, rounded, self.xscale)

    def refine(
        self, x: Floats, columns: list[Floats], breaks: Sequence[Break], *, too_many_breaks: bool
    ) -> tuple[Floats, list[Floats], Envelope | None]:
        """The samples and more where they miss something, and an envelope where no number of them suffices."""
        if too_many_breaks:
            return x, columns, whole_envelope(self.evaluate, self.range, len(columns) - 1)
        if self.samples < _COARSE or self.dtype not in ("float64", "float32"):
            return x, columns, None
        window, places = partial(_window, breaks=breaks), [each.x for each in breaks]
        return refine(self.evaluate, x, columns, window, places, self.range)

    def thinned(
        self, breaks: Sequence[Break], *, too_many_breaks: bool
    ) -> tuple[Floats, list[Floats], Envelope | None]:
        """The samples that show of so many that they are not held at once.

        They are so dense that no points are added between them.
        """
        evenly = self._spaced(partial(_to_type, dtype=self.dtype))
        places = np.array([each.x for each in breaks])
        close, order = _CLOSE * np.maximum(1.0, np.abs(places)), max(self.order, 1)
        x, columns = thinned(evenly, partial(self.evaluate, order=order), places, close)
        self.check_values(x, columns[0])
        near = np.setdiff1d(self.grid(evenly.near(places.tolist()), breaks), x)
        if near.size:
            where, more = np.searchsorted(x, near), self.evaluate(near, order)
            x, *columns = (np.insert(old, where, new) for old, new in zip((x, *columns), (near, *more), strict=True))
        envelope = whole_envelope(self.evaluate, self.range, order) if too_many_breaks else None
        return x, columns, envelope

    def evaluate(self, x: Floats, order: int) -> list[Floats]:
        """Values and derivatives up to ``order``, in float64; a derivative only where there is a value."""
        points = torch.from_numpy(x).to(find_device(self.device), getattr(torch, self.dtype))
        computed = differentiated(self.function.call, points, order)
        # With force, since autograd may answer with a tensor that only stands for zeros and has no memory.
        y, *rest = (values.to("cpu", torch.float64).contiguous().numpy(force=True) for values in computed)
        if np.isnan(y.min(initial=0.0)):  # log(x) has a finite slope for x < 0, but no value
            rest = [np.where(np.isnan(y), np.nan, derivative) for derivative in rest]
        return [y, *rest]

    def columns(self, x: Floats) -> list[Floats]:
        """What a curve holds of the samples: values and at least the first derivative."""
        columns = self.evaluate(x, max(self.order, 1))
        self.check_values(x, columns[0])
        return columns

    def check_values(self, x: Floats, y: Floats) -> None:
        """Raises :class:`FunctionFailed` where a function of the user's own has no finite value at all."""
        if self.function.breaks is None and x.size and not np.isfinite(y).any():
            what = Text("NaN", "NaN") if np.isnan(y).all() else Text("infinite", "无穷")
            title, low, high = self.function.title, number(x[0]), number(x[-1])
            raise FunctionFailed(
                Text(
                    f"{title} is {what.en} everywhere from {low} to {high}",
                    f"{title} 在 {low} 到 {high} 上处处为 {what.zh}",
                ),
                Text(f"try another {Argument('range')}", f"请换一个 {Argument('range')}"),
            )

    def search(self) -> BreakSearch:
        """The breaks in the range, declared or found; with order 2 those of the second derivative too."""
        call, (low, high) = self.function.call, self.range
        if self.function.breaks is None:
            search = find(call, low, high, device=self.device)
            if search.searched != self.range and len(search.places) > _FIRST_OF_MANY:
                return BreakSearch((), search.searched, too_many=True)
        else:
            search = BreakSearch(tuple(x for x in self.function.breaks if low <= x <= high), self.range)
        if self.order < 2 or search.too_many:
            return search
        higher = find(call, low, high, derivative=1, device=self.device)
        return replace(search, places=merged(search.places, higher.places))

    def examine(self, search: BreakSearch) -> tuple[Break, ...]:
        """The breaks that a search has found, with their limits."""
        settings: Any = dict(order=self.order, dtype=self.dtype, device=self.device)
        return examine(self.function.call, search.places, scale=search.scale, **settings)

    def grid(self, evenly: Floats, breaks: Sequence[Break]) -> Floats:
        """Samples and points that lead up to poles and hit kinks of the derivative, without those that are breaks."""
        low, high = self.range
        x = np.union1d(evenly, _rounded(_approaches(evenly, breaks), self.dtype))
        if self.order < 2:  # else they are breaks
            x = np.union1d(x, [place for place in self._dy_kinks() if low < place < high])
        for each in breaks:
            close = _CLOSE * max(1.0, abs(each.x))
            x = np.delete(x, slice(*np.searchsorted(x, [each.x - close, each.x + close], "left")))
        return x

    def _dy_kinks(self) -> tuple[float, ...]:
        """Points on the grid so that a kink of the derivative is not cut off: those declared, or found."""
        if self.function.breaks is not None:
            return self.function.dy_kinks
        try:
            return find(self.function.call, *self.range, derivative=1, device=self.device).places
        except FunctionFailed:  # torch has no second derivative
            return ()

    def points(self) -> tuple[Point, ...]:
        """What torch returns at the points that are to be marked."""
        if not self.at:
            return ()
        y, dy, *more = self.evaluate(np.array(self.at, dtype=np.float64), max(self.order, 1))
        d2y = more[0] if more else np.full(len(self.at), np.nan)
        return tuple(Point(*map(float, numbers)) for numbers in zip(self.at, y, dy, d2y, strict=True))


def with_rows_at(
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


def _window(y: Floats, breaks: Sequence[Break]) -> tuple[float, float]:
    """What of the values a panel shows: all of them, without what leaves towards a pole."""
    y = y[np.isfinite(y)]
    if not y.size:
        return 0.0, 0.0
    if any(np.isinf([each.y_left, each.y_right]).any() for each in breaks):
        return window_beside_poles(*np.quantile(y, QUANTILES))
    return float(y.min()), float(y.max())


def _rounded(x: Floats, dtype: str) -> Floats:
    """The points as numbers of ``dtype``, each once."""
    return x if check_dtype(dtype) == "float64" else np.unique(_to_type(x, dtype))


def _to_type(x: Floats, dtype: str) -> Floats:
    """The points as numbers of ``dtype``."""
    if check_dtype(dtype) == "float64":
        return x
    rounded: Floats = torch.from_numpy(x).to(getattr(torch, dtype)).to(torch.float64).numpy()
    return rounded


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
