"""A few figures without their text, pixel by pixel: smooth, kink, jump, two parameters, several curves.

Made with the versions in constraints.txt; ``make baseline`` makes them anew.
"""

import pytest
from matplotlib.figure import Figure

import actplot

snapshot = pytest.mark.mpl_image_compare(style="default", remove_text=True, savefig_kwargs={"dpi": 60})


def bare(figure: Figure) -> Figure:
    """The figure without the text that ``remove_text`` spares: glyphs move between versions of FreeType."""
    for axes in figure.axes:
        axes.set_xlabel("")
        axes.set_ylabel("")
        for artist in (*axes.texts, *axes.patches):
            artist.remove()
        if legend := axes.get_legend():
            legend.remove()
    return figure


@snapshot
def test_smooth() -> Figure:
    return bare(actplot.draw(actplot.sample("gelu"), lang="en"))


@snapshot
def test_kink() -> Figure:
    return bare(actplot.draw(actplot.sample("elu", alpha=2.0), lang="en"))


@snapshot
def test_jump_is_not_joined() -> Figure:
    return bare(actplot.draw(actplot.sample("hardshrink", lambd=0.75), lang="en"))


@snapshot
def test_two_parameters() -> Figure:
    curve = actplot.sample("hardtanh", min_val=-2.0, max_val=0.5)
    return bare(actplot.draw(curve, lang="en", style="dark_background"))


@snapshot
def test_several_curves() -> Figure:
    return bare(actplot.draw(*(actplot.sample("leaky_relu", slope=s) for s in (0.01, 0.2, 0.5)), lang="en"))
