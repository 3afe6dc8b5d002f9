"""The cursor: where it snaps to, and what shows it: a line through all panels, a dot on each curve, the tangent."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import LocationEvent

from actplot.live.layout import ACCENT
from actplot.live.reading import Reader
from actplot.live.rounding import round_to
from actplot.live.state import CursorState
from actplot.numerics.curve import Curve, Point
from actplot.plot.figure import CurveFigure
from actplot.plot.marks import tangent

if TYPE_CHECKING:
    from actplot.text import Text

# Pixels within which the pointer snaps to a break or an extremum.
_REACH = 7


def snap(reader: Reader, axes: Axes, quantities: Sequence[str], event: LocationEvent) -> CursorState:
    """Where the pointer points: at a break or an extremum that is near, else at its own place with few digits."""
    assert event.xdata is not None
    curves = reader.curves
    low, high = axes.get_xlim()
    pixel = (high - low) / axes.bbox.width
    start, end = curves[0].range
    x = min(max(round_to(event.xdata, pixel), start), end)
    distances = [
        (abs(axes.transData.transform((x, reading[quantity].here))[1] - event.y), index, quantity)
        for index, reading in enumerate(reader.at(x))
        for quantity in quantities
    ]
    distances = [each for each in distances if not np.isnan(each[0])]
    _, nearest, quantity = min(distances, default=(0.0, 0, quantities[0]))
    stops: list[tuple[float, float, Text | None]] = [
        (abs(at.x - event.xdata), at.x, None)
        for curve in curves
        for at in curve.breaks
        if at.y_is_discontinuous or at.dy_is_discontinuous or (at.d2y_is_discontinuous and "d2y" in quantities)
    ]
    stops += [(abs(sample - event.xdata), sample, kind) for sample, kind in reader.extrema(nearest, quantity)]
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


class Cursor:
    """The artists that show the cursor in the panels of a figure on which these curves were drawn."""

    def __init__(self, figure: CurveFigure, curves: Sequence[Curve]) -> None:
        self._figure = figure
        self._places = range(len(curves)) if len(curves) > 1 else (None,)
        # Not the grey of zero axes and asymptotes.
        self._lines = [axes.axvline(color=ACCENT, linewidth=1.2, animated=True) for axes, _ in figure.panels]
        self._dots = []
        self._tangents = []
        for axes, quantities in figure.panels:
            colours = [figure.line_style(quantity, place)[0] for quantity in quantities for place in self._places]
            dots = axes.scatter([0.0] * len(colours), [0.0] * len(colours), s=46, c=colours, zorder=5, animated=True)
            dots.set_edgecolor(axes.get_facecolor())
            self._dots.append(dots)
            if "y" in quantities:
                self._tangents += [axes.plot([], [], linewidth=1.3, animated=True)[0] for _ in ("left", "right")]
        self.hide()

    def hide(self) -> None:
        """Shows no cursor."""
        for artist in (*self._lines, *self._dots, *self._tangents):
            artist.set_visible(False)

    def show(self, state: CursorState, reader: Reader) -> None:
        """Shows where the cursor is, with the tangent of the curve that was nearest to the pointer."""
        x = state.x
        assert x is not None
        readings = reader.at(x)
        for line in self._lines:
            line.set(visible=True, xdata=[x, x], linestyle="-" if state.is_pinned else "--")
        for dots, (_, quantities) in zip(self._dots, self._figure.panels, strict=True):
            dots.set_visible(True)
            dots.set_offsets([(x, reading[quantity].here) for quantity in quantities for reading in readings])
        reading = readings[state.curve]
        if "dy" in reading and self._tangents:
            here = Point(x, reading["y"].here, reading["dy"].here, np.nan)
            colour = self._figure.line_style("dy", self._places[state.curve])[0]
            for artist, (xs, ys) in zip(self._tangents, tangent(reader.curves[state.curve], here), strict=True):
                artist.set(visible=True, xdata=xs, ydata=ys, color=colour)

    @property
    def artists(self) -> Iterator[Artist]:
        """What is visible now, in the order of drawing."""
        return (artist for artist in (*self._tangents, *self._lines, *self._dots) if artist.get_visible())
