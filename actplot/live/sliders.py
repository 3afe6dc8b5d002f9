"""What can be turned: the parameters of the functions of a figure, each with the values a slider runs through."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function, Parameter, PlotSpec
from actplot.functions.source import function
from actplot.text import number

# More sliders than this leave no room for the panels.
MOST = 6
_STEPS = 200


@dataclass(frozen=True)
class SliderSpec:
    """One parameter that a slider sets.

    Attributes
    ----------
    label
        What stands beside the slider.
    name
        The parameter.
    targets
        Which of the functions have it.
    value
        Where it stands.
    low, high
        Where the slider ends.
    choices
        The only values allowed, by name; empty where any number is.
    """

    label: str
    name: str
    targets: tuple[int, ...]
    value: float
    low: float
    high: float
    choices: Mapping[str, float]

    def nearest(self, value: float) -> float:
        """The value that a slider at this place stands for: a choice, or a number with few digits."""
        if self.choices:
            return min(self.choices.values(), key=lambda choice: abs(choice - value))
        return min(max(rounded(value, (self.high - self.low) / _STEPS), self.low), self.high)

    def shown(self, value: float) -> str:
        """The value beside the slider."""
        named = {choice: name for name, choice in self.choices.items()}
        return named.get(value, number(value))

    def turned(self, request: PlotSpec, value: float) -> PlotSpec:
        """The request with the parameter at this value; raises what the function has against it."""
        functions = list(request.functions)
        for index in self.targets:
            old = functions[index]
            functions[index] = function(old.name, {**old.parameters, self.name: value})
        return replace(request, functions=tuple(functions))


def nice(step: float) -> float:
    """1, 2 or 5 times a power of ten, not above ``step``."""
    power = 10.0 ** math.floor(math.log10(step))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= step * (1 + 1e-9))


def rounded(value: float, resolution: float) -> float:
    """The number with few digits that is nearest to ``value``, on a grid a little finer than ``resolution``."""
    step = nice(resolution)
    return round(round(value / step) * step, max(0, -math.floor(math.log10(step)))) + 0.0


def slider_specs(functions: Sequence[Function]) -> list[SliderSpec]:
    """A dial for each parameter: of all functions at once where they are one, except for what is swept."""
    made = []
    alike = len({function.name for function in functions}) == 1
    groups = [tuple(range(len(functions)))] if alike else [(index,) for index in range(len(functions))]
    for targets in groups:
        first = functions[targets[0]]
        declared = {p.name: p for p in CATALOG[first.name].parameters} if first.name in CATALOG else {}
        for name, value in first.parameters.items():
            if len({functions[index].parameters[name] for index in targets}) == 1:
                label = name if alike else f"{first.title} {name}"
                low, high = _span(declared.get(name), value)
                choices = declared[name].choices if name in declared else None
                made.append(SliderSpec(label, name, targets, value, low, high, choices or {}))
    return made[:MOST]


def _span(parameter: Parameter | None, value: float) -> tuple[float, float]:
    """The declared span, widened to hold the value; of an undeclared parameter the surroundings of its value."""
    if parameter is None:
        reach = max(1.0, abs(value))
        return value - reach, value + reach
    if parameter.choices:
        return min(parameter.choices.values()), max(parameter.choices.values())
    return min(parameter.span[0], value), max(parameter.span[1], value)
