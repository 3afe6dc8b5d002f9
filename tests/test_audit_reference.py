"""The truth that an audit holds results against: number formats, enclosures, and the fast reference against mpmath."""

import math
from collections.abc import Iterator

import exact
import mpmath
import numpy as np
import pytest
import torch
from conftest import every_entry, typical_entries
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from actplot.errors import BadValue
from actplot.functions.registry import Activation, Function
from actplot.functions.source import function
from actplot.numerics.audit.bounded import direct
from actplot.numerics.audit.enclosure import (
    Undecided,
    Undefined,
    compiled,
    constant_term,
    enclosures,
    precision,
    simplest,
)
from actplot.numerics.audit.formats import FORMATS, Format, Inputs
from actplot.numerics.audit.reference import TOLERANCE, Reference, ulp

every_format = pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
# mpmath cannot hold exp(exp(x)) further out.
_FURTHEST = 1000.0


@every_format
def test_formats_are_those_of_torch(form: Format) -> None:
    facts = torch.finfo(getattr(torch, form.name))
    assert (form.largest, form.smallest_normal, form.smallest) == (
        facts.max,
        facts.tiny,
        facts.smallest_normal * facts.eps,
    )
    assert form.value(form.magnitudes - 1) == facts.max
    assert form.value(1) == form.smallest


@every_format
def test_numbers_are_in_order_and_have_torchs_bits(form: Format) -> None:
    inputs = Inputs(form, 501)
    for negative in (False, True):
        magnitudes = inputs.magnitudes(0, inputs.count)
        x = form.tensor(torch.from_numpy(magnitudes), negative=negative).double()
        assert x.tolist() == [inputs.value(place, negative=negative) for place in range(inputs.count)]
        assert bool((x.diff() < 0).all()) if negative else bool((x.diff() > 0).all())
        assert np.array_equal(form.values(magnitudes), x.abs().numpy())
    assert inputs.value(0, negative=False) == 0
    assert inputs.value(inputs.count - 1, negative=False) == form.largest


def test_all_of_a_half_are_all() -> None:
    for name, count in (("float16", 63_488), ("bfloat16", 65_280), ("float32", 2**32 - 2**24)):
        assert Inputs.of(name, None).total == count
    every = Inputs.of("bfloat16", None)
    assert [place for start, end in every.chunks(1000) for place in range(start, end)] == list(range(32640))


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(list(FORMATS.values())))
def test_a_unit_in_the_last_place_is_goldbergs(value: float, form: Format) -> None:
    size = min(abs(value), form.largest)
    unit = form.ulp(value)
    if size < form.smallest_normal:
        assert unit == form.smallest
    else:  # p digits, the first of which is not 0
        assert 2 ** (form.p - 1) <= size / unit < 2**form.p
    assert float(ulp(torch.tensor([value], dtype=torch.float64), form)[0]) == unit


@given(st.integers(0, FORMATS["float16"].magnitudes - 1))
def test_magnitudes_and_values_are_inverse(magnitude: int) -> None:
    form = FORMATS["float16"]
    value = form.value(magnitude)
    assert form.magnitude(value) == magnitude
    assert int(form.hex(value), 16) == magnitude
    assert int(form.hex(-value), 16) == magnitude | 0x8000


def test_a_parameter_stands_for_the_fraction_that_was_meant() -> None:
    assert str(simplest(1 / 6)) == "1/6"
    assert str(simplest(0.01)) == "1/100"
    assert float(simplest(2**-0.5).p) / float(simplest(2**-0.5).q) == 2**-0.5


@pytest.mark.parametrize(
    ("formula", "x", "value"),
    [
        ("1/(1 + exp(-x))", -100.0, lambda x: mpmath.exp(x) / (1 + mpmath.exp(x))),
        ("(exp(x) - exp(-x))/(exp(x) + exp(-x))", 1e-30, mpmath.tanh),
        ("log(1 + exp(x))", -90.0, lambda x: mpmath.log1p(mpmath.exp(x))),
        ("x + sqrt(x**2 + 4)", -1e15, lambda x: 4 / (mpmath.sqrt(x * x + 4) - x)),
        ("sin(x)/x", 1e-8, mpmath.sinc),
        ("1 - exp(x)", 1e-25, lambda x: -mpmath.expm1(x)),
        ("log((1 + exp(x))/2)", 1e-20, lambda x: mpmath.log1p(mpmath.expm1(x) / 2)),
        ("lgamma(x)", -2.5, lambda x: mpmath.log(abs(mpmath.gamma(x)))),
        ("cbrt(x)", -8.0, lambda x: -mpmath.cbrt(-x)),
        ("asinh(x) + atanh(x/100) + acosh(x) + asin(x/9) + acos(x/9)", 3.0, None),
        ("round(x) + floor(x) + ceil(x) + trunc(x)", 2.5, lambda x: mpmath.mpf(9)),
        ("x**0.5 + x**-2 + e + pi", 2.0, lambda x: mpmath.sqrt(x) + x**-2 + mpmath.e + mpmath.pi),
    ],
)
def test_stable_forms_have_the_value_of_what_they_stand_for(formula: str, x: float, value: object) -> None:
    with precision(300, 2):
        series = compiled(formula, {}).series(arb(x))
    if value is not None:
        with mpmath.workdps(50):
            wanted = value(mpmath.mpf(x))  # type: ignore[operator]
            assert abs(mpmath.mpf(series[0].mid().str(45, radius=False)) / wanted - 1) < mpmath.mpf(10) ** -40
    assert float(series[0].rad()) < 1e-40 * float(abs(series[0].mid()))


def test_what_is_not_decided_is_said() -> None:
    step = compiled("where(x > 0, 1, 0)", {})
    with precision(64, 2):
        assert [float(constant_term(step.series(arb(x))).mid()) for x in (-1, 0, 1)] == [0, 0, 1]
        assert [float(constant_term(step.series(arb(0), side)).mid()) for side in (-1, 1)] == [0, 1]
        with pytest.raises(Undecided):
            step.series(arb(0, 1))
        with pytest.raises(Undefined):
            compiled("log(x)", {}).series(arb(-2, 1))
        with pytest.raises(Undecided):
            compiled("1/x", {}).series(arb(0, 1))


def test_what_has_no_formula_is_refused() -> None:
    with pytest.raises(BadValue, match="no formula"):
        enclosures(Function("f", "f", {}, {}, torch.tanh))


@every_entry
def test_the_derivatives_formula_is_that_of_the_functions_series(entry: Activation) -> None:
    formula, derivative = enclosures(entry.bind())
    assert derivative is not None
    for x in (-30.0, -3.3, -1e-3, 0.07, 0.7, 5.0, 40.0):
        if entry.domain[0] < x < entry.domain[1]:
            with precision(256, 3):
                slope = formula.series(arb(x)).derivative()[0]
                assert slope.overlaps(constant_term(derivative.series(arb(x))))


@pytest.mark.parametrize("formula", ["sin(30*x)", "x*cos(x)", "where(x == 0, 1, sin(x)/x)", "x + sin(a*x)**2/a"])
def test_bounds_of_rounding_errors_hold_however_far_out(formula: str) -> None:
    parameters = {"a": 0.7} if "a*" in formula else {}
    x = np.concatenate([[0.0], np.geomspace(1e-3, 3e38, 300)]).astype(np.float32).astype(np.float64)
    bounded = direct(formula, parameters)(torch.tensor(x))
    for place, value, error in zip(x.tolist(), bounded.value.tolist(), bounded.error.tolist(), strict=True):
        with precision(400, 1):
            truth = constant_term(compiled(formula, parameters).series(arb(place)))
            off = abs(truth - arb(value))
        assert float(off.mid()) <= error


def samples(entry: Activation, dtype: str, count: int, slope: bool) -> Iterator[tuple[float, float, tuple[float, ...]]]:
    """Inputs, one or more from each power of two, with what the fast reference has for the truth there."""
    inputs = Inputs.of(dtype, 1 << 15)
    reference = Reference(entry.bind(), inputs.format, slope)
    generator = np.random.default_rng(count)
    for negative in (False, True):
        x = inputs.format.tensor(torch.from_numpy(inputs.magnitudes(0, inputs.count)), negative=negative).double()
        last = int((x.abs() <= _FURTHEST).sum())
        values = reference.values(inputs, 0, last, x[:last], negative=negative)
        assert values.unproved == 0
        # Evenly in the representations is evenly in the exponents.
        for cell in np.array_split(np.arange(last), count // 2):
            if cell.size:
                place = int(generator.choice(cell))
                yield float(x[place]), float(values.value[place]), values.others.get(place, ())


def check_against_mpmath(entry: Activation, dtype: str, count: int, slope: bool) -> None:
    form, function = FORMATS[dtype], entry.bind()
    text = function.derivative if slope else function.formula
    assert text is not None
    fractions = {name: simplest(value) for name, value in function.parameters.items()}
    with mpmath.workdps(150):
        parameters = {name: mpmath.mpf(int(f.p)) / int(f.q) for name, f in fractions.items()}
        for x, value, others in samples(entry, dtype, count, slope):
            # At 0 mpmath divides by it in the branch that is not taken.
            if x == 0 or math.isnan(value) or not entry.domain[0] < x < entry.domain[1]:
                continue
            truth = exact.value(text, x, parameters)
            if abs(truth) >= form.beyond:
                assert abs(value) == form.beyond
                continue
            unit = form.ulp(float(truth))
            assert min(abs(each - truth) for each in (value, *others)) <= TOLERANCE * unit, (x, value, truth)


@typical_entries
@pytest.mark.parametrize("slope", [False, True], ids=["f", "gradient"])
def test_the_fast_reference_is_right_to_a_thousandth_of_a_unit(entry: Activation, slope: bool) -> None:
    check_against_mpmath(entry, "float32", 40, slope)


@pytest.mark.slow
@every_entry
@pytest.mark.parametrize("slope", [False, True], ids=["f", "gradient"])
def test_the_fast_reference_is_right_at_many_inputs(entry: Activation, slope: bool) -> None:
    check_against_mpmath(entry, "float32", 20_000, slope)


@pytest.mark.parametrize(
    ("name", "x", "values"),
    [
        ("relu", 0.0, {0.0, 1.0}),
        ("elu:alpha=2", 0.0, {2.0, 1.0}),
        ("absolute", 0.0, {-1.0, 1.0, 0.0}),
        ("hard_swish", 3.0, {1.5, 1.0}),
        ("hard_swish", -3.0, {-0.5, 0.0}),
        ("sparse_sigmoid", 1.0, {0.5, 0.0}),
    ],
)
def test_at_a_break_both_sides_and_torchs_convention_are_right(name: str, x: float, values: set[float]) -> None:
    truth = Reference(function(name), FORMATS["bfloat16"], slope=True).at(x)
    assert values <= {truth.high, *truth.others}
    assert all(min(abs(each - value) for value in values) < 0.02 for each in truth.others)


@pytest.mark.parametrize("name", ["gelu", "sinc", "softplus", "squared_relu"])
def test_where_nothing_breaks_one_value_is_right(name: str) -> None:
    reference = Reference(function(name), FORMATS["float32"], slope=True)
    assert not any(reference.at(x).others for x in (-1.0, 0.0, 1.0))


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [("gelu", 0.0, math.inf), ("tanh", -1.0, 1.0), ("asinh", -math.inf, math.inf), ("sine", math.nan, math.nan)],
)
def test_limits_at_infinity(name: str, left: float, right: float) -> None:
    reference = Reference(function(name), FORMATS["float32"])
    assert [reference.at_infinity(-1), reference.at_infinity(1)] == pytest.approx([left, right], nan_ok=True)
