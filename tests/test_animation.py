"""Animations: frames that decode, count right, and differ in the curve and its value alone."""

import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch  # noqa: F401 - loaded here, so that commands in this process compute in this process
from PIL import Image, ImageSequence

import actplot
from actplot.cli import main
from actplot.cli.curves import interpolate
from actplot.plot.figure import CurveFigure

SWEEP = ["elu", "--alpha", "0.2", "--alpha", "3", "--lang", "en", "--quiet"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def frames(path: str) -> tuple[list[np.ndarray], Any]:
    with Image.open(path) as picture:
        return [np.asarray(frame.convert("RGB")).astype(int) for frame in ImageSequence.Iterator(picture)], picture


@pytest.mark.parametrize("form", ["gif", "webp", "apng"])
def test_only_the_curve_and_its_value_change(form: str) -> None:
    assert main([*SWEEP, "--animate", f"sweep.{form}", "--frames", "4", "--fps", "10"]) == 0
    pictures, picture = frames(f"sweep.{form}")
    assert len(pictures) == 4
    assert picture.info["loop"] == 0
    assert picture.info.get("duration", 100) == 100
    assert {each.shape for each in pictures} == {(400, 1000, 3)}
    for before, after in pairwise(pictures):
        changed = np.abs(after - before).max(axis=2) > 60
        # The panels begin 0.55 inches from the top and end 0.6 from the bottom; above them are the titles.
        assert changed[55:340, 75:485].any()
        assert changed[55:340, 565:975].any()
        outside = changed.copy()
        outside[55:340, 75:485] = outside[55:340, 565:975] = outside[:50] = False
        dots = outside[50:345]  # those on the edge of a panel are whole
        assert outside.sum() == dots.sum() < 60
    assert Path(f"sweep.{form}").stat().st_size < 200_000


def test_the_curve_of_a_frame_is_that_of_its_value() -> None:
    assert main([*SWEEP, "--animate", "sweep.webp", "--frames", "5"]) == 0
    pictures, _ = frames("sweep.webp")
    for picture, alpha in zip(pictures, interpolate([0.2, 3.0], 5), strict=True):
        red = np.abs(picture - (0xD0, 0x28, 0x1E)).max(axis=2) < 60
        red[:52] = False  # the title
        # At x = -1 the slope is alpha / e; rows count from where it is nearly 0, on the left, to 1, on the right.
        rows = np.flatnonzero(red[:, 565 + 164])
        one = np.flatnonzero(red[:, 940]).mean()
        zero = np.flatnonzero(red[:, 568]).mean()
        slope = (zero - rows.mean()) / (zero - one)
        assert slope == pytest.approx(alpha / np.e, abs=0.03)


@pytest.mark.parametrize("values", [[0.1, 3.0], [1.0, -1.0], [0.0, 1e-3, 5.0], [1e5, 3e5]])
@pytest.mark.parametrize("count", [2, 7, 40])
def test_values_on_the_way_are_even_and_short(values: list[float], count: int) -> None:
    way = interpolate(values, count)
    assert len(way) == count
    assert (way[0], way[-1]) == (values[0], values[-1])
    legs = np.interp(np.linspace(0, len(values) - 1, count), range(len(values)), values)
    np.testing.assert_allclose(way, legs, atol=max(map(abs, values)) * 2e-3)
    assert all(len(repr(value)) < 12 for value in way)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["elu", "--animate", "a.gif"], "--animate needs a sweep"),
        (["compare", "relu", "elu", "--animate", "a.gif"], "--animate needs a sweep"),
        ([*SWEEP, "--animate", "a.mp4"], "cannot tell the format of 'a.mp4'"),
        ([*SWEEP, "--animate", "no/a.gif"], "there is no folder"),
        ([*SWEEP, "--animate", "a.gif", "--frames", "1"], "--frames must be from 2 to 600"),
        ([*SWEEP, "--animate", "a.gif", "--frames", "601"], "--frames must be from 2 to 600"),
        ([*SWEEP, "--animate", "a.gif", "--fps", "0"], "--fps must be from 1 to 50"),
        ([*SWEEP, "--animate", "a.gif", "--fps", "x"], "not a whole number"),
        ([*SWEEP, "--animate", "a.gif", "--frames", "600", "--dpi", "150"], "more than 200,000,000" ),
        ([*SWEEP, "--frames", "10"], "--frames needs --animate"),
        ([*SWEEP, "--fps", "10"], "--fps needs --animate"),
        (["bce", "--base", "2", "--base", "10", "--animate", "a.gif"], "takes only a few values"),
        (["hardtanh", "--min-val", "-1", "--min-val", "-2", "--max-val", "1", "--max-val", "2", "--animate", "a.gif"], "sweeps one parameter, not min_val and max_val"),
    ],
)  # fmt: skip
def test_bad_requests_are_one_line(words: list[str], said: str, folder: Path, capsys: Any) -> None:
    assert main(words) in (1, 2)
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err, err
    assert not list(folder.iterdir())


def test_of_a_function_of_ones_own() -> None:
    assert main(["plot", "x*sigmoid(b*x)", "--param", "b=1", "--param", "b=4", "--animate", "own.gif", "--frames", "3", "--out", "own.png"]) == 0  # fmt: skip
    assert len(frames("own.gif")[0]) == 3
    assert (
        actplot.output.metadata.read("own.png")
        == "actplot plot 'x*sigmoid(b*x)' --param b=1 --param b=4 --range -5 5 --lang zh"
    )


@pytest.mark.parametrize(("fps", "delay"), [(10, 100), (30, 30), (35, 30), (40, 20), (50, 20)])
def test_a_gif_plays_as_fast_as_is_said(
    fps: int, delay: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["elu", "--alpha", "1", "--alpha", "3", "--frames", "3", "--size", "4", "2", "--dpi", "20"]
    assert main([*words, "--fps", str(fps), "--animate", "a.gif"]) == 0
    said = capsys.readouterr().err
    assert said == "" if 1000 / delay == fps else f"plays at {1000 / delay:.3g} frames a second, not {fps}" in said
    with Image.open("a.gif") as picture:
        assert picture.info["duration"] == delay


def test_the_value_is_shown_in_a_title_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = CurveFigure(layout="overlay", title="T", lang="en")
    first, other = (actplot.sample("elu", alpha=alpha) for alpha in (1.0, 2.0))
    drawn = figure.draw(first)
    assert drawn.axes[0].get_title() == "T"
    figure.move(other, values="alpha = 2.0")
    assert drawn.axes[0].get_title() == "T (alpha = 2.0)"


@pytest.mark.parametrize("form", ["gif", "webp", "apng"])
def test_again_prints_a_command_that_animates(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["elu", "--alpha", "1", "--alpha", "3", "--frames", "3", "--size", "4", "2", "--dpi", "20", "--quiet"]
    assert main([*words, "--animate", f"my sweep.{form}"]) == 0
    assert main(["again", f"my sweep.{form}"]) == 0
    command = capsys.readouterr().out
    assert command.endswith(f" --frames 3 --animate 'my sweep.{form}'\n")
    first = Path(f"my sweep.{form}").read_bytes()
    assert main(shlex.split(command)[1:]) == 0
    assert Path(f"my sweep.{form}").read_bytes() == first
