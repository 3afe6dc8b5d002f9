"""Fonts: every character of a figure comes from a real face of an installed package."""

from dataclasses import replace
from functools import cache
from importlib.util import find_spec, module_from_spec
from pathlib import Path

import matplotlib
import noto_cjk_sans_otc
import pytest
from matplotlib import font_manager, ft2font
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text as Label

import actplot
from actplot import text
from actplot.errors import BadValue, NoGlyph
from actplot.plot.figure import CurveFigure
from actplot.plot.fonts import check_text, families

PACKAGED = str(noto_cjk_sans_otc.FONT_PATH)
BUNDLED = str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))


@cache
def face_at(path: str, index: int) -> ft2font.FT2Font:
    return ft2font.FT2Font(path, face_index=index)


def face_of(family: str) -> ft2font.FT2Font:
    path = font_manager.findfont(FontProperties(family=[family]), fallback_to_default=False)
    return face_at(str(path), path.face_index)


@cache
def figure_in(lang: str) -> CurveFigure:
    return CurveFigure(lang=lang)


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_families_are_packaged_faces(lang: text.Language) -> None:
    cjk, latin = families(lang)
    assert (face_of(cjk).fname, face_of(cjk).family_name) == (PACKAGED, "Noto Sans CJK SC")
    assert (face_of(latin).fname, latin) == (BUNDLED, "DejaVu Sans")


def test_a_copy_on_the_system_does_not_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    # The machine has another font under the same name: the packaged one must still be found.
    spec = find_spec("actplot.plot.fonts")
    assert spec is not None
    assert spec.loader is not None
    fonts = module_from_spec(spec)  # as in a process that has asked for no font yet
    spec.loader.exec_module(fonts)
    families("zh")
    known = font_manager.fontManager.ttflist
    packaged = next(entry for entry in known if (entry.fname, entry.name) == (PACKAGED, "Noto Sans CJK SC"))
    impostor = replace(packaged, fname=BUNDLED, index=0)
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [impostor, *known])
    assert str(font_manager.findfont(FontProperties(family=[impostor.name]), rebuild_if_missing=False)) == BUNDLED
    fonts.families("zh")
    assert face_of("Noto Sans CJK SC").fname == PACKAGED


@pytest.mark.parametrize(
    ("name", "lang"), [(name, text.LANGUAGES[index % 2]) for index, name in enumerate(actplot.CATALOG)]
)
def test_every_character_of_a_figure_has_a_glyph(name: str, lang: str) -> None:
    figure = figure_in(lang).draw(actplot.sample(name, samples=50))
    faces = [face_of(family) for family in families(lang)]
    labels = [label.get_text() for label in figure.findobj(Label) if "$" not in label.get_text()]
    assert any("一" <= character <= "鿿" for character in "".join(labels)) == (lang == "zh")
    for character in set("".join(labels)):
        assert any(face.get_char_index(ord(character)) for face in faces), character


def test_figures_leave_the_users_settings_alone() -> None:
    before = dict(matplotlib.rcParams)
    figure = actplot.draw(actplot.sample("relu"), lang="zh", style="dark_background")
    assert dict(matplotlib.rcParams) == before
    assert figure.axes[0].title.get_fontfamily() == ["Noto Sans CJK SC", "DejaVu Sans"]


def test_the_face_is_that_of_the_language() -> None:
    # Simplified Chinese and Japanese write this character differently.
    simplified, japanese = (face_of(family) for family in ("Noto Sans CJK SC", "Noto Sans CJK JP"))
    assert simplified.get_char_index(ord("骨")) != japanese.get_char_index(ord("骨"))


def test_a_font_of_the_users_comes_first() -> None:
    assert families("zh", "dejavu serif") == ["DejaVu Serif", "Noto Sans CJK SC", "DejaVu Sans"]
    path = str(Path(BUNDLED).with_name("DejaVuSansMono.ttf"))
    assert families("en", path)[0] == "DejaVu Sans Mono"


@pytest.mark.parametrize(
    ("font", "message"),
    [
        ("No Such Family", "unknown font 'No Such Family'"),
        ("DejaVu Sanz", "did you mean DejaVu Sans"),
        ("missing.ttf", "no font file 'missing.ttf'"),
        (__file__.replace(".py", ".otf"), "no font file"),
    ],
)
def test_a_font_that_is_not_there(font: str, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        families("zh", font)


def test_a_file_that_is_no_font(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    with pytest.raises(BadValue, match="cannot be read as a font"):
        families("zh", str(broken))


@pytest.mark.parametrize("title", ["Sigmoid 函数", r"导数 $\alpha^2$", "€ 5", r"\$5", "two\nlines", "αβγ ŝ"])
def test_text_that_can_be_drawn(title: str) -> None:
    check_text(title, "zh")


@pytest.mark.parametrize(
    ("title", "error", "message"),
    [
        ("smile 🙂", NoGlyph, r"'🙂' \(U\+1F642\)"),
        ("$中$", NoGlyph, "mathtext cannot draw '中'"),
        ("bell\x07", NoGlyph, r"U\+0007"),
        (r"$\nonsense$", BadValue, "Unknown symbol"),
        ("$x^{2$", BadValue, "as mathtext"),
    ],
)
def test_text_that_cannot(title: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        actplot.draw(actplot.sample("relu", samples=10), title=title)
