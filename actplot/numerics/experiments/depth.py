"""Signals through deep networks, and gradients back through them: what vanishes, what explodes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actplot.functions.registry import Function
from actplot.numerics.autograd import find_device, one_thread, values_at
from actplot.options import check_dtype

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Signal:
    """One activation's signal, layer by layer.

    Attributes
    ----------
    activation
        The function after each layer.
    std
        Standard deviation over batch and units of the input and of what each layer returns, of shape (depth + 1,).
    gradient_norm
        Norm of the gradient by the same tensors, for a gradient of norm 1 at the last; of shape (depth + 1,).
    """

    activation: Function
    std: Floats
    gradient_norm: Floats


@dataclass(frozen=True, eq=False)
class Depth:
    """The experiment.

    Attributes
    ----------
    init, depth, width, seed
        Those it was made with.
    signals
        One for each activation.
    device
        What torch computed on.
    """

    init: str
    depth: int
    width: int
    seed: int
    signals: tuple[Signal, ...]
    device: str


def propagate(
    functions: Sequence[Function],
    *,
    init: str,
    depth: int,
    width: int,
    batch: int,
    seed: int,
    dtype: str = "float64",
    device: str = "cpu",
) -> Depth:
    """Sends the same batch through the same layers with each activation, and a gradient back.

    The keywords are the parameters of the experiment, each an option of its command.

    Parameters
    ----------
    functions
        The activations.
    init
        Standard deviation of the weights: xavier and lecun sqrt(1/width), kaiming sqrt(2/width), normal 1. (xavier
        divides 2 by the sum of both widths, which are equal here.) Biases are 0.
    depth, width, batch
        Layers, units in each, inputs from N(0, 1).
    seed
        Of weights, inputs and the gradient at the end.
    dtype
        What torch computes in: float64, float32, float16 or bfloat16. Random numbers are drawn in float64.
    device
        What torch computes on: cpu, cuda, cuda:N or auto.

    Returns
    -------
    Depth
        Spread of the signal and norm of the gradient at each layer.

    Raises
    ------
    FunctionFailed
        If an activation raises or returns something other than a tensor of the shape of its input.
    NoDevice
        If this machine does not have the device.
    """
    where, kind = find_device(device), getattr(torch, check_dtype(dtype))
    scale = {
        "xavier": math.sqrt(1 / width),
        "lecun": math.sqrt(1 / width),
        "kaiming": math.sqrt(2 / width),
        "normal": 1.0,
    }
    with one_thread():
        generator = torch.Generator().manual_seed(seed)

        def random(*shape: int) -> "Tensor":
            return torch.randn(*shape, generator=generator, dtype=torch.float64)

        start, end = random(batch, width), random(batch, width)
        weights = torch.empty(depth, width, width, device=where, dtype=kind)
        for weight in weights:
            weight.copy_(scale[init] * random(width, width))
        signals = tuple(
            _signal(function, start.to(where, kind), weights, (end / end.norm()).to(where, kind))
            for function in functions
        )
        return Depth(init, depth, width, seed, signals, str(where))


def _signal(function: Function, start: "Tensor", weights: "Tensor", end: "Tensor") -> Signal:
    """The signal of one activation; only one layer's graph is held at a time, which is computed again on the way back."""
    signals = start.new_empty(len(weights) + 1, *start.shape)
    signals[0] = start
    with torch.no_grad():
        for place, weight in enumerate(weights):
            signals[place + 1] = values_at(function.call, signals[place] @ weight)
    gradient_norm = np.zeros(len(signals))
    gradient: Tensor | None = end
    for place in reversed(range(len(signals))):
        if gradient is None:
            break
        gradient_norm[place] = float(gradient.double().norm())
        if place:
            gradient = _back(function, signals[place - 1], weights[place - 1], gradient)
    return Signal(
        activation=function,
        std=np.array([float(signal.double().std()) for signal in signals]),
        gradient_norm=gradient_norm,
    )


def _back(function: Function, signal: "Tensor", weight: "Tensor", gradient: "Tensor") -> "Tensor | None":
    """The gradient by what enters a layer, given that by what leaves it; None where no slope leads back."""
    entering = signal.detach().requires_grad_()
    leaving = values_at(function.call, entering @ weight).to(weight.dtype)
    if not leaving.requires_grad:
        return None
    return torch.autograd.grad(leaving, entering, gradient, allow_unused=True)[0]
