"""The readout below the panels: one line for one curve, a table for several."""

from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from actplot import text
from actplot.functions.registry import tell_apart
from actplot.live.reading import Value, digits, line
from actplot.numerics.curve import Curve
from actplot.plot.encoding import SYMBOLS, cycle_style
from actplot.text import Language

_ROW, _SIZE = 0.24, 11.5
# Inches of a table: the sample of a line, a value, and what is free at the right end of the figure.
_SAMPLE, _VALUE, _END, _LONGEST_LABEL = 0.36, 1.1, 0.25, 24


def _columns(curves: int) -> int:
    """Into how many columns the curves are set."""
    return 1 if curves <= 3 else 2


def height(curves: int) -> float:
    """Inches that a readout needs."""
    return _ROW * (1 if curves == 1 else 1 + -(-curves // _columns(curves)))


class Readout:
    """What the curves are at a point, as text.

    Parameters
    ----------
    corner
        Its upper left corner, in inches from the lower left corner of the figure.
    """

    def __init__(self, figure: Figure, lang: Language, corner: tuple[float, float], curves: Sequence[Curve]) -> None:
        self._figure, self._lang = figure, lang
        x, y = corner
        end = figure.get_size_inches()[0] - _END
        self._still: list[Artist] = []
        self._head = self._text(x, y, animated=True)
        self.message = self._text(end, y, animated=True, ha="right")
        self._samples: list[Line2D] = []
        self._symbols: list[Any] = []
        self._cells: list[list[Any]] = []
        labels = tell_apart([curve.function for curve in curves]) if len(curves) > 1 else []
        across, parts = _columns(len(curves)), curves[0].order + 1
        deep = -(-len(curves) // across)
        width = min(5.5, (end - x) / across)
        for index, label in enumerate(labels):
            left, top = x + width * (index // deep), y - _ROW * (1 + index % deep)
            starts = [left + width - _VALUE * (parts - part) for part in range(parts)]
            if index % deep == 0:
                for start, symbol in zip(starts, SYMBOLS.values(), strict=False):
                    self._symbols.append(self._text(start, y, symbol, alpha=0.6, animated=True))
            colour, dashes = cycle_style(index)
            look: Any = dict(color=colour, linestyle=dashes, transform=figure.dpi_scale_trans, animated=True)
            sample = Line2D([left, left + 0.28], [top - 0.09] * 2, **look)
            self._samples.append(sample)
            figure.add_artist(sample)
            self._text(
                left + _SAMPLE, top, label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…"
            )
            self._cells.append([self._text(start, top, animated=True) for start in starts])
        self.hide()

    def _text(self, x: float, y: float, words: str = "", **more: Any) -> Any:
        form: Any = dict(transform=self._figure.dpi_scale_trans, fontsize=_SIZE, va="top")
        self._still.append(made := self._figure.text(x, y, words, **form | more))
        return made

    def remove(self) -> None:
        """Takes it off the figure."""
        for artist in (*self._still, *self._samples):
            artist.remove()

    def hide(self, *, quiet: bool = False) -> None:
        """Reads nothing; unless ``quiet``, says what can be done."""
        self._head.set(text="" if quiet else text.LOOK_AROUND[self._lang], alpha=0.6)
        self._are_read = False
        for sample, row in zip(self._samples, self._cells, strict=True):
            sample.set_linewidth(2)
            for cell in row:
                cell.set_text("")

    def show(
        self, x: float, readings: Sequence[dict[str, Value]], *, nearest: int, what: str | None, pinned: bool
    ) -> None:
        """Shows readings at ``x``; ``what`` says what is special there, ``nearest`` is the curve at the pointer."""
        self._are_read = True
        sides = self._cells and any("|" in value.narrow for reading in readings for value in reading.values())
        notes = [what] if what else []
        notes += [" | ".join(word[self._lang] for word in (text.LEFT, text.HERE, text.RIGHT))] if sides else []
        notes += [text.PINNED[self._lang]] if pinned else []
        suffix = f"   ({', '.join(notes)})" if notes else ""
        self._head.set(text=f"x = {digits(x)}{suffix}", alpha=None)
        if not self._cells:
            # A figure space is as wide as a digit: what follows a number does not jump about.
            self._head.set_text(f"x = {digits(x).ljust(9, chr(0x2007))}   {line(readings[0], self._lang)}{suffix}")
            return
        for index, (sample, row, reading) in enumerate(zip(self._samples, self._cells, readings, strict=True)):
            sample.set_linewidth(4.5 if index == nearest else 2)
            for cell, value in zip(row, reading.values(), strict=True):
                cell.set_text(value.narrow)

    @property
    def lines(self) -> list[str]:
        """What it says, line by line."""
        return [self._head.get_text(), *("  ".join(cell.get_text() for cell in row) for row in self._cells)]

    @property
    def artists(self) -> Iterator[Artist]:
        """What changes, in the order of drawing."""
        yield from (self._head, self.message, *self._samples, *(self._symbols if self._are_read else ()))
        for row in self._cells:
            yield from row
