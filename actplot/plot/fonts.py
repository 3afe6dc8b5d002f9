"""Which fonts draw the text of a figure: from installed packages, so that they are the same on every machine."""

import os
from functools import cache
from pathlib import Path

import noto_cjk_sans_otc
from matplotlib import font_manager, ft2font
from matplotlib.cbook import is_math_text
from matplotlib.mathtext import MathTextParser

from actplot.errors import Argument, BadValue, NoGlyph, did_you_mean
from actplot.text import Language, Text, is_printable

# The regional forms of the CJK characters, of which Chinese text takes the simplified ones.
_FACE = {"zh": "Noto Sans CJK SC", "en": "Noto Sans CJK SC"}
_LATIN = "DejaVu Sans"
_SUFFIXES = {".ttf", ".otf", ".ttc"}


def families(lang: Language, font: str | None = None) -> list[str]:
    """Font families for text in ``lang``, in the order in which they are asked for a character.

    The CJK family comes before DejaVu Sans: where Chinese stands beside ``$math$``, matplotlib asks the first alone.
    A ``font``, by family name or file, comes before both.

    Raises
    ------
    BadValue
        For a font that is neither installed nor a font file.
    """
    _add_packaged()
    return [*([_family(font)] if font else []), _FACE[lang], _LATIN]


@cache
def _add_packaged() -> None:
    _add(str(noto_cjk_sans_otc.FONT_PATH))


def _add(path: str) -> None:
    """Makes a font file known, ahead of any other with the same family."""
    font_manager.fontManager.addfont(path)
    font_manager.fontManager.ttflist.sort(key=lambda entry: entry.fname != path)


@cache
def _family(font: str) -> str:
    if Path(font).suffix.lower() in _SUFFIXES:
        if not os.path.isfile(font):
            raise BadValue(
                Text(f"no font file {font!r}", f"没有字体文件 {font!r}"),
                Text(
                    "give the path of a .ttf, .otf or .ttc file, or the name of a family",
                    "请给出 .ttf、.otf 或 .ttc 文件的路径，或字体族的名称",
                ),
            )
        try:
            _add(font)
            return ft2font.FT2Font(font).family_name
        except RuntimeError:
            raise BadValue(
                Text(f"{font!r} cannot be read as a font", f"{font!r} 不能作为字体读取"),
                Text("give a .ttf, .otf or .ttc file", "请给出 .ttf、.otf 或 .ttc 文件"),
            ) from None
    known = set(font_manager.fontManager.get_font_names())
    for name in known:
        if name.casefold() == font.casefold():
            return name
    raise BadValue(
        Text(f"unknown font {font!r}", f"未知的字体 {font!r}"),
        did_you_mean(
            font, known, Text("give the path of a .ttf, .otf or .ttc file", "请给出 .ttf、.otf 或 .ttc 文件的路径")
        ),
    )


def check_text(text: str, lang: Language, font: str | None = None) -> None:
    """Makes sure that every character of ``text`` can be drawn and its ``$math$`` be read.

    Raises
    ------
    NoGlyph
        Naming the first character that no font at hand has.
    BadValue
        For mathtext that matplotlib cannot read.
    """
    faces = [_face(family) for family in families(lang, font)]
    math = is_math_text(text)
    for part, piece in enumerate(text.split("$")):
        for character in piece.replace("\n", ""):
            if not is_printable(character):
                raise NoGlyph(
                    Text(
                        f"no font can draw the control character U+{ord(character):04X}",
                        f"没有字体能画控制字符 U+{ord(character):04X}",
                    ),
                    Text("leave it out", "请去掉它"),
                )
            if math and part % 2:  # mathtext has its own fonts, Latin and Greek
                if not faces[-1].get_char_index(ord(character)):
                    raise NoGlyph(
                        Text(f"mathtext cannot draw {_named(character)}", f"mathtext 不能画 {_named(character)}"),
                        Text("put it outside the dollar signs", "请把它放到美元符号之外"),
                    )
            elif not any(face.get_char_index(ord(character)) for face in faces):
                raise NoGlyph(
                    Text(f"no font at hand can draw {_named(character)}", f"现有的字体都不能画 {_named(character)}"),
                    Text(f"give one that can with {Argument('font')}", f"请用 {Argument('font')} 给出一种能画它的字体"),
                )
    if math:
        try:
            MathTextParser("path").parse(text)
        except RecursionError:
            raise BadValue(
                Text(
                    f"cannot read {text!r} as mathtext: it is nested too deeply",
                    f"{text!r} 不能作为 mathtext 读取：嵌套太深",
                ),
                Text("write it flatter", "请减少嵌套"),
            ) from None
        except ValueError as error:
            reason = str(error).strip().splitlines()[-1].partition(": ")[2].partition(", found")[0]
            raise BadValue(
                Text(f"cannot read {text!r} as mathtext: {reason}", f"{text!r} 不能作为 mathtext 读取：{reason}"),
                Text(r"write \$ for a dollar sign", r"美元符号请写成 \$"),
            ) from None


def _named(character: str) -> str:
    return f"{character!r} (U+{ord(character):04X})"


@cache
def _face(family: str) -> ft2font.FT2Font:
    return font_manager.get_font(font_manager.findfont(font_manager.FontProperties(family=[family])))


# Processes that share an open font file would share the place in it.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_face.cache_clear)
