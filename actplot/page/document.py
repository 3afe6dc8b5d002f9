"""A page as one file: program, data, style and characters inside, and a policy that allows nothing else."""

import base64
import hashlib
import html
import io
import json
import math
import zlib
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Any

import noto_cjk_sans_otc

from actplot import cache as kept
from actplot.output.versions import versions
from actplot.page import bundle
from actplot.text import Language, Text

# The face of simplified Chinese among those of the collection, and the first character that is asked of it.
_FACE, _FIRST = 2, 0x2E80
# Characters of data beyond which it is packed.
_LARGE = 80_000
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; font-src data:; img-src {images}; "
    "connect-src {connections}; base-uri 'none'; form-action 'none'"
)
_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<meta name="generator" content="{makers}">
<meta name="actplot-command" content="{command}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
{data}
<script type="text/plain" id="program">{program}</script>
<script type="module">{loader}</script>
</body>
</html>
"""
_NO_SCRIPT = Text("This figure is drawn by JavaScript, which is off.", "本图由 JavaScript 绘制，请启用后查看。")


def document(
    main: str,
    content: Mapping[str, Any],
    *,
    lang: Language,
    title: str,
    command: str = "",
    more: Mapping[str, Any] | None = None,
    body: str = "",
    images: str = "data: blob:",
    connections: str = "'none'",
) -> bytes:
    """A page that shows some content, in UTF-8; a keyword for each part of the document.

    Parameters
    ----------
    main
        The module that shows it.
    content, more
        What it shows, as JSON; ``more`` are further elements of data, by their ids.
    lang, title, command
        Of the document.
    body
        What stands in the document for those who run no scripts.
    images, connections
        What the policy allows besides.
    """
    body = body or f"<noscript>{html.escape(_NO_SCRIPT.zh)} {html.escape(_NO_SCRIPT.en)}</noscript>"
    data = {name: _json(each) for name, each in {"content": content, **(more or {})}.items()}
    program, loader = bundle.script(main), bundle.plain("loader")
    style = _style("".join([*data.values(), program, body, title]))
    policy = _POLICY.format(
        scripts=f"{_hash(loader)} {_hash(program)}", styles=_hash(style), images=images, connections=connections
    )
    page = _PAGE.format(
        lang={"zh": "zh-Hans", "en": "en"}[lang],
        policy=policy,
        makers=html.escape(makers()),
        command=html.escape(command),
        title=html.escape(title),
        style=style,
        body=body,
        data="\n".join(_data(name, written) for name, written in data.items()),
        program=_packed(program),
        loader=loader,
    )
    return page.encode()


def makers() -> str:
    """The versions that a page depends on, in words."""
    return ", ".join(f"{name} {number}" for name, number in versions().items())


def _json(content: Any) -> str:
    return json.dumps(_finite(content), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _finite(content: Any) -> Any:
    """Content as JSON can hold it: null stands for NaN, a string for what is infinite."""
    if isinstance(content, Mapping):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None if math.isnan(content) else "Infinity" if content > 0 else "-Infinity"
    return content


def _data(name: str, written: str) -> str:
    """JSON as an element of the document: as it is, or packed where there is much of it."""
    if len(written) > _LARGE:
        return f'<script type="text/plain" id="{name}" data-packed>{_packed(written)}</script>'
    # Nothing in it can end the element, or begin a comment.
    return '<script type="application/json" id="{}">{}</script>'.format(name, written.replace("<", "\\u003c"))


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@cache
def _packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _style(words: str) -> str:
    """The style sheet, with a font that has the Chinese characters of the words."""
    sheet = bundle.lean(files("actplot.page").joinpath("style.css").read_text("utf-8"))
    characters = "".join(sorted({each for each in words if ord(each) >= _FIRST}))
    face = (
        f'@font-face {{ font-family: "actplot"; src: url(data:font/woff;base64,{_font(characters)}) format("woff"); }}'
    )
    return f"{face}\n{sheet}"


def _font(characters: str) -> str:
    """Characters out of Noto Sans CJK, as WOFF in base64; kept, since choosing them takes a second."""
    name = kept.key("font", _FACE, characters, kept.versions("fonttools", "noto-cjk-sans-otc"))
    return base64.b64encode(kept.recall(name, partial(_chosen, characters))).decode()


@cache
def _chosen(characters: str) -> bytes:
    from fontTools import subset

    options = subset.Options(flavor="woff", layout_features=[], hinting=False, desubroutinize=True)
    options.font_number = _FACE
    font = subset.load_font(str(noto_cjk_sans_otc.FONT_PATH), options)
    chooser = subset.Subsetter(options)
    chooser.populate(text=characters)
    chooser.subset(font)
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    font.close()
    return buffer.getvalue()
