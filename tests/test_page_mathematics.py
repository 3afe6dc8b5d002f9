"""The mathematics of the page in a real browser, held against torch and mpmath."""

import base64
import json
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import exact
import mpmath
import numpy as np
import pytest
import torch
from browser import needs_browser, serve
from conftest import FUNCTIONS, every_entry, typical_entries
from corpus import CASES, Case
from test_corpus import tolerance
from test_expression import REFUSED

import actplot.page
from actplot.errors import BadValue
from actplot.functions import expression
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, Function
from actplot.functions.source import function as source
from actplot.numerics.autograd import derivatives
from actplot.numerics.curve import sample
from actplot.page import compile as compiler

SCRIPTS = Path(actplot.page.__file__).parent / "js"
Floats = np.ndarray[Any, np.dtype[np.float64]]


# Arrays travel as base64 of their bytes.
_READY = """
const done = arguments[arguments.length - 1];
globalThis.floats = (text) => new Float64Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
globalThis.text = (floats) => {
  const bytes = new Uint8Array(Float64Array.from(floats).buffer);
  let result = '';
  for (let i = 0; i < bytes.length; i += 8190) result += String.fromCharCode(...bytes.subarray(i, i + 8190));
  return btoa(result);
};
const names = ['mathematics', 'model', 'expression', 'refinement'];
Promise.all(names.map((name) => import(`/${name}.js`))).then((modules) => {
  globalThis.page = Object.assign({}, ...modules);
  page.register(JSON.parse(arguments[0]));
  done(null);
}, (error) => done(String(error)));
"""


class Page:
    """The page's modules in a browser."""

    def __init__(self, driver: Any, address: str) -> None:
        self._driver = driver
        driver.get(f"{address}/mathematics.js")
        entries = json.dumps([compiler.entry(each) for each in CATALOG.values()])
        assert driver.execute_async_script(_READY, entries) is None

    def run(self, script: str, *arguments: Any) -> Any:
        return self._driver.execute_script(script, *arguments)

    def floats(self, script: str, x: Floats, *arguments: Any) -> list[Floats]:
        """The arrays that a script returns for ``x``, its first argument."""
        texts = self.run(f"const x = floats(arguments[0]); {script}", _text(x), *arguments)
        return [np.frombuffer(base64.b64decode(each)) for each in texts]


def _text(x: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(x, dtype=np.float64).tobytes()).decode()


@pytest.fixture(scope="module")
def page(browser_process: Any) -> Iterator[Page]:
    with serve(SCRIPTS) as address:
        yield Page(browser_process, address)


def _sinc(order: int) -> Callable[[Any], Any]:
    sin, cos = mpmath.sin, mpmath.cos
    return [
        lambda x: sin(x) / x,
        lambda x: (x * cos(x) - sin(x)) / x**2,
        lambda x: -sin(x) / x - 2 * (x * cos(x) - sin(x)) / x**3,
    ][order]


# Name, truth, range of x, allowed error in ULP.
ELEMENTARY: list[tuple[str, Callable[[Any], Any], tuple[float, float], float]] = [
    ("erf", mpmath.erf, (-7, 7), 4),
    ("erfc", mpmath.erfc, (-7, 26), 5),
    ("Phi", lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2, (-37, 9), 6),
    ("phi", mpmath.npdf, (-37, 37), 5),
    ("erfSlope", lambda x: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x), (-26, 26), 4),
    ("sigmoid", lambda x: 1 / (1 + mpmath.exp(-x)), (-700, 50), 3),
    ("sigmoidSlope", lambda x: mpmath.exp(-abs(x)) / (1 + mpmath.exp(-abs(x))) ** 2, (-700, 700), 4),
    ("softplus", lambda x: mpmath.log1p(mpmath.exp(x)), (-700, 100), 3),
    ("centredSoftplus", lambda x: mpmath.log((1 + mpmath.exp(x)) / 2), (-50, 50), 3),
    ("sech2", lambda x: mpmath.sech(x) ** 2, (-350, 350), 5),
    ("tanhshrink", lambda x: x - mpmath.tanh(x), (-20, 20), 6),
    ("expm1MinusX", lambda x: mpmath.expm1(x) - x, (-40, 40), 5),
    ("sinc0", _sinc(0), (-50, 50), 3),
    ("sinc1", _sinc(1), (-50, 50), 3),
    ("sinc2", _sinc(2), (-50, 50), 6),
    ("lgamma", lambda x: mpmath.log(abs(mpmath.gamma(x))), (-10, 150), 8),
    ("digamma", mpmath.digamma, (-10, 60), 6),
    ("trigamma", lambda x: mpmath.psi(1, x), (-10, 60), 6),
]
# Those that have zeros which are no floats: next to them an error counts against the terms that cancel, of size 1.
CANCELS = {"sinc0", "sinc1", "sinc2", "lgamma", "digamma"}


@needs_browser
@pytest.mark.parametrize(("name", "truth", "ends", "allowed"), ELEMENTARY, ids=[name for name, *_ in ELEMENTARY])
def test_functions_are_accurate_to_a_few_ulp(
    page: Page, name: str, truth: Callable[[Any], Any], ends: tuple[float, float], allowed: float
) -> None:
    generator = np.random.default_rng(7)
    near = 10.0 ** generator.uniform(-20, 0, 200)
    x = np.concatenate([generator.uniform(*ends, 800), generator.uniform(-2, 2, 800), near, -near])
    x = x[(x > ends[0]) & (x < ends[1])]
    (found,) = page.floats(
        """const [, name] = arguments;
        const out = new Float64Array(3);
        const f = page[name] ?? ((u) => (page.sinc(u, out), out[Number(name.at(-1))]));
        return [text(x.map((u) => f(u)))];""",
        x,
        name,
    )
    with mpmath.workdps(75 if name.startswith(("sinc", "tanh", "expm1", "centred")) else 25):
        true = [truth(mpmath.mpf(float(each))) for each in x]
        size = np.array([float(each) for each in true])
        error = np.array([float(mpmath.mpf(float(got)) - want) for got, want in zip(found, true, strict=True)])
    if name in CANCELS:
        size = np.maximum(np.abs(size), 1.0)
    ulp = np.abs(error) / np.spacing(np.abs(size))
    assert ulp.max() <= allowed, (x[ulp.argmax()], found[ulp.argmax()])


def points(function: Function) -> Floats:
    """2,001 points of the range, 200 out to 10,000, and those at which something happens."""
    low, high = function.range
    far = np.geomspace(1e-3, 1e4, 70)
    wide = np.concatenate([-far, far, np.linspace(-1e4, 1e4, 60)])
    if math.isfinite(function.domain[0]):
        wide = low + (high - low) * np.geomspace(1e-9, 1.0, 200)
    x = np.concatenate([np.linspace(low, high, 2001), wide, function.breaks or (), function.dy_kinks])
    if function.name == "softplus" and not function.breaks:
        # Its step there is too small to be a break, but torch's second derivative has its own convention.
        x = x[x != function.parameters["threshold"] / function.parameters["beta"]]
    return x


_EVALUATE = """
const [, name, parameters, order] = arguments;
return page.lookUp(name).evaluate(x, parameters, order).map(text);
"""


def truth(function: Function, order: int, x: float, digits: int) -> Any:
    """The formula of the function or of a derivative at ``x``."""
    assert function.formula is not None
    assert function.derivative is not None
    with mpmath.workdps(digits):
        if order < 2:
            return exact.value((function.formula, function.derivative)[order], x, function.parameters)
        step = mpmath.mpf(10) ** (-digits // 4)
        ends = [exact.value(function.derivative, mpmath.mpf(x) + side, function.parameters) for side in (step, -step)]
        return (ends[0] - ends[1]) / (2 * step)


def disputed(found: Floats, torchs: Floats, relative: float, absolute: float) -> Floats:
    """The indices at which the page and torch differ."""
    with np.errstate(all="ignore"):
        close = np.abs(found - torchs) <= np.maximum(relative * np.abs(torchs), absolute)
    return np.flatnonzero(~(close | (found == torchs) | (np.isnan(found) & np.isnan(torchs))))


def is_true(function: Function, order: int, x: float, found: float, torchs: float, bounds: tuple[float, float]) -> bool:
    """Whether mpmath says that the page is right where torch says something else."""
    least = min((abs(each) for each in (found, torchs) if each), default=1.0)
    lost = -math.log10(least) if 0 < least < 1 else 0.0
    want = truth(function, order, x, 60 + int(2 * lost if least > 1e-40 else 340))
    if not math.isfinite(found):
        return False
    error = abs(mpmath.mpf(found) - want)
    # Below the normal numbers there are fewer digits.
    return bool(error <= bounds[0] * abs(want) or error <= max(bounds[1], 1e-307))


# 1 + sin(2 a x), snake's derivative, has double zeros: there the terms of size 1 cancel, in torch as on the page.
CANCELLING = {("snake", 1): 1e-15}


def holds(function: Function, order: int, x: Floats, found: Floats, torchs: Floats) -> None:
    bounds = (1e-12, CANCELLING.get((function.name, order), 0.0))
    for index in disputed(found, torchs, *bounds):
        numbers = float(x[index]), float(found[index]), float(torchs[index])
        assert x[index] not in (function.breaks or ()), numbers
        assert is_true(function, order, *numbers, bounds), (order, *numbers)


@needs_browser
@typical_entries
def test_values_and_slopes_are_those_of_torch_or_truer(page: Page, entry: Activation) -> None:
    for function in (each for each in FUNCTIONS if each.name == entry.name):
        x = points(function)
        found = page.floats(_EVALUATE, x, entry.name, function.parameters, 1)
        for order, torchs in enumerate(derivatives(function.call, x)):
            holds(function, order, x, found[order], torchs)


@needs_browser
@typical_entries
def test_second_derivatives_are_those_of_torch_or_truer(page: Page, entry: Activation) -> None:
    """To 1e-10 of their size, or 1e-13 where terms of size 1 cancel; a sample of what is disputed is decided."""
    for function in (each for each in FUNCTIONS if each.name == entry.name):
        x = points(function)
        found = page.floats(_EVALUATE, x, entry.name, function.parameters, 2)[2]
        torchs = derivatives(function.call, x, order=2)[2]
        special = {*(function.breaks or ()), *function.dy_kinks}
        bounds = 1e-10, 1e-13
        unlike = disputed(found, torchs, *bounds)
        for index in unlike[:: max(1, unlike.size // 5)]:
            numbers = float(x[index]), float(found[index]), float(torchs[index])
            assert numbers[0] not in special, numbers
            assert is_true(function, 2, *numbers, bounds), numbers


_BREAKS = """
const [name, settings, order] = arguments;
const plain = (key, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);
const model = page.lookUp(name);
const found = settings.map((each) => model.breaks(each, [-1e9, 1e9], order));
return JSON.stringify(found, plain);
"""


def triples(found: list[dict[str, Any]], name: str) -> Floats:
    """The three numbers of each break, in rows."""
    return np.array([[float(each) for each in at[name]] for at in found]).reshape(-1, 3)


@needs_browser
@typical_entries
def test_breaks_are_the_same_floats_and_values_there_are_those_of_torch(page: Page, entry: Activation) -> None:
    functions = [each for each in FUNCTIONS if each.name == entry.name]
    for order in (1, 2):
        answer = json.loads(page.run(_BREAKS, entry.name, [each.parameters for each in functions], order))
        for function, found in zip(functions, answer, strict=True):
            places = np.array(sorted({*(function.breaks or ()), *(function.dy_kinks if order == 2 else ())}))
            assert [at["x"] for at in found] == list(places)
            torchs = derivatives(function.call, places, order=2)
            for level, name in enumerate(("y", "dy", "d2y")[: order + 1]):
                here = triples(found, name)[:, 2]
                for index in disputed(here, torchs[level], 1e-12, 0.0):  # torch keeps 1/alpha in float32
                    numbers = float(places[index]), float(here[index]), float(torchs[level][index])
                    assert numbers[0] not in (function.breaks or ()), numbers
                    assert is_true(function, level, *numbers, (1e-12, 0.0)), numbers


@needs_browser
@typical_entries
def test_one_sided_limits_are_those_of_the_formulas(page: Page, entry: Activation) -> None:
    functions = [each for each in FUNCTIONS if each.name == entry.name]
    for function, found in zip(
        functions,
        json.loads(page.run(_BREAKS, entry.name, [each.parameters for each in functions], 2)),
        strict=True,
    ):
        for at in found:
            for level, name in enumerate(("y", "dy", "d2y")):
                for side, limit in zip((-1, 1), map(float, at[name]), strict=False):
                    # A place is rounded; out of the domain there is no limit, at a pole the formula only grows.
                    beside = mpmath.mpf(at["x"]) + side * mpmath.mpf("1e-14") * max(1, abs(at["x"]))
                    if not function.domain[0] <= beside <= function.domain[1]:
                        assert math.isnan(limit)
                        continue
                    want = float(truth(function, level, beside, 100))
                    if math.isinf(limit):
                        assert abs(want) > abs(float(truth(function, level, at["x"] + side * 1e-7, 100)))
                        assert math.copysign(1, want) == math.copysign(1, limit)
                    else:
                        slack = (1e-13, 1e-12, 1e-9)[level] * max(1.0, abs(want))
                        assert abs(limit - want) <= slack, (at["x"], name, limit, want)


EXPRESSIONS = [case for case in CASES if isinstance(case.function, str)]
every_expression = pytest.mark.parametrize("case", EXPRESSIONS, ids=[case.name for case in EXPRESSIONS])


@needs_browser
@every_expression
def test_breaks_of_expressions_are_found_from_their_trees(page: Page, case: Case) -> None:
    """Against those worked out by hand, which Python's finder finds too."""
    assert isinstance(case.function, str)
    found = json.loads(
        page.run(
            """const [source, range] = arguments;
            const plain = (key, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);
            return JSON.stringify(page.modelOfExpression(source).breaks({}, range), plain);""",
            case.function,
            case.range,
        )
    )
    assert len(found) == len(case.breaks)
    for at, truth in zip(found, case.breaks, strict=True):
        assert abs(at["x"] - truth.x) <= tolerance(case, truth)
    for name in ("y", "dy"):
        got = triples(found, name)[:, :2]
        want = [[getattr(truth, f"{name}_{side}") for side in ("left", "right")] for truth in case.breaks]
        for limit, true in zip(got.ravel(), np.array(want, dtype=object).ravel(), strict=True):
            if true is not None:
                np.testing.assert_allclose(limit, true, rtol=1e-6, atol=1e-7 * case.scale, err_msg=name)
    torchs = derivatives(expression.parse(case.function, {}), [at["x"] for at in found])
    for name, want in zip(("y", "dy"), torchs, strict=True):
        np.testing.assert_allclose(triples(found, name)[:, 2], want, rtol=1e-9, atol=1e-12)


SWEEPS = [
    ("where(x > b, x, -x)", "b", (-2.0, 0.0, 1.3)),
    ("abs(x - b) + abs(x + b)", "b", (0.5, 1.0, 2.25)),
    ("max(b*x, x**2 - 1)", "b", (-1.0, 0.5, 3.0)),
    ("1/(x**2 - b)", "b", (-1.0, 0.25, 2.0)),
    ("sqrt(b - x)*log(x + b)", "b", (0.5, 1.0, 3.0)),
    ("floor(b*x)", "b", (0.7, 1.0, 2.0)),
    ("hardshrink(x - 1, b)", "b", (0.1, 0.5, 1.5)),
    ("sign(x**2 - b)*x", "b", (0.3, 1.0, 4.0)),
    ("elu(relu(x) - b, 2)", "b", (0.3, 1.0, 2.0)),
]


@needs_browser
@pytest.mark.parametrize(("text", "name", "values"), SWEEPS, ids=[text for text, *_ in SWEEPS])
def test_breaks_follow_a_parameter(page: Page, text: str, name: str, values: tuple[float, ...]) -> None:
    for value in values:
        found = page.run(
            "const [text, values] = arguments; return page.modelOfExpression(text).breaks(values, [-5, 5]).map((b) => b.x);",
            text,
            {name: value},
        )
        expected = [at.x for at in sample(source(text, {name: value}), range=(-5, 5)).breaks]
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


TEXTS = [
    "x*sigmoid(b*x)", "-x**2 + 3*x - 1/4", "2**x/(1 + abs(x))", "where(-1 < x < 1, x, sign(x))", "Phi(x)*x + phi(x)",
    "-2**-x", "+x - -x", "7", "x>0", "max(x, -x, b)", "2**3**x", "softplus(x, 2)", "LeakyReLU(x, b)", "arctan(x)*ln(2)",
    "1e3*x + .5 + 1.", "x**0.5", "x**b", "b**x", "(x + 1)**2", "cbrt(x) - lgamma(x)", "e**(-x*x)*pi", "x - 1 - 2 - x/2/3",
    "round(x) + ceil(x) + trunc(x)", "swish(tanh(x), b)", "(x > 0) + (x >= b)", "where(x == 0, 1, sin(x)/x)",
    "log2(x) + log10(x) + log1p(x)", "asinh(x)*acosh(x)*atanh(x)", "erfc(x)*erf(x)", "square(x) + expm1(x)",
]  # fmt: skip


@needs_browser
@pytest.mark.parametrize("text", [*TEXTS, *(f"{name}(x)" for name in CATALOG)])
def test_what_is_typed_means_what_it_means_in_python(page: Page, text: str) -> None:
    names = page.run("return page.modelOfExpression(arguments[0]).parameters.map((each) => each.name);", text)
    parsed = expression.parse(text, dict.fromkeys(names, 1.5))
    tree = page.run("return page.parse(arguments[0], page.lookUp).tree;", text)
    assert tree == compiler.tree(parsed)
    x = np.concatenate([np.linspace(-4.103, 4.307, 85), [0.0, 1.0, -1.0, 0.5, -3.0, 3.0]])
    found = page.floats(
        "return page.modelOfExpression(arguments[1]).evaluate(x, arguments[2], 1).map(text);",
        x,
        text,
        dict.fromkeys(names, 1.5),
    )
    y, dy = derivatives(parsed, x)
    dy[np.isnan(y)] = np.nan
    for got, want in zip(found, (y, dy), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-10)  # torch keeps 1/6 in float32


_REFUSED_HERE = """
try {
  page.modelOfExpression(arguments[0]);
} catch (error) {
  return [error.message, error.column, error.text.zh];
}
return null;
"""


@needs_browser
@pytest.mark.parametrize(("text", "column"), [(text, column) for text, column, _ in REFUSED], ids=range(len(REFUSED)))
def test_what_python_refuses_the_page_refuses(page: Page, text: str, column: int) -> None:
    refusal = page.run(_REFUSED_HERE, text)
    if text == "x + y":  # a free name is a parameter here
        assert refusal is None
        return
    message, at, chinese = refusal
    assert message.startswith(f"column {at}: ")
    assert "\n" not in message
    assert chinese.startswith(f"第 {at} 列：")
    assert re.search("[\u4e00-\u9fff]", chinese.partition("：")[2])
    assert not re.search("[\u4e00-\u9fff][,;()]|[,;()][\u4e00-\u9fff]", chinese)
    assert 1 <= at <= len(text) + 1


@needs_browser
def test_numbers_of_a_page_are_the_callers_own(page: Page) -> None:
    """Arrays that were returned once are not written to again, and any number of points is taken."""
    assert page.run(
        """const model = page.lookUp('gelu');
        const first = model.evaluate([1, 2, 3], {}, 2).map((row) => [...row]);
        const kept = model.evaluate([1, 2, 3], {}, 2);
        model.evaluate(new Float64Array(5000), {}, 2);
        model.evaluate([7], {}, 1);
        return first.every((row, k) => row.every((value, i) => value === kept[k][i])) && model.evaluate([], {}, 1)[1].length === 0;"""
    )


@needs_browser
def test_parameters_that_are_not_given_have_their_defaults(page: Page) -> None:
    assert page.run("return [...page.lookUp('Leaky-ReLU').evaluate([-1], {})[1]];") == [0.01]
    assert page.run("return [...page.modelOfExpression('a*x + b').evaluate([2], {b: 5}, 0)[0]];") == [7]
    assert page.run("return page.lookUp('softshrink').breaks().map((each) => each.x);") == [-0.5, 0.5]


@needs_browser
def test_requirements_hold_on_the_page_too(page: Page) -> None:
    for values, allowed in (({"min_val": -1, "max_val": 1}, True), ({"min_val": 1, "max_val": 1}, False)):
        assert page.run("return page.lookUp('hardtanh').allows(arguments[0]);", values) is allowed
    assert page.run("return page.lookUp('relu').allows({});")


@needs_browser
def test_samples_are_interpolated_and_leave_gaps(page: Page) -> None:
    curves = [sample(lambda x, w: torch.where(x > 0, w * x, x - w), w=width) for width in (1.0, 2.0)]
    entry = compiler.samples(curves)
    y, at = json.loads(
        page.run(
            """const model = page.modelOf(JSON.parse(arguments[0]));
            const row = model.evaluate([-1.05, 0, 1.05, 99], {w: 1.9}, 0)[0];
            return JSON.stringify([[...row].map(String), model.breaks({w: 1.9}, [-5, 5])[0]]);""",
            json.dumps(entry),
        )
    )
    assert [float(each) for each in y] == pytest.approx([-3.05, -2.0, 2.1, math.nan], nan_ok=True)
    assert (at["x"], at["y"]) == (0, [-2, 0, -2])


@every_entry
def test_the_whole_catalog_compiles(entry: Activation) -> None:
    compiled = compiler.entry(entry)
    assert json.loads(json.dumps(compiled, allow_nan=False)) == compiled
    assert len(compiled["breaks"]) >= len(entry.bind().breaks or ())
    for markup in compiled["formula"].values():
        root = ElementTree.fromstring(markup)
        assert root.tag == "math"
        assert "".join(root.itertext()).replace(" ", "").startswith("f")


def test_a_callable_is_not_compiled() -> None:
    def mine(x: torch.Tensor) -> torch.Tensor:
        return x * x

    with pytest.raises(BadValue, match="mine has no formula"):
        compiler.entry(CATALOG.function(mine))
    with pytest.raises(BadValue, match=r"cannot be compiled: frob\(x\)"):
        compiler.tree("1 + frob(x)")
    assert compiler.entry(source("b*abs(x)", {"b": 2.0}))["parameters"][0]["default"] == 2.0
    assert compiler.entry(source("elu", {"alpha": 2.0}))["name"] == "elu"


@needs_browser
def test_a_thinned_line_reaches_as_far_in_every_column_of_pixels(page: Page) -> None:
    x = np.linspace(-5, 5, 10_001)
    thin = (
        "const line = page.thinned({x, y: x.map((each) => Math.sin(arguments[1] * each))}, {scale: 50, offset: 250});"
    )
    kept, y = page.floats(thin + "return [text(line.x), text(line.y)]", x, 300.0)
    assert len(kept) <= 2 * 501
    columns, all_columns = np.floor(50 * kept + 250), np.floor(50 * x + 250)
    for column in np.unique(all_columns):
        expected = np.sin(300.0 * x[all_columns == column])
        assert y[columns == column].min() == pytest.approx(expected.min(), abs=1e-12)
        assert y[columns == column].max() == pytest.approx(expected.max(), abs=1e-12)
    # What the pixels resolve is as it was.
    sparse = x[::10]
    assert page.floats(thin + "return [text(line.x)]", sparse, 1.0)[0].tolist() == sparse.tolist()
