"""Breaks: the points where a function or its derivative jumps, grows without bound, or where its domain ends.

Finds them, and takes the one-sided limits there.
"""

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actplot.compute import derivatives
from actplot.errors import FunctionFailed

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

    def as_json(self, order: int = 1) -> dict[str, float | None]:
        """The numbers by name up to that derivative; JSON has no NaN and no infinities, null stands for them."""
        return {
            name: value if math.isfinite(value) else None
            for name, value in asdict(self).items()
            if order == 2 or not name.startswith("d2y")
        }

    @property
    def jumps(self) -> bool:
        """Whether the function itself jumps, not its derivative alone."""
        return not _same(self.y_left, self.y_right, self.y_at)

    @property
    def bends(self) -> bool:
        """Whether the derivative jumps."""
        return not _same(self.dy_left, self.dy_right, self.dy_at)

    @property
    def twists(self) -> bool:
        """Whether the second derivative jumps."""
        return not _same(self.d2y_left, self.d2y_right, self.d2y_at)


def _same(*values: float) -> bool:
    if not all(map(math.isfinite, values)):
        return False
    largest = max(map(abs, values))
    return max(values) - min(values) <= SMALLEST_STEP * max(1.0, largest)


def examine(
    function: Tensors, points: Sequence[float], *, order: int = 1, dtype: str = "float64", device: str = "cpu"
) -> tuple[Break, ...]:
    """The limits on both sides of each of the ascending ``points``, and what torch returns there.

    Limits are taken in float64: they belong to the function. The values at the point are those of ``dtype``. With
    ``order`` 2 those of the second derivative are among them.
    """
    if not points:
        return ()
    x = np.array(points)
    # Close enough for a straight line to reach the limit within rounding, and far enough from the point for the
    # function's own rounding not to fall back onto it; never across the next break.
    step = 2.0**-36 * np.maximum(1.0, np.abs(x))
    gaps = np.diff(x) / 4
    before = np.minimum(step, np.concatenate([[np.inf], gaps]))
    after = np.minimum(step, np.concatenate([gaps, [np.inf]]))
    order = max(order, 1)
    both = _limits(function, np.concatenate([x, x]), np.concatenate([-before, after]), order, device)
    left, right = both[:, : x.size], both[:, x.size :]
    at = np.array(derivatives(function, x, order=order, dtype=dtype, device=device), dtype=np.float64)
    for side in (left, right):  # what differs by a rounding error is the same
        with np.errstate(over="ignore", invalid="ignore"):
            close = np.isfinite(side) & (np.abs(side - at) <= 1e-14 * np.maximum(1.0, np.abs(at)))
        side[close] = at[close]
    rows = [row for triple in zip(left, right, at, strict=True) for row in triple]
    return tuple(Break(*map(float, numbers)) for numbers in zip(x, *rows, strict=True))


def _limits(function: Tensors, x: Floats, step: Floats, order: int, device: str) -> Floats:
    """Limits of the function (row 0) and its derivatives (rows 1 and up) at ``x`` from the side of ``step``."""

    def around(order: int) -> list[Floats]:
        points = np.concatenate([x + times * step for times in (1, 2, 4)])  # at once, which is quicker
        return np.split(np.array(derivatives(function, points, order=order, device=device)), 3, axis=1)

    try:
        near, far, farther = around(2)  # one more than is asked for shows how the last one grows
    except FunctionFailed:
        near, far, farther = around(order)
    with np.errstate(all="ignore"):  # where the function itself is at the end of the numbers
        straight = near + (near - far)
        # Towards a pole values grow by the same factor with every halving of the distance, or, as logarithms do, by
        # the same amount; what has an infinite slope but no pole converges by a factor, which Aitken's rule follows.
        first, second = near - far, far - farther
        grows = (np.abs(near) > _LARGE) & (near / far > _GROWTH) & (far / farther > _GROWTH)
        creeps = np.zeros_like(grows)
        creeps[:-1] = grows[1:] & (np.abs(first / second - 1)[:-1] < 1e-3)
        bends = np.zeros_like(grows)
        bends[:-1] = (grows | creeps)[1:] & ~(grows | creeps)[:-1]
        limits = np.where(bends, near - first**2 / (first - second), straight)
        # Smooth changes halve with the distance. What does not, by far, swings: sin(1/x) has no limit at 0.
        swings = (np.abs(first) > 1e-3 * np.maximum(1.0, np.abs(near))) & (np.abs(second - 2 * first) > np.abs(first))
        limits = np.where(swings & ~bends, np.nan, limits)
        limits = np.where(np.isinf(near), near, limits)
        limits = np.where(grows | creeps, np.copysign(np.inf, np.where(creeps & ~grows, first, near)), limits)
        limits[1:][np.isnan(limits[:1]).repeat(len(limits) - 1, axis=0)] = np.nan
    return np.array([[float(f"{value:.15g}") for value in row] for row in limits[: order + 1]])


# What counts as growing towards a pole: at least this size next to it, by at least this factor when the distance halves.
_LARGE, _GROWTH = 1e4, 1.2


def find(function: Tensors, low: float, high: float, *, derivative: int = 0, device: str = "cpu") -> tuple[float, ...]:
    """The breaks of any function between ``low`` and ``high``, in ascending order.

    With ``derivative`` 1 or 2 they are those of that derivative and its slope.

    Cells of a fine grid are split until a cubic through their ends predicts what lies between. What resists is
    bisected by the larger change, down to neighbouring floats, where a steep slope has nothing left to show and a
    step still stands. Where the slope keeps growing the closer one gets, there is a pole. Of the floats around a
    break the one with the shortest decimal is its place.

    Steps below 5e-7 do not count: they are rounding errors in float32. Nor do more than 2,000 breaks, which nothing
    could show.
    """
    evaluate = _Evaluator(function, device, derivative)
    left, right = _resisting_cells(evaluate, low, high)
    scale = min(1.0, high - low)
    poles = [_shortest(x, x, scale, 1) for x in _poles(evaluate, left, right)]
    if poles:  # next to a pole neighbouring floats are far apart in value: no step is to be found there
        middle = (left + right) / 2
        nearest = np.min(np.abs(middle[:, None] - np.array(poles)), axis=1)
        left, right = (ends[nearest > 1e-6 * np.maximum(1.0, np.abs(middle))] for ends in (left, right))
    below, above = _bisect(evaluate, left, right)
    steps = [_shortest(a, b, scale, 4) for a, b in zip(below, above, strict=True)]
    found = merged(poles, steps)
    return found if len(found) <= MOST_BREAKS else ()


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
    """Values and slopes as a (2, n) array; no slope where there is no value, whatever autograd says of it.

    With ``derivative`` 1 they are those of the derivative, and so on.
    """

    def __init__(self, function: Tensors, device: str, derivative: int) -> None:
        self._function, self._device, self._derivative = function, device, derivative

    def __call__(self, x: Floats) -> Floats:
        *_, values, slopes = derivatives(self._function, x, order=1 + self._derivative, device=self._device)
        if self._derivative:  # far out, torch's own derivatives of derivatives overflow (gelu's tanh form)
            slopes = np.where(np.isnan(slopes), 0.0, slopes)
        return np.array([values, np.where(np.isnan(values), np.nan, slopes)])


# Cells narrower than this are left to bisection.
_NARROW = 2.0**-25
_GRID = 4096
# More cells than this say that the function wiggles everywhere; the most suspicious ones are kept.
_MOST_CELLS = 2**15
# More breaks than these are too fine to be drawn, and no property of the function but of how it is rounded.
MOST_BREAKS = 2000


def _resisting_cells(evaluate: _Evaluator, low: float, high: float) -> tuple[Floats, Floats]:
    """Narrow cells inside which the function does not follow its ends."""
    powers = (high - low) * 2.0 ** -np.arange(1.0, 44.0)
    whole = np.arange(np.ceil(low), np.floor(high) + 1)[:_GRID] if high - low < 1e6 else np.array([])
    nodes = np.concatenate([np.linspace(low, high, _GRID + 1), powers, -powers, whole, [0.0]])
    nodes = np.unique(nodes[(nodes >= low) & (nodes <= high)] + 0.0)
    left, right = nodes[:-1], nodes[1:]
    at_nodes = evaluate(nodes)
    at_left, at_right = at_nodes[:, :-1], at_nodes[:, 1:]
    kept: list[tuple[Floats, Floats]] = []
    while left.size:
        width = right - left
        share = 0.4871  # off the middle, where a symmetric kink would hide
        middle = left + share * width
        inside = (middle > left) & (middle < right)
        left, right, width, middle = left[inside], right[inside], width[inside], middle[inside]
        at_left, at_right = at_left[:, inside], at_right[:, inside]
        at_middle = evaluate(middle)
        suspicion = _suspicion(at_left, at_middle, at_right, width, share)
        resists = ~(suspicion <= _SUSPICIOUS)  # so that NaN resists
        resists &= np.isfinite(at_left[0]) | np.isfinite(at_middle[0]) | np.isfinite(at_right[0])
        narrow = width <= _NARROW * np.maximum(1.0, np.abs(left))
        done = resists & narrow
        kept.append((left[done], right[done]))
        going = np.flatnonzero(resists & ~narrow)
        if going.size > _MOST_CELLS:
            going = np.sort(going[np.argsort(suspicion[going])[-_MOST_CELLS:]])
        left, right = (
            np.concatenate([left[going], middle[going]]),
            np.concatenate([middle[going], right[going]]),
        )
        at_left, at_right = (
            np.concatenate([at_left[:, going], at_middle[:, going]], axis=1),
            np.concatenate([at_middle[:, going], at_right[:, going]], axis=1),
        )
    return np.concatenate([cell[0] for cell in kept]), np.concatenate([cell[1] for cell in kept])


def _suspicion(at_left: Floats, at_middle: Floats, at_right: Floats, width: Floats, share: float) -> Floats:
    """How far value and slope in the middle are from the cubic through both ends, relative to their size."""
    with np.errstate(all="ignore"):
        t = share
        rise = at_right[0] - at_left[0]
        h00, h10, h01, h11 = 2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, 3 * t**2 - 2 * t**3, t**3 - t**2
        value = h00 * at_left[0] + h01 * at_right[0] + width * (h10 * at_left[1] + h11 * at_right[1])
        cubic = 6 * t * (1 - t) * rise / width + (1 - t) * (1 - 3 * t) * at_left[1] + t * (3 * t - 2) * at_right[1]
        # The difference quotient loses its digits in narrow cells; a straight line between the slopes does as well there.
        straight = (1 - t) * at_left[1] + t * at_right[1]
        slope = np.where(width > 1e-4, cubic, straight)
        off = np.abs(at_middle - np.array([value, slope]))
        size = np.maximum(1.0, np.maximum(np.abs(at_left), np.abs(at_right)))
        return np.asarray(np.max(off / size, axis=0))


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
        # Nine points in each cell; the cell shrinks to the neighbours of the one with the steepest slope.
        points = low + (np.arange(9)[:, None] * ((high - low) / 8)).astype(np.int64)
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
    """Each cell narrowed to two neighbouring floats between which value or slope steps; cells without a step fall out."""
    low, high = _rank(left), _rank(right)
    at_low, at_high = evaluate(left), evaluate(right)
    size = np.maximum(1.0, np.nan_to_num(np.minimum(np.abs(at_low), np.abs(at_high)), posinf=1.0))
    while (apart := high - low > 1).any():
        middle = np.where(apart, low + (high - low) // 2, low)
        at_middle = evaluate(_float(middle))
        first, second = _step(at_low, at_middle), _step(at_middle, at_high)
        go_left = (first >= second) & apart
        go_right = ~go_left & apart
        high, at_high = np.where(go_left, middle, high), np.where(go_left, at_middle, at_high)
        low, at_low = np.where(go_right, middle, low), np.where(go_right, at_middle, at_low)
    # Relative to the cell it was found in, too: where a slope swings between large values it passes small ones.
    real = (_step(at_low, at_high) > _SMALLEST_FOUND) & (_step(at_low / size, at_high / size) > _SMALLEST_FOUND)
    return _float(low[real]), _float(high[real])


_END = 1e300


def _step(first: Floats, second: Floats) -> Floats:
    """The larger of the two changes, in value and in slope, relative to their size; infinite into or out of NaN."""
    # Past the largest float there is infinity, which is no step of the function's.
    first, second = np.clip(first, -_END, _END), np.clip(second, -_END, _END)
    with np.errstate(all="ignore"):
        change = np.abs(second - first) / np.maximum(1.0, np.minimum(np.abs(first), np.abs(second)))
    change[np.isnan(change)] = 0.0
    change[np.isnan(first) != np.isnan(second)] = np.inf
    return np.asarray(change.max(axis=0))


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
