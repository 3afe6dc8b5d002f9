"""Moments: means of powers of a function whose input follows N(0, 1), integrated between its breaks."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from actplot.numerics.tails import rounded

Floats = NDArray[np.float64]

# Beyond this the density of N(0, 1) is 0 in float64.
FURTHEST = 38.0
# Where panels end beside breaks: those beyond the second last hold nothing of what converges.
_EDGES = (1, 2, 4, 8, 16, 27, FURTHEST)
_OUTERMOST = 27.0
# Levels of tanh-sinh for the first panels, and for their halves: a level doubles the points.
_LEVELS = (10, *[6] * 11)
# Panels at once, beyond which halving is given up.
_MOST_PANELS = 2**14
# The error over the integral up to which a panel has converged, and what tanh-sinh is asked for, a little more.
_CONVERGED, _RTOL, _ATOL = 1e-12, 1e-13, 1e-15
# The error over the whole integral beyond which a panel is unsure, and that of all unsure ones beyond which nothing is
# established.
_UNSURE, _UNKNOWN = 1e-10, 1e-9
# What the outermost panels may hold of a whole that converges.
_TAIL = 1e-10
# What stands for infinity, so that infinities of both signs do not meet in a sum.
_LARGE = 1e300
# A moment that is nearer to 0 is 0.
_ZERO = 1e-15


class Pole(NamedTuple):
    """A break with the limits on its sides, of which one may be infinite."""

    x: float
    left: float
    right: float


class _Panels(NamedTuple):
    """Intervals with the integral over each and its error, shape (n,) each."""

    left: Floats
    right: Floats
    integral: Floats
    error: Floats


def expectation(
    values: Callable[[Floats], Floats], breaks: Sequence[float], poles: Sequence[Pole], power: int
) -> float | None:
    """The mean of a power of a function under N(0, 1).

    Parameters
    ----------
    values
        The function on an array of any shape.
    breaks
        Where it or one of its derivatives breaks.
    poles
        Its breaks with their limits.
    power
        1 for the mean, 2 for the second moment.

    Returns
    -------
    float or None
        NaN where the integral does not exist, infinite where it diverges, None where it was not established.
    """
    panels = _integrate(_weighted(values, power), _edges(breaks))
    size = float(np.nansum(np.abs(panels.integral)))
    is_unsure = ~(panels.error <= _UNSURE * max(1.0, size))
    diverging, at_poles = _divergence_at(poles, panels, is_unsure, power)
    integral = np.where(at_poles, 0.0, panels.integral)
    if np.isnan(integral).any():
        return math.nan
    total = float(np.sum(integral))
    diverging += _divergence_far_out(panels._replace(integral=integral), total)
    if diverging:
        signs = {math.copysign(1.0, value) for value in diverging}
        return math.nan if len(signs) > 1 else signs.pop() * math.inf
    if panels.error[is_unsure].sum() > _UNKNOWN * max(1.0, abs(total)):
        return None
    return rounded(total) if abs(total) > _ZERO else 0.0


def _edges(breaks: Sequence[float]) -> Floats:
    """The ends of the first panels."""
    inner = [x for x in breaks if abs(x) < FURTHEST]
    return np.unique([*inner, 0.0, *(sign * x for x in _EDGES for sign in (-1, 1))])


def _weighted(values: Callable[[Floats], Floats], power: int) -> Callable[[Floats], Floats]:
    """The power of the function times the density of N(0, 1); what overflows has no density to hold it down."""

    def integrand(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            density = np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
            powers = values(x) ** power
            weighted = np.where(np.isinf(powers), np.copysign(_LARGE, powers), powers * density)
            return np.asarray(np.where(density > 0, weighted, 0.0))

    return integrand


def _integrate(integrand: Callable[[Floats], Floats], edges: Floats) -> _Panels:
    """Integrals between the edges; panels that do not converge are halved, as long as that helps."""
    from scipy.integrate import tanhsinh  # which whoever only reads facts need not load

    low, high = edges[:-1], edges[1:]
    done: list[Floats] = []
    for maxlevel in _LEVELS:
        with np.errstate(all="ignore"):
            result = tanhsinh(integrand, low, high, rtol=_RTOL, atol=_ATOL, maxlevel=maxlevel)
        panels = np.array([low, high, result.integral, result.error])
        converged = result.error <= _CONVERGED * np.maximum(1.0, np.abs(result.integral))
        done.append(panels[:, converged])
        low, high = low[~converged], high[~converged]
        if not low.size or low.size > _MOST_PANELS:
            break
        middle = (low + high) / 2
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
    return _Panels(*np.concatenate([*done, panels[:, ~converged]], axis=1))


def _divergence_at(
    poles: Sequence[Pole], panels: _Panels, is_unsure: NDArray[np.bool_], power: int
) -> tuple[list[float], NDArray[np.bool_]]:
    """Signs of what grows without bound beside poles, those of the limits to that power, and the panels that it is in."""
    signs: list[float] = []
    within = np.zeros(is_unsure.size, dtype=bool)
    sides = [(panels.right, pole.x, pole.left) for pole in poles] + [
        (panels.left, pole.x, pole.right) for pole in poles
    ]
    for ends, x, limit in sides:
        beside = np.isin(ends, x) & is_unsure
        if math.isinf(limit) and beside.any():
            signs.append(math.copysign(1.0, limit) ** power)
            within |= beside
    return signs, within


def _divergence_far_out(panels: _Panels, total: float) -> list[float]:
    """What the outermost panels hold, where that is a share of the whole."""
    outermost = panels.integral[np.maximum(np.abs(panels.left), np.abs(panels.right)) > _OUTERMOST]
    size = float(np.sum(np.abs(panels.integral)))
    if math.isinf(total) or (np.abs(outermost) > _TAIL * max(1e-300, size)).any():
        return [float(value) for value in outermost if value != 0]
    return []
