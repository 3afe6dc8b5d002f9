"""The finder of breaks on functions it has never seen, and the limits it takes there."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from actplot.breaks import examine, find

Tensors = Callable[[torch.Tensor], torch.Tensor]


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
    assert_allclose(find(function, -9.5, 10.25), breaks, rtol=1e-12, atol=0)


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

    (found,) = find(function, -10, 10)
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


def test_limits_do_not_reach_across_the_next_break() -> None:
    left, right = examine(lambda x: torch.nn.functional.hardshrink(x, 1e-12), [-1e-12, 1e-12])
    assert (left.dy_left, left.dy_right, right.dy_left, right.dy_right) == (1.0, 0.0, 0.0, 1.0)


def test_a_break_in_low_precision_keeps_the_limits_of_the_function() -> None:
    (at,) = examine(torch.nn.functional.selu, [0.0], dtype="bfloat16")
    assert at.dy_left == pytest.approx(1.7580993408473766, rel=1e-14)
    assert at.dy_at == pytest.approx(1.7580993408473766, rel=1e-2)
    assert at.dy_at != at.dy_left
