"""The help: a box with what keys, buttons and pointer do, in two columns."""

from collections.abc import Iterator
from typing import Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from actplot.live.actions import help_rows
from actplot.live.layout import ACCENT
from actplot.text import Language

# Points of the text; inches of a row, between the columns, around them, and to the edges of the figure.
_FONT = 10.0
_ROW, _GAP, _PADDING, _EDGE = 0.225, 0.25, 0.2, 0.06


class Help:
    """The box, in the middle of the figure, as large as it has room."""

    def __init__(self, figure: Figure, lang: Language) -> None:
        self._figure = figure
        rows = help_rows(lang)
        style: Any = dict(va="center", animated=True, transform=figure.dpi_scale_trans)
        self._columns = [[figure.text(0, 0, row[column], **style) for row in rows] for column in (0, 1)]
        width, height = figure.get_size_inches()
        tall = _ROW * len(rows) + 2 * _PADDING
        scale = min(1.0, (height - 2 * _EDGE) / tall)
        for _ in range(2):  # small letters are wider than their size says
            wide = self._set_font(scale * _FONT) + scale * (_GAP + 2 * _PADDING)
            scale *= min(1.0, (width - 2 * _EDGE) / wide)
        first = self._set_font(scale * _FONT, only_first=True)
        left, top = max(_EDGE, (width - wide) / 2), (height + scale * tall) / 2
        for start, column in zip((0.0, first + scale * _GAP), self._columns, strict=True):
            for place, words in enumerate(column):
                words.set_position((left + scale * _PADDING + start, top - scale * (_PADDING + _ROW * (place + 0.5))))
        self._box = FancyBboxPatch(
            (left, top - scale * tall),
            min(wide, width - 2 * _EDGE),
            scale * tall,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=matplotlib.rcParams["axes.facecolor"],
            edgecolor=ACCENT,
            transform=figure.dpi_scale_trans,
            animated=True,
        )
        figure.add_artist(self._box)

    def _set_font(self, points: float, *, only_first: bool = False) -> float:
        """Sets the size of the text; returns the inches that its columns take together, or the first of them."""
        renderer = self._figure.canvas.get_renderer()  # type: ignore[attr-defined]
        taken = 0.0
        for column in self._columns[:1] if only_first else self._columns:
            for words in column:
                words.set_fontsize(points)
            taken += max(words.get_window_extent(renderer).width for words in column) / self._figure.dpi
        return taken

    @property
    def artists(self) -> Iterator[Artist]:
        """The box and its text, in the order of drawing."""
        yield self._box
        for column in self._columns:
            yield from column

    def remove(self) -> None:
        """Takes it off the figure."""
        for artist in self.artists:
            artist.remove()
