"""What a figure can be asked to look like, checked before anything heavy is loaded."""

import math
import os
import re
import runpy
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal, TypedDict

from actplot.errors import Argument, BadValue, did_you_mean
from actplot.options import (
    DPI,
    LEAST_SIZE,
    ORDERS,
    PANELS,
    SCALES,
    SIZE,
    TEXTS,
    Style,
    check_layout,
    check_size,
    check_xscale,
    least_size,
    natural_size,
    panels,
)
from actplot.text import Text, choose_language, number

# Points: bounds of text and lines, and the size of text that figures have room for whatever their size.
_FONTSIZES, _LINEWIDTHS = (4.0, 72.0), (0.1, 20.0)
_FONTSIZE = 10.0
# Numbers beyond this are too large for the arithmetic of axes.
_MAX_LIMIT = 1e300
# Options for the ends of y, of the function and its derivatives.
LIMITS = ("ylim", "dylim", "d2ylim")
_HEX = re.compile(r"#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?")


class Options(TypedDict, total=False):
    """What :func:`style_of` takes; None and () are what is not given."""

    lang: str | None
    layout: str | None
    title: str | Literal[False] | None
    style: str | None
    font: str | None
    size: tuple[float, float] | None
    dpi: float | None
    fontsize: float | None
    linewidth: float | None
    transparent: bool | None
    grid: bool | None
    text: str | None
    panels: str | Sequence[str] | None
    formula: bool | None
    legend: bool | None
    label: str | Sequence[str] | None
    color: str | Sequence[str] | None
    xlabel: str | None
    ylabel: str | Sequence[str] | None
    ylim: tuple[float, float] | None
    dylim: tuple[float, float] | None
    d2ylim: tuple[float, float] | None
    xscale: str | None
    yscale: str | None


def style_of(given: Options, *, order: int = 1, natural: tuple[float, float] | None = None) -> Style:
    """The style that the options ask for.

    Parameters
    ----------
    given
        As the user gave them.
    order
        Of the curves.
    natural
        Width and height in inches where no size is given; by default those that suit the panels.

    Raises
    ------
    BadValue
        For an option that is not allowed. Whether this machine has the style and the font is not looked up.
    """
    stated: dict[str, Any] = {name: value for name, value in given.items() if value is not None and value != ()}
    layout = check_layout(stated.pop("layout", "side"))
    chosen = check_panels(stated.pop("panels", None), order)
    for name in ("label", "color", "ylabel"):
        if name in stated:
            stated[name] = _several(stated[name])
    for name in LIMITS:
        if name in stated:
            stated[name] = _check_limits(name, *stated[name])
    for name, known in (("xscale", SCALES), ("yscale", SCALES), ("text", TEXTS)):
        _check_known(name, stated.get(name), known)
    for name, bounds in (("fontsize", _FONTSIZES), ("linewidth", _LINEWIDTHS)):
        _check_bounds(name, stated.get(name), bounds)
    count = panels(order, layout, chosen)
    least = least_size(count) if natural is None else LEAST_SIZE
    size, fontsize = stated.pop("size", None) or natural or natural_size(count), stated.get("fontsize", _FONTSIZE)
    smaller = min(1.0, fontsize / _FONTSIZE) if natural is None else 1.0
    size, dpi = check_size(size, stated.pop("dpi", DPI), (_upwards(smaller * least[0]), _upwards(smaller * least[1])))
    _check_room(fontsize, size, least)
    for colour in stated.get("color", ()):
        check_colour(colour)
    lang = choose_language(stated.pop("lang", None))
    return Style(lang=lang, size=size, layout=layout, dpi=dpi, panels=chosen, **stated)


def _several(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def check_panels(given: str | Sequence[str] | None, order: int) -> tuple[str, ...] | None:
    """The panels chosen, of those that curves of this order have; None where all of them are, in their order."""
    if given is None:
        return None
    names = tuple(name.strip() for name in given.split(",")) if isinstance(given, str) else tuple(given)
    argument = Argument("panels", (",".join(map(str, names)),))
    for name in names:
        if name not in PANELS:
            raise BadValue(
                Text(f"{argument}: there is no panel {name!r}", f"{argument}：没有面板 {name!r}"),
                Text(f"choose among {','.join(PANELS)}", f"可选 {','.join(PANELS)}"),
            )
    if len(set(names)) < len(names) or not names:
        example = Argument("panels", ("f,df",))
        raise BadValue(
            Text(f"{argument}: each panel is named once", f"{argument}：每个面板写一次"),
            Text(f"as in {example}", f"例如 {example}"),
        )
    needed = order_of_panels(names)
    if needed > order:
        raise BadValue(
            Text(f"{argument}: the curves have order {order}", f"{argument}：曲线只有 {order} 阶导数"),
            Text(f"give {Argument('order', (needed,))}", f"请给出 {Argument('order', (needed,))}"),
        )
    return None if names == PANELS[: order + 1] else names


def order_of_panels(names: Sequence[str]) -> int:
    """The order of the highest derivative among panels; 2 for a name that is none."""
    return max((PANELS.index(name) if name in PANELS else max(ORDERS) for name in names), default=1)


def _check_limits(name: str, low: float, high: float) -> tuple[float, float]:
    given = Argument(name, (low, high))
    if not all(math.isfinite(end) and abs(end) < _MAX_LIMIT for end in (low, high)):
        raise BadValue(Text(f"{given}: both ends must be finite", f"{given}：两端都须是有限的数"))
    if low >= high:
        turned = Argument(name, (high, low))
        raise BadValue(
            Text(f"{given}: LO must be less than HI", f"{given}：下限须小于上限"),
            Text(f"try {turned}", f"试试 {turned}") if low > high else None,
        )
    return float(low), float(high)


def _check_known(name: str, value: str | None, known: Sequence[str]) -> None:
    if value is not None and value not in known:
        raise BadValue(
            Text(f"unknown {Argument(name)} {value!r}", f"未知的 {Argument(name)} {value!r}"),
            Text(f"use {', '.join(known)}", f"可用 {'、'.join(known)}"),
        )


def _check_bounds(name: str, value: float | None, bounds: tuple[float, float]) -> None:
    low, high = bounds
    if value is not None and not low <= value <= high:
        given = Argument(name, (value,))
        raise BadValue(
            Text(
                f"{given}: must be from {number(low)} to {number(high)} points",
                f"{given}：须在 {number(low)} 到 {number(high)} 磅之间",
            )
        )


def _upwards(inches: float) -> float:
    return round(math.ceil(round(10 * inches, 6)) / 10, 1)


def _check_room(fontsize: float, size: tuple[float, float], least: tuple[float, float]) -> None:
    """The ``least`` size of a figure grows with that of its text."""
    larger = fontsize / _FONTSIZE
    if larger > 1 and any(inches < larger * needed - 1e-9 for inches, needed in zip(size, least, strict=True)):
        room = max(1.0, *(larger * needed / inches for needed, inches in zip(least, SIZE, strict=True)))
        wider = tuple(_upwards(inches * room) for inches in SIZE)
        given, (width, height) = Argument("fontsize", (fontsize,)), map(number, size)
        raise BadValue(
            Text(
                f"{given}: too large for a figure of {width} by {height} inches",
                f"{given}：对 {width} × {height} 英寸的图来说太大",
            ),
            Text(f"try {Argument('size', wider)}", f"试试 {Argument('size', wider)}"),
        )


def check_colour(colour: str) -> str:
    """A colour as matplotlib names it: ``#1f5fc4``, ``tab:red``, ``navy``, ``C0``, ``0.5`` for a grey."""
    is_known = bool(_HEX.fullmatch(colour)) or bool(re.fullmatch(r"C\d", colour)) or colour in _colour_names()
    if not is_known:
        with suppress(ValueError):
            is_known = 0 <= float(colour) <= 1
    if not is_known:
        given = Argument("color", (colour,))
        otherwise = Text("use a name of matplotlib's, or #rrggbb", "可用 matplotlib 的颜色名或 #rrggbb")
        raise BadValue(
            Text(f"{given}: no colour", f"{given}：没有这种颜色"),
            did_you_mean(colour.lower(), _colour_names(), otherwise),
        )
    return colour


@cache
def _colour_names() -> frozenset[str]:
    """The names that matplotlib has for colours, read from its table without loading it."""
    spec = find_spec("matplotlib")
    for folder in (spec and spec.submodule_search_locations) or ():
        if os.path.isfile(table := os.path.join(folder, "_color_data.py")):
            tables = runpy.run_path(table)
            return frozenset(
                name for key in ("BASE_COLORS", "TABLEAU_COLORS", "CSS4_COLORS", "XKCD_COLORS") for name in tables[key]
            )
    return frozenset()


def check_look(style: Style, *, curves: int, order: int, range: tuple[float, float]) -> None:
    """Raises :class:`BadValue` for a style that does not suit so many curves of this order along this range."""
    shown = style.panels or PANELS[: order + 1]
    lines = curves if curves > 1 else len(shown)
    line = Text("line", "条线") if curves == 1 else _CURVE
    _check_count("label", len(style.label), curves, _CURVE, exact=True)
    _check_count("color", len(style.color), lines, line)
    _check_count("ylabel", len(style.ylabel), panels(order, style.layout, style.panels), Text("panel", "个面板"))
    _check_limits_have_panels(style, shown)
    check_xscale(style.xscale, range)


_CURVE = Text("curve", "条曲线")


def _check_count(name: str, count: int, most: int, what: Text, *, exact: bool = False) -> None:
    """Raises where an option is given more often than there is use for it, or ``exact``, not as often."""
    if count > most or (exact and 0 < count < most):
        several = "s" if most > 1 else ""
        raise BadValue(
            Text(
                f"{Argument(name)} is given {'once' if count == 1 else f'{count} times'} for {most} {what.en}{several}",
                f"{Argument(name)} 给了 {count} 次，而图中有 {most} {what.zh}",
            ),
            Text(f"give one for each {what.en}", f"请为每{what.zh}给一个"),
        )


def _check_limits_have_panels(style: Style, shown: Sequence[str]) -> None:
    for panel, name in zip(PANELS, LIMITS, strict=True):
        if (limits := getattr(style, name)) is None:
            continue
        if style.yscale == "log" and limits[0] <= 0:
            given, scale = Argument(name, limits), Argument("yscale", ("log",))
            symmetrical = Argument("yscale", ("symlog",))
            raise BadValue(
                Text(f"{given}: both ends must be above 0 with {scale}", f"{given}：用 {scale} 时两端都须大于 0"),
                Text(f"use {symmetrical}, or other ends", f"请用 {symmetrical}，或换别的两端"),
            )
        if style.layout == "overlay":
            if name != "ylim":
                overlay = Argument("layout", ("overlay",))
                raise BadValue(
                    Text(
                        f"{Argument(name)} needs a panel for each derivative", f"{Argument(name)} 需要导数有自己的面板"
                    ),
                    Text(f"with {overlay} use {Argument('ylim')}", f"用 {overlay} 时请用 {Argument('ylim')}"),
                )
        elif panel not in shown:
            raise BadValue(
                Text(f"{Argument(name)}: there is no panel {panel}", f"{Argument(name)}：没有面板 {panel}"),
                Text(f"add it to {Argument('panels')}", f"请把它加到 {Argument('panels')}"),
            )
