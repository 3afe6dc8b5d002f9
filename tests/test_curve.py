"""Curves: what lies on them, and where they are cut."""

import pickle

import numpy as np
import pytest
import torch
from conftest import every_function
from numpy.testing import assert_allclose, assert_array_equal

import actplot
from actplot.errors import BadValue, UnknownFunction
from actplot.functions.registry import Function
from actplot.numerics.breaks import SMALLEST_STEP


@every_function
def test_no_line_crosses_a_break(function: Function) -> None:
    low, high = function.range
    curve = actplot.sample(function, samples=500)
    assert (np.diff(curve.x) >= 0).all()
    assert {curve.x[0], curve.x[-1]} == {low, high}
    for segment in curve.segments:
        for at in curve.breaks:
            assert not segment.x[0] < at.x < segment.x[-1]
        at_pole = np.isin(segment.x, [at.x for at in curve.breaks if np.isinf([at.y_left, at.y_right]).any()])
        assert (np.isfinite(segment.y) | at_pole).all()
        assert (np.isfinite(segment.dy) | at_pole).all()
    assert len(list(curve.segments)) == sum(low < at.x < high for at in curve.breaks) + 1


@every_function
def test_no_step_larger_than_the_slope_allows(function: Function) -> None:
    curve = actplot.sample(function, samples=2001)
    for x, y, dy in curve.segments:
        steepest = np.maximum(np.abs(dy[1:]), np.abs(dy[:-1]))
        assert (np.abs(np.diff(y)) <= 1.05 * steepest * np.diff(x) + 1e-3 * np.diff(x) + SMALLEST_STEP).all()


@pytest.mark.parametrize("samples", [101, 129, 201, 401, 641, 1001])
@pytest.mark.parametrize("ends", [(-10, 10), (-1, 1), (-3, 3), (-0.1, 0.7)])
def test_a_kink_is_hit_exactly_whatever_the_grid(samples: int, ends: tuple[float, float]) -> None:
    curve = actplot.sample("leaky_relu", range=ends, samples=samples, slope=0.1)
    rows = np.flatnonzero(curve.x == 0)
    assert_array_equal(curve.y[rows], [0, 0, 0])
    assert_array_equal(curve.dy[rows], [0.1, np.nan, 1])
    assert samples <= curve.x.size - 2 <= samples + 1


def test_a_jump_leaves_a_gap_in_both() -> None:
    curve = actplot.sample("hardshrink", range=(-2, 2), samples=100)
    for place, limits in ((-0.5, (-0.5, 0)), (0.5, (0, 0.5))):
        rows = np.flatnonzero(curve.x == place)
        assert_array_equal(curve.y[rows], [limits[0], np.nan, limits[1]])
        assert np.isnan(curve.dy[rows]).tolist() == [False, True, False]


def test_a_break_at_the_end_of_the_range_has_one_side() -> None:
    curve = actplot.sample("relu", range=(0, 1), samples=3)
    assert_array_equal(curve.x, [0, 0, 0.5, 1])
    assert_array_equal(curve.dy, [np.nan, 1, 1, 1])
    curve = actplot.sample("relu", range=(-1, 0), samples=3)
    assert_array_equal(curve.x, [-1, -0.5, 0, 0])
    assert_array_equal(curve.dy, [0, 0, 0, np.nan])


def test_breaks_carry_what_torch_returns() -> None:
    (at,) = actplot.sample("elu", alpha=2.0).breaks
    assert (at.x, at.y_at, at.dy_left, at.dy_right, at.dy_at) == (0, 0, 2, 1, 2)


def test_a_callable_is_cut_where_the_finder_says() -> None:
    curve = actplot.sample(lambda x: (x - 0.25).abs(), range=(-1, 1), samples=10)
    assert [at.x for at in curve.breaks] == [0.25]
    assert curve.function.name == "f"


def test_a_torch_function_and_a_module_are_callables() -> None:
    x = torch.linspace(-1, 1, 5).double()
    for given in (torch.nn.functional.silu, torch.nn.SiLU()):
        assert_array_equal(actplot.sample(given, range=(-1, 1), samples=5).y, torch.nn.functional.silu(x).numpy())


def test_low_precision_keeps_each_number_once() -> None:
    curve = actplot.sample("sigmoid", range=(-10, 10), samples=100_000, dtype="bfloat16")
    assert (np.diff(curve.x) > 0).all()
    assert_array_equal(curve.x, torch.from_numpy(curve.x).bfloat16().double().numpy())


def test_values_are_those_of_torch() -> None:
    curve = actplot.sample("gelu", range=(-6, 6), samples=301, dtype="float32")
    x = torch.from_numpy(curve.x).float().requires_grad_()
    y = torch.nn.functional.gelu(x)
    y.sum().backward()
    assert_array_equal(curve.y, y.detach().numpy())
    assert x.grad is not None
    assert_array_equal(curve.dy, x.grad.numpy())


def test_a_curve_is_frozen_and_travels() -> None:
    curve = actplot.sample("leaky_relu", slope=0.2, samples=20)
    with pytest.raises(AttributeError):
        curve.samples = 3  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(curve))
    assert again.function.call.activation is actplot.CATALOG["leaky_relu"]
    assert_array_equal(again.dy, curve.dy)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"range": (1, 0)}, "LO must be less than HI"),
        ({"range": (0, float("inf"))}, "finite"),
        ({"range": (1, 1 + 1e-12)}, "too narrow for float64"),
        ({"range": (100, 101), "dtype": "bfloat16"}, "too narrow for bfloat16"),
        ({"range": (-1e5, 1e5), "dtype": "float16"}, "within 65504"),
        ({"samples": 1}, "samples must be"),
        ({"samples": 2.5}, "samples must be"),
        ({"dtype": "int8"}, "unknown dtype"),
        ({"slope": 0.1}, "no parameter 'slope'"),
    ],
)
def test_what_is_not_allowed_is_said(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(BadValue, match=message):
        actplot.sample("relu", **arguments)  # type: ignore[arg-type]


def test_an_unknown_name_is_a_key_error_with_a_suggestion() -> None:
    with pytest.raises(UnknownFunction, match="did you mean sigmoid") as error:
        actplot.sample("sigmod")
    assert isinstance(error.value, KeyError)


def test_two_samples_are_enough() -> None:
    curve = actplot.sample("sigmoid", range=(-1, 1), samples=2)
    assert_allclose(curve.x, [-1, 1])


@every_function
def test_smooth_curves_have_the_samples_that_were_asked_for_and_no_others(function: Function) -> None:
    curve = actplot.sample(function)
    low, high = function.range
    evenly = np.linspace(low, high, curve.samples)
    others = curve.x[~np.isin(curve.x, evenly)]
    near_poles = [at.x for at in curve.breaks if np.isinf([at.y_left, at.y_right]).any()]
    places = [*(at.x for at in curve.breaks), *function.dy_kinks]
    step = evenly[1] - evenly[0]
    if step * np.nanmax(np.abs(curve.dy)) > 0.05 * np.ptp(curve.y[np.isfinite(curve.y)]) and not near_poles:
        return  # a sine of a hundred periods
    assert all(x in places or any(abs(x - pole) < 3 * step for pole in near_poles) for x in others)
    assert curve.envelope is None


@pytest.mark.parametrize("expression", ["sin(2*pi*999/10*(x+5))", "sin(1000*x)", "x + cos(300*x)/10", "sigmoid(1e4*x)"])
def test_between_samples_nothing_is_missed(expression: str) -> None:
    curve = actplot.sample(expression, samples=1000)
    assert curve.envelope is None
    # A chord and the slopes at its ends tell the same.
    trapezoids = np.diff(curve.x) * (curve.dy[1:] + curve.dy[:-1]) / 2
    assert np.abs(np.diff(curve.y) - trapezoids).max() < 0.05 * np.ptp(curve.y)
    between = np.linspace(-4.999, 4.997, 20_011)
    (true,) = actplot.evaluate(expression, between, order=0)
    assert np.abs(np.interp(between, curve.x, curve.y) - true).max() < 0.05 * np.ptp(true)


def test_what_no_samples_resolve_has_an_envelope() -> None:
    curve = actplot.sample("sin(1e6*x)")
    assert curve.envelope is not None
    _, low, high = curve.envelope
    assert low[0].max() < -0.9
    assert high[0].min() > 0.9
    assert high[1].max() == pytest.approx(1e6, rel=0.01)


def test_an_envelope_stands_only_where_it_is_needed() -> None:
    curve = actplot.sample("where(x < 0, x, sin(1e6*x))")
    assert curve.envelope is not None
    edges, low, _ = curve.envelope
    assert np.isnan(low[0][edges[1:] < -0.1]).all()
    assert np.isfinite(low[0][edges[:-1] > 0.1]).all()


def test_coarse_samples_are_left_coarse() -> None:
    assert actplot.sample("gelu", samples=7).x.size == 7


@pytest.mark.parametrize(("expression", "count"), [("round(x*256)/256", 2560), ("floor(200*x)", 2000)])
def test_staircases_are_drawn_without_strokes(expression: str, count: int) -> None:
    curve = actplot.sample(expression)
    assert len(curve.breaks) == count
    # Each tread is level, and no line goes from one to the next.
    for segment in curve.segments:
        assert np.unique(segment.y).size == 1


def test_breaks_beyond_count_are_said_not_dropped() -> None:
    curve = actplot.sample("floor(1e5*x)")
    assert curve.too_many_breaks
    assert curve.envelope is not None
    assert not curve.breaks
