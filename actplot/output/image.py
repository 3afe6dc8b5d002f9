"""Saving figures: the same bytes every time, with the command inside that draws the figure again."""

import io
import os
import sys
import zlib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from actplot.errors import BadValue, one_of
from actplot.options import FORMATS, format_of
from actplot.output.files import write_whole
from actplot.output.versions import versions
from actplot.plot.formula import searchable
from actplot.plot.style import drawing
from actplot.text import Text


def save(figure: Figure, path: str | os.PathLike[str], *, command: str = "") -> None:
    """Writes a figure to a .png, .svg or .pdf file, or as PNG to stdout where ``path`` is ``-``.

    Parameters
    ----------
    figure
        As made by :func:`actplot.draw`.
    path
        Where to. A file that stands there is replaced once the new one is complete.
    command
        The command that draws the figure again, kept in its metadata.

    Raises
    ------
    BadValue
        For a file name that names no format.
    CannotWrite
        If the file cannot be written; what stood there before still does.
    """
    target = os.fspath(path)
    picture = render(figure, "png" if target == "-" else format_of(target), command=command)
    if target == "-":
        sys.stdout.buffer.write(picture)
        sys.stdout.buffer.flush()
    else:
        write_whole(target, picture)


def render(figure: Figure, form: str, *, command: str = "") -> bytes:
    """The figure as the bytes of a file of one of :data:`~actplot.options.FORMATS`."""
    if form not in FORMATS:
        raise BadValue(Text(f"unknown format {form!r}", f"未知的格式 {form!r}"), one_of(FORMATS))
    buffer = io.BytesIO()
    paint: Any = dict(dpi=figure.dpi, facecolor=figure.get_facecolor())
    lang, text, title = (getattr(figure, name, default) for name, default in _UNSAID.items())
    with drawing(text=text):
        if form == "pdf":
            from actplot.output import pdf

            with pdf.quadratic_fonts(), searchable(figure):
                figure.savefig(buffer, format=form, metadata=_metadata(form, command, title), **paint)
                return pdf.mended(buffer.getvalue(), lang)
        if form == "svg":
            from actplot.output import svg

            with svg.math_as_outlines() if text == "text" else nullcontext():
                figure.savefig(buffer, format=form, metadata=_metadata(form, command, title), **paint)
            return svg.readable(buffer.getvalue(), lang, title, getattr(figure, "description", ""))
        figure.savefig(buffer, format="rgba", **paint)
    # Without the alpha channel, where it is full everywhere, and with runs instead of a search for repeats, which suits
    # flat colours, encoding takes half the time.
    width, height = (int(length) for length in figure.bbox.size)
    mode = ("RGB", "RGBX") if to_rgba(figure.get_facecolor())[3] == 1 else ("RGBA", "RGBA")
    picture = Image.frombytes(mode[0], (width, height), buffer.getvalue(), "raw", mode[1])
    notes = PngInfo()
    for key, value in _metadata(form, command, title).items():
        notes.add_text(key, value or "")
    encoded = io.BytesIO()
    picture.save(encoded, "png", pnginfo=notes, dpi=(figure.dpi, figure.dpi), compress_type=zlib.Z_RLE)
    return encoded.getvalue()


# What a figure says of itself that is not actplot's own.
_UNSAID: dict[str, Any] = {"lang": "en", "svg_text": "path", "heading": ""}


def opaque(picture: Any, ground: Sequence[float]) -> Any:
    """The pixels of a canvas as a picture without transparency, on this ground where they have any."""
    drawn = Image.fromarray(np.asarray(picture))
    below = Image.new("RGBA", drawn.size, tuple(round(255 * part) for part in ground))
    return Image.alpha_composite(below, drawn).convert("RGB")


def _metadata(form: str, command: str, title: str) -> Mapping[str, str | None]:
    makers = ", ".join(f"{name} {number}" for name, number in versions(*_MORE.get(form, ())).items())
    match form:
        case "png":
            return {"Software": makers, "Command": command}
        case "svg":
            return {"Creator": makers, "Description": command, "Date": None}
        case _:
            titled = {"Title": title} if title else {}
            return {**titled, "Creator": makers, "Subject": command, "Producer": None, "CreationDate": None}


# Packages on which a format depends beside those that every format does.
_MORE = {"pdf": ("fonttools",)}
