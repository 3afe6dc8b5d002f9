"""The pages of facts."""

import io
import json
from typing import Any

import pytest
from conftest import every_entry, facts_of
from rich.console import Console

from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation
from actplot.functions.source import function
from actplot.language import known_language
from actplot.numerics.facts import properties
from actplot.output.info import facts, page
from actplot.text import LANGUAGES, Language

# The functions that the tutorials explain.
EXPLAINED = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "silu", "swish", "gelu", "identity", "binary_step"]


def rendered(entry: Activation, lang: Language, **parameters: float) -> str:
    out = io.StringIO()
    function = entry.bind(**parameters)
    Console(file=out, width=120, highlight=False).print(page(function, lang, entry, facts_of(function)))
    return out.getvalue()


@pytest.mark.parametrize(
    ("entry", "lang"),
    [(entry, LANGUAGES[index % 2]) for index, entry in enumerate(CATALOG.values())],  # by turns
    ids=lambda value: getattr(value, "name", value),
)
def test_a_page_says_it_all(entry: Activation, lang: Language) -> None:
    text = rendered(entry, lang)
    for part in (entry.title.en, entry.summary[lang], "f(x) = ", "f'(x) = ", f"actplot {entry.name}"):
        assert part in text
    for parameter in entry.parameters:
        assert parameter.name in text
        assert parameter.text[lang] in text
    for line in (*entry.strengths, *entry.weaknesses):
        assert line[lang] in text
    for name in entry.names.values():
        assert name in text
    for at in entry.bind().breaks or ():
        assert f"x = {at:g}" in text
    assert any("一" <= character <= "鿿" for character in text) == (lang == "zh")


@pytest.mark.parametrize("name", EXPLAINED)
def test_explained_functions_have_strengths_and_weaknesses(name: str) -> None:
    assert CATALOG[name].strengths
    assert CATALOG[name].weaknesses


def test_a_page_follows_the_parameters() -> None:
    entry = CATALOG["elu"]
    assert "continuous" in rendered(entry, "en")
    text = rendered(entry, "en", alpha=2.0)
    assert "alpha = 2 (default 1; >= 0): " in text
    assert "from the left 2, from the right 1, PyTorch returns 2" in text
    assert "actplot elu --alpha 2" in text


@pytest.mark.parametrize(
    ("source", "kind", "shape"),
    [
        ("sin(x)/x", "x = 0: removable discontinuity", "has a removable discontinuity"),
        ("where(x > 1, x, 0)", "x = 1: jump", "has a jump or a pole"),
        ("1/x", "x = 0: pole", "has a jump or a pole"),
        ("abs(x)", "x = 0: kink", "C0"),
        ("x*log(x)", "x = 0: end of the domain", "smooth"),
    ],
)
def test_a_page_names_the_kind_of_each_break(source: str, kind: str, shape: str) -> None:
    out = io.StringIO()
    Console(file=out, width=200, highlight=False).print(page(function(source), "en"))
    assert kind in out.getvalue()
    assert shape in out.getvalue()


def test_facts_that_are_not_given_are_computed() -> None:
    function = CATALOG["leaky_relu"].bind(slope=0.25)
    assert facts(function) == facts(function, None, properties(function))
    assert facts(function)["breaks"][0]["dy_left"] == 0.25


def _steps_of_jax(x: Any) -> Any:
    import jax.numpy

    return jax.numpy.where(x > 0, 1.0 + x, 0.0)


@pytest.mark.parametrize(
    ("source", "framework"),
    [
        ("jax.nn:hard_tanh", "JAX"),
        (f"{__file__}:_steps_of_jax", "JAX"),
        ("torch.nn:Hardtanh", "PyTorch"),
        ("where(x > 0, 1, 0)", "PyTorch"),
        ("hardtanh", "PyTorch"),
    ],
)
def test_who_returns_a_value_at_a_break_is_named(source: str, framework: str) -> None:
    if framework == "JAX":
        pytest.importorskip("jax")
    for lang, said in (("en", f"{framework} returns "), ("zh", f"{framework} 返回 ")):
        out = io.StringIO()
        found = facts_of(function("hardtanh"))  # whose breaks stand for those of all: JAX takes long over its own
        Console(file=out, width=200, highlight=False).print(page(function(source), known_language(lang), None, found))
        assert out.getvalue().count(" returns ") + out.getvalue().count(" 返回 ") == out.getvalue().count(said) > 0


@every_entry
def test_facts_are_json(entry: Activation) -> None:
    known = json.loads(json.dumps(facts(entry.bind(), entry, facts_of(entry.bind())), allow_nan=False))
    assert known["name"] == entry.name
    assert known["parameters"] == entry.defaults
    assert set(known["names"]) == {"pytorch", "tensorflow", "keras", "jax", "numpy", "onnx"}
    assert len(known["breaks"]) == len(entry.bind().breaks or ())


@pytest.mark.parametrize("text", ["hardshrink", "threshold", "tan(x)", "elu:alpha=2", "bce"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_that_is_folded_loses_nothing(text: str, lang: Language) -> None:
    def printed(columns: int) -> str:
        console = Console(width=columns, file=io.StringIO(), highlight=False)
        console.print(page(chosen, lang, CATALOG.get(chosen.name), found))
        return "".join(console.file.getvalue().split())  # type: ignore[attr-defined]

    chosen = function(text)
    found = properties(chosen)
    assert printed(60) == printed(80) == printed(100) == printed(1000)
