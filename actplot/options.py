"""Options of every figure, checked before anything heavy is loaded.

Each function here takes a value as the user gave it, returns it in the form that numerics and plot take, and raises
:class:`~actplot.errors.BadValue` with what is allowed.
"""

import math
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from actplot.errors import Argument, BadValue, did_you_mean, one_of
from actplot.text import Language, Text, number

SAMPLES = 1000
MAX_SAMPLES = 1_000_000_000
# More are not held at once: of them those are kept that show in a picture.
MAX_WHOLE = 10_000_000
# Inches of a figure with two panels; width of each further panel.
SIZE = (10.0, 4.0)
PANEL_WIDTH = 4.9
DPI = 150.0
# Dots per inch on a screen: two panels fit on any.
SCREEN_DPI = 100.0
ORDERS = (0, 1, 2)
LAYOUTS = ("side", "overlay")
FORMATS = ("png", "svg", "pdf")
# How text stands in an SVG: as outlines, or as text in fonts of the reader's.
TEXTS = ("path", "text")
SCALES = ("linear", "log", "symlog")
# What a panel can show, by the names of the options: the function and its derivatives.
PANELS = ("f", "df", "d2f")
PAGE = "html"
FONT_ENDINGS = (".ttf", ".otf", ".ttc")
ANIMATION_FORMATS = ("gif", "webp", "apng")
DATA_FORMATS = ("csv", "json", "npz")
MAX_CURVES = 12

# Most points of all curves in a page, which a browser has to draw.
_MAX_POINTS_OF_PAGE = 100_000
# Fewest columns of a terminal in which a picture can be made out.
_NARROWEST = 30
# Defaults and bounds of an animation; GIF counts in hundredths of a second.
FRAMES, FPS = 40, 20
_FRAMES, _FPS = (2, 600), (1, 50)
_MAX_ANIMATED_PIXELS = 200_000_000

# Bounds of a figure's size: the least in inches of one that has no panels of curves; Agg and viewers hold so many pixels.
LEAST_SIZE = (4.0, 2.0)
_MAX_SIDE_PIXELS = 30_000
_MAX_PIXELS = 200_000_000
# Steps of the number format that a range must hold, for the axes to have ticks and the curve to have a shape.
_MIN_STEPS = 16
# Beyond these the arithmetic of the axes, in float64, finds no ticks.
_MAX_BOUND = 1e300
_MIN_SPAN = 1e-150
_MIN_SHARE = 1e-11


@dataclass(frozen=True)
class Precision:
    """A number format: ``epsilon`` is the step at 1, ``tiny`` the smallest step, ``largest`` the largest number."""

    epsilon: float
    tiny: float
    largest: float

    def step(self, value: float) -> float:
        """The distance from ``value`` to the next number of this format."""
        exponent = math.frexp(value)[1] - 1 if value else -2000
        return max(self.tiny, math.ldexp(self.epsilon, max(exponent, -1100)))


DTYPES = {
    "float64": Precision(2.0**-52, 2.0**-1074, sys.float_info.max),
    "float32": Precision(2.0**-23, 2.0**-149, (2 - 2.0**-23) * 2.0**127),
    "float16": Precision(2.0**-10, 2.0**-24, 65504.0),
    "bfloat16": Precision(2.0**-7, 2.0**-133, (2 - 2.0**-7) * 2.0**127),
}


# What frameworks call the same formats and devices.
_DTYPE_ALIASES = {
    **{"double": "float64", "fp64": "float64", "float": "float32", "fp32": "float32"},
    **{"half": "float16", "fp16": "float16", "bf16": "bfloat16"},
}


@dataclass(frozen=True, kw_only=True)
class Arithmetic:
    """The number format and the device that compute."""

    dtype: str = "float64"
    device: str = "cpu"


@dataclass(frozen=True, kw_only=True)
class Sampling(Arithmetic):
    """How functions are sampled, as :func:`actplot.sample` takes it."""

    range: tuple[float, float]
    samples: int = SAMPLES
    order: int = 1
    at: tuple[float, ...] = ()
    xscale: str = "linear"


# What of a style matplotlib's settings hold.
CONTEXT = ("style", "font", "fontsize", "linewidth", "transparent", "grid", "text")


@dataclass(frozen=True, kw_only=True)
class Style:
    """What a figure looks like, as :func:`actplot.draw` takes it: ``size`` in inches, ``dpi`` in dots per inch.

    :func:`actplot.look.style_of` makes one of what a user gives.
    """

    lang: Language
    size: tuple[float, float]
    layout: str = "side"
    dpi: float = DPI
    title: str | Literal[False] | None = None
    style: str | None = None
    font: str | None = None
    fontsize: float | None = None
    linewidth: float | None = None
    transparent: bool = False
    grid: bool = True
    text: str = "path"
    panels: tuple[str, ...] | None = None
    formula: bool = True
    legend: bool = True
    label: tuple[str, ...] = ()
    color: tuple[str, ...] = ()
    xlabel: str | None = None
    ylabel: tuple[str, ...] = ()
    ylim: tuple[float, float] | None = None
    dylim: tuple[float, float] | None = None
    d2ylim: tuple[float, float] | None = None
    xscale: str = "linear"
    yscale: str = "linear"

    def without_curves(self) -> dict[str, Any]:
        """Keywords for a figure that shows no curves of functions."""
        names = ("lang", "title", "size", "dpi", *CONTEXT)
        return {name: getattr(self, name) for name in names}

    @property
    def heading(self) -> str | None:
        """The title of one's own, where there is one."""
        return self.title or None

    @property
    def limits(self) -> dict[str, tuple[float, float]]:
        """The ends of y that are given, by what a panel shows: "y", "dy" or "d2y"."""
        given = {"y": self.ylim, "dy": self.dylim, "d2y": self.d2ylim}
        return {quantity: limits for quantity, limits in given.items() if limits is not None}


def check_dtype(dtype: str) -> str:
    """The name of a number format, by any that frameworks have for it."""
    dtype = _DTYPE_ALIASES.get(dtype, dtype)
    if dtype not in DTYPES:
        raise BadValue(Text(f"unknown dtype {dtype!r}", f"未知的 dtype {dtype!r}"), one_of(DTYPES))
    return dtype


def check_range(low: float, high: float, dtype: str = "float64") -> tuple[float, float]:
    """The range of x as two floats, wide enough for ``dtype`` to resolve."""
    given = Argument("range", (low, high))
    try:
        low, high = float(low), float(high)
    except (TypeError, ValueError):
        raise BadValue(Text(f"{given}: both ends must be numbers", f"{given}：两端都须是数")) from None
    if not (math.isfinite(low) and math.isfinite(high)):
        raise BadValue(Text(f"{given}: both ends must be finite", f"{given}：两端都须是有限的数"))
    if low >= high:
        turned = Argument("range", (high, low))
        raise BadValue(
            Text(f"{given}: LO must be less than HI", f"{given}：下限须小于上限"),
            Text(f"try {turned}", f"试试 {turned}") if low > high else None,
        )
    precision = DTYPES[check_dtype(dtype)]
    limit = min(precision.largest, _MAX_BOUND)
    furthest = max(abs(low), abs(high))
    if furthest > limit:
        raise BadValue(
            Text(
                f"{given}: both ends must lie within {limit:.6g} of 0 in {dtype}",
                f"{given}：在 {dtype} 下，两端的绝对值不能超过 {limit:.6g}",
            )
        )
    needed = max(_MIN_STEPS * precision.step(furthest), _MIN_SHARE * furthest, _MIN_SPAN)
    if high - low < needed:
        raise BadValue(
            Text(
                f"{given}: too narrow for {dtype}, which needs HI - LO >= {needed:.3g} there",
                f"{given}：对 {dtype} 太窄，这里上限与下限至少要相差 {needed:.3g}",
            )
        )
    return low, high


def check_samples(samples: int) -> int:
    """The number of points along the range."""
    if not isinstance(samples, int) or not 2 <= samples <= MAX_SAMPLES:
        raise BadValue(
            Text(
                f"samples must be a whole number from 2 to {MAX_SAMPLES:,}, got {samples}",
                f"samples 须是 2 到 {MAX_SAMPLES:,} 之间的整数，这里是 {samples}",
            ),
            Text(f"try {SAMPLES}", f"试试 {SAMPLES}"),
        )
    return samples


def check_order(order: int) -> int:
    """The number of derivatives to show."""
    if isinstance(order, bool) or order not in ORDERS:
        raise BadValue(
            Text(f"order must be 0, 1 or 2, got {order!r}", f"order 须是 0、1 或 2，这里是 {order!r}"),
            Text("0 is the function alone", "0 表示只画函数"),
        )
    return order


def check_at(at: Sequence[float], range: tuple[float, float]) -> tuple[float, ...]:
    """Points to mark, each within the range."""
    low, high = range
    for x in at:
        if not math.isfinite(x):
            raise BadValue(Text(f"{Argument('at', (x,))}: must be finite", f"{Argument('at', (x,))}：须是有限的数"))
        if not low <= x <= high:
            raise BadValue(
                Text(
                    f"{Argument('at', (x,))}: must lie within {Argument('range', range)}",
                    f"{Argument('at', (x,))}：须在 {Argument('range', range)} 之内",
                ),
                Text("widen the range", "请放宽范围"),
            )
    return tuple(map(float, at))


def check_xscale(scale: str, range: tuple[float, float]) -> str:
    """A scale that the range fits on."""
    if scale not in SCALES:
        raise BadValue(
            Text(f"unknown {Argument('xscale')} {scale!r}", f"未知的 {Argument('xscale')} {scale!r}"),
            Text(f"use {', '.join(SCALES)}", f"可用 {'、'.join(SCALES)}"),
        )
    if scale == "log" and range[0] <= 0:
        given, symmetrical = Argument("xscale", ("log",)), Argument("xscale", ("symlog",))
        raise BadValue(
            Text(
                f"{given} needs a range above 0; this one begins at {range[0]:g}",
                f"{given} 需要大于 0 的范围，这里从 {range[0]:g} 开始",
            ),
            Text(
                f"use {symmetrical}, or {Argument('range', (0.1, 10))}",
                f"请用 {symmetrical}，或 {Argument('range', (0.1, 10))}",
            ),
        )
    return scale


def check_device(device: str) -> str:
    """The name of a device; whether this machine has it, only torch can tell."""
    device = re.sub(r"^gpu\b", "cuda", device)
    if not re.fullmatch(r"cpu|auto|cuda(:\d{1,3})?", device):
        raise BadValue(
            Text(f"unknown device {device!r}", f"未知的设备 {device!r}"),
            Text("use cpu, cuda, cuda:N or auto", "可用 cpu、cuda、cuda:N 或 auto"),
        )
    return device


def check_layout(layout: str) -> str:
    if layout not in LAYOUTS:
        raise BadValue(
            Text(f"unknown layout {layout!r}", f"未知的布局 {layout!r}"),
            Text(f"use {' or '.join(LAYOUTS)}", f"可用 {' 或 '.join(LAYOUTS)}"),
        )
    return layout


def panels(order: int, layout: str, chosen: Sequence[str] | None = None) -> int:
    """How many panels a figure has: one for the function and one per derivative, or those chosen; or one for all."""
    return 1 if layout == "overlay" else len(chosen or PANELS[: order + 1])


def natural_size(panels: int) -> tuple[float, float]:
    """Width and height, in inches, at which every panel is as wide as in a figure of two."""
    return (SIZE[0] if panels == 1 else round(SIZE[0] + PANEL_WIDTH * (panels - 2), 1), SIZE[1])


def least_size(panels: int) -> tuple[float, float]:
    """The least width and height, in inches, of a figure of curves with text of the usual size."""
    return ((1.6, 3.0, 4.0)[panels - 1], 1.6)


def check_size(
    size: tuple[float, float], dpi: float, least: tuple[float, float] = LEAST_SIZE
) -> tuple[tuple[float, float], float]:
    """Width and height in inches and dots per inch, such that margins fit and the picture can be held.

    ``least`` are the width and height that margins and panels need.
    """
    width, height = size
    given = Argument("size", size)
    if not (math.isfinite(width) and math.isfinite(height)) or width < least[0] or height < least[1]:
        across, up = map(number, least)
        raise BadValue(
            Text(f"{given}: must be at least {across} by {up} inches", f"{given}：至少为 {across} × {up} 英寸"),
            Text(f"try {Argument('size', SIZE)}", f"试试 {Argument('size', SIZE)}"),
        )
    if not (math.isfinite(dpi) and dpi >= 10):
        raise BadValue(
            Text(f"{Argument('dpi', (dpi,))}: must be at least 10", f"{Argument('dpi', (dpi,))}：至少为 10"),
            Text(f"try {Argument('dpi', (DPI,))}", f"试试 {Argument('dpi', (DPI,))}"),
        )
    if max(width, height) * dpi > _MAX_SIDE_PIXELS or width * height * dpi**2 > _MAX_PIXELS:
        raise BadValue(
            Text(
                f"{given} at {Argument('dpi', (dpi,))}: must stay below {_MAX_SIDE_PIXELS:,} pixels a side and {_MAX_PIXELS:,} in all",
                f"{given}，{Argument('dpi', (dpi,))}：每边不能超过 {_MAX_SIDE_PIXELS:,} 像素，总共不能超过 {_MAX_PIXELS:,} 像素",
            )
        )
    return (width, height), dpi


def check_page(points: int) -> None:
    """The number of points that a page is to hold."""
    if points > _MAX_POINTS_OF_PAGE:
        raise BadValue(
            Text(
                f"a page holds at most {_MAX_POINTS_OF_PAGE:,} points, not {points:,}",
                f"网页最多容纳 {_MAX_POINTS_OF_PAGE:,} 个点，这里有 {points:,} 个",
            ),
            Text(f"give fewer {Argument('samples')}", f"请减小 {Argument('samples')}"),
        )


def check_terminal(columns: int) -> None:
    """The width of the terminal that a picture is to be drawn in."""
    if columns < _NARROWEST:
        raise BadValue(
            Text(
                f"the terminal is {columns} columns wide, and {Argument('inline')} needs {_NARROWEST}",
                f"终端只有 {columns} 列宽，{Argument('inline')} 需要 {_NARROWEST} 列",
            ),
            Text(f"widen it, or use {Argument('out')}", f"请加宽终端，或用 {Argument('out')}"),
        )


def check_animation(frames: int, fps: int, size: tuple[float, float], dpi: float) -> None:
    """Frames and frames a second such that the whole can be held and shown."""
    for name, value, (low, high) in (("frames", frames, _FRAMES), ("fps", fps, _FPS)):
        if not low <= value <= high:
            raise BadValue(
                Text(
                    f"{Argument(name)} must be from {low} to {high}, got {value}",
                    f"{Argument(name)} 须在 {low} 到 {high} 之间，这里是 {value}",
                )
            )
    pixels = size[0] * size[1] * dpi**2 * frames
    if pixels > _MAX_ANIMATED_PIXELS:
        raise BadValue(
            Text(
                f"{frames} frames of this size are {pixels:,.0f} pixels, more than {_MAX_ANIMATED_PIXELS:,}",
                f"{frames} 帧这样大小的画面共 {pixels:,.0f} 像素，超过了 {_MAX_ANIMATED_PIXELS:,}",
            ),
            Text(
                f"give fewer {Argument('frames')}, or a smaller {Argument('size')} or {Argument('dpi')}",
                f"请减少 {Argument('frames')}，或减小 {Argument('size')} 或 {Argument('dpi')}",
            ),
        )


def gif_delay(fps: float) -> int:
    """Hundredths of a second for which a GIF shows each frame; many viewers slow down those below 2."""
    return max(2, round(100 / fps))


def format_of(path: str, formats: Sequence[str] = FORMATS) -> str:
    """The format that a file name asks for: one of ``formats``."""
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in formats:
        endings, first = ["." + name for name in formats], formats[0].upper()
        hint = Text(f"end it in {', '.join(endings)}", f"文件名请以 {'、'.join(endings)} 结尾")
        if formats != ANIMATION_FORMATS:  # on the command line alone
            stdout = Text(f"{hint.en}, or use - for {first} on stdout", f"{hint.zh}，或用 - 把 {first} 写到标准输出")
            hint = Text(f"{Argument(hint.en, words=stdout.en)}", f"{Argument(hint.zh, words=stdout.zh)}")
        raise BadValue(Text(f"cannot tell the format of {path!r}", f"看不出 {path!r} 的格式"), hint)
    return suffix


def check_style(style: str) -> str:
    """A style of matplotlib's: a name, a file, or ``package.style``. Looked up without loading or importing anything."""
    if style == "default" or style in (known := shipped_styles() | _own_styles()):
        return style
    if style.endswith(".mplstyle") and os.path.isfile(style):
        return style
    # Looking for a package in another would import the other.
    *packages, name = style.split(".")
    if packages and all(package.isidentifier() for package in packages):
        top, *inner = packages
        try:
            folders = getattr(find_spec(top), "submodule_search_locations", None) or ()
        except (ImportError, ValueError):
            folders = ()
        if any(os.path.isfile(os.path.join(folder, *inner, f"{name}.mplstyle")) for folder in folders):
            return style
    raise BadValue(
        Text(f"unknown style {style!r}", f"未知的样式 {style!r}"),
        did_you_mean(
            style,
            known,
            Text(f"matplotlib has {', '.join(sorted(known))}", f"matplotlib 有 {'、'.join(sorted(known))}"),
        ),
    )


def shipped_styles() -> set[str]:
    """The names of the styles that matplotlib ships."""
    spec = find_spec("matplotlib")
    return _styles_in(
        *(Path(folder, "mpl-data/stylelib") for folder in (spec and spec.submodule_search_locations) or ())
    )


def _own_styles() -> set[str]:
    """Those in the user's own folders."""
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    own = Path(os.environ.get("MPLCONFIGDIR") or Path(config, "matplotlib"), "stylelib")
    return _styles_in(own, Path.home() / ".matplotlib/stylelib")


def _styles_in(*folders: Path) -> set[str]:
    names = {path.stem for folder in folders for path in folder.glob("*.mplstyle")}
    return {name for name in names if not name.startswith("_")}
