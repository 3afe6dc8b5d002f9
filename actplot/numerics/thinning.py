"""Thinning: of very many samples those that show in a picture, chunk after chunk, in memory that does not grow.

The samples form groups, each narrower than a pixel of any figure: the same ones however they are cut into chunks. Of each
group those are kept that a line through all of them would show: the first and the last, and the least and the greatest
value of the function and of each derivative; where values end and begin, the samples on both sides too.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

# Groups along the range; the widest figure has as many pixels.
GROUPS = 1 << 15
# Samples that are computed at once: their arrays stay in the cache of a core.
_CHUNK = 1 << 17
# Stretches with values of one group that are told apart.
_MOST_RUNS = 64


# From points to places on a scale, and back. One that is linear up to 1 and logarithmic beyond is that of sinh, to four
# digits.
_SCALES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "linear": (lambda x: x, lambda place: place),
    "log": (np.log10, lambda place: 10.0**place),
    "symlog": (np.arcsinh, np.sinh),
}


@dataclass(frozen=True)
class Evenly:
    """Points evenly spaced on a scale, as ``numpy.linspace`` has them, any stretch of them at a time.

    Attributes
    ----------
    low, high
        The ends.
    count
        How many there are.
    rounded
        Turns points into numbers of the type that is computed in.
    scale
        Where they are evenly spaced, as ``numpy.geomspace`` has them on a "log" one; a "symlog" one is that of sinh.
    """

    low: float
    high: float
    count: int
    rounded: Callable[[Floats], Floats]
    scale: str = "linear"

    def points(self, start: int, end: int) -> Floats:
        """Those with the numbers from ``start`` to before ``end``."""
        place, point = _SCALES[self.scale]
        first, last = place(self.low), place(self.high)
        x = np.arange(start, end, dtype=np.float64)
        x *= (last - first) / (self.count - 1)
        x += first
        x = point(x)
        if start == 0:
            x[0] = self.low
        if end == self.count:
            x[-1] = self.high
        return self.rounded(x)

    def near(self, places: Sequence[float]) -> Floats:
        """The points next to each of the places, on both sides, and the ends; ascending."""
        chosen = {0, self.count - 1}
        for place in places:
            at = bisect_left(range(self.count), place, key=self._point)
            beyond = at
            while beyond < self.count and self._point(beyond) == place:
                beyond += 1
            chosen |= {max(at - 1, 0), min(beyond, self.count - 1)}
        return np.unique([self._point(index) for index in chosen])

    def _point(self, index: int) -> float:
        return float(self.points(index, index + 1)[0])


def group_size(count: int) -> int:
    """Samples in each group of so many in all."""
    return -(-count // GROUPS)


def group_starts(range: tuple[float, float], count: int) -> Floats:
    """The first sample of each group, before it is rounded to a type."""
    low, high = range
    return np.asarray(np.arange(0, count, group_size(count)) * ((high - low) / (count - 1)) + low)


class Thinned(NamedTuple):
    """The samples that are kept, ascending, and what was computed there."""

    x: Floats
    columns: list[Floats]


def thinned(evenly: Evenly, evaluate: Callable[[Floats], list[Floats]], cuts: Floats, close: Floats) -> Thinned:
    """Evaluates all the points, and keeps those that show.

    Parameters
    ----------
    evenly
        The points.
    evaluate
        The function and its derivatives at points.
    cuts, close
        Places that no line crosses, ascending, and how near to each a point counts as that place and is left out.
    """
    size = group_size(evenly.count)
    step = max(1, _CHUNK // size) * size
    kept: list[tuple[Floats, list[Floats]]] = []
    for start in range(0, evenly.count, step):
        x = evenly.points(start, min(start + step, evenly.count))
        columns = evaluate(x)
        chosen = _chosen(x, columns, size, cuts, close)
        kept.append((x[chosen], [values[chosen] for values in columns]))
    x = np.concatenate([each for each, _ in kept])
    columns = [np.concatenate(parts) for parts in zip(*(values for _, values in kept), strict=True)]
    is_new = np.diff(x, prepend=-np.inf) > 0  # a narrow type does not tell all of them apart
    return Thinned(x[is_new], [values[is_new] for values in columns])


def _chosen(x: Floats, columns: list[Floats], size: int, cuts: Floats, close: Floats) -> Indices:
    """Which samples of a chunk, whose groups have this size, are kept."""
    whole = x.size // size
    starts = np.arange(whole) * size
    picked = [starts, starts + (size - 1)]
    is_hard = np.zeros(-(-x.size // size), dtype=bool)
    is_hard[whole:] = True
    for values in columns:
        table = values[: whole * size].reshape(whole, size)
        for places in (table.argmin(axis=1), table.argmax(axis=1)):
            picked.append(starts + places)
            is_hard[:whole] |= ~np.isfinite(values[picked[-1]])
    left_out = np.zeros(x.size, dtype=bool)
    inside = (cuts + close >= x[0]) & (cuts - close <= x[-1])
    for cut, near in zip(cuts[inside].tolist(), close[inside].tolist(), strict=True):
        begin, end = np.searchsorted(x, [cut - near, cut + near], "left")
        left_out[begin:end] = True
        is_hard[max(0, begin - 1) // size : min(end, x.size - 1) // size + 1] = True
    for group in np.flatnonzero(is_hard).tolist():
        rows = np.arange(group * size, min((group + 1) * size, x.size))
        rows = rows[~left_out[rows]]
        sides = np.searchsorted(cuts, x[rows])
        picked += [each for values in columns for each in _shown(rows, values[rows], sides)]
    chosen = np.unique(np.concatenate(picked))
    return np.asarray(chosen[~left_out[chosen]])


def _shown(rows: Indices, values: Floats, sides: Indices) -> Iterator[Indices]:
    """Of one group the ends and extremes of each stretch that has values and is not cut, and the rows beside it."""
    if not rows.size:
        return
    yield rows[[0, -1]]
    finite = np.isfinite(values)
    ends = np.flatnonzero((finite[1:] != finite[:-1]) | (sides[1:] != sides[:-1])) + 1
    for run in np.split(np.arange(rows.size), ends)[:_MOST_RUNS]:
        yield rows[run[[0, -1]]]
        if finite[run[0]]:
            yield rows[run[[values[run].argmin(), values[run].argmax()]]]
