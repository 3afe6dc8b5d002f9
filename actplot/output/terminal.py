"""The picture in the terminal: in its own pixels where it has any, else in half blocks with the words around them."""

import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from actplot import language
from actplot.errors import Argument, BadValue
from actplot.look import check_look
from actplot.numerics.curve import Curve
from actplot.options import Style
from actplot.output.image import render
from actplot.plot.encoding import PanelEncoding
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
    is_beside = columns >= _BESIDE * len(encoded) + 2 * (len(encoded) - 1)
    width = (columns - 2 * (len(encoded) - 1)) // len(encoded) if is_beside else columns
    has_legend = encoded[0].has_legend and style.legend
    free = (rows - 1 - has_legend - (encoding.figure_title is not None)) // (1 if is_beside else len(encoded)) - _WORDS
    height = max(_FEWEST_ROWS, min(_ROWS, round(_ROWS_A_COLUMN * width), free))
    drawn = [_panel(curves, panel, style, (width, height)) for panel in encoded]
    grid = Table.grid(padding=(0, 2, 0, 0))
    if is_beside:
        grid.add_row(*drawn)
    parts: list[Any] = [Text(encoding.figure_title, "bold", overflow="fold")] if encoding.figure_title else []
    parts.append(grid if is_beside else Group(*drawn))
    parts += [_legend(encoded[0], is_single=len(curves) == 1)] if has_legend else []
    return Group(*parts)


def _panel(curves: Sequence[Curve], panel: PanelEncoding, style: Style, cells: tuple[int, int]) -> Group:
    """One panel of so many columns and rows, with its title above and the ends of its axes below."""
    from textual_image.renderable import HalfcellImage

    width, rows = cells
    low, high = x_limits(curves)
    bottom, top = given_limits(style, panel.quantities) or y_limits(curves, panel.quantities, style.yscale)
    ends = Text(f"x {_short(low)} … {_short(high)}   y {_short(bottom)} … {_short(top)}", "dim", overflow="fold")
    image = _image(curves, panel, style, ((low, high), (bottom, top)), (width, 2 * rows))
    title = [Text(panel.title, "bold", overflow="fold")] if panel.title else []
    return Group(*title, HalfcellImage(image, width=width, height=rows), ends)


def _short(value: float) -> str:
    return f"{value + 0.0:.3g}"


def _image(
    curves: Sequence[Curve],
    panel: PanelEncoding,
    style: Style,
    limits: tuple[tuple[float, float], tuple[float, float]],
    pixels: tuple[int, int],
) -> Image.Image:
    """The lines of one panel, in pixels too few for dots and dashes; ``limits`` are those of x and y."""
    figure = Figure(figsize=pixels, dpi=1)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    set_scales(axes, style)
    axes.set(xlim=limits[0], ylim=limits[1])
    pixel = 72.0  # points of a pixel at this resolution
    for scale, zero_axis in ((style.yscale, axes.axhline), (style.xscale, axes.axvline)):
        if scale != "log":
            zero_axis(0, color="#b8b8b8", linewidth=0.8 * pixel)
    for line in panel.lines:
        points = line_points(curves[line.curve], line.quantity)
        axes.plot(*points, color=line.colour.light, linewidth=1.3 * pixel)
    canvas.draw()  # type: ignore[no-untyped-call]
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]


def _legend(panel: PanelEncoding, *, is_single: bool) -> Text:
    """The colours of a single curve's quantities, else of the curves: dashes cannot be told apart here."""
    words = Text(overflow="fold")
    for line in panel.lines:
        if is_single or line.quantity == panel.quantities[0]:
            words.append("━ ", line.colour.light).append(f"{line.short_label}   ")
    return words
