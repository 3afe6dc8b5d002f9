"""A curve on axes: lines, dots, tangents and asymptotes as matplotlib's artists."""

from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from actplot.numerics.curve import Curve
from actplot.plot.encoding import PATTERNS, LineEncoding
from actplot.plot.marks import dots, drawable, is_pole, line_points, tangent
from actplot.plot.style import ground, line_scale

# Points of dots and of their edges, for lines as wide as usual; those of thin lines are not much smaller.
_DOT, _EDGE, _POINT, _THINNEST = 5, 1.3, 8, 0.7


def add_line(axes: Axes, x: ArrayLike, y: ArrayLike, **style: Any) -> Artist:
    """A line, or dots, that leaves the limits of the axes alone; ``axes.plot`` takes four times as long."""
    return axes.add_artist(Line2D(np.asarray(x), drawable(y), **style))


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


def add_curve(
    axes: Axes,
    curve: Curve,
    line: LineEncoding,
    colour: str,
    *,
    clip: bool,
    within: tuple[float, float] | None = None,
) -> None:
    """One quantity of a curve: its line, the dots at its breaks and the points that were asked for.

    Dots and points on the edge of the panel are whole, unless the panel is to ``clip`` them. Those that are not
    ``within`` the ends of y are left out.
    """
    low, high = within or (-np.inf, np.inf)
    style: dict[str, Any] = dict(color=colour, linestyle=linestyle(line.dashes), label=line.label)
    add_line(axes, *line_points(curve, line.quantity), **style, zorder=2.5, solid_capstyle="butt")
    _add_dots(axes, curve, line.quantity, colour, clip=clip, within=(low, high))
    points = [(point.x, y) for point in curve.points if low <= (y := getattr(point, line.quantity)) <= high or y != y]
    if points:
        x, y = zip(*points, strict=True)
        size = _POINT * _dot_scale()
        marker: dict[str, Any] = dict(marker="o", linestyle="none", markersize=size, markeredgecolor=ground())
        add_line(axes, x, y, color=colour, **marker, zorder=2.8, clip_on=clip, label="_at")


def _add_dots(axes: Axes, curve: Curve, quantity: str, colour: str, *, clip: bool, within: tuple[float, float]) -> None:
    """Open dots at the limits of each jump, a filled one at the value that torch returns."""
    (open_x, open_y), (filled_x, filled_y) = (_within(places, *within) for places in dots(curve, quantity))
    if not (open_x or filled_x):
        return
    scale = _dot_scale()
    size: dict[str, Any] = dict(markersize=_DOT * scale, markeredgewidth=_EDGE * scale)
    marker: dict[str, Any] = dict(marker="o", linestyle="none", **size, clip_on=clip)
    add_line(axes, open_x, open_y, color=colour, markerfacecolor=ground(), zorder=2.6, label="_dots", **marker)
    add_line(axes, filled_x, filled_y, color=colour, zorder=2.7, label="_dots", **marker)


def _within(places: tuple[list[float], list[float]], low: float, high: float) -> tuple[list[float], list[float]]:
    kept = [(x, y) for x, y in zip(*places, strict=True) if not (y < low or y > high)]
    return [x for x, _ in kept], [y for _, y in kept]


def _dot_scale() -> float:
    """How much larger dots are than usual, as lines are."""
    return max(_THINNEST, line_scale())


def add_tangents(axes: Axes, curve: Curve, colour: str) -> None:
    """The tangent at each point that was asked for; at a break the one of each side."""
    for point in curve.points if curve.order > 0 else ():
        for x, y in tangent(curve, point):
            add_line(axes, x, y, color=colour, linewidth=1.3, zorder=2.55, label="_tangent")


def add_asymptotes(axes: Axes, curves: Sequence[Curve], quantities: Sequence[str]) -> None:
    """A thin line where a curve leaves the panel towards a pole."""
    shown = [curve for curve in curves if curve.has_few_breaks]
    for x in {at.x for curve in shown for each in quantities for at in curve.breaks if is_pole(at, each)}:
        line = LineCollection([[(x, 0), (x, 1)]], transform=axes.get_xaxis_transform(), zorder=1.6, linewidths=1.0)
        line.set_color(matplotlib.rcParams["axes.edgecolor"])
        line.set_linestyle((0, (4, 3)))
        axes.add_collection(line, autolim=False)
