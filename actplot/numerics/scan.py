"""Scan: a function on a grid that is dense where functions happen and reaches far out, with its breaks and its pieces."""

import math
import time
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from actplot.errors import FunctionFailed
from actplot.functions.registry import Function
from actplot.numerics.autograd import check_elementwise, derivatives
from actplot.numerics.breaks import Break, examine
from actplot.numerics.cells import Cells
from actplot.numerics.finder import BreakSearch, cost_of, find, find_by_decades, merged, scale_of
from actplot.text import Text

Floats = NDArray[np.float64]
Interval = tuple[float, float]

# Breaks of functions that declare none, and of higher derivatives, are looked for on an even grid up to here, and by
# decades out to where float64 still tells neighbouring whole numbers apart.
DENSE = 50.0
FURTHEST = 1e15
# Extrema, roots and fixed points are looked for this far out.
REACH = 1e6
# Values that differ by less, over the unit of the function, are the same.
SAME = 1e-12

# Points that are evaluated at most in a search for breaks of the function, and of a derivative, which take longer.
_WORK, _WORK_OF_DERIVATIVES = 2_000_000, 500_000
# A search that was not whole and found more breaks than this found but the first of many.
_FIRST_OF_MANY = 1000
# Functions that take longer than this, in units of a common activation, are not searched for breaks by decades.
# Those that take longer than the second are not searched for breaks of the second derivative.
_MOST_COST_FAR, _MOST_COST = 15.0, 50.0
# Points of the grid: evenly where functions happen and in the range that shows what this one does, and by a constant
# factor near 0 and far out.
_EVENLY, _IN_RANGE, _BY_FACTOR = 30_001, 5_001, 600
# The distance from a break, over the size of x, of the points of the grid beside it.
_BESIDE = 1e-9
# The share of the values by which a chord may miss its slopes: beyond, the function does more than the grid shows.
_CHORD = 1e-2
# The narrowest cell that is split, over the size of x; where it is split, which no period divides; cells that are
# split at once, beyond which the function wiggles everywhere; and how often.
_NARROWEST, _OFF_MIDDLE, _MOST_REFINED, _ROUNDS = 1e-9, 0.4871, 400, 40
# What counts as the identity: two rounding errors of x.
_IDENTITY = 4e-16
# A function that stays below this has a unit of its own.
_SMALL = 2**-10


class OutOfTime(Exception):
    """Raised by an evaluation after the deadline."""


class Scan:
    """A function over its unit, on a grid, with its breaks and the pieces between them.

    Parameters
    ----------
    function
        What is scanned.
    seconds
        Processor time of this thread after which evaluations raise :class:`OutOfTime`. The grid and the pieces are
        always evaluated: without them nothing is known.

    Attributes
    ----------
    function
        What is scanned.
    unit
        What values and slopes are divided by, everywhere here: see :func:`_unit_of`.
    search
        The search for breaks; None where there are too many to be told apart.
    higher
        Those of the first and of the second derivative; None also where torch has none.
    reported
        The breaks of the function itself; None where there are too many.
    breaks
        The breaks of the function over its unit; empty where there are too many.
    inner
        Those at which the function has values on both sides or on neither, inside the domain.
    pieces
        The intervals between breaks of the function and its derivative.
    x, y, dy
        The grid, ascending and never on a break, with values and slopes.
    furthest_move
        How far from 0 the function does more than its ends say.
    domain_ends
        The finite ends of the domain with the values there.
    constant, zero_on, fixed_on
        The pieces on which the function is constant, zero, or the identity before it is divided by the unit.
    levels
        The values on the constant ones.

    Raises
    ------
    FunctionFailed
        If the function raises, cannot be differentiated, has no value anywhere or mixes its points.
    """

    def __init__(self, function: Function, seconds: float) -> None:
        self._deadline = math.inf
        deadline = time.thread_time() + seconds
        self.function, self.unit = function, _unit_of(function)
        if function.breaks is None:
            check_elementwise(function.call, np.linspace(*function.range, 50))
        self._find_breaks()
        self._sample()
        self._refine()
        if not np.isfinite(self.y).any():
            raise FunctionFailed(
                Text(f"{function.title} has no finite value anywhere", f"{function.title} 处处没有有限值")
            )
        self._look_at_domain_ends()
        self._look_at_pieces()
        self._deadline = deadline

    # Evaluation

    def at(self, x: Floats) -> Floats:
        """Values at points of any shape."""
        self._check_time()
        # Flat, since a function of the user's own may want one axis.
        flat = derivatives(self.function.call, x.ravel(), order=0)[0]
        return np.asarray(flat.reshape(x.shape) / self.unit)

    def both(self, x: Floats) -> tuple[Floats, Floats]:
        """Values and slopes at points of any shape; no slope where there is no value."""
        self._check_time()
        y, dy = (flat.reshape(x.shape) / self.unit for flat in derivatives(self.function.call, x.ravel()))
        return y, np.where(np.isnan(y), np.nan, dy)

    def slope(self, x: Floats) -> Floats:
        """Slopes at points of any shape."""
        return self.both(x)[1]

    def _check_time(self) -> None:
        if time.thread_time() > self._deadline:
            raise OutOfTime

    # Breaks

    @property
    def dense_range(self) -> Interval:
        """Where functions happen: the range that shows what this one does, and the surroundings of 0."""
        (low, high), domain = self.function.range, self.function.domain
        return max(domain[0], min(low, -DENSE)), min(domain[1], max(high, DENSE))

    @property
    def places(self) -> tuple[float, ...]:
        """Where the breaks are."""
        return self.search.places if self.search else ()

    def is_whole(self, search: BreakSearch) -> bool:
        """Whether a search went as far as there is anything to tell apart."""
        low, high = self.function.domain
        return search.searched[0] <= max(low, -FURTHEST) and search.searched[1] >= min(high, FURTHEST)

    def _find_breaks(self) -> None:
        function = self.function
        self.search = self._search(0)
        self.reported: tuple[Break, ...] | None = None
        self.higher: list[BreakSearch | None] = [None, None]
        if self.search:
            scale = 1.0 if function.breaks is not None else scale_of(function.call, *function.range)
            self.reported = examine(function.call, self.places, scale=scale)
            self.higher = [self._search(derivative) for derivative in (1, 2)]
        self.breaks = self.reported or ()
        if self.unit != 1:
            self.breaks = tuple(at.over(self.unit) for at in self.breaks)
        low, high = function.domain
        # Where one side has no values nothing jumps: the domain ends.
        has_both_or_none = [at for at in self.breaks if math.isnan(at.y_left) == math.isnan(at.y_right)]
        self.inner = [at for at in has_both_or_none if low < at.x < high]
        first = self.higher[0]
        ends = (-math.inf, *merged(self.places, first.places if first else ()), math.inf)
        self.pieces = list(pairwise(ends))

    def _search(self, derivative: int) -> BreakSearch | None:
        """Breaks of a derivative over the domain, declared or found; None where torch has none, or there are too many."""
        call, domain = self.function.call, self.function.domain
        declared = self.function.breaks
        if derivative == 0 and declared is not None:
            return BreakSearch(declared, domain)
        if derivative == 2 and cost_of(call, derivative) > _MOST_COST:
            return BreakSearch((), (0.0, 0.0))
        dense = self.dense_range
        try:
            search = find(call, *dense, derivative=derivative, work=_WORK_OF_DERIVATIVES if derivative else _WORK)
            is_partial = search.searched != dense
            if search.too_many or (is_partial and len(search.places) > _FIRST_OF_MANY):
                return None
            if declared is not None:  # what is declared holds far out, too
                return BreakSearch(search.places, domain)
            if is_partial or cost_of(call, derivative) > _MOST_COST_FAR:
                return search
            return self._search_by_decades(search, derivative)
        except FunctionFailed:
            if derivative == 0:
                raise
            return None

    def _search_by_decades(self, dense: BreakSearch, derivative: int) -> BreakSearch:
        """A search of where functions happen, carried on to the ends of the domain."""
        (low, high), domain = dense.searched, self.function.domain
        sides = [
            find_by_decades(self.function.call, near, far, derivative=derivative)
            for near, far in ((low, max(domain[0], -FURTHEST)), (high, min(domain[1], FURTHEST)))
            if abs(far) > abs(near)
        ]
        ends = [end for side in (dense, *sides) for end in side.searched]
        return BreakSearch(merged(dense.places, *(side.places for side in sides)), (min(ends), max(ends)))

    # Grid

    def _sample(self) -> None:
        """The grid, with values and slopes: even where functions happen, by decades far out, and beside each break."""
        low, high = self.function.domain
        far, near = np.geomspace(DENSE, REACH, _BY_FACTOR), np.geomspace(1e-9, DENSE, _BY_FACTOR)
        even = np.linspace(*self.dense_range, _EVENLY), np.linspace(*self.function.range, _IN_RANGE)
        beside = [place + side * _BESIDE * max(1.0, abs(place)) for place in self.places for side in (-1, 1)]
        x = np.unique(np.concatenate([*even, far, -far, near, -near, beside, [0.0]]).round(12))
        self.x = x[~np.isin(x, self.places) & (x >= low) & (x <= high)]
        self.y, self.dy = self.both(self.x)

    def _refine(self) -> None:
        """More points where a chord contradicts the slopes at its ends: there the function does more than the grid shows."""
        self.furthest_move = DENSE
        piece = np.searchsorted(self.places, self.x)
        cells = Cells.between(self.x, np.array([self.y, self.dy]))[piece[:-1] == piece[1:]]
        for _ in range(_ROUNDS):
            cells = cells[_is_unresolved(cells)]
            if not 0 < len(cells) <= _MOST_REFINED:
                break
            x = cells.point(_OFF_MIDDLE)
            y, dy = self.both(x)
            self.furthest_move = max(self.furthest_move, float(np.abs(x).max()))
            at = np.searchsorted(self.x, x)
            self.x, self.y, self.dy = np.insert(self.x, at, x), np.insert(self.y, at, y), np.insert(self.dy, at, dy)
            cells = cells.split(x, np.array([y, dy]))

    @property
    def runs(self) -> list[slice]:
        """The grid between breaks."""
        edges = [0, *np.searchsorted(self.x, self.places).tolist(), self.x.size]
        return [slice(start, stop) for start, stop in pairwise(edges) if stop - start > 1]

    # Pieces

    def _look_at_domain_ends(self) -> None:
        ends = np.array([end for end in self.function.domain if math.isfinite(end)])
        self.domain_ends = list(zip(ends.tolist(), self.at(ends).tolist(), strict=True)) if ends.size else []

    def _look_at_pieces(self) -> None:
        """The pieces on which the function is constant, zero or the identity, tried where nothing has underflown yet."""
        x = np.array([_points_in(piece) for piece in self.pieces])
        y, dy = self.both(x)
        is_constant = (dy == 0).all(axis=1) & (y == y[:, :1]).all(axis=1)
        is_zero = is_constant & (y == 0).all(axis=1)
        is_identity = np.abs(self.unit * y - x) <= _IDENTITY * np.maximum(1.0, np.abs(x))
        is_identity &= np.abs(self.unit * dy - 1) <= _IDENTITY
        self.constant = self._pieces_where(is_constant)
        self.levels: list[float] = y[is_constant, x.shape[1] // 2].tolist()
        self.zero_on = tuple(self._pieces_where(is_zero))
        self.fixed_on = tuple(self._pieces_where(is_identity.all(axis=1)))

    def _pieces_where(self, holds: NDArray[np.bool_]) -> list[Interval]:
        return [piece for piece, each in zip(self.pieces, holds, strict=True) if each]

    def is_constant_at(self, x: float) -> bool:
        """Whether a point lies on a constant piece, or at an end of one."""
        return any(low <= x <= high for low, high in self.constant)


def _unit_of(function: Function) -> float:
    """A power of two near the size of a function that stays small in its range, else 1.

    Facts are computed of the function over its unit, so that tolerances mean the same for every function; a power of
    two changes no digit.
    """
    sizes = np.abs(np.array(derivatives(function.call, np.linspace(*function.range, 201))))
    largest = float(np.max(sizes, where=np.isfinite(sizes), initial=0.0))
    return 2.0 ** round(math.log2(largest)) if 0 < largest < _SMALL else 1.0


def _is_unresolved(cells: Cells) -> NDArray[np.bool_]:
    """Which cells are wide enough to be split and have a chord that contradicts its slopes, against the size of the values."""
    size = np.maximum(1.0, np.maximum(np.abs(cells.at_left[0]), np.abs(cells.at_right[0])))
    with np.errstate(all="ignore"):
        contradicts = cells.chord_error() > _CHORD * size
    return np.asarray(contradicts & np.isfinite(cells.rise) & (cells.width > _NARROWEST * cells.magnitude))


def _points_in(piece: Interval) -> Floats:
    """Points in a piece between breaks: of an infinite one near its end, where nothing has underflown yet, and far out."""
    low, high = piece
    away = np.concatenate([np.geomspace(1e-3, 3.0, 25), np.geomspace(10.0, REACH, 40)])
    if math.isinf(low) and math.isinf(high):
        return np.concatenate([np.linspace(-3.1, 2.9, 25), -away[25::2], away[25::2]])
    if math.isinf(low):
        return np.asarray(high - away * max(1.0, 1e-9 * abs(high)))
    if math.isinf(high):
        return np.asarray(low + away * max(1.0, 1e-9 * abs(low)))
    return np.asarray(low + (high - low) * np.linspace(0.02, 0.98, away.size))
