"""Breaks: the points where a function or its derivative jumps, grows without bound, or where its domain ends.

Finds them, and takes the one-sided limits there.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actplot.errors import FunctionFailed
from actplot.numerics.autograd import derivatives

if TYPE_CHECKING:
    import torch

# A smaller step is an implementation's own, not the function's: softplus makes one of 2e-9 at its threshold.
SMALLEST_STEP = 1e-8
# The finder, which knows nothing of the function, counts from here: torch's kernels keep some constants in float32,
# and models compute in it, whose values step by 1e-7.
_SMALLEST_FOUND = 5e-7
# What is further from a cubic may hide a step; a kink that is close to an end of its cell shows little of itself.
_SUSPICIOUS = 2.5e-8

Tensors = Callable[["torch.Tensor"], "torch.Tensor"]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Break:
    """A point where a function or its derivative jumps, or has a pole, or where one side has no values.

    Attributes
    ----------
    x
        The point.
    y_left, y_right
        Limits of the function from each side: infinite at a pole, NaN where the function is not defined.
    y_at
        What torch returns at the point.
    dy_left, dy_right, dy_at
        The same of the derivative.
    d2y_left, d2y_right, d2y_at
        The same of the second derivative, where that was asked for; else NaN.

    Steps are measured against the function's own scale, which is kept in ``_scale``.
    """

    x: float
    y_left: float
    y_right: float
    y_at: float
    dy_left: float
    dy_right: float
    dy_at: float
    d2y_left: float = math.nan
    d2y_right: float = math.nan
    d2y_at: float = math.nan
    _scale: float = field(default=1.0, repr=False, compare=False)

    def as_json(self, order: int = 1) -> dict[str, float | None]:
        """The numbers by name up to that derivative; JSON has no NaN and no infinities, null stands for them."""
        return {
            name: value if math.isfinite(value) else None
            for name, value in asdict(self).items()
            if name != "_scale" and (order == 2 or not name.startswith("d2y"))
        }

    def over(self, unit: float) -> "Break":
        """The same break of the function divided by ``unit``."""
        values = {name: value / unit for name, value in asdict(self).items() if name != "x"}
        return replace(self, **values)

    @property
    def y_is_discontinuous(self) -> bool:
        """Whether the function itself jumps, not its derivative alone."""
        return not _same(self._scale, self.y_left, self.y_right, self.y_at)

    @property
    def dy_is_discontinuous(self) -> bool:
        """Whether the derivative jumps."""
        return not _same(self._scale, self.dy_left, self.dy_right, self.dy_at)

    @property
    def d2y_is_discontinuous(self) -> bool:
        """Whether the second derivative jumps."""
        return not _same(self._scale, self.d2y_left, self.d2y_right, self.d2y_at)


def _same(scale: float, *values: float) -> bool:
    if not all(map(math.isfinite, values)):
        return False
    largest = max(map(abs, values))
    return max(values) - min(values) <= SMALLEST_STEP * max(scale, largest)


def examine(
    function: Tensors,
    points: Sequence[float],
    *,
    order: int = 1,
    dtype: str = "float64",
    device: str = "cpu",
    scale: float = 1.0,
) -> tuple[Break, ...]:
    """The limits on both sides of each of the ascending ``points``, and what torch returns there.

    ``scale`` is that of the function (see :func:`scale_of`). Limits are taken in float64: they belong to the function. The values at the point are those of ``dtype``. With
    ``order`` 2 those of the second derivative are among them.
    """
    if not points:
        return ()
    x = np.array(points)
    # Close enough for a straight line to reach the limit within rounding, and far enough from the point for the
    # function's own rounding not to fall back onto it; never across the next break.
    step = 2.0 ** (-36 + np.floor(np.log2(np.maximum(1.0, np.abs(x)))))  # a power of two, which sums take exactly
    gaps = np.diff(x) / (4 * _DISTANCES[-1])
    before = np.minimum(step, np.concatenate([[np.inf], gaps]))
    after = np.minimum(step, np.concatenate([gaps, [np.inf]]))
    order = max(order, 1)
    both = _limits(function, np.concatenate([x, x]), np.concatenate([-before, after]), order, device)
    left, right = both[:, : x.size], both[:, x.size :]
    at = np.array(derivatives(function, x, order=order, dtype=dtype, device=device), dtype=np.float64)
    for side in (left, right):  # what differs by a rounding error is the same
        with np.errstate(over="ignore", invalid="ignore"):
            close = np.isfinite(side) & np.isfinite(at) & (np.abs(side - at) <= 1e-14 * np.maximum(1.0, np.abs(at)))
        side[close] = at[close]
    rows = [row for triple in zip(left, right, at, strict=True) for row in triple]
    found = (Break(*map(float, numbers)) for numbers in zip(x, *rows, strict=True))
    return tuple(found) if scale == 1 else tuple(replace(each, _scale=scale) for each in found)


def _limits(function: Tensors, x: Floats, step: Floats, order: int, device: str) -> Floats:
    """Limits of the function (row 0) and its derivatives (rows 1 and up) at ``x`` from the side of ``step``."""

    def around(order: int) -> list[Floats]:
        points = np.concatenate([x + times * step for times in _DISTANCES])  # at once, which is quicker
        return np.split(np.array(derivatives(function, points, order=order, device=device)), len(_DISTANCES), axis=1)

    try:
        levels = np.array(around(2))  # one more than is asked for shows how the last one grows
    except FunctionFailed:
        levels = np.array(around(order))
    near, far, farther = levels[:3]
    with np.errstate(all="ignore"):  # where the function itself is at the end of the numbers
        straight = near + (near - far)
        # Towards an infinite limit every halving of the distance adds as much as the one before, as to a logarithm, or
        # more; what has an infinite slope but no pole converges by a factor, which Aitken's rule follows.
        first, second = near - far, far - farther
        added = -np.diff(levels, axis=0)
        diverges = (added[:-1] / added[1:] > _GROWTH).all(axis=0) & (
            np.abs(first) > 1e-6 * np.maximum(1.0, np.abs(near))
        )
        bends = np.zeros_like(diverges)
        bends[:-1] = diverges[1:] & ~diverges[:-1]
        limits = np.where(bends, near - first**2 / (first - second), straight)
        # Smooth changes halve with the distance. What does not, by far, swings: sin(1/x) has no limit at 0.
        swings = (np.abs(first) > 1e-3 * np.maximum(1.0, np.abs(near))) & (np.abs(second - 2 * first) > np.abs(first))
        limits = np.where(swings & ~bends, np.nan, limits)
        limits = np.where(np.isinf(near), near, limits)
        limits = np.where(diverges, np.copysign(np.inf, first), limits)
        limits[1:][np.isnan(limits[:1]).repeat(len(limits) - 1, axis=0)] = np.nan
    return np.array([[float(f"{value:.15g}") for value in row] for row in limits[: order + 1]])


# Distances from a break at which limits are taken, in steps, and the factor by which what a halving of the distance
# adds may shrink where the limit is infinite.
_DISTANCES = (1, 2, 4, 8, 16)
_GROWTH = 0.995


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
    """

    places: tuple[float, ...]
    searched: tuple[float, float]
    too_many: bool = False


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

    Cells of a fine grid are split until the values at their ends and at two points between predict a third one, of the
    function and of its slope alike. What resists is bisected by the larger change, down to neighbouring floats, where a
    steep slope has nothing left to show and a step still stands. Where the slope keeps growing the closer one gets,
    there is a pole. Of the floats around a break the one with the shortest decimal is its place.

    Steps below 5e-7 of the function's own scale (see :func:`scale_of`) do not count: they are rounding errors in
    float32. A pulse narrower than a cell of the grid, 1/8192 of the range, can fall between its points; two breaks
    closer than 1e-7 of their size are found as one.

    Parameters
    ----------
    function
        Takes and returns a tensor, element by element.
    low, high
        The ends of the search.
    derivative
        With 1 or 2 the breaks are those of that derivative and its slope.
    device
        What torch computes on.
    cells
        Cells of the grid; fewer for a function that takes long.
    work
        How many points may be evaluated, divided by what ``function.cost`` says where it says something. Where that
        is not enough, the outermost cells are left and ``searched`` says so.

    Raises
    ------
    FunctionFailed
        If the function raises or cannot be differentiated so often.
    """
    cost = cost_of(function, derivative)
    cells = max(min(cells, 256), int(cells / math.sqrt(cost)))
    allowed = max(4 * cells, int(work / cost))
    evaluate = _Evaluator(function, device, derivative, scale_of(function, low, high, device))
    left, right, searched = _resisting_cells(evaluate, _nodes(low, high, cells), allowed)
    scale = min(1.0, high - low)
    places = _poles(evaluate, left, right)
    if places.size > MOST_POLES:
        return BreakSearch((), searched, too_many=True)
    poles = [_shortest(x, x, scale, 1) for x in places]
    if poles:  # next to a pole neighbouring floats are far apart in value: no step is to be found there
        middle = (left + right) / 2
        far = _distance(middle, np.sort(poles)) > 1e-6 * np.maximum(1.0, np.abs(middle))
        left, right = left[far], right[far]
    most = max(2**9, int(work / cost) // 160)  # what bisection may cost
    if left.size > most:
        chosen = _worth_following(left, right, _step(evaluate(left), evaluate(right)).max(axis=0), most)
        searched = _within(searched, left, right, chosen)
        left, right = left[chosen], right[chosen]
    below, above = _bisect(evaluate, left, right)
    if np.unique(below).size > MOST_BREAKS:
        return BreakSearch((), searched, too_many=True)
    found = merged(poles, [_shortest(a, b, scale, 4) for a, b in zip(below, above, strict=True)])
    return BreakSearch(found, searched)


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


def find_by_decades(
    function: Tensors, start: float, end: float, *, derivative: int = 0, device: str = "cpu"
) -> BreakSearch:
    """The breaks from ``start`` out to ``end``, both positive or both negative, decade by decade.

    The search ends before the first decade that holds more than a few: there a function repeats itself for ever, or
    shows the rounding errors of its own arithmetic.
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


_MOST_IN_A_DECADE = 20


def _nodes(low: float, high: float, cells: int) -> Floats:
    """Ends of cells: evenly spaced, at whole numbers, halvings of the range and 0."""
    powers = (high - low) * 2.0 ** -np.arange(1.0, 44.0)
    whole = np.arange(np.ceil(low), np.floor(high) + 1)[:cells] if high - low < 1e6 else np.array([])
    nodes = np.concatenate([np.linspace(low, high, cells + 1), powers, -powers, whole, [0.0]])
    return np.unique(nodes[(nodes >= low) & (nodes <= high)] + 0.0)


def _distance(x: Floats, places: Floats) -> Floats:
    """How far each ``x`` is from the nearest of the ascending ``places``."""
    after = np.searchsorted(places, x)
    padded = np.concatenate([[-np.inf], places, [np.inf]])
    return np.asarray(np.minimum(x - padded[after], padded[after + 1] - x))


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


# Cells narrower than this are left to bisection.
_NARROW = 2.0**-25
# More breaks than these are not told apart; a pole takes more points than a jump.
MOST_BREAKS, MOST_POLES = 10_000, 1_000
# Points inside a cell, as shares of its width: off the places where a symmetric kink would hide.
_SHARES = np.array([0.2391, 0.4871, 0.7543])


def _resisting_cells(evaluate: _Evaluator, nodes: Floats, allowed: int) -> tuple[Floats, Floats, tuple[float, float]]:
    """Narrow cells inside which value or slope do not follow the ends, and the interval in which no cell was left out."""
    left, right = nodes[:-1], nodes[1:]
    searched = float(nodes[0]), float(nodes[-1])
    at_nodes = evaluate(nodes)
    at_left, at_right = at_nodes[:, :-1], at_nodes[:, 1:]
    kept: list[tuple[Floats, Floats]] = []
    while left.size:
        if 3 * left.size > allowed:
            searched = _within(searched, left, right, np.arange(left.size) < 0)
            break
        allowed -= 3 * left.size
        width = right - left
        inside = left + _SHARES[:, None] * width
        splits = (inside[0] > left) & (inside[2] < right)
        left, right, width, inside = left[splits], right[splits], width[splits], inside[:, splits]
        at_left, at_right = at_left[:, splits], at_right[:, splits]
        at_inside = evaluate(inside.ravel()).reshape(2, 3, -1)
        points = np.concatenate([at_left[:, None], at_inside, at_right[:, None]], axis=1)
        suspicion = _suspicion(points)
        resists = ~(suspicion <= _SUSPICIOUS)  # so that NaN resists
        resists &= np.isfinite(points[0]).any(axis=0)
        narrow = width <= _NARROW * np.maximum(1.0, np.abs(left))
        done = resists & narrow
        kept.append((left[done], right[done]))
        going = np.flatnonzero(resists & ~narrow)
        # More cells than can be followed to their end say that the function wiggles everywhere.
        levels = 1 + math.log2(
            max(1.0, float((width / np.maximum(1.0, np.abs(left)))[going].max(initial=0.0)) / _NARROW)
        )
        most = max(2**9, int(allowed / (3 * levels)))
        if going.size > most:
            chosen = _worth_following(left[going], right[going], suspicion[going], most)
            searched = _within(searched, left[going], right[going], chosen)
            going = going[chosen]
        middle, at_middle = inside[1], at_inside[:, 1]
        left, right = (
            np.concatenate([left[going], middle[going]]),
            np.concatenate([middle[going], right[going]]),
        )
        at_left, at_right = (
            np.concatenate([at_left[:, going], at_middle[:, going]], axis=1),
            np.concatenate([at_middle[:, going], at_right[:, going]], axis=1),
        )
    return np.concatenate([cell[0] for cell in kept]), np.concatenate([cell[1] for cell in kept]), searched


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


def _worth_following(left: Floats, right: Floats, suspicion: Floats, most: int) -> NDArray[np.bool_]:
    """Which of too many cells to follow: half of them nearest to 0, by distance, half the most suspicious of the rest."""
    half = most // 2
    nearest = np.argsort(np.maximum(np.abs(left), np.abs(right)), kind="stable")
    chosen = np.zeros(left.size, dtype=bool)
    chosen[nearest[:half]] = True
    rest = nearest[half:]
    chosen[rest[np.argsort(np.nan_to_num(suspicion[rest], nan=np.inf), kind="stable")[-half:]]] = True
    return chosen


def _within(
    searched: tuple[float, float], left: Floats, right: Floats, followed: NDArray[np.bool_]
) -> tuple[float, float]:
    """The part of an interval around its middle, or 0, that no cell which is not followed reaches into."""
    low, high = searched
    centre = min(max(0.0, low), high)
    if centre in (low, high):
        centre = (low + high) / 2
    before, after = right[~followed & (right <= centre)], left[~followed & (left >= centre)]
    across = (~followed & (left < centre) & (right > centre)).any()
    if across:
        return centre, centre
    return max(low, float(before.max(initial=-np.inf))), min(high, float(after.min(initial=np.inf)))


def _poles(evaluate: _Evaluator, left: Floats, right: Floats) -> Floats:
    """The points inside the cells towards which the slope grows without bound."""
    if not left.size:
        return left
    order = np.argsort(left)
    left, right = left[order], right[order]
    steepness = np.maximum(*(_steepness(evaluate(ends)) for ends in (left, right)))
    groups = np.concatenate([[0], np.cumsum(left[1:] > right[:-1] + 1e-7 * np.maximum(1.0, np.abs(right[:-1])))])
    # Of each group of neighbours the steepest cell, or both of a pair that a pole divides.
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    steepest = steepness == np.maximum.reduceat(steepness, starts)[groups]
    left = np.minimum.reduceat(np.where(steepest, left, np.inf), starts)
    right = np.maximum.reduceat(np.where(steepest, right, -np.inf), starts)
    low, high = _rank(left), _rank(right)
    while (high - low).max() > 1:
        # Nine points in each cell; the cell shrinks to the neighbours of the one with the steepest slope. Around 0 they
        # stand evenly, since floats lie closer there than the pole can tell apart.
        points = low + (np.arange(9)[:, None] * ((high - low) / 8)).astype(np.int64)
        around = (low <= 0) & (high >= 0) & (_float(high) - _float(low) > 1e-18)
        points[:, around] = _rank(np.linspace(_float(low[around]), _float(high[around]), 9))
        points[-1] = high
        steepest = _steepness(evaluate(_float(points).ravel())).reshape(points.shape).argmax(axis=0)
        columns = np.arange(low.size)
        new_low = points[np.maximum(steepest - 1, 0), columns]
        new_high = points[np.minimum(steepest + 1, 8), columns]
        if (new_low == low).all() and (new_high == high).all():
            break
        low, high = new_low, new_high
    candidates = _float(np.minimum(low + np.arange(3)[:, None], high))
    steepest = _steepness(evaluate(candidates.ravel())).reshape(candidates.shape).argmax(axis=0)
    places = np.unique(candidates[steepest, np.arange(low.size)])
    scale = np.maximum(1.0, np.abs(places))
    nearby = []
    for distance in 2.0 ** -np.array([20, 26, 32, 38]):
        sides = [np.abs(evaluate(places + sign * distance * scale)[1]) for sign in (-1, 1)]
        nearby.append(np.fmax(*sides))
    with np.errstate(all="ignore"):
        growth = np.array(nearby[1:]) / np.array(nearby[:-1])
    return np.asarray(places[(growth > 4).all(axis=0)])


def _steepness(at: Floats) -> Floats:
    """The size of the slope; infinite where the value is, and least where there is none."""
    values, slopes = at
    return np.where(np.isinf(values), np.inf, np.where(np.isnan(slopes), -1.0, np.abs(slopes)))


def _bisect(evaluate: _Evaluator, left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Each cell narrowed to two neighbouring floats between which value or slope steps; cells without a step fall out.

    It is narrowed twice, by the change of the value and by that of the slope: far out the change of a value between
    distant points hides the step of a slope.
    """
    at_left, at_right = evaluate(left), evaluate(right)
    size = np.maximum(1.0, np.nan_to_num(np.minimum(np.abs(at_left), np.abs(at_right)), posinf=1.0))
    ends: list[tuple[Floats, Floats]] = []
    for row in (0, 1):
        low, high, at_low, at_high = _rank(left), _rank(right), at_left, at_right
        while (apart := high - low > 1).any():
            middle = np.where(apart, low + (high - low) // 2, low)
            at_middle = evaluate(_float(middle))
            go_left = (_step(at_low, at_middle)[row] >= _step(at_middle, at_high)[row]) & apart
            go_right = ~go_left & apart
            high, at_high = np.where(go_left, middle, high), np.where(go_left, at_middle, at_high)
            low, at_low = np.where(go_right, middle, low), np.where(go_right, at_middle, at_low)
        below, above = _float(low), _float(high)
        # Relative to the cell it was found in, too: where a slope swings between large values it passes small ones.
        change = np.minimum(_step(at_low, at_high), _step(at_low / size, at_high / size))
        with np.errstate(all="ignore"):  # what the slope explains is no step
            slope = np.fmin(np.abs(at_low[1]), np.abs(at_high[1]))
            change[0] -= 4 * np.nan_to_num(slope * (above - below) / np.maximum(1.0, np.abs(at_low[0])), nan=0.0)
        real = (change > np.maximum(_SMALLEST_FOUND, 2 * _unrest(evaluate, below, above))).any(axis=0)
        ends.append((below[real], above[real]))
    return tuple(np.concatenate(side) for side in zip(*ends, strict=True))  # type: ignore[return-value]


def _unrest(evaluate: _Evaluator, below: Floats, above: Floats) -> Floats:
    """How far values and slopes, as (2, n), differ close by on either side: as much as the step itself where that is rounding."""
    reach = 1e-13 * np.maximum(1.0, np.abs(below)) * np.arange(1.0, 5.0)[:, None]
    with np.errstate(all="ignore"):
        sides = [evaluate(points.ravel()).reshape(2, *points.shape) for points in (below - reach, above + reach)]
        size = np.maximum(1.0, np.min([np.abs(side).min(axis=1) for side in sides], axis=0))
        spread = np.max([np.ptp(side, axis=1) for side in sides], axis=0) / size
    return np.asarray(np.nan_to_num(spread, nan=0.0, posinf=0.0))


_END = 1e300


def _step(first: Floats, second: Floats) -> Floats:
    """The change in value and in slope, relative to their size, as (2, n); infinite into or out of NaN."""
    # Past the largest float there is infinity, which is no step of the function's.
    first, second = np.clip(first, -_END, _END), np.clip(second, -_END, _END)
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
    return np.where(rank >= 0, rank, np.int64(-(2**63)) - rank).view(np.float64) + 0.0


def _shortest(a: float, b: float, scale: float, floats: int) -> float:
    """The number with the shortest decimal within so many floats of both.

    Close to 0 the floats lie closer than the sums in a function can tell apart: there those at ``scale`` count.
    """
    slack = floats * np.spacing(max(abs(a), abs(b), scale))
    if a - slack <= 0 <= b + slack:
        return 0.0
    for digits in range(17):
        candidate = float(f"{a:.{digits}e}")
        if a - slack <= candidate <= b + slack:
            return candidate
    return float(a)
