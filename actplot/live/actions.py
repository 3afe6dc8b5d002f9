"""What a live figure can be told to do. One row for each action: its keys, its button, and its line in the help.

A key is added by a row, and by nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actplot.live.state import State, next_language, toggle_grid, toggle_help
from actplot.text import Language, Text

if TYPE_CHECKING:
    from actplot.live.view import Live

# What a key does to the figure that it was pressed on.
Effect = Callable[[Any], object]

# Steps across the panel with the arrow keys, without and with Shift.
_STEPS, _LARGE_STEPS = 200, 20


@dataclass(frozen=True)
class Action:
    """One row of the table.

    Attributes
    ----------
    label
        What stands for the keys in the help and on the button.
    help
        What the action does, for the help.
    keys
        What each key does, by its name in matplotlib.
    button
        The text of its button, before the label; None for an action without a button, which does what the first of
        ``keys`` does.
    native
        The keys of it that matplotlib's own handler answers.
    """

    label: Text
    help: Text
    keys: Mapping[str, Effect] = field(default_factory=dict)
    button: Text | None = None
    native: tuple[str, ...] = ()

    def press(self, live: "Live") -> None:
        """Does what its button does."""
        next(iter(self.keys.values()))(live)


def _same(label: str) -> Text:
    return Text(label, label)


def _changes(change: Callable[[State], State]) -> Effect:
    return lambda live: live.update(change(live.state))


def _steps(direction: int, steps: int) -> Effect:
    return lambda live: live.step(direction, steps)


_SAVE = Action(
    _same("s"),
    Text("save, as --out does, into the current folder", "保存到当前文件夹，与 --out 相同"),
    keys={"s": lambda figure: figure.save_here()},
    button=Text("save", "保存"),
)
_ZOOM = Action(
    _same("p  o"),
    Text("pan, zoom to a rectangle; Ctrl + wheel zooms too", "平移，框选放大；Ctrl + 滚轮也可缩放"),
    native=("p", "o", "backspace"),
)
_WINDOW = Action(
    _same("f  q"), Text("full screen, close", "全屏，关闭"), native=("f", "ctrl+f", "q", "ctrl+w", "cmd+w")
)

# Of figures without panels of curves.
PICTURE_ACTIONS = (_SAVE, _ZOOM, _WINDOW)

ACTIONS = (
    Action(
        Text("pointer", "指针"),
        Text(
            "x, f(x) and slopes; near a break or an extremum it snaps",
            "显示 x、f(x) 与导数；靠近折点、间断点或极值点时自动吸附",
        ),
    ),
    Action(Text("click", "单击"), Text("pins the point; another click lets go", "固定该点；再次单击取消")),
    Action(
        _same("← →"),
        Text(
            "step along the curve, with Shift by larger steps; stops at breaks",
            "沿曲线移动，按住 Shift 步长更大；在折点和间断点处停下",
        ),
        keys={
            "left": _steps(-1, _STEPS),
            "right": _steps(1, _STEPS),
            "shift+left": _steps(-1, _LARGE_STEPS),
            "shift+right": _steps(1, _LARGE_STEPS),
        },
    ),
    Action(
        _same("r"),
        Text("reset parameters and view", "重置参数与视图"),
        keys={"r": lambda live: live.reset()},
        button=Text("reset", "重置"),
    ),
    Action(
        _same("g"),
        Text("grid", "网格"),
        keys={"g": _changes(toggle_grid)},
        button=Text("grid", "网格"),
    ),
    Action(
        _same("l"),
        Text("language", "语言"),
        keys={"l": _changes(next_language)},
        button=Text("中文", "English"),
    ),
    _SAVE,
    _ZOOM,
    _WINDOW,
    Action(
        _same("/"),
        Text(
            "in explore: search; Enter takes the first one found, Esc shows the whole list",
            "explore 中搜索；回车选择第一个结果，Esc 显示完整列表",
        ),
        keys={"/": lambda live: live.search()},
    ),
    Action(
        _same("↑ ↓"),
        Text("in explore: the next function of the list", "explore 中切换到列表中的下一个函数"),
        keys={"up": lambda live: live.choose_next(-1), "down": lambda live: live.choose_next(1)},
    ),
    Action(
        _same("?"),
        Text("this help", "本帮助"),
        keys={"?": _changes(toggle_help)},
        button=Text("keys", "快捷键"),
    ),
)


def help_rows(lang: Language) -> list[tuple[str, str]]:
    """What the help shows: of each action its keys and what it does."""
    return [(action.label[lang], action.help[lang]) for action in ACTIONS]
