"""The rc context that artists are made and saved in: the same on every machine, whatever its matplotlibrc says."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib
from matplotlib.colors import to_rgb

from actplot.errors import BadValue
from actplot.options import check_style
from actplot.plot.encoding import GROUNDS, Background
from actplot.plot.fonts import families
from actplot.text import Language, Text

# What differs from matplotlib's defaults, unless a style sets it.
_DEFAULTS = {
    "axes.formatter.limits": (-3, 4),
    "axes.formatter.use_mathtext": True,
    "axes.axisbelow": True,
    "axes.titlesize": 13,
    "axes.labelsize": 11,
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
# The grid of a style that draws none, and so has not chosen how strong it may be.
_FAINT_GRID = {"axes.grid": True, "grid.alpha": 0.3}
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
    """The context of matplotlib's defaults, ``style`` and our fonts; rcParams are as before when it ends.

    Parameters
    ----------
    lang
        Of the text, which decides on fonts.
    style
        A style of matplotlib's: name, file or ``package.style``.
    font
        A family or font file that is asked before the others for every character.

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
    settings.update({**_FIXED, "font.family": families(lang, font)})


def background() -> Background:
    """The background of panels in the present context: light or dark to the eye, by Rec. 601."""
    red, green, blue = to_rgb(matplotlib.rcParams["axes.facecolor"])
    return "light" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "dark"


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
