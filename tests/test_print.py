"""Figures for print and for readers who cannot see: fonts of PDFs, text that can be searched, words in SVGs."""

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import noto_cjk_sans_otc
import pytest
from command import Act
from fontTools.pens.areaPen import AreaPen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from matplotlib.font_manager import FontPath, findfont, get_font

import actplot
from actplot.output import pdf
from actplot.output.image import render

needs_poppler = pytest.mark.skipif(shutil.which("pdffonts") is None, reason="needs poppler-utils")
PICTURES = {
    "zh": "elu --alpha 2",
    "en": "mish --lang en",
    "title": "plot sqrt(x)/(1+x**2) --title 折点在$x=0$处",
    "overlay": "compare relu gelu --layout overlay",
    "softmax": "softmax --scores=-1,2,-3,4",
    "depth": "depth relu tanh --depth 3 --width 8 --batch 8",
    "boundary": "boundary relu --epochs 1",
}


def told(*words: str | Path) -> tuple[str, str]:
    """What a program says on stdout and on stderr."""
    done = subprocess.run([*map(str, words)], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout, done.stderr


@needs_poppler
@pytest.mark.parametrize("name", PICTURES)
def test_fonts_are_what_publishers_take(name: str, act: Act) -> None:
    assert act(*PICTURES[name].split(), "--out", "a.pdf", "--quiet").code == 0
    listed, complaints = told("pdffonts", "a.pdf")
    assert complaints == ""
    rows = listed.splitlines()[2:]
    assert rows
    for row in rows:
        assert "CID TrueType" in row
        assert row.split()[-5:-2] == ["yes", "yes", "yes"]  # embedded, a subset, with its characters
    _, complaints = told("pdftoppm", "-r", "40", "-png", "a.pdf", "a")
    assert complaints == ""


@needs_poppler
@pytest.mark.parametrize(
    ("command", "titles", "formula"),
    [
        (
            "elu --alpha 2",
            ["ELU 函数曲线图（alpha = 2）", "ELU 函数导数曲线图（alpha = 2）"],
            "f(x)=max(0,x)+αmin(0,ex−1)",
        ),
        ("elu --lang en", ["ELU function", "ELU derivative"], "f′(x)={1αexx>0x≤0"),
    ],
)
def test_text_can_be_searched(command: str, titles: list[str], formula: str, act: Act) -> None:
    assert act(*command.split(), "--out", "a.pdf", "--quiet").code == 0
    text, _ = told("pdftotext", "a.pdf", "-")
    for title in titles:
        assert title in text
    assert set(formula) <= set(text)
    about, _ = told("pdfinfo", "a.pdf")
    assert f"Title:           {' · '.join(titles)}" in about
    assert re.search(rb"/Lang \((zh-CN|en)\)", Path("a.pdf").read_bytes())


def test_outlines_are_as_they_were() -> None:
    """Quadratic outlines are within half a thousandth of the size of the text from cubic ones."""
    face = FontPath(str(noto_cjk_sans_otc.FONT_PATH), 2)
    characters = get_font(face)
    places = [characters.get_char_index(ord(character)) for character in "激活函数曲线图 ELU 0123（，）"]
    assert pdf._is_cubic(face)
    assert not pdf._is_cubic(FontPath(findfont("DejaVu Sans"), 0))
    with pdf._quadratic(face, places) as subset:
        made = subset.font
    usual = TTFont(face, fontNumber=2)
    glyphs = (usual.getGlyphSet(), made.getGlyphSet())
    for place in places:
        names = usual.getGlyphOrder()[place], made.getGlyphOrder()[subset.glyph_index_map[place]]
        areas, boxes = [], []
        for glyph_set, name in zip(glyphs, names, strict=True):
            area, box = AreaPen(glyph_set), BoundsPen(glyph_set)
            glyph_set[name].draw(area)
            glyph_set[name].draw(box)
            areas.append(abs(area.value))
            boxes.append(box.bounds or (0, 0, 0, 0))
        assert areas[1] == pytest.approx(areas[0], rel=0.005, abs=50)
        assert boxes[1] == pytest.approx(boxes[0], abs=1.5)
        assert made["hmtx"][names[1]][0] == usual["hmtx"][names[0]][0]


def root(figure: object) -> ElementTree.Element:
    return ElementTree.fromstring(render(figure, "svg"))  # type: ignore[arg-type]


SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("lang", "title", "said"),
    [
        (
            "zh",
            "ELU 函数曲线图（alpha = 2） · ELU 函数导数曲线图（alpha = 2）",
            "ELU (alpha = 2)，x 从 -5 到 5；f(x) = max(0, x)",
        ),
        (
            "en",
            "ELU function (alpha = 2) · ELU derivative (alpha = 2)",
            "ELU (alpha = 2) for x from -5 to 5; f(x) = max(0, x)",
        ),
    ],
)
def test_an_svg_says_what_it_shows(lang: str, title: str, said: str) -> None:
    svg = root(actplot.draw("elu", alpha=2.0, lang=lang))
    assert svg.get("role") == "img"
    assert svg.get("{http://www.w3.org/XML/1998/namespace}lang") == {"zh": "zh-CN", "en": "en"}[lang]
    assert svg[0].tag == f"{SVG}title"
    assert svg[0].text == title
    assert svg[1].tag == f"{SVG}desc"
    assert (svg[1].text or "").startswith(said)
    assert "x = 0" in (svg[1].text or "")
    assert not list(svg.iter(f"{SVG}text"))


def test_other_figures_say_what_they_show(act: Act) -> None:
    for command, title in (
        ("softmax --lang en", "Softmax probabilities · Jacobian ∂p/∂z"),
        ("depth --depth 2", "激活值的标准差"),
    ):
        assert act(*command.split(), "--out", "a.svg", "--quiet").code == 0
        svg = ElementTree.parse("a.svg").getroot()
        assert (svg[0].text or "").startswith(title)


def test_text_of_an_svg_is_text_and_formulas_are_outlines() -> None:
    svg = root(actplot.draw("elu", lang="zh", text="text"))
    shown = ["".join(text.itertext()) for text in svg.iter(f"{SVG}text")]
    words = {each for each in shown if not re.fullmatch(r"[−\d.]+", each)}  # and the numbers at ticks
    assert words == {"ELU 函数曲线图", "ELU 函数导数曲线图", "x", "y", "dy/dx"} < set(shown)
    families = {
        style for text in svg.iter(f"{SVG}text") for style in (text.get("style") or "").split(";") if "family" in style
    }
    assert families == {" font-family: 'Noto Sans CJK SC', 'DejaVu Sans', sans-serif"}


def test_nothing_is_said_on_stderr(act: Act) -> None:
    made = act("elu", "--out", "a.pdf")
    assert (made.out, made.err) == ("a.pdf\n", "")
