"""Sketches: over the catalog they are the curve, where breaks are declared, and nearly so where they are to be found."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import some_functions

import actplot
from actplot.functions.registry import Function
from actplot.functions.source import function
from actplot.numerics.sketch import sketch

SETTINGS: dict[str, Any] = dict(samples=500, order=1, at=(), dtype="float64", device="cpu")


@some_functions
@pytest.mark.parametrize("order", [0, 2])
def test_with_declared_breaks_it_is_the_curve(function: Function, order: int) -> None:
    drawn = sketch(function, **{**SETTINGS, "order": order, "range": function.range})
    curve = actplot.sample(function, samples=500, order=order)
    assert [at.x for at in drawn.breaks] == pytest.approx([at.x for at in curve.breaks])
    for name in ("x", "y", "dy", "d2y"):
        if getattr(curve, name) is not None and not function_moves_between(curve):
            np.testing.assert_allclose(getattr(drawn, name), getattr(curve, name), rtol=1e-12, atol=1e-300)


def function_moves_between(curve: actplot.Curve) -> bool:
    """Whether kinks of a second derivative were found beside those that are declared."""
    return curve.d2y is not None and curve.function.dy_kinks == () and len(curve.breaks) > 0


@some_functions
def test_breaks_that_are_not_declared_are_found_to_a_pixel(function: Function) -> None:
    unknown = replace(function, breaks=None, dy_kinks=())
    drawn = sketch(unknown, budget=np.inf, **{**SETTINGS, "range": function.range})
    curve = actplot.sample(function, samples=500)
    low, high = function.range
    near = 1e-5 * (high - low)
    heights = [np.ptp(values[np.isfinite(values)]) or 1.0 for values in (curve.y, curve.dy)]
    for at in curve.breaks:
        steps = [abs(at.y_right - at.y_left) / heights[0], abs(at.dy_right - at.dy_left) / heights[1]]
        if low < at.x < high and not max(steps) < 0.05:
            assert any(abs(found.x - at.x) < near for found in drawn.breaks), at
    for found in drawn.breaks:
        at = next((each for each in curve.breaks if abs(each.x - found.x) < near), None)
        assert at is not None, (found, "is invented")
        for name in ("y_left", "y_right", "dy_left", "dy_right"):
            limit, expected = getattr(found, name), getattr(at, name)
            if np.isfinite(expected):
                assert limit == pytest.approx(expected, abs=1e-4 * max(1.0, abs(expected))), name
    # Between them it holds values of torch.
    inside = np.isfinite(drawn.y) & (
        np.min(np.abs(drawn.x[:, None] - [at.x for at in drawn.breaks]), axis=1, initial=1) > 0
    )
    y, dy = actplot.evaluate(function, drawn.x[inside])
    np.testing.assert_allclose(drawn.y[inside], y, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(drawn.dy[inside], dy, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ("tan(x)", [-4.71238898, -1.57079633, 1.57079633, 4.71238898]),
        ("1/x", [0.0]),
        ("1/(x-0.3)**2", [0.3]),
        ("sign(x)", [0.0]),
        ("log(x-1)", [1.0]),
        ("sqrt(abs(x-1))", [1.0]),
        ("sin(20*x)", []),
        ("sigmoid(1000*x)", []),
    ],
)
def test_lines_are_interrupted_at_poles_jumps_and_borders(source: str, places: list[float]) -> None:
    for samples in (500, 501):
        drawn = sketch(function(source, {}), budget=np.inf, **{**SETTINGS, "samples": samples, "range": (-5.0, 5.0)})
        assert [at.x for at in drawn.breaks] == pytest.approx(places, abs=1e-6)
        curve = actplot.sample(source, range=(-5, 5))
        for found, at in zip(drawn.breaks, curve.breaks, strict=True):
            assert np.isinf([found.y_left, found.y_right]).any() == np.isinf([at.y_left, at.y_right]).any()


def test_what_moves_too_fast_for_a_line_has_an_envelope() -> None:
    drawn = sketch(function("sin(300*x)", {}), **{**SETTINGS, "range": (-5.0, 5.0)})
    assert drawn.envelope is not None
    assert not drawn.too_many_breaks
    np.testing.assert_allclose(drawn.envelope.high[0], 1.0, atol=0.1)
    np.testing.assert_allclose(drawn.envelope.low[0], -1.0, atol=0.1)
    assert sketch(function("tan(90*x)", {}), **{**SETTINGS, "range": (-5.0, 5.0)}).too_many_breaks


def test_without_time_breaks_are_cut_all_the_same() -> None:
    drawn = sketch(function("tan(x)", {}), budget=0.0, **{**SETTINGS, "range": (-5.0, 5.0)})
    for pole in (-4.71238898, -1.57079633, 1.57079633, 4.71238898):
        near = np.abs(drawn.x - pole) < 0.03
        assert np.isnan(drawn.y[near]).any()
