"""What a page knows of functions and of how figures look, as JSON."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from actplot import text
from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.functions.expression import Expression
from actplot.functions.registry import Function
from actplot.functions.source import Loaded
from actplot.numerics.curve import Curve
from actplot.numerics.experiments.softmax import Varied
from actplot.options import DPI, PANEL_WIDTH, SIZE
from actplot.page.compile import Tree, entry, free_parameter, samples
from actplot.plot import encoding as figures
from actplot.text import Text

# Labels and values, in both languages.
Facts = Sequence[tuple[Text, Text]]

# What can be named in a command, by what it is.
_KINDS: dict[type, str] = {Expression: "expression", Loaded: "callable"}
# Of what follows the pointer.
_ACCENTS = {"light": "#4c84d9", "dark": "#7fb0ff"}


def both(words: Text) -> dict[str, str]:
    """Words in both languages."""
    return {"en": words.en, "zh": words.zh}


def encoding() -> dict[str, Any]:
    """What a figure looks like, for the page to draw the same."""

    def by_quantities(texts: Mapping[tuple[str, ...], Text]) -> dict[str, Any]:
        return {",".join(quantities): both(words) for quantities, words in texts.items()}

    return {
        "colours": {quantity: colour._asdict() for quantity, colour in figures.COLOURS.items()},
        "cycle": figures.CYCLE,
        "dashes": figures.CYCLE_DASHES,
        "slopeDashes": figures.DERIVATIVE_DASHES,
        "axisLabels": figures.AXIS_LABELS,
        "symbols": figures.SYMBOLS,
        "partLabels": {quantity: both(words) for quantity, words in figures.LABELS.items()},
        "one": by_quantities(figures.TITLES),
        "several": by_quantities(figures.TITLES_OF_SEVERAL),
        "values": both(text.TITLE_VALUES),
        "margins": figures.MARGINS._asdict(),
        "size": SIZE,
        "panelWidth": PANEL_WIDTH,
        "dpi": DPI,
        "grounds": {background: ground._asdict() for background, ground in figures.GROUNDS.items()},
        "accents": _ACCENTS,
    }


def catalog() -> Iterator[dict[str, Any]]:
    """The entries of the catalog."""
    return map(entry, CATALOG.values())


def brief(known: dict[str, Any]) -> dict[str, Any]:
    """An entry without what only a page about it shows."""
    return {**known, "formula": {"y": None, "dy": None}}


def with_facts(known: dict[str, Any], facts: Facts | None, at: Mapping[str, float] | None = None) -> dict[str, Any]:
    """An entry with facts, and the parameters that they hold for: the defaults, where none are given."""
    if not facts:
        return known
    parameters = at if at is not None else {each["name"]: each["default"] for each in known["parameters"]}
    listed = [{"label": both(label), "value": both(value)} for label, value in facts]
    return {**known, "facts": listed, "factsAt": dict(parameters)}


def is_in_catalog(curve: Curve) -> bool:
    """Whether the page computes a curve as an entry of the catalog, whatever its parameters."""
    return hasattr(curve.function.call, "activation") and curve.dtype == "float64"


def is_sampled(curve: Curve) -> bool:
    """Whether a page can only hold the samples of a curve, or ask for more.

    So it is where no formula says what the function is, and where numbers are coarser than those of a browser.
    """
    return curve.dtype != "float64" or not (isinstance(curve.function.call, Varied) or _entry(curve.function))


def uncompiled(functions: Sequence[Function]) -> list[str]:
    """What has to be said of expressions that a page cannot compute: the part that is to blame."""
    said = {}
    for function in functions:
        if isinstance(function.call, Expression):
            try:
                entry(function)
            except BadValue as error:
                said[function.name] = f"{function.title} {error.message}: the page holds its samples"
    return list(said.values())


def _entry(function: Function) -> dict[str, Any] | None:
    """The entry of a function that has a formula."""
    try:
        return entry(function)
    except BadValue:
        return None


def own(curves: Sequence[Curve], facts: Mapping[str, Facts], *, served: bool) -> list[dict[str, Any]]:
    """Entries of the functions that are not in the catalog: each by its formula, or by samples.

    Where the page is ``served``, it asks for more samples of those.
    """
    entries: dict[str, dict[str, Any]] = {}
    for curve in curves:
        function = curve.function
        if function.name in entries or is_in_catalog(curve):
            continue
        made = None if is_sampled(curve) else _entry(function)
        if made is None and isinstance(function.call, Varied) and not is_sampled(curve):
            made = {**_without_formula(function), "tree": _varied(function.call)}
        if made is None and served:
            parameters = [free_parameter(*each) for each in function.parameters.items()]
            made = {**samples([curve]), "parameters": parameters, "isRemote": True}
        elif made is None:
            made = _sampled([each for each in curves if each.function.name == function.name])
        made["kind"] = _KINDS.get(type(function.call), "unnamed") if curve.dtype == "float64" else "unnamed"
        entries[function.name] = with_facts(made, facts.get(function.name), function.parameters)
    return list(entries.values())


def _sampled(curves: Sequence[Curve]) -> dict[str, Any]:
    """The entry of a callable, from its curves at some values of its parameters; all of these have names in titles."""
    made = samples(curves)
    varying = {each["name"] for each in made["parameters"]}
    fixed = {name: value for name, value in curves[0].function.parameters.items() if name not in varying}
    only = [free_parameter(name, value) | {"choices": {text.number(value): value}} for name, value in fixed.items()]
    return {**made, "parameters": [*made["parameters"], *only]}


def _without_formula(function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "title": {"en": function.title, "zh": function.title},
        "family": "",
        "parameters": [],
        "range": list(function.range),
        "formula": {"y": None, "dy": None},
    }


def _varied(call: Varied) -> Tree:
    """A value of softmax as a function of one score: a sigmoid of that score, shared out among the other classes."""
    at, temperature = call.place, call.temperature
    others = {place: score / temperature for place, score in enumerate(call.scores) if place != at}
    largest = max(others.values())
    sum_of_others = largest + math.log(sum(math.exp(each - largest) for each in others.values()))
    of_score: Tree = ["-", ["/", "x", temperature], sum_of_others]
    of_others: Tree = ["-", sum_of_others, ["/", "x", temperature]]
    if call.logarithmic:
        if call.value == at:
            return ["neg", ["softplus", ["neg", of_score]]]
        return ["-", others[call.value] - sum_of_others, ["softplus", ["neg", of_others]]]
    if call.value == at:
        return ["sigmoid", of_score]
    return ["*", math.exp(others[call.value] - sum_of_others), ["sigmoid", of_others]]
