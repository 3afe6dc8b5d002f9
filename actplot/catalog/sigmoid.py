"""S-shaped curves between two bounds."""

from typing import TYPE_CHECKING, Annotated

from actplot.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot import _torch as torch

activation = Family("sigmoid", Text("Sigmoids", "S 形函数"))

Slope = Annotated[float, Param(Text("slope of the middle part", "中段的斜率"), span=(0.1, 1.0), above=0.0)]
Offset = Annotated[float, Param(Text("value at x = 0", "x = 0 处的值"), span=(0.0, 1.0))]


@activation(
    Text("Sigmoid", "Sigmoid 函数（逻辑函数）"),
    formula="1/(1 + exp(-x))",
    derivative="sigmoid(x)*(1 - sigmoid(x))",
    summary=Text("Squeezes any input into (0, 1).", "把任意输入压缩到 (0, 1)。"),
    aliases=("logistic",),
    range=(-10.0, 10.0),
    names={
        "pytorch": "torch.nn.functional.sigmoid",
        "tensorflow": "tf.nn.sigmoid",
        "keras": "keras.activations.sigmoid",
        "jax": "jax.nn.sigmoid",
        "onnx": "Sigmoid",
    },
    strengths=(
        Text(
            "Its output reads as a probability: the output layer of two-class problems.",
            "输出可视为概率，适合二分类的输出层。",
        ),
        Text(
            "Smooth, and its derivative follows from its own value: s(1 - s).",
            "处处光滑，导数可由自身的值求得：s(1 - s)。",
        ),
    ),
    weaknesses=(
        Text(
            "Saturates on both sides, where gradients vanish; the derivative never exceeds 1/4.",
            "两侧饱和，梯度消失；导数最大只有 1/4。",
        ),
        Text("Outputs are never negative, so they are not centred on 0.", "输出恒为正，均值不为 0。"),
        Text(
            "Needs an exponential; very different large inputs give nearly the same output.",
            "需要计算指数；很大的不同输入几乎得到相同的输出。",
        ),
    ),
)
def sigmoid(x: "Tensor") -> "Tensor":
    """1 / (1 + exp(-x)), without overflow on either side."""
    return torch.sigmoid(x)


@activation(
    Text("Hard sigmoid", "硬 Sigmoid 函数"),
    formula="min(max(slope*x + offset, 0), 1)",
    derivative="where(slope*x + offset <= 0, 0, where(slope*x + offset < 1, slope, 0))",
    summary=Text("A sigmoid of three straight pieces.", "用三段直线近似的 Sigmoid。"),
    breaks=lambda slope, offset: (-offset / slope, (1 - offset) / slope),
    names={
        "pytorch": "torch.nn.functional.hardsigmoid",
        "keras": "keras.activations.hard_sigmoid",
        "jax": "jax.nn.hard_sigmoid",
        "onnx": "HardSigmoid(alpha=1/6)",
    },
)
def hard_sigmoid(x: "Tensor", slope: Slope = 1 / 6, offset: Offset = 0.5) -> "Tensor":
    """At both ends PyTorch takes slope 0. PyTorch's own function has the default slope and offset only."""
    if (slope, offset) == (1 / 6, 0.5):
        return torch.nn.functional.hardsigmoid(x)
    return torch.nn.functional.hardtanh(slope * x + offset, 0.0, 1.0)


@activation(
    Text("Tanh", "双曲正切函数"),
    formula="(exp(x) - exp(-x))/(exp(x) + exp(-x))",
    derivative="1 - tanh(x)**2",
    summary=Text("Squeezes any input into (-1, 1), odd about 0.", "把任意输入压缩到 (-1, 1)，关于原点对称。"),
    range=(-6.0, 6.0),
    names={
        "pytorch": "torch.nn.functional.tanh",
        "tensorflow": "tf.nn.tanh",
        "keras": "keras.activations.tanh",
        "jax": "jax.nn.tanh",
        "onnx": "Tanh",
    },
    strengths=(
        Text(
            "Centred on 0, so it usually converges faster than the sigmoid.", "以 0 为中心，通常比 Sigmoid 收敛更快。"
        ),
        Text("Nearly linear around 0, with slope 1 there.", "在 0 附近近似线性，斜率为 1。"),
    ),
    weaknesses=(
        Text("Still saturates on both sides, where gradients vanish.", "两侧仍会饱和，梯度消失。"),
        Text("Needs exponentials.", "需要计算指数。"),
    ),
)
def tanh(x: "Tensor") -> "Tensor":
    """A stretched sigmoid: 2 sigmoid(2x) - 1."""
    return torch.tanh(x)


@activation(
    Text("Softsign", "Softsign 函数"),
    formula="x/(1 + abs(x))",
    derivative="1/(1 + abs(x))**2",
    summary=Text(
        "An S curve that approaches its bounds slowly, without exponentials.", "不用指数、缓慢趋于上下界的 S 形曲线。"
    ),
    range=(-10.0, 10.0),
    names={
        "pytorch": "torch.nn.functional.softsign",
        "tensorflow": "tf.nn.softsign",
        "keras": "keras.activations.softsign",
        "jax": "jax.nn.soft_sign",
        "onnx": "Softsign",
    },
)
def softsign(x: "Tensor") -> "Tensor":
    """The slope is continuous at 0; the curvature jumps from 2 to -2."""
    return torch.nn.functional.softsign(x)
