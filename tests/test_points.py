"""``--at``: points that are marked, with their tangents, and told as numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
from command import SMALL, Act, Answer, check_refusal, names
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.testing import assert_allclose, assert_array_equal

import actplot
from actplot.errors import BadValue

NAMES = ("x", "y", "dy", "d2y")
# For a command whose picture nobody looks at.
NUMBERS = ("--samples", "10", "--data", "a.csv")
CASES = [
    ("gelu", {}, [0.3, -1.7]),
    ("leaky_relu", {"slope": 0.3}, [0.0]),
    ("elu", {"alpha": 2.0}, [0.0, -3.0, 3.0]),
    ("hardshrink", {}, [-0.5, 0.5]),
    ("relu", {}, [0.0]),
    ("softplus", {"beta": 2.0}, [1e-3]),
]
every_case = pytest.mark.parametrize(("name", "parameters", "at"), CASES, ids=[case[0] for case in CASES])


def words_of(at: list[float]) -> list[str]:
    return [word for x in at for word in ("--at", repr(x))]


@every_case
@pytest.mark.parametrize("order", [0, 1, 2])
def test_points_are_what_torch_returns_there(
    name: str, parameters: dict[str, float], at: list[float], order: int
) -> None:
    curve = actplot.sample(name, at=at, order=order, samples=10, **parameters)
    expected = actplot.evaluate(name, at, order=max(order, 1), **parameters)
    for column, values in zip(zip(*curve.points, strict=True), (at, *expected), strict=False):
        assert_array_equal(column, values)
    assert all(np.isnan(point.d2y) == (order < 2) for point in curve.points)


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float32", 1e-6), ("float16", 2e-3), ("bfloat16", 2e-2)], ids=lambda value: str(value)
)
def test_points_are_computed_in_the_dtype_of_the_curve(dtype: str, tolerance: float) -> None:
    (point,) = actplot.sample("gelu", at=[0.7], dtype=dtype, samples=10).points
    y, dy = actplot.evaluate("gelu", 0.7, dtype=dtype)
    assert (point.x, point.y, point.dy) == (0.7, float(y), float(dy))
    assert_allclose([y, dy], actplot.evaluate("gelu", 0.7), rtol=tolerance)


@every_case
@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_summary_has_the_points(
    name: str, parameters: dict[str, float], at: list[float], order: int, act: Act
) -> None:
    words = [word for key, value in parameters.items() for word in (f"--{key}", str(value))]
    answer = act(name, *words, *words_of(at), "--order", str(order), *NUMBERS, "--json")
    assert (answer.code, answer.err) == (0, "")
    expected = actplot.evaluate(name, at, order=order, **parameters)
    rows = zip(at, *(values.tolist() for values in expected), strict=True)
    assert json.loads(answer.out)["points"] == [dict(zip(NAMES, row, strict=False)) for row in rows]


def test_without_points_the_summary_has_none(act: Act) -> None:
    assert "points" not in json.loads(act("elu", *NUMBERS, "--json").out)


def test_points_of_several_curves(act: Act) -> None:
    summary = json.loads(act("compare", "relu", "gelu", "--at", "0", "--at", "-1", *NUMBERS, "--json").out)
    for name, points in zip(("relu", "gelu"), summary["points"], strict=True):
        y, dy = actplot.evaluate(name, [0.0, -1.0])
        assert points == [{"x": x, "y": y[n], "dy": dy[n]} for n, x in enumerate((0, -1))]


def test_what_is_no_number_is_null(act: Act) -> None:
    answer = act("plot", "1/x", "--at", "0", *NUMBERS, "--json")
    assert json.loads(answer.out, parse_constant=pytest.fail)["points"] == [{"x": 0, "y": None, "dy": None}]


# The table


@pytest.mark.parametrize("order", [0, 1, 2])
def test_the_table_reads_back_to_the_same_numbers(order: int, act: Act) -> None:
    at = [-1.7, 0.3, 1e-9]
    answer = act("gelu", *words_of(at), "--order", str(order), *SMALL)
    assert (answer.code, answer.err) == (0, "")
    file, head, *rows = answer.out.splitlines()
    assert file == "gelu.png"
    assert head.split() == ["x", "f(x)", "f'(x)", "f''(x)"][: order + 2]
    table = np.array([row.split() for row in rows], dtype=np.float64)
    assert_array_equal(table.T, [at, *actplot.evaluate("gelu", at, order=order)])
    assert all(line == line.rstrip() for line in answer.out.splitlines())


def test_the_table_of_several_curves_names_them(act: Act) -> None:
    out = act("leaky_relu", "--slope", "0.1", "--slope", "-0.2", "--at", "-1", "--at", "0", *SMALL).out
    _, head, *rows = (line.replace("slope = ", "").split() for line in out.splitlines())
    assert head == ["curve", "x", "f(x)", "f'(x)"]
    # At the kink torch returns the slope of the left side.
    assert rows == [
        ["0.1", "-1", "-0.1", "0.1"],
        ["0.1", "0", "0", "0.1"],
        ["-0.2", "-1", "0.2", "-0.2"],
        ["-0.2", "0", "0", "-0.2"],
    ]


def test_quiet_prints_no_table(act: Act, tmp_path: Path) -> None:
    assert act("gelu", "--at", "1", *SMALL, "--quiet") == Answer(0, "", "")
    assert names(tmp_path) == ["gelu.png"]


def test_the_table_is_no_part_of_what_a_dash_writes(act: Act, tmp_path: Path) -> None:
    for option in ("--out", "--data"):
        check_refusal(act("gelu", "--at", "1", option, "-"), 2, f"{option} -", "the table of --at", "--quiet")
    assert names(tmp_path) == []


# Where points may lie


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--at", "7", "--range", "-5", "5"], ["--at 7", "--range -5 5"]),
        (["--at", "0", "--at", "-5.1", "--range", "-5", "5"], ["--at -5.1", "--range -5 5"]),
        (["--at", "one"], ["--at", "'one' is not a number"]),
        (["--at", ""], ["--at", "'' is not a number"]),
        (["--at", "nan"], ["--at nan"]),
        (["--at", "nan", "--range", "0", "1"], ["--at nan"]),
        (["--at", "inf"], ["finite"]),
        (["--at", "-inf"], ["finite"]),
        (["--at", "inf", "--range", "0", "1"], ["--at inf"]),
        (["--at"], ["--at"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_wrong_point_is_one_line_and_writes_nothing(
    words: list[str], parts: list[str], act: Act, tmp_path: Path
) -> None:
    check_refusal(act("gelu", *words), 2, *parts)
    assert names(tmp_path) == []


@pytest.mark.parametrize("at", [(-5.1,), (0.0, 5.5), (float("nan"),)])
def test_the_interface_takes_no_point_outside_its_range(at: tuple[float, ...]) -> None:
    with pytest.raises(BadValue, match=r"^at="):
        actplot.sample("gelu", range=(-5, 5), at=at)


@pytest.mark.parametrize("ends", [[-5.0, 5.0], [5.0], [-5.0]])
def test_the_ends_of_the_range_are_within_it(ends: list[float], act: Act) -> None:
    summary = json.loads(act("tanh", "--range", "-5", "5", *words_of(ends), *NUMBERS, "--json").out)
    assert [point["x"] for point in summary["points"]] == ends


@pytest.mark.parametrize("at", [[7.0], [-30.0], [-7.0, 0.0, 9.0], [1e6]])
def test_the_default_range_widens_for_points(at: list[float], act: Act) -> None:
    default_low, default_high = actplot.CATALOG["elu"].range
    low, high = json.loads(act("elu", *words_of(at), *NUMBERS, "--json").out)["range"]
    # Points have room on both sides, and what was shown without them is still shown.
    assert low <= default_low
    assert high >= default_high
    assert all(low < x < high for x in at)
    assert (low == default_low) == (min(at) >= default_low)
    assert (high == default_high) == (max(at) <= default_high)


# On the figure


def lines(axes: Axes, label: str) -> list[Line2D]:
    return [line for line in axes.lines if line.get_label() == label]


def markers(axes: Axes) -> set[tuple[float, float]]:
    return {point for line in lines(axes, "_at") for point in zip(*line.get_data(), strict=True)}


def halves(axes: Axes) -> list[tuple[float, float, float]]:
    """Of each half of a tangent: on which side it lies, its slope and its height at the point it starts from."""
    found = []
    for line in lines(axes, "_tangent"):
        (start, end), (y, there) = line.get_data()
        found.append((float(np.sign(end - start)), float((there - y) / (end - start)), float(y)))
    return found


@pytest.mark.parametrize("name", ["gelu", "tanh", "silu", "softplus"])
def test_points_and_tangents_are_drawn(name: str) -> None:
    at = [-1.3, 0.4]
    curve = actplot.sample(name, at=at, samples=200)
    y, dy = actplot.evaluate(name, at)
    left, right = actplot.draw(curve, lang="en").axes
    assert markers(left) == set(zip(at, y, strict=True))
    assert markers(right) == set(zip(at, dy, strict=True))
    assert_array_equal([line.get_xdata()[0] for line in lines(left, "_tangent")], np.repeat(at, 2))
    expected = [(side, slope, height) for height, slope in zip(y, dy, strict=True) for side in (-1, 1)]
    assert_allclose(halves(left), expected, rtol=1e-12)
    assert halves(right) == []


@pytest.mark.parametrize(
    ("name", "parameters", "slopes"),
    [("relu", {}, (0, 1)), ("leaky_relu", {"slope": 0.2}, (0.2, 1)), ("elu", {"alpha": 3.0}, (3, 1))],
    ids=["relu", "leaky_relu", "elu"],
)
def test_at_a_kink_the_value_is_torchs_and_each_side_has_its_tangent(
    name: str, parameters: dict[str, float], slopes: tuple[float, float]
) -> None:
    curve = actplot.sample(name, at=[0.0], **parameters)
    assert curve.points[0][:3] == (0, 0, slopes[0])
    left, right = actplot.draw(curve, lang="en").axes
    assert markers(left) == {(0, 0)}
    assert markers(right) == {(0, slopes[0])}
    assert_allclose(sorted(halves(left)), [(-1, slopes[0], 0), (1, slopes[1], 0)])


def test_at_a_jump_each_side_has_the_tangent_at_its_limit() -> None:
    curve = actplot.sample("hardshrink", at=[0.5])
    left, _ = actplot.draw(curve, lang="en").axes
    assert markers(left) == {(0.5, 0)}
    assert_allclose(sorted(halves(left)), [(-1, 0, 0), (1, 1, 0.5)])


def test_at_a_pole_no_tangent_is_drawn() -> None:
    left, _ = actplot.draw(actplot.sample("1/x", at=[0.0]), lang="en").axes
    for line in lines(left, "_tangent"):
        assert not np.isfinite(np.asarray(line.get_ydata(), dtype=float)).all()


def test_the_second_derivative_has_its_points() -> None:
    curve = actplot.sample("gelu", at=[0.5], order=2, samples=50)
    values = [float(value) for value in actplot.evaluate("gelu", 0.5, order=2)]
    panels = actplot.draw(curve, lang="en").axes
    assert [markers(axes) for axes in panels] == [{(0.5, value)} for value in values]
    (one,) = actplot.draw(curve, lang="en", layout="overlay").axes
    assert markers(one) == {(0.5, value) for value in values}


def test_without_a_derivative_there_is_no_tangent() -> None:
    (axes,) = actplot.draw(actplot.sample("gelu", at=[0.5], order=0), lang="en").axes
    assert markers(axes) == {(0.5, float(actplot.evaluate("gelu", 0.5)[0]))}
    assert halves(axes) == []


def test_points_do_not_move_the_panel() -> None:
    with_points, without = (actplot.draw(actplot.sample("gelu", at=at, samples=50), lang="en") for at in ([0.5], []))
    for marked, bare in zip(with_points.axes, without.axes, strict=True):
        assert marked.get_xlim() == bare.get_xlim()
        assert not [line for line in bare.lines if line.get_label() in ("_at", "_tangent")]


def test_points_are_in_no_legend() -> None:
    curves = [actplot.sample(name, at=[0.5, 1.0], samples=50) for name in ("gelu", "relu")]
    for axes in actplot.draw(*curves, lang="en").axes:
        assert [label.get_text() for label in axes.get_legend().get_texts()] == ["GELU", "ReLU"]
        assert len(markers(axes)) == 4


def test_points_change_the_picture_and_stand_in_its_command(act: Act, tmp_path: Path) -> None:
    act("gelu", *SMALL, "--out", "without.png")
    summary = json.loads(act("gelu", *SMALL, "--at", "-0.5", "--out", "with.png", "--json").out)
    assert "--at -0.5" in summary["command"]
    assert (tmp_path / "without.png").read_bytes() != (tmp_path / "with.png").read_bytes()
