"""Depth: the size of the signal, and of the gradient, layer by layer."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from actplot.numerics.experiments.depth import Depth
from actplot.plot.experiments import experiment_figure, series_style
from actplot.plot.style import line_scale, text_scale
from actplot.text import Language, Text

_STD = Text("Standard deviation of the activations", "激活值的标准差")
_GRADIENT = Text("Gradient norm, back from the last layer", "梯度范数（从末层反向传播）")
_LAYER = Text("layer", "层")
_VANISHED = Text("0 at the first layer: {names}", "首层为 0：{names}")
# Beyond these a line leaves the panel: what is smaller has vanished, what is larger has exploded.
_LOWEST, _HIGHEST = 1e-30, 1e30


def draw(result: Depth, *, lang: Language, **options: Any) -> Figure:
    """Standard deviations on the left, gradient norms on the right, both on logarithmic axes.

    ``options`` are those of :func:`~actplot.plot.experiments.experiment_figure`.
    """
    with experiment_figure(lang, **options, w_pad=0.12, h_pad=0.1, wspace=0.04) as figure:
        left, right = figure.subplots(1, 2)
        for axes, heading, values in (
            (left, _STD, [signal.std for signal in result.signals]),
            (right, _GRADIENT, [signal.gradient_norm for signal in result.signals]),
        ):
            _lines(axes, values, [signal.activation.label for signal in result.signals], lang)
            axes.set_title(heading[lang])
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(6, len(labels)))
    return figure


def _lines(axes: Axes, several: list[NDArray[np.float64]], labels: list[str], lang: Language) -> None:
    low, high = 1.0, 1.0
    vanished = []
    for index, (values, label) in enumerate(zip(several, labels, strict=True)):
        layers = np.arange(values.size)
        colour, dashes = series_style(index)
        shown = np.where(np.isfinite(values) & (values > _LOWEST) & (values < _HIGHEST), values, np.nan)
        axes.plot(
            layers,
            shown,
            color=colour,
            linestyle=dashes,
            marker="o",
            markersize=2.5,
            linewidth=1.6 * line_scale(),
            label=label,
            zorder=2.5,
        )
        if not values[0]:
            vanished.append(label)
        if np.isfinite(shown).any():
            low, high = min(low, float(np.nanmin(shown))), max(high, float(np.nanmax(shown)))
    axes.set_yscale("log")
    margin = max(2.0, (high / low) ** 0.04)  # a factor
    axes.set_ylim(low / margin, high * margin)
    axes.set_xlim(0, max(values.size for values in several) - 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(_LAYER[lang])
    if vanished:  # which a logarithmic axis cannot show
        words = _VANISHED[lang].format(names=", ".join(vanished))
        axes.text(0.02, 0.03, words, transform=axes.transAxes, fontsize=9 * text_scale(), zorder=3)
