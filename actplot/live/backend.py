"""What a live figure asks of the command line that started it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from actplot.functions.registry import Function, PlotSpec
from actplot.live.reading import Evaluate
from actplot.numerics.curve import Curve
from actplot.plot.figure import CurveFigure
from actplot.text import Language
from actplot.worker import Call


@dataclass(frozen=True)
class LiveBackend:
    """How the curves and the figure are made, which stays the same while a figure is alive.

    Attributes
    ----------
    order
        The order of the highest derivative.
    sample
        The curves of functions along a range, from so many points.
    ask
        The same for several groups of functions, answered later; sketches, unless they are to be exact.
    evaluate
        Values as :func:`actplot.evaluate` returns them, of a function at points, given ``order``.
    sheet
        The panels, on a figure and in a language; without a legend unless it ``has_legend``.
    still
        The figure that a file shows, and the command that draws it, of a spec, a range and a language.
    grid
        Whether there is one at first.
    style, font
        See :func:`actplot.draw`.
    choose
        The spec of an entry of the catalog, by name; None where no list of the catalog stands beside the panels.
    """

    order: int
    sample: Callable[[Sequence[Function], tuple[float, float], int], list[Curve]]
    ask: Callable[[Sequence[Sequence[Function]], tuple[float, float], int, bool], Call]
    evaluate: Evaluate
    sheet: Callable[..., CurveFigure]
    still: Callable[[PlotSpec, tuple[float, float], Language], tuple[Figure, str]]
    grid: bool
    style: str | None
    font: str | None
    choose: Callable[[str], PlotSpec] | None
