"""Figures: a curve on the left, its derivatives to the right; or all, or several, laid over each other."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Literal, Unpack

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from actplot import text as phrases
from actplot.errors import BadValue, did_you_mean
from actplot.functions.formula import mathtext, plain
from actplot.functions.registry import Function, tell_apart
from actplot.look import Options, check_look, order_of_panels, style_of
from actplot.numerics.curve import SAMPLING, Curve, Source, bound, sample
from actplot.options import CONTEXT, DPI, Style, check_order
from actplot.plot.artists import add_asymptotes, add_curve, add_line, add_tangents, add_zero_axes, clear, linestyle
from actplot.plot.encoding import SYMBOLS, Encoding, PanelEncoding
from actplot.plot.fonts import check_text
from actplot.plot.limits import LINEAR_TO, x_limits, y_limits
from actplot.plot.marks import is_pole, line_points
from actplot.plot.placement import place_formula, place_legend
from actplot.plot.sheet import Sheet
from actplot.plot.style import background, drawing, ground, line_cycle, room_for_text, text_scale, title_colour
from actplot.text import Language, number

# Of a title above several panels: points, and inches that it takes and that are above it.
_TITLE_SIZE, _TITLE_HEIGHT, _TITLE_INSET = 14.0, 0.35, 0.15
# Inches from a panel to the labels of its axes, the same in every figure, so that none is searched for.
_X_LABEL, _Y_LABEL = 0.32, 0.48
# Inches by which a title may be wider than its panel.
_OVERHANG = 0.3


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
            phrases.Text("draw needs a function or a curve", "draw 需要一个函数或一条曲线"),
            phrases.Text('as in actplot.draw("gelu")', '例如 actplot.draw("gelu")'),
        )
    sampled = [source for source in sources if isinstance(source, Curve)]
    if sampled and how:
        name = next(iter(how))
        otherwise = phrases.Text("give it to actplot.sample", "请把它给 actplot.sample")
        raise BadValue(
            phrases.Text(
                f"{name} has no meaning for a curve that is sampled already", f"{name} 对已经取样的曲线没有意义"
            ),
            did_you_mean(name, Options.__annotations__, otherwise),
        )
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
    if any(each.order != sampled[0].order for each in sampled):
        raise BadValue("curves of different orders do not fit into one figure", "sample them with the same order")
    return sampled


class CurveFigure:
    """A figure with its panels, on which one function after another can be drawn, pixel by pixel as on a fresh one.

    Parameters
    ----------
    order
        That of the curves.
    headings
        In place of the titles of the panels.
    figure
        What is drawn on in place of a new figure; it keeps its size.
    margins
        Inches that are left free at the left and at the bottom.
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
        margins: tuple[float, float] = (0.0, 0.0),
        **options: Unpack[Options],
    ) -> None:
        self._style = style = style_of(options, order=check_order(order))
        self._margins = margins
        self._artists: dict[Axes, list[Artist]] = {}
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
            size = _TITLE_SIZE * text_scale()
            self._title = None if words is None else self._figure.suptitle(words, va="top", fontsize=size)
            self._panels = [(self._add_axes(place), each) for place, each in enumerate(self._encoding.quantities)]
            self._room = room_for_text(_X_LABEL, _Y_LABEL)
            self.arrange()
            self._background = background()
            self.ground = ground()

    def _add_axes(self, place: int) -> Axes:
        axes = self._figure.add_axes((0.1, 0.1, 0.8, 0.8))
        for axis in (axes.xaxis, axes.yaxis):  # ticks at 5 and 10 rather than at 2.5 and 7.5
            axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))
        set_scales(axes, self._style.xscale, self._style.yscale)
        axes.set_xlabel(self._encoding.x_label_shown)
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
        return self._artists.get(axes, [])

    def line_style(self, quantity: str, index: int | None) -> tuple[str, str]:
        """Colour and dashes of the line of a quantity; ``index`` is the place of its curve among several."""
        colour, dashes = self._encoding.line_style(quantity, index)
        return colour.on(self._background), dashes

    def legend(self, curves: Sequence[Curve]) -> list[tuple[str, str, Any]]:
        """The name, colour and linestyle of each of several curves."""
        names = self._encoding.names or tell_apart([curve.function for curve in curves])
        styles = (self.line_style("y", index) for index in range(len(names)))
        return [(name, colour, linestyle(dashes)) for name, (colour, dashes) in zip(names, styles, strict=True)]

    def arrange(self) -> None:
        """Puts the panels where they belong, with the same margins at any size of the figure."""
        width, height = self._figure.get_size_inches()
        margins, x_label, y_label = self._room
        left, bottom = margins.left + self._margins[0], margins.bottom + self._margins[1]
        across = max(
            0.1, (width - left - margins.right - margins.between * (len(self._panels) - 1)) / len(self._panels)
        )
        above = _TITLE_HEIGHT * text_scale() if self._title else 0.0
        up = max(0.1, height - bottom - margins.top - above)
        if self._title:
            self._title.set_position(((width + self._margins[0]) / 2 / width, 1 - _TITLE_INSET / height))
        for index, (axes, _) in enumerate(self._panels):
            start = left + index * (across + margins.between)
            axes.set_position((start / width, bottom / height, across / width, up / height))
            axes.yaxis.set_label_coords(-y_label / across, 0.5)
            axes.xaxis.set_label_coords(0.5, -x_label / up)

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
                self._add_curves(axes, panel, curves, fit=fit)
                if beside:
                    axes.set_ylim(self._limits([*curves, *beside], panel))
                fitted[axes] = axes.get_ylim()
                self._annotate(axes, panel, curves, beside, fit=fit)
                self._set_title(axes, panel)
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
                self._fit_title(axes)
                grown[axes] = axes.get_ylim() if is_ours else grown[axes]
            self._renderer_of_layout = None

    def _limits(self, curves: Sequence[Curve], panel: PanelEncoding) -> tuple[float, float]:
        """The ends of y: those that are given, else those that hold the curves."""
        return given_limits(self._style, panel) or y_limits(curves, panel.quantities, self._style.yscale)

    def _annotate(
        self, axes: Axes, panel: PanelEncoding, curves: Sequence[Curve], beside: Sequence[Curve], *, fit: bool
    ) -> None:
        """The legend or the formula."""
        before = {*axes.texts, *axes.patches, axes.get_legend()}
        may_grow = fit and given_limits(self._style, panel) is None
        obstacles = [add_line(axes, *line_points(each, q)) for each in beside for q in panel.quantities]
        if panel.has_legend:
            if self._style.legend:
                place_legend(axes, self._renderer, may_grow=may_grow)
        elif panel.formula is not None:
            self._add_formula(axes, panel, panel.formula, curves[0], fit=may_grow)
        for line in obstacles:
            line.remove()
        after = (*axes.texts, *axes.patches, axes.get_legend())
        self._annotations[axes] = [each for each in after if each is not None and each not in before]

    def move(self, *curves: Curve, values: str | None = None) -> None:
        """Puts these curves in the place of the others; limits, formulas and legends stay as they are.

        So do titles, unless they are given the ``values`` of the parameters to show.
        """
        with self._drawing():
            for axes, panel in self._encoded(curves, values):
                for artist in self._artists.pop(axes, ()):
                    artist.remove()
                self._add_curves(axes, panel, curves, fit=False)
                if values is not None:
                    self._set_title(axes, panel)

    def _encoded(self, curves: Sequence[Curve], values: str | None = None) -> Iterator[tuple[Axes, PanelEncoding]]:
        panels = self._encoding.panels([curve.function for curve in curves], values)
        return ((axes, panel) for (axes, _), panel in zip(self._panels, panels, strict=True))

    def _add_curves(self, axes: Axes, panel: PanelEncoding, curves: Sequence[Curve], *, fit: bool) -> None:
        before = {*axes.lines, *axes.collections}
        within = given_limits(self._style, panel) if fit else None
        for line in panel.lines:
            colour = line.colour.on(self._background)
            add_curve(axes, curves[line.curve], line, colour, clip=not fit, within=within)
        if fit:
            axes.set_ylim(self._limits(curves, panel))
        if "y" in panel.quantities:
            for index, curve in enumerate(curves):
                add_tangents(axes, curve, self.line_style("dy", index if len(curves) > 1 else None)[0])
        add_asymptotes(axes, curves, panel.quantities)
        self._artists[axes] = [each for each in (*axes.collections, *axes.lines) if each not in before]

    def _add_formula(self, axes: Axes, panel: PanelEncoding, formula: str, curve: Curve, *, fit: bool) -> None:
        has_poles = curve.too_many_breaks or any(is_pole(at, panel.quantities[0]) for at in curve.breaks)
        lines = [f"${line}$" for line in mathtext(formula, panel.symbol)]
        place_formula(axes, lines, self._renderer, may_grow=fit and not has_poles)

    def _set_title(self, axes: Axes, panel: PanelEncoding) -> None:
        """The title of a panel, small enough for it."""
        colour = panel.title_colour.on(self._background) if panel.title_colour else title_colour()
        axes.set_title(panel.title, color=colour)
        self._fit_title(axes)

    def _fit_title(self, axes: Axes) -> None:
        """Makes a title small enough for its panel."""
        title = axes.title
        title.set_fontsize(matplotlib.rcParams["axes.titlesize"])
        free = axes.bbox.width + _OVERHANG * self._figure.dpi
        taken = title.get_window_extent(self._renderer).width
        if taken > free:
            title.set_fontsize(float(title.get_fontsize()) * free / taken)


def set_scales(axes: Axes, xscale: str, yscale: str) -> None:
    """Gives axes scales other than the linear ones that they have."""
    for scale, set_scale in ((xscale, axes.set_xscale), (yscale, axes.set_yscale)):
        if scale != "linear":
            settings: dict[str, Any] = {"nonpositive": "mask"} if scale == "log" else {"linthresh": LINEAR_TO}
            set_scale(scale, **settings)


def given_limits(style: Style, panel: PanelEncoding) -> tuple[float, float] | None:
    """The ends of y that a style gives a panel; None where it gives none."""
    return style.limits.get("y" if style.layout == "overlay" else panel.quantities[0])


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
