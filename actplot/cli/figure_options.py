"""The options that every command with a figure takes, declared once, and their values once they are checked."""

import shlex
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any

import typer

from actplot import options
from actplot.errors import BadValue
from actplot.registry import Function
from actplot.text import LANGUAGES, choose_language, number


def _completing(*values: str) -> Any:
    return lambda incomplete: [value for value in values if value.startswith(incomplete)]


_FIGURE, _OUTPUT = "Figure", "Output"


@dataclass(frozen=True)
class FigureOptions:
    """What the user gave; the fields are the options."""

    range: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="LO HI", help="Ends of x.", show_default="what shows the function best", rich_help_panel=_FIGURE
        ),
    ] = None
    samples: Annotated[
        int,
        typer.Option(
            "--samples", "-n", metavar="N", help="Points along the range, 2 to 10,000,000.", rich_help_panel=_FIGURE
        ),
    ] = options.SAMPLES
    dtype: Annotated[
        str,
        typer.Option(
            metavar="TYPE",
            help="float64, float32, float16 or bfloat16.",
            autocompletion=_completing(*options.DTYPES),
            rich_help_panel=_FIGURE,
        ),
    ] = "float64"
    device: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="cpu, cuda, cuda:N or auto.",
            autocompletion=_completing("cpu", "cuda", "auto"),
            rich_help_panel=_FIGURE,
        ),
    ] = "cpu"
    out: Annotated[
        str | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help="Write .png, .svg or .pdf; - is PNG on stdout.", rich_help_panel=_OUTPUT
        ),
    ] = None
    show: Annotated[
        bool | None,
        typer.Option(
            "--show/--no-show",
            help="Open a window.",
            show_default="where there is a display and no --out",
            rich_help_panel=_OUTPUT,
        ),
    ] = None
    layout: Annotated[
        str,
        typer.Option(
            metavar="side|overlay",
            help="Two panels, or function and derivative in one.",
            autocompletion=_completing(*options.LAYOUTS),
            rich_help_panel=_FIGURE,
        ),
    ] = "side"
    lang: Annotated[
        str | None,
        typer.Option(
            metavar="zh|en",
            help="Language of the text.",
            show_default="ACTPLOT_LANG, else zh",
            autocompletion=_completing(*LANGUAGES),
            rich_help_panel=_FIGURE,
        ),
    ] = None
    title: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="A title above the panels; $...$ is math.", rich_help_panel=_FIGURE),
    ] = None
    font: Annotated[
        str | None,
        typer.Option(metavar="NAME|PATH", help="A font to use before Noto Sans CJK.", rich_help_panel=_FIGURE),
    ] = None
    style: Annotated[
        str | None,
        typer.Option(metavar="STYLE", help="Any matplotlib style, by name or file.", rich_help_panel=_FIGURE),
    ] = None
    size: Annotated[
        tuple[float, float],
        typer.Option(metavar="W H", help="Size in inches.", show_default="10 4", rich_help_panel=_FIGURE),
    ] = options.SIZE
    dpi: Annotated[
        float, typer.Option(metavar="N", help="Dots per inch.", show_default="150", rich_help_panel=_FIGURE)
    ] = options.DPI
    json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.", rich_help_panel=_OUTPUT)] = False
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.", rich_help_panel=_OUTPUT)] = (
        False
    )

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
        if self.style is not None:
            options.check_style(self.style)
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


# Options that do not change what is drawn.
_BESIDE_THE_PICTURE = {"out", "show", "json", "quiet"}


def _word(value: object) -> str:
    return number(value) if isinstance(value, float) else str(value)
