"""Buttons below the panels, one for each action that has one."""

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.widgets import Button

from actplot.live.actions import Action
from actplot.live.layout import INSET, place
from actplot.text import Language

_WIDTH, _HEIGHT, _GAP = 0.78, 0.27, 0.06


class Buttons:
    """A row of buttons at the lower right; ``press`` is given the action of one that was clicked."""

    def __init__(
        self, figure: Figure, actions: Sequence[Action], lang: Language, press: Callable[[Action], object]
    ) -> None:
        self._figure = figure
        ink, face = matplotlib.rcParams["text.color"], matplotlib.rcParams["axes.facecolor"]
        edge = to_rgba(ink, 0.15)
        self._buttons = []
        for action in actions:
            if action.button is None:
                continue
            axes = figure.add_axes((0, 0, 0.1, 0.1))
            axes.set_navigate(False)
            button: Any = Button(axes, f"{action.button[lang]} {action.label[lang]}", color=face, hovercolor=edge)
            button.label.set_fontsize(9)
            button.label.set_color(ink)
            for spine in axes.spines.values():
                spine.set_color(edge)
            button.on_clicked(lambda _, action=action: press(action))
            self._buttons.append(button)
        self.arrange()

    @property
    def width(self) -> float:
        """Inches that the row takes from the right."""
        return 0.2 + len(self._buttons) * (_WIDTH + _GAP)

    def arrange(self) -> None:
        """Puts the buttons where they belong at the present size of the figure."""
        start = self._figure.get_size_inches()[0] - self.width
        for index, button in enumerate(self._buttons):
            place(button.ax, start + index * (_WIDTH + _GAP), INSET - 0.03, _WIDTH, _HEIGHT)

    def close(self) -> None:
        """Stops listening."""
        for button in self._buttons:
            button.disconnect_events()
