"""The living page: one HTML file in which a figure is computed from its formulas, by the reader's browser alone."""

import base64
import hashlib
import html
import io
import json
import math
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import noto_cjk_sans_otc
from fontTools import subset

from actplot import text
from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.functions.expression import Expression
from actplot.functions.registry import Function
from actplot.functions.source import Loaded
from actplot.numerics.curve import Curve
from actplot.numerics.experiments.softmax import Varied
from actplot.options import DPI, PANEL_WIDTH, SIZE
from actplot.output.versions import versions
from actplot.page import bundle
from actplot.page.compile import Tree
from actplot.page.compile import entry as entry_of
from actplot.plot.encoding import (
    AXIS_LABELS,
    COLOURS,
    CYCLE,
    CYCLE_DASHES,
    DERIVATIVE_DASHES,
    GROUNDS,
    LABELS,
    MARGINS,
    SYMBOLS,
    TITLES,
    TITLES_OF_SEVERAL,
)
from actplot.text import Language, Text

if TYPE_CHECKING:
    from actplot.numerics.experiments.softmax import Softmax

# The face of simplified Chinese among those of the collection.
_FACE = 2
# Functions of one figure whose facts are computed.
_DESCRIBED = 4
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; font-src data:; img-src {images}; "
    "connect-src {connections}; base-uri 'none'; form-action 'none'"
)
_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="{makers}">
<meta name="actplot-command" content="{command}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
{data}
<script type="text/plain" id="program">{program}</script>
<script type="module">{loader}</script>
</body>
</html>
"""
_NO_SCRIPT = Text("This figure is drawn by JavaScript, which is off.", "本图由 JavaScript 绘制，请启用后查看。")

Facts = Sequence[tuple[Text, Text]]


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
) -> bytes:
    """The page of some curves, in UTF-8.

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
    """
    functions = [curve.function for curve in curves]
    first = curves[0]
    facts = describe(functions) if facts is None else facts
    own = _own(curves, facts)
    shown = {function.name for function in functions}
    content = {
        "names": list(dict.fromkeys(function.name for function in functions)),
        "encoding": encoding(),
        "own": own,
        "catalog": [
            _listed(entry, facts.get(entry["name"])) if entry["name"] in shown else _brief(entry)
            for entry in _catalog()
        ],
        "state": {
            "functions": [
                {"name": function.name, "parameters": function.parameters, "isHidden": False} for function in functions
            ],
            "range": [min(curve.range[0] for curve in curves), max(curve.range[1] for curve in curves)],
            "order": first.order,
            "layout": layout,
            "lang": lang,
            "pinned": None,
        },
        "title": title,
        "headings": headings and {lang: [_without_math(words) for words in each] for lang, each in headings.items()},
        "at": [point.x for point in first.points],
        "command": command,
        "makers": _makers(),
        "isEmbedded": embedded,
    }
    heading = title or ", ".join(dict.fromkeys(function.title for function in functions))
    return document("main", content, lang=lang, title=heading, command=command)


def describe(functions: Sequence[Function], most: int = _DESCRIBED) -> dict[str, Facts]:
    """What is known of each function, computed with torch, by its name: pairs of a label and its value.

    Only the first functions are described, ``most`` of them, since each takes up to two seconds.
    """
    from actplot.output import info

    found: dict[str, Facts] = {}
    for function in functions:
        if function.name not in found and len(found) < most:
            found[function.name] = info.rows(function, getattr(function.call, "activation", None))
    return found


def document(
    main: str,
    content: Mapping[str, Any],
    *,
    lang: Language,
    title: str,
    command: str = "",
    more: Mapping[str, Any] | None = None,
    body: str = "",
    images: str = "data: blob:",
    connections: str = "'none'",
) -> bytes:
    """A page that shows some content.

    Parameters
    ----------
    main
        The module that shows it.
    content, more
        What it shows, as JSON; ``more`` are further elements of data, by their ids.
    lang, title, command
        Of the document.
    body
        What stands in the document for those who run no scripts.
    images, connections
        What the policy allows besides.
    """
    body = body or f"<noscript>{html.escape(_NO_SCRIPT.zh)} {html.escape(_NO_SCRIPT.en)}</noscript>"
    data = {name: _json(each) for name, each in {"content": content, **(more or {})}.items()}
    program, loader = bundle.script(main), bundle.plain("loader")
    style = _style("".join([*data.values(), program, body, title]))
    page = _PAGE.format(
        lang={"zh": "zh-Hans", "en": "en"}[lang],
        policy=_POLICY.format(
            scripts=f"{_hash(loader)} {_hash(program)}", styles=_hash(style), images=images, connections=connections
        ),
        makers=html.escape(_makers()),
        command=html.escape(command),
        title=html.escape(title),
        style=style,
        body=body,
        data="\n".join(_data(name, written) for name, written in data.items()),
        program=_packed(program),
        loader=loader,
    )
    return page.encode()


# Characters of data beyond which it is packed.
_LARGE = 80_000


def _json(content: Any) -> str:
    return json.dumps(_finite(content), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _data(name: str, written: str) -> str:
    """JSON as an element of the document: as it is, or packed where there is much of it."""
    if len(written) > _LARGE:
        return f'<script type="text/plain" id="{name}" data-packed>{_packed(written)}</script>'
    # Nothing in it can end the element, or begin a comment.
    return '<script type="application/json" id="{}">{}</script>'.format(name, written.replace("<", "\\u003c"))


def encoding() -> dict[str, Any]:
    """What a figure looks like, for the page to draw the same."""

    def by_quantities(texts: Mapping[tuple[str, ...], Text]) -> dict[str, Any]:
        return {",".join(quantities): _both(words) for quantities, words in texts.items()}

    return {
        "colours": {quantity: colour._asdict() for quantity, colour in COLOURS.items()},
        "cycle": CYCLE,
        "dashes": CYCLE_DASHES,
        "slopeDashes": DERIVATIVE_DASHES,
        "axisLabels": AXIS_LABELS,
        "symbols": SYMBOLS,
        "partLabels": {quantity: _both(words) for quantity, words in LABELS.items()},
        "one": by_quantities(TITLES),
        "several": by_quantities(TITLES_OF_SEVERAL),
        "values": _both(text.TITLE_VALUES),
        "margins": MARGINS._asdict(),
        "size": SIZE,
        "panelWidth": PANEL_WIDTH,
        "dpi": DPI,
        "grounds": {background: ground._asdict() for background, ground in GROUNDS.items()},
        "accents": _ACCENTS,
    }


# Of what follows the pointer.
_ACCENTS = {"light": "#4c84d9", "dark": "#7fb0ff"}


# What can be named in a command, by what it is.
_KINDS: dict[type, str] = {Expression: "expression", Loaded: "callable"}


def _own(curves: Sequence[Curve], facts: Mapping[str, Facts]) -> list[dict[str, Any]]:
    """Entries of the functions that are not in the catalog: each by its expression, or by samples."""
    entries: dict[str, dict[str, Any]] = {}
    for curve in curves:
        function = curve.function
        if function.name in entries or _is_in_catalog(function):
            continue
        try:
            if isinstance(function.call, Varied):
                entry = {**_unlisted(function), "tree": _varied(function.call)}
            else:
                entry = entry_of(function)
        except BadValue:
            entry = _sampled([each for each in curves if each.function.name == function.name])
        entry["kind"] = _KINDS.get(type(function.call), "unnamed")
        entries[function.name] = _listed(entry, facts.get(function.name), function.parameters)
    return list(entries.values())


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _without_math(words: str) -> str:
    """Words whose ``$z_{4}$`` is z₄: of mathtext only that is used in headings."""
    return re.sub(r"\$z_\{(\d+)\}\$", lambda found: "z" + found[1].translate(_SUBSCRIPTS), words)


def _varied(call: Varied) -> Tree:
    """A value of softmax as a function of one score: a sigmoid of that score, shared out among the other classes."""
    scores, at, temperature = call.scores, call.place, call.temperature
    others = {place: score / temperature for place, score in enumerate(scores) if place != at}
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


def _is_in_catalog(function: Function) -> bool:
    return hasattr(function.call, "activation")


def _unlisted(function: Function) -> dict[str, Any]:
    """The entry of a function that neither catalog nor expression describes, without what computes it."""
    return {
        "name": function.name,
        "title": {"en": function.title, "zh": function.title},
        "family": "",
        "parameters": [],
        "range": list(function.range),
        "formula": {"y": None, "dy": None},
    }


def _sampled(curves: Sequence[Curve]) -> dict[str, Any]:
    """The entry of a callable, from its curves at one value of its parameters after another."""
    function = curves[0].function
    values = {name: sorted({each.function.parameters[name] for each in curves}) for name in function.parameters}
    return {
        **_unlisted(function),
        "parameters": [
            {
                "name": name,
                "default": function.parameters[name],
                "low": steps[0],
                "high": steps[-1],
                "choices": {text.number(value): value for value in steps},
                "text": {"en": "", "zh": ""},
                "domain": {"low": None, "high": None, "open_low": False, "open_high": False},
            }
            for name, steps in values.items()
        ],
        "range": list(curves[0].range),
        "domain": list(curves[0].range),
        "samples": [
            {
                "parameters": curve.function.parameters,
                "x": curve.x.tolist(),
                "y": curve.y.tolist(),
                "dy": curve.dy.tolist(),
                "d2y": None if curve.d2y is None else curve.d2y.tolist(),
                "breaks": [
                    {
                        "x": at.x,
                        "y": [at.y_left, at.y_right, at.y_at],
                        "dy": [at.dy_left, at.dy_right, at.dy_at],
                        "d2y": [at.d2y_left, at.d2y_right, at.d2y_at],
                    }
                    for at in curve.breaks
                ],
            }
            for curve in curves
        ],
    }


def softmax(
    result: "Softmax", *, lang: Language, title: str | None = None, command: str = "", embedded: bool = False
) -> bytes:
    """The page of softmax: scores and temperature as sliders, probabilities as bars, the Jacobian as a heat map.

    Parameters
    ----------
    result
        Scores, labels and temperature to begin with.
    lang, title, command, embedded
        As for :func:`render`.
    """
    name = "log_softmax" if result.logarithmic else "softmax"
    labels = list(result.labels)
    content = {
        "name": name,
        "isLogarithmic": result.logarithmic,
        "scores": result.scores.tolist(),
        "temperature": result.temperature,
        "labels": None if labels == [str(place + 1) for place in range(len(labels))] else labels,
        "words": {
            "bars": _both(_LOG_BARS if result.logarithmic else _BARS),
            "heat": _both(_LOG_HEAT if result.logarithmic else _HEAT),
        },
        "encoding": encoding(),
        "lang": lang,
        "title": title,
        "makers": _makers(),
        "isEmbedded": embedded,
    }
    return document("softmax", content, lang=lang, title=title or content["words"]["bars"][lang], command=command)


_BARS = Text("Softmax probabilities", "Softmax 概率")
_LOG_BARS = Text("Log-softmax", "Log-softmax 对数概率")
_HEAT = Text("Jacobian ∂p/∂z", "雅可比矩阵 ∂p/∂z")
_LOG_HEAT = Text("Jacobian ∂ log p/∂z", "雅可比矩阵 ∂ log p/∂z")


def picture(png: bytes, *, lang: Language, title: str, command: str = "") -> bytes:
    """A page that holds a picture, and the command that draws it."""
    content = {"title": title, "command": command, "lang": lang}
    held = base64.b64encode(png).decode()
    body = f'<figure class="still"><img alt="{html.escape(title)}" src="data:image/png;base64,{held}"></figure>'
    return document("picture", content, lang=lang, title=title, command=command, body=body)


def gallery(
    shown: Mapping[str, Mapping[str, Any]], facts: Mapping[str, Facts], body: str, *, lang: Language, title: str
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
    """
    catalog = [_listed({**entry, **shown.get(entry["name"], {})}, facts.get(entry["name"])) for entry in _catalog()]
    first = CATALOG[next(iter(shown))]
    content = {
        "names": list(shown),
        "encoding": encoding(),
        "own": [],
        "state": {
            "functions": [{"name": first.name, "parameters": first.defaults, "isHidden": False}],
            "range": first.range,
            "order": 1,
            "layout": "side",
            "lang": lang,
            "pinned": None,
        },
        "title": None,
        "headings": None,
        "at": [],
        "command": "",
        "makers": _makers(),
    }
    return document(
        "gallery", content, lang=lang, title=title, more={"catalog": catalog}, body=body, images="'self' data: blob:"
    )


def _catalog() -> Iterable[dict[str, Any]]:
    return map(entry_of, CATALOG.values())


def _brief(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without what only a page about it shows."""
    return {**entry, "formula": {"y": None, "dy": None}}


def _listed(entry: dict[str, Any], facts: Facts | None, at: Mapping[str, float] | None = None) -> dict[str, Any]:
    """An entry with facts, and the parameters that they hold for: the defaults, where none are given."""
    if not facts:
        return entry
    parameters = at if at is not None else {each["name"]: each["default"] for each in entry["parameters"]}
    known = [{"label": _both(label), "value": _both(value)} for label, value in facts]
    return {**entry, "facts": known, "factsAt": dict(parameters)}


def _both(words: Text) -> dict[str, str]:
    return {"en": words.en, "zh": words.zh}


def _finite(content: Any) -> Any:
    """Content as JSON can hold it: null stands for NaN, a string for what is infinite."""
    if isinstance(content, Mapping):
        return {key: _finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_finite(value) for value in content]
    if isinstance(content, float) and not math.isfinite(content):
        return None if math.isnan(content) else "Infinity" if content > 0 else "-Infinity"
    return content


def _makers() -> str:
    return ", ".join(f"{name} {number}" for name, number in versions().items())


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@cache
def _packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _style(words: str) -> str:
    """The style sheet, with a font that has the Chinese characters of the words."""
    sheet = bundle.lean(files("actplot.page").joinpath("style.css").read_text("utf-8"))
    characters = "".join(sorted({each for each in words if ord(each) >= 0x2E80}))
    face = (
        f'@font-face {{ font-family: "actplot"; src: url(data:font/woff;base64,{_font(characters)}) format("woff"); }}'
    )
    return f"{face}\n{sheet}"


@cache
def _font(characters: str) -> str:
    """Characters out of Noto Sans CJK, as WOFF in base64."""
    options = subset.Options(flavor="woff", layout_features=[], hinting=False, desubroutinize=True)
    options.font_number = _FACE
    font = subset.load_font(str(noto_cjk_sans_otc.FONT_PATH), options)
    chooser = subset.Subsetter(options)
    chooser.populate(text=characters)
    chooser.subset(font)
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    font.close()
    return base64.b64encode(buffer.getvalue()).decode()
