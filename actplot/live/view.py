"""A figure of curves that answers: its state, and what each event does to it."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.widgets import Slider

from actplot import text
from actplot.errors import ActplotError
from actplot.functions.registry import Function, PlotSpec
from actplot.live import chooser, controls, readout
from actplot.live.cursor import Cursor
from actplot.live.interactive import InteractiveFigure
from actplot.live.reading import Evaluate, Value, extrema, extremum, read
from actplot.live.sliders import SliderSpec, rounded, slider_specs
from actplot.numerics.curve import Curve
from actplot.plot.encoding import SYMBOLS
from actplot.plot.figure import CurveFigure
from actplot.plot.limits import y_limits
from actplot.plot.style import drawing
from actplot.text import LANGUAGES, Language, Text

# Pixels within which the pointer snaps to a point worth stopping at.
_NEAR = 7
# Seconds: a curve that takes longer is computed when the hand rests, not at every step.
_SLOW = 0.06
_REST = 160  # milliseconds
# Steps across the panel with the arrow keys.
_STEPS, _LEAPS = 200, 20
# How many times their height the axes reach out to hold all that a slider can do.
_FARTHEST = 4.0
# Points along the range: while the hand moves, more than one for each pixel of a panel at its usual size.
_QUICK, _FINE = 500, 1000


@dataclass(frozen=True)
class LiveBackend:
    """How the figure comes about, which stays the same while it is alive.

    Attributes
    ----------
    sample
        The curves of functions along a range, from so many points.
    evaluate
        As :func:`actplot.evaluate`, of a function at points, with ``order``.
    sheet
        A sheet, given ``figure``, ``lang`` and ``margins``.
    still
        The figure that a file shows, and the command that draws it, of a request, a range and a language.
    style, font
        As for :func:`actplot.draw`.
    choose
        The request for an entry of the catalog, by name; None where the list of them does not stand beside the panels.
    order
        Of the curves.
    """

    order: int
    sample: Callable[[Sequence[Function], tuple[float, float], int], list[Curve]]
    evaluate: Evaluate
    sheet: Callable[..., CurveFigure]
    still: Callable[[PlotSpec, tuple[float, float], Language], tuple[Figure, str]]
    style: str | None
    font: str | None
    choose: Callable[[str], PlotSpec] | None


class Live(InteractiveFigure):
    """A figure that follows the pointer, keys, sliders and zoom.

    Parameters
    ----------
    request, range, lang
        What it shows at first.
    terms
        How.
    size, dpi
        Of the panels, in inches, and of the whole figure.
    """

    def __init__(
        self,
        request: PlotSpec,
        range: tuple[float, float],
        lang: Language,
        terms: LiveBackend,
        *,
        size: tuple[float, float],
        dpi: float,
    ) -> None:
        self._terms, self._lang = terms, lang
        self._first = request, range
        self._request, self._range = self._first
        self._sheet: CurveFigure
        self._curves: list[Curve] = []
        self._x: float | None = None
        self._kind: Text | None = None
        self._nearest, self._part = 0, "y"
        self._pinned = self._zoomed = self._busy = self._stale = self._is_ready = False
        self._grid: bool | None = None
        self._help: Any = None
        self._background: Any = None
        self._timers: dict[str, Any] = {}
        self._message = ""
        self._kept: set[Axes] = set()  # panels whose height the user has chosen
        self._cost = 0.0
        self._extrema: dict[tuple[int, str], list[tuple[float, Text]]] = {}
        self._controls: controls.Controls | None = None
        self._readout: readout.Readout | None = None
        width, height = size
        self._dials: list[SliderSpec] = slider_specs(request.functions)
        figure = Figure(figsize=(width + (chooser.WIDTH if terms.choose else 0.0), height + self._foot), dpi=dpi)
        FigureCanvasAgg(figure)
        super().__init__(figure, request.name, lambda: terms.still(self._request, self._curves[0].range, self._lang))
        self._chooser = chooser.Chooser(self.figure, lang, self._choose) if terms.choose else None
        if self._chooser:
            self._chooser.current = request.name
        self._build()

    # Building and drawing

    @property
    def _foot(self) -> float:
        """Inches below the panels that readout, sliders and buttons need."""
        return readout.height(len(self._request.functions)) + controls.height(self._dials) + 0.1

    @contextmanager
    def _settings(self) -> Iterator[None]:
        with drawing(self._lang, style=self._terms.style, font=self._terms.font):
            yield

    def _build(self) -> None:
        """Makes everything on the figure anew: the function or the language is another."""
        self._is_ready = False
        seen = [(axes.get_xlim(), axes.get_ylim()) for axes, _ in self._sheet.panels] if self._zoomed else []
        if self._controls:
            self._controls.close()
        if self._chooser and self.figure.axes:
            self._chooser.close()
        self._dials = slider_specs(self._request.functions)
        left = chooser.WIDTH if self._chooser else 0.0
        with self._settings():
            self.figure.clear()
            self._help = self._readout = None
            self._sheet = self._terms.sheet(figure=self.figure, lang=self._lang, margins=(left, self._foot))
            self._controls = controls.Controls(
                self.figure,
                self._dials,
                left + 0.1,
                turned=self._turn,
                pressed={
                    f"{text.RESET[self._lang]} r": self.reset,
                    f"{text.GRID[self._lang]} g": self.toggle_grid,
                    f"{text.OTHER_LANGUAGE[self._lang]} l": self.switch_language,
                    f"{text.SAVE[self._lang]} s": self.save_here,
                    f"{text.KEYS[self._lang]} ?": self.toggle_help,
                },
            )
            if self._chooser:
                self._chooser.build(self._lang)
        for (axes, _), (across, up) in zip(self._sheet.panels, seen, strict=False):
            axes.set(xlim=across, ylim=up)
        self._kept = {axes for axes, _ in self._sheet.panels} if seen else set()
        for axes, _ in self._sheet.panels:
            for limits_changed in ("xlim_changed", "ylim_changed"):
                axes.callbacks.connect(limits_changed, self._look_elsewhere)
        self._draw(self._sampled())

    def _sample(self, request: PlotSpec, range: tuple[float, float], points: int = _FINE) -> list[Curve]:
        """The curves of a request, as far as they are defined."""
        low = max([range[0], *(function.domain[0] for function in request.functions)])
        high = min([range[1], *(function.domain[1] for function in request.functions)])
        began = time.perf_counter()
        curves = self._terms.sample(request.functions, (low, high), points)
        self._cost = time.perf_counter() - began
        return curves

    def _sampled(self) -> list[Curve]:
        """The curves to show now; those shown before where there are none, as where the view is out of the domain."""
        try:
            return self._sample(self._request, self._range)
        except ActplotError as error:
            if not self._curves:
                raise
            self._message = error.message
            return self._curves

    def _draw(self, curves: list[Curve]) -> None:
        """Draws everything: formulas and legends find their places again, and limits unless the view is zoomed."""
        self._curves = curves
        self._extrema = {}
        fit = not self._zoomed
        self._is_ready = False
        with self._at_work():
            if self._zoomed:
                for axes, parts in self._sheet.panels:
                    if axes not in self._kept:  # zoomed in x alone, by way of another panel
                        axes.set_ylim(y_limits(curves, parts))
            self._sheet.draw(*curves, fit=fit)
            with self._settings():
                self._pointer = Cursor(self._sheet, curves)
                if self._readout:
                    self._readout.remove()
                corner = (chooser.WIDTH if self._chooser else 0.0) + 0.62, self._foot - 0.05
                self._readout = readout.Readout(self.figure, self._lang, corner, curves)
                self._readout.message.set_text(self._message)
            if self._grid is not None:
                for axes, _ in self._sheet.panels:
                    axes.grid(self._grid)
        self._lift()
        toolbar = self.figure.canvas.toolbar
        if fit and toolbar is not None:
            toolbar.update()  # "home" is what is shown now
        self._point()
        self._background = None
        self._is_ready = True
        self.figure.canvas.draw_idle()

    def _move(self, curves: list[Curve]) -> bool:
        """Puts other curves in the place of those shown; returns whether the axes had to make room."""
        self._curves = curves
        self._extrema = {}
        grown = False
        with self._at_work():
            self._sheet.move(*curves)
            for axes, parts in () if self._zoomed else self._sheet.panels:
                low, high = y_limits(curves, parts)
                bottom, top = axes.get_ylim()
                edge = 0.05 * (top - bottom)  # nearly all of the margin that the limits have
                if low < bottom - edge or high > top + edge:
                    grown = True
            if grown:
                self._make_room(curves)
        self._lift()
        self._point()
        return grown

    def _make_room(self, curves: list[Curve]) -> None:
        """Makes every panel hold the curves, and what the slider in hand can turn them into, within reason."""
        possible = [curves]
        for index, slider in enumerate(self.sliders):
            if slider.drag_active:
                for end in (self._dials[index].low, self._dials[index].high):
                    with suppress(ActplotError):
                        turned = self._dials[index].turned(self._request, end)
                        possible.append(self._sample(turned, self._range, _QUICK))
        for axes, parts in self._sheet.panels:
            lows, highs = zip(axes.get_ylim(), *(y_limits(each, parts) for each in possible), strict=True)
            low, high = min(lows[:2]), max(highs[:2])
            reach = _FARTHEST * (high - low)
            axes.set_ylim(max(min(lows), low - reach), min(max(highs), high + reach))

    def _lift(self) -> None:
        """Takes what moves out of the picture that is kept behind it."""
        for axes, _ in self._sheet.panels:
            for artist in self._sheet.curve_artists(axes):
                artist.set_animated(True)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """While limits change that the user has not changed."""
        busy, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = busy

    def _moving(self) -> Iterator[Artist]:
        """What is drawn over the picture that is kept, in this order."""
        for axes, _ in self._sheet.panels:
            yield from sorted(self._sheet.curve_artists(axes), key=Artist.get_zorder)
        yield from self._pointer.artists
        if self._readout:
            yield from self._readout.artists
        if self._controls:
            yield from self._controls.moving
        if self._help is not None:
            yield self._help

    def _paint(self) -> None:
        """Draws what moves, over the picture that is kept."""
        canvas: Any = self.figure.canvas
        if self._background is None or not self._is_ready or not canvas.supports_blit:
            canvas.draw_idle()
            return
        canvas.restore_region(self._background)
        self._draw_moving()
        canvas.blit(self.figure.bbox)

    def _draw_moving(self) -> None:
        renderer = self.figure.canvas.get_renderer()  # type: ignore[attr-defined]
        for artist in self._moving():
            artist.draw(renderer)

    # Events

    def connect(self) -> None:
        super().connect()
        canvas: Any = self.figure.canvas
        for event, answer in (
            ("draw_event", self._drawn),
            ("resize_event", self._resized),
            ("motion_notify_event", self._moved),
            ("figure_leave_event", self._left),
            ("button_press_event", self._pressed),
            ("button_release_event", self._released),
            ("scroll_event", self._scrolled),
        ):
            canvas.mpl_connect(event, answer)
        if self._chooser and hasattr(canvas, "set_capture_scroll"):
            canvas.set_capture_scroll(True)
        canvas.draw_idle()

    def _drawn(self, event: Any) -> None:
        if not self._is_ready:  # some canvases draw at once, in the midst of building
            return
        canvas: Any = self.figure.canvas
        if canvas.supports_blit:
            self._background = canvas.copy_from_bbox(self.figure.bbox)
        self._draw_moving()

    def _resized(self, event: Any) -> None:
        self._sheet.arrange()
        if self._controls:
            self._controls.arrange()
        if self._chooser:
            with self._settings():
                self._chooser.arrange()
        self._background = None
        self._settle_at_rest()

    def _moved(self, event: Any) -> None:
        if self._chooser and self._chooser.drag(event):
            return
        panel = self._panel(event)
        if self._pinned or panel is None or event.buttons or (self._controls and self._controls.is_dragging):
            if panel is None and not self._pinned:
                self._left(event)
            return
        with self._telling():
            self._x, self._kind = self._snapped(event, *panel)
        self._point()
        self._paint()

    def _left(self, event: Any) -> None:
        if self._x is not None and not self._pinned:
            self._x = None
            self._point()
            self._paint()

    def _pressed(self, event: Any) -> None:
        if self._help is not None:
            self.toggle_help()
        elif self._chooser and self._chooser.has(event):
            if event.button == 1:
                with self._settings(), self._telling():
                    self._chooser.click(event)
        elif event.button == 1 and (panel := self._panel(event)) is not None:
            self._pinned = not self._pinned
            if self._pinned:
                with self._telling():
                    self._x, self._kind = self._snapped(event, *panel)
            self._point()
            self._paint()

    def _released(self, event: Any) -> None:
        if self._stale:
            self._settle()

    def _scrolled(self, event: Any) -> None:
        if self._chooser and self._chooser.has(event):
            with self._settings():
                self._chooser.scroll(-3 * round(event.step))

    def key(self, event: Any) -> None:
        """A key was pressed."""
        key = str(event.key)
        if self._chooser and self._chooser.is_typing:
            if key == "escape":
                with self._settings():
                    self._chooser.clear()
            return
        if self._help is not None and key not in ("shift", "control", "alt"):
            self.toggle_help()
            return
        answers: dict[str, Callable[[], None]] = {
            "r": self.reset,
            "g": self.toggle_grid,
            "l": self.switch_language,
            "?": self.toggle_help,
            "left": lambda: self._step(-1, _STEPS),
            "right": lambda: self._step(1, _STEPS),
            "shift+left": lambda: self._step(-1, _LEAPS),
            "shift+right": lambda: self._step(1, _LEAPS),
        }
        if self._chooser:
            answers |= {"up": lambda: self._next(-1), "down": lambda: self._next(1)}
        if answer := answers.get(key, answers.get(key.removeprefix("shift+"))):
            answer()
        else:
            super().key(event)

    def _next(self, step: int) -> None:
        assert self._chooser
        with self._settings(), self._telling():
            self._chooser.next(step)

    # The pointer

    def _panel(self, event: Any) -> tuple[Axes, tuple[str, ...]] | None:
        """The panel that the pointer is in, unless a tool of the toolbar is."""
        toolbar = self.figure.canvas.toolbar
        if toolbar is not None and toolbar.mode:
            return None
        return next((panel for panel in self._sheet.panels if panel[0] is event.inaxes), None)

    def _snapped(self, event: Any, axes: Axes, parts: tuple[str, ...]) -> tuple[float, Text | None]:
        """The point meant: a break or an extremum that is near, else the place of the pointer with few digits."""
        low, high = axes.get_xlim()
        pixel = (high - low) / axes.bbox.width
        x = min(max(rounded(event.xdata, pixel), self._curves[0].range[0]), self._curves[0].range[1])
        distances = [
            (abs(axes.transData.transform((x, reading[part].here))[1] - event.y), index, part)
            for index, reading in enumerate(self._read(x))
            for part in parts
        ]
        distances = [each for each in distances if each[0] == each[0]]
        self._nearest, part = min(distances)[1:] if distances else (0, parts[0])
        self._part = part
        near: list[tuple[float, float, Text | None]] = [
            (abs(at.x - event.xdata), at.x, None)
            for curve in self._curves
            for at in curve.breaks
            if at.y_is_discontinuous or at.dy_is_discontinuous or (at.d2y_is_discontinuous and "d2y" in parts)
        ]
        near += [(abs(place - event.xdata), place, kind) for place, kind in self._turns(self._nearest, part)]
        near = [each for each in near if each[0] < _NEAR * pixel]
        if not near:
            return x, None
        _, x, kind = min(near, key=lambda each: each[0])
        if kind:
            with self._telling():
                x = extremum(self._curves[self._nearest], part, x, kind, self._terms.evaluate)
        return x, kind

    def _turns(self, index: int, part: str) -> list[tuple[float, Text]]:
        if (index, part) not in self._extrema:
            self._extrema[index, part] = list(extrema(self._curves[index], part))
        return self._extrema[index, part]

    def _read(self, x: float) -> list[dict[str, Value]]:
        return [read(curve, x, self._terms.evaluate) for curve in self._curves]

    def _point(self) -> None:
        """Points at where the pointer is, or was left."""
        assert self._readout
        low, high = self._curves[0].range
        if self._x is None or not low <= self._x <= high:
            self._pointer.hide()
            self._readout.hide(quiet=self._stale)
            return
        with self._telling():
            readings = self._read(self._x)
            nearest = min(self._nearest, len(readings) - 1)
            self._pointer.point(self._x, self._curves, readings, nearest=nearest, pinned=self._pinned)
            what = None if self._kind is None else f"{SYMBOLS[self._part]} {self._kind[self._lang]}"
            self._readout.show(self._x, readings, nearest=nearest, what=what, pinned=self._pinned)

    @property
    def sliders(self) -> list[Slider]:
        """The sliders, one for each parameter that can be turned."""
        return self._controls.sliders if self._controls else []

    @property
    def readout(self) -> list[str]:
        """What the readout says, line by line."""
        return self._readout.lines if self._readout else []

    def _step(self, direction: int, steps: int) -> None:
        """Goes along the curve with the arrow keys, and stops at breaks."""
        low, high = self._sheet.panels[0][0].get_xlim()
        start, end = self._curves[0].range
        grain = (high - low) / steps
        before = self._x if self._x is not None else (low + high) / 2
        after = min(max(rounded(before + direction * grain, grain / 2), start), end)
        between = [
            at.x
            for curve in self._curves
            for at in curve.breaks
            if 0 < direction * (at.x - before) <= direction * (after - before)
        ]
        self._x, self._kind = (min(between, key=lambda x: abs(x - before)) if between else after), None
        self._point()
        self._paint()

    # Parameters and view

    def _turn(self, index: int, value: float) -> None:
        """A slider was moved."""
        dial = self._dials[index]
        self._stale = True
        with self._telling():
            self._request = dial.turned(self._request, value)
            self._dials[index] = replace(dial, value=value)
            self._kind = None
            self._follow()

    def _look_elsewhere(self, axes: Axes) -> None:
        """The user has zoomed or panned: all panels show the same stretch of x, sampled as finely as ever."""
        if self._busy:
            return
        self._zoomed = self._stale = True
        self._kept.add(axes)
        with self._at_work():
            for other, _ in self._sheet.panels:
                if other is not axes:
                    other.set_xlim(axes.get_xlim())
        self._range = axes.get_xlim()
        self._background = None
        self._follow()
        self._settle_at_rest()

    def _follow(self) -> None:
        """Shows what the parameters and the view are now; curves that take long wait until the hand rests."""
        if self._cost > _SLOW:
            self._settle_at_rest()
            return
        with self._telling():
            if self._move(self._sample(self._request, self._range, _QUICK)) or self._zoomed:
                self._background = None
        self._paint()

    def _settle(self) -> None:
        """The hand rests: everything finds its place."""
        self._stale = False
        with self._telling():
            self._set_sliders()
            self._draw(self._sample(self._request, self._range))

    def _set_sliders(self) -> None:
        """Puts every slider where its parameter is."""
        assert self._controls
        for index, dial in enumerate(self._dials):
            self._controls.set(index, dial.value)

    def _settle_at_rest(self) -> None:
        self._later("rest", _REST, self._settle)

    def _later(self, name: str, milliseconds: int, action: Callable[[], None]) -> None:
        """Does something once, that long after it was last asked for."""
        if name in self._timers:
            self._timers[name].stop()
        canvas: Any = self.figure.canvas
        timer = canvas.new_timer(interval=milliseconds)
        timer.single_shot = True
        timer.add_callback(lambda: action() if self.figure.canvas is canvas else None)  # else it was closed meanwhile
        timer.start()
        self._timers[name] = timer

    # What keys and buttons do

    def reset(self) -> None:
        """Back to the parameters and the range of the beginning."""
        self._request, self._range = self._first
        self._message = ""
        self._kept.clear()
        self._zoomed = self._pinned = self._stale = False
        self._x = self._kind = None
        self._dials = slider_specs(self._request.functions)
        self._set_sliders()
        self._draw(self._sampled())

    def toggle_grid(self) -> None:
        """Grid on or off."""
        shown = self._sheet.panels[0][0].xaxis.get_gridlines()[0].get_visible() if self._grid is None else self._grid
        self._grid = not shown
        self._draw(self._curves)

    def switch_language(self) -> None:
        """From Chinese to English and back."""
        self._lang = LANGUAGES[1 - LANGUAGES.index(self._lang)]
        self._message = ""
        self._build()

    def toggle_help(self) -> None:
        """Shows or hides what the keys do."""
        if self._help is not None:
            self._help.remove()
            self._help = None
        else:
            with self._settings():
                box = dict(
                    boxstyle="round,pad=1", facecolor=matplotlib.rcParams["axes.facecolor"], edgecolor=controls.ACCENT
                )
                self._help = self.figure.text(
                    0.5, 0.5, text.KEY_HELP[self._lang], ha="center", va="center", linespacing=1.6, ma="left", bbox=box
                )
                self._help.set_animated(True)
        self._paint()

    def save_here(self) -> str:
        path = ""
        with self._telling():
            path = super().save_here()
            self._say(text.SAVED[self._lang].format(path=path))
        return path

    def _choose(self, name: str) -> None:
        """Another function, from the list."""
        assert self._terms.choose
        self.name = name
        self._request = self._terms.choose(name)
        self._range = self._request.range
        self._first = self._request, self._range
        self._zoomed = self._pinned = False
        self._x = self._kind = None
        self._later("choose", 1, self._build)  # once the event that led here is over

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """What goes wrong is said in the figure, which stays as it was."""
        try:
            yield
        except ActplotError as error:
            self._say(error.message)

    def _say(self, words: str) -> None:
        """Shows a message for a while."""
        self._message = words if len(words) < 90 else words[:89] + "…"
        if self._readout:
            self._readout.message.set_text(self._message)
        self._paint()
        if words:
            self._later("message", 4000, lambda: self._say(""))
