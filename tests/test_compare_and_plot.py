"""``actplot compare`` and ``actplot plot``: functions over each other, expressions, and callables of the user's own."""

import json
import shlex
from pathlib import Path

import pytest
import torch
from command import NUMBERS, OLD, SMALL, Act, Answer, Forks, check_light_refusal, check_refusal, names, run
from numpy.testing import assert_allclose

import actplot

TWELVE = ["relu", "gelu", "silu", "tanh", "sigmoid", "elu", "selu", "celu", "mish", "softplus", "relu6", "hardtanh"]

# compare


def test_compare_draws_every_function(act: Act, tmp_path: Path) -> None:
    answer = act("compare", "ReLU", "gelu", "leaky-relu:slope=0.1", *SMALL, "--json")
    assert (answer.code, answer.err, names(tmp_path)) == (0, "", ["compare.png"])
    summary = json.loads(answer.out)
    assert summary["function"] == ["relu", "gelu", "leaky_relu"]
    assert summary["labels"] == ["ReLU", "GELU", "Leaky ReLU (slope = 0.1)"]
    assert summary["parameters"] == [{}, {}, {"slope": 0.1}]
    assert [[each["dy_left"] for each in breaks] for breaks in summary["breaks"]] == [[0], [], [0.1]]
    assert summary["files"] == ["compare.png"]


def test_compare_names_its_file(act: Act, tmp_path: Path) -> None:
    assert act("compare", "relu", "elu", *SMALL) == Answer(0, "compare.png\n", "")
    assert act("compare", "relu", "elu", *SMALL, "--out", "two.svg") == Answer(0, "two.svg\n", "")
    assert names(tmp_path) == ["compare.png", "two.svg"]


def test_twelve_are_compared(act: Act) -> None:
    assert json.loads(act("compare", *TWELVE, *NUMBERS, "--json").out)["function"] == TWELVE


@pytest.mark.parametrize("layout", ["side", "overlay"])
@pytest.mark.parametrize("order", ["0", "1", "2"])
def test_compare_in_every_layout(layout: str, order: str, act: Act) -> None:
    answer = act("compare", "relu", "gelu", "--layout", layout, "--order", order, *SMALL, "--json")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out)["order"] == int(order)


WRONG_COMPARISONS = [
    ("compare", "compare needs the names of functions", "actplot compare relu"),
    ("compare --order 2", "compare needs the names of functions"),
    ("compare relu gelou", "unknown function 'gelou'", "did you mean gelu"),
    ("compare leaky-rel relu", "'leaky-rel'", "did you mean leaky_relu"),
    ("compare relu leaky_relu:slope", "leaky_relu"),
    ("compare relu leaky_relu:", "leaky_relu"),
    ("compare relu leaky_relu:slope=", "slope must be a number, got ''"),
    ("compare relu leaky_relu:slope=steep", "slope must be a number, got 'steep'"),
    ("compare relu leaky_relu:=1", "'=1'", "NAME=VALUE"),
    ("compare relu leaky_relu:slope=nan", "slope must be finite, got nan"),
    ("compare relu leaky_relu:foo=1", "leaky_relu has no parameter 'foo'", "it takes slope"),
    ("compare relu:slope=1", "relu has no parameter 'slope'", "it takes none"),
    ("compare leaky_relu:slope=0.1,slope=0.2", "slope is given twice"),
    ("compare elu:alpha=-1 relu", "elu: alpha must be >= 0, got -1"),
    ("compare hardtanh:min_val=3 relu", "min_val < max_val", "min_val = 3"),
    ("compare relu relu", "'relu' is given twice"),
    ("compare relu gelu ReLU", "'relu' is given twice"),
    ("compare leaky_relu leaky_relu:slope=0.01", "'leaky_relu' is given twice"),
    ("compare lrelu:slope=0.5 leaky_relu:slope=.5", "'leaky_relu:slope=0.5' is given twice"),
    ("compare relu --slope 0.1", "No such option: --slope", "actplot compare --help"),
    ("compare relu --param b=1", "No such option: --param"),
    (shlex.join(["compare", *TWELVE, "softsign"]), "13", "at most 12"),
]


@pytest.mark.parametrize(
    ("command", "parts"),
    [(command, parts) for command, *parts in WRONG_COMPARISONS],
    ids=[command for command, *_ in WRONG_COMPARISONS],
)
def test_a_wrong_comparison_is_one_line_loads_nothing_and_writes_nothing(
    command: str, parts: list[str], light: Forks, tmp_path: Path
) -> None:
    check_light_refusal(light(*command.split(), cwd=tmp_path), *parts)
    assert names(tmp_path) == []


def test_the_legend_names_every_function() -> None:
    labels = ["ReLU", "GELU", "Leaky ReLU (slope = 0.1)"]
    curves = [actplot.sample(name, samples=20) for name in ("relu", "gelu", "leaky_relu:slope=0.1")]
    left, right = actplot.draw(*curves, lang="en").axes
    for axes in (left, right):
        assert [label.get_text() for label in axes.get_legend().get_texts()] == labels
    (one,) = actplot.draw(*curves, lang="en", layout="overlay").axes
    shown = [label.get_text() for label in one.get_legend().get_texts()]
    assert [label for label in shown if "dy" not in label] == labels
    assert len(shown) == 2 * len(labels)


def test_the_colours_of_a_comparison_differ() -> None:
    curves = [actplot.sample(name, samples=20) for name in TWELVE]
    for axes in actplot.draw(*curves, lang="en").axes:
        lines = [line for line in axes.lines if not line.get_label().startswith("_")]
        assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == len(TWELVE)


# plot: expressions


def test_an_expression(act: Act, tmp_path: Path) -> None:
    answer = act("plot", "x*sigmoid(b*x)", "--param", "b=1.702", *SMALL, "--json", "--at", "0.7")
    assert (answer.code, answer.err, names(tmp_path)) == (0, "", ["plot.png"])
    summary = json.loads(answer.out)
    assert summary["function"] == "x*sigmoid(b*x)"
    assert summary["parameters"] == {"b": 1.702}
    assert summary["breaks"] == []
    (point,) = summary["points"]
    # Torch's GELU by its sigmoid approximation, and the product rule.
    gate = 1 / (1 + 2.718281828459045 ** -(1.702 * 0.7))
    assert_allclose(point["y"], 0.7 * gate, rtol=1e-14)
    assert_allclose(point["dy"], gate + 0.7 * 1.702 * gate * (1 - gate), rtol=1e-14)


def test_a_name_of_the_catalog_is_no_expression(act: Act, tmp_path: Path) -> None:
    summary = json.loads(act("plot", "lrelu", "--param", "slope=0.3", *SMALL, "--json").out)
    assert (summary["function"], summary["parameters"]) == ("leaky_relu", {"slope": 0.3})
    assert names(tmp_path) == ["leaky_relu.png"]


@pytest.mark.parametrize("text", ["3", "2*pi - 1", "-e*1"])
def test_a_constant_has_the_derivative_0(text: str, act: Act) -> None:
    summary = json.loads(act("plot", text, *NUMBERS, "--json", "--at", "1").out)
    expected = {"3": 3.0, "2*pi - 1": 5.283185307179586, "-e*1": -2.718281828459045}[text]
    assert summary["points"] == [{"x": 1, "y": expected, "dy": 0}]
    assert summary["breaks"] == []


@pytest.mark.parametrize("text", ["-x", "-3", "-(x)", "- x*2", "-relu(x)", "--x", "-.5*x"])
def test_an_expression_that_starts_with_a_minus_sign(text: str, act: Act) -> None:
    summary = json.loads(act("plot", text, *NUMBERS, "--json", "--at", "2").out)
    expected = {"-x": -2, "-3": -3, "-(x)": -2, "- x*2": -4, "-relu(x)": -2, "--x": 2, "-.5*x": -1}
    assert (summary["function"], summary["points"][0]["y"]) == (text, expected[text])


def test_a_pole_is_one_break_at_its_very_place(act: Act) -> None:
    for text, place in (("1/x", 0), ("1/(x - 1)", 1), ("1/(x + 2.5)", -2.5)):
        answer = act("plot", text, *NUMBERS, "--json")
        assert (answer.code, answer.err) == (0, "")
        (pole,) = json.loads(answer.out, parse_constant=pytest.fail)["breaks"]
        assert pole.pop("x") == place
        assert pole == dict.fromkeys(["y_left", "y_right", "y_at", "dy_left", "dy_right", "dy_at"])


def test_where_a_function_has_no_value_is_said(act: Act) -> None:
    answer = act("plot", "log(x)", *NUMBERS, "--json")
    assert answer.code == 0
    assert len(answer.err.splitlines()) == 1
    assert "log(x) has no value on 50% of the range" in answer.err
    summary = json.loads(answer.out)
    assert summary["undefined"] == 0.5
    assert [each["x"] for each in summary["breaks"]] == [0]
    assert act("plot", "log(x)", *NUMBERS, "--quiet") == Answer(0, "", "")
    assert act("plot", "log(x)", *NUMBERS, "--range", "1", "2") == Answer(0, "numbers.csv\n", "")


def test_a_kink_of_an_expression_is_found(act: Act) -> None:
    (kink,) = json.loads(act("plot", "where(x > 0.3, x - 0.3, 0)", *NUMBERS, "--json").out)["breaks"]
    assert kink == dict(x=0.3, y_left=0, y_right=0, y_at=0, dy_left=0, dy_right=1, dy_at=0)


WRONG_EXPRESSIONS = [
    (["x*sigmoid(b*x)"], "column 11: b has no value", "--param b=1"),
    (["x*sigmoid(b*x)", "--param", "b=1", "--param", "c=2"], "no parameter 'c'", "it has b"),
    (["x*x", "--param", "b=1"], "no parameter 'b'", "it has none"),
    (["b*x", "--param", "B=1"], "b has no value"),
    (["b*x", "--param", "b"], "'b' is no parameter", "NAME=VALUE"),
    (["b*x", "--param", "=1"], "'=1' is no parameter", "NAME=VALUE"),
    (["b*x", "--param", ""], "'' is no parameter", "NAME=VALUE"),
    (["b*x", "--param", "b="], "b must be a number, got ''"),
    (["b*x", "--param", "b=one"], "b must be a number, got 'one'"),
    (["b*x", "--param", "b=1=2"], "b must be a number, got '1=2'"),
    (["b*x", "--param", "b=nan"], "b must be finite, got nan"),
    (["b*x", "--param", "b=-inf"], "b must be finite, got -inf"),
    (["b*x", "--param", "b=1", "--param", "b=1"], "b = 1 is given twice"),
    (["b*x", "--param", "x=1"], "'x'", "x is the variable"),
    (["b*x", "--param", "b=1", "--param", "pi=3"], "'pi'", "a constant"),
    (["b*x", "--param", "b=1", "--param", "sin=3"], "'sin'", "a function"),
    (["x + * 2"], "'x + * 2'", "column 5"),
    (["x + sigmoyd(x)"], "column 5: there is no function 'sigmoyd'", "did you mean sigmoid"),
    (["2*x^2"], "column 1", "^ is not a power", "2*x**2"),
    (["x + y*2"], "column 5: y has no value", "--param y=1"),
    (["中*x + (1).real"], "'中*x + (1).real'", "column"),
    (["__import__('os').getcwd()"], "column 1"),
    (["x if x > 0 else 0"], "if ... else is not allowed"),
    ([""], "the expression is empty"),
    (["sigmiod"], "unknown function 'sigmiod'", "did you mean sigmoid"),
    (["relu", "--param", "b=1"], "relu has no parameter 'b'"),
    (["x", "x"], "extra argument"),
    (["x", "--slope", "0.1"], "No such option: --slope", "actplot plot --help"),
]


@pytest.mark.parametrize(
    ("words", "parts"),
    [(words, parts) for words, *parts in WRONG_EXPRESSIONS],
    ids=[" ".join(words) for words, *_ in WRONG_EXPRESSIONS],
)
def test_a_wrong_expression_is_one_line_loads_nothing_and_writes_nothing(
    words: list[str], parts: list[str], light: Forks, tmp_path: Path
) -> None:
    check_light_refusal(light("plot", *words, cwd=tmp_path), *parts)
    assert names(tmp_path) == []


def test_plot_needs_a_source(act: Act) -> None:
    check_refusal(act("plot"), 2, "SOURCE", "actplot plot --help")


@pytest.mark.parametrize(
    ("text", "what"), [("log(x)", "NaN"), ("1/0", "infinite"), ("sqrt(x - 10)", "NaN"), ("10**400*x", "infinite")]
)
def test_an_expression_without_a_value(text: str, what: str, act: Act, tmp_path: Path) -> None:
    answer = act("plot", text, "--range", "-5", "-1")
    check_refusal(answer, 1, f"{text} is {what} everywhere from -5 to -1", "--range")
    assert names(tmp_path) == []


# plot: callables. What they do is in a file of the user's, with a module beside it.

USER = """
import torch
from torch import nn
import beside_it

print("the file is read")

def square(x):
    print("the function is called")
    return x * x

def gate(x, b=1.0, *, c=0.0):
    return x * torch.sigmoid(b * x) + c

def with_help(x):
    return beside_it.double(x)

class Scaled(nn.Module):
    def __init__(self, scale=2.0):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(scale))
    def forward(self, x):
        return self.scale * torch.tanh(x)

class Nested:
    @staticmethod
    def cube(x):
        return x ** 3

in_place = nn.ReLU(inplace=True)
drops = nn.Sequential(nn.Dropout(0.5), nn.Tanh())
in_float32 = Scaled(3.0)
number = 3

def doubles_in_place(x):
    return x.mul_(2)

def raises(x):
    raise RuntimeError("first line\\nsecond line")

def raises_beside(x):
    return beside_it.fails(x)

class Unmade(nn.Module):
    def __init__(self, size=0):
        raise ValueError("no way")

class NoCall:
    pass

def needs_more(x, y):
    return x * y

def reduced(x):
    return x.sum()

def shortened(x):
    return x[:-1]

def nothing(x):
    return x * float("nan")

def detached(x):
    return torch.cos(x.detach())

def soft(x):
    return torch.softmax(x, 0)

def centred(x):
    return x - x.mean()

def plain(x):
    return 1.5

def none(x):
    pass
"""


def line_of(text: str) -> int:
    """The line of the user's file that starts so, from 1."""
    return next(n for n, line in enumerate(USER.splitlines(), 1) if line.strip().startswith(text))


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A folder with the user's files."""
    (tmp_path / "user.py").write_text(USER)
    (tmp_path / "beside_it.py").write_text("def double(x):\n    return 2 * x\n\ndef fails(x):\n    return 1 / 0\n")
    (tmp_path / "broken.py").write_text("import math\n\nraise ValueError('one line\\nand another')\n")
    (tmp_path / "unreadable.py").write_text("x = 1\ndef f(x:\n")
    (tmp_path / "lacking.py").write_text("import no_such_package\n")
    package = tmp_path / "their_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "shapes.py").write_text("import torch\n\ndef bent(x):\n    return torch.abs(x)\n")
    return tmp_path


@pytest.fixture
def alone(warm: Forks, user: Path) -> Act:
    """Runs a command beside the user's files, in a process that has imported none of them."""

    def run(*words: str) -> Answer:
        done = warm(*words, cwd=user)
        return Answer(done.code, done.out.decode(), done.err)

    return run


CALLABLES = [
    (["user.py:square"], 4, 4),
    (["./user.py:square"], 4, 4),
    (["user.py:gate"], 1.7615941559557649, 1.0907842487848955),
    (["user.py:gate", "--param", "b=0", "--param", "c=1"], 2, 0.5),
    (["user.py:with_help"], 4, 2),
    (["user.py:Scaled"], 1.9280551601516338, 0.14130164970632894),
    (["user.py:Scaled", "--param", "scale=1"], 0.9640275800758169, 0.07065082485316447),
    (["user.py:in_float32"], 2.8920827402274507, 0.2119524745594934),
    (["user.py:Nested.cube"], 8, 12),
    (["user.py:in_place"], 2, 1),
    (["user.py:drops"], 0.9640275800758169, 0.07065082485316447),
    (["user.py:doubles_in_place"], 4, 2),
    (["their_package.shapes:bent"], 2, 1),
    (["torch.nn.functional:relu6"], 2, 1),
    (["torch.nn.functional:leaky_relu", "--param", "negative_slope=0.3"], 2, 1),
    (["torch.nn:Hardtanh", "--param", "max_val=1.5"], 1.5, 0),
    (["torch:relu_"], 2, 1),
]


@pytest.mark.parametrize(("words", "y", "dy"), CALLABLES, ids=[" ".join(words) for words, *_ in CALLABLES])
def test_a_callable_is_computed(words: list[str], y: float, dy: float, alone: Act) -> None:
    answer = alone("plot", *words, *NUMBERS, "--json", "--at", "2")
    assert answer.code == 0, answer.err
    summary = json.loads(answer.out)
    assert summary["function"] == words[0]
    (point,) = summary["points"]
    assert_allclose([point["y"], point["dy"]], [y, dy], rtol=1e-14)


def test_the_kink_of_a_callable_is_found(alone: Act) -> None:
    for text in ("user.py:in_place", "their_package.shapes:bent"):
        (kink,) = json.loads(alone("plot", text, *NUMBERS, "--json").out)["breaks"]
        assert (kink["x"], kink["dy_right"], kink["dy_at"]) == (0, 1, 0)


def test_a_file_in_another_folder_sees_what_stands_beside_it(
    warm: Forks, user: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = warm("plot", f"{user}/user.py:with_help", *SMALL, "--json", "--at", "3", cwd=elsewhere)
    assert json.loads(done.out)["points"] == [{"x": 3, "y": 6, "dy": 2}]
    assert names(elsewhere) == ["plot.png"]


def test_what_a_callable_prints_is_no_result(alone: Act) -> None:
    answer = alone("plot", "user.py:square", *SMALL)
    assert (answer.code, answer.out) == (0, "plot.png\n")
    assert answer.err.startswith("the file is read\nthe function is called\n")
    answer = alone("plot", "user.py:square", "--samples", "3", "--range", "1", "3", "--data", "-", "--quiet")
    assert (answer.code, answer.out) == (0, "x,y,dy\n1,1,2\n2,4,4\n3,9,6\n")
    assert "the function is called" in answer.err


@pytest.mark.slow
def test_what_a_callable_prints_is_no_result_where_two_processes_work(user: Path) -> None:
    code, out, err = run("plot", "user.py:square", "--samples", "3", "--range", "1", "3", "--data", "-", cwd=user)
    assert (code, out) == (0, b"x,y,dy\n1,1,2\n2,4,4\n3,9,6\n")
    assert "the function is called" in err


def test_callables_are_compared_with_others(alone: Act) -> None:
    words = ["relu", "user.py:gate:b=1.702", "user.py:gate:b=1.702,c=1", "x*x"]
    summary = json.loads(alone("compare", *words, *NUMBERS, "--json").out)
    assert summary["function"] == ["relu", "user.py:gate", "user.py:gate", "x*x"]
    assert summary["parameters"] == [{}, {"b": 1.702}, {"b": 1.702, "c": 1}, {}]
    assert shlex.split(summary["command"])[2:6] == words


def test_a_parameter_of_a_callable_can_be_swept(alone: Act) -> None:
    words = ["--param", "b=0", "--param", "b=2"]
    summary = json.loads(alone("plot", "user.py:gate", *words, *NUMBERS, "--json", "--at", "1").out)
    assert summary["labels"] == ["b = 0", "b = 2"]
    assert_allclose([point["y"] for (point,) in summary["points"]], [0.5, 0.8807970779778825], rtol=1e-14)


FAILURES = [
    # The command is wrong.
    ("missing.py:f", 2, "there is no file 'missing.py'"),
    ("user.py:squar", 2, "user.py has no 'squar'", "did you mean square"),
    ("user.py:Nested.cub", 2, "user.py has no 'Nested.cub'"),
    ("user.py:", 2, "'user.py:'", "file.py:callable"),
    ("user.py:1st", 2, "'1st'", "file.py:callable"),
    ("user.py", 2, "'user.py'"),
    ("no_such_package:f", 2, "there is no module 'no_such_package'"),
    ("their_package.missing:f", 2, "there is no module 'their_package.missing'"),
    ("torch.nn.functional:gleu", 2, "torch.nn.functional has no 'gleu'", "did you mean glu or gelu"),
    ("their package:f", 2, "'their package'"),
    ("user.py:number", 2, "user.py:number is int, not callable"),
    ("their_package:__path__", 2, "not callable"),
    ("user.py:NoCall", 2, "user.py:NoCall", "not callable"),
    ("user.py:gate --param d=1", 2, "gate has no parameter 'd'", "it takes b, c"),
    ("user.py:Scaled --param size=1", 2, "Scaled has no parameter 'size'", "it takes scale"),
    ("user.py:in_place --param slope=1", 2, "user.py:in_place", "takes no parameters"),
    ("user.py:gate --param x=1", 2, "'x'", "x is the variable"),
    ("user.py:gate --param b=nan", 2, "b must be finite, got nan"),
    ("user.py:gate --param b", 2, "'b' is no parameter"),
    # The user's own code fails.
    ("broken.py:f", 1, "importing broken.py raised ValueError: one line and another", "broken.py, line 3"),
    ("unreadable.py:f", 1, "importing unreadable.py raised SyntaxError", "unreadable.py, line 2"),
    ("lacking.py:f", 1, "importing lacking.py raised ModuleNotFoundError", "'no_such_package'", "lacking.py, line 1"),
    (
        "user.py:raises",
        1,
        "the function raised RuntimeError: first line second line",
        f"user.py, line {line_of('raise RuntimeError')}",
    ),
    ("user.py:raises_beside", 1, "the function raised ZeroDivisionError", "beside_it.py, line 5"),
    ("user.py:Unmade", 1, "Unmade() raised ValueError: no way", f"user.py, line {line_of('raise ValueError')}"),
    ("user.py:Unmade --param size=2", 1, "Unmade(size=2) raised ValueError: no way"),
    ("user.py:needs_more", 1, "raised TypeError", "'y'"),
    ("user.py:reduced", 1, "shape", "return a tensor of the shape of x"),
    ("user.py:shortened", 1, "shape", "return a tensor of the shape of x"),
    ("user.py:nothing", 1, "nothing is NaN everywhere from -5 to 5", "--range"),
    ("user.py:detached", 1, "detached", ".detach()"),
    ("user.py:soft", 1, "not elementwise"),
    ("user.py:centred", 1, "not elementwise"),
    ("user.py:plain", 1, "returned float, not a tensor"),
    ("user.py:none", 1, "returned NoneType, not a tensor"),
]


@pytest.mark.parametrize(
    ("command", "code", "parts"),
    [(command, code, parts) for command, code, *parts in FAILURES],
    ids=[command for command, *_ in FAILURES],
)
def test_a_callable_that_fails_is_one_line_and_writes_nothing(
    command: str, code: int, parts: list[str], alone: Act, user: Path
) -> None:
    words = ["their package:f"] if command.startswith("their package") else command.split()
    before = names(user)
    answer = alone("plot", *words)
    shown = answer.err.removeprefix("the file is read\n")  # what the user's file prints
    check_refusal(Answer(answer.code, answer.out, shown), code, *parts)
    assert [name for name in names(user) if name != "__pycache__"] == before


def test_a_callable_that_fails_where_two_processes_work(user: Path) -> None:
    (user / "plot.png").write_bytes(OLD)
    code, out, err = run("plot", "broken.py:f", cwd=user)
    check_refusal(Answer(code, out.decode(), err), 1)
    assert (user / "plot.png").read_bytes() == OLD
    assert [name for name in names(user) if name.startswith(".")] == []


def test_a_module_keeps_its_state() -> None:
    module = torch.nn.Sequential(torch.nn.Dropout(0.5), torch.nn.PReLU())
    before = {name: value.clone() for name, value in module.state_dict().items()}
    y, dy = actplot.evaluate(module, [-2.0, 3.0])
    assert_allclose([y, dy], [[-0.5, 3], [0.25, 1]])
    assert module.training
    for name, value in module.state_dict().items():
        assert value.dtype == before[name].dtype
        assert torch.equal(value, before[name])
    assert all(parameter.grad is None for parameter in module.parameters())
