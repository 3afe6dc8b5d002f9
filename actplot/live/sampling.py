"""The curves of a live figure: exact ones, sampled once for each range and value, and sketches while the hand moves."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from actplot.errors import ActplotError
from actplot.functions.registry import Function
from actplot.live.backend import LiveBackend
from actplot.live.state import Limits
from actplot.live.timers import Timers
from actplot.numerics.curve import Curve

if TYPE_CHECKING:
    from actplot.worker import Call

# Points along the range: at rest, and while the hand moves, which is more than one for each pixel of a usual panel.
POINTS, MOVING_POINTS = 1000, 500
# Seconds of a frame that are spent on waiting for a curve, and milliseconds after which a later one is looked for.
_PATIENCE, _INTERVAL = 0.008, 4


class Sampler:
    """Samples curves exactly, and remembers the last ones."""

    def __init__(self, backend: LiveBackend) -> None:
        self._backend = backend
        self._last: tuple[tuple[Function, ...], Limits, list[Curve]] | None = None

    def knows(self, functions: Sequence[Function], range: Limits) -> bool:
        """Whether these curves are those remembered."""
        return self._last is not None and self._last[:2] == (tuple(functions), within_domains(functions, range))

    def sample(self, functions: Sequence[Function], range: Limits) -> list[Curve]:
        """The curves of functions along the part of a range on which all of them are defined.

        Raises
        ------
        ActplotError
            Where there is no such part, or a function fails.
        """
        if not self.knows(functions, range):
            self.remember(functions, range, self._backend.sample(functions, within_domains(functions, range), POINTS))
        assert self._last is not None
        return self._last[2]

    def remember(self, functions: Sequence[Function], range: Limits, curves: list[Curve]) -> None:
        """Takes curves that were sampled elsewhere, from :data:`POINTS` points."""
        self._last = tuple(functions), within_domains(functions, range), curves


class Wish(NamedTuple):
    """Curves that are wanted.

    Attributes
    ----------
    functions, range
        What is to be shown.
    is_exact
        Whether the curves are those of a figure at rest; else they are sketches.
    beside
        Functions whose sketches are wanted too; those of the last wish are remembered.
    """

    functions: tuple[Function, ...]
    range: Limits
    is_exact: bool = False
    beside: tuple[tuple[Function, ...], ...] = ()


class Pursuit:
    """Asks for curves, one wish at a time, and hands them on as they come; of the wishes that wait the last one counts.

    ``arrived`` is given a wish and its curves, and those beside; ``failed`` a wish and what went wrong.
    """

    def __init__(
        self,
        backend: LiveBackend,
        timers: Timers,
        arrived: Callable[[Wish, list[Curve], list[list[Curve]]], object],
        failed: Callable[[Wish, ActplotError], object],
    ) -> None:
        self._backend, self._timers, self._arrived, self._failed = backend, timers, arrived, failed
        self._under_way: tuple[Wish, Call] | None = None
        self._next: Wish | None = None
        self._beside: tuple[object, list[list[Curve]]] = (None, [])

    def want(self, wish: Wish) -> bool:
        """Asks for curves as soon as may be; returns whether they were there within a frame."""
        self._next = wish
        if self._under_way is None:
            self._ask()
        return self._next is None and self._under_way is None

    def forget(self) -> None:
        """Wants nothing any more; what is under way is not handed on."""
        self._next = self._under_way = None

    def _ask(self) -> None:
        assert self._next is not None
        wish, self._next = self._next, None
        try:
            range = within_domains(wish.functions, wish.range)
            groups = [wish.functions, *(() if self._knows_beside(wish) else wish.beside)]
            points = POINTS if wish.is_exact else MOVING_POINTS
            self._under_way = wish, self._backend.ask(groups, range, points, wish.is_exact)
        except ActplotError as error:
            self._failed(wish, error)
            return
        self._look(_PATIENCE)

    def _knows_beside(self, wish: Wish) -> bool:
        return self._beside[0] == (wish.beside, wish.range)

    def _look(self, patience: float = 0.0) -> None:
        """Hands on what has come, and asks for what is wanted next."""
        if self._under_way is None:
            return
        wish, call = self._under_way
        if not call.is_answered(patience):
            self._timers.later("pursuit", _INTERVAL, self._look)
            return
        self._under_way = None
        try:
            curves, *beside = call.result()
        except ActplotError as error:
            self._failed(wish, error)
        else:
            if beside:
                self._beside = (wish.beside, wish.range), beside
            self._arrived(wish, curves, self._beside[1] if self._knows_beside(wish) else [])
        if self._next is not None and self._under_way is None:
            self._ask()


def within_domains(functions: Sequence[Function], range: Limits) -> Limits:
    """The part of a range on which all of the functions are defined; its ends may be out of order where there is none."""
    low = max([range[0], *(function.domain[0] for function in functions)])
    high = min([range[1], *(function.domain[1] for function in functions)])
    return low, high
