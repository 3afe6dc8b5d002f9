"""The options that every command with a figure takes, declared once, as the user gave them."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from typing import Annotated, Any, get_type_hints

import typer

from actplot import options
from actplot.errors import BadValue
from actplot.functions.registry import Activation, Parameter
from actplot.text import LANGUAGES


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

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ParamOption = Annotated[
    list[str] | None,
    typer.Option(
        "--param",
        metavar="NAME=VALUE",
        help="A value for a parameter; repeatable, and with several values for one name a curve for each.",
        rich_help_panel="Parameters",
    ),
]


@dataclass(frozen=True)
class FigureOptions:
    """The options as given; None stands for what was not."""

    range: Annotated[
        tuple[float, float] | None,
        _figure(metavar="LO HI", parser=real, help="Ends of x.", show_default="what shows the function best"),
    ] = None
    samples: Annotated[
        int | None,
        _figure(
            "--samples",
            "-n",
            metavar="N",
            parser=whole,
            help="Points along the range, 2 to 1,000,000,000.",
            show_default=str(options.SAMPLES),
        ),
    ] = None
    order: Annotated[
        int | None,
        _figure(
            metavar="0|1|2",
            parser=whole,
            help="Derivatives to draw.",
            show_default="1",
            autocompletion=_completing("0", "1", "2"),
        ),
    ] = None
    at: Annotated[
        list[float] | None,
        _figure(metavar="X", parser=real, help="Mark this point, draw the tangent, print f and f'; repeatable."),
    ] = None
    dtype: Annotated[
        str | None,
        _figure(
            metavar="TYPE",
            help=f"{', '.join(options.DTYPES)}.",
            show_default="float64",
            autocompletion=_completing(*options.DTYPES),
        ),
    ] = None
    device: Annotated[
        str | None,
        _figure(
            metavar="NAME",
            help="cpu, cuda, cuda:N or auto.",
            show_default="cpu",
            autocompletion=_completing("cpu", "cuda", "auto"),
        ),
    ] = None
    layout: Annotated[
        str | None,
        _figure(
            metavar="side|overlay",
            help="A panel each, or function and derivatives in one.",
            show_default="side",
            autocompletion=_completing(*options.LAYOUTS),
        ),
    ] = None
    lang: LanguageOption = None
    title: Annotated[str | None, _figure(metavar="TEXT", help="A title for the figure; $...$ is math.")] = None
    font: Annotated[str | None, _figure(metavar="NAME|PATH", help="A font to use before Noto Sans CJK.")] = None
    style: Annotated[str | None, _figure(metavar="STYLE", help="Any matplotlib style, by name or file.")] = None
    size: Annotated[
        tuple[float, float] | None,
        _figure(metavar="W H", parser=real, help="Size in inches.", show_default="10 4; 14.9 4 for three panels"),
    ] = None
    dpi: Annotated[
        float | None,
        _figure(metavar="N", parser=real, help="Dots per inch.", show_default=f"{options.DPI:g}"),
    ] = None
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
    frames: Annotated[
        int | None,
        _output(metavar="N", parser=whole, help="Frames of it, 2 to 600.", show_default=str(options.FRAMES)),
    ] = None
    fps: Annotated[
        int | None,
        _output(metavar="N", parser=whole, help="Frames a second, 1 to 50.", show_default=str(options.FPS)),
    ] = None
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


def own_parameters(run: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters that a function declares itself, beside its ``**``."""
    declared = inspect.signature(run).parameters.values()
    return [parameter for parameter in declared if parameter.kind is not inspect.Parameter.VAR_KEYWORD]


def give_signature(run: Callable[..., Any], signature: Sequence[inspect.Parameter]) -> None:
    """Makes typer see these parameters in place of the ``**`` of ``run``."""
    run.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature}


def command_of_entry(entry: Activation, run: Callable[..., Any], shared: list[inspect.Parameter], help: str) -> Any:
    """A typer command for ``run`` with the options of an entry's parameters first and the ``shared`` ones after them."""
    give_signature(run, [*map(option_of_parameter, entry.parameters), *shared])
    return command_alone(entry.name, run, help)


def command_alone(name: str, run: Callable[..., Any], help: str) -> Any:
    """A typer command that belongs to no group."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(name, help=help)(run)
    return typer.main.get_command(app)


def option_of_parameter(parameter: Parameter, *, hidden: bool = False) -> inspect.Parameter:
    """A parameter of an activation as an option that can be given several times."""

    def read(value: str) -> float:
        return parameter.choices[value] if parameter.choices and value in parameter.choices else real(value)

    return inspect.Parameter(
        parameter.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[
            list[float] | None,
            typer.Option(
                parameter.option,
                metavar="|".join(parameter.choices) if parameter.choices else "X",
                parser=read,
                help=f"{parameter.text.en}; {parameter.domain}; repeatable",
                show_default=parameter.format_value(parameter.default),
                rich_help_panel="Parameters",
                hidden=hidden,
            ),
        ],
    )


def take_parameters(entry: Activation, values: dict[str, Any]) -> dict[str, list[float]]:
    """The activation's own parameters among ``values``, taken out of them."""
    given = {name: values.pop(name) for name in entry.defaults}
    return {name: repeated for name, repeated in given.items() if repeated}


def check_bounds(name: str, value: int, low: int, high: int) -> None:
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
# Options that do not change what is drawn.
BESIDE_THE_PICTURE = {"out", "data", "animate", "show", "inline", "web", "port", "json", "quiet"}
