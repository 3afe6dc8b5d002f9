"""The figures of the experiments: each of its own form, with the options that all figures have."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from actplot.plot.canvas import Canvas
from actplot.plot.fonts import check_text
from actplot.plot.style import drawing
from actplot.text import Language


@contextmanager
def experiment_figure(
    lang: Language,
    *,
    title: str | None = None,
    style: str | None = None,
    font: str | None = None,
    size: tuple[float, float],
    dpi: float,
    **pads: Any,
) -> Iterator[Figure]:
    """An empty figure in the context that it is drawn in; its title is set at the end.

    The parameters but ``pads``, those of matplotlib's constrained layout, are options of a figure as in
    :func:`actplot.draw`, resolved.
    """
    with drawing(lang, style=style, font=font):
        if title is not None:
            check_text(title, lang, font)
        figure = Figure(figsize=size, dpi=dpi, layout=ConstrainedLayoutEngine(**pads))
        Canvas(figure)
        yield figure
        if title is not None:
            figure.suptitle(title, fontsize=14)
