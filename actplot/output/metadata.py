"""The command inside a figure: how it is quoted, where each format keeps it, and how it is read out again.

What is read is data: no pixel is decoded, nothing is unpacked, and no more is held than a command can be long.
"""

import html
import re
import shlex
import stat
import struct
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from actplot.errors import BadValue, reason_of
from actplot.text import Text, printable

# Characters of a command; longer ones were not written by actplot, as no system takes them.
_LONGEST = 2_000_000
# Bytes at either end of a file that hold the longest, however it is escaped.
_ENDS = 8 * _LONGEST
# A word as `join` writes it: plain, in quotes, or with escapes.
_WORD = re.compile(
    r"""[\w@%+=:,./-]+"""
    r"""|'[^']*'(?:"'"'[^']*')*"""
    r"""|\$'(?P<escaped>(?:[^'\\]|\\['\\n]|\\u[0-9a-f]{4}|\\U00(?:0[0-9a-f]|10)[0-9a-f]{4})*)'""",
    re.ASCII,
)


def join(words: Iterable[str]) -> str:
    """The words as one command line for a shell; it holds no control character, whatever the words hold."""
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    if printable(word) == word:
        return shlex.quote(word)
    return "$'" + printable(word.replace("\\", r"\\").replace("'", r"\'").replace("\n", r"\n")) + "'"


def split(command: str) -> list[str]:
    """The words of a command line that :func:`join` has written.

    Raises
    ------
    ValueError
        For any other.
    """
    words: list[str] = []
    at = 0
    while found := _WORD.match(command, at):
        escaped = found["escaped"]
        if escaped is None:
            words += shlex.split(found[0])
        else:
            words.append(escaped.encode("ascii", "backslashreplace").decode("unicode_escape"))
        at = found.end() + 1
    if join(words) != command:
        raise ValueError("not as join writes it")
    return words


def read(path: str) -> str:
    """The command that a figure of actplot's carries.

    Raises
    ------
    BadValue
        For a file that cannot be read, is no figure, or carries no command.
    """
    try:
        kind = Path(path).stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):  # a pipe or a device may have no end
            raise BadValue(
                Text(f"cannot read {path}: it is no regular file", f"无法读取 {path}：它不是普通文件"),
                Text("save it to a file first", "请先存成文件"),
            )
        with open(path, "rb") as file:
            head = file.read(_ENDS)
            file.seek(-min(file.seek(0, 2), _ENDS), 2)
            tail = file.read(_ENDS)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        if isinstance(error, BadValue):
            raise
        reason = reason_of(error)
        raise BadValue(Text(f"cannot read {path}: {reason.en.lower()}", f"无法读取 {path}：{reason.zh}")) from None
    command = None
    for start, reader in _READERS.items():
        if head.lstrip()[:40].startswith(start):
            try:
                command = reader(head, tail)
            except (IndexError, ValueError):  # it breaks off, or is no text
                command = None
            break
    if command == "":
        raise BadValue(
            Text(f"{path} is a page of many figures and carries no command", f"{path} 是多张图的网页，不含命令"),
            Text("name one of its pictures", "请写其中一张图片"),
        )
    if command is None or len(command) > _LONGEST:
        raise BadValue(
            Text(f"{path} carries no command of actplot's", f"{path} 不含 actplot 的命令"),
            Text(
                "give a PNG, SVG, PDF, HTML, GIF, WebP or APNG that actplot wrote",
                "请给出 actplot 写的 PNG、SVG、PDF、HTML、GIF、WebP 或 APNG",
            ),
        )
    return command


def is_animation(path: str) -> bool:
    """Whether a file that :func:`read` has read moves."""
    with open(path, "rb") as file:
        head = file.read(_ENDS)
    if not head.startswith(b"\x89PNG"):
        return head.startswith((b"GIF8", b"RIFF"))
    at = 8
    while at + 8 <= len(head):
        length, kind = struct.unpack_from(">I4s", head, at)
        if kind in (b"acTL", b"IDAT"):
            return bool(kind == b"acTL")
        at += 12 + length
    return False


def _from_png(head: bytes, tail: bytes) -> str | None:
    """The command of a PNG or APNG: a chunk of text before the picture."""
    at = 8
    while at + 12 <= len(head):
        length, kind = struct.unpack_from(">I4s", head, at)
        end = at + 8 + length
        if kind in (b"IDAT", b"IEND") or end + 4 > len(head):
            return None
        keyword, _, text = head[at + 8 : end].partition(b"\0")
        if keyword == b"Command" and kind in (b"tEXt", b"iTXt"):
            if zlib.crc32(head[at + 4 : end]) != int.from_bytes(head[end : end + 4], "big"):
                return None
            if kind == b"tEXt":
                return text.decode("latin-1")
            return text[2:].split(b"\0", 2)[2].decode() if text[0] == 0 else None
        at = end + 4
    return None


def _from_gif(head: bytes, tail: bytes) -> str | None:
    """The command of a GIF: the comment before the first picture."""
    at = 13 + (3 << (head[10] & 7) + 1 if head[10] & 0x80 else 0)
    while head[at] == ord("!"):
        kind, at = head[at + 1], at + 2
        parts = []
        while length := head[at]:
            parts.append(head[at + 1 : at + 1 + length])
            at += 1 + length
        at += 1
        if kind == 0xFE:
            return b"".join(parts).decode()
    return None


def _from_webp(head: bytes, tail: bytes) -> str | None:
    return _unescaped(rb'dc:description="([^"]*)"', tail)


def _from_svg(head: bytes, tail: bytes) -> str | None:
    return _unescaped(rb"<dc:description>([^<]*)</dc:description>", head)


def _from_html(head: bytes, tail: bytes) -> str | None:
    return _unescaped(rb'<meta name="actplot-command" content="([^"]*)">', head)


def _from_pdf(head: bytes, tail: bytes) -> str | None:
    """The command of a PDF: a string in parentheses in the dictionary at the end, in ASCII or UTF-16."""
    found = re.compile(rb"/Subject \(([^\\()]*(?:\\.[^\\()]*)*)\)", re.DOTALL).match(
        tail, max(tail.rfind(b"/Subject ("), 0)
    )
    if found is None:
        return None
    text = re.sub(rb"\\([0-7]{1,3}|\r\n|.)", _pdf_escape, found[1], flags=re.DOTALL)
    return text[2:].decode("utf-16-be") if text.startswith(b"\xfe\xff") else text.decode("ascii")


_PDF_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}


def _pdf_escape(found: re.Match[bytes]) -> bytes:
    if found[1][:1].isdigit() and found[1][:1] < b"8":
        return bytes([int(found[1], 8) & 0xFF])
    return _PDF_ESCAPES.get(found[1], found[1])


def _unescaped(pattern: bytes, content: bytes) -> str | None:
    found = re.search(pattern, content)
    return None if found is None else html.unescape(found[1].decode())


_READERS: dict[bytes, Callable[[bytes, bytes], str | None]] = {
    b"\x89PNG": _from_png,
    b"GIF8": _from_gif,
    b"RIFF": _from_webp,
    b"<?xml": _from_svg,
    b"<svg": _from_svg,
    b"<!DOCTYPE html>": _from_html,
    b"%PDF": _from_pdf,
}
