"""The page of one entry: formula, derivative, parameters, breaks, names, strengths and weaknesses."""

from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from actplot import text
from actplot.breaks import Break, examine
from actplot.formula import mathtext, plain
from actplot.registry import FRAMEWORKS, Activation, Function
from actplot.text import Language, Text, number


def facts(entry: Activation, function: Function) -> dict[str, Any]:
    """What is known of an entry at the parameters of ``function``, ready for JSON."""
    return {
        "name": entry.name,
        "aliases": list(entry.aliases),
        "family": entry.family,
        "title": asdict(entry.title),
        "summary": asdict(entry.summary),
        "formula": ", ".join(mathtext(entry.formula)),
        "derivative": ", ".join(mathtext(entry.derivative, "f'(x)")),
        "parameters": function.parameters,
        "domains": {parameter.name: parameter.domain for parameter in entry.parameters},
        "breaks": [at.as_json() for at in examine(function.call, function.breaks or ())],
        "names": {framework: entry.names.get(framework) for framework in FRAMEWORKS},
        "strengths": [asdict(line) for line in entry.strengths],
        "weaknesses": [asdict(line) for line in entry.weaknesses],
        "reference": entry.reference or None,
    }


def page(entry: Activation, function: Function, lang: Language) -> RenderableType:
    """The same as a page for the terminal."""
    rows = Table.grid(padding=(0, 3, 0, 0))
    rows.add_column(style="bold cyan", no_wrap=True)
    rows.add_column()

    def add(heading: Text, *lines: str) -> None:
        if lines:
            rows.add_row(heading[lang], Group(*map(Styled, lines)))

    add(text.FORMULA, *plain(entry.formula))
    add(text.DERIVATIVE, *plain(entry.derivative, "f'(x)"))
    add(text.PARAMETERS, *(_parameter(entry, function, index, lang) for index in range(len(entry.parameters))))
    breaks = examine(function.call, function.breaks or ())
    add(text.BREAKS, *([_break(at, lang) for at in breaks] or [text.NO_BREAKS[lang]]))
    add(text.NAMES, *(f"{title:<11}{entry.names.get(key, '-')}" for key, title in FRAMEWORKS.items()))
    add(text.STRENGTHS, *(f"+ {line[lang]}" for line in entry.strengths))
    add(text.WEAKNESSES, *(f"- {line[lang]}" for line in entry.weaknesses))
    add(text.ALIASES, *([", ".join(entry.aliases)] if entry.aliases else []))
    add(text.REFERENCE, *([entry.reference] if entry.reference else []))
    chosen = "".join(f" --{name.replace('_', '-')} {number(value)}" for name, value in function.chosen.items())
    add(text.DRAW_IT, f"actplot {entry.name}{chosen}")
    heading = Styled.assemble((entry.title.en, "bold"), "  ", (entry.title.zh if lang == "zh" else "", "dim"))
    return Group(heading, Styled(entry.summary[lang]), Padding(rows, (1, 0, 0, 0)))


def _parameter(entry: Activation, function: Function, index: int, lang: Language) -> str:
    parameter = entry.parameters[index]
    domain = text.ANY_NUMBER[lang] if parameter.domain == "finite" else parameter.domain
    value = f"{parameter.name} = {number(function.parameters[parameter.name])}"
    default = f"{text.DEFAULT[lang]} {number(parameter.default)}"
    return f"{value}  ({default}; {domain})  {parameter.text[lang]}"


def _break(at: Break, lang: Language) -> str:
    kind = (text.JUMP if at.jumps else text.KINK)[lang]
    parts = [f"x = {number(at.x)}  {kind}"]
    for sign, part in (("f", "y"), ("f'", "dy")):
        if part == "dy" or at.jumps:
            left, right, here = (f"{getattr(at, f'{part}_{side}'):.6g}" for side in ("left", "right", "at"))
            parts.append(
                f"{sign}: {text.FROM_LEFT[lang]} {left}, {text.FROM_RIGHT[lang]} {right}, {text.AT_POINT[lang]} {here}"
            )
    return ";  ".join(parts)
