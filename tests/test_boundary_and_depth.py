"""What a non-linearity does: networks that learn, signals through depth. Numbers that theory gives."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Act, check_refusal, names, peak
from numpy.testing import assert_allclose

from actplot.errors import FunctionFailed
from actplot.functions.catalog import CATALOG
from actplot.functions.source import function
from actplot.numerics.experiments import boundary, depth
from actplot.numerics.experiments.boundary import REACH, Boundary
from actplot.plot.experiments import boundary as boundary_picture
from actplot.plot.experiments import depth as depth_picture

DEFAULT = ["linear", "step", "sigmoid", "relu"]
FIXED: dict[str, Any] = dict(hidden=[3], epochs=300, lr=0.1, noise=0.05, samples=200, seed=0)


@pytest.fixture(scope="module")
def circles() -> Boundary:
    return boundary.train([function(name) for name in DEFAULT], dataset="circles", **FIXED)


def test_linear_stays_one_affine_map_and_cannot_tell_circles_apart(circles: Boundary) -> None:
    linear, *others = circles.networks
    assert linear.affine_difference < 1e-12
    assert linear.accuracy < 0.75
    for network in others:
        assert network.affine_difference > 1
        assert network.accuracy > 0.9


def test_linear_stays_a_straight_line_however_deep() -> None:
    settings = {**FIXED, "hidden": [8, 8, 8], "epochs": 50, "lr": 0.02}
    (network,) = boundary.train([function("identity")], dataset="xor", **settings).networks
    assert network.affine_difference < 1e-11 * np.abs(network.losses).max() * 1e3
    # The border is a straight line: on every row of the grid the side changes at most once, and evenly.
    sides = network.decision > 0.5
    assert (np.abs(np.diff(sides.astype(int), axis=1)).sum(axis=1) <= 1).all()


def test_only_what_has_no_slope_is_trained_straight_through(circles: Boundary) -> None:
    assert [network.straight_through for network in circles.networks] == [False, True, False, False]


def test_step_cuts_regions_out_with_straight_lines(circles: Boundary) -> None:
    # Three units that step: at most 8 different outputs.
    assert len(np.unique(circles.networks[1].decision.round(9))) <= 8


def test_all_at_once_is_the_same_as_each_alone(circles: Boundary) -> None:
    for name, together in zip(DEFAULT, circles.networks, strict=True):
        (alone,) = boundary.train([function(name)], dataset="circles", **FIXED).networks
        assert_allclose(together.losses, alone.losses, rtol=1e-6, atol=1e-9)


def test_the_same_seed_learns_the_same_bits(circles: Boundary) -> None:
    again = boundary.train([function(name) for name in DEFAULT], dataset="circles", **FIXED)
    for first, second in zip(circles.networks, again.networks, strict=True):
        assert (first.losses == second.losses).all()
        assert (first.decision == second.decision).all()
    other = boundary.train([function("relu")], dataset="circles", **{**FIXED, "seed": 1, "epochs": 2})
    assert (other.train.x != circles.train.x).any()


@pytest.mark.parametrize("dataset", ["circles", "xor", "gauss", "spiral", "moons"])
def test_data_sets_are_balanced_inside_the_square_and_held_out_points_are_others(dataset: str) -> None:
    result = boundary.train([function("tanh")], dataset=dataset, **{**FIXED, "epochs": 1})
    for points in (result.train, result.held_out):
        assert points.x.shape == (200, 2)
        assert np.abs(points.x).max() < REACH
        assert points.label.sum() == 100
    assert not set(map(tuple, result.train.x)) & set(map(tuple, result.held_out.x))


@pytest.mark.parametrize("dataset", ["circles", "xor", "gauss", "moons"])
def test_a_wider_network_learns_each_data_set(dataset: str) -> None:
    (network,) = boundary.train([function("tanh")], dataset=dataset, **{**FIXED, "hidden": [8, 8]}).networks
    assert network.accuracy > 0.9


def test_expressions_and_parameters_work_too() -> None:
    functions = [function("x*sigmoid(1.702*x)"), function("leaky_relu:slope=0.3")]
    result = boundary.train(functions, dataset="circles", **{**FIXED, "epochs": 20})
    assert [network.activation.label for network in result.networks] == [
        "x*sigmoid(1.702*x)",
        "Leaky ReLU (slope = 0.3)",
    ]


def test_divergence_is_said_with_its_epoch() -> None:
    with pytest.raises(FunctionFailed, match=r"training with .* diverged at epoch \d+ .*; try lr="):
        boundary.train([function("exponential")], dataset="circles", **{**FIXED, "lr": 1e3})


def test_ctrl_c_keeps_what_has_been_learnt() -> None:
    def stop(epoch: int, losses: list[float]) -> None:
        if epoch >= 30:
            raise KeyboardInterrupt

    result = boundary.train([function("tanh")], dataset="circles", seen=stop, **FIXED)
    assert 30 <= result.epochs < 40
    assert result.networks[0].losses[-1] < result.networks[0].losses[0]


def test_the_picture_of_regions(circles: Boundary) -> None:
    figure = boundary_picture.draw(circles, lang="en", size=(11.6, 5.4), dpi=60.0)
    *squares, losses = figure.axes
    assert len(squares) == 4
    for axes, network in zip(squares, circles.networks, strict=True):
        (scored,) = (text.get_text() for text in axes.texts)
        assert axes.get_title() == network.activation.label
        assert f"{network.accuracy:.1%} right" in scored
        assert ("straight-through" in scored) == network.straight_through
        assert_allclose(axes.images[0].get_array(), network.decision)
    assert [line.get_label() for line in losses.lines] == ["Identity", "Binary step", "Sigmoid", "ReLU"]
    for line, network in zip(losses.lines, circles.networks, strict=True):
        assert_allclose(line.get_ydata(), network.losses)
    figure.draw_without_rendering()
    titles = [axes.title for axes in squares]
    assert len({round(title.get_transform().transform(title.get_position())[1], 6) for title in titles}) == 1
    assert {title.get_verticalalignment() for title in titles} == {"baseline"}
    assert not any("\n" in title.get_text() for title in titles)


def test_boundary_json_command_and_bytes(act: Act, tmp_path: Path) -> None:
    said = json.loads(act("boundary", "relu", "--epochs", "20", "--json", "--data", "n.npz", "--out", "a.png").out)
    assert {"dataset", "seed", "networks"} <= set(said)
    assert {"activation", "accuracy", "train_accuracy", "loss", "affine_difference"} <= set(said["networks"][0])
    assert act(*said["command"].split()[1:], "--out", "b.png").code == 0
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with np.load(tmp_path / "n.npz") as stored:
        assert stored["loss"].shape == (21,)
        assert stored["decision"].shape[0] == 1


# Depth


def through(*names: str, init: str = "lecun", layers: int = 30, **more: Any) -> depth.Depth:
    sizes = {"width": 256, "batch": 256, "seed": 0, **more}
    return depth.propagate([function(name) for name in names], init=init, depth=layers, **sizes)


def test_selu_with_lecun_keeps_its_variance() -> None:
    (signal,) = through("selu").signals
    assert np.abs(signal.std - 1).max() < 0.1


def test_the_gradient_of_a_sigmoid_dies() -> None:
    (signal,) = through("sigmoid").signals
    assert signal.gradient_norm[0] < 1e-17
    # Each layer takes a factor of a little less than its largest slope, 1/4.
    factors = signal.gradient_norm[:-1] / signal.gradient_norm[1:]
    assert_allclose(factors[1:], 0.24, atol=0.02)


def test_kaiming_keeps_the_second_moment_of_relu() -> None:
    (signal,) = through("relu", init="kaiming", width=512, batch=64).signals
    # E[relu(z)^2] is half of E[z^2], which the factor 2 makes up for.
    assert 0.5 < signal.std[-1] < 1.5
    assert 0.5 < signal.gradient_norm[0] < 2


def test_identity_multiplies_by_the_scale_of_its_weights() -> None:
    for init, scale in (("lecun", 1.0), ("xavier", 1.0), ("kaiming", math.sqrt(2)), ("normal", 16.0)):
        (signal,) = through("identity", init=init, layers=6).signals
        assert_allclose(signal.std[1:] / signal.std[:-1], scale, rtol=0.05)
        assert_allclose(signal.gradient_norm[:-1] / signal.gradient_norm[1:], scale, rtol=0.05)


def test_the_gradient_is_that_of_central_differences() -> None:
    import torch

    (signal,) = through("tanh", layers=3, width=5, batch=4).signals
    generator = torch.Generator().manual_seed(0)
    start, end = (torch.randn(4, 5, generator=generator, dtype=torch.float64) for _ in range(2))
    weights = [math.sqrt(1 / 5) * torch.randn(5, 5, generator=generator, dtype=torch.float64) for _ in range(3)]

    def last(x: torch.Tensor) -> float:
        for weight in weights:
            x = torch.tanh(x @ weight)
        return float((x * end / end.norm()).sum())

    gradient = np.zeros((4, 5))
    for row, column in np.ndindex(4, 5):
        step = torch.zeros(4, 5, dtype=torch.float64)
        step[row, column] = 1e-6
        gradient[row, column] = (last(start + step) - last(start - step)) / 2e-6
    assert signal.gradient_norm[0] == pytest.approx(np.linalg.norm(gradient), rel=1e-6)


def test_what_has_no_slope_sends_nothing_back() -> None:
    (signal,) = through("step", layers=4).signals
    assert (signal.gradient_norm[:-1] == 0).all()


def test_the_picture_of_depth() -> None:
    result = through("sigmoid", "selu", "step")
    left, right = depth_picture.draw(result, lang="en", size=(10.0, 4.6), dpi=60.0).axes
    assert (left.get_yscale(), right.get_yscale()) == ("log", "log")
    for line, signal in zip(left.lines, result.signals, strict=True):
        assert_allclose(line.get_ydata(), signal.std)
    assert_allclose(right.lines[0].get_ydata(), result.signals[0].gradient_norm)
    assert [text.get_text() for text in right.texts] == ["0 at the first layer: Binary step"]


def test_depth_json_and_bytes(act: Act, tmp_path: Path) -> None:
    said = json.loads(act("depth", "relu", "tanh", "--width", "32", "--depth", "5", "--json", "--out", "a.svg").out)
    assert said["init"] == "lecun"
    assert [set(layer) for layer in said["layers"]] == [{"activation", "label", "std", "gradient_norm"}] * 2
    assert len(said["layers"][0]["std"]) == 6
    assert act(*said["command"].split()[1:], "--out", "b.svg").code == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


@pytest.mark.parametrize("command", ["boundary --epochs 2", "depth --depth 2 --width 8 --batch 8"])
def test_numbers_name_the_activation_and_its_label(command: str, act: Act, tmp_path: Path) -> None:
    names = ("LeakyReLU:slope=0.2", "step", "x*x/4")
    named = ("leaky_relu", "binary_step", "x*x/4"), ("Leaky ReLU (slope = 0.2)", "Binary step", "x*x/4")
    said = json.loads(act(*command.split(), *names, "--json", "--quiet", "--data", "n.json").out)
    each = said.get("networks") or said["layers"]
    assert tuple(one["activation"] for one in each) == named[0]
    assert tuple(one["label"] for one in each) == named[1]
    act(*command.split(), *names, "--data", "n.csv", "--lang", "zh")
    header, *rows = (tmp_path / "n.csv").read_text().splitlines()
    assert header.startswith("activation,label,")
    assert list(dict.fromkeys(tuple(row.split(",")[:2]) for row in rows)) == list(zip(*named, strict=True))


def test_a_callable_that_does_not_behave_is_one_line(act: Act, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(
        "def raising(x):\n    return x / undefined_name\n"
        "def summed(x):\n    return x.sum()\n"
        "def number(x):\n    return 1.0\n"
    )
    for command in ("boundary", "depth"):
        for name, part in (("raising", "NameError"), ("summed", "turned shape"), ("number", "returned float")):
            check_refusal(act(command, f"bad.py:{name}"), 1, part)


@pytest.mark.slow
def test_only_one_layer_of_the_graph_is_held(tmp_path: Path) -> None:
    # The largest that is allowed: 94 million numbers in weights and signals, of 8 bytes each.
    assert peak("depth", "relu", "--depth", "1000", "--width", "64", "--batch", "1400", cwd=tmp_path) < 1.5e9


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (
            "depth --depth 1000 --width 4096",
            ["--depth 1000 with --width 4096", "17,878,220,800 numbers", "make one smaller"],
        ),
        ("depth --batch 65536 --width 4096 --depth 1", ["numbers at once", "more than 100,000,000"]),
        ("boundary --samples 100000 --hidden 512", ["networks of 512 units with --samples 100000", "make one smaller"]),
        ("boundary relu" + " --hidden 512" * 20 + " --samples 200", ["1 networks of 10240 units"]),
        ("boundary nonsense", ["unknown function 'nonsense'"]),
        ("boundary relu relu", ["'relu' is given twice"]),
        ("boundary relu elu gelu silu mish tanh selu celu sigmoid", ["9 functions", "at most 8"]),
        ("boundary --dataset circle", ["unknown data set 'circle'", "circles"]),
        ("boundary --hidden 0", ["--hidden must be from 1 to 512, got 0"]),
        ("boundary --epochs 0", ["--epochs must be from 1"]),
        ("boundary --lr 0", ["--lr must be > 0, got 0"]),
        ("boundary --noise -1", ["--noise must be from 0 to 10, got -1"]),
        ("boundary --samples 3", ["--samples must be from 4"]),
        ("boundary --seed -1", ["--seed must be from 0"]),
        ("depth --init he", ["unknown --init 'he'"]),
        ("depth --depth 0", ["--depth must be from 1 to 1,000, got 0"]),
        ("depth --width 1", ["--width must be from 2"]),
        ("depth nonsense", ["unknown function"]),
    ],
)
def test_bad_input(command: str, words: list[str], act: Act, tmp_path: Path) -> None:
    check_refusal(act(*command.split()), 2, *words)
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["mse", "mae", "huber", "bce", "categorical_cross_entropy", "hinge"])
def test_losses_are_a_family_of_their_own(name: str) -> None:
    assert CATALOG[name].family == "loss"


def test_losses_against_torchs_own() -> None:
    import torch

    p = torch.linspace(0.01, 0.99, 41, dtype=torch.float64)
    for target in (0.0, 0.3, 1.0):
        ours = CATALOG["bce"].bind(target=target).call(p)
        theirs = torch.nn.functional.binary_cross_entropy(p, torch.full_like(p, target), reduction="none")
        assert_allclose(ours, theirs, rtol=1e-13)
        bits = CATALOG["bce"].bind(target=target, base=2.0).call(p)
        assert_allclose(bits * math.log(2), theirs, rtol=1e-13)
    scores = torch.log(p)[:, None] * torch.tensor([1.0, 0.0]) + torch.log1p(-p)[:, None] * torch.tensor([0.0, 1.0])
    theirs = torch.nn.functional.cross_entropy(scores, torch.zeros(41, dtype=torch.long), reduction="none")
    assert_allclose(CATALOG["categorical_cross_entropy"].bind().call(p), theirs, rtol=1e-12)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("bce --range -1 1", ["bce is defined from 0 to 1", "try --range 0 1"]),
        ("bce --target 1.5", ["target must be from 0 to 1, got 1.5"]),
        ("bce --base 3", ["base must be e, 2 or 10, got 3"]),
        ("hinge --target 0", ["target must be -1 or 1, got 0"]),
        ("categorical_cross_entropy --range 0 2", ["is defined from 0 to 1"]),
        ("compare bce relu", ["bce is defined from 0 to 1"]),
    ],
)
def test_losses_know_their_domains(command: str, words: list[str], act: Act, tmp_path: Path) -> None:
    check_refusal(act(*command.split()), 2, *words)
    assert names(tmp_path) == []


@pytest.mark.parametrize("base", ["e", "2", "10"])
def test_the_base_of_the_logarithm_reproduces(base: str, act: Act) -> None:
    said = json.loads(act("bce", "--base", base, "--target", "0", "--target", "1", "--json").out)
    again = json.loads(act(*said["command"].split()[1:], "--json").out)
    assert again["parameters"] == said["parameters"]
