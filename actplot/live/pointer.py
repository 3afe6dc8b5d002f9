"""What shows a point of the curves: a line through all panels, a dot on each curve, the tangent, and the readout."""

from collections.abc import Iterator, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from actplot import text
from actplot.curve import Curve, Point
from actplot.figure import Sheet, one_of_several, tangent
from actplot.live.reading import Value, digits, line
from actplot.registry import tell_apart
from actplot.text import Language, Text

_ROW, _SIZE, _LONGEST_LABEL = 0.24, 11.5, 24
_SYMBOLS = ("f(x)", "f'(x)", "f''(x)")


def columns(curves: int, order: int) -> int:
    """Into how many columns the curves of a readout are set."""
    return 1 if curves <= 3 else 2 if curves <= 8 or order == 2 else 3


def height(curves: int, order: int) -> float:
    """Inches that a readout needs."""
    return _ROW * (1 if curves == 1 else 1 + -(-curves // columns(curves, order)))


class Pointer:
    """The artists that follow the pointer, made anew whenever a sheet was drawn.

    ``corner`` is the upper left corner of the readout and ``right`` its end, in inches from the lower left corner of
    the figure.
    """

    def __init__(self, figure: Figure, lang: Language, corner: tuple[float, float]) -> None:
        self._figure, self._lang, self._corner = figure, lang, corner
        self._texts: list[Artist] = []
        self._rows: list[Any] = []
        self.message = self._text(corner[0], corner[1], ha="right")
        self.arrange()

    def _text(self, x: float, y: float, **more: Any) -> Any:
        form: Any = dict(transform=self._figure.dpi_scale_trans, fontsize=_SIZE, va="top", animated=True)
        return self._figure.text(x, y, "", **form | more)

    def arrange(self) -> None:
        """Puts the message at the right end of the figure."""
        self.message.set_position((self._figure.get_size_inches()[0] - 0.25, self._corner[1]))

    def attach(self, sheet: Sheet, curves: Sequence[Curve]) -> None:
        """Gets ready to point at these curves."""
        self._panels = sheet.panels
        colour = matplotlib.rcParams["axes.edgecolor"]
        self._lines = [axes.axvline(color=colour, linewidth=1.2, animated=True) for axes, _ in self._panels]
        self._dots = []
        places = range(len(curves)) if len(curves) > 1 else (None,)
        for axes, parts in self._panels:
            colours = [sheet.look(part, place)[0] for part in parts for place in places]
            spots = axes.scatter([0.0] * len(colours), [0.0] * len(colours), s=46, c=colours, zorder=5, animated=True)
            spots.set_edgecolor(axes.get_facecolor())
            self._dots.append(spots)
        self._tangents = [
            axes.plot([], [], linewidth=1.3, color=sheet.look("dy", None)[0], animated=True)[0]
            for axes, parts in self._panels
            if "y" in parts
            for _ in range(2)
        ]
        for artist in self._texts:
            artist.remove()
        self._texts = []
        x, y = self._corner
        self._head = self._text(x, y)
        self._rows = []
        self._labels = tell_apart([curve.function for curve in curves]) if len(curves) > 1 else []
        across = columns(len(curves), curves[0].order)
        deep = -(-len(curves) // across)
        width = (self._figure.get_size_inches()[0] - x - 0.25) / across
        for index in range(len(self._labels)):
            left, top = x + width * (index // deep), y - _ROW * (1 + index % deep)
            row = self._text(left + 0.36, top)
            colour, dashes = one_of_several(index)
            look: Any = dict(color=colour, linestyle=dashes, transform=self._figure.dpi_scale_trans)
            sample = Line2D([left, left + 0.28], [top - 0.09] * 2, **look)
            self._figure.add_artist(sample)
            self._rows.append(row)
            self._texts.append(sample)
        self._texts += [self._head, *self._rows]
        self.hide()

    def hide(self) -> None:
        """Points at nothing; the readout says what can be done."""
        for artist in (*self._lines, *self._dots, *self._tangents):
            artist.set_visible(False)
        self._head.set_text(text.LOOK_AROUND[self._lang])
        self._head.set_alpha(0.6)
        for row, label in zip(self._rows, self._labels, strict=True):
            row.set_text(_short(label))

    def point(
        self,
        x: float,
        curves: Sequence[Curve],
        readings: Sequence[dict[str, Value]],
        *,
        nearest: int = 0,
        kind: Text | None = None,
        pinned: bool = False,
    ) -> None:
        """Points at ``x``: the tangent is that of the curve ``nearest``; ``kind`` says what is special there."""
        for artist in self._lines:
            artist.set_visible(True)
            artist.set_xdata([x, x])
            artist.set_linestyle("-" if pinned else "--")
        for spots, (_, parts) in zip(self._dots, self._panels, strict=True):
            spots.set_visible(True)
            spots.set_offsets([(x, reading[part].here) for part in parts for reading in readings])
        self._touch(x, curves[nearest], readings[nearest])
        notes = [note[self._lang] for note in (kind, text.PINNED if pinned else None) if note is not None]
        suffix = f"   ({', '.join(notes)})" if notes else ""
        self._head.set_alpha(None)
        head = f"x = {digits(x).ljust(9, chr(0x2007))}   "
        if not self._rows:
            self._head.set_text(head + line(readings[0], self._lang).rstrip(chr(0x2007)) + suffix)
            return
        self._head.set_text(head + "   ".join(_SYMBOLS[: len(readings[0])]) + suffix)
        for index, (row, label, reading) in enumerate(zip(self._rows, self._labels, readings, strict=True)):
            values = "   ".join(value.shown(self._lang).ljust(9, chr(0x2007)) for value in reading.values())
            row.set_text(f"{_short(label)}:   {values}")
            row.set_fontweight("bold" if index == nearest else "normal")

    def _touch(self, x: float, curve: Curve, reading: dict[str, Value]) -> None:
        """Lays the tangent on a curve."""
        if "dy" not in reading:
            return
        here = Point(x, reading["y"].here, reading["dy"].here, np.nan)
        for artist, ends in zip(self._tangents, tangent(curve, here), strict=True):
            artist.set_data(*ends)
            artist.set_visible(True)

    @property
    def artists(self) -> Iterator[Artist]:
        """What is drawn over the rest, in this order."""
        several = (*self._tangents, *self._lines, *self._dots, self._head, *self._rows, self.message)
        return (artist for artist in several if artist.get_visible())


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
