"""Text in two languages, the phrases of the interface, and the choice between the languages."""

import os
from dataclasses import dataclass
from typing import Literal, get_args

from actplot.errors import BadValue

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True)
class Text:
    """The same words in English and Chinese. Both must be given, and neither may be blank."""

    en: str
    zh: str

    def __post_init__(self) -> None:
        if not self.en.strip() or not self.zh.strip():
            raise TypeError(f"a text needs both languages, got {self}")

    def __getitem__(self, lang: Language) -> str:
        return self.en if lang == "en" else self.zh


def choose_language(asked: str | None) -> Language:
    """The language asked for, else that of ``ACTPLOT_LANG``, else Chinese.

    Raises
    ------
    BadValue
        For any other language, naming where it was asked for.
    """
    source = "--lang"
    if asked is None:
        asked, source = os.environ.get("ACTPLOT_LANG") or "zh", "ACTPLOT_LANG"
    for language in LANGUAGES:
        if asked == language:
            return language
    raise BadValue(f"{source}: {asked!r} is no language of actplot", "use zh or en")


def number(value: float) -> str:
    """The shortest decimal that reads back as ``value``: ``1``, ``0.03``, ``1e-05``."""
    text = repr(float(value))
    return text.removesuffix(".0")


def assignments(values: dict[str, float]) -> str:
    """``slope = 0.03, alpha = 2``: parameter values as they stand in titles and legends."""
    return ", ".join(f"{name} = {number(value)}" for name, value in values.items())


# Titles of the two panels; {name} is the name of the function, {values} its parameters.
FUNCTION_TITLE = Text("{name} function{values}", "{name} 函数曲线图{values}")
DERIVATIVE_TITLE = Text("{name} derivative{values}", "{name} 函数导数曲线图{values}")
BOTH_TITLE = Text("{name} function and derivative{values}", "{name} 函数与导数曲线图{values}")
SEVERAL_FUNCTIONS = Text("Activation functions", "激活函数曲线图")
SEVERAL_DERIVATIVES = Text("Their derivatives", "激活函数导数曲线图")
SEVERAL_BOTH = Text("Activation functions and their derivatives", "激活函数与导数曲线图")
TITLE_VALUES = Text(" ({values})", "（{values}）")
FUNCTION_LABEL = Text("function", "函数")
DERIVATIVE_LABEL = Text("derivative", "导数")

# Headings of the info page and the list.
FORMULA = Text("Formula", "公式")
DERIVATIVE = Text("Derivative", "导数")
PARAMETERS = Text("Parameters", "参数")
BREAKS = Text("Breaks", "间断")
NAMES = Text("Called", "名称")
STRENGTHS = Text("Strengths", "优点")
WEAKNESSES = Text("Weaknesses", "缺点")
REFERENCE = Text("Reference", "出处")
ALIASES = Text("Aliases", "别名")
DRAW_IT = Text("Draw it", "画图")
NONE = Text("none", "无")
DEFAULT = Text("default", "默认")
ANY_NUMBER = Text("any number", "任意实数")
NO_BREAKS = Text("none: the derivative is continuous", "无：导数连续")
JUMP = Text("jump", "跳变")
KINK = Text("kink", "折点")
FROM_LEFT = Text("from the left", "左极限")
FROM_RIGHT = Text("from the right", "右极限")
AT_POINT = Text("PyTorch returns", "PyTorch 返回")
