"""``actplot compare``: several functions over each other."""

from typing import Annotated, Any

import typer

from actplot.cli.curves import CurvePicture, curves
from actplot.cli.functions import spec_of_several
from actplot.cli.options import FigureOptions, give_signature, own_parameters, parameters
from actplot.errors import BadValue
from actplot.options import MAX_CURVES

_Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="F G ...", help=f"Up to {MAX_CURVES} functions, as leaky_relu or leaky_relu:slope=0.1."),
]


def compare(names: _Names = None, **shared: Any) -> CurvePicture:
    """Draws several functions over each other."""
    if not names:
        raise BadValue("compare needs the names of functions", "as in 'actplot compare relu gelu silu'")
    return curves(spec_of_several(names), FigureOptions(**shared))


give_signature(compare, [*own_parameters(compare), *parameters()])
