"""Functions of JAX and NumPy arrays: recognised, called, differentiated; and audited like those of tensors."""

import importlib.util
import json
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.special
import torch
from command import Act, check_refusal
from conftest import first_of

from actplot.errors import FunctionFailed, NotInstalled
from actplot.functions.catalog import CATALOG
from actplot.functions.source import function
from actplot.numerics.audit.run import audit
from actplot.numerics.autograd import derivatives
from actplot.numerics.disagreement import Disagreement, SlopeAt, disagreements
from actplot.numerics.frameworks import framework_of

TYPES = ("float64", "float32", "float16", "bfloat16")
FEW = ("--dtype", "float32", "--inputs", "1000", "--dpi", "50", "--jobs", "1")
X = [-3.0, -1.0, -0.25, 0.0, 0.5, 2.0, 8.0]
MINE = """
import numpy as np, torch

def bent(x): return np.where(x > 0, x, np.expm1(x))
def of_tensors(x): return x * np.float64(2).item()
def late(x):
    from scipy import special
    return special.expit(x)
def two(x): return np.tanh(x), x
def raising(x): raise ValueError("not today")
class Made:
    def __call__(self, x): return np.maximum(x, 0)
"""
MINE_OF_JAX = """
import jax, jax.numpy as jnp, numpy as np

def bent(x): return jnp.where(x > 0, x, jnp.expm1(x))
compiled = jax.jit(lambda x: x * jax.nn.sigmoid(x))
def total(x): return jnp.sum(x)
def for_many(x): return x * jnp.ones(x.shape[0])
"""


@pytest.fixture
def jax() -> Any:
    return pytest.importorskip("jax", reason='JAX is not installed: pip install "actplot[jax]"')


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours.py").write_text(MINE)
    (tmp_path / "ofjax.py").write_text(MINE_OF_JAX)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (np.tanh, "numpy"),
        (scipy.special.erf, "numpy"),
        (np.sinc, "numpy"),
        (np.vectorize(float), "numpy"),
        (lambda x: np.tanh(x), "numpy"),
        (torch.tanh, "torch"),
        (torch.nn.functional.gelu, "torch"),
        (torch.nn.GELU(), "torch"),
        (lambda x: x * x, "torch"),
        (lambda x: x * float(np.pi), "torch"),
        (function("gelu").call, "torch"),
        (function("x*x").call, "torch"),
    ],
)
def test_whose_arrays_a_callable_takes(call: Callable[..., Any], expected: str) -> None:
    assert framework_of(call) == expected


@pytest.mark.parametrize("dtype", TYPES)
def test_numpy_values_are_numpys_own_in_every_type(dtype: str) -> None:
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    (y,) = derivatives(np.tanh, X, order=0, dtype=dtype)  # type: ignore[arg-type]
    if dtype != "bfloat16":
        assert y.tobytes() == np.tanh(np.array(X, dtype)).tobytes()
    np.testing.assert_allclose(y.astype(float), np.tanh(X), rtol=torch.finfo(getattr(torch, dtype)).eps)
    with pytest.raises(FunctionFailed, match="NumPy arrays, which have no derivative"):
        derivatives(np.tanh, X, order=1, dtype=dtype)  # type: ignore[arg-type]


def test_numpy_functions_of_ones_own_are_found() -> None:
    for name, expected in (("bent", np.where(np.array(X) > 0, X, np.expm1(X))), ("late", scipy.special.expit(X))):
        np.testing.assert_array_equal(derivatives(function(f"ours.py:{name}").call, X, order=0)[0], expected)
    np.testing.assert_array_equal(derivatives(function("ours.py:Made").call, X, order=0)[0], np.maximum(X, 0))
    assert derivatives(function("ours.py:of_tensors").call, X)[1].tolist() == [2.0] * len(X)
    with pytest.raises(FunctionFailed, match="not today"):
        derivatives(function("ours.py:raising").call, X)
    with pytest.raises(FunctionFailed, match="returned tuple, not an array"):
        derivatives(function("ours.py:two").call, X, order=0)


@pytest.mark.parametrize("dtype", first_of(TYPES, 2))
def test_jax_values_and_slopes_are_jaxs_own_in_every_type(jax: Any, dtype: str) -> None:
    y, dy = derivatives(jax.nn.gelu, X, dtype=dtype)
    with jax.enable_x64(True):
        x = jax.numpy.array(X, dtype=dtype)
        expected = jax.nn.gelu(x), jax.vmap(jax.grad(jax.nn.gelu))(x)
        for ours, theirs in zip((y, dy), expected, strict=True):
            np.testing.assert_array_equal(ours, np.array(theirs, ours.dtype))
    assert y.dtype == (np.float32 if dtype == "bfloat16" else np.dtype(dtype))


def test_jax_derivatives_of_any_order(jax: Any) -> None:
    for ours, theirs in zip(derivatives(jax.numpy.tanh, X, order=3), derivatives(torch.tanh, X, order=3), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    assert derivatives(jax.nn.relu, [[0.0], [1.0]])[1].tolist() == [[0.0], [1.0]]


def test_jax_functions_of_ones_own_are_found(jax: Any) -> None:
    np.testing.assert_allclose(
        derivatives(function("ofjax.py:bent").call, X)[0], np.where(np.array(X) > 0, X, np.expm1(X))
    )
    np.testing.assert_allclose(
        derivatives(function("ofjax.py:compiled").call, X)[1], derivatives(torch.nn.functional.silu, X)[1], rtol=1e-12
    )
    with pytest.raises(FunctionFailed, match="shape"):
        derivatives(function("ofjax.py:total").call, X)
    with pytest.raises(FunctionFailed, match="JAX cannot differentiate the function: IndexError"):
        derivatives(function("ofjax.py:for_many").call, X)


def test_loading_jax_is_not_drawing_random_numbers(jax: Any) -> None:
    for source in ("jax.nn:gelu", "ofjax.py:bent"):
        call: Any = function(source).call
        call(torch.zeros(2))
        assert not call.drew


# Audits


@pytest.mark.parametrize("dtype", ["float32", pytest.param("bfloat16", marks=pytest.mark.slow)])
def test_jax_is_audited(jax: Any, dtype: str) -> None:
    result = audit(function("jax.nn:relu"), function("relu"), dtype=dtype, inputs=2000)
    assert result.framework == "jax"
    assert {finding.kind for finding in result.f.findings} <= {"flushed"}  # as XLA does on CPUs
    assert result.f.max_ulp == 0 or result.f.findings
    assert result.gradient is not None
    assert all(0 < each.low <= each.high < 1.2e-38 for each in result.gradient.findings)  # subnormals are 0 to it
    assert result.gradient.max_ulp == 0 or result.gradient.findings
    result = audit(function("jax.nn:softplus"), function("softplus"), dtype=dtype, inputs=1000)
    assert result.gradient is not None
    assert result.gradient.correctly_rounded > 0.5


def test_numpy_is_audited_without_a_derivative(act: Act) -> None:
    words = ("audit", "numpy:abs", "--against", "absolute", *FEW)
    answer = act(*words, "--lang", "en")
    assert answer.code == 0
    assert answer.out.splitlines()[1] == "abs  float32  NumPy/SciPy, cpu  1,000 inputs, evenly over the representations"
    assert "takes NumPy arrays, which have no derivative: f alone was audited" in answer.err
    check_refusal(act(*words, "--max-ulp-grad", "2"), 1, "no derivative", "--max-ulp-grad")
    answer = act(*words, "--forward-only", "--json")
    assert '"framework": "numpy"' in answer.out
    assert '"scipy"' in answer.out
    assert not answer.err


def test_without_jax_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name, *more: None)
    with pytest.raises(NotInstalled, match=r'jax.nn needs JAX, which is not installed; pip install "actplot\[jax\]"'):
        function("jax.nn:gelu")
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    with pytest.raises(NotInstalled, match="bfloat16"):
        derivatives(np.tanh, X, order=0, dtype="bfloat16")  # type: ignore[arg-type]


# What frameworks do otherwise


@cache
def measured_of(name: str, **parameters: float) -> dict[str, Disagreement]:
    return disagreements(CATALOG[name].bind(**parameters), CATALOG[name])


@pytest.mark.slow
@pytest.mark.parametrize("framework", ["pytorch", "jax", "numpy"])
def test_notes_say_what_is_measured(framework: str) -> None:
    """Of every entry that a framework has and that can be called: what it does otherwise is noted, and nothing else."""
    if framework == "jax":
        pytest.importorskip("jax", reason='JAX is not installed: pip install "actplot[jax]"')
    seen = 0
    for entry in CATALOG.values():
        found = measured_of(entry.name).get(framework)
        if found is None:
            continue
        seen += 1
        assert found.values.is_rounding, entry.name
        assert found.slopes is None or found.slopes.is_rounding, entry.name
        note = entry.differs[framework].en if framework in entry.differs else ""
        is_other_by_default = found.by_default is not None and not found.by_default.is_rounding
        if not (found.at_breaks or is_other_by_default):
            assert re.fullmatch(r"no (\w+)(, no (\w+))*|", note), entry.name
            assert tuple(re.findall(r"no (\w+)", note)) in ((), found.missing), entry.name
        for at in found.at_breaks:
            where = f"at x = {at.x:g}" if len(found.at_breaks) == 1 else "at both ends"
            assert note == f"slope {at.theirs:g} {where}", entry.name
        if is_other_by_default:
            assert "by default" in note or f"{found.name.partition('(')[0]} is " in note, entry.name
    assert seen >= {"pytorch": 30, "jax": 30, "numpy": 15}[framework]


def test_parameters_are_handed_on_or_the_framework_is_left_out(jax: Any) -> None:
    found = measured_of("leaky_relu", slope=0.3)
    assert found["jax"].at_breaks == (SlopeAt(0.0, 0.3, 1.0),)
    assert {"pytorch", "jax"} == set(found)
    assert set(measured_of("softplus", beta=2.0)) == {"pytorch"}
    gelu = measured_of("gelu")["jax"]
    x = np.array([gelu.by_default.x])  # type: ignore[union-attr]
    with jax.enable_x64(True):
        assert gelu.by_default.theirs == float(jax.nn.gelu(x)[0])  # type: ignore[union-attr]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_info_tells_what_was_measured_in_place_of_notes(lang: str, act: Act) -> None:
    plain, told = (act("info", "sinc", "--lang", lang, *more) for more in ((), ("--frameworks",)))
    assert "torch.sinc is sin(pi x)" in plain.out or "torch.sinc 为 sin(pi x)" in plain.out
    assert "sin(pi x)/(pi x)" not in told.out.replace("f(x) = sin", "") or importlib.util.find_spec("jax") is None
    assert {"zh": "只传入 x 时最多相差 0.94", "en": "called on x alone off by up to 0.94"}[lang] in told.out
    known = json.loads(act("info", "relu", "--frameworks", "--json").out)
    assert known["measured"]["numpy"] == {
        "name": "numpy.maximum(x, 0)",
        "version": np.__version__,
        "values": {"size": 0.0, "x": -100.0, "ours": 0.0, "theirs": 0.0},
        "slopes": None,
        "at_breaks": [],
        "by_default": None,
        "missing": [],
    }
    assert "measured" not in json.loads(act("info", "relu", "--json").out)
    check_refusal(act("info", "x*x", "--frameworks"), 2, "--frameworks", "x*x")
