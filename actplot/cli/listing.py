"""``actplot list`` and ``actplot info``."""

import inspect
import json
import os
import sys
from typing import Annotated, Any

import typer

from actplot.cli.figure_options import LanguageOption, give_signature
from actplot.cli.function_command import command, once, single, taken
from actplot.cli.several_commands import ParamOption, values_of
from actplot.errors import BadValue, did_you_mean
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, Family, Function
from actplot.functions.source import function as source_function
from actplot.functions.source import notes
from actplot.text import choose_language

_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def families(key: str | None) -> list[Family]:
    """The family of that key, or all of them."""
    keys = [family.key for family in CATALOG.families]
    if key is not None and key not in keys:
        raise BadValue(f"unknown family {key!r}", did_you_mean(key, keys, f"there are {', '.join(keys)}"))
    return [family for family in CATALOG.families if key in (None, family.key)]


def list_functions(
    family: Annotated[str | None, typer.Option(metavar="NAME", help="One family only.")] = None,
    as_json: _Json = False,
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
                f"{p.option} {p.shown(p.default) if p.choices else format(p.default, '.6g')}" for p in entry.parameters
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


def info_needs_a_name(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        raise BadValue("info needs the name of a function", "as in 'actplot info relu'")


def build_info(entry: Activation) -> Any:
    """The command ``actplot info FUNCTION`` of one activation."""

    def run(as_json: bool, lang: str | None, **values: Any) -> None:
        _show(entry.bind(**once(taken(entry, values))), as_json, lang, entry)

    return command(entry, run, _info_options(), f"Facts about {entry.title.en}. {entry.summary.en}")


def build_source_info(source: str) -> Any:
    """The command ``actplot info SOURCE`` of a function of the user's own, or of one with its parameters beside it."""

    def run(param: list[str] | None, as_json: bool, lang: str | None) -> None:
        given = once(values_of(param))
        function = source_function(source, given)
        _show(function, as_json, lang, CATALOG.get(function.name))

    declared = inspect.Parameter("param", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ParamOption)
    give_signature(run, [declared, *_info_options()])
    return single(source, run, f"Facts about {source}.")


def _info_options() -> list[inspect.Parameter]:
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, default, annotation in (("as_json", False, _Json), ("lang", None, LanguageOption))
    ]


def _show(function: Function, as_json: bool, lang: str | None, entry: Activation | None) -> None:
    language = choose_language(lang)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads would wait for each other over arrays as small as these
    from actplot.output import info

    if as_json:
        print(json.dumps(info.facts(function, entry), ensure_ascii=False, indent=2))
        _say_notes(function)
        return
    from rich.console import Console

    page = info.page(function, language, entry)
    _say_notes(function)
    if sys.stdout.isatty():
        Console(highlight=False).print(page)
        return
    console = Console(highlight=False, width=100, force_terminal=False, color_system=None)
    with console.capture() as captured:
        console.print(page)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _say_notes(function: Function) -> None:
    for note in notes([function]):
        print(f"actplot: {note}", file=sys.stderr)
