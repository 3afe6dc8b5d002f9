"""The picture in the terminal: in its own pixels where it has any, else in half blocks with the words around them."""

import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image
from rich.cells import cell_len
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from actplot import language
from actplot.errors import Argument, BadValue
from actplot.look import check_look
from actplot.numerics.curve import Curve
from actplot.options import Style
from actplot.output.image import render
from actplot.plot.encoding import COLOURS, PanelEncoding
from actplot.plot.figure import encoding_of, given_limits, set_scales
from actplot.plot.limits import x_limits, y_limits
from actplot.plot.marks import line_points
from actplot.plot.style import drawing

# Columns that a panel needs to stand beside others.
_BESIDE = 38
# Rows of a panel at most and at least, for each column of it, and of the words around it.
_ROWS, _FEWEST_ROWS, _ROWS_A_COLUMN, _WORDS = 14, 4, 0.3, 2
# Inches of a figure in a terminal's own pixels, as a hundred of which a text is legible.
_INCHES, _DPI = (5.5, 10.0), 100

# Terminals that do not answer, about which it would say so with a traceback.
logging.getLogger("textual_image").addHandler(logging.NullHandler())


def has_pixels() -> bool:
    """Whether the terminal shows pictures in its own pixels, by the protocol of Kitty or as Sixel."""
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        return False
    from textual_image.renderable import Image, SixelImage, TGPImage

    return Image in (SixelImage, TGPImage)


def show(paint: Callable[[tuple[float, float] | None], Figure], blocks: Callable[[int, int], Any]) -> None:
    """Prints a picture as wide as the terminal has room; nothing where stdout is no terminal.

    Parameters
    ----------
    paint
        The figure, given its size in inches, or None for its natural one.
    blocks
        What stands for it in half blocks, given the columns and rows; where that is None, the figure itself does.

    Raises
    ------
    BadValue
        For a terminal of no known size, and for one without pixels that shows no colours.
    """
    if not sys.stdout.isatty():
        return
    console = Console()
    from textual_image._terminal import get_cell_size
    from textual_image.renderable import HalfcellImage
    from textual_image.renderable import Image as Pixels

    try:
        get_cell_size()
    except ZeroDivisionError:
        raise BadValue(
            language.Text("the terminal does not say how large it is", "终端没有说明自己的大小"),
            language.Text(f"use {Argument('out')}", f"请用 {Argument('out')}"),
        ) from None
    if has_pixels():
        width = console.width * get_cell_size().width / _DPI
        figure = paint((max(width, _INCHES[0]), 4.0) if width < _INCHES[1] else None)
        with Image.open(io.BytesIO(render(figure, "png"))) as picture:
            wanted = round(picture.width / get_cell_size().width * _DPI / figure.dpi)
            console.print(Pixels(picture, width=min(console.width, wanted)))
    elif console.color_system is None or console.no_color:
        out, show = Argument("out", ("FILE",)), Argument("show")
        raise BadValue(
            _no_colours(),
            language.Text(f"use {out}, or {show} where there is a display", f"请用 {out}，有显示器时也可用 {show}"),
        )
    elif (drawn := blocks(console.width, console.height)) is not None:
        console.print(drawn)
    else:
        with Image.open(io.BytesIO(render(paint(None), "png"))) as picture:
            console.print(HalfcellImage(picture, width=console.width))


def _no_colours() -> language.Text:
    if os.environ.get("NO_COLOR"):
        return language.Text(
            "NO_COLOR is set, and pictures in half blocks are made of colours",
            "设置了 NO_COLOR，而半块字符的图靠颜色显示",
        )
    kind = os.environ.get("TERM", "")
    return language.Text(
        f"this terminal (TERM={kind}) shows no colours, of which pictures in half blocks are made",
        f"这个终端（TERM={kind}）不显示颜色，而半块字符的图靠颜色显示",
    )


class _Panel(NamedTuple):
    """A panel as half blocks can show it: ends of x and y, their scales, and lines of points in a colour."""

    title: str
    limits: tuple[tuple[float, float], tuple[float, float]]
    scales: tuple[str, str]
    lines: list[tuple[Any, Any, str]]


def panels(
    curves: Sequence[Curve], style: Style, columns: int, rows: int = 50, *, headings: tuple[str, ...] | None = None
) -> Any:
    """Curves in half blocks: titles, ends of the axes and labels as text, side by side where ``columns`` allow it.

    All of it fits into so many ``rows`` and the line below it, unless they are too few to see anything.
    """
    check_look(style, curves=len(curves), order=curves[0].order, range=x_limits(curves))
    with drawing(style.lang, style=style.style):
        encoding = encoding_of(style, order=curves[0].order, headings=headings)
    encoded = encoding.panels([curve.function for curve in curves])
    shown = [
        _Panel(
            panel.title,
            (
                x_limits(curves),
                given_limits(style, panel.quantities) or y_limits(curves, panel.quantities, style.yscale),
            ),
            (style.xscale, style.yscale),
            [(*line_points(curves[line.curve], line.quantity), line.colour.light) for line in panel.lines],
        )
        for panel in encoded
    ]
    legend = _legend(encoded[0], is_single=len(curves) == 1) if encoded[0].has_legend and style.legend else None
    return _arranged(shown, encoding.figure_title, legend, columns, rows)


def lines_of(figure: Figure, columns: int, rows: int) -> Any:
    """The lines of a figure of matplotlib's in the same way."""
    shown = [
        _Panel(
            axes.get_title(),
            (axes.get_xlim(), axes.get_ylim()),
            (axes.get_xscale(), axes.get_yscale()),
            [(line.get_xdata(), line.get_ydata(), to_hex(line.get_color())) for line in axes.lines],
        )
        for axes in figure.axes
    ]
    legend = Text(overflow="fold")
    for line in figure.axes[0].lines:
        legend.append("━ ", to_hex(line.get_color())).append(f"{line.get_label()}   ")
    return _arranged(shown, figure.get_suptitle() or None, legend, columns, rows)


def bars(labels: Sequence[str], values: NDArray[np.float64], title: str, columns: int) -> Any:
    """A bar of text for each label, given its value; they reach from the least value or 0 to the greatest or 0."""
    numbers = [f"{value:.3f}" for value in values]
    width = max(1, columns - max(map(cell_len, labels)) - max(map(len, numbers)) - 4)
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    reach = high - low or 1.0
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(justify="right")
    table.add_column(no_wrap=True)
    for label, value, number in zip(labels, values, numbers, strict=True):
        start, end = (round((edge - low) / reach * width) for edge in sorted((0.0, float(value))))
        table.add_row(label, Text(" " * start + "█" * max(end - start, 0), COLOURS["y"].light), number)
    return Group(Text(title, "bold", overflow="fold"), table)


def _arranged(shown: Sequence[_Panel], title: str | None, legend: Text | None, columns: int, rows: int) -> Any:
    """Panels side by side where there is room, else below each other, with a title above and a legend below."""
    is_beside = columns >= _BESIDE * len(shown) + 2 * (len(shown) - 1)
    width = (columns - 2 * (len(shown) - 1)) // len(shown) if is_beside else columns
    free = (rows - 1 - (legend is not None) - (title is not None)) // (1 if is_beside else len(shown)) - _WORDS
    height = max(_FEWEST_ROWS, min(_ROWS, round(_ROWS_A_COLUMN * width), free))
    drawn = [_panel(panel, width, height) for panel in shown]
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in drawn:
        grid.add_column(vertical="bottom")  # where one title takes two lines
    if is_beside:
        grid.add_row(*drawn)
    parts: list[Any] = [Text(title, "bold", overflow="fold")] if title else []
    parts.append(grid if is_beside else Group(*drawn))
    parts += [legend] if legend is not None else []
    return Group(*parts)


def _panel(panel: _Panel, width: int, rows: int) -> Group:
    """One panel of so many columns and rows, with its title above and the ends of its axes below."""
    from textual_image.renderable import HalfcellImage

    (low, high), (bottom, top) = panel.limits
    ends = Text(f"x {_short(low)} … {_short(high)}   y {_short(bottom)} … {_short(top)}", "dim", overflow="fold")
    title = [Text(panel.title, "bold", overflow="fold")] if panel.title else []
    return Group(*title, HalfcellImage(_image(panel, (width, 2 * rows)), width=width, height=rows), ends)


def _short(value: float) -> str:
    return f"{value + 0.0:.3g}"


def _image(panel: _Panel, pixels: tuple[int, int]) -> Image.Image:
    """The lines of one panel, in pixels too few for dots and dashes."""
    figure = Figure(figsize=pixels, dpi=1)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    set_scales(axes, *panel.scales)
    axes.set(xlim=panel.limits[0], ylim=panel.limits[1])
    pixel = 72.0  # points of a pixel at this resolution
    for scale, zero_axis in zip(panel.scales, (axes.axvline, axes.axhline), strict=True):
        if scale != "log":
            zero_axis(0, color="#b8b8b8", linewidth=0.8 * pixel)
    for x, y, colour in panel.lines:
        axes.plot(x, y, color=colour, linewidth=1.3 * pixel)
    canvas.draw()  # type: ignore[no-untyped-call]
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]


def _legend(panel: PanelEncoding, *, is_single: bool) -> Text:
    """The colours of a single curve's quantities, else of the curves: dashes cannot be told apart here."""
    words = Text(overflow="fold")
    for line in panel.lines:
        if is_single or line.quantity == panel.quantities[0]:
            words.append("━ ", line.colour.light).append(f"{line.short_label}   ")
    return words
