"""The picture of an audit: errors of a function and of its derivative over all inputs, in units in the last place."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from actplot import text
from actplot.numerics.audit.formats import Format
from actplot.numerics.audit.result import Audit, Case, Finding, Quantity
from actplot.plot.encoding import COLOURS, Margins
from actplot.plot.fonts import check_text
from actplot.plot.sheet import Sheet
from actplot.plot.style import background, drawing, ground, text_scale
from actplot.text import WRONG_RESULTS, Language, Text, number

Floats = NDArray[np.float64]

_F = Text("{name}: error of f{values}", "{name} 函数值误差{values}")
_GRADIENT = Text("{name}: error of f'{values}", "{name} 导数误差{values}")
_WORST = Text("largest {ulps} ULP at x = {x} ({hex})", "最大 {ulps} ULP，x = {x}（{hex}）")
_EXACT = Text("no error at any input", "所有输入均无误差")
_ULP = Text("error in ULP", "误差（ULP）")
_X = Text("x (logarithmic; compressed outside of ±{inner} … ±{outer})", "x（对数刻度；±{inner} … ±{outer} 之外压缩）")
_LARGEST = Text("largest", "最大")
_MEDIAN = Text("median", "中位数")
_LIMIT = Text("limit", "限值")
_ROUNDED = Text("0.5: correctly rounded", "0.5：正确舍入")

# Margins in inches; below the panels there is room for a legend.
_MARGINS = Margins(left=0.75, right=0.25, bottom=1.25, top=0.65, between=0.85)
# Powers of two between which the axis shows all detail, and the shares of half the axis inside, between and outside.
_INNER, _OUTER = -6, 7
_SHARES = (0.14, 0.66, 0.2)
# Columns of pixels on the axis, and the least error that is shown.
_COLUMNS, _FLOOR = 560, 0.02
_STRIP = 0.035
_COLOURS = {
    "zero": "#d55e00",
    "flushed": "#e69f00",
    "infinite": "#cc79a7",
    "nan": "#7b1fa2",
    "sign": "#c62828",
    "nonzero": "#009e73",
    "finite": "#56b4e9",
    "defined": "#607d8b",
    "rises": "#6d4c41",
    "falls": "#6d4c41",
    "odd": "#455a64",
    "even": "#455a64",
}


def draw(
    audit: Audit,
    *,
    lang: Language,
    size: tuple[float, float],
    dpi: float,
    title: str | None = None,
    limits: Sequence[float | None] = (None, None),
    **context: Any,
) -> Figure:
    """A panel with the errors of the function, and one with those of its derivative; a keyword for each option of it.

    Filled is the largest error of each column of pixels, dark its median. Bars at the top mark inputs whose result is 0,
    infinite, no number or of the wrong sign; ``limits`` are drawn as lines. ``context`` is what
    :func:`~actplot.plot.style.drawing` takes.
    """
    quantities = [audit.f] if audit.gradient is None else [audit.f, audit.gradient]
    with drawing(lang, **context):
        if title is not None:
            check_text(title, lang, context.get("font"))
        figure = Sheet(lang=lang, text=context.get("text", "path"), figsize=size, dpi=dpi)
        FigureCanvasAgg(figure)
        width, height = size
        left, right, bottom, top, between = (text_scale() * inches for inches in _MARGINS)
        panel = max(0.1, (width - left - right - between * (len(quantities) - 1)) / len(quantities))
        top += 0.3 * text_scale() if title is not None else 0.0
        for index, quantity in enumerate(quantities):
            start = left + index * (panel + between)
            place = (start / width, bottom / height, panel / width, max(0.1, height - bottom - top) / height)
            _panel(figure.add_axes(place), audit, quantity, ("y", "dy")[index], limits[index], lang)
        if title is not None:
            figure.suptitle(title, va="top", y=1 - 0.12 / height, fontsize=14 * text_scale())
    return figure


def _panel(axes: Axes, audit: Audit, quantity: Quantity, part: str, limit: float | None, lang: Language) -> None:
    scale = Scale(audit.format)
    colour = COLOURS[part].on(background())
    largest, median = columns(quantity, scale)
    finite = largest[np.isfinite(largest)]
    top = max(4.0, 3.0 * float(finite.max(initial=0.0)), 3.0 * (limit or 0.0))
    kinds = [finding for finding in quantity.findings if finding.kind in _COLOURS]
    rows = list(dict.fromkeys(finding.kind for finding in kinds))
    places = (np.arange(_COLUMNS) + 0.5) / _COLUMNS * 2 - 1
    shown = np.where(np.isposinf(largest), top, np.maximum(largest, _FLOOR))
    axes.fill_between(places, _FLOOR, shown, step="mid", color=colour, alpha=0.3, linewidth=0, label=_LARGEST[lang])
    axes.plot(places, shown, drawstyle="steps-mid", color=colour, linewidth=0.8, label="_largest")
    dark = np.where(np.isnan(median), np.nan, np.clip(median, _FLOOR, shown))
    axes.plot(places, dark, color=axes.xaxis.label.get_color(), linewidth=0.8, label=_MEDIAN[lang])
    _lines(axes, limit, lang)
    if quantity.worst is not None and quantity.max_ulp > 0:
        height = top if math.isinf(quantity.max_ulp) else max(quantity.max_ulp, _FLOOR)
        at = scale.place(quantity.worst.x)
        axes.plot(
            [at],
            [height],
            marker="o",
            markersize=5,
            color=colour,
            markeredgecolor=ground(),
            zorder=4,
            clip_on=False,
        )
    axes.set_yscale("log")
    # Rows of bars have the top of the panel to themselves.
    room = (top / _FLOOR) ** (1 / (1 - _STRIP * (len(rows) + 1)) - 1) if rows else 1.0
    axes.set_ylim(_FLOOR, top * room)
    axes.set_xlim(-1, 1)
    _bars(axes, kinds, rows, scale, lang)
    _ticks(axes, scale)
    axes.set_xlabel(
        _X[lang].format(inner=number(2.0**_INNER)[:6], outer=number(2.0**_OUTER)), fontsize=9 * text_scale()
    )
    axes.set_ylabel(_ULP[lang])
    _head(axes, audit, quantity, part, lang)
    look: Any = dict(fontsize=8 * text_scale(), frameon=False, handlelength=1.4, columnspacing=1.2)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), borderaxespad=4.6, ncols=3, **look)


def _head(axes: Axes, audit: Audit, quantity: Quantity, part: str, lang: Language) -> None:
    remarks = [audit.format.name]
    if audit.function.non_default:
        remarks.append(text.assignments(audit.function.non_default))
    if audit.against.name != audit.function.name:
        remarks.append(("against {}" if lang == "en" else "对照 {}").format(audit.against.label))
    values = text.TITLE_VALUES[lang].format(values=("; " if lang == "en" else "；").join(remarks))
    words = text.titled((_F if part == "y" else _GRADIENT)[lang], audit.function.title_in(lang), values)
    axes.set_title(words, fontsize=11 * text_scale(), pad=20 * text_scale())
    worst = quantity.worst
    told = _EXACT[lang] if worst is None or not quantity.max_ulp else _worst(worst, lang)
    axes.text(0.5, 1.025, told, transform=axes.transAxes, ha="center", va="bottom", fontsize=9 * text_scale())


def _worst(worst: Case, lang: Language) -> str:
    return _WORST[lang].format(ulps=short(worst.ulps), x=f"{worst.x:.6g}".replace("-", "\N{MINUS SIGN}"), hex=worst.hex)


def short(value: float) -> str:
    """A size with four digits: ``254.9``, ``1.678e+07``, ``∞``."""
    return "∞" if math.isinf(value) else f"{value:.4g}"


def _lines(axes: Axes, limit: float | None, lang: Language) -> None:
    axes.axhline(0.5, color="#2e7d32", linewidth=0.9, linestyle=(0, (4, 2)), label=_ROUNDED[lang], zorder=1.8)
    axes.axhline(1.0, color="#8a8a8a", linewidth=0.9, linestyle=(0, (4, 2)), label="1 ULP", zorder=1.8)
    if limit is not None:
        axes.axhline(limit, color="#c62828", linewidth=1.1, label=f"{_LIMIT[lang]}: {number(limit)}", zorder=1.9)


def _bars(axes: Axes, findings: Sequence[Finding], rows: Sequence[str], scale: "Scale", lang: Language) -> None:
    """A row of bars for each kind of wrong result, over the inputs that have it."""
    across = axes.get_xaxis_transform()
    for finding in findings:
        row = rows.index(finding.kind)
        low, high = scale.place(finding.low), scale.place(finding.high)
        width = max(high - low, 6.0 / _COLUMNS)
        bottom = 1 - _STRIP * (row + 1)
        first = finding is next(each for each in findings if each.kind == finding.kind)
        label = WRONG_RESULTS[finding.kind][lang] if first else "_wrong"
        axes.add_patch(
            Rectangle(
                (min(low, 1 - width), bottom),
                width,
                0.7 * _STRIP,
                transform=across,
                color=_COLOURS[finding.kind],
                linewidth=0,
                label=label,
                zorder=3,
            )
        )


class Scale:
    """An axis that shows all magnitudes of a format, from -1 to 1: logarithmic, and denser inside and outside."""

    def __init__(self, form: Format) -> None:
        lowest, highest = math.log2(form.smallest), math.log2(form.largest)
        self._powers = [lowest, _INNER, _OUTER, highest]
        self._places = np.concatenate([[0.004], np.cumsum(_SHARES)])

    def place(self, x: float) -> float:
        """Where an input stands."""
        return float(self.places(np.array([x]))[0])

    def places(self, x: Floats) -> Floats:
        """The same for an array."""
        size = np.abs(x)
        with np.errstate(divide="ignore"):
            powers = np.log2(size)
        return np.where(size > 0, np.copysign(np.interp(powers, self._powers, self._places), x), 0.0)

    @property
    def ticks(self) -> list[float]:
        """Powers of ten that are labelled, of positive inputs."""
        wide = self._powers[-1] > 100
        return [0.1, 1.0, 10.0, 100.0, 1e30 if wide else 1e4]

    @property
    def small_ticks(self) -> list[float]:
        """Those between them that are not."""
        decimals = [digit * power for power in (0.01, 0.1, 1.0, 10.0) for digit in (2, 5)]
        return [1e-30, 1e-20, 1e-10, *decimals, 1e10, 1e20] if self._powers[-1] > 100 else [1e-6, 1e-4, *decimals, 1e3]


def _ticks(axes: Axes, scale: Scale) -> None:
    positive = scale.ticks
    values = [*(-x for x in reversed(positive)), 0.0, *positive]
    axes.set_xticks([scale.place(x) for x in values], [_label(x) for x in values], fontsize=8 * text_scale())
    small = scale.small_ticks
    axes.set_xticks([scale.place(sign * x) for sign in (-1, 1) for x in small], minor=True)


def _label(x: float) -> str:
    sign, size = "\N{MINUS SIGN}" if x < 0 else "", abs(x)
    if size in (0.0, 0.1, 1.0, 10.0, 100.0):
        return sign + number(size)
    return rf"${'-' if x < 0 else ''}10^{{{round(math.log10(size))}}}$"


def columns(quantity: Quantity, scale: Scale) -> tuple[Floats, Floats]:
    """The largest and the median error of each column of pixels; NaN where the truth is not defined."""
    profile = quantity.profile
    largest = np.full(_COLUMNS, np.nan)
    ends = _column_of(scale.places(profile.x))
    for column in (ends[:-1], ends[1:]):
        np.fmax.at(largest, column, profile.largest)
    # What is wider than a column reaches over those between its ends.
    centres = (np.arange(_COLUMNS) + 0.5) / _COLUMNS * 2 - 1
    for into, x, values in ((largest, profile.x, profile.largest), (None, profile.column_x, profile.median)):
        places = scale.places(x)
        inside = np.searchsorted(places, centres, "right") - 1
        found = values[inside.clip(0, values.size - 1)]
        if into is None:
            return largest, found
        np.fmax(into, found, out=into)
    raise AssertionError


def _column_of(places: Floats) -> NDArray[np.int64]:
    return ((places + 1) / 2 * _COLUMNS).astype(np.int64).clip(0, _COLUMNS - 1)
