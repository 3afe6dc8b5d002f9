"""The picture of depth: the size of the signal, and of the gradient, layer by layer."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from actplot.numerics.experiments.depth import Depth
from actplot.plot.encoding import cycle_style
from actplot.plot.experiments import page
from actplot.text import Language, Text

_STD = Text("Standard deviation of the activations", "激活值的标准差")
_GRADIENT = Text("Gradient norm, back from the last layer", "梯度范数（由末层向回传）")
_LAYER = Text("layer", "层")
_GONE = Text("0 at the first layer: {names}", "首层为 0：{names}")
# Beyond these a line leaves the panel: what is smaller has vanished, what is larger has exploded.
_LOWEST, _HIGHEST = 1e-30, 1e30


def draw(result: Depth, *, lang: Language, **look: Any) -> Figure:
    """Standard deviations on the left, gradient norms on the right, both on logarithmic axes."""
    with page(lang, **look, w_pad=0.12, h_pad=0.1, wspace=0.04) as figure:
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
    gone = []
    for index, (values, label) in enumerate(zip(several, labels, strict=True)):
        layers = np.arange(values.size)
        colour, dashes = cycle_style(index)
        seen = np.where(np.isfinite(values) & (values > _LOWEST) & (values < _HIGHEST), values, np.nan)
        axes.plot(
            layers,
            seen,
            color=colour,
            linestyle=dashes,
            marker="o",
            markersize=2.5,
            linewidth=1.6,
            label=label,
            zorder=2.5,
        )
        if not values[0]:
            gone.append(label)
        if np.isfinite(seen).any():
            low, high = min(low, float(np.nanmin(seen))), max(high, float(np.nanmax(seen)))
    axes.set_yscale("log")
    room = max(2.0, (high / low) ** 0.04)
    axes.set_ylim(low / room, high * room)
    axes.set_xlim(0, max(values.size for values in several) - 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(_LAYER[lang])
    if gone:  # which a logarithmic axis cannot show
        words = _GONE[lang].format(names=", ".join(gone))
        axes.text(0.02, 0.03, words, transform=axes.transAxes, fontsize=9, zorder=3)
