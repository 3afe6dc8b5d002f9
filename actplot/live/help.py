"""The help: a box with what keys, buttons and pointer do, in two columns."""

from collections.abc import Iterator

import matplotlib
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from actplot.live.actions import help_rows
from actplot.live.layout import ACCENT
from actplot.text import Language

# Points of the text, inches between the columns, around them, and to the edges of the figure.
_FONT, _GAP, _PADDING, _EDGE = 10.0, 0.25, 0.22, 0.08
_SPACING = 1.6


class Help:
    """The box, in the middle of the figure, as large as it has room."""

    def __init__(self, figure: Figure, lang: Language) -> None:
        width, height = figure.get_size_inches()
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        keys, words = zip(*help_rows(lang), strict=True)
        self._columns = [
            figure.text(0, 0, "\n".join(rows), va="top", linespacing=_SPACING, fontsize=_FONT, animated=True)
            for rows in (keys, words)
        ]
        sizes = [column.get_window_extent(renderer) for column in self._columns]
        across = sum(size.width for size in sizes) / figure.dpi + _GAP + 2 * _PADDING
        up = max(size.height for size in sizes) / figure.dpi + 2 * _PADDING
        scale = min(1.0, (width - 2 * _EDGE) / across, (height - 2 * _EDGE) / up)
        left, top = (width - scale * across) / 2, (height + scale * up) / 2
        starts = left + scale * _PADDING, left + scale * (_PADDING + sizes[0].width / figure.dpi + _GAP)
        for column, start in zip(self._columns, starts, strict=True):
            column.set_fontsize(scale * _FONT)
            column.set_transform(figure.dpi_scale_trans)
            column.set_position((start, top - scale * _PADDING))
        self._box = FancyBboxPatch(
            (left, top - scale * up),
            scale * across,
            scale * up,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=matplotlib.rcParams["axes.facecolor"],
            edgecolor=ACCENT,
            transform=figure.dpi_scale_trans,
            animated=True,
        )
        figure.add_artist(self._box)

    @property
    def artists(self) -> Iterator[Artist]:
        """The box and its text, in the order of drawing."""
        yield self._box
        yield from self._columns

    def remove(self) -> None:
        """Takes it off the figure."""
        for artist in self.artists:
            artist.remove()
