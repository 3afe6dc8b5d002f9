"""What curves are at a point: values, at breaks from both sides, and the extrema near by."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from actplot import text
from actplot.live.rounding import round_to
from actplot.numerics.curve import Curve
from actplot.plot.encoding import QUANTITIES
from actplot.text import Language, Text

# Values and derivatives of a function at points, given ``order``.
Evaluate = Callable[..., tuple[Any, ...]]


class Value(NamedTuple):
    """What a quantity of a curve is at a point. Beside a break, ``left`` and ``right`` are ``here`` too."""

    left: float
    here: float
    right: float

    def format(self, lang: Language) -> str:
        """The value as text: one number, or three where the sides differ."""
        if self._is_one:
            return format_number(self.here)
        return "  ".join(
            f"{word[lang]} {format_number(value)}"
            for word, value in zip((text.LEFT, text.HERE, text.RIGHT), self, strict=True)
        )

    def format_short(self, digits: int = 6) -> str:
        """The value in little room, with so many digits at most: ``0 | 0.01 | 1`` where the sides differ."""
        if self._is_one:
            return format_number(self.here, digits)
        return " | ".join(format_number(value, 3) for value in self)

    @property
    def _is_one(self) -> bool:
        return self.left == self.here == self.right or bool(np.isnan([self.left, self.right]).all())


# The values of a curve at a point, by quantity: "y", "dy" and "d2y".
Reading = dict[str, Value]


def format_number(value: float, digits: int = 6) -> str:
    """A number with so many significant digits; a dash where there is none."""
    return "–" if np.isnan(value) else f"{value + 0.0:.{digits}g}".replace("-", "−").replace("inf", "∞")


def read(curve: Curve, x: float, evaluate: Evaluate) -> Reading:
    """The values of function and derivatives at ``x``: at a break the limits, and what torch returns there."""
    quantities = QUANTITIES[: curve.order + 1]
    for at in curve.breaks:
        if at.x == x:
            low, high = curve.range
            reading = {}
            for quantity in quantities:
                left, here, right = (getattr(at, f"{quantity}_{side}") for side in ("left", "at", "right"))
                reading[quantity] = Value(left if x > low else here, here, right if x < high else here)
            return reading
    values = [float(value) for value in evaluate(curve.function, x, order=curve.order)]
    if np.isnan(values[0]):  # log(-1) has no slope, whatever autograd says
        values = [np.nan] * len(values)
    return {quantity: Value(value, value, value) for quantity, value in zip(quantities, values, strict=True)}


class Reader:
    """Curves as they are read at points. What was just read is not computed again, nor is an extremum found twice."""

    def __init__(self, curves: Sequence[Curve], evaluate: Evaluate) -> None:
        self.curves = curves
        self._evaluate = evaluate
        self._last: tuple[float, list[Reading]] | None = None
        self._extrema: dict[tuple[int, str], list[tuple[float, Text]]] = {}
        self._exact: dict[tuple[int, str, float], float] = {}

    def at(self, x: float) -> list[Reading]:
        """A reading of each curve at ``x``."""
        if self._last is None or self._last[0] != x:
            self._last = x, [read(curve, x, self._evaluate) for curve in self.curves]
        return self._last[1]

    def extrema(self, index: int, quantity: str) -> list[tuple[float, Text]]:
        """Samples at which a quantity of a curve has a local extremum, with its kind."""
        if (index, quantity) not in self._extrema:
            self._extrema[index, quantity] = list(_extrema(self.curves[index], quantity))
        return self._extrema[index, quantity]

    def extremum(self, index: int, quantity: str, sample: float, kind: Text) -> float:
        """The place of the extremum next to one of the samples of :meth:`extrema`."""
        key = index, quantity, sample
        if key not in self._exact:
            self._exact[key] = _refine(self.curves[index], quantity, sample, kind, self._evaluate)
        return self._exact[key]


def _extrema(curve: Curve, quantity: str) -> Iterator[tuple[float, Text]]:
    """Samples at local extrema between the breaks of a curve; steps of rounding have none."""
    x, y = curve.x, getattr(curve, quantity)
    finite = y[np.isfinite(y)]
    if finite.size < 3:
        return
    noise = 1e-9 * (finite.max() - finite.min())
    rise = np.diff(y)  # NaN beside a gap, and then neither sign
    rise[np.diff(x) == 0] = np.nan
    before, after, later = rise[:-1], rise[1:], np.append(rise[2:], np.nan)
    for sign, kind in ((1, text.MAXIMUM), (-1, text.MINIMUM)):
        turns = (sign * before > 0) & ((sign * after < 0) | (after == 0) & (sign * later < 0))
        for place in np.flatnonzero(turns):
            window = y[max(0, place - 9) : place + 12]
            if np.nanmax(np.abs(window - y[place + 1])) > noise:
                yield float(x[place + 1]), kind


def _refine(curve: Curve, quantity: str, sample: float, kind: Text, evaluate: Evaluate) -> float:
    """The place of the extremum next to a sample, on grids that become finer."""
    place = int(np.searchsorted(curve.x, sample))
    low, high = curve.x[max(0, place - 1)], curve.x[min(curve.x.size - 1, place + 2)]
    pick = np.argmax if kind is text.MAXIMUM else np.argmin
    for _ in range(5):
        x = np.linspace(low, high, 41)
        values = evaluate(curve.function, x, order=curve.order)
        best = int(pick(values[QUANTITIES.index(quantity)]))
        low, high = x[max(0, best - 1)], x[min(x.size - 1, best + 1)]
    return round_to(float(x[best]), 1e-7 * (curve.range[1] - curve.range[0]))  # values next to it are all the same
