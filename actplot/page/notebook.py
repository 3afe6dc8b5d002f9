"""Pages in notebooks: a document of its own in a frame, so that several do not disturb each other."""

import html
import os
from dataclasses import dataclass, field
from typing import Any

from actplot.errors import BadValue
from actplot.numerics.curve import Curve, Source, check_same_order, check_sources, sample
from actplot.options import check_layout, panels
from actplot.output.files import write_whole
from actplot.page.page import render
from actplot.text import Text, choose_language

# Pixels that panels, reading and sliders take, with panels side by side and in a narrow cell.
_HEIGHT, _SLIDER = 640, 64


@dataclass(frozen=True)
class Page:
    """A living page, which notebooks show and which can be saved.

    Attributes
    ----------
    title
        Of what it shows.
    content
        The document, in UTF-8.
    height
        Pixels of the frame that it is shown in.
    """

    title: str
    content: bytes = field(repr=False)
    height: int = _HEIGHT

    def _repr_html_(self) -> str:
        # A frame without an origin of its own: the page can neither see the notebook nor disturb it.
        return (
            f'<iframe title="{html.escape(self.title)}" srcdoc="{html.escape(self.content.decode())}" '
            'sandbox="allow-scripts allow-downloads allow-modals" '
            f'style="width: 100%; height: {self.height}px; border: 0; border-radius: 8px"></iframe>'
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the page to a file.

        Raises
        ------
        CannotWrite
            If the file cannot be written; what stood there before still does.
        """
        write_whole(os.fspath(path), self.content)


def page(
    *sources: Curve | Source,
    lang: str | None = None,
    layout: str = "side",
    title: str | None = None,
    height: int | None = None,
    **how: Any,
) -> Page:
    """A living page of one curve, or of several over each other: as the last expression of a cell it is shown there.

    Parameters
    ----------
    *sources
        Curves of one order, or what :func:`actplot.sample` takes: names, expressions, callables on a tensor.
    lang
        "zh" or "en", for the words at first; by default ``ACTPLOT_LANG``, else Chinese.
    layout
        "side" for a panel each, "overlay" for all in one.
    title
        Replaces the title of the figure.
    height
        Pixels of the frame; by default what the panels and the sliders take.
    **how
        What else :func:`actplot.sample` takes, parameters of the functions among it; not for curves.

    Returns
    -------
    Page
        With ``save(path)``.

    Raises
    ------
    BadValue
        For an option that is not allowed, no curve at all, or curves of different orders.

    Examples
    --------
    >>> page("elu", lang="en")
    Page(title='ELU', height=704)
    """
    if not sources:
        raise BadValue(
            Text("page needs a curve", "page 需要一条曲线"),
            Text('as in actplot.page(actplot.sample("gelu"))', '例如 actplot.page(actplot.sample("gelu"))'),
        )
    check_sources(sources, how)
    curves = [source if isinstance(source, Curve) else sample(source, **how) for source in sources]
    check_same_order(curves)
    panels(curves[0].order, check_layout(layout))
    content = render(curves, lang=choose_language(lang), layout=layout, title=title, embedded=True)
    sliders = sum(len(curve.function.parameters) for curve in curves)
    heading = title or ", ".join(dict.fromkeys(curve.function.title for curve in curves))
    return Page(heading, content, height or min(900, _HEIGHT + _SLIDER * sliders))


def as_html(curve: Curve) -> str:
    """How a notebook shows a curve."""
    return page(curve)._repr_html_()
