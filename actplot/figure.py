"""Figures: a curve on the left, its derivative on the right; or both, or several, laid over each other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import NDArray

from actplot import text
from actplot.breaks import Break
from actplot.curve import Curve
from actplot.fonts import check_text, families
from actplot.formula import mathtext
from actplot.options import DPI, SIZE, check_layout, check_size, check_style
from actplot.registry import Function
from actplot.text import Language, choose_language

# One function is blue and its derivative red; several follow Okabe and Ito, whom the colour-blind can tell apart.
_BLUE, _RED = {"light": "#1f5fc4", "dark": "#6ea8ff"}, {"light": "#d0281e", "dark": "#ff7b6e"}
_CYCLE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = ("-", "--")

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
def drawing(lang: str | None = None, *, style: str | None = None, font: str | None = None) -> Iterator[None]:
    """A context in which artists are made and saved: matplotlib's defaults, ``style``, our fonts; nobody's matplotlibrc."""
    settings: Any = matplotlib.rcParams
    with matplotlib.rc_context():
        settings.update({key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"})
        settings.update(_HOUSE)
        if style is not None:
            from matplotlib import style as styles

            styles.use(check_style(style))
            if not settings["axes.grid"]:  # a style that draws no grid has not chosen how strong it may be
                settings.update({"axes.grid": True, "grid.alpha": 0.3})
        else:
            settings.update(_STYLE)
        settings.update({**_FIXED, "font.family": families(choose_language(lang), font)})
        yield


def draw(
    curve: Curve,
    *others: Curve,
    lang: str | None = None,
    layout: str = "side",
    title: str | None = None,
    style: str | None = None,
    font: str | None = None,
    size: tuple[float, float] = SIZE,
    dpi: float = DPI,
) -> Figure:
    """A figure of one curve and its derivative, or of several over each other.

    Parameters
    ----------
    curve, *others
        What to draw. Several share the axes, with a legend.
    lang
        "zh" or "en", for the titles; by default ``ACTPLOT_LANG``, else Chinese.
    layout
        "side" for two panels, the derivative on the right; "overlay" for both in one.
    title
        Replaces the title of the figure: a line above both panels with "side".
    style
        A style of matplotlib's: name, file or ``package.style``.
    font
        A family or font file that is asked first for every character.
    size
        Width and height in inches.
    dpi
        Dots per inch.

    Returns
    -------
    matplotlib.figure.Figure
        With two axes, or one with "overlay"; made without pyplot.

    Raises
    ------
    BadValue
        For an option that is not allowed.
    NoGlyph
        For a title with a character that no font can draw.
    """
    language = choose_language(lang)
    size, dpi = check_size(size, dpi)
    check_layout(layout)
    with drawing(language, style=style, font=font):
        figure = Figure(figsize=size, dpi=dpi)
        canvas = FigureCanvasAgg(figure)
        if title is not None:
            check_text(title, language, font)
        painter = _Painter(figure, [curve, *others], language)
        if layout == "overlay":
            painter.overlay(title)
        else:
            painter.side(title)
        painter.settle(canvas)
        return figure


def rehearse(function: Function, **options: Any) -> Figure:
    """A figure with a straight line in the place of the function's curve.

    Once it is drawn, fonts, formulas and drawing code are at hand for the curve that another process is computing.
    """
    x = np.array(function.range)
    return draw(Curve(function, function.range, x.size, "float64", "cpu", x, x, x, ()), **options)


class _Painter:
    """Puts curves onto the axes of one figure."""

    def __init__(self, figure: Figure, curves: Sequence[Curve], lang: Language) -> None:
        self.figure, self.curves, self.lang = figure, curves, lang
        red, green, blue = to_rgb(matplotlib.rcParams["axes.facecolor"])
        self.ground = "light" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "dark"
        self.formulas: list[tuple[Axes, list[str]]] = []

    def side(self, title: str | None) -> None:
        left, right = self._axes(2, headed=title is not None)
        for axes, part, label in ((left, "y", "y"), (right, "dy", "dy/dx")):
            derivative = part == "dy"
            self._lines(axes, part)
            axes.set_xlabel("x")
            axes.set_ylabel(label)
            heading = axes.set_title(self._title(derivative))
            if derivative and self.alone:
                heading.set_color(_RED[self.ground])
            if self.alone:
                self._formula(axes, derivative)
            else:
                axes.legend(loc="best")
        if title is not None:
            self.figure.suptitle(title, y=1 - 0.15 / self.figure.get_figheight(), va="top", fontsize=14)

    def overlay(self, title: str | None) -> None:
        (axes,) = self._axes(1)
        for part in ("y", "dy"):
            self._lines(axes, part, both=True)
        axes.set_xlabel("x")
        axes.set_ylabel("y, dy/dx")
        axes.set_title(title if title is not None else self._title(None))
        axes.legend(loc="best")

    def settle(self, canvas: FigureCanvasAgg) -> None:
        """What needs to know sizes: titles that fit their panels, formulas where the curve leaves room."""
        renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
        for axes in self.figure.axes:
            room = axes.bbox.width + 0.3 * self.figure.dpi
            taken = axes.title.get_window_extent(renderer).width
            if taken > room:
                axes.title.set_fontsize(float(axes.title.get_fontsize()) * room / taken)
        for axes, lines in self.formulas:
            _place(axes, lines)

    @property
    def alone(self) -> bool:
        return len(self.curves) == 1

    def _axes(self, panels: int, *, headed: bool = False) -> list[Axes]:
        width, height = self.figure.get_size_inches()
        panel = (width - _LEFT - _RIGHT - _BETWEEN * (panels - 1)) / panels
        tall = height - _BOTTOM - _TOP - 0.35 * headed
        low, high = self.curves[0].range
        made = []
        for index in range(panels):
            start = _LEFT + index * (panel + _BETWEEN)
            axes = self.figure.add_axes((start / width, _BOTTOM / height, panel / width, tall / height))
            for axis in (axes.xaxis, axes.yaxis):  # ticks at 5 and 10 rather than at 2.5 and 7.5
                axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))
            axes.set_xlim(min(low, *(c.range[0] for c in self.curves)), max(high, *(c.range[1] for c in self.curves)))
            made.append(axes)
        return made

    def _title(self, derivative: bool | None) -> str:
        """The title of the function's panel, the derivative's, or (None) of the two in one."""
        if not self.alone:
            several = {False: text.SEVERAL_FUNCTIONS, True: text.SEVERAL_DERIVATIVES, None: text.SEVERAL_BOTH}
            return several[derivative][self.lang]
        function = self.curves[0].function
        one = {False: text.FUNCTION_TITLE, True: text.DERIVATIVE_TITLE, None: text.BOTH_TITLE}[derivative]
        values = text.assignments(function.chosen)
        values = text.TITLE_VALUES[self.lang].format(values=values) if values else ""
        return one[self.lang].format(name=function.title, values=values)

    def _lines(self, axes: Axes, part: str, *, both: bool = False) -> None:
        """The line of each curve in one panel, with dots at its breaks."""
        for index, curve in enumerate(self.curves):
            label = curve.function.label
            if self.alone:
                color = (_BLUE if part == "y" else _RED)[self.ground]
                label = (text.FUNCTION_LABEL if part == "y" else text.DERIVATIVE_LABEL)[self.lang]
                dashes = "-"
            else:
                color = _CYCLE[index % len(_CYCLE)]
                dashes = _DASHES[index // len(_CYCLE) % len(_DASHES)]
                if both and part == "dy":
                    label, dashes = f"{label}  dy/dx", ":"
            y = getattr(curve, part)
            axes.plot(curve.x, y, color=color, linestyle=dashes, label=label, zorder=2.5, solid_capstyle="butt")
            self._dots(axes, curve, part, color)
        _fit(axes, np.concatenate([line.get_ydata() for line in axes.lines]))
        for across, along in (
            (axes.get_yaxis_transform(), [(0, 0), (1, 0)]),
            (axes.get_xaxis_transform(), [(0, 0), (0, 1)]),
        ):
            zero = LineCollection([along], transform=across, zorder=1.5, linewidths=1.0)
            zero.set_color(matplotlib.rcParams["axes.edgecolor"])
            axes.add_collection(zero, autolim=False)

    def _dots(self, axes: Axes, curve: Curve, part: str, color: str) -> None:
        """Open dots at the limits of each jump, a filled one at the value that torch returns."""
        low, high = curve.range
        open_x, open_y, full_x, full_y = [], [], [], []
        for at in curve.breaks:
            if not _shown(at, part):
                continue
            for side, inside in (("left", at.x > low), ("right", at.x < high)):
                if inside:
                    open_x.append(at.x)
                    open_y.append(getattr(at, f"{part}_{side}"))
            full_x.append(at.x)
            full_y.append(getattr(at, f"{part}_at"))
        dots: dict[str, Any] = dict(
            marker="o", linestyle="none", markersize=5, clip_on=False, color=color, label="_dots"
        )
        if full_x:
            face = axes.get_facecolor()
            axes.plot(open_x, open_y, markerfacecolor=face, markeredgewidth=1.3, zorder=2.6, **dots)
            axes.plot(full_x, full_y, markeredgewidth=1.3, zorder=2.7, **dots)

    def _formula(self, axes: Axes, derivative: bool) -> None:
        function = self.curves[0].function
        formula = function.derivative if derivative else function.formula
        if formula is not None:
            lines = mathtext(formula, "f'(x)" if derivative else "f(x)")
            self.formulas.append((axes, [f"${line}$" for line in lines]))


def _shown(at: Break, part: str) -> bool:
    """Whether the panel of the function ("y") or of the derivative ("dy") jumps there."""
    return at.jumps or (part == "dy" and at.bends)


def _fit(axes: Axes, y: NDArray[np.float64]) -> None:
    """Limits of y around what is drawn; a constant gets room on both sides, and 0 in sight."""
    finite = y[np.isfinite(y)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if high - low <= 1e-9 * max(1e-290, abs(low), abs(high)):
        reach = abs(high) or 1.0
        low, high = min(low, 0.0) - reach / 2, max(high, 0.0) + reach / 2
    margin = 0.06 * (high - low)
    axes.set_ylim(low - margin, high + margin)


# Where a formula may stand, as shares of the free width and height: the corners first.
_PLACES = ((0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0), (0.5, 1.0), (0.5, 0.0), (0.0, 0.5), (1.0, 0.5))
_FORMULA_SIZE, _SMALLEST_FORMULA = 12.0, 7.0


def _place(axes: Axes, lines: Sequence[str]) -> None:
    """Sets the lines of a formula where the curve leaves room; makes room above where it leaves none."""
    inset, clearance = 0.1 * axes.figure.dpi, 0.07 * axes.figure.dpi
    width, height, corners = _measure(tuple(lines))
    unit = axes.figure.dpi / 72
    fitting = min((axes.bbox.width - 2 * inset) / (width * unit), 0.3 * axes.bbox.height / (height * unit))
    scale = min(_FORMULA_SIZE, fitting)
    if scale < _SMALLEST_FORMULA:
        return
    pixels = scale * unit
    free_across, free_up = axes.bbox.width - 2 * inset - width * pixels, axes.bbox.height - 2 * inset - height * pixels
    curve = _outline(axes)
    for across, up in _PLACES:
        x, y = inset + across * free_across, inset + up * free_up
        spot = Bbox.from_bounds(axes.bbox.x0 + x, axes.bbox.y0 + y, width * pixels, height * pixels).padded(clearance)
        if not any(path.intersects_bbox(spot, filled=False) for path in curve):
            break
    else:
        x, y = inset, inset + free_up
        low, high = axes.get_ylim()
        share = (height * pixels + inset + 2 * clearance) / axes.bbox.height
        axes.set_ylim(low, low + (high - low) / (1 - share))
    # A veil over grid and axes, so that they do not run through the letters.
    veil = Bbox.from_bounds(x, y, width * pixels, height * pixels).padded(0.5 * clearance)
    veil = veil.transformed(Affine2D().scale(1 / axes.bbox.width, 1 / axes.bbox.height))
    axes.add_patch(
        Rectangle(
            veil.p0,
            veil.width,
            veil.height,
            transform=axes.transAxes,
            color=axes.get_facecolor(),
            alpha=0.85,
            linewidth=0,
            zorder=2,
        )
    )
    for line, (left, base) in zip(lines, corners, strict=True):
        axes.text(
            (x + left * pixels) / axes.bbox.width,
            (y + base * pixels) / axes.bbox.height,
            line,
            transform=axes.transAxes,
            fontsize=scale,
            zorder=3,
        )


@cache
def _measure(lines: tuple[str, ...]) -> tuple[float, float, list[tuple[float, float]]]:
    """Width and height of lines set below each other at size 1, and where each starts: left end and base line.

    Measured on the glyphs: the size that mathtext gives for stacked rows leaves some of them out.
    """
    extents = [TextPath((0, 0), line, size=_FORMULA_SIZE).get_extents() for line in lines]
    height, corners = 0.0, []
    for extent in reversed(extents):
        corners.append((-extent.x0, height - extent.y0))
        height += extent.height + 0.4 * _FORMULA_SIZE
    height -= 0.4 * _FORMULA_SIZE
    width = max(extent.width for extent in extents)
    unit = 1 / _FORMULA_SIZE
    return width * unit, height * unit, [(left * unit, base * unit) for left, base in reversed(corners)]


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
