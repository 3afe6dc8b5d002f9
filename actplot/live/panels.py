"""The panels of a live figure: curves that move, limits that follow them or that the user has chosen, the cursor."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from actplot.live.blitting import Cached
from actplot.live.cursor import Cursor
from actplot.live.layout import Layout
from actplot.live.state import Limits, State
from actplot.numerics.curve import Curve
from actplot.plot.figure import CurveFigure
from actplot.plot.formula import Formula

# How many times their height the panels grow at once, to hold all that a slider can do.
_MOST_GROWTH = 4.0

Panel = tuple[Axes, tuple[str, ...]]


class Panels:
    """The panels of a :class:`CurveFigure`.

    ``zoomed`` is given the place of a panel whose limits the user has changed, and its limits of x and y;
    ``coordinates`` gives what the toolbar says of a point of a panel.
    """

    def __init__(
        self,
        figure: CurveFigure,
        *,
        zoomed: Callable[[int, Limits, Limits], object],
        coordinates: Callable[[Axes, Sequence[str], float, float], str],
    ) -> None:
        self._figure, self._zoomed = figure, zoomed
        self._is_busy = False
        self._has_grid = True
        self._titles: list[Cached] = []
        self.cursor: Cursor
        for index, (axes, quantities) in enumerate(figure.panels):
            axes.format_coord = partial(coordinates, axes, quantities)  # type: ignore[method-assign]
            for changed in ("xlim_changed", "ylim_changed"):
                axes.callbacks.connect(changed, lambda axes, index=index: self._limits_changed(index, axes))

    def __len__(self) -> int:
        return len(self._figure.panels)

    @property
    def is_overlay(self) -> bool:
        """Whether functions and derivatives share a panel."""
        return any(len(quantities) > 1 for _, quantities in self._figure.panels)

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

    def arrange(self, layout: Layout) -> None:
        """Puts the panels where they belong at the present size of the figure."""
        self._figure.arrange(layout.margins, layout.scale)

    def draw(self, curves: Sequence[Curve], state: State) -> None:
        """Draws the curves in the place of what was drawn: formulas and legends find their places again."""
        self.show_view(state)
        with self._busy():
            if state.view is not None:
                for (axes, quantities), height in zip(self._figure.panels, state.view, strict=True):
                    if height is None:
                        axes.set_ylim(self._figure.limits(curves, quantities))
            self._figure.draw(*curves, fit=state.view is None)
        self.cursor = Cursor(self._figure, curves)
        if state.grid != self._has_grid:
            self._show_grid(state.grid)
        self._animate()
        self._lift_labels()

    def retitle(self, state: State) -> None:
        """Shows the parameters of the state in the titles."""
        before = [axes.get_title() for axes, _ in self._figure.panels]
        self._figure.retitle(state.functions)
        for (axes, _), title, words in zip(self._figure.panels, self._titles, before, strict=False):
            if axes.get_title() != words:
                title.invalidate()

    def move(self, curves: Sequence[Curve], state: State, possible: Sequence[Sequence[Curve]]) -> bool:
        """Puts the curves in the place of others; returns whether more than the curves changed.

        Limits change with the view, or where the curves leave the panels; then they hold the ``possible`` curves too.
        """
        with self._busy():
            self._figure.move(*curves)
            is_changed = state.view is not None
            if state.view is None and any(self._leaves(curves, *panel) for panel in self._figure.panels):
                self._grow([curves, *possible])
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

    def _leaves(self, curves: Sequence[Curve], axes: Axes, quantities: tuple[str, ...]) -> bool:
        """Whether the curves come so near to the edge of a panel that little of their margin is left, or cross it."""
        low, high = self._figure.limits(curves, quantities)
        bottom, top = axes.get_ylim()
        edge = 0.05 * (top - bottom)
        return low < bottom - edge or high > top + edge

    def _grow(self, possible: Sequence[Sequence[Curve]]) -> None:
        """Makes every panel hold the first of the curves, and the others within reason."""
        for axes, quantities in self._figure.panels:
            limits = (self._figure.limits(curves, quantities) for curves in possible)
            lows, highs = zip(axes.get_ylim(), *limits, strict=True)
            low, high = min(lows[:2]), max(highs[:2])
            reach = _MOST_GROWTH * (high - low)
            axes.set_ylim(max(min(lows), low - reach), min(max(highs), high + reach))

    def _animate(self) -> None:
        for axes, _ in self._figure.panels:
            for artist in (*self._figure.curve_artists(axes), axes.title):
                artist.set_animated(True)

    def _lift_labels(self) -> None:
        """Has formulas and legends drawn before what moves, on backdrops that let nothing through."""
        self._labels: list[Artist] = []
        self._titles = [_title(axes) for axes, _ in self._figure.panels]
        for axes, _ in self._figure.panels:
            for patch in axes.patches:
                patch.set(animated=True, alpha=None)
            if (legend := axes.get_legend()) is not None:
                legend.set_animated(True)
                legend.get_frame().set_alpha(None)
                self._labels.append(legend)
            if axes.patches:
                self._labels += _formula(axes)

    @property
    def artists(self) -> Iterator[Artist]:
        """What moves, in the order of drawing; formulas and legends stand before the cursor."""
        for axes, _ in self._figure.panels:
            yield from sorted(self._figure.curve_artists(axes), key=Artist.get_zorder)
        yield from self.cursor.artists
        yield from self._labels
        yield from self._titles


def _title(axes: Axes) -> Cached:
    """The title of a panel."""
    return Cached(lambda: [axes.title], lambda: [axes.title.get_window_extent()])


def _formula(axes: Axes) -> list[Artist]:
    """The formula of a panel and its backdrop, of which as much is kept as covers whole pixels."""
    lines = [patch for patch in axes.patches if isinstance(patch, Formula)]
    backdrops = [patch for patch in axes.patches if not isinstance(patch, Formula)]
    kept = Cached(lambda: lines, lambda: [each.get_window_extent().padded(-1) for each in backdrops])
    return [*backdrops, kept]
