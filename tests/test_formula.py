"""Formulas, set as mathtext and as text."""

import re
from xml.etree import ElementTree

import pytest
from conftest import every_entry

from actplot.functions.formula import mathtext, plain
from actplot.functions.mathml import mathml
from actplot.functions.registry import Activation


@pytest.mark.parametrize(
    ("formula", "tex", "text"),
    [
        ("x**2/2", r"\dfrac{x^{2}}{2}", "x²/2"),
        ("1/(1 + exp(-x))", r"\dfrac{1}{1 + e^{-x}}", "1/(1 + e^(−x))"),
        ("x*sigmoid(beta*x)", r"x\,\sigma(\beta\,x)", "x·σ(β·x)"),
        ("alpha*(exp(x/alpha) - 1)", r"\alpha(e^{x/\alpha} - 1)", "α·(e^(x/α) − 1)"),
        ("slope*min(0, x)", r"\mathrm{slope} \cdot \min(0, x)", "slope·min(0, x)"),
        ("a - (b - c)", "a - (b - c)", "a − (b − c)"),
        ("a - (b + c)", "a - (b + c)", "a − (b + c)"),
        ("-a/b", r"-\dfrac{a}{b}", "(−a)/b"),
        ("(1 + x/a)/2", r"\dfrac{1 + x/a}{2}", "(1 + x/a)/2"),
        ("1/(1 + 1/x)", r"\dfrac{1}{1 + 1/x}", "1/(1 + 1/x)"),
        ("a/(b*c)", r"\dfrac{a}{b\,c}", "a/(b·c)"),
        ("(a + b)**2", "(a + b)^{2}", "(a + b)²"),
        ("-x*2", r"(-x) \cdot 2", "(−x)·2"),
        ("2*-x", "2(-x)", "2·(−x)"),
        ("abs(x)**0.5", "|x|^{0.5}", "|x|^0.5"),
        ("sqrt(2/pi)", r"\sqrt{2/\pi}", "√(2/π)"),
        ("lambd*x", r"\lambda\,x", "λ·x"),
        ("min_val", r"\mathrm{min\_val}", "min_val"),
        ("1.0507009873554805", "1.0507", "1.0507"),
    ],
)
def test_expressions(formula: str, tex: str, text: str) -> None:
    assert mathtext(formula) == [f"f(x) = {tex}"]
    assert plain(formula) == [f"f(x) = {text}"]


@every_entry
def test_no_bar_of_a_fraction_stands_over_another_and_words_are_upright(entry: Activation) -> None:
    for formula in (entry.formula, entry.derivative):
        for line in mathtext(formula):
            for part in re.split(r"\\dfrac", line)[1:]:
                assert closes(part), line
            for word in re.findall(r"(?<![\\A-Za-z_])[A-Za-z]{2,}", line):
                assert rf"\mathrm{{{word}" in line, line
        tree = ElementTree.fromstring(mathml(formula))
        assert not any(inner.find(".//mfrac") is not None for inner in tree.iter("mfrac")), formula


def closes(part: str) -> bool:
    """Whether the two pairs of braces, of numerator and denominator, that a text begins with end in it."""
    depth = ends = 0
    for character in part:
        depth += {"{": 1, "}": -1}.get(character, 0)
        ends += character == "}" and depth == 0
    return ends >= 2


def test_conditions_are_spelt_out() -> None:
    assert plain("where(x > 0, x, 0)") == ["f(x) = x (x > 0);  0 (x ≤ 0)"]
    assert plain("where(x <= -3, 0, where(x < 3, x, 1))") == ["f(x) = 0 (x ≤ −3);  x (−3 < x < 3);  1 (x ≥ 3)"]
    assert plain("where(x < 0, 0, where(x > 0, 1, a))") == ["f(x) = 0 (x < 0);  1 (x > 0);  a (x = 0)"]
    assert plain("where(abs(x) > a, x, 0)") == ["f(x) = x (|x| > a);  0 (|x| ≤ a)"]


def test_auxiliary_quantities_get_lines_and_constants_share_one() -> None:
    assert plain("u*v*x; u = sin(x); v = 2*x") == ["f(x) = u·v·x", "u = sin(x)", "v = 2·x"]
    assert plain("a*b*x; a = 2; b = 3") == ["f(x) = a·b·x", "a = 2,  b = 3"]


@pytest.mark.parametrize("formula", ["x if x else 0", "[x]", "x.y", "f(x, k=1)", "lambda: x", "'x'", "x and x"])
def test_what_is_no_formula(formula: str) -> None:
    with pytest.raises(SyntaxError):
        plain(formula)
