"""The options that every command with a figure takes, declared once, as the user gave them."""

import inspect
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import partial
from typing import Annotated, Any, get_type_hints

from actplot import options
from actplot.cli import words
from actplot.cli.usage import Invalid
from actplot.cli.words import command_alone, give_signature, option
from actplot.errors import BadValue
from actplot.functions.registry import Activation, Parameter
from actplot.text import LANGUAGES, Text, narrow


def completing(*values: str) -> Any:
    """What a shell offers for a value: those that begin as it does."""
    return lambda incomplete: [value for value in values if value.startswith(incomplete)]


def real(value: str) -> float:
    """A number on the command line."""
    try:
        return float(narrow(str(value)))
    except ValueError:
        raise Invalid(Text(f"{value!r} is not a number", f"{value!r} 不是数")) from None


def whole(value: str) -> int:
    """A whole number on the command line."""
    text = narrow(str(value))
    try:
        return int(text)
    except ValueError:
        with suppress(ValueError):  # 1e4
            if (number := float(text)).is_integer():
                return int(number)
        raise Invalid(Text(f"{value!r} is not a whole number", f"{value!r} 不是整数")) from None


_figure = partial(option, panel=words.FIGURE)
_output = partial(option, panel=words.OUTPUT)

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
    "xscale": Text("Scale of x: linear, log or symlog.", "x 轴刻度：linear、log 或 symlog。"),
    "yscale": Text("Scale of y: linear, log or symlog.", "y 轴刻度：linear、log 或 symlog。"),
    "text": Text("Text in an SVG: outlines, or text that can be selected.", "SVG 中的文字：轮廓，或可选中的文字。"),
}
_SCALE: Any = dict(metavar=Text("SCALE", "刻度"), default="linear", autocompletion=completing(*options.SCALES))
_POINTS, _ENDS, _WORDS = Text("PT", "磅"), Text("LO HI", "下限 上限"), Text("TEXT", "文字")


def _look(name: str, *names: str, **more: Any) -> Any:
    """An option for what a figure looks like."""
    return option(*names, help=_LOOKS[name], panel=words.LOOK, **more)


LanguageOption = Annotated[
    str | None,
    _figure(
        "--lang",
        metavar="zh|en",
        help=Text("Language of the text.", "文字的语言。"),
        default=Text("ACTPLOT_LANG, else zh", "ACTPLOT_LANG，否则 zh"),
        autocompletion=completing(*LANGUAGES),
    ),
]

# Of a command that has others below it: what it says holds for the one that is called.
LanguageBeforeOption = Annotated[
    str | None,
    option(
        "--lang",
        metavar="zh|en",
        help=Text("Language, as --lang after the command.", "语言，与命令之后的 --lang 相同。"),
        autocompletion=completing(*LANGUAGES),
    ),
]

JsonOption = Annotated[bool, option("--json", help=Text("Print JSON.", "输出 JSON。"))]
ParamOption = Annotated[
    list[str] | None,
    option(
        "--param",
        metavar=Text("NAME=VALUE", "名称=值"),
        help=Text(
            "A value for a parameter; repeatable, and with several values for one name a curve for each.",
            "参数的值；可重复，同一参数有多个值时每个值一条曲线。",
        ),
        panel=words.PARAMETERS,
    ),
]


@dataclass(frozen=True)
class FigureOptions:
    """The options as given; None stands for what was not."""

    range: Annotated[
        tuple[float, float] | None,
        _figure(
            metavar=_ENDS,
            parser=real,
            help=Text("Ends of x.", "x 的范围。"),
            default=Text("what shows the function best", "最能表现该函数的范围"),
        ),
    ] = None
    samples: Annotated[
        int | None,
        _figure(
            "--samples",
            "-n",
            metavar="N",
            parser=whole,
            help=Text("Points along the range, 2 to 1,000,000,000.", "范围内的取样点数，2 到 1,000,000,000。"),
            default=str(options.SAMPLES),
        ),
    ] = None
    order: Annotated[
        int | None,
        _figure(
            metavar="0|1|2",
            parser=whole,
            help=Text("Derivatives to draw.", "画到几阶导数。"),
            default="1",
            autocompletion=completing("0", "1", "2"),
        ),
    ] = None
    at: Annotated[
        list[float] | None,
        _figure(
            metavar="X",
            parser=real,
            help=Text(
                "Mark this point, draw the tangent, print f and f'; repeatable.",
                "标出这一点，画切线，并输出 f 与 f'；可重复。",
            ),
        ),
    ] = None
    dtype: Annotated[
        str | None,
        _figure(
            metavar=words.TYPE,
            help=Text(f"{', '.join(options.DTYPES)}.", f"数值类型：{'、'.join(options.DTYPES)}。"),
            default="float64",
            autocompletion=completing(*options.DTYPES),
        ),
    ] = None
    device: Annotated[
        str | None,
        _figure(
            metavar=words.NAME,
            help=Text("cpu, cuda, cuda:N or auto.", "设备：cpu、cuda、cuda:N 或 auto。"),
            default="cpu",
            autocompletion=completing("cpu", "cuda", "auto"),
        ),
    ] = None
    layout: Annotated[
        str | None,
        _figure(
            metavar="side|overlay",
            help=Text("A panel each, or function and derivatives in one.", "各占一幅，或函数与导数同在一幅。"),
            default="side",
            autocompletion=completing(*options.LAYOUTS),
        ),
    ] = None
    lang: LanguageOption = None
    title: Annotated[
        str | None,
        _figure(
            metavar=_WORDS,
            help=Text("A title for the figure; $...$ is math.", "图的标题；$...$ 是数学公式。"),
        ),
    ] = None
    no_title: Annotated[bool | None, _look("no_title", "--no-title")] = None
    font: Annotated[
        str | None,
        _figure(
            metavar=Text("NAME|PATH", "名称|路径"),
            help=Text("A font to use before Noto Sans CJK.", "优先于 Noto Sans CJK 使用的字体。"),
        ),
    ] = None
    style: Annotated[
        str | None,
        _figure(
            metavar=Text("STYLE", "样式"),
            help=Text("Any matplotlib style, by name or file.", "任一 matplotlib 样式，写名称或文件。"),
        ),
    ] = None
    size: Annotated[
        tuple[float, float] | None,
        _figure(
            metavar=Text("W H", "宽 高"),
            parser=real,
            help=Text("Size in inches.", "大小，以英寸计。"),
            default=Text("10 4; 14.9 4 for three panels", "10 4；三幅时 14.9 4"),
        ),
    ] = None
    dpi: Annotated[
        float | None,
        _figure(metavar="N", parser=real, help=Text("Dots per inch.", "每英寸点数。"), default=f"{options.DPI:g}"),
    ] = None
    fontsize: Annotated[float | None, _look("fontsize", metavar=_POINTS, parser=real, default="10")] = None
    linewidth: Annotated[float | None, _look("linewidth", metavar=_POINTS, parser=real, default="2")] = None
    transparent: Annotated[bool | None, _look("transparent", "--transparent")] = None
    grid: Annotated[bool | None, _look("grid", "--grid/--no-grid")] = None
    legend: Annotated[bool | None, _look("legend", "--legend/--no-legend")] = None
    formula: Annotated[bool | None, _look("formula", "--formula/--no-formula")] = None
    panels: Annotated[
        str | None,
        _look(
            "panels",
            metavar="f,df,d2f",
            default=Text("all", "全部"),
            autocompletion=completing("f", "df", "f,df", "d2f", "f,df,d2f"),
        ),
    ] = None
    label: Annotated[list[str] | None, _look("label", metavar=words.NAME)] = None
    color: Annotated[list[str] | None, _look("color", metavar=Text("COLOR", "颜色"))] = None
    xlabel: Annotated[
        str | None,
        _look("xlabel", metavar=_WORDS, default=Text("x; for losses: prediction x", "x；损失函数为预测值 x")),
    ] = None
    ylabel: Annotated[list[str] | None, _look("ylabel", metavar=_WORDS, default="y, dy/dx, d²y/dx²")] = None
    ylim: Annotated[tuple[float, float] | None, _look("ylim", metavar=_ENDS, parser=real)] = None
    dylim: Annotated[tuple[float, float] | None, _look("dylim", metavar=_ENDS, parser=real)] = None
    d2ylim: Annotated[tuple[float, float] | None, _look("d2ylim", metavar=_ENDS, parser=real)] = None
    xscale: Annotated[str | None, _look("xscale", **_SCALE)] = None
    yscale: Annotated[str | None, _look("yscale", **_SCALE)] = None
    text: Annotated[
        str | None,
        _look("text", metavar="path|text", default="path", autocompletion=completing(*options.TEXTS)),
    ] = None
    out: Annotated[
        str | None,
        _output(
            "--out",
            "-o",
            metavar=words.FILE,
            help=Text(
                "Write .png, .svg, .pdf or .html; - is PNG on stdout.",
                "写成 .png、.svg、.pdf 或 .html；- 把 PNG 写到标准输出。",
            ),
        ),
    ] = None
    data: Annotated[
        str | None,
        _output(
            metavar=words.FILE,
            help=Text(
                "Write the numbers as .csv, .json or .npz; - is CSV on stdout.",
                "把数值写成 .csv、.json 或 .npz；- 把 CSV 写到标准输出。",
            ),
        ),
    ] = None
    animate: Annotated[
        str | None,
        _output(
            metavar=words.FILE,
            help=Text(
                "Write a sweep as .gif, .webp or .apng, one value after another.",
                "把参数的变化写成 .gif、.webp 或 .apng 动画，一个值接一个值。",
            ),
        ),
    ] = None
    frames: Annotated[
        int | None,
        _output(
            metavar="N",
            parser=whole,
            help=Text("Frames of it, 2 to 600.", "动画的帧数，2 到 600。"),
            default=str(options.FRAMES),
        ),
    ] = None
    fps: Annotated[
        int | None,
        _output(
            metavar="N",
            parser=whole,
            help=Text("Frames a second, 1 to 50.", "每秒帧数，1 到 50。"),
            default=str(options.FPS),
        ),
    ] = None
    show: Annotated[
        bool | None,
        _output(
            "--show/--no-show",
            help=Text("Open a window.", "打开窗口。"),
            default=Text(
                "where there is a display and neither --out nor --data", "有显示器且没有 --out 和 --data 时打开"
            ),
        ),
    ] = None
    inline: Annotated[
        bool,
        _output(
            "--inline",
            help=Text("Draw in the terminal.", "画在终端里。"),
            default=Text("where the terminal has graphics and there is no display", "终端能显示图形且没有显示器时"),
        ),
    ] = False
    web: Annotated[
        bool,
        _output(
            "--web", help=Text("Show it in the browser, served on this machine only.", "在浏览器里显示，只供本机访问。")
        ),
    ] = False
    port: Annotated[
        int | None,
        _output(
            metavar="N",
            parser=whole,
            help=Text("Port for --web.", "--web 的端口。"),
            default=Text("one that is free", "任一空闲端口"),
        ),
    ] = None
    json: Annotated[bool, _output("--json", help=Text("Print a summary as JSON.", "以 JSON 输出摘要。"))] = False
    quiet: Annotated[bool, _output("--quiet", "-q", help=Text("Print nothing but errors.", "只输出错误。"))] = False


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


def command_of_entry(entry: Activation, run: Callable[..., Any], shared: list[inspect.Parameter], help: Text) -> Any:
    """A typer command for ``run`` with the options of an entry's parameters first and the ``shared`` ones after them."""
    give_signature(run, [*map(option_of_parameter, entry.parameters), *shared])
    return command_alone(entry.name, run, help)


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
            option(
                *parameter.options,
                metavar="|".join(parameter.choices) if parameter.choices else "X",
                parser=read,
                help=Text(
                    f"{parameter.text.en}; {parameter.domain.en}; repeatable",
                    f"{parameter.text.zh}；{parameter.domain.zh}；可重复",
                ),
                default=parameter.format_value(parameter.default),
                panel=words.PARAMETERS,
                hidden=hidden,
            ),
        ],
    )


def take_parameters(entry: Activation, values: dict[str, Any]) -> dict[str, list[float]]:
    """The activation's own parameters among ``values``, taken out of them."""
    given = {name: values.pop(name) for name in entry.defaults}
    return {name: repeated for name, repeated in given.items() if repeated}


def check_bounds(name: str | Text, value: int, low: int, high: int) -> None:
    """Raises :class:`BadValue` for a whole number outside the bounds."""
    if not low <= value <= high:
        named = Text(name, name) if isinstance(name, str) else name
        raise BadValue(
            Text(
                f"{named.en} must be from {low} to {high:,}, got {value}",
                f"{named.zh} 须在 {low} 到 {high:,} 之间，这里是 {value}",
            )
        )


_MAX_NUMBERS = 100_000_000


def check_memory(numbers: int, what: Text) -> None:
    """Raises :class:`BadValue` where an experiment would hold more numbers at once than a gigabyte takes."""
    if numbers > _MAX_NUMBERS:
        raise BadValue(
            Text(
                f"{what.en} would hold {numbers:,} numbers at once, more than {_MAX_NUMBERS:,}",
                f"{what.zh} 要同时保存 {numbers:,} 个数，超过了 {_MAX_NUMBERS:,}",
            ),
            Text("make one smaller", "请减小其中一个"),
        )


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
