"""Figures: a curve on the left, its derivative on the right; or both, or several, laid over each other."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ft2font import LoadFlags
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.text import Text as Label
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, Bbox
from numpy.typing import ArrayLike, NDArray

from actplot import text
from actplot.breaks import Break
from actplot.curve import Curve
from actplot.errors import BadValue
from actplot.fonts import check_text, families
from actplot.formula import mathtext
from actplot.options import DPI, SIZE, check_layout, check_size, check_style
from actplot.registry import Function
from actplot.text import Language, choose_language

# One function is blue and its derivative red; several follow Okabe and Ito, whom the colour-blind can tell apart.
_BLUE, _RED = {"light": "#1f5fc4", "dark": "#6ea8ff"}, {"light": "#d0281e", "dark": "#ff7b6e"}
_CYCLE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
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
    sheet = Sheet(lang=lang, layout=layout, title=title, style=style, font=font, size=size, dpi=dpi)
    return sheet.draw(curve, *others)


class Sheet:
    """A figure with its panels, on which one function after another can be drawn, pixel by pixel as on a fresh one.

    The parameters are those of :func:`draw`.
    """

    def __init__(
        self,
        *,
        lang: str | None = None,
        layout: str = "side",
        title: str | None = None,
        style: str | None = None,
        font: str | None = None,
        size: tuple[float, float] = SIZE,
        dpi: float = DPI,
    ) -> None:
        self._lang = choose_language(lang)
        self._title = title
        size, dpi = check_size(size, dpi)
        parts = [("y", "dy")] if check_layout(layout) == "overlay" else [("y",), ("dy",)]
        self._settings = partial(drawing, self._lang, style=style, font=font)
        with self._settings():
            if title is not None:
                check_text(title, self._lang, font)
            self._figure = Figure(figsize=size, dpi=dpi)
            self._renderer: Any = FigureCanvasAgg(self._figure).get_renderer()  # type: ignore[no-untyped-call]
            headed = title is not None and len(parts) == 2
            self._panels = list(zip(self._axes(len(parts), headed=headed), parts, strict=True))
            if title is not None and headed:
                self._figure.suptitle(title, y=1 - 0.15 / size[1], va="top", fontsize=14)
            red, green, blue = to_rgb(matplotlib.rcParams["axes.facecolor"])
            self._ground = "light" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "dark"

    def draw(self, *curves: Curve) -> Figure:
        """The figure with these curves in the place of what was drawn before."""
        with self._settings():
            low, high = min(curve.range[0] for curve in curves), max(curve.range[1] for curve in curves)
            for axes, parts in self._panels:
                _wipe(axes)
                axes.set_xlim(low, high)
                for part in parts:
                    for index, curve in enumerate(curves):
                        self._line(axes, curve, part, index if len(curves) > 1 else None, len(parts) > 1)
                _fit(axes, np.concatenate([line.get_ydata() for line in axes.lines]))
                _zero_axes(axes)
                if len(curves) > 1 or len(parts) > 1:
                    axes.legend(loc="best")
                else:
                    formula = curves[0].function.formula if parts == ("y",) else curves[0].function.derivative
                    if formula is not None:
                        lines = mathtext(formula, "f(x)" if parts == ("y",) else "f'(x)")
                        _place(axes, [f"${line}$" for line in lines], self._renderer)
                self._head(axes, curves, parts)
        return self._figure

    def _axes(self, panels: int, *, headed: bool) -> Iterator[Axes]:
        width, height = self._figure.get_size_inches()
        panel = (width - _LEFT - _RIGHT - _BETWEEN * (panels - 1)) / panels
        tall = height - _BOTTOM - _TOP - 0.35 * headed
        for index, label in enumerate(["y, dy/dx"] if panels == 1 else ["y", "dy/dx"]):
            start = _LEFT + index * (panel + _BETWEEN)
            axes = self._figure.add_axes((start / width, _BOTTOM / height, panel / width, tall / height))
            for axis in (axes.xaxis, axes.yaxis):  # ticks at 5 and 10 rather than at 2.5 and 7.5
                axis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10]))
            axes.set_xlabel("x")
            axes.set_ylabel(label)
            axes.yaxis.set_label_coords(-0.48 / panel, 0.5)  # the same places in every figure, and none to look for
            axes.xaxis.set_label_coords(0.5, -0.32 / tall)
            yield axes

    def _head(self, axes: Axes, curves: Sequence[Curve], parts: tuple[str, ...]) -> None:
        """The title of a panel, small enough for it; red over a derivative alone."""
        if len(parts) == 2 and self._title is not None:
            words = self._title
        elif len(curves) > 1:
            words = _SEVERAL[parts][self._lang]
        else:
            function = curves[0].function
            values = text.assignments(function.chosen)
            values = text.TITLE_VALUES[self._lang].format(values=values) if values else ""
            words = _ONE[parts][self._lang].format(name=function.title, values=values)
        red = parts == ("dy",) and len(curves) == 1
        colour = _RED[self._ground] if red else matplotlib.rcParams["axes.titlecolor"]
        if colour == "auto":
            colour = matplotlib.rcParams["text.color"]
        heading = axes.set_title(words, color=colour, fontsize=matplotlib.rcParams["axes.titlesize"])
        room = axes.bbox.width + 0.3 * self._figure.dpi
        taken = heading.get_window_extent(self._renderer).width
        if taken > room:
            heading.set_fontsize(float(heading.get_fontsize()) * room / taken)

    def _line(self, axes: Axes, curve: Curve, part: str, index: int | None, both: bool) -> None:
        """The line of one curve with its dots; ``index`` is its place among several."""
        dashes = "-"
        if index is None:
            colour = (_BLUE if part == "y" else _RED)[self._ground]
            label = (text.FUNCTION_LABEL if part == "y" else text.DERIVATIVE_LABEL)[self._lang]
        else:
            colour = _CYCLE[index % len(_CYCLE)]
            label = curve.function.label
            dashes = _DASHES[index // len(_CYCLE) % len(_DASHES)]
            if both and part == "dy":
                label, dashes = f"{label}  dy/dx", ":"
        axes.plot(
            curve.x,
            _drawable(getattr(curve, part)),
            color=colour,
            linestyle=dashes,
            label=label,
            zorder=2.5,
            solid_capstyle="butt",
        )
        _dots(axes, curve, part, colour)


_ONE = {("y",): text.FUNCTION_TITLE, ("dy",): text.DERIVATIVE_TITLE, ("y", "dy"): text.BOTH_TITLE}
_SEVERAL = {("y",): text.SEVERAL_FUNCTIONS, ("dy",): text.SEVERAL_DERIVATIVES, ("y", "dy"): text.SEVERAL_BOTH}


def rehearse(sheet: Sheet, function: Function) -> Figure:
    """The sheet with a straight line in the place of the function's curve.

    Once it is drawn, fonts, formulas and drawing code are at hand for the curve that another process is computing.
    """
    x = np.array(function.range)
    return sheet.draw(Curve(function, function.range, x.size, "float64", "cpu", x, x, x, ()))


def _drawable(y: "ArrayLike") -> NDArray[np.float64]:
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


def _dots(axes: Axes, curve: Curve, part: str, colour: str) -> None:
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
    dots: dict[str, Any] = dict(marker="o", linestyle="none", markersize=5, markeredgewidth=1.3, clip_on=False)
    if full_x:
        face = axes.get_facecolor()
        axes.plot(open_x, _drawable(open_y), color=colour, markerfacecolor=face, zorder=2.6, label="_dots", **dots)
        axes.plot(full_x, _drawable(full_y), color=colour, zorder=2.7, label="_dots", **dots)


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


def _place(axes: Axes, lines: Sequence[str], renderer: Any) -> None:
    """Sets the lines of a formula where the curve leaves room; makes room above where it leaves none."""
    inset, clearance, leading = (share * axes.figure.dpi for share in (0.1, 0.07, 0.07))
    texts = [axes.text(0, 0, line, transform=axes.transAxes, fontsize=_FORMULA_SIZE, zorder=3) for line in lines]
    boxes = [_ink(label, renderer) for label in texts]
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
    for across, up in _PLACES:
        x, y = inset + across * free_across, inset + up * free_up
        spot = Bbox.from_bounds(axes.bbox.x0 + x, axes.bbox.y0 + y, width, height).padded(clearance)
        if not any(path.intersects_bbox(spot, filled=False) for path in curve):
            break
    else:
        x, y = inset, inset + free_up
        low, high = axes.get_ylim()
        share = (height + inset + 2 * clearance) / axes.bbox.height
        axes.set_ylim(low, low + (high - low) / (1 - share))
    # A veil over grid and axes, so that they do not run through the letters.
    veil = Bbox.from_bounds(x, y, width, height).padded(clearance / 2)
    veil = veil.transformed(Affine2D().scale(1 / axes.bbox.width, 1 / axes.bbox.height))
    paint: dict[str, Any] = dict(color=axes.get_facecolor(), alpha=0.85, linewidth=0, zorder=2)
    axes.add_patch(Rectangle(veil.p0, veil.width, veil.height, transform=axes.transAxes, **paint))
    top = y + height
    for label, box in zip(texts, boxes, strict=True):
        label.set_position(((x - box.x0) / axes.bbox.width, (top - box.y1) / axes.bbox.height))
        top -= box.height + leading * smaller


def _ink(label: Label, renderer: Any) -> Bbox:
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
