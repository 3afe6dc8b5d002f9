"""Figures: a curve on the left, its derivatives to the right; or all, or several, laid over each other."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ft2font import LoadFlags
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Text as Label
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import ArrayLike, NDArray

from actplot import text
from actplot.errors import BadValue
from actplot.functions.formula import mathtext
from actplot.functions.registry import Function, in_common, tell_apart
from actplot.numerics.breaks import Break
from actplot.numerics.curve import Curve, Point
from actplot.options import DPI, check_layout, check_order, check_size, check_style, natural_size, panels
from actplot.plot.fonts import check_text, families
from actplot.text import Language, choose_language

# One function is blue, its derivative red, the second one green; several follow Okabe and Ito, whom the colour-blind
# can tell apart.
COLOURS = {
    "y": {"light": "#1f5fc4", "dark": "#6ea8ff"},
    "dy": {"light": "#d0281e", "dark": "#ff7b6e"},
    "d2y": {"light": "#1f7a3d", "dark": "#7bd88f"},
}
CYCLE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = ("-", "--")

# Beyond this the arithmetic of the axes overflows: a curve that gets there leaves the panel.
_TALLEST = 1e300
# Margins in inches, the same for every figure, so that those of a gallery line up.
_LEFT, _RIGHT, _BOTTOM, _TOP, _BETWEEN = 0.75, 0.25, 0.6, 0.55, 0.8

# What differs from matplotlib's defaults, whatever the style.
_HOUSE = {
    "axes.formatter.limits": (-3, 4),
    "axes.formatter.use_mathtext": True,
    "axes.axisbelow": True,
    "axes.titlesize": 13,
    "axes.labelsize": 11,
    "lines.linewidth": 2.0,
    "legend.framealpha": 0.9,
}
# The style of figures that are not given one.
_STYLE = {
    "axes.edgecolor": "#8a8a8a",
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "grid.linewidth": 0.7,
    "xtick.color": "#8a8a8a",
    "ytick.color": "#8a8a8a",
    "xtick.labelcolor": "#333333",
    "ytick.labelcolor": "#333333",
}
# What no style changes: where the bytes and the text depend on it.
_FIXED = {
    "axes.unicode_minus": True,
    "mathtext.fontset": "cm",
    "text.usetex": False,
    "savefig.bbox": None,
    "svg.fonttype": "path",
    "svg.hashsalt": "actplot",
    "svg.id": None,
    "pdf.fonttype": 3,
    "pdf.compression": 6,
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "agg.path.chunksize": 20_000,
}


@contextmanager
def drawing(lang: Language = "zh", *, style: str | None = None, font: str | None = None) -> Iterator[None]:
    """A context in which artists are made and saved: matplotlib's defaults, ``style``, our fonts; nobody's matplotlibrc."""
    settings: Any = matplotlib.rcParams
    with matplotlib.rc_context():
        settings.update({key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"})
        settings.update(_HOUSE)
        if style is not None:
            _use_style(check_style(style))
            if not settings["axes.grid"]:  # a style that draws no grid has not chosen how strong it may be
                settings.update({"axes.grid": True, "grid.alpha": 0.3})
        else:
            settings.update(_STYLE)
        settings.update({**_FIXED, "font.family": families(lang, font)})
        yield


def _use_style(style: str) -> None:
    """Uses a style of matplotlib's, which warns about a line it does not understand: here that is an error."""
    from matplotlib import style as styles

    complaints: list[str] = []
    listener = logging.Handler(logging.WARNING)
    listener.emit = lambda record: complaints.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("matplotlib")
    logger.addHandler(listener)
    spread, logger.propagate = logger.propagate, False
    try:
        styles.use(style)
    except (OSError, ValueError) as error:
        complaints.append(str(error))
    finally:
        logger.propagate = spread
        logger.removeHandler(listener)
    if complaints:
        raise BadValue(f"cannot use the style {style!r}: {complaints[0].strip().splitlines()[0]}", "mend the file")


def draw(
    curve: Curve,
    *others: Curve,
    lang: str | None = None,
    layout: str = "side",
    title: str | None = None,
    style: str | None = None,
    font: str | None = None,
    size: tuple[float, float] | None = None,
    dpi: float = DPI,
) -> Figure:
    """A figure of one curve and its derivatives, or of several over each other.

    Parameters
    ----------
    curve, *others
        What to draw, all of one order. Several share the axes, with a legend.
    lang
        "zh" or "en", for the titles; by default ``ACTPLOT_LANG``, else Chinese.
    layout
        "side" for a panel each, the derivatives on the right; "overlay" for all in one.
    title
        Replaces the title of the figure: a line above the panels with "side".
    style
        A style of matplotlib's: name, file or ``package.style``.
    font
        A family or font file that is asked first for every character.
    size
        Width and height in inches; by default 10 by 4, and 14.9 by 4 for three panels.
    dpi
        Dots per inch.

    Returns
    -------
    matplotlib.figure.Figure
        With an axes for the function and each derivative, or one with "overlay"; made without pyplot.

    Raises
    ------
    BadValue
        For an option that is not allowed, or curves of different orders.
    NoGlyph
        For a title with a character that no font can draw.
    """
    if any(other.order != curve.order for other in others):
        raise BadValue("curves of different orders do not fit into one figure", "sample them with the same order")
    sheet = CurveFigure(
        order=curve.order, lang=lang, layout=layout, title=title, style=style, font=font, size=size, dpi=dpi
    )
    return sheet.draw(curve, *others)


class CurveFigure:
    """A figure with its panels, on which one function after another can be drawn, pixel by pixel as on a fresh one.

    ``order`` is that of the curves; ``headings`` replace the titles of the panels; ``figure`` is drawn on in place of a
    new one, and then keeps its size; ``room`` is left free at the left and at the bottom, in inches; the other
    parameters are those of :func:`draw`.
    """

    def __init__(
        self,
        *,
        order: int = 1,
        headings: tuple[str, ...] | None = None,
        lang: str | None = None,
        layout: str = "side",
        title: str | None = None,
        style: str | None = None,
        font: str | None = None,
        size: tuple[float, float] | None = None,
        dpi: float = DPI,
        figure: Figure | None = None,
        room: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self._headings = dict(zip(PARTS, headings, strict=False)) if headings else {}
        self._lang = choose_language(lang)
        self._title = title
        count = panels(check_order(order), check_layout(layout))
        size, dpi = check_size(size or natural_size(count), dpi)
        self._settings = partial(drawing, self._lang, style=style, font=font)
        with self._settings():
            if title is not None:
                check_text(title, self._lang, font)
            self._figure = Figure(figsize=size, dpi=dpi) if figure is None else figure
            if figure is None:
                FigureCanvasAgg(self._figure)
            self._room = room
            self._drawn: dict[Axes, list[Artist]] = {}
            headed = title is not None and count > 1
            self._heading = self._figure.suptitle(title or "", va="top", fontsize=14) if headed else None
            shown = parts_shown(order, layout)
            self._panels = list(zip(self._axes(shown), shown, strict=True))
            self.arrange()
            red, green, blue = to_rgb(matplotlib.rcParams["axes.facecolor"])
            self._ground = "light" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "dark"

    @property
    def panels(self) -> list[tuple[Axes, tuple[str, ...]]]:
        """Each panel with what it shows: "y", "dy", "d2y"."""
        return self._panels

    @property
    def _renderer(self) -> Any:
        """What text is measured with: that of the canvas, which may have changed its resolution."""
        return self._figure.canvas.get_renderer()  # type: ignore[attr-defined]

    def draw(self, *curves: Curve, fit: bool = True, beside: Sequence[Curve] = ()) -> Figure:
        """The figure with these curves in the place of what was drawn before.

        Without ``fit`` the axes keep their limits, whatever the curves do. The curves ``beside`` are not drawn, but
        limits hold them too, and formulas keep clear of them.
        """
        with self._settings():
            low, high = span(curves)
            for axes, parts in self._panels:
                _wipe(axes)
                if fit:
                    axes.set_xlim(low, high)
                _zero_axes(axes)
                self._draw_curves(axes, curves, parts, fit=fit)
                if beside:
                    axes.set_ylim(limits([*curves, *beside], parts))
                obstacles = [_line_on(axes, *line_of(curve, part)) for curve in beside for part in parts]
                if len(curves) > 1 or len(parts) > 1:
                    _place_legend(axes, self._renderer, fit=fit)
                else:
                    self._formula(axes, curves[0], parts[0], fit=fit)
                for line in obstacles:
                    line.remove()
                self._head(axes, curves, parts)
        return self._figure

    def move(self, *curves: Curve, values: str | None = None) -> None:
        """Puts these curves in the place of the others; limits, formulas and legends stay as they are.

        So do titles, unless they are given the ``values`` of the parameters to show.
        """
        for axes, parts in self._panels:
            for artist in self._drawn.pop(axes, ()):
                artist.remove()
            self._draw_curves(axes, curves, parts, fit=False)
            if values is not None:
                with self._settings():
                    self._head(axes, curves, parts, values)

    def curve_artists(self, axes: Axes) -> list[Artist]:
        """What of a panel shows the curves: lines, dots, tangents and asymptotes."""
        return self._drawn.get(axes, [])

    def _draw_curves(self, axes: Axes, curves: Sequence[Curve], parts: tuple[str, ...], *, fit: bool) -> None:
        before = {*axes.lines, *axes.collections}
        labels = tell_apart([curve.function for curve in curves])
        for part in parts:
            for index, curve in enumerate(curves):
                self._line(axes, curve, part, index if len(curves) > 1 else None, labels[index], parts, fit=fit)
        if fit:
            axes.set_ylim(limits(curves, parts))
        if "y" in parts:
            for index, curve in enumerate(curves):
                self._tangents(axes, curve, index if len(curves) > 1 else None)
        _asymptotes(axes, curves, parts)
        self._drawn[axes] = [each for each in (*axes.collections, *axes.lines) if each not in before]

    def _formula(self, axes: Axes, curve: Curve, part: str, *, fit: bool) -> None:
        formula = formula_of(curve.function, part)
        if formula is not None:
            lines = mathtext(formula, "f(x)" if part == "y" else "f'(x)")
            has_poles = curve.too_many_breaks or any(_is_pole(each, part) for each in curve.breaks)
            _place(axes, [f"${line}$" for line in lines], self._renderer, may_grow=fit and not has_poles)

    def _axes(self, shown: Sequence[tuple[str, ...]]) -> Iterator[Axes]:
        for parts in shown:
            axes = self._figure.add_axes((0.1, 0.1, 0.8, 0.8))
            for axis in (axes.xaxis, axes.yaxis):  # ticks at 5 and 10 rather than at 2.5 and 7.5
                axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))
            axes.set_xlabel("x")
            axes.set_ylabel(", ".join(AXIS_LABELS[part] for part in parts))
            yield axes

    def arrange(self) -> None:
        """Puts the panels where they belong, with the same margins at any size of the figure."""
        width, height = self._figure.get_size_inches()
        left, bottom = _LEFT + self._room[0], _BOTTOM + self._room[1]
        panel = max(0.1, (width - left - _RIGHT - _BETWEEN * (len(self._panels) - 1)) / len(self._panels))
        tall = max(0.1, height - bottom - _TOP - (0.35 if self._heading else 0.0))
        if self._heading:
            self._heading.set_position(((width + self._room[0]) / 2 / width, 1 - 0.15 / height))
        for index, (axes, _) in enumerate(self._panels):
            start = left + index * (panel + _BETWEEN)
            axes.set_position((start / width, bottom / height, panel / width, tall / height))
            axes.yaxis.set_label_coords(-0.48 / panel, 0.5)  # the same places in every figure, and none to look for
            axes.xaxis.set_label_coords(0.5, -0.32 / tall)

    def _head(self, axes: Axes, curves: Sequence[Curve], parts: tuple[str, ...], values: str | None = None) -> None:
        """The title of a panel, small enough for it; in its colour over a derivative alone."""
        functions = [curve.function for curve in curves]
        if len(self._panels) == 1 and self._title is not None:
            words = self._title
        elif parts[0] in self._headings:
            words = self._headings[parts[0]]
        else:
            words = heading(functions, parts, self._lang, values)
        if len(curves) == 1 and len(parts) == 1 and parts != ("y",):
            colour = COLOURS[parts[0]][self._ground]
        else:
            colour = matplotlib.rcParams["axes.titlecolor"]
        if colour == "auto":
            colour = matplotlib.rcParams["text.color"]
        title = axes.set_title(words, color=colour, fontsize=matplotlib.rcParams["axes.titlesize"])
        room = axes.bbox.width + 0.3 * self._figure.dpi
        taken = title.get_window_extent(self._renderer).width
        if taken > room:
            title.set_fontsize(float(title.get_fontsize()) * room / taken)

    def _line(
        self, axes: Axes, curve: Curve, part: str, index: int | None, label: str, parts: tuple[str, ...], *, fit: bool
    ) -> None:
        """The line of one curve with its dots; ``index`` is its place among several."""
        colour, dashes = self.look(part, index)
        if index is None:
            label = _PART_LABELS[part][self._lang]
        elif len(parts) > 1 and part != "y":
            label, dashes = f"{label}  {AXIS_LABELS[part]}", DASHES_OF_SLOPES[part]
        _line_on(
            axes,
            *line_of(curve, part),
            color=colour,
            linestyle=dashes,
            label=label,
            zorder=2.5,
            solid_capstyle="butt",
        )
        _dots(axes, curve, part, colour, fit=fit)
        if curve.points:
            x, y = zip(*((point.x, getattr(point, part)) for point in curve.points), strict=True)
            edge = axes.get_facecolor()
            _line_on(
                axes,
                x,
                y,
                marker="o",
                linestyle="none",
                color=colour,
                markeredgecolor=edge,
                markersize=8,
                zorder=2.8,
                clip_on=not fit,
                label="_at",
            )

    def look(self, part: str, index: int | None) -> tuple[str, str]:
        """Colour and dashes of the line of a part; ``index`` is the place of its curve among several."""
        if index is None:
            return COLOURS[part][self._ground], "-"
        return cycle_style(index)

    def _tangents(self, axes: Axes, curve: Curve, index: int | None) -> None:
        """The tangent at each point that was asked for; at a break the one of each side."""
        if curve.order == 0:
            return
        colour = self.look("dy", index)[0]
        for point in curve.points:
            for x, y in tangent(curve, point):
                _line_on(axes, x, y, color=colour, linewidth=1.3, zorder=2.55, label="_tangent")


def tangent(curve: Curve, point: Point) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The tangent at a point, as a line to the left and one to the right; at a break each has the slope of its side."""
    reach = 0.16 * (curve.range[1] - curve.range[0])
    here = next(
        (each for each in curve.breaks if each.x == point.x and (each.y_is_discontinuous or each.dy_is_discontinuous)),
        None,
    )
    halves = (
        [(-reach, point.y, point.dy), (reach, point.y, point.dy)]
        if here is None
        else [(-reach, here.y_left, here.dy_left), (reach, here.y_right, here.dy_right)]
    )
    for run, y, slope in halves:
        yield np.array([point.x, point.x + run]), drawable([y, y + slope * run])


def parts_shown(order: int, layout: str) -> list[tuple[str, ...]]:
    """What each panel shows: one of "y", "dy" and "d2y", or all in one."""
    parts = PARTS[: order + 1]
    return [parts] if panels(order, layout) == 1 else [(part,) for part in parts]


def span(curves: Sequence[Curve]) -> tuple[float, float]:
    """The ends of x that hold all of the curves."""
    return min(curve.range[0] for curve in curves), max(curve.range[1] for curve in curves)


def formula_of(function: Function, part: str) -> str | None:
    """The formula that is declared for a part."""
    return {"y": function.formula, "dy": function.derivative}.get(part)


def heading(functions: Sequence[Function], parts: tuple[str, ...], lang: Language, values: str | None = None) -> str:
    """The title of a panel; ``values`` stand in the place of the parameters that all functions share."""
    if len({function.title for function in functions}) > 1:
        return _SEVERAL[parts][lang]
    values = text.assignments(in_common(functions)) if values is None else values
    values = text.TITLE_VALUES[lang].format(values=values) if values else ""
    return _ONE[parts][lang].format(name=functions[0].title, values=values)


def cycle_style(index: int) -> tuple[str, str]:
    """Colour and dashes of the line at a place among several."""
    return CYCLE[index % len(CYCLE)], _DASHES[index // len(CYCLE) % len(_DASHES)]


PARTS = ("y", "dy", "d2y")
AXIS_LABELS = {"y": "y", "dy": "dy/dx", "d2y": "d²y/dx²"}
SYMBOLS = {"y": "f(x)", "dy": "f'(x)", "d2y": "f''(x)"}
# Of several curves with their derivatives in one panel.
DASHES_OF_SLOPES = {"dy": ":", "d2y": "-."}
_PART_LABELS = {"y": text.FUNCTION_LABEL, "dy": text.DERIVATIVE_LABEL, "d2y": text.SECOND_LABEL}
_ONE = {
    ("y",): text.FUNCTION_TITLE,
    ("dy",): text.DERIVATIVE_TITLE,
    ("d2y",): text.SECOND_TITLE,
    ("y", "dy"): text.BOTH_TITLE,
    ("y", "dy", "d2y"): text.ALL_TITLE,
}
_SEVERAL = {
    ("y",): text.SEVERAL_FUNCTIONS,
    ("dy",): text.SEVERAL_DERIVATIVES,
    ("d2y",): text.SEVERAL_SECONDS,
    ("y", "dy"): text.SEVERAL_BOTH,
    ("y", "dy", "d2y"): text.SEVERAL_BOTH,
}


def warm_up(sheet: CurveFigure, functions: Sequence[Function], order: int = 1) -> Figure:
    """The sheet with straight lines in the place of the functions' curves.

    Once it is drawn, fonts, formulas and drawing code are at hand for the curves that another process is computing.
    """
    x = np.array(functions[0].range)
    return sheet.draw(
        *(Curve(each, functions[0].range, x.size, order, "float64", "cpu", x, x, x, x, ()) for each in functions)
    )


def _line_on(axes: Axes, x: ArrayLike, y: ArrayLike, **look: Any) -> Artist:
    """A line, or dots, on axes that find their limits otherwise; ``axes.plot`` takes four times as long."""
    return axes.add_artist(Line2D(np.asarray(x), drawable(y), **look))


def line_of(curve: Curve, part: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The line that shows a part: x and y, with gaps for what no axes can hold.

    Where the curve has an envelope, it goes from the least to the greatest value and back, once a column.
    """
    y = drawable(getattr(curve, part))
    if curve.envelope is None:
        return curve.x, y
    edges, *bounds = curve.envelope
    low, high = (drawable(side[PARTS.index(part)]) for side in bounds)
    covered = ~np.isnan(bounds[0][0])
    column = (np.searchsorted(edges, curve.x, "right") - 1).clip(0, low.size - 1)
    kept = ~covered[column]
    middle = ((edges[:-1] + edges[1:]) / 2)[covered].repeat(2)
    swing = np.column_stack([low, high])[covered]
    swing[1::2] = swing[1::2, ::-1]
    x, y = np.concatenate([curve.x[kept], middle]), np.concatenate([y[kept], swing.ravel()])
    order = np.argsort(x, kind="stable")
    return x[order], y[order]


def drawable(y: ArrayLike) -> NDArray[np.float64]:
    """Values with gaps in the place of those that no axes can hold."""
    y = np.asarray(y, dtype=np.float64)
    return np.where(np.abs(y) < _TALLEST, y, np.nan)


def _wipe(axes: Axes) -> None:
    """Takes off what an earlier curve has put on."""
    for artist in (*axes.lines, *axes.collections, *axes.patches, *axes.texts, axes.get_legend()):
        if artist is not None:
            artist.remove()


def _zero_axes(axes: Axes) -> None:
    for across, along in (
        (axes.get_yaxis_transform(), [(0, 0), (1, 0)]),
        (axes.get_xaxis_transform(), [(0, 0), (0, 1)]),
    ):
        zero = LineCollection([along], transform=across, zorder=1.5, linewidths=1.0)
        zero.set_color(matplotlib.rcParams["axes.edgecolor"])
        axes.add_collection(zero, autolim=False)


def _dots(axes: Axes, curve: Curve, part: str, colour: str, *, fit: bool) -> None:
    """Open dots at the limits of each jump, a filled one at the value that torch returns.

    They may stand on the edge of the panel, uncut, unless the limits were not fitted to them.
    """
    (open_x, open_y), (full_x, full_y) = dots(curve, part)
    look: dict[str, Any] = dict(marker="o", linestyle="none", markersize=5, markeredgewidth=1.3, clip_on=not fit)
    if open_x or full_x:
        face = axes.get_facecolor()
        _line_on(axes, open_x, open_y, color=colour, markerfacecolor=face, zorder=2.6, label="_dots", **look)
        _line_on(axes, full_x, full_y, color=colour, zorder=2.7, label="_dots", **look)


def dots(curve: Curve, part: str) -> tuple[tuple[list[float], list[float]], tuple[list[float], list[float]]]:
    """Where the open and the filled dots of a curve stand, x and y of each kind."""
    low, high = curve.range
    open_x, open_y, full_x, full_y = [], [], [], []
    for at in curve.breaks if curve.has_few_breaks else ():
        sides = [getattr(at, f"{part}_{side}") for side in ("left", "right")]
        if not _shown(at, part) or np.isinf(sides).all():
            continue
        for limit, inside in zip(sides, (at.x > low, at.x < high), strict=True):
            if inside and not np.isinf(limit):
                open_x.append(at.x)
                open_y.append(limit)
        if not np.isinf(here := getattr(at, f"{part}_at")):
            full_x.append(at.x)
            full_y.append(here)
    return (open_x, open_y), (full_x, full_y)


def _shown(at: Break, part: str) -> bool:
    """Whether the panel of the function ("y") or of a derivative ("dy", "d2y") jumps there."""
    return (
        at.y_is_discontinuous or (part != "y" and at.dy_is_discontinuous) or (part == "d2y" and at.d2y_is_discontinuous)
    )


def limits(curves: Sequence[Curve], parts: tuple[str, ...]) -> tuple[float, float]:
    """Limits of y around what a panel shows; a constant gets room on both sides, and 0 in sight.

    Where a curve has a pole, what comes within a few percent of the range of it leaves the panel.
    """
    lows, highs = [], []
    for curve in curves:
        for part in parts:
            y = line_of(curve, part)[1]
            ends = [getattr(each, f"{part}_{side}") for each in curve.breaks for side in ("left", "right")]
            y = np.concatenate([y, drawable([*ends, *_at(curve, part)])])
            y = y[np.isfinite(y)]
            if not y.size:
                continue
            low, high = float(y.min()), float(y.max())
            if np.isinf(ends).any() or curve.too_many_breaks:
                bottom, middle, top = _quantiles(*line_of(curve, part))
                low = max(low, float(middle - 1.6 * (middle - bottom) - 0.4 * (top - bottom)))
                high = min(high, float(middle + 1.6 * (top - middle) + 0.4 * (top - bottom)))
            lows.append(low)
            highs.append(high)
    low, high = (min(lows), max(highs)) if lows else (0.0, 0.0)
    if high - low <= 1e-9 * max(1e-290, abs(low), abs(high)):
        reach = abs(high) or 1.0
        low, high = min(low, 0.0) - reach / 2, max(high, 0.0) + reach / 2
    margin = 0.06 * (high - low)
    return low - margin, high + margin


def _quantiles(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a tenth, a half and nine tenths of the curve, by its length along x, stay below."""
    share = np.gradient(x)
    share[~np.isfinite(y)] = 0.0
    order = np.argsort(y)
    return np.interp([0.1, 0.5, 0.9], np.cumsum(share[order]) / share.sum(), np.nan_to_num(y[order]))


def _at(curve: Curve, part: str) -> list[float]:
    """The values at breaks and marked points, which get a dot each."""
    _, (_, filled) = dots(curve, part)
    return [*filled, *(getattr(point, part) for point in curve.points)]


def _is_pole(at: Break, part: str) -> bool:
    return bool(np.isinf([getattr(at, f"{part}_left"), getattr(at, f"{part}_right")]).any())


def _asymptotes(axes: Axes, curves: Sequence[Curve], parts: tuple[str, ...]) -> None:
    """A thin line where a curve leaves the panel towards a pole."""
    alone = [curve for curve in curves if curve.has_few_breaks]
    for x in {each.x for curve in alone for part in parts for each in curve.breaks if _is_pole(each, part)}:
        line = LineCollection([[(x, 0), (x, 1)]], transform=axes.get_xaxis_transform(), zorder=1.6, linewidths=1.0)
        line.set_color(matplotlib.rcParams["axes.edgecolor"])
        line.set_linestyle((0, (4, 3)))
        axes.add_collection(line, autolim=False)


# Where a formula may stand, as shares of the free width and height: the corners first.
_PLACES = ((0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0), (0.5, 1.0), (0.5, 0.0), (0.0, 0.5), (1.0, 0.5))
_FORMULA_SIZE, _SMALLEST_FORMULA = 12.0, 7.0


def _place(axes: Axes, lines: Sequence[str], renderer: Any, *, may_grow: bool) -> None:
    """Sets the lines of a formula where the curve leaves room; where it leaves none, makes room above if it may."""
    inset, clearance, leading = (share * axes.figure.dpi for share in (0.1, 0.07, 0.07))
    texts = [axes.text(0, 0, line, transform=axes.transAxes, fontsize=_FORMULA_SIZE, zorder=3) for line in lines]
    try:
        boxes = [_mathtext_bbox(label, renderer) for label in texts]
    except RecursionError:  # nested deeper than mathtext can follow
        for label in texts:
            label.remove()
        return
    width, height = max(box.width for box in boxes), sum(box.height + leading for box in boxes) - leading
    smaller = min(1.0, (axes.bbox.width - 2 * inset) / width, 0.3 * axes.bbox.height / height)
    if smaller * _FORMULA_SIZE < _SMALLEST_FORMULA:
        for label in texts:
            label.remove()
        return
    if smaller < 1:
        for label in texts:
            label.set_fontsize(smaller * _FORMULA_SIZE)
        boxes = [box.transformed(Affine2D().scale(smaller)) for box in boxes]
        width, height = width * smaller, height * smaller
    free_across, free_up = axes.bbox.width - 2 * inset - width, axes.bbox.height - 2 * inset - height
    curve = _outline(axes)
    # Where neither a curve nor a zero axis is, else where no curve is, else above everything.
    for obstacles in ([*curve, *_zero_lines(axes)], curve):
        place = _free_place(axes, obstacles, (inset, inset), (free_across, free_up), (width, height), clearance)
        if place is not None:
            x, y = place
            break
    else:
        if not may_grow:  # what leaves towards a pole, for one, would run through it up there
            for label in texts:
                label.remove()
            return
        x, y = inset, inset + free_up
        low, high = axes.get_ylim()
        share = (height + inset + 2 * clearance) / axes.bbox.height
        axes.set_ylim(low, low + (high - low) / (1 - share))
    # A backdrop over grid and axes, so that they do not run through the letters.
    backdrop = Bbox.from_bounds(x, y, width, height).padded(clearance / 2)
    backdrop = backdrop.transformed(Affine2D().scale(1 / axes.bbox.width, 1 / axes.bbox.height))
    paint: dict[str, Any] = dict(color=axes.get_facecolor(), alpha=0.85, linewidth=0, zorder=2)
    axes.add_patch(Rectangle(backdrop.p0, backdrop.width, backdrop.height, transform=axes.transAxes, **paint))
    top = y + height
    for label, box in zip(texts, boxes, strict=True):
        label.set_position(((x - box.x0) / axes.bbox.width, (top - box.y1) / axes.bbox.height))
        top -= box.height + leading * smaller


def _free_place(
    axes: Axes,
    obstacles: Sequence[Path],
    start: tuple[float, float],
    free: tuple[float, float],
    size: tuple[float, float],
    clearance: float,
) -> tuple[float, float] | None:
    """The first of the places, in pixels from the corner of the panel, that no obstacle runs through."""
    for across, up in _PLACES:
        x, y = start[0] + across * free[0], start[1] + up * free[1]
        spot = Bbox.from_bounds(axes.bbox.x0 + x, axes.bbox.y0 + y, *size).padded(clearance)
        if not any(path.intersects_bbox(spot, filled=False) for path in obstacles):
            return x, y
    return None


def _zero_lines(axes: Axes) -> list[Path]:
    """The two zero axes in pixels."""
    x, y = axes.transData.transform((0.0, 0.0))
    box = axes.bbox
    return [Path([(box.x0, y), (box.x1, y)]), Path([(x, box.y0), (x, box.y1)])]


def _place_legend(axes: Axes, renderer: Any, *, fit: bool) -> None:
    """A legend where the curves leave room; where they leave none, room is made above, if limits are to ``fit``."""
    clearance = 0.05 * axes.figure.dpi
    curve = _outline(axes)
    corners = ("upper left", "lower right", "upper right", "lower left", "upper center", "lower center", "center right")
    for loc in (*corners, "center left"):
        legend: Any = axes.legend(loc=loc)  # type: ignore[call-overload]
        spot = legend.get_window_extent(renderer).padded(clearance)
        if not any(path.intersects_bbox(spot, filled=False) for path in curve):
            return
    if not fit:
        axes.legend(loc="upper right")
        return
    handles, _ = axes.get_legend_handles_labels()
    for columns in range(min(4, len(handles)), 0, -1):
        legend = axes.legend(loc="upper center", ncols=columns)
        if legend.get_window_extent(renderer).width < 0.95 * axes.bbox.width or columns == 1:
            break
    box = legend.get_window_extent(renderer)
    smaller = min(0.95 * axes.bbox.width / box.width, 0.5 * axes.bbox.height / box.height)
    if smaller < 1:
        size = max(5.0, smaller * float(legend.get_texts()[0].get_fontsize()))
        legend = axes.legend(loc="upper center", ncols=columns, fontsize=size, handlelength=1.2)
    low, high = axes.get_ylim()
    share = min(0.6, (legend.get_window_extent(renderer).height + 4 * clearance) / axes.bbox.height)
    axes.set_ylim(low, low + (high - low) / (1 - share))


def _mathtext_bbox(label: Label, renderer: Any) -> Bbox:
    """What a line of mathtext covers, in pixels from the left end of its base line.

    Measured on the glyphs: the size that mathtext itself gives leaves out some of the rows of a stack.
    """
    dpi = renderer.dpi
    parsed = renderer.mathtext_parser.parse(label.get_text(), dpi, label.get_fontproperties())
    corners = []
    for font, size, _, glyph, x, y in parsed.glyphs:
        font.set_size(size, dpi)
        left, bottom, right, top = (edge / 64 for edge in font.load_glyph(glyph, LoadFlags.NO_HINTING).bbox)
        corners += [(x + left, y + bottom), (x + right, y + top)]
    for x, y, width, height in parsed.rects:
        corners += [(x, y), (x + width, y + height)]
    return Bbox.null() if not corners else Bbox([np.min(corners, axis=0), np.max(corners, axis=0)])


def _outline(axes: Axes) -> list[Path]:
    """The lines and dots of a panel in pixels."""
    paths = []
    for line in axes.lines:
        points = axes.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()]))
        gaps = np.flatnonzero(~np.isfinite(points).all(axis=1))
        for piece in np.split(points, gaps):
            piece = piece[np.isfinite(piece).all(axis=1)]
            if line.get_linestyle() == "None":
                paths += [Path(Bbox.from_bounds(x - 5, y - 5, 10, 10).corners()) for x, y in piece]
            elif len(piece) > 1:
                paths.append(Path(piece))
    return paths
