"""The options that every command with a figure takes, declared once, and their values once they are checked."""

import inspect
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Annotated, Any, get_type_hints

import typer

from actplot import options
from actplot.errors import BadValue
from actplot.registry import Function
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
            help="Two panels, or function and derivative in one.",
            autocompletion=_completing(*options.LAYOUTS),
        ),
    ] = "side"
    lang: LanguageOption = None
    title: Annotated[str | None, _figure(metavar="TEXT", help="A title for the figure; $...$ is math.")] = None
    font: Annotated[str | None, _figure(metavar="NAME|PATH", help="A font to use before Noto Sans CJK.")] = None
    style: Annotated[str | None, _figure(metavar="STYLE", help="Any matplotlib style, by name or file.")] = None
    size: Annotated[
        tuple[float, float], _figure(metavar="W H", parser=real, help="Size in inches.", show_default="10 4")
    ] = options.SIZE
    dpi: Annotated[float, _figure(metavar="N", parser=real, help="Dots per inch.", show_default="150")] = options.DPI
    out: Annotated[
        str | None, _output("--out", "-o", metavar="FILE", help="Write .png, .svg or .pdf; - is PNG on stdout.")
    ] = None
    show: Annotated[
        bool | None,
        _output("--show/--no-show", help="Open a window.", show_default="where there is a display and no --out"),
    ] = None
    json: Annotated[bool, _output("--json", help="Print a summary as JSON.")] = False
    quiet: Annotated[bool, _output("--quiet", "-q", help="Print nothing but errors.")] = False

    def checked(self, function: Function) -> "FigureOptions":
        """These options with range and language settled; raises what is wrong with them, loading nothing heavy."""
        options.check_dtype(self.dtype)
        settled = replace(
            self,
            range=options.check_range(*(self.range or function.range), self.dtype),
            lang=choose_language(self.lang),
        )
        options.check_samples(self.samples)
        options.check_device(self.device)
        options.check_layout(self.layout)
        options.check_size(self.size, self.dpi)
        if self.style is not None and options.check_style(self.style).endswith(".mplstyle"):
            from actplot.figure import drawing

            with drawing(style=self.style):  # which only matplotlib can read
                pass
        if self.json and self.out == "-":
            raise BadValue("--json and --out - both want stdout", "give --out a file name")
        if self.out is not None and self.out != "-":
            options.format_of(self.out)
        if self.font is not None:
            from actplot.fonts import families

            families(choose_language(self.lang), self.font)
        return settled

    def command(self, function: Function, device: str) -> str:
        """The command that draws this figure anywhere: what matters to the picture, and nothing else.

        Range and language are always in it, since their defaults differ from place to place.
        """
        words = ["actplot", function.name]
        for name, value in function.chosen.items():
            words += [f"--{name.replace('_', '-')}", number(value)]
        for field in fields(self):
            given: Any = device if field.name == "device" else getattr(self, field.name)
            always = field.name in ("range", "lang")
            if field.name not in _BESIDE_THE_PICTURE and (always or given != field.default):
                words.append(f"--{field.name}")
                words += map(_word, given if isinstance(given, tuple) else [given])
        return shlex.join(words)


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


def give_signature(run: Callable[..., None], signature: Sequence[inspect.Parameter]) -> None:
    """Makes typer see these parameters in place of the ``**`` of ``run``."""
    run.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature}


# Options that do not change what is drawn.
_BESIDE_THE_PICTURE = {"out", "show", "json", "quiet"}


def _word(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)
