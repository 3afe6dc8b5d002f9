"""The pages about a gallery, as strings."""

from dataclasses import replace
from html import escape
from html.parser import HTMLParser

import pytest

from actplot.functions.catalog import CATALOG
from actplot.gallery.index import Picture, html, markdown
from actplot.text import Text

FAMILIES = {family.key: family.title for family in CATALOG.families}
VOID = {"img", "input", "meta", "br"}


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


def test_all_facts_are_in_both_languages() -> None:
    content = html(ALL)
    for entry in CATALOG.values():
        for words in (entry.summary, *entry.strengths, *entry.weaknesses):
            for lang in ("en", "zh"):
                assert escape(words[lang]) in content  # type: ignore[literal-required]
        assert f"actplot {entry.name} --lang zh" in content


def test_nothing_is_fetched_from_elsewhere() -> None:
    page = Page(html(ALL))
    for _, attributes in page.elements:
        for name in ("src", "href"):
            assert "//" not in attributes.get(name, "")
    assert not page.all("link")


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
        Page(content)


def test_other_formats() -> None:
    page = Page(html([picture("relu", "svg", "pdf"), picture("tanh", "pdf")]))
    assert [image["src"] for image in page.all("img")] == ["relu.svg"]
    links = [link["href"] for link in page.all("a")]
    assert {"relu.svg", "relu.pdf", "tanh.pdf"} <= set(links)


def test_the_same_pictures_give_the_same_pages() -> None:
    assert html(ALL) == html(list(ALL))
    assert markdown(ALL) == markdown(list(ALL))


def test_the_markdown_is_a_table_of_thumbnails() -> None:
    rows = [line for line in markdown(ALL).splitlines() if line.startswith("| [")]
    assert len(rows) == len(CATALOG)
    for row, entry in zip(rows, CATALOG.values(), strict=True):
        assert f"]({entry.name}.png)](" in row
        assert row.count(" | ") == 2
