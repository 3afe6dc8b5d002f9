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
from actplot.text import LANGUAGES, Text


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

_LOOKS = {
    "no_title": Text("Leave out all titles.", "不显示任何标题。"),
    "fontsize": Text(
        "Size of tick labels in points; all other text and the margins grow with it.",
        "刻度标签的字号（磅）；其余文字和页边距随之缩放。",
    ),
    "linewidth": Text("Width of the curves' lines in points.", "曲线线宽（磅）。"),
    "transparent": Text("Leave the ground of figure and panels out.", "图与面板背景透明。"),
    "grid": Text("The grid.", "网格线。"),
    "legend": Text("The legend of several curves.", "多条曲线的图例。"),
    "formula": Text("The formula in a panel.", "面板中的公式。"),
    "panels": Text(
        "Panels to show, in this order: function, derivative, second derivative.",
        "要显示的面板及其顺序：函数、导数、二阶导数。",
    ),
    "label": Text("A name for the curve; once for each of several.", "曲线名称；多条曲线时每条给一次。"),
    "color": Text(
        "A colour of matplotlib's, for each curve or for a curve and its derivatives; repeatable, used in turn.",
        "matplotlib 的颜色名，用于各条曲线，或单条曲线及其导数；可重复，依次循环使用。",
    ),
    "xlabel": Text("Label of the x axes; $...$ is math.", "x 轴标签；$...$ 为公式。"),
    "ylabel": Text("Label of the y axis; once for each panel.", "y 轴标签；每个面板给一次。"),
    "ylim": Text("Ends of y.", "y 轴范围。"),
    "dylim": Text("Ends of y for the derivative.", "导数面板的 y 轴范围。"),
    "d2ylim": Text("Ends of y for the second derivative.", "二阶导数面板的 y 轴范围。"),
    "xscale": Text("Scale of x.", "x 轴刻度类型。"),
    "yscale": Text("Scale of y.", "y 轴刻度类型。"),
    "text": Text("Text in an SVG: outlines, or text that can be selected.", "SVG 中的文字：轮廓，或可选中的文字。"),
}
_LOOK = Text("Look", "外观")
_SCALES = "|".join(options.SCALES)


def _look(name: str, *declarations: str, default: str | bool = True, **more: Any) -> Any:
    """An option for what a figure looks like, with the words for its default."""
    return typer.Option(*declarations, help=_LOOKS[name].en, rich_help_panel=_LOOK.en, show_default=default, **more)


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
            help="Points along the range, 2 to 10,000,000.",
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
    no_title: Annotated[bool | None, _look("no_title", "--no-title")] = None
    size: Annotated[
        tuple[float, float] | None,
        _figure(metavar="W H", parser=real, help="Size in inches.", show_default="10 4; 14.9 4 for three panels"),
    ] = None
    dpi: Annotated[
        float | None,
        _figure(metavar="N", parser=real, help="Dots per inch.", show_default=f"{options.DPI:g}"),
    ] = None
    fontsize: Annotated[float | None, _look("fontsize", metavar="PT", parser=real, default="10")] = None
    linewidth: Annotated[float | None, _look("linewidth", metavar="PT", parser=real, default="2")] = None
    transparent: Annotated[bool | None, _look("transparent", "--transparent/--no-transparent")] = None
    grid: Annotated[bool | None, _look("grid", "--grid/--no-grid")] = None
    legend: Annotated[bool | None, _look("legend", "--legend/--no-legend")] = None
    formula: Annotated[bool | None, _look("formula", "--formula/--no-formula")] = None
    panels: Annotated[
        str | None,
        _look(
            "panels",
            metavar="f,df,d2f",
            default="all",
            autocompletion=_completing("f", "df", "f,df", "d2f", "f,df,d2f"),
        ),
    ] = None
    label: Annotated[list[str] | None, _look("label", metavar="NAME")] = None
    color: Annotated[list[str] | None, _look("color", metavar="COLOR")] = None
    xlabel: Annotated[str | None, _look("xlabel", metavar="TEXT", default="x")] = None
    ylabel: Annotated[list[str] | None, _look("ylabel", metavar="TEXT", default="y, dy/dx, d²y/dx²")] = None
    ylim: Annotated[tuple[float, float] | None, _look("ylim", metavar="LO HI", parser=real)] = None
    dylim: Annotated[tuple[float, float] | None, _look("dylim", metavar="LO HI", parser=real)] = None
    d2ylim: Annotated[tuple[float, float] | None, _look("d2ylim", metavar="LO HI", parser=real)] = None
    xscale: Annotated[
        str | None, _look("xscale", metavar=_SCALES, default="linear", autocompletion=_completing(*options.SCALES))
    ] = None
    yscale: Annotated[
        str | None, _look("yscale", metavar=_SCALES, default="linear", autocompletion=_completing(*options.SCALES))
    ] = None
    text: Annotated[
        str | None,
        _look("text", metavar="path|text", default="path", autocompletion=_completing(*options.TEXTS)),
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
# Those of the look of curves.
LOOK_OF_CURVES = (
    "legend",
    "formula",
    "panels",
    "label",
    "color",
    "xlabel",
    "ylabel",
    "ylim",
    "dylim",
    "d2ylim",
    "xscale",
    "yscale",
)
# Those of curves that suit one figure alone.
LOOK_OF_ONE = ("panels", "label", "xlabel", "ylabel", "ylim", "dylim", "d2ylim", "xscale", "yscale")
# What the experiments have no use for.
NOT_FOR_EXPERIMENTS = ("no_title", *LOOK_OF_CURVES, *ANIMATION)
# Options that do not change what is drawn.
BESIDE_THE_PICTURE = {"out", "data", "animate", "show", "inline", "web", "port", "json", "quiet"}
