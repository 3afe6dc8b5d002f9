"""Facts of a function over the reals, computed: its image, extrema, roots, smoothness, and what it does to N(0, 1).

They come from values and autograd derivatives alone, so they hold at any parameter and for any function. What happens
beyond :data:`actplot.numerics.scan.REACH` is taken from the last decades before it. What was not established, since the
search for breaks ended early or time ran out, is None.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from actplot.functions.registry import Function
from actplot.numerics.breaks import Break
from actplot.numerics.cells import halvings_at_once, with_middles
from actplot.numerics.moments import Pole, expectation
from actplot.numerics.scan import REACH, SAME, Interval, OutOfTime, Scan
from actplot.numerics.tails import NO_TAIL, Tail, rounded, tail

Floats = NDArray[np.float64]

# Seconds of processor time after which the facts that are not known yet are left out.
SECONDS = 2.0
# Slopes up to this, over the unit of the function, count as none.
_FLAT = 1e-13
# The step down, over the size of the values, that rounding errors do not explain.
_FALL = 1e-6
# The relative difference up to which values at x and -x are the same.
_MIRRORED = 1e-9
# Rounding errors of a value, over its size, and of the line it is compared with: what is smaller counts as 0.
_ROUNDING, _ROUNDING_OF_LINE = 4e-16, 1e-15
# Halvings that narrow any cell of the grid to neighbouring floats, and digits that a solution keeps if it is one with
# those alone.
_HALVINGS, _DIGITS = 80, 12
# Distance from an extremum, over the size of x, at which values tell a minimum from a maximum, and the least size of x.
_ASIDE, _LEAST_X = 1e-4, 1e-3
# Distance, over the size of x, up to which two solutions are one.
_ONE_SOLUTION = 1e-7
# Distance from a break, over the size of x, at which a side has values or none.
_BESIDE = 1e-9
# The tolerance of x for the steepest place between two points of the grid.
_STEEPEST = 1e-12
# A function with more extrema, roots or fixed points than this has no end of them.
_ENDLESS = 24
# A mean up to this, over the unit of the function, is 0.
_CENTRED = 1e-9


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
    """What becomes of inputs that follow N(0, 1).

    Numbers are NaN or infinite where an integral does not exist, None where that was not established.

    Attributes
    ----------
    mean
        The mean of the function's values.
    second_moment
        The mean of their squares.
    gain
        The factor that makes the second moment 1; NaN where that is 0 or infinite.
    dead_fraction
        The share of inputs with zero gradient, from 0 to 1.
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
        By what breaks first: ``jump`` (or a pole), ``hole`` (a value at a point other than its limit, or none), ``C0``,
        ``C1``, ``C2`` by the first derivative that breaks, or ``smooth`` (none up to the third). None where no break
        was found, but not all of the domain could be searched.
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
    breaks_searched: Interval
    is_searched_whole: bool
    low: Bound | None
    high: Bound | None
    monotone: str | None
    parity: str | None
    smoothness: str | None
    extrema: tuple[Extremum, ...] | None
    roots: tuple[float, ...] | None
    zero_on: tuple[Interval, ...] | None
    fixed_points: tuple[float, ...] | None
    fixed_on: tuple[Interval, ...] | None
    searched: Interval
    max_abs_slope: float | None
    saturates: str | None
    zero_centred: bool | None
    gaussian: Gaussian


_T = TypeVar("_T")
_SIDES = {(True, True): "both", (True, False): "left", (False, True): "right", (False, False): "no"}


def properties(function: Function) -> Properties:
    """The facts of a function, within :data:`SECONDS` of processor time.

    Raises
    ------
    FunctionFailed
        If it raises, cannot be differentiated, has no value anywhere or mixes its points.

    Examples
    --------
    >>> from actplot import CATALOG
    >>> found = properties(CATALOG["silu"].bind())
    >>> found.monotone, found.smoothness, round(found.low.value, 6)
    ('no', 'smooth', -0.278465)
    """
    scan = Scan(function, SECONDS)
    has_breaks = scan.search is not None  # without them nothing is known of what lies between
    tails = _known(partial(_tails, scan, scan.at))
    slope_tails = _known(partial(_tails, scan, scan.slope))
    level = _known(partial(_places_of_slope, scan, 0.0)) if has_breaks else None
    extrema = None if level is None else _known(partial(_extrema, scan, level))
    roots = None if level is None else _known(partial(_solutions, scan, 0.0, level))
    fixed_points = _known(partial(_fixed_points, scan)) if has_breaks else None
    searched = max(-REACH, function.domain[0]), min(REACH, function.domain[1])
    if max(len(each or ()) for each in (extrema, roots, fixed_points)) > _ENDLESS:
        searched = function.range
    low, high = (None, None) if tails is None else _image(scan, extrema, tails)
    gaussian = _gaussian(scan) if has_breaks else Gaussian(None, None, None, None)
    return Properties(
        breaks=scan.reported,
        breaks_searched=scan.search.searched if scan.search else function.range,
        is_searched_whole=scan.search is not None and scan.is_whole(scan.search),
        low=low,
        high=high,
        monotone=_known(partial(_monotone, scan)),
        parity=_known(partial(_parity, scan)),
        smoothness=_smoothness(scan),
        extrema=_extrema_within(searched, extrema, scan.unit),
        roots=_within(searched, roots),
        zero_on=scan.zero_on if has_breaks else None,
        fixed_points=_within(searched, fixed_points),
        fixed_on=scan.fixed_on if has_breaks else None,
        searched=searched,
        max_abs_slope=_known(partial(_steepest, scan, slope_tails)) if has_breaks and slope_tails else None,
        saturates=None if tails is None else _SIDES[math.isfinite(tails[0].limit), math.isfinite(tails[1].limit)],
        zero_centred=None if gaussian.mean is None else abs(gaussian.mean) <= _CENTRED * scan.unit,
        gaussian=gaussian,
    )


def _known(fact: Callable[[], _T]) -> _T | None:
    """A fact, or None where time ran out before it was established."""
    try:
        return fact()
    except OutOfTime:
        return None


def _extrema_within(searched: Interval, extrema: Sequence[Extremum] | None, unit: float) -> tuple[Extremum, ...] | None:
    """Those of the function itself that lie in an interval."""
    if extrema is None:
        return None
    return tuple(each._replace(y=each.y * unit) for each in extrema if searched[0] <= each.x <= searched[1])


def _within(searched: Interval, points: Sequence[float] | None) -> tuple[float, ...] | None:
    return None if points is None else tuple(x for x in points if searched[0] <= x <= searched[1])


# Shape


def _smoothness(scan: Scan) -> str | None:
    if scan.search is None:
        return None
    if any(at.y_is_discontinuous and not at.is_removable for at in scan.inner):
        return "jump"
    if any(at.is_removable for at in scan.inner):
        return "hole"
    if scan.inner:
        return "C0"
    if not scan.is_whole(scan.search):
        return None
    for name, search in zip(("C1", "C2"), scan.higher, strict=True):
        if search is None or not set(scan.places).issuperset(search.places):  # where torch ends, so does what is known
            return name
        if not scan.is_whole(search):
            return None
    return "smooth"


def _monotone(scan: Scan) -> str:
    dy = scan.dy[np.isfinite(scan.dy)]
    steps = [step for at in scan.inner for step in (at.y_at - at.y_left, at.y_right - at.y_at)]
    y = scan.y[np.isfinite(scan.y)]
    rises = np.diff(y) / np.maximum(1.0, np.abs(y[1:]))
    for name, sign in (("increasing", 1), ("decreasing", -1)):
        # Values far out show breaks that no search has found; they have rounding errors, which slopes have not.
        if (sign * dy >= -SAME).all() and all(sign * step >= -SAME for step in steps):
            return name if (sign * rises >= -_FALL).all() else "no"
    return "no"


def _parity(scan: Scan) -> str:
    places = np.array([abs(at.x) for at in scan.breaks])
    # At no round numbers, and where the breaks are.
    x = np.concatenate([np.geomspace(1.1e-3, 29.7, 197), np.geomspace(30.0, REACH, 60), places, 1.1 * places, [0.0]])
    there, mirrored = scan.at(x), scan.at(-x)
    with np.errstate(all="ignore"):
        for name, sign in (("even", 1), ("odd", -1)):
            if np.allclose(there, sign * mirrored, rtol=_MIRRORED, atol=SAME, equal_nan=True):
                return name
    return "no"


# Solutions


def _crossings(scan: Scan, function: Callable[[Floats], Floats], values: Floats, noise: Floats | float) -> list[float]:
    """Where a function changes its sign between breaks; the middle, where it is 0 for a while.

    Parameters
    ----------
    function, values
        The function, of points of any shape, and its values on the grid.
    noise
        Values up to this size count as 0.
    """
    level = np.where(np.abs(values) <= noise, 0.0, values)
    lows, highs = [], []
    for run in scan.runs:
        places = run.start + np.flatnonzero((level[run] != 0) & np.isfinite(level[run]))
        change = np.flatnonzero(np.sign(level[places[:-1]]) != np.sign(level[places[1:]]))
        lows.append(scan.x[places[change]])
        highs.append(scan.x[places[change + 1]])
    low, high = np.concatenate([[], *lows]), np.concatenate([[], *highs])
    if not low.size:
        return []
    rising = np.tile(np.sign(function(high)), 2)
    # Both ends of a stretch of zeros are looked for at once: first those on the low side, then the others.
    is_first = np.arange(rising.size) < low.size

    def is_after(x: Floats) -> NDArray[np.bool_]:
        values = rising * function(x)
        return np.asarray(np.where(is_first, values >= 0, values > 0))

    ends = _bisect(is_after, np.tile(low, 2), np.tile(high, 2))
    middle = (ends[is_first] + ends[~is_first]) / 2
    short = np.round(middle, _DIGITS)
    is_better = np.abs(function(short)) <= np.abs(function(middle))
    return [float(x) + 0.0 for x in np.where(is_better, short, middle)]


def _bisect(holds: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    """The floats from which on a condition holds, which it does at ``high`` and not at ``low``.

    SciPy's ``find_root`` stops at any zero of a stretch of zeros, of which the ends are wanted here. It is asked for
    all points that the next few halvings may come to, shape (m, n).
    """
    columns = np.arange(low.size)
    ahead = halvings_at_once(low.size)
    for _ in range(_HALVINGS // ahead):
        points = with_middles(np.array([low, high]), lambda a, b: (a + b) / 2, ahead)
        is_after = holds(points[1:-1])
        at, step = np.zeros(low.size, dtype=int), len(points) - 1
        while step > 1:
            step //= 2
            at = np.where(is_after[at + step - 1, columns], at, at + step)
        low, high = points[at, columns], points[at + 1, columns]
    return high


def _places_of_slope(scan: Scan, slope: float) -> list[float]:
    """Where the slope comes to be more, or less, than this."""
    return _crossings(scan, lambda x: np.asarray(scan.slope(x) - slope), scan.dy - slope, _FLAT)


def _extrema(scan: Scan, level: Sequence[float]) -> list[Extremum]:
    """Strict local extrema over the unit, in ascending order: where the slope changes its sign, and at breaks."""
    found = []
    places = [x for x in level if not scan.is_constant_at(x)]
    if places:
        x = np.array(places)
        aside = _ASIDE * np.maximum(_LEAST_X, np.abs(x))
        before, here, after = scan.at(x - aside), scan.at(x), scan.at(x + aside)
        for place, y, side in zip(places, here, np.fmax(before, after) - here, strict=True):
            found.append(Extremum(place, rounded(float(y)), "min" if side > 0 else "max"))
    for at in scan.breaks:
        left = _sign(at.y_left - at.y_at) or -_sign(at.dy_left)  # whether the left side lies above
        right = _sign(at.y_right - at.y_at) or _sign(at.dy_right)
        if left == right != 0 and math.isfinite(at.y_at):
            found.append(Extremum(at.x, at.y_at, "min" if left > 0 else "max"))
    return sorted(found)


def _sign(value: float) -> int:
    """The sign of a number; 0 of what is as small as a rounding error, and of NaN."""
    return 0 if not abs(value) > SAME else 1 if value > 0 else -1


def _fixed_points(scan: Scan) -> list[float]:
    """The isolated solutions of f(x) = x."""
    slope = 1.0 / scan.unit
    return _solutions(scan, slope, _places_of_slope(scan, slope))


def _solutions(scan: Scan, slope: float, parallel: Sequence[float]) -> list[float]:
    """The isolated solutions of f(x) = slope * x, f being over its unit and the slope 0 or the inverse of the unit.

    ``parallel`` are the places of that slope, at which the curve may touch the line.
    """

    def distance(x: Floats) -> Floats:
        return np.asarray(scan.at(x) - slope * x)

    noise = _ROUNDING * np.maximum(np.abs(scan.y), np.abs(slope * scan.x)) + _ROUNDING_OF_LINE * slope
    found = _crossings(scan, distance, scan.y - slope * scan.x, np.nan_to_num(noise))
    touching = np.array(parallel)
    if touching.size:
        found += touching[np.abs(distance(touching)) <= SAME * np.maximum(1.0, np.abs(touching))].tolist()
    found += [at.x for at in scan.breaks if abs(at.y_at - slope * at.x) <= SAME]
    found += [x for x, y in scan.domain_ends if abs(y - slope * x) <= SAME]
    everywhere = scan.fixed_on if slope else scan.zero_on
    kept: list[float] = []
    for x in sorted(x for x in found if not any(low <= x <= high for low, high in everywhere)):
        if not kept or x - kept[-1] > _ONE_SOLUTION * max(1.0, abs(x)):
            kept.append(x)
    return kept


# Bounds


def _tails(scan: Scan, values: Callable[[Floats], Floats]) -> tuple[Tail, Tail]:
    """What values do towards the infinities that belong to the domain."""
    left, right = (
        tail(values, side) if math.isinf(end) else NO_TAIL
        for side, end in zip((-1.0, 1.0), scan.function.domain, strict=True)
    )
    return left, right


def _image(
    scan: Scan, extrema: Sequence[Extremum] | None, tails: tuple[Tail, Tail]
) -> tuple[Bound, Bound] | tuple[None, None]:
    """The ends of the smallest interval that holds all values of the function itself."""
    if extrema is None:  # nothing is known between the tails
        low, high = min(each.low for each in tails), max(each.high for each in tails)
        return (Bound(low, False), Bound(high, False)) if low == -math.inf and high == math.inf else (None, None)
    attained = [each.y for each in extrema] + [at.y_at for at in scan.breaks]
    attained += scan.levels + [y for _, y in scan.domain_ends]
    attained = [value for value in attained if math.isfinite(value)]
    approached = [value for at in scan.breaks for value in (at.y_left, at.y_right)]
    approached += [value for each in tails for value in each]
    everything = attained + [value for value in approached if not math.isnan(value)]
    if not everything:  # it oscillates for ever, and no extremum was met
        everything = [float(np.nanmin(scan.y)), float(np.nanmax(scan.y))]

    def bound(extreme: float) -> Bound:
        is_closed = math.isfinite(extreme) and any(abs(value - extreme) <= SAME for value in attained)
        return Bound(extreme * scan.unit, is_closed)

    return bound(min(everything)), bound(max(everything))


def _steepest(scan: Scan, tails: tuple[Tail, Tail]) -> float | None:
    """The supremum of the slope's size, or None where the slope oscillates towards a break.

    ``tails`` are those of the slope.
    """
    sides = [(at, at.dy_left, -1) for at in scan.breaks] + [(at, at.dy_right, 1) for at in scan.breaks]
    for at, limit, side in sides:
        beside = at.x + side * _BESIDE * max(1.0, abs(at.x))
        if math.isnan(limit) and math.isfinite(scan.at(np.array([beside]))[0]):
            return None
    limits = [limit for _, limit, _ in sides] + [value for each in tails for value in each]
    size = np.where(np.isfinite(scan.dy), np.abs(scan.dy), -1.0)
    furthest = 2 * max([scan.furthest_move, *(abs(at.x) for at in scan.breaks)])
    size[np.abs(scan.x) > furthest] = -1.0  # beyond, the tails say more than single points
    top = int(size.argmax())
    best = [float(size[top]), *(abs(limit) for limit in limits if not math.isnan(limit))]
    if 0 < top < scan.x.size - 1:
        best.append(_steepest_between(scan, scan.x[top - 1], scan.x[top + 1]))
    return rounded(max(best) * scan.unit)


def _steepest_between(scan: Scan, low: float, high: float) -> float:
    """The largest size of the slope between two points, or -inf where there is none."""
    from scipy.optimize import minimize_scalar  # which whoever only reads facts need not load

    with np.errstate(all="ignore"):
        found = minimize_scalar(
            lambda x: -abs(float(scan.slope(np.array([x]))[0])),
            bounds=(low, high),
            method="bounded",
            options={"xatol": _STEEPEST},
        )
    return -float(found.fun) if math.isfinite(found.fun) else -math.inf


# N(0, 1)


def _gaussian(scan: Scan) -> Gaussian:
    """What becomes of inputs that follow N(0, 1), of the function itself."""
    normal = NormalDist()
    dead = sum(normal.cdf(high) - normal.cdf(low) for low, high in scan.constant)
    edges = [x for piece in scan.pieces for x in piece]
    poles = [Pole(at.x, at.y_left, at.y_right) for at in scan.breaks]
    mean, second = (_known(partial(expectation, scan.at, edges, poles, power)) for power in (1, 2))
    mean = None if mean is None else mean * scan.unit
    second = None if second is None else second * scan.unit**2
    gain = None
    if second is not None:
        gain = 1 / math.sqrt(second) if math.isfinite(second) and second > 0 else math.nan
    return Gaussian(mean, second, gain, dead)
