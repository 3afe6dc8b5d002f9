"""Small networks trained to separate two classes of points in the plane, one per activation."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actplot.errors import Argument, FunctionFailed
from actplot.functions.registry import Function
from actplot.numerics.autograd import find_device, one_thread, values_at
from actplot.options import check_dtype
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

Floats = NDArray[np.float64]

# Half the side of the square that is drawn; points lie within about 1 of its middle.
REACH = 1.5
_GRID = 160
# Numbers of a layer that are computed at once on the grid.
_PIECE = 4_000_000
# A loss beyond this diverges.
_DIVERGED = 1e4


@dataclass(frozen=True, eq=False)
class Points:
    """Points of two classes.

    Attributes
    ----------
    x
        Coordinates, of shape (n, 2).
    label
        Classes, 0 or 1, of shape (n,).
    """

    x: Floats
    label: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Network:
    """A trained network.

    Attributes
    ----------
    activation
        The function between its layers.
    straight_through
        Whether its slope is 0 everywhere, so that the slope of a clipped line was used to train it.
    accuracy, train_accuracy
        Share of points that are classified right, from 0 to 1, of those held out and of those trained on.
    losses
        Mean cross-entropy on the points trained on, before each epoch and after the last, of shape (epochs + 1,).
    decision
        Probability of class 1 on a square grid from -REACH to REACH, rows upwards, of shape (160, 160).
    affine_difference
        The largest difference on that grid between its output, before the last sigmoid, and the one affine map that
        its weights multiply out to.
    """

    activation: Function
    straight_through: bool
    accuracy: float
    train_accuracy: float
    losses: Floats
    decision: Floats
    affine_difference: float


@dataclass(frozen=True, eq=False)
class Boundary:
    """The experiment.

    Attributes
    ----------
    dataset, seed
        Those it was made with.
    epochs
        Epochs that were trained: fewer than asked for after Ctrl-C.
    train, held_out
        The points trained on, and as many others.
    networks
        One for each activation.
    device
        What torch computed on.
    """

    dataset: str
    seed: int
    epochs: int
    train: Points
    held_out: Points
    networks: tuple[Network, ...]
    device: str


def points(dataset: str, samples: int, noise: float, seed: int) -> Points:
    """Points of a data set, half of each class, in random order.

    Parameters
    ----------
    dataset
        circles, xor, gauss, spiral or moons.
    samples
        The number of points.
    noise
        The standard deviation of what is added to each coordinate.
    seed
        Of the random numbers.
    """
    random = np.random.default_rng(seed)
    half = samples // 2
    label = np.repeat([0, 1], [samples - half, half])
    x = _DATASETS[dataset](random, label)
    x = x + noise * random.standard_normal(x.shape)
    order = random.permutation(samples)
    return Points(x[order], label[order])


def _circles(random: np.random.Generator, label: NDArray[np.int64]) -> Floats:
    angle = random.uniform(0, 2 * math.pi, label.size)
    radius = np.where(
        label == 1, 0.45 * np.sqrt(random.uniform(0, 1, label.size)), random.uniform(0.75, 1.1, label.size)
    )
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _xor(random: np.random.Generator, label: NDArray[np.int64]) -> Floats:
    size = random.uniform(0.08, 1.1, (label.size, 2))
    side = random.choice([-1, 1], label.size)
    return np.column_stack([side * size[:, 0], np.where(label == 1, side, -side) * size[:, 1]])


def _gauss(random: np.random.Generator, label: NDArray[np.int64]) -> Floats:
    return 0.28 * random.standard_normal((label.size, 2)) + np.where(label == 1, 0.55, -0.55)[:, None]


def _spiral(random: np.random.Generator, label: NDArray[np.int64]) -> Floats:
    along = np.sqrt(random.uniform(0.01, 1, label.size))
    angle = 3.5 * math.pi / 2 * along * 1.4 + np.where(label == 1, math.pi, 0)
    return np.column_stack([1.15 * along * np.cos(angle), 1.15 * along * np.sin(angle)])


def _moons(random: np.random.Generator, label: NDArray[np.int64]) -> Floats:
    angle = random.uniform(0, math.pi, label.size)
    upper = np.column_stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25])
    lower = np.column_stack([0.5 - np.cos(angle), 0.25 - np.sin(angle)])
    return 0.8 * np.where((label == 1)[:, None], lower, upper)


_DATASETS: dict[str, Callable[[np.random.Generator, NDArray[np.int64]], Floats]] = {
    "circles": _circles,
    "xor": _xor,
    "gauss": _gauss,
    "spiral": _spiral,
    "moons": _moons,
}


def train(
    functions: Sequence[Function],
    *,
    dataset: str,
    hidden: Sequence[int],
    epochs: int,
    lr: float,
    noise: float,
    samples: int,
    seed: int,
    dtype: str = "float64",
    device: str = "cpu",
    seen: Callable[[int, list[float]], None] = lambda epoch, losses: None,
) -> Boundary:
    """Trains a network per activation, all at once, from the same start on the same points.

    The keywords are the hyperparameters of the experiment, each an option of its command.

    Parameters
    ----------
    functions
        The activations.
    dataset
        circles, xor, gauss, spiral or moons.
    hidden
        Units of each hidden layer; the weights are Glorot and Bengio's, uniform.
    epochs
        Steps of Adam, each over all points.
    lr
        The learning rate.
    noise
        What is added to the points: the standard deviation of each coordinate.
    samples
        Points to train on; as many more are held out.
    seed
        Of points and weights.
    dtype, device
        What torch computes in and on.
    seen
        Called with the epoch and the loss of each network, a hundred times.

    Returns
    -------
    Boundary
        After Ctrl-C, as far as training had come: ``epochs`` says how far.

    Raises
    ------
    FunctionFailed
        If the loss of a network exceeds 10,000 or is not finite, or an activation fails.
    NoDevice
        If this machine does not have the device.
    """
    where, kind = find_device(device), getattr(torch, check_dtype(dtype))
    with one_thread():
        training, held_out = (points(dataset, samples, noise, seed + offset) for offset in (0, 1_000_003))
        layers = _Layers(functions, (2, *hidden, 1), seed, kind, where)
        losses = layers.fit(training, epochs, lr, seen)
        networks = _evaluate(layers, training, held_out, losses)
        return Boundary(dataset, seed, losses.shape[1] - 1, training, held_out, networks, str(where))


class _Layers:
    """The weights of all networks, stacked along the first axis."""

    def __init__(
        self,
        functions: Sequence[Function],
        widths: Sequence[int],
        seed: int,
        dtype: "torch.dtype",
        device: "torch.device",
    ) -> None:
        self.functions = functions
        self._dtype, self._device = dtype, device
        probe = torch.linspace(-3, 3, 61, dtype=torch.float64, requires_grad=True)
        self.straight_through = [_is_flat(function, probe) for function in functions]
        generator = torch.Generator().manual_seed(seed)
        self.weights: list[Tensor] = []
        self.biases: list[Tensor] = []
        for fan_in, fan_out in pairwise(widths):
            bound = math.sqrt(6 / (fan_in + fan_out))  # Glorot and Bengio's
            weight = torch.empty(fan_in, fan_out, dtype=torch.float64).uniform_(-bound, bound, generator=generator)
            bias = torch.empty(1, fan_out, dtype=torch.float64).uniform_(-0.3, 0.3, generator=generator)
            for kept, start in ((self.weights, weight), (self.biases, bias)):
                stacked = start.expand(len(functions), *start.shape).to(device, dtype).clone()
                kept.append(stacked.requires_grad_())

    def tensor(self, values: Floats) -> "Tensor":
        return torch.from_numpy(np.ascontiguousarray(values)).to(self._device, self._dtype)

    def __call__(self, x: "Tensor") -> "Tensor":
        """Outputs before the last sigmoid, of shape (networks, n), for points of shape (n, 2)."""
        signal = x.expand(len(self.functions), *x.shape)
        for place, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            signal = signal @ weight + bias
            if place + 1 < len(self.weights):
                signal = torch.stack([self._activate(index, part) for index, part in enumerate(signal)])
        return signal[..., 0]

    def affine(self, x: "Tensor") -> "Tensor":
        """The same without activations."""
        signal = x.expand(len(self.functions), *x.shape)
        for weight, bias in zip(self.weights, self.biases, strict=True):
            signal = signal @ weight + bias
        return signal[..., 0]

    def _activate(self, index: int, signal: "Tensor") -> "Tensor":
        value = values_at(self.functions[index].call, signal).to(signal.dtype)
        if self.straight_through[index]:  # the step's value with the slope of a clipped line
            line = signal.clamp(-1, 1)
            return value.detach() + line - line.detach()
        return value

    def fit(self, training: Points, epochs: int, lr: float, seen: Callable[[int, list[float]], None]) -> Floats:
        x, label = self.tensor(training.x), self.tensor(training.label.astype(np.float64))
        targets = label.expand(len(self.functions), label.numel())
        optimizer = torch.optim.Adam([*self.weights, *self.biases], lr=lr)
        history: list[list[float]] = []
        every = max(1, epochs // 100)
        try:
            for epoch in range(epochs + 1):
                output = self(x)
                loss = torch.nn.functional.binary_cross_entropy_with_logits(output, targets, reduction="none").mean(
                    dim=1
                )
                history.append(loss.detach().cpu().tolist())
                self._check(history[-1], epoch, lr)
                if epoch % every == 0:
                    seen(epoch, history[-1])
                if epoch < epochs:
                    optimizer.zero_grad()
                    loss.sum().backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
        except KeyboardInterrupt:
            if not history:
                raise
        return np.array(history).T

    def _check(self, losses: list[float], epoch: int, lr: float) -> None:
        for function, loss in zip(self.functions, losses, strict=True):
            if not math.isfinite(loss) or loss > _DIVERGED:
                raise FunctionFailed(
                    Text(
                        f"training with {function.label} diverged at epoch {epoch} (loss {loss:.3g})",
                        f"用 {function.label} 训练时在第 {epoch} 轮发散（损失 {loss:.3g}）",
                    ),
                    Text(
                        f"try {Argument('lr', (float(f'{lr / 10:g}'),))}",
                        f"试试 {Argument('lr', (float(f'{lr / 10:g}'),))}",
                    ),
                )


def _is_flat(function: Function, probe: "Tensor") -> bool:
    """Whether the slope is 0 everywhere: nothing could be trained through it."""
    values = values_at(function.call, probe)
    if not values.requires_grad:
        return True
    (slope,) = torch.autograd.grad(values.sum(), probe, allow_unused=True)
    return slope is None or bool((slope == 0).all())


def _evaluate(layers: _Layers, training: Points, held_out: Points, losses: Floats) -> tuple[Network, ...]:
    """What each network does on the grid and on the points, with its losses, of shape (networks, epochs + 1)."""
    axis = np.linspace(-REACH, REACH, _GRID)
    grid = np.column_stack([part.ravel() for part in np.meshgrid(axis, axis)])
    with torch.no_grad():
        rows = max(1, _PIECE // max(bias.numel() for bias in layers.biases))
        pieces = torch.split(layers.tensor(grid), rows)
        output = torch.cat([layers(piece) for piece in pieces], dim=1)
        affine = torch.cat([layers.affine(piece) for piece in pieces], dim=1)
        differences = (output - affine).abs().amax(dim=1).cpu().tolist()
        decisions = torch.sigmoid(output).double().cpu().numpy().reshape(-1, _GRID, _GRID)
        shares = [
            ((layers(layers.tensor(each.x)) > 0).cpu().numpy() == (each.label == 1)).mean(axis=1)
            for each in (held_out, training)
        ]
    tested, trained = shares
    return tuple(
        Network(
            activation=function,
            straight_through=layers.straight_through[index],
            accuracy=float(tested[index]),
            train_accuracy=float(trained[index]),
            losses=losses[index],
            decision=decisions[index],
            affine_difference=differences[index],
        )
        for index, function in enumerate(layers.functions)
    )
