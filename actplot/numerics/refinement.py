"""Refinement: points between samples where a curve moves faster, and envelopes where no number of them suffices."""

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from actplot.numerics.cells import Cells

Floats = NDArray[np.float64]
# Values and derivatives up to an order, in float64.
Evaluate = Callable[[Floats, int], list[Floats]]

# The share of the curve's height by which a chord may miss what the slopes at its ends say, and by which the curve may
# bulge out from it: one pixel and ten in a panel of 500.
_TOLERANCE, _BULGE = 2e-3, 0.02
# The least height, over the largest value: a curve that is lower is level but for rounding errors.
_LEVEL = 1e-9
# The narrowest cell, over the size of x: what moves within it has no place of its own in float64.
_NARROWEST = 1e-12
# Points that are added at most.
_MOST_ADDED = 100_000
# Where a cell is split, as a share of its width: a ratio that no period divides.
_GOLDEN = (3 - 5**0.5) / 2
# Columns of an envelope, and points looked at in each: a panel is 700 pixels wide.
_COLUMNS, _PER_COLUMN = 1400, 64


class Envelope(NamedTuple):
    """Least and greatest values in narrow columns of x, where a curve changes too fast to be drawn as a line.

    Attributes
    ----------
    edges
        The ends of all columns, ascending, shape (n + 1,).
    low, high
        For the function and each derivative, shape (order + 1, n); NaN in columns where the line is drawn.
    """

    edges: Floats
    low: Floats
    high: Floats


def refine(
    evaluate: Evaluate,
    x: Floats,
    columns: list[Floats],
    window: Callable[[Floats], tuple[float, float]],
    breaks: list[float],
    range: tuple[float, float],
) -> tuple[Floats, list[Floats], Envelope | None]:
    """Samples with points between them where the curve moves faster, and an envelope where no number of them suffices.

    Parameters
    ----------
    evaluate
        Values and derivatives up to an order.
    x, columns
        The samples, ascending, and what is to be drawn at them: values and derivatives.
    window
        What of given values a panel shows.
    breaks
        Places that no line crosses.
    range
        The ends of x.
    """
    added, unresolved = _points_between(evaluate, x, columns, window, breaks)
    if not added.size:
        return x, columns, None
    order, envelope = len(columns) - 1, None
    if len(unresolved):
        edges = np.linspace(*range, _COLUMNS + 1)
        is_covered = _columns_of(unresolved, edges)
        envelope = _envelope(evaluate, edges, is_covered, order)
        added = added[~is_covered[(np.searchsorted(edges, added, "right") - 1).clip(0, _COLUMNS - 1)]]
    more = evaluate(added, order) if added.size else [added] * len(columns)
    places = np.searchsorted(x, added)
    x, *columns = (np.insert(old, places, new) for old, new in zip((x, *columns), (added, *more), strict=True))
    return x, columns, envelope


def whole_envelope(
    evaluate: Evaluate,
    range: tuple[float, float],
    order: int,
    *,
    columns: int = _COLUMNS,
    per_column: int = _PER_COLUMN,
) -> Envelope:
    """The envelope of the function and its derivatives up to ``order``, all over the range.

    It has so many ``columns``, in each of which ``per_column`` points are looked at.
    """
    edges = np.linspace(*range, columns + 1)
    return _envelope(evaluate, edges, np.ones(columns, dtype=bool), order, per_column)


def _points_between(
    evaluate: Evaluate,
    x: Floats,
    columns: list[Floats],
    window: Callable[[Floats], tuple[float, float]],
    breaks: list[float],
) -> tuple[Floats, Cells]:
    """Points that show what the samples miss, ascending, and the cells that are still not resolved.

    A chord that contradicts the slopes at its ends betrays a place where something is missed; points between tell
    whether the chord or the slopes are to be believed.
    """
    y, dy = columns[:2]
    low, high = window(y)
    size = max(high - low, _LEVEL * max(abs(low), abs(high)))
    piece = np.searchsorted(breaks, x)
    cells = Cells.between(x, np.array([y, dy]))[piece[:-1] == piece[1:]]
    added: list[Floats] = []
    while True:
        cells = cells[_is_unresolved(cells, size) & _is_in_sight(cells, low, high)]
        if not len(cells) or sum(map(len, added)) + len(cells) > _MOST_ADDED:
            break
        middle = cells.point(_GOLDEN)
        at_middle = np.array(evaluate(middle, 1))
        if not added:  # samples that all fall on zeros say nothing of the height
            low, high = window(np.concatenate([y, at_middle[0]]))
            size = max(high - low, size)
        is_missed = ~(cells.distance_to_chord(_GOLDEN, at_middle[0]) <= _TOLERANCE * size)
        # A second place, since one in some hundred points lies on the chord by chance.
        (other,) = evaluate(cells.point(2 * _GOLDEN), 0)
        is_missed |= ~(cells.distance_to_chord(2 * _GOLDEN, other) <= _TOLERANCE * size)
        added.append(middle[is_missed])
        cells = cells[is_missed].split(middle[is_missed], at_middle[:, is_missed])
    return np.unique(np.concatenate([*added, np.array([])])), cells


def _is_unresolved(cells: Cells, size: float) -> NDArray[np.bool_]:
    """Which cells are wide enough to be split and hold more than a chord, against the height of the curve."""
    error = cells.chord_error()
    holds_more = (error > _TOLERANCE * size) | (cells.bulge() > _BULGE * size)
    return np.asarray(holds_more & np.isfinite(error) & (cells.width > _NARROWEST * cells.magnitude))


def _is_in_sight(cells: Cells, low: float, high: float) -> NDArray[np.bool_]:
    """Which cells have an end in the window, or ends on both sides of it."""
    ends = cells.at_left[0], cells.at_right[0]
    return np.asarray((np.maximum(*ends) >= low) & (np.minimum(*ends) <= high))


def _columns_of(cells: Cells, edges: Floats) -> NDArray[np.bool_]:
    """Which of the columns between ``edges`` the cells reach into."""
    count = edges.size - 1
    first, last = np.searchsorted(edges, cells.left, "right") - 1, np.searchsorted(edges, cells.right, "left")
    changes = np.zeros(count + 1, dtype=int)
    np.add.at(changes, first.clip(0, count), 1)
    np.add.at(changes, last.clip(0, count), -1)
    return np.asarray(np.cumsum(changes)[:-1] > 0)


def _envelope(
    evaluate: Evaluate, edges: Floats, is_covered: NDArray[np.bool_], order: int, per_column: int = _PER_COLUMN
) -> Envelope:
    """Least and greatest values in the columns that are covered."""
    width = np.diff(edges)[is_covered]
    shares = (np.arange(per_column) + 0.5) / per_column
    shares += np.sin(1e3 * np.arange(per_column)) / (3 * per_column)  # uneven, so that they keep no period's step
    x = edges[:-1][is_covered, None] + shares * width[:, None]
    values = np.array(evaluate(x.ravel(), order)).reshape(-1, *x.shape)
    values[~np.isfinite(values)] = np.nan
    low, high = np.full((2, len(values), is_covered.size), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column without any value
        low[:, is_covered], high[:, is_covered] = np.nanmin(values, axis=2), np.nanmax(values, axis=2)
    return Envelope(edges, low, high)
