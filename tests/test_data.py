"""``--data``: the numbers behind a figure, which read back to the same bits."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import OLD, SMALL, Act, Answer, Forks, check_refusal, names
from conftest import some_functions
from numpy.typing import NDArray
from test_imports import loaded

import actplot
from actplot.functions.registry import Function
from actplot.output import data
from actplot.output.versions import versions

NAMES = ("y", "dy", "d2y")
Table = dict[str, NDArray[np.float64]]


def expected(curve: actplot.Curve) -> Table:
    """The table of a curve, put together from its attributes alone."""
    shown = NAMES[: curve.order + 1]
    places = {each.x: each for each in curve.breaks}
    rows: list[tuple[float, ...]] = []
    done = set()
    for x, *values in zip(curve.x, *(getattr(curve, name) for name in shown), strict=True):
        if x not in places:
            if np.isfinite(values[0]):
                rows.append((x, *values))
        elif x not in done:
            done.add(x)
            sides = ("left", "at", "right")
            rows += [(x, *(getattr(places[x], f"{name}_{side}") for name in shown)) for side in sides]
    return dict(zip(("x", *shown), np.array(rows, dtype=np.float64).T, strict=True))


def from_csv(content: bytes) -> Table:
    head, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    return dict(zip(head, np.array(rows, dtype=np.float64).T, strict=True))


def from_json(content: bytes) -> Table:
    (curve,) = json.loads(content, parse_constant=pytest.fail)["curves"]
    return {name: np.array(curve[name], dtype=np.float64) for name in ("x", *NAMES) if name in curve}


def from_npz(content: bytes) -> Table:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files if name != "metadata"}


READERS = {"csv": from_csv, "json": from_json, "npz": from_npz}
Reader = Callable[[bytes], Table]
every_format = pytest.mark.parametrize(("form", "read"), READERS.items(), ids=list(READERS))


def assert_same_bits(first: Table, second: Table) -> None:
    assert list(first) == list(second)
    for name in first:
        assert first[name].tobytes() == second[name].tobytes(), name


def without_infinities(table: Table) -> Table:
    """The table as JSON has it, where null stands for everything that is not finite."""
    return {name: np.where(np.isfinite(values), values, np.nan) for name, values in table.items()}


def render(curve: actplot.Curve, form: str) -> bytes:
    return data.render([curve], ["label"], form, command="actplot")


@some_functions
def test_what_is_written_reads_back_to_the_same_bits(function: Function) -> None:
    # Of each function, the order and the dtype that its name happens to choose.
    order = len(function.name) % 3
    dtype = ("float64", "float32")[sum(map(ord, str(function.parameters))) % 2]
    curve = actplot.sample(function, samples=150, order=order, dtype=dtype)
    table = expected(curve)
    assert list(table) == ["x", "y", "dy", "d2y"][: order + 2]
    for form, read in READERS.items():
        assert_same_bits(read(render(curve, form)), table if form != "json" else without_infinities(table))


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
@pytest.mark.parametrize(
    "text", ["leaky_relu:slope=0.3", "gelu", "hardshrink", "log(x)", "1/x", "-0.0*x", "where(x>1,x,-x)"]
)
def test_every_order_and_dtype_reads_back(text: str, dtype: str, order: int) -> None:
    curve = actplot.sample(text, samples=40, order=order, dtype=dtype)
    table = expected(curve)
    for form, read in READERS.items():
        assert_same_bits(read(render(curve, form)), table if form != "json" else without_infinities(table))


@every_format
@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_command_writes_the_curve_of_the_interface(
    form: str, read: Reader, order: int, act: Act, tmp_path: Path
) -> None:
    words = ["leaky_relu", "--slope", "0.3", "--order", str(order), "--samples", "101", "--range", "-1e-3", "2"]
    assert act(*words, "--data", f"a.{form}") == Answer(0, f"a.{form}\n", "")
    assert names(tmp_path) == [f"a.{form}"]  # and no picture
    curve = actplot.sample("leaky_relu", slope=0.3, order=order, samples=101, range=(-1e-3, 2))
    assert_same_bits(read((tmp_path / f"a.{form}").read_bytes()), expected(curve))


# Breaks and gaps


def test_a_break_has_three_rows(act: Act) -> None:
    out = act("hardshrink", "--samples", "5", "--range", "-1", "1", "--data", "-").out
    assert out.splitlines() == [
        "x,y,dy",
        "-1,-1,1",
        *("-0.5,-0.5,1", "-0.5,0,0", "-0.5,0,0"),
        "0,0,0",
        *("0.5,0,0", "0.5,0,0", "0.5,0.5,1"),
        "1,1,1",
    ]
    # At 0 torch has the slope of the left side and the curvature of the right one.
    out = act("elu", "--alpha", "2", "--samples", "2", "--range", "0", "1", "--data", "-", "--order", "2").out
    assert out.splitlines() == ["x,y,dy,d2y", "0,0,2,2", "0,0,2,0", "0,0,1,0", "1,1,1,0"]


def test_where_there_is_no_value_there_is_no_row() -> None:
    curve = actplot.sample("log(x)", range=(-2, 2), samples=100)
    table = data.columns(curve)
    inside = table["x"] != 0
    assert (table["x"][inside] > 0).all()
    assert all(np.isfinite(values[inside]).all() for values in table.values())
    assert set(np.linspace(-2, 2, 100)[50:]) <= set(table["x"])
    assert np.isnan(table["y"][~inside][0])
    assert np.isneginf(table["y"][~inside][1:]).all()


@some_functions
def test_x_ascends_and_only_breaks_share_it(function: Function) -> None:
    curve = actplot.sample(function, samples=100)
    table = data.columns(curve)
    steps = np.diff(table["x"])
    assert (steps >= 0).all()
    assert (steps == 0).sum() == 2 * len(curve.breaks)
    elsewhere = ~np.isin(table["x"], [each.x for each in curve.breaks])
    assert np.isfinite(table["y"][elsewhere]).all()


# What the files say of themselves


SEVERAL = [
    (["hardtanh", "--min-val", "-2", "--max-val", "1", "--max-val", "2"], ["max_val = 1", "max_val = 2"]),
    (
        ["compare", "relu", "leaky_relu:slope=0.1", "hardtanh:min_val=-2,max_val=2"],
        ["ReLU", "Leaky ReLU (slope = 0.1)", "Hardtanh (min_val = -2, max_val = 2)"],
    ),
]


@pytest.mark.parametrize(("words", "labels"), SEVERAL, ids=["sweep", "compare"])
@pytest.mark.parametrize("order", [0, 2])
def test_overlays_name_the_curve_of_every_row(
    words: list[str], labels: list[str], order: int, act: Act, tmp_path: Path
) -> None:
    words = [*words, "--samples", "7", "--order", str(order)]
    for form in READERS:
        assert act(*words, "--data", f"a.{form}") == Answer(0, f"a.{form}\n", "")
    columns = ["x", *NAMES][: order + 2]
    with open(tmp_path / "a.csv", newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["curve", *columns]
    assert list(dict.fromkeys(row[0] for row in rows)) == labels
    numbers = np.array([row[1:] for row in rows], dtype=np.float64).T
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert set(arrays.files) == {"metadata", "curve", *columns}
        assert arrays["curve"].tolist() == [row[0] for row in rows]
        assert all(arrays[name].tobytes() == numbers[n].tobytes() for n, name in enumerate(columns))
    curves = json.loads((tmp_path / "a.json").read_text())["curves"]
    assert [curve["label"] for curve in curves] == labels
    assert [x for curve in curves for x in curve["x"]] == numbers[0].tolist()


def test_the_lines_of_a_csv_end_in_the_same_way_everywhere(act: Act, tmp_path: Path) -> None:
    act("compare", "relu", "gelu", *SMALL, "--data", "a.csv")
    content = (tmp_path / "a.csv").read_bytes()
    assert content.endswith(b"\n")
    assert b"\r" not in content
    assert b" " not in content


@pytest.mark.parametrize("words", [["elu", "--alpha", "2"], ["compare", "relu", "elu:alpha=2"]], ids=["one", "several"])
def test_files_say_what_made_them(words: list[str], act: Act, tmp_path: Path) -> None:
    summary = json.loads(act(*words, "--samples", "9", "--data", "a.json", "--json").out)
    act(*words, "--samples", "9", "--data", "a.npz")
    told: dict[str, Any] = json.loads((tmp_path / "a.json").read_bytes(), parse_constant=pytest.fail)
    assert list(told) == ["command", "versions", "curves"]
    assert told["command"] == summary["command"]
    assert told["versions"] == versions()
    assert {"actplot", "torch", "numpy"} <= set(told["versions"])
    curve = told["curves"][-1]
    assert list(curve) == ["label", "function", "parameters", "breaks", "x", "y", "dy"]
    assert (curve["label"], curve["function"], curve["parameters"]) == ("ELU (alpha = 2)", "elu", {"alpha": 2})
    assert curve["breaks"] == [dict(x=0, y_left=0, y_right=0, y_at=0, dy_left=2, dy_right=1, dy_at=2)]
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        metadata = json.loads(str(arrays["metadata"]))
    for each in told["curves"]:
        for name in ("x", "y", "dy"):
            del each[name]
    assert metadata == told


def test_the_numbers_and_the_picture_are_made_by_the_same_command(act: Act, tmp_path: Path) -> None:
    summary = json.loads(act("elu", *SMALL, "--data", "a.json", "--out", "a.png", "--json").out)
    assert sorted(summary["files"]) == names(tmp_path) == ["a.json", "a.png"]
    assert json.loads((tmp_path / "a.json").read_text())["command"] == summary["command"]
    assert "--data" not in summary["command"]
    act("elu", *SMALL, "--out", "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("form", READERS)
def test_the_same_command_writes_the_same_bytes(form: str, act: Act, warm: Forks, tmp_path: Path) -> None:
    words = ["compare", "relu", "gelu", "--samples", "20", "--data"]
    assert act(*words, f"a.{form}").code == act(*words, f"b.{form}").code == 0
    if form == "npz":  # an archive, in which times might stand
        done = warm(*words, "b.npz", cwd=tmp_path)
        assert (done.code, done.out, done.err) == (0, b"b.npz\n", "")
    first, second = ((tmp_path / f"{name}.{form}").read_bytes() for name in "ab")
    assert first == second


# Where it goes


def test_a_dash_is_csv_on_stdout_and_nothing_else(act: Act, warm: Forks, tmp_path: Path) -> None:
    words = ["leaky_relu", "--slope", "0.1", "--slope", "0.2", "--samples", "9"]
    done = warm(*words, "--data", "-", cwd=tmp_path)
    assert (done.code, done.err, names(tmp_path)) == (0, "", [])
    assert act(*words, "--data", "a.csv").code == 0
    assert done.out == (tmp_path / "a.csv").read_bytes()


def test_data_beside_a_picture(act: Act, tmp_path: Path) -> None:
    assert act("relu", *SMALL, "--data", "a.csv", "--out", "b.svg") == Answer(0, "b.svg\na.csv\n", "")
    assert names(tmp_path) == ["a.csv", "b.svg"]
    answer = act("relu", *SMALL, "--data", "-", "--out", "c.png", "--quiet")
    assert (answer.code, answer.err, answer.out) == (0, "", (tmp_path / "a.csv").read_text())
    assert names(tmp_path) == ["a.csv", "b.svg", "c.png"]
    assert act("relu", *SMALL, "--data", "D.JSON", "--quiet") == Answer(0, "", "")
    json.loads((tmp_path / "D.JSON").read_text())


def test_data_beside_points(act: Act, tmp_path: Path) -> None:
    out = act("relu", *SMALL, "--data", "a.csv", "--at", "1").out
    assert out.splitlines()[0] == "a.csv"
    assert out.splitlines()[-1].split() == ["1", "1", "1"]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["--data", "-", "--out", "-"], ["--out -", "--data -", "stdout"]),
        (["--data", "-", "--json"], ["--json", "--data -", "stdout"]),
        (["--data", "-", "--json", "--quiet"], ["--json", "--data -", "stdout"]),
        (["--data", "-", "--at", "1"], ["--data -", "--at", "stdout"]),
        (["--data", "-", "--out", "a.png"], ["--data -", "--out a.png", "stdout", "--quiet"]),
        (["--data", "a.csv", "--out", "-"], ["--out -", "--data a.csv", "stdout", "--quiet"]),
        (["--data", "a.txt"], ["'a.txt'", ".csv, .json, .npz"]),
        (["--data", "a"], ["'a'", ".csv, .json, .npz"]),
        (["--data", "a.csv.gz"], ["'a.csv.gz'", ".csv, .json, .npz"]),
        (["--data", "a.png"], ["'a.png'", ".csv, .json, .npz"]),
        (["--data", ""], ["''", ".csv, .json, .npz"]),
        (["--data", "a.csv", "--out", "a.csv"], ["'a.csv'"]),
        (["--data", "a.png", "--out", "a.png"], ["'a.png'"]),
        (["--data"], ["--data"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_wrong_place_for_numbers_is_one_line_and_writes_nothing(
    words: list[str], parts: list[str], act: Act, tmp_path: Path
) -> None:
    check_refusal(act("relu", *words), 2, *parts)
    assert names(tmp_path) == []


def test_a_wrong_place_for_numbers_loads_nothing(light: Forks, tmp_path: Path) -> None:
    assert loaded(light, "relu --data a.txt", tmp_path) == (2, set())
    assert loaded(light, "relu --data missing/a.csv", tmp_path) == (1, set())


@pytest.mark.parametrize("beside", [[], ["--out", "a.png"], ["--json"]], ids=["alone", "out", "json"])
def test_a_folder_that_is_missing(beside: list[str], act: Act, tmp_path: Path) -> None:
    check_refusal(act("relu", "--data", "missing/a.csv", *beside), 1, "missing/a.csv", "no folder 'missing'")
    check_refusal(act("relu", "--out", "missing/a.png", "--data", "a.csv"), 1, "missing/a.png")
    assert names(tmp_path) == []


def test_what_stood_there_survives_a_failure(act: Act, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(OLD)
    (tmp_path / "folder.json").mkdir()
    check_refusal(act("plot", "x - x/0", "--data", "a.csv"), 1, "everywhere")
    check_refusal(act("relu", "--data", "folder.json"), 1, "folder.json: it is a folder")
    assert (tmp_path / "a.csv").read_bytes() == OLD
    assert names(tmp_path) == ["a.csv", "folder.json"]
    assert act("relu", *SMALL, "--data", "a.csv").code == 0
    assert (tmp_path / "a.csv").read_bytes() != OLD


def test_numbers_alone_load_no_matplotlib(light: Forks, tmp_path: Path) -> None:
    code, modules = loaded(light, "relu --samples 10 --data a.csv", tmp_path)
    assert code == 0
    assert "matplotlib" not in modules


def test_the_readers_can_fail() -> None:
    curve = actplot.sample("gelu", samples=20)
    table = data.columns(curve)
    table["dy"][3] = np.nextafter(table["dy"][3], 2)
    for form, read in READERS.items():
        with pytest.raises(AssertionError):
            assert_same_bits(read(render(curve, form)), table)
