"""Where formula and legend stand in a panel: where the curves leave room, else above them.

All lengths are in pixels unless they are said to be in inches, points or shares.
"""

import re
from collections.abc import Sequence
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Affine2D, Bbox

from actplot.plot.formula import Formula, outline
from actplot.plot.style import ground, is_transparent
from actplot.text import display_width

# Where a formula may stand, as shares of the free width and height: the corners first.
_PLACES = ((0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0), (0.5, 1.0), (0.5, 0.0), (0.0, 0.5), (1.0, 0.5))
# The same places and those between them, in this order where none of the first will do.
_STEPS = 8
_MORE_PLACES = sorted(
    ((across / _STEPS, up / _STEPS) for across in range(_STEPS + 1) for up in range(_STEPS + 1)),
    key=lambda place: (min(sum(abs(a - b) for a, b in zip(place, known, strict=True)) for known in _PLACES), place),
)
# Those at the upper and the lower edge.
_ENDS = [place for place in _PLACES if place[1] in (0.0, 1.0)]
# How much smaller a formula may be where that keeps it off the zero axes.
_SMALLER = 0.8
# Of a formula, in points: its size, and the one below which it is left out.
FORMULA_SIZE, _SMALLEST_FORMULA = 12.0, 7.0
# Share of the height of the panel that a formula may take.
_FORMULA_HEIGHT = 0.3
# Share of the panel that room for one may take.
_ROOM_FOR_FORMULA = 0.4
# Around a formula, in inches: to the edge of the panel, to the curves, and between its lines.
_INSET, _CLEARANCE, _LEADING = 0.1, 0.07, 0.07

# The corners before the middles of the sides.
_LEGEND_PLACES = (
    "upper left",
    "lower right",
    "upper right",
    "lower left",
    "upper center",
    "lower center",
    "center right",
    "center left",
)
_LEGEND_CLEARANCE = 0.05  # inches
# Of a legend for which room is made: columns at most, shares of the panel at most, and the smallest size in points.
_LEGEND_COLUMNS, _LEGEND_WIDTH, _LEGEND_HEIGHT, _SMALLEST_LEGEND = 4, 0.95, 0.5, 5.0
# Lines that a title may have, the height of one over the size of its text, and where it may be broken.
_TITLE_LINES, _LINE_HEIGHT = 3, 1.2
_BREAKS = re.compile(r"(?<= )|(?=（)")
# How often a title is made smaller until it fits.
_FITTINGS = 4
# Share of the panel that room for a legend may take.
_MOST_ROOM = 0.6


def place_formula(axes: Axes, lines: Sequence[str], *, may_grow: bool, size: float = FORMULA_SIZE) -> None:
    """Sets the lines of a formula, of mathtext and of at most so many points, where the curves leave room.

    Where they leave none, the panel grows upwards if it ``may_grow``. A formula that finds no place, or is too large
    or too deeply nested, is left out.
    """
    inset, clearance, leading = (inches * axes.figure.dpi for inches in (_INSET, _CLEARANCE, _LEADING))
    block = _fitting_block(axes, lines, inset=inset, leading=leading, size=size)
    if block is None:
        return
    block, corner = _placed(axes, block, inset=inset, clearance=clearance, may_grow=may_grow)
    if corner is None:
        return
    (x, y), (width, height) = corner, block.size
    _add_backdrop(axes, Bbox.from_bounds(x, y, width, height).padded(clearance / 2))
    top = y + height
    for line, box in zip(lines, block.boxes, strict=True):
        label = Formula(axes, line, zorder=3)
        label.place((x - box.x0) / axes.bbox.width, (top - box.y1) / axes.bbox.height, block.font_size)
        top -= box.height + block.leading


class _Block(NamedTuple):
    """Lines of text: the box of each from the left end of its base line, what is between them, and the whole."""

    font_size: float
    boxes: list[Bbox]
    leading: float
    size: tuple[float, float]

    def scaled(self, scale: float) -> "_Block":
        width, height = self.size
        boxes = [box.transformed(Affine2D().scale(scale)) for box in self.boxes]
        return _Block(self.font_size * scale, boxes, self.leading * scale, (width * scale, height * scale))


def _fitting_block(axes: Axes, lines: Sequence[str], *, inset: float, leading: float, size: float) -> _Block | None:
    """The lines of a formula, made as small as the panel asks for; None where that is too small to read."""
    scale = Affine2D().scale(size * axes.figure.dpi / 72)
    try:
        boxes = [outline(line).box.transformed(scale) for line in lines]
    except RecursionError:  # nested deeper than mathtext can follow
        return None
    width, height = max(box.width for box in boxes), sum(box.height + leading for box in boxes) - leading
    block = _Block(size, boxes, leading, (width, height))
    fit = min(1.0, (axes.bbox.width - 2 * inset) / width, _FORMULA_HEIGHT * axes.bbox.height / height)
    return None if fit * size < min(_SMALLEST_FORMULA, size) else block.scaled(fit)


def _placed(
    axes: Axes, block: _Block, *, inset: float, clearance: float, may_grow: bool
) -> tuple[_Block, tuple[float, float] | None]:
    """The lines, maybe smaller, and their lower left corner, from that of the panel; None where there is no place."""
    curves, legend = _outlines(axes), axes.get_legend()
    taken = [] if legend is None else [legend.get_window_extent()]
    zero = axes.transData.transform((0.0, 0.0))
    smaller = block.scaled(_SMALLER) if block.font_size * _SMALLER >= _SMALLEST_FORMULA else block
    below, all_lines = (np.nan, zero[1]), [*curves, *_asymptotes(axes)]
    # Where no curve, no asymptote and no zero axis is. The backdrop may rather shorten the upright one at its end than
    # cut it, and rather that than cover the level one along the whole formula.
    for lines, places, avoided, obstacles in (
        (block, _PLACES, zero, all_lines),
        (block, _MORE_PLACES, zero, all_lines),
        (block, _ENDS, below, all_lines),
        (smaller, _MORE_PLACES, zero, all_lines),
        (block, _MORE_PLACES, below, all_lines),
        (block, _PLACES, (np.nan, np.nan), curves),
    ):
        free_width, free_height = (
            side - 2 * inset - taken for side, taken in zip(axes.bbox.size, lines.size, strict=True)
        )
        for across, up in places:
            x, y = inset + across * free_width, inset + up * free_height
            box = Bbox.from_bounds(axes.bbox.x0 + x, axes.bbox.y0 + y, *lines.size).padded(clearance)
            is_cut = box.x0 < avoided[0] < box.x1 or box.y0 < avoided[1] < box.y1
            if not (is_cut or any(map(box.overlaps, taken)) or _is_crossed(box, obstacles)):
                return lines, (x, y)
    room = (block.size[1] + inset + 2 * clearance) / axes.bbox.height
    if not may_grow or room > _ROOM_FOR_FORMULA:  # what leaves towards a pole, for one, would run through it up there
        return block, None
    _make_room(axes, room)
    return block, (inset, axes.bbox.height - inset - block.size[1])


def _add_backdrop(axes: Axes, box: Bbox) -> None:
    """A backdrop over grid and zero axes, so that they do not run through the letters; none where it would be seen."""
    if is_transparent():
        return
    box = box.transformed(Affine2D().scale(1 / axes.bbox.width, 1 / axes.bbox.height))
    paint: dict[str, Any] = dict(color=ground(), alpha=0.85, linewidth=0, zorder=2)
    axes.add_patch(Rectangle(box.p0, box.width, box.height, transform=axes.transAxes, **paint))


def place_legend(axes: Axes, renderer: Any, *, may_grow: bool) -> None:
    """A legend where the curves leave room; where they leave none, the panel grows upwards if it ``may_grow``."""
    clearance = _LEGEND_CLEARANCE * axes.figure.dpi
    curves = _outlines(axes)
    for place in _LEGEND_PLACES:
        legend: Any = axes.legend(loc=place)  # type: ignore[call-overload]
        box = legend.get_window_extent(renderer)
        if _is_inside(box, axes) and not _is_crossed(box.padded(clearance), curves):
            return
    if not may_grow:
        _leave_out_unless_inside(axes.legend(loc="upper right"), axes, renderer)
        return
    handles, _ = axes.get_legend_handles_labels()
    for columns in range(min(_LEGEND_COLUMNS, len(handles)), 0, -1):
        legend = axes.legend(loc="upper center", ncols=columns)
        if legend.get_window_extent(renderer).width < _LEGEND_WIDTH * axes.bbox.width:
            break
    box = legend.get_window_extent(renderer)
    scale = min(_LEGEND_WIDTH * axes.bbox.width / box.width, _LEGEND_HEIGHT * axes.bbox.height / box.height)
    if scale < 1:
        size = max(_SMALLEST_LEGEND, scale * float(legend.get_texts()[0].get_fontsize()))
        legend = axes.legend(loc="upper center", ncols=columns, fontsize=size, handlelength=1.2)
    height = legend.get_window_extent(renderer).height + 4 * clearance
    _make_room(axes, min(_MOST_ROOM, height / axes.bbox.height))
    _leave_out_unless_inside(legend, axes, renderer)


def _is_inside(box: Bbox, axes: Axes) -> bool:
    return bool(box.width <= axes.bbox.width and box.height <= axes.bbox.height)


def _leave_out_unless_inside(legend: Any, axes: Axes, renderer: Any) -> None:
    """A legend that is larger than its panel would cover the labels of ticks."""
    if not _is_inside(legend.get_window_extent(renderer), axes):
        legend.remove()


def fit_title(
    title: Text, words: str, renderer: Any, *, size: float, width: float, height: float | None = None
) -> None:
    """Writes a title of so many points within a width, smaller where it is too long.

    Where a ``height`` in points is given, it may be broken into lines that fit into that.
    """
    best: tuple[float, str] = (0.0, words)
    for count in (1,) if height is None else range(1, _TITLE_LINES + 1):
        broken = _broken(words, count)
        title.set(text=broken, fontsize=size)
        taken = title.get_window_extent(renderer).width
        points = size if taken <= width else size * width / taken
        if height is not None and count > 1:
            points = min(points, height / (_LINE_HEIGHT * count))
        if points > best[0]:
            best = points, broken
        if points == size:
            break
    size, broken = best
    title.set(text=broken, fontsize=size)
    for _ in range(_FITTINGS):  # glyphs are whole pixels wide, so that a small text may be wider than its size says
        if (taken := title.get_window_extent(renderer).width) <= width + 0.5:
            return
        size *= width / taken
        title.set_fontsize(size)


def _broken(words: str, lines: int) -> str:
    """A title on at most so many lines that are about equally long, broken at blanks and before a parenthesis."""
    pieces = [piece for piece in _BREAKS.split(words) if piece]
    ways = combinations(range(1, len(pieces)), max(0, min(lines, len(pieces)) - 1))
    broken = (["".join(pieces[start:end]).strip() for start, end in pairwise((0, *ends, len(pieces)))] for ends in ways)
    return "\n".join(min(broken, key=lambda parts: max(map(display_width, parts))))


def _make_room(axes: Axes, share: float) -> None:
    """Raises the upper limit of y so that what was shown leaves this share of the panel free above it."""
    if axes.get_yscale() == "linear":
        low, high = axes.get_ylim()
        axes.set_ylim(low, low + (high - low) / (1 - share))
    else:
        scale = axes.yaxis.get_transform()
        low, high = scale.transform(axes.get_ylim())
        axes.set_ylim(*scale.inverted().transform([low, low + (high - low) / (1 - share)]))


def _is_crossed(box: Bbox, obstacles: Sequence[Path]) -> bool:
    return any(path.intersects_bbox(box, filled=False) for path in obstacles)


def _asymptotes(axes: Axes) -> list[Path]:
    """The asymptotes of a panel."""
    return [
        Path(line.get_transform().transform(segment))
        for line in axes.collections
        if isinstance(line, LineCollection) and line.get_label() == "_asymptote"
        for segment in line.get_segments()
    ]


def _outlines(axes: Axes) -> list[Path]:
    """The lines and dots of a panel."""
    paths = []
    for line in axes.lines:
        points = axes.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()]))
        gaps = np.flatnonzero(~np.isfinite(points).all(axis=1))
        for piece in np.split(points, gaps):
            piece = piece[np.isfinite(piece).all(axis=1)]
            if line.get_linestyle() == "None":
                paths += [Path(Bbox.from_bounds(x - 5, y - 5, 10, 10).corners()) for x, y in piece]
            elif len(piece) > 1:
                paths.append(Path(piece))
    return paths
