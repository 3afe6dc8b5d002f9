"""Facts of a function over the reals, computed: its image, extrema, roots, smoothness, and what it does to N(0, 1).

They come from values and autograd derivatives alone, so they hold at any parameter and for any function. What happens
beyond ``REACH`` is taken from the last decades before it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import tanhsinh
from scipy.optimize import minimize_scalar

from actplot.breaks import Break, examine, find, merged
from actplot.compute import check_elementwise, derivatives
from actplot.errors import FunctionFailed
from actplot.registry import Function

Floats = NDArray[np.float64]

# Breaks of functions that declare none, and of higher derivatives, are looked for this far out.
DENSE = 50.0
REACH = 1e6
# What lies within these of each other is the same: values, and slopes that count as none.
_SAME, _FLAT = 1e-12, 1e-13
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
    """What becomes of inputs that follow N(0, 1); NaN or infinite where an integral does not exist.

    ``gain`` is the factor that makes the second moment 1, ``dead_fraction`` the share of inputs with zero gradient.
    """

    mean: float
    second_moment: float
    gain: float
    dead_fraction: float


@dataclass(frozen=True)
class Properties:
    """The facts of one function at fixed parameters.

    Attributes
    ----------
    breaks
        Where the function or its derivative breaks.
    low, high
        Ends of its image, the smallest interval that holds all its values.
    monotone
        ``increasing`` (nowhere falling), ``decreasing`` or ``no``.
    parity
        ``odd``, ``even`` or ``no``.
    smoothness
        ``jump``, ``C0``, ``C1``, ``C2`` by the first derivative that breaks, or ``smooth`` (none up to the third).
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

    breaks: tuple[Break, ...]
    low: Bound
    high: Bound
    monotone: str
    parity: str
    smoothness: str
    extrema: tuple[Extremum, ...]
    roots: tuple[float, ...]
    zero_on: tuple[tuple[float, float], ...]
    fixed_points: tuple[float, ...]
    fixed_on: tuple[tuple[float, float], ...]
    searched: tuple[float, float]
    max_abs_slope: float
    saturates: str
    zero_centred: bool
    gaussian: Gaussian


def properties(function: Function) -> Properties:
    """The facts of a function.

    Raises
    ------
    FunctionFailed
        If it raises, cannot be differentiated, has no value anywhere or mixes its points.
    """
    scan = _Scan(function)
    infinite = [math.isinf(end) for end in function.domain]
    left, right = (_end(scan.at, side) if far else _NO_END for side, far in zip((-1.0, 1.0), infinite, strict=True))
    slope_ends = [_end(scan.slope, side) for side, far in zip((-1.0, 1.0), infinite, strict=True) if far]
    extrema, roots, fixed = scan.extrema(), scan.zeros(0.0), scan.zeros(1.0)
    low, high = scan.image(extrema, (left, right))
    searched = max(-REACH, function.domain[0]), min(REACH, function.domain[1])
    if max(len(extrema), len(roots), len(fixed)) > _ENDLESS:
        searched = function.range
    gaussian = _gaussian(scan)
    limits = (math.isfinite(left.limit), math.isfinite(right.limit))
    return Properties(
        breaks=scan.breaks,
        low=low,
        high=high,
        monotone=scan.monotone(),
        parity=scan.parity(),
        smoothness=scan.smoothness(),
        extrema=tuple(each for each in extrema if searched[0] <= each.x <= searched[1]),
        roots=_within(roots, searched),
        zero_on=scan.zero_on,
        fixed_points=_within(fixed, searched),
        fixed_on=scan.fixed_on,
        searched=searched,
        max_abs_slope=scan.steepest(slope_ends),
        saturates={(True, True): "both", (True, False): "left", (False, True): "right", (False, False): "no"}[limits],
        zero_centred=abs(gaussian.mean) <= 1e-9,
        gaussian=gaussian,
    )


def _within(points: Sequence[float], searched: tuple[float, float]) -> tuple[float, ...]:
    return tuple(x for x in points if searched[0] <= x <= searched[1])


class _Scan:
    """A function on a grid that is dense where functions happen and reaches far out."""

    def __init__(self, function: Function) -> None:
        self._call = function.call
        domain = function.domain
        low, high = max(domain[0], min(function.range[0], -DENSE)), min(domain[1], max(function.range[1], DENSE))
        if function.breaks is None:
            check_elementwise(function.call, np.linspace(*function.range, 50))
        places = find(function.call, low, high) if function.breaks is None else function.breaks
        self.breaks = examine(function.call, places)
        self._higher = [self._breaks_of(derivative, low, high) for derivative in (1, 2)]
        curvature = merged(places, self._higher[0] or ())
        self._pieces = list(zip((-math.inf, *curvature), (*curvature, math.inf), strict=True))

        far, near = np.geomspace(DENSE, REACH, 600), np.geomspace(1e-9, DENSE, 600)
        x = np.concatenate([np.linspace(low, high, 30_001), np.linspace(*function.range, 5001), far, -far, near, -near])
        # Next to each break, and never on it.
        beside = [place + side * 1e-9 * max(1.0, abs(place)) for place in places for side in (-1, 1)]
        x = np.unique(np.concatenate([x, beside, [0.0]]).round(12))
        self.x = x[~np.isin(x, places) & (x >= domain[0]) & (x <= domain[1])]
        self.y, self.dy = self.both(self.x)
        if not np.isfinite(self.y).any():
            raise FunctionFailed(f"{function.title} has no finite value anywhere")
        self._edges = np.searchsorted(self.x, places)
        # Where one side has no values nothing jumps: the domain ends.
        self._inner = [at for at in self.breaks if math.isnan(at.y_left) == math.isnan(at.y_right)]
        self._inner = [at for at in self._inner if domain[0] < at.x < domain[1]]
        ends = np.array([end for end in domain if math.isfinite(end)])
        self._ends = list(zip(ends.tolist(), self.at(ends).tolist(), strict=True)) if ends.size else []

        self.constant = [piece for piece in self._pieces if self._all(piece, lambda x, y, dy: dy == 0)]
        self.zero_on = tuple(piece for piece in self.constant if self._all(piece, lambda x, y, dy: y == 0))
        is_identity = [piece for piece in self._pieces if self._all(piece, _equals_x)]
        self.fixed_on = tuple(is_identity)

    def both(self, x: Floats) -> tuple[Floats, Floats]:
        y, dy = derivatives(self._call, x)
        return y, np.where(np.isnan(y), np.nan, dy)

    def at(self, x: Floats) -> Floats:
        return derivatives(self._call, x, order=0)[0]

    def slope(self, x: Floats) -> Floats:
        return self.both(x)[1]

    def _breaks_of(self, derivative: int, low: float, high: float) -> tuple[float, ...] | None:
        """Breaks of a higher derivative, or None where torch has none."""
        try:
            return find(self._call, low, high, derivative=derivative)
        except FunctionFailed:
            return None

    def _all(self, piece: tuple[float, float], holds: Callable[[Floats, Floats, Floats], NDArray[np.bool_]]) -> bool:
        """Whether something holds all over a piece between breaks: tried where nothing has underflown yet."""
        low, high = piece
        if math.isinf(low) and math.isinf(high):
            x = np.linspace(-3.1, 2.9, 25)
        elif math.isinf(low):
            x = high - np.geomspace(1e-3, 3.0, 25)
        elif math.isinf(high):
            x = low + np.geomspace(1e-3, 3.0, 25)
        else:
            x = low + (high - low) * np.linspace(0.02, 0.98, 25)
        return bool(holds(x, *self.both(x)).all())

    def smoothness(self) -> str:
        if any(at.jumps for at in self._inner):
            return "jump"
        if self._inner:
            return "C0"
        for name, places in zip(("C1", "C2"), self._higher, strict=True):
            known = {at.x for at in self.breaks}
            if places is None or not known.issuperset(places):  # where torch ends, so does what is known
                return name
        return "smooth"

    def monotone(self) -> str:
        dy = self.dy[np.isfinite(self.dy)]
        rises = [step for at in self._inner for step in (at.y_at - at.y_left, at.y_right - at.y_at)]
        if (dy >= -_SAME).all() and all(step >= -_SAME for step in rises):
            return "increasing"
        if (dy <= _SAME).all() and all(step <= _SAME for step in rises):
            return "decreasing"
        return "no"

    def parity(self) -> str:
        x = np.concatenate([np.geomspace(1.1e-3, 29.7, 197), [abs(at.x) for at in self.breaks], [0.0]])
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

    def image(self, extrema: Sequence[Extremum], ends: "Sequence[_End]") -> tuple[Bound, Bound]:
        attained = [each.y for each in extrema] + [at.y_at for at in self.breaks]
        attained += [float(self.at(np.array([_inside(piece)]))[0]) for piece in self.constant]
        attained += [y for _, y in self._ends]
        attained = [value for value in attained if math.isfinite(value)]
        approached = [value for at in self.breaks for value in (at.y_left, at.y_right)]
        approached += [end.limit for end in ends] + [end.low for end in ends] + [end.high for end in ends]
        approached = [value for value in approached if not math.isnan(value)]
        everything = attained + approached
        if not everything:  # it swings without end, and no extremum was met
            everything = [float(np.nanmin(self.y)), float(np.nanmax(self.y))]
        return tuple(  # type: ignore[return-value]
            Bound(extreme, math.isfinite(extreme) and any(abs(value - extreme) <= _SAME for value in attained))
            for extreme in (min(everything), max(everything))
        )

    def steepest(self, ends: "Sequence[_End]") -> float:
        """The supremum of the slope's size."""
        limits = [abs(value) for at in self.breaks for value in (at.dy_left, at.dy_right) if not math.isnan(value)]
        limits += [abs(value) for end in ends for value in (end.limit, end.low, end.high) if not math.isnan(value)]
        size = np.where(np.isfinite(self.dy), np.abs(self.dy), -1.0)
        size[np.abs(self.x) > DENSE] = -1.0  # further out the ends say more than single points
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
        return _round(max([best, *limits]))


def _equals_x(x: Floats, y: Floats, dy: Floats) -> NDArray[np.bool_]:
    return (np.abs(y - x) <= 4e-16 * np.abs(x)) & (np.abs(dy - 1) <= 4e-16)


def _sign(value: float) -> int:
    return 0 if not abs(value) > _SAME else 1 if value > 0 else -1


def _inside(piece: tuple[float, float]) -> float:
    low, high = piece
    if math.isinf(low):
        return 0.0 if math.isinf(high) else high - 1.0
    return low + 1.0 if math.isinf(high) else (low + high) / 2


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
    if len(y) > 1 and spread[-1] <= 1e-6 * max(1.0, abs(tops[-1])) and spread[-1] <= spread[-2]:
        furthest = float(values(np.array([side * 1e15]))[0])
        limit = furthest if math.isfinite(furthest) else float(y[-1, -1])
        return _End(0.0 if abs(limit) < _SAME else _round(limit), low, high)
    return _End(math.nan, low, high)


def _keeps_growing(levels: Floats) -> bool:
    """Whether every decade adds about as much as the one before, or more."""
    with np.errstate(all="ignore"):
        added = np.diff(levels)[-4:]
        return bool(len(added) == 4 and (added > 1e-3).all() and (added[1:] > 0.5 * added[:-1]).all())


# Beyond this the density of N(0, 1) is 0 in float64.
_FURTHEST = 38.0


def _gaussian(scan: _Scan) -> Gaussian:
    normal = NormalDist()
    dead = sum(normal.cdf(high) - normal.cdf(low) for low, high in scan.constant)
    mean, second = _expectation(scan, 1), _expectation(scan, 2)
    gain = 1 / math.sqrt(second) if math.isfinite(second) and second > 0 else math.nan
    return Gaussian(mean, second, gain, dead)


def _expectation(scan: _Scan, power: int) -> float:
    """The mean of a power of the function under N(0, 1), or NaN where there is none."""

    def integrand(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
            return np.asarray(np.where(density > 0, scan.at(x) ** power * density, 0.0))

    inner = [x for piece in scan._pieces for x in piece if abs(x) < _FURTHEST]
    edges = np.unique([*inner, 0.0, *(sign * x for x in (1, 2, 4, 8, 16, _FURTHEST) for sign in (-1, 1))])
    with np.errstate(all="ignore"):
        result = tanhsinh(integrand, edges[:-1], edges[1:], rtol=1e-13, atol=1e-15, maxlevel=10)
    total, error = float(np.sum(result.integral)), float(np.sum(result.error))
    if not math.isfinite(total) or error > 1e-9 * max(1.0, abs(total)):
        return math.nan
    return _round(total) if abs(total) > 1e-15 else 0.0
