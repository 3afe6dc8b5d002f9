"""Computed facts against what is known: published ranges and extrema, integrals by mpmath, and laws of every function."""

import json
import math
from typing import Any

import exact
import mpmath
import numpy as np
import pytest
from conftest import facts_of, some_functions
from numpy.testing import assert_allclose

from actplot.errors import FunctionFailed
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function
from actplot.functions.source import function as function_of
from actplot.numerics.autograd import derivatives
from actplot.numerics.facts import Bound, Properties, properties
from actplot.output.info import facts

INF = math.inf
E = math.e

# Name: image with its brackets, monotone, smoothness. From the literature and scans of reference implementations.
KNOWN: dict[str, tuple[str, float, float, str, str, str]] = {
    # name: (brackets, low, high, monotone, smoothness, parity)
    "identity": ("()", -INF, INF, "increasing", "smooth", "odd"),
    "binary_step": ("[]", 0, 1, "increasing", "jump", "no"),
    "sign": ("[]", -1, 1, "increasing", "jump", "odd"),
    "threshold": ("()", 0, INF, "no", "jump", "no"),
    "thresholded_relu": ("[)", 0, INF, "increasing", "jump", "no"),
    "absolute": ("[)", 0, INF, "no", "C0", "even"),
    "relu": ("[)", 0, INF, "increasing", "C0", "no"),
    "relu6": ("[]", 0, 6, "increasing", "C0", "no"),
    "clipped_relu": ("[]", 0, 20, "increasing", "C0", "no"),
    "leaky_relu": ("()", -INF, INF, "increasing", "C0", "no"),
    "prelu": ("()", -INF, INF, "increasing", "C0", "no"),
    "rrelu": ("()", -INF, INF, "increasing", "C0", "no"),
    "squared_relu": ("[)", 0, INF, "increasing", "C1", "no"),
    "star_relu": ("[)", -0.4472, INF, "increasing", "C1", "no"),
    "hardtanh": ("[]", -1, 1, "increasing", "C0", "odd"),
    "elu": ("()", -1, INF, "increasing", "C1", "no"),
    "selu": ("()", -1.7580993408473766, INF, "increasing", "C0", "no"),
    "celu": ("()", -1, INF, "increasing", "C1", "no"),
    "isrlu": ("()", -1, INF, "increasing", "C2", "no"),
    "xielu": ("[)", -0.2058, INF, "no", "C1", "no"),
    "exponential": ("()", 0, INF, "increasing", "smooth", "no"),
    "softplus": ("()", 0, INF, "increasing", "smooth", "no"),
    "shifted_softplus": ("()", -math.log(2), INF, "increasing", "smooth", "no"),
    "squareplus": ("()", 0, INF, "increasing", "smooth", "no"),
    "sparse_plus": ("[)", 0, INF, "increasing", "C1", "no"),
    "log_sigmoid": ("()", -INF, 0, "increasing", "smooth", "no"),
    "sigmoid": ("()", 0, 1, "increasing", "smooth", "no"),
    "hard_sigmoid": ("[]", 0, 1, "increasing", "C0", "no"),
    "sparse_sigmoid": ("[]", 0, 1, "increasing", "C0", "no"),
    "tanh": ("()", -1, 1, "increasing", "smooth", "odd"),
    "lecun_tanh": ("()", -1.7159, 1.7159, "increasing", "smooth", "odd"),
    "softsign": ("()", -1, 1, "increasing", "C1", "odd"),
    "arctan": ("()", -math.pi / 2, math.pi / 2, "increasing", "smooth", "odd"),
    "asinh": ("()", -INF, INF, "increasing", "smooth", "odd"),
    "erf": ("()", -1, 1, "increasing", "smooth", "odd"),
    "isru": ("()", -1, 1, "increasing", "smooth", "odd"),
    "cloglog": ("()", 0, 1, "increasing", "smooth", "no"),
    "sqnl": ("[]", -1, 1, "increasing", "C1", "odd"),
    "soft_clipping": ("()", 0, 1, "increasing", "smooth", "no"),
    "dyt": ("()", -1, 1, "increasing", "smooth", "odd"),
    "laplace": ("()", 0, 1, "increasing", "smooth", "no"),
    "hardshrink": ("()", -INF, INF, "increasing", "jump", "odd"),
    "softshrink": ("()", -INF, INF, "increasing", "C0", "odd"),
    "tanhshrink": ("()", -INF, INF, "increasing", "smooth", "odd"),
    "silu": ("[)", -0.278465, INF, "no", "smooth", "no"),
    "swish": ("[)", -0.278465, INF, "no", "smooth", "no"),
    "hard_swish": ("[)", -0.375, INF, "no", "C0", "no"),
    "gelu": ("[)", -0.169971, INF, "no", "smooth", "no"),
    "gelu_tanh": ("[)", -0.170041, INF, "no", "smooth", "no"),
    "quick_gelu": ("[)", -0.16361, INF, "no", "smooth", "no"),
    "mish": ("[)", -0.308843, INF, "no", "smooth", "no"),
    "e_swish": ("[)", -0.278465 * 1.375, INF, "no", "smooth", "no"),
    "elish": ("[)", 2 * math.sqrt(2) - 3, INF, "no", "C1", "no"),
    "hard_elish": ("[)", -0.09967, INF, "no", "C0", "no"),
    "lisht": ("[)", 0, INF, "no", "smooth", "even"),
    "tanhexp": ("[)", -0.353286, INF, "no", "smooth", "no"),
    "serf": ("[)", -0.348437, INF, "no", "smooth", "no"),
    "phish": ("[)", 0, INF, "no", "smooth", "no"),
    "smish": ("[)", -0.249994, INF, "no", "smooth", "no"),
    "logish": ("[)", -0.252769, INF, "no", "smooth", "no"),
    "golu": ("[)", -0.09726, INF, "no", "smooth", "no"),
    "flatten_t_swish": ("[)", -0.2, INF, "increasing", "C0", "no"),
    "bent_identity": ("()", -INF, INF, "increasing", "smooth", "no"),
    "sine": ("[]", -1, 1, "no", "smooth", "odd"),
    "snake": ("()", -INF, INF, "increasing", "smooth", "no"),
    "gcu": ("()", -INF, INF, "no", "smooth", "odd"),
    "gaussian": ("(]", 0, 1, "no", "smooth", "even"),
    "sinc": ("[]", -0.21723, 1, "no", "smooth", "even"),
    "cosine": ("[]", -1, 1, "no", "smooth", "even"),
}

# Places and values of extrema from the literature, to the digits printed there.
EXTREMA = {
    "xielu": [(-0.981, -0.2058)],
    "absolute": [(0, 0)],
    "silu": [(-1.27846, -0.278465)],
    "hard_swish": [(-1.5, -0.375)],
    "gelu": [(-0.75179, -0.169971)],
    "gelu_tanh": [(-0.75246, -0.170041)],
    "quick_gelu": [(-0.75116, -0.16361)],
    "mish": [(-1.19243, -0.308843)],
    "elish": [(-0.88138, -0.171573)],
    "hard_elish": [(-0.44286, -0.09967)],
    "lisht": [(0, 0)],
    "tanhexp": [(-1.0788, -0.353286)],
    "serf": [(-1.1931, -0.348437)],
    "phish": [(-1.1954, 0.16466), (0, 0)],
    "smish": [(-1.3945, -0.249994)],
    "logish": [(-1.3724, -0.252769)],
    "golu": [(-0.567143, -0.09726)],
    "gaussian": [(0, 1)],
}

SLOPES = {
    "sigmoid": 0.25,
    "tanh": 1,
    "relu": 1,
    "selu": 1.75810,
    "lecun_tanh": 1.14393,
    "erf": 1.128379,
    "silu": 1.0998,
    "gelu": 1.1289,
    "hard_swish": 1.5,
    "lisht": 1.1997,
    "bent_identity": 1.5,
    "snake": 2,
    "gaussian": 0.85776,
    "binary_step": 0,
    "exponential": INF,
    "gcu": INF,
}


def of(name: str, **parameters: float) -> Properties:
    found: Properties = facts_of(CATALOG[name].bind(**parameters))
    return found


def test_what_is_known_is_in_the_catalog() -> None:
    assert set(KNOWN) <= set(CATALOG)
    assert len(KNOWN) == 69


@pytest.mark.parametrize("name", KNOWN)
def test_image_shape_and_class_are_those_known(name: str) -> None:
    brackets, low, high, monotone, smoothness, parity = KNOWN[name]
    found = of(name)
    assert ("[" if found.low.closed else "(") + ("]" if found.high.closed else ")") == brackets
    assert found.low.value == pytest.approx(low, abs=6e-6 if name != "xielu" else 5e-5)
    assert found.high.value == pytest.approx(high, abs=6e-6)
    assert (found.monotone, found.smoothness, found.parity) == (monotone, smoothness, parity)


@pytest.mark.parametrize("name", [name for name in KNOWN if name not in ("sine", "cosine", "gcu", "sinc")])
def test_extrema_are_those_published(name: str) -> None:
    published = EXTREMA.get(name)
    if name in ("swish", "e_swish"):
        published = [(-1.27846, -0.278465 * (1.375 if name == "e_swish" else 1))]
    found = [(each.x, each.y) for each in of(name).extrema]
    assert len(found) == len(published or [])
    if published:
        assert_allclose(found, published, atol=2e-4 if name == "xielu" else 6e-5)  # as many digits as are printed


@pytest.mark.parametrize(("name", "slope"), SLOPES.items())
def test_largest_slopes_are_those_published(name: str, slope: float) -> None:
    assert of(name).max_abs_slope == pytest.approx(slope, abs=6e-5)


# Values known in closed form, to 1e-9 and better.
CLOSED_FORM: list[tuple[str, dict[str, float], str, Any]] = [
    ("relu", {}, "gaussian", (1 / math.sqrt(2 * math.pi), 0.5, math.sqrt(2), 0.5)),
    ("leaky_relu", {"slope": 0.2}, "gaussian", (0.8 / math.sqrt(2 * math.pi), 0.52, 1 / math.sqrt(0.52), 0.0)),
    ("identity", {}, "gaussian", (0, 1, 1, 0)),
    ("binary_step", {}, "gaussian", (0.5, 0.5, math.sqrt(2), 1)),
    ("exponential", {}, "gaussian", (math.exp(0.5), math.exp(2), math.exp(-1), 0)),
    ("squared_relu", {}, "gaussian", (0.5, 1.5, math.sqrt(2 / 3), 0.5)),
    ("gelu", {}, "gaussian.mean", 1 / math.sqrt(4 * math.pi)),
    ("sine", {"omega": 30.0}, "gaussian.second_moment", 0.5),
    ("cosine", {}, "gaussian.mean", math.exp(-0.5)),
    ("hardtanh", {}, "gaussian.dead_fraction", math.erfc(1 / math.sqrt(2))),
    ("hardshrink", {"lambd": 1.0}, "gaussian.dead_fraction", math.erf(1 / math.sqrt(2))),
    ("swish", {"beta": 2.0}, "low.value", -0.13923227193),
    ("elu", {"alpha": 2.0}, "low.value", -2.0),
    ("silu", {}, "low.value", -0.27846454276),
    ("arctan", {}, "high.value", math.pi / 2),
    ("cosine", {}, "fixed_points", (0.7390851332151607,)),
    ("sigmoid", {}, "fixed_points", (0.6590460684074066,)),
    ("tanh", {}, "roots", (0.0,)),
    ("star_relu", {"s": 1.0, "b": -2.0}, "roots", (math.sqrt(2),)),
    ("sine", {}, "roots", tuple(k * math.pi for k in range(-3, 4))),
    ("relu", {}, "zero_on", ((-INF, 0.0),)),
    ("relu", {}, "fixed_on", ((0.0, INF),)),
    ("hard_swish", {}, "fixed_on", ((3.0, INF),)),
    ("softshrink", {}, "zero_on", ((-0.5, 0.5),)),
]


@pytest.mark.parametrize(
    ("name", "parameters", "what", "value"), CLOSED_FORM, ids=[f"{name} {what}" for name, _, what, _ in CLOSED_FORM]
)
def test_values_known_in_closed_form(name: str, parameters: dict[str, float], what: str, value: Any) -> None:
    found: Any = of(name, **parameters)
    for attribute in what.split("."):
        found = getattr(found, attribute)
    assert_allclose(found, value, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", [name for name in CATALOG if math.isinf(CATALOG[name].domain[0])])
def test_moments_are_the_integrals(name: str) -> None:
    function = CATALOG[name].bind()
    assert function.formula is not None
    # Gauss-Legendre between whole numbers and breaks, of the formula: beyond 12 the density is below 1e-31.
    edges = np.unique([*range(-12, 13), *(x for x in function.breaks or () if abs(x) < 12)])
    nodes, weights = np.polynomial.legendre.leggauss(20)
    half = np.diff(edges)[:, None] / 2
    x = (edges[:-1, None] + half * (1 + nodes)).ravel()
    weighted = (half * weights).ravel() * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)
    with mpmath.workdps(20):
        values = np.array([float(exact.value(function.formula, point, function.parameters)) for point in x])
    found = facts_of(function).gaussian
    assert found.mean == pytest.approx(values @ weighted, abs=2e-9)
    assert found.second_moment == pytest.approx(values**2 @ weighted, abs=2e-9)
    assert found.gain == pytest.approx(1 / math.sqrt(found.second_moment))


@some_functions
def test_facts_agree_with_the_values(function: Function) -> None:
    found = facts_of(function)
    x = np.concatenate([np.linspace(-60, 60, 20_011), np.geomspace(1e-6, 1e5, 300), -np.geomspace(1e-6, 1e5, 300)])
    x = np.sort(np.concatenate([x[np.abs(x) < 700], function.breaks or ()]))
    x = x[(x > function.domain[0]) & (x < function.domain[1])]
    y, dy = derivatives(function.call, x)
    near = 1e-9 * max(1.0, abs(found.low.value) if math.isfinite(found.low.value) else 1.0)
    assert y.min() >= found.low.value - near
    assert y.max() <= found.high.value + 1e-9 * max(1.0, abs(found.high.value))
    assert np.abs(dy).max() <= found.max_abs_slope * (1 + 1e-9) + 1e-12
    beside = [x for place in function.breaks or () for x in (place - 1e-9, place + 1e-9)]
    beside = [x for x in beside if function.domain[0] < x < function.domain[1]]
    steps = np.diff(derivatives(function.call, np.sort(np.concatenate([x, beside])), order=0)[0])
    if found.monotone != "no":
        assert (steps * (1 if found.monotone == "increasing" else -1)).min() >= -1e-9 * max(1.0, np.abs(y).max())
    else:
        assert (steps > 0).any()
        assert (steps < 0).any()
    if found.parity != "no" and math.isinf(function.domain[0]):
        sign = 1 if found.parity == "even" else -1
        assert_allclose(derivatives(function.call, -x, order=0)[0], sign * y, rtol=1e-9, atol=1e-12)
    for root in found.roots:
        assert abs(derivatives(function.call, root, order=0)[0]) <= 1e-9 * max(1.0, found.max_abs_slope, abs(root))
    for point in found.fixed_points:
        assert abs(derivatives(function.call, point, order=0)[0] - point) <= 1e-8 * max(1.0, abs(point))
    for low, high in found.zero_on:
        inside = x[(x > low) & (x < high)]
        assert (derivatives(function.call, inside, order=0)[0] == 0).all()
    for extremum in found.extrema:
        reach = 1e-7 if extremum.x in (function.breaks or ()) else 1e-3
        around = extremum.x + np.array([-reach, reach]) * max(0.05, abs(extremum.x))
        beside = derivatives(function.call, around, order=0)[0]
        assert (beside > extremum.y).all() if extremum.kind == "min" else (beside < extremum.y).all()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1/x", {"low": -INF, "high": INF, "smoothness": "jump", "roots": (), "fixed_points": (-1.0, 1.0)}),
        ("x**2 - 2", {"low": -2, "high": INF, "roots": (-math.sqrt(2), math.sqrt(2)), "fixed_points": (-1.0, 2.0)}),
        ("x*log(x)", {"low": -1 / E, "high": INF, "roots": (1.0,), "fixed_points": (E,)}),
        ("sqrt(x)", {"low": 0, "high": INF, "monotone": "increasing", "max_abs_slope": INF}),
        ("abs(x - 2) + abs(x + 2)", {"low": 4, "high": INF, "smoothness": "C0", "parity": "even", "roots": ()}),
        ("x*abs(x)", {"low": -INF, "high": INF, "smoothness": "C1", "parity": "odd", "roots": (0.0,)}),
        ("x**3", {"smoothness": "smooth", "monotone": "increasing", "roots": (0.0,), "fixed_points": (-1.0, 0.0, 1.0)}),
        ("-x", {"monotone": "decreasing", "fixed_points": (0.0,), "saturates": "no", "max_abs_slope": 1}),
        ("5", {"low": 5, "high": 5, "saturates": "both", "parity": "even", "max_abs_slope": 0, "fixed_points": (5.0,)}),
        ("log(1 + x**2)", {"low": 0, "high": INF, "saturates": "no", "roots": (0.0,)}),
        ("sin(x)/x", {"smoothness": "hole", "low": -0.21723362821122166, "high": 1}),
        ("where(x > 1, x, -x)/(x*x > 0)", {"smoothness": "jump"}),
        ("exp(-x)", {"low": 0, "high": INF, "saturates": "right", "monotone": "decreasing"}),
        ("atan(1000*x)", {"high": math.pi / 2, "max_abs_slope": 1000, "smoothness": "smooth"}),
        ("1e-3*sin(x)", {"low": -1e-3, "high": 1e-3, "max_abs_slope": 1e-3}),
        ("x + 2*sin(x)", {"low": -INF, "high": INF, "monotone": "no", "max_abs_slope": 3}),
    ],
)
def test_functions_of_the_users_own(text: str, expected: dict[str, Any]) -> None:
    found = facts_of(function_of(text))
    for name, value in expected.items():
        known = getattr(found, name).value if name in ("low", "high") else getattr(found, name)
        if isinstance(value, str):
            assert known == value
        else:
            assert_allclose(known, value, rtol=1e-9, atol=1e-9)


def test_integrals_that_do_not_exist_are_null() -> None:
    for text in ("1/x", "exp(x**2)", "log(x)"):
        gaussian = facts(function_of(text))["gaussian"]
        assert (gaussian["mean"], gaussian["second_moment"], gaussian["gain"]) == (None, None, None)
    assert facts(function_of("0"))["gaussian"] == {"mean": 0, "second_moment": 0, "gain": None, "dead_fraction": 1}


def test_a_function_without_values_has_no_facts() -> None:
    with pytest.raises(FunctionFailed, match="no finite value anywhere"):
        properties(function_of("log(-1 - x**2)"))


KEYS = [
    "name",
    "aliases",
    "family",
    "formula",
    "parameters",
    "image",
    "monotone",
    "parity",
    "smoothness",
    "breaks",
    "extrema",
    "roots",
    "fixed_points",
    "max_abs_slope",
    "saturates",
    "zero_centred",
    "gaussian",
    "names",
    "reference",
]


@pytest.mark.parametrize("source", ["gelu", "hardshrink", "1/x", "x*sigmoid(2*x)"])
def test_the_keys_that_others_rely_on(source: str) -> None:
    function = function_of(source)
    known = json.loads(json.dumps(facts(function, CATALOG.get(source)), allow_nan=False))
    assert set(KEYS) <= set(known)
    assert set(known["image"]) == {"low", "high"}
    assert set(known["image"]["low"]) == {"value", "closed"}
    assert list(known["gaussian"]) == ["mean", "second_moment", "gain", "dead_fraction"]
    for extremum in known["extrema"]:
        assert set(extremum) == {"x", "y", "kind"}


@pytest.mark.parametrize(
    ("expression", "mean", "second"),
    [
        ("exp(x**2/4)", math.sqrt(2), math.inf),
        ("exp(x**2/5)", math.sqrt(5 / 3), math.sqrt(5)),
        ("exp(x**2)", math.inf, math.inf),
        ("sin(1000*x)", 0.0, 0.5),
        ("where(x < 0.3, 2, 5)", 2 + 3 * 0.38208857781104733, 4 + 21 * 0.38208857781104733),
        ("1/x", math.nan, math.inf),
        ("1/x**2", math.inf, math.inf),
        ("1/sqrt(abs(x))", 1.7200799746490404, math.inf),
        ("round(x*32)/32", 0.0, 1.0000813802083333),
    ],
)
def test_moments_of_awkward_functions(expression: str, mean: float, second: float) -> None:
    """Closed forms; Phi(-0.3) = 0.382..., and E|x|^(-1/2) = Gamma(1/4) / (2^(1/4) sqrt(pi))."""
    found = facts_of(function_of(expression)).gaussian
    assert found.mean == pytest.approx(mean, rel=1e-8, abs=1e-12, nan_ok=True)
    assert found.second_moment == pytest.approx(second, rel=1e-8, abs=1e-12)


def test_limits_far_out_survive_cancellation() -> None:
    found = facts_of(function_of("(softplus(50*x)-softplus(50*(x-1)))/50"))
    assert (found.low, found.high) == (Bound(0.0, False), Bound(1.0, False))


@pytest.mark.parametrize("expression", ["sin(x)", "tan(x)", "round(x*32)/32", "floor(1e5*x)", "sin(1e4*x)"])
def test_what_was_searched_in_part_is_not_called_smooth(expression: str) -> None:
    found = facts_of(function_of(expression))
    assert found.smoothness in (None, "jump")
    assert not found.is_searched_whole


@pytest.mark.parametrize("place", [60.0, -1e5, 1e14])
def test_kinks_far_out_are_found(place: float) -> None:
    found = facts_of(function_of("relu(x - c)", {"c": place}))
    assert [at.x for at in found.breaks or ()] == [place]
    assert (found.smoothness, found.parity, found.zero_on) == ("C0", "no", ((-math.inf, place),))


@pytest.mark.parametrize("place", [-70.0, 1e3, 1e9])
def test_jumps_far_out_are_found(place: float) -> None:
    found = facts_of(function_of("where(x > c, 1, 0)", {"c": place}))
    assert [at.x for at in found.breaks or ()] == [place]
    assert (found.smoothness, found.parity, found.zero_on) == ("jump", "no", ((-math.inf, place),))
