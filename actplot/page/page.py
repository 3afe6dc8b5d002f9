"""The living page: one HTML file in which a figure is computed from its formulas, by the reader's browser alone."""

import base64
import html
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function
from actplot.numerics.curve import Curve
from actplot.page.document import document, makers
from actplot.page.entries import Facts, both, brief, catalog, encoding, own, with_facts
from actplot.text import Language, Text

if TYPE_CHECKING:
    from actplot.numerics.experiments.softmax import Softmax

# Functions of one figure whose facts are computed.
_DESCRIBED = 4
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def render(
    curves: Sequence[Curve],
    *,
    lang: Language,
    layout: str = "side",
    title: str | None = None,
    headings: Mapping[str, Sequence[str]] | None = None,
    facts: Mapping[str, Facts] | None = None,
    command: str = "",
    embedded: bool = False,
    served: bool = False,
) -> bytes:
    """The page of some curves, in UTF-8; a keyword for each thing that it says besides.

    Functions that have a formula are computed in the browser; of the others the page holds the samples.

    Parameters
    ----------
    curves
        What to show at first, all of one order.
    lang
        The language of the page at first.
    layout, title
        As for :func:`actplot.draw`.
    headings
        Titles of the panels, in the place of the usual ones, by language.
    facts
        What :func:`describe` returns; computed here where it is not given.
    command
        The command that draws the same figure.
    embedded
        Whether the page stands in another, which keeps the address.
    served
        Whether :func:`actplot.page.server.serve` answers the page, which then asks for functions without a formula.
    """
    functions = [curve.function for curve in curves]
    facts = describe(functions) if facts is None else facts
    # Facts hold for the parameters of the first curve of a function.
    shown = {function.name: function.parameters for function in reversed(functions)}
    content = _content(
        names=list(dict.fromkeys(function.name for function in functions)),
        own=own(curves, facts, served=served),
        catalog=[
            with_facts(entry, facts.get(entry["name"]), shown[entry["name"]])
            if entry["name"] in shown
            else brief(entry)
            for entry in catalog()
        ],
        state=_state(
            functions,
            (min(curve.range[0] for curve in curves), max(curve.range[1] for curve in curves)),
            lang,
            order=curves[0].order,
            layout=layout,
        ),
        title=title,
        headings=headings and {lang: [_without_math(words) for words in each] for lang, each in headings.items()},
        at=[point.x for point in curves[0].points],
        command=command,
        isEmbedded=embedded,
        isServed=served,
    )
    heading = title or ", ".join(dict.fromkeys(function.title for function in functions))
    connections = _connections(served)
    return document("main", content, lang=lang, title=heading, command=command, connections=connections)


def describe(functions: Sequence[Function], most: int = _DESCRIBED) -> dict[str, Facts]:
    """What is known of each function, computed with torch, by its name: pairs of a label and its value.

    Only the first functions are described, ``most`` of them, since each takes up to two seconds.
    """
    from actplot.numerics import cache
    from actplot.output import info

    found: dict[str, Facts] = {}
    for function in functions:
        if function.name not in found and len(found) < most:
            found[function.name] = info.rows(
                function, getattr(function.call, "activation", None), cache.facts(function)
            )
    return found


def softmax(
    result: "Softmax",
    *,
    lang: Language,
    title: str | None = None,
    command: str = "",
    embedded: bool = False,
    served: bool = False,
) -> bytes:
    """The page of softmax: scores and temperature as sliders, probabilities as bars, the Jacobian as a heat map.

    Parameters
    ----------
    result
        Scores, labels and temperature to begin with.
    lang, title, command, embedded, served
        As for :func:`render`.
    """
    labels = list(result.labels)
    bars = _LOG_BARS if result.logarithmic else _BARS
    content = {
        "name": "log_softmax" if result.logarithmic else "softmax",
        "isLogarithmic": result.logarithmic,
        "scores": result.scores.tolist(),
        "temperature": result.temperature,
        "labels": None if labels == [str(place + 1) for place in range(len(labels))] else labels,
        "words": {"bars": both(bars), "heat": both(_LOG_HEAT if result.logarithmic else _HEAT)},
        "encoding": encoding(),
        "lang": lang,
        "title": title,
        "makers": makers(),
        "isEmbedded": embedded,
        "isServed": served,
    }
    connections = _connections(served)
    return document("softmax", content, lang=lang, title=title or bars[lang], command=command, connections=connections)


def _connections(served: bool) -> str:
    """What the page's policy lets it connect to."""
    return "'self'" if served else "'none'"


_BARS = Text("Softmax probabilities", "Softmax 概率")
_LOG_BARS = Text("Log-softmax", "Log-softmax 对数概率")
_HEAT = Text("Jacobian ∂p/∂z", "雅可比矩阵 ∂p/∂z")
_LOG_HEAT = Text("Jacobian ∂ log p/∂z", "雅可比矩阵 ∂ log p/∂z")


def picture(png: bytes, *, lang: Language, title: str, command: str = "", served: bool = False) -> bytes:
    """A page that holds a picture, and the command that draws it."""
    held = base64.b64encode(png).decode()
    body = f'<figure class="still"><img alt="{html.escape(title)}" src="data:image/png;base64,{held}"></figure>'
    content = {"title": title, "command": command, "lang": lang, "isServed": served}
    connections = _connections(served)
    return document("picture", content, lang=lang, title=title, command=command, body=body, connections=connections)


def gallery(
    shown: Mapping[str, Mapping[str, Any]],
    facts: Mapping[str, Facts],
    body: str,
    *,
    lang: Language,
    title: str,
    first: Function | None = None,
    at: Mapping[str, Mapping[str, float]] | None = None,
    served: bool = False,
) -> bytes:
    """The page of a gallery: a list of functions, each of which opens as a living figure.

    Parameters
    ----------
    shown
        What the page has to say of each function that it lists, by name, beside what its entry says.
    facts
        As returned by :func:`describe`, by name.
    body
        The list.
    lang, title
        Of the document.
    first
        What is opened at first; None for the list.
    at
        The parameters that the facts hold for, by name; the defaults where none are given.
    served
        As for :func:`render`.
    """
    function = first or CATALOG[next(iter(shown))].bind()
    content = _content(
        names=list(shown), state=_state([function], function.range, lang), isOpen=first is not None, isServed=served
    )
    entries = [
        with_facts({**entry, **shown.get(name, {})}, facts.get(name), (at or {}).get(name))
        for entry in catalog()
        for name in (entry["name"],)
    ]
    return document(
        "gallery",
        content,
        lang=lang,
        title=title,
        more={"catalog": entries},
        body=body,
        images="'self' data: blob:",
        connections=_connections(served),
    )


def _content(**given: Any) -> dict[str, Any]:
    """What a page of curves is given, with nothing where nothing is said."""
    nothing: dict[str, Any] = {"own": [], "title": None, "headings": None, "at": [], "command": ""}
    return {**nothing, "encoding": encoding(), "makers": makers(), **given}


def _state(
    functions: Sequence[Function],
    range: tuple[float, float],
    lang: Language,
    *,
    order: int = 1,
    layout: str = "side",
) -> dict[str, Any]:
    """What a page shows at first."""
    shown = [{"name": each.name, "parameters": each.parameters, "isHidden": False} for each in functions]
    return {
        "functions": shown,
        "range": list(range),
        "order": order,
        "layout": layout,
        "lang": lang,
        "pinned": None,
    }


def _without_math(words: str) -> str:
    """Words whose ``$z_{4}$`` is z₄: of mathtext only that is used in headings."""
    return re.sub(r"\$z_\{(\d+)\}\$", lambda found: "z" + found[1].translate(_SUBSCRIPTS), words)
