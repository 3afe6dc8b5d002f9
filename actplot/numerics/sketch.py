"""Sketches: curves while a hand moves a slider, computed within a few milliseconds, with breaks to a pixel.

Lines are interrupted where those of :func:`actplot.sample` are; where exactly, and what torch returns there, is left to
that function, once the hand rests.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actplot.functions.registry import Function
from actplot.numerics.breaks import Break
from actplot.numerics.cells import Cells
from actplot.numerics.curve import Curve, CurveSampler
from actplot.numerics.finder import BreakSearch
from actplot.numerics.refinement import Envelope, whole_envelope
from actplot.numerics.window import QUANTILES

Floats = NDArray[np.float64]

# Seconds after which the search for breaks ends, where it is.
BUDGET = 0.02
# Where a cell is looked into, as a share of its width; no period has it for a multiple.
_GOLDEN = (3 - 5**0.5) / 2
# The difference from a cubic, over the height of the curve, beyond which a cell is halved; one pixel in a hundred.
_MISS = 0.01
# Steps that are left when a cell cannot be seen any more, over the height of the curve, and over what was left halfway:
# those are breaks.
_STEP, _REMAINS = 0.02, 0.3
# Halvings of a cell: a five-hundredth of the range becomes less than a millionth of a pixel.
_HALVINGS = 20
# The share of what a value did in the first half of the halvings that it still does in the second, towards a pole.
_KEEPS_GOING = 0.3
# Halvings that say nothing of poles yet.
_FEW = 8
# The share of cells beyond which a curve moves too fast for a line; its envelope has so many columns and points in each.
_TOO_MANY, _COLUMNS, _PER_COLUMN = 0.3, 350, 24
# The least height, over the largest value: a curve that is lower is level but for rounding errors.
_LEVEL = 1e-9
# Heights of the curve away from 0 where only poles lead.
_FAR = 10.0


def sketch(function: Function, budget: float = BUDGET, **sampling: Any) -> Curve:
    """A curve of a function, computed quickly.

    Declared breaks are exact. Others are found as well as the ``budget`` allows: of two in the same five-hundredth of
    the range one, and none that would show in the second derivative alone.

    Parameters
    ----------
    function
        With its parameters.
    budget
        Seconds after which no more points are evaluated for breaks.
    **sampling
        All of ``range``, ``samples``, ``order``, ``at``, ``dtype`` and ``device``, as of :func:`actplot.sample`.

    Raises
    ------
    FunctionFailed, NoDevice
        As :func:`actplot.sample`.
    """
    return _Sketcher(function, budget=budget, **sampling).curve()


@dataclass(frozen=True)
class _Scale:
    """What values and slopes are measured against, a row for each quantity: shape (rows, 1)."""

    middles: Floats
    heights: Floats

    @classmethod
    def of(cls, columns: Floats) -> "_Scale":
        """The middle and the height of each quantity, without what leaves towards a pole."""
        middles, heights = np.zeros((len(columns), 1)), np.ones((len(columns), 1))
        for row, values in enumerate(columns):
            values = values[np.isfinite(values)]
            if values.size:
                low, middles[row], high = np.quantile(values, QUANTILES)
                largest = float(np.abs(values).max())
                height = float(high - low or np.ptp(values))
                heights[row] = height if height > _LEVEL * largest else largest or 1.0
        return cls(middles, heights)

    def bounded(self, at: Floats) -> Floats:
        """Values and slopes from -π/2 to π/2, so that a change of sign across a pole is the largest of all."""
        return np.asarray(np.arctan((at[:2] - self.middles[:2]) / self.heights[:2]))


@dataclass(frozen=True, kw_only=True)
class _Sketcher(CurveSampler):
    """The steps of :func:`sample`, of which those that take long are replaced."""

    budget: float

    def search(self) -> BreakSearch:
        declared = self.function.breaks or ()
        higher = self.function.dy_kinks if self.order > 1 else ()
        low, high = self.range
        return BreakSearch(tuple(sorted({x for x in (*declared, *higher) if low <= x <= high})), self.range)

    def curve(self) -> Curve:
        return super().curve() if self.function.breaks is not None else self._undeclared()

    def _undeclared(self) -> Curve:
        """The curve of a function that nothing is known of."""
        deadline = time.perf_counter() + self.budget
        x = self.evenly()
        columns = np.array(self.columns(x))
        scale = _Scale.of(columns)
        cells = Cells.between(x, columns)
        middle = cells.point(_GOLDEN)
        at_middle = self._at(middle)
        is_missed = _is_missed(cells, at_middle, scale)
        if is_missed.mean() > _TOO_MANY:
            return self._fast(x, columns, scale)
        cells, middle, at_middle = cells[is_missed], middle[is_missed], at_middle[:, is_missed]
        levels, added, values = [cells], [middle], [at_middle]
        while len(cells):
            cells = _half_with_step(cells, middle, at_middle, scale)
            levels.append(cells)
            if len(levels) > _HALVINGS or time.perf_counter() > deadline:
                break
            middle = cells.point(0.5)
            at_middle = self._at(middle)
            added.append(middle)
            values.append(at_middle)
        breaks = _breaks(levels, scale)
        x, order = np.unique(np.concatenate([x, *added]), return_index=True)
        columns = np.concatenate([columns, *values], axis=1)[:, order]
        is_apart = ~np.isin(x, [each.x for each in breaks])
        return self.made_of(x[is_apart], list(columns[:, is_apart]), self.search(), breaks, None)

    def _at(self, x: Floats) -> Floats:
        return np.array(self.evaluate(x, max(self.order, 1)))

    def _fast(self, x: Floats, columns: Floats, scale: _Scale) -> Curve:
        """The curve of a function that moves, or breaks, too fast for a line."""
        order = len(columns) - 1
        envelope: Envelope = whole_envelope(self.evaluate, self.range, order, columns=_COLUMNS, per_column=_PER_COLUMN)
        highest = np.abs(envelope.high[0]).max(where=~np.isnan(envelope.high[0]), initial=0.0)
        has_poles = bool(highest > _FAR * scale.heights[0, 0])
        search = replace(self.search(), too_many=has_poles)
        return self.made_of(x, list(columns), search, (), envelope)


def _is_missed(cells: Cells, at: Floats, scale: _Scale) -> NDArray[np.bool_]:
    """The cells that hold more than the cubic through values and slopes at their ends shows."""
    t, width = _GOLDEN, cells.width
    with np.errstate(all="ignore"):
        y = cells.at_left[0] * (1 - t) ** 2 * (1 + 2 * t) + cells.at_right[0] * t**2 * (3 - 2 * t)
        y += width * t * (1 - t) * (cells.at_left[1] * (1 - t) - cells.at_right[1] * t)
        slope = 6 * t * (1 - t) * cells.rise / width
        slope += cells.at_left[1] * (1 - t) * (1 - 3 * t) + cells.at_right[1] * t * (3 * t - 2)
        off = np.abs(np.array([y, slope]) - at[:2]) / scale.heights[:2]
    is_finite = np.isfinite([cells.at_left[0], at[0], cells.at_right[0]])
    return np.asarray(is_finite.any(axis=0) & ~(off <= _MISS).all(axis=0))


def _half_with_step(cells: Cells, x: Floats, at: Floats, scale: _Scale) -> Cells:
    """Of each cell the half, cut at ``x``, in which more changes."""
    left = _change(cells.at_left, at, scale) >= _change(at, cells.at_right, scale)
    return Cells(
        np.where(left, cells.left, x),
        np.where(left, x, cells.right),
        np.where(left, cells.at_left, at),
        np.where(left, at, cells.at_right),
    )


def _change(before: Floats, after: Floats, scale: _Scale) -> Floats:
    """How much value and slope change; infinite where only one side has a value."""
    with np.errstate(all="ignore"):
        changes = np.abs(scale.bounded(after) - scale.bounded(before))
        is_border = (np.isfinite(before[:2]) != np.isfinite(after[:2])).any(axis=0)
        return np.asarray(np.where(is_border, np.inf, np.nan_to_num(changes, nan=0.0).sum(axis=0)))


def _breaks(levels: Sequence[Cells], scale: _Scale) -> tuple[Break, ...]:
    """The steps that halving has left, as breaks; ``levels`` are the cells after each of the halvings."""
    last = levels[-1]
    if not len(last):
        return ()
    middle = levels[len(levels) // 2]
    with np.errstate(all="ignore"):
        left, right = (_limits([getattr(cells, side) for cells in levels]) for side in ("at_left", "at_right"))
        steps = ~(np.abs(right - left) <= _STEP * scale.heights)
        before, after = (np.abs(cells.at_right - cells.at_left) for cells in (middle, last))
        steps &= ~(np.isfinite(before) & (after <= _REMAINS * before))
        steps &= ~(np.isnan(left) & np.isnan(right))
        between = (left + right) / 2
    is_break = np.flatnonzero(steps.any(axis=0) & (last.width > 0))
    is_break = is_break[np.argsort(last.left[is_break])]
    # A sample that hits a break has one in the cells on both of its sides, which touch: they are one.
    touches = last.left[is_break[1:]] <= last.right[is_break[:-1]]
    firsts = is_break[np.concatenate([[True], ~touches])[: is_break.size]]
    lasts = is_break[np.concatenate([~touches, [True]])[: is_break.size]]
    return tuple(
        _break(
            float((last.right[one] + last.left[two]) / 2 if one != two else last.point(0.5)[one]),
            np.where(steps[:, one] | steps[:, two], left[:, one], between[:, one]),
            np.where(steps[:, one] | steps[:, two], right[:, two], between[:, one]),
        )
        for one, two in zip(firsts, lasts, strict=True)
    )


def _break(x: float, left: Floats, right: Floats) -> Break:
    """A break with these limits of each quantity; what torch returns there is not known where they differ."""
    rows = {"left": left, "right": right, "at": np.where(left == right, left, np.nan)}
    limits = {
        f"{name}_{side}": float(value)
        for side, values in rows.items()
        for name, value in zip(("y", "dy", "d2y"), values, strict=False)
    }
    return Break(x=x, **limits)


def _limits(levels: Sequence[Floats]) -> Floats:
    """Values at one side of the cells; infinite where they keep going."""
    first, middle, last = levels[0], levels[len(levels) // 2], levels[-1]
    keeps_going = np.abs(last - middle) > _KEEPS_GOING * np.abs(middle - first)
    keeps_going &= (np.abs(last - middle) > _MISS * np.abs(last)) & (len(levels) > _FEW)
    return np.asarray(np.where(keeps_going, np.copysign(np.inf, last - middle), last))
