"""``actplot compare`` and ``actplot plot``: functions over each other, and functions of the user's own."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from actplot.cli.drawing import draw
from actplot.cli.figure_options import FigureOptions, give_signature, own_parameters, parameters
from actplot.cli.function_command import combinations, varied
from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.functions.expression import looks_like_expression
from actplot.functions.registry import Function, PlotSpec
from actplot.functions.source import assignment, function
from actplot.options import MAX_CURVES
from actplot.text import number

_NamesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="F G ...", help=f"Up to {MAX_CURVES} functions, as leaky_relu or leaky_relu:slope=0.1."),
]
SourceArgument = Annotated[
    str, typer.Argument(metavar="SOURCE", help="An expression in x, package.module:callable or file.py:callable.")
]
ParamOption = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        metavar="NAME=VALUE",
        help="A value for a parameter; repeatable, and with several values for one name a curve for each.",
        rich_help_panel="Parameters",
    ),
]


class SourceFirst(TyperCommand):
    """A command whose argument may start with a minus sign when it comes first: ``actplot plot "-x*2"``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self.arranged(args))

    def arranged(self, args: list[str]) -> list[str]:
        """The words with such an argument behind the options."""
        options = {name for param in self.params for name in (*param.opts, *param.secondary_opts)} | {"--help"}
        first = args[0] if args else ""
        name, _, value = first.partition("=")
        # ``-n==x`` compares a parameter.
        is_option = (name in options and not value.startswith("=")) or not looks_like_expression(first.lstrip("-"))
        is_source = first.startswith("-") and first != "--" and not is_option
        return [*args[1:], "--", first] if is_source else args


def compare(names: _NamesArgument = None, **shared: Any) -> None:
    """Draws several functions over each other."""
    if not names:
        raise BadValue("compare needs the names of functions", "as in 'actplot compare relu gelu silu'")
    draw(PlotSpec("compare", functions_named(names, MAX_CURVES), _compared), FigureOptions(**shared))


def _compared(functions: Sequence[Function]) -> list[str]:
    return ["actplot", "compare", *map(to_argument, functions)]


def functions_named(names: list[str], most: int) -> tuple[Function, ...]:
    """The functions of a list of names, specifications and sources, all different."""
    if len(names) > most:
        raise BadValue(f"{len(names)} functions are too many for one figure", f"at most {most} are drawn")
    # A minus sign at the start would look like an option in the command that draws the same again.
    functions = tuple(function(f"({name})" if name.startswith("-") else name) for name in names)
    words = [to_argument(each) for each in functions]
    for word in words:
        if words.count(word) > 1:
            raise BadValue(f"{word!r} is given twice", "give each function once")
    return functions


def to_argument(function: Function) -> str:
    """The function as one word of a command line."""
    values = ",".join(f"{name}={number(value)}" for name, value in function.non_default.items())
    return f"{function.name}:{values}" if values else function.name


def plot(source: SourceArgument, param: ParamOption = None, **shared: Any) -> None:
    """Draws a function of your own."""
    given = values_of(param)
    functions = tuple(function(source, values) for values in combinations(given))
    first = functions[0]
    draw(PlotSpec(first.name if first.name in CATALOG else "plot", functions, to_argv), FigureOptions(**shared))


def to_argv(functions: Sequence[Function]) -> list[str]:
    """The command that draws functions of one source."""
    words = ["actplot", "plot", functions[0].name]
    for name, value in varied(functions):
        words += ["--param", f"{name}={number(value)}"]
    return words


def values_of(given: list[str] | None) -> dict[str, list[float]]:
    """The values of each ``--param NAME=VALUE``, by name."""
    values: dict[str, list[float]] = {}
    for text in given or ():
        name, value = assignment(text)
        values.setdefault(name, []).append(value)
    return values


for _run in (compare, plot):
    give_signature(_run, [*own_parameters(_run), *parameters()])
