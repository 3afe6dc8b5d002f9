"""The rc context that artists are made and saved in: the same on every machine, whatever its matplotlibrc says."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

import matplotlib
from matplotlib.colors import to_hex, to_rgb, to_rgba
from matplotlib.font_manager import FontProperties

from actplot.errors import BadValue
from actplot.options import check_style
from actplot.plot.encoding import GROUNDS, MARGINS, Background, Margins
from actplot.plot.fonts import families
from actplot.text import Language, Text

# What differs from matplotlib's defaults, unless a style sets it.
_DEFAULTS = {
    "axes.formatter.limits": (-3, 4),
    "axes.formatter.use_mathtext": True,
    "axes.axisbelow": True,
    "axes.titlesize": 13.0,
    "axes.labelsize": 11.0,
    "lines.linewidth": 2.0,
    "legend.framealpha": 0.9,
}
_LIGHT = GROUNDS["light"]
# The style of figures that are not given one.
_STYLE = {
    "axes.edgecolor": _LIGHT.edge,
    "axes.grid": True,
    "grid.color": _LIGHT.grid,
    "grid.linewidth": 0.7,
    "xtick.color": _LIGHT.edge,
    "ytick.color": _LIGHT.edge,
    "xtick.labelcolor": _LIGHT.text,
    "ytick.labelcolor": _LIGHT.text,
}
_TRANSPARENT = {"figure.facecolor": "none", "axes.facecolor": "none"}
# Sizes of text.
_TEXT_SIZES = (
    "axes.titlesize",
    "axes.labelsize",
    "xtick.labelsize",
    "ytick.labelsize",
    "legend.fontsize",
    "legend.title_fontsize",
    "figure.titlesize",
    "figure.labelsize",
)
# The grid of a style that draws none, and so has not chosen how strong it may be.
_FAINT_GRID = {"axes.grid": True, "grid.alpha": 0.3}
# What no style changes: where the bytes and the text depend on it.
_FIXED = {
    "axes.unicode_minus": True,
    "mathtext.fontset": "cm",
    "text.usetex": False,
    "savefig.bbox": None,
    "savefig.transparent": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "actplot",
    "svg.id": None,
    "pdf.fonttype": 42,  # publishers refuse Type 3
    "pdf.compression": 6,
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "agg.path.chunksize": 20_000,
}


@contextmanager
def drawing(
    lang: Language = "zh",
    *,
    style: str | None = None,
    font: str | None = None,
    fontsize: float | None = None,
    linewidth: float | None = None,
    transparent: bool = False,
    grid: bool = True,
    text: str = "path",
) -> Iterator[None]:
    """The context of matplotlib's defaults, ``style`` and our fonts; rcParams are as before when it ends.

    Parameters
    ----------
    lang
        Of the text, which decides on fonts.
    style
        A style of matplotlib's: name, file or ``package.style``.
    font
        A family or font file that is asked before the others for every character.
    fontsize
        Points of the labels of ticks; all other text grows with it.
    linewidth
        Points of the lines of curves.
    transparent
        Whether figure and panels have no ground.
    grid
        Whether there is a grid.
    text
        "path" for outlines in an SVG, "text" for text.

    Raises
    ------
    BadValue
        For a style or font that does not exist or cannot be read.
    """
    settings: Any = matplotlib.rcParams
    with matplotlib.rc_context():
        if style is None:  # settings that were checked before are not checked again, which takes a millisecond
            dict.update(settings, _usual_settings(lang, font))
        else:
            _set(lang, style, font)
        if transparent:
            settings.update(_TRANSPARENT)
        if linewidth is not None:
            settings["lines.linewidth"] = linewidth
        if not grid:
            settings["axes.grid"] = False
        if fontsize is not None:
            _set_text_size(fontsize)
        if text == "text":
            settings["svg.fonttype"] = "none"
        yield


@cache
def _usual_settings(lang: Language, font: str | None) -> dict[str, Any]:
    """All settings of the context without a style."""
    with matplotlib.rc_context():
        _set(lang, None, font)
        return {key: matplotlib.rcParams[key] for key in matplotlib.rcParams if key != "backend"}


def _set(lang: Language, style: str | None, font: str | None) -> None:
    settings: Any = matplotlib.rcParams
    settings.update({key: value for key, value in matplotlib.rcParamsDefault.items() if key != "backend"})
    settings.update(_DEFAULTS)
    if style is None:
        settings.update(_STYLE)
    else:
        _use_style(check_style(style))
        if not settings["axes.grid"]:
            settings.update(_FAINT_GRID)
        if settings["savefig.transparent"]:
            settings.update(_TRANSPARENT)
        for key in ("axes.titlesize", "axes.labelsize"):
            if settings[key] == _DEFAULTS[key]:  # a style that makes all text larger means those of ours too
                settings[key] *= settings["font.size"] / matplotlib.rcParamsDefault["font.size"]
    settings.update({**_FIXED, "font.family": families(lang, font)})


def _set_text_size(fontsize: float) -> None:
    """Gives the labels of ticks so many points, and makes all other text larger by the same factor."""
    settings: Any = matplotlib.rcParams
    own, settings["font.size"] = settings["font.size"], fontsize
    for key in _TEXT_SIZES:
        if isinstance(settings[key], int | float):
            settings[key] *= fontsize / own


def _setting(key: str) -> Any:
    settings: Any = matplotlib.rcParams
    return settings[key]


def _points(key: str) -> float:
    return float(FontProperties(size=_setting(key)).get_size_in_points())


def text_scale() -> float:
    """How much larger text is in the present context than usual."""
    return _points("axes.labelsize") / _USUAL["axes.labelsize"]


def line_scale() -> float:
    """How much wider the lines of curves are in the present context than usual."""
    return float(_setting("lines.linewidth")) / _USUAL["lines.linewidth"]


def dot_scale() -> float:
    """How much larger dots are in the present context than usual, as lines are; those of thin lines are not much smaller."""
    return max(_THINNEST, line_scale())


_THINNEST = 0.7
# Points, in a figure without a style.
_USUAL = {
    "axes.labelsize": 11.0,
    "axes.titlesize": 13.0,
    "axes.titlepad": 6.0,
    "lines.linewidth": 2.0,
    "tick.labelsize": 10.0,
    "tick.major.size": 3.5,
    "tick.major.pad": 3.5,
}
# Points of a line of text, and of the labels of an axis, for each point of the size of their text.
_LINE, _TICK_LABELS = 1.25, 2.75
_POINTS_OF_AN_INCH = 72.0


class Growth(NamedTuple):
    """Inches by which margins, and the ways from a panel to the labels of its axes, are longer than usual."""

    margins: Margins
    x_label: float
    y_label: float


def growth_of_text() -> Growth:
    """What panels need around them in the present context beyond the usual: as much as text and ticks have grown."""

    def growth(key: str) -> float:
        grown = _points(key) if key.endswith("size") and "major" not in key else float(_setting(key))
        return (grown - _USUAL[key if key in _USUAL else key[1:]]) / _POINTS_OF_AN_INCH

    below, beside = (
        growth(f"{axis}tick.major.size") + growth(f"{axis}tick.major.pad") + share * growth(f"{axis}tick.labelsize")
        for axis, share in (("x", _LINE), ("y", _TICK_LABELS))
    )
    label = _LINE * growth("axes.labelsize")
    margins = Margins(
        left=beside + label,
        right=max(0.0, growth("xtick.labelsize")),
        bottom=below + label,
        top=_LINE * growth("axes.titlesize") + growth("axes.titlepad"),
        between=beside + label,
    )
    if (smaller := text_scale() - 1) < 0:  # what is free around small text is as small
        margins = Margins(*(min(grown, smaller * usual) for grown, usual in zip(margins, MARGINS, strict=True)))
    return Growth(margins, below, beside)


def ground() -> tuple[float, float, float]:
    """The colour under the curves in the present context; where it is transparent, the one that text is meant for."""
    brightness = _brightness(to_rgb(_setting("text.color")))
    red = green = blue = 0.0 if brightness > 0.5 else 1.0
    for key in _FACES:
        r, g, b, alpha = to_rgba(_setting(key))
        red, green, blue = (alpha * new + (1 - alpha) * old for new, old in ((r, red), (g, green), (b, blue)))
    return red, green, blue


# What lies under the curves, from below.
_FACES = ("figure.facecolor", "axes.facecolor")


def is_transparent() -> bool:
    """Whether what lies behind the figure is seen through its panels."""
    return all(to_rgba(_setting(key))[3] < 1 for key in _FACES)


def _brightness(colour: tuple[float, float, float]) -> float:
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def background() -> Background:
    """The background of panels in the present context: light or dark to the eye, by Rec. 601."""
    return "light" if _brightness(ground()) > 0.5 else "dark"


def line_cycle() -> tuple[tuple[str, str], ...]:
    """Colours and dashes ("" where it has none) of the style's own cycle; empty where the style sets none."""
    cycle = matplotlib.rcParams["axes.prop_cycle"]
    if cycle == matplotlib.rcParamsDefault["axes.prop_cycle"] or "color" not in cycle.keys:
        return ()
    return tuple((to_hex(each["color"]), _dashes(each.get("linestyle"))) for each in cycle)


def _dashes(linestyle: object) -> str:
    named = {"solid": "-", "dashed": "--", "dotted": ":", "dashdot": "-."}
    dashes = named.get(str(linestyle), str(linestyle))
    return dashes if dashes in named.values() else ""


def title_colour() -> Any:
    """The colour of titles in the present context."""
    colour = matplotlib.rcParams["axes.titlecolor"]
    return matplotlib.rcParams["text.color"] if colour == "auto" else colour


def _use_style(style: str) -> None:
    """Uses a style. What matplotlib only warns about, a line that it does not understand, is an error here."""
    from matplotlib import style as styles

    complaints: list[str] = []
    listener = logging.Handler(logging.WARNING)
    listener.emit = lambda record: complaints.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("matplotlib")
    logger.addHandler(listener)
    propagates, logger.propagate = logger.propagate, False
    try:
        styles.use(style)
    except (OSError, ValueError) as error:
        complaints.append(str(error))
    finally:
        logger.propagate = propagates
        logger.removeHandler(listener)
    if complaints:
        raise BadValue(
            Text(
                f"cannot use the style {style!r}: {complaints[0].strip().splitlines()[0]}",
                f"无法使用样式 {style!r}：{complaints[0].strip().splitlines()[0]}",
            ),
            Text("mend the file", "请修改这个文件"),
        )
