"""Everything on a live figure: panels, readout, sliders, buttons, the list and the help, made to show a state."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from actplot.live.actions import ACTIONS, Action
from actplot.live.backend import LiveBackend
from actplot.live.buttons import Buttons
from actplot.live.chooser import Chooser
from actplot.live.help import Help
from actplot.live.layout import Contents, Layout, arrange
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
    its value, ``pressed`` the action of a button, ``chosen`` the name of an entry of the list; ``list_changed`` is
    called when that looks otherwise. ``coordinates`` gives what the toolbar says of a point of a panel.
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
        coordinates: Callable[[Axes, Sequence[str], float, float], str],
        value_changed: Callable[[SliderSpec, float], object],
        pressed: Callable[[Action], object],
        chosen: Callable[[str], object],
        list_changed: Callable[[], object],
    ) -> None:
        self._figure, self._backend, self._lang = figure, backend, state.lang
        self._zoomed, self._coordinates = zoomed, coordinates
        self._value_changed, self._pressed = value_changed, pressed
        self.chooser = (
            Chooser(figure, state.spec.name, choose=chosen, changed=list_changed, style=self._style)
            if backend.choose
            else None
        )
        self._help: Help | None = None

    @contextmanager
    def _style(self) -> Iterator[None]:
        with drawing(self._lang, style=self._backend.style, font=self._backend.font):
            yield

    def build(self, state: State, specs: Sequence[SliderSpec]) -> None:
        """Makes everything anew but the curves, which :meth:`draw` draws."""
        if self._figure.axes:
            self.sliders.close()
            self._buttons.close()
        self._lang = state.lang
        with self._style():
            self._figure.clear()
            self._figure.set_facecolor(matplotlib.rcParams["figure.facecolor"])
            self._help = None
            sheet = self._backend.sheet(self._figure, state.lang, has_legend=len(state.functions) == 1)
            self.panels = Panels(sheet, zoomed=self._zoomed, coordinates=self._coordinates)
            self.sliders = Sliders(self._figure, specs, state.functions, self._value_changed)
            self._buttons = Buttons(self._figure, ACTIONS, state.lang, self._pressed)
            if self.chooser:
                self.chooser.build(state.lang)
            self._curves: Sequence[Curve] = ()
            self._count = len(state.functions)
            self._place()
            self.readout = self._make_readout()

    def draw(self, state: State, curves: Sequence[Curve]) -> None:
        """Draws the curves, and the values of sliders and the readout beside them."""
        self._curves = curves
        with self._style():
            self.panels.draw(curves, state)
            self._replace_readout()
        self.sliders.show(state.functions)
        toolbar = self._figure.canvas.toolbar
        if state.view is None and toolbar is not None:
            toolbar.update()  # "home" is what is shown now

    def arrange(self, state: State) -> None:
        """Puts everything where it belongs at the present size of the figure."""
        with self._style():
            self._place()
            self.panels.retitle(state)
            self._replace_readout()
            if self._help is not None:
                self._help.remove()
                self._help = Help(self._figure, self._lang)

    def _place(self) -> None:
        """Puts everything but the readout and the help in its place."""
        size = self._figure.get_size_inches()
        self._layout = arrange((float(size[0]), float(size[1])), self._contents)
        self.panels.arrange(self._layout)
        self.sliders.arrange(self._layout)
        self._buttons.arrange(self._layout)
        if self.chooser:
            self.chooser.arrange(self._layout)

    @property
    def _contents(self) -> Contents:
        return Contents(
            curves=self._count,
            panels=len(self.panels),
            quantities=self._backend.order + 1,
            sliders=self.sliders.label_widths,
            buttons=self._buttons.width,
            short_buttons=self._buttons.short_width,
            has_list=self.chooser is not None,
        )

    @property
    def layout(self) -> Layout:
        """Where everything is."""
        return self._layout

    def _replace_readout(self) -> None:
        message = self.readout.message
        self.readout.remove()
        self.readout = self._make_readout()
        self.readout.message = message

    def _make_readout(self) -> Readout:
        legend = self.panels.legend(self._curves) if len(self._curves) > 1 else []
        order, is_overlay = self._backend.order, self.panels.is_overlay
        return Readout(self._figure, self._lang, self._layout, legend, order=order, is_overlay=is_overlay)

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
        if self._help is not None:
            self._help.remove()
            self._help = None
            return
        with self._style():
            self._help = Help(self._figure, self._lang)

    @property
    def moving_artists(self) -> Iterator[Artist]:
        """What is drawn over the background, in this order."""
        yield from self.panels.artists
        yield from self.readout.artists
        yield from self.sliders.artists
        if self.chooser:
            yield self.chooser.picture
        if self._help is not None:
            yield from self._help.artists
