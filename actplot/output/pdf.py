"""PDFs as publishers take them: fonts in the form that their type promises, formulas that can be searched, a language.

matplotlib embeds fonts with cubic outlines where a font of quadratic ones is announced, so they are given those before;
and it says of the characters of its mathematical fonts that they are the Latin ones with the same codes, which is mended
in the objects of the file.
"""

import logging
import re
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from typing import Any, NamedTuple

from matplotlib.backends import _backend_pdf_ps
from matplotlib.font_manager import get_font
from matplotlib.ft2font import LoadFlags
from matplotlib.path import Path

from actplot.text import Language

# How far quadratic outlines may be from cubic ones, in thousandths of the size of the text.
_MAX_ERROR = 0.5
_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj\n", re.DOTALL)
_STREAM = re.compile(rb"(<<.*?>>)\nstream\n(.*)\nendstream", re.DOTALL)
_MATHEMATICAL = re.compile(rb"/BaseFont /[A-Z]{6}\+(Cm\w+)")
_LANGUAGES: dict[Language, bytes] = {"zh": b"zh-CN", "en": b"en"}


def mended(content: bytes, lang: Language) -> bytes:
    """The PDF with formulas in their own characters, and its language.

    Parameters
    ----------
    content
        As matplotlib has written it.
    lang
        Of its text.
    """
    file = _File(content)
    for number, body in list(file.objects.items()):
        if b"/Type /Catalog" in body:
            file.objects[number] = body.replace(b"/Type /Catalog", b"/Type /Catalog /Lang (%s)" % _LANGUAGES[lang])
        if (name := _MATHEMATICAL.search(body)) and (mapping := re.search(rb"/ToUnicode (\d+) 0 R", body)):
            characters = _characters_of(name[1].decode().lower())
            file.change_stream(int(mapping[1]), partial(_with_characters, characters=characters))
    return file.written()


def body(content: bytes) -> bytes:
    """The objects of a PDF without the table of their places; of what is none, all of it."""
    end = content.rfind(b"\nxref\n")
    return content if end < 0 else content[:end]


@contextmanager
def quadratic_fonts() -> Iterator[None]:
    """A context in which matplotlib embeds fonts of cubic outlines as fonts of quadratic ones, and warns of nothing."""
    logger = logging.getLogger("fontTools")  # which finds dates of fonts odd
    backend: Any = _backend_pdf_ps
    before, subset = logger.level, backend.get_glyphs_subset
    logger.setLevel(logging.ERROR)
    backend.get_glyphs_subset = lambda font, glyphs: (_quadratic if _is_cubic(font) else subset)(font, glyphs)
    try:
        yield
    finally:
        logger.setLevel(before)
        backend.get_glyphs_subset = subset


class _Subset(NamedTuple):
    """Some glyphs of a font as a font of their own, and their places in it by those in the other."""

    font: Any
    glyph_index_map: dict[int, int]


def _is_cubic(font: Any) -> bool:
    """Whether a face has the outlines of PostScript."""
    with open(font, "rb") as file:
        if file.read(4) == b"ttcf":
            file.seek(12 + 4 * font.face_index)
            file.seek(int.from_bytes(file.read(4), "big"))
        else:
            file.seek(0)
        return file.read(4) == b"OTTO"


@contextmanager
def _quadratic(font: Any, glyphs: Collection[int]) -> Iterator[_Subset]:
    """These glyphs of a face with TrueType outlines, which differ from their own by less than is seen."""
    from fontTools.fontBuilder import FontBuilder

    face: Any = get_font(font)
    kept = sorted({0, *glyphs})
    names = [".notdef", *(f"glyph{place}" for place in kept[1:])]
    outlines, metrics = {}, {}
    for name, place in zip(names, kept, strict=True):
        outlines[name], advance, left = _glyph(face, place)
        metrics[name] = advance, left
    made = FontBuilder(face.units_per_EM)
    made.font.recalcTimestamp = False
    made.updateHead(created=0, modified=0)
    made.setupGlyphOrder(names)
    made.setupCharacterMap({})
    made.setupGlyf(outlines)
    made.setupHorizontalMetrics(metrics)
    made.setupHorizontalHeader(ascent=face.ascender, descent=face.descender)
    made.setupMaxp()
    made.setupPost(keepGlyphNames=False)
    yield _Subset(made.font, {place: index for index, place in enumerate(kept)})


def _glyph(face: Any, place: int) -> tuple[Any, int, int]:
    """A glyph of a face: its outline, how far it advances, and what is free at its left."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    glyph = face.load_glyph(place, flags=LoadFlags.NO_SCALE | LoadFlags.NO_HINTING)
    points, codes = face.get_path()
    drawn = TTGlyphPen(None)
    pen = Cu2QuPen(drawn, _MAX_ERROR * face.units_per_EM / 1000, reverse_direction=True)
    corners = [tuple(point) for point in (64 * points).round().astype(int).tolist()]
    at = 0
    while at < len(codes):
        count = {Path.CURVE3: 2, Path.CURVE4: 3}.get(codes[at], 1)
        if codes[at] == Path.MOVETO:
            pen.moveTo(corners[at])
        elif codes[at] == Path.LINETO:
            pen.lineTo(corners[at])
        elif codes[at] == Path.CLOSEPOLY:
            pen.closePath()
        else:
            (pen.qCurveTo if count == 2 else pen.curveTo)(*corners[at : at + count])
        at += count
    return drawn.glyph(), round(glyph.horiAdvance), round(glyph.bbox[0])


class _File:
    """The objects of a PDF by number, in their order, and what stands before and after them."""

    def __init__(self, content: bytes) -> None:
        first = _OBJECT.search(content)
        assert first is not None
        self._head = content[: first.start()]
        end = content.rindex(b"\nxref\n") + 1
        trailer = re.search(rb"trailer\n.*?>>\n", content[end:], re.DOTALL)
        assert trailer is not None
        self._trailer = trailer[0]
        self.objects: dict[int, bytes] = {}
        at = first.start()
        while at < end:  # one after the other, so that what looks like an object inside a stream is none
            found = _OBJECT.match(content, at)
            assert found is not None
            body = found[2]
            if b"\nstream\n" in body[:2000] and not body.endswith(b"\nendstream"):
                close = content.index(b"\nendstream\nendobj\n", found.start(2))
                body = content[found.start(2) : close + len(b"\nendstream")]
            self.objects[int(found[1])] = body
            at = found.start(2) + len(body) + len(b"\nendobj\n")

    def change_stream(self, number: int, change: Callable[[bytes], bytes]) -> None:
        """Puts what ``change`` returns, given the content of a stream, in its place."""
        stream = _STREAM.fullmatch(self.objects[number])
        assert stream is not None
        before = zlib.decompress(stream[2])
        if (after := change(before)) == before:
            return
        packed = zlib.compress(after, 6)
        head = re.sub(rb"/Length1 \d+", b"/Length1 %d" % len(after), stream[1])
        head = re.sub(rb"/Length \d+( 0 R)?", b"/Length %d" % len(packed), head)
        self.objects[number] = head + b"\nstream\n" + packed + b"\nendstream"

    def written(self) -> bytes:
        """The bytes of the file."""
        parts, places = [self._head], {}
        at = len(self._head)
        for number, body in self.objects.items():
            places[number] = at
            parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
            at += len(parts[-1])
        parts.append(b"xref\n0 %d\n0000000000 65535 f \n" % (max(places) + 1))
        parts += [
            b"%010d 00000 n \n" % places[n] if n in places else b"0000000000 65535 f \n"
            for n in range(1, max(places) + 1)
        ]
        return b"".join([*parts, self._trailer, b"startxref\n%d\n%%%%EOF\n" % at])


def _with_characters(mapping: bytes, characters: dict[int, str]) -> bytes:
    """A map from codes to characters with these in the place of the characters that have their codes."""

    def right(found: re.Match[bytes]) -> bytes:
        character = characters.get(int(found[1], 16)) if len(found[1]) == 4 else None
        return found[0] if character is None else b"<%s>" % character.encode("utf-16-be").hex().encode()

    def in_brackets(found: re.Match[bytes]) -> bytes:
        return re.sub(rb"<([0-9a-f]+)>", right, found[0])

    return re.sub(rb"\[[^\]]*\]", in_brackets, mapping)


@cache
def _characters_of(font: str) -> dict[int, str]:
    """The characters that a font of Computer Modern has in other places than Unicode, by code."""
    found: dict[int, str] = {}
    with suppress(ImportError, AttributeError):  # tables that matplotlib does not promise to keep
        from matplotlib._mathtext import BakomaFonts
        from matplotlib._mathtext_data import latex_to_bakoma, tex2uni

        larger: dict[str, str] = {}
        for symbol in sorted(BakomaFonts._size_alternatives, key=len):
            for _, name in BakomaFonts._size_alternatives[symbol]:
                larger.setdefault(name, symbol)
        for name, (place, code) in latex_to_bakoma.items():
            symbol = larger.get(name, name).removeprefix("\\")
            character = _PLAIN.get(symbol) or (chr(tex2uni[symbol]) if symbol in tex2uni else symbol)
            if place == font and len(character) == 1:
                found.setdefault(int(code), character)
    return found


_PLAIN = {"__sqrt__": "√", "leftbrace": "{", "rightbrace": "}", "leftparen": "(", "rightparen": ")"}
