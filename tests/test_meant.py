"""What a wrong command was meant to be: the command that is offered, in both languages, and that it is one."""

import json
import re
import shlex
from pathlib import Path

import pytest
from command import SMALL, Act, Forks, check_light_refusal, names, on_linux
from conftest import every_entry

import actplot
from actplot.cli import meant
from actplot.cli.app import command_group
from actplot.errors import BadValue
from actplot.functions import expression
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation
from actplot.language import LANGUAGES, known_language
from actplot.options import DTYPES, check_device, check_dtype

# What is typed, and the command that is offered.
MEANT = {
    # The range
    "sigmoid -10 10": "sigmoid --range -10 10",
    "sigmoid -10 10 --samples 20": "sigmoid --range -10 10 --samples 20",
    "sigmoid --range -10,10": "sigmoid --range -10 10",
    "sigmoid --range=-10,10 --out a.png": "sigmoid --range -10 10 --out a.png",
    "sigmoid --range -10:10": "sigmoid --range -10 10",
    "sigmoid --range -10..10": "sigmoid --range -10 10",
    "sigmoid --range [-10,10]": "sigmoid --range -10 10",
    "sigmoid --range [-1e1, 1e1]": "sigmoid --range -1e1 1e1",
    "sigmoid --range 10": "sigmoid --range -10 10",
    "sigmoid -5": "sigmoid --range -5 5",
    "plot 'x*x' -5 5": "plot 'x*x' --range -5 5",
    "compare relu gelu -5 5": "compare relu gelu --range -5 5",
    "relu --xrange -5 5": "relu --range -5 5",
    "relu --size 10x4": "relu --size 10 4",
    # Several functions
    "relu gelu": "compare relu gelu",
    "relu vs gelu": "compare relu gelu",
    "relu,gelu": "compare relu gelu",
    "relu、gelu，silu": "compare relu gelu silu",
    "relu,gelu --range -5 5": "compare relu gelu --range -5 5",
    "compare relu, gelu": "compare relu gelu",
    "compare relu,gelu,silu": "compare relu gelu silu",
    "compare relu, x*x": "compare relu 'x*x'",
    "plot relu gelu": "compare relu gelu",
    "leaky_relu gelu --slope 0.1": "compare leaky_relu:slope=0.1 gelu",
    # Parameters
    "leaky_relu --alpha 0.1": "leaky_relu --slope 0.1",
    "leaky_relu slope=0.1": "leaky_relu --slope 0.1",
    "leaky_relu 0.1": "leaky_relu --slope 0.1",
    "leaky_relu:slope=0.1": "leaky_relu --slope 0.1",
    "hardtanh:min_val=-2,max_val=2": "hardtanh --min-val -2 --max-val 2",
    "leaky_relu --slope 0.01,0.1": "leaky_relu --slope 0.01 --slope 0.1",
    "leaky_relu --slope 0.01 0.1": "leaky_relu --slope 0.01 --slope 0.1",
    "info leaky_relu slope=0.1": "info leaky_relu --slope 0.1",
    "elu --alpah 2": "elu --alpha 2",
    "plot 'b*x' --param b 2": "plot 'b*x' --param b=2",
    "plot 'b*x' --param b:2": "plot 'b*x' --param b=2",
    "plot 'b*x' --param b=1,2": "plot 'b*x' --param b=1 --param b=2",
    "plot 'b*x' --b 2": "plot 'b*x' --param b=2",
    "plot 'b*x' b=2": "plot 'b*x' --param b=2",
    # Points
    "relu --at -1 0 1": "relu --at -1 --at 0 --at 1",
    "relu --at -1,0,1": "relu --at -1 --at 0 --at 1",
    # Expressions
    "plot 'sin x'": "plot 'sin(x)'",
    "plot sin x": "plot 'sin(x)'",
    "sin x": "plot 'sin(x)'",
    "plot 2x": "plot '2*x'",
    "2x --range -5 5": "plot '2*x' --range -5 5",
    "plot 'lambda x: x**2'": "plot 'x**2'",
    "plot 'x if x>0 else 0'": "plot 'where(x > 0, x, 0)'",
    "plot '|x|'": "plot 'abs(x)'",
    "plot σ(x)": "plot 'sigmoid(x)'",
    "plot x²": "plot 'x**2'",
    "x²": "plot 'x**2'",
    "plot x^2": "plot 'x**2'",
    "plot 'np.tanh(x)'": "plot 'tanh(x)'",
    "explore 2x": "explore '2*x'",
    "info 2x": "info '2*x'",
    "info '|x|'": "info 'abs(x)'",
    "info x² --json": "info 'x**2' --json",
    "audit 2x --dtype float16": "audit '2*x' --dtype float16",
    "compare relu 2x": "compare relu '2*x'",
    "x*x": "plot 'x*x'",
    # Callables
    "plot torch.nn.ReLU": "plot torch.nn:ReLU",
    "torch.nn.ReLU": "plot torch.nn:ReLU",
    "plot nn.ReLU()": "plot torch.nn:ReLU",
    "plot F.gelu": "plot torch.nn.functional:gelu",
    # Scores
    "softmax 1 2 3 4": "softmax --scores=1,2,3,4",
    "softmax --scores 1 2 3 4": "softmax --scores=1,2,3,4",
    "softmax --scores -1 2": "softmax --scores=-1,2",
    "softmax 1,2,3": "softmax --scores=1,2,3",
    "info softmax": "softmax --help",
    # Files
    "relu --out .": "relu --out ./relu.png",
    "relu --out here/": "relu --out here/relu.png",
    "relu --out a.jpg": "relu --out a.png",
    "relu --out a.csv": "relu --data a.csv",
    "relu a.png": "relu --out a.png",
    "relu gelu a.svg": "compare relu gelu --out a.svg",
    "relu --output a.png": "relu --out a.png",
    "relu --save a.png": "relu --out a.png",
    # Commands
    "--list": "list",
    "--compare relu gelu": "compare relu gelu",
    "--range 0 1 relu": "relu --range 0 1",
    "--title relu gelu": "gelu --title relu",
    # Several at once
    "relu --size 10,4 -5 5 a.jpg": "relu --size 10 4 --range -5 5 --out a.png",
}
GROUP = command_group()


def offered(line: str) -> list[str]:
    """The words of the command at the end of a line."""
    return shlex.split(re.split("write: actplot |请写：actplot ", line)[1])


@pytest.mark.parametrize(("typed", "command"), MEANT.items(), ids=list(MEANT))
def test_the_command_that_was_meant(typed: str, command: str, light: Forks, tmp_path: Path) -> None:
    assert not meant.is_right(GROUP, shlex.split(typed))
    assert meant.is_right(GROUP, shlex.split(command))
    for lang in LANGUAGES:
        done = light(*shlex.split(typed), cwd=tmp_path, ACTPLOT_LANG=lang)
        check_light_refusal(done)
        assert offered(done.err) == shlex.split(command)
        assert bool(re.search("[\u4e00-\u9fff]", done.err.partition("actplot ")[0].replace(typed, ""))) == (
            lang == "zh"
        )
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    "typed",
    [
        "relu --dpi 0",
        "relu --dpi 0 -5 5",
        "gallery nosuch --out figs",
        "list relu",
        "relu -z",
        "qqqq",
    ],
)
def test_nothing_is_offered_that_would_be_wrong(typed: str, light: Forks, tmp_path: Path) -> None:
    done = light(*typed.split(), cwd=tmp_path)
    check_light_refusal(done)
    assert "write:" not in done.err


def test_what_is_offered_is_done(act: Act, tmp_path: Path) -> None:
    line = act("leaky_relu", "-2", "2", "slope=0.5", *SMALL, "--output", "a.png").err
    assert act(*offered(line)).out == "a.png\n"
    assert "--slope 0.5 --range -2 2" in act("again", "a.png").out


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("2 sin x", "2*sin(x)"),
        ("sinx", "sin(x)"),
        ("sin²(x)", "sin(x)**2"),
        ("sin 2x", "sin(2*x)"),
        ("(x+1)(x-1)", "(x+1)*(x-1)"),
        ("x(1-x)", "x*(1-x)"),
        ("||x|-1|", "abs(abs(x)-1)"),
        ("e^{-x^2}", "e**(-x**2)"),
        ("√(x+1)", "sqrt(x+1)"),
        ("αx", "alpha*x"),
        ("f(x) = x^2", "x**2"),
        ("lambda t: 2t", "2*x"),
        ("1/(1+math.exp(-x)", None),
        ("1 if x > 0 else 2 if x > -1 else 3", "where(x > 0, 1, where(x > -1, 2, 3))"),
        ("x)", None),
        ("import os", None),
        ("x > 0 and x < 1", None),
        ("x*sigmoid(x)", None),
        ("x" * 2000, None),
    ],
)
def test_a_formula_as_on_paper(typed: str, text: str | None) -> None:
    assert expression.meant(typed) == text
    if text is not None and typed != "sinx":  # which may be a name
        with pytest.raises(BadValue) as raised:
            actplot.evaluate(typed, 1.0)
        assert text in str(raised.value)


# What is taken as it is


def test_names_that_frameworks_use(act: Act) -> None:
    ours = json.loads(act("leaky_relu", "--slope", "0.2", "--data", "n.csv", "--json").out)
    theirs = act("leaky_relu", "--negative-slope", "0.2", "--data", "n.csv", "--json")
    assert json.loads(theirs.out) == ours
    assert actplot.sample("leaky_relu", negative_slope=0.2, dtype="half", samples=9).dtype == "float16"
    assert {check_dtype(name) for name in ("fp16", "half", "double", "float", "bf16", "fp32", "fp64")} == {*DTYPES}
    assert check_device("gpu:1") == "cuda:1"
    assert [known_language(name) for name in ("zh_CN", "zh-CN", "zh_Hans", "en_US.UTF-8", "zhx", "")] == ["zh", "zh", "zh", "en", None, None]  # fmt: skip


@every_entry
def test_other_names_of_parameters(entry: Activation) -> None:
    for parameter in entry.parameters:
        for name in parameter.also:
            value = parameter.span[0]
            assert entry.bind(**{name: value}) == entry.bind(**{parameter.name: value})


def test_parameters_have_other_names() -> None:
    assert any(parameter.also for entry in CATALOG.values() for parameter in entry.parameters)


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("-h", "--help"),
        ("help", "--help"),
        ("relu -h", "relu --help"),
        ("help relu", "relu --help"),
        ("info -h", "info --help"),
        ("info relu -h", "info relu --help"),
        ("help info relu", "info relu --help"),
        ("version", "--version"),
        ("-V", "--version"),
        ("--lang zh", "--lang zh --help"),
        ("--help --lang zh", "--lang zh --help"),
        ("--lang zh list", "list --lang zh"),
        ("--lang en info relu", "info relu --lang en"),
    ],
)
def test_what_is_the_same(typed: str, same: str, act: Act) -> None:
    answer, expected = act(*typed.split()), act(*same.split())
    assert (answer.code, answer.out.strip(), answer.err) == (0, expected.out.strip(), "")


def test_a_language_before_the_command_is_that_of_the_figure(act: Act) -> None:
    assert act("--lang", "en", "relu", *SMALL, "--out", "a.png").code == 0
    assert act("again", "a.png").out.split()[-2:] != ["--lang", "zh"]
    assert "--lang en" in act("again", "a.png").out
    assert act("--lang", "en", "relu", "--lang", "zh", *SMALL, "--out", "a.png").code == 0
    assert "--lang zh" in act("again", "a.png").out


def test_whole_numbers_in_any_form(act: Act) -> None:
    for written in ("1e1", "10.0", "10", "１０"):
        assert json.loads(act("relu", "--samples", written, "--data", "n.csv", "--json").out)["samples"] == 10


# Files that nobody named


def test_a_default_file_replaces_the_same_function_alone(act: Act, tmp_path: Path) -> None:
    (tmp_path / "relu.png").write_bytes(b"a picture of something else")
    assert act("relu", *SMALL).out == "relu-2.png\n"
    assert act("relu", *SMALL, "--range", "-1", "1").out == "relu-2.png\n"
    assert (tmp_path / "relu.png").read_bytes() == b"a picture of something else"
    assert act("plot", "x*x", *SMALL).out == "plot.png\n"
    assert act("plot", "x*x*b", "--param", "b=2", *SMALL).out == "plot-2.png\n"
    assert act("plot", "x*x", "--lang", "en", *SMALL).out == "plot.png\n"
    assert act("plot", "x*x*b", "--param", "b=3", *SMALL).out == "plot-2.png\n"
    assert act("compare", "relu", "elu", *SMALL).out == "compare.png\n"
    assert act("compare", "relu", "gelu", *SMALL).out == "compare-2.png\n"
    assert "'x*x'" in act("again", "plot.png").out


@pytest.mark.parametrize("words", [["--out", "a.png", "--out", "b.svg"], ["-o", "a.png", "--out=b.svg"]])
def test_a_file_given_twice(words: list[str], act: Act, tmp_path: Path) -> None:
    assert act("relu", *words).err.startswith("actplot: --out is given 2 times; name one file")
    assert names(tmp_path) == []


# Python


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("actplot.sample('gelu', range=(5, -5))", "range=(5, -5): LO must be less than HI; try range=(-5, 5)"),
        ("actplot.draw(actplot.sample('relu'), lang='cn')", "lang: 'cn' is no language of actplot"),
        ("actplot.save(None, 'x.jpg')", "cannot tell the format of 'x.jpg'; end it in .png, .svg, .pdf"),
        ("actplot.sample(torch.nn.ReLU)", "ReLU is a class, not a function of a tensor; give an instance: ReLU()"),
        ("actplot.evaluate('gelu', None)", "x must be real numbers, got None"),
        ("actplot.evaluate('gelu', [1, None])", "x must be real numbers, got [1, None]"),
    ],
)
def test_errors_in_python_speak_of_arguments(call: str, said: str) -> None:
    import torch

    with pytest.raises(BadValue) as raised:
        eval(call, {"actplot": actplot, "torch": torch})
    assert str(raised.value).startswith(said)
    assert "--" not in str(raised.value)
    assert "stdout" not in str(raised.value)


def test_none_is_not_nan() -> None:
    assert len(actplot.evaluate("gelu", [1.0, float("nan")])) == 2


# What is said of the machine


def test_explore_hints_at_options_that_it_has(act: Act) -> None:
    line = act("explore").err
    assert line == "actplot: there is no display to open a window on; see it in a browser with --web\n"


def test_torch_does_not_talk_to_who_models_nothing(act: Act, recwarn: pytest.WarningsRecorder) -> None:
    assert act("plot", "torch.nn:Softmax", *SMALL).err.startswith("actplot: the function is not elementwise")
    assert not recwarn.list


@on_linux
def test_a_display_that_nobody_serves(warm: Forks, tmp_path: Path) -> None:
    done = warm("relu", *SMALL, "--show", cwd=tmp_path, DISPLAY=":99")
    assert (done.code, done.out) == (1, b"")
    assert done.err.startswith("actplot: cannot reach the display :99; draw to a file with --out")
    assert warm("relu", *SMALL, cwd=tmp_path, DISPLAY=":99").out == b"relu.png\n"


@pytest.mark.parametrize("name", ["compare", "explore", "gallery", "boundary", "depth"])
def test_names_are_completed(name: str) -> None:
    command = GROUP.get_command(None, name)
    (argument,) = (param for param in command.params if param.param_type_name == "argument")
    context = command.make_context(name, ["relu"], resilient_parsing=True)
    assert [item.value for item in argument.shell_complete(context, "leaky")] == ["leaky_relu"]
