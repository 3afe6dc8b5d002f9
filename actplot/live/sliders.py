"""Sliders: which parameters of the functions have one, the values it runs through, and the widgets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.widgets import Slider

from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function, Parameter
from actplot.live.layout import ACCENT, Layout, paint, place
from actplot.live.rounding import round_to
from actplot.text import number

# More sliders than this leave no room for the panels.
MAX_SLIDERS = 6
# Steps from one end of a slider to the other.
_STEPS = 200
# Characters of a value beside a slider.
_LONGEST_VALUE = 7
# Points of a label and a value, inches between them and the way of the slider, points of its handle.
_FONT, _CLEARANCE, _HANDLE = 10.5, 0.11, 11.0


@dataclass(frozen=True)
class SliderSpec:
    """One parameter that a slider sets. Its value is that of the functions.

    Attributes
    ----------
    label
        The text beside the slider.
    name
        The parameter.
    targets
        The places of the functions that have it.
    low, high
        The ends of the slider.
    choices
        The only values allowed, by name; empty where any number is.
    """

    label: str
    name: str
    targets: tuple[int, ...]
    low: float
    high: float
    choices: Mapping[str, float]

    def nearest(self, place: float) -> float:
        """The value that a place of the slider stands for: a choice, or a number with few digits."""
        if self.choices:
            return min(self.choices.values(), key=lambda choice: abs(choice - place))
        return min(max(round_to(place, (self.high - self.low) / _STEPS), self.low), self.high)

    def format_value(self, value: float) -> str:
        """The value as it stands beside the slider, with four digits where it has many."""
        names = {choice: name for name, choice in self.choices.items()}
        words = number(value)
        if len(words) > _LONGEST_VALUE:
            words = f"{value:.4g}"
        return names.get(value, words).replace("-", "−")

    def value(self, functions: Sequence[Function]) -> float:
        """The value that the functions have."""
        return functions[self.targets[0]].parameters[self.name]

    def with_value(self, functions: Sequence[Function], value: float) -> tuple[Function, ...]:
        """The functions at another value.

        Raises
        ------
        BadValue
            For a value that a function cannot have, beside its other parameters.
        """
        return tuple(
            function.with_parameters(**{self.name: value}) if index in self.targets else function
            for index, function in enumerate(functions)
        )


def slider_specs(functions: Sequence[Function]) -> list[SliderSpec]:
    """A slider for each parameter: of all functions at once where they are one, except for what is swept."""
    specs = []
    is_one = len({function.name for function in functions}) == 1
    groups = [tuple(range(len(functions)))] if is_one else [(index,) for index in range(len(functions))]
    for targets in groups:
        first = functions[targets[0]]
        declared = {p.name: p for p in CATALOG[first.name].parameters} if first.name in CATALOG else {}
        for name, value in first.parameters.items():
            if len({functions[index].parameters[name] for index in targets}) == 1:
                label = name if is_one else f"{first.title} {name}"
                low, high = _span(declared.get(name), value)
                choices = declared[name].choices if name in declared else None
                specs.append(SliderSpec(label, name, targets, low, high, choices or {}))
    return specs[:MAX_SLIDERS]


def _span(parameter: Parameter | None, value: float) -> tuple[float, float]:
    """The declared span, widened to hold the value; of an undeclared parameter the surroundings of its value."""
    if parameter is None:
        reach = max(1.0, abs(value))
        return value - reach, value + reach
    if parameter.choices:
        return min(parameter.choices.values()), max(parameter.choices.values())
    return min(parameter.span[0], value), max(parameter.span[1], value)


class Sliders:
    """The widgets, from top to bottom.

    ``changed`` is given the spec of a slider and its new value at every step of the hand.
    """

    def __init__(
        self,
        figure: Figure,
        specs: Sequence[SliderSpec],
        functions: Sequence[Function],
        changed: Callable[[SliderSpec, float], object],
    ) -> None:
        self._figure, self.specs = figure, specs
        self.widgets: list[Slider] = []
        colours = paint()
        for spec in specs:
            axes = figure.add_axes((0, 0, 0.1, 0.1))
            axes.set_navigate(False)
            slider: Any = Slider(
                axes,
                spec.label,
                spec.low,
                spec.high,
                valinit=spec.value(functions),
                valfmt=lambda place, spec=spec: spec.format_value(spec.nearest(place)),  # type: ignore[arg-type]
                initcolor="none",
                color=ACCENT,
                track_color=colours.track,
                handle_style={"facecolor": colours.face, "edgecolor": ACCENT, "size": _HANDLE},
            )
            slider.drawon = False
            for label in (slider.label, slider.valtext):
                label.set_fontsize(_FONT)
            slider.on_changed(lambda place, spec=spec: changed(spec, spec.nearest(place)))
            self.widgets.append(slider)
        for artist in self.artists:
            artist.set_animated(True)
        self.label_widths = [self._width(slider.label) for slider in self.widgets]
        self.show(functions)

    def _width(self, label: Any) -> float:
        """Inches that a text takes."""
        renderer = self._figure.canvas.get_renderer()  # type: ignore[attr-defined]
        return float(label.get_window_extent(renderer).width) / self._figure.dpi

    def show(self, functions: Sequence[Function]) -> None:
        """Shows the values that the functions have: as given, not as a step of the slider would be."""
        for spec, slider in zip(self.specs, self.widgets, strict=True):
            value = spec.value(functions)
            slider.eventson = False
            slider.set_val(value)
            slider.eventson = True
            slider.valtext.set_text(spec.format_value(value))

    def arrange(self, layout: Layout) -> None:
        """Puts the sliders where they belong; those without a place are not to be seen."""
        for slider, spec, box in zip_longest(self.widgets, self.specs, layout.sliders):
            slider.ax.set_visible(box is not None)
            slider.set_active(box is not None)
            if box is None:
                continue
            place(slider.ax, box)
            for label, x in ((slider.label, -_CLEARANCE / box.width), (slider.valtext, 1 + _CLEARANCE / box.width)):
                label.set(fontsize=layout.font(_FONT), x=x)
            slider.label.set_text(spec.label)
            words = spec.label
            while len(words) > 1 and self._width(slider.label) > layout.slider_label + 0.01:
                words = words[:-1]
                slider.label.set_text(f"{words.rstrip()}…")
            for handle in slider.ax.lines:
                handle.set_markersize(max(0.7, layout.scale) * _HANDLE)

    @property
    def held(self) -> SliderSpec | None:
        """The slider that the hand holds."""
        return next((spec for spec, slider in zip(self.specs, self.widgets, strict=True) if slider.drag_active), None)

    def ends(self, functions: Sequence[Function]) -> tuple[tuple[Function, ...], ...]:
        """The functions at both ends of the slider that the hand holds, where they can have those values."""
        possible = []
        if held := self.held:
            for value in (held.low, held.high):
                with suppress(BadValue):
                    possible.append(held.with_value(functions, value))
        return tuple(possible)

    def let_go(self) -> None:
        """Takes note that the hand holds none any more, whichever of its own listeners hears of that first."""
        for slider in self.widgets:
            if slider.drag_active:
                slider.drag_active = False
                self._figure.canvas.release_mouse(slider.ax)

    @property
    def artists(self) -> Iterator[Artist]:
        """What changes with the values, in the order of drawing."""
        for slider in self.widgets:
            if slider.ax.get_visible():
                yield from (slider.poly, *slider.ax.lines, slider.valtext)

    def close(self) -> None:
        """Stops listening."""
        for slider in self.widgets:
            slider.disconnect_events()
