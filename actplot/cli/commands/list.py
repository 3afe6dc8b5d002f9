"""``actplot list``: what there is."""

import json
from typing import Annotated

from actplot.cli.options import JsonOption, LanguageOption
from actplot.cli.words import NAME, option
from actplot.errors import BadValue, did_you_mean
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Family
from actplot.text import Text, choose_language


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
    language = choose_language(lang)
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
    rows = {
        entry.name: (
            entry.name,
            " ".join(
                f"{p.option} {p.format_value(p.default) if p.choices else format(p.default, '.6g')}"
                for p in entry.parameters
            ),
            ", ".join(entry.aliases),
            entry.title[language],
        )
        for entry in CATALOG.values()
    }
    widths = [max(map(len, column)) for column in list(zip(*rows.values(), strict=True))[:-1]]
    for each in chosen:
        print(f"{each.title[language]}  [{each.key}]")
        for entry in each.entries:
            *cells, title = rows[entry.name]
            padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            print(f"  {'  '.join(padded)}  {title}")
