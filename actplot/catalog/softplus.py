"""Smooth ramps, and the logarithm of the sigmoid."""

import math
from typing import TYPE_CHECKING, Annotated

from actplot.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot import _torch as torch

activation = Family("softplus", Text("Softplus family", "Softplus 族"))

Sharpness = Annotated[float, Param(Text("how sharply it bends", "弯曲的锐利程度"), span=(0.5, 5.0), above=0.0)]
Threshold = Annotated[float, Param(Text("linear where beta x exceeds it", "beta x 超过它时改用直线"), span=(0.5, 30.0))]


def _switch(beta: float, threshold: float) -> tuple[float, ...]:
    """Where softplus turns into its line, if the step there can be seen."""
    step_in_slope = 1 / (1 + math.exp(min(threshold, 700.0)))
    step = math.log1p(math.exp(-abs(threshold))) / beta + max(0.0, -threshold / beta)
    return (threshold / beta,) if max(step, step_in_slope) > 1e-8 else ()


@activation(
    Text("Softplus", "Softplus 函数"),
    formula="where(beta*x <= threshold, log(1 + exp(beta*x))/beta, x)",
    derivative="where(beta*x <= threshold, sigmoid(beta*x), 1)",
    summary=Text("A smooth ReLU, always positive.", "处处为正的光滑 ReLU。"),
    breaks=_switch,
    names={
        "pytorch": "torch.nn.functional.softplus",
        "tensorflow": "tf.nn.softplus",
        "keras": "keras.activations.softplus",
        "jax": "jax.nn.softplus",
        "onnx": "Softplus",
    },
)
def softplus(x: "Tensor", beta: Sharpness = 1.0, threshold: Threshold = 20.0) -> "Tensor":
    """PyTorch returns x itself where ``beta * x`` exceeds the threshold: a step of 2e-9 at the default."""
    return torch.nn.functional.softplus(x, beta, threshold)


@activation(
    Text("LogSigmoid", "对数 Sigmoid 函数"),
    formula="-log(1 + exp(-x))",
    derivative="1 - sigmoid(x)",
    summary=Text("The logarithm of a sigmoid, for losses on probabilities.", "Sigmoid 的对数，常用于概率损失。"),
    names={
        "pytorch": "torch.nn.functional.logsigmoid",
        "tensorflow": "tf.math.log_sigmoid",
        "keras": "keras.activations.log_sigmoid",
        "jax": "jax.nn.log_sigmoid",
    },
)
def log_sigmoid(x: "Tensor") -> "Tensor":
    """Never log(sigmoid(x)), which is -inf for x < -104 in float32."""
    return torch.nn.functional.logsigmoid(x)
