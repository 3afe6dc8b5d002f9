"""The command of one activation: its own parameters, any of them swept, and the options of every figure."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Annotated, Any

import typer

from actplot.cli import figure_options
from actplot.cli.drawing import draw
from actplot.cli.figure_options import FigureOptions, real
from actplot.errors import BadValue
from actplot.functions.registry import Activation, Function, Parameter, PlotSpec
from actplot.options import MAX_CURVES
from actplot.text import number


def build(entry: Activation) -> Any:
    """The typer command of an activation."""

    def run(**values: Any) -> None:
        asked = request(entry, taken(entry, values))
        draw(asked, FigureOptions(**values))

    return command(entry, run, figure_options.parameters(), f"{entry.title.en}: {entry.summary.en}")


def command(entry: Activation, run: Callable[..., None], shared: list[inspect.Parameter], help: str) -> Any:
    """A typer command for ``run`` with a parameter's options first and the ``shared`` ones after them."""
    own = [option(parameter) for parameter in entry.parameters]
    figure_options.give_signature(run, [*own, *shared])
    return single(entry.name, run, help)


def single(name: str, run: Callable[..., None], help: str) -> Any:
    """A typer command that stands alone."""
    made = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    made.command(name, help=help)(run)
    return typer.main.get_command(made)


def option(parameter: Parameter, *, hidden: bool = False) -> inspect.Parameter:
    """A parameter of an activation as an option that can be given several times."""

    def read(value: str) -> float:
        return parameter.choices[value] if parameter.choices and value in parameter.choices else real(value)

    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[
            list[float] | None,
            typer.Option(
                parameter.option,
                metavar="|".join(parameter.choices) if parameter.choices else "X",
                parser=read,
                help=f"{parameter.text.en}; {parameter.domain}; repeatable",
                show_default=parameter.shown(parameter.default),
                rich_help_panel="Parameters",
                hidden=hidden,
            ),
        ],
    )


def taken(entry: Activation, values: dict[str, Any]) -> dict[str, list[float]]:
    """The activation's own parameters among ``values``, taken out of them."""
    given = {name: values.pop(name) for name in entry.defaults}
    return {name: repeated for name, repeated in given.items() if repeated}


def once(given: dict[str, list[float]]) -> dict[str, float]:
    """The parameters of a command that sweeps none."""
    for name, repeated in given.items():
        if len(repeated) > 1:
            raise BadValue(f"--{name.replace('_', '-')} is given {len(repeated)} times", "give it once")
    return {name: repeated[0] for name, repeated in given.items()}


def request(entry: Activation, given: dict[str, list[float]]) -> PlotSpec:
    """A figure of the activation with every combination of the values given."""
    return PlotSpec(entry.name, tuple(entry.bind(**values) for values in combinations(given)), to_argv)


def to_argv(functions: Sequence[Function]) -> list[str]:
    """The command that draws functions of one entry."""
    words = ["actplot", functions[0].name]
    for name, value in varied(functions):
        words += [f"--{name.replace('_', '-')}", number(value)]
    return words


def varied(functions: Sequence[Function]) -> Iterator[tuple[str, float]]:
    """Each value of each parameter that one of the functions, all of the same name, has chosen."""
    for name in functions[0].parameters:
        if any(name in function.non_default for function in functions):
            for value in dict.fromkeys(function.parameters[name] for function in functions):
                yield name, value


def combinations(given: dict[str, list[float]]) -> list[dict[str, float]]:
    """Every combination of the values given for each parameter.

    Raises
    ------
    BadValue
        For a value given twice, and for more combinations than a figure can show.
    """
    for name, repeated in given.items():
        for value in repeated:
            if repeated.count(value) > 1:
                raise BadValue(f"{name} = {number(value)} is given twice", "give each value once")
    swept = [dict(zip(given, values, strict=True)) for values in product(*given.values())]
    if len(swept) > MAX_CURVES:
        raise BadValue(f"{len(swept)} curves are too many for one figure", f"at most {MAX_CURVES} are drawn")
    return swept
