"""Figures: a curve on the left, its derivatives to the right; or all, or several, laid over each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Unpack

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from actplot import text as phrases
from actplot.errors import BadValue
from actplot.functions.formula import mathtext, plain
from actplot.functions.registry import Function, tell_apart
from actplot.look import Options, check_look, order_of_panels, style_of
from actplot.numerics.curve import SAMPLING, Curve, Source, bound, check_same_order, check_sources, sample
from actplot.options import CONTEXT, DPI, Style, check_order
from actplot.plot.artists import (
    DotStyle,
    Mark,
    TickFormatter,
    add_asymptote,
    add_line,
    add_zero_axes,
    asymptotes,
    clear,
    curve_marks,
    linestyle,
    tangent_marks,
)
from actplot.plot.encoding import MARGINS, SYMBOLS, Encoding, Margins, PanelEncoding
from actplot.plot.fonts import check_text
from actplot.plot.limits import LINEAR_TO, x_limits, y_limits
from actplot.plot.marks import is_pole, line_points
from actplot.plot.placement import FORMULA_SIZE, fit_title, place_formula, place_legend
from actplot.plot.sheet import Sheet
from actplot.plot.style import (
    background,
    dot_scale,
    drawing,
    ground,
    growth_of_text,
    line_cycle,
    text_scale,
    title_colour,
)
from actplot.text import Language, Text, number

# Of a title above several panels: points, and inches that it takes and that are above it.
_TITLE_SIZE, _TITLE_HEIGHT, _TITLE_INSET = 14.0, 0.35, 0.15
# Inches from a panel to the labels of its axes, the same in every figure, so that none is searched for.
_X_LABEL, _Y_LABEL = 0.32, 0.48
# Points of that title; inches by which the title of a panel may be wider than it, and to the panel.
_TITLE_SIZE, _OVERHANG, _TITLE_PAD = 14.0, 0.3, 0.09
# Inches of the margin above panels that titles take, and those that stay for the labels of ticks without them.
_TOP_OF_TITLES, _LEAST_TOP = 0.3, 0.16
# Points of an inch.
_POINTS = 72.0
# The scale of text below which axes have no labels.
_LABELLED = 0.8


def draw(
    *sources: Curve | Source,
    lang: str | None = None,
    layout: str = "side",
    title: str | Literal[False] | None = None,
    style: str | None = None,
    font: str | None = None,
    size: tuple[float, float] | None = None,
    dpi: float = DPI,
    fontsize: float | None = None,
    linewidth: float | None = None,
    transparent: bool = False,
    grid: bool = True,
    legend: bool = True,
    formula: bool = True,
    panels: str | Sequence[str] | None = None,
    label: str | Sequence[str] = (),
    color: str | Sequence[str] = (),
    xlabel: str | None = None,
    ylabel: str | Sequence[str] = (),
    ylim: tuple[float, float] | None = None,
    dylim: tuple[float, float] | None = None,
    d2ylim: tuple[float, float] | None = None,
    xscale: str = "linear",
    yscale: str = "linear",
    text: str = "path",
    range: tuple[float, float] | None = None,
    samples: int | None = None,
    order: int | None = None,
    at: Sequence[float] | None = None,
    dtype: str | None = None,
    device: str | None = None,
    **parameters: float,
) -> Sheet:
    """A figure of one curve and its derivatives, or of several over each other; a keyword for each option it has.

    Parameters
    ----------
    *sources
        What to draw: curves of one order, or what :func:`actplot.sample` takes: names, expressions, callables on a
        tensor. Several share the axes, with a legend.
    lang
        "zh" or "en", for the titles; by default ``ACTPLOT_LANG``, else Chinese.
    layout
        "side" for a panel each, the derivatives on the right; "overlay" for all in one.
    title
        Replaces the title of the figure: a line above the panels with "side". False for no titles at all.
    style
        A style of matplotlib's: name, file or ``package.style``. One that sets ``axes.prop_cycle`` has its colours.
    font
        A family or font file that is asked first for every character.
    size
        Width and height in inches; by default 10 by 4, and 14.9 by 4 for three panels.
    dpi
        Dots per inch.
    fontsize
        Points of the labels of ticks, by default 10; all other text, and the margins, grow with it.
    linewidth
        Points of the lines of curves, by default 2.
    transparent
        Whether figure and panels have no ground.
    grid, legend, formula
        Whether these are shown.
    panels
        Those to show, of "f", "df" and "d2f", as "f,df" or a sequence; by default all that the curves have.
    label
        Names of the curves, one for each, in titles and legends.
    color
        Colours as matplotlib names them: of the curves, or of a single curve and its derivatives; used in turn.
    xlabel, ylabel
        Labels of the axes; of y one for each panel, from the first on.
    ylim, dylim, d2ylim
        Ends of y, of the first and of the second derivative.
    xscale, yscale
        "linear", "log" or "symlog", in all panels; a logarithmic scale leaves out what is not above 0.
    text
        "path" for outlines in an SVG, "text" for text that can be selected.
    range, samples, order, at, dtype, device, **parameters
        As for :func:`actplot.sample`, for sources that are no curves yet. By default the range holds those of all.

    Returns
    -------
    Sheet
        A figure of matplotlib's with an axes for each panel, made without pyplot. Margins stay as wide when its size is changed.

    Raises
    ------
    BadValue
        For an option that is not allowed, or curves of different orders; as :func:`actplot.sample`.
    NoGlyph
        For a title or label with a character that no font can draw.

    Examples
    --------
    >>> figure = draw("elu", alpha=2.0, lang="en", panels="df")
    >>> [axes.get_title() for axes in figure.axes]
    ['ELU derivative (alpha = 2)']
    """
    looks = Options(
        lang=lang, layout=layout, title=title, style=style, font=font, size=size, dpi=dpi, fontsize=fontsize,
        linewidth=linewidth, transparent=transparent, grid=grid, legend=legend, formula=formula, panels=panels,
        label=label, color=color, xlabel=xlabel, ylabel=ylabel, ylim=ylim, dylim=dylim, d2ylim=d2ylim, xscale=xscale,
        yscale=yscale, text=text,
    )  # fmt: skip
    how: dict[str, Any] = dict(range=range, samples=samples, order=order, at=at, dtype=dtype, device=device)
    given = {name: value for name, value in how.items() if value is not None}
    curves = _curves(sources, looks, {**given, **parameters})
    figure = CurveFigure(order=curves[0].order, **looks).draw(*curves)
    assert isinstance(figure, Sheet)
    return figure


def _curves(sources: Sequence[Curve | Source], looks: Options, how: dict[str, Any]) -> list[Curve]:
    """The sources as curves of one order; ``how`` to sample those that are none yet."""
    if not sources:
        raise BadValue(
            Text("draw needs a function or a curve", "draw 需要一个函数或一条曲线"),
            Text('as in actplot.draw("gelu")', '例如 actplot.draw("gelu")'),
        )
    check_sources(sources, how, Options.__annotations__)
    sampled = [source for source in sources if isinstance(source, Curve)]
    if len(sampled) < len(sources):
        orders = [sampled[0].order] if sampled else []
        if (panels := looks["panels"]) is not None and not orders:
            named = panels.split(",") if isinstance(panels, str) else panels
            orders = [max(1, order_of_panels(named))]
        how = {"xscale": looks["xscale"], **({"order": orders[0]} if orders else {}), **how}
        parameters = {name: how.pop(name) for name in list(how) if name not in SAMPLING}
        known = [each if isinstance(each, Curve) else bound(each, parameters) for each in sources]
        how.setdefault("range", (min(each.range[0] for each in known), max(each.range[1] for each in known)))
        sampled = [each if isinstance(each, Curve) else sample(each, **how) for each in known]
    check_same_order(sampled)
    return sampled


class CurveFigure:
    """A figure with its panels, on which one function after another can be drawn, pixel by pixel as on a fresh one.

    A keyword for each option of :func:`draw`, and for what other figures than those of commands need.

    Parameters
    ----------
    order
        That of the curves.
    headings
        In place of the titles of the panels.
    figure
        What is drawn on in place of a new figure; it keeps its size.
    **options
        As for :func:`draw`.

    Attributes
    ----------
    ground
        The colour under the curves, three numbers from 0 to 1.
    """

    def __init__(
        self,
        *,
        order: int = 1,
        headings: tuple[str, ...] | None = None,
        figure: Figure | None = None,
        **options: Unpack[Options],
    ) -> None:
        self._style = style = style_of(options, order=check_order(order))
        self._margins, self._scale = MARGINS, 1.0
        self._drawn: dict[Axes, _Drawn] = {}
        self._annotations: dict[Axes, list[Artist]] = {}
        self._drawing = partial(drawing, style.lang, **context_of(style))
        with self._drawing():
            check_words(style)
            self._encoding = encoding_of(style, order=order, headings=headings)
            self._renderer_of_layout: Any = None
            if figure is None:
                figure = Sheet(lang=style.lang, text=style.text, figsize=style.size, dpi=style.dpi)
                FigureCanvasAgg(figure)
            self._figure = figure
            words = self._encoding.figure_title
            self._text_scale, self._growth = text_scale(), growth_of_text()
            self._title = None if words is None else self._figure.suptitle(words, va="top")
            self._panels = [(self._add_axes(place), each) for place, each in enumerate(self._encoding.quantities)]
            self.arrange()
            self._background = background()
            self.ground = ground()
            self._dots = DotStyle(self.ground, dot_scale())

    def _add_axes(self, place: int) -> Axes:
        axes = self._figure.add_axes((0.1, 0.1, 0.8, 0.8))
        for axis in (axes.xaxis, axes.yaxis):  # ticks at 5 and 10 rather than at 2.5 and 7.5
            axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))
            axis.set_major_formatter(TickFormatter())
        set_scales(axes, self._style.xscale, self._style.yscale)
        axes.set_ylabel(self._encoding.y_label(place))
        return axes

    @property
    def panels(self) -> list[tuple[Axes, tuple[str, ...]]]:
        """Each panel with what it shows: "y", "dy", "d2y"."""
        return self._panels

    @property
    def _renderer(self) -> Any:
        """What text is measured with: that of the canvas, which may have changed its resolution."""
        return self._renderer_of_layout or self._figure.canvas.get_renderer()  # type: ignore[attr-defined]

    def curve_artists(self, axes: Axes) -> list[Artist]:
        """What of a panel shows the curves: lines, dots, tangents and asymptotes."""
        drawn = self._drawn.get(axes)
        return [] if drawn is None else [*drawn.asymptotes, *drawn.lines]

    def line_style(self, quantity: str, index: int | None) -> tuple[str, str]:
        """Colour and dashes of the line of a quantity; ``index`` is the place of its curve among several."""
        colour, dashes = self._encoding.line_style(quantity, index)
        return colour.on(self._background), dashes

    def legend(self, curves: Sequence[Curve]) -> list[tuple[str, str, Any]]:
        """The name, colour and linestyle of each of several curves."""
        names = self._encoding.names or tell_apart([curve.function for curve in curves])
        styles = (self.line_style("y", index) for index in range(len(names)))
        return [(name, colour, linestyle(dashes)) for name, (colour, dashes) in zip(names, styles, strict=True)]

    def arrange(self, margins: Margins = MARGINS, scale: float = 1.0) -> None:
        """Puts the panels where they belong, with the same margins at any size of the figure.

        Parameters
        ----------
        margins
            Inches around the panels and between them, for text of the usual size.
        scale
            The factor by which text is smaller than the style has it; below 0.8 axes have ticks and no labels, and
            titles take several lines where one is too long.
        """
        self._margins = margins
        if scale != self._scale:
            self._rescale(scale)
        grown = self._growth
        left, right, bottom, top, between = (
            usual + scale * more for usual, more in zip(margins, grown.margins, strict=True)
        )
        if self._encoding.title is False:
            top = max(_LEAST_TOP, margins.top - _TOP_OF_TITLES) + scale * grown.margins.right
        width, height = self._figure.get_size_inches()
        across = max(0.1, (width - left - right - between * (len(self._panels) - 1)) / len(self._panels))
        up = max(0.1, height - bottom - top - (_TITLE_HEIGHT * self._text_scale if self._title else 0.0))
        if self._title:
            middle = (width + (margins.left - MARGINS.left)) / 2
            self._title.set_fontsize(_TITLE_SIZE * self._text_scale * scale)
            self._title.set_position((middle / width, 1 - _TITLE_INSET / height))
        for index, (axes, _) in enumerate(self._panels):
            start = left + index * (across + between)
            axes.set_position((start / width, bottom / height, across / width, up / height))
            axes.yaxis.set_label_coords(-scale * (_Y_LABEL + grown.y_label) / across, 0.5)
            axes.xaxis.set_label_coords(0.5, -scale * (_X_LABEL + grown.x_label) / up)

    def _rescale(self, scale: float) -> None:
        """Makes the text beside the panels smaller or larger."""
        with self._drawing():
            sizes = {
                name: FontProperties(size=matplotlib.rcParams[name]).get_size_in_points()
                for name in ("axes.labelsize", "xtick.labelsize", "ytick.labelsize")
            }
        for axes, _ in self._panels:
            for axis, name in ((axes.xaxis, "xtick.labelsize"), (axes.yaxis, "ytick.labelsize")):
                axis.set_tick_params(labelsize=scale * sizes[name])
                axis.get_offset_text().set_fontsize(scale * sizes[name])
                axis.label.set(fontsize=scale * sizes["axes.labelsize"], visible=scale >= _LABELLED)
        self._scale = scale

    def draw(self, *curves: Curve, fit: bool = True, beside: Sequence[Curve] = ()) -> Figure:
        """The figure with these curves in the place of what was drawn before.

        Without ``fit`` the axes keep their limits, whatever the curves do. The curves ``beside`` are not drawn, but
        limits hold them too, and formulas keep clear of them.
        """
        check_look(self._style, curves=len(curves), order=curves[0].order, range=x_limits(curves))
        with self._drawing():
            fitted: dict[Axes, tuple[float, float]] = {}
            for axes, panel in self._encoded(curves):
                clear(axes)
                if fit:
                    axes.set_xlim(x_limits(curves))
                add_zero_axes(axes)
                marks = self._marks(axes, panel, curves, clip=not fit)
                self._add_curves(axes, marks, asymptotes(curves, panel.quantities))
                if fit:
                    axes.set_ylim(self.limits(curves, panel.quantities))
                if beside:
                    axes.set_ylim(self.limits([*curves, *beside], panel.quantities))
                fitted[axes] = axes.get_ylim()
                self._annotate(axes, panel, curves, beside, fit=fit)
                self._set_title(axes, panel)
                axes.set_xlabel(panel.x_label)
        if isinstance(self._figure, Sheet):
            grown = {axes: axes.get_ylim() for axes in fitted}
            self._figure.description = description(curves, self._style.lang)
            self._figure.arrange = lambda: self._arrange_anew(curves, beside, fitted, grown)
        return self._figure

    def _arrange_anew(
        self,
        curves: Sequence[Curve],
        beside: Sequence[Curve],
        fitted: dict[Axes, tuple[float, float]],
        grown: dict[Axes, tuple[float, float]],
    ) -> None:
        """Puts panels, formulas and legends where they belong in a figure whose size somebody has changed.

        Limits that were ``grown`` to make room are ``fitted`` first, unless somebody has changed them too.
        """
        with self._drawing():
            self.arrange()
            self._renderer_of_layout = RendererAgg(*self._figure.bbox.size, self._figure.dpi)  # type: ignore[no-untyped-call]
            for axes, panel in self._encoded(curves):
                for artist in self._annotations.pop(axes):
                    if artist.figure is not None:
                        artist.remove()
                is_ours = axes.get_ylim() == grown[axes]
                if is_ours:
                    axes.set_ylim(fitted[axes])
                self._annotate(axes, panel, curves, beside, fit=is_ours)
                self._show_title(axes, axes.get_title())
                grown[axes] = axes.get_ylim() if is_ours else grown[axes]
            self._renderer_of_layout = None

    def limits(self, curves: Sequence[Curve], quantities: Sequence[str]) -> tuple[float, float]:
        """The ends of y of the panel of these quantities: those that are given, else those that hold the curves."""
        return self._given_limits(quantities) or y_limits(curves, quantities, self._style.yscale)

    def _given_limits(self, quantities: Sequence[str]) -> tuple[float, float] | None:
        return given_limits(self._style, quantities)

    def _annotate(
        self, axes: Axes, panel: PanelEncoding, curves: Sequence[Curve], beside: Sequence[Curve], *, fit: bool
    ) -> None:
        """The legend and the formulas: a single line's in the room that is made for it, others where there is some."""
        before = {*axes.texts, *axes.patches, axes.get_legend()}
        may_grow = fit and self._given_limits(panel.quantities) is None
        obstacles = [add_line(axes, *line_points(each, q)) for each in beside for q in panel.quantities]
        if panel.has_legend and self._style.legend:
            place_legend(axes, self._renderer, may_grow=may_grow)
        if panel.formulas:
            self._add_formulas(axes, panel, curves[0], fit=may_grow and not panel.has_legend)
        for line in obstacles:
            line.remove()
        after = (*axes.texts, *axes.patches, axes.get_legend())
        self._annotations[axes] = [each for each in after if each is not None and each not in before]

    def move(self, *curves: Curve, values: str | None = None) -> None:
        """Puts these curves in the place of the others; limits, formulas and legends stay as they are.

        So do titles, unless they are given the ``values`` of the parameters to show.
        """
        for axes, panel in self._encoded(curves, values):
            marks = self._marks(axes, panel, curves, clip=True)
            poles = asymptotes(curves, panel.quantities)
            drawn = self._drawn[axes]
            if drawn.kinds == [mark.kind for mark in marks] and len(drawn.asymptotes) == len(poles):
                for mark, line in zip(marks, drawn.lines, strict=True):
                    mark.move(line)
                for x, asymptote in zip(poles, drawn.asymptotes, strict=True):
                    asymptote.set_segments([[(x, 0), (x, 1)]])
            else:
                for artist in self.curve_artists(axes):
                    artist.remove()
                self._add_curves(axes, marks, poles)
            if values is not None:
                self._show_title(axes, panel.title)

    def retitle(self, functions: Sequence[Function]) -> None:
        """Gives the panels the titles that they have with curves of these functions."""
        for (axes, _), panel in zip(self._panels, self._encoding.panels(functions), strict=True):
            self._show_title(axes, panel.title)

    def _encoded(self, curves: Sequence[Curve], values: str | None = None) -> Iterator[tuple[Axes, PanelEncoding]]:
        panels = self._encoding.panels([curve.function for curve in curves], values)
        return ((axes, panel) for (axes, _), panel in zip(self._panels, panels, strict=True))

    def _marks(self, axes: Axes, panel: PanelEncoding, curves: Sequence[Curve], *, clip: bool) -> list[Mark]:
        """The lines and dots of the curves in a panel, in the order of drawing."""
        within = None if clip else self._given_limits(panel.quantities)
        marks = [
            mark
            for line in panel.lines
            for mark in curve_marks(
                curves[line.curve], line, line.colour.on(self._background), self._dots, clip=clip, within=within
            )
        ]
        if "y" in panel.quantities:
            for index, curve in enumerate(curves):
                colour = self.line_style("dy", index if len(curves) > 1 else None)[0]
                marks += tangent_marks(curve, index, colour)
        return marks

    def _add_curves(self, axes: Axes, marks: Sequence[Mark], poles: Sequence[float]) -> None:
        with self._drawing():
            lines = [mark.add(axes) for mark in marks]
            asymptotes = [add_asymptote(axes, x) for x in poles]
        self._drawn[axes] = _Drawn([mark.kind for mark in marks], lines, asymptotes)

    def _add_formulas(self, axes: Axes, panel: PanelEncoding, curve: Curve, *, fit: bool) -> None:
        has_poles = curve.too_many_breaks or any(is_pole(at, panel.quantities[0]) for at in curve.breaks)
        lines = [f"${line}$" for symbol, formula in panel.formulas for line in mathtext(formula, symbol)]
        size = self._scale * self._text_scale * FORMULA_SIZE
        place_formula(axes, lines, may_grow=fit and not has_poles, size=size)

    def _set_title(self, axes: Axes, panel: PanelEncoding) -> None:
        """Makes the title of a panel."""
        colour = panel.title_colour.on(self._background) if panel.title_colour else title_colour()
        self._title_size = matplotlib.rcParams["axes.titlesize"]
        # At a height that is given, since matplotlib would measure all ticks for one.
        axes.set_title("", y=1.0, color=colour)
        self._show_title(axes, panel.title)

    def _show_title(self, axes: Axes, words: str) -> None:
        """Writes the title of a panel, small enough for it."""
        size = self._scale * FontProperties(size=self._title_size).get_size_in_points()
        beside = self._margins.right + self._scale * self._growth.margins.right
        overhang = min(_OVERHANG, 2 * beside - 0.04)
        free = axes.bbox.width + overhang * self._figure.dpi
        room = self._margins.top - _TITLE_PAD - (_TITLE_HEIGHT if self._title else 0.0)
        height = None if self._scale == 1 else room * _POINTS
        fit_title(axes.title, words, self._renderer, size=size, width=free, height=height)


@dataclass(frozen=True)
class _Drawn:
    """The artists of the curves of a panel: of each kind of mark its line, and the asymptotes."""

    kinds: list[tuple[str | int, ...]]
    lines: list[Line2D]
    asymptotes: list[LineCollection]


def set_scales(axes: Axes, xscale: str, yscale: str) -> None:
    """Gives axes scales other than the linear ones that they have."""
    for scale, set_scale in ((xscale, axes.set_xscale), (yscale, axes.set_yscale)):
        if scale != "linear":
            settings: dict[str, Any] = {"nonpositive": "mask"} if scale == "log" else {"linthresh": LINEAR_TO}
            set_scale(scale, **settings)


def given_limits(style: Style, quantities: Sequence[str]) -> tuple[float, float] | None:
    """The ends of y that a style gives the panel of these quantities; None where it gives none."""
    return style.limits.get("y" if style.layout == "overlay" else quantities[0])


def context_of(style: Style) -> dict[str, Any]:
    """Keywords for :func:`~actplot.plot.style.drawing`, beside the language."""
    return {name: getattr(style, name) for name in CONTEXT}


def check_words(style: Style) -> None:
    """Raises :class:`NoGlyph` or :class:`BadValue` for words of the user's that cannot be drawn."""
    for each in (style.heading, *style.label, style.xlabel, *style.ylabel):
        if each is not None:
            check_text(each, style.lang, style.font)


def encoding_of(style: Style, *, order: int, headings: tuple[str, ...] | None = None) -> Encoding:
    """How curves of an order are drawn in the present context."""
    return Encoding(
        order=order,
        layout=style.layout,
        lang=style.lang,
        title=style.title,
        headings=headings or (),
        chosen=style.panels,
        names=style.label,
        cycle=tuple((to_hex(colour), "") for colour in style.color) or line_cycle(),
        x_label=style.xlabel,
        y_labels=style.ylabel,
        has_formulas=style.formula,
    )


def description(curves: Sequence[Curve], lang: Language) -> str:
    """What curves show, in words: a line for each."""
    told = []
    for curve in curves:
        function, (low, high) = curve.function, map(number, curve.range)
        formulas = [plain(function.formula)] if function.formula else []
        if curve.order > 0 and function.derivative:
            formulas.append(plain(function.derivative, SYMBOLS["dy"]))
        parts = [phrases.CURVE_SHOWN[lang].format(label=function.label, low=low, high=high)]
        parts += ["  ".join(lines) for lines in formulas]
        if curve.breaks and curve.has_few_breaks:
            places = ", ".join(f"{at.x:.6g}" for at in curve.breaks)
            parts.append(phrases.BREAKS_SHOWN[lang].format(places=places))
        told.append(phrases.PART[lang].join(parts))
    return "\n".join(told)


def warm_up(
    figure: CurveFigure, functions: Sequence[Function], order: int = 1, range: tuple[float, float] | None = None
) -> Figure:
    """The figure with straight lines in the place of the functions' curves.

    Once it is drawn, fonts, formulas and drawing code are at hand for the curves that another process is computing.
    """
    ends = range or functions[0].range
    x = np.array(ends)
    y = x if x[0] > 0 else x - x[0] + 1  # above 0, for logarithmic axes
    return figure.draw(*(Curve(each, ends, x.size, order, "float64", "cpu", x, y, y, y, ()) for each in functions))
