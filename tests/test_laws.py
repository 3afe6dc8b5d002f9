"""Laws that every entry of the catalog obeys, at many parameter values."""

from contextlib import suppress
from dataclasses import fields
from typing import Any

import exact
import numpy as np
import pytest
import torch
from conftest import every_entry, every_function
from matplotlib.mathtext import MathTextParser
from numpy.testing import assert_allclose

from actplot.functions.catalog import CATALOG
from actplot.functions.formula import mathtext, plain
from actplot.functions.registry import Activation, Function
from actplot.numerics.autograd import derivatives
from actplot.numerics.breaks import SMALLEST_STEP, examine
from actplot.numerics.curve import sample
from actplot.numerics.finder import find
from actplot.text import Text

# Away from round numbers, where breaks lie, and denser near 0.
POINTS = np.unique(np.concatenate([np.linspace(-9.7371, 9.8143, 97), np.linspace(-1.1173, 1.0931, 61)]))


def inside(function: Function, x: np.ndarray) -> np.ndarray:
    """The points, squeezed into the domain where that is bounded."""
    low, high = function.domain
    if np.isinf(low):
        return x
    return low + (high - low) * (x - x.min() + 0.01) / (np.ptp(x) + 0.02)


def away_from_breaks(function: Function, x: np.ndarray, distance: float = 1e-3) -> np.ndarray:
    """Those of the points that no break, and no kink of the derivative, is near, inside the domain."""
    x = inside(function, x)
    keep = np.ones(x.shape, dtype=bool)
    for at in (*(function.breaks or ()), *function.dy_kinks):
        keep &= np.abs(x - at) > distance
    return x[keep]


def exact_second_derivative(function: Function, x: Any) -> float:
    """The central difference of the formula of the derivative, in 40 digits, of which it leaves 20."""
    assert function.derivative is not None
    step = exact.mpf("1e-12")
    below, above = (exact.value(function.derivative, x + side, function.parameters) for side in (-step, step))
    return float((above - below) / (2 * step))


@every_function
def test_value_and_derivative_are_those_of_the_formulas(function: Function) -> None:
    x = away_from_breaks(function, POINTS)
    y, dy = derivatives(function.call, x)
    assert function.formula is not None
    assert function.derivative is not None
    exact_y = [float(exact.value(function.formula, point, function.parameters)) for point in x]
    exact_dy = [float(exact.value(function.derivative, point, function.parameters)) for point in x]
    # softplus turns into its line 2e-9 early; torch keeps 1/6 and 1/alpha in float32.
    assert_allclose(y, exact_y, rtol=1e-12, atol=3e-9 if function.name == "softplus" else 1e-14)
    assert_allclose(dy, exact_dy, rtol=1e-7, atol=1e-8)


@every_function
def test_the_formula_of_the_derivative_has_at_kinks_what_torch_returns(function: Function) -> None:
    """It stands in the figure, beside the dot. It is evaluated in float64, in which a place is where torch has it."""
    assert function.derivative is not None
    found = derivatives(function.call, np.array(function.breaks or ()))[1]
    for x, dy in zip(function.breaks or (), found, strict=True):
        with suppress(ZeroDivisionError), exact.mp.workprec(53):  # at a pole
            assert_allclose(dy, float(exact.value(function.derivative, x, function.parameters)), rtol=1e-7)


@every_function
def test_derivative_is_the_limit_of_central_differences(function: Function) -> None:
    x = away_from_breaks(function, POINTS)
    step = 1e-5
    (above,), (below,) = (derivatives(function.call, x + side, order=0) for side in (step, -step))
    (_, dy) = derivatives(function.call, x)
    assert_allclose(dy, (above - below) / (2 * step), rtol=1e-6, atol=1e-8)


@every_function
def test_second_derivative_is_that_of_the_formula(function: Function) -> None:
    x = away_from_breaks(function, POINTS[::4])
    (_, _, d2y) = derivatives(function.call, x, order=2)
    expected = [exact_second_derivative(function, exact.mpf(point)) for point in x]
    assert_allclose(d2y, expected, rtol=1e-7, atol=1e-7)


@every_function
def test_limits_of_the_second_derivative_are_those_of_the_formula(function: Function) -> None:
    inner = [x for x in (function.breaks or ()) if x not in function.domain]
    for at in examine(function.call, sorted([*inner, *function.dy_kinks]), order=2):
        assert at.d2y_is_discontinuous or at.x in inner
        assert at.x in inner or abs(at.dy_right - at.dy_left) < 1e-7  # torch keeps 1/alpha in float32
        for limit, sign in ((at.d2y_left, -1), (at.d2y_right, 1)):
            expected = exact_second_derivative(function, exact.mpf(at.x) + sign * exact.mpf("1e-11"))
            assert_allclose(limit, expected, rtol=1e-7, atol=1e-7)


@every_function
def test_declared_breaks_are_all_that_the_finder_finds(function: Function) -> None:
    low, high = -12.3, 31.7
    declared = [x for x in function.breaks or () if low < x < high]
    assert_allclose(find(function.call, low, high).places, declared, rtol=1e-9, atol=1e-300)


@every_function
def test_declared_kinks_of_the_derivative_are_all_that_the_finder_finds(function: Function) -> None:
    low, high = -12.3, 31.7
    found = find(function.call, low, high, derivative=1).places
    kinks = [x for x in found if not np.isclose(x, function.breaks or (), rtol=1e-9, atol=1e-9).any()]
    assert_allclose(kinks, function.dy_kinks, rtol=1e-9, atol=1e-9)


@every_function
def test_a_kink_of_the_derivative_is_not_cut_off(function: Function) -> None:
    curve = sample(function, samples=10)
    assert {x for x in function.dy_kinks if curve.range[0] < x < curve.range[1]} <= set(curve.x)


@every_function
def test_declared_breaks_are_real_and_their_limits_exact(function: Function) -> None:
    breaks = examine(function.call, function.breaks or ())
    for at in breaks:
        assert at.y_is_discontinuous or at.dy_is_discontinuous
        if at.x in function.domain:
            assert np.isinf([at.y_left, at.y_right]).any()
            continue
        for side, sign in (("left", -1), ("right", 1)):
            beside = exact.mpf(at.x) + sign * exact.mpf("1e-14")  # a break's place is itself rounded
            for part, formula in (("y", function.formula), ("dy", function.derivative)):
                assert formula is not None
                limit = float(exact.value(formula, beside, function.parameters))
                assert_allclose(getattr(at, f"{part}_{side}"), limit, rtol=1e-12, atol=1e-8 if part == "dy" else 1e-13)


@every_function
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_finite_with_finite_slope(function: Function, dtype: str) -> None:
    x = np.concatenate([np.linspace(-100, 100, 4001), np.array(function.breaks or ()), [0.0, -0.0]])
    if np.isfinite(function.domain[0]):
        x = inside(function, x)  # which has no poles inside
    for result, true in zip(derivatives(function.call, x, dtype=dtype), derivatives(function.call, x), strict=True):
        assert np.isfinite(true).all()
        # Past the largest number of a dtype, as exp(89) is in float32, infinity is right.
        assert (np.isfinite(result) == (np.abs(true) <= np.finfo(dtype).max)).all()


@every_function
def test_elementwise(function: Function) -> None:
    x = torch.linspace(-7, 7, 39, dtype=torch.float64).reshape(3, 13)
    whole = function.call(x)
    assert whole.shape == x.shape
    alone = torch.stack([function.call(point) for point in x.flatten()]).reshape(x.shape)
    assert_allclose(whole.numpy(), alone.numpy(), rtol=1e-15, atol=1e-300)


@every_function
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_low_precision_follows_the_curve(function: Function, dtype: str) -> None:
    x = away_from_breaks(function, np.linspace(-8, 8, 129), 0.1)
    (rough,) = derivatives(function.call, x, order=0, dtype=dtype)
    rounded = torch.from_numpy(x).to(getattr(torch, dtype)).double().numpy()
    epsilon = torch.finfo(getattr(torch, dtype)).eps
    # A product inside the function, as in sin(30 x), is rounded once: that is x itself, off by half an epsilon.
    (nearby,) = derivatives(function.call, rounded * (1 + epsilon * np.linspace(-0.5, 0.5, 33)[:, None]), order=0)
    nearest = np.clip(rough.astype(float), nearby.min(axis=0), nearby.max(axis=0))
    assert_allclose(rough.astype(float), nearest, rtol=4 * epsilon, atol=8 * epsilon)


@every_entry
def test_both_languages_say_something(entry: Activation) -> None:
    texts = [getattr(entry, field.name) for field in fields(entry)]
    texts += [*entry.strengths, *entry.weaknesses, *(parameter.text for parameter in entry.parameters)]
    for text in texts:
        if isinstance(text, Text):
            assert text.en.isascii()
            assert text.en != text.zh
            assert any("一" <= character <= "鿿" for character in text.zh)


def test_a_missing_language_is_an_error() -> None:
    with pytest.raises(TypeError):
        Text("only English")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="both languages"):
        Text("only English", " ")


@every_entry
def test_formulas_can_be_set(entry: Activation) -> None:
    for formula in (entry.formula, entry.derivative):
        for line in mathtext(formula):
            MathTextParser("path").parse(f"${line}$")
        for line in plain(formula):
            assert "where" not in line
            assert "**" not in line


@every_entry
def test_found_under_any_spelling(entry: Activation) -> None:
    for name in (entry.name, *entry.aliases):
        for spelling in (name, name.upper(), name.replace("_", "-"), name.replace("_", " "), name.replace("_", "")):
            assert CATALOG[spelling] is entry


@every_entry
def test_no_name_is_a_verb(entry: Activation) -> None:
    verbs = {"compare", "plot", "gallery", "list", "info", "explore", "again", "softmax", "boundary", "depth"}
    assert not verbs & {entry.name, *entry.aliases}


@every_function
def test_default_range_shows_every_break_and_both_sides_of_zero(function: Function) -> None:
    low, high = function.range
    if np.isfinite(function.domain[0]):
        assert function.range == function.domain
        return
    assert low < 0 < high
    for at in function.breaks or ():
        assert low + 0.05 * (high - low) < at < high - 0.05 * (high - low)
    if not function.non_default:
        assert function.range == CATALOG[function.name].range


# What autograd returns exactly at a break: numbers published for torch 2.13, not read off this code.
CONVENTIONS = [
    ("relu", {}, 0.0, 0.0, 0.0),
    ("relu6", {}, 0.0, 0.0, 0.0),
    ("relu6", {}, 6.0, 6.0, 0.0),
    ("hardtanh", {}, -1.0, -1.0, 0.0),
    ("hardtanh", {}, 1.0, 1.0, 0.0),
    ("hard_sigmoid", {}, -3.0, 0.0, 0.0),
    ("hard_sigmoid", {}, 3.0, 1.0, 0.0),
    ("hard_swish", {}, -3.0, 0.0, 0.0),
    ("hard_swish", {}, 3.0, 3.0, 1.0),
    ("leaky_relu", {}, 0.0, 0.0, 0.01),
    ("leaky_relu", {"slope": 0.3}, 0.0, 0.0, 0.3),
    ("prelu", {}, 0.0, 0.0, 0.25),
    ("rrelu", {}, 0.0, 0.0, 0.229167),
    ("elu", {"alpha": 2.0}, 0.0, 0.0, 2.0),
    ("selu", {}, 0.0, 0.0, 1.7580993),
    ("celu", {"alpha": 2.0}, 0.0, 0.0, 1.0),
    ("softshrink", {}, -0.5, 0.0, 0.0),
    ("softshrink", {}, 0.5, 0.0, 0.0),
    ("hardshrink", {}, -0.5, 0.0, 0.0),
    ("hardshrink", {}, 0.5, 0.0, 0.0),
    ("threshold", {"threshold": 0.25, "value": 20.0}, 0.25, 20.0, 0.0),
    ("binary_step", {}, 0.0, 1.0, 0.0),
    ("softplus", {"beta": 10.0, "threshold": 0.4}, 0.04, 0.0913015, 0.598688),
]


@pytest.mark.parametrize(("name", "parameters", "x", "y", "dy"), CONVENTIONS)
def test_what_torch_returns_at_a_break(name: str, parameters: dict[str, float], x: float, y: float, dy: float) -> None:
    assert_allclose(derivatives(CATALOG[name].bind(**parameters).call, x), (y, dy), rtol=2e-6, atol=0)


# Minima from the literature: (x, y).
MINIMA = {
    "silu": (-1.27846, -0.278465),
    "hard_swish": (-1.5, -0.375),
    "gelu": (-0.75179, -0.169971),
    "gelu_tanh": (-0.75246, -0.170041),
    "mish": (-1.19243, -0.308843),
}


@pytest.mark.parametrize(("name", "lowest"), MINIMA.items())
def test_published_minima(name: str, lowest: tuple[float, float]) -> None:
    (y,) = derivatives(CATALOG[name].bind().call, np.linspace(-5, 5, 2_000_001), order=0)
    assert_allclose((-5 + 10 * y.argmin() / 2_000_000, y.min()), lowest, atol=1e-5)


def test_a_step_too_small_to_see_is_no_break() -> None:
    assert CATALOG["softplus"].bind().breaks == ()
    assert CATALOG["softplus"].bind(beta=10, threshold=0.4).breaks == (0.04,)
    at = examine(CATALOG["softplus"].bind().call, [20.0])[0]
    assert abs(at.y_right - at.y_left) < SMALLEST_STEP
