"""``actplot softmax`` and ``actplot log_softmax``."""

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actplot.cli import drawing
from actplot.cli.delivery import Output, aligned, deliver
from actplot.cli.figure_options import ANIMATION, FigureOptions, give_signature, own_parameters, parameters, real
from actplot.errors import BadValue
from actplot.functions.registry import PlotSpec
from actplot.options import MAX_CURVES, natural_size
from actplot.text import Language, Text, is_printable, number

if TYPE_CHECKING:
    from actplot.numerics.experiments.softmax import Softmax

# The Jacobian of so many classes is 8 MB a sample; printed as JSON, 200.
MAX_SAMPLES, MAX_CLASSES = 4, 1_000

_Scores = Annotated[
    list[str] | None,
    typer.Option(metavar="Z,Z,...", help="Scores of the classes; repeatable, once per sample.", show_default="1,2,3,4"),
]
_Labels = Annotated[str | None, typer.Option(metavar="A,B,...", help="Names of the classes.", show_default="1, 2, ...")]
_Temperature = Annotated[float, typer.Option(metavar="T", parser=real, help="Scores are divided by it; > 0.")]
_Vary = Annotated[
    str | None, typer.Option(metavar="CLASS", help="Draw every value against the score of this class, over --range.")
]

_VARIED = Text("{name} as {score} varies", "{name} 随 {score} 的变化")
_VARIED_SLOPE = Text("Derivatives by {score}", "对 {score} 的导数")
_SCORE = Text("the score of {label}", "{label} 的得分")


def softmax(
    scores: _Scores = None, labels: _Labels = None, temperature: _Temperature = 1.0, vary: _Vary = None, **shared: Any
) -> None:
    """Probabilities of scores, and the Jacobian."""
    _run("softmax", scores, labels, temperature, vary, FigureOptions(**shared))


def log_softmax(
    scores: _Scores = None, labels: _Labels = None, temperature: _Temperature = 1.0, vary: _Vary = None, **shared: Any
) -> None:
    """Logarithms of the probabilities of scores, and the Jacobian."""
    _run("log_softmax", scores, labels, temperature, vary, FigureOptions(**shared))


for _command in (softmax, log_softmax):
    give_signature(_command, [*own_parameters(_command), *parameters("order", "at", "layout", *ANIMATION)])


def _run(
    name: str, scores: list[str] | None, labels: str | None, temperature: float, vary: str | None, given: FigureOptions
) -> None:
    samples = _scores(scores or ["1,2,3,4"])
    names = _labels(labels, len(samples[0]))
    if not (math.isfinite(temperature) and temperature > 0):
        raise BadValue(f"--temperature must be > 0, got {number(temperature)}", "1 leaves the scores as they are")
    words = ["actplot", name]
    for sample in samples:
        words += ["--scores=" + ",".join(map(number, sample))]
    words += [f"--labels={labels}"] if labels is not None else []
    words += ["--temperature", number(temperature)] if temperature != 1 else []
    logarithmic = name == "log_softmax"
    if vary is not None:
        _vary(name, samples, names, temperature, vary, words, given, logarithmic=logarithmic)
        return
    for option in ("range", "samples"):
        if getattr(given, option) != getattr(FigureOptions(), option):
            raise BadValue(f"--{option} needs --vary", f"as in 'actplot {name} --vary 1 --range -5 5'")
    size = natural_size(1 + len(samples))
    options = given.settled(size)

    def compute() -> "Softmax":
        from actplot.numerics.experiments.softmax import softmax

        return softmax(
            samples, names, temperature=temperature, logarithmic=logarithmic, dtype=options.dtype, device=options.device
        )

    def paint(result: "Softmax") -> Any:
        from actplot.plot.experiments.softmax import draw

        return draw(result, **options.page(size))

    deliver(
        Output(
            name=name,
            title=name,
            compute=compute,
            paint=paint,
            words=words,
            numbers=_numbers,
            summary=_summary,
            lines=_table,
        ),
        options,
    )


def _scores(given: list[str]) -> list[tuple[float, ...]]:
    samples = []
    for text in given:
        try:
            sample = tuple(float(part) for part in text.split(","))
        except ValueError:
            raise BadValue(
                f"--scores {text!r}: scores are numbers with commas between them", "as in --scores=-1,2,0.5"
            ) from None
        if not all(map(math.isfinite, sample)):
            raise BadValue(f"--scores {text!r}: scores must be finite")
        if not 2 <= len(sample) <= MAX_CLASSES:
            raise BadValue(f"--scores {text[:40]!r}: give 2 to {MAX_CLASSES:,} scores, not {len(sample)}")
        samples.append(sample)
    counts = sorted({len(sample) for sample in samples})
    if len(counts) > 1:
        raise BadValue(f"samples have {' and '.join(map(str, counts))} scores", "give each sample the same number")
    if len(samples) > MAX_SAMPLES:
        raise BadValue(f"{len(samples)} samples are too many for one figure", f"at most {MAX_SAMPLES} are drawn")
    return samples


def _labels(given: str | None, classes: int) -> tuple[str, ...]:
    if given is None:
        return tuple(str(place + 1) for place in range(classes))
    if not all(map(is_printable, given)):
        raise BadValue(f"--labels {given!r} holds a character that cannot be seen", "leave it out")
    names = tuple(name.strip() for name in given.split(","))
    if len(names) != classes:
        raise BadValue(f"--labels names {len(names)} classes, but there are {classes} scores", "name each class once")
    if "" in names or len(set(names)) < len(names):
        raise BadValue(f"--labels {given!r}: each class needs a name of its own")
    return names


def _vary(
    name: str,
    samples: list[tuple[float, ...]],
    names: tuple[str, ...],
    temperature: float,
    vary: str,
    words: list[str],
    given: FigureOptions,
    *,
    logarithmic: bool,
) -> None:
    """Every value against one score, as curves."""
    if len(samples) > 1:
        raise BadValue(f"--vary takes one sample, not {len(samples)}", "give --scores once")
    if len(names) > MAX_CURVES:
        raise BadValue(f"{len(names)} curves are too many for one figure", f"at most {MAX_CURVES} are drawn")
    if vary in names:
        place = names.index(vary)
    elif vary.isdecimal() and 1 <= int(vary) <= len(names):
        place = int(vary) - 1
    else:
        raise BadValue(f"--vary {vary!r} names no class", f"there are {', '.join(names)}; or give its place, from 1")

    from actplot.numerics.experiments.softmax import varied

    functions = varied(samples[0], names, place, temperature, logarithmic=logarithmic)
    request = PlotSpec(name, tuple(functions), lambda _: [*words, "--vary", vary])

    def headings(lang: Language) -> tuple[str, ...]:
        nameless = names[place] == str(place + 1)
        score = f"$z_{{{place + 1}}}$" if nameless else _SCORE[lang].format(label=names[place])
        what = "log p" if logarithmic else "p"
        return tuple(heading[lang].format(name=what, score=score) for heading in (_VARIED, _VARIED_SLOPE))

    drawing.draw(request, replace(given, order=1), headings=headings)


def _summary(result: "Softmax") -> dict[str, Any]:
    """What ``--json`` prints: lists with an entry for each sample."""
    import numpy as np

    probabilities = np.exp(result.values) if result.logarithmic else result.values
    logarithms = {"log_probabilities": result.values.tolist()} if result.logarithmic else {}
    return {
        "scores": result.scores.tolist(),
        "labels": list(result.labels),
        "temperature": result.temperature,
        "probabilities": probabilities.tolist(),
        **logarithms,
        "jacobian": result.jacobian.tolist(),
    }


def _table(result: "Softmax") -> list[str]:
    """Scores and values, one class per line, never in scientific notation."""
    head = ["label"]
    columns = [list(result.labels)]
    for index, (scores, values) in enumerate(zip(result.scores, result.values, strict=True)):
        suffix = f"_{index + 1}" if len(result.scores) > 1 else ""
        head += [f"score{suffix}", f"{'log_p' if result.logarithmic else 'p'}{suffix}"]
        columns += [[f"{score:.12g}" if abs(score) < 1e12 else f"{score:.0f}" for score in scores.tolist()]]
        columns += [[f"{value:.8f}" for value in values.tolist()]]
    rows = [head, *map(list, zip(*columns, strict=True))]
    return aligned(rows)


def _numbers(result: "Softmax", form: str, command: str) -> bytes:
    from actplot.output.data import render_table

    samples, classes = result.values.shape
    value = "log_probability" if result.logarithmic else "probability"
    table = {
        "sample": [index + 1 for index in range(samples) for _ in range(classes)],
        "label": list(result.labels) * samples,
        "score": result.scores.ravel().tolist(),
        value: result.values.ravel().tolist(),
    }
    arrays = {"jacobian": result.jacobian}
    return render_table(table, form, command=command, about={"temperature": result.temperature}, arrays=arrays)
