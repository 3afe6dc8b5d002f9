"""A figure of curves that answers: each event makes another state, and ``update`` shows it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.widgets import Slider

from actplot import text
from actplot.errors import ActplotError
from actplot.functions.registry import PlotSpec
from actplot.live.actions import ACTIONS
from actplot.live.backend import LiveBackend
from actplot.live.blitting import Blitter
from actplot.live.chooser import Chooser
from actplot.live.display import Display
from actplot.live.interactive import InteractiveFigure
from actplot.live.layout import LIST_WIDTH, foot
from actplot.live.messages import Messages
from actplot.live.pointer import Pointer
from actplot.live.reading import Reader
from actplot.live.sampling import Pursuit, Sampler, Wish
from actplot.live.sliders import SliderSpec, slider_specs
from actplot.live.state import CursorState, Limits, State, toggle_help
from actplot.live.timers import Timers
from actplot.numerics.curve import Curve
from actplot.text import Language

# Milliseconds after which the hand is at rest.
_REST = 160
# Milliseconds between two titles while the hand moves.
_TITLES = 150


class _HiddenCanvas(FigureCanvasAgg):
    """A canvas that draws nothing by itself: widgets ask for a picture each time they are made."""

    def draw_idle(self, *args: Any, **kwargs: Any) -> None:
        pass


class Live(InteractiveFigure):
    """A figure that follows the pointer, keys, sliders and zoom.

    Parameters
    ----------
    spec, range, lang
        What it shows at first.
    backend
        How curves and panels are made.
    size, dpi
        Of the panels, in inches, and of the whole figure.
    curves
        The curves of ``spec`` on ``range`` from :data:`actplot.live.sampling.POINTS` points, where they are known.
    """

    actions = ACTIONS

    def __init__(
        self,
        spec: PlotSpec,
        range: Limits,
        lang: Language,
        backend: LiveBackend,
        *,
        size: tuple[float, float],
        dpi: float,
        curves: list[Curve] | None = None,
    ) -> None:
        self._backend = backend
        self._first = self._state = State(spec, range, lang, grid=backend.grid)
        self._specs = slider_specs(spec.functions)
        self._sampler = Sampler(backend)
        if curves is not None:
            self._sampler.remember(spec.functions, range, curves)
        self._is_rough = False
        width = size[0] + (LIST_WIDTH if backend.choose else 0.0)
        height = size[1] + foot(len(spec.functions), len(self._specs))
        figure = Figure(figsize=(width, height), dpi=dpi)
        _HiddenCanvas(figure)
        super().__init__(figure, spec.name, self._still)
        self._timers = Timers(figure)
        self._pursuit = Pursuit(backend, self._timers, self._arrived, self._failed)
        self._messages = Messages(self._timers, self._write_message, lambda: self._state.lang)
        self._pointer = Pointer(lambda: (self._state.cursor, self._reader, self._display.panels), self._point)
        self._display = Display(
            figure,
            backend,
            self._state,
            zoomed=self._zoom,
            coordinates=self._pointer.coordinates,
            value_changed=self._change_value,
            pressed=lambda action: action.press(self),
            chosen=self._choose,
            list_changed=lambda: self._blitter.paint(),
        )
        self._blitter = Blitter(figure, lambda: self.moving_artists)
        self._read(self._sampler.sample(spec.functions, range))
        self._build()
        FigureCanvasAgg(figure)

    @property
    def state(self) -> State:
        """What is shown."""
        return self._state

    @property
    def sliders(self) -> list[Slider]:
        """The sliders, one for each parameter that can be changed."""
        return self._display.sliders.widgets

    @property
    def chooser(self) -> Chooser | None:
        """The list of the catalog, where there is one."""
        return self._display.chooser

    @property
    def readout(self) -> list[str]:
        """What the readout says, line by line."""
        return self._display.readout.lines

    @property
    def message(self) -> str:
        """The message beside the readout."""
        return self._messages.current

    @property
    def moving_artists(self) -> Iterator[Artist]:
        """What is drawn over the background."""
        return self._display.moving_artists

    @property
    def title(self) -> str:
        """What the window is called."""
        functions = self._state.functions
        return functions[0].label if len(functions) == 1 else self._state.spec.name

    def _still(self) -> tuple[Figure, str]:
        return self._backend.still(self._state.spec, self._reader.curves[0].range, self._state.lang)

    # From a state to the figure

    def update(self, state: State) -> None:
        """Shows a state. Only what differs from the present one is computed and drawn."""
        before, self._state = self._state, state
        if not state.is_drawn_like(before):
            is_same = [each.name for each in state.functions] == [each.name for each in before.functions]
            if not is_same:
                self._specs = slider_specs(state.functions)
            if is_same and state.lang == before.lang:
                self._draw()
            else:
                self._build()
        elif state != before:
            self._show_cursor()
            self._display.show_help(is_shown=state.help)
            self._blitter.paint()

    def reset(self) -> None:
        """Shows the first state again."""
        self._messages.clear()
        self.update(self._first)
        if self._is_rough:
            self._draw()

    def _follow(self, state: State) -> None:
        """Shows a state while the hand moves: values and titles at once, sketches of the curves as soon as may be."""
        self._state, self._is_rough = state, True
        self._timers.at_most_every("titles", _TITLES, self._retitle, self._blitter.paint)
        wish = Wish(state.functions, state.range, beside=self._display.sliders.ends(state.functions))
        if not self._pursuit.want(wish):
            self._blitter.paint()
        self._timers.later("rest", _REST, self._refine)

    def _retitle(self) -> None:
        """Shows the present values in the titles, which take as long to set as all else of a step."""
        self._display.panels.retitle(self._state)

    def _refine(self) -> None:
        """Has what was shown roughly computed exactly, and drawn."""
        if not self._is_rough:
            return
        if self._sampler.knows(self._state.functions, self._state.range) and not self._display.sliders.held:
            self._draw()
        else:
            self._pursuit.want(Wish(self._state.functions, self._state.range, is_exact=True))

    def _arrived(self, wish: Wish, curves: list[Curve], beside: list[list[Curve]]) -> None:
        """Shows curves that have come; exact ones are drawn, if they are still wanted and no slider is held."""
        if wish.is_exact:
            self._sampler.remember(wish.functions, wish.range, curves)
            if self._is_to_rest(wish):
                self._draw()
                return
        self._read(curves)
        if self._display.panels.move(curves, self._state, beside):
            self._blitter.invalidate()
        self._show_cursor()
        self._blitter.paint()

    def _failed(self, wish: Wish, error: ActplotError) -> None:
        """Says why there are no curves; at rest, goes back to those that are shown."""
        if wish.is_exact and self._is_to_rest(wish):
            self._draw(error)
        else:
            self._messages.show_error(error)

    def _is_to_rest(self, wish: Wish) -> bool:
        """Whether a wish is about what is shown now, and no slider is held, so that limits may change."""
        is_shown = (wish.functions, wish.range) == (self._state.functions, self._state.range)
        return is_shown and not self._display.sliders.held

    def _build(self) -> None:
        """Makes everything on the figure anew."""
        with self._blitter.paused():
            self._display.build(self._state, self._specs)
            self._draw()

    def _draw(self, error: ActplotError | None = None) -> None:
        """Draws the curves of the state; where they cannot be had, says why and draws those that were shown."""
        self._pursuit.forget()
        self._timers.forget("titles")
        try:
            if error is None:
                self._read(self._sampler.sample(self._state.functions, self._state.range))
        except ActplotError as raised:
            error = raised
        if error is not None:
            self._state = self._state.with_functions_of(self._reader.curves)
        with self._blitter.paused():
            self._display.draw(self._state, self._reader.curves)
        self._is_rough = False
        self._show_cursor()
        self._display.show_help(is_shown=self._state.help)
        self._blitter.invalidate()
        self.figure.canvas.draw_idle()
        self._entitle()
        if error is not None:
            self._messages.show_error(error)

    def _entitle(self) -> None:
        """Calls the window what it shows."""
        manager = self.figure.canvas.manager
        if manager is not None:
            manager.set_window_title(self.title)

    def _read(self, curves: list[Curve]) -> None:
        self._reader = Reader(curves, self._backend.evaluate)

    def _show_cursor(self) -> None:
        with self._messages.reporting_errors():
            self._display.show_cursor(self._state, self._reader, is_quiet=self._is_rough)

    def _write_message(self, message: str) -> None:
        self._display.readout.message = message
        self._blitter.paint()

    # From events to a state

    def connect(self) -> None:
        super().connect()
        canvas: Any = self.figure.canvas
        for event, answer in (
            ("draw_event", lambda event: self._blitter.on_draw()),
            ("resize_event", self._resized),
            ("motion_notify_event", self._moved),
            ("figure_leave_event", lambda event: self._pointer.left()),
            ("button_press_event", self._pressed),
            ("button_release_event", self._released),
            ("scroll_event", self._scrolled),
            ("close_event", lambda event: self._timers.stop()),
        ):
            canvas.mpl_connect(event, answer)
        if self.chooser and hasattr(canvas, "set_capture_scroll"):
            canvas.set_capture_scroll(True)
        self._entitle()
        canvas.draw_idle()

    def key(self, event: Any) -> None:
        """Does what a key stands for, unless it goes into the search field or closes the help."""
        if self._state.help and event.key not in ("shift", "control", "alt"):
            self.update(toggle_help(self._state))
        elif not (self.chooser and event.key and self.chooser.key(event.key)):
            super().key(event)

    def _moved(self, event: Any) -> None:
        if self.chooser and (self.chooser.drag(event) or self.chooser.contains(event)):
            self._pointer.left()
            return
        with self._messages.reporting_errors():
            self._pointer.moved(event, is_busy=self._display.sliders.held is not None)

    def _point(self, at: CursorState) -> None:
        self.update(replace(self._state, cursor=at))

    def _pressed(self, event: Any) -> None:
        if self._state.help:
            self.update(toggle_help(self._state))
        elif event.button != 1:
            return
        elif self.chooser and self.chooser.contains(event):
            self.chooser.click(event)
        else:
            if self.chooser:
                self.chooser.leave()
            with self._messages.reporting_errors():
                self._pointer.pressed(event)

    def _released(self, event: Any) -> None:
        self._display.sliders.let_go()
        self._refine()

    def _scrolled(self, event: Any) -> None:
        if self.chooser and self.chooser.contains(event):
            self.chooser.scroll(-3 * round(event.step))

    def _resized(self, event: Any) -> None:
        self._display.arrange(self._state)
        self._show_cursor()
        self._blitter.invalidate()
        self._is_rough = True  # formulas and legends have places for another size
        self._timers.later("rest", _REST, self._refine)

    def step(self, direction: int, steps: int) -> None:
        """Moves the cursor in a direction (1 or -1) along the curve, by one of so many steps across the panel."""
        self._pointer.step(direction, steps)

    def _change_value(self, slider: SliderSpec, value: float) -> None:
        """Shows another value of a parameter while its slider moves."""
        self._is_rough = True  # also where the value is refused, for the slider to go back
        try:
            functions = slider.with_value(self._state.functions, value)
        except ActplotError as error:
            self._messages.show_error(error)
        else:
            self._follow(self._state.with_functions(functions))

    def _zoom(self, panel: int, x: Limits, y: Limits) -> None:
        """Shows the same stretch of x in all panels, once the limits of one are changed by hand."""
        state = self._state.with_limits(panel, len(self._display.panels), x, y)
        self._display.panels.show_view(state)
        self._blitter.invalidate()
        self._follow(state)

    def _choose(self, name: str) -> None:
        assert self._backend.choose
        spec = self._backend.choose(name)
        self._timers.later("choose", 1, lambda: self._start(spec))  # once the event that led here is over

    def choose_next(self, step: int) -> None:
        """Shows the function so many places further down the list, where there is one."""
        if self.chooser:
            self.chooser.next(step)

    def search(self) -> None:
        """Lets keys go into the field of the list, where there is one."""
        if self.chooser:
            self.chooser.focus()

    def _start(self, spec: PlotSpec) -> None:
        """Shows another function, and what it shows at first is its first state."""
        self.name = spec.name
        self._specs = slider_specs(spec.functions)
        self._first = self._state = State(spec, spec.range, self._state.lang, grid=self._state.grid)
        self._build()

    def save_here(self) -> str:
        path = ""
        with self._messages.reporting_errors():
            path = super().save_here()
            self._messages.show(text.SAVED[self._state.lang].format(path=path))
        return path
