"""``actplot plot``: functions of the user's own."""

from typing import Annotated, Any

import typer

from actplot.cli.curves import CurvePicture, curves
from actplot.cli.functions import parameter_values, spec_of_source
from actplot.cli.options import FigureOptions, ParamOption, give_signature, own_parameters, parameters
from actplot.cli.reading import Command
from actplot.functions.expression import looks_like_expression

_Source = Annotated[
    str, typer.Argument(metavar="SOURCE", help="An expression in x, package.module:callable or file.py:callable.")
]


class SourceFirst(Command):
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


def plot(source: _Source, param: ParamOption = None, **shared: Any) -> CurvePicture:
    """Draws a function of your own."""
    return curves(spec_of_source(source, parameter_values(param)), FigureOptions(**shared))


give_signature(plot, [*own_parameters(plot), *parameters()])
