"""SVGs for readers of screens, and with text that can be selected."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from matplotlib import rc_context
from matplotlib.backends import backend_svg
from matplotlib.backends.backend_svg import RendererSVG

from actplot.text import Language


class _Renderer(RendererSVG):
    """What draws an SVG, formulas always as outlines: no reader has the fonts of their parts."""

    def draw_text(self, *text: Any, **more: Any) -> None:
        is_formula = text[6] if len(text) > 6 else more.get("ismath", False)
        if not is_formula:
            super().draw_text(*text, **more)  # type: ignore[no-untyped-call]
            return
        with rc_context({"svg.fonttype": "path"}):
            super().draw_text(*text, **more)  # type: ignore[no-untyped-call]


@contextmanager
def math_as_outlines() -> Iterator[None]:
    """A context in which SVGs whose text is text have formulas as outlines."""
    usual = backend_svg.RendererSVG
    backend_svg.RendererSVG = _Renderer  # type: ignore[misc]
    try:
        yield
    finally:
        backend_svg.RendererSVG = usual  # type: ignore[misc]


def readable(svg: bytes, lang: Language, title: str, description: str) -> bytes:
    """An SVG that says its language and what it shows to those who cannot see it."""
    start = svg.index(b"<svg ")
    end = svg.index(b">", start)
    told = "".join(
        f"\n <{tag}>{escape(said)}</{tag}>" for tag, said in (("title", title), ("desc", description)) if said
    )
    attributes = f' role="img" xml:lang="{_TAGS[lang]}"'
    drawn = svg[end + 1 :].replace(b"'DejaVu Sans';", b"'DejaVu Sans', sans-serif;")
    return svg[:end] + attributes.encode() + b">" + told.encode() + drawn


_TAGS: dict[Language, str] = {"zh": "zh-CN", "en": "en"}
