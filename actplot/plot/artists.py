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
from actplot.plot.encoding import PATTERNS, LineEncoding
from actplot.plot.marks import dots, drawable, is_pole, line_points, tangent

# Points of dots, of their edges, and of points that were asked for, for lines as wide as usual.
_DOT, _EDGE, _POINT = 5, 1.3, 8


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


def linestyle(dashes: str) -> Any:
    """Dashes of an encoding as matplotlib takes them."""
    return (0.0, PATTERNS[dashes]) if dashes in PATTERNS else dashes


def clear(axes: Axes) -> None:
    """Removes all artists that show curves, and keeps axis labels, ticks and grid."""
    for artist in (*axes.lines, *axes.collections, *axes.patches, *axes.texts, axes.get_legend()):
        if artist is not None:
            artist.remove()


def add_zero_axes(axes: Axes) -> None:
    """Lines at x = 0 and y = 0 across the whole panel, where its scales have a 0."""
    for scale, transform, ends in (
        (axes.get_yscale(), axes.get_yaxis_transform(), [(0, 0), (1, 0)]),
        (axes.get_xscale(), axes.get_xaxis_transform(), [(0, 0), (0, 1)]),
    ):
        if scale == "log":
            continue
        zero = LineCollection([ends], transform=transform, zorder=1.5, linewidths=1.0)
        zero.set_color(matplotlib.rcParams["axes.edgecolor"])
        axes.add_collection(zero, autolim=False)


class DotStyle(NamedTuple):
    """Dots and points: the colour under the curves, of three numbers from 0 to 1, and how much larger they are than usual."""

    ground: tuple[float, float, float]
    scale: float


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


def curve_marks(
    curve: Curve,
    line: LineEncoding,
    colour: str,
    dot: DotStyle,
    *,
    clip: bool,
    within: tuple[float, float] | None = None,
) -> Iterator[Mark]:
    """One quantity of a curve: its line, the dots at its breaks and the points that were asked for.

    Dots and points on the edge of the panel are whole, unless the panel is to ``clip`` them. Those that are not
    ``within`` the ends of y are left out.
    """
    low, high = within or (-np.inf, np.inf)
    kind = (line.quantity, line.curve)
    style: dict[str, Any] = dict(color=colour, linestyle=linestyle(line.dashes), label=line.label)
    yield Mark((*kind, "line"), *line_points(curve, line.quantity), {**style, "zorder": 2.5, "solid_capstyle": "butt"})
    marker: dict[str, Any] = dict(marker="o", linestyle="none", color=colour, clip_on=clip)
    open_dots, filled_dots = (_within(places, low, high) for places in dots(curve, line.quantity))
    if open_dots[0] or filled_dots[0]:
        size = dict(markersize=_DOT * dot.scale, markeredgewidth=_EDGE * dot.scale, label="_dots")
        yield Mark((*kind, "open"), *open_dots, {**marker, **size, "markerfacecolor": dot.ground, "zorder": 2.6})
        yield Mark((*kind, "filled"), *filled_dots, {**marker, **size, "zorder": 2.7})
    points = [(point.x, y) for point in curve.points if low <= (y := getattr(point, line.quantity)) <= high or y != y]
    if points:
        x, y = zip(*points, strict=True)
        size = dict(markersize=_POINT * dot.scale, markeredgecolor=dot.ground, label="_at")
        yield Mark((*kind, "at"), x, y, {**marker, **size, "zorder": 2.8})


def _within(places: tuple[list[float], list[float]], low: float, high: float) -> tuple[list[float], list[float]]:
    kept = [(x, y) for x, y in zip(*places, strict=True) if not (y < low or y > high)]
    return [x for x, _ in kept], [y for _, y in kept]


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
    line.set_label("_asymptote")
    axes.add_collection(line, autolim=False)
    return line
