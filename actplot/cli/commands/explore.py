"""``actplot explore``: the whole catalog beside one live figure."""

from dataclasses import replace
from typing import Annotated, Any

from actplot.cli.curves import CurvePicture, curves
from actplot.cli.functions import entry_to_argv, source_to_argv, spec_of_entry
from actplot.cli.options import ANIMATION, LOOK_OF_ONE, FigureOptions, completing, own_parameters, parameters
from actplot.cli.words import FUNCTION, argument, give_signature
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import PlotSpec
from actplot.functions.source import function
from actplot.live import window
from actplot.text import Text

_Function = Annotated[
    str,
    argument(
        metavar=FUNCTION,
        autocompletion=completing(*CATALOG),
        help=Text(
            "What to begin with: a name, as elu or elu:alpha=2, or an expression.",
            "从哪个函数开始：函数名，如 elu 或 elu:alpha=2，或表达式。",
        ),
    ),
]


def explore(name: _Function = "sigmoid", **shared: Any) -> CurvePicture:
    """Opens a live figure beside a searchable list of all functions."""
    first = function(name)
    if first.name in CATALOG:
        spec = PlotSpec(first.name, (first,), entry_to_argv)
    else:
        spec = PlotSpec("plot", (first,), source_to_argv)
    options = FigureOptions(**shared)
    made = curves(spec, replace(options, show=None if options.web else True), choose=choose)
    if not (options.web or window.display_at_hand()):
        raise window.no_display(to_file=False)
    return made


def choose(name: str) -> PlotSpec:
    """The figure of an entry of the list."""
    return spec_of_entry(CATALOG[name], {})


# What belongs to one figure rather than to whatever is chosen from the list.
_LEFT_OUT = ("at", "title", "out", "data", "show", "inline", "json", "text", *LOOK_OF_ONE, *ANIMATION)
give_signature(explore, [*own_parameters(explore), *parameters(*_LEFT_OUT)])
