"""The searchable list of the catalog beside a figure."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.widgets import TextBox

from actplot import text
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, normalise
from actplot.live.layout import ACCENT, LIST_WIDTH, place
from actplot.text import Language

_ROW, _INSET, _FIELD = 0.2, 0.18, 0.28

# A line of the list: a label, and the entry that it stands for; None for a heading.
_Row = tuple[str, Activation | None]


def search(query: str) -> list[Activation]:
    """The entries with the query in a name, an alias or a title; those that begin with it first."""
    sought = normalise(query)
    found = []
    for entry in CATALOG.values():
        names = [normalise(name) for name in (entry.name, *entry.aliases, entry.title.en, entry.title.zh)]
        if any(sought in name for name in names):
            found.append((not any(name.startswith(sought) for name in names) if sought else False, entry))
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


class Chooser:
    """A field to search in, and below it the entries found, with their families as headings.

    ``choose`` is given the name of an entry that was clicked, or the first one when Enter is pressed; ``style`` is the
    context in which text is made. ``current`` is the name of the entry that is marked.
    """

    def __init__(
        self,
        figure: Figure,
        current: str,
        choose: Callable[[str], object],
        style: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._figure, self._choose, self._style = figure, choose, style
        self.current = current
        self._query = ""
        self._first = 0
        self._entries = search("")
        self._field: Any = None
        self._is_dragged = False

    def build(self, lang: Language) -> None:
        """Makes the artists on a figure that was cleared."""
        is_first = self._field is None
        self._lang = lang
        settings = matplotlib.rcParams
        self._field_axes = self._figure.add_axes((0, 0, 0.1, 0.1))
        face = settings["axes.facecolor"]
        self._field = TextBox(self._field_axes, "", initial=self._query, color=face, hovercolor=face)
        self._field.text_disp.set_color(settings["text.color"])
        self._field.cursor.set_color(settings["text.color"])
        for spine in self._field_axes.spines.values():
            spine.set_color(settings["axes.edgecolor"])
        self._hint = self._field_axes.text(
            0.05, 0.5, f"{text.SEARCH[lang]} …", va="center", alpha=0.5, transform=self._field_axes.transAxes
        )
        self._hint.set_visible(not self._query)
        self._field.on_text_change(self._search)
        self._field.on_submit(self._submit)
        self._list = self._figure.add_axes((0, 0, 0.1, 0.1))
        self._list.set_axis_off()
        self._list.set_navigate(False)
        self._field_axes.set_navigate(False)
        self.arrange()
        if is_first:
            self.reveal()

    def arrange(self) -> None:
        """Puts field and list where they belong at the present size of the figure."""
        height = self._figure.get_size_inches()[1]
        top = height - _INSET - _FIELD
        list_height = max(_ROW, top - 2 * _INSET)
        place(self._field_axes, _INSET, top, LIST_WIDTH - _INSET, _FIELD)
        place(self._list, _INSET, _INSET, LIST_WIDTH - _INSET, list_height)
        self._visible = max(1, int(list_height / _ROW))
        self._fill()

    def _rows(self) -> list[_Row]:
        if self._query:
            return [(_with_alias(entry, self._query), entry) for entry in self._entries]
        rows: list[_Row] = []
        for family in CATALOG.families:
            rows += [(family.title[self._lang], None), *((entry.name, entry) for entry in family.entries)]
        return rows

    def _fill(self) -> None:
        """Writes the visible rows."""
        with self._style():
            axes = self._list
            for artist in (*axes.texts, *axes.patches):
                artist.remove()
            rows = self._rows()
            self._first = min(max(0, self._first), max(0, len(rows) - self._visible))
            axes.set(xlim=(0, 1), ylim=(self._visible, 0))
            for line, row in enumerate(rows[self._first : self._first + self._visible]):
                self._write(line, *row)
            if not rows:
                axes.text(0.03, 0.5, text.NOTHING_FOUND[self._lang], va="center", alpha=0.55)
            if len(rows) > self._visible:
                share = self._visible / len(rows)
                bar = Rectangle((0.97, self._first * share), 0.03, self._visible * share, linewidth=0)
                bar.set_color(matplotlib.rcParams["grid.color"])
                axes.add_patch(bar)

    def _write(self, line: int, label: str, entry: Activation | None) -> None:
        """Writes a row on a line of the list."""
        is_current = entry is not None and entry.name == self.current
        if is_current:
            self._list.add_patch(Rectangle((0, line), 0.95, 1, color=ACCENT, linewidth=0))
        self._list.text(
            0.03 if entry is None else 0.08,
            line + 0.5,
            label,
            va="center",
            fontsize=9 if entry is None else 10,
            alpha=0.55 if entry is None else None,
            color="white" if is_current else None,
            clip_on=True,
        )

    def _search(self, query: str) -> None:
        self._query, self._first = query, 0
        self._hint.set_visible(not query)
        self._entries = search(query)
        self._redraw()

    def _redraw(self) -> None:
        self._fill()
        self._figure.canvas.draw_idle()

    def clear(self) -> None:
        """Empties the field."""
        self._field.set_val("")

    def _submit(self, query: str) -> None:
        # The field also submits when a click elsewhere ends the typing.
        if query and self._entries and self._entries[0].name != self.current:
            self._take(self._entries[0].name)

    def _take(self, name: str) -> None:
        self.current = name
        self._fill()
        self._choose(name)

    def contains(self, event: Any) -> bool:
        """Whether the pointer is over the list."""
        return event.inaxes is self._list

    @property
    def is_typing(self) -> bool:
        """Whether keys go into the field."""
        return bool(self._field.capturekeystrokes)

    @property
    def labels(self) -> list[str]:
        """The rows that are visible, headings among them."""
        return [label.get_text() for label in self._list.texts]

    def click(self, event: Any) -> None:
        """Chooses the entry under the pointer; on the bar at the side, goes there."""
        rows = self._rows()
        if event.xdata > 0.95 and len(rows) > self._visible:
            self._is_dragged = True
            self.drag(event)
            return
        index = self._first + int(event.ydata)
        if index < len(rows) and (entry := rows[index][1]) is not None:
            self._take(entry.name)

    def drag(self, event: Any) -> bool:
        """Scrolls with the bar while it is held; returns whether it is."""
        self._is_dragged = self._is_dragged and (event.name == "button_press_event" or bool(event.buttons))
        if self._is_dragged and event.inaxes is self._list:
            first = round(event.ydata / self._visible * len(self._rows()) - self._visible / 2)
            self.scroll(first - self._first)
        return self._is_dragged

    def scroll(self, rows: int) -> None:
        """Moves the list up by so many rows."""
        if rows:
            self._first += rows
            self._redraw()

    def next(self, step: int) -> None:
        """Chooses the entry that many places further down."""
        names = [entry.name for _, entry in self._rows() if entry is not None]
        if not names:
            return
        index = names.index(self.current) + step if self.current in names else 0
        self._take(names[index % len(names)])
        self.reveal()

    def reveal(self) -> None:
        """Scrolls to the current entry."""
        for index, (_, entry) in enumerate(self._rows()):
            if entry is not None and entry.name == self.current:
                if not self._first <= index < self._first + self._visible:
                    self._first = index - self._visible // 2
                self._fill()

    def close(self) -> None:
        """Stops listening."""
        if self._field is None:
            return
        if self.is_typing:  # which gives matplotlib's keys back
            self._field.eventson = False
            self._field.stop_typing()
        self._field.disconnect_events()


def _with_alias(entry: Activation, query: str) -> str:
    """The name, and the alias that was found where the name was not."""
    sought = normalise(query)
    if any(sought in normalise(name) for name in (entry.name, entry.title.en, entry.title.zh)):
        return entry.name
    return f"{entry.name}  ({next(alias for alias in entry.aliases if sought in normalise(alias))})"
