"""Softmax: the documents' numbers, its Jacobian, and scores at the ends of all numbers."""

import csv
import io
import json
from pathlib import Path

import mpmath
import numpy as np
import pytest
from command import Act, check_refusal, names, peak
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from numpy.testing import assert_allclose

from actplot.numerics.autograd import derivatives
from actplot.numerics.experiments.softmax import softmax, varied
from actplot.plot.experiments.softmax import MOST_BARS, draw

# Printed in the tutorials.
FOUR = [0.0320586, 0.08714432, 0.23688282, 0.64391426]
LOOK = dict(lang="en", size=(10.0, 4.0), dpi=60.0)


def labels(count: int) -> list[str]:
    return [f"class {place}" for place in range(count)]


def test_the_documents_numbers(act: Act) -> None:
    answer = act("softmax", "--data", "-", "--scores", "1,2,3,4")
    rows = list(csv.DictReader(io.StringIO(answer.out)))
    assert_allclose([float(row["probability"]) for row in rows], FOUR, atol=5e-9)


def test_the_table_is_never_in_scientific_notation(act: Act) -> None:
    answer = act("softmax", "--scores=-1,2,-3,4", "--scores=-2,3,-3,9", "--labels", "apple,banana,lemon,pear")
    path, head, *rows = answer.out.splitlines()
    assert path == "softmax.png"
    assert head.split() == ["label", "score_1", "p_1", "score_2", "p_2"]
    assert [row.split()[0] for row in rows] == ["apple", "banana", "lemon", "pear"]
    assert "e-" not in "".join(rows)
    assert sum(float(row.split()[4]) for row in rows) == pytest.approx(1, abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-50, 50), min_size=2, max_size=6), st.floats(0.1, 10), st.booleans())
def test_values_and_jacobian_are_those_of_the_definition(
    scores: list[float], temperature: float, logarithmic: bool
) -> None:
    result = softmax([scores], labels(len(scores)), temperature=temperature, logarithmic=logarithmic)
    with mpmath.workdps(40):
        powers = [mpmath.exp(mpmath.mpf(score) / mpmath.mpf(temperature)) for score in scores]
        p = np.array([float(power / sum(powers)) for power in powers])
        log_p = np.array([float(mpmath.log(power / sum(powers))) for power in powers])
    delta = np.eye(len(p))
    if logarithmic:
        assert_allclose(result.values[0], log_p, rtol=1e-12, atol=1e-14)
        assert_allclose(result.jacobian[0], (delta - p) / temperature, atol=1e-12 / temperature)
    else:
        assert_allclose(result.values[0], p, rtol=1e-11, atol=1e-300)
        assert_allclose(result.jacobian[0], p[:, None] * (delta - p) / temperature, atol=1e-13 / temperature)


@pytest.mark.parametrize("scores", [[1e4, -1e4, 0.0], [1e308, -1e308], [-1e4] * 3, [0.0, 1e-300]])
@pytest.mark.parametrize("temperature", [1.0, 1e-300, 1e300])
@pytest.mark.parametrize("logarithmic", [False, True])
def test_right_at_the_ends_of_all_numbers(scores: list[float], temperature: float, logarithmic: bool) -> None:
    result = softmax([scores], labels(len(scores)), temperature=temperature, logarithmic=logarithmic)
    probabilities = np.exp(result.values[0]) if logarithmic else result.values[0]
    assert probabilities.sum() == pytest.approx(1)
    assert not np.isnan(result.jacobian).any()


def test_varied_curves_are_softmax_and_its_jacobian() -> None:
    functions = varied([1.0, 2.0, 3.0], labels(3), 1, 2.0, logarithmic=False)
    x = np.linspace(-4, 6, 11)
    for value, function in enumerate(functions):
        y, dy = derivatives(function.call, x)
        for point, p, slope in zip(x, y, dy, strict=True):
            whole = softmax([[1.0, point, 3.0]], labels(3), temperature=2.0)
            assert_allclose((p, slope), (whole.values[0, value], whole.jacobian[0, value, 1]), rtol=1e-12)


def test_the_picture_shows_bars_and_a_heat_map_for_each_sample() -> None:
    result = softmax([[1, 2, 3, 4], [4, 3, 2, 1]], ["a", "b", "c", "d"])
    bars, *heats = draw(result, **LOOK).axes  # type: ignore[arg-type]
    heights = [patch.get_height() for patch in bars.patches]
    assert_allclose(heights, result.values.ravel())
    assert len(heats) == 2
    for axes, jacobian in zip(heats, result.jacobian, strict=True):
        assert_allclose(axes.images[0].get_array(), jacobian)
        numbers = [float(text.get_text().replace("\N{MINUS SIGN}", "-")) for text in axes.texts]
        assert_allclose(numbers, jacobian.ravel(), atol=5.1e-4)


@pytest.mark.parametrize("style", [None, "default", "dark_background", "ggplot"])
def test_titles_can_be_read_in_any_style(style: str | None) -> None:
    figure = draw(softmax([[1, 2, 3]], ["a", "b", "c"]), style=style, **LOOK)  # type: ignore[arg-type]
    ground = np.array(to_rgb(figure.get_facecolor()))
    for axes in figure.axes:
        assert np.abs(ground - to_rgb(axes.title.get_color())).max() > 0.5


def test_a_thousand_classes_say_what_is_left_out() -> None:
    scores = np.random.default_rng(0).normal(size=1000)
    result = softmax([scores.tolist()], labels(1000))
    bars, heat = draw(result, **LOOK).axes  # type: ignore[arg-type]
    assert bars.get_title() == "Softmax probabilities (the 20 largest of 1000 classes)"
    assert len(bars.patches) == MOST_BARS
    assert sorted(patch.get_height() for patch in bars.patches) == sorted(result.values[0])[-MOST_BARS:]
    assert heat.images[0].get_array().shape == (MOST_BARS, MOST_BARS)


@pytest.mark.slow
def test_the_largest_jacobians_take_less_than_a_gigabyte(tmp_path: Path) -> None:
    scores = "--scores=" + ",".join(f"{score:.3f}" for score in np.random.default_rng(0).normal(size=1000))
    assert peak("softmax", *[scores] * 4, "--json", "--out", "s.png", cwd=tmp_path) < 1e9


def test_json_and_the_reproducing_command(act: Act, tmp_path: Path) -> None:
    said = act("softmax", "--scores=-1,2,-3,4", "--temperature", "2", "--json")
    known = json.loads(said.out)
    assert list(known)[:5] == ["scores", "labels", "temperature", "probabilities", "jacobian"]
    assert known["scores"] == [[-1, 2, -3, 4]]
    assert np.shape(known["jacobian"]) == (1, 4, 4)
    first = (tmp_path / "softmax.png").read_bytes()
    again = known["command"].split()[1:]
    assert act(*again, "--out", "again.png").code == 0
    assert (tmp_path / "again.png").read_bytes() == first


def test_vary_draws_curves_with_their_derivatives(act: Act) -> None:
    answer = act("softmax", "--vary", "2", "--range", "-5", "5", "--samples", "11", "--json")
    known = json.loads(answer.out)
    assert known["range"] == [-5, 5]
    assert known["labels"] == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scores", "1,two"], ["1,two", "numbers with commas"]),
        (["--scores", "1"], ["2 to 1,000 scores, not 1"]),
        (["--scores", "1" + ",2" * 1000], ["2 to 1,000 scores, not 1001"]),
        (["--scores", "1,nan"], ["must be finite"]),
        (["--scores", "1,2", "--scores", "1,2,3"], ["2 and 3 scores", "same number"]),
        (["--scores", "1,2"] * 5, ["5 samples", "at most 4"]),
        (["--labels", "a,b"], ["names 2 classes, but there are 4 scores"]),
        (["--labels", "a,a,b,c"], ["a name of its own"]),
        (["--temperature", "0"], ["must be > 0, got 0"]),
        (["--temperature", "-1"], ["must be > 0, got -1"]),
        (["--temperature", "inf"], ["must be > 0, got inf"]),
        (["--vary", "5"], ["'5' names no class"]),
        (["--vary", "pear", "--labels", "a,b,c,d"], ["'pear' names no class", "a, b, c, d"]),
        (["--vary", "1", "--scores", "1,2", "--scores", "3,4"], ["takes one sample"]),
        (["--range", "0", "1"], ["--range needs --vary"]),
        (["--samples", "10"], ["--samples needs --vary"]),
        (["--json", "--out", "-"], ["both want stdout"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_bad_input(arguments: list[str], words: list[str], act: Act, tmp_path: Path) -> None:
    check_refusal(act("softmax", *arguments), 2, *words)
    assert names(tmp_path) == []
