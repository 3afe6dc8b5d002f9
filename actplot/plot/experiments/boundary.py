"""Decision regions: a square per network with the points on it, and the losses below."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from actplot.numerics.experiments.boundary import REACH, Boundary, Network
from actplot.plot.experiments import experiment_figure, series_style
from actplot.plot.style import line_scale, text_scale
from actplot.text import COLON, Language, Text

_ACCURACY = Text("{share} right", "准确率 {share}")
_STRAIGHT_THROUGH = Text("  (straight-through)", "，用直通估计（STE）训练")
_LOSS = Text("Loss while learning", "训练损失")
_EPOCH = Text("epoch", "轮次")

# Points of a class that a square shows, of those learnt from and of those held out.
_MOST_POINTS = 150
# Of the lines of losses, in points.
_WIDTH = 1.6
# From a square to the line above it, in points, and from that to the name, in sizes of text.
_PAD, _LINE = 6.0, 1.4
# The two classes: points in full colour on regions in a light one.
_ORANGE, _BLUE = "#d55e00", "#0072b2"
_REGIONS = LinearSegmentedColormap.from_list("decision", ["#f2b48a", "#ffffff", "#8ebfe0"])


def draw(result: Boundary, *, lang: Language, **options: Any) -> Figure:
    """Decision regions side by side, accuracy in each title, and a loss curve below.

    ``options`` are those of :func:`~actplot.plot.experiments.experiment_figure`.
    """
    with experiment_figure(lang, **options, w_pad=0.1, h_pad=0.12) as figure:
        across, rows = min(len(result.networks), 4), -(-len(result.networks) // 4)
        grid = figure.add_gridspec(rows + 1, across, height_ratios=[3.0] * rows + [1.6])
        for index, network in enumerate(result.networks):
            axes = figure.add_subplot(grid[index // 4, index % 4])
            _region(axes, network, result, lang)
        _losses(figure.add_subplot(grid[rows, :]), result, lang)
        told = (f"{network.activation.label}{COLON[lang]}{_scored(network, lang)}" for network in result.networks)
        figure.description = "\n".join(told)
    return figure


def _region(axes: Axes, network: Network, result: Boundary, lang: Language) -> None:
    extent = (-REACH, REACH, -REACH, REACH)
    axes.imshow(
        network.decision, origin="lower", extent=extent, cmap=_REGIONS, vmin=0, vmax=1, interpolation="bilinear"
    )
    side = np.linspace(-REACH, REACH, len(network.decision))
    if network.decision.min() < 0.5 < network.decision.max():
        axes.contour(side, side, network.decision, levels=[0.5], colors="#333333", linewidths=1.3)
    for points, edge in ((result.train, "white"), (result.held_out, "#222222")):
        for label, colour in ((0, _ORANGE), (1, _BLUE)):
            x, y = points.x[points.label == label][:_MOST_POINTS].T
            axes.scatter(x, y, s=16, color=colour, edgecolors=edge, linewidths=0.6, zorder=3)
    axes.set_xlim(-REACH, REACH)
    axes.set_ylim(-REACH, REACH)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.grid(visible=False)
    # As one text of two lines, a name with a deep letter would stand higher than others.
    size = 11 * text_scale()
    axes.set_title(network.activation.label, fontsize=size, pad=_PAD + _LINE * size)
    axes.annotate(
        _scored(network, lang),
        (0.5, 1.0),
        xycoords="axes fraction",
        xytext=(0, _PAD),
        textcoords="offset points",
        ha="center",
        va="baseline",
        fontsize=size,
        in_layout=False,  # its height is in the pad of the title, and its width may exceed that of the square
    )


def _scored(network: Network, lang: Language) -> str:
    """How often a network is right, and how it was trained where that is said."""
    share = _ACCURACY[lang].format(share=f"{network.accuracy:.1%}")
    return share + _STRAIGHT_THROUGH[lang] if network.straight_through else share


def _losses(axes: Axes, result: Boundary, lang: Language) -> None:
    for index, network in enumerate(result.networks):
        colour, dashes = series_style(index)
        axes.plot(
            network.losses,
            color=colour,
            linestyle=dashes,
            linewidth=_WIDTH * line_scale(),
            label=network.activation.label,
        )
    axes.set_xlim(0, max(1, result.epochs))
    axes.set_ylim(bottom=0)
    axes.set_xlabel(_EPOCH[lang])
    axes.set_title(_LOSS[lang], fontsize=11 * text_scale(), loc="left")
    columns = min(4, len(result.networks))
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=columns, frameon=False, borderaxespad=0.2)
