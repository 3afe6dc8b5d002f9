"""Sliders and buttons below a figure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.widgets import Button, Slider

from actplot.live.sliders import SliderSpec

# Of what the hand moves.
ACCENT = "#4c84d9"
_ROW, _INSET = 0.3, 0.14
_LABEL, _VALUE = 1.0, 0.75
_BUTTON, _BUTTON_HEIGHT, _GAP = 0.78, 0.27, 0.06


def height(dials: Sequence[SliderSpec]) -> float:
    """Inches that sliders and buttons need."""
    return 2 * _INSET + _ROW * max(1, len(dials)) - 0.06


class Controls:
    """A slider per dial on the left, buttons on the right.

    ``turned`` is told the place of the dial and its new value at every step of a slider; ``pressed`` has what each
    button does, by what stands on it. ``left`` is where the room begins, in inches.
    """

    def __init__(
        self,
        figure: Figure,
        dials: Sequence[SliderSpec],
        left: float,
        *,
        turned: Callable[[int, float], None],
        pressed: Mapping[str, Callable[[], object]],
    ) -> None:
        self._figure, self._left, self._dials = figure, left, dials
        settings = matplotlib.rcParams
        ink, ground = settings["text.color"], settings["axes.facecolor"]
        line = to_rgba(ink, 0.15)
        self.sliders = []
        for index, dial in enumerate(dials):
            slider: Any = Slider(
                self._axes(),
                dial.label,
                dial.low,
                dial.high,
                valinit=dial.value,
                valfmt=lambda value, dial=dial: _shown(dial, dial.nearest(value)),  # type: ignore[arg-type]
                initcolor="none",
                color=ACCENT,
                track_color=line,
                handle_style={"facecolor": ground, "edgecolor": ACCENT, "size": 11},
            )
            slider.drawon = False
            slider.valtext.set_text(_shown(dial, dial.value))  # as given, not as the slider would step to it
            for label, x in ((slider.label, -0.035), (slider.valtext, 1.035)):  # clear of the handle at its ends
                label.set(fontsize=10.5, x=x)
            slider.on_changed(lambda value, index=index, dial=dial: turned(index, dial.nearest(value)))
            self.sliders.append(slider)
        self.buttons = []
        for label, action in pressed.items():
            button: Any = Button(self._axes(), label, color=ground, hovercolor=line)
            button.label.set_fontsize(9)
            button.label.set_color(ink)
            for spine in button.ax.spines.values():
                spine.set_color(line)
            button.on_clicked(lambda _, action=action: action())
            self.buttons.append(button)
        for artist in self.moving:
            artist.set_animated(True)
        self.arrange()

    def _axes(self) -> Axes:
        axes = self._figure.add_axes((0, 0, 0.1, 0.1))
        axes.set_navigate(False)
        return axes

    def arrange(self) -> None:
        """Puts everything where it belongs at the present size of the figure."""
        width, tall = self._figure.get_size_inches()

        def place(axes: Axes, x: float, y: float, w: float, h: float) -> None:
            axes.set_position((x / width, y / tall, max(w, 0.1) / width, h / tall))

        buttons = len(self.buttons) * (_BUTTON + _GAP)
        renderer = self._figure.canvas.get_renderer()  # type: ignore[attr-defined]
        labels = [slider.label.get_window_extent(renderer).width / self._figure.dpi for slider in self.sliders]
        x = self._left + 0.2 + max([_LABEL, *labels])
        for index, slider in enumerate(self.sliders):
            y = _INSET + _ROW * (len(self.sliders) - 1 - index)
            place(slider.ax, x, y, width - 0.4 - buttons - x - _VALUE, 0.2)
        for index, button in enumerate(self.buttons):
            place(button.ax, width - 0.2 - buttons + index * (_BUTTON + _GAP), _INSET - 0.03, _BUTTON, _BUTTON_HEIGHT)

    @property
    def moving(self) -> Iterator[Artist]:
        """What changes with the value of a slider, in the order of drawing."""
        for slider in self.sliders:
            yield from (slider.poly, *slider.ax.lines, slider.valtext)

    def set(self, index: int, value: float) -> None:
        """Moves a slider without telling anyone."""
        slider = self.sliders[index]
        slider.eventson = False
        slider.set_val(value)
        slider.eventson = True
        slider.valtext.set_text(_shown(self._dials[index], value))

    @property
    def is_dragging(self) -> bool:
        """Whether a slider is held."""
        return any(slider.drag_active for slider in self.sliders)

    def close(self) -> None:
        """Stops listening."""
        for widget in (*self.sliders, *self.buttons):
            widget.disconnect_events()


def _shown(dial: SliderSpec, value: float) -> str:
    return dial.shown(value).replace("-", "−")
