"""The picture in the terminal: in its own pixels where it has any, else in half blocks with the words around them."""

import io
import logging
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

from actplot.errors import Argument, BadValue
from actplot.functions.registry import tell_apart
from actplot.numerics.curve import Curve
from actplot.output.image import render
from actplot.plot.figure import AXIS_LABELS, COLOURS, cycle_style, heading, limits, line_of, parts_shown, span
from actplot.text import Language

# Columns that a panel needs to stand beside others.
_BESIDE = 45
# Rows of a panel at most, and for each column of it.
_ROWS, _ROWS_A_COLUMN = 14, 0.3
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


def show(paint: Callable[[tuple[float, float] | None], Figure], blocks: Callable[[int], Any] | None) -> None:
    """Prints a picture as wide as the terminal has room; nothing where stdout is no terminal.

    Parameters
    ----------
    paint
        The figure, given its size in inches, or None for its natural one.
    blocks
        What stands for it in half blocks, given the columns; without, the figure itself does.

    Raises
    ------
    BadValue
        For a terminal of no known size.
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
        raise BadValue("the terminal does not say how large it is", f"use {Argument('out')}") from None
    if has_pixels():
        room = console.width * get_cell_size().width / _DPI
        figure = paint((min(max(room, _INCHES[0]), _INCHES[1]), 4.0) if room < _INCHES[1] else None)
        with Image.open(io.BytesIO(render(figure, "png"))) as picture:
            wanted = round(picture.width / get_cell_size().width * _DPI / figure.dpi)
            console.print(Pixels(picture, width=min(console.width, wanted)))
    elif blocks is not None:
        console.print(blocks(console.width))
    else:
        with Image.open(io.BytesIO(render(paint(None), "png"))) as picture:
            console.print(HalfcellImage(picture, width=console.width))


def panels(curves: Sequence[Curve], columns: int, *, lang: Language, layout: str) -> Any:
    """Curves in half blocks: titles, ends of the axes and labels as text, side by side if there is room."""
    from textual_image.renderable import HalfcellImage

    shown = parts_shown(curves[0].order, layout)
    beside = columns >= _BESIDE * len(shown) + 2 * (len(shown) - 1)
    width = (columns - 2 * (len(shown) - 1)) // len(shown) if beside else columns
    rows = min(_ROWS, round(_ROWS_A_COLUMN * width))
    made = []
    for parts in shown:
        low, high = span(curves)
        bottom, top = limits(curves, parts)
        title = Text(heading([curve.function for curve in curves], parts, lang), "bold", overflow="fold")
        ends = Text(f"x {_short(low)} … {_short(high)}   y {_short(bottom)} … {_short(top)}", "dim", overflow="fold")
        picture = _picture(curves, parts, (low, high), (bottom, top), (width, 2 * rows))
        made.append(Group(title, HalfcellImage(picture, width=width, height=rows), ends))
    grid = Table.grid(padding=(0, 2, 0, 0))
    if beside:
        grid.add_row(*made)
        body: Any = grid
    else:
        body = Group(*made)
    return Group(body, _legend(curves, shown[0])) if len(curves) > 1 or len(shown[0]) > 1 else body


def _short(value: float) -> str:
    return f"{value + 0.0:.3g}"


def _picture(
    curves: Sequence[Curve],
    parts: tuple[str, ...],
    across: tuple[float, float],
    up: tuple[float, float],
    pixels: tuple[int, int],
) -> Image.Image:
    """One panel in so few pixels that nothing but lines can be told."""
    figure = Figure(figsize=pixels, dpi=1)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=across, ylim=up)
    dot = 72.0  # points of a pixel at this resolution
    for line in (axes.axhline, axes.axvline):
        line(0, color="#b8b8b8", linewidth=0.8 * dot)
    for part in parts:
        for index, curve in enumerate(curves):
            colour = COLOURS[part]["light"] if len(curves) == 1 else cycle_style(index)[0]
            axes.plot(*line_of(curve, part), color=colour, linewidth=1.3 * dot)
    canvas.draw()  # type: ignore[no-untyped-call]
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")  # type: ignore[no-untyped-call]


def _legend(curves: Sequence[Curve], parts: tuple[str, ...]) -> Text:
    words = Text(overflow="fold")
    if len(curves) == 1:
        for part in parts:
            words.append("━ ", COLOURS[part]["light"]).append(f"{AXIS_LABELS[part]}   ")
    for index, label in enumerate(tell_apart([curve.function for curve in curves]) if len(curves) > 1 else ()):
        words.append("━ ", cycle_style(index)[0]).append(f"{label}   ")
    return words
