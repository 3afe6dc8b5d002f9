"""The true values that results are held against: right to a thousandth of a unit in the last place.

Over a stretch of inputs the function is a polynomial, made of its Taylor coefficients at the middle, which ball
arithmetic gives with as many bits as needed. Ball arithmetic also encloses the next coefficient over the whole stretch,
and with it the remainder (Lagrange), so that the bound on the error is proved. Stretches are halved until the bound
allows it. Where that never happens, next to a break or where a function swings faster than its inputs follow each
other, values come from float64 with a bound on its errors (see :mod:`actplot.numerics.audit.bounded`), or one by one from
ball arithmetic.
"""

import contextlib
import math
from collections.abc import Callable, Iterator  # noqa: TC003 - in the annotations of a dataclass
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flint import arb, ctx

from actplot.errors import ActplotError
from actplot.functions.registry import Function
from actplot.numerics.audit.bounded import Bounded, direct_forms
from actplot.numerics.audit.enclosure import (
    Formula,
    Pole,
    Undecided,
    Undefined,
    constant_term,
    enclosures,
    precision,
)
from actplot.numerics.audit.formats import Format, Inputs
from actplot.numerics.autograd import derivatives

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

# The reference is off by at most this much of a unit in the last place.
TOLERANCE = 2.0**-10
# Terms of the series; the last one bounds what the polynomial of the others leaves out.
_TERMS = 11
# Bits of ball arithmetic: to begin with, and at most.
_BITS, _MOST_BITS = 192, 8192
# Of a value that is reported: 50 digits.
PROOF_BITS = 170
# A stretch may be accepted although a share of its inputs, around a root, will need single values.
_ROOT_SHARE = 2.0**-8
# Stretches of so few inputs are not halved any more.
_FEWEST = 4
_UNIT = 2.0**-53
# Values that a polynomial is evaluated at in one go on a processor.
_IN_CACHE = 1 << 15


@dataclass(frozen=True)
class Stretch:
    """A polynomial in ``t = (x - centre)/scale`` for consecutive places of one sign, times ``t`` to the ``power``.

    Attributes
    ----------
    start, end
        The first place and the one after the last.
    coefficients
        In ascending order; none where the function has no value.
    bound
        On the error, times the ``power`` of the size of t.
    is_safe
        Whether the bound is small enough at every input.
    """

    start: int
    end: int
    centre: float = 0.0
    scale: float = 1.0
    coefficients: tuple[float, ...] = ()
    bound: float = 0.0
    power: int = 0
    is_safe: bool = True


@dataclass(frozen=True)
class Exact:
    """One true value.

    Attributes
    ----------
    high, low
        The value as the sum of two floats; NaN where it is undefined or infinite.
    others
        What else is right, as the one-sided limits of a derivative at a break.
    convention
        What torch returns there for the reference, in float64; NaN where there is no break.
    enclosure
        The value as a ball, where there is one.
    """

    high: float
    low: float = 0.0
    others: tuple[float, ...] = ()
    convention: float = math.nan
    enclosure: Any = None


@dataclass
class Values:
    """The reference at consecutive places of one sign.

    ``value`` and ``low`` add up to it, the second only in float64 and else None; NaN where it is undefined. ``others`` has
    further right values at some places, and ``conventions`` which of them torch returns. ``unproved`` counts those that ball arithmetic could not enclose tightly enough.
    """

    value: "Tensor"
    low: "Tensor | None"
    others: dict[int, tuple[float, ...]]
    conventions: dict[int, float]
    unproved: int
    has_undefined: bool


@dataclass
class Reference:
    """The true function, or with ``slope`` its derivative.

    Parameters
    ----------
    function
        With a formula.
    format
        That of the inputs and of the results.
    slope
        Whether the derivative is meant: that of the declared formula, else of the function's own series.
    """

    function: Function
    format: Format
    slope: bool = False
    _zero: "dict[bool, Stretch | None]" = field(default_factory=dict)

    @cached_property
    def _formulas(self) -> tuple[Formula, Formula | None]:
        return enclosures(self.function)

    @cached_property
    def _direct(self) -> "Callable[[Tensor], Bounded] | None":
        return direct_forms(self.function)[self.slope]

    @cached_property
    def _forms(self) -> "list[Callable[..., Any]]":
        """What gives the power series of what is meant, the declared form first; one may be stable where another is not."""
        formula, derivative = self._formulas
        if not self.slope:
            return [formula.series]
        return [self._derived] if derivative is None else [derivative.series, self._derived]

    def series(self, x: Any, side: int = 0, scale: float = 1.0) -> Any:
        """The power series of what is meant, with the terms of the present precision."""
        return self._forms[0](x, side, scale)

    def _derived(self, x: Any, side: int = 0, scale: float = 1.0) -> Any:
        """That of the derivative, from the function's own."""
        with precision(ctx.prec, ctx.cap + 1):
            return self._formulas[0].series(x, side, scale).derivative() / arb(scale)

    # Stretches.

    def values(self, inputs: Inputs, start: int, end: int, x: "Tensor", *, negative: bool) -> Values:
        """The reference at the places from ``start`` to before ``end``, whose inputs ``x`` are, in float64."""
        value = torch.full_like(x, torch.nan)
        low = torch.zeros_like(x) if self.format.name == "float64" else None
        found = Values(value, low, {}, {}, 0, has_undefined=False)
        singles: list[int] = []
        largest_leaf = _FEWEST if self._direct is None else max(16, (end - start) >> 3)
        for piece in self._pieces(inputs, start, end, largest_leaf, negative=negative):
            part = slice(piece.start - start, piece.end - start)
            if isinstance(piece, Stretch):
                if not piece.coefficients:
                    found.has_undefined = True
                    continue
                _evaluate(piece, x[part], value[part])
                if sum(map(abs, piece.coefficients)) > self.format.largest:
                    value[part].clamp_(-self.format.beyond, self.format.beyond)
                if not piece.is_safe:
                    singles += self._failing(value[part], piece.bound, piece.start)
            elif piece.end - piece.start > _FEWEST and self._direct is not None:
                bounded = self._direct(x[part])
                value[part] = bounded.value
                singles += self._failing(value[part], bounded.error, piece.start)
            else:
                singles += range(piece.start, piece.end)
        self._fill(found, inputs, start, singles, negative=negative)
        return found

    def _failing(self, value: "Tensor", bound: "Tensor | float", start: int) -> list[int]:
        """The places whose bound is too wide."""
        fails = ~(bound <= TOLERANCE * ulp(value, self.format))
        return [start + place for place in fails.nonzero().flatten().tolist()]

    def _fill(self, found: Values, inputs: Inputs, start: int, places: list[int], *, negative: bool) -> None:
        if not places:
            return
        exact = [self.at(inputs.value(place, negative=negative)) for place in places]
        index = torch.tensor(places, device=found.value.device) - start
        found.value[index] = torch.tensor([each.high for each in exact], dtype=torch.float64, device=index.device)
        if found.low is not None:
            found.low[index] = torch.tensor([each.low for each in exact], dtype=torch.float64, device=index.device)
        for place, each in zip(places, exact, strict=True):
            found.has_undefined |= math.isnan(each.high)
            found.unproved += each.enclosure is None and not math.isnan(each.high)
            if each.others:
                found.others[place - start] = each.others
                found.conventions[place - start] = each.convention

    def _pieces(
        self, inputs: Inputs, start: int, end: int, largest_leaf: int, *, negative: bool
    ) -> "Iterator[Stretch | _Leaf]":
        """What the places from ``start`` to before ``end`` are made of, in ascending order."""
        if self.format.name == "float64":  # in which no polynomial is good enough
            yield _Leaf(start, end)
            return
        if start == 0:
            yield _Leaf(0, 1)
            start = 1
        inner = self._around_zero(negative)
        if inner is not None:
            last = _places_up_to(inputs, inner.scale, start, end)
            if last > start:
                yield replace(inner, start=start, end=last)
                start = last
        waiting = [(start, end)] if start < end else []
        while waiting:
            first, after = waiting.pop()
            stretch = self._stretch(inputs, first, after, negative=negative)
            if stretch is not None:
                yield stretch
            elif after - first <= largest_leaf:
                yield _Leaf(first, after)
            else:
                middle = (first + after) // 2
                waiting += [(middle, after), (first, middle)]

    def _stretch(self, inputs: Inputs, start: int, end: int, *, negative: bool) -> Stretch | None:
        """A polynomial for these places, or None where none is good enough."""
        near, far = inputs.value(start, negative=False), inputs.value(end - 1, negative=False)
        centre = self.format.value(self.format.magnitude(near / 2 + far / 2), negative)
        sign = -1.0 if negative else 1.0
        radius = _power_of_two(max(abs(sign * far - centre), abs(sign * near - centre)))
        empty = Stretch(start, end, centre, radius)
        for place, form in enumerate(self._forms):
            stretch = self._fitted(empty, form, is_narrow=far <= 4 * near)
            if stretch is not None:
                self._forms.insert(0, self._forms.pop(place))  # which will probably serve the neighbours too
                return stretch
        return None

    def _fitted(self, empty: Stretch, series: "Callable[..., Any]", *, is_narrow: bool) -> Stretch | None:
        """The stretch with a polynomial in it, by this form of the function."""
        try:
            with precision(_BITS, _TERMS):
                over = series(arb(empty.centre, empty.scale), 0, empty.scale)
        except Undefined:
            return empty
        except (Undecided, Pole):
            return None
        whole = constant_term(over)
        most = _size(whole)
        form = self.format
        if float(whole.abs_lower()) > form.beyond:
            return replace(empty, coefficients=(math.copysign(form.beyond, float(whole.mid())),))
        if most <= TOLERANCE / 8 * form.smallest:
            return replace(empty, coefficients=(0.0,))
        wanted = TOLERANCE * form.ulp(most)
        rests = [_size(term) for term in _terms(over)]
        if not min(rests[1:]) <= wanted:
            return None
        numbers, widths = _coefficients(series, empty, wanted * _ROOT_SHARE)
        return self._best(empty, numbers, widths, rests, is_narrow=is_narrow)

    def _best(
        self, stretch: Stretch, numbers: list[float], widths: list[float], rests: list[float], *, is_narrow: bool
    ) -> Stretch | None:
        """The shortest polynomial that is good enough, from its coefficients and what each length leaves out."""
        form = self.format
        sizes = [abs(number) for number in numbers]
        for length in range(1, _TERMS):
            rounding = (2 * length + 4) * _UNIT * sum(sizes[:length])
            bound = rests[length] + sum(widths[:length]) + rounding
            if not bound <= TOLERANCE * form.ulp(sizes[0]):
                continue
            least = sizes[0] - sum(sizes[1:length]) - bound
            is_safe = least > 0 and bound <= TOLERANCE * form.ulp(least)
            most = sum(sizes[:length])
            if is_safe or (is_narrow and least <= 0 and bound <= TOLERANCE * _ROOT_SHARE * form.ulp(most)):
                return replace(stretch, coefficients=tuple(numbers[:length]), bound=bound, is_safe=is_safe)
        return None

    def _around_zero(self, negative: bool) -> Stretch | None:
        """A polynomial for all inputs of one sign up to its ``scale``, right relative to its first term."""
        if negative not in self._zero:
            powers = (2, 3, 4, 5, 7, 10, 14, 20)
            self._zero[negative] = next(
                (found for power in powers if (found := self._from_zero(power, negative))), None
            )
        return self._zero[negative]

    def _from_zero(self, power: int, negative: bool) -> Stretch | None:
        side, reach = -1 if negative else 1, 2.0**-power
        # From 0 to the reach: made of floats it would be a little wider.
        interval = arb((side, -power - 1), (1, -power - 1))
        for series in self._forms:
            try:
                with precision(2 * _BITS, _TERMS):
                    over = _terms(series(interval, side, reach))
                    at = _terms(series(arb(0), side, reach))
            except (Undecided, Undefined, Pole):
                continue
            stretch = self._relative_to_first(Stretch(0, 0, 0.0, reach), at, over)
            if stretch is not None:
                return stretch
        return None

    def _relative_to_first(self, empty: Stretch, at: list[Any], over: list[Any]) -> Stretch | None:
        """The shortest polynomial around 0 that is right relative to its first term."""
        lowest = next((order for order, term in enumerate(at) if not _size(term) <= 2.0**-300), None)
        if lowest is None and any(term.is_zero() for term in over):
            return replace(empty, coefficients=(0.0,))
        if lowest is None or lowest > 4 or at[lowest].contains(0):
            return None
        numbers = [float(term.mid()) for term in at[lowest:]]
        sizes = [abs(number) for number in numbers]
        rests = [_size(term) for term in over[lowest:]]
        for length in range(1, len(numbers)):
            rounding = (2 * length + 2 * lowest + 4) * _UNIT * sum(sizes[:length])
            bound = rests[length] + rounding
            least = sizes[0] - sum(sizes[1:length]) - bound
            if least > 0 and bound <= TOLERANCE * 2.0 ** (-self.format.p) * least:
                return replace(empty, coefficients=tuple(numbers[:length]), bound=bound, power=lowest)
        return None

    # Single values.

    def at(self, x: float, *, bits: int = 128) -> Exact:
        """The true value at an input of the format; at a break of the derivative every value that counts as right."""
        if self.slope:
            right, convention = self._at_break(x)
            if right:
                first, *more = right
                return Exact(first, others=tuple(more), convention=convention, enclosure=arb(first))
        ball = self._enclosed(x, bits)
        if ball is None:
            return Exact(math.nan)
        high = self._clipped(ball)
        low = float((ball - arb(high)).mid()) if math.isfinite(high) else 0.0
        wide = float(ball.rad()) > TOLERANCE * self.format.ulp(high)
        return Exact(high, low, enclosure=None if wide and abs(high) < self.format.largest else ball)

    def _clipped(self, ball: Any) -> float:
        value = float(ball.mid())
        beyond = self.format.beyond
        return math.copysign(beyond, value) if abs(value) > beyond else value

    def _enclosed(self, x: float, bits: int) -> Any:
        """The value as a ball that is narrow enough, or None where there is no finite one."""
        ball: Any = None
        is_decided = True
        while bits <= _MOST_BITS and is_decided:
            for series in self._forms:
                try:
                    with precision(bits, 1):
                        ball = constant_term(series(arb(x)))
                except Undecided:
                    is_decided = False
                    break
                except (Undefined, Pole):
                    return None
                if ball.is_finite():
                    break
            size = min(_size(ball), self.format.beyond) if is_decided else 0.0
            if is_decided and (
                float(ball.rad()) <= 2.0**-14 * self.format.ulp(size) or float(ball.abs_lower()) > self.format.beyond
            ):
                return ball
            bits *= 2
        if is_decided:
            return ball if ball is not None and ball.is_finite() else None
        sides = [limit for side in (-1, 1) if (limit := self._limit(x, side)) is not None]
        return sides[0] if sides else None

    def _limit(self, x: float, side: int, *, derived: bool = False) -> Any:
        """The limit from one side, or None where there is no finite one."""
        try:
            with precision(2 * _BITS, 6):
                series = self._derived(arb(x), side) if derived else self.series(arb(x), side)
                limit = constant_term(series)
        except (Undecided, Undefined, Pole):
            return None
        return limit if limit.is_finite() else None

    def _at_break(self, x: float) -> tuple[list[float], float]:
        """Where a break rounds to ``x``: all values of the derivative that are right, and what torch returns."""
        form = self.format
        half = form.ulp(x) / 2
        try:
            with precision(128, 1):
                self._formulas[0].series(arb(x, half))
            return [], math.nan
        except Undecided:
            pass
        except (Undefined, Pole):
            return [], math.nan
        sides = [limit for side in (-1, 1) if (limit := self._limit(x, side, derived=True)) is not None]
        if not sides:
            return [], math.nan
        values = [self._clipped(limit) for limit in sides]
        if len(values) == 2 and abs(values[0] - values[1]) <= TOLERANCE * form.ulp(values[0]):
            magnitude = form.magnitude(x)
            beside = [] if magnitude in (0, form.magnitudes - 1) else [-1, 1]
            near = [self._limit(form.value(magnitude + step, x < 0), 0, derived=True) for step in beside]
            values += [self._clipped(limit) for limit in near if limit is not None]
            if max(values) - min(values) <= form.ulp(values[0]):
                return [], math.nan
        convention = math.nan
        with contextlib.suppress(ActplotError):
            convention = float(derivatives(self.function.call, [x])[1][0])
        return [value for value in dict.fromkeys([*values, convention]) if math.isfinite(value)], convention

    def at_infinity(self, sign: int) -> float:
        """The limit for x to infinity; NaN where there is none."""
        seen = []
        for power in (1100, 2200, 4400):
            try:
                with precision(2 * power + 256, 1):
                    seen.append(constant_term(self.series(sign * arb(2) ** power)))
            except (Undecided, Undefined, Pole):
                return math.nan
        first, second, third = seen
        if not all(each.is_finite() for each in seen):
            return math.nan
        sizes = [_size(each) for each in seen]
        if max(sizes) < 1e-200:
            return 0.0
        if abs(second - first) < 1e-30 and abs(third - second) < 1e-30:
            return float(third.mid())
        lows = [float(each.abs_lower()) for each in seen]
        if lows[0] > 100 and (math.isinf(lows[2]) or (lows[1] > 1.5 * lows[0] and lows[2] > 1.5 * lows[1])):
            return math.inf if third > 0 else -math.inf
        return math.nan


@dataclass(frozen=True)
class _Leaf:
    """Places that no polynomial serves."""

    start: int
    end: int


def ulp(value: "Tensor", form: Format) -> "Tensor":
    """The unit in the last place of true values, in float64; see :mod:`actplot.numerics.audit.formats`."""
    size = value.abs().clamp(min=form.smallest_normal, max=form.largest)
    power = (size.view(torch.int64) & 0x7FF0000000000000).view(torch.float64)
    return power * 2.0 ** (1 - form.p)


def per_ulp(value: "Tensor", form: Format) -> "Tensor":
    """How many units in the last place make up 1: a power of two, made from the exponents of the true values."""
    exponents = value.view(torch.int64) & 0x7FF0000000000000
    exponents.clamp_((form.emin + 1023) << 52, (form.emax + 1023) << 52)
    return exponents.neg_().add_((2 * 1023 + form.p - 1) << 52).view(torch.float64)


def _coefficients(series: "Callable[..., Any]", stretch: Stretch, wanted: float) -> tuple[list[float], list[float]]:
    """Taylor coefficients at the centre of a stretch as floats, and how far off they can be."""
    bits = _BITS
    while True:
        with precision(bits, _TERMS):
            terms = _terms(series(arb(stretch.centre), 0, stretch.scale))
        widths = [float(term.rad()) for term in terms]
        if sum(widths) <= wanted / 8 or bits >= _MOST_BITS:
            return [float(term.mid()) for term in terms], widths
        bits *= 2


def _terms(series: Any) -> list[Any]:
    """All terms of a power series up to the length that is used; infinite balls for those that are not known."""
    terms = list(series)
    known = min(series.prec, _TERMS)
    return [*terms, *[arb(0)] * (known - len(terms)), *[arb(0, math.inf)] * (_TERMS - known)][:_TERMS]


def _size(ball: Any) -> float:
    """The largest size of its points; infinite for what is not finite."""
    size = float(ball.abs_upper()) if ball.is_finite() else math.inf
    return size * (1 + _UNIT)


def _power_of_two(size: float) -> float:
    """The one at or above ``size``, so that dividing by it is exact."""
    fraction, exponent = math.frexp(size)
    return math.ldexp(1.0, exponent - (fraction == 0.5)) if size else 2.0**-1000


def _places_up_to(inputs: Inputs, reach: float, start: int, end: int) -> int:
    """The place after the last from ``start`` to before ``end`` whose input is at most ``reach`` in size."""
    limit = inputs.format.magnitude(reach)
    low, high = start, end
    while low < high:
        middle = (low + high) // 2
        if inputs.magnitude(middle) <= limit:
            low = middle + 1
        else:
            high = middle
    return low


def _evaluate(piece: Stretch, x: "Tensor", out: "Tensor") -> None:
    """The polynomial at ``x``, by Horner's rule."""
    *others, last = piece.coefficients
    if not others and not piece.power:
        out.fill_(last)
        return
    step = _IN_CACHE if x.device.type == "cpu" else x.numel()
    for start in range(0, x.numel(), step):
        part, into = x[start : start + step], out[start : start + step]
        t = (part - piece.centre).mul_(1 / piece.scale)
        if others:
            *others_left, coefficient = others
            torch.mul(t, last, out=into).add_(coefficient)
            for coefficient in reversed(others_left):
                into.mul_(t).add_(coefficient)
        else:
            into.fill_(last)
        for _ in range(piece.power):
            into.mul_(t)
