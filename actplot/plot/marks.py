"""What of a curve is drawn: its line, the dots at its breaks, tangents. As arrays, for every renderer.

Imports no matplotlib.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from actplot.numerics.breaks import Break
from actplot.numerics.curve import Curve, Point
from actplot.plot.encoding import QUANTITIES

Floats = NDArray[np.float64]

# Beyond this the arithmetic of the axes overflows: a curve that gets there leaves the panel.
_TALLEST = 1e300
# Share of the range that a tangent reaches to either side of its point.
_TANGENT_REACH = 0.16


def drawable(y: ArrayLike) -> Floats:
    """Values with NaN in the place of those that no axes can hold."""
    y = np.asarray(y, dtype=np.float64)
    return np.where(np.abs(y) < _TALLEST, y, np.nan)


def line_points(curve: Curve, quantity: str) -> tuple[Floats, Floats]:
    """The line that shows a quantity: x and y, with NaN where it is interrupted.

    Where the curve has an envelope, it goes from the least to the greatest value and back, once a column.
    """
    y = drawable(getattr(curve, quantity))
    if curve.envelope is None:
        return curve.x, y
    edges, *bounds = curve.envelope
    low, high = (drawable(bound[QUANTITIES.index(quantity)]) for bound in bounds)
    covered = ~np.isnan(bounds[0][0])
    column = (np.searchsorted(edges, curve.x, "right") - 1).clip(0, low.size - 1)
    kept = ~covered[column]
    middle = ((edges[:-1] + edges[1:]) / 2)[covered].repeat(2)
    swing = np.column_stack([low, high])[covered]
    swing[1::2] = swing[1::2, ::-1]
    x, y = np.concatenate([curve.x[kept], middle]), np.concatenate([y[kept], swing.ravel()])
    order = np.argsort(x, kind="stable")
    return x[order], y[order]


def dots(curve: Curve, quantity: str) -> tuple[tuple[list[float], list[float]], tuple[list[float], list[float]]]:
    """Where dots stand, x and y: open ones at the limits of each break, filled ones at the value that torch returns."""
    low, high = curve.range
    open_x, open_y, filled_x, filled_y = [], [], [], []
    for at in curve.breaks if curve.has_few_breaks else ():
        limits = [getattr(at, f"{quantity}_{side}") for side in ("left", "right")]
        if not _is_discontinuous(at, quantity) or np.isinf(limits).all():
            continue
        for limit, is_inside in zip(limits, (at.x > low, at.x < high), strict=True):
            if is_inside and not np.isinf(limit):
                open_x.append(at.x)
                open_y.append(limit)
        if not np.isinf(value := getattr(at, f"{quantity}_at")):
            filled_x.append(at.x)
            filled_y.append(value)
    return (open_x, open_y), (filled_x, filled_y)


def _is_discontinuous(at: Break, quantity: str) -> bool:
    """Whether the quantity, or one that it is a derivative of, jumps at a break."""
    jumps = (at.y_is_discontinuous, at.dy_is_discontinuous, at.d2y_is_discontinuous)
    return any(jumps[: QUANTITIES.index(quantity) + 1])


def is_pole(at: Break, quantity: str) -> bool:
    """Whether a one-sided limit of the quantity is infinite at a break."""
    return bool(np.isinf([getattr(at, f"{quantity}_left"), getattr(at, f"{quantity}_right")]).any())


def tangent(curve: Curve, point: Point) -> Iterator[tuple[Floats, Floats]]:
    """The tangent at a point, as a line to the left and one to the right; at a break each has the slope of its side."""
    reach = _TANGENT_REACH * (curve.range[1] - curve.range[0])
    here = next(
        (each for each in curve.breaks if each.x == point.x and (each.y_is_discontinuous or each.dy_is_discontinuous)),
        None,
    )
    halves = (
        [(-reach, point.y, point.dy), (reach, point.y, point.dy)]
        if here is None
        else [(-reach, here.y_left, here.dy_left), (reach, here.y_right, here.dy_right)]
    )
    for run, y, slope in halves:
        yield np.array([point.x, point.x + run]), drawable([y, y + slope * run])
