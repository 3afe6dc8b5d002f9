"""Formulas as outlines: what matplotlib itself would set, set once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import LoadFlags
from matplotlib.mathtext import MathTextParser
from matplotlib.textpath import text_to_path

import actplot
from actplot import cache
from actplot.functions.catalog import CATALOG
from actplot.functions.formula import mathtext
from actplot.output.image import render
from actplot.plot import formula
from actplot.plot.style import drawing

LINES = [f"${line}$" for entry in CATALOG.values() for line in mathtext(entry.formula)]


def glyph_box(line: str) -> list[float]:
    """What the glyphs of a line cover at a size of 1, as FreeType says of each."""
    dpi = 7200  # fine enough for boxes that are whole pixels
    parsed = MathTextParser("path").parse(line, dpi=dpi)
    size = FontProperties().get_size_in_points() * dpi / 72
    corners = []
    for font, glyph_size, _, glyph, x, y in parsed.glyphs:
        font.set_size(glyph_size, dpi)
        left, bottom, right, top = (edge / 64 for edge in font.load_glyph(glyph, LoadFlags.NO_HINTING).bbox)
        corners += [(x + left, y + bottom), (x + right, y + top)]
    for x, y, width, height in parsed.rects:
        corners += [(x, y), (x + width, y + height)]
    return [*np.min(corners, axis=0) / size, *np.max(corners, axis=0) / size]


def test_an_outline_is_what_mathtext_sets() -> None:
    with drawing():
        for line in LINES:
            box = formula.outline(line).box
            assert np.allclose(box.extents, glyph_box(line), atol=0.02), line
            assert np.allclose(box.extents, formula.outline(line).path.get_extents().extents, atol=1e-3), line


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache, and no outline at hand in this process."""
    monkeypatch.setenv("ACTPLOT_CACHE", str(tmp_path / "kept"))
    formula._outline.cache_clear()
    yield tmp_path / "kept"
    formula._outline.cache_clear()


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_figures_are_the_same_with_kept_outlines_and_set_each_once(
    form: str, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    curve = actplot.sample("softplus", samples=50)
    set_now: list[str] = []
    own = text_to_path.get_text_path

    def seen(prop: object, text: str, ismath: bool = False) -> object:
        set_now.append(text)
        return own(prop, text, ismath)

    monkeypatch.setattr(formula.text_to_path, "get_text_path", seen)
    first = render(actplot.draw(curve, lang="zh"), form)
    formulas = [line for line in set_now if "$" in line]
    assert len(formulas) == len({*formulas}) == 2
    for at_hand in (True, False):
        if not at_hand:  # but for the cache, as in another process
            formula._outline.cache_clear()
        set_now.clear()
        assert render(actplot.draw(curve, lang="zh"), form) == first
        render(actplot.draw(curve, lang="en", size=(5, 4)), form)
        assert [line for line in set_now if "$" in line and "mathdefault" not in line] == []
    monkeypatch.setenv("ACTPLOT_CACHE", "off")
    formula._outline.cache_clear()
    assert render(actplot.draw(curve, lang="zh"), form) == first


def test_a_figure_whose_formulas_are_kept_parses_nothing(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    curve = actplot.sample("elu", samples=50)
    first = render(actplot.draw(curve), "png")
    assert cache.usage().files == 2
    formula._outline.cache_clear()

    def parse(*words: object) -> None:
        raise AssertionError("the parser takes 30 ms to get ready")

    monkeypatch.setattr(MathTextParser, "parse", parse)
    assert render(actplot.draw(curve), "png") == first
