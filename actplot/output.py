"""Saving: whole or not at all, the same bytes every time, with the command inside that draws the figure again."""

import io
import os
import secrets
import sys
import zlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from actplot.errors import BadValue, CannotWrite
from actplot.figure import drawing
from actplot.options import FORMATS, format_of

# The packages whose versions can change a byte.
_MAKERS = ("actplot", "torch", "matplotlib", "numpy", "pillow", "noto-cjk-sans-otc")


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
        raise BadValue(f"unknown format {form!r}", f"use {', '.join(FORMATS)}")
    buffer = io.BytesIO()
    paint: Any = dict(dpi=figure.dpi, facecolor=figure.get_facecolor())
    with drawing():
        if form != "png":
            figure.savefig(buffer, format=form, metadata=_metadata(form, command), **paint)
            return buffer.getvalue()
        figure.savefig(buffer, format="rgba", **paint)
    # Without the alpha channel, which is full everywhere, and with runs instead of a search for repeats, which suits
    # flat colours, encoding takes half the time.
    width, height = (int(length) for length in figure.bbox.size)
    picture = Image.frombytes("RGBA", (width, height), buffer.getvalue()).convert("RGB")
    notes = PngInfo()
    for key, value in _metadata(form, command).items():
        notes.add_text(key, value or "")
    encoded = io.BytesIO()
    picture.save(encoded, "png", pnginfo=notes, dpi=(figure.dpi, figure.dpi), compress_type=zlib.Z_RLE)
    return encoded.getvalue()


@cache
def versions() -> dict[str, str]:
    """The versions of the packages that a picture depends on, without what a build adds to them (``+cpu``)."""
    return {name: version(name).partition("+")[0] for name in _MAKERS}


def _metadata(form: str, command: str) -> Mapping[str, str | None]:
    makers = ", ".join(f"{name} {number}" for name, number in versions().items())
    match form:
        case "png":
            return {"Software": makers, "Command": command}
        case "svg":
            return {"Creator": makers, "Description": command, "Date": None}
        case _:
            return {"Creator": makers, "Subject": command, "Producer": None, "CreationDate": None}


def write_whole(path: str, content: bytes) -> None:
    """Writes a file completely or leaves things as they were: a temporary file in the same folder is renamed.

    Raises
    ------
    CannotWrite
        With the reason: a folder missing or not writable, a disk full.
    """
    temporary = None
    try:
        target = Path(path).resolve()  # a link stays, and what it points to is replaced
        temporary = target.with_name(f".actplot-{os.getpid()}-{secrets.token_hex(4)}.tmp")
        if target.is_dir():
            raise CannotWrite(f"cannot write {path}: it is a folder")
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except CannotWrite:
        raise
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself
        reason = getattr(error, "strerror", None) or str(error)
        missing = isinstance(error, FileNotFoundError)
        raise CannotWrite(
            f"cannot write {path}: {reason}", f"make the folder {Path(path).parent.name!r} first" if missing else ""
        ) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
