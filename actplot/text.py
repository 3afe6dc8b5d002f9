"""The phrases of the interface in two languages, the choice of a figure's language, and how values are written."""

import os
from unicodedata import category, combining, east_asian_width

from actplot.errors import Argument, BadValue
from actplot.language import LANGUAGES as LANGUAGES
from actplot.language import Language as Language
from actplot.language import Text as Text
from actplot.language import known_language


def choose_language(asked: str | None) -> Language:
    """The language of a figure: that asked for, else that of ``ACTPLOT_LANG``, else Chinese.

    Raises
    ------
    BadValue
        For any other language, naming where it was asked for.
    """
    source: Argument | str = Argument("lang")
    if asked is None:
        asked, source = os.environ.get("ACTPLOT_LANG") or "zh", "ACTPLOT_LANG"
    if (language := known_language(asked)) is not None:
        return language
    raise BadValue(
        Text(f"{source}: {asked!r} is no language of actplot", f"{source}：actplot 没有 {asked!r} 这种语言"),
        Text("use zh or en", "请用 zh 或 en"),
    )


def is_printable(character: str) -> bool:
    """Whether a character is seen, or is a blank; control characters, surrogates and marks of direction are not."""
    return character.isprintable() or category(character) == "Zs"


def printable(text: str) -> str:
    """The text for a terminal, on one line: with escapes in the place of what is not printable."""
    if text.isprintable():
        return text
    return "".join(
        c if is_printable(c) else rf"\U{ord(c):08x}" if ord(c) > 0xFFFF else rf"\u{ord(c):04x}" for c in text
    )


# Digits, letters and signs as a Chinese keyboard writes them, and signs of mathematics, each by what is read.
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | str.maketrans("\u3000、−×·÷", " ,-**/")


def narrow(text: str) -> str:
    """The text with ``，（）＋－１`` and the like as the characters that are read, each one in its place."""
    return text if text.isascii() else text.translate(_NARROW)


def display_width(text: str) -> int:
    """The places of a terminal that a text takes: two for a Chinese character, none for a combining mark."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


# What no line of Chinese begins with, and what none ends with.
_NOT_FIRST, _NOT_LAST = frozenset("，。、；：！？）】》」』”’…,.;:!?)]}%"), frozenset("（【《「『“‘([{")


def line_breaks(text: str, width: int) -> list[int]:
    """Where a text is broken into lines of at most ``width`` places: between words, and between Chinese characters."""
    breaks, start = [], 0
    while display_width(text[start:].rstrip(" ")) > width:
        end = start + 1
        while end < len(text) and display_width(text[start : end + 1].rstrip(" ")) <= width:
            end += 1
        fitting = (place for place in range(end, start, -1) if _is_opportunity(text, place))
        start = next(fitting, end)
        breaks.append(start)
    return breaks


def _is_opportunity(text: str, place: int) -> bool:
    """Whether a line may end before this place."""
    before, after = text[place - 1], text[place : place + 1]
    if before == " ":
        return after != " " and (after.isascii() or after not in _NOT_FIRST)
    is_between = display_width(before) == 2 or display_width(after) == 2
    return is_between and after != " " and after not in _NOT_FIRST and before not in _NOT_LAST


def number(value: float) -> str:
    """The shortest decimal that reads back as ``value``: ``1``, ``0.03``, ``1e-05``."""
    text = repr(float(value))
    return text.removesuffix(".0")


def assignments(values: dict[str, float]) -> str:
    """``slope = 0.03, alpha = 2``: parameter values as they stand in titles and legends."""
    return ", ".join(f"{name} = {number(value)}" for name, value in values.items())


def titled(template: str, name: str, values: str) -> str:
    """A title with the name of a function and values; no blank stands between Chinese characters."""
    if "\u4e00" <= name[-1:] <= "\u9fff":
        template = template.replace("{name} ", "{name}")
    return template.format(name=name, values=values)


# Titles of the two panels; {name} is the name of the function, {values} its parameters.
FUNCTION_TITLE = Text("{name} function{values}", "{name} 函数曲线图{values}")
DERIVATIVE_TITLE = Text("{name} derivative{values}", "{name} 函数导数曲线图{values}")
BOTH_TITLE = Text("{name} function and derivative{values}", "{name} 函数与导数曲线图{values}")
SECOND_TITLE = Text("{name} second derivative{values}", "{name} 函数二阶导数曲线图{values}")
ALL_TITLE = Text("{name} function and derivatives{values}", "{name} 函数与各阶导数曲线图{values}")
SEVERAL_FUNCTIONS = Text("Activation functions", "激活函数曲线图")
SEVERAL_DERIVATIVES = Text("Their derivatives", "激活函数导数曲线图")
SEVERAL_BOTH = Text("Activation functions and their derivatives", "激活函数与导数曲线图")
SEVERAL_SECONDS = Text("Their second derivatives", "激活函数二阶导数曲线图")
FUNCTION_AND_SECOND_TITLE = Text("{name} function and second derivative{values}", "{name} 函数与二阶导数曲线图{values}")
DERIVATIVES_TITLE = Text("{name} derivatives{values}", "{name} 函数一阶与二阶导数曲线图{values}")
SEVERAL_FUNCTIONS_AND_SECONDS = Text("Activation functions and their second derivatives", "激活函数与二阶导数曲线图")
SEVERAL_FIRSTS_AND_SECONDS = Text("Their first and second derivatives", "激活函数一阶与二阶导数曲线图")
TITLE_VALUES = Text(" ({values})", "（{values}）")
# What figures say to those who cannot see them.
CURVE_SHOWN = Text("{label} for x from {low} to {high}", "{label}，x 从 {low} 到 {high}")
BREAKS_SHOWN = Text("breaks at x = {places}", "折点或间断点：x = {places}")
PART = Text("; ", "；")
COLON = Text(": ", "：")
FUNCTION_LABEL = Text("function", "函数")
DERIVATIVE_LABEL = Text("derivative", "导数")
SECOND_LABEL = Text("second derivative", "二阶导数")

# Headings of the info page and the list, and what stands below them.
IMAGE = Text("Image", "值域")
WITHIN = Text("within {interval}; not every value of it need occur", "在 {interval} 之内，不一定取到其中的每个值")
SHAPE = Text("Shape", "形状")
EXTREMA = Text("Extrema", "极值")
ROOTS = Text("Roots", "零点")
FIXED_POINTS = Text("Fixed points", "不动点")
SLOPE = Text("Largest slope", "最大斜率")
GAUSSIAN = Text("Under N(0, 1)", "输入服从 N(0, 1)")
DIFFERS = Text("Elsewhere", "框架差异")
MEASURED = Text("Measured", "实测对比")
SAME_VALUES = Text("the same values", "函数值相同")
SAME_SLOPES = Text("the same slopes", "导数相同")
VALUES_WITHIN = Text("values within {size}", "函数值相差不超过 {size}")
VALUES_OFF = Text(
    "values off by up to {size} (at x = {x}: {theirs}, here {ours})",
    "函数值最多相差 {size}（x = {x} 处为 {theirs}，此处为 {ours}）",
)
SLOPES_WITHIN = Text("slopes within {size}", "导数相差不超过 {size}")
SLOPES_OFF = Text(
    "slopes off by up to {size} (at x = {x}: {theirs}, here {ours})",
    "导数最多相差 {size}（x = {x} 处为 {theirs}，此处为 {ours}）",
)
SLOPE_AT = Text("slope {theirs} at x = {x}, here {ours}", "x = {x} 处导数取 {theirs}，此处取 {ours}")
OFF_BY_DEFAULT = Text(
    "called on x alone off by up to {size} (at x = {x})",
    "只传入 x 时最多相差 {size}（x = {x} 处）",
)
NO_PARAMETER = Text("no parameter {names}", "没有参数 {names}")
MONOTONE = {
    "increasing": Text("increasing", "单调递增"),
    "decreasing": Text("decreasing", "单调递减"),
    "no": Text("not monotone", "不单调"),
}
PARITY = {"odd": Text("odd", "奇函数"), "even": Text("even", "偶函数"), "no": Text("neither odd nor even", "非奇非偶")}
SMOOTHNESS = {
    "jump": Text("has a jump or a pole", "有跳跃间断点或无穷间断点"),
    "hole": Text("has a removable discontinuity", "有可去间断点"),
    "C0": Text("C0: continuous, the slope jumps", "C0：连续，斜率有跳变"),
    "C1": Text("C1: the curvature jumps", "C1：二阶导数有跳变"),
    "C2": Text("C2: the third derivative jumps", "C2：三阶导数有跳变"),
    "smooth": Text("smooth", "光滑"),
}
SATURATES = {
    "both": Text("saturates on both sides", "两侧饱和"),
    "left": Text("saturates on the left", "左侧饱和"),
    "right": Text("saturates on the right", "右侧饱和"),
    "no": Text("does not saturate", "不饱和"),
}
CENTRED = Text("zero-centred", "以 0 为中心")
NOT_CENTRED = Text("not zero-centred", "不以 0 为中心")
MINIMUM = Text("minimum", "极小值")
MAXIMUM = Text("maximum", "极大值")
ALL_OF = Text("all of", "整个区间")
MEAN = Text("mean", "均值")
SECOND_MOMENT = Text("second moment", "二阶矩")
GAIN = Text("gain", "增益")
DEAD = Text("zero gradient", "零梯度占比")
UNBOUNDED = Text("unbounded", "无界")
NOT_ESTABLISHED = Text("not established", "未能确定")
NO_BREAK_FOUND = Text("smooth where it was searched", "在搜索范围内光滑")
TOO_MANY_BREAKS = Text("breaks at too many places to be told apart", "不可导点与间断点过多，无法逐一列出")
SEARCHED = Text("(searched from {low} to {high})", "（搜索范围 {low} 至 {high}）")
DOES_NOT_EXIST = Text("does not exist", "不存在")
AND_MORE = Text("and {count} more", "另有 {count} 个")
FORMULA = Text("Formula", "公式")
DERIVATIVE = Text("Derivative", "导数")
PARAMETERS = Text("Parameters", "参数")
BREAKS = Text("Breaks", "不可导点与间断点")
NAMES = Text("Called", "名称")
STRENGTHS = Text("Strengths", "优点")
WEAKNESSES = Text("Weaknesses", "缺点")
REFERENCE = Text("Reference", "出处")
ALIASES = Text("Aliases", "别名")
DRAW_IT = Text("Draw it", "绘图命令")
NONE = Text("none", "无")
DEFAULT = Text("default", "默认")
ANY_NUMBER = Text("any number", "任意实数")
NO_BREAKS = Text("none: the derivative is continuous", "无：导数连续")
JUMP = Text("jump", "跳跃间断点")
HOLE = Text("removable discontinuity", "可去间断点")
KINK = Text("kink", "折点")
POLE = Text("pole", "无穷间断点")
NO_LIMIT = Text("no limit", "极限不存在")
BORDER = Text("end of the domain", "定义域边界")
FROM_LEFT = Text("from the left", "左极限")
FROM_RIGHT = Text("from the right", "右极限")
# The same of a derivative where the function is continuous.
LEFT_DERIVATIVE = Text("from the left", "左导数")
RIGHT_DERIVATIVE = Text("from the right", "右导数")
AT_POINT = Text("{framework} returns", "{framework} 返回")

# What a live figure says.
HERE = Text("here", "此处")
LEFT = Text("left", "左")
RIGHT = Text("right", "右")
PINNED = Text("pinned", "已固定")
SAVED = Text("saved as {path}", "已保存为 {path}")
LOOK_AROUND = Text("move the pointer along a curve; a click pins it", "沿曲线移动指针；单击固定")
SEARCH = Text("search", "搜索")
NOTHING_FOUND = Text("nothing found", "没有找到")

# What an audit says of wrong results, by kind.
WRONG_RESULTS = {
    "zero": Text("0 for a number", "应为非零数，结果为 0"),
    "flushed": Text("subnormal flushed to 0", "次正规数被冲刷为 0"),
    "infinite": Text("infinite for a number", "应为有限数，结果为无穷"),
    "nan": Text("NaN for a number", "应为数，结果为 NaN"),
    "sign": Text("wrong sign", "符号错误"),
    "nonzero": Text("not 0 where the truth is 0", "应为 0，结果非零"),
    "finite": Text("finite where it overflows", "应溢出，结果有限"),
    "defined": Text("a number where there is none", "无定义处返回了数"),
    "convention": Text("at a kink, not what torch returns (no error)", "折点处与 torch 的约定不同（不计误差）"),
    "rises": Text("not monotone: falls", "应单调不减，结果下降"),
    "falls": Text("not monotone: rises", "应单调不增，结果上升"),
    "odd": Text("not odd", "应为奇函数，结果不对称"),
    "even": Text("not even", "应为偶函数，结果不对称"),
    "limit": Text("not the limit at infinity; NaN lost", "无穷处不等于极限，或 NaN 丢失"),
}
