"""One chunk of inputs: what an implementation returns there, and how far that is from the truth."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actplot.errors import Argument, FunctionFailed
from actplot.functions.registry import Function
from actplot.numerics.audit.formats import Format, Inputs
from actplot.numerics.audit.reference import Reference, Values, per_ulp
from actplot.numerics.autograd import find_device, one_thread, values_at
from actplot.numerics.frameworks import Framework
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Errors are counted in buckets, 8 for each power of two, from 2**_LOWEST units in the last place; the first one holds
# all below, the last one all above and what is not a number.
_LOWEST, _BUCKETS_PER_OCTAVE = -10, 8
BUCKETS = 60 * _BUCKETS_PER_OCTAVE
# Cells of one column of the histogram.
CELLS_PER_COLUMN = 16
# An error on the border of two buckets belongs to the lower one.
_BELOW = 1 - 2.0**-24
# Columns of so many inputs are counted one by one on a processor.
_WIDE = 4096
# From how many units in the last place on a result is looked at more closely.
_SUSPICIOUS = 1.0


@dataclass(frozen=True)
class Plan:
    """What is to be audited, and against what.

    Attributes
    ----------
    function
        The implementation.
    against
        A function with a formula, which is the truth.
    inputs
        Of what type, and which.
    device
        Where the implementation runs.
    forward_only
        Whether its derivative is left out.
    levels
        Errors of the function and of its derivative beyond which inputs form regions, in units in the last place.
    keep
        Whether every input's error is kept.
    """

    function: Function
    against: Function
    inputs: Inputs
    device: str = "cpu"
    forward_only: bool = False
    levels: tuple[float, float] = (1.0, 1.0)
    keep: bool = False

    @property
    def format(self) -> Format:
        return self.inputs.format

    def of(self, framework: Framework) -> "Plan":
        """The plan for a function of a framework's arrays: NumPy's have no derivative."""
        return replace(self, forward_only=True) if framework == "numpy" else self


@dataclass(frozen=True)
class Mark:
    """Inputs of one cell that have something in common.

    Attributes
    ----------
    kind
        See :data:`KINDS`.
    negative
        The sign of the inputs.
    cell
        Their cell.
    count
        How many they are.
    first, last
        The first and the last place among them.
    worst
        The place of the largest error, with that ``error`` and what was ``computed``.
    """

    kind: str
    negative: bool
    cell: int
    count: int
    first: int
    last: int
    worst: int
    error: float
    computed: float


# What can be wrong with a result, beside being inaccurate.
KINDS = ("zero", "flushed", "infinite", "nan", "sign", "nonzero", "finite", "defined", "convention")
ABOVE = "above"


@dataclass
class Errors:
    """The errors of the function or of its derivative in one chunk.

    Arrays have a row for each sign, the positive one first.

    Attributes
    ----------
    largest, places, computed
        The largest error of each cell, the place where it is, and the result there.
    histogram
        How many errors each bucket of each column has.
    total
        The sum of all finite errors.
    finite, counted
        How many those are, and of how many inputs the true value is defined.
    marks
        Inputs above the level, and those with a wrong kind of result.
    unproved
        Inputs whose true value could not be enclosed tightly.
    kept
        For each sign, with ``keep``: results, true values and errors.
    """

    largest: Floats
    places: Integers
    computed: Floats
    histogram: Integers
    total: float = 0.0
    finite: int = 0
    counted: int = 0
    marks: list[Mark] = field(default_factory=list)
    unproved: int = 0
    kept: list[tuple[Floats, Floats, Floats]] = field(default_factory=list)


@dataclass
class Shape:
    """Whether a chunk rises, falls, is odd or even; of the correctly rounded function and of the results.

    ``truth`` says of each of "rises", "falls", "odd", "even" whether the rounded function is so here. ``against`` has the
    places where results are not, among those that it could be, as (count, first, last, negative). ``ends`` has, for
    each sign, result and rounded truth at both ends of the chunk.
    """

    truth: dict[str, bool]
    against: dict[str, tuple[int, int, int, bool]]
    ends: list[tuple[float, float, float, float]]


@dataclass
class Chunk:
    """What is known of one chunk."""

    start: int
    end: int
    f: Errors
    gradient: Errors | None
    shape: Shape


class _Truth:
    """The references of a plan, which are made once in a process."""

    plan: Plan | None = None
    f: Reference
    gradient: Reference

    @classmethod
    def of(cls, plan: Plan) -> "tuple[Reference, Reference]":
        if cls.plan is None or (cls.plan.against, cls.plan.format) != (plan.against, plan.format):
            cls.f, cls.gradient = (Reference(plan.against, plan.format, slope) for slope in (False, True))
        cls.plan = plan
        return cls.f, cls.gradient


def measure(plan: Plan, start: int, end: int) -> Chunk:
    """The errors at the places from ``start`` to before ``end``, of both signs."""
    with one_thread():
        f_truth, gradient_truth = _Truth.of(plan)
        first = start // plan.inputs.per_cell
        f, gradient = _empty(plan, start, end), None if plan.forward_only else _empty(plan, start, end)
        magnitudes = plan.inputs.magnitudes_at(torch.arange(start, end, device=find_device(plan.device)))
        both: list[tuple[Tensor, Tensor]] = []
        for negative in (False, True):
            x = plan.format.tensor(magnitudes, negative=negative)
            y, slope = run(plan.function, x, forward_only=plan.forward_only)
            exact_x = x.detach().double()
            outside = _outside(plan.against, exact_x)
            truth = f_truth.values(plan.inputs, start, end, exact_x, negative=negative)
            _compare(plan, f, y, truth, start, first, plan.levels[0], outside, negative=negative, is_slope=False)
            both.append((y, truth.value.to(y.dtype)))
            if gradient is not None:
                assert slope is not None
                truth = gradient_truth.values(plan.inputs, start, end, exact_x, negative=negative)
                _compare(
                    plan,
                    gradient,
                    slope,
                    truth,
                    start,
                    first,
                    plan.levels[1],
                    outside,
                    negative=negative,
                    is_slope=True,
                )
        return Chunk(start, end, f, gradient, _shape(both, start))


def run(function: Function, x: "Tensor", *, forward_only: bool) -> "tuple[Tensor, Tensor | None]":
    """What an implementation returns at the points, and what autograd says of its derivative, detached.

    Raises
    ------
    FunctionFailed
        If it raises, or returns no tensor of the type and shape of ``x``.
    """
    points = x.detach().requires_grad_(not forward_only)
    values = values_at(function.call, points)
    if values.dtype != x.dtype:
        was, now = (str(dtype).removeprefix("torch.") for dtype in (x.dtype, values.dtype))
        raise FunctionFailed(
            Text(f"the function turned {was} into {now}", f"函数把 {was} 变成了 {now}"),
            Text("return the dtype of x", "请返回与 x 相同的 dtype"),
        )
    if forward_only:
        return values, None
    slope = None
    if values.requires_grad:
        try:
            (slope,) = torch.autograd.grad(values.sum(), points, allow_unused=True)
        except RuntimeError as error:
            reason = str(error).splitlines()[0]
            raise FunctionFailed(
                Text(f"autograd cannot differentiate the function: {reason}", f"autograd 无法对函数求导：{reason}"),
                Text(
                    f"{Argument('forward_only')} leaves the derivative out", f"{Argument('forward_only')} 可以略去导数"
                ),
            ) from error
    return values.detach(), torch.zeros_like(x) if slope is None else slope


def _empty(plan: Plan, start: int, end: int) -> Errors:
    cells = -(-(end - start) // plan.inputs.per_cell)
    first = start // plan.inputs.per_cell
    columns = (first + cells - 1) // CELLS_PER_COLUMN - first // CELLS_PER_COLUMN + 1
    zeros = np.zeros((2, cells))
    histogram = np.zeros((2, columns, BUCKETS), dtype=np.int64)
    return Errors(zeros, np.zeros((2, cells), dtype=np.int64), zeros.copy(), histogram)


def _outside(function: Function, x: "Tensor") -> "Tensor | None":
    """Which inputs lie outside the domain of a function, or at its ends; None where it has none."""
    low, high = function.domain
    return None if math.isinf(low) and math.isinf(high) else (x < low) | (x > high)


def _compare(
    plan: Plan,
    errors: Errors,
    result: "Tensor",
    truth: Values,
    start: int,
    first: int,
    level: float,
    outside: "Tensor | None",
    *,
    negative: bool,
    is_slope: bool,
) -> None:
    """Adds the errors of the results of one sign, in a chunk that begins at ``start`` with the cell ``first``.

    ``outside`` has the inputs of which nothing is expected. Nor is anything of a derivative where there is none. The
    parameters are what the two signs, and the function and its derivative, do not have in common.
    """
    form, row = plan.format, int(negative)
    value = result.double()
    error = _ulps(value, truth, form)
    highest, places = _by_cell(error, plan.inputs.per_cell)
    if form.emax < 1023 and not math.isfinite(float(highest.max())):
        # Infinite results count as the power of two after the largest number.
        error = _ulps(value.clamp(-form.beyond, form.beyond), truth, form)
        highest, places = _by_cell(error, plan.inputs.per_cell)
    defined = None
    if outside is not None:
        truth.value[outside] = torch.nan
    if truth.has_undefined or outside is not None:
        defined = ~truth.value.isnan()
        error = torch.where(defined, error, torch.where(value.isfinite(), torch.inf, -1.0))
        if outside is not None:
            error[outside] = -1.0
    errors.marks += _conventions(plan, value, truth, start, negative=negative)
    errors.unproved += truth.unproved
    errors.counted += error.numel() if defined is None else int(defined.sum())
    largest = float(error.max()) if defined is not None else float(highest.max())
    if not largest < _SUSPICIOUS:  # or not a number
        error = error.nan_to_num_(nan=math.inf, posinf=math.inf)
        if defined is not None or _may_be_wrong(value, truth.value, form):
            errors.marks += _wrong_kinds(plan, error, value, truth, start, negative=negative, is_slope=is_slope)
        if defined is not None:  # where there is no truth there is no error
            error = torch.where(defined, error, -1.0)
    if defined is not None or not largest < _SUSPICIOUS:
        highest, places = _by_cell(error, plan.inputs.per_cell)
    errors.largest[row] = highest
    errors.places[row] = places + start
    errors.computed[row] = value[torch.from_numpy(places).to(value.device)].cpu().numpy()
    if not largest <= level:
        errors.marks += _above(plan.inputs, error, level, errors, first, negative=negative)
    counted = error if defined is None else error[defined]
    total = float(counted.sum())
    errors.finite += counted.numel()
    if math.isinf(total):
        finite = counted[counted.isfinite()]
        total = float(finite.sum())
        errors.finite += finite.numel() - counted.numel()
    errors.total += total
    _count(plan.inputs, errors.histogram[row], error, start, first, has_undefined=defined is not None)
    if plan.keep:
        errors.kept.append((value.cpu().numpy(), truth.value.cpu().numpy(), error.cpu().numpy()))


def _ulps(value: "Tensor", truth: Values, form: Format) -> "Tensor":
    """Errors in units in the last place."""
    error = value - truth.value
    if truth.low is not None:
        error -= truth.low
        error[value == truth.value] = truth.low[value == truth.value].abs()
    error = error.abs_().mul_(_per_ulp(truth.value, form))
    for place, others in truth.others.items():
        here = float(value[place])
        for other in others:
            off = abs(here - other) / form.ulp(other) if here != other else 0.0
            if not float(error[place]) <= off:
                error[place] = off
                truth.value[place] = other
    return error


def _per_ulp(truth: "Tensor", form: Format) -> "Tensor | float":
    """How many units in the last place make up 1: one number for all true values where they share a power of two."""
    if truth.device.type == "cpu" and truth.numel() > CELLS_PER_COLUMN:
        ends = [float(truth.numpy().min()), float(truth.numpy().max())]
        if ends[0] > 0 or ends[1] < 0:
            one, other = (form.ulp(end) for end in ends)
            if one == other:
                return 1 / one
    return per_ulp(truth, form)


def _count(
    inputs: Inputs, histogram: Integers, error: "Tensor", start: int, first: int, *, has_undefined: bool
) -> None:
    """Adds errors to the buckets of their columns."""
    bits = error.mul(_BELOW).float().view(torch.int32).bitwise_right_shift_(23 - 3)
    bucket = bits.sub_((127 + _LOWEST) * _BUCKETS_PER_OCTAVE - 1).clamp_(0, BUCKETS - 1)
    span = inputs.per_cell * CELLS_PER_COLUMN
    before = start - first // CELLS_PER_COLUMN * span
    if span >= _WIDE and error.device.type == "cpu":
        for place, counts in enumerate(histogram):
            part = slice(max(0, place * span - before), max(0, (place + 1) * span - before))
            chosen = bucket[part][error[part] >= 0] if has_undefined else bucket[part]
            counts += torch.bincount(chosen, minlength=BUCKETS).cpu().numpy()
        return
    column = torch.arange(before, before + error.numel(), device=error.device) // span
    bucket = bucket + column * BUCKETS
    if has_undefined:
        bucket = bucket[error >= 0]
    histogram += torch.bincount(bucket, minlength=histogram.size).reshape(histogram.shape).cpu().numpy()


def bucket_edges() -> Floats:
    """The upper ends of the buckets, in units in the last place."""
    place = np.arange(BUCKETS)
    octave, part = np.divmod(place - 1, _BUCKETS_PER_OCTAVE)
    edges = 2.0 ** (octave + _LOWEST) * (1 + (part + 1) / _BUCKETS_PER_OCTAVE)
    edges[0], edges[-1] = 2.0**_LOWEST, np.inf
    return np.asarray(edges)


def _by_cell(error: "Tensor", per_cell: int) -> tuple[Floats, Integers]:
    """The largest error of each cell, and its index."""
    places = np.concatenate([begin + _first_of_largest(table) for begin, table in _tables(error, per_cell)])
    return error[torch.from_numpy(places).to(error.device)].cpu().numpy(), places


def _tables(values: "Tensor", per_cell: int) -> "Iterator[tuple[Integers, Tensor]]":
    """The values with a row for each cell, and where its rows begin: the whole cells, then the last one if it is not."""
    whole = values.numel() // per_cell * per_cell
    if whole:
        yield np.arange(0, whole, per_cell), values[:whole].view(-1, per_cell)
    if whole < values.numel():
        yield np.array([whole]), values[whole:].view(1, -1)


def _first_of_largest(table: "Tensor") -> Integers:
    """The column of the first of the largest values in each row; NumPy finds it five times as fast."""
    found = table.numpy().argmax(axis=1) if table.device.type == "cpu" else table.argmax(dim=1).cpu().numpy()
    return np.asarray(found)


def _is_any(mask: "Tensor") -> bool:
    """Whether any is true; NumPy is ten times as fast."""
    return bool(mask.numpy().any() if mask.device.type == "cpu" else mask.any())


def _conventions(plan: Plan, value: "Tensor", truth: Values, start: int, *, negative: bool) -> Iterator[Mark]:
    """Slopes at kinks that are right, but not what torch returns for the reference."""
    for place, convention in truth.conventions.items():
        here = float(value[place])
        if math.isfinite(here) and abs(here - convention) > 2 * plan.format.ulp(convention):
            at = start + place
            yield Mark("convention", negative, at // plan.inputs.per_cell, 1, at, at, at, 0.0, here)


def _may_be_wrong(value: "Tensor", truth: "Tensor", form: Format) -> bool:
    """Whether any result may be zero, infinite, of the wrong sign or no number; a few passes that usually say no."""
    product = torch.aminmax(value * truth)
    ends = torch.aminmax(truth)
    return not (product.min > 0 and product.max < math.inf and -form.beyond < ends.min and ends.max < form.beyond)


def _wrong_kinds(
    plan: Plan, error: "Tensor", value: "Tensor", truth: Values, start: int, *, negative: bool, is_slope: bool
) -> Iterator[Mark]:
    """What is more than inaccurate among the results."""
    form = plan.format
    places = (error >= _SUSPICIOUS).nonzero().flatten()
    y, t, e = value[places], truth.value[places], error[places]
    size = t.abs()
    is_number = size < form.beyond
    masks: dict[str, Callable[[], Any]] = {
        "nan": lambda: y.isnan() & ~t.isnan(),
        "infinite": lambda: y.isinf() & is_number,
        "finite": lambda: y.isfinite() & (size >= form.beyond),
        "zero": lambda: (y == 0) & (size >= form.smallest_normal) & is_number,
        "flushed": lambda: (y == 0) & (size < form.smallest_normal) & (size > 0),
        "sign": lambda: y * t.sign() < 0,
        "nonzero": lambda: (t == 0) & (y != 0) & ~y.isnan(),
        "defined": lambda: t.isnan() & y.isfinite(),
    }
    for kind, mask in masks.items():
        if kind == "defined" and is_slope:
            continue
        chosen = mask()
        if chosen.any():
            yield from _grouped(kind, plan.inputs, places[chosen] + start, e[chosen], y[chosen], negative=negative)


def _above(
    inputs: Inputs, error: "Tensor", level: float, errors: Errors, first: int, *, negative: bool
) -> Iterator[Mark]:
    """A mark for each cell with errors beyond the level; ``errors`` knows the largest of each already."""
    row, per_cell = int(negative), inputs.per_cell
    for begin, table in _tables(error, per_cell):
        base = int(begin[0]) // per_cell
        cells = base + np.flatnonzero(errors.largest[row, base : base + len(begin)] > level)
        if not cells.size:
            continue
        is_above = (table[torch.from_numpy(cells - base).to(table.device)] > level).byte()
        counts = is_above.sum(dim=1).tolist()
        firsts = _first_of_largest(is_above)
        lasts = table.shape[1] - 1 - _first_of_largest(is_above.flip(1))
        for cell, count, low, high in zip(cells.tolist(), counts, firsts.tolist(), lasts.tolist(), strict=True):
            place = (first + cell) * per_cell
            worst = int(errors.places[row, cell])
            largest, computed = float(errors.largest[row, cell]), float(errors.computed[row, cell])
            yield Mark(ABOVE, negative, first + cell, count, place + low, place + high, worst, largest, computed)


def _grouped(
    kind: str, inputs: Inputs, places: "Tensor", error: "Tensor", value: "Tensor", *, negative: bool
) -> Iterator[Mark]:
    """A mark for each cell that has some of the ascending places."""
    where, errors, computed = (each.cpu().numpy() for each in (places, error, value))
    if not where.size:
        return
    cells = where // inputs.per_cell
    starts = np.flatnonzero(np.diff(cells, prepend=-1))
    ends = np.append(starts[1:], where.size)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        worst = start + int(np.argmax(errors[start:end]))
        yield Mark(
            kind,
            negative,
            int(cells[start]),
            end - start,
            int(where[start]),
            int(where[end - 1]),
            int(where[worst]),
            float(errors[worst]),
            float(computed[worst]),
        )


def _shape(both: "list[tuple[Tensor, Tensor]]", start: int) -> Shape:
    """What becomes of the shape of the function in a chunk, from results and rounded truth of either sign."""
    truth = {"rises": True, "falls": True}
    against: dict[str, tuple[int, int, int, bool]] = {}
    for negative, (y, rounded) in zip((False, True), both, strict=True):
        is_down, is_up = _directions(rounded)
        for name, is_so, down in (("rises", negative, not negative), ("falls", not negative, negative)):
            # As x rises, so does the place of a positive input, and falls that of a negative one.
            truth[name] &= not (is_up if is_so else is_down)
            if truth[name]:
                wrong = y[1:] < y[:-1] if down else y[1:] > y[:-1]
                if _is_any(wrong):
                    _note(against, name, wrong, start, negative)
    (right, right_truth), (left, left_truth) = both
    for name, sign in (("odd", -1), ("even", 1)):
        truth[name] = _agree(right_truth, left_truth, sign)
        if truth[name] and not _agree(right, left, sign):
            differs = (right != sign * left) & ~(right.isnan() & left.isnan())
            _note(against, name, differs, start, False)
    ends = [(float(y[0]), float(y[-1]), float(rounded[0]), float(rounded[-1])) for y, rounded in both]
    return Shape(truth, against, ends)


def _directions(y: "Tensor") -> tuple[bool, bool]:
    """Whether values fall anywhere, and whether they rise anywhere."""
    if y.numel() < 2:
        return False, False
    return _is_any(y[1:] < y[:-1]), _is_any(y[1:] > y[:-1])


def _agree(right: "Tensor", left: "Tensor", sign: int) -> bool:
    """Whether values on the right are those on the left, times the sign; two that are no numbers agree."""
    few = slice(0, None, max(1, right.numel() // 16))  # which mostly tells
    if not torch.equal(right[few], sign * left[few]) and not right[few].isnan().any():
        return False
    same = right == sign * left
    return bool(same.all()) or bool((same | (right.isnan() & left.isnan())).all())


def _note(
    against: dict[str, tuple[int, int, int, bool]], name: str, wrong: "Tensor", start: int, negative: bool
) -> None:
    places = wrong.nonzero().flatten()
    if places.numel() and name not in against:
        against[name] = (places.numel(), int(places[0]) + start, int(places[-1]) + start, negative)
    elif places.numel():
        count, first, last, sign = against[name]
        against[name] = (count + places.numel(), first, last, sign)
