"""A curve on axes: lines, dots, tangents and asymptotes as matplotlib's artists."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import ScalarFormatter
from numpy.typing import ArrayLike

from actplot.numerics.curve import Curve
from actplot.plot.encoding import LineEncoding
from actplot.plot.marks import dots, drawable, is_pole, line_points, tangent


class TickFormatter(ScalarFormatter):
    """Numbers at ticks as plain text; matplotlib would set each as mathtext where the power beside the axis is.

    Its parser takes 30 ms to get ready, and plain text can be selected in a PDF.
    """

    def __call__(self, x: float, pos: int | None = None) -> str:
        return super().__call__(x, pos).removeprefix(r"$\mathdefault{").removesuffix("}$")


def add_line(axes: Axes, x: ArrayLike, y: ArrayLike, **style: Any) -> Line2D:
    """A line, or dots, that leaves the limits of the axes alone; ``axes.plot`` takes four times as long."""
    line = Line2D(np.asarray(x), drawable(y), **style)
    axes.add_artist(line)
    return line


def clear(axes: Axes) -> None:
    """Removes all artists that show curves, and keeps axis labels, ticks and grid."""
    for artist in (*axes.lines, *axes.collections, *axes.patches, *axes.texts, axes.get_legend()):
        if artist is not None:
            artist.remove()


def add_zero_axes(axes: Axes) -> None:
    """Lines at x = 0 and y = 0 across the whole panel."""
    for transform, ends in (
        (axes.get_yaxis_transform(), [(0, 0), (1, 0)]),
        (axes.get_xaxis_transform(), [(0, 0), (0, 1)]),
    ):
        zero = LineCollection([ends], transform=transform, zorder=1.5, linewidths=1.0)
        zero.set_color(matplotlib.rcParams["axes.edgecolor"])
        axes.add_collection(zero, autolim=False)


class Mark(NamedTuple):
    """A line or dots of a curve, before they are on any axes.

    Attributes
    ----------
    kind
        What it shows: marks of one kind differ in their points alone.
    x, y
        Its points.
    style
        Properties of a :class:`~matplotlib.lines.Line2D`.
    """

    kind: tuple[str | int, ...]
    x: ArrayLike
    y: ArrayLike
    style: dict[str, Any]

    def add(self, axes: Axes) -> Line2D:
        """Draws it."""
        return add_line(axes, self.x, self.y, **self.style)

    def move(self, line: Line2D) -> None:
        """Puts it in the place of another of its kind."""
        line.set_data(np.asarray(self.x), drawable(self.y))
        line.set_clip_on(self.style.get("clip_on", True))


def curve_marks(axes: Axes, curve: Curve, line: LineEncoding, colour: str, *, clip: bool) -> Iterator[Mark]:
    """One quantity of a curve: its line, the dots at its breaks and the points that were asked for.

    Dots and points on the edge of the panel are whole, unless the panel is to ``clip`` them.
    """
    face = axes.get_facecolor()
    style: dict[str, Any] = dict(color=colour, linestyle=line.dashes, label=line.label)
    kind = (line.quantity, line.curve)
    yield Mark((*kind, "line"), *line_points(curve, line.quantity), {**style, "zorder": 2.5, "solid_capstyle": "butt"})
    open_dots, filled_dots = dots(curve, line.quantity)
    marker: dict[str, Any] = dict(marker="o", linestyle="none", markersize=5, markeredgewidth=1.3, clip_on=clip)
    if open_dots[0] or filled_dots[0]:
        marker |= dict(color=colour, label="_dots")
        yield Mark((*kind, "open"), *open_dots, {**marker, "markerfacecolor": face, "zorder": 2.6})
        yield Mark((*kind, "filled"), *filled_dots, {**marker, "zorder": 2.7})
    if curve.points:
        x, y = zip(*((point.x, getattr(point, line.quantity)) for point in curve.points), strict=True)
        marker = dict(marker="o", linestyle="none", markersize=8, markeredgecolor=face)
        yield Mark((*kind, "at"), x, y, {**marker, "color": colour, "zorder": 2.8, "clip_on": clip, "label": "_at"})


def tangent_marks(curve: Curve, index: int, colour: str) -> Iterator[Mark]:
    """The tangent at each point that was asked for; at a break the one of each side."""
    for point in curve.points if curve.order > 0 else ():
        for x, y in tangent(curve, point):
            yield Mark((index, "tangent"), x, y, dict(color=colour, linewidth=1.3, zorder=2.55, label="_tangent"))


def asymptotes(curves: Sequence[Curve], quantities: Sequence[str]) -> list[float]:
    """Where curves leave a panel towards a pole, ascending."""
    shown = [curve for curve in curves if curve.has_few_breaks]
    return sorted({at.x for curve in shown for each in quantities for at in curve.breaks if is_pole(at, each)})


def add_asymptote(axes: Axes, x: float) -> LineCollection:
    """A thin line where a curve leaves the panel towards a pole."""
    line = LineCollection([[(x, 0), (x, 1)]], transform=axes.get_xaxis_transform(), zorder=1.6, linewidths=1.0)
    line.set_color(matplotlib.rcParams["axes.edgecolor"])
    line.set_linestyle((0, (4, 3)))
    axes.add_collection(line, autolim=False)
    return line
