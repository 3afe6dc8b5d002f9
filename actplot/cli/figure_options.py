"""The options that every command with a figure takes, declared once, and their values once they are checked."""

import inspect
import math
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from functools import partial
from importlib.util import find_spec
from typing import Annotated, Any, get_type_hints

import typer

from actplot import options
from actplot.errors import BadValue, NotInstalled
from actplot.functions.registry import PlotSpec
from actplot.output import metadata
from actplot.text import LANGUAGES, choose_language, number


def _completing(*values: str) -> Any:
    return lambda incomplete: [value for value in values if value.startswith(incomplete)]


def real(value: str) -> float:
    """A number on the command line."""
    try:
        return float(value)
    except ValueError:
        raise typer.BadParameter(f"{value!r} is not a number") from None


def whole(value: str) -> int:
    """A whole number on the command line."""
    try:
        return int(value)
    except ValueError:
        raise typer.BadParameter(f"{value!r} is not a whole number") from None


_figure = partial(typer.Option, rich_help_panel="Figure")
_output = partial(typer.Option, rich_help_panel="Output")

LanguageOption = Annotated[
    str | None,
    _figure(
        "--lang",
        metavar="zh|en",
        help="Language of the text.",
        show_default="ACTPLOT_LANG, else zh",
        autocompletion=_completing(*LANGUAGES),
    ),
]


@dataclass(frozen=True)
class FigureOptions:
    """What the user gave; the fields are the options."""

    range: Annotated[
        tuple[float, float] | None,
        _figure(metavar="LO HI", parser=real, help="Ends of x.", show_default="what shows the function best"),
    ] = None
    samples: Annotated[
        int, _figure("--samples", "-n", metavar="N", parser=whole, help="Points along the range, 2 to 10,000,000.")
    ] = options.SAMPLES
    order: Annotated[
        int,
        _figure(metavar="0|1|2", parser=whole, help="Derivatives to draw.", autocompletion=_completing("0", "1", "2")),
    ] = 1
    at: Annotated[
        list[float] | None,
        _figure(metavar="X", parser=real, help="Mark this point, draw the tangent, print f and f'; repeatable."),
    ] = None
    dtype: Annotated[
        str,
        _figure(metavar="TYPE", help=f"{', '.join(options.DTYPES)}.", autocompletion=_completing(*options.DTYPES)),
    ] = "float64"
    device: Annotated[
        str,
        _figure(metavar="NAME", help="cpu, cuda, cuda:N or auto.", autocompletion=_completing("cpu", "cuda", "auto")),
    ] = "cpu"
    layout: Annotated[
        str,
        _figure(
            metavar="side|overlay",
            help="A panel each, or function and derivatives in one.",
            autocompletion=_completing(*options.LAYOUTS),
        ),
    ] = "side"
    lang: LanguageOption = None
    title: Annotated[str | None, _figure(metavar="TEXT", help="A title for the figure; $...$ is math.")] = None
    font: Annotated[str | None, _figure(metavar="NAME|PATH", help="A font to use before Noto Sans CJK.")] = None
    style: Annotated[str | None, _figure(metavar="STYLE", help="Any matplotlib style, by name or file.")] = None
    size: Annotated[
        tuple[float, float] | None,
        _figure(metavar="W H", parser=real, help="Size in inches.", show_default="10 4; 14.9 4 for three panels"),
    ] = None
    dpi: Annotated[float, _figure(metavar="N", parser=real, help="Dots per inch.", show_default="150")] = options.DPI
    out: Annotated[
        str | None, _output("--out", "-o", metavar="FILE", help="Write .png, .svg, .pdf or .html; - is PNG on stdout.")
    ] = None
    data: Annotated[
        str | None,
        _output(metavar="FILE", help="Write the numbers as .csv, .json or .npz; - is CSV on stdout."),
    ] = None
    animate: Annotated[
        str | None, _output(metavar="FILE", help="Write a sweep as .gif, .webp or .apng, one value after another.")
    ] = None
    frames: Annotated[int, _output(metavar="N", parser=whole, help="Frames of it, 2 to 600.")] = options.FRAMES
    fps: Annotated[int, _output(metavar="N", parser=whole, help="Frames a second, 1 to 50.")] = options.FPS
    show: Annotated[
        bool | None,
        _output(
            "--show/--no-show",
            help="Open a window.",
            show_default="where there is a display and neither --out nor --data",
        ),
    ] = None
    inline: Annotated[
        bool,
        _output(
            "--inline",
            help="Draw in the terminal.",
            show_default="where the terminal has graphics and there is no display",
        ),
    ] = False
    web: Annotated[bool, _output("--web", help="Show it in the browser, served on this machine only.")] = False
    port: Annotated[
        int | None, _output(metavar="N", parser=whole, help="Port for --web.", show_default="one that is free")
    ] = None
    json: Annotated[bool, _output("--json", help="Print a summary as JSON.")] = False
    quiet: Annotated[bool, _output("--quiet", "-q", help="Print nothing but errors.")] = False

    def checked(self, request: PlotSpec) -> "FigureOptions":
        """These options with range, points and language settled; raises what is wrong, loading nothing heavy."""
        options.check_dtype(self.dtype)
        low, high = self.range or _with_room(request.range, [x for x in self.at or () if math.isfinite(x)])
        bounds = options.check_range(low, high, self.dtype)
        for function in request.functions:
            function.check_domain(*bounds)
        points = list(options.check_at(self.at or (), bounds))
        options.check_samples(self.samples)
        options.check_order(self.order)
        panels = options.panels(self.order, options.check_layout(self.layout))
        return replace(self, range=bounds, at=points).settled(options.natural_size(panels))

    def settled(self, natural_size: tuple[float, float]) -> "FigureOptions":
        """What every picture has, checked, with the language settled; ``size`` is None where it is the natural one."""
        options.check_dtype(self.dtype)
        options.check_device(self.device)
        options.check_size(self.size or natural_size, self.dpi)
        if self.out not in (None, "-"):
            options.format_of(self.out, (*options.FORMATS, options.PAGE))
            if self.is_page:
                self._check_page()
        if self.data not in (None, "-"):
            options.format_of(self.data, options.DATA_FORMATS)
        if self.animate is not None:
            options.format_of(self.animate, options.ANIMATION_FORMATS)
            options.check_animation(self.frames, self.fps, self.size or natural_size, self.screen_dpi)
        elif (self.frames, self.fps) != (options.FRAMES, options.FPS):
            name = "frames" if self.frames != options.FRAMES else "fps"
            raise BadValue(f"--{name} needs --animate", "as in --animate sweep.gif")
        self._check_screen()
        self._check_stdout()
        if not SPELLING.get():
            self._check_files()
        size = None if self.size == natural_size else self.size
        return replace(self, lang=choose_language(self.lang), size=size)

    def _check_files(self) -> None:
        """Style and font, which are found on this machine or not."""
        if self.style is not None and options.check_style(self.style).endswith(".mplstyle"):
            from actplot.plot.figure import drawing

            with drawing(style=self.style):  # which only matplotlib can read
                pass
        if self.font is not None:
            from actplot.plot.fonts import families

            families(choose_language(self.lang), self.font)

    def _check_screen(self) -> None:
        """Where a figure is looked at: in one place, and one that is at hand."""
        if self.port is not None:
            if not self.web:
                raise BadValue("--port needs --web", "give both, or neither")
            if not 1 <= self.port <= 65535:
                raise BadValue(f"--port must be from 1 to 65535, got {self.port}", "leave it out for a free one")
        if self.inline and (self.web or self.show):
            raise BadValue(f"--inline and --{'web' if self.web else 'show'} contradict each other", "give one of them")
        if self.inline and find_spec("textual_image") is None:
            raise NotInstalled(
                "--inline needs textual-image, which is not installed", 'pip install "actplot[terminal]"'
            )
        if self.web and self.show is False:
            raise BadValue("--web and --no-show contradict each other", "give one of them")
        if self.web and find_spec("tornado") is None:
            raise NotInstalled("--web needs tornado, which is not installed", 'pip install "actplot[web]"')

    def _check_stdout(self) -> None:
        """Standard output is taken once: by JSON, by one ``-``, or by paths and tables."""
        wanting = [f"--{name}" for name in ("json", "inline") if getattr(self, name)]
        wanting += [f"--{name} -" for name in ("out", "data") if getattr(self, name) == "-"]
        if len(wanting) > 1:
            raise BadValue(f"{' and '.join(wanting)} both want stdout", "give a file name in place of -")
        if wanting and not (self.json or self.quiet or self.inline):
            names = ("out", "data", "animate")
            lines = [f"--{name} {path}" for name in names if (path := getattr(self, name)) not in (None, "-")]
            lines += ["the table of --at"] if self.at else []
            if lines:
                raise BadValue(f"{wanting[0]} and {lines[0]} both want stdout", "add --quiet")

    @property
    def look(self) -> dict[str, Any]:
        """What text and colours look like: keywords for :func:`actplot.plot.figure.drawing`."""
        return dict(lang=self.lang, style=self.style, font=self.font)

    @property
    def is_page(self) -> bool:
        """Whether ``out`` is an HTML file."""
        return (
            self.out not in (None, "-")
            and options.format_of(self.out, (*options.FORMATS, options.PAGE)) == options.PAGE
        )

    def _check_page(self) -> None:
        for name, default in (("style", None), ("font", None), ("dpi", options.DPI)):
            if getattr(self, name) != default:
                raise BadValue(f"--{name} has no meaning for a page ({self.out})", "leave it out")
        if self.title is not None and "$" in self.title:
            raise BadValue(f"--title {self.title!r}: a page sets no $math$", "write it without dollar signs")
        if find_spec("plotly") is None:
            raise NotInstalled(f"{self.out} needs plotly, which is not installed", 'pip install "actplot[html]"')

    @property
    def screen_dpi(self) -> float:
        """The resolution of what is looked at on a screen, where none was asked for."""
        return options.SCREEN_DPI if self.dpi == options.DPI else self.dpi

    def page(self, natural_size: tuple[float, float]) -> dict[str, Any]:
        """Title, size, resolution and look of a picture: keywords for :func:`actplot.plot.experiments.page`."""
        return dict(title=self.title, size=self.size or natural_size, dpi=self.dpi, **self.look)

    def command(self, words: Sequence[str], device: str, *, animated: bool = False) -> str:
        """The command that draws this figure anywhere: what matters to the picture, and nothing else.

        Range and language are always in it, since their defaults differ from place to place.
        """
        words = [*words]
        for field in fields(self):
            if field.name in ("frames", "fps") and not animated:
                continue
            given: Any = device if field.name == "device" else getattr(self, field.name)
            always = field.name == "lang" or (field.name == "range" and given is not None)
            if field.name == "at":
                words += (word for x in given or () for word in ("--at", number(x)))
            elif field.name not in BESIDE_THE_PICTURE and (always or given != field.default):
                words.append(f"--{field.name}")
                words += map(_word, given if isinstance(given, tuple) else [given])
        return metadata.join(words)


def _with_room(range: tuple[float, float], at: Sequence[float]) -> tuple[float, float]:
    """The range, widened for points outside it."""
    low, high = range
    room = 0.1 * (max(high, *at) - min(low, *at)) if at else 0.0
    return min([low, *(x - room for x in at if x < low)]), max([high, *(x + room for x in at if x > high)])


def parameters(*left_out: str) -> list[inspect.Parameter]:
    """The options as parameters of a function, for a command that takes them beside its own."""
    hints = get_type_hints(FigureOptions, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(FigureOptions)
        if field.name not in left_out
    ]


def own_parameters(run: Callable[..., None]) -> list[inspect.Parameter]:
    """The parameters that a function declares itself, beside its ``**``."""
    declared = inspect.signature(run).parameters.values()
    return [parameter for parameter in declared if parameter.kind is not inspect.Parameter.VAR_KEYWORD]


def give_signature(run: Callable[..., None], signature: Sequence[inspect.Parameter]) -> None:
    """Makes typer see these parameters in place of the ``**`` of ``run``."""
    run.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature}


def between(name: str, value: int, low: int, high: int) -> None:
    """Raises :class:`BadValue` for a whole number outside the bounds."""
    if not low <= value <= high:
        raise BadValue(f"{name} must be from {low} to {high:,}, got {value}")


_MAX_NUMBERS = 100_000_000


def check_memory(numbers: int, what: str) -> None:
    """Raises :class:`BadValue` where an experiment would hold more numbers at once than a gigabyte takes."""
    if numbers > _MAX_NUMBERS:
        raise BadValue(f"{what} would hold {numbers:,} numbers at once, more than {_MAX_NUMBERS:,}", "make one smaller")


# The options of an animation, which only curves have.
ANIMATION = ("animate", "frames", "fps")
# Whether a command is only spelt: what it names outside of itself is not looked for.
SPELLING: ContextVar[bool] = ContextVar("SPELLING", default=False)
# Options that do not change what is drawn.
BESIDE_THE_PICTURE = {"out", "data", "animate", "show", "inline", "web", "port", "json", "quiet"}


def _word(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)
