"""The panels of a live figure: curves that move, limits that follow them or that the user has chosen, the cursor."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from actplot.live.cursor import Cursor
from actplot.live.state import Limits, State
from actplot.numerics.curve import Curve
from actplot.plot.figure import CurveFigure
from actplot.plot.limits import y_limits

# How many times their height the panels grow at once, to hold all that a slider can do.
_MOST_GROWTH = 4.0

Panel = tuple[Axes, tuple[str, ...]]


class Panels:
    """The panels of a :class:`CurveFigure`.

    ``zoomed`` is given the place of a panel whose limits the user has changed, and its limits of x and y.
    """

    def __init__(self, figure: CurveFigure, zoomed: Callable[[int, Limits, Limits], object]) -> None:
        self._figure, self._zoomed = figure, zoomed
        self._is_busy = False
        self._has_grid = True
        self.cursor: Cursor
        for index, (axes, _) in enumerate(figure.panels):
            for changed in ("xlim_changed", "ylim_changed"):
                axes.callbacks.connect(changed, lambda axes, index=index: self._limits_changed(index, axes))

    def __len__(self) -> int:
        return len(self._figure.panels)

    def _limits_changed(self, index: int, axes: Axes) -> None:
        if not self._is_busy:
            self._zoomed(index, axes.get_xlim(), axes.get_ylim())

    @contextmanager
    def _busy(self) -> Iterator[None]:
        """A context in which limits change that the user has not changed."""
        self._is_busy = True
        try:
            yield
        finally:
            self._is_busy = False

    @property
    def limits(self) -> Limits:
        """The ends of x."""
        return self._figure.panels[0][0].get_xlim()

    def legend(self, curves: Sequence[Curve]) -> list[tuple[str, str, Any]]:
        """The name, colour and dashes of each of several curves."""
        return self._figure.legend(curves)

    def under(self, event: Any) -> Panel | None:
        """The panel that the pointer is in, unless a tool of the toolbar is in use."""
        toolbar = event.canvas.toolbar
        if toolbar is not None and toolbar.mode:
            return None
        return next((panel for panel in self._figure.panels if panel[0] is event.inaxes), None)

    def arrange(self) -> None:
        """Puts the panels where they belong at the present size of the figure."""
        self._figure.arrange()

    def draw(self, curves: Sequence[Curve], state: State) -> None:
        """Draws the curves in the place of what was drawn: formulas and legends find their places again."""
        self.show_view(state)
        with self._busy():
            if state.view is not None:
                for (axes, quantities), height in zip(self._figure.panels, state.view, strict=True):
                    if height is None:
                        axes.set_ylim(y_limits(curves, quantities))
            self._figure.draw(*curves, fit=state.view is None)
        self.cursor = Cursor(self._figure, curves)
        if state.grid != self._has_grid:
            self._show_grid(state.grid)
        self._animate()

    def move(self, curves: Sequence[Curve], state: State, possible: Callable[[], list[list[Curve]]]) -> bool:
        """Puts the curves in the place of others; returns whether more than the curves changed.

        Limits change with the view, or where the curves leave the panels; then they hold the ``possible`` curves too.
        """
        with self._busy():
            self._figure.move(*curves)
            is_changed = state.view is not None
            if state.view is None and any(_leaves(curves, *panel) for panel in self._figure.panels):
                self._grow([list(curves), *possible()])
                is_changed = True
        self._animate()
        return is_changed

    def show_view(self, state: State) -> None:
        """Sets the limits that the user has chosen, in all panels."""
        with self._busy():
            for (axes, _), height in zip(self._figure.panels, state.view or (), strict=False):
                axes.set_xlim(state.range)
                if height is not None:
                    axes.set_ylim(height)

    def _show_grid(self, is_shown: bool) -> None:
        """Draws the grid that the style has, or none."""
        self._has_grid = is_shown
        settings: Any = matplotlib.rcParams
        for axes, _ in self._figure.panels:
            axes.grid(visible=False, which="both")
            if is_shown:
                axes.grid(visible=True, which=settings["axes.grid.which"], axis=settings["axes.grid.axis"])

    def _grow(self, possible: Sequence[Sequence[Curve]]) -> None:
        """Makes every panel hold the first of the curves, and the others within reason."""
        for axes, quantities in self._figure.panels:
            lows, highs = zip(axes.get_ylim(), *(y_limits(curves, quantities) for curves in possible), strict=True)
            low, high = min(lows[:2]), max(highs[:2])
            reach = _MOST_GROWTH * (high - low)
            axes.set_ylim(max(min(lows), low - reach), min(max(highs), high + reach))

    def _animate(self) -> None:
        for artist in self._curve_artists():
            artist.set_animated(True)

    def _curve_artists(self) -> Iterator[Artist]:
        for axes, _ in self._figure.panels:
            yield from sorted(self._figure.curve_artists(axes), key=Artist.get_zorder)

    @property
    def artists(self) -> Iterator[Artist]:
        """What moves, in the order of drawing."""
        yield from self._curve_artists()
        yield from self.cursor.artists


def _leaves(curves: Sequence[Curve], axes: Axes, quantities: tuple[str, ...]) -> bool:
    """Whether the curves come so near to the edge of a panel that little of their margin is left, or cross it."""
    low, high = y_limits(curves, quantities)
    bottom, top = axes.get_ylim()
    edge = 0.05 * (top - bottom)
    return low < bottom - edge or high > top + edge
