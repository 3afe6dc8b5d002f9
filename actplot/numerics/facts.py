"""Facts of a function over the reals, computed: its image, extrema, roots, smoothness, and what it does to N(0, 1).

They come from values and autograd derivatives alone, so they hold at any parameter and for any function. What happens
beyond ``REACH`` is taken from the last decades before it. What was not established, since the search for breaks ended
early or time ran out, is None.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from statistics import NormalDist
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import tanhsinh
from scipy.optimize import minimize_scalar

from actplot.errors import FunctionFailed
from actplot.functions.registry import Function
from actplot.numerics.autograd import check_elementwise, derivatives
from actplot.numerics.breaks import Break, examine
from actplot.numerics.finder import BreakSearch, cost_of, find, find_by_decades, merged, scale_of

Floats = NDArray[np.float64]

# Breaks of functions that declare none, and of higher derivatives, are looked for on an even grid up to here, and by
# decades out to where float64 still tells neighbouring whole numbers apart.
DENSE = 50.0
FURTHEST = 1e15
# Extrema, roots and fixed points are looked for this far out.
REACH = 1e6
# Seconds of processor time after which the facts that are not known yet are left out.
SECONDS = 2.0
# What lies within these of each other is the same: values, and slopes that count as none.
_SAME, _FLAT = 1e-12, 1e-13
# Functions that take longer than this, in units of a common activation, are not searched for breaks by decades.
# Those that take longer than the second are not searched for breaks of the second derivative.
_MOST_COST_FAR, _MOST_COST = 15.0, 50.0
# A chord that is further from its slopes than this share of the values hides something; cells that are followed at once.
_CHORD, _OFF_MIDDLE, _MOST_REFINED = 1e-2, 0.4871, 400
# A function with more extrema, roots or fixed points than this has no end of them.
_ENDLESS = 24


class Bound(NamedTuple):
    """An end of an interval; infinite ones are not closed."""

    value: float
    closed: bool


class Extremum(NamedTuple):
    """A strict local extremum; ``kind`` is ``min`` or ``max``."""

    x: float
    y: float
    kind: str


class Gaussian(NamedTuple):
    """What becomes of inputs that follow N(0, 1): NaN or infinite where an integral does not exist, None where that was
    not established.

    ``gain`` is the factor that makes the second moment 1, ``dead_fraction`` the share of inputs with zero gradient.
    """

    mean: float | None
    second_moment: float | None
    gain: float | None
    dead_fraction: float | None


@dataclass(frozen=True)
class Properties:
    """The facts of one function at fixed parameters; what was not established is None.

    Attributes
    ----------
    breaks
        Where the function or its derivative breaks; None where there are too many to be told apart.
    breaks_searched
        The interval in which breaks are known: declared, or looked for.
    is_searched_whole
        Whether that is all of the domain, as far as float64 tells neighbouring whole numbers apart.
    low, high
        Ends of its image, the smallest interval that holds all its values.
    monotone
        ``increasing`` (nowhere falling), ``decreasing`` or ``no``.
    parity
        ``odd``, ``even`` or ``no``.
    smoothness
        ``jump``, ``C0``, ``C1``, ``C2`` by the first derivative that breaks, or ``smooth`` (none up to the third).
        None where no break was found, but not all of the domain could be searched.
    extrema
        Strict local ones, in ascending order.
    roots, fixed_points
        Isolated solutions of f(x) = 0 and f(x) = x.
    zero_on, fixed_on
        Intervals on which all points are solutions.
    searched
        The interval that extrema, roots and fixed points were looked for in.
    max_abs_slope
        The supremum of the slope's size where it exists.
    saturates
        ``left``, ``right``, ``both`` or ``no``: where the function tends to a finite limit.
    zero_centred
        Whether its mean under N(0, 1) is 0.
    """

    breaks: tuple[Break, ...] | None
    breaks_searched: tuple[float, float]
    is_searched_whole: bool
    low: Bound | None
    high: Bound | None
    monotone: str | None
    parity: str | None
    smoothness: str | None
    extrema: tuple[Extremum, ...] | None
    roots: tuple[float, ...] | None
    zero_on: tuple[tuple[float, float], ...] | None
    fixed_points: tuple[float, ...] | None
    fixed_on: tuple[tuple[float, float], ...] | None
    searched: tuple[float, float]
    max_abs_slope: float | None
    saturates: str | None
    zero_centred: bool | None
    gaussian: Gaussian


def properties(function: Function) -> Properties:
    """The facts of a function, within :data:`SECONDS` of processor time.

    Raises
    ------
    FunctionFailed
        If it raises, cannot be differentiated, has no value anywhere or mixes its points.
    """
    scan = _Scan(function, _unit_of(function))
    breaks_known = scan.search is not None
    infinite = [math.isinf(end) for end in function.domain]

    def ends_of(values: "Callable[[Floats], Floats]") -> "list[_End]":
        return [_end(values, side) if far else _NO_END for side, far in zip((-1.0, 1.0), infinite, strict=True)]

    ends = _known(lambda: ends_of(scan.at))
    slope_ends = _known(lambda: [end for end, far in zip(ends_of(scan.slope), infinite, strict=True) if far])
    extrema = _known(scan.extrema) if breaks_known else None
    roots = _known(lambda: scan.zeros(0.0)) if breaks_known else None
    fixed = _known(lambda: scan.zeros(1.0 / scan.unit)) if breaks_known else None
    image = _known(lambda: scan.image(extrema, ends)) if ends is not None else None
    searched = max(-REACH, function.domain[0]), min(REACH, function.domain[1])
    if max(len(each or ()) for each in (extrema, roots, fixed)) > _ENDLESS:
        searched = function.range
    low, high = image or (None, None)
    gaussian = _gaussian(scan) if breaks_known else Gaussian(None, None, None, None)
    limits = None if ends is None else (math.isfinite(ends[0].limit), math.isfinite(ends[1].limit))
    names = {(True, True): "both", (True, False): "left", (False, True): "right", (False, False): "no"}
    return Properties(
        breaks=scan.reported,
        breaks_searched=scan.search.searched if scan.search else function.range,
        is_searched_whole=scan.search is not None and scan.is_whole(scan.search),
        low=low,
        high=high,
        monotone=_known(scan.monotone),
        parity=_known(scan.parity),
        smoothness=scan.smoothness(),
        extrema=None if extrema is None else tuple(scan.extremum(x) for x in extrema if _inside_of(x.x, searched)),
        roots=_within(roots, searched),
        zero_on=scan.zero_on if breaks_known else None,
        fixed_points=_within(fixed, searched),
        fixed_on=scan.fixed_on if breaks_known else None,
        searched=searched,
        max_abs_slope=_known(lambda: scan.steepest(slope_ends or []))
        if breaks_known and slope_ends is not None
        else None,
        saturates=None if limits is None else names[limits],
        zero_centred=None if gaussian.mean is None else abs(gaussian.mean) <= 1e-9 * scan.unit,
        gaussian=gaussian,
    )


_T = TypeVar("_T")


class _OutOfTime(Exception):
    """Raised by an evaluation after the time for the facts is over."""


def _known(fact: Callable[[], _T]) -> _T | None:
    """A fact, or None where time ran out before it was established."""
    try:
        return fact()
    except _OutOfTime:
        return None


def _unit_of(function: Function) -> float:
    """A power of two near the size of a function that stays small in its range, else 1.

    Facts are computed of the function over its unit, so that tolerances mean the same for every function; a power of
    two changes no digit.
    """
    sizes = np.abs(np.array(derivatives(function.call, np.linspace(*function.range, 201))))
    largest = float(np.max(sizes, where=np.isfinite(sizes), initial=0.0))
    return 2.0 ** round(math.log2(largest)) if 0 < largest < 2**-10 else 1.0


def _inside_of(x: float, searched: tuple[float, float]) -> bool:
    return searched[0] <= x <= searched[1]


def _within(points: Sequence[float] | None, searched: tuple[float, float]) -> tuple[float, ...] | None:
    return None if points is None else tuple(x for x in points if _inside_of(x, searched))


class _Scan:
    """A function over its unit, on a grid that is dense where functions happen and reaches far out."""

    def __init__(self, function: Function, unit: float) -> None:
        self.unit = unit
        self._function = function
        self._deadline = time.thread_time() + SECONDS
        domain = function.domain
        low, high = max(domain[0], min(function.range[0], -DENSE)), min(domain[1], max(function.range[1], DENSE))
        if function.breaks is None:
            check_elementwise(function.call, np.linspace(*function.range, 50))
        self.search = self._search(0, low, high)
        places = self.search.places if self.search else ()
        scale = 1.0 if function.breaks is not None else scale_of(function.call, *function.range)
        # The breaks of the function itself, and of the function over its unit.
        self.reported = examine(function.call, places, scale=scale) if self.search else None
        self.breaks = self.reported or ()
        if unit != 1:
            self.breaks = tuple(at.over(unit) for at in self.breaks)
        self._higher = [self._search(derivative, low, high) for derivative in (1, 2)] if self.search else [None, None]
        curvature = merged(places, self._higher[0].places if self._higher[0] else ())
        self._pieces = list(zip((-math.inf, *curvature), (*curvature, math.inf), strict=True))
        self._sample(places, low, high)
        # Where one side has no values nothing jumps: the domain ends.
        self._inner = [at for at in self.breaks if math.isnan(at.y_left) == math.isnan(at.y_right)]
        self._inner = [at for at in self._inner if domain[0] < at.x < domain[1]]
        ends = np.array([end for end in domain if math.isfinite(end)])
        self._ends = list(zip(ends.tolist(), self.at(ends).tolist(), strict=True)) if ends.size else []
        self._look_at_pieces()

    def _sample(self, places: Sequence[float], low: float, high: float) -> None:
        """The grid, with values and slopes: even where functions happen, by decades far out, and beside each break."""
        domain = self._function.domain
        far, near = np.geomspace(DENSE, REACH, 600), np.geomspace(1e-9, DENSE, 600)
        x = np.concatenate(
            [np.linspace(low, high, 30_001), np.linspace(*self._function.range, 5001), far, -far, near, -near]
        )
        # Next to each break, and never on it.
        beside = [place + side * 1e-9 * max(1.0, abs(place)) for place in places for side in (-1, 1)]
        x = np.unique(np.concatenate([x, beside, [0.0]]).round(12))
        self.x = x[~np.isin(x, places) & (x >= domain[0]) & (x <= domain[1])]
        self.y, self.dy = self.both(self.x)
        self._busy = DENSE  # how far from 0 the function does more than its ends say
        # Points where a chord contradicts the slopes at its ends: there the function does more than the grid shows.
        for _ in range(40):
            width = np.diff(self.x)
            size = np.maximum(1.0, np.maximum(np.abs(self.y[:-1]), np.abs(self.y[1:])))
            with np.errstate(all="ignore"):
                rise = np.diff(self.y)
                off = np.abs(rise - width * (self.dy[:-1] + self.dy[1:]) / 2) > _CHORD * size
            off &= np.isfinite(rise) & (width > 1e-9 * np.maximum(1.0, np.abs(self.x[:-1])))
            off &= np.searchsorted(places, self.x[:-1]) == np.searchsorted(places, self.x[1:])
            if not 0 < off.sum() <= _MOST_REFINED:
                break
            between = (self.x[:-1] + _OFF_MIDDLE * width)[off]
            self._busy = max(self._busy, float(np.abs(between).max()))
            y, dy = self.both(between)
            at = np.flatnonzero(off) + 1
            self.x, self.y, self.dy = (
                np.insert(old, at, new) for old, new in zip((self.x, self.y, self.dy), (between, y, dy), strict=True)
            )
        if not np.isfinite(self.y).any():
            raise FunctionFailed(f"{self._function.title} has no finite value anywhere")
        self._edges = np.searchsorted(self.x, places)

    def _look_at_pieces(self) -> None:
        """The pieces between breaks on which the function is constant, zero or the identity.

        They are tried where nothing has underflown yet.
        """
        x = np.array([_points_in(piece) for piece in self._pieces])
        y, dy = (values.reshape(x.shape) for values in self.both(x.ravel()))
        constant = (dy == 0).all(axis=1) & (y == y[:, :1]).all(axis=1)
        zero = constant & (y == 0).all(axis=1)
        identity = (np.abs(self.unit * y - x) <= 4e-16 * np.maximum(1.0, np.abs(x))) & (
            np.abs(self.unit * dy - 1) <= 4e-16
        )
        self.constant = [piece for piece, holds in zip(self._pieces, constant, strict=True) if holds]
        self._levels = y[constant, x.shape[1] // 2].tolist()
        self.zero_on = tuple(piece for piece, holds in zip(self._pieces, zero, strict=True) if holds)
        self.fixed_on = tuple(piece for piece, holds in zip(self._pieces, identity.all(axis=1), strict=True) if holds)

    def both(self, x: Floats) -> tuple[Floats, Floats]:
        self._check_time()
        y, dy = (values / self.unit for values in derivatives(self._function.call, x))
        return y, np.where(np.isnan(y), np.nan, dy)

    def at(self, x: Floats) -> Floats:
        self._check_time()
        flat = derivatives(self._function.call, x.ravel(), order=0)[0]  # a function of the user's own may want one axis
        return np.asarray(flat.reshape(x.shape) / self.unit)

    def slope(self, x: Floats) -> Floats:
        return self.both(x)[1]

    def _check_time(self) -> None:
        # The grid and the pieces are always evaluated: without them nothing is known.
        if hasattr(self, "constant") and time.thread_time() > self._deadline:
            raise _OutOfTime

    def _search(self, derivative: int, low: float, high: float) -> BreakSearch | None:
        """Breaks of a derivative over the domain, declared or found; None where torch has none, or there are too many."""
        call, domain = self._function.call, self._function.domain
        is_declared = self._function.breaks is not None
        if derivative == 0 and self._function.breaks is not None:
            return BreakSearch(self._function.breaks, domain)
        if derivative == 2 and cost_of(call, derivative) > _MOST_COST:
            return BreakSearch((), (0.0, 0.0))
        try:
            search = find(call, low, high, derivative=derivative, work=2_000_000 if derivative == 0 else 500_000)
            is_partial = search.searched != (low, high)
            if search.too_many or (is_partial and len(search.places) > 1000):
                return None
            if is_declared:  # what is declared holds far out, too
                return BreakSearch(search.places, domain)
            if is_partial or cost_of(call, derivative) > _MOST_COST_FAR:
                return search
            sides = [
                find_by_decades(call, near, far, derivative=derivative)
                for near, far in ((low, max(domain[0], -FURTHEST)), (high, min(domain[1], FURTHEST)))
                if abs(far) > abs(near)
            ]
        except FunctionFailed:
            if derivative == 0:
                raise
            return None
        ends = [end for side in (search, *sides) for end in side.searched]
        return BreakSearch(merged(search.places, *(side.places for side in sides)), (min(ends), max(ends)))

    def smoothness(self) -> str | None:
        if self.search is None:
            return None
        if any(at.y_is_discontinuous for at in self._inner):
            return "jump"
        if self._inner:
            return "C0"
        if not self.is_whole(self.search):
            return None
        for name, search in zip(("C1", "C2"), self._higher, strict=True):
            known = {at.x for at in self.breaks}
            if search is None or not known.issuperset(search.places):  # where torch ends, so does what is known
                return name
            if not self.is_whole(search):
                return None
        return "smooth"

    def is_whole(self, search: BreakSearch) -> bool:
        """Whether a search went as far as there is anything to tell apart."""
        low, high = self._function.domain
        return search.searched[0] <= max(low, -FURTHEST) and search.searched[1] >= min(high, FURTHEST)

    def extremum(self, each: Extremum) -> Extremum:
        """An extremum in the function's own unit."""
        return each._replace(y=each.y * self.unit)

    def monotone(self) -> str:
        dy = self.dy[np.isfinite(self.dy)]
        rises = [step for at in self._inner for step in (at.y_at - at.y_left, at.y_right - at.y_at)]
        y = self.y[np.isfinite(self.y)]
        steps = np.diff(y) / np.maximum(1.0, np.abs(y[1:]))
        for name, sign in (("increasing", 1), ("decreasing", -1)):
            # Values far out show breaks that no search has found; they have rounding errors, which slopes have not.
            if (sign * dy >= -_SAME).all() and all(sign * step >= -_SAME for step in rises):
                return name if (sign * steps >= -1e-6).all() else "no"
        return "no"

    def parity(self) -> str:
        places = np.array([abs(at.x) for at in self.breaks])
        x = np.concatenate(
            [np.geomspace(1.1e-3, 29.7, 197), np.geomspace(30.0, REACH, 60), places, 1.1 * places, [0.0]]
        )
        there, mirrored = self.at(x), self.at(-x)
        with np.errstate(all="ignore"):
            for name, sign in (("even", 1), ("odd", -1)):
                if np.allclose(there, sign * mirrored, rtol=1e-9, atol=_SAME, equal_nan=True):
                    return name
        return "no"

    def _runs(self) -> list[slice]:
        """The grid between breaks."""
        edges = [0, *self._edges.tolist(), self.x.size]
        return [slice(start, stop) for start, stop in pairwise(edges) if stop - start > 1]

    def _crossings(self, g: Callable[[Floats], Floats], values: Floats, noise: Floats | float) -> list[float]:
        """Where ``g`` changes its sign between breaks; the middle, where it is 0 for a while."""
        lows, highs = [], []
        for run in self._runs():
            level = np.where(
                np.abs(values[run]) <= (noise[run] if isinstance(noise, np.ndarray) else noise), 0.0, values[run]
            )
            places = np.flatnonzero((level != 0) & np.isfinite(level))
            change = np.flatnonzero(np.sign(level[places[:-1]]) != np.sign(level[places[1:]]))
            lows += self.x[run][places[change]].tolist()
            highs += self.x[run][places[change + 1]].tolist()
        if not lows:
            return []
        low, high = np.array(lows), np.array(highs)
        rising = np.sign(g(high))
        sides = []
        for edge in (-1, 1):  # the last point before the zeros, and the first after them
            a, b = low.copy(), high.copy()
            for _ in range(80):
                middle = (a + b) / 2
                after = rising * g(middle) > 0 if edge > 0 else rising * g(middle) >= 0
                a, b = np.where(after, a, middle), np.where(after, middle, b)
            sides.append(b)
        middle = (sides[0] + sides[1]) / 2
        round_ones = np.round(middle, 12)
        better = np.abs(g(round_ones)) <= np.abs(g(middle))
        return [float(x) + 0.0 for x in np.where(better, round_ones, middle)]

    def _is_constant(self, x: float) -> bool:
        return any(low <= x <= high for low, high in self.constant)

    def extrema(self) -> list[Extremum]:
        found = []
        places = [x for x in self._crossings(self.slope, self.dy, _FLAT) if not self._is_constant(x)]
        if places:
            x = np.array(places)
            reach = 1e-4 * np.maximum(1e-3, np.abs(x))
            before, here, after = self.at(x - reach), self.at(x), self.at(x + reach)
            for place, y, side in zip(places, here, np.fmax(before, after) - here, strict=True):
                found.append(Extremum(place, _round(float(y)), "min" if side > 0 else "max"))
        for at in self.breaks:
            left = _sign(at.y_left - at.y_at) or -_sign(at.dy_left)  # whether the left side lies above
            right = _sign(at.y_right - at.y_at) or _sign(at.dy_right)
            if left == right != 0 and math.isfinite(at.y_at):
                found.append(Extremum(at.x, at.y_at, "min" if left > 0 else "max"))
        return sorted(found)

    def zeros(self, slope: float) -> list[float]:
        """The isolated solutions of f(x) = slope * x, for a slope of 0 or 1."""

        def g(x: Floats) -> Floats:
            return np.asarray(self.at(x) - slope * x)

        def rise(x: Floats) -> Floats:
            return np.asarray(self.slope(x) - slope)

        noise = 4e-16 * np.maximum(np.abs(self.y), np.abs(slope * self.x)) + 1e-15 * slope
        found = self._crossings(g, self.y - slope * self.x, np.nan_to_num(noise))
        touching = np.array(self._crossings(rise, self.dy - slope, _FLAT))
        if touching.size:
            found += touching[np.abs(g(touching)) <= _SAME * np.maximum(1.0, np.abs(touching))].tolist()
        found += [at.x for at in self.breaks if abs(at.y_at - slope * at.x) <= _SAME]
        found += [x for x, y in self._ends if abs(y - slope * x) <= _SAME]
        everywhere = self.fixed_on if slope else self.zero_on
        isolated = [x for x in found if not any(low <= x <= high for low, high in everywhere)]
        kept: list[float] = []
        for x in sorted(isolated):
            if not kept or x - kept[-1] > 1e-7 * max(1.0, abs(x)):
                kept.append(x)
        return kept

    def image(self, extrema: Sequence[Extremum] | None, ends: "Sequence[_End]") -> tuple[Bound, Bound] | None:
        if extrema is None:  # nothing is known between the ends
            low, high = min(end.low for end in ends), max(end.high for end in ends)
            return (Bound(low, False), Bound(high, False)) if low == -math.inf and high == math.inf else None
        attained = [each.y for each in extrema] + [at.y_at for at in self.breaks]
        attained += self._levels
        attained += [y for _, y in self._ends]
        attained = [value for value in attained if math.isfinite(value)]
        approached = [value for at in self.breaks for value in (at.y_left, at.y_right)]
        approached += [end.limit for end in ends] + [end.low for end in ends] + [end.high for end in ends]
        approached = [value for value in approached if not math.isnan(value)]
        everything = attained + approached
        if not everything:  # it swings without end, and no extremum was met
            everything = [float(np.nanmin(self.y)), float(np.nanmax(self.y))]
        return tuple(  # type: ignore[return-value]
            Bound(
                extreme * self.unit, math.isfinite(extreme) and any(abs(value - extreme) <= _SAME for value in attained)
            )
            for extreme in (min(everything), max(everything))
        )

    def steepest(self, ends: "Sequence[_End]") -> float | None:
        """The supremum of the slope's size, or None where the slope swings towards a break."""
        if any(
            math.isnan(getattr(at, f"dy_{side}")) and math.isfinite(self.at(np.array([at.x + step]))[0])
            for at in self.breaks
            for side, step in (("left", -1e-9 * max(1.0, abs(at.x))), ("right", 1e-9 * max(1.0, abs(at.x))))
        ):
            return None
        limits = [abs(value) for at in self.breaks for value in (at.dy_left, at.dy_right) if not math.isnan(value)]
        limits += [abs(value) for end in ends for value in (end.limit, end.low, end.high) if not math.isnan(value)]
        size = np.where(np.isfinite(self.dy), np.abs(self.dy), -1.0)
        furthest = 2 * max([self._busy, *(abs(at.x) for at in self.breaks)])
        size[np.abs(self.x) > furthest] = -1.0  # beyond, the ends say more than single points
        top = int(size.argmax())
        best = float(size[top])
        if 0 < top < self.x.size - 1:
            with np.errstate(all="ignore"):
                refined = minimize_scalar(
                    lambda x: -abs(float(self.slope(np.array([x]))[0])),
                    bounds=(self.x[top - 1], self.x[top + 1]),
                    method="bounded",
                    options={"xatol": 1e-12},
                )
            if math.isfinite(refined.fun):
                best = max(best, -float(refined.fun))
        return _round(max([best, *limits]) * self.unit)


def _sign(value: float) -> int:
    return 0 if not abs(value) > _SAME else 1 if value > 0 else -1


def _points_in(piece: tuple[float, float]) -> Floats:
    """Points in a piece between breaks: of an infinite one near its end, where nothing has underflown yet, and far out."""
    low, high = piece
    away = np.concatenate([np.geomspace(1e-3, 3.0, 25), np.geomspace(10.0, REACH, 40)])
    if math.isinf(low) and math.isinf(high):
        return np.concatenate([np.linspace(-3.1, 2.9, 25), -away[25::2], away[25::2]])
    if math.isinf(low):
        return np.asarray(high - away * max(1.0, 1e-9 * abs(high)))
    if math.isinf(high):
        return np.asarray(low + away * max(1.0, 1e-9 * abs(low)))
    return np.asarray(low + (high - low) * np.linspace(0.02, 0.98, away.size))


def _round(value: float) -> float:
    """A value without the rounding errors of its last digits, if that changes it by no more than they do."""
    if not math.isfinite(value):
        return value
    short = float(f"{value:.12g}")
    return short + 0.0 if abs(short - value) <= 4e-15 * max(1.0, abs(value)) else value


class _End(NamedTuple):
    """What a function does far out: the limit if there is one, else NaN; infinite bounds of what grows, else NaN."""

    limit: float
    low: float = math.nan
    high: float = math.nan


_NO_END = _End(math.nan)


def _end(values: Callable[[Floats], Floats], side: float) -> _End:
    """What the values do towards an infinity, from how their bounds change from decade to decade."""
    x = np.geomspace(1e2, 1e9, 7 * 61 + 1)[:-1].reshape(7, -1)
    with np.errstate(all="ignore"):
        y = values((side * x).ravel()).reshape(x.shape)
    y = y[~np.isnan(y).any(axis=1)]  # past the largest float there is nothing to see
    if len(y) == 0:
        return _End(math.nan)
    tops, bottoms = y.max(axis=1), y.min(axis=1)
    if not np.isfinite(y).all():
        high = math.inf if np.isposinf(tops[-1]) else math.nan
        low = -math.inf if np.isneginf(bottoms[-1]) else math.nan
    else:
        high = math.inf if _keeps_growing(tops) else math.nan
        low = -math.inf if _keeps_growing(-bottoms) else math.nan
    if not math.isnan(high) and (np.isinf(bottoms[-1]) or _keeps_growing(bottoms)):
        return _End(math.inf, low, high)
    if not math.isnan(low) and (np.isinf(tops[-1]) or _keeps_growing(-tops)):
        return _End(-math.inf, low, high)
    spread = tops - bottoms
    if (
        len(y) > 1
        and spread[-1] <= 1e-6 * max(1.0, abs(tops[-1]))
        and spread[-1] <= max(spread[-2], 1e-14 * max(1.0, abs(tops[-1])))
    ):
        # Of the decades the one that changes least: further out cancellation may leave only rounding errors.
        levels = values(side * np.geomspace(1e2, 1e15, 14))
        with np.errstate(all="ignore"):
            steps = np.abs(np.diff(levels))
        steps[~np.isfinite(steps)] = np.inf
        limit = float(levels[1:][::-1][steps[::-1].argmin()])
        limit = limit if math.isfinite(limit) else float(y[-1, -1])
        return _End(0.0 if abs(limit) < _SAME else _round(limit), low, high)
    return _End(math.nan, low, high)


def _keeps_growing(levels: Floats) -> bool:
    """Whether every decade adds about as much as the one before, or more."""
    with np.errstate(all="ignore"):
        added = np.diff(levels)[-4:]
        return bool(len(added) == 4 and (added > 1e-3).all() and (added[1:] > 0.5 * added[:-1]).all())


# Beyond this the density of N(0, 1) is 0 in float64.
_FURTHEST_NORMAL = 38.0
# Shares of an integral: what may be unsure of it, and what its outermost panels may hold of one that converges.
_UNSURE, _TAIL = 1e-10, 1e-10


def _gaussian(scan: _Scan) -> Gaussian:
    normal = NormalDist()
    dead = sum(normal.cdf(high) - normal.cdf(low) for low, high in scan.constant)
    mean, second = (_known(partial(_expectation, scan, power)) for power in (1, 2))
    mean = None if mean is None else mean * scan.unit
    second = None if second is None else second * scan.unit**2
    gain = None
    if second is not None:
        gain = 1 / math.sqrt(second) if math.isfinite(second) and second > 0 else math.nan
    return Gaussian(mean, second, gain, dead)


def _expectation(scan: _Scan, power: int) -> float | None:
    """The mean of a power of the function under N(0, 1): NaN where there is none, infinite where it diverges, or None.

    It is integrated between breaks. Panels that do not converge are halved; where that does not help beside a pole,
    or where the outermost panels hold a share of the whole, the integral diverges.
    """

    def integrand(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
            values = scan.at(x) ** power
            # What overflows has no density to hold it down; infinities of both signs must not meet.
            weighted = np.where(np.isinf(values), np.copysign(1e300, values), values * density)
            return np.asarray(np.where(density > 0, weighted, 0.0))

    inner = [x for piece in scan._pieces for x in piece if abs(x) < _FURTHEST_NORMAL]
    steps = [sign * x for x in (1, 2, 4, 8, 16, 27, _FURTHEST_NORMAL) for sign in (-1, 1)]
    edges = np.unique([*inner, 0.0, *steps])
    low, high = edges[:-1], edges[1:]
    done: list[Floats] = []
    for maxlevel in (10, *[6] * 11):
        with np.errstate(all="ignore"):
            result = tanhsinh(integrand, low, high, rtol=1e-13, atol=1e-15, maxlevel=maxlevel)
        panels = np.array([low, high, result.integral, result.error])
        converged = result.error <= 1e-12 * np.maximum(1.0, np.abs(result.integral))
        done.append(panels[:, converged])
        low, high = low[~converged], high[~converged]
        if not low.size or low.size > 2**14:
            break
        middle = (low + high) / 2
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    done.append(panels[:, ~converged])
    left, right, integral, error = np.concatenate(done, axis=1)
    size = float(np.nansum(np.abs(integral)))
    unsure = ~(error <= _UNSURE * max(1.0, size))
    # Signs of what grows without bound: beside a pole those of the limits, as of the function's power.
    grows = [(right, at.x, at.y_left) for at in scan.breaks] + [(left, at.x, at.y_right) for at in scan.breaks]
    beside = [np.isin(ends, place) & unsure if math.isinf(limit) else unsure & False for ends, place, limit in grows]
    diverging = np.array(
        [math.copysign(1.0, limit) ** power for (*_, limit), at in zip(grows, beside, strict=True) if at.any()]
    )
    integral = np.where(np.any([unsure & False, *beside], axis=0), 0.0, integral)
    if np.isnan(integral).any():
        return math.nan
    total, size = float(np.sum(integral)), float(np.sum(np.abs(integral)))
    outermost = integral[np.maximum(np.abs(left), np.abs(right)) > 27.0]
    if math.isinf(total) or (np.abs(outermost) > _TAIL * max(1e-300, size)).any():
        diverging = np.concatenate([diverging, outermost[np.abs(outermost) > 0]])
    if diverging.size:
        signs = {math.copysign(1.0, value) for value in diverging}
        return math.nan if len(signs) > 1 else signs.pop() * math.inf
    if error[unsure].sum() > 1e-9 * max(1.0, abs(total)):
        return None
    return _round(total) if abs(total) > 1e-15 else 0.0
