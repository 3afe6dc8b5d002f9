"""What a figure can be asked to look like: on the command line, in the command it carries, and in Python."""

import io
import math
import re
import shlex
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from command import Act, check_refusal
from conftest import first_of
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.style import context
from PIL import Image

import actplot
from actplot.cli.options import FigureOptions
from actplot.errors import BadValue, NoGlyph
from actplot.functions.catalog import CATALOG
from actplot.look import Options
from actplot.numerics.curve import SAMPLING
from actplot.options import shipped_styles
from actplot.output import metadata
from actplot.output.image import render
from actplot.plot.formula import Formula
from actplot.plot.limits import y_limits

# An option of the look in words of a command, and as keywords of draw.
LOOKS: dict[str, tuple[str, dict[str, Any]]] = {
    "transparent": ("--transparent", {"transparent": True}),
    "fontsize": ("--fontsize 12.5", {"fontsize": 12.5}),
    "linewidth": ("--linewidth 0.75", {"linewidth": 0.75}),
    "grid": ("--no-grid", {"grid": False}),
    "legend": ("--no-legend", {"legend": False}),
    "formula": ("--no-formula", {"formula": False}),
    "no_title": ("--no-title", {"title": False}),
    "panels": ("--panels df,f", {"panels": "df,f"}),
    "label": ("--label 曲线", {"label": "曲线"}),
    "color": ("--color navy --color '#ff8800'", {"color": ["navy", "#ff8800"]}),
    "xlabel": ("--xlabel '输入 $x$'", {"xlabel": "输入 $x$"}),
    "ylabel": ("--ylabel a --ylabel b", {"ylabel": ("a", "b")}),
    "ylim": ("--ylim -2 3", {"ylim": (-2, 3)}),
    "dylim": ("--dylim -0.5 1.5", {"dylim": (-0.5, 1.5)}),
    "xscale": ("--xscale symlog", {"xscale": "symlog"}),
    "yscale": ("--yscale symlog", {"yscale": "symlog"}),
    "text": ("--text text", {"text": "text"}),
}
SMALL: dict[str, Any] = dict(samples=51, lang="en", dpi=40, size=(5, 3))
WORDS = ("--samples", "51", "--lang", "en", "--dpi", "40", "--size", "5", "3")


def lines(figure: Figure, panel: int = 0) -> list[Any]:
    return [line for line in figure.axes[panel].lines if not line.get_label().startswith("_")]


@pytest.mark.parametrize("name", LOOKS)
def test_python_and_the_command_line_draw_the_same_and_the_command_says_it(name: str, act: Act) -> None:
    words, keywords = LOOKS[name]
    asked = shlex.split(words)
    form = "svg" if name == "text" else "png"
    assert act("elu", *asked, *WORDS, "--out", f"a.{form}").code == 0
    command = metadata.read(f"a.{form}")
    assert " ".join(asked) in " ".join(shlex.split(command))
    figure = actplot.draw("elu", **SMALL, **keywords)
    assert Path(f"a.{form}").read_bytes() == render(figure, form, command=command)
    plain = render(actplot.draw("elu", **SMALL), form, command=command)
    assert name == "legend" or plain != Path(f"a.{form}").read_bytes()  # a single curve has none
    assert act("again", f"a.{form}", "--out", f"b.{form}").code == 0
    assert Path(f"a.{form}").read_bytes() == Path(f"b.{form}").read_bytes()


def test_a_figure_is_drawn_anew_without_what_it_has_no_use_for(act: Act) -> None:
    assert act("elu", *WORDS, "--text", "text", "--no-title", "--out", "a.svg").code == 0
    assert act("again", "a.svg", "--title", "T", "--out", "b.png").code == 0
    command = metadata.read("b.png")
    assert "--title T" in command
    assert "--text" not in command
    assert act("again", "b.png", "--no-title", "--out", "c.svg").code == 0
    assert "--no-title" in metadata.read("c.svg")


def test_every_option_of_the_look_is_tried() -> None:
    given = {name for name in Options.__annotations__ if name not in ("lang", "layout", "style", "font", "size", "dpi")}
    assert given - {"title", "d2ylim"} == LOOKS.keys() - {"no_title"}


def test_no_parameter_is_called_like_an_option() -> None:
    """Else :func:`actplot.draw` and the command could not tell them apart."""
    parameters = {parameter.name for entry in CATALOG.values() for parameter in entry.parameters}
    assert not parameters & (FigureOptions.__dataclass_fields__.keys() | Options.__annotations__.keys() | SAMPLING)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("elu --panels f,x", "there is no panel 'x'; choose among f,df,d2f"),
        ("elu --panels f,f", "each panel is named once"),
        ("elu --order 1 --panels d2f", "the curves have order 1; give --order 2"),
        ("elu --color nvy", "--color nvy: no colour; did you mean navy?"),
        ("elu --color '#12345'", "no colour"),
        ("elu --color r --color g --color b", "--color is given 3 times for 2 lines"),
        ("compare relu gelu --label a", "--label is given once for 2 curves; give one for each curve"),
        ("elu --ylabel a --ylabel b --ylabel c", "--ylabel is given 3 times for 2 panels"),
        ("elu --ylim 3 1", "--ylim 3 1: LO must be less than HI; try --ylim 1 3"),
        ("elu --ylim 0 inf", "both ends must be finite"),
        ("elu --order 0 --dylim 0 1", "--dylim: there is no panel df"),
        ("elu --layout overlay --dylim 0 1", "--dylim needs a panel for each derivative"),
        ("elu --xscale log", "--xscale log needs a range above 0; this one begins at -5"),
        ("elu --yscale log --ylim 0 1", "--ylim 0 1: both ends must be above 0 with --yscale log"),
        ("elu --yscale logit", "unknown --yscale 'logit'; use linear, log, symlog"),
        ("elu --fontsize 40", "--fontsize 40: too large for a figure of 10 by 4 inches; try --size 16 6.4"),
        ("elu --size 3.3 1.5", "--size 3.3 1.5: must be at least 3 by 1.6 inches"),
        ("elu --size 2 1.5 --fontsize 7", "--size 2 1.5: must be at least 2.1 by 1.2 inches"),
        ("elu --size 1.5 2 --panels f", "--size 1.5 2: must be at least 1.6 by 1.6 inches"),
        ("softmax --size 3 2", "--size 3 2: must be at least 4 by 2 inches"),
        ("elu --fontsize 1", "--fontsize 1: must be from 4 to 72 points"),
        ("elu --linewidth 0", "--linewidth 0: must be from 0.1 to 20 points"),
        ("elu --text outline", "unknown --text 'outline'; use path, text"),
        ("elu --text text --out a.png", "--text is for an SVG; add --out FILE.svg, or leave it out"),
        ("gallery relu --text text", "--text is for an SVG"),
        ("elu --title a --no-title", "--title and --no-title contradict each other"),
        ("elu --alpha 1 --alpha 2 --animate a.gif --no-title", "--no-title and --animate contradict each other"),
        ("elu --alpha 1 --alpha 2 --animate a.gif --transparent", "--transparent and --animate contradict each other"),
        ("elu --out a.html --no-grid", "--no-grid has no meaning for a page (a.html)"),
        ("elu --web --ylim 0 1", "--ylim has no meaning for a page (--web)"),
        ("softmax --no-legend", "--legend needs --vary"),
        ("softmax --linewidth 1", "--linewidth needs --vary"),
        ("depth --ylim 0 1", "No such option: --ylim"),
        ("boundary --color red", "No such option: --color"),
    ],
)
def test_what_is_not_allowed_is_one_line(words: str, said: str, act: Act) -> None:
    check_refusal(act(*shlex.split(words)), 2, said)
    assert not list(Path().iterdir())


def test_python_speaks_of_arguments() -> None:
    for options, said in (
        ({"color": "nvy"}, "color='nvy': no colour"),
        ({"ylim": (3, 1)}, re.escape("ylim=(3, 1): LO must be less than HI; try ylim=(1, 3)")),
        ({"colour": "red"}, "no parameter"),
        ({"panels": ["df", "d2f"], "order": 1}, "give order=2"),
    ):
        with pytest.raises(BadValue, match=said):
            actplot.draw("gelu", **options)
    with pytest.raises(BadValue, match="colour has no meaning for a curve that is sampled already; did you mean color"):
        actplot.draw(actplot.sample("gelu"), colour="red")
    with pytest.raises(BadValue, match=r"range has no meaning for a curve"):
        actplot.draw(actplot.sample("gelu"), range=(0, 1))
    with pytest.raises(BadValue, match="draw needs a function or a curve"):
        actplot.draw()
    with pytest.raises(NoGlyph, match="U\\+E000"):
        actplot.draw("gelu", xlabel="\ue000")


def test_draw_takes_what_sample_takes() -> None:
    one = actplot.draw("elu", alpha=2.0, range=(-3, 3), samples=101, order=2, at=[1.0], lang="en")
    other = actplot.draw(actplot.sample("elu", alpha=2.0, range=(-3, 3), samples=101, order=2, at=[1.0]), lang="en")
    assert render(one, "png") == render(other, "png")
    figure = actplot.draw("relu", lambda x: x * x, actplot.sample("gelu"), lang="en")
    assert len(lines(figure)) == 3
    sine, sigmoid = (CATALOG[name].bind().range for name in ("sine", "sigmoid"))
    limits = actplot.draw("sine", "sigmoid").axes[0].get_xlim()
    assert limits == (min(sine[0], sigmoid[0]), max(sine[1], sigmoid[1]))


def test_panels_are_chosen_and_their_derivatives_computed() -> None:
    for chosen, labels in (("df", ["dy/dx"]), ("d2f,f", ["d²y/dx²", "y"]), (["f", "d2f"], ["y", "d²y/dx²"])):
        assert [axes.get_ylabel() for axes in actplot.draw("gelu", panels=chosen).axes] == labels
    (axes,) = actplot.draw("gelu", panels="d2f,f", layout="overlay", lang="en").axes
    assert axes.get_title() == "GELU function and second derivative"
    assert tuple(actplot.draw("gelu", panels="f").get_size_inches()) == (10, 4)
    assert tuple(actplot.draw("gelu", panels="f,df").get_size_inches()) == (10, 4)


def test_limits_are_those_given_and_dots_outside_are_left_out() -> None:
    figure = actplot.draw("hardshrink", ylim=(-0.25, 3.0), dylim=(0.0, 1.0))
    assert [axes.get_ylim() for axes in figure.axes] == [(-0.25, 3.0), (0.0, 1.0)]
    dots = [line for line in figure.axes[0].lines if line.get_label() == "_dots"]
    assert {float(y) for line in dots for y in line.get_ydata()} == {0.0, 0.5}  # not -0.5
    assert all(not line.get_clip_on() for line in dots)


def test_names_and_labels_stand_in_titles_legends_and_axes() -> None:
    several = actplot.draw("relu", "gelu", label=["甲", "乙"], lang="zh", xlabel="输入", ylabel=["", "斜率"])
    assert [text.get_text() for text in several.axes[0].get_legend().get_texts()] == ["甲", "乙"]
    assert [(axes.get_xlabel(), axes.get_ylabel()) for axes in several.axes] == [("输入", ""), ("输入", "斜率")]
    one = actplot.draw("elu", alpha=2.0, label="Mine", lang="en")
    assert [axes.get_title() for axes in one.axes] == ["Mine function (alpha = 2)", "Mine derivative (alpha = 2)"]


def test_what_is_left_out_is_gone() -> None:
    figure = actplot.draw("elu", formula=False, title=False, grid=False)
    for axes in figure.axes:
        assert axes.get_title() == ""
        assert not axes.texts
        assert not axes.patches
        assert not any(line.get_visible() for line in axes.get_xgridlines())
    assert actplot.draw("relu", "gelu", legend=False).axes[0].get_legend() is None


@pytest.mark.parametrize("fontsize", [8.0, 10.0, 20.0])
def test_panels_have_the_room_of_titles_that_are_left_out(fontsize: float) -> None:
    titled, bare = (actplot.draw("10000*x", fontsize=fontsize, size=(20, 8), title=title) for title in (None, False))
    bare.draw_without_rendering()
    for with_title, without in zip(titled.axes, bare.axes, strict=True):
        assert without.bbox.y1 > with_title.bbox.y1 + 0.2 * bare.dpi
        assert without.bbox.height - with_title.bbox.height == pytest.approx(without.bbox.y1 - with_title.bbox.y1)
        assert without.get_tightbbox().y1 < bare.bbox.y1


def test_colours_are_used_in_turn_and_lines_are_told_apart() -> None:
    figure = actplot.draw("gelu", color=["red", "0.5"])
    assert [to_hex(axes.lines[0].get_color()) for axes in figure.axes] == ["#ff0000", "#808080"]
    assert to_hex(figure.axes[1].title.get_color()) == "#808080"
    figure = actplot.draw("gelu", layout="overlay", color="black")
    assert [line.get_linestyle() for line in lines(figure)] == ["-", "--"]
    figure = actplot.draw(*(actplot.sample("leaky_relu", slope=n / 20) for n in range(1, 7)), color="k")
    assert len({str(line._unscaled_dash_pattern) for line in lines(figure)}) == 6


@pytest.mark.parametrize("style", first_of(sorted(shipped_styles()), 8))
def test_a_style_has_its_own_colours_and_room_for_its_text(style: str) -> None:
    """The laws of every style that matplotlib ships."""
    with context(["default", style]):
        cycle = [to_hex(each) for each in matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]]
    figure = actplot.draw("elu", style=style, lang="zh")
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    own = cycle != [to_hex(each) for each in matplotlib.rcParamsDefault["axes.prop_cycle"].by_key()["color"]]
    drawn = [to_hex(axes.lines[0].get_color()) for axes in figure.axes]
    assert not own or drawn == cycle[:2]
    assert len(set(drawn)) == 2
    check_room(figure, renderer)


def check_room(figure: Figure, renderer: Any) -> None:
    """Labels of axes are clear of those of ticks, titles, other panels and the edge of the figure."""
    panels = [axes.get_window_extent(renderer) for axes in figure.axes]
    for index, axes in enumerate(figure.axes):
        across, up, title = (
            each.get_window_extent(renderer) for each in (axes.xaxis.label, axes.yaxis.label, axes.title)
        )
        for axis, label in ((axes.xaxis, across), (axes.yaxis, up)):
            ticks = [tick.get_window_extent(renderer) for tick in axis.get_ticklabels() if tick.get_text()]
            assert not any(label.overlaps(tick) for tick in ticks)
        assert across.y0 >= 0
        assert up.x0 >= (panels[index - 1].x1 if index else 0)
        assert title.y1 <= figure.bbox.y1
        assert panels[index].width > 100
        assert panels[index].height > 60


@pytest.mark.parametrize("fontsize", [6.0, 8.0, 10.0, 16.0])
@pytest.mark.parametrize(("panels", "least"), [("f", (1.6, 1.6)), ("f,df", (3.0, 1.6)), ("f,df,d2f", (4.0, 1.6))])
def test_the_least_figure_has_its_text_on_the_page_and_its_curves_in_sight(
    panels: str, least: tuple[float, float], fontsize: float
) -> None:
    size = tuple(math.ceil(fontsize * inches - 1e-9) / 10 for inches in least)
    figure = actplot.draw("gelu", panels=panels, order=2, fontsize=fontsize, size=size, lang="en")
    figure.draw_without_rendering()
    for axes in figure.axes:
        box = axes.get_tightbbox()
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1
        values = axes.lines[0].get_ydata()
        low, high = axes.get_ylim()
        assert np.ptp(values) > 0.5 * (high - low)
    with pytest.raises(BadValue):
        actplot.draw("gelu", panels=panels, order=2, fontsize=fontsize, size=(size[0] - 0.1, size[1]))


@pytest.mark.parametrize("fontsize", [6.0, 10.0, 14.0, 20.0])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_margins_follow_the_size_of_text(fontsize: float, lang: str) -> None:
    figure = actplot.draw("tanh", range=(-3000, 3000), fontsize=fontsize, lang=lang, title="T")
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    check_room(figure, renderer)
    sizes = {axes.xaxis.get_ticklabels()[0].get_fontsize() for axes in figure.axes}
    assert sizes == {fontsize}
    assert figure.axes[0].xaxis.label.get_fontsize() == pytest.approx(1.1 * fontsize)


def test_a_style_file_with_larger_text(tmp_path: Path) -> None:
    (tmp_path / "big.mplstyle").write_text("font.size: 18\n")
    figure = actplot.draw("elu", style=str(tmp_path / "big.mplstyle"))
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    check_room(figure, renderer)
    assert figure.axes[0].title.get_fontsize() > 18


def pixels(figure: Figure) -> np.ndarray:
    with Image.open(io.BytesIO(render(figure, "png"))) as picture:
        return np.asarray(picture)


@pytest.mark.parametrize("way", ["option", "style", "savefig", "dark"])
def test_a_transparent_figure_has_readable_formulas(way: str, tmp_path: Path) -> None:
    ground = "axes.facecolor: none\nfigure.facecolor: none\n"
    styles = {"style": ground, "savefig": "savefig.transparent: True\n", "dark": f"text.color: white\n{ground}"}
    options: dict[str, Any] = {"transparent": True}
    if way != "option":
        (tmp_path / "own.mplstyle").write_text(styles[way])
        options = {"style": str(tmp_path / "own.mplstyle")}
    figure = actplot.draw("elu", dpi=50, **options)
    drawn = pixels(figure)
    assert drawn.shape[2] == 4
    assert drawn[2, 2, 3] == 0
    assert (drawn[..., 3] == 0).mean() > 0.8  # no box
    for axes in figure.axes:
        assert [type(patch) for patch in axes.patches] == [Formula] * len(axes.patches)
        assert to_hex(axes.patches[0].get_facecolor()) == ("#ffffff" if way == "dark" else "#000000")
    assert to_hex(figure.axes[0].lines[0].get_color()) == ("#6ea8ff" if way == "dark" else "#1f5fc4")


def test_only_the_panels_of_a_style_are_transparent(tmp_path: Path) -> None:
    (tmp_path / "own.mplstyle").write_text("axes.facecolor: none\n")
    drawn = pixels(actplot.draw("elu", dpi=50, style=str(tmp_path / "own.mplstyle")))
    assert drawn.shape[2] == 3
    assert (drawn.mean(axis=2) < 60).mean() < 0.02  # no black boxes


@pytest.mark.parametrize("name", ["sigmoid", "gaussian", "softplus"])
def test_a_logarithmic_axis_holds_what_is_above_0(name: str) -> None:
    figure = actplot.draw(name, range=(-6, 6), yscale="log", panels="f")
    (axes,) = figure.axes
    curve = actplot.sample(name, range=(-6, 6))
    low, high = axes.get_ylim()
    assert axes.get_yscale() == "log"
    assert 0 < low < curve.y.min() < curve.y.max() < high
    x, y = axes.lines[0].get_data()
    shown = axes.transData.transform(np.column_stack([x, y]))
    assert np.isfinite(shown).all()


def test_a_logarithmic_axis_has_gaps_where_nothing_is_above_0() -> None:
    (axes,) = actplot.draw("x**3 - x", range=(-2, 2), yscale="log", panels="f", formula=False).axes
    shown = axes.transData.transform(np.column_stack(axes.lines[0].get_data()))
    below = np.asarray(axes.lines[0].get_ydata()) <= 0
    assert np.isnan(shown[below][:, 1]).all()
    with pytest.raises(BadValue, match="nothing of -x\\*x lies above 0"):
        actplot.draw("-x*x", range=(-2, -1), yscale="log")


@pytest.mark.parametrize(("scale", "range"), [("log", (1e-3, 1e3)), ("symlog", (-1e3, 1e3))])
def test_points_are_spread_as_the_axis_is(scale: str, range: tuple[float, float]) -> None:
    curve = actplot.sample("x**2", range=range, xscale=scale, samples=600)
    assert (curve.x[0], curve.x[-1]) == range
    (axes,) = actplot.draw(curve, xscale=scale, panels="f").axes
    shown = axes.transData.transform(np.column_stack([curve.x, np.ones_like(curve.x)]))[:, 0]
    assert np.diff(shown).max() < 4 * np.median(np.diff(shown))
    assert axes.get_xlim() == range


@pytest.mark.parametrize("scale", ["linear", "symlog"])
def test_limits_hold_the_curve_with_a_margin(scale: str) -> None:
    curve = actplot.sample("x**3 - x", range=(-100, 100))
    low, high = y_limits([curve], ["y"], scale)
    figure = actplot.draw(curve, yscale=scale, formula=False)
    assert figure.axes[0].get_ylim() == pytest.approx((low, high))
    bottom, top = (figure.axes[0].transAxes.inverted().transform(figure.axes[0].transData.transform((0, y)))[1]
                   for y in (curve.y.min(), curve.y.max()))  # fmt: skip
    assert (bottom, 1 - top) == pytest.approx((0.06 / 1.12, 0.06 / 1.12), abs=0.01)


# A figure whose size is changed from Python


@pytest.mark.parametrize("size", [(5, 3), (7, 4), (14, 5)])
@pytest.mark.parametrize("several", [False, True])
def test_a_figure_of_another_size_is_as_if_it_had_been_made_so(size: tuple[float, float], several: bool) -> None:
    names = ("relu", "gelu") if several else ("elu",)
    figure, fresh = actplot.draw(*names, title="T"), actplot.draw(*names, title="T", size=size)
    render(figure, "png")
    figure.set_size_inches(size)
    assert render(figure, "png") == render(fresh, "png")
    assert render(figure, "svg") == render(fresh, "svg")


def test_what_the_user_has_changed_stays() -> None:
    figure = actplot.draw("gelu")
    figure.axes[0].set_ylim(-1, 2)
    figure.axes[1].set_title("mine")
    figure.set_size_inches(6, 3)
    render(figure, "png")
    assert figure.axes[0].get_ylim() == (-1, 2)
    assert figure.axes[1].get_title() == "mine"
    assert figure.axes[0].get_position().bounds[0] == pytest.approx(0.75 / 6)


def test_other_dots_per_inch_keep_the_layout() -> None:
    figure, fresh = actplot.draw("elu"), actplot.draw("elu", dpi=60)
    figure.set_dpi(60)
    one, other = (pixels(each).astype(int) for each in (figure, fresh))
    assert one.shape == other.shape
    assert (np.abs(one - other).max(axis=2) > 60).mean() < 0.003
