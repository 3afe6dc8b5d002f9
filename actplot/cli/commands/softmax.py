"""``actplot softmax`` and ``actplot log_softmax``."""

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

from actplot.cli.curves import CurvePicture, curves
from actplot.cli.options import ANIMATION, LOOK_OF_CURVES, FigureOptions, own_parameters, parameters, real
from actplot.cli.picture import Picture
from actplot.cli.resolve import resolve_arithmetic, resolve_style
from actplot.cli.words import give_signature, option
from actplot.errors import BadValue
from actplot.functions.registry import PlotSpec
from actplot.options import MAX_CURVES, Style, natural_size
from actplot.output.tables import aligned
from actplot.text import Language, Text, is_printable, narrow, number
from actplot.worker import Job

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from actplot.numerics.experiments.softmax import Softmax

# The Jacobian of so many classes is 8 MB a sample; printed as JSON, 200.
MAX_SAMPLES, MAX_CLASSES = 4, 1_000

_Scores = Annotated[
    list[str] | None,
    option(
        metavar="Z,Z,...",
        help=Text("Scores of the classes; repeatable, once per sample.", "各类别的得分；可重复，每组样本一次。"),
        default="1,2,3,4",
    ),
]
_Labels = Annotated[
    str | None, option(metavar="A,B,...", help=Text("Names of the classes.", "各类别的名称。"), default="1, 2, ...")
]
_Temperature = Annotated[
    float, option(metavar="T", parser=real, help=Text("Scores are divided by it; > 0.", "温度，得分除以它；> 0。"))
]
_Vary = Annotated[
    str | None,
    option(
        metavar=Text("CLASS", "类别"),
        help=Text(
            "Draw every value against the score of this class, over --range.",
            "画出各个值随这个类别的得分的变化，范围由 --range 给出。",
        ),
    ),
]

_VARIED = Text("{name} as {score} varies", "{name} 随 {score} 的变化")
_VARIED_SLOPE = Text("Derivatives by {score}", "对 {score} 的导数")
_LABEL_HEAD, _SCORE_HEAD = Text("label", "类别"), Text("score", "得分")
_SCORE = Text("the score of {label}", "{label} 的得分")


@dataclass(frozen=True)
class _Input:
    """What the commands are given: a row of ``scores`` per sample, the names of the classes, the temperature."""

    scores: list[tuple[float, ...]]
    labels: tuple[str, ...]
    temperature: float


@dataclass(frozen=True, kw_only=True)
class SoftmaxPicture(Picture["Softmax"]):
    """Bars of the values and a heat map of the Jacobian."""

    input: _Input

    def compute(self) -> "Softmax":
        from actplot.numerics.experiments.softmax import softmax

        given = self.input
        return softmax(
            given.scores,
            given.labels,
            temperature=given.temperature,
            logarithmic=self.name == "log_softmax",
            **asdict(self.sampling),
        )

    def figure(self, result: "Softmax", style: Style) -> "Figure":
        from actplot.plot.experiments.softmax import draw

        return draw(result, **style.without_curves())

    def blocks(self, result: "Softmax", columns: int, rows: int) -> Any:
        if len(result.scores) > 1:  # a colour for each, which a figure has
            return None
        from actplot.output import terminal
        from actplot.plot.experiments.softmax import bars_title, largest

        shown = largest(result, max(1, rows - 3))
        title = self.style.heading or bars_title(result, self.style.lang, len(shown))
        return terminal.bars([result.labels[place] for place in shown], result.values[0, shown], title, columns)

    def page(self, job: Job, result: "Softmax", *, served: bool = False) -> bytes:
        from actplot.page import page

        command = self.command(self.device(result))
        return page.softmax(result, lang=self.style.lang, title=self.style.heading, command=command, served=served)

    def summary(self, result: "Softmax") -> dict[str, Any]:
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

    def table(self, result: "Softmax") -> list[str]:
        """Scores and values, one class per line, never in scientific notation."""
        head = [_LABEL_HEAD.spoken]
        columns = [list(result.labels)]
        for index, (scores, values) in enumerate(zip(result.scores, result.values, strict=True)):
            suffix = f"_{index + 1}" if len(result.scores) > 1 else ""
            head += [f"{_SCORE_HEAD.spoken}{suffix}", f"{'log_p' if result.logarithmic else 'p'}{suffix}"]
            columns += [[f"{score:.12g}" if abs(score) < 1e12 else f"{score:.0f}" for score in scores.tolist()]]
            columns += [[f"{value:.8f}" for value in values.tolist()]]
        rows = [head, *map(list, zip(*columns, strict=True))]
        return aligned(rows)

    def data(self, result: "Softmax", form: str, command: str) -> bytes:
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


def softmax(
    scores: _Scores = None, labels: _Labels = None, temperature: _Temperature = 1.0, vary: _Vary = None, **shared: Any
) -> SoftmaxPicture | CurvePicture:
    """Probabilities of scores, and the Jacobian."""
    return _picture("softmax", _input(scores, labels, temperature), labels, vary, FigureOptions(**shared))


def log_softmax(
    scores: _Scores = None, labels: _Labels = None, temperature: _Temperature = 1.0, vary: _Vary = None, **shared: Any
) -> SoftmaxPicture | CurvePicture:
    """Logarithms of the probabilities of scores, and the Jacobian."""
    return _picture("log_softmax", _input(scores, labels, temperature), labels, vary, FigureOptions(**shared))


for _command in (softmax, log_softmax):
    give_signature(_command, [*own_parameters(_command), *parameters("order", "at", "layout", *ANIMATION)])


def _input(scores: list[str] | None, labels: str | None, temperature: float) -> _Input:
    samples = _scores(scores or ["1,2,3,4"])
    names = _labels(labels, len(samples[0]))
    if not (math.isfinite(temperature) and temperature > 0):
        raise BadValue(
            Text(
                f"--temperature must be > 0, got {number(temperature)}",
                f"--temperature 须 > 0，这里是 {number(temperature)}",
            ),
            Text("1 leaves the scores as they are", "1 表示得分不变"),
        )
    return _Input(samples, names, temperature)


def _picture(
    name: str, given: _Input, labels: str | None, vary: str | None, options: FigureOptions
) -> SoftmaxPicture | CurvePicture:
    argv = ["actplot", name]
    argv += ["--scores=" + ",".join(map(number, sample)) for sample in given.scores]
    argv += [f"--labels={labels}"] if labels is not None else []
    argv += ["--temperature", number(given.temperature)] if given.temperature != 1 else []
    if vary is not None:
        return _varied(name, given, vary, [*argv, "--vary", vary], options)
    for each in ("range", "samples", "linewidth", "no_title", *LOOK_OF_CURVES):
        if getattr(options, each) not in (None, []):
            told = f"--{each.replace('_', '-')}"
            raise BadValue(
                Text(f"{told} needs --vary", f"{told} 要与 --vary 同用"),
                Text(f"as in 'actplot {name} --vary 1 --range -5 5'", f"例如 'actplot {name} --vary 1 --range -5 5'"),
            )
    size = natural_size(1 + len(given.scores))
    return SoftmaxPicture(
        name=name,
        argv=argv,
        options=options,
        sampling=resolve_arithmetic(options),
        style=resolve_style(options, size),
        natural_size=size,
        input=given,
    )


def _scores(given: list[str]) -> list[tuple[float, ...]]:
    samples = []
    for text in given:
        try:
            sample = tuple(float(part) for part in narrow(text).split(","))
        except ValueError:
            raise BadValue(
                Text(
                    f"--scores {text!r}: scores are numbers with commas between them",
                    f"--scores {text!r}：得分是用逗号隔开的数",
                ),
                Text("as in --scores=-1,2,0.5", "例如 --scores=-1,2,0.5"),
            ) from None
        if not all(map(math.isfinite, sample)):
            raise BadValue(Text(f"--scores {text!r}: scores must be finite", f"--scores {text!r}：得分须是有限的数"))
        if not 2 <= len(sample) <= MAX_CLASSES:
            raise BadValue(
                Text(
                    f"--scores {text[:40]!r}: give 2 to {MAX_CLASSES:,} scores, not {len(sample)}",
                    f"--scores {text[:40]!r}：请给 2 到 {MAX_CLASSES:,} 个得分，这里有 {len(sample)} 个",
                )
            )
        samples.append(sample)
    counts = sorted({len(sample) for sample in samples})
    if len(counts) > 1:
        raise BadValue(
            Text(
                f"samples have {' and '.join(map(str, counts))} scores",
                f"各组样本的得分个数不同：{'、'.join(map(str, counts))}",
            ),
            Text("give each sample the same number", "每组请给同样多的得分"),
        )
    if len(samples) > MAX_SAMPLES:
        raise BadValue(
            Text(f"{len(samples)} samples are too many for one figure", f"{len(samples)} 组样本太多，一张图画不下"),
            Text(f"at most {MAX_SAMPLES} are drawn", f"最多 {MAX_SAMPLES} 组"),
        )
    return samples


def _labels(given: str | None, classes: int) -> tuple[str, ...]:
    if given is None:
        return tuple(str(place + 1) for place in range(classes))
    if not all(map(is_printable, given)):
        raise BadValue(
            Text(f"--labels {given!r} holds a character that cannot be seen", f"--labels {given!r} 含有不可见的字符"),
            Text("leave it out", "请去掉它"),
        )
    names = tuple(name.strip() for name in given.replace("，", ",").split(","))
    if len(names) != classes:
        raise BadValue(
            Text(
                f"--labels names {len(names)} classes, but there are {classes} scores",
                f"--labels 写了 {len(names)} 个类别，得分却有 {classes} 个",
            ),
            Text("name each class once", "每个类别请写一个名称"),
        )
    if "" in names or len(set(names)) < len(names):
        raise BadValue(
            Text(
                f"--labels {given!r}: each class needs a name of its own", f"--labels {given!r}：每个类别要有不同的名称"
            )
        )
    return names


def _varied(name: str, given: _Input, vary: str, argv: list[str], options: FigureOptions) -> CurvePicture:
    """Every value against one score, as curves."""
    labels = given.labels
    if len(given.scores) > 1:
        raise BadValue(
            Text(
                f"--vary takes one sample, not {len(given.scores)}",
                f"--vary 只能用于一组样本，这里有 {len(given.scores)} 组",
            ),
            Text("give --scores once", "请只给一次 --scores"),
        )
    if len(labels) > MAX_CURVES:
        raise BadValue(
            Text(f"{len(labels)} curves are too many for one figure", f"{len(labels)} 条曲线太多，一张图画不下"),
            Text(f"at most {MAX_CURVES} are drawn", f"最多 {MAX_CURVES} 条"),
        )
    if vary in labels:
        place = labels.index(vary)
    elif vary.isdecimal() and 1 <= int(vary) <= len(labels):
        place = int(vary) - 1
    else:
        raise BadValue(
            Text(f"--vary {vary!r} names no class", f"--vary {vary!r} 不是任何类别"),
            Text(
                f"there are {', '.join(labels)}; or give its place, from 1",
                f"可用 {'、'.join(labels)}；或给出它的序号，从 1 开始",
            ),
        )

    from actplot.numerics.experiments.softmax import varied

    is_logarithmic = name == "log_softmax"
    functions = varied(given.scores[0], labels, place, given.temperature, logarithmic=is_logarithmic)

    def headings(lang: Language) -> tuple[str, ...]:
        is_unnamed = labels[place] == str(place + 1)
        score = f"$z_{{{place + 1}}}$" if is_unnamed else _SCORE[lang].format(label=labels[place])
        value = "log p" if is_logarithmic else "p"
        return tuple(heading[lang].format(name=value, score=score) for heading in (_VARIED, _VARIED_SLOPE))

    return curves(PlotSpec(name, tuple(functions), lambda _: argv), replace(options, order=1), headings=headings)
