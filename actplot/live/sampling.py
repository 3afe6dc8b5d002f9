"""The curves of a live figure: sampled once for each range and value, coarsely while the hand moves."""

import time
from collections.abc import Sequence

from actplot.functions.registry import Function
from actplot.live.backend import LiveBackend
from actplot.live.state import Limits
from actplot.numerics.curve import Curve

# Points along the range: at rest, and while the hand moves, which is more than one for each pixel of a usual panel.
POINTS, MOVING_POINTS = 1000, 500


class Sampler:
    """Samples curves, and remembers the last ones for each number of points.

    ``cost`` is the time in seconds that the last sampling took.
    """

    def __init__(self, backend: LiveBackend) -> None:
        self._backend = backend
        self._last: dict[int, tuple[tuple[Function, ...], Limits, list[Curve]]] = {}
        self.cost = 0.0

    def sample(self, functions: Sequence[Function], range: Limits, points: int = POINTS) -> list[Curve]:
        """The curves of functions along the part of a range on which all of them are defined.

        Raises
        ------
        ActplotError
            Where there is no such part, or a function fails.
        """
        functions, range = tuple(functions), _within_domains(functions, range)
        *known, curves = self._last.get(points, (None, None, []))
        if known != [functions, range]:
            began = time.perf_counter()
            curves = self._backend.sample(functions, range, points)
            self.cost = time.perf_counter() - began
            self._last[points] = functions, range, curves
        return curves

    def remember(self, functions: Sequence[Function], range: Limits, curves: list[Curve]) -> None:
        """Takes curves that were sampled elsewhere, from :data:`POINTS` points."""
        self._last[POINTS] = tuple(functions), _within_domains(functions, range), curves


def _within_domains(functions: Sequence[Function], range: Limits) -> Limits:
    low = max([range[0], *(function.domain[0] for function in functions)])
    high = min([range[1], *(function.domain[1] for function in functions)])
    return low, high
