"""Figures: a curve on the left, its derivatives to the right; or all, or several, laid over each other."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from actplot.errors import BadValue
from actplot.functions.formula import mathtext
from actplot.functions.registry import Function
from actplot.numerics.curve import Curve
from actplot.options import DPI, check_layout, check_order, check_size, natural_size
from actplot.plot.artists import (
    Mark,
    TickFormatter,
    add_asymptote,
    add_line,
    add_zero_axes,
    asymptotes,
    clear,
    curve_marks,
    tangent_marks,
)
from actplot.plot.encoding import MARGINS, Encoding, Margins, PanelEncoding, axis_label, line_style
from actplot.plot.fonts import check_text
from actplot.plot.limits import x_limits, y_limits
from actplot.plot.marks import is_pole, line_points
from actplot.plot.placement import FORMULA_SIZE, fit_title, place_formula, place_legend
from actplot.plot.style import background, drawing, title_colour
from actplot.text import Text, choose_language

# Pixels of a browser's inch.
_PIXELS = 96
# Inches of a title above several panels, and from the top of the figure to it.
_TITLE_HEIGHT, _TITLE_INSET = 0.35, 0.15
# Inches from a panel to the labels of its axes, the same in every figure, so that none is searched for.
_X_LABEL, _Y_LABEL = 0.32, 0.48
# Points of that title; inches by which the title of a panel may be wider than it, and to the panel.
_TITLE_SIZE, _OVERHANG, _TITLE_PAD = 14.0, 0.3, 0.09
# Points of an inch.
_POINTS = 72.0
# The scale of text below which axes have no labels.
_LABELLED = 0.8


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
    """A figure of one curve and its derivatives, or of several over each other; a keyword for each option it has.

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
    for each in (curve, *others):
        if not isinstance(each, Curve):
            raise BadValue(
                Text(f"draw takes curves, not {each!r}", f"draw 的参数是曲线，不是 {each!r}"),
                Text('as in actplot.draw(actplot.sample("gelu"))', '例如 actplot.draw(actplot.sample("gelu"))'),
            )
    if any(other.order != curve.order for other in others):
        raise BadValue(
            Text("curves of different orders do not fit into one figure", "阶数不同的曲线不能画在同一张图里"),
            Text("sample them with the same order", "请用相同的 order 取样"),
        )
    figure = CurveFigure(
        order=curve.order, lang=lang, layout=layout, title=title, style=style, font=font, size=size, dpi=dpi
    )
    return figure.draw(curve, *others)


class NotebookFigure(Figure):
    """A figure that notebooks show as a picture, although pyplot does not know it."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        picture = io.BytesIO()
        with drawing():
            self.savefig(picture, format="png", dpi=self.dpi, facecolor=self.get_facecolor())
        width, height = (round(_PIXELS * inches) for inches in self.get_size_inches())
        return picture.getvalue(), {"width": width, "height": height}


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
    has_legend
        Whether several lines in a panel are explained there.
    lang, layout, title, style, font, size, dpi
        As for :func:`draw`, whose options these are.
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
        has_legend: bool = True,
    ) -> None:
        language = choose_language(lang)
        self._encoding = Encoding(check_order(order), check_layout(layout), language, title, headings or ())
        size, dpi = check_size(size or natural_size(len(self._encoding.quantities)), dpi)
        self._has_legend, self._margins, self._scale = has_legend, MARGINS, 1.0
        self._drawn: dict[Axes, _Drawn] = {}
        self._drawing = partial(drawing, language, style=style, font=font)
        with self._drawing():
            if title is not None:
                check_text(title, language, font)
            self._figure = NotebookFigure(figsize=size, dpi=dpi) if figure is None else figure
            if figure is None:
                FigureCanvasAgg(self._figure)
            words = self._encoding.figure_title
            self._title = None if words is None else self._figure.suptitle(words, va="top", fontsize=_TITLE_SIZE)
            self._panels = [(self._add_axes(quantities), quantities) for quantities in self._encoding.quantities]
            self.arrange()
            self._background = background()

    def _add_axes(self, quantities: tuple[str, ...]) -> Axes:
        axes = self._figure.add_axes((0.1, 0.1, 0.8, 0.8))
        for axis in (axes.xaxis, axes.yaxis):  # ticks at 5 and 10 rather than at 2.5 and 7.5
            axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))
            axis.set_major_formatter(TickFormatter())
        axes.set_xlabel(PanelEncoding.x_label)
        axes.set_ylabel(axis_label(quantities))
        return axes

    @property
    def panels(self) -> list[tuple[Axes, tuple[str, ...]]]:
        """Each panel with what it shows: "y", "dy", "d2y"."""
        return self._panels

    @property
    def _renderer(self) -> Any:
        """What text is measured with: that of the canvas, which may have changed its resolution."""
        return self._figure.canvas.get_renderer()  # type: ignore[attr-defined]

    def curve_artists(self, axes: Axes) -> list[Artist]:
        """What of a panel shows the curves: lines, dots, tangents and asymptotes."""
        drawn = self._drawn.get(axes)
        return [] if drawn is None else [*drawn.asymptotes, *drawn.lines]

    def line_style(self, quantity: str, index: int | None) -> tuple[str, str]:
        """Colour and dashes of the line of a quantity; ``index`` is the place of its curve among several."""
        colour, dashes = line_style(quantity, index)
        return colour.on(self._background), dashes

    def arrange(self, margins: Margins = MARGINS, scale: float = 1.0) -> None:
        """Puts the panels where they belong, with the same margins at any size of the figure.

        Parameters
        ----------
        margins
            Inches around the panels and between them.
        scale
            The factor by which text is smaller than usual; below 0.8 axes have ticks and no labels, and titles take
            several lines where one is too long.
        """
        self._margins = margins
        if scale != self._scale:
            self._rescale(scale)
        width, height = self._figure.get_size_inches()
        across = (width - margins.left - margins.right - margins.between * (len(self._panels) - 1)) / len(self._panels)
        across = max(0.1, across)
        up = max(0.1, height - margins.bottom - margins.top - (_TITLE_HEIGHT if self._title else 0.0))
        if self._title:
            middle = (width + (margins.left - MARGINS.left)) / 2
            self._title.set_fontsize(_TITLE_SIZE * scale)
            self._title.set_position((middle / width, 1 - _TITLE_INSET / height))
        for index, (axes, _) in enumerate(self._panels):
            start = margins.left + index * (across + margins.between)
            axes.set_position((start / width, margins.bottom / height, across / width, up / height))
            axes.yaxis.set_label_coords(-scale * _Y_LABEL / across, 0.5)
            axes.xaxis.set_label_coords(0.5, -scale * _X_LABEL / up)

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
        with self._drawing():
            for axes, panel in self._encoded(curves):
                clear(axes)
                if fit:
                    axes.set_xlim(x_limits(curves))
                add_zero_axes(axes)
                marks = self._marks(axes, panel, curves, clip=not fit)
                self._add_curves(axes, marks, asymptotes(curves, panel.quantities))
                if fit:
                    axes.set_ylim(y_limits(curves, panel.quantities))
                if beside:
                    axes.set_ylim(y_limits([*curves, *beside], panel.quantities))
                obstacles = [add_line(axes, *line_points(each, q)) for each in beside for q in panel.quantities]
                if panel.has_legend:
                    if self._has_legend:
                        place_legend(axes, self._renderer, may_grow=fit)
                elif panel.formula is not None:
                    self._add_formula(axes, panel, panel.formula, curves[0], fit=fit)
                for line in obstacles:
                    line.remove()
                self._set_title(axes, panel)
        return self._figure

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
                self._show_title(axes, panel)

    def retitle(self, functions: Sequence[Function]) -> None:
        """Gives the panels the titles that they have with curves of these functions."""
        for (axes, _), panel in zip(self._panels, self._encoding.panels(functions), strict=True):
            self._show_title(axes, panel)

    def _encoded(self, curves: Sequence[Curve], values: str | None = None) -> Iterator[tuple[Axes, PanelEncoding]]:
        panels = self._encoding.panels([curve.function for curve in curves], values)
        return ((axes, panel) for (axes, _), panel in zip(self._panels, panels, strict=True))

    def _marks(self, axes: Axes, panel: PanelEncoding, curves: Sequence[Curve], *, clip: bool) -> list[Mark]:
        """The lines and dots of the curves in a panel, in the order of drawing."""
        marks = [
            mark
            for line in panel.lines
            for mark in curve_marks(axes, curves[line.curve], line, line.colour.on(self._background), clip=clip)
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

    def _add_formula(self, axes: Axes, panel: PanelEncoding, formula: str, curve: Curve, *, fit: bool) -> None:
        has_poles = curve.too_many_breaks or any(is_pole(at, panel.quantities[0]) for at in curve.breaks)
        lines = [f"${line}$" for line in mathtext(formula, panel.symbol)]
        size = self._scale * FORMULA_SIZE
        place_formula(axes, lines, may_grow=fit and not has_poles, size=size)

    def _set_title(self, axes: Axes, panel: PanelEncoding) -> None:
        """Makes the title of a panel."""
        colour = panel.title_colour.on(self._background) if panel.title_colour else title_colour()
        self._title_size = matplotlib.rcParams["axes.titlesize"]
        # At a height that is given, since matplotlib would measure all ticks for one.
        axes.set_title("", y=1.0, color=colour)
        self._show_title(axes, panel)

    def _show_title(self, axes: Axes, panel: PanelEncoding) -> None:
        """Writes the title of a panel, small enough for it."""
        size = self._scale * FontProperties(size=self._title_size).get_size_in_points()
        overhang = _OVERHANG if self._scale == 1 else min(_OVERHANG, 2 * self._margins.right - 0.04)
        free = axes.bbox.width + overhang * self._figure.dpi
        room = self._margins.top - _TITLE_PAD - (_TITLE_HEIGHT if self._title else 0.0)
        height = None if self._scale == 1 else room * _POINTS
        fit_title(axes.title, panel.title, self._renderer, size=size, width=free, height=height)


@dataclass(frozen=True)
class _Drawn:
    """The artists of the curves of a panel: of each kind of mark its line, and the asymptotes."""

    kinds: list[tuple[str | int, ...]]
    lines: list[Line2D]
    asymptotes: list[LineCollection]


def warm_up(figure: CurveFigure, functions: Sequence[Function], order: int = 1) -> Figure:
    """The figure with straight lines in the place of the functions' curves.

    Once it is drawn, fonts, formulas and drawing code are at hand for the curves that another process is computing.
    """
    x = np.array(functions[0].range)
    return figure.draw(
        *(Curve(each, functions[0].range, x.size, order, "float64", "cpu", x, x, x, x, ()) for each in functions)
    )
