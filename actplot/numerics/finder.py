"""The finder of breaks: where a function that nothing is known of jumps, has a kink or a pole, or where its domain ends."""

import math
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from actplot.numerics.autograd import derivatives
from actplot.numerics.breaks import Floats, Tensors
from actplot.numerics.cells import Cells, halvings_at_once, with_middles

# More breaks than these are not told apart; a pole takes more points than a jump.
MOST_BREAKS, MOST_POLES = 10_000, 1_000
# The smallest step that counts, relative to the function's scale: torch's kernels keep some constants in float32, and
# models compute in it, whose values step by 1e-7.
_SMALLEST_STEP = 5e-7
# The relative difference from a cubic beyond which a cell may hide such a step; a kink that is close to an end of its
# cell shows little of itself.
_SUSPICIOUS = 2.5e-8
# Cells narrower than this, over the size of x, are left to bisection.
_NARROW = 2.0**-25
# Points inside a cell, as shares of its width: off the places where a symmetric kink would hide.
_SHARES = np.array([0.2391, 0.4871, 0.7543])
# Cells that are followed at least, whatever they cost, and points that following one to its end takes in bisection.
_LEAST_FOLLOWED, _BISECTION_COST = 2**9, 160
# Distance from a pole, over the size of x, within which no step is looked for: neighbouring floats are far apart in
# value there.
_NEAR_POLE = 1e-6
# A decade with more breaks than this belongs to a function that repeats itself, or to rounding errors.
_MOST_IN_A_DECADE = 20


@dataclass(frozen=True)
class BreakSearch:
    """What a search for breaks found.

    Attributes
    ----------
    places
        The breaks in ascending order; empty where there are too many.
    searched
        The interval in which every cell of the grid was followed to its end.
    too_many
        Whether there are more breaks than :data:`MOST_BREAKS`, or more poles than :data:`MOST_POLES`.
    scale
        The size of the function that steps were measured against: see :func:`scale_of`.
    """

    places: tuple[float, ...]
    searched: tuple[float, float]
    too_many: bool = False
    scale: float = field(default=1.0, repr=False, compare=False)


def find(
    function: Tensors,
    low: float,
    high: float,
    *,
    derivative: int = 0,
    device: str = "cpu",
    cells: int = 4096,
    work: int = 6_000_000,
) -> BreakSearch:
    """The breaks of any function between ``low`` and ``high``.

    Cells of a fine grid are split until a cubic through four values predicts a fifth, of the function and of its slope
    alike. What resists is bisected by the larger change, down to neighbouring floats, where a steep slope has nothing
    left to show and a step still stands. Where the slope keeps growing towards a point, there is a pole. Of the floats
    around a break the one with the shortest decimal is its place.

    Steps below 5e-7 of the function's scale (see :func:`scale_of`) do not count: they are rounding errors in float32. A
    pulse narrower than a cell, 1/8192 of the range, can fall between its points; two breaks closer than 1e-7 of their
    size are found as one.

    Parameters
    ----------
    function
        Takes and returns a tensor, element by element.
    low, high
        The ends of the search, finite and ascending.
    derivative
        With 1 or 2 the breaks are those of that derivative and its slope.
    device
        What torch computes on: cpu, cuda, cuda:N or auto.
    cells
        Cells of the grid; fewer for a function that takes long.
    work
        Points that may be evaluated, divided by :func:`cost_of` the function. Where that is not enough, the outermost
        cells are left out and ``searched`` says so.

    Raises
    ------
    FunctionFailed
        If the function raises or cannot be differentiated ``derivative + 1`` times.
    NoDevice
        If this machine does not have the device.

    Examples
    --------
    >>> find(lambda x: (x - 0.3).abs() + 1 / (x - 2), -5.0, 5.0).places
    (0.3, 2.0)
    """
    cost = cost_of(function, derivative)
    cells = max(min(cells, 256), int(cells / math.sqrt(cost)))
    allowed = max(4 * cells, int(work / cost))
    scale = scale_of(function, low, high, device)
    evaluate = _Evaluator(function, device, derivative, scale)
    nodes = _nodes(low, high, cells)
    resisting, searched = _resisting_cells(evaluate, Cells.between(nodes, evaluate(nodes)), allowed)
    most = max(_LEAST_FOLLOWED, int(work / cost) // _BISECTION_COST)
    found = _breaks_in(evaluate, resisting, searched, most, min(1.0, high - low))
    return replace(found, scale=scale)


def _breaks_in(
    evaluate: "_Evaluator", resisting: Cells, searched: tuple[float, float], most: int, resolution: float
) -> BreakSearch:
    """The poles and steps in narrow cells, of which at most so many are bisected; see :func:`_shortest`."""
    places = _poles(evaluate, resisting)
    if places.size > MOST_POLES:
        return BreakSearch((), searched, too_many=True)
    poles = [_shortest(x, x, resolution, 1) for x in places]
    resisting = resisting[_is_far_from(poles, resisting)]
    if len(resisting) > most:
        change = _step(resisting.at_left, resisting.at_right).max(axis=0)
        is_followed = _worth_following(resisting, change, most)
        searched = _within(searched, resisting[~is_followed])
        resisting = resisting[is_followed]
    below, above = _bisect(evaluate, resisting)
    if np.unique(below).size > MOST_BREAKS:
        return BreakSearch((), searched, too_many=True)
    steps = [_shortest(a, b, resolution, 4) for a, b in zip(below, above, strict=True)]
    return BreakSearch(merged(poles, steps), searched)


def find_by_decades(
    function: Tensors, start: float, end: float, *, derivative: int = 0, device: str = "cpu"
) -> BreakSearch:
    """The breaks from ``start`` out to ``end``, both positive or both negative, decade by decade.

    The search ends before the first decade that holds more than 20: there a function repeats itself for ever, or shows
    the rounding errors of its own arithmetic. The other parameters and the errors are those of :func:`find`.
    """
    sign = math.copysign(1.0, end)
    near, far = abs(start), abs(end)
    places: tuple[float, ...] = ()
    while near < far:
        ends = sorted((sign * near, sign * min(10 * near, far)))
        decade = find(function, *ends, derivative=derivative, device=device, cells=256, work=200_000)
        if decade.too_many or len(decade.places) > _MOST_IN_A_DECADE or decade.searched != tuple(ends):
            break
        near, places = min(10 * near, far), merged(places, decade.places)
    return BreakSearch(places, (min(start, sign * near), max(start, sign * near)))


def merged(*groups: Collection[float]) -> tuple[float, ...]:
    """The places of all groups in ascending order; of those a rounding error apart one, from the first group if it can be."""
    kept: list[float] = []
    for place, _ in sorted((place, rank) for rank, group in enumerate(groups) for place in group):
        if kept and place - kept[-1] <= 1e-12 * max(1.0, abs(place)):
            if place in groups[0]:
                kept[-1] = place
        else:
            kept.append(place)
    return tuple(kept)


def cost_of(function: Tensors, derivative: int = 0) -> float:
    """How long a point takes, in units of a common activation, for functions that say so by ``cost``; else 1."""
    return float(getattr(function, "cost", 1.0)) * (1.0 if derivative == 0 else max(1.0, (derivative + 1) ** 2 / 4))


def scale_of(function: Tensors, low: float, high: float, device: str = "cpu") -> float:
    """The size of a function that stays small, from its largest value and slope; 1 for any other.

    It is taken near 0 as well as in the range, so that the tail of a function is not measured by its own rounding
    errors. What is smaller than 1e-14 everywhere counts as rounding.
    """
    near = np.geomspace(1e-3, 50.0, 40)
    x = np.unique(np.concatenate([-near, near, np.linspace(low, high, 101)]))
    sizes = np.abs(np.array(derivatives(function, x, device=device)))
    largest = float(np.max(sizes, where=np.isfinite(sizes), initial=0.0))
    return largest if 1e-14 < largest < 1.0 else 1.0


class _Evaluator:
    """Values and slopes as a (2, n) array, over the function's scale; no slope where there is no value.

    With ``derivative`` 1 they are those of the derivative, and so on.
    """

    def __init__(self, function: Tensors, device: str, derivative: int, scale: float) -> None:
        self._function, self._device, self._derivative, self._scale = function, device, derivative, scale

    def __call__(self, x: Floats) -> Floats:
        results = derivatives(self._function, x, order=1 + self._derivative, device=self._device)
        values, slopes = results[-2:]
        if self._derivative:  # far out, torch's own derivatives of derivatives overflow (gelu's tanh form, mish)
            values, slopes = (np.where(np.isnan(row) & ~np.isnan(results[0]), 0.0, row) for row in (values, slopes))
        rows = np.array([values, np.where(np.isnan(values), np.nan, slopes)])
        return rows if self._scale == 1 else rows / self._scale


def _nodes(low: float, high: float, cells: int) -> Floats:
    """Ends of cells: evenly spaced, at whole numbers, halvings of the range and 0."""
    powers = (high - low) * 2.0 ** -np.arange(1.0, 44.0)
    whole = np.arange(np.ceil(low), np.floor(high) + 1)[:cells] if high - low < 1e6 else np.array([])
    nodes = np.concatenate([np.linspace(low, high, cells + 1), powers, -powers, whole, [0.0]])
    return np.unique(nodes[(nodes >= low) & (nodes <= high)] + 0.0)


def _resisting_cells(evaluate: _Evaluator, cells: Cells, allowed: int) -> tuple[Cells, tuple[float, float]]:
    """Narrow cells inside which value or slope do not follow the ends, and the interval in which none was left out.

    ``allowed`` is the number of points that may be evaluated.
    """
    searched = float(cells.left[0]), float(cells.right[-1])
    narrow: list[Cells] = []
    while len(cells):
        if 3 * len(cells) > allowed:
            searched = _within(searched, cells)
            break
        allowed -= 3 * len(cells)
        inside = cells.left + _SHARES[:, None] * cells.width
        splits = (inside[0] > cells.left) & (inside[2] < cells.right)
        cells, inside = cells[splits], inside[:, splits]
        at_inside = evaluate(inside.ravel()).reshape(2, 3, -1)
        points = np.concatenate([cells.at_left[:, None], at_inside, cells.at_right[:, None]], axis=1)
        suspicion = _suspicion(points)
        resists = ~(suspicion <= _SUSPICIOUS)  # so that NaN resists
        resists &= np.isfinite(points[0]).any(axis=0)
        is_narrow = cells.width <= _NARROW * cells.magnitude
        narrow.append(cells[resists & is_narrow])
        going = np.flatnonzero(resists & ~is_narrow)
        most = _affordable(cells[going], allowed)
        if going.size > most:
            is_followed = _worth_following(cells[going], suspicion[going], most)
            searched = _within(searched, cells[going[~is_followed]])
            going = going[is_followed]
        cells = cells[going].split(inside[1][going], at_inside[:, 1, going])
    return Cells.concatenate([*narrow, cells[:0]]), searched


def _affordable(cells: Cells, allowed: int) -> int:
    """How many of the cells can be followed until they are narrow; more say that the function wiggles everywhere."""
    widest = float((cells.width / cells.magnitude).max(initial=0.0))
    levels = 1 + math.log2(max(1.0, widest / _NARROW))
    return max(_LEAST_FOLLOWED, int(allowed / (3 * levels)))


def _suspicion(points: Floats) -> Floats:
    """How far the middle one of five points is from the cubic through the others, relative to their size.

    ``points`` has the shape (2, 5, n), of values and of slopes. They are held apart: an autograd function of the
    user's own may return slopes that are not those of its values.
    """
    with np.errstate(all="ignore"):
        outer = points[:, [0, 1, 3, 4]]
        off = np.abs(points[:, 2] - np.einsum("i,rin->rn", _CUBIC, outer))
        size = np.maximum(1.0, np.maximum(np.abs(points[:, 0]), np.abs(points[:, 4])))
        # Where a slope has overflowed all over the cell, the values alone can tell.
        return np.asarray(np.max(np.where(np.isfinite(points).any(axis=1), off / size, 0.0), axis=0))


def _lagrange(at: float, nodes: Floats) -> Floats:
    """The weights with which values at the nodes interpolate one at another place."""
    return np.array(
        [np.prod((at - np.delete(nodes, i)) / (node - np.delete(nodes, i))) for i, node in enumerate(nodes)]
    )


_CUBIC = _lagrange(_SHARES[1], np.array([0.0, _SHARES[0], _SHARES[2], 1.0]))


def _worth_following(cells: Cells, suspicion: Floats, most: int) -> NDArray[np.bool_]:
    """Which of too many cells to follow: half of them nearest to 0, half the most suspicious of the rest."""
    half = most // 2
    nearest = np.argsort(np.maximum(np.abs(cells.left), np.abs(cells.right)), kind="stable")
    is_followed = np.zeros(len(cells), dtype=bool)
    is_followed[nearest[:half]] = True
    rest = nearest[half:]
    is_followed[rest[np.argsort(np.nan_to_num(suspicion[rest], nan=np.inf), kind="stable")[-half:]]] = True
    return is_followed


def _within(searched: tuple[float, float], left_out: Cells) -> tuple[float, float]:
    """The part of an interval around 0, or around its middle, that no cell which is left out reaches into."""
    low, high = searched
    centre = min(max(0.0, low), high)
    if centre in (low, high):
        centre = (low + high) / 2
    left, right = left_out.left, left_out.right
    if ((left < centre) & (right > centre)).any():
        return centre, centre
    before, after = right[right <= centre], left[left >= centre]
    return max(low, float(before.max(initial=-np.inf))), min(high, float(after.min(initial=np.inf)))


def _poles(evaluate: _Evaluator, cells: Cells) -> Floats:
    """The points inside the cells towards which the slope grows without bound."""
    if not len(cells):
        return cells.left
    low, high = _steepest_of_neighbours(cells)
    places = _climb(evaluate, _rank(low), _rank(high))
    return places[_slope_keeps_growing(evaluate, places)]


def _steepest_of_neighbours(cells: Cells) -> tuple[Floats, Floats]:
    """Of each group of adjoining cells the steepest one, or both of a pair that a pole divides: their ends."""
    cells = cells[np.argsort(cells.left)]
    steepness = np.maximum(_steepness(cells.at_left), _steepness(cells.at_right))
    gaps = cells.left[1:] > cells.right[:-1] + 1e-7 * np.maximum(1.0, np.abs(cells.right[:-1]))
    groups = np.concatenate([[0], np.cumsum(gaps)])
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    steepest = steepness == np.maximum.reduceat(steepness, starts)[groups]
    left = np.minimum.reduceat(np.where(steepest, cells.left, np.inf), starts)
    right = np.maximum.reduceat(np.where(steepest, cells.right, -np.inf), starts)
    return left, right


def _climb(evaluate: _Evaluator, low: NDArray[np.int64], high: NDArray[np.int64]) -> Floats:
    """The float with the steepest slope between ``low`` and ``high``, which are given by their :func:`_rank`.

    Nine points stand in each interval, which shrinks to the neighbours of the steepest; SciPy's ``find_minimum`` takes
    its steps in x, in which a pole is seldom hit to the float.
    """
    columns = np.arange(low.size)
    while (high - low).max() > 1:
        points = low + (np.arange(9)[:, None] * ((high - low) / 8)).astype(np.int64)
        # Around 0 they stand evenly, since floats lie closer there than the pole can tell apart.
        around = (low <= 0) & (high >= 0) & (_float(high) - _float(low) > 1e-18)
        points[:, around] = _rank(np.linspace(_float(low[around]), _float(high[around]), 9))
        points[-1] = high
        steepest = _steepness(evaluate(_float(points).ravel())).reshape(points.shape).argmax(axis=0)
        new_low = points[np.maximum(steepest - 1, 0), columns]
        new_high = points[np.minimum(steepest + 1, 8), columns]
        if (new_low == low).all() and (new_high == high).all():
            break
        low, high = new_low, new_high
    candidates = _float(np.minimum(low + np.arange(3)[:, None], high))
    steepest = _steepness(evaluate(candidates.ravel())).reshape(candidates.shape).argmax(axis=0)
    return np.unique(candidates[steepest, columns])


# Distances from a place, over the size of x, at which slopes are compared, and the factor by which they must grow from
# each to the next: that of a logarithm grows 64-fold, that of a square root 8-fold, that of a kink not at all.
_APPROACH = 2.0 ** -np.array([20, 26, 32, 38])
_GROWTH_AT_POLE = 4


def _slope_keeps_growing(evaluate: _Evaluator, places: Floats) -> NDArray[np.bool_]:
    """Whether the slope grows without bound towards each place, from the side where it is steeper."""
    size = np.maximum(1.0, np.abs(places))
    nearby = []
    for distance in _APPROACH:
        sides = [np.abs(evaluate(places + sign * distance * size)[1]) for sign in (-1, 1)]
        nearby.append(np.fmax(*sides))
    with np.errstate(all="ignore"):
        growth = np.array(nearby[1:]) / np.array(nearby[:-1])
    return np.asarray((growth > _GROWTH_AT_POLE).all(axis=0))


def _is_far_from(poles: Collection[float], cells: Cells) -> NDArray[np.bool_]:
    """Which cells are not close to a pole."""
    middle = (cells.left + cells.right) / 2
    places = np.concatenate([[-np.inf], np.sort(list(poles)), [np.inf]])
    after = np.searchsorted(places, middle)
    distance = np.minimum(middle - places[after - 1], places[after] - middle)
    return np.asarray(distance > _NEAR_POLE * np.maximum(1.0, np.abs(middle)))


def _steepness(at: Floats) -> Floats:
    """The size of the slope; infinite where the value is, and least where there is none."""
    values, slopes = at
    return np.where(np.isinf(values), np.inf, np.where(np.isnan(slopes), -1.0, np.abs(slopes)))


def _bisect(evaluate: _Evaluator, cells: Cells) -> tuple[Floats, Floats]:
    """Each cell narrowed to two neighbouring floats between which value or slope steps; cells without a step fall out.

    It is narrowed twice, by the change of the value and by that of the slope: far out the change of a value between
    distant points hides the step of a slope. SciPy's ``find_root`` bisects by sign, which a step need not change.
    """
    if not len(cells):  # as in most decades far out
        return cells.left, cells.right
    size = np.maximum(1.0, np.nan_to_num(np.minimum(np.abs(cells.at_left), np.abs(cells.at_right)), posinf=1.0))
    narrowed = _narrow_by_change(evaluate, Cells.concatenate([cells, cells]), np.repeat([0, 1], len(cells)))
    real = _has_step(evaluate, narrowed, np.concatenate([size, size], axis=1))
    return narrowed.left[real], narrowed.right[real]


def _narrow_by_change(evaluate: _Evaluator, cells: Cells, rows: NDArray[np.intp]) -> Cells:
    """Each cell narrowed to neighbouring floats, always to the half in which its value or its slope changes more.

    ``rows`` says by which: 0 for the value, 1 for the slope.
    """
    columns = np.arange(rows.size)
    by = rows, columns
    low, high, at_low, at_high = _rank(cells.left), _rank(cells.right), cells.at_left, cells.at_right
    while (high - low > 1).any():
        points = with_middles(np.array([low, high]), lambda a, b: a + (b - a) // 2, halvings_at_once(rows.size))
        between = evaluate(_float(points[1:-1]).ravel()).reshape(2, -1, rows.size)
        at = np.concatenate([at_low[:, None], between, at_high[:, None]], axis=1)
        first, last, step = np.zeros_like(low), np.full_like(low, len(points) - 1), len(points) - 1
        while step > 1:
            step //= 2
            middle = np.where(points[last, columns] - points[first, columns] > 1, first + step, first)
            at_first, at_middle, at_last = (at[:, place, columns] for place in (first, middle, last))
            is_left = _step(at_first, at_middle)[by] >= _step(at_middle, at_last)[by]
            first, last = np.where(is_left, first, middle), np.where(is_left & (middle > first), middle, last)
        low, high, at_low, at_high = (
            points[first, columns],
            points[last, columns],
            at[:, first, columns],
            at[:, last, columns],
        )
    return Cells(_float(low), _float(high), at_low, at_high)


def _has_step(evaluate: _Evaluator, cells: Cells, size: Floats) -> NDArray[np.bool_]:
    """Whether value or slope step from one end to the other, by more than slope and rounding errors explain.

    ``size`` is that of the cells they were found in, shape (2, n): where a slope swings between large values it passes
    small ones, against which any change is large.
    """
    change = np.minimum(_step(cells.at_left, cells.at_right), _step(cells.at_left / size, cells.at_right / size))
    with np.errstate(all="ignore"):
        slope = np.fmin(np.abs(cells.at_left[1]), np.abs(cells.at_right[1]))
        explained = slope * cells.width / np.maximum(1.0, np.abs(cells.at_left[0]))
        change[0] -= 4 * np.nan_to_num(explained, nan=0.0)
    rounding = _rounding_error(evaluate, cells.left, cells.right)
    return np.asarray((change > np.maximum(_SMALLEST_STEP, 2 * rounding)).any(axis=0))


def _rounding_error(evaluate: _Evaluator, below: Floats, above: Floats) -> Floats:
    """How far values and slopes, as (2, n), differ close by on either side: as much as the step itself where that is rounding."""
    reach = 1e-13 * np.maximum(1.0, np.abs(below)) * np.arange(1.0, 5.0)[:, None]
    with np.errstate(all="ignore"):
        sides = [evaluate(points.ravel()).reshape(2, *points.shape) for points in (below - reach, above + reach)]
        size = np.maximum(1.0, np.min([np.abs(side).min(axis=1) for side in sides], axis=0))
        spread = np.max([np.ptp(side, axis=1) for side in sides], axis=0) / size
    return np.asarray(np.nan_to_num(spread, nan=0.0, posinf=0.0))


# What is larger counts as this: past the largest float there is infinity, which is no step of the function's.
_LARGEST = 1e300


def _step(first: Floats, second: Floats) -> Floats:
    """The change in value and in slope, relative to their size, as (2, n); infinite into or out of NaN."""
    first, second = np.clip(first, -_LARGEST, _LARGEST), np.clip(second, -_LARGEST, _LARGEST)
    with np.errstate(all="ignore"):
        change = np.abs(second - first) / np.maximum(1.0, np.minimum(np.abs(first), np.abs(second)))
    change[np.isnan(change)] = 0.0
    change[np.isnan(first) != np.isnan(second)] = np.inf
    return np.asarray(change)


def _rank(x: Floats) -> NDArray[np.int64]:
    """Floats as integers in the same order, neighbours next to each other."""
    bits = (x + 0.0).view(np.int64)
    return np.where(bits >= 0, bits, np.int64(-(2**63)) - bits)


def _float(rank: NDArray[np.int64]) -> Floats:
    """The floats with these ranks."""
    return np.where(rank >= 0, rank, np.int64(-(2**63)) - rank).view(np.float64) + 0.0


def _shortest(a: float, b: float, resolution: float, floats: int) -> float:
    """The number with the shortest decimal within so many floats of both.

    Close to 0 the floats lie closer than the sums in a function can tell apart: there those at ``resolution`` count.
    """
    slack = floats * np.spacing(max(abs(a), abs(b), resolution))
    if a - slack <= 0 <= b + slack:
        return 0.0
    for digits in range(17):
        candidate = float(f"{a:.{digits}e}")
        if a - slack <= candidate <= b + slack:
            return candidate
    return float(a)
