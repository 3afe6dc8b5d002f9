"""Figures on the screen, in matplotlib's own window."""

import os
import signal
import sys
from typing import TYPE_CHECKING

from actplot.errors import Argument, NoDisplay
from actplot.text import Text

if TYPE_CHECKING:
    from actplot.live.interactive import InteractiveFigure


_INSTEAD = Text(
    f"draw to a file with {Argument('out')} FILE.png, or see it in a browser with {Argument('web')}",
    f"用 {Argument('out')} FILE.png 画成文件，或用 {Argument('web')} 在浏览器里看",
)
_IN_A_BROWSER = Text(f"see it in a browser with {Argument('web')}", f"用 {Argument('web')} 在浏览器里看")


def display_at_hand() -> bool:
    """Whether a window could open, as far as the environment tells."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def no_display(*, to_file: bool = True) -> NoDisplay:
    """The error for a machine without a screen; ``to_file`` where a file can be written in place of a window."""
    there_is_none = Text("there is no display to open a window on", "没有可以打开窗口的显示器")
    return NoDisplay(there_is_none, _INSTEAD if to_file else _IN_A_BROWSER)


def show(shown: "InteractiveFigure", title: str) -> None:
    """Opens a window with a figure and returns when it is closed.

    Raises
    ------
    NoDisplay
        Where no window can open.
    """
    if not display_at_hand():
        raise no_display()
    import matplotlib.pyplot as plt

    # Toolkits swallow what is raised in the midst of drawing: Ctrl-C is noted, and closes the window from a timer.
    interrupts: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: interrupts.append(number))
    try:
        _open(shown, title)
        timer = shown.figure.canvas.new_timer(interval=100)
        timer.add_callback(lambda: plt.close(shown.figure) if interrupts else None)
        timer.start()
        plt.show()
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupts:
        raise KeyboardInterrupt


def _open(shown: "InteractiveFigure", title: str) -> None:
    import matplotlib
    import matplotlib.pyplot as plt
    from matplotlib._c_internal_utils import display_is_valid
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.registry import BackendFilter, backend_registry

    try:
        plt.figure(shown.figure)
    except Exception as error:  # each toolkit has its own ways to fail
        reason = " ".join(str(error).split())
        raise NoDisplay(Text(f"cannot open a window: {reason}", f"无法打开窗口：{reason}"), _INSTEAD) from error
    interactive = backend_registry.list_builtin(BackendFilter.INTERACTIVE)  # type: ignore[no-untyped-call]
    if not display_is_valid():
        name = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or ""
        raise NoDisplay(Text(f"cannot reach the display {name}", f"连不上显示器 {name}"), _INSTEAD)
    if matplotlib.get_backend().lower() not in interactive:
        raise NoDisplay(
            Text("matplotlib finds no toolkit for windows here", "matplotlib 在这里找不到图形界面工具包"),
            Text(f"pip install PySide6, or {_INSTEAD.en}", f"请运行 pip install PySide6，或{_INSTEAD.zh}"),
        )
    if not isinstance(shown.figure.canvas, FigureCanvasAgg):
        raise NoDisplay(
            Text(
                f"the backend {matplotlib.get_backend()} does not draw with Agg",
                f"后端 {matplotlib.get_backend()} 不用 Agg 绘图",
            ),
            Text("unset MPLBACKEND", "请取消环境变量 MPLBACKEND"),
        )
    if shown.figure.canvas.manager is not None:
        shown.figure.canvas.manager.set_window_title(title)
    shown.connect()
