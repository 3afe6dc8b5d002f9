"""Actions that are done a while later, on the timers of the canvas."""

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure


class Timers:
    """One timer for each name. What is asked for again before its time is done once, and then later."""

    def __init__(self, figure: Figure) -> None:
        self._figure = figure
        self._running: dict[str, Any] = {}
        # Whether an action was asked for again since it was done.
        self._waiting: dict[str, bool] = {}

    def later(self, name: str, milliseconds: int, action: Callable[[], object]) -> None:
        """Does ``action`` once, so many milliseconds from now, unless the figure is on another canvas by then."""
        if name in self._running:
            self._running[name].stop()
        canvas: Any = self._figure.canvas
        timer = canvas.new_timer(interval=milliseconds)
        timer.single_shot = True
        timer.add_callback(lambda: action() if self._figure.canvas is canvas else None)  # a closed window has another
        timer.start()
        self._running[name] = timer

    def at_most_every(
        self, name: str, milliseconds: int, action: Callable[[], object], then: Callable[[], object]
    ) -> None:
        """Does ``action`` now; where it was done less than so many milliseconds ago, once these are over, and ``then``."""
        if name in self._waiting:
            self._waiting[name] = True
            return

        def over() -> None:
            if self._waiting.pop(name):
                self.at_most_every(name, milliseconds, action, then)
                then()

        self._waiting[name] = False
        action()
        self.later(name, milliseconds, over)

    def forget(self, name: str) -> None:
        """Leaves out what waits to be done again."""
        self._waiting.pop(name, None)
        if name in self._running:
            self._running[name].stop()

    def stop(self) -> None:
        """Does nothing of what was asked for."""
        for timer in self._running.values():
            timer.stop()
