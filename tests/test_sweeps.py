"""Sweeps: a parameter given several times is a curve for each value, in one figure."""

import itertools
import json
import shlex
from pathlib import Path

import pytest
from command import NUMBERS, SMALL, Act, Forks, check_light_refusal, names
from PIL import Image

import actplot
from actplot.options import MAX_CURVES
from actplot.output import image as output

SLOPES = (0.01, 0.1, 0.3)
SWEEP = [word for slope in SLOPES for word in ("--slope", str(slope))]


def values(option: str, count: int) -> list[str]:
    """An option given so many times, with a value of its own each time."""
    return [word for number in range(count) for word in (option, str(number + 1))]


def test_every_value_is_a_curve(act: Act, tmp_path: Path) -> None:
    answer = act("leaky_relu", *SWEEP, *SMALL, "--json")
    assert (answer.code, answer.err, names(tmp_path)) == (0, "", ["leaky_relu.png"])
    summary = json.loads(answer.out)
    assert summary["function"] == ["leaky_relu"] * 3
    assert summary["parameters"] == [{"slope": slope} for slope in SLOPES]
    assert summary["labels"] == [f"slope = {slope}" for slope in SLOPES]
    kinks = [[(each["x"], each["dy_left"], each["dy_right"]) for each in breaks] for breaks in summary["breaks"]]
    assert kinks == [[(0, slope, 1)] for slope in SLOPES]
    for name, value in (("samples", 10), ("order", 1), ("files", ["leaky_relu.png"])):
        assert summary[name] == value


def test_a_value_given_once_is_no_sweep(act: Act) -> None:
    summary = json.loads(act("leaky_relu", "--slope", "0.1", *NUMBERS, "--json").out)
    assert (summary["function"], summary["parameters"]) == ("leaky_relu", {"slope": 0.1})
    assert "labels" not in summary


def test_two_swept_parameters_draw_every_combination(act: Act) -> None:
    lows, highs = (-1, -2), (1, 2, 3)
    words = [word for low in lows for word in ("--min-val", str(low))]
    words += [word for high in highs for word in ("--max-val", str(high))]
    summary = json.loads(act("hardtanh", *words, *NUMBERS, "--json").out)
    combinations = list(itertools.product(lows, highs))
    assert summary["parameters"] == [{"min_val": low, "max_val": high} for low, high in combinations]
    assert [[each["x"] for each in breaks] for breaks in summary["breaks"]] == [list(pair) for pair in combinations]
    assert summary["labels"] == [f"min_val = {low}, max_val = {high}" for low, high in combinations]


def test_a_parameter_beside_a_swept_one_keeps_its_value(act: Act) -> None:
    words = ["--min-val", "-3", "--max-val", "1", "--max-val", "2"]
    summary = json.loads(act("hardtanh", *words, *NUMBERS, "--json").out)
    assert summary["parameters"] == [{"min_val": -3, "max_val": high} for high in (1, 2)]
    assert summary["labels"] == ["max_val = 1", "max_val = 2"]


@pytest.mark.parametrize(
    "words", [["--slope", "-0.1", "--slope", "-1e-3"], ["--slope=-.1", "--slope=-0.001"]], ids=["blank", "equals"]
)
def test_negative_values(words: list[str], act: Act) -> None:
    summary = json.loads(act("leaky_relu", *words, *NUMBERS, "--json").out)
    assert summary["parameters"] == [{"slope": -0.1}, {"slope": -0.001}]


def test_the_range_shows_every_curve(act: Act) -> None:
    words = ["--min-val", "-1", "--min-val", "-20", "--max-val", "1"]
    low, high = json.loads(act("hardtanh", *words, *NUMBERS, "--json").out)["range"]
    assert low < -20
    assert high > 1


def test_as_many_curves_as_a_figure_shows(act: Act) -> None:
    summary = json.loads(act("leaky_relu", *values("--slope", MAX_CURVES), *NUMBERS, "--json").out)
    assert len(summary["parameters"]) == MAX_CURVES == 12


WRONG = {
    "too many values": (["leaky_relu", *values("--slope", 13)], ["13 curves", "at most 12"]),
    "too many combinations": (
        ["hardtanh", "--min-val", "-1", "--min-val", "-2", *values("--max-val", 7)],
        ["14 curves", "at most 12"],
    ),
    "a value twice": (["leaky_relu", "--slope", "0.1", "--slope", "0.10"], ["slope = 0.1 is given twice"]),
    "both zeros": (["leaky_relu", "--slope", "0", "--slope", "-0"], ["slope", "given twice"]),
    "one value out of its domain": (
        ["elu", "--alpha", "1", "--alpha", "-1"],
        ["alpha must be >= 0, got -1", "--alpha 1"],
    ),
    "one value not finite": (["leaky_relu", "--slope", "0.1", "--slope", "nan"], ["slope must be finite, got nan"]),
    "one combination against the rule": (
        ["hardtanh", "--min-val", "0", "--min-val", "2", "--max-val", "1", "--max-val", "3"],
        ["min_val < max_val", "min_val = 2, max_val = 1"],
    ),
    "plot, too many values": (
        ["plot", "b*x", *itertools.chain(*(("--param", f"b={n}") for n in range(13)))],
        ["13 curves", "at most 12"],
    ),
    "plot, a value twice": (["plot", "b*x", "--param", "b=2", "--param", "b=2.0"], ["b = 2 is given twice"]),
    "gallery, too many values": (["gallery", "leaky_relu", *values("--slope", 13)], ["13 curves", "at most 12"]),
    "gallery, a value twice": (
        ["gallery", "leaky_relu", "--slope", "1", "--slope", "1"],
        ["slope = 1 is given twice"],
    ),
    "gallery, a parameter none of them has": (
        ["gallery", "relu", "elu", "--slope", "0.1"],
        ["none of these functions has --slope"],
    ),
    "gallery, a value out of its domain": (["gallery", "elu", "--alpha", "-1"], ["alpha must be >= 0, got -1"]),
}


@pytest.mark.parametrize(("words", "parts"), WRONG.values(), ids=list(WRONG))
def test_a_wrong_sweep_is_one_line_loads_nothing_and_writes_nothing(
    words: list[str], parts: list[str], light: Forks, tmp_path: Path
) -> None:
    check_light_refusal(light(*words, cwd=tmp_path), *parts)
    assert names(tmp_path) == []


def test_the_figure_of_a_sweep_is_the_one_of_the_interface(act: Act, tmp_path: Path) -> None:
    assert act("leaky_relu", *SWEEP, "--samples", "20", "--out", "a.png").code == 0
    figure = actplot.draw(*(actplot.sample("leaky_relu", samples=20, slope=slope) for slope in SLOPES), lang="zh")
    with Image.open(tmp_path / "a.png") as image:
        command = image.info["Command"]
    assert output.render(figure, "png", command=command) == (tmp_path / "a.png").read_bytes()


def test_the_legend_tells_the_values_apart() -> None:
    figure = actplot.draw(*(actplot.sample("leaky_relu", samples=20, slope=slope) for slope in SLOPES), lang="en")
    for axes in figure.axes:
        assert [label.get_text() for label in axes.get_legend().get_texts()] == [f"slope = {each}" for each in SLOPES]
    assert figure.axes[0].get_title() == "Leaky ReLU function"


def test_what_a_sweep_has_in_common_stands_in_the_title() -> None:
    figure = actplot.draw(*(actplot.sample("hardtanh", min_val=-3, max_val=high) for high in (1, 2)), lang="en")
    assert figure.axes[0].get_title() == "Hardtanh function (min_val = -3)"


def test_a_sweep_of_an_expression(act: Act, tmp_path: Path) -> None:
    words = ["--param", "b=1", "--param", "b=2", "--param", "c=-1"]
    answer = act("plot", "b*x + c", *words, *SMALL, "--json")
    assert (answer.code, names(tmp_path)) == (0, ["plot.png"])
    summary = json.loads(answer.out)
    assert summary["parameters"] == [{"b": 1, "c": -1}, {"b": 2, "c": -1}]
    assert summary["labels"] == ["b = 1", "b = 2"]


def test_a_sweep_in_the_gallery(warm: Forks, tmp_path: Path) -> None:
    words = ["gallery", "leaky_relu", "elu", *SWEEP, "--json", "--out", "figs", *SMALL, "--quiet"]
    done = warm(*words, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["failed"] == {}
    figs = tmp_path / "figs"
    assert names(figs) == ["README.md", "actplot.json", "elu.png", "index.html", "leaky_relu.png"]
    for page in ("README.md", "index.html"):
        text = (figs / page).read_text(encoding="utf-8")
        assert "slope = 0.01, 0.1, 0.3" in text
    command = f"actplot leaky_relu {shlex.join(SWEEP)} --range"
    with Image.open(figs / "leaky_relu.png") as image:
        assert image.info["Command"].startswith(command)
    with Image.open(figs / "elu.png") as image:
        assert "--slope" not in image.info["Command"]
