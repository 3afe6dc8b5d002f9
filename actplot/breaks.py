"""Breaks: the points where a function or its derivative jumps. Finds them, and takes the one-sided limits there."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actplot.compute import derivatives

if TYPE_CHECKING:
    import torch

# A smaller step is an implementation's own, not the function's: softplus makes one of 2e-9 at its threshold.
SMALLEST_STEP = 1e-8
# The finder, which knows nothing of the function, counts from here: torch's kernels keep some constants in float32,
# which makes celu's slope step by 1.5e-8 at 0.
_SMALLEST_FOUND = 1e-7

Tensors = Callable[["torch.Tensor"], "torch.Tensor"]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Break:
    """A point where a function or its derivative jumps.

    Attributes
    ----------
    x
        The point.
    y_left, y_right
        Limits of the function from each side.
    y_at
        What torch returns at the point.
    dy_left, dy_right, dy_at
        The same of the derivative.
    """

    x: float
    y_left: float
    y_right: float
    y_at: float
    dy_left: float
    dy_right: float
    dy_at: float

    def as_json(self) -> dict[str, float | None]:
        """The numbers by name; JSON has no NaN and no infinities, null stands for them."""
        return {name: value if math.isfinite(value) else None for name, value in asdict(self).items()}

    @property
    def jumps(self) -> bool:
        """Whether the function itself jumps, not its derivative alone."""
        return not _same(self.y_left, self.y_right, self.y_at)

    @property
    def bends(self) -> bool:
        """Whether the derivative jumps."""
        return not _same(self.dy_left, self.dy_right, self.dy_at)


def _same(*values: float) -> bool:
    largest = max(map(abs, values))
    return max(values) - min(values) <= SMALLEST_STEP * max(1.0, largest)


def examine(
    function: Tensors, points: Sequence[float], *, dtype: str = "float64", device: str = "cpu"
) -> tuple[Break, ...]:
    """The limits on both sides of each of the ascending ``points``, and what torch returns there.

    Limits are taken in float64: they belong to the function. The values at the point are those of ``dtype``.
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
    left, right = _limits(function, x, -before, device), _limits(function, x, after, device)
    at = np.array(derivatives(function, x, dtype=dtype, device=device), dtype=np.float64)
    for side in (left, right):  # what differs by a rounding error is the same
        with np.errstate(over="ignore", invalid="ignore"):
            close = np.abs(side - at) <= 1e-14 * np.maximum(1.0, np.abs(at))
        side[close] = at[close]
    return tuple(
        Break(*map(float, numbers))
        for numbers in zip(x, left[0], right[0], at[0], left[1], right[1], at[1], strict=True)
    )


def _limits(function: Tensors, x: Floats, step: Floats, device: str) -> Floats:
    """Limits of the function (row 0) and its derivative (row 1) at ``x`` from the side of ``step``."""
    near = np.array(derivatives(function, x + step, device=device))
    far = np.array(derivatives(function, x + 2 * step, device=device))
    with np.errstate(over="ignore", invalid="ignore"):  # where the function itself is at the end of the numbers
        straight = near + (near - far)
    return np.array([[float(f"{value:.15g}") for value in row] for row in straight])


def find(function: Tensors, low: float, high: float, *, device: str = "cpu") -> tuple[float, ...]:
    """The breaks of any function between ``low`` and ``high``, in ascending order.

    Cells of a fine grid are split until a cubic through their ends predicts what lies between. What resists is
    bisected by the larger change, down to neighbouring floats, where a steep slope has nothing left to show and a
    step still stands. Of the floats around a step the one with the shortest decimal is its place.

    Steps below 1e-7 do not count: they are rounding errors of torch's own constants.
    """
    evaluate = _Evaluator(function, device)
    left, right = _resisting_cells(evaluate, low, high)
    left, right = _bisect(evaluate, left, right)
    found: list[float] = []
    scale = min(1.0, high - low)
    for place in sorted(_shortest(a, b, scale) for a, b in zip(left, right, strict=True)):
        if not found or place - found[-1] > 1e-12 * max(1.0, abs(place)):
            found.append(place)
    return tuple(found)


class _Evaluator:
    """Values and slopes as a (2, n) array; no slope where there is no value, whatever autograd says of it."""

    def __init__(self, function: Tensors, device: str) -> None:
        self._function, self._device = function, device

    def __call__(self, x: Floats) -> Floats:
        values, slopes = derivatives(self._function, x, device=self._device)
        return np.array([values, np.where(np.isnan(values), np.nan, slopes)])


# Cells narrower than this are left to bisection.
_NARROW = 2.0**-20
_GRID = 4096
# More cells than this say that the function wiggles everywhere; the most suspicious ones are kept.
_MOST_CELLS = 2**19


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
        resists = ~(suspicion <= _SMALLEST_FOUND / 4)  # so that NaN resists
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


def _bisect(evaluate: _Evaluator, left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """Each cell narrowed to two neighbouring floats between which value or slope steps; cells without a step fall out."""
    low, high = _rank(left), _rank(right)
    at_low, at_high = evaluate(left), evaluate(right)
    while (apart := high - low > 1).any():
        middle = np.where(apart, low + (high - low) // 2, low)
        at_middle = evaluate(_float(middle))
        first, second = _step(at_low, at_middle), _step(at_middle, at_high)
        go_left = (first >= second) & apart
        go_right = ~go_left & apart
        high, at_high = np.where(go_left, middle, high), np.where(go_left, at_middle, at_high)
        low, at_low = np.where(go_right, middle, low), np.where(go_right, at_middle, at_low)
    real = _step(at_low, at_high) > _SMALLEST_FOUND
    return _float(low[real]), _float(high[real])


def _step(first: Floats, second: Floats) -> Floats:
    """The larger of the two changes, in value and in slope, relative to their size; infinite into or out of NaN."""
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


def _shortest(a: float, b: float, scale: float) -> float:
    """The number with the shortest decimal within a few floats of both.

    Close to 0 the floats lie closer than the sums in a function can tell apart: there those at ``scale`` count.
    """
    slack = 4 * np.spacing(max(abs(a), abs(b), scale))
    if a - slack <= 0 <= b + slack:
        return 0.0
    for digits in range(17):
        candidate = float(f"{a:.{digits}e}")
        if a - slack <= candidate <= b + slack:
            return candidate
    return float(a)
