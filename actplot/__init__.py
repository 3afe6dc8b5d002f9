"""actplot draws activation functions and their derivatives: true kinks, true slopes, Chinese text anywhere.

Importing it loads neither torch nor matplotlib; using it loads what the use needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actplot.breaks import Break as Break
    from actplot.catalog import CATALOG as CATALOG
    from actplot.curve import Curve as Curve
    from actplot.curve import evaluate as evaluate
    from actplot.curve import sample as sample
    from actplot.errors import ActplotError as ActplotError
    from actplot.figure import draw as draw
    from actplot.output import save as save

__version__ = "0.1.0"

_HOME = {
    "ActplotError": "errors",
    "Break": "breaks",
    "CATALOG": "catalog",
    "Curve": "curve",
    "draw": "figure",
    "evaluate": "curve",
    "sample": "curve",
    "save": "output",
}
__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'actplot' has no attribute {name!r}")
    return getattr(import_module(f"actplot.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
