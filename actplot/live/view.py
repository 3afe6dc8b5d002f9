"""A figure of curves that answers: each event makes another state, and ``update`` shows it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.widgets import Slider

from actplot import text
from actplot.errors import ActplotError
from actplot.functions.registry import PlotSpec
from actplot.live import cursor
from actplot.live.actions import ACTIONS
from actplot.live.backend import LiveBackend
from actplot.live.blitting import Blitter
from actplot.live.chooser import Chooser
from actplot.live.display import Display, foot
from actplot.live.interactive import InteractiveFigure
from actplot.live.layout import LIST_WIDTH
from actplot.live.reading import Reader
from actplot.live.sampling import MOVING_POINTS, Sampler
from actplot.live.sliders import SliderSpec, slider_specs
from actplot.live.state import CursorState, Limits, State, toggle_help
from actplot.live.timers import Timers
from actplot.numerics.curve import Curve
from actplot.text import Language

# Seconds: curves that take longer are sampled when the hand rests, not at every step.
SLOW = 0.06
# Milliseconds after which the hand is at rest, and for which a message is shown.
_REST, _MESSAGE = 160, 4000


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
        self._first = self._state = State(spec, range, lang)
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
        self._display = Display(
            figure,
            backend,
            self._state,
            zoomed=self._zoom,
            value_changed=self._change_value,
            pressed=lambda action: action.press(self),
            chosen=self._choose,
        )
        self._blitter = Blitter(figure, lambda: self._display.moving_artists)
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
        return self._display.readout.message

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
        self._display.readout.message = ""
        self.update(self._first)
        self._refine()

    def _follow(self, state: State) -> None:
        """Shows a state while the hand moves: curves and limits alone, from fewer points; later it is refined."""
        self._state, self._is_rough = state, True
        if self._sampler.cost > SLOW:
            self._refine_at_rest()
            return
        with self._reporting_errors():
            self._read(self._sampler.sample(state.functions, state.range, MOVING_POINTS))
            if self._display.panels.move(self._reader.curves, state, self._possible_curves):
                self._blitter.invalidate()
            self._show_cursor()
        self._blitter.paint()

    def _refine(self) -> None:
        """Draws what was shown roughly."""
        if self._is_rough:
            self._draw()

    def _refine_at_rest(self) -> None:
        self._timers.later("rest", _REST, self._refine)

    def _build(self) -> None:
        """Makes everything on the figure anew."""
        with self._blitter.paused():
            self._display.build(self._state, self._specs)
            self._draw()

    def _draw(self) -> None:
        """Draws the curves of the state; where they cannot be had, says why and draws those that were shown."""
        error = None
        try:
            self._read(self._sampler.sample(self._state.functions, self._state.range))
        except ActplotError as raised:
            error = raised
            self._state = self._state.with_functions_of(self._reader.curves)
        with self._blitter.paused():
            self._display.draw(self._state, self._reader.curves)
        self._is_rough = False
        self._show_cursor()
        self._display.show_help(is_shown=self._state.help)
        self._blitter.invalidate()
        self.figure.canvas.draw_idle()
        if error is not None:
            self._show_message(error.parts(self._state.lang)[0])

    def _read(self, curves: list[Curve]) -> None:
        self._reader = Reader(curves, self._backend.evaluate)

    def _possible_curves(self) -> list[list[Curve]]:
        """The curves at both ends of the slider in hand."""
        possible = []
        if held := self._display.sliders.held:
            for end in (held.low, held.high):
                with suppress(ActplotError):
                    functions = held.with_value(self._state.functions, end)
                    possible.append(self._sampler.sample(functions, self._state.range, MOVING_POINTS))
        return possible

    def _show_cursor(self) -> None:
        with self._reporting_errors():
            self._display.show_cursor(self._state, self._reader, is_quiet=self._is_rough)

    # From events to a state

    def connect(self) -> None:
        super().connect()
        canvas: Any = self.figure.canvas
        for event, answer in (
            ("draw_event", lambda event: self._blitter.on_draw()),
            ("resize_event", self._resized),
            ("motion_notify_event", self._moved),
            ("figure_leave_event", lambda event: self._leave()),
            ("button_press_event", self._pressed),
            ("button_release_event", lambda event: self._refine()),
            ("scroll_event", self._scrolled),
        ):
            canvas.mpl_connect(event, answer)
        if self.chooser and hasattr(canvas, "set_capture_scroll"):
            canvas.set_capture_scroll(True)
        canvas.draw_idle()

    def key(self, event: Any) -> None:
        """Does what a key stands for, unless it goes into the search field or closes the help."""
        if self.chooser and self.chooser.is_typing:
            if event.key == "escape":
                self.chooser.clear()
        elif self._state.help and event.key not in ("shift", "control", "alt"):
            self.update(toggle_help(self._state))
        else:
            super().key(event)

    def _moved(self, event: Any) -> None:
        if self.chooser and self.chooser.drag(event):
            return
        panel = self._display.panels.under(event)
        if panel is None:
            self._leave()
        elif not (self._state.cursor.is_pinned or event.buttons or self._display.sliders.held):
            with self._reporting_errors():
                self._point(cursor.snap(self._reader, *panel, event))

    def _leave(self) -> None:
        """Takes the cursor away, unless it is pinned: the pointer has left the panels."""
        if not self._state.cursor.is_pinned:
            self._point(replace(self._state.cursor, x=None))

    def _point(self, at: CursorState) -> None:
        self.update(replace(self._state, cursor=at))

    def _pressed(self, event: Any) -> None:
        if self._state.help:
            self.update(toggle_help(self._state))
        elif event.button != 1:
            return
        elif self.chooser and self.chooser.contains(event):
            self.chooser.click(event)
        elif (panel := self._display.panels.under(event)) is not None:
            with self._reporting_errors():
                if self._state.cursor.is_pinned:
                    self._point(replace(self._state.cursor, is_pinned=False))
                else:
                    self._point(replace(cursor.snap(self._reader, *panel, event), is_pinned=True))

    def _scrolled(self, event: Any) -> None:
        if self.chooser and self.chooser.contains(event):
            self.chooser.scroll(-3 * round(event.step))

    def _resized(self, event: Any) -> None:
        self._display.arrange()
        self._blitter.invalidate()
        self._is_rough = True  # formulas and legends have places for another size
        self._refine_at_rest()

    def step(self, direction: int, steps: int) -> None:
        """Moves the cursor in a direction (1 or -1) along the curve, by one of so many steps across the panel."""
        at = self._state.cursor
        x = cursor.step(self._reader.curves, self._display.panels.limits, at.x, direction, steps)
        self._point(replace(at, x=x, extremum=None))

    def _change_value(self, slider: SliderSpec, value: float) -> None:
        """Shows another value of a parameter while its slider moves."""
        self._is_rough = True  # also where the value is refused, for the slider to go back
        with self._reporting_errors():
            self._follow(self._state.with_functions(slider.with_value(self._state.functions, value)))

    def _zoom(self, panel: int, x: Limits, y: Limits) -> None:
        """Shows the same stretch of x in all panels, once the limits of one are changed by hand."""
        state = self._state.with_limits(panel, len(self._display.panels), x, y)
        self._display.panels.show_view(state)
        self._blitter.invalidate()
        self._follow(state)
        self._refine_at_rest()

    def _choose(self, name: str) -> None:
        assert self._backend.choose
        spec = self._backend.choose(name)
        self._timers.later("choose", 1, lambda: self._start(spec))  # once the event that led here is over

    def choose_next(self, step: int) -> None:
        """Shows the function so many places further down the list, where there is one."""
        if self.chooser:
            self.chooser.next(step)

    def _start(self, spec: PlotSpec) -> None:
        """Shows another function, and what it shows at first is its first state."""
        self.name = spec.name
        self._specs = slider_specs(spec.functions)
        self._first = self._state = State(spec, spec.range, self._state.lang, grid=self._state.grid)
        self._build()

    def save_here(self) -> str:
        path = ""
        with self._reporting_errors():
            path = super().save_here()
            self._show_message(text.SAVED[self._state.lang].format(path=path))
        return path

    @contextmanager
    def _reporting_errors(self) -> Iterator[None]:
        """A context in which what goes wrong is said in the figure, which stays as it was."""
        try:
            yield
        except ActplotError as error:
            self._show_message(error.parts(self._state.lang)[0])

    def _show_message(self, message: str) -> None:
        """Shows a message for a while."""
        self._display.readout.message = message
        self._blitter.paint()
        if message:
            self._timers.later("message", _MESSAGE, lambda: self._show_message(""))
