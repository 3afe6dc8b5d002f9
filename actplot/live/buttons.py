"""Buttons below the panels, one for each action that has one."""

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.widgets import Button

from actplot.live.actions import Action
from actplot.live.layout import GAP, Box, Layout, paint, place
from actplot.text import Language

_FONT = 9.0
# Inches of a button with its key, and of what is free beside the word on one without.
_WIDTH, _PADDING = 0.78, 0.16


class Buttons:
    """A row of buttons; ``press`` is given the action of one that was clicked."""

    def __init__(
        self, figure: Figure, actions: Sequence[Action], lang: Language, press: Callable[[Action], object]
    ) -> None:
        self._figure = figure
        colours = paint()
        self._buttons: list[tuple[Any, str, str]] = []
        for action in actions:
            if action.button is None:
                continue
            axes = figure.add_axes((0, 0, 0.1, 0.1))
            axes.set_navigate(False)
            word = action.button[lang]
            button: Any = Button(axes, word, color=colours.face, hovercolor=colours.track)
            button.label.set_fontsize(_FONT)
            button.label.set_color(colours.ink)
            for spine in axes.spines.values():
                spine.set_color(colours.edge)
            button.on_clicked(lambda _, action=action: press(action))
            self._buttons.append((button, word, f"{word} {action.label[lang]}"))
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        self._words = [
            button.label.get_window_extent(renderer).width / figure.dpi + _PADDING for button, *_ in self._buttons
        ]

    @property
    def width(self) -> float:
        """Inches that the row takes with its keys."""
        return len(self._buttons) * (_WIDTH + GAP) - GAP

    @property
    def short_width(self) -> float:
        """Inches that the row takes without its keys."""
        return float(sum(self._words)) + (len(self._words) - 1) * GAP

    def arrange(self, layout: Layout) -> None:
        """Puts the buttons where they belong, from the right end."""
        box = layout.buttons
        widths = [_WIDTH] * len(self._buttons) if layout.has_keys else [each * layout.scale for each in self._words]
        gap = GAP if layout.has_keys else GAP * layout.scale
        taken = sum(widths) + gap * (len(widths) - 1)
        squeeze = min(1.0, box.width / taken)
        x = box.right - taken * squeeze
        for (button, word, whole), width in zip(self._buttons, widths, strict=True):
            button.label.set_text(whole if layout.has_keys else word)
            button.label.set_fontsize(layout.font(_FONT) * squeeze)
            place(button.ax, Box(x, box.y, width * squeeze, box.height))
            x += (width + gap) * squeeze

    def close(self) -> None:
        """Stops listening."""
        for button, *_ in self._buttons:
            button.disconnect_events()
