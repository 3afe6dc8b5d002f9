"""``actplot explore``: the whole catalog beside one live figure."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from actplot.cli import function_command, several_commands
from actplot.cli.drawing import draw
from actplot.cli.figure_options import ANIMATION, FigureOptions, give_signature, own_parameters, parameters
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import PlotSpec
from actplot.functions.source import function

_FunctionArgument = Annotated[
    str,
    typer.Argument(metavar="FUNCTION", help="What to begin with: a name, as elu or elu:alpha=2, or an expression."),
]


def explore(name: _FunctionArgument = "sigmoid", **shared: Any) -> None:
    """Opens a live figure beside a searchable list of all functions."""
    first = function(name)
    if first.name in CATALOG:
        request = PlotSpec(first.name, (first,), function_command.to_argv)
    else:
        request = PlotSpec("plot", (first,), several_commands.to_argv)
    given = FigureOptions(**shared)
    draw(request, replace(given, show=None if given.web else True), choose=choose)


def choose(name: str) -> PlotSpec:
    return function_command.request(CATALOG[name], {})


give_signature(
    explore, [*own_parameters(explore), *parameters("at", "title", "out", "data", "show", "inline", "json", *ANIMATION)]
)
