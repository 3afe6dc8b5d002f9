"""What a text means as a function: names of the catalog, expressions, callables; and what is wrong with it."""

import copy
import os
import pickle
import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from command import Act, Answer, run, script
from conftest import every_entry, every_function
from numpy.testing import assert_allclose, assert_array_equal

import actplot
from actplot.errors import BadValue, FunctionFailed, UnknownFunction
from actplot.functions import source
from actplot.functions.expression import Expression
from actplot.functions.registry import Activation, Function

X = np.linspace(-3, 3, 13)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, of which no file has been imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


# Names


@every_entry
def test_every_spelling_of_a_name_is_the_entry(entry: Activation) -> None:
    for name in (entry.name, *entry.aliases):
        for spelling in (name, name.upper(), name.replace("_", "-"), name.replace("_", " "), f" {name}"):
            assert source.function(spelling) == entry.bind()


@every_function
def test_a_name_takes_parameters_in_both_ways(function: Function) -> None:
    assert source.function(function.name, function.parameters) == function
    if function.parameters:
        assignments = ",".join(f"{name}={value!r}" for name, value in function.parameters.items())
        assert source.function(f"{function.name}:{assignments}") == function
        assert source.function(f"{function.name.upper()} : {assignments.replace('=', ' = ')}") == function


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("leaky_relu:slope=-0.1", {"slope": -0.1}),
        ("leaky_relu:slope=1e-3", {"slope": 1e-3}),
        ("lrelu:slope=.5", {"slope": 0.5}),
        ("hardtanh:min_val=-2,max_val=2", {"min_val": -2, "max_val": 2}),
        ("hardtanh: max_val = 2 , min_val = -2", {"min_val": -2, "max_val": 2}),
    ],
)
def test_parameters_within_a_name(text: str, parameters: dict[str, float]) -> None:
    assert source.function(text).parameters == parameters


def test_what_is_given_beside_a_name_comes_first() -> None:
    assert source.function("leaky_relu:slope=0.1", {"slope": 0.2}).parameters == {"slope": 0.2}


# Expressions


def test_an_expression_is_its_text_without_needless_blanks() -> None:
    function = source.function("  x *  sigmoid(b*x)\t", {"b": 1.5})
    assert (function.name, function.title) == ("x * sigmoid(b*x)", "x * sigmoid(b*x)")
    assert function.parameters == function.non_default == {"b": 1.5}
    assert function.breaks is None
    assert_allclose(function.call(torch.from_numpy(X)), X / (1 + np.exp(-1.5 * X)), rtol=1e-14)


def test_a_long_expression_has_a_short_title() -> None:
    text = " + ".join(f"sin({n}*x)" for n in range(1, 20))
    function = source.function(text)
    assert function.name == text
    assert len(function.title) < 10


def test_parameters_within_an_expression() -> None:
    assert source.function("a*x + b:a=2,b=-1").parameters == {"a": 2, "b": -1}
    y, dy = actplot.evaluate("a*x + b:a=2,b=-1", X)
    assert_array_equal([y, dy], [2 * X - 1, np.full_like(X, 2)])


def test_an_expression_works_wherever_a_name_does() -> None:
    y, dy, d2y = actplot.evaluate("b*x**3", X, order=2, b=2.0)
    assert_allclose([y, dy, d2y], [2 * X**3, 6 * X**2, 12 * X], rtol=1e-14)
    curve = actplot.sample("max(x, 0) + x", range=(-1, 1), samples=4)
    assert [(each.x, each.dy_left, each.dy_right) for each in curve.breaks] == [(0, 1, 2)]


@pytest.mark.parametrize("text", ["gelu", "leaky_relu:slope=0.1", "x*sigmoid(b*x):b=2", "torch.nn.functional:silu"])
def test_a_function_travels_to_another_process(text: str) -> None:
    function = source.function(text)
    again = pickle.loads(pickle.dumps(function))
    assert (again.name, again.parameters, again.breaks) == (function.name, function.parameters, function.breaks)
    x = torch.from_numpy(X)
    assert torch.equal(again.call(x), function.call(x))


# Callables


@pytest.mark.parametrize(
    ("text", "parameters", "expected"),
    [
        ("torch:tanh", {}, np.tanh(X)),
        ("torch.nn.functional:elu", {"alpha": 2.0}, np.where(X > 0, X, 2 * np.expm1(X))),
        ("torch.nn.functional:elu:alpha=2", {}, np.where(X > 0, X, 2 * np.expm1(X))),
        ("torch.nn:Hardtanh:min_val=-2,max_val=2", {}, np.clip(X, -2, 2)),
        ("torch.nn:ReLU", {"inplace": 1.0}, np.maximum(X, 0)),
        ("torch:nn.functional.relu", {}, np.maximum(X, 0)),
    ],
)
def test_a_callable_of_a_module(text: str, parameters: dict[str, float], expected: np.ndarray) -> None:
    y, dy = actplot.evaluate(text, X, **parameters)
    assert_allclose(y, expected, rtol=1e-14)
    assert y.shape == dy.shape == X.shape


def test_a_callable_has_its_own_name_for_a_title(here: Path) -> None:
    (here / "mine.py").write_text("class Net:\n    @staticmethod\n    def curve(x):\n        return x * x\n")
    function = source.function("mine.py:Net.curve")
    assert (function.name, function.title, function.breaks) == ("mine.py:Net.curve", "curve", None)
    assert_array_equal(actplot.evaluate("mine.py:Net.curve", X), [X * X, 2 * X])


def test_a_file_is_read_once_and_when_it_is_called(here: Path) -> None:
    (here / "counted.py").write_text("with open('seen', 'a') as file:\n    file.write('.')\ndef f(x):\n    return x\n")
    function = source.function("counted.py:f")
    assert not (here / "seen").exists()
    for _ in range(3):
        function.call(torch.zeros(2))
    assert actplot.sample("counted.py:f", samples=5).y.tolist() == [-5, -2.5, 0, 2.5, 5]
    assert (here / "seen").read_text() == "."


def test_a_file_may_be_called_as_a_module_is(here: Path) -> None:
    (here / "json.py").write_text("def f(x):\n    return 3 * x\n")  # beside which actplot needs the real one
    assert_array_equal(actplot.evaluate("json.py:f", X)[0], 3 * X)
    (here / "my file.py").write_text("def f(x):\n    return 4 * x\n")
    assert_array_equal(actplot.evaluate("my file.py:f", X)[0], 4 * X)


def test_the_search_path_stays_as_short_as_it_was(here: Path) -> None:
    before = list(sys.path)
    for _ in range(3):
        actplot.evaluate("torch:sin", X)
        with pytest.raises(BadValue):
            source.function("no_such_package:f")
    assert sys.path == before


def test_a_module_is_asked_as_it_evaluates(here: Path) -> None:
    (here / "nets.py").write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def __init__(self, scale=2.0):\n"
        "        super().__init__()\n"
        "        self.drop = torch.nn.Dropout(0.9)\n"
        "        self.scale = torch.nn.Parameter(torch.tensor(scale))\n"
        "    def forward(self, x):\n"
        "        assert x.dtype == self.scale.dtype\n"
        "        return self.drop(self.scale * x)\n"
        "net = Net(3.0)\n"
    )
    for dtype in ("float64", "float32", "bfloat16"):
        assert_array_equal(actplot.evaluate("nets.py:net", X, dtype=dtype)[1], np.full_like(X, 3))
        assert_array_equal(actplot.evaluate("nets.py:Net", X, dtype=dtype, scale=0.5)[1], np.full_like(X, 0.5))


def test_a_deep_copy_of_a_function_works(here: Path) -> None:
    (here / "copied.py").write_text("def f(x):\n    return x + 1\n")
    assert_array_equal(copy.deepcopy(source.function("copied.py:f")).call(torch.zeros(2)), [1, 1])


# Other parameters


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("leaky_relu:slope=0.1", {"slope": 0.2}),
        ("hardtanh:min_val=-2,max_val=2", {"max_val": 3.0}),
        ("x*sigmoid(b*x):b=2", {"b": -1.0}),
        ("  a*x  + elu(x, a - b):a=2,b=-1", {"a": 3.0}),
        ("c:c=1", {"c": 2.0}),
        ("torch.nn.functional:elu:alpha=2", {"alpha": 0.5}),
        ("torch.nn:Hardtanh:min_val=-2,max_val=2", {"min_val": 0.0}),
    ],
)
def test_other_parameters_make_the_function_that_its_name_would(text: str, changed: dict[str, float]) -> None:
    function = source.function(text)
    other = function.with_parameters(**changed)
    expected = source.function(function.name, {**function.parameters, **changed})
    assert replace(other, call=abs) == replace(expected, call=abs)
    x = torch.from_numpy(X)
    assert torch.equal(other.call(x), expected.call(x))
    assert not torch.equal(other.call(x), function.call(x))
    assert function == source.function(text)  # which is as it was
    again = pickle.loads(pickle.dumps(other)).with_parameters(**function.parameters)
    assert torch.equal(again.call(x), function.call(x))


@pytest.mark.parametrize(
    ("text", "changed", "message"),
    [
        ("x*sigmoid(b*x):b=2", {"c": 1.0}, "the expression has no parameter 'c'; it has b"),
        ("x*sigmoid(b*x):b=2", {"b": np.inf}, "b must be finite, got inf"),
        ("elu(x, b):b=2", {"b": -1.0}, "'elu(x, b)', column 1: elu: alpha must be >= 0, got -1"),
        ("sin(x)", {"b": 1.0}, "the expression has no parameter 'b'; it has none"),
        ("torch:tanh", {"x": 1.0}, "a parameter cannot be named 'x'"),
        ("torch.nn.functional:elu:alpha=2", {"alpha": np.nan}, "alpha must be finite, got nan"),
    ],
)
def test_other_parameters_are_checked_as_the_first_were(text: str, changed: dict[str, float], message: str) -> None:
    function = source.function(text)
    with pytest.raises(BadValue) as error:
        function.with_parameters(**changed)
    assert message in str(error.value)
    with pytest.raises(BadValue) as expected:
        source.function(function.name, {**function.parameters, **changed})
    assert str(error.value) == str(expected.value)


def test_an_expression_is_read_once_for_all_parameters() -> None:
    function = source.function("x*sigmoid(b*x)", {"b": 1.0})
    other = function.with_parameters(b=0.0)
    assert isinstance(function.call, Expression)
    assert isinstance(other.call, Expression)
    assert other.call.tree is function.call.tree
    assert_array_equal(other.call(torch.from_numpy(X)), X / 2)


# Random numbers

RANDOM = """
import random
import numpy as np
import torch

AT_IMPORT = torch.randn(()).item()

def scaled(x):
    return AT_IMPORT * x

class Torch(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(1, 1)
    def forward(self, x):
        return self.linear(x[..., None])[..., 0]

class Numpy:
    weight = 0.0
    def __init__(self):
        self.weight = np.random.rand()
    def __call__(self, x):
        return self.weight * x

class Python(Numpy):
    def __init__(self):
        self.weight = random.random()
"""
NOTE = "drew random numbers when it was loaded: seed 0, unless it sets one itself"


@pytest.mark.parametrize("name", ["scaled", "Torch", "Numpy", "Python"])
def test_random_weights_are_the_same_whatever_the_caller_has_drawn(name: str, here: Path) -> None:
    slopes = set()
    for seed in (1, 2, 3):
        (here / f"drawn{seed}.py").write_text(RANDOM)  # which no one has loaded yet
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        expected = (random.random(), np.random.rand(), torch.rand(()).item())
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)
        curve = actplot.sample(f"drawn{seed}.py:{name}", samples=3)
        slopes.add(float(curve.dy[0]))
        assert (random.random(), np.random.rand(), torch.rand(()).item()) == expected
        assert [note.en for note in source.notes([curve.function, curve.function])] == [f"{name} {NOTE}"]
    assert len(slopes) == 1
    assert slopes != {0.0}


def test_a_seed_of_ones_own_counts(here: Path) -> None:
    own = "import torch\ntorch.manual_seed(7)\n"
    (here / "own.py").write_text(own + RANDOM)
    torch.manual_seed(7)
    expected = torch.randn(())
    assert_allclose(actplot.evaluate("own.py:scaled", [1.0])[1], expected)
    linear = torch.nn.Linear(1, 1)
    assert_allclose(actplot.evaluate("own.py:Torch", [1.0])[1], linear.weight.item())  # what follows upon the import


def test_what_draws_nothing_is_not_spoken_of(here: Path) -> None:
    (here / "calm.py").write_text("import torch\nclass Net(torch.nn.PReLU):\n    pass\n")
    curves = [actplot.sample(text, samples=3) for text in ("calm.py:Net", "torch:sin", "relu", "x*x")]
    assert source.notes([curve.function for curve in curves]) == []


def test_the_same_command_with_random_weights_gives_the_same_bytes(act: Act, tmp_path: Path) -> None:
    (tmp_path / "drawn.py").write_text(RANDOM)
    words = ("plot", "drawn.py:Torch", "--samples", "3", "--data", "-")
    code, out, err = run(*words, cwd=tmp_path)
    assert (code, err) == (0, f"actplot: Torch {NOTE}\n")
    assert act(*words) == Answer(code, out.decode(), err)


# Errors


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sigmiod", ["unknown function 'sigmiod'", "did you mean sigmoid"]),
        ("LRELUU", ["'LRELUU'", "did you mean lrelu"]),
        ("qqqq", ["'qqqq'", "actplot list"]),
        ("x.y", ["'x.y'"]),
    ],
)
def test_an_unknown_name(text: str, parts: list[str]) -> None:
    with pytest.raises(UnknownFunction) as caught:
        source.function(text)
    assert all(part in str(caught.value) for part in parts)
    with pytest.raises(UnknownFunction):
        actplot.evaluate(text, X)


@pytest.mark.parametrize(
    ("text", "parameters", "part"),
    [
        ("relu", {"slope": 1.0}, "relu has no parameter 'slope'"),
        ("leaky_relu:slop=1", {}, "leaky_relu has no parameter 'slop'"),
        ("leaky_relu:slope=", {}, "slope must be a number, got ''"),
        ("leaky_relu:slope=0.1,", {}, "'' is no parameter"),
        ("leaky_relu:=0.1", {}, "'=0.1' is no parameter"),
        ("leaky_relu:slope=1,slope=1", {}, "slope is given twice"),
        ("elu:alpha=-1", {}, "alpha must be >= 0, got -1"),
        ("x*b", {}, "column 3: b has no value"),
        ("x*b", {"b": float("inf")}, "b must be finite, got inf"),
        ("x*b", {"b": 1.0, "c": 1.0}, "no parameter 'c'"),
        ("x*b", {"x": 1.0}, "'x'"),
        ("", {}, "the expression is empty"),
        ("missing.py:f", {}, "there is no file 'missing.py'"),
        ("no_such_package.inner:f", {}, "there is no module 'no_such_package.inner'"),
        ("torch:", {}, "'' is no name of a callable"),
        ("torch:a-b", {}, "'a-b' is no name of a callable"),
        ("torch:tanh", {"x": 1.0}, "'x'"),
        ("torch:tanh", {"b": float("nan")}, "b must be finite, got nan"),
    ],
)
def test_a_wrong_text(text: str, parameters: dict[str, float], part: str, here: Path) -> None:
    with pytest.raises(BadValue) as caught:
        source.function(text, parameters)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("torch:tanhh", BadValue, "did you mean"),
        ("torch:pi", BadValue, "torch:pi is float, not callable"),
        ("torch.nn.functionl:relu", BadValue, "there is no module 'torch.nn.functionl'"),
        ("torch.nn.functional:elu:beta=1", BadValue, "elu has no parameter 'beta'"),
        ("torch:softmax:dim=0", FunctionFailed, "the function raised TypeError"),
        ("torch:ones_like:c=1", FunctionFailed, "the function raised TypeError"),
        ("torch.nn:Linear", FunctionFailed, "Linear() raised TypeError"),
        ("torch:numel", FunctionFailed, "returned int, not a tensor"),
        ("torch:sum", FunctionFailed, "into ()"),
    ],
)
def test_a_wrong_callable_is_found_when_it_is_called(text: str, kind: type[Exception], part: str) -> None:
    source.function(text)
    with pytest.raises(kind) as caught:
        actplot.evaluate(text, X)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_function_that_mixes_its_points_has_no_curve(here: Path) -> None:
    (here / "mixed.py").write_text(
        "import torch\n"
        "def soft(x):\n    return torch.softmax(x, 0)\n"
        "def centred(x):\n    return x - x.mean()\n"
        "def summed(x):\n    return torch.cumsum(x, 0)\n"
        "def turned(x):\n    return x.flip(0)\n"
        "def counted(x):\n    return x / x.numel()\n"
        "def scaled(x):\n    return x / x.abs().max()\n"
        "def sorted(x):\n    return torch.sort(x).values\n"
        "def falling(x):\n    return torch.sort(x, descending=True).values\n"
        "def highest(x):\n    return torch.cummax(x, 0).values\n"
        "def lowest(x):\n    return torch.cummin(x, 0).values\n"
    )
    mixing = ("soft", "centred", "summed", "turned", "counted", "scaled", "sorted", "falling", "highest", "lowest")
    for name in mixing:
        for samples in (2, 1000):
            with pytest.raises(FunctionFailed, match="not elementwise"):
                actplot.sample(f"mixed.py:{name}", samples=samples)
    assert_allclose(actplot.evaluate("mixed.py:soft", X)[0].sum(), 1)  # evaluate takes it as it is


def test_looking_a_text_up_loads_no_torch() -> None:
    code = """
import sys
from actplot.functions.source import function
for text in ("gelu", "leaky_relu:slope=0.1", "x*sigmoid(b*x):b=2", "torch:sin"):
    function(text)
print("torch" in sys.modules, "numpy" in sys.modules)
"""
    assert script(code).split() == ["False", "False"]


def test_an_error_names_the_line_of_the_users_own_file(here: Path) -> None:
    (here / "inner.py").write_text("def f(x):\n    y = x\n    return undefined_name * y\n")
    with pytest.raises(FunctionFailed, match=r"NameError: name 'undefined_name' is not defined \(inner.py, line 3\)"):
        actplot.evaluate(f"{here}{os.sep}inner.py:f", X)
