"""Cells: intervals between points of a grid, split where their ends do not tell what a function does inside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Cells:
    """Intervals with the values and slopes of a function at their ends.

    Attributes
    ----------
    left, right
        The ends, shape (n,).
    at_left, at_right
        Values (row 0) and slopes (row 1) there, shape (2, n).
    """

    left: Floats
    right: Floats
    at_left: Floats
    at_right: Floats

    @classmethod
    def between(cls, x: Floats, at: Floats) -> "Cells":
        """The cells between neighbours of the ascending points ``x``; ``at`` are values and slopes there, shape (2, n)."""
        return cls(x[:-1], x[1:], at[:, :-1], at[:, 1:])

    @classmethod
    def concatenate(cls, groups: Sequence["Cells"]) -> "Cells":
        """The cells of at least one group, in the order given."""
        return cls(
            np.concatenate([cells.left for cells in groups]),
            np.concatenate([cells.right for cells in groups]),
            np.concatenate([cells.at_left for cells in groups], axis=1),
            np.concatenate([cells.at_right for cells in groups], axis=1),
        )

    def __len__(self) -> int:
        return self.left.size

    def __getitem__(self, which: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Cells":
        """The cells that a mask, indices or a slice choose."""
        return Cells(self.left[which], self.right[which], self.at_left[:, which], self.at_right[:, which])

    @property
    def width(self) -> Floats:
        return self.right - self.left

    @property
    def magnitude(self) -> Floats:
        """The size of x, at least 1: what widths are measured against."""
        return np.asarray(np.maximum(1.0, np.abs(self.left)))

    @property
    def rise(self) -> Floats:
        """The change of the value from left to right."""
        with np.errstate(all="ignore"):
            return np.asarray(self.at_right[0] - self.at_left[0])

    def chord_error(self) -> Floats:
        """The difference between the rise and that of the mean slope at the ends: 0 for a parabola."""
        with np.errstate(all="ignore"):
            return np.asarray(np.abs(self.rise - self.width * (self.at_left[1] + self.at_right[1]) / 2))

    def bulge(self) -> Floats:
        """How far a parabola with the slopes at the ends stands out from the chord.

        Around an extremum the slopes cancel in :meth:`chord_error`; here their difference counts.
        """
        with np.errstate(all="ignore"):
            return np.asarray(self.width * np.abs(self.at_right[1] - self.at_left[1]) / 8)

    def point(self, share: float) -> Floats:
        """A point in each cell, at this share of its width."""
        return np.asarray(self.left + share * self.width)

    def distance_to_chord(self, share: float, values: Floats) -> Floats:
        """How far the values at :meth:`point` are from the chord."""
        with np.errstate(all="ignore"):
            return np.asarray(np.abs(values - self.at_left[0] - share * self.rise))

    def split(self, x: Floats, at: Floats) -> "Cells":
        """Both halves of each cell, cut at ``x``: all left ones, then all right ones.

        ``at`` are values and slopes at ``x``, shape (2, n).
        """
        left = Cells(self.left, x, self.at_left, at)
        right = Cells(x, self.right, at, self.at_right)
        return Cells.concatenate([left, right])


# Halvings that one call of a function sees to, where it costs more than its points; up to so many cells it does.
_AT_ONCE, _FEW = 4, 100


def halvings_at_once(cells: int) -> int:
    """How many halvings of so many cells to look ahead, given that each doubles the points."""
    return _AT_ONCE if cells <= _FEW else 1


def with_middles(points: NDArray[Any], middle: Callable[[Any, Any], NDArray[Any]], times: int) -> NDArray[Any]:
    """Rows of points, shape (m, n), with a row of middles between each two of them; so many times."""
    for _ in range(times):
        between = middle(points[:-1], points[1:])
        points, known = np.empty((2 * len(points) - 1, points.shape[1]), points.dtype), points
        points[::2], points[1::2] = known, between
    return points
