"""Everything on a live figure: panels, readout, sliders, buttons, the list and the help, made to show a state."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from actplot.live import readout
from actplot.live.actions import ACTIONS, Action, help_text
from actplot.live.backend import LiveBackend
from actplot.live.buttons import Buttons
from actplot.live.chooser import Chooser
from actplot.live.layout import ACCENT, LIST_WIDTH, controls_height
from actplot.live.panels import Panels
from actplot.live.reading import Reader
from actplot.live.readout import Readout
from actplot.live.sliders import Sliders, SliderSpec
from actplot.live.state import Limits, State
from actplot.numerics.curve import Curve
from actplot.plot.style import drawing


class Display:
    """The artists and widgets of a live figure.

    What the hand does to them is passed on: ``zoomed`` is given a panel and its limits, ``value_changed`` a slider and
    its value, ``pressed`` the action of a button, ``chosen`` the name of an entry of the list.
    """

    panels: Panels
    readout: Readout
    sliders: Sliders
    _buttons: Buttons

    def __init__(
        self,
        figure: Figure,
        backend: LiveBackend,
        state: State,
        *,
        zoomed: Callable[[int, Limits, Limits], object],
        value_changed: Callable[[SliderSpec, float], object],
        pressed: Callable[[Action], object],
        chosen: Callable[[str], object],
    ) -> None:
        self._figure, self._backend, self._lang = figure, backend, state.lang
        self._zoomed, self._value_changed, self._pressed = zoomed, value_changed, pressed
        self.chooser = Chooser(figure, state.spec.name, chosen, self._style) if backend.choose else None
        self._help: Any = None

    @contextmanager
    def _style(self) -> Iterator[None]:
        with drawing(self._lang, style=self._backend.style, font=self._backend.font):
            yield

    def build(self, state: State, specs: Sequence[SliderSpec]) -> None:
        """Makes everything anew but the curves, which :meth:`draw` draws."""
        if self._figure.axes:
            for widgets in (self.sliders, self._buttons, self.chooser):
                if widgets is not None:
                    widgets.close()
        self._lang = state.lang
        with self._style():
            self._figure.clear()
            self._help = None
            self._foot = foot(len(state.functions), len(specs))
            room = (LIST_WIDTH if self.chooser else 0.0), self._foot
            self.panels = Panels(self._backend.sheet(figure=self._figure, lang=state.lang, margins=room), self._zoomed)
            self.sliders = Sliders(self._figure, specs, state.functions, self._value_changed)
            self._buttons = Buttons(self._figure, ACTIONS, state.lang, self._pressed)
            self._arrange_controls()
            if self.chooser:
                self.chooser.build(state.lang)
            self.readout = self._make_readout([])

    def draw(self, state: State, curves: Sequence[Curve]) -> None:
        """Draws the curves, and the values of sliders and the readout beside them."""
        with self._style():
            self.panels.draw(curves, state)
            message = self.readout.message
            self.readout.remove()
            self.readout = self._make_readout(curves)
            self.readout.message = message
        self.sliders.show(state.functions)
        toolbar = self._figure.canvas.toolbar
        if state.view is None and toolbar is not None:
            toolbar.update()  # "home" is what is shown now

    def _make_readout(self, curves: Sequence[Curve]) -> Readout:
        corner = (LIST_WIDTH if self.chooser else 0.0) + 0.62, self._foot - 0.05
        return Readout(self._figure, self._lang, corner, curves, self.panels.legend(curves))

    def show_cursor(self, state: State, reader: Reader, *, is_quiet: bool) -> None:
        """Shows the cursor in panels and readout; where there is none, a hint, unless ``is_quiet``."""
        low, high = reader.curves[0].range
        if state.cursor.x is None or not low <= state.cursor.x <= high:
            self.panels.cursor.hide()
            self.readout.hide(is_quiet=is_quiet)
        else:
            self.panels.cursor.show(state.cursor, reader)
            self.readout.show(state.cursor, reader)

    def show_help(self, *, is_shown: bool) -> None:
        """Shows or hides what keys and pointer do."""
        if is_shown == (self._help is not None):
            return
        if not is_shown:
            self._help.remove()
            self._help = None
            return
        with self._style():
            box = dict(boxstyle="round,pad=1", facecolor=matplotlib.rcParams["axes.facecolor"], edgecolor=ACCENT)
            words = help_text(self._lang)
            self._help = self._figure.text(0.5, 0.5, words, ha="center", va="center", linespacing=1.6, bbox=box)
            self._help.set(animated=True, multialignment="left")

    def arrange(self) -> None:
        """Puts everything where it belongs at the present size of the figure."""
        self.panels.arrange()
        self._arrange_controls()
        if self.chooser:
            self.chooser.arrange()

    def _arrange_controls(self) -> None:
        self._buttons.arrange()
        self.sliders.arrange((LIST_WIDTH if self.chooser else 0.0) + 0.1, self._buttons.width + 0.2)

    @property
    def moving_artists(self) -> Iterator[Artist]:
        """What is drawn over the background, in this order."""
        yield from self.panels.artists
        yield from self.readout.artists
        yield from self.sliders.artists
        if self._help is not None:
            yield self._help


def foot(curves: int, sliders: int) -> float:
    """Inches below the panels that the readout of curves, sliders and buttons need."""
    return readout.height(curves) + controls_height(sliders) + 0.1
