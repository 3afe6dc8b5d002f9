"""The finder of breaks on functions it has never seen, and the limits it takes there."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from actplot.numerics.breaks import examine
from actplot.numerics.cells import Cells, halvings_at_once
from actplot.numerics.facts import _bisect
from actplot.numerics.finder import _narrow_by_change, find

Tensors = Callable[[torch.Tensor], torch.Tensor]
INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("function", "breaks"),
    [
        pytest.param(torch.abs, [0.0], id="kink at 0"),
        pytest.param(lambda x: (x - 1 / 3).abs(), [1 / 3], id="kink at no round number"),
        pytest.param(lambda x: torch.sin(x) + 1e-5 * (x - 0.7).abs(), [0.7], id="faint kink"),
        pytest.param(torch.floor, list(range(-9, 11)), id="many jumps"),
        pytest.param(lambda x: torch.where(x > 2.5, x + 1e-4, x), [2.5], id="faint jump"),
        pytest.param(lambda x: torch.where(x == 1, 5.0, x), [1.0], id="a single point off the line"),
        pytest.param(lambda x: ((x + 1) / 2).clamp(0, 1), [-1.0, 1.0], id="kinks that rounding hides"),
        pytest.param(lambda x: torch.nn.functional.hardshrink(x, 1e-4), [-1e-4, 1e-4], id="two close together"),
        pytest.param(lambda x: torch.maximum(x, torch.zeros_like(x)), [0.0], id="slope at the kink between both"),
        pytest.param(lambda x: torch.sigmoid(1e6 * x), [], id="steep but smooth"),
        pytest.param(lambda x: torch.sin(30 * x), [], id="oscillating"),
        pytest.param(lambda x: x.exp(), [], id="growing"),
        pytest.param(lambda x: x**5, [], id="polynomial"),
        pytest.param(lambda x: x * x.abs(), [], id="curvature that jumps"),
        pytest.param(lambda x: torch.nn.functional.softplus(x, 1.0, 5.0), [5.0], id="an implementation's step"),
    ],
)
def test_finds_all_and_invents_none(function: Tensors, breaks: list[float]) -> None:
    assert_allclose(find(function, -9.5, 10.25).places, breaks, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("function", "breaks"),
    [
        pytest.param(lambda x: 1 / x, [0.0], id="1/x"),
        pytest.param(lambda x: 1 / (x - 0.7), [0.7], id="a pole at 0.7"),
        pytest.param(lambda x: 1e-6 / (x - 0.123), [0.123], id="a faint pole"),
        pytest.param(lambda x: 1 / x**2, [0.0], id="the same side twice"),
        pytest.param(lambda x: x / (x * x - 1), [-1.0, 1.0], id="two poles"),
        pytest.param(torch.tan, [np.pi * (k + 0.5) for k in range(-3, 3)], id="tan"),
        pytest.param(lambda x: (x - 1 / 3).abs().log(), [1 / 3], id="a logarithmic pole"),
        pytest.param(torch.lgamma, list(range(-9, 1)), id="lgamma"),
        pytest.param(torch.log, [0.0], id="log"),
        pytest.param(torch.sqrt, [0.0], id="sqrt"),
        pytest.param(lambda x: x.abs().sqrt(), [0.0], id="a cusp"),
        pytest.param(torch.asin, [-1.0, 1.0], id="two ends of the domain"),
        pytest.param(lambda x: torch.sin(x) / x, [0.0], id="one point without a value"),
        pytest.param(lambda x: torch.where((x > 1) & (x < 2), torch.nan, x * 1), [1.0, 2.0], id="a hole"),
        pytest.param(lambda x: torch.sigmoid(1e9 * x), [], id="very steep but smooth"),
        pytest.param(lambda x: (100 * x).exp(), [], id="overflowing"),
    ],
)
def test_finds_poles_and_the_ends_of_domains(function: Tensors, breaks: list[float]) -> None:
    assert_allclose(find(function, -9.5, 10.25).places, breaks, rtol=1e-15, atol=0)


@pytest.mark.parametrize(
    ("function", "limits"),
    [
        pytest.param(lambda x: 1 / x, (-INF, INF, -INF, -INF), id="1/x"),
        pytest.param(lambda x: 1 / x**2, (INF, INF, INF, -INF), id="1/x**2"),
        pytest.param(lambda x: x.abs().log(), (-INF, -INF, -INF, INF), id="log of abs"),
        pytest.param(torch.log, (NAN, -INF, NAN, INF), id="log"),
        pytest.param(torch.sqrt, (NAN, 0.0, NAN, INF), id="sqrt"),
        pytest.param(lambda x: x * x.log(), (NAN, 0.0, NAN, -INF), id="x log x"),
        pytest.param(lambda x: torch.sign(x) * x.abs() ** (1 / 3), (0.0, 0.0, INF, INF), id="cube root"),
        pytest.param(lambda x: torch.sin(x) / x, (1.0, 1.0, 0.0, 0.0), id="sin x / x"),
        pytest.param(lambda x: 1 / x + 5 * (x > 0), (-INF, INF, -INF, -INF), id="a pole and a jump"),
        pytest.param(lambda x: x.abs() * 1e9, (0.0, 0.0, -1e9, 1e9), id="steep but finite"),
        pytest.param(lambda x: 1 / x.log(), (NAN, 0.0, NAN, -INF), id="1/log x"),
        pytest.param(lambda x: 2 - 3 / x.abs().log(), (2.0, 2.0, -INF, INF), id="2 - 3/log x"),
        pytest.param(lambda x: x.log() / (1 + x.log()), (NAN, 1.0, NAN, INF), id="log x / (1 + log x)"),
        pytest.param(lambda x: 7 + x.abs() ** 0.1, (7.0, 7.0, -INF, INF), id="tenth root"),
    ],
)
def test_limits_at_poles_and_ends_of_domains(function: Tensors, limits: tuple[float, ...]) -> None:
    (at,) = examine(function, [0.0])
    assert_allclose((at.y_left, at.y_right, at.dy_left, at.dy_right), limits, atol=1e-11)


@settings(max_examples=15, deadline=None)
@given(place=st.floats(-9, 9), power=st.sampled_from([1, 2, 3]), size=st.floats(1e-4, 1e4), odd=st.booleans())
def test_finds_any_pole_in_a_smooth_function(place: float, power: int, size: float, odd: bool) -> None:
    (found,) = find(lambda x: torch.cos(x) + size * (1 if odd else -1) / (x - place) ** power, -10, 10).places
    assert found == pytest.approx(place, rel=1e-14, abs=1e-14)


@pytest.mark.parametrize(
    ("function", "derivative", "breaks"),
    [
        pytest.param(lambda x: x * x.abs(), 1, [0.0], id="curvature that jumps"),
        pytest.param(lambda x: x * x.abs(), 0, [], id="which the slope does not show"),
        pytest.param(lambda x: x**3 * x.abs(), 2, [], id="fourth derivative"),
        pytest.param(lambda x: x**2 * x.abs(), 2, [0.0], id="third derivative"),
        pytest.param(torch.nn.functional.gelu, 2, [], id="gelu"),
        pytest.param(lambda x: torch.nn.functional.gelu(x, approximate="tanh"), 2, [], id="overflow inside torch"),
    ],
)
def test_breaks_of_higher_derivatives(function: Tensors, derivative: int, breaks: list[float]) -> None:
    assert_allclose(find(function, -9.5, 10.25, derivative=derivative).places, breaks, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(
    place=st.floats(-9, 9),
    left=st.floats(-3, 3),
    step=st.floats(1e-3, 5),
    jump=st.sampled_from([0.0, 0.0, 1e-2, 3.0]),
)
def test_finds_any_kink_or_jump_in_a_smooth_function(place: float, left: float, step: float, jump: float) -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        return torch.cos(x) + torch.where(x > place, jump + (left + step) * (x - place), left * (x - place))

    (found,) = find(function, -10, 10).places
    assert found == pytest.approx(place, rel=1e-14, abs=1e-14)
    (at,) = examine(function, [found])
    assert at.y_left == pytest.approx(np.cos(place), abs=1e-12)
    assert at.y_right == pytest.approx(np.cos(place) + jump, abs=1e-12)
    assert at.dy_left == pytest.approx(left - np.sin(place), abs=1e-9)
    assert at.dy_right == pytest.approx(left + step - np.sin(place), abs=1e-9)


def test_limits_are_not_the_value_at_the_break() -> None:
    # The float next to 1 rounds back onto the kink: (1 + 2e-16) + 1 is 2.
    (at,) = examine(lambda x: ((x + 1) / 2).clamp(0, 1), [1.0])
    assert (at.dy_left, at.dy_right, at.dy_at) == (0.5, 0.0, 0.5)
    (at,) = examine(lambda x: torch.maximum(x, torch.zeros_like(x)), [0.0])
    assert (at.dy_left, at.dy_right, at.dy_at) == (0.0, 1.0, 0.5)


def test_what_is_removable_is_told_from_a_jump() -> None:
    functions: dict[str, Tensors] = {
        "no value": lambda x: torch.sin(x) / x,
        "another value": lambda x: torch.where(x == 0, 5.0, x.cos()),
        "jump": lambda x: torch.where(x >= 0, x + 1, x),
        "kink": torch.abs,
        "pole": lambda x: 1 / x**2,
        "end of the domain": torch.sqrt,
    }
    found = {name: examine(function, [0.0])[0] for name, function in functions.items()}
    assert [name for name, at in found.items() if at.is_removable] == ["no value", "another value"]
    assert [name for name, at in found.items() if not at.y_is_discontinuous] == ["kink"]


def test_limits_do_not_reach_across_the_next_break() -> None:
    left, right = examine(lambda x: torch.nn.functional.hardshrink(x, 1e-12), [-1e-12, 1e-12])
    assert (left.dy_left, left.dy_right, right.dy_left, right.dy_right) == (1.0, 0.0, 0.0, 1.0)


def test_a_break_in_low_precision_keeps_the_limits_of_the_function() -> None:
    (at,) = examine(torch.nn.functional.selu, [0.0], dtype="bfloat16")
    assert at.dy_left == pytest.approx(1.7580993408473766, rel=1e-14)
    assert at.dy_at == pytest.approx(1.7580993408473766, rel=1e-2)
    assert at.dy_at != at.dy_left


# Looking ahead

_MANY = 40  # times as many columns are halved one call at a time


def test_a_bisection_that_looks_ahead_ends_where_a_plain_one_does() -> None:
    low, high = np.array([-3.0, -1e-3, 0.1]), np.array([0.5, 4.0, 1e6])
    assert halvings_at_once(low.size) > halvings_at_once(low.size * _MANY) == 1
    conditions: list[Callable[[np.ndarray], np.ndarray]] = [
        lambda x: x >= 0.3,
        lambda x: x > 0,
        lambda x: np.sin(40 * x) > 0,  # more than one place, of which the same is found
    ]
    for holds in conditions:
        below, above = low, high
        for _ in range(80):
            middle = (below + above) / 2
            below, above = np.where(holds(middle), below, middle), np.where(holds(middle), middle, above)
        assert np.array_equal(_bisect(holds, low, high), above)
        assert np.array_equal(_bisect(holds, np.tile(low, _MANY), np.tile(high, _MANY)), np.tile(above, _MANY))


def test_narrowing_that_looks_ahead_ends_where_plain_narrowing_does() -> None:
    def evaluate(x: np.ndarray) -> np.ndarray:
        return np.array([np.where(x > 0.3, x + 1, np.abs(x)), np.where(x > 0.3, 1.0, np.sign(x))])

    ends = np.array([-1.0, -1e-9, 0.1, 0.3, 2.0])
    cells, rows = Cells.between(ends, evaluate(ends)), np.array([0, 1, 0, 1])
    found = _narrow_by_change(evaluate, cells, rows)  # type: ignore[arg-type]
    plain = _narrow_by_change(evaluate, Cells.concatenate([cells] * _MANY), np.tile(rows, _MANY))  # type: ignore[arg-type]
    assert (found.right[1], found.left[3]) == (0.0, 0.3)
    for name in ("left", "right", "at_left", "at_right"):
        ours, theirs = getattr(found, name), getattr(plain, name)
        assert np.array_equal(np.tile(ours, _MANY), theirs)
    assert (found.right <= np.nextafter(found.left, np.inf)).all()
