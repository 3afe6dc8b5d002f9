"""``actplot compare``: several functions over each other."""

from typing import Annotated, Any

from actplot.cli.curves import CurvePicture, curves
from actplot.cli.functions import spec_of_several
from actplot.cli.options import FigureOptions, completing, own_parameters, parameters
from actplot.cli.words import argument, give_signature
from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.options import MAX_CURVES
from actplot.text import Text

_Names = Annotated[
    list[str] | None,
    argument(
        metavar="F G ...",
        autocompletion=completing(*CATALOG),
        help=Text(
            f"Up to {MAX_CURVES} functions, as leaky_relu or leaky_relu:slope=0.1.",
            f"最多 {MAX_CURVES} 个函数，如 leaky_relu 或 leaky_relu:slope=0.1。",
        ),
    ),
]


def compare(names: _Names = None, **shared: Any) -> CurvePicture:
    """Draws several functions over each other."""
    if not names:
        raise BadValue(
            Text("compare needs the names of functions", "compare 需要函数名"),
            Text("as in 'actplot compare relu gelu silu'", "例如 'actplot compare relu gelu silu'"),
        )
    return curves(spec_of_several(names), FigureOptions(**shared))


give_signature(compare, [*own_parameters(compare), *parameters()])
