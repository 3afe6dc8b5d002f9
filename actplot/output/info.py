"""The page of one function: formula, parameters, computed facts, breaks, names elsewhere, strengths and weaknesses."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from actplot import text
from actplot.functions.expression import Expression
from actplot.functions.formula import mathtext, plain
from actplot.functions.registry import FINITE, FRAMEWORKS, Activation, Function
from actplot.functions.source import Loaded
from actplot.numerics.breaks import Break
from actplot.numerics.disagreement import Difference, Disagreement
from actplot.numerics.facts import Bound, Properties, properties
from actplot.text import LANGUAGES, Language, Text, number

# More extrema or roots than this are counted, not listed, on the page.
_LISTED = 6


# What was measured of frameworks, by their keys.
Measured = Mapping[str, Disagreement]


def facts(
    function: Function,
    entry: Activation | None = None,
    found: Properties | None = None,
    measured: Measured | None = None,
) -> dict[str, Any]:
    """The facts of a function at its parameters, ready for JSON: null stands for what is infinite or undefined.

    Parameters
    ----------
    function
        The function.
    entry
        Its entry in the catalog, if it has one: names, strengths and weaknesses come from there.
    found
        Its facts, where they are known already; else they are computed.
    measured
        What frameworks do otherwise, which stands in the place of the notes of its entry on them.

    Raises
    ------
    FunctionFailed
        As :func:`actplot.numerics.facts.properties`.
    """
    found = found or properties(function)
    return {
        **_names_and_formulas(function, entry),
        **_shape_facts(found),
        **_solution_facts(found),
        **_size_facts(found),
        **_words_about(entry, measured or {}),
        **({} if measured is None else {"measured": {key: _as_json(each) for key, each in measured.items()}}),
    }


def _names_and_formulas(function: Function, entry: Activation | None) -> dict[str, Any]:
    formula = function.formula
    return {
        "name": function.name,
        "aliases": list(entry.aliases) if entry else [],
        "family": entry.family if entry else None,
        "title": asdict(entry.title) if entry else None,
        "summary": asdict(entry.summary) if entry else None,
        "formula": ", ".join(mathtext(formula)) if formula else None,
        "derivative": ", ".join(mathtext(function.derivative, "f'(x)")) if function.derivative else None,
        "parameters": function.parameters,
        "domains": {parameter.name: parameter.domain.en for parameter in entry.parameters} if entry else {},
    }


def _shape_facts(found: Properties) -> dict[str, Any]:
    return {
        "image": {"low": _bound(found.low), "high": _bound(found.high)} if found.low and found.high else None,
        "monotone": found.monotone,
        "parity": found.parity,
        "smoothness": found.smoothness,
        "breaks": None if found.breaks is None else [at.as_json() for at in found.breaks],
        "breaks_searched": [_finite(end) for end in found.breaks_searched],
    }


def _solution_facts(found: Properties) -> dict[str, Any]:
    return {
        "extrema": None if found.extrema is None else [each._asdict() for each in found.extrema],
        "roots": found.roots,
        "zero_on": _intervals(found.zero_on),
        "fixed_points": found.fixed_points,
        "fixed_on": _intervals(found.fixed_on),
        "searched": list(found.searched),
    }


def _size_facts(found: Properties) -> dict[str, Any]:
    return {
        "max_abs_slope": _finite(found.max_abs_slope),
        "saturates": found.saturates,
        "zero_centred": found.zero_centred,
        "gaussian": {name: _finite(value) for name, value in found.gaussian._asdict().items()},
    }


def _as_json(measured: Disagreement) -> dict[str, Any]:
    told = asdict(measured)
    for name in ("values", "slopes", "by_default"):
        if told[name] is not None:
            told[name] = {key: _finite(value) for key, value in told[name].items()}
    return told


def _words_about(entry: Activation | None, measured: Measured) -> dict[str, Any]:
    """Names elsewhere, strengths and weaknesses of an entry; the same keys, empty, where there is none."""
    if entry is None:
        return {"names": {}, "differs": {}, "strengths": [], "weaknesses": [], "reference": None}
    return {
        "names": {framework: entry.names.get(framework) for framework in FRAMEWORKS},
        "differs": {key: asdict(words) for key, words in entry.differs.items() if key not in measured},
        "strengths": [asdict(line) for line in entry.strengths],
        "weaknesses": [asdict(line) for line in entry.weaknesses],
        "reference": entry.reference or None,
    }


def _bound(bound: Bound) -> dict[str, Any]:
    return {"value": _finite(bound.value), "closed": bound.closed}


def _intervals(intervals: Sequence[tuple[float, float]] | None) -> list[list[float | None]] | None:
    return None if intervals is None else [[_finite(low), _finite(high)] for low, high in intervals]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def page(
    function: Function,
    lang: Language,
    entry: Activation | None = None,
    found: Properties | None = None,
    measured: Measured | None = None,
) -> RenderableType:
    """The facts of a function as a page for the terminal; the arguments are those of :func:`facts`."""
    rows = Table.grid(padding=(0, 3, 0, 0))
    rows.add_column(style="bold cyan", no_wrap=True)
    rows.add_column(overflow="fold")
    found = found or properties(function)
    for heading, lines in (
        *_declared_rows(function, entry, lang),
        *_computed_rows(function, found, lang),
        *(_entry_rows(function, entry, lang, measured or {}) if entry else ()),
    ):
        if lines:
            rows.add_row(heading[lang], Group(*map(Styled, lines)))
    if entry is None:
        return Group(Styled(function.name, "bold"), Padding(rows, (1, 0, 0, 0)))
    heading = Styled.assemble((entry.title.en, "bold"), "  ", (entry.title.zh if lang == "zh" else "", "dim"))
    return Group(heading, Styled(entry.summary[lang]), Padding(rows, (1, 0, 0, 0)))


def rows(
    function: Function, entry: Activation | None = None, found: Properties | None = None
) -> list[tuple[Text, Text]]:
    """Headings and the lines under them in both languages: what was computed, and what the entry says beside it.

    The arguments are those of :func:`facts`.
    """
    found = found or properties(function)
    listed: list[list[_Row]] = []
    for lang in LANGUAGES:
        known = [*_computed_rows(function, found, lang), *(_entry_rows(function, entry, lang) if entry else ())]
        listed.append([(heading, lines) for heading, lines in known if lines and heading is not text.DRAW_IT])
    return [
        (heading, Text(**{lang: "\n".join(lines) for lang, lines in zip(LANGUAGES, both, strict=True)}))
        for (heading, *both) in ((row[0][0], *(lines for _, lines in row)) for row in zip(*listed, strict=True))
    ]


# A heading and the lines under it.
_Row = tuple[Text, Sequence[str]]


def _declared_rows(function: Function, entry: Activation | None, lang: Language) -> Iterator[_Row]:
    yield text.FORMULA, plain(function.formula) if function.formula else ()
    yield text.DERIVATIVE, plain(function.derivative, "f'(x)") if function.derivative else ()
    yield text.PARAMETERS, list(_parameters(function, entry, lang))


def _computed_rows(function: Function, found: Properties, lang: Language) -> Iterator[_Row]:
    unknown = [text.NOT_ESTABLISHED[lang]]
    low, high = found.low, found.high
    yield text.IMAGE, [_image(found, lang)] if low and high else unknown
    yield text.SHAPE, [_joined((words[lang] for words in _shape(found)), lang), _smoothness(found, lang)]
    yield text.BREAKS, _breaks(found, text.AT_POINT[lang].format(framework=_framework(function)), lang)
    kinds = {"min": text.MINIMUM[lang], "max": text.MAXIMUM[lang]}
    extrema = (f"{kinds[each.kind]} {_short(each.y)} (x = {_short(each.x)})" for each in found.extrema or ())
    yield text.EXTREMA, unknown if found.extrema is None else _listed(extrema, lang)
    values = {at.x: at.y_at for at in found.breaks or ()}
    for name, points, intervals, without in (
        (text.ROOTS, found.roots, found.zero_on, {x for x, y in values.items() if y != 0}),
        (text.FIXED_POINTS, found.fixed_points, found.fixed_on, {x for x, y in values.items() if y != x}),
    ):
        is_known = points is not None and intervals is not None
        solutions = _solutions(points or (), intervals or (), without, lang)
        yield name, _listed(solutions, lang) if is_known else unknown
    yield text.SLOPE, [_largest_slope(found.max_abs_slope, lang)]
    yield text.GAUSSIAN, [_gaussian(found, lang)]


def _entry_rows(
    function: Function, entry: Activation, lang: Language, measured: Measured = MappingProxyType({})
) -> Iterator[_Row]:
    names = [f"{title:<12}{entry.names.get(key, '-')}" for key, title in FRAMEWORKS.items()]
    yield text.NAMES, names if entry.names else ()
    notes = {key: words for key, words in entry.differs.items() if key not in measured}
    yield text.DIFFERS, [f"{FRAMEWORKS[key]:<12}{words[lang]}" for key, words in notes.items()]
    lines = []
    for key, each in measured.items():
        lines.append(f"{FRAMEWORKS[key]:<12}{each.name} ({each.version})")
        lines += [" " * 12 + part for part in _disagreement(each, lang)]
    yield text.MEASURED, lines
    yield text.STRENGTHS, [f"+ {line[lang]}" for line in entry.strengths]
    yield text.WEAKNESSES, [f"- {line[lang]}" for line in entry.weaknesses]
    yield text.ALIASES, [", ".join(entry.aliases)] if entry.aliases else ()
    yield text.REFERENCE, [entry.reference] if entry.reference else ()
    options = "".join(f" --{name.replace('_', '-')} {number(value)}" for name, value in function.non_default.items())
    yield text.DRAW_IT, [f"actplot {entry.name}{options}"]


def _disagreement(measured: Disagreement, lang: Language) -> Iterator[str]:
    """What a framework's function does otherwise."""

    def told(phrases: tuple[Text, Text, Text], difference: Difference) -> str:
        same, within, off = phrases
        phrase = off if not difference.is_rounding else within if difference.size else same
        size = f"{difference.size:.2g}" if math.isfinite(difference.size) else "∞"
        places = {name: _value(getattr(difference, name)) for name in ("x", "ours", "theirs")}
        return phrase[lang].format(size=size, **places)

    both = [told((text.SAME_VALUES, text.VALUES_WITHIN, text.VALUES_OFF), measured.values)]
    if measured.slopes is not None:
        both.append(told((text.SAME_SLOPES, text.SLOPES_WITHIN, text.SLOPES_OFF), measured.slopes))
    yield ("; " if lang == "en" else "；").join(both)
    for at in measured.at_breaks:
        yield text.SLOPE_AT[lang].format(**{name: _value(value) for name, value in asdict(at).items()})
    if measured.by_default is not None and not measured.by_default.is_rounding:
        yield told((text.OFF_BY_DEFAULT,) * 3, measured.by_default)
    if measured.missing:
        yield text.NO_PARAMETER[lang].format(names=(", " if lang == "en" else "、").join(measured.missing))


def _shape(found: Properties) -> Iterator[Text]:
    """Phrases on the shape, of what is known."""
    for phrases, key in (
        (text.MONOTONE, found.monotone),
        (text.PARITY, found.parity),
        (text.SATURATES, found.saturates),
        ({True: text.CENTRED, False: text.NOT_CENTRED}, found.zero_centred),
    ):
        if key is not None:
            yield phrases[key]  # type: ignore[index]


def _smoothness(found: Properties, lang: Language) -> str:
    if found.smoothness is not None:
        return text.SMOOTHNESS[found.smoothness][lang]
    return text.NO_BREAK_FOUND[lang] if found.breaks is not None else text.TOO_MANY_BREAKS[lang]


def _framework(function: Function) -> str:
    """Who returns the values of a function: JAX or NumPy where it is one of theirs."""
    call: Any = function.call
    if isinstance(call, Expression) or hasattr(call, "activation"):
        return "PyTorch"
    from actplot.numerics.frameworks import framework_of

    framework = framework_of(call.target() if isinstance(call, Loaded) else call)
    return {"torch": "PyTorch", "jax": "JAX", "numpy": "NumPy"}[framework]


def _breaks(found: Properties, returns: str, lang: Language) -> list[str]:
    """The breaks, with where they were looked for if that is not everywhere; ``returns`` says who returns a value."""
    low, high = found.breaks_searched
    where = text.SEARCHED[lang].format(low=_short(low), high=_short(high))
    if found.breaks is None:
        return [f"{text.TOO_MANY_BREAKS[lang]} {where}"]
    is_whole = found.is_searched_whole
    if not found.breaks:
        return [text.NO_BREAKS[lang] if is_whole else f"{text.NONE[lang]} {where}"]
    lines = _listed((_break(at, returns, lang) for at in found.breaks), lang)
    return lines if is_whole else [*lines, where]


def _largest_slope(value: float | None, lang: Language) -> str:
    if value is None:
        return text.NOT_ESTABLISHED[lang]
    return _short(value) if math.isfinite(value) else text.UNBOUNDED[lang]


def _joined(words: Iterable[str], lang: Language) -> str:
    return (", " if lang == "en" else "，").join(words)


def _short(value: float) -> str:
    """Ten digits, for the page; JSON has them all."""
    return number(float(f"{value:.10g}") + 0.0)


def _listed(items: Iterator[str], lang: Language, otherwise: str = "") -> list[str]:
    lines = list(items)
    more = len(lines) - _LISTED
    if more > 1:
        lines = [*lines[:_LISTED], text.AND_MORE[lang].format(count=more)]
    return lines or [otherwise or text.NONE[lang]]


def _image(found: Properties, lang: Language) -> str:
    """The interval of the values, with a word where the function jumps: it need not take all of them then."""
    low, high = found.low, found.high
    assert low is not None
    assert high is not None
    interval = _interval(low.value, high.value, low.closed, high.closed)
    is_continuous = found.smoothness not in (None, "jump", "hole") or low.value == high.value
    return interval if is_continuous else text.WITHIN[lang].format(interval=interval)


def _interval(low: float, high: float, low_closed: bool, high_closed: bool) -> str:
    ends = ["-∞" if math.isinf(low) else _short(low), "∞" if math.isinf(high) else _short(high)]
    return f"{'[' if low_closed else '('}{', '.join(ends)}{']' if high_closed else ')'}"


def _solutions(
    points: Sequence[float], intervals: Sequence[tuple[float, float]], without: set[float], lang: Language
) -> Iterator[str]:
    """Intervals and points; the places in ``without`` do not belong to their intervals."""
    for low, high in intervals:
        closed = (math.isfinite(end) and end not in without for end in (low, high))
        yield f"{text.ALL_OF[lang]} {_interval(low, high, *closed)}"
    if points:
        yield "x = " + ", ".join(map(_short, points[: 2 * _LISTED])) + (" …" if len(points) > 2 * _LISTED else "")


def _gaussian(found: Properties, lang: Language) -> str:
    numbers = found.gaussian
    named = (
        (text.MEAN, numbers.mean),
        (text.SECOND_MOMENT, numbers.second_moment),
        (text.GAIN, numbers.gain),
        (text.DEAD, numbers.dead_fraction),
    )
    return _joined((f"{name[lang]} {_moment(value, lang)}" for name, value in named), lang)


def _moment(value: float | None, lang: Language) -> str:
    if value is None:
        return text.NOT_ESTABLISHED[lang]
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return text.DOES_NOT_EXIST[lang] if math.isnan(value) else _short(value)


def _parameters(function: Function, entry: Activation | None, lang: Language) -> Iterator[str]:
    if entry is None:
        yield from (f"{name} = {number(value)}" for name, value in function.parameters.items())
        return
    for parameter in entry.parameters:
        domain = (text.ANY_NUMBER if parameter.domain is FINITE else parameter.domain)[lang]
        value = f"{parameter.name} = {parameter.format_value(function.parameters[parameter.name])}"
        default = f"{text.DEFAULT[lang]} {parameter.format_value(parameter.default)}"
        yield _ABOUT_PARAMETER[lang].format(value=value, default=default, domain=domain, text=parameter.text[lang])


_ABOUT_PARAMETER = Text("{value} ({default}; {domain}): {text}", "{value}（{default}；{domain}）：{text}")


def _break(at: Break, returns: str, lang: Language) -> str:
    descriptions = [Text("x = {x}: {kind}", "x = {x}：{kind}")[lang].format(x=number(at.x), kind=_kind(at)[lang])]
    for symbol, quantity in (("f", "y"), ("f'", "dy")):
        if quantity == "dy" or at.y_is_discontinuous:
            left, right, here = (_value(getattr(at, f"{quantity}_{side}")) for side in ("left", "right", "at"))
            is_derivative = quantity == "dy" and not at.y_is_discontinuous
            sides = (
                (text.LEFT_DERIVATIVE, text.RIGHT_DERIVATIVE) if is_derivative else (text.FROM_LEFT, text.FROM_RIGHT)
            )
            values = (f"{sides[0][lang]} {left}", f"{sides[1][lang]} {right}", f"{returns} {here}")
            descriptions.append(_OF_QUANTITY[lang].format(symbol=symbol, values=_joined(values, lang)))
    return text.PART[lang].join(descriptions)


_OF_QUANTITY = Text("{symbol}: {values}", "{symbol}：{values}")


def _kind(at: Break) -> Text:
    sides = (at.y_left, at.y_right)
    if all(map(math.isnan, sides)):
        return text.NO_LIMIT
    if any(map(math.isnan, sides)):
        return text.BORDER
    if any(map(math.isinf, sides)):
        return text.POLE
    if at.is_removable:
        return text.HOLE
    return text.JUMP if at.y_is_discontinuous else text.KINK


def _value(value: float) -> str:
    return "-" if math.isnan(value) else f"{value + 0.0:.6g}".replace("inf", "∞")  # without the sign of zero
