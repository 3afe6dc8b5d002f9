"""The searchable list of the catalog beside a figure."""

from collections.abc import Callable
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.widgets import TextBox

from actplot import text
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, normalise
from actplot.live.controls import ACCENT
from actplot.text import Language

WIDTH = 2.2
_ROW, _INSET, _FIELD = 0.2, 0.18, 0.28


def matching(words: str) -> list[Activation]:
    """The entries with these words in a name, an alias or a title of theirs; those that begin with them first."""
    sought = normalise(words)
    found = []
    for entry in CATALOG.values():
        names = [normalise(name) for name in (entry.name, *entry.aliases, entry.title.en, entry.title.zh)]
        if any(sought in name for name in names):
            found.append((not any(name.startswith(sought) for name in names) if sought else False, entry))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


class Chooser:
    """A field to search in, and below it the entries found, with their families as headings.

    ``chosen`` is told the name of an entry that was clicked, or the first one when Enter is pressed.
    """

    def __init__(self, figure: Figure, lang: Language, chosen: Callable[[str], None]) -> None:
        self._figure, self._lang, self._chosen = figure, lang, chosen
        self.current = ""
        self._words = ""
        self._first = 0
        self._entries = matching("")
        self._is_built = self._is_dragged = False

    def build(self, lang: Language) -> None:
        """Makes its artists, on a figure that was cleared."""
        self._lang = lang
        settings = matplotlib.rcParams
        self._field_axes = self._figure.add_axes((0, 0, 0.1, 0.1))
        ground, line = settings["axes.facecolor"], settings["grid.color"]
        self._field: Any = TextBox(self._field_axes, "", initial=self._words, color=ground, hovercolor=ground)
        self._field.text_disp.set_color(settings["text.color"])
        self._field.cursor.set_color(settings["text.color"])
        for spine in self._field_axes.spines.values():
            spine.set_color(settings["axes.edgecolor"])
        self._hint = self._field_axes.text(
            0.05, 0.5, f"{text.SEARCH[lang]} …", va="center", alpha=0.5, transform=self._field_axes.transAxes
        )
        self._hint.set_visible(not self._words)
        self._field.on_text_change(self._search)
        self._field.on_submit(self._submit)
        self._list = self._figure.add_axes((0, 0, 0.1, 0.1))
        self._list.set_axis_off()
        self._list.set_navigate(False)
        self._field_axes.set_navigate(False)
        self._thumb_colour = line
        self.arrange()
        if not self._is_built:
            self._is_built = True
            self.reveal()

    def arrange(self) -> None:
        """Puts field and list where they belong at the present size of the figure."""
        width, tall = self._figure.get_size_inches()
        top = tall - _INSET - _FIELD
        self._field_axes.set_position((_INSET / width, top / tall, (WIDTH - _INSET) / width, _FIELD / tall))
        deep = max(_ROW, top - 2 * _INSET)
        self._list.set_position((_INSET / width, _INSET / tall, (WIDTH - _INSET) / width, deep / tall))
        self._shown = max(1, int(deep / _ROW))
        self._fill()

    def _rows(self) -> list[tuple[str, Activation | None]]:
        """The lines of the list: a heading, or an entry."""
        if self._words:
            return [(_with_alias(entry, self._words), entry) for entry in self._entries]
        rows: list[tuple[str, Activation | None]] = []
        for family in CATALOG.families:
            rows += [(family.title[self._lang], None), *((entry.name, entry) for entry in family.entries)]
        return rows

    def _fill(self) -> None:
        """Writes the visible part of the list."""
        axes = self._list
        for artist in (*axes.texts, *axes.patches):
            artist.remove()
        rows = self._rows()
        self._first = min(max(0, self._first), max(0, len(rows) - self._shown))
        axes.set(xlim=(0, 1), ylim=(self._shown, 0))
        for index, (label, entry) in enumerate(rows[self._first : self._first + self._shown]):
            is_current = entry is not None and entry.name == self.current
            if is_current:
                axes.add_patch(Rectangle((0, index), 0.95, 1, color=ACCENT, linewidth=0))
            axes.text(
                0.03 if entry is None else 0.08,
                index + 0.5,
                label,
                va="center",
                fontsize=9 if entry is None else 10,
                alpha=0.55 if entry is None else None,
                color="white" if is_current else None,
                clip_on=True,
            )
        if not rows:
            axes.text(0.03, 0.5, text.NOTHING_FOUND[self._lang], va="center", alpha=0.55)
        if len(rows) > self._shown:
            share = self._shown / len(rows)
            axes.add_patch(
                Rectangle((0.97, self._first * share), 0.03, self._shown * share, color=self._thumb_colour, linewidth=0)
            )

    def _search(self, words: str) -> None:
        self._words, self._first = words, 0
        self._hint.set_visible(not words)
        self._entries = matching(words)
        self._fill()
        self._figure.canvas.draw_idle()

    def clear(self) -> None:
        """Empties the field."""
        self._field.set_val("")

    def _submit(self, words: str) -> None:
        # The field also submits when a click elsewhere ends the typing.
        if words and self._entries and self._entries[0].name != self.current:
            self._choose(self._entries[0].name)

    def _choose(self, name: str) -> None:
        self.current = name
        self._fill()
        self._chosen(name)

    def has(self, event: Any) -> bool:
        """Whether the pointer is over the list."""
        return event.inaxes is self._list

    @property
    def is_typing(self) -> bool:
        """Whether keys go into the field."""
        return bool(self._field.capturekeystrokes)

    def click(self, event: Any) -> None:
        """Chooses the entry under the pointer; on the bar at the side, goes there."""
        rows = self._rows()
        if event.xdata > 0.95 and len(rows) > self._shown:
            self._is_dragged = True
            self.drag(event)
            return
        place = self._first + int(event.ydata)
        if place < len(rows) and (entry := rows[place][1]) is not None:
            self._choose(entry.name)

    def drag(self, event: Any) -> bool:
        """Scrolls with the bar while it is held; returns whether it is."""
        self._is_dragged = self._is_dragged and (event.name == "button_press_event" or bool(event.buttons))
        if self._is_dragged and event.inaxes is self._list:
            place = round(event.ydata / self._shown * len(self._rows()) - self._shown / 2)
            if place != self._first:
                self.scroll(0, to=place)
        return self._is_dragged

    def scroll(self, rows: int, *, to: int | None = None) -> None:
        """Moves the list."""
        self._first = to if to is not None else self._first + rows
        self._fill()
        self._figure.canvas.draw_idle()

    def next(self, step: int) -> None:
        """Chooses the entry that many places further down."""
        names = [entry.name for _, entry in self._rows() if entry is not None]
        if not names:
            return
        place = names.index(self.current) + step if self.current in names else 0
        self._choose(names[place % len(names)])
        self.reveal()

    def reveal(self) -> None:
        """Scrolls to the current entry."""
        for place, (_, entry) in enumerate(self._rows()):
            if entry is not None and entry.name == self.current:
                if not self._first <= place < self._first + self._shown:
                    self._first = place - self._shown // 2
                self._fill()

    def close(self) -> None:
        """Stops listening."""
        if self.is_typing:  # which gives matplotlib's keys back
            self._field.eventson = False
            self._field.stop_typing()
        self._field.disconnect_events()


def _with_alias(entry: Activation, words: str) -> str:
    """The name, and the alias that was found where the name was not."""
    sought = normalise(words)
    if any(sought in normalise(name) for name in (entry.name, entry.title.en, entry.title.zh)):
        return entry.name
    return f"{entry.name}  ({next(alias for alias in entry.aliases if sought in normalise(alias))})"
