"""Where things stand beside and below the panels, in inches, at any size of the window; and the colours of controls.

From the top down a window has the panels, the readout, the sliders and the buttons, which share a row with the sliders
where it is wide enough; the list of the catalog is at the left, or, where it is too narrow, below a field at the top.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba

from actplot.plot.encoding import MARGINS, Margins
from actplot.plot.style import background

ACCENT = "#4c84d9"

# The list of the catalog at the left, and what is free around it.
LIST_WIDTH, LIST_INSET, FIELD = 2.2, 0.18, 0.28
# Rows of sliders and buttons, of the readout, and the gap between buttons.
INSET, ROW, LINE, GAP = 0.14, 0.3, 0.24, 0.06
# Of a readout of several curves: the sample of a line, a value, and the least width of a label.
SAMPLE, VALUE, LABEL = 0.36, 1.1, 0.7
# Inches of a slider for the widest label, and for the value.
_SLIDER_LABEL, _SLIDER_VALUE = 1.0, 0.75
# Inches of a panel, and of a slider's way, below which there is less room than usual.
_PANEL, _TRACK = (2.4, 1.8), 1.2
# What is drawn smaller where there is little room: by this factor at most, and never below so many points.
_SMALLEST, SMALLEST_FONT = 0.62, 6.5
# The least height of a row of a slider, and of a panel, for which sliders and lines of the readout are left out.
_LEAST_ROW, _LEAST_PANEL = 0.165, 0.5
# The factor below which axes have no labels, and titles several lines.
_UNLABELLED = 0.8
# The height of a window below which titles and ticks are closer still.
_LOW = 2.0
# The narrow list, and the width of a window that has room for it.
_NARROW_LIST, _LISTED = 1.6, 4.6


class Box(NamedTuple):
    """A rectangle: its lower left corner and its size, in inches."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def top(self) -> float:
        return self.y + self.height


@dataclass(frozen=True)
class Contents:
    """What a window has to hold.

    Attributes
    ----------
    curves, panels, quantities
        How many of each.
    sliders
        The width of the label of each slider at the usual size.
    buttons, short_buttons
        The width of all buttons with their keys, and without, at the usual size.
    has_list
        Whether the catalog is listed.
    """

    curves: int
    panels: int
    quantities: int
    sliders: Sequence[float]
    buttons: float
    short_buttons: float
    has_list: bool


@dataclass(frozen=True)
class Layout:
    """Where everything is.

    Attributes
    ----------
    scale
        The factor by which text and gaps are smaller than usual.
    margins
        Around and between the panels.
    readout
        The lines of the readout; without height where there is no room for one.
    has_table
        Whether several curves have a line each in the readout; else it is about the one that is pointed at.
    sliders
        The way of each slider, from the top; those that find no place have none.
    slider_label
        The width that the label of a slider may take.
    buttons
        The row of the buttons, which have their keys beside them if ``has_keys``.
    field, list
        What the catalog is searched in, and listed in; None without one. The list ``is_hidden`` until the field is used.
    """

    scale: float
    margins: Margins
    readout: Box
    has_table: bool
    sliders: tuple[Box, ...]
    slider_label: float
    buttons: Box
    has_keys: bool
    field: Box | None = None
    list: Box | None = None
    is_hidden: bool = False

    def font(self, points: float) -> float:
        """The size of a text that usually has so many points."""
        return max(SMALLEST_FONT, points * self.scale)


def columns(curves: int) -> int:
    """The number of columns of a table of so many curves."""
    return 1 if curves <= 3 else 2


def table_lines(curves: int) -> int:
    """The lines of a readout that has a line for each of several curves."""
    return 1 if curves == 1 else 1 + -(-curves // columns(curves))


def foot(curves: int, sliders: int) -> float:
    """The height below the panels that the readout of curves, sliders and buttons beside them need at the usual size."""
    return LINE * table_lines(curves) + _controls(sliders) + 0.1


def _controls(sliders: int) -> float:
    return 2 * INSET + ROW * max(1, sliders) - 0.06


def arrange(size: tuple[float, float], contents: Contents) -> Layout:
    """Where everything is in a window of this size: as usual where there is room, else closer and smaller."""
    width, height = size
    left = LIST_WIDTH if contents.has_list else 0.0
    free = (width - left - MARGINS.left - MARGINS.right + MARGINS.between) / contents.panels - MARGINS.between
    below = foot(contents.curves, len(contents.sliders))
    start = left + 0.3 + max([_SLIDER_LABEL, *contents.sliders])
    track = width - contents.buttons - 0.4 - _SLIDER_VALUE - start
    table = (width - left - 0.87) / columns(contents.curves)
    fits = (
        free >= _PANEL[0]
        and height - below - MARGINS.top - MARGINS.bottom >= _PANEL[1]
        and (track >= _TRACK or not contents.sliders)
        and (contents.curves == 1 or table >= SAMPLE + LABEL + VALUE * contents.quantities)
    )
    return _usual(size, contents, start, track) if fits else _small(size, contents)


def _usual(size: tuple[float, float], contents: Contents, start: float, track: float) -> Layout:
    width, height = size
    left = LIST_WIDTH if contents.has_list else 0.0
    count = len(contents.sliders)
    below = foot(contents.curves, count)
    corner = left + 0.62
    lines = LINE * table_lines(contents.curves)
    top = height - LIST_INSET - FIELD
    return Layout(
        scale=1.0,
        margins=MARGINS._replace(left=MARGINS.left + left, bottom=MARGINS.bottom + below),
        readout=Box(corner, below - 0.05 - lines, width - 0.25 - corner, lines),
        has_table=True,
        sliders=tuple(Box(start, INSET + ROW * (count - 1 - place), track, 0.2) for place in range(count)),
        slider_label=start - left - 0.3,
        buttons=Box(width - 0.2 - contents.buttons, INSET - 0.03, contents.buttons, 0.27),
        has_keys=True,
        field=Box(LIST_INSET, top, LIST_WIDTH - LIST_INSET, FIELD) if contents.has_list else None,
        list=Box(LIST_INSET, LIST_INSET, LIST_WIDTH - LIST_INSET, max(0.2, top - 2 * LIST_INSET))
        if contents.has_list
        else None,
    )


def _small(size: tuple[float, float], contents: Contents) -> Layout:
    """Everything closer: buttons in a row of their own, and what finds no place at all left out."""
    width, height = size
    is_listed = contents.has_list and width >= _LISTED
    left = _NARROW_LIST if is_listed else 0.0
    is_hidden = contents.has_list and not is_listed
    across = MARGINS.left + MARGINS.right + contents.panels * _PANEL[0] + (contents.panels - 1) * MARGINS.between
    up = MARGINS.top + MARGINS.bottom + _PANEL[1] + foot(1, min(2, len(contents.sliders)))
    scale = min(1.0, max(_SMALLEST, min((width - left) / across, height / up)))
    edge = 0.1 * scale
    row, line = ROW * scale, max(LINE * scale, 0.16)
    buttons = Box(left + edge, edge, width - left - 2 * edge, 0.9 * ROW * scale)
    margins = _small_margins(height, scale, left)
    field_height = max(0.2, FIELD * scale)
    head = margins.top + (field_height + edge if is_hidden else 0.0)
    # From here to the ticks there are sliders and the readout, as many lines as leave the panels their least height.
    start = buttons.top + edge
    room = height - start - head - margins.bottom - _LEAST_PANEL
    count = len(contents.sliders)
    if count:
        row = max(_LEAST_ROW, min(row, (room - line) / count))
    shown = min(count, max(1, int((room - line) / row + 1e-9)))
    left_over = room - shown * row
    wide = (width - left - 2 * edge) / columns(contents.curves)
    has_table = (
        contents.curves > 1
        and left_over - 0.6 * scale >= line * table_lines(contents.curves)
        and wide >= scale * (SAMPLE + LABEL + VALUE * contents.quantities)
    )
    lines = table_lines(contents.curves) if has_table else 2 if contents.quantities < 3 else 3
    lines = max(0, min(lines, int(left_over / line + 1e-9)))
    label = min(max([0.0, *contents.sliders]) * scale + 0.06, 0.4 * (width - left))
    value = _SLIDER_VALUE * max(scale, 0.7)
    begin = left + edge + label + 0.15
    way = Box(begin, 0.0, max(0.3, width - begin - value), 0.66 * row)
    readout = Box(left + edge, start + shown * row, width - left - 2 * edge, lines * line)
    return Layout(
        scale=scale,
        margins=margins._replace(bottom=margins.bottom + readout.top, top=head),
        readout=readout,
        has_table=has_table,
        sliders=tuple(way._replace(y=start + row * (shown - 1 - place)) for place in range(shown)),
        slider_label=label,
        buttons=buttons,
        has_keys=contents.buttons <= buttons.width,
        is_hidden=is_hidden,
        **_small_list(size, scale, edge, is_listed=is_listed) if contents.has_list else {},
    )


def _small_margins(height: float, scale: float, left: float) -> Margins:
    """The margins of panels; without labels of the axes where these are too small to be read."""
    is_labelled = scale >= _UNLABELLED
    return Margins(
        left=left + (MARGINS.left * scale if is_labelled else 0.48),
        right=max(0.12, MARGINS.right * scale),
        bottom=MARGINS.bottom * scale if is_labelled else 0.26 if height >= _LOW else 0.21,
        top=MARGINS.top if is_labelled else 0.46 if height >= _LOW else 0.34,
        between=MARGINS.between * scale if is_labelled else 0.46,
    )


def _small_list(size: tuple[float, float], scale: float, edge: float, *, is_listed: bool) -> dict[str, Box]:
    width, height = size
    field = max(0.2, FIELD * scale)
    across = _NARROW_LIST - edge if is_listed else min(LIST_WIDTH, width - 2 * edge)
    top = height - edge - field
    below = Box(edge, edge, across, max(0.2, top - 2 * edge))
    return {"field": Box(edge, top, across if is_listed else width - 2 * edge, field), "list": below}


def place(axes: Axes, box: Box) -> None:
    """Puts axes in a rectangle of their figure."""
    figure: Any = axes.figure
    width, height = figure.get_size_inches()
    axes.set_position((box.x / width, box.y / height, max(box.width, 0.1) / width, box.height / height))


class Paint(NamedTuple):
    """The colours of controls in the present style: of text, of what it stands on, of tracks, and of borders."""

    ink: Any
    face: Any
    track: Any
    edge: Any


def paint() -> Paint:
    """The colours of controls in the present context, strong enough to be seen on a light or a dark background."""
    settings: Any = matplotlib.rcParams
    ink, face = settings["text.color"], settings["axes.facecolor"]
    strength = 0.25 if background() == "light" else 0.42
    return Paint(ink, face, to_rgba(ink, strength), to_rgba(ink, strength + 0.1))
