"""A field for one line of text, on axes: matplotlib's own draws the whole figure at every key."""

from collections.abc import Callable, Iterator
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from actplot.live.layout import ACCENT, Paint

_FONT = 10.0
# Inches at the left of the text.
_PADDING = 0.08


class Field:
    """Text that is typed.

    Parameters
    ----------
    axes
        What it stands on, and fills.
    hint
        What an empty field says.
    colours
        Of text, face and border.
    changed
        Is given the text after each change of it.
    """

    def __init__(self, axes: Axes, hint: str, colours: Paint, changed: Callable[[str], object]) -> None:
        self._axes, self._changed = axes, changed
        self.text, self._caret, self._is_selected = "", 0, False
        self.has_focus = False
        axes.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1), facecolor=colours.face)
        axes.set_navigate(False)
        self._edge = colours.edge
        style: Any = dict(va="center", clip_on=True)
        self._words = axes.text(0, 0.5, "", color=colours.ink, zorder=3, **style)
        self._hint = axes.text(0, 0.5, hint, color=colours.ink, alpha=0.6, zorder=3, **style)
        self._line = Line2D([0, 0], [0.2, 0.8], color=colours.ink, linewidth=1.0, zorder=4)
        axes.add_line(self._line)
        self._selection = Rectangle((0, 0.12), 0, 0.76, color=ACCENT, alpha=0.4, linewidth=0, zorder=2)
        axes.add_patch(self._selection)

    def resize(self, font: float) -> None:
        """Sets the size of the text in points."""
        for label in (self._words, self._hint):
            label.set_fontsize(font)
        self.show()

    def show(self) -> None:
        """Puts text, caret and selection where they belong."""
        axes: Any = self._axes
        renderer, dpi = axes.figure.canvas.get_renderer(), axes.figure.dpi
        start = _PADDING * dpi / axes.bbox.width
        self._hint.set(visible=not self.text, x=start)
        ends = [0.0]
        for end in (self._caret, len(self.text)):
            self._words.set_text(self.text[:end])
            ends.append(self._words.get_window_extent(renderer).width / axes.bbox.width if end else 0.0)
        _, caret, whole = ends
        shift = max(0.0, start + caret - (1 - start))  # so that the caret is in sight
        self._words.set(x=start - shift)
        self._line.set(xdata=[start - shift + caret] * 2, visible=self.has_focus and not self._is_selected)
        self._selection.set(x=start - shift, width=whole, visible=self.has_focus and self._is_selected)
        for spine in axes.spines.values():
            spine.set(edgecolor=ACCENT if self.has_focus else self._edge, linewidth=1.4 if self.has_focus else 0.8)

    def focus(self) -> None:
        """Lets keys go into the field; what it holds is selected, and replaced by what is typed."""
        self.has_focus, self._is_selected, self._caret = True, bool(self.text), len(self.text)
        self.show()

    def leave(self) -> None:
        """Lets keys go elsewhere."""
        self.has_focus = self._is_selected = False
        self.show()

    def click(self, pixel: float) -> None:
        """Puts the caret where the pointer is; the first click selects everything."""
        if not self.has_focus:
            self.focus()
            return
        self._is_selected = False
        axes: Any = self._axes
        renderer = axes.figure.canvas.get_renderer()
        start = self._words.get_window_extent(renderer).x0 if self.text else 0.0
        widths = []
        for end in range(len(self.text) + 1):
            self._words.set_text(self.text[:end])
            widths.append(self._words.get_window_extent(renderer).width if end else 0.0)
        self._caret = min(range(len(widths)), key=lambda end: abs(start + widths[end] - pixel))
        self.show()

    def key(self, key: str) -> bool:
        """Does what a key does in a field; returns whether it does anything there."""
        edits: dict[str, Callable[[], tuple[int, int, str]]] = {
            "backspace": lambda: (max(0, self._caret - 1), self._caret, ""),
            "ctrl+backspace": lambda: (0, self._caret, ""),
            "delete": lambda: (self._caret, self._caret + 1, ""),
        }
        moves = {"left": self._caret - 1, "right": self._caret + 1, "home": 0, "end": len(self.text)}
        if key == "ctrl+a":
            self._is_selected = bool(self.text)
        elif key in moves:
            self._caret = min(max(0, moves[key]), len(self.text))
            self._is_selected = False
        elif key in edits or (len(key) == 1 and key.isprintable()):
            start, end, typed = edits[key]() if key in edits else (self._caret, self._caret, key)
            if self._is_selected:
                start, end = 0, len(self.text)
            self.set(self.text[:start] + typed + self.text[end:], start + len(typed))
            return True
        else:
            return False
        self.show()
        return True

    def set(self, text: str, caret: int | None = None) -> None:
        """Puts another text in the place of the present one."""
        is_other, self.text = text != self.text, text
        self._caret, self._is_selected = len(text) if caret is None else caret, False
        self.show()
        if is_other:
            self._changed(text)

    @property
    def artists(self) -> Iterator[Artist]:
        """What it is drawn with."""
        yield self._axes
