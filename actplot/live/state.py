"""What a live figure shows, as one value: each event makes another state, and the figure is updated to show it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from actplot.functions.registry import Function, PlotSpec
from actplot.numerics.curve import Curve
from actplot.text import LANGUAGES, Language, Text

Limits = tuple[float, float]


@dataclass(frozen=True)
class CursorState:
    """Where the cursor is.

    Attributes
    ----------
    x
        What it points at; None while the pointer is over no panel.
    curve
        The place of the curve that was nearest to the pointer, whose tangent is shown.
    quantity
        What of that curve was nearest: "y", "dy" or "d2y".
    extremum
        The kind of the extremum that this quantity has at ``x``; None where it has none.
    is_pinned
        Whether the cursor stays when the pointer moves.
    """

    x: float | None = None
    curve: int = 0
    quantity: str = "y"
    extremum: Text | None = None
    is_pinned: bool = False


@dataclass(frozen=True)
class State:
    """What a live figure shows.

    Attributes
    ----------
    spec
        The functions; a slider's value is the parameter of one of them.
    range
        The ends of x that are sampled.
    lang
        The language of all text.
    view
        For each panel the limits of y that the user has chosen, None where they follow the curves, after a zoom to
        ``range``; None as a whole where nothing is zoomed.
    grid
        Whether the grid is drawn.
    cursor
        Where the cursor is.
    help
        Whether the help is shown.
    """

    spec: PlotSpec
    range: Limits
    lang: Language
    view: tuple[Limits | None, ...] | None = None
    grid: bool = True
    cursor: CursorState = CursorState()
    help: bool = False

    @property
    def functions(self) -> tuple[Function, ...]:
        """The functions that are shown."""
        return self.spec.functions

    def with_functions(self, functions: Sequence[Function]) -> "State":
        """The state with other parameters; the point at the cursor is no extremum of what it was."""
        spec = replace(self.spec, functions=tuple(functions))
        return replace(self, spec=spec, cursor=replace(self.cursor, extremum=None))

    def with_limits(self, panel: int, panels: int, x: Limits, y: Limits) -> "State":
        """The state after a zoom in one of so many panels; the others show the same range of x."""
        view = list(self.view or [None] * panels)
        view[panel] = y
        return replace(self, range=x, view=tuple(view))

    def with_functions_of(self, curves: Sequence[Curve]) -> "State":
        """The state with the parameters of these curves, where they are curves of the same functions."""
        shown = [curve.function for curve in curves]
        is_same = [each.name for each in shown] == [each.name for each in self.functions]
        return self.with_functions(shown) if is_same else self

    def is_drawn_like(self, other: "State") -> bool:
        """Whether it differs from another in cursor and help at most, which are drawn over the panels."""
        return replace(self, cursor=other.cursor, help=other.help) == other


def toggle_grid(state: State) -> State:
    """The state with the grid shown or hidden."""
    return replace(state, grid=not state.grid)


def toggle_help(state: State) -> State:
    """The state with the help shown or hidden."""
    return replace(state, help=not state.help)


def next_language(state: State) -> State:
    """The state in the other language."""
    return replace(state, lang=LANGUAGES[1 - LANGUAGES.index(state.lang)])
