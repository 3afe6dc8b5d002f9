"""The canvas of every figure, with what figures can share."""

from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.mathtext import MathTextParser

# Matplotlib remembers what a parser has parsed, and gives each renderer a parser of its own.
_PARSER = MathTextParser("path")


def share_mathtext(renderer: Any) -> Any:
    """The same renderer, which parses mathtext once for all figures.

    A third of the time of a figure goes into its tick labels otherwise, which most figures share.
    """
    renderer.mathtext_parser = _PARSER
    return renderer


class Canvas(FigureCanvasAgg):
    """An Agg canvas whose renderers share what they have parsed of mathtext."""

    def get_renderer(self) -> Any:
        """The renderer of this size and resolution."""
        return share_mathtext(super().get_renderer())  # type: ignore[no-untyped-call]
