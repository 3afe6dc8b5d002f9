"""Expressions: what they mean, and that nothing else gets through."""

import ast
import pickle
import time
from pathlib import Path
from typing import Any

import exact
import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from actplot.errors import BadValue
from actplot.functions import expression
from actplot.functions.catalog import CATALOG
from actplot.functions.expression import MAX_DEPTH, MAX_LENGTH, parse
from actplot.functions.formula import mathtext, plain
from actplot.numerics.autograd import derivatives

X = np.linspace(-3.137, 3.219, 41)


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("x*sigmoid(b*x)", {"b": 1.702}),
        ("-x**2 + 3*x - 1/4", {}),
        ("2**x/(1 + abs(x))", {}),
        ("max(0, x) + s*min(0, x)", {"s": 0.1}),
        ("where(x > 0, x, exp(x) - 1)", {}),
        ("where(-1 < x < 1, x, sign(x))", {}),
        ("where(x >= 1, log(x), where(x <= -1, -log(-x), 0))", {}),
        ("Phi(x)*x + phi(x)", {}),
        ("sqrt(x*x + a**2)", {"a": 0.5}),
        ("erf(x/sqrt(2))*pi", {}),
        ("cos(2*x)**3", {}),
        ("+x - -x", {}),
        ("7", {}),
    ],
)
def test_values_and_slopes_are_those_of_the_same_formula(text: str, parameters: dict[str, float]) -> None:
    y, dy = derivatives(parse(text, parameters), X)
    assert_allclose(y, [float(exact.value(text, x, parameters)) for x in X], rtol=1e-13, atol=1e-14)
    h = exact.mpf("1e-12")
    central = [
        float(
            (exact.value(text, exact.mpf(x) + h, parameters) - exact.value(text, exact.mpf(x) - h, parameters))
            / (2 * h)
        )
        for x in X
    ]
    assert_allclose(dy, central, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", CATALOG)
def test_every_function_of_the_catalog_can_be_called(name: str) -> None:
    entry = CATALOG[name]
    whole = parse(f"{name}(x)", {})
    assert_allclose(derivatives(whole, X), derivatives(entry.bind().call, X), rtol=1e-15)
    values = {parameter.name: parameter.span[1] for parameter in entry.parameters}
    try:
        bound = entry.bind(**values)
    except BadValue:
        return
    numbered = {f"p{place}": value for place, value in enumerate(values.values())}
    called = parse(f"{name}({', '.join(['x', *numbered])})", numbered)
    assert_allclose(derivatives(called, X), derivatives(bound.call, X), rtol=1e-15)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("where(x > 0, log(x), 0)", -5, 5),
        ("where(x > 0, sqrt(x), -sqrt(-x))", -5, 5),
        ("where(x < 100, 1/(100 - x), exp(x))", -1000, 99),
        ("where(x == 0, 1, sin(x)/x)", -5, 5),
    ],
)
def test_the_branch_not_taken_spoils_nothing(text: str, low: float, high: float) -> None:
    x = np.linspace(low, high, 50)
    for order in derivatives(parse(text, {}), x, order=2):
        assert np.isfinite(order).all()


@pytest.mark.parametrize("text", ["3", "x > 0", "(x > 0) + (x > 1)", "pi", "relu(2)", "where(x > 0, 1, 0)"])
def test_what_does_not_depend_on_x_smoothly_has_slope_0(text: str) -> None:
    _, dy, d2y = derivatives(parse(text, {}), X, order=2)
    assert (dy == 0).all()
    assert (d2y == 0).all()


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 4), (2, 1, 5)])
def test_the_shape_is_kept(shape: tuple[int, ...]) -> None:
    x = np.linspace(-2, 2, int(np.prod(shape))).reshape(shape)
    for text in ("x*2", "7", "where(x > 0, x, 1)", "elu(x, 0.5)"):
        assert derivatives(parse(text, {}), x)[0].shape == shape


def test_it_can_be_sent_to_another_process() -> None:
    call = parse("x*sigmoid(b*x)", {"b": 2.0})
    derivatives(call, X)  # so that there is something to leave out
    again = pickle.loads(pickle.dumps(call))
    assert again == call
    assert_allclose(derivatives(again, X), derivatives(call, X))


REFUSED = [
    # what could reach Python
    ("x.__class__", 1, "an attribute"),
    ("(1).real", 1, "an attribute"),
    ("x[0]", 1, "a subscript"),
    ("(lambda: x)()", 1, "calling this"),
    ("lambda: x", 1, "lambda"),
    ("[x for x in (1, 2)]", 1, "a comprehension"),
    ("'x'", 1, "a string"),
    ("f'{x}'", 1, "a string"),
    ("b'x'", 1, "a string"),
    ("1 + __import__('os').system('true')", 5, "names with a dot are not allowed; write system(x)"),
    ("__import__(x)", 1, "there is no function '__import__'"),
    ("eval(x)", 1, "there is no function 'eval'"),
    ("x if x else 1", 1, "if ... else"),
    ("(x, 1)", 1, "a tuple"),
    ("[x]", 1, "a list"),
    ("{x}", 1, "a set"),
    ("{x: 1}", 1, "a dict"),
    ("(y := x)", 2, ":="),
    ("relu(*x)", 6, "*"),
    ("leaky_relu(x, slope=0.1)", 1, "arguments have no names here"),
    ("True", 1, "True"),
    ("None", 1, "None"),
    ("...", 1, "Ellipsis"),
    ("1j", 1, "a complex number"),
    # operators that are not arithmetic
    ("x ^ 2", 1, "^ is not a power"),
    ("x // 2", 1, "this operator"),
    ("x % 2", 1, "this operator"),
    ("x @ x", 1, "this operator"),
    ("x | 1", 1, "this operator"),
    ("~x", 1, "this operator"),
    ("not x", 1, "this operator"),
    ("x > 0 and x < 1", 1, "and, or are not allowed"),
    ("x is 0", 1, "this comparison"),
    ("x in x", 1, "this comparison"),
    # names and calls
    ("x + y", 5, "y has no value"),
    ("2*relu", 3, "relu is a function"),
    ("2 + sigmod(x)", 5, "there is no function 'sigmod'; did you mean sigmoid"),
    ("relu(x, 1)", 1, "relu takes 1 argument, not 2"),
    ("where(x > 0, 1)", 1, "where takes 3 arguments, not 2"),
    ("where(x, 1, 2)", 7, "where needs a comparison first"),
    ("max(x)", 1, "max takes 2 or more arguments, not 1"),
    ("leaky_relu(x, x)", 15, "the parameters of leaky_relu must not depend on x"),
    ("leaky_relu(x, sin(1))", 1, "slope of leaky_relu must be a number"),
    ("elu(x, -1)", 1, "elu: alpha must be >= 0, got -1"),
    ("hardtanh(x, 2, 1)", 1, "hardtanh needs min_val < max_val"),
    # size
    ("x**1001", 4, "exponents go from -1000 to 1000"),
    ("9**9**9**9", 7, "exponents go from -1000 to 1000"),
    ("1e999", 1, "numbers go up to 1e+300"),
    ("9" * 400, 1, "numbers go up to 1e+300"),
    ("-" * (MAX_DEPTH + 1) + "x", MAX_DEPTH + 1, f"nested more than {MAX_DEPTH} deep"),
    ("x # comment", 3, "'#' is not allowed"),
    ("x \\", 3, r"'\\' is not allowed"),
    ("x\0", 2, r"'\x00' is not allowed"),
    ("  x.y", 3, "an attribute"),
]


@pytest.mark.parametrize(("text", "column", "reason"), REFUSED, ids=[text[:30] for text, *_ in REFUSED])
def test_refusals_name_the_column_and_the_reason(text: str, column: int, reason: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse(text, {})
    assert f", column {column}: {reason}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" \n\t", "is empty"),
        ("x +", "cannot read"),
        ("(x", "at column 1"),
        ("x y", "at column"),
        ("x = 1", "cannot read"),
        ("x; x", "at column 2"),
        ("import os", "at column"),
        ("x" * (MAX_LENGTH + 1), "at most 1,000"),
        ("(" * 300 + "x" + ")" * 300, "cannot read"),
        ("9" * 999, "numbers go up to"),
    ],
)
def test_what_cannot_be_read(text: str, reason: str) -> None:
    with pytest.raises(BadValue, match=reason):
        parse(text, {})


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"x": 1.0}, "cannot be named 'x'; x is the variable"),
        ({"pi": 1.0}, "cannot be named 'pi'; that is a constant"),
        ({"relu": 1.0}, "cannot be named 'relu'; that is a function"),
        ({"b": 1.0, "c": 2.0}, "has no parameter 'c'; it has b"),
        ({"b": float("nan")}, "b must be finite"),
        ({"b": float("inf")}, "b must be finite"),
        ({"b-1": 1.0}, "letters, digits and _"),
        ({}, "b has no value; give it one with b=1"),
    ],
)
def test_parameters_are_checked(parameters: dict[str, float], reason: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse("b*x", parameters)
    assert reason in str(caught.value)


# Texts made of the pieces of the language, of Python, and of anything.
PIECES = [
    "x",
    "b",
    "1",
    "2.5",
    "1e3",
    "0",
    "+",
    "-",
    "*",
    "/",
    "**",
    "(",
    ")",
    ",",
    "<",
    ">=",
    "==",
    "where(",
    "max(",
    "exp(",
]
PIECES += [
    "sigmoid(",
    "leaky_relu(",
    "log(",
    "tan(",
    " ",
    ".",
    "__class__",
    "[",
    "]",
    "lambda",
    ":",
    "'",
    "import",
    "if",
    "=",
    ";",
]
PIECES += [
    "e",
    "pi",
    "\n",
    "#",
    "\\",
    "\0",
    "é",
    "中",
    "9" * 50,
    "0x",
    "_",
    "True",
    "@",
    "!",
    "{",
    "}",
    "os.system('true')",
]


def grown(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of smaller ones."""
    name = st.sampled_from(["sigmoid", "exp", "log", "sqrt", "tan", "abs", "softplus", "gelu", "floor", "Phi", "erf"])
    operator = st.sampled_from(["+", "-", "*", "/", "**", "<", ">=", "=="])
    return st.one_of(
        st.builds("({} {} {})".format, children, operator, children),
        st.builds("{}({})".format, name, children),
        st.builds("-{}".format, children),
        st.builds("where({} < {}, {}, {})".format, children, children, children, children),
        st.builds("{}({}, {})".format, st.sampled_from(["max", "min"]), children, children),
    )


LEAVES = st.sampled_from(["x", "b", "2", "0.5", "0", "pi", "1e30"])
EXPRESSIONS = st.recursive(LEAVES, grown, max_leaves=12)
ANYTHING = st.one_of(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.text(max_size=60))
ALLOWED = (ast.Constant, ast.Name, ast.UnaryOp, ast.BinOp, ast.Compare, ast.Call, ast.operator, ast.unaryop, ast.cmpop)


def check_harmless(text: str) -> bool:
    """Parses and evaluates a text; returns whether it reads as an expression. Fails if more than that happens."""
    start = time.perf_counter()
    try:
        call = parse(text, {"b": 1.5})
    except BadValue as error:
        reason = str(error)
        if "\n" in reason:
            raise AssertionError(reason) from None
        if "has no parameter 'b'" not in reason:
            return "exponents go from" in reason
        call = parse(text, {})
    for node in ast.walk(ast.parse(" ".join(text.split()), mode="eval").body):
        assert isinstance(node, (*ALLOWED, ast.expr_context))
    x = torch.linspace(-3, 3, 7, dtype=torch.float64, requires_grad=True)
    y = call(x)
    assert y.shape == x.shape
    assert y.dtype == x.dtype
    torch.autograd.grad(y.sum(), x)
    formula = " ".join(text.split())
    for line in (*mathtext(formula), *plain(formula)):
        assert line
    assert time.perf_counter() - start < 5
    return True


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS)
@example("where(x < 0, where(x < -1, log(x), tan(x)), b**x)")
def test_any_expression_is_evaluated(text: str) -> None:
    if len(text) <= MAX_LENGTH and _depth(text) < MAX_DEPTH:
        assert check_harmless(text)


def _depth(text: str) -> int:
    """How deep parentheses and minus signs nest, at least as deep as the tree."""
    depth = most = 0
    for character in text:
        depth += (character in "(-") - (character == ")")
        most = max(most, depth)
    return 2 * most + 2


@settings(max_examples=600, deadline=None)
@given(ANYTHING)
@example("__import__('os').abort()")
@example("-\nx")
@example("x**(1/0)")
@example("(x).__class__.__base__.__subclasses__()")
@example("x" + "**9" * 100)
@example("exp(" * 60 + "x" + ")" * 60)
def test_any_text_is_an_expression_or_one_line(text: str) -> None:
    check_harmless(text)


def test_nothing_is_run_as_python() -> None:
    source = ast.parse(Path(expression.__file__).read_text("utf-8"))
    called = {
        node.func.id for node in ast.walk(source) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec", "compile", "__import__"}
    assert parse("x", {})(torch.ones(1)).item() == 1


def test_functions_are_named_once() -> None:
    names: list[Any] = [*expression.ELEMENTARY, *expression._OTHER]
    assert len(names) == len(set(names))
