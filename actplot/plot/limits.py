"""What a panel shows of its axes. Imports no matplotlib."""

import math
from collections.abc import Sequence

import numpy as np

from actplot.errors import Argument, BadValue
from actplot.numerics.curve import Curve
from actplot.numerics.thinning import GROUPS, group_starts
from actplot.numerics.window import QUANTILES, window_beside_poles
from actplot.plot.marks import Floats, dots, drawable, line_points
from actplot.text import Text

# Share of the height of what is shown that stays free above and below it.
_MARGIN = 0.06
# How much of the margin a line at 0 may need to be in sight without lying on the frame.
_EDGE = 2 / 3
# A curve is constant whose values differ by less, relative to them.
_CONSTANT = 1e-9
# The least size that such a difference is relative to, above the smallest numbers of float64.
_LEAST = 1e-290
# On a symmetrical logarithmic axis: up to here it is linear, where a unit is as long as this share of a decade.
LINEAR_TO = 1.0
_UNIT = 1 / (1 - 1 / 10)


def x_limits(curves: Sequence[Curve]) -> tuple[float, float]:
    """The ends of x that hold all of the curves."""
    return min(curve.range[0] for curve in curves), max(curve.range[1] for curve in curves)


def y_limits(curves: Sequence[Curve], quantities: Sequence[str], scale: str = "linear") -> tuple[float, float]:
    """The ends of y around what a panel shows; a constant gets room on both sides.

    0 is in sight, unless the curves would keep less than half of the height.
    Where a curve has a pole, what comes within a few percent of the range of it leaves the panel. A logarithmic
    ``scale`` holds what lies above 0.
    """
    if scale == "log":
        return _logarithmic_limits(curves, quantities)
    extents = [each for curve in curves for quantity in quantities if (each := _extent(curve, quantity))]
    low, high = min((low for low, _ in extents), default=0.0), max((high for _, high in extents), default=0.0)
    if high - low <= _CONSTANT * max(_LEAST, abs(low), abs(high)):
        reach = abs(high) or 1.0
        low, high = min(low, 0.0) - reach / 2, max(high, 0.0) + reach / 2
    if scale == "symlog":
        low, high = _compressed(low), _compressed(high)
        margin = _MARGIN * (high - low)
        return _expanded(low - margin), _expanded(high + margin)
    margin = _MARGIN * (high - low)
    if _EDGE * margin < max(low, -high) <= high - low:
        low, high = min(low, 0.0), max(high, 0.0)
        margin = _MARGIN * (high - low)
    return low - margin, high + margin


def _logarithmic_limits(curves: Sequence[Curve], quantities: Sequence[str]) -> tuple[float, float]:
    values = np.concatenate([line_points(curve, quantity)[1] for curve in curves for quantity in quantities])
    values = values[values > 0]
    if not values.size:
        names = ", ".join(dict.fromkeys(curve.function.label for curve in curves))
        given, symmetrical = Argument("yscale", ("log",)), Argument("yscale", ("symlog",))
        raise BadValue(
            Text(
                f"{given}: nothing of {names} lies above 0 in a panel",
                f"{given}：有一个面板里 {names} 没有大于 0 的值",
            ),
            Text(
                f"use {symmetrical}, or choose others with {Argument('panels')}",
                f"请用 {symmetrical}，或用 {Argument('panels')} 选别的面板",
            ),
        )
    low, high = float(values.min()), float(values.max())
    margin = max(1.2, (high / low) ** _MARGIN)
    return low / margin, high * margin


def _compressed(y: float) -> float:
    """A place on a symmetrical logarithmic axis, as matplotlib has it."""
    size = abs(y)
    return math.copysign(size * _UNIT if size <= LINEAR_TO else _UNIT + math.log10(size), y)


def _expanded(place: float) -> float:
    size = abs(place)
    return math.copysign(size / _UNIT if size <= _UNIT else 10 ** (size - _UNIT), place)


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
