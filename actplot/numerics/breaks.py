"""Breaks: points where a function or its derivative is not continuous, with the one-sided limits there."""

import math
from collections.abc import Callable, Sequence
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

Tensors = Callable[["torch.Tensor"], "torch.Tensor"]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Break:
    """A point where a function or its derivative jumps, or has a pole, or where one side has no values.

    Steps are measured against the function's own scale, which ``_scale`` holds.

    Attributes
    ----------
    x
        The place.
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
    def is_removable(self) -> bool:
        """Whether both limits are the same and another value would make the function continuous: sin(x)/x at 0."""
        return self.y_is_discontinuous and _same(self._scale, self.y_left, self.y_right)

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


# Distance from a break, over the size of x, at which limits are taken: close enough for a straight line to reach the
# limit within rounding, and far enough for the function's own rounding not to fall back onto the break.
_LIMIT_STEP = 2.0**-36
# Distances at which values are taken for a limit, in steps, nearest first.
_DISTANCES = (1, 2, 4, 8, 16)
# The share of the gap to the next break that the furthest of them may take, so that limits never reach across it.
_SHARE_OF_GAP = 1 / 4
# What differs from the value at the break by less, relatively, is that value with another rounding error.
_ROUNDING = 1e-14


def examine(
    function: Tensors,
    points: Sequence[float],
    *,
    order: int = 1,
    dtype: str = "float64",
    device: str = "cpu",
    scale: float = 1.0,
) -> tuple[Break, ...]:
    """The limits on both sides of each point, and what torch returns there.

    Parameters
    ----------
    function
        Takes and returns a tensor, element by element.
    points
        The places of the breaks, ascending.
    order
        With 2 those of the second derivative are among them.
    dtype, device
        What torch computes in and on. Limits are taken in float64 whatever the ``dtype``: they belong to the function.
    scale
        The size of the function that steps are measured against: see :func:`actplot.numerics.finder.scale_of`.

    Raises
    ------
    FunctionFailed
        If the function raises or cannot be differentiated so often.

    Examples
    --------
    >>> (at,) = examine(lambda x: x.clamp(min=0), [0.0])
    >>> at.dy_left, at.dy_right, at.y_is_discontinuous
    (0.0, 1.0, False)
    """
    if not points:
        return ()
    x = np.array(points)
    before, after = _steps(x)
    order = max(order, 1)
    both = _limits(function, np.concatenate([x, x]), np.concatenate([-before, after]), order, device)
    left, right = both[:, : x.size], both[:, x.size :]
    at = np.array(derivatives(function, x, order=order, dtype=dtype, device=device), dtype=np.float64)
    for side in (left, right):
        with np.errstate(over="ignore", invalid="ignore"):
            is_same = np.isfinite(side) & np.isfinite(at)
            is_same &= np.abs(side - at) <= _ROUNDING * np.maximum(1.0, np.abs(at))
        side[is_same] = at[is_same]
    rows = [row for triple in zip(left, right, at, strict=True) for row in triple]
    found = (Break(*map(float, numbers)) for numbers in zip(x, *rows, strict=True))
    return tuple(replace(each, _scale=scale) for each in found)


def _steps(x: Floats) -> tuple[Floats, Floats]:
    """The distances before and after each point in whose multiples limits are taken."""
    step = _LIMIT_STEP * 2.0 ** np.floor(np.log2(np.maximum(1.0, np.abs(x))))  # a power of two, which sums take exactly
    gaps = np.diff(x) * _SHARE_OF_GAP / _DISTANCES[-1]
    return np.minimum(step, np.concatenate([[np.inf], gaps])), np.minimum(step, np.concatenate([gaps, [np.inf]]))


def _limits(function: Tensors, x: Floats, step: Floats, order: int, device: str) -> Floats:
    """Limits of the function (row 0) and its derivatives (rows 1 and up) at ``x`` from the side of ``step``.

    Infinite where values diverge, NaN where they oscillate. Accurate to 15 digits: the last one is lost to rounding.
    """
    levels = _values_near(function, x, step, order, device)
    with np.errstate(all="ignore"):  # where the function itself is at the end of the numbers
        near, far = levels[:2]
        diverges = _diverges(levels)
        # Where the derivative alone is infinite, the function converges too slowly for a straight line.
        is_steep = np.zeros_like(diverges)
        is_steep[:-1] = diverges[1:] & ~diverges[:-1]
        limits = np.where(is_steep, _slow_limits(levels), near + (near - far))
        limits = np.where(_oscillates(levels) & ~is_steep, np.nan, limits)
        limits = np.where(np.isinf(near), near, limits)
        limits = np.where(diverges, np.copysign(np.inf, near - far), limits)
        limits[1:, np.isnan(limits[0])] = np.nan
    return np.array([[float(f"{value:.15g}") for value in row] for row in limits[: order + 1]])


# What a halving of the distance adds over what the one before added, at the least, on the way to infinity: a logarithm
# adds the same for ever, a power p of the distance 2^-p of it. Powers below 0.007 are taken for logarithms.
_KEEPS_GROWING = 0.995
# Differences between the two nearest values, relative to their size, up to which they are not on the way to infinity,
# and do not oscillate: so near the point, smooth functions change by far less.
_ARRIVED, _STEADY = 1e-6, 1e-3
# The share of what is left to the limit that Wynn's rho cannot tell.
_LOST = 1e-9


def _values_near(function: Tensors, x: Floats, step: Floats, order: int, device: str) -> Floats:
    """Values and derivatives at the distances, shape (5, rows, n): one derivative more than ``order`` if torch has it.

    How that one grows shows how the last one behaves.
    """
    points = np.concatenate([x + times * step for times in _DISTANCES])  # at once, which is quicker

    def up_to(order: int) -> Floats:
        rows = np.array(derivatives(function, points, order=order, device=device))
        return np.array(np.split(rows, len(_DISTANCES), axis=1))

    try:
        return up_to(2)
    except FunctionFailed:
        return up_to(order)


def _diverges(levels: Floats) -> NDArray[np.bool_]:
    """Whether every halving of the distance adds as much as the one before, as to a logarithm, or more."""
    added = -np.diff(levels, axis=0)
    has_arrived = np.abs(added[0]) <= _ARRIVED * np.maximum(1.0, np.abs(levels[0]))
    return np.asarray((added[:-1] / added[1:] > _KEEPS_GROWING).all(axis=0) & ~has_arrived)


def _oscillates(levels: Floats) -> NDArray[np.bool_]:
    """Whether values go up and down ever closer to the point, as sin(1/x) does: smooth changes halve with the distance."""
    near, far, farther = levels[:3]
    first, second = near - far, far - farther
    is_steady = np.abs(first) <= _STEADY * np.maximum(1.0, np.abs(near))
    return np.asarray(~is_steady & (np.abs(second - 2 * first) > np.abs(first)))


def _slow_limits(levels: Floats) -> Floats:
    """Limits of values that converge too slowly for a straight line, as a root or 1/log(x) do.

    Of Aitken's rule, exact where each halving of the distance adds the same share of what the one before added, and
    Wynn's rho, exact where what is left shrinks as 1/n after n halvings, the one that agrees better with itself one and
    two halvings earlier.
    """
    added = levels[:-1] - levels[1:]
    by_factor = levels[:-2] - added[:-1] ** 2 / (added[:-1] - added[1:])
    by_count = levels[1:-1] + 2 / (1 / added[:-1] - 1 / added[1:])
    prefers_count = np.ptp(by_count, axis=0) < np.ptp(by_factor, axis=0)
    # The second loses some digits in differences of differences.
    unit = _LOST * 10.0 ** np.floor(np.log10(np.abs(levels[0] - by_count[0])))
    return np.asarray(np.where(prefers_count, np.round(by_count[0] / unit) * unit, by_factor[0]))
