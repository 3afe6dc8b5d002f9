"""The readout below the panels: one line for one curve, a table for several; where there is no room, the one pointed at."""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from actplot import text
from actplot.live.layout import LINE, SAMPLE, SMALLEST_FONT, VALUE, Layout, columns
from actplot.live.reading import Reader, Reading, format_number
from actplot.live.state import CursorState
from actplot.plot.encoding import DERIVATIVE_DASHES, QUANTITIES, SYMBOLS
from actplot.text import Language

_FONT = 11.5
_LONGEST_MESSAGE = 90
# Inches from the upper end of a line of text to the sample of a line in its middle, and the widest column of a table.
_MIDDLE, _WIDEST = 0.09, 5.5
# Inches of a line, at least.
_LEAST_LINE = 0.16
# As wide as a digit: what follows a number does not jump about.
_FIGURE_SPACE = chr(0x2007)


class Readout:
    """What the curves are at a point, as text, and beside it a message.

    Parameters
    ----------
    figure, lang, layout
        Where it stands, in which language.
    legend
        The name, colour and linestyle of each of several curves; empty for one.
    order
        That of the curves.
    is_overlay
        Whether functions and derivatives share a panel, in which dashes tell them apart.
    """

    def __init__(
        self,
        figure: Figure,
        lang: Language,
        layout: Layout,
        legend: Sequence[tuple[str, str, Any]],
        *,
        order: int,
        is_overlay: bool = False,
    ) -> None:
        self._figure, self._lang, self._layout, self._is_overlay = figure, lang, layout, is_overlay
        self._box, self._height = layout.readout, LINE * layout.scale
        self._artists: list[Artist] = []
        self._legend, self._has_table = legend, layout.has_table and bool(legend)
        self._height = max(self._height, _LEAST_LINE)
        count = 1 if self._has_table else max(1, round(self._box.height / self._height))
        tops = [self._box.top - self._height * place for place in range(count)]
        self._lines = [self._text(self._box.x, top) for top in tops]
        self._messages = [self._text(self._box.right, top, ha="right") for top in tops]
        self._samples: list[Line2D] = []
        self._symbols: list[Artist] = []
        self._cells: list[list[Any]] = []
        self._has_values = False
        self._message = ""
        if self._has_table:
            self._add_table(order + 1)
        elif legend:
            self._samples.append(self._sample(self._box.x, self._box.top, 0))
        self.hide()

    def _add_table(self, quantities: int) -> None:
        """A row for each curve: the sample of its line, its label and its values."""
        scale, box = self._layout.scale, self._box
        count = columns(len(self._legend))
        rows = -(-len(self._legend) // count)
        width = min(_WIDEST, box.width / count)
        value = VALUE * scale
        for index, (label, _, _) in enumerate(self._legend):
            left, top = box.x + width * (index // rows), box.top - self._height * (1 + index % rows)
            starts = [left + width - value * (quantities - place) for place in range(quantities)]
            if index % rows == 0:
                for start, quantity in zip(starts, QUANTITIES, strict=False):
                    self._add_symbol(start, quantity)
            self._samples.append(self._sample(left, top, index))
            begin = left + SAMPLE * scale
            self._shorten(self._text(begin, top, label, animated=False), starts[0] - begin - 0.08)
            self._cells.append([self._text(start, top) for start in starts])

    def _add_symbol(self, start: float, quantity: str) -> None:
        """The head of a column, with its dashes where quantities share a panel."""
        scale, top = self._layout.scale, self._box.top
        if self._is_overlay:
            dashes = DERIVATIVE_DASHES[quantity][0] if quantity in DERIVATIVE_DASHES else "-"
            self._symbols.append(self._line(start, top, colour=self._lines[0].get_color(), dashes=dashes))
            start += SAMPLE * scale
        self._symbols.append(self._text(start, top, SYMBOLS[quantity], alpha=0.6))

    def _sample(self, x: float, top: float, index: int) -> Line2D:
        _, colour, dashes = self._legend[index]
        return self._line(x, top, colour=colour, dashes=dashes)

    def _line(self, x: float, top: float, *, colour: Any, dashes: Any) -> Line2D:
        scale = self._layout.scale
        style: Any = dict(color=colour, linestyle=dashes, transform=self._figure.dpi_scale_trans, animated=True)
        line = Line2D([x, x + 0.28 * scale], [top - _MIDDLE * scale] * 2, linewidth=2, **style)
        self._figure.add_artist(line)
        self._artists.append(line)
        return line

    def _text(self, x: float, y: float, words: str = "", **more: Any) -> Any:
        style: Any = dict(transform=self._figure.dpi_scale_trans, fontsize=self._layout.font(_FONT), va="top")
        made = self._figure.text(x, y, words, **style | {"animated": True} | more)
        self._artists.append(made)
        return made

    def _width(self, label: Any) -> float:
        """Inches that a text takes."""
        renderer = self._figure.canvas.get_renderer()  # type: ignore[attr-defined]
        return float(label.get_window_extent(renderer).width) / self._figure.dpi

    def _shorten(self, label: Any, width: float) -> None:
        """Cuts a text off where it is wider than this."""
        words = label.get_text()
        while len(words) > 1 and self._width(label) > width:
            words = words[:-1]
            label.set_text(f"{words.rstrip()}…")

    def remove(self) -> None:
        """Takes it off the figure."""
        for artist in self._artists:
            artist.remove()

    @property
    def message(self) -> str:
        """The message beside the values."""
        return self._message

    @message.setter
    def message(self, message: str) -> None:
        self._message = message
        for line in self._messages:
            line.set_text("")
        first = self._messages[0]
        first.set(text=_shortened(message, _LONGEST_MESSAGE), fontsize=self._layout.font(_FONT))
        taken = self._width(first)
        self._is_alone = self._width(self._lines[0]) + taken > self._box.width - 0.2
        if taken <= self._box.width:
            return
        pieces = wrap(message, max(8, int(len(first.get_text()) * self._box.width / taken)))
        for line, words in zip(self._messages, pieces, strict=False):
            line.set_text(words)
        if len(pieces) > len(self._messages):
            last = self._messages[-1]
            last.set_text(last.get_text() + "…")
        for line in self._messages:
            self._fit(line)

    def _fit(self, label: Any) -> None:
        """Makes a text small enough for the readout."""
        label.set_fontsize(self._layout.font(_FONT))
        if (taken := self._width(label)) > self._box.width:
            label.set_fontsize(max(SMALLEST_FONT - 2, float(label.get_fontsize()) * self._box.width / taken))

    def hide(self, *, is_quiet: bool = False) -> None:
        """Shows no values; unless ``is_quiet``, says what can be done."""
        words = "" if is_quiet else text.LOOK_AROUND[self._lang]
        self._write([[words]], alpha=0.6)
        self._has_values = False
        for sample, row in zip(self._samples, self._cells, strict=False):
            sample.set_linewidth(2)
            for cell in row:
                cell.set_text("")

    def show(self, cursor: CursorState, reader: Reader) -> None:
        """Shows the values at the cursor, the curve that was nearest to the pointer, and what is special there."""
        x = cursor.x
        assert x is not None
        self._has_values = True
        readings = reader.at(x)
        notes = self._notes(cursor, readings)
        suffix = f"({', '.join(notes)})" if notes else ""
        if not self._has_table:
            label = []
            if self._legend:
                name, colour, dashes = self._legend[cursor.curve]
                label.append(name)
                self._samples[0].set(color=colour, linestyle=dashes)
            reading = readings[cursor.curve]
            full = [*label, f"x = {_padded(format_number(x))}", *self._values(reading, is_short=False), suffix]
            short = [*label, f"x = {format_number(x)}", *self._values(reading, is_short=True), suffix]
            forms = [list(filter(None, form)) for form in (full, short)]
            if len(self._lines) == 1:  # what is left out first where there is no second line
                brief = [f"x = {format_number(x, 3)}", *self._values(reading, is_short=True, digits=3)]
                forms += [short[:-1], [*label, *brief], brief]
            self._write(forms)
            return
        self._write([[f"x = {format_number(x)}", suffix] if suffix else [f"x = {format_number(x)}"]])
        for index, (sample, row, reading) in enumerate(zip(self._samples, self._cells, readings, strict=True)):
            sample.set_linewidth(4.5 if index == cursor.curve else 2)
            for cell, value in zip(row, reading.values(), strict=True):
                cell.set_text(value.format_short())

    def _notes(self, cursor: CursorState, readings: Sequence[Reading]) -> list[str]:
        notes = []
        if cursor.extremum is not None:
            notes.append(f"{SYMBOLS[cursor.quantity]} {cursor.extremum[self._lang]}")
        if self._has_table and any("|" in value.format_short() for each in readings for value in each.values()):
            notes.append(" | ".join(word[self._lang] for word in (text.LEFT, text.HERE, text.RIGHT)))
        if cursor.is_pinned:
            notes.append(text.PINNED[self._lang])
        return notes

    def _values(self, reading: Reading, *, is_short: bool, digits: int = 6) -> list[str]:
        """f(x), f'(x) and f''(x) with their values."""
        words = [
            f"{SYMBOLS[quantity]} = {value.format_short(digits) if is_short else _padded(value.format(self._lang))}"
            for quantity, value in reading.items()
        ]
        return [*words[:-1], words[-1].rstrip(_FIGURE_SPACE)]

    def _write(self, forms: Sequence[Sequence[str]], alpha: float | None = None) -> None:
        """Writes the pieces of the first form that fits into one line; else those of the last, on all lines."""
        first = self._lines[0]
        start = self._box.x + (SAMPLE * self._layout.scale if self._legend and not self._has_table else 0.0)
        for line in self._lines:
            line.set(text="", alpha=alpha, x=start, fontsize=self._layout.font(_FONT))
        free = self._box.right - start
        for pieces in forms:
            first.set_text("   ".join(pieces))
            if self._width(first) <= free:
                return
        lines, place = [""] * len(self._lines), 0
        for piece in forms[-1]:
            joined = f"{lines[place]}   {piece}" if lines[place] else piece
            first.set_text(joined)
            if self._width(first) > free and lines[place] and place + 1 < len(lines):
                place, joined = place + 1, piece
            lines[place] = joined
        for line, words in zip(self._lines, lines, strict=True):
            line.set_text(words)
            if (taken := self._width(line)) > free:
                line.set_fontsize(max(SMALLEST_FONT - 2, float(line.get_fontsize()) * free / taken))

    @property
    def lines(self) -> list[str]:
        """What it says, line by line."""
        head = "   ".join(words for line in self._lines if (words := line.get_text()))
        return [head, *("  ".join(cell.get_text() for cell in row) for row in self._cells)]

    @property
    def artists(self) -> Iterator[Artist]:
        """What changes, in the order of drawing."""
        is_covered = not self._box.height or (bool(self._message) and self._is_alone)
        if not is_covered:
            yield from self._lines
        yield from self._messages
        if self._has_table:
            yield from (*self._samples, *(self._symbols if self._has_values or self._is_overlay else ()))
            for row in self._cells:
                yield from row
        elif self._has_values and not is_covered:
            yield from self._samples


def _padded(words: str) -> str:
    return words.ljust(9, _FIGURE_SPACE)


def _shortened(words: str, most: int) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
