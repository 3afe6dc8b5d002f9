"""What a panel shows of its axes. Imports no matplotlib."""

from collections.abc import Sequence

import numpy as np

from actplot.numerics.curve import Curve
from actplot.numerics.thinning import GROUPS, group_starts
from actplot.numerics.window import QUANTILES, window_beside_poles
from actplot.plot.marks import Floats, dots, drawable, line_points

# Share of the height of what is shown that stays free above and below it.
_MARGIN = 0.06
# A curve is constant whose values differ by less, relative to them.
_CONSTANT = 1e-9
# The least size that such a difference is relative to, above the smallest numbers of float64.
_LEAST = 1e-290


def x_limits(curves: Sequence[Curve]) -> tuple[float, float]:
    """The ends of x that hold all of the curves."""
    return min(curve.range[0] for curve in curves), max(curve.range[1] for curve in curves)


def y_limits(curves: Sequence[Curve], quantities: Sequence[str]) -> tuple[float, float]:
    """The ends of y around what a panel shows; a constant gets room on both sides, and 0 in sight.

    Where a curve has a pole, what comes within a few percent of the range of it leaves the panel.
    """
    extents = [each for curve in curves for quantity in quantities if (each := _extent(curve, quantity))]
    low, high = min((low for low, _ in extents), default=0.0), max((high for _, high in extents), default=0.0)
    if high - low <= _CONSTANT * max(_LEAST, abs(low), abs(high)):
        reach = abs(high) or 1.0
        low, high = min(low, 0.0) - reach / 2, max(high, 0.0) + reach / 2
    margin = _MARGIN * (high - low)
    return low - margin, high + margin


def _extent(curve: Curve, quantity: str) -> tuple[float, float] | None:
    """The least and greatest value of a quantity that is to be seen; None where it has no value."""
    line = line_points(curve, quantity)
    sides = [getattr(each, f"{quantity}_{side}") for each in curve.breaks for side in ("left", "right")]
    _, (_, filled) = dots(curve, quantity)
    y = np.concatenate([line[1], drawable([*sides, *filled, *(getattr(point, quantity) for point in curve.points)])])
    y = y[np.isfinite(y)]
    if not y.size:
        return None
    low, high = float(y.min()), float(y.max())
    if np.isinf(sides).any() or curve.too_many_breaks:
        bottom, top = window_beside_poles(*_quantiles(*_evenly(curve, *line)))
        low, high = max(low, bottom), min(high, top)
    return low, high


def _evenly(curve: Curve, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Of a line through many samples those that every curve keeps: see :mod:`actplot.numerics.thinning`."""
    if curve.samples <= GROUPS:
        return x, y
    places = np.searchsorted(x, group_starts(curve.range, curve.samples)).clip(0, x.size - 1)
    return x[places], y[places]


def _quantiles(x: Floats, y: Floats) -> Floats:
    """The quantiles of the values, each weighted with the length along x that it stands for."""
    weight = np.gradient(x)
    weight[~np.isfinite(y)] = 0.0
    order = np.argsort(y)
    return np.interp(QUANTILES, np.cumsum(weight[order]) / weight.sum(), np.nan_to_num(y[order]))
