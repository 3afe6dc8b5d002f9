"""What a figure is drawn as is decided once: matplotlib, the page and the terminal show what the encoding says."""

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from browser import needs_browser, serve
from matplotlib import rcParamsDefault
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from rich.console import Console

import actplot
import actplot.page
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function, tell_apart
from actplot.numerics.curve import Curve
from actplot.options import SIZE, Style
from actplot.output import terminal
from actplot.page import entries
from actplot.plot.encoding import PATTERNS, QUANTITIES, SYMBOLS, Background, Encoding, PanelEncoding
from actplot.plot.figure import CurveFigure
from actplot.plot.style import drawing, line_cycle

ONE = [CATALOG["gelu"].bind()]
SWEEP = [CATALOG["leaky_relu"].bind(slope=slope) for slope in (0.1, 0.2, 0.5)]
SEVERAL = [CATALOG[name].bind() for name in ("relu", "gelu", "silu", "tanh", "sigmoid", "sine", "mish", "elu")]
TWELVE = [CATALOG["leaky_relu"].bind(slope=0.05 * n) for n in range(1, 13)]
SCRIPTS = Path(actplot.page.__file__).parent / "js"
# Lengths of strokes and gaps in widths of the line, in matplotlib.
DASHES = {"-": []} | {
    **{
        mark: rcParamsDefault[f"lines.{name}_pattern"]
        for mark, name in {"--": "dashed", ":": "dotted", "-.": "dashdot"}.items()
    },
    **{mark: list(pattern) for mark, pattern in PATTERNS.items()},
}
HEADINGS = ("first", "second", "third")


class Spec(NamedTuple):
    """A figure and the curves on it."""

    curves: list[Curve]
    encoding: Encoding

    @property
    def panels(self) -> tuple[PanelEncoding, ...]:
        return self.encoding.panels([curve.function for curve in self.curves])


SPECS = {
    **{f"one-{order}-{way}": (ONE, Encoding(order, way, "zh")) for order in (0, 1, 2) for way in ("side", "overlay")},
    "parameter": ([CATALOG["elu"].bind(alpha=2.0)], Encoding(1, "side", "en")),
    "jump": ([CATALOG["hardshrink"].bind()], Encoding(2, "side", "en")),
    "chinese": ([CATALOG["hinge"].bind()], Encoding(1, "side", "zh")),
    "losses": ([CATALOG[name].bind() for name in ("mse", "mae")], Encoding(1, "overlay", "en")),
    "loss-and-other": ([CATALOG[name].bind() for name in ("mse", "relu")], Encoding(1, "side", "zh")),
    "sweep-side": (SWEEP, Encoding(1, "side", "zh")),
    "sweep-overlay": (SWEEP, Encoding(2, "overlay", "en")),
    "common": ([CATALOG["hardtanh"].bind(min_val=-2.0, max_val=high) for high in (0.5, 1.0)], Encoding(0, lang="en")),
    "several-side": (SEVERAL, Encoding(2, "side", "zh")),
    "several-overlay": (SEVERAL[:6], Encoding(1, "overlay", "en")),
    "twelve-overlay": (TWELVE, Encoding(2, "overlay", "en")),
    "title-side": (ONE, Encoding(1, "side", "en", "T")),
    "title-overlay": (ONE, Encoding(1, "overlay", "en", "T")),
    "headings-side": (SWEEP, Encoding(1, "side", "zh", None, HEADINGS[:2])),
    "headings-overlay": (SWEEP, Encoding(1, "overlay", "zh", None, HEADINGS[:2])),
    "both": (SWEEP, Encoding(2, "side", "en", "T", HEADINGS[:1])),
}


@pytest.fixture(scope="module", params=SPECS)
def spec(request: pytest.FixtureRequest) -> Spec:
    functions, encoding = SPECS[request.param]
    curves = [actplot.sample(each, range=(-2, 2), samples=20, order=encoding.order, at=[0.5]) for each in functions]
    return Spec(curves, encoding)


def curves_on(axes: Axes) -> list[Line2D]:
    return [line for line in axes.lines if not str(line.get_label()).startswith("_")]


@pytest.mark.parametrize("style", [None, "dark_background"])
def test_matplotlib_draws_what_the_encoding_says(spec: Spec, style: str | None) -> None:
    curves, encoding = spec
    figure = CurveFigure(
        order=encoding.order,
        lang=encoding.lang,
        layout=encoding.layout,
        title=encoding.title,
        headings=encoding.headings,
        style=style,
        dpi=50,
    ).draw(*curves)
    with drawing(style=style):
        own = replace(encoding, cycle=line_cycle())  # of a style that has colours of its own
    assert bool(own.cycle) == (style is not None)
    panels = own.panels([curve.function for curve in curves])
    assert figure.get_suptitle() == (encoding.figure_title or "")
    background: Background = "light" if style is None else "dark"
    for axes, panel in zip(figure.axes, panels, strict=True):
        check_panel(axes, panel, curves, background)


def check_panel(axes: Axes, panel: PanelEncoding, curves: Sequence[Curve], background: Background) -> None:
    assert axes.get_title() == panel.title
    assert (axes.get_xlabel(), axes.get_ylabel()) == (panel.x_label, panel.y_label)
    text_colour = {"light": "#000000", "dark": "#ffffff"}[background]
    expected = panel.title_colour.on(background) if panel.title_colour else text_colour
    assert to_hex(axes.title.get_color()) == expected
    for line, encoded in zip(curves_on(axes), panel.lines, strict=True):
        assert to_hex(line.get_color()) == encoded.colour.on(background)
        assert line.get_label() == encoded.label
        assert list(line._unscaled_dash_pattern[1] or []) == DASHES[encoded.dashes]
        assert list(line.get_xdata()) == list(curves[encoded.curve].x)
    dots = {to_hex(line.get_color()) for line in axes.lines if line.get_label() in ("_dots", "_at")}
    assert dots == {encoded.colour.on(background) for encoded in panel.lines}
    legend = axes.get_legend()
    assert (legend is not None) == panel.has_legend
    if legend is not None:
        assert [label.get_text() for label in legend.get_texts()] == [encoded.label for encoded in panel.lines]


# Titles, colours, dashes and labels of each panel, as the modules of the page decide them.
_ON_THE_PAGE = """
const [specs, encoding, grounds, done] = arguments;
Promise.all(['encoding', 'scene', 'sampling'].map((name) => import(`/${name}.js`))).then((modules) => {
  const { Looks, tellApart, layersOf, panelsOf, titleOf, xLabelOf, PARTS } = Object.assign({}, ...modules);
  done(specs.map(({ titled, state, headings }) => {
    const looks = new Looks(encoding);
    if (headings) looks.headings = { names: titled.map((each) => each.name), words: { zh: headings, en: headings } };
    const labels = tellApart(titled);
    const drawn = titled.map((each, i) => (
      { titled: each, label: labels[i], index: titled.length > 1 ? i : null, isHidden: false }
    ));
    return panelsOf(state).map((orders) => ({
      parts: orders.map((order) => PARTS[order]),
      labels,
      xLabel: xLabelOf(drawn, looks, state),
      ...Object.fromEntries(grounds.map((ground) => [ground, {
        title: titleOf(drawn, orders, looks, state, { ground }),
        lines: layersOf(drawn, orders, looks, ground).map(({ order, colour, dash }) => [PARTS[order], colour, dash]),
      }])),
    }));
  }));
}, (error) => done(String(error)));
"""


@needs_browser
def test_the_page_draws_what_the_encoding_says(chromium: Any) -> None:
    asked = {name: spec for name, spec in SPECS.items() if spec[1].title is None and name != "headings-overlay"}
    given = [
        {
            "titled": [
                {
                    "name": each.name,
                    "title": each.title,
                    "chinese": each.title_in("zh"),
                    "variable": each.variable and entries.both(each.variable),
                    "parameters": each.parameters,
                    "defaults": CATALOG[each.name].defaults,
                }
                for each in functions
            ],
            "state": {"order": encoding.order, "layout": encoding.layout, "lang": encoding.lang},
            "headings": list(encoding.headings) or None,
        }
        for functions, encoding in asked.values()
    ]
    with serve(SCRIPTS) as address:
        chromium.get(f"{address}/encoding.js")
        answered = chromium.execute_async_script(_ON_THE_PAGE, given, entries.encoding(), ["light", "dark"])
    assert not isinstance(answered, str), answered
    for (functions, encoding), shown in zip(asked.values(), answered, strict=True):
        for panel, on_page in zip(encoding.panels(functions), shown, strict=True):
            check_on_page(panel, on_page)
            if len(panel.quantities) == 1 and len(functions) > 1:
                assert on_page["labels"] == [line.label for line in panel.lines]


def check_on_page(panel: PanelEncoding, shown: dict[str, Any]) -> None:
    assert tuple(shown["parts"]) == panel.quantities
    assert shown["xLabel"] == panel.x_label
    backgrounds: tuple[Background, ...] = ("light", "dark")
    for background in backgrounds:
        colour = panel.title_colour.on(background) if panel.title_colour else ""
        assert shown[background]["title"] == {"words": panel.title, "colour": colour}
        for (quantity, colour, dash), line in zip(shown[background]["lines"], panel.lines, strict=True):
            assert (quantity, colour) == (line.quantity, line.colour.on(background))
            assert dash == DASHES[line.dashes]


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # in textual_image
def test_the_terminal_draws_what_the_encoding_says(spec: Spec) -> None:
    pytest.importorskip("textual_image")
    curves, encoding = spec
    panels = encoding.panels([curve.function for curve in curves])
    columns = 160  # in which nothing is folded
    style = Style(lang=encoding.lang, layout=encoding.layout, title=encoding.title, size=SIZE)
    console = Console(file=io.StringIO(), width=columns, color_system="truecolor", force_terminal=True)
    segments = [
        segment
        for line in console.render_lines(terminal.panels(curves, style, columns, headings=encoding.headings))
        for segment in line
    ]
    words = "".join(segment.text for segment in segments)
    pixels = np.array([to_rgb(c) for segment in segments if "▀" in segment.text for c in colours_of(segment)])
    assert (encoding.figure_title or "") in words
    for panel in panels:
        assert panel.title in words
        on_top = to_rgb(panel.lines[-1].colour.light)
        assert np.abs(pixels - on_top).max(axis=1).min() < 0.03  # whose edges are smoothed
    first = panels[0]
    shown = [line for line in first.lines if len(curves) == 1 or line.quantity == first.quantities[0]]
    assert dict(legend_of(segments)) == (
        {line.short_label: line.colour.light for line in shown} if first.has_legend else {}
    )


def colours_of(segment: Any) -> set[str]:
    return {each.triplet.hex for each in (segment.style.color, segment.style.bgcolor) if each is not None}


def legend_of(segments: Sequence[Any]) -> list[tuple[str, str]]:
    """Labels and colours below the panels."""
    found: list[tuple[str, str]] = []
    colour = None
    for segment in segments:
        if "━" in segment.text:
            (colour,) = colours_of(segment)
        elif colour is not None:
            found.append((segment.text.strip(), colour))
            colour = None
    return found


@pytest.mark.parametrize(("functions", "encoding"), SPECS.values(), ids=SPECS)
def test_lines_are_told_apart_and_belong_to_their_panel(functions: list[Function], encoding: Encoding) -> None:
    panels, names = encoding.panels(functions), {function.name for function in functions}
    assert [each for panel in panels for each in panel.quantities] == list(QUANTITIES[: encoding.order + 1])
    for panel in panels:
        assert [(line.quantity, line.curve) for line in panel.lines] == [
            (quantity, place) for quantity in panel.quantities for place in range(len(functions))
        ]
        assert len({line.label for line in panel.lines}) == len(panel.lines)
        for background in ("light", "dark"):
            styles = {(line.colour.on(background), line.dashes) for line in panel.lines}
            assert len(styles) == len(panel.lines), styles
        assert [symbol for symbol, _ in panel.formulas] == [
            SYMBOLS[quantity] for quantity in panel.quantities if quantity != "d2y" and len(names) == 1
        ]
        if len(functions) > 1 and len(panel.quantities) == 1:
            assert [line.label for line in panel.lines] == tell_apart(functions)


def test_a_figure_of_ones_own_is_asked_for_in_the_same_words() -> None:
    """``draw`` and ``CurveFigure`` agree."""
    curve = actplot.sample("elu", alpha=2.0, samples=20)
    one, other = (
        actplot.draw(curve, lang="en", title="T"),
        CurveFigure(lang="en", title="T").draw(curve),
    )
    assert titles_of(one) == titles_of(other) == ["T", "ELU function (alpha = 2)", "ELU derivative (alpha = 2)"]


def titles_of(figure: Figure) -> list[str]:
    return [figure.get_suptitle(), *(axes.get_title() for axes in figure.axes)]
