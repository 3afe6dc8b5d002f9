"""From measured chunks to what is told: the worst cases, regions, findings and the shares of good results."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import arb
from numpy.typing import NDArray

from actplot.functions.registry import Function
from actplot.numerics.audit.enclosure import precision
from actplot.numerics.audit.formats import Format
from actplot.numerics.audit.measure import (
    ABOVE,
    BUCKETS,
    CELLS_PER_COLUMN,
    KINDS,
    Chunk,
    Errors,
    Mark,
    Plan,
    bucket_edges,
)
from actplot.numerics.audit.reference import PROOF_BITS, TOLERANCE, Exact, Reference
from actplot.numerics.frameworks import Framework

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Shares that are told: of results within so many units in the last place.
WITHIN = (1, 2, 10)
# Regions that are told, and findings of each kind.
MOST_REGIONS, MOST_RUNS = 8, 3
# Digits of a true value.
_DIGITS = 17
# Inputs belong to one region where the gap between them is below this share of a power of two.
_GAP = 16


@dataclass(frozen=True)
class Case:
    """One input: what was expected and what was computed.

    ``expected`` has 17 digits of the true value; ``ulps`` is the error in units in the last place, ``absolute`` and
    ``relative`` are the same error in numbers. ``confirmed`` says that ball arithmetic with 50 digits found the same.
    """

    x: float
    hex: str
    expected: str
    computed: float
    ulps: float
    absolute: float
    relative: float
    confirmed: bool


@dataclass(frozen=True)
class Region:
    """Inputs next to each other from ``low`` to ``high`` of which ``count`` have an error beyond the level."""

    low: float
    high: float
    count: int
    worst: Case


@dataclass(frozen=True)
class Finding:
    """Inputs from ``low`` to ``high`` of which ``count`` have one kind of wrong result; an example.

    Attributes
    ----------
    kind
        zero, flushed, infinite, nan, sign, nonzero, finite, defined; convention, which is no error, for a slope at a
        kink that is right but not what torch returns for the reference; rises, falls, odd, even where the results are not
        so although the rounded function is; limit for an infinite input.
    """

    kind: str
    low: float
    high: float
    count: int
    example: Case


@dataclass
class Profile:
    """What a picture needs: errors along all inputs, in order of x.

    Attributes
    ----------
    x
        Inputs at the ends of cells, ascending; shape (n + 1,).
    largest
        The largest error of each cell; shape (n,), NaN where the truth is not defined.
    column_x, median
        Ends of columns and the median error of each.
    """

    x: Floats
    largest: Floats
    column_x: Floats
    median: Floats


@dataclass
class Quantity:
    """What is known of the errors of the function, or of its derivative.

    Attributes
    ----------
    worst
        The input with the largest error; None where there is none.
    mean
        The mean of all finite errors, in units in the last place.
    correctly_rounded
        The share within half a unit.
    within
        The shares within 1, 2 and 10 units.
    level
        The error beyond which inputs form regions.
    above
        How many those are.
    regions, findings
        The worst ones first.
    unproved
        Inputs whose true value is not known to a thousandth of a unit.
    """

    worst: Case | None
    mean: float
    correctly_rounded: float
    within: dict[int, float]
    level: float
    above: int
    regions: list[Region]
    findings: list[Finding]
    counted: int
    unproved: int
    profile: Profile

    @property
    def max_ulp(self) -> float:
        """The largest error; infinite where a result is no number although the truth is one."""
        return self.worst.ulps if self.worst else 0.0


@dataclass
class Audit:
    """The result of an audit.

    Attributes
    ----------
    function, against
        What was audited, and what it was held against.
    format
        The type of inputs and results.
    device, framework
        The name of the device that computed, and whose arrays the function takes.
    covered
        Finite inputs that were tried.
    is_exhaustive
        Whether those are all there are.
    is_complete
        False after an interruption.
    f, gradient
        The errors; ``gradient`` is None where only the function was audited.
    table
        With ``keep``: columns with every input.
    """

    function: Function
    against: Function
    format: Format
    device: str
    covered: int
    planned: int
    is_exhaustive: bool
    f: Quantity
    gradient: Quantity | None
    framework: Framework = "torch"
    table: dict[str, Any] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return self.covered == self.planned


class Collector:
    """Gathers chunks, in their order, into an :class:`Audit`."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._f = _Sums(plan)
        self._gradient = None if plan.forward_only else _Sums(plan)
        self._truth = dict.fromkeys(("rises", "falls", "odd", "even"), True)
        self._against: dict[str, list[tuple[int, int, int, bool]]] = {}
        self._ends: list[tuple[float, float, float, float]] | None = None
        self.covered = 0
        self._kept: list[Chunk] = []

    def add(self, chunk: Chunk) -> None:
        """Adds the next chunk."""
        self._f.add(chunk.start, chunk.f)
        if self._gradient is not None and chunk.gradient is not None:
            self._gradient.add(chunk.start, chunk.gradient)
        for name, holds in chunk.shape.truth.items():
            self._truth[name] &= holds
        for name, seen in chunk.shape.against.items():
            self._against.setdefault(name, []).append(seen)
        self._join(chunk)
        self.covered += 2 * (chunk.end - chunk.start)
        if self._plan.keep:
            self._kept.append(chunk)

    def _join(self, chunk: Chunk) -> None:
        """Whether the function goes on rising or falling from the chunk before, or across 0, to this one."""
        ends = chunk.shape.ends
        if self._ends is None:
            (right, _, right_truth, _), (left, _, left_truth, _) = ends
            steps = [(left, right, left_truth, right_truth, False)]
        else:
            before = self._ends
            steps = [
                (before[0][1], ends[0][0], before[0][3], ends[0][2], False),
                (ends[1][0], before[1][1], ends[1][2], before[1][3], True),
            ]
        for low, high, low_truth, high_truth, negative in steps:
            for name, is_against, truth_is_against in (
                ("rises", high < low, high_truth < low_truth),
                ("falls", high > low, high_truth > low_truth),
            ):
                self._truth[name] &= not truth_is_against
                if is_against:
                    self._against.setdefault(name, []).append((1, chunk.start, chunk.start, negative))
        self._ends = ends

    def finish(
        self,
        special: "Sequence[tuple[bool, float, float, float]]" = (),
        device: str = "cpu",
        framework: Framework = "torch",
    ) -> Audit:
        """The result; ``special`` has the results for infinite inputs: of the derivative or not, input, truth, result."""
        plan = self._plan
        f = self._f.finish(Reference(plan.against, plan.format), plan.levels[0])
        if self.covered:
            f.findings += self._shape_findings(Reference(plan.against, plan.format))
        gradient = None
        if self._gradient is not None:
            gradient = self._gradient.finish(Reference(plan.against, plan.format, slope=True), plan.levels[1])
        for is_slope, x, truth, result in special:
            target = gradient if is_slope else f
            assert target is not None
            target.findings.append(_at_infinity(plan.format, x, truth, result))
        return Audit(
            function=plan.function,
            against=plan.against,
            format=plan.format,
            device=device,
            covered=self.covered,
            planned=plan.inputs.total,
            is_exhaustive=plan.inputs.is_exhaustive,
            f=f,
            gradient=gradient,
            framework=framework,
            table=self._table() if plan.keep else {},
        )

    def _shape_findings(self, truth: Reference) -> Iterator[Finding]:
        """Where results do not rise, fall or mirror themselves although the rounded function does."""
        for name, seen in self._against.items():
            opposite = {"rises": "falls", "falls": "rises"}.get(name)
            is_constant = opposite is not None and self._truth[opposite]
            if not self._truth[name] or (is_constant and name == "falls"):
                continue
            inputs = self._plan.inputs
            places = [inputs.value(place, negative=negative) for _, *ends, negative in seen for place in ends]
            count = sum(each[0] for each in seen)
            _, first, _, negative = seen[0]
            x = inputs.value(first, negative=negative)
            yield Finding(name, min(places), max(places), count, _case(truth, x, math.nan, 0.0))

    def _table(self) -> dict[str, Any]:
        """Columns with every input, in order of x."""
        inputs = self._plan.inputs
        magnitudes = [inputs.magnitudes(chunk.start, chunk.end) for chunk in self._kept]
        right = inputs.format.values(np.concatenate(magnitudes))
        bits = np.concatenate(magnitudes)
        width, sign = inputs.format.bits // 4, 1 << (inputs.format.bits - 1)
        table: dict[str, Any] = {
            "x": np.concatenate([-right[::-1], right]),
            "hex": [f"0x{int(each) | sign:0{width}x}" for each in bits[::-1]]
            + [f"0x{int(each):0{width}x}" for each in bits],
        }
        for prefix, name in (("", "f"), ("d", "gradient")):
            if getattr(self._kept[0], name) is None:
                continue
            rows = [getattr(chunk, name).kept for chunk in self._kept]
            for column, label in enumerate((f"{prefix}y", f"{prefix}y_true", f"{prefix}y_ulp")):
                left = np.concatenate([each[1][column] for each in rows])[::-1]
                table[label] = np.concatenate([left, *(each[0][column] for each in rows)])
        return table


class _Sums:
    """The errors of one quantity, added up."""

    def __init__(self, plan: Plan) -> None:
        self._inputs = inputs = plan.inputs
        self._largest = np.full((2, inputs.cells), np.nan)
        self._places = np.zeros((2, inputs.cells), dtype=np.int64)
        self._computed = np.zeros((2, inputs.cells))
        columns = -(-inputs.cells // CELLS_PER_COLUMN)
        self._histogram = np.zeros((2, columns, BUCKETS), dtype=np.int64)
        self._marks: dict[str, list[Mark]] = {}
        self._total, self._finite, self._counted, self._unproved = 0.0, 0, 0, 0

    def add(self, start: int, errors: Errors) -> None:
        first = start // self._inputs.per_cell
        part = slice(first, first + errors.largest.shape[1])
        for mine, theirs in (
            (self._largest, errors.largest),
            (self._places, errors.places),
            (self._computed, errors.computed),
        ):
            mine[:, part] = theirs
        column = first // CELLS_PER_COLUMN
        self._histogram[:, column : column + errors.histogram.shape[1]] += errors.histogram
        self._total += errors.total
        self._finite += errors.finite
        self._counted += errors.counted
        self._unproved += errors.unproved
        for mark in errors.marks:
            self._marks.setdefault(mark.kind, []).append(mark)

    def finish(self, truth: Reference, level: float) -> Quantity:
        counts = self._histogram.sum(axis=(0, 1))
        shares = np.cumsum(counts) / max(1, self._counted)
        edges = bucket_edges()

        def share(limit: float) -> float:
            return float(shares[int(np.searchsorted(edges, limit))]) if self._counted else math.nan

        above = self._marks.get(ABOVE, [])
        return Quantity(
            worst=self._worst(truth),
            mean=self._total / max(1, self._finite),
            correctly_rounded=share(0.5),
            within={limit: share(limit) for limit in WITHIN},
            level=level,
            above=sum(mark.count for mark in above),
            regions=[Region(*ends, count, case) for ends, count, case in self._runs(above, truth, MOST_REGIONS)],
            findings=[
                Finding(kind, *ends, count, case)
                for kind in KINDS
                for ends, count, case in self._runs(self._marks.get(kind, []), truth, MOST_RUNS)
            ],
            counted=self._counted,
            unproved=self._unproved,
            profile=self._profile(edges),
        )

    def _worst(self, truth: Reference) -> Case | None:
        largest = np.where(np.isnan(self._largest), -1.0, self._largest)
        if largest.max() < 0:
            return None
        row, cell = np.unravel_index(int(np.argmax(largest)), largest.shape)
        x = self._inputs.value(int(self._places[row, cell]), negative=bool(row))
        return _case(truth, x, float(self._computed[row, cell]), float(largest[row, cell]))

    def _runs(self, marks: list[Mark], truth: Reference, most: int) -> list[tuple[tuple[float, float], int, Case]]:
        """Marks that follow each other as one: ends, count and the worst case, the largest error first."""
        gap = max(1, self._inputs.cells // (self._inputs.format.emax - self._inputs.format.emin + 2) // _GAP)
        # In order of x, with cells to the left of 0 counted backwards.
        ordered = sorted(marks, key=lambda mark: -mark.cell - 1 if mark.negative else mark.cell)
        runs: list[list[Mark]] = []
        for mark in ordered:
            cell = -mark.cell - 1 if mark.negative else mark.cell
            if runs:
                last = runs[-1][-1]
                if cell - (-last.cell - 1 if last.negative else last.cell) <= gap:
                    runs[-1].append(mark)
                    continue
            runs.append([mark])
        runs.sort(key=lambda run: (-max(mark.error for mark in run), -sum(mark.count for mark in run)))
        told = []
        for run in runs[:most]:
            first, last = run[0], run[-1]
            low = self._value(first.last if first.negative else first.first, first)
            high = self._value(last.first if last.negative else last.last, last)
            worst = max(run, key=lambda mark: mark.error)
            case = _case(truth, self._value(worst.worst, worst), worst.computed, worst.error)
            told.append(((low, high), sum(mark.count for mark in run), case))
        return told

    def _value(self, place: int, mark: Mark) -> float:
        return self._inputs.value(place, negative=mark.negative)

    def _profile(self, edges: Floats) -> Profile:
        inputs = self._inputs

        def ends(step: int, count: int) -> Floats:
            right = inputs.ends(step, count)
            return np.concatenate([-right[:0:-1], right])

        columns = self._histogram.shape[1]
        span = inputs.per_cell * CELLS_PER_COLUMN
        largest = np.concatenate([self._largest[1, ::-1], self._largest[0]])
        largest = np.where(largest < 0, np.nan, largest)
        histogram = np.concatenate([self._histogram[1, ::-1], self._histogram[0]])
        totals = histogram.sum(axis=1)
        half = np.zeros(totals.size, dtype=np.int64)
        above = 2 * histogram[:, 0] < totals  # in the others the median is in the first bucket
        half[above] = (np.cumsum(histogram[above], axis=1) * 2 >= totals[above, None]).argmax(axis=1)
        median = np.where(totals > 0, edges[half], np.nan)
        return Profile(ends(inputs.per_cell, inputs.cells), largest, ends(span, columns), median)


def _case(truth: Reference, x: float, computed: float, error: float) -> Case:
    """One input, with its error computed again with 50 digits."""
    form = truth.format
    exact = truth.at(x, bits=PROOF_BITS)
    best = min((_measured(exact, value, computed, form) for value in (None, *exact.others)), key=_nan_last)
    again, expected, absolute, relative = best
    # Next to a power of two a float cannot tell which of two units is meant.
    units = (1.0, 2.0, 0.5) if again > 0.25 else (1.0,)
    agrees = any(
        again == error * unit or abs(again - error * unit) <= 2 * TOLERANCE * max(1.0, 1e-3 * error) for unit in units
    )
    is_shape = math.isnan(computed) and error == 0.0
    confirmed = exact.enclosure is not None and (agrees or is_shape)
    return Case(x, form.hex(x), expected, computed, 0.0 if is_shape else again, absolute, relative, confirmed)


def _nan_last(measured: tuple[float, str, float, float]) -> float:
    return math.inf if math.isnan(measured[0]) else measured[0]


def _measured(exact: Exact, other: float | None, computed: float, form: Format) -> tuple[float, str, float, float]:
    """The error in units, the true value in digits, and the absolute and relative error, by ball arithmetic."""
    ball = exact.enclosure if other is None else arb(other)
    if ball is None:
        return (math.inf if math.isfinite(computed) else math.nan), "undefined", math.nan, math.nan
    with precision(PROOF_BITS + 64, 1):
        value = float(ball.mid())
        text = ball.mid().str(_DIGITS, radius=False)
        clipped = ball if abs(value) <= form.beyond else arb(math.copysign(form.beyond, value))
        if math.isnan(computed):
            return math.inf, text, math.inf, math.inf
        result = min(max(computed, -form.beyond), form.beyond)
        if math.isinf(result):
            return (0.0 if result == value else math.inf), text, math.inf, math.inf
        off = abs(arb(result) - clipped)
        unit = form.ulp(value)
        if math.frexp(value)[0] in (0.5, -0.5) and abs(clipped) < abs(value) and abs(value) > form.smallest_normal:
            unit /= 2
        absolute = float((off / 1).mid())
        relative = (
            float((off / abs(clipped)).mid()) if not clipped.contains(0) else (0.0 if absolute == 0 else math.inf)
        )
        return float((off / arb(unit)).mid()), text, absolute, relative


def _at_infinity(form: Format, x: float, truth: float, result: float) -> Finding:
    case = Case(x, form.hex(x), repr(truth), result, math.inf, math.inf, math.inf, confirmed=True)
    return Finding("limit", x, x, 1, case)
