"""Options to frozen values with nothing left open: how functions are sampled, what a figure looks like, where it goes."""

import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.util import find_spec
from shutil import get_terminal_size
from typing import Any, Protocol, TypeVar

from actplot import options
from actplot.cli.options import LOOK_OF_CURVES, FigureOptions
from actplot.errors import BadValue, NotInstalled
from actplot.functions.registry import PlotSpec
from actplot.live import window
from actplot.look import Options, check_look, order_of_panels, style_of
from actplot.options import Arithmetic, Sampling, Style
from actplot.text import Text, number


@dataclass(frozen=True)
class Animation:
    """A file that shows a sweep, ``fps`` frames a second."""

    path: str
    frames: int
    fps: int

    @property
    def note(self) -> Text | None:
        """What the format makes of the frames a second; None where it has them as they are asked for."""
        played = 100 / options.gif_delay(self.fps)
        if options.format_of(self.path, options.ANIMATION_FORMATS) != "gif" or played == self.fps:
            return None
        return Text(
            f"a GIF counts in hundredths of a second: it plays at {played:.3g} frames a second, not {self.fps}",
            f"GIF 以百分之一秒计时：每秒播放 {played:.3g} 帧，而不是 {self.fps} 帧",
        )


@dataclass(frozen=True, kw_only=True)
class Destinations:
    """Where the result of a command goes.

    Attributes
    ----------
    file
        The figure's file; "-" is standard output.
    data
        The file of the numbers; "-" is standard output.
    animation
        The file of a sweep.
    window, browser, terminal
        Whether the figure is shown there.
    port
        Of the browser's server; None for a free one.
    without_window
        The file to write where no window opens after all; None where that is an error.
    json
        Whether standard output takes a summary.
    quiet
        Whether nothing is said but what standard output was asked for, and errors.
    """

    file: str | None = None
    data: str | None = None
    animation: Animation | None = None
    window: bool = False
    browser: bool = False
    port: int | None = None
    terminal: bool = False
    without_window: str | None = None
    json: bool = False
    quiet: bool = False

    @property
    def paths(self) -> list[str]:
        """The files, in the order in which they are named to the user."""
        animation = None if self.animation is None else self.animation.path
        return [path for path in (self.file, self.data, animation) if path not in (None, "-")]

    @property
    def is_page(self) -> bool:
        """Whether the figure's file is HTML."""
        return self.file not in (None, "-") and options.format_of(self.file, _FIGURE_FORMATS) == options.PAGE

    @property
    def is_shown(self) -> bool:
        """Whether a figure stays alive on a screen."""
        return self.window or self.browser

    @property
    def is_stdout_taken(self) -> bool:
        """Whether standard output holds something that a program reads."""
        return self.json or "-" in (self.file, self.data)


class Surroundings(Protocol):
    """What destinations depend on beside the options."""

    @property
    def has_display(self) -> bool:
        """Whether a window could open."""

    @property
    def has_graphics(self) -> bool:
        """Whether standard output is a terminal that shows pictures."""

    @property
    def columns(self) -> int | None:
        """The width of the terminal on standard output; None where there is none."""

    def has_package(self, name: str) -> bool:
        """Whether a package can be imported."""


class Here(Surroundings):
    """The process that runs; what costs time is asked for when it is needed."""

    @cached_property
    def has_display(self) -> bool:
        return window.display_at_hand()

    @cached_property
    def has_graphics(self) -> bool:
        if not (sys.stdout.isatty() and sys.stdin.isatty() and self.has_package("textual_image")):
            return False
        from actplot.output import terminal

        return terminal.has_pixels()

    @cached_property
    def columns(self) -> int | None:
        return get_terminal_size().columns if sys.stdout.isatty() else None

    def has_package(self, name: str) -> bool:
        return find_spec(name) is not None


Value = TypeVar("Value")

_FIGURE_FORMATS = (*options.FORMATS, options.PAGE)
# Options that a page has no use for.
_NOT_FOR_PAGES = (
    "style",
    "font",
    "size",
    "dpi",
    "no_title",
    "fontsize",
    "linewidth",
    "transparent",
    "grid",
    "text",
    *LOOK_OF_CURVES,
)


def _value(given: Value | None, default: Value) -> Value:
    return default if given is None else given


def resolve_arithmetic(given: FigureOptions) -> Arithmetic:
    """The number format and the device."""
    return Arithmetic(
        dtype=options.check_dtype(_value(given.dtype, "float64")),
        device=options.check_device(_value(given.device, "cpu")),
    )


def resolve_sampling(given: FigureOptions, spec: PlotSpec) -> Sampling:
    """How the functions of a figure are sampled.

    Raises
    ------
    BadValue
        For what no function, or not these functions, can be asked for.
    """
    arithmetic = resolve_arithmetic(given)
    at = given.at or []
    xscale = _value(given.xscale, "linear")
    wanted = given.range or _widened(spec.range, [x for x in at if math.isfinite(x)])
    bounds = options.check_range(*wanted, arithmetic.dtype)
    for function in spec.functions:
        function.check_domain(*bounds)
    return Sampling(
        range=bounds,
        at=options.check_at(at, bounds),
        samples=options.check_samples(_value(given.samples, options.SAMPLES)),
        order=order_of(given),
        xscale=options.check_xscale(xscale, bounds),
        **asdict(arithmetic),
    )


def order_of(given: FigureOptions) -> int:
    """The number of derivatives: those asked for, else the first and what the panels need."""
    if given.order is None and given.panels is not None:
        return max(1, order_of_panels(given.panels.split(",")))
    return options.check_order(_value(given.order, 1))


def _widened(range: tuple[float, float], at: Sequence[float]) -> tuple[float, float]:
    """The range with room for points outside it."""
    low, high = range
    margin = 0.1 * (max(high, *at) - min(low, *at)) if at else 0.0
    return min([low, *(x - margin for x in at if x < low)]), max([high, *(x + margin for x in at if x > high)])


def resolve_style(given: FigureOptions, natural_size: tuple[float, float] | None = None) -> Style:
    """What a figure looks like; whether this machine has the style and the font is not looked up."""
    if given.no_title and given.title is not None:
        raise BadValue(
            Text("--title and --no-title contradict each other", "--title 与 --no-title 互相矛盾"),
            Text("give one of them", "只能给其中一个"),
        )
    looks = Options(**{name: getattr(given, name) for name in Options.__annotations__})  # type: ignore[typeddict-item]
    if given.no_title:
        looks["title"] = False
    return style_of(looks, order=order_of(given), natural=natural_size)


def resolve_curves(given: FigureOptions, spec: PlotSpec) -> tuple[Sampling, Style, tuple[float, float]]:
    """Sampling and style of a figure of curves, and the size it has where none is given."""
    sampling = resolve_sampling(given, spec)
    style = resolve_style(given)
    for curves in {len(spec.functions), *([1] if given.animate is not None and not given.label else [])}:
        check_look(style, curves=curves, order=sampling.order, range=sampling.range)
    return sampling, style, natural_size_of_curves(sampling.order, style)


def natural_size_of_curves(order: int, style: Style) -> tuple[float, float]:
    """The size in inches of a figure of curves where none is given."""
    return options.natural_size(options.panels(order, style.layout, style.panels))


def check_installed(style: Style) -> None:
    """Raises for a style or a font that this machine does not have."""
    if style.style is not None and options.check_style(style.style).endswith(".mplstyle"):
        from actplot.plot.style import drawing

        with drawing(style=style.style):  # which only matplotlib can read
            pass
    if style.font is not None:
        from actplot.plot.fonts import families

        families(style.lang, style.font)


def screen_dpi(given: FigureOptions) -> float:
    """Dots per inch of what is looked at on a screen."""
    return _value(given.dpi, options.SCREEN_DPI)


def resolve_destinations(given: FigureOptions, file: str, style: Style, here: Surroundings) -> Destinations:
    """Where a figure goes; into ``file`` where nothing is named and nothing can be shown.

    Raises
    ------
    BadValue
        For options that contradict each other, or have no meaning alone.
    NotInstalled, NoDisplay
        For what these surroundings lack.
    """
    _check_files(given)
    animation = resolve_animation(given, style)
    _check_screen(given, here)
    _check_stdout(given, here)
    has_files = any(path is not None for path in (given.out, given.data, given.animate))
    is_window = bool(given.show) and not given.web
    is_terminal = given.inline
    if given.show is None and not (given.web or given.inline or has_files):
        is_window = here.has_display
        is_terminal = not (is_window or given.json or given.quiet) and here.has_graphics
    if is_window and not here.has_display:
        raise window.no_display()
    if is_terminal and here.columns is not None:
        options.check_terminal(here.columns)
    is_elsewhere = is_window or given.web or is_terminal or has_files
    return Destinations(
        file=given.out if is_elsewhere else file,
        data=given.data,
        animation=animation,
        window=is_window,
        browser=given.web,
        port=given.port,
        terminal=is_terminal,
        without_window=file if is_window and not given.show and given.out is None else None,
        json=given.json,
        quiet=given.quiet,
    )


def _check_files(given: FigureOptions) -> None:
    is_page = given.out not in (None, "-") and options.format_of(given.out, _FIGURE_FORMATS) == options.PAGE
    if is_page or (given.web and given.out is None and given.animate is None):
        for name in _NOT_FOR_PAGES:
            if getattr(given, name) not in (None, []):
                option = f"--no-{name}" if getattr(given, name) is False else f"--{name.replace('_', '-')}"
                place = given.out or "--web"
                raise BadValue(
                    Text(f"{option} has no meaning for a page ({place})", f"{option} 对网页没有意义（{place}）"),
                    Text("leave it out", "请去掉它"),
                )
    if given.text is not None and not is_svg(given.out):
        raise needs_svg()
    if is_page and given.title is not None and "$" in given.title:
        raise BadValue(
            Text(
                f"--title {given.title!r}: a page sets no $math$",
                f"--title {given.title!r}：网页标题不支持 $数学公式$",
            ),
            Text("write it without dollar signs", "请去掉美元符号"),
        )
    if given.data not in (None, "-"):
        options.format_of(given.data, options.DATA_FORMATS)


def is_svg(path: str | None) -> bool:
    """Whether a file holds an SVG, by its name."""
    return path not in (None, "-") and options.format_of(path, _FIGURE_FORMATS) == "svg"


def needs_svg() -> BadValue:
    """The error of an option that only an SVG has a use for."""
    return BadValue(
        Text("--text is for an SVG", "--text 只用于 SVG"),
        Text("add --out FILE.svg, or leave it out", "请加上 --out 文件.svg，或去掉它"),
    )


def resolve_animation(given: FigureOptions, style: Style) -> Animation | None:
    """The file of a sweep; None where none was asked for."""
    if given.animate is None:
        for name in ("frames", "fps"):
            if getattr(given, name) is not None:
                raise BadValue(
                    Text(f"--{name} needs --animate", f"--{name} 要与 --animate 同用"),
                    Text("as in --animate sweep.gif", "例如 --animate sweep.gif"),
                )
        return None
    options.format_of(given.animate, options.ANIMATION_FORMATS)
    for name, given_, why in (
        ("--no-title", given.no_title, Text("titles show the parameter's value", "参数的值显示在标题里")),
        ("--transparent", given.transparent, Text("animations have a background", "动画没有透明背景")),
        ("--label", given.label, Text("one curve is shown at a time", "每次只显示一条曲线")),
    ):
        if given_:
            raise BadValue(
                Text(
                    f"{name} and --animate contradict each other: {why.en}", f"{name} 与 --animate 互相矛盾：{why.zh}"
                ),
                Text("leave one of them out", "请去掉其中一个"),
            )
    frames = _value(given.frames, options.FRAMES)
    fps = _value(given.fps, options.FPS)
    options.check_animation(frames, fps, style.size, screen_dpi(given))
    return Animation(given.animate, frames, fps)


def _check_screen(given: FigureOptions, here: Surroundings) -> None:
    """A figure is looked at in one place, and one that is at hand."""
    if given.port is not None:
        if not given.web:
            raise BadValue(
                Text("--port needs --web", "--port 要与 --web 同用"),
                Text("give both, or neither", "请同时给出，或都不给"),
            )
        if not 1 <= given.port <= 65535:
            raise BadValue(
                Text(
                    f"--port must be from 1 to 65535, got {given.port}",
                    f"--port 须在 1 到 65535 之间，这里是 {given.port}",
                ),
                Text("leave it out for a free one", "不写则用空闲的端口"),
            )
    if given.inline and (given.web or given.show):
        raise BadValue(
            Text(
                f"--inline and --{'web' if given.web else 'show'} contradict each other",
                f"--inline 与 --{'web' if given.web else 'show'} 互相矛盾",
            ),
            Text("give one of them", "只能给其中一个"),
        )
    if given.web and given.show is False:
        raise BadValue(
            Text("--web and --no-show contradict each other", "--web 与 --no-show 互相矛盾"),
            Text("give one of them", "只能给其中一个"),
        )
    if given.inline and not here.has_package("textual_image"):
        raise NotInstalled(
            Text("--inline needs textual-image, which is not installed", "--inline 需要 textual-image，它还没有安装"),
            Text('pip install "actplot[terminal]"', '请运行 pip install "actplot[terminal]"'),
        )


def _check_stdout(given: FigureOptions, here: Surroundings) -> None:
    """Standard output is taken once: by JSON, by one ``-``, or by paths and tables."""
    takers = [f"--{name}" for name in ("json", "inline") if getattr(given, name)]
    takers += [f"--{name} -" for name in ("out", "data") if getattr(given, name) == "-"]
    if len(takers) > 1:
        raise BadValue(
            Text(f"{' and '.join(takers)} both want stdout", f"{' 和 '.join(takers)} 都要用标准输出"),
            Text("give a file name in place of -", "请用文件名代替 -"),
        )
    if given.out == "-" and here.columns is not None:
        raise BadValue(
            Text("--out - would print a PNG on the terminal", "--out - 会把 PNG 打印到终端上"),
            Text("name a file, or send it on: --out - > FILE.png", "请写文件名，或重定向：--out - > 文件.png"),
        )
    if takers and not (given.json or given.quiet or given.inline):
        names = ("out", "data", "animate")
        paths = (f"--{name} {path}" for name in names if (path := getattr(given, name)) not in (None, "-"))
        lines = [Text(path, path) for path in paths]
        lines += [Text("the table of --at", "--at 的表格")] if given.at else []
        if lines:
            raise BadValue(
                Text(f"{takers[0]} and {lines[0].en} both want stdout", f"{takers[0]} 和 {lines[0].zh} 都要用标准输出"),
                Text("add --quiet", "请加上 --quiet"),
            )


def to_argv(
    sampling: Arithmetic, style: Style, natural_size: tuple[float, float], *, device: str, animation: Animation | None
) -> list[str]:
    """The options that draw this figure anywhere: what matters to the picture, and nothing else.

    Range and language are always among them, since their defaults differ from place to place.
    """
    values: dict[str, Any] = {**vars(sampling), **vars(style), "device": device}
    defaults: dict[str, Any] = {"size": natural_size, "animate": None}
    if animation is not None:
        values |= {"frames": animation.frames, "fps": animation.fps}
        defaults |= {"frames": options.FRAMES, "fps": options.FPS}
    for declared in (sampling, style):
        defaults = {name: field.default for name, field in declared.__dataclass_fields__.items()} | defaults
    words: list[str] = []
    for name in FigureOptions.__dataclass_fields__:
        if name == "no_title":
            words += ["--no-title"] if style.title is False else []
        elif name not in values or (values[name] == defaults[name] and name not in ("range", "lang")):
            continue
        elif name in _REPEATED:
            words += [word for value in values[name] for word in _option(name, value)]
        elif values[name] is not False or name != "title":
            words += _option(name, values[name])
    return words


# Options that are given once for each of their values.
_REPEATED = ("at", "label", "color", "ylabel")


def _option(name: str, value: object) -> list[str]:
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if name == "panels" and isinstance(value, tuple):
        value = ",".join(value)
    return [f"--{name}", *map(_word, value if isinstance(value, tuple) else [value])]


def _word(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)
