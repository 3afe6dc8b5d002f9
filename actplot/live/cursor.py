"""What shows the cursor: a line through all panels, a dot on each curve, the tangent."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.artist import Artist

from actplot.live.layout import ACCENT
from actplot.live.reading import Reader
from actplot.live.state import CursorState
from actplot.numerics.curve import Curve, Point
from actplot.plot.figure import CurveFigure
from actplot.plot.marks import tangent


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
