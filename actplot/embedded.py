"""The command inside a figure: where each format keeps it, and how it is read out again. What is read is data."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from actplot.errors import BadValue

# Longer ones were not written by actplot.
_LONGEST = 100_000
_LARGEST = 500_000_000


def read(path: str) -> str:
    """The command that a figure of actplot's carries.

    Raises
    ------
    BadValue
        For a file that cannot be read, is no figure, or carries no command.
    """
    file = Path(path)
    try:
        if file.stat().st_size > _LARGEST:
            raise BadValue(f"{path} is too large for a figure of actplot's")
        content = file.read_bytes()
    except OSError as error:
        raise BadValue(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
    command = None
    for start, reader in _READERS.items():
        if content.lstrip()[:40].startswith(start):
            command = reader(content)
            break
    if command is None or len(command) > _LONGEST:
        formats = "PNG, SVG, PDF, HTML, GIF, WebP or APNG"
        raise BadValue(f"{path} carries no command of actplot's", f"give a {formats} that actplot wrote")
    return command


def _from_picture(content: bytes) -> str | None:
    """Of PNG and APNG, GIF and WebP."""
    import io

    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "GIF", "WEBP"]) as picture:
            picture.load()
            notes: Any = getattr(picture, "text", None) or picture.info
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if "Command" in notes:
        return str(notes["Command"])
    if isinstance(comment := notes.get("comment"), bytes):
        return comment.decode("utf-8", "replace")
    if isinstance(xmp := notes.get("xmp"), bytes):
        return _between(rb'dc:description="([^"]*)"', xmp)
    return None


def _from_svg(content: bytes) -> str | None:
    return _between(rb"<dc:description>([^<]*)</dc:description>", content[:_LONGEST])


def _from_html(content: bytes) -> str | None:
    return _between(rb'<meta name="actplot-command" content="([^"]*)">', content[:_LONGEST])


def _from_pdf(content: bytes) -> str | None:
    found = re.search(rb"/Subject \(((?:[^\\()]|\\.)*)\)", content[-_LONGEST:], re.DOTALL)
    if found is None:
        return None
    text = re.sub(rb"\\(.)", rb"\1", found[1], flags=re.DOTALL)
    return text[2:].decode("utf-16-be", "replace") if text.startswith(b"\xfe\xff") else text.decode("latin-1")


def _between(pattern: bytes, content: bytes) -> str | None:
    found = re.search(pattern, content)
    return None if found is None else html.unescape(found[1].decode("utf-8", "replace"))


_READERS: dict[bytes, Callable[[bytes], str | None]] = {
    b"\x89PNG": _from_picture,
    b"GIF8": _from_picture,
    b"RIFF": _from_picture,
    b"<?xml": _from_svg,
    b"<svg": _from_svg,
    b"<!DOCTYPE html>": _from_html,
    b"%PDF": _from_pdf,
}
