"""Softmax: probabilities as bars, the Jacobian as a heat map."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from actplot import text
from actplot.numerics.experiments.softmax import Softmax
from actplot.plot.encoding import COLOURS
from actplot.plot.experiments import experiment_figure, series_style
from actplot.plot.fonts import check_text
from actplot.plot.style import background, text_scale
from actplot.text import Language, Text

# More classes than these get no bar, and more than those no number in the heat map.
MOST_BARS, MOST_NUMBERS = 20, 8

_BARS = Text("Softmax probabilities", "Softmax 概率")
_LOG_BARS = Text("Log-softmax", "Log-softmax 对数概率")
_HEAT = Text(r"Jacobian $\partial p/\partial z$", r"雅可比矩阵 $\partial p/\partial z$")
_LOG_HEAT = Text(r"Jacobian $\partial\,\log p/\partial z$", r"雅可比矩阵 $\partial\,\log p/\partial z$")
_SAMPLE = Text("sample {index}", "样本 {index}")
_LEFT_OUT = Text("the {shown} largest of {all} classes", "{all} 类中最大的 {shown} 类")


def draw(result: Softmax, *, lang: Language, **options: Any) -> Figure:
    """Bars on the left, grouped by class with a colour per sample; a Jacobian for each sample to the right.

    ``options`` are those of :func:`~actplot.plot.experiments.experiment_figure`.
    """
    samples = len(result.values)
    with experiment_figure(lang, **options, w_pad=0.12, h_pad=0.1, wspace=0.04) as figure:
        for label in result.labels:
            check_text(label, lang, options.get("font"))
        shown = largest(result, MOST_BARS)
        labels = [_literal(result.labels[index]) for index in shown]
        bars, *heats = figure.subplots(1, 1 + samples)
        _bars(bars, result.values[:, shown], labels, lang, logarithmic=result.logarithmic)
        bars.set_title(bars_title(result, lang, len(shown)))
        for index, axes in enumerate(heats):
            _heat(axes, result.jacobian[index][np.ix_(shown, shown)], labels)
            which = [_SAMPLE[lang].format(index=index + 1)] if samples > 1 else []
            heading = _titled((_LOG_HEAT if result.logarithmic else _HEAT)[lang], which, lang)
            axes.set_title(heading, color=COLOURS["dy"].on(background()))
    return figure


def largest(result: Softmax, most: int) -> NDArray[np.intp]:
    """The places of so many classes at most, those with the largest values, in their order."""
    return np.sort(np.argsort(-result.values.max(axis=0), kind="stable")[:most])


def bars_title(result: Softmax, lang: Language, shown: int) -> str:
    """The title of the bars where so many of them are shown."""
    classes = result.values.shape[1]
    remarks = [_LEFT_OUT[lang].format(shown=shown, all=classes)] if shown < classes else []
    remarks += [text.assignments({"T": result.temperature})] if result.temperature != 1 else []
    return _titled((_LOG_BARS if result.logarithmic else _BARS)[lang], remarks, lang)


def _titled(words: str, remarks: Sequence[str], lang: Language) -> str:
    return words + (text.TITLE_VALUES[lang].format(values=", ".join(remarks)) if remarks else "")


def _literal(label: str) -> str:
    """A label whose dollar signs are no formula."""
    return label.replace("$", r"\$")


def _bars(axes: Axes, values: NDArray[np.float64], labels: Sequence[str], lang: Language, *, logarithmic: bool) -> None:
    samples, classes = values.shape
    width = 0.8 / samples
    for index, heights in enumerate(values):
        places = np.arange(classes) + (index - (samples - 1) / 2) * width
        colour = COLOURS["y"].on(background()) if samples == 1 else series_style(index)[0]
        drawn = axes.bar(places, heights, width=0.92 * width, color=colour, label=_SAMPLE[lang].format(index=index + 1))
        if classes * samples <= 12:
            axes.bar_label(drawn, [_number(height) for height in heights], padding=2, fontsize=9 * text_scale())
    axes.set_xticks(np.arange(classes), labels, **_slanted(labels))
    axes.set_ylabel("log p" if logarithmic else "p")
    axes.grid(visible=False, axis="x")
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    margin = 0.1 * (high - low or 1.0)
    legend = 0.14 * (high - low) if samples > 1 else 0.0
    axes.set_ylim(low - (margin if low < 0 else 0), high + (margin if high > 0 else 0) + legend)
    axes.ticklabel_format(axis="y", style="plain", useOffset=False)
    if samples > 1:
        axes.legend(loc="upper center", ncols=samples)


def _slanted(labels: Sequence[str]) -> dict[str, Any]:
    crowded = max(map(len, labels)) * len(labels) > 36
    return dict(rotation=45, ha="right", rotation_mode="anchor") if crowded else {}


def _heat(axes: Axes, jacobian: NDArray[np.float64], labels: Sequence[str]) -> None:
    reach = float(np.abs(jacobian).max()) or 1.0
    axes.grid(visible=False)
    axes.imshow(jacobian, cmap="RdBu_r", vmin=-reach, vmax=reach, aspect="auto", interpolation="nearest")
    axes.set_xticks(np.arange(len(labels)), labels, **_slanted(labels))
    axes.set_yticks(np.arange(len(labels)), labels)
    axes.set_xlabel("z")
    axes.set_ylabel("p", rotation=0, labelpad=12)
    axes.tick_params(length=0)
    if len(labels) <= MOST_NUMBERS:
        for (row, column), value in np.ndenumerate(jacobian):
            colour = "white" if abs(value) > 0.6 * reach else "#222222"
            axes.text(column, row, _number(value), ha="center", va="center", color=colour, fontsize=10 * text_scale())


def _number(value: float) -> str:
    return f"{value:.3f}".replace("-0.000", "0.000").replace("-", "\N{MINUS SIGN}")
