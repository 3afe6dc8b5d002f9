"""The pages of a gallery: ``index.html``, which needs no network, and ``README.md`` for folders seen on a forge."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from actplot import text
from actplot.functions.formula import plain
from actplot.functions.registry import Activation, Function
from actplot.text import LANGUAGES, Language, Text, number

if TYPE_CHECKING:
    from actplot.page.entries import Facts

# What a browser shows as an image; every other file is linked to.
_IMAGES = (".png", ".svg")

_TITLE = Text("Activation functions", "激活函数")
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&$])")


@dataclass(frozen=True)
class Picture:
    """A picture of the gallery and what the page says about it.

    Attributes
    ----------
    entry
        The entry of the catalog.
    family
        Title of its family.
    functions
        The entry at the parameters that were drawn; several where a parameter was swept.
    files
        Names of files in the folder of the page, the one to show first.
    command
        The command that draws it again.
    size
        Width and height in pixels.
    """

    entry: Activation
    family: Text
    functions: tuple[Function, ...]
    files: tuple[str, ...]
    command: str
    size: tuple[int, int]


def html(pictures: Sequence[Picture], facts: "Mapping[str, Facts] | None" = None, lang: Language = "zh") -> str:
    """The page ``index.html``: every function with its picture, which opens as a living figure, in both languages.

    The list can be read without JavaScript, which adds search, filter, figures, and the choice of language and colours.

    Parameters
    ----------
    pictures
        What the page lists.
    facts
        What was computed of each function, by name (see :func:`actplot.page.page.describe`).
    lang
        The language that it opens in.
    """
    return _page(pictures, facts or {}, lang=lang).decode()


def explorer(
    entries: Iterable[Activation],
    families: Mapping[str, Text],
    first: Function,
    facts: "Mapping[str, Facts]",
    lang: Language,
) -> bytes:
    """The same page without pictures, served to this machine, which opens a function at first."""
    pictures = [Picture(entry, families[entry.family], (entry.bind(),), (), "", (0, 0)) for entry in entries]
    return _page(pictures, facts, lang=lang, first=first, served=True)


def _page(pictures: Sequence[Picture], facts: "Mapping[str, Facts]", *, lang: Language, **options: Any) -> bytes:
    from actplot.page import page

    template = Template(files("actplot.gallery").joinpath("page.html").read_text("utf-8"))
    body = template.substitute(
        total=len(pictures), families="\n".join(_families(pictures)), cards="\n".join(map(_card, pictures))
    )
    shown = {
        picture.entry.name: {
            "summary": {"en": picture.entry.summary.en, "zh": picture.entry.summary.zh},
            "files": picture.files,
        }
        for picture in pictures
    }
    at = {picture.entry.name: picture.functions[0].parameters for picture in pictures}
    if (first := options.get("first")) is not None:
        at[first.name] = first.parameters
    return page.gallery(shown, facts, body, lang=lang, title=f"{_TITLE.zh} · {_TITLE.en}", at=at, **options)


def markdown(pictures: Sequence[Picture]) -> str:
    """The folder's ``README.md``: a table of thumbnails, each linked to its picture."""
    lines = [
        "# 激活函数 · Activation functions",
        "",
        f"{len(pictures)} 个函数及其导数；用浏览器打开 [index.html](index.html) 可以搜索、筛选和放大。",
        "",
        f"{len(pictures)} functions and their derivatives; open [index.html](index.html) in a browser to search, filter "
        "and enlarge.",
        "",
        "| 函数 Function | 函数族 Family | 图 Picture |",
        "|---|---|---|",
    ]
    for picture in pictures:
        title, file = picture.entry.title, picture.files[0]
        shown = _plainly(file)
        if _is_image(file):
            shown = f"![{_plainly(' '.join((_titled(picture).zh, *plain(picture.entry.formula))))}]({_url(file)})"
        name = f"[{_plainly(title.en)}]({_url(file)})<br>{_plainly(title.zh)}"
        values = f"<br>{_plainly(_chosen(picture))}" if _chosen(picture) else ""
        family = f"{_plainly(picture.family.zh)}<br>{_plainly(picture.family.en)}"
        lines.append(f"| {name}{values} | {family} | [{shown}]({_url(file)}) |")
    return "\n".join(lines) + "\n"


def _plainly(words: str) -> str:
    """``words`` as they are, in a cell of a Markdown table."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(words.split()))


def _url(file: str) -> str:
    """The address of a file beside the page; whatever its name, it leads nowhere else."""
    return quote(file, safe="")


def _is_image(file: str) -> bool:
    return file.lower().endswith(_IMAGES)


def _values(name: str, functions: Sequence[Function]) -> str:
    """``slope = 0.01, 0.1``: a parameter with every value that it has."""
    values = dict.fromkeys(number(function.parameters[name]) for function in functions)
    return f"{name} = {', '.join(values)}"


def _chosen(picture: Picture) -> str:
    """The parameters that are not at their defaults."""
    names = dict.fromkeys(name for function in picture.functions for name in function.non_default)
    return "; ".join(_values(name, picture.functions) for name in names)


def _break_places(picture: Picture) -> list[float]:
    return sorted({x for function in picture.functions for x in function.breaks or ()})


def _titled(picture: Picture) -> Text:
    """The title and chosen values in words that stand alone in each language."""
    en, zh = picture.entry.title.en, picture.entry.title.zh
    both = Text(en, zh if en in zh else f"{en} {zh}")
    values = _chosen(picture)
    if not values:
        return both
    return Text(*(both[lang] + text.TITLE_VALUES[lang].format(values=values) for lang in ("en", "zh")))


def _alternative(picture: Picture) -> Text:
    """What the picture shows, for those who cannot see it."""
    title, formula = _titled(picture), ", ".join(plain(picture.entry.formula))
    places = ", ".join(map(number, _break_places(picture)))
    return Text(
        f"Curves of {title.en} and its derivative: {formula}" + (f"; breaks at x = {places}" if places else ""),
        f"{title.zh} 及其导数的曲线：{formula}" + (f"；折点或间断点：x = {places}" if places else ""),
    )


def _in_both(words: Text, tag: str = "span", kind: str = "") -> str:
    """``words`` in both languages, of which the style sheet hides one."""
    return "".join(
        f'<{tag} class="t{kind and " " + kind}" lang="{lang}">{escape(words[lang])}</{tag}>' for lang in LANGUAGES
    )


def _attribute(name: str, words: Text) -> str:
    """An attribute that the script sets in the language of the page."""
    zh, en = escape(words.zh), escape(words.en)
    return f'{name}="{zh}" data-set="{name}" data-zh="{zh}" data-en="{en}"'


def _families(pictures: Sequence[Picture]) -> Iterable[str]:
    titles = {picture.entry.family: picture.family for picture in pictures}
    for key, title in titles.items():
        count = sum(picture.entry.family == key for picture in pictures)
        yield (
            f'<button type="button" class="pill" value="{escape(key)}" aria-pressed="false">{_in_both(title)}'
            f' <span class="count">{count}</span></button>'
        )


def _card(picture: Picture) -> str:
    entry, file = picture.entry, next(iter(picture.files), "")
    title = f'<span>{escape(entry.title.en)}</span> <span class="t other" lang="zh">{escape(entry.title.zh)}</span>'
    if entry.title.en in entry.title.zh:
        title = _in_both(entry.title)
    values = f'<code class="values">{escape(_chosen(picture))}</code>'
    names = "\n".join((entry.name, *entry.aliases, entry.title.en, entry.title.zh))
    width, height = picture.size
    shown = f'<span class="no-image">{escape(file)}</span>' if file else ""
    if _is_image(file):
        alternative = _attribute("alt", _alternative(picture))
        shown = (
            f'<img src="{_url(file)}" {alternative} width="{width}" height="{height}" loading="lazy" decoding="async">'
        )
    return f"""\
<li class="card" id="{escape(entry.name)}" data-family="{escape(entry.family)}" data-names="{escape(names)}">
<a class="open" href="{_url(file) or f"#{escape(entry.name)}"}">{shown}
<span class="words">
<span class="family">{_in_both(picture.family)}</span>
<span class="name" role="heading" aria-level="2">{title}</span>
{values if _chosen(picture) else ""}
<span class="summary">{_in_both(entry.summary)}</span>
</span></a>
</li>"""
