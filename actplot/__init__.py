"""actplot draws activation functions and their derivatives: true kinks, true slopes, Chinese text anywhere.

Importing it loads neither torch nor matplotlib; using it loads what the use needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actplot.errors import ActplotError as ActplotError
    from actplot.functions.catalog import CATALOG as CATALOG
    from actplot.numerics.breaks import Break as Break
    from actplot.numerics.curve import Curve as Curve
    from actplot.numerics.curve import evaluate as evaluate
    from actplot.numerics.curve import sample as sample
    from actplot.output.image import save as save
    from actplot.page.notebook import page as page
    from actplot.plot.figure import draw as draw

__version__ = "0.1.0"

_HOME = {
    "ActplotError": "errors",
    "Break": "numerics.breaks",
    "CATALOG": "functions.catalog",
    "Curve": "numerics.curve",
    "draw": "plot.figure",
    "evaluate": "numerics.curve",
    "page": "page",
    "sample": "numerics.curve",
    "save": "output.image",
}
__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'actplot' has no attribute {name!r}")
    module = import_module(f"actplot.{_HOME[name]}")
    if _HOME[name] == "numerics.curve":
        module.Curve.html, module.Curve.png = _curve_as_html, _curve_as_png
    return module if name == "page" else getattr(module, name)  # a folder that can be called


def _curve_as_html(curve: "Curve") -> str:
    """A curve in a notebook: numbers know nothing of pages, so the package brings the two together."""
    from actplot.page.notebook import as_html

    return as_html(curve)


def _curve_as_png(curve: "Curve") -> tuple[bytes, dict[str, int]]:
    """The same where no page can be shown, as in a PDF made of a notebook."""
    from actplot.plot.figure import draw

    return draw(curve).as_png()


def __dir__() -> list[str]:
    return sorted(__all__)
