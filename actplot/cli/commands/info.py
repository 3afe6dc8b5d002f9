"""``actplot info``: what is true of a function."""

import inspect
import json
import os
import sys
from typing import Annotated, Any

import typer

from actplot.cli.console import can_show, say
from actplot.cli.functions import once, parameter_values
from actplot.cli.options import (
    JsonOption,
    LanguageBeforeOption,
    LanguageOption,
    ParamOption,
    command_of_entry,
    take_parameters,
)
from actplot.cli.words import command_alone, give_signature, option
from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, Function
from actplot.functions.source import function as source_function
from actplot.functions.source import notes
from actplot.text import Text, choose_language

FrameworksOption = Annotated[
    bool,
    option(
        "--frameworks",
        help=Text(
            "Measure how PyTorch, JAX, NumPy and SciPy differ from it, where they are installed.",
            "实测 PyTorch、JAX、NumPy 与 SciPy（已安装者）与它的差别。",
        ),
    ),
]


def info_needs_a_name(ctx: typer.Context, lang: LanguageBeforeOption = None) -> None:
    if lang is not None:  # for the page of the function
        ctx.default_map = {str(ctx.invoked_subcommand): {"lang": choose_language(lang)}}
    if ctx.invoked_subcommand is None:
        raise BadValue(
            Text("info needs the name of a function", "info 需要一个函数名"),
            Text("as in 'actplot info relu'", "例如 'actplot info relu'"),
        )


def build_info(entry: Activation) -> Any:
    """The command ``actplot info FUNCTION`` of one activation."""

    def run(as_json: bool, frameworks: bool, lang: str | None, **values: Any) -> None:
        _show(entry.bind(**once(take_parameters(entry, values))), as_json, frameworks, lang, entry)

    return command_of_entry(
        entry,
        run,
        _info_options(),
        Text(f"Facts about {entry.title.en}. {entry.summary.en}", f"{entry.title.zh}的性质。{entry.summary.zh}"),
    )


def build_source_info(source: str) -> Any:
    """The command ``actplot info SOURCE`` of a function of the user's own, or of one with its parameters beside it."""

    def run(param: list[str] | None, as_json: bool, frameworks: bool, lang: str | None) -> None:
        given = once(parameter_values(param))
        function = source_function(source, given)
        entry = CATALOG.get(function.name)
        if frameworks and entry is None:
            raise BadValue(
                Text(f"--frameworks knows nothing of {source}", f"--frameworks 不了解 {source}"),
                Text("name a function of the catalog", "请写目录中的函数名"),
            )
        _show(function, as_json, frameworks, lang, entry)

    declared = inspect.Parameter("param", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ParamOption)
    give_signature(run, [declared, *_info_options()])
    return command_alone(source, run, Text(f"Facts about {source}.", f"{source} 的性质。"))


def _info_options() -> list[inspect.Parameter]:
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, default, annotation in (
            ("as_json", False, JsonOption),
            ("frameworks", False, FrameworksOption),
            ("lang", None, LanguageOption),
        )
    ]


def _show(function: Function, as_json: bool, frameworks: bool, lang: str | None, entry: Activation | None) -> None:
    language = choose_language(lang)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # threads would wait for each other over arrays as small as these
    from actplot.numerics import cache
    from actplot.output import info

    found = cache.facts(function)
    measured = None
    if frameworks and entry is not None:
        from actplot.numerics.disagreement import disagreements

        measured = disagreements(function, entry)
    if as_json:
        print(json.dumps(info.facts(function, entry, found, measured), ensure_ascii=False, indent=2))
        _say_notes(function)
        return
    from rich.console import Console

    page = info.page(function, language, entry, found, measured)
    _say_notes(function)
    if language == "zh" and not can_show("中"):
        say(Text("this terminal cannot show Chinese; give --lang en", "这个终端不能显示中文；请用 --lang en"))
    if sys.stdout.isatty():
        Console(highlight=False).print(page)
        return
    console = Console(highlight=False, width=100, force_terminal=False, color_system=None)
    with console.capture() as captured:
        console.print(page)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _say_notes(function: Function) -> None:
    for note in notes([function]):
        say(note)
