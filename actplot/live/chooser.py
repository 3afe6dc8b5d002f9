"""The searchable list of the catalog beside a figure."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from actplot import text
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, normalise
from actplot.live.blitting import Cached
from actplot.live.field import Field
from actplot.live.layout import ACCENT, Layout, paint, place
from actplot.text import Language

# Inches of a row, and points of its text: a heading and an entry.
_ROW, _HEADING, _ENTRY = 0.2, 9.0, 10.0

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

    Attributes
    ----------
    current
        The name of the entry that is marked.
    picture
        What it is drawn with.

    Parameters
    ----------
    choose
        Is given the name of an entry that was clicked, or the first one when Enter is pressed.
    changed
        Is called when something is to be drawn anew.
    style
        The context in which text is made.
    """

    def __init__(
        self,
        figure: Figure,
        current: str,
        *,
        choose: Callable[[str], object],
        changed: Callable[[], object],
        style: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._figure, self._choose, self._changed, self._style = figure, choose, changed, style
        self.current = current
        self.picture = Cached(lambda: self._axes, lambda: [axes.bbox.padded(2) for axes in self._axes])
        self._first = 0
        self._entries = search("")
        self._field: Field | None = None
        self._is_dragged = self._is_hidden = False

    def build(self, lang: Language) -> None:
        """Makes the artists on a figure that was cleared."""
        before = self._field
        self._lang, self._colours = lang, paint()
        self._field_axes = self._figure.add_axes((0, 0, 0.1, 0.1))
        self._field = Field(self._field_axes, f"{text.SEARCH[lang]} …", self._colours, self._search)
        self._list = self._figure.add_axes((0, 0, 0.1, 0.1))
        self._list.set(xticks=[], yticks=[], facecolor=self._colours.face)
        self._list.set_navigate(False)
        for axes in (self._field_axes, self._list):
            axes.set_animated(True)
        if before is not None:
            self._field.text = before.text
            if before.has_focus:
                self._field.focus()
        self._is_new = before is None

    def arrange(self, layout: Layout) -> None:
        """Puts field and list where they belong at the present size of the figure."""
        assert self._field is not None
        assert layout.field is not None
        assert layout.list is not None
        self._scale, self._is_hidden = max(layout.scale, 0.7), layout.is_hidden
        place(self._field_axes, layout.field)
        place(self._list, layout.list)
        self._field.resize(_ENTRY * self._scale)
        self._visible = max(1, int(layout.list.height / (_ROW * self._scale)))
        for spine in self._list.spines.values():
            spine.set(visible=self._is_hidden, color=self._colours.edge)
        self._list.patch.set_visible(self._is_hidden)
        self._make_rows()
        if self._is_new:
            self.reveal()
        self._is_new = False
        self._fill()

    def _make_rows(self) -> None:
        """The texts of the rows that are in sight, and what marks one of them and the place in the list."""
        axes = self._list
        for artist in (*axes.texts, *axes.patches):
            artist.remove()
        axes.set(xlim=(0, 1), ylim=(self._visible, 0))
        with self._style():
            self._mark = axes.add_patch(Rectangle((0, 0), 0.95, 1, color=ACCENT, linewidth=0))
            self._bar = axes.add_patch(Rectangle((0.97, 0), 0.03, 1, color=self._colours.track, linewidth=0))
            style: Any = dict(va="center", clip_on=True)
            self._texts = [axes.text(0, line + 0.5, "", **style) for line in range(self._visible)]

    @property
    def _query(self) -> str:
        return self._field.text if self._field is not None else ""

    def _rows(self) -> list[_Row]:
        if self._query:
            return [(_with_alias(entry, self._query), entry) for entry in self._entries]
        rows: list[_Row] = []
        for family in CATALOG.families:
            rows += [(family.title[self._lang], None), *((entry.name, entry) for entry in family.entries)]
        return rows

    def _fill(self) -> None:
        """Writes the rows that are in sight."""
        rows = self._rows()
        self._first = min(max(0, self._first), max(0, len(rows) - self._visible))
        self._mark.set_visible(False)
        shown = rows[self._first : self._first + self._visible] or [(text.NOTHING_FOUND[self._lang], None)]
        for line, label in enumerate(self._texts):
            words, entry = shown[line] if line < len(shown) else ("", None)
            is_current = entry is not None and entry.name == self.current
            label.set(
                text=words,
                x=0.03 if entry is None else 0.08,
                fontsize=(_HEADING if entry is None else _ENTRY) * self._scale,
                alpha=0.65 if entry is None else None,
                color="white" if is_current else self._colours.ink,
            )
            if is_current:
                self._mark.set(y=line, visible=True)
        share = self._visible / max(1, len(rows))
        self._bar.set(y=self._first * share, height=self._visible * share, visible=share < 1)
        self.picture.invalidate()

    def _redraw(self) -> None:
        self._fill()
        self._changed()

    @property
    def _axes(self) -> list[Axes]:
        """What is to be seen: the field, and the list unless it is hidden."""
        return [self._field_axes, self._list] if self._is_open else [self._field_axes]

    @property
    def _is_open(self) -> bool:
        """Whether the list is to be seen."""
        return not self._is_hidden or self.is_typing

    def _search(self, query: str) -> None:
        self._first, self._entries = 0, search(query)
        self._redraw()

    def focus(self) -> None:
        """Lets keys go into the field."""
        assert self._field is not None
        self._field.focus()
        if self._is_hidden:
            self.reveal()
        self._redraw()

    def leave(self) -> None:
        """Lets keys go elsewhere."""
        if self._field is not None and self._field.has_focus:
            self._field.leave()
            self._redraw()

    def clear(self) -> None:
        """Empties the field, and shows the current entry in the whole list."""
        assert self._field is not None
        self._field.set("")
        self.reveal()
        self._changed()

    def key(self, key: str) -> bool:
        """Does what a key does in the field and the list; returns whether it was for them."""
        assert self._field is not None
        if key == "escape" and (self._query or self.is_typing):
            if not self._query:
                self._field.leave()
            self.clear()
        elif not self.is_typing:
            return False
        elif key == "enter":
            self._submit(self._field)
        elif key in ("up", "down"):
            self.next(1 if key == "down" else -1)
        elif self._field.key(key):
            self._redraw()
        return True  # none of the others is meant for the figure

    def _submit(self, field: Field) -> None:
        """Takes the entry that was chosen among those found, or the first one, and shows it in the whole list."""
        found = [entry.name for entry in self._entries] if self._query else []
        name = self.current if self.current in found or not found else found[0]
        is_other, self.current = name != self.current, name
        field.leave()
        self.clear()
        if is_other:
            self._choose(name)

    def _take(self, name: str) -> None:
        self.current = name
        self._redraw()
        self._choose(name)

    def contains(self, event: Any) -> bool:
        """Whether the pointer is over field or list."""
        return self.box_contains(self._field_axes, event) or (self._is_open and self.box_contains(self._list, event))

    @staticmethod
    def box_contains(axes: Any, event: Any) -> bool:
        """Whether the pointer is over axes, whatever else is there."""
        return bool(axes.bbox.contains(event.x, event.y))

    @property
    def is_typing(self) -> bool:
        """Whether keys go into the field."""
        return self._field is not None and self._field.has_focus

    @property
    def query(self) -> str:
        """What is searched for."""
        return self._query

    @property
    def labels(self) -> list[str]:
        """The rows that are in sight, headings among them."""
        return [words for label in self._texts if (words := label.get_text())]

    def click(self, event: Any) -> None:
        """Takes the field; chooses the entry under the pointer; on the bar at the side, goes there."""
        assert self._field is not None
        if self.box_contains(self._field_axes, event):
            is_first = not self._field.has_focus
            self._field.click(event.x)
            if is_first and self._is_hidden:
                self.reveal()
            self._redraw()
            return
        x, y = self._list.transData.inverted().transform((event.x, event.y))
        rows = self._rows()
        if x > 0.95 and len(rows) > self._visible:
            self._is_dragged = True
            self.drag(event)
            return
        index = self._first + int(y)
        if index < len(rows) and (entry := rows[index][1]) is not None:
            self._field.leave()
            self._take(entry.name)

    def drag(self, event: Any) -> bool:
        """Scrolls with the bar while it is held; returns whether it is."""
        self._is_dragged = self._is_dragged and (event.name == "button_press_event" or bool(event.buttons))
        if self._is_dragged and self.box_contains(self._list, event):
            y = self._list.transData.inverted().transform((event.x, event.y))[1]
            first = round(y / self._visible * len(self._rows()) - self._visible / 2)
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
        self.current = names[index % len(names)]
        self.reveal()
        self._changed()
        self._choose(self.current)

    def reveal(self) -> None:
        """Scrolls to the current entry."""
        for index, (_, entry) in enumerate(self._rows()):
            if entry is not None and entry.name == self.current:
                if not self._first <= index < self._first + self._visible:
                    self._first = index - self._visible // 2
                break
        self._fill()


def _with_alias(entry: Activation, query: str) -> str:
    """The name, and the alias that was found where the name was not."""
    sought = normalise(query)
    if any(sought in normalise(name) for name in (entry.name, entry.title.en, entry.title.zh)):
        return entry.name
    return f"{entry.name}  ({next(alias for alias in entry.aliases if sought in normalise(alias))})"
