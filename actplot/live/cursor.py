"""What shows a point of the curves in the panels: a line through all of them, a dot on each curve, the tangent."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.artist import Artist

from actplot.live.controls import ACCENT
from actplot.live.reading import Value
from actplot.numerics.curve import Curve, Point
from actplot.plot.figure import CurveFigure
from actplot.plot.marks import tangent


class Cursor:
    """The artists that follow the pointer over the panels of a sheet on which these curves were drawn."""

    def __init__(self, sheet: CurveFigure, curves: Sequence[Curve]) -> None:
        self._sheet = sheet
        self._places = range(len(curves)) if len(curves) > 1 else (None,)
        # Not the grey of zero axes and asymptotes.
        self._lines = [axes.axvline(color=ACCENT, linewidth=1.2, animated=True) for axes, _ in sheet.panels]
        self._dots = []
        self._tangents = []
        for axes, parts in sheet.panels:
            colours = [sheet.line_style(part, place)[0] for part in parts for place in self._places]
            spots = axes.scatter([0.0] * len(colours), [0.0] * len(colours), s=46, c=colours, zorder=5, animated=True)
            spots.set_edgecolor(axes.get_facecolor())
            self._dots.append(spots)
            if "y" in parts:
                self._tangents += [axes.plot([], [], linewidth=1.3, animated=True)[0] for _ in ("left", "right")]
        self.hide()

    def hide(self) -> None:
        """Points at nothing."""
        for artist in (*self._lines, *self._dots, *self._tangents):
            artist.set_visible(False)

    def point(
        self, x: float, curves: Sequence[Curve], readings: Sequence[dict[str, Value]], *, nearest: int, pinned: bool
    ) -> None:
        """Points at ``x``, where the curves read so; the tangent is that of the curve ``nearest``."""
        for line in self._lines:
            line.set(visible=True, xdata=[x, x], linestyle="-" if pinned else "--")
        for spots, (_, parts) in zip(self._dots, self._sheet.panels, strict=True):
            spots.set_visible(True)
            spots.set_offsets([(x, reading[part].here) for part in parts for reading in readings])
        reading = readings[nearest]
        if "dy" in reading:
            here = Point(x, reading["y"].here, reading["dy"].here, np.nan)
            colour = self._sheet.line_style("dy", self._places[nearest])[0]
            for artist, (run, rise) in zip(self._tangents, tangent(curves[nearest], here), strict=True):
                artist.set(visible=True, xdata=run, ydata=rise, color=colour)

    @property
    def artists(self) -> Iterator[Artist]:
        """What is seen now, in the order of drawing."""
        return (artist for artist in (*self._tangents, *self._lines, *self._dots) if artist.get_visible())
