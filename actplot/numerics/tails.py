"""Tails: what a function does towards an infinity, from its values between 1e2 and 1e9."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Decades that are looked at, from 1e2 on, and points in each.
_DECADES, _PER_DECADE = 7, 61
# The spread within the last decade, over the size of its values, up to which they tend to a limit; below the second it
# is rounding errors, which need not shrink from decade to decade.
_SETTLED, _ROUNDING = 1e-6, 1e-14
# A limit that is nearer to 0 is 0.
_ZERO = 1e-12
# What grows without bound adds at least this from decade to decade, and each time at least half of what it added before:
# a logarithm adds the same for ever.
_LEAST_ADDED, _LEAST_KEPT = 1e-3, 0.5


class Tail(NamedTuple):
    """What a function does towards an infinity.

    Attributes
    ----------
    limit
        The limit, finite or infinite; NaN where there is none.
    low, high
        -inf and inf for what grows without bound that way, else NaN.
    """

    limit: float
    low: float = math.nan
    high: float = math.nan


NO_TAIL = Tail(math.nan)


def tail(values: Callable[[Floats], Floats], side: float) -> Tail:
    """What the values do towards an infinity, from how their bounds change from decade to decade.

    Parameters
    ----------
    values
        The function on an array.
    side
        -1 towards minus infinity, 1 towards infinity.
    """
    x = np.geomspace(1e2, 1e9, _DECADES * _PER_DECADE + 1)[:-1].reshape(_DECADES, -1)
    with np.errstate(all="ignore"):
        y = values((side * x).ravel()).reshape(x.shape)
    y = y[~np.isnan(y).any(axis=1)]  # past the largest float there is nothing to see
    if len(y) == 0:
        return NO_TAIL
    tops, bottoms = y.max(axis=1), y.min(axis=1)
    low, high = _unbounded(tops, bottoms)
    if not math.isnan(high) and (np.isinf(bottoms[-1]) or _keeps_growing(bottoms)):
        return Tail(math.inf, low, high)
    if not math.isnan(low) and (np.isinf(tops[-1]) or _keeps_growing(-tops)):
        return Tail(-math.inf, low, high)
    return Tail(_finite_limit(values, side, y) if _is_settled(tops, bottoms) else math.nan, low, high)


def _unbounded(tops: Floats, bottoms: Floats) -> tuple[float, float]:
    """-inf and inf where values grow without bound, NaN where they do not."""
    if np.isfinite([tops, bottoms]).all():
        falls, rises = _keeps_growing(-bottoms), _keeps_growing(tops)
    else:
        falls, rises = bool(np.isneginf(bottoms[-1])), bool(np.isposinf(tops[-1]))
    return -math.inf if falls else math.nan, math.inf if rises else math.nan


def _keeps_growing(levels: Floats) -> bool:
    """Whether every one of the last decades adds about as much as the one before, or more."""
    with np.errstate(all="ignore"):
        added = np.diff(levels)[-4:]
        return bool(len(added) == 4 and (added > _LEAST_ADDED).all() and (added[1:] > _LEAST_KEPT * added[:-1]).all())


def _is_settled(tops: Floats, bottoms: Floats) -> bool:
    """Whether the values of the last decade are close to each other, and not less so than those of the one before."""
    with np.errstate(all="ignore"):
        spread = tops - bottoms
    size = max(1.0, abs(tops[-1]))
    return bool(len(tops) > 1 and spread[-1] <= _SETTLED * size and spread[-1] <= max(spread[-2], _ROUNDING * size))


def _finite_limit(values: Callable[[Floats], Floats], side: float, y: Floats) -> float:
    """The value at the decade that changes least: further out cancellation may leave only rounding errors."""
    levels = values(side * np.geomspace(1e2, 1e15, 14))
    with np.errstate(all="ignore"):
        steps = np.abs(np.diff(levels))
    steps[~np.isfinite(steps)] = np.inf
    limit = float(levels[1:][::-1][steps[::-1].argmin()])
    limit = limit if math.isfinite(limit) else float(y[-1, -1])
    return 0.0 if abs(limit) < _ZERO else rounded(limit)


def rounded(value: float) -> float:
    """A value without the rounding errors of its last digits, if that changes it by no more than they do."""
    if not math.isfinite(value):
        return value
    short = float(f"{value:.12g}")
    return short + 0.0 if abs(short - value) <= 4e-15 * max(1.0, abs(value)) else value
