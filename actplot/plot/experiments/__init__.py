"""The figures of the experiments: each of its own form, with the options that all figures have."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib.layout_engine import ConstrainedLayoutEngine

from actplot.options import CONTEXT
from actplot.plot.artists import linestyle
from actplot.plot.encoding import Encoding
from actplot.plot.fonts import check_text
from actplot.plot.sheet import Sheet
from actplot.plot.style import drawing, line_cycle, text_scale
from actplot.text import Language


def series_style(index: int) -> tuple[str, Any]:
    """Colour and linestyle of the series at a place among several, in the present context."""
    colour, dashes = Encoding(cycle=line_cycle()).line_style("y", index)
    return colour.light, linestyle(dashes)


@contextmanager
def experiment_figure(
    lang: Language,
    *,
    title: str | None = None,
    size: tuple[float, float],
    dpi: float,
    **options: Any,
) -> Iterator[Sheet]:
    """An empty figure in the context that it is drawn in; its title is set at the end.

    ``options`` are those of :func:`~actplot.plot.style.drawing` and the pads of matplotlib's constrained layout.
    """
    context = {name: options.pop(name) for name in CONTEXT if name in options}
    with drawing(lang, **context):
        if title is not None:
            check_text(title, lang, context.get("font"))
        layout = ConstrainedLayoutEngine(**options)
        figure = Sheet(lang=lang, text=context.get("text", "path"), figsize=size, dpi=dpi, layout=layout)
        yield figure
        if title is not None:
            figure.suptitle(title, fontsize=14 * text_scale())
