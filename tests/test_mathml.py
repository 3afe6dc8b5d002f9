"""Formulas as MathML."""

from xml.etree import ElementTree

import pytest

from actplot.functions.mathml import mathml

TIMES = "\u2062"


def words(markup: str) -> str:
    """What a formula says, without what only places it."""
    return "".join(ElementTree.fromstring(markup).itertext())


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("x*sigmoid(beta*x)", f"x{TIMES}σ(β{TIMES}x)"),
        ("slope*min(0, x)", "slope·min(0,x)"),
        ("2*x - 3*2", f"2{TIMES}x−3·2"),
        ("a/(b + c)", "ab+c"),
        ("abs(x)**2", "|x|2"),
        ("where(x <= 0, 0, where(x < 6, x, 6))", "{0x≤0x0<x<66x≥6"),
        ("exp(-(x/2))", "e−x/2"),
        ("ap*x", f"ap{TIMES}x"),
        ("sin(a*x)**2", f"sin2(a{TIMES}x)"),
        ("x*s; s = 2.5; t = 1e-7", f"x{TIMES}s"),
    ],
)
def test_formulas(formula: str, text: str) -> None:
    said = words(mathml(formula))
    assert said.startswith(f"f(x)={text}")
    assert "<script" not in mathml(formula)


def test_signs_of_comparisons_are_escaped() -> None:
    assert "<mo>&lt;</mo>" in mathml("where(x < 0, x, 0)")


def test_auxiliary_quantities_are_rows() -> None:
    table = ElementTree.fromstring(mathml("x*s; s = exp(u); u = 2*x", "f'(x)"))[0]
    assert table.tag == "mtable"
    assert ["".join(row.itertext())[:5] for row in table] == ["f′(x)", "s=eu", f"u=2{TIMES}x"]
