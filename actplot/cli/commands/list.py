"""``actplot list``: what there is."""

import json
import sys
from collections.abc import Iterator, Sequence
from shutil import get_terminal_size
from typing import Annotated

from actplot.cli.options import JsonOption, LanguageOption
from actplot.cli.words import NAME, option
from actplot.errors import BadValue, did_you_mean
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, Family
from actplot.language import Language, spoken
from actplot.output.tables import padded
from actplot.text import Text, choose_language, display_width


def families(key: str | None) -> list[Family]:
    """The family of that key, or all of them."""
    keys = [family.key for family in CATALOG.families]
    if key is not None and key not in keys:
        raise BadValue(
            Text(f"unknown family {key!r}", f"未知的函数族 {key!r}"),
            did_you_mean(key, keys, Text(f"there are {', '.join(keys)}", f"可用 {'、'.join(keys)}")),
        )
    return [family for family in CATALOG.families if key in (None, family.key)]


def list_functions(
    family: Annotated[str | None, option(metavar=NAME, help=Text("One family only.", "只要这个函数族。"))] = None,
    as_json: JsonOption = False,
    lang: LanguageOption = None,
) -> None:
    choose_language(lang)  # which refuses what is none; the list is in the language that is spoken
    chosen = families(family)
    if as_json:
        entries = [entry for each in chosen for entry in each.entries]
        print(
            json.dumps(
                [
                    {"name": e.name, "aliases": list(e.aliases), "family": e.family, "parameters": e.defaults}
                    for e in entries
                ],
                indent=2,
            )
        )
        return
    columns = get_terminal_size().columns if sys.stdout.isatty() else None
    print("\n".join(_lines(chosen, spoken(), columns)))


_ALSO = Text("also {names}", "又名 {names}")


def _lines(chosen: Sequence[Family], language: Language, columns: int | None) -> Iterator[str]:
    """A heading for each family and a row for each function, or more lines where a terminal has too few columns."""
    cells = {entry.name: _cells(entry, language) for entry in CATALOG.values()}
    widths = [max(map(display_width, column)) for column in zip(*cells.values(), strict=True)]
    fits = columns is None or 2 + sum(widths) + 2 * len(widths) <= columns
    for family in chosen:
        yield f"{family.title[language]}  [{family.key}]"
        for entry in family.entries:
            if fits:
                yield f"  {'  '.join(map(padded, cells[entry.name], widths))}".rstrip()
            else:
                assert columns is not None
                yield from _folded(entry, language, widths[0], columns)


def _cells(entry: Activation, language: Language) -> tuple[str, str, str, str]:
    return entry.name, " ".join(_options(entry)), ", ".join(entry.aliases), entry.title[language]


def _options(entry: Activation) -> list[str]:
    """The options of its parameters, each with its default."""
    return [
        f"{p.option} {p.format_value(p.default) if p.choices else format(p.default, '.6g')}" for p in entry.parameters
    ]


def _folded(entry: Activation, language: Language, width: int, columns: int) -> Iterator[str]:
    """The name with its title, and below them what does not fit beside them."""
    yield f"  {padded(entry.name, width)}  {entry.title[language]}"
    parts = _options(entry)
    parts += [_ALSO[language].format(names=", ".join(entry.aliases))] if entry.aliases else []
    line = ""
    for part in parts:
        if line and 4 + display_width(f"{line}  {part}") > columns:
            yield f"    {line}"
            line = ""
        line = f"{line}  {part}" if line else part
    if line:
        yield f"    {line}"
