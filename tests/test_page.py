"""The pages about a gallery, as strings."""

import base64
import json
import re
import zlib
from dataclasses import replace
from html import escape
from html.parser import HTMLParser

import pytest

import actplot
from actplot.functions.catalog import CATALOG
from actplot.gallery.index import Picture, html, markdown
from actplot.page.page import describe, render
from actplot.text import Text

FAMILIES = {family.key: family.title for family in CATALOG.families}
VOID = {"img", "input", "link", "meta", "br"}


def picture(name: str, *endings: str) -> Picture:
    entry = CATALOG[name]
    files = tuple(f"{entry.name}.{ending}" for ending in endings or ("png",))
    return Picture(
        entry, FAMILIES[entry.family], (entry.bind(),), files, f"actplot {entry.name} --lang zh", (1500, 600)
    )


ALL = [picture(name) for name in CATALOG]


class Page(HTMLParser):
    """Elements of a page with their attributes; complains about tags that do not match."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(content)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]


def test_every_picture_is_there_with_words_for_those_who_cannot_see_it() -> None:
    page = Page(html(ALL))
    assert [card["id"] for card in page.all("li", **{"class": "card"})] == list(CATALOG)
    images = page.all("img")
    assert [image["src"] for image in images] == [f"{name}.png" for name in CATALOG]
    for image, entry in zip(images, CATALOG.values(), strict=True):
        assert (image["width"], image["height"], image["loading"]) == ("1500", "600", "lazy")
        assert entry.title.en in image["data-en"]
        assert "导数" in image["data-zh"] == image["alt"]


def test_the_list_is_in_both_languages() -> None:
    content = html(ALL)
    for entry in CATALOG.values():
        for lang in ("en", "zh"):
            assert escape(entry.summary[lang]) in content  # type: ignore[literal-required]


def test_what_was_found_out_is_in_the_page() -> None:
    facts = {"relu": [(Text("Image", "值域"), Text("[0, ∞)", "[0, ∞)"))]}
    content = html(ALL, facts)
    packed = re.search(r'id="catalog" data-packed>([^<]*)<', content)
    assert packed is not None
    catalog = {each["name"]: each for each in json.loads(zlib.decompress(base64.b64decode(packed[1])))}
    assert catalog["relu"]["facts"] == [
        {"label": {"en": "Image", "zh": "值域"}, "value": {"en": "[0, ∞)", "zh": "[0, ∞)"}}
    ]
    assert list(catalog) == list(CATALOG)
    assert all(each["formula"]["y"] for each in catalog.values())


def test_the_page_is_small() -> None:
    rows = [
        (Text(f"Label {number}", f"标题 {number}"), Text("some words " * 5, "一些文字" * 5)) for number in range(12)
    ]
    assert len(html(ALL, dict.fromkeys(CATALOG, rows)).encode()) < 500_000


def test_nothing_is_fetched_from_elsewhere() -> None:
    page = Page(html(ALL))
    for _, attributes in page.elements:
        for name in ("src", "href"):
            assert "//" not in attributes.get(name, "")
    assert [link["href"] for link in page.all("link")] == ["data:,"]


def test_families_are_counted() -> None:
    content = html(ALL)
    for family in CATALOG.families:
        assert f'value="{family.key}"' in content
        assert f'{family.title.en}</span> <span class="count">{len(family.entries)}</span>' in content


@pytest.mark.parametrize("make", [html, markdown])
def test_hostile_words_stay_words(make: object) -> None:
    evil = '"><script>alert(1)</script>|`'
    hostile = picture("relu")
    entry = replace(hostile.entry, title=Text(evil, f"{evil}中"), summary=Text(evil, f"{evil}中"), aliases=(evil,))
    content = make([replace(hostile, entry=entry, command=evil)])  # type: ignore[operator]
    assert "<script>alert" not in content
    if make is html:
        assert content.count("<script") == 4  # its own
        Page(content)


def test_other_formats() -> None:
    page = Page(html([picture("relu", "svg", "pdf"), picture("tanh", "pdf")]))
    assert [image["src"] for image in page.all("img")] == ["relu.svg"]
    assert [link["href"] for link in page.all("a")] == ["relu.svg", "tanh.pdf"]


def test_the_same_pictures_give_the_same_pages() -> None:
    assert html(ALL) == html(list(ALL))
    assert markdown(ALL) == markdown(list(ALL))


def test_the_markdown_is_a_table_of_thumbnails() -> None:
    rows = [line for line in markdown(ALL).splitlines() if line.startswith("| [")]
    assert len(rows) == len(CATALOG)
    for row, entry in zip(rows, CATALOG.values(), strict=True):
        assert f"]({entry.name}.png)](" in row
        assert row.count(" | ") == 2


def test_facts_are_those_of_the_parameters() -> None:
    elu = CATALOG["elu"].bind(alpha=2.0)
    (found,) = describe([elu, CATALOG["relu"].bind()], most=1).values()
    assert "(-2, ∞)" in {value.en for _, value in found}


def test_facts_say_for_which_parameters_they_hold() -> None:
    """A sweep has those of its first value, which is not the default."""
    curves = [actplot.sample("elu", alpha=alpha) for alpha in (0.5, 2.0)]
    facts = describe([curve.function for curve in curves])
    rendered = render(curves, lang="en", facts=facts).decode()
    content = re.search(r'id="content">([^<]*)<', rendered)
    assert content is not None
    catalog = {each["name"]: each for each in json.loads(content[1])["catalog"]}
    assert catalog["elu"]["factsAt"] == {"alpha": 0.5}
    assert any("-0.5" in fact["value"]["en"] for fact in catalog["elu"]["facts"])
