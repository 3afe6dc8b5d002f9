"""Expressions made at random: what is found of them, against 50 digits of mpmath.

The grammar keeps to what float64 can follow: what jumps has a linear argument, poles lie where no factor vanishes,
nothing is subtracted below a division, and exponentials are bounded.
"""

import ast
import functools
import itertools
import math
import operator
from collections.abc import Callable
from typing import Any

import exact
import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mpmath import mpf

from actplot.errors import FunctionFailed
from actplot.functions.catalog import CATALOG
from actplot.numerics.breaks import Break
from actplot.numerics.curve import sample

Number = Any  # mpmath has no types
RANGE = (-4.0, 4.25)
DIGITS = 50


class Undefined(ArithmeticError):
    """The expression has no real value there."""


def real(function: Callable[[Number], Number], defined: Callable[[Number], bool] = lambda x: True) -> Any:
    def value(x: Number) -> Number:
        if not defined(x):
            raise Undefined
        return function(x)

    return value


ELEMENTARY = {
    "abs": real(abs),
    "sign": real(mpmath.sign),
    "floor": real(mpmath.floor),
    "ceil": real(mpmath.ceil),
    "square": real(lambda x: x * x),
    "sqrt": real(mpmath.sqrt, lambda x: x >= 0),
    "log": real(mpmath.log, lambda x: x > 0),
    "exp": real(mpmath.exp),
    "sin": real(mpmath.sin),
    "cos": real(mpmath.cos),
    "tanh": real(mpmath.tanh),
    "atan": real(mpmath.atan),
    "asin": real(mpmath.asin, lambda x: abs(x) <= 1),
    "sigmoid": real(lambda x: 1 / (1 + mpmath.exp(-x))),
    "max": max,
    "min": min,
}
ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
COMPARISONS = {ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}


def value(node: ast.expr, x: Number) -> Number:
    """The value of a tree at ``x``; of ``where`` only the branch that counts is computed."""
    match node:
        case ast.Constant(value=number):
            return mpf(number)  # the float, as torch has it
        case ast.Name(id="x"):
            return x
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -value(operand, x)
        case ast.BinOp(left=left, op=sign, right=right):
            a, b = value(left, x), value(right, x)
            if isinstance(sign, ast.Pow):
                return a**b
            if isinstance(sign, ast.Div) and b == 0:
                raise Undefined
            return ARITHMETIC[type(sign)](a, b)
        case ast.Compare(left=left, ops=[relation], comparators=[right]):
            return COMPARISONS[type(relation)](value(left, x), value(right, x))
        case ast.Call(func=ast.Name(id="where"), args=[condition, yes, no]):
            return value(yes if value(condition, x) else no, x)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            values = [value(argument, x) for argument in arguments]
            if name in ELEMENTARY:
                return ELEMENTARY[name](*values)
            function = CATALOG[name].bind()
            assert function.formula is not None
            return exact.value(function.formula, values[0], function.parameters)
    raise AssertionError(ast.dump(node))


# Numbers with few digits; poles lie at places with more of them, where nothing else happens.
numbers = st.sampled_from([0.1, 0.25, 0.3, 0.5, 0.7, 1, 1.5, 2, 3])
places = st.sampled_from([-3, -2.5, -1.3, -1, -0.7, 0, 0.1, 0.3, 0.5, 1, 1.9, 2, 3.1])
pole_places = st.sampled_from([-2.713, -1.137, -0.419, 0.317, 1.271, 2.619])
linear = st.builds("{}*(x - {})".format, numbers, places.map(lambda place: f"({place})"))
linear = linear | st.builds("-{}*x + {}".format, numbers, numbers) | st.builds("x - ({})".format, places)
SMOOTH = ["sin", "cos", "tanh", "atan", "sigmoid", "silu", "gelu", "mish", "softsign", "gaussian"]
BENT = ["abs", "relu", "leaky_relu", "selu", "hardtanh", "softshrink", "elu"]
# sign has a single point between its sides, which an even function leaves alone off the curve.
JUMPING = ["floor", "ceil", "hardshrink", "sqrt", "asin"]
leaves = st.one_of(
    st.just("x"),
    linear,
    numbers.map(str),
    st.builds("{}({})".format, st.sampled_from(JUMPING), linear),
)


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{}({})".format, st.sampled_from(SMOOTH), parts),
        st.builds("{}({})".format, st.sampled_from(BENT), parts),
        st.builds("({} {} {})".format, parts, st.sampled_from(["+", "-"]), parts),
        st.builds("({})*({})".format, numbers, parts),
        st.builds("({})*tanh({})".format, parts, parts),
        st.builds("{}({}, {})".format, st.sampled_from(["max", "min"]), parts, parts),
        st.builds(
            "where({} {} {}, {}, {})".format, linear, st.sampled_from(["<", "<=", ">", ">="]), numbers, parts, parts
        ),
        st.builds("({})/(1 + square({}))".format, parts, parts),
        st.builds("exp(-abs({}))".format, parts),
        st.builds("sqrt(1 + square({}))".format, parts),
    )


bounded = st.recursive(leaves, larger, max_leaves=5)
# What has no bound comes last: a wave of it would swing without end.
logs = st.builds("log(abs(x - ({})))".format, pole_places) | st.builds("log({})".format, linear)
expressions = st.one_of(
    bounded,
    st.builds("({})/(x - ({}))".format, bounded, pole_places),
    st.builds("{}/(x - ({}))**2".format, numbers, pole_places),
    st.builds("({})*{}".format, bounded, logs),
    st.builds("{}({}, {})".format, st.sampled_from(["max", "min"]), bounded, logs),
    st.builds(
        "where({} < {}, {}, {})".format,
        linear,
        numbers,
        bounded,
        st.builds("{}/(x - ({}))".format, numbers, pole_places),
    ),
)


class Exact:
    """An expression with 50 digits."""

    def __init__(self, text: str) -> None:
        self._tree = ast.parse(text, mode="eval").body
        self.at = functools.cache(self._at)

    def _at(self, x: Number) -> Number | None:
        """The value, or None where there is none."""
        try:
            return value(self._tree, x)
        except Undefined:
            return None

    def beside(self, x: Number, step: Number) -> tuple[Number, Number] | None:
        """Value and difference quotient on the side of ``step``."""
        near, far = self.at(x + step), self.at(x + 2 * step)
        return None if near is None or far is None else (near, (far - near) / step)

    def place(self, x: float) -> Number:
        """Where exactly the break is that rounding has moved to ``x``: of two parts the one with the larger change."""
        if self.at(mpf(x)) is None and self.at(mpf(x) + mpf("1e-20")) is not None:  # a pole, or where values begin
            return mpf(x)
        width = mpf(2) ** -46 * max(1, abs(x))
        low, high = mpf(x) - width, mpf(x) + width
        while high - low > 1e-26 * max(1, abs(x)):
            middle = low + (high - low) * mpf("0.4871")  # off the middle, where most breaks are
            step = (high - low) / 1000
            first, second, third = (self.beside(place, step) for place in (low, middle, high))
            if _change(first, second) >= _change(second, third):
                high = middle + 2 * step  # as far as the quotient reached
            else:
                low = middle
        return (low + high) / 2


def _change(a: tuple[Number, Number] | None, b: tuple[Number, Number] | None) -> Number:
    if (a is None) != (b is None):
        return mpmath.inf
    if a is None or b is None:
        return mpf(0)
    return max(abs(first - second) for first, second in zip(a, b, strict=True))


def agrees(claimed: float, near: Number, nearer: Number) -> bool:
    """Whether a claimed limit is where the exact values, at 1e-20 and at 1e-22, are heading."""
    if math.isinf(claimed):
        # Even a logarithm grows by a tenth from one to the other.
        return bool(abs(nearer) > 1.05 * abs(near) and mpmath.sign(nearer) == math.copysign(1, claimed))
    return bool(abs(nearer - mpf(claimed)) <= 1e-6 + 1e-5 * abs(nearer))


def check(true: Exact, at: Break) -> None:
    """A break that was found is one of the exact function, and both its limits are right."""
    x = true.place(at.x)
    size = max(1, abs(x))
    sides: list[tuple[Number, Number] | None] = []
    for side, y, dy in ((-1, at.y_left, at.dy_left), (1, at.y_right, at.dy_right)):
        near, nearer = (true.beside(x, side * mpf(distance) * size) for distance in ("1e-20", "1e-22"))
        sides.append(nearer)
        if near is None or nearer is None:
            assert math.isnan(y), f"{at} has no values on side {side}"
            continue
        assert agrees(y, near[0], nearer[0]), f"{at}: on side {side} exact values are {near[0]}, {nearer[0]}"
        assert agrees(dy, near[1], nearer[1]), f"{at}: on side {side} exact slopes are {near[1]}, {nearer[1]}"
    left, right = sides
    # A single point without a value, or with no slope by autograd, is a break too.
    point = not (math.isfinite(at.y_at) and math.isfinite(at.dy_at)) and true.at(mpf(at.x)) is None
    assert point or _change(left, right) > 1e-8, f"{at} is no break"


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(text=expressions)
# Slopes that are infinite, though small next to the break, as found with more examples.
@example(text="sqrt(0.1*x)*tanh(0.1 - 0.7*x)*log(abs(x + 2.713))")
@example(text="exp(-abs(0.025*asin(0.7 - 1.5*x)))*log(abs(x - 0.317))")
@example(text="silu(asin(0.3 - 0.7*x))")
def test_breaks_and_values_are_those_of_exact_arithmetic(text: str) -> None:
    try:
        curve = sample(text, range=RANGE, samples=151)
    except FunctionFailed as failure:
        assert "everywhere" in str(failure), str(failure)  # noqa: PT017
        return
    with mpmath.workdps(DIGITS):
        true = Exact(text)
        for at in curve.breaks[:4]:
            if RANGE[0] < at.x < RANGE[1]:
                check(true, at)
        places = [at.x for at in curve.breaks]
        rows = np.flatnonzero(~np.isin(curve.x, places))
        for row in rows[:: max(1, len(rows) // 40)]:
            x, y, dy = curve.x[row], curve.y[row], curve.dy[row]
            expected = true.at(mpf(float(x)))
            if expected is None:
                assert math.isnan(y), (x, y)
                continue
            # Next to a pole x itself is too coarse: a float's width of it, times the slope.
            slack = 1e-9 * max(1.0, abs(float(expected))) + 1e-14 * abs(np.nan_to_num(dy)) * max(1.0, abs(x))
            assert abs(y - float(expected)) <= slack, (x, y, expected)
        check_cells(true, curve.x, places)


def check_cells(true: Exact, x: np.ndarray, places: list[float]) -> None:
    """No jump was missed: between neighbours without a break, the step becomes smaller in ever narrower cells."""
    for low, high in itertools.pairwise(x):
        if high == low or any(low <= place <= high for place in places):
            continue
        a, b = mpf(float(low)), mpf(float(high))
        first, last = true.at(a), true.at(b)
        if first is None or last is None or (step := abs(last - first)) < 0.1:
            continue
        for _ in range(12):
            middle = (a + b) / 2
            between = true.at(middle)
            assert between is not None, (low, high)
            if abs(between - first) >= abs(last - between):
                b, last = middle, between
            else:
                a, first = middle, between
        assert abs(last - first) < step / 16, f"a jump at {float(a)} was missed"


@pytest.mark.parametrize(
    ("text", "x", "expected"),
    [
        ("where(x < 0, 1, 1/x)", 2, 0.5),
        ("max(x, 0.25)*2", 1, 2),
        ("relu(x) - floor(x)", 2.5, 0.5),
        ("log(x)", -1, None),
    ],
)
def test_the_exact_evaluator_is_right_on_the_plainest(text: str, x: float, expected: float | None) -> None:
    assert Exact(text).at(mpf(x)) == expected
