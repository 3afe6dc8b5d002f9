"""A live figure without a window, and a hand that moves pointer and sliders and presses keys."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.backend_bases import KeyEvent, MouseButton, MouseEvent, ResizeEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from numpy.typing import NDArray

from actplot.cli.commands.explore import choose
from actplot.cli.curves import curves
from actplot.cli.functions import entry_to_argv, several_to_argv, source_to_argv
from actplot.cli.options import FigureOptions
from actplot.functions.registry import PlotSpec
from actplot.functions.source import function
from actplot.worker import Call, Job

if TYPE_CHECKING:
    from actplot.live.view import Live

JOB = Job(lambda: None, here=True)


class Timer:
    """A timer that is done when :meth:`Canvas.rest` is called."""

    def __init__(self) -> None:
        self.single_shot = False
        self.is_running = False
        self.action: Callable[[], object] = lambda: None

    def add_callback(self, action: Callable[[], object]) -> None:
        self.action = action

    def start(self) -> None:
        self.is_running = True

    def stop(self) -> None:
        self.is_running = False


class SlowCall(Call):
    """A call whose answer comes when it is told to come."""

    is_there = False

    def is_answered(self, seconds: float = 0.0) -> bool:
        return self.is_there

    def result(self) -> Any:
        assert self.is_there, "nothing waits for an answer while the hand moves"
        return super().result()


class SlowJob(Job):
    """A job that takes its time: answers come when :meth:`answer` is called."""

    def __init__(self) -> None:
        super().__init__(lambda: None, here=True)
        self.calls: list[SlowCall] = []

    def ask(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> SlowCall:
        self.calls.append(SlowCall(self, lambda: function(*arguments, **options)))
        return self.calls[-1]

    def call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        return function(*arguments, **options)

    def answer(self) -> None:
        """Lets every answer come that was asked for so far."""
        for call in self.calls:
            call.is_there = True


class Canvas(FigureCanvasAgg):
    """A canvas like that of a window: what was asked to be drawn is drawn when somebody looks."""

    def __init__(self, figure: Any) -> None:
        super().__init__(figure)
        self.timers: list[Timer] = []
        self.is_stale = True

    def draw_idle(self, *args: Any, **kwargs: Any) -> None:
        self.is_stale = True

    def new_timer(self, interval: int | None = None, callbacks: Any = None) -> Any:
        self.timers.append(Timer())
        return self.timers[-1]

    def pass_time(self) -> None:
        """Lets the timers that run be done, once."""
        for timer in [timer for timer in self.timers if timer.is_running]:
            timer.stop()
            timer.action()

    def rest(self) -> None:
        """Lets time pass until no timer runs."""
        while waiting := [timer for timer in self.timers if timer.is_running]:
            for timer in waiting:
                timer.stop()
                timer.action()
        self.timers.clear()

    def pixels(self) -> NDArray[np.uint8]:
        """What is seen."""
        if self.is_stale:
            self.is_stale = False
            self.draw()
        return np.asarray(self.buffer_rgba()).copy()


class Hand:
    """A live figure of functions, as their command makes it, and what a hand does to it."""

    def __init__(
        self,
        *names: str,
        explore: bool = False,
        job: Job = JOB,
        values: dict[str, float] | None = None,
        **options: Any,
    ) -> None:
        functions = tuple(function(name, values or {}) for name in names)
        is_one = len({each.name for each in functions}) == 1
        to_argv = (entry_to_argv if is_one else several_to_argv) if values is None else source_to_argv
        spec = PlotSpec(functions[0].name, functions, to_argv)
        picture = curves(spec, FigureOptions(**{"lang": "en", **options}), choose=choose if explore else None)
        self.live: Live = picture.live(job, picture.compute())
        self.canvas = Canvas(self.live.figure)
        self.live.connect()

    @property
    def panels(self) -> list[Any]:
        return [axes for axes in self.live.figure.axes if axes.get_xlabel()]

    def pixel(self, axes: Any, x: float, y: float | None = None) -> tuple[float, float]:
        """The pixel of a point of a panel; in the middle without ``y``."""
        bottom, top = axes.get_ylim()
        return tuple(axes.transData.transform((x, (bottom + top) / 2 if y is None else y)))

    def mouse(self, kind: str, at: tuple[float, float], button: Any = None) -> None:
        held = {} if button is None or kind != "motion_notify" else {"buttons": {button}}
        MouseEvent(f"{kind}_event", self.canvas, *at, button=button, **held)._process()

    def point(self, x: float, panel: int = 0, y: float | None = None) -> None:
        self.mouse("motion_notify", self.pixel(self.panels[panel], x, y))

    def leave(self) -> None:
        """Moves the pointer to where nothing is."""
        self.mouse("motion_notify", (2.0, 2.0))

    def click(self, at: tuple[float, float]) -> None:
        self.mouse("button_press", at, MouseButton.LEFT)
        self.mouse("button_release", at, MouseButton.LEFT)

    def key(self, *keys: str) -> None:
        for key in keys:
            KeyEvent("key_press_event", self.canvas, key)._process()

    def resize(self, width: float, height: float) -> None:
        self.live.figure.set_size_inches(width, height)
        ResizeEvent("resize_event", self.canvas)._process()

    def hold(self, index: int, share: float) -> str:
        """Takes a slider and moves it to a share of its way; the value it shows."""
        slider: Any = self.live.sliders[index]
        box = slider.ax.bbox
        y = (box.y0 + box.y1) / 2
        handle = slider.ax.transData.transform((slider.val, 0))[0]
        self.mouse("button_press", (min(max(handle, box.x0 + 0.5), box.x1 - 0.5), y), MouseButton.LEFT)
        self.mouse("motion_notify", (box.x0 + share * box.width, y), MouseButton.LEFT)
        return str(slider.valtext.get_text()).replace("−", "-")

    def let_go(self) -> None:
        self.mouse("button_release", (1.0, 1.0), MouseButton.LEFT)

    def drag(self, index: int, share: float) -> str:
        value = self.hold(index, share)
        self.let_go()
        return value

    @property
    def shown(self) -> set[Any]:
        """All that is drawn over the background."""
        return set(self.live.moving_artists)

    @property
    def head(self) -> str:
        """The first line of the readout."""
        return self.live.readout[0].replace("−", "-").replace("\u2007", "")

    def number(self, symbol: str) -> float:
        """The number that the readout gives for ``x``, ``f(x)`` or ``f'(x)``."""
        found = re.search(rf"{re.escape(symbol)} = (\S+)", self.head)
        assert found, self.head
        return float(found[1].replace("–", "nan").replace("∞", "inf"))

    def curve(self, panel: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The longest line of a panel."""
        line = max(self.panels[panel].lines, key=lambda line: len(line.get_xdata()))
        return np.asarray(line.get_xdata()), np.asarray(line.get_ydata())

    def pixels(self) -> NDArray[np.uint8]:
        return self.canvas.pixels()

    def pixels_of_panels(self) -> NDArray[np.uint8]:
        """The upper part of the figure, without what stands below the panels."""
        foot = min(axes.get_position().y0 for axes in self.panels) - 0.4 / self.live.figure.get_size_inches()[1]
        pixels = self.pixels()
        return pixels[: int(len(pixels) * (1 - foot))]
