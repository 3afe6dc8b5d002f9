"""Figures, by their artists: lines, dots, titles, formulas."""

import sys
from typing import Any

import matplotlib
import numpy as np
import pytest
from conftest import SOME, typical_case
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox
from numpy.testing import assert_array_equal

import actplot
from actplot.errors import BadValue
from actplot.functions.formula import mathtext
from actplot.numerics.curve import Curve
from actplot.output.image import render
from actplot.plot.figure import CurveFigure
from actplot.plot.formula import Formula


def curves(axes: Axes) -> list[Line2D]:
    return [line for line in axes.lines if line.get_linestyle() != "None"]


def dots(axes: Axes) -> tuple[set[tuple[float, float]], set[tuple[float, float]]]:
    """Where the open and the filled dots are."""
    kinds: dict[bool, set[tuple[float, float]]] = {True: set(), False: set()}
    for line in axes.lines:
        if line.get_linestyle() == "None":
            filled = to_rgb(line.get_markerfacecolor()) == to_rgb(line.get_color())
            kinds[filled] |= set(zip(line.get_xdata(), line.get_ydata(), strict=True))
    return kinds[False], kinds[True]


def renderer_of(figure: Figure) -> Any:
    """What a figure measures text with."""
    return figure.canvas.get_renderer()  # type: ignore[attr-defined]


def draw(name: str, **options: object) -> Figure:
    parameters = {key: options.pop(key) for key in list(options) if key in actplot.CATALOG[name].defaults}
    return actplot.draw(actplot.sample(name, **parameters), **{"lang": "en", **options})  # type: ignore[arg-type]


def test_two_panels_function_left_derivative_right() -> None:
    curve = actplot.sample("sigmoid")
    left, right = actplot.draw(curve, lang="zh").axes
    assert_array_equal(left.lines[0].get_ydata(), curve.y)
    assert_array_equal(right.lines[0].get_ydata(), curve.dy)
    assert (left.get_title(), right.get_title()) == ("Sigmoid 函数曲线图", "Sigmoid 函数导数曲线图")
    assert [axes.get_xlabel() for axes in (left, right)] == ["x", "x"]
    assert [axes.get_ylabel() for axes in (left, right)] == ["y", "dy/dx"]
    blue, red, title = (
        to_rgb(c) for c in (left.lines[0].get_color(), right.lines[0].get_color(), right.title.get_color())
    )
    assert np.argmax(blue) == 2
    assert np.argmax(red) == 0
    assert title == red


def test_parameters_stand_in_the_title_when_they_are_not_defaults() -> None:
    curve = actplot.sample("leaky_relu", slope=0.03)
    assert actplot.draw(curve, lang="zh").axes[0].get_title() == "Leaky ReLU 函数曲线图（slope = 0.03）"
    assert actplot.draw(curve, lang="en").axes[1].get_title() == "Leaky ReLU derivative (slope = 0.03)"
    assert "slope" not in draw("leaky_relu", slope=0.01).axes[0].get_title()


def test_a_jump_has_open_dots_at_its_limits_and_a_filled_one_at_the_value() -> None:
    left, right = draw("hardshrink").axes
    assert dots(left) == ({(-0.5, -0.5), (-0.5, 0), (0.5, 0), (0.5, 0.5)}, {(-0.5, 0), (0.5, 0)})
    assert dots(right)[1] == {(-0.5, 0), (0.5, 0)}
    left, right = draw("elu", alpha=2).axes
    assert dots(left) == (set(), set())
    assert dots(right) == ({(0, 2), (0, 1)}, {(0, 2)})
    left, right = draw("gelu").axes
    assert dots(left) == dots(right) == (set(), set())


def test_a_dot_at_the_end_of_the_range_has_one_side() -> None:
    right = actplot.draw(actplot.sample("relu", range=(0, 2)), lang="en").axes[1]
    assert dots(right) == ({(0, 1)}, {(0, 0)})


@pytest.fixture(
    scope="module",
    params=[typical_case(function.name, function) for function in SOME],
    ids=[f"{function.name}-{function.parameters}" for function in SOME],
)
def drawn(request: pytest.FixtureRequest) -> tuple[Curve, Figure]:
    """A function of the catalog, drawn once for all the laws about it."""
    curve = actplot.sample(request.param)
    return curve, actplot.draw(curve, lang="en")


def test_no_stroke_across_a_break(drawn: tuple[Curve, Figure]) -> None:
    curve, figure = drawn
    poles = [at.x for at in curve.breaks if np.isinf([at.y_left, at.y_right]).any()]
    for axes in figure.axes:
        height = np.diff(axes.get_ylim())[0]
        for line in curves(axes):
            x, y = line.get_xdata(), line.get_ydata()
            upright = (np.diff(x) < 1e-9) & (np.abs(np.diff(y)) > 1e-6 * height)
            for pole in poles:  # which a curve does approach upright
                upright &= np.abs(x[1:] - pole) > 1e-3
            assert not upright.any()


def test_formula_is_off_the_curve_and_inside_its_panel(drawn: tuple[Curve, Figure]) -> None:
    curve, figure = drawn
    renderer = renderer_of(figure)
    for axes, expected in zip(figure.axes, (curve.function.formula, curve.function.derivative), strict=True):
        assert expected is not None
        lines = [patch for patch in axes.patches if isinstance(patch, Formula)]
        assert lines, "no formula"
        (backdrop,) = (patch for patch in axes.patches if patch not in lines)
        box = backdrop.get_window_extent(renderer)
        for line in lines:
            covered = line.get_window_extent(renderer)
            assert (covered.min >= box.min).all()
            assert (covered.max <= box.max).all()
        assert Bbox.intersection(box, axes.bbox).size == pytest.approx(box.size)
        for line in curves(axes):
            points = axes.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()]))
            inside = (points > box.min).all(axis=1) & (points < box.max).all(axis=1)
            assert not inside.any()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("name", "parameters"), [("hardtanh", {"min_val": -1.2345678, "max_val": 1.2345678}), ("relu", {})]
)
@pytest.mark.parametrize("size", [(4, 2), (10, 4), (20, 12)])
def test_titles_stay_apart_and_on_the_page(
    lang: str, name: str, parameters: dict[str, float], size: tuple[float, float]
) -> None:
    figure = actplot.draw(actplot.sample(name, **parameters), lang=lang, size=size)
    renderer = renderer_of(figure)
    left, right = (axes.title.get_window_extent(renderer) for axes in figure.axes)
    assert left.x1 < right.x0
    assert left.x0 >= 0
    assert right.x1 <= figure.bbox.x1
    assert max(left.y1, right.y1) <= figure.bbox.y1


def test_every_panel_of_the_catalog_shows_zero_and_covers_no_level_axis(drawn: tuple[Curve, Figure]) -> None:
    curve, figure = drawn
    if curve.function.non_default:
        return
    for axes in figure.axes:
        low, high = axes.get_ylim()
        assert low < 0 < high, axes.get_title()
        zero = axes.transData.transform((0.0, 0.0))[1]
        for patch in axes.patches:
            box = patch.get_window_extent()
            assert not box.y0 < zero < box.y1, axes.get_title()


def test_zero_is_left_out_where_curves_would_be_squeezed() -> None:
    for middle, is_seen in ((1.4, True), (1.6, False), (-1.4, True), (-1.6, False)):
        low, high = actplot.draw(f"{middle} + sin(x)/2").axes[0].get_ylim()
        assert (low < 0 < high) == is_seen, middle


def test_an_axis_says_what_x_is() -> None:
    assert {axes.get_xlabel() for axes in draw("hinge").axes} == {"prediction x"}
    assert {axes.get_xlabel() for axes in draw("hinge", lang="zh").axes} == {"预测值 x"}
    assert draw("hinge", xlabel="score").axes[0].get_xlabel() == "score"
    assert actplot.draw("mse", "mae", lang="en").axes[0].get_xlabel() == "prediction x"
    assert actplot.draw("mse", "relu", lang="en").axes[0].get_xlabel() == "x"


def test_a_constant_gets_room_and_zero_in_sight() -> None:
    low, high = draw("identity").axes[1].get_ylim()
    assert low < 0 < 1 < high
    assert high - low > 1


def test_panels_of_all_figures_line_up(drawn: tuple[Curve, Figure]) -> None:
    # Margins of 0.75, 0.25, 0.6 and 0.55 inches, and 0.8 between the panels.
    for axes, left in zip(drawn[1].axes, (0.75, 0.75 + 4.1 + 0.8), strict=True):
        assert axes.get_position().bounds == pytest.approx((left / 10, 0.6 / 4, 4.1 / 10, 2.85 / 4))


def test_overlay_has_both_in_one_panel() -> None:
    (axes,) = draw("tanh", layout="overlay").axes
    assert len(curves(axes)) == 2
    legend = axes.get_legend()
    assert legend is not None
    assert [label.get_text() for label in legend.get_texts()] == ["function", "derivative"]


def test_several_curves_share_the_panels_with_a_legend() -> None:
    several = [actplot.sample("leaky_relu", slope=slope) for slope in (0.01, 0.1, 0.3)]
    left, right = actplot.draw(*several, lang="zh").axes
    for axes in (left, right):
        assert len(curves(axes)) == 3
        assert len({line.get_color() for line in curves(axes)}) == 3
        legend = axes.get_legend()
        assert legend is not None
        assert [label.get_text() for label in legend.get_texts()] == ["slope = 0.01", "slope = 0.1", "slope = 0.3"]
    assert [a.get_color() for a in curves(left)] == [b.get_color() for b in curves(right)]


def test_a_title_of_ones_own_stands_above_both() -> None:
    figure = draw("relu", title="自己的标题")
    assert figure.get_suptitle() == "自己的标题"
    assert figure.axes[0].get_title() == "ReLU function"


def test_a_dark_style_gets_lines_and_labels_that_can_be_seen() -> None:
    left, _ = draw("relu", style="dark_background").axes
    brightness = [sum(to_rgb(c)) / 3 for c in (left.lines[0].get_color(), left.xaxis.get_ticklabels()[0].get_color())]
    assert min(brightness) > 0.4
    assert sum(to_rgb(left.get_facecolor())) == 0


def test_draws_without_pyplot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)  # of a test of windows
    draw("relu")
    assert "matplotlib.pyplot" not in sys.modules


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lang": "fr"}, "'fr' is no language"),
        ({"layout": "up"}, "unknown layout 'up'"),
        ({"style": "ggplo"}, "unknown style 'ggplo'; did you mean ggplot"),
        ({"size": (1, 1)}, "at least 3 by 1.6 inches"),
        ({"size": (100, 100), "dpi": 1000}, "must stay below"),
        ({"dpi": 0}, "must be at least 10"),
    ],
)
def test_options_that_are_not_allowed(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadValue, match=message):
        draw("relu", **options)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_panel_for_each_derivative(order: int) -> None:
    curve = actplot.sample("gelu", order=order)
    figure = actplot.draw(curve, lang="en")
    drawn = [axes.lines[0].get_ydata() for axes in figure.axes]
    for line, values in zip(drawn, (curve.y, curve.dy, curve.d2y), strict=False):
        assert_array_equal(line, values)
    assert len(drawn) == order + 1
    assert [axes.get_ylabel() for axes in figure.axes] == ["y", "dy/dx", "d²y/dx²"][: order + 1]
    assert figure.axes[-1].get_title() == ["GELU function", "GELU derivative", "GELU second derivative"][order]
    assert len(actplot.draw(curve, layout="overlay").axes) == 1


def test_panels_keep_their_width_when_there_are_more() -> None:
    two, three = (actplot.draw(actplot.sample("gelu", order=order)) for order in (1, 2))
    assert three.axes[2].bbox.width == pytest.approx(two.axes[1].bbox.width, rel=1e-9)


def test_curves_of_different_orders_do_not_mix() -> None:
    with pytest.raises(BadValue, match="different orders"):
        actplot.draw(actplot.sample("gelu"), actplot.sample("relu", order=2))


def test_a_second_derivative_is_cut_where_it_jumps() -> None:
    curve = actplot.sample("squared_relu", order=2)
    (at,) = curve.breaks
    assert (at.x, at.d2y_left, at.d2y_right) == (0.0, 0.0, 2.0)
    left, middle, right = actplot.draw(curve).axes
    assert np.isfinite(left.lines[0].get_ydata()).all()
    assert np.isfinite(middle.lines[0].get_ydata()).all()
    assert np.isnan(right.lines[0].get_ydata()).sum() == 1
    assert dots(left) == dots(middle) == (set(), set())
    assert {(0.0, 0.0), (0.0, 2.0)} <= dots(right)[0] | dots(right)[1]


@pytest.mark.parametrize("text", ["1/x", "tan(x)", "1/x**2", "log(abs(x))", "1/(x - 1)/(x + 2)"])
def test_a_pole_is_neither_joined_nor_squeezes_the_rest(text: str) -> None:
    curve = actplot.sample(text, range=(-5, 5))
    for axes, quantity in zip(actplot.draw(curve).axes, ("y", "dy"), strict=True):
        values = np.asarray(axes.lines[0].get_ydata())
        assert np.isnan(values[np.isin(curve.x, [at.x for at in curve.breaks])]).all()
        low, high = axes.get_ylim()
        # Half of the curve, by its length along x.
        even = np.interp(
            np.linspace(-4.97, 4.98, 200), curve.x, np.nan_to_num(getattr(curve, quantity), posinf=0, neginf=0)
        )
        middle = np.quantile(even, [0.25, 0.75])
        assert low < middle[0] < middle[1] < high
        assert high - low < 100 * (middle[1] - middle[0])
        asymptotes = {
            segment[0][0] for lines in axes.collections for segment in lines.get_segments() if len(segment) == 2
        }
        assert {at.x for at in curve.breaks} <= asymptotes
        for patch in axes.patches:
            box = patch.get_window_extent().transformed(axes.transData.inverted())
            assert not any(box.x0 < at.x < box.x1 for at in curve.breaks), "a formula covers an asymptote"


def test_where_there_is_no_value_there_is_no_line() -> None:
    curve = actplot.sample("sqrt(x)", range=(-3, 1))
    assert curve.undefined == pytest.approx(0.75)
    x, y = actplot.draw(curve).axes[0].lines[0].get_data()
    assert np.isnan(np.asarray(y)[np.asarray(x) < 0]).all()
    assert np.isfinite(np.asarray(y)[np.asarray(x) > 0]).all()


def test_a_sweep_is_told_apart_by_what_varies() -> None:
    curves_ = [actplot.sample("hardtanh", min_val=-2.0, max_val=high) for high in (0.5, 1.0, 2.0)]
    for axes, title in zip(actplot.draw(*curves_, lang="zh").axes, ("函数曲线图", "函数导数曲线图"), strict=True):
        assert axes.get_title() == f"Hardtanh {title}（min_val = -2）"
        assert [text.get_text() for text in axes.get_legend().get_texts()] == [
            "max_val = 0.5",
            "max_val = 1",
            "max_val = 2",
        ]


def is_inside(box: Bbox, axes: Axes) -> bool:
    """Whether a box lies within a panel, to a pixel."""
    panel = axes.bbox.padded(1)
    return all(map(panel.containsx, box.intervalx)) and all(map(panel.containsy, box.intervaly))


OVERLAYS = [
    ["relu", "gelu", "silu", "mish"],
    ["sigmoid", "tanh"],
    ["sine", "cosine"],
    ["hardshrink", "softshrink", "tanhshrink", "sign"],
    ["relu", "gelu", "silu", "mish", "elu", "selu", "softplus", "tanh", "sigmoid", "hard_swish", "sine", "gaussian"],
]


@pytest.mark.parametrize("names", OVERLAYS, ids=lambda names: f"{len(names)} from {names[0]}")
@pytest.mark.parametrize("layout", ["side", "overlay"])
def test_the_legend_is_off_the_curves_and_inside_its_panel(names: list[str], layout: str) -> None:
    if layout == "overlay" and len(names) > 4:
        return  # two dozen lines fill one panel
    figure = actplot.draw(*(actplot.sample(name, range=(-5, 5)) for name in names), layout=layout, lang="en")
    renderer = renderer_of(figure)
    for axes in figure.axes:
        legend = axes.get_legend()
        box = legend.get_window_extent(renderer)
        assert is_inside(box, axes)
        for line in curves(axes):
            points = axes.transData.transform(np.column_stack(line.get_data()))
            points = points[np.isfinite(points).all(axis=1)]
            assert not ((points > box.min) & (points < box.max)).all(axis=1).any(), line.get_label()


@pytest.mark.parametrize("size", [(1.6, 1.6), (1.8, 1.6), (2.4, 1.8), (4.0, 3.0)])
@pytest.mark.parametrize("count", [2, 5, 12])
def test_a_legend_is_not_larger_than_its_panel(size: tuple[float, float], count: int) -> None:
    curves = [actplot.sample("leaky_relu", slope=n / 10) for n in range(1, count + 1)]
    figure = actplot.draw(*curves, panels="f", size=size, lang="en")
    (axes,) = figure.axes
    if (legend := axes.get_legend()) is not None:
        assert is_inside(legend.get_window_extent(renderer_of(figure)), axes)
    else:
        assert size < (4.0, 3.0)


def formulas(axes: Axes) -> list[str]:
    return [patch.text for patch in axes.patches if isinstance(patch, Formula)]


def test_curves_with_the_same_formula_show_it_off_the_legend() -> None:
    elu = actplot.CATALOG["elu"]
    sweep = [actplot.sample("elu", alpha=alpha) for alpha in (0.1, 3.0)]
    expected = [
        [f"${line}$" for line in mathtext(written, symbol)]
        for written, symbol in ((elu.formula, "f(x)"), (elu.derivative, "f'(x)"))
    ]
    figures = [actplot.draw(*sweep)]
    assert [formulas(axes) for axes in figures[0].axes] == expected
    for overlay in (actplot.draw(*sweep, layout="overlay"), actplot.draw("elu", layout="overlay")):
        assert [formulas(axes) for axes in overlay.axes] == [[*expected[0], *expected[1]]]
        figures.append(overlay)
    for axes in (axes for each in figures for axes in each.axes):
        legend = axes.get_legend()
        assert not any(legend.get_window_extent().overlaps(patch.get_window_extent()) for patch in axes.patches)
    assert not any(formulas(axes) for axes in actplot.draw("relu", "gelu").axes)
    assert not any(formulas(axes) for axes in actplot.draw(*sweep, formula=False).axes)


def test_colours_of_twelve_curves_differ_in_colour_or_dashes() -> None:
    figure = actplot.draw(*(actplot.sample("leaky_relu", slope=n / 20) for n in range(12)))
    styles = [(line.get_color(), line.get_linestyle()) for line in curves(figure.axes[0])]
    assert len(set(styles)) == 12


def test_a_curve_that_is_moved_is_drawn_like_a_fresh_one() -> None:
    """Whatever the settings of matplotlib around it."""
    first, other = (actplot.sample("tanh", range=(-3, 3), samples=n) for n in (51, 61))
    with matplotlib.rc_context({"lines.linewidth": 7, "lines.antialiased": False}):
        moved = CurveFigure()
        picture = moved.draw(first)
        moved.move(other)
        assert render(picture, "png") == render(actplot.draw(other), "png")
