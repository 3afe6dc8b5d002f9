"""The readout below the panels: one line for one curve, a table for several."""

from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from actplot import text
from actplot.live.reading import Reader, format_number, format_reading
from actplot.live.state import CursorState
from actplot.numerics.curve import Curve
from actplot.plot.encoding import SYMBOLS
from actplot.text import Language

_ROW, _SIZE = 0.24, 11.5
# Inches of a table: the sample of a line, a value, and what is free at the right end of the figure.
_SAMPLE, _VALUE, _END = 0.36, 1.1, 0.25
_LONGEST_LABEL, _LONGEST_MESSAGE = 24, 90


def _columns(curves: int) -> int:
    """The number of columns that the curves are set in."""
    return 1 if curves <= 3 else 2


def height(curves: int) -> float:
    """Inches that a readout needs."""
    return _ROW * (1 if curves == 1 else 1 + -(-curves // _columns(curves)))


class Readout:
    """What the curves are at a point, as text, and beside it a message.

    ``corner`` is its upper left corner, in inches from the lower left corner of the figure; ``legend`` has the name,
    colour and dashes of each curve.
    """

    def __init__(
        self,
        figure: Figure,
        lang: Language,
        corner: tuple[float, float],
        curves: Sequence[Curve],
        legend: Sequence[tuple[str, str, Any]],
    ) -> None:
        self._figure, self._lang = figure, lang
        x, y = corner
        self._end = figure.get_size_inches()[0] - _END
        self._texts: list[Artist] = []
        self._head = self._text(x, y, animated=True)
        self._message = self._text(self._end, y, animated=True, ha="right")
        self._samples: list[Line2D] = []
        self._symbols: list[Any] = []
        self._cells: list[list[Any]] = []
        if len(curves) > 1:
            self._add_table(x, y, curves[0].order, legend)
        self.hide()

    def _add_table(self, x: float, y: float, order: int, legend: Sequence[tuple[str, str, Any]]) -> None:
        """A row for each curve: the sample of its line, its label and its values."""
        columns, quantities = _columns(len(legend)), order + 1
        rows = -(-len(legend) // columns)
        width = min(5.5, (self._end - x) / columns)
        for index, (label, colour, dashes) in enumerate(legend):
            left, top = x + width * (index // rows), y - _ROW * (1 + index % rows)
            starts = [left + width - _VALUE * (quantities - place) for place in range(quantities)]
            if index % rows == 0:
                for start, symbol in zip(starts, SYMBOLS.values(), strict=False):
                    self._symbols.append(self._text(start, y, symbol, alpha=0.6, animated=True))
            style: Any = dict(color=colour, linestyle=dashes, transform=self._figure.dpi_scale_trans, animated=True)
            sample = Line2D([left, left + 0.28], [top - 0.09] * 2, **style)
            self._samples.append(sample)
            self._figure.add_artist(sample)
            self._text(left + _SAMPLE, top, _shortened(label, _LONGEST_LABEL))
            self._cells.append([self._text(start, top, animated=True) for start in starts])

    def _text(self, x: float, y: float, words: str = "", **more: Any) -> Any:
        style: Any = dict(transform=self._figure.dpi_scale_trans, fontsize=_SIZE, va="top")
        self._texts.append(made := self._figure.text(x, y, words, **style | more))
        return made

    def remove(self) -> None:
        """Takes it off the figure."""
        for artist in (*self._texts, *self._samples):
            artist.remove()

    @property
    def message(self) -> str:
        """The message beside the values."""
        return str(self._message.get_text())

    @message.setter
    def message(self, message: str) -> None:
        self._message.set_text(_shortened(message, _LONGEST_MESSAGE))

    def hide(self, *, is_quiet: bool = False) -> None:
        """Shows no values; unless ``is_quiet``, says what can be done."""
        self._head.set(text="" if is_quiet else text.LOOK_AROUND[self._lang], alpha=0.6)
        self._has_values = False
        for sample, row in zip(self._samples, self._cells, strict=True):
            sample.set_linewidth(2)
            for cell in row:
                cell.set_text("")

    def show(self, cursor: CursorState, reader: Reader) -> None:
        """Shows the values at the cursor, the curve that was nearest to the pointer, and what is special there."""
        x = cursor.x
        assert x is not None
        self._has_values = True
        readings = reader.at(x)
        notes = []
        if cursor.extremum is not None:
            notes.append(f"{SYMBOLS[cursor.quantity]} {cursor.extremum[self._lang]}")
        if self._cells and any("|" in value.format_short() for reading in readings for value in reading.values()):
            notes.append(" | ".join(word[self._lang] for word in (text.LEFT, text.HERE, text.RIGHT)))
        if cursor.is_pinned:
            notes.append(text.PINNED[self._lang])
        suffix = f"   ({', '.join(notes)})" if notes else ""
        self._head.set(text=f"x = {format_number(x)}{suffix}", alpha=None)
        if not self._cells:
            # A figure space is as wide as a digit: what follows a number does not jump about.
            place = format_number(x).ljust(9, chr(0x2007))
            self._head.set_text(f"x = {place}   {format_reading(readings[0], self._lang)}{suffix}")
            return
        for index, (sample, row, reading) in enumerate(zip(self._samples, self._cells, readings, strict=True)):
            sample.set_linewidth(4.5 if index == cursor.curve else 2)
            for cell, value in zip(row, reading.values(), strict=True):
                cell.set_text(value.format_short())

    @property
    def lines(self) -> list[str]:
        """What it says, line by line."""
        return [self._head.get_text(), *("  ".join(cell.get_text() for cell in row) for row in self._cells)]

    @property
    def artists(self) -> Iterator[Artist]:
        """What changes, in the order of drawing."""
        yield from (self._head, self._message, *self._samples, *(self._symbols if self._has_values else ()))
        for row in self._cells:
            yield from row


def _shortened(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
