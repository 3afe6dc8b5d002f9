"""The pointer and the arrow keys: where they put the cursor."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes

from actplot.live.panels import Panels
from actplot.live.reading import Reader, format_number
from actplot.live.rounding import round_to
from actplot.live.state import CursorState
from actplot.numerics.curve import Curve

if TYPE_CHECKING:
    from actplot.text import Text

# Pixels within which the pointer snaps to a break or an extremum.
_REACH = 7


class Pointer:
    """Moves the cursor of a figure.

    ``shown`` gives the cursor, the curves that it reads and the panels; ``point`` is given where the cursor is to be.
    """

    def __init__(
        self, shown: Callable[[], tuple[CursorState, Reader, Panels]], point: Callable[[CursorState], object]
    ) -> None:
        self._shown, self._point = shown, point

    def moved(self, event: Any, *, is_busy: bool) -> None:
        """Follows the pointer, unless the cursor is pinned or the hand ``is_busy`` with something else."""
        cursor, reader, panels = self._shown()
        panel = panels.under(event)
        if panel is None:
            self.left()
        elif not (cursor.is_pinned or event.buttons or is_busy):
            self._point(snap(reader, *panel, event.xdata, event.ydata))

    def left(self) -> None:
        """Takes the cursor away, unless it is pinned: the pointer has left the panels."""
        cursor, _, _ = self._shown()
        if not cursor.is_pinned:
            self._point(replace(cursor, x=None))

    def pressed(self, event: Any) -> None:
        """Pins the cursor, or lets go of it."""
        cursor, reader, panels = self._shown()
        if (panel := panels.under(event)) is None:
            return
        if cursor.is_pinned:
            self._point(replace(cursor, is_pinned=False))
        else:
            self._point(replace(snap(reader, *panel, event.xdata, event.ydata), is_pinned=True))

    def step(self, direction: int, steps: int) -> None:
        """Moves the cursor in a direction (1 or -1) along the curve, by one of so many steps across the panel."""
        cursor, reader, panels = self._shown()
        x = step(reader.curves, panels.limits, cursor.x, direction, steps)
        self._point(replace(cursor, x=x, extremum=None))

    def coordinates(self, axes: Axes, quantities: Sequence[str], x: float, y: float) -> str:
        """What the toolbar says of a point of a panel: the x of the readout, and the height of the pointer."""
        cursor, reader, _ = self._shown()
        toolbar: Any = axes.figure.canvas.toolbar
        if not (toolbar is not None and toolbar.mode):
            read = cursor.x if cursor.is_pinned else snap(reader, axes, quantities, x, y).x
            x = x if read is None else read
        low, high = axes.get_ylim()
        return f"x = {format_number(x)}   y = {format_number(round_to(y, (high - low) / axes.bbox.height))}"


def snap(reader: Reader, axes: Axes, quantities: Sequence[str], x: float, y: float) -> CursorState:
    """Where a point of a panel points: at a break or an extremum that is near, else at its own x with few digits."""
    curves = reader.curves
    low, high = axes.get_xlim()
    pixel = (high - low) / axes.bbox.width
    start, end = curves[0].range
    pointed, height = x, axes.transData.transform((x, y))[1]
    x = min(max(round_to(pointed, pixel), start), end)
    distances = [
        (abs(axes.transData.transform((x, reading[quantity].here))[1] - height), index, quantity)
        for index, reading in enumerate(reader.at(x))
        for quantity in quantities
    ]
    distances = [each for each in distances if not np.isnan(each[0])]
    _, nearest, quantity = min(distances, default=(0.0, 0, quantities[0]))
    stops: list[tuple[float, float, Text | None]] = [
        (abs(at.x - pointed), at.x, None)
        for curve in curves
        for at in curve.breaks
        if at.y_is_discontinuous or at.dy_is_discontinuous or (at.d2y_is_discontinuous and "d2y" in quantities)
    ]
    stops += [(abs(sample - pointed), sample, kind) for sample, kind in reader.extrema(nearest, quantity)]
    stops = [each for each in stops if each[0] < _REACH * pixel]
    if not stops:
        return CursorState(x, nearest, quantity)
    _, x, kind = min(stops, key=lambda each: each[0])
    if kind is not None:
        x = reader.extremum(nearest, quantity, x, kind)
    return CursorState(x, nearest, quantity, kind)


def step(curves: Sequence[Curve], limits: tuple[float, float], x: float | None, direction: int, steps: int) -> float:
    """The x one step from ``x`` in a direction (1 or -1), of so many across the ``limits``; steps end at breaks."""
    low, high = limits
    start, end = curves[0].range
    length = (high - low) / steps
    before = x if x is not None else (low + high) / 2
    after = min(max(round_to(before + direction * length, length / 2), start), end)
    passed = [
        at.x
        for curve in curves
        for at in curve.breaks
        if 0 < direction * (at.x - before) <= direction * (after - before)
    ]
    return min(passed, key=lambda x: abs(x - before)) if passed else after
