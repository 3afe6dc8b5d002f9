"""What a curve says at a point: values, at breaks from both sides, and the points near by that are worth stopping at."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from actplot import text
from actplot.live.sliders import rounded
from actplot.numerics.curve import Curve
from actplot.plot.encoding import QUANTITIES, SYMBOLS
from actplot.text import Language, Text

# Values and derivatives of a function at points, given ``order``.
Evaluate = Callable[..., tuple[Any, ...]]


class Value(NamedTuple):
    """What one part of a curve is at a point. Beside a break, ``left`` and ``right`` are ``here`` too."""

    left: float
    here: float
    right: float

    def shown(self, lang: Language) -> str:
        """The value as text: one number, or three where the sides differ."""
        if self._is_one:
            return digits(self.here)
        return "  ".join(
            f"{word[lang]} {digits(value)}"
            for word, value in zip((text.LEFT, text.HERE, text.RIGHT), self, strict=True)
        )

    @property
    def narrow(self) -> str:
        """The same in little room: ``0 | 0.01 | 1`` where the sides differ."""
        if self._is_one:
            return digits(self.here)
        return " | ".join(digits(value, 3) for value in self)

    @property
    def _is_one(self) -> bool:
        return self.left == self.here == self.right or bool(np.isnan([self.left, self.right]).all())


def digits(value: float, count: int = 6) -> str:
    """A number with so many significant digits; a dash where there is none."""
    return "–" if np.isnan(value) else f"{value + 0.0:.{count}g}".replace("-", "−").replace("inf", "∞")


def read(curve: Curve, x: float, evaluate: Evaluate) -> dict[str, Value]:
    """The values of function and derivatives at ``x``: at a break the limits, and what torch returns there."""
    parts = QUANTITIES[: curve.order + 1]
    for at in curve.breaks:
        if at.x == x:
            low, high = curve.range
            values = {}
            for part in parts:
                here = getattr(at, f"{part}_at")
                left, right = getattr(at, f"{part}_left"), getattr(at, f"{part}_right")
                values[part] = Value(left if x > low else here, here, right if x < high else here)
            return values
    numbers = evaluate(curve.function, x, order=curve.order)
    shown = [float(number) for number in numbers]
    if np.isnan(shown[0]):  # log(-1) has no slope, whatever autograd says
        shown = [np.nan] * len(shown)
    return {part: Value(number, number, number) for part, number in zip(parts, shown, strict=True)}


def line(reading: dict[str, Value], lang: Language) -> str:
    """A reading as text: f(x), f'(x) and f''(x) with their values."""
    pieces = (f"{SYMBOLS[part]} = {value.shown(lang).ljust(9, chr(0x2007))}" for part, value in reading.items())
    return "   ".join(pieces).rstrip(chr(0x2007))


def extrema(curve: Curve, part: str) -> Iterator[tuple[float, Text]]:
    """Where a part of the curve has a local extremum between its breaks, to the distance of its samples."""
    x, y = curve.x, getattr(curve, part)
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


def extremum(curve: Curve, part: str, near: float, kind: Text, evaluate: Evaluate) -> float:
    """The place of the extremum that the sample at ``near`` is next to."""
    place = int(np.searchsorted(curve.x, near))
    low, high = curve.x[max(0, place - 1)], curve.x[min(curve.x.size - 1, place + 2)]
    pick = np.argmax if kind is text.MAXIMUM else np.argmin
    for _ in range(5):
        x = np.linspace(low, high, 41)
        values = evaluate(curve.function, x, order=curve.order)
        best = int(pick(values[QUANTITIES.index(part)]))
        low, high = x[max(0, best - 1)], x[min(x.size - 1, best + 1)]
    return rounded(float(x[best]), 1e-7 * (curve.range[1] - curve.range[0]))  # values next to it are all the same
