"""Functions as a command line names them, and back."""

from collections.abc import Iterator, Sequence
from itertools import product

from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, Function, PlotSpec
from actplot.functions.source import assignment, function
from actplot.options import MAX_CURVES
from actplot.text import Text, number


def spec_of_entry(entry: Activation, values: dict[str, list[float]]) -> PlotSpec:
    """A figure of an entry of the catalog, a curve for every combination of the values of its parameters."""
    return PlotSpec(entry.name, tuple(entry.bind(**each) for each in combinations(values)), entry_to_argv)


def spec_of_source(source: str, values: dict[str, list[float]]) -> PlotSpec:
    """The same of whatever ``actplot plot`` takes."""
    functions = tuple(function(source, each) for each in combinations(values))
    first = functions[0]
    return PlotSpec(first.name if first.name in CATALOG else "plot", functions, source_to_argv)


def spec_of_several(names: Sequence[str]) -> PlotSpec:
    """A figure of several functions over each other."""
    return PlotSpec("compare", functions_named(names, MAX_CURVES), several_to_argv)


def combinations(values: dict[str, list[float]]) -> list[dict[str, float]]:
    """Every combination of the values given for each parameter.

    Raises
    ------
    BadValue
        For a value given twice, and for more combinations than a figure can show.
    """
    for name, repeated in values.items():
        for value in repeated:
            if repeated.count(value) > 1:
                raise BadValue(
                    Text(f"{name} = {number(value)} is given twice", f"{name} = {number(value)} 给了两次"),
                    Text("give each value once", "每个值只写一次"),
                )
    swept = [dict(zip(values, each, strict=True)) for each in product(*values.values())]
    if len(swept) > MAX_CURVES:
        raise BadValue(
            Text(f"{len(swept)} curves are too many for one figure", f"{len(swept)} 条曲线太多，一张图画不下"),
            Text(f"at most {MAX_CURVES} are drawn", f"最多 {MAX_CURVES} 条"),
        )
    return swept


def functions_named(names: Sequence[str], most: int) -> tuple[Function, ...]:
    """The functions of a list of names, specifications and sources, all different."""
    if len(names) > most:
        raise BadValue(
            Text(f"{len(names)} functions are too many for one figure", f"{len(names)} 个函数太多，一张图画不下"),
            Text(f"at most {most} are drawn", f"最多 {most} 个"),
        )
    # A minus sign at the start would look like an option in the command that draws the same again.
    functions = tuple(function(f"({name})" if name.startswith("-") else name) for name in names)
    words = [to_argument(each) for each in functions]
    for word in words:
        if words.count(word) > 1:
            raise BadValue(
                Text(f"{word!r} is given twice", f"{word!r} 给了两次"),
                Text("give each function once", "每个函数只写一次"),
            )
    return functions


def parameter_values(given: list[str] | None) -> dict[str, list[float]]:
    """The values of each ``--param NAME=VALUE``, by name."""
    values: dict[str, list[float]] = {}
    for text in given or ():
        name, value = assignment(text)
        values.setdefault(name, []).append(value)
    return values


def once(values: dict[str, list[float]]) -> dict[str, float]:
    """The parameters of a command that sweeps none."""
    for name, repeated in values.items():
        if len(repeated) > 1:
            raise BadValue(
                Text(
                    f"--{name.replace('_', '-')} is given {len(repeated)} times",
                    f"--{name.replace('_', '-')} 给了 {len(repeated)} 次",
                ),
                Text("give it once", "请只给一次"),
            )
    return {name: repeated[0] for name, repeated in values.items()}


def to_argument(function: Function) -> str:
    """The function as one word of a command line."""
    values = ",".join(f"{name}={number(value)}" for name, value in function.non_default.items())
    return f"{function.name}:{values}" if values else function.name


def several_to_argv(functions: Sequence[Function]) -> list[str]:
    """The command that draws functions over each other."""
    return ["actplot", "compare", *map(to_argument, functions)]


def entry_to_argv(functions: Sequence[Function]) -> list[str]:
    """The command that draws functions of one entry."""
    words = ["actplot", functions[0].name]
    for name, value in _varied(functions):
        words += [f"--{name.replace('_', '-')}", number(value)]
    return words


def source_to_argv(functions: Sequence[Function]) -> list[str]:
    """The command that draws functions of one source."""
    words = ["actplot", "plot", functions[0].name]
    for name, value in _varied(functions):
        words += ["--param", f"{name}={number(value)}"]
    return words


def _varied(functions: Sequence[Function]) -> Iterator[tuple[str, float]]:
    """Each value of each parameter that one of the functions, all of the same name, has not left at its default."""
    for name in functions[0].parameters:
        if any(name in function.non_default for function in functions):
            for value in dict.fromkeys(function.parameters[name] for function in functions):
                yield name, value
