"""Identity, steps and thresholds."""

from typing import TYPE_CHECKING, Annotated

from actplot.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot import _torch as torch

activation = Family("linear", Text("Identity, steps, thresholds", "恒等、阶跃与阈值"))

AtZero = Annotated[float, Param(Text("value at x = 0", "x = 0 处的值"), span=(0.0, 1.0))]
Threshold = Annotated[float, Param(Text("x must exceed it to pass", "x 超过它才原样通过"), span=(-1.0, 1.0))]
Value = Annotated[float, Param(Text("value where x does not pass", "x 未通过时的取值"), span=(-1.0, 1.0))]


@activation(
    Text("Identity", "恒等函数"),
    formula="x",
    derivative="1",
    summary=Text("Passes its input on unchanged.", "原样输出输入。"),
    aliases=("linear",),
    names={
        "pytorch": "torch.nn.Identity",
        "keras": "keras.activations.linear",
        "jax": "jax.nn.identity",
        "onnx": "Identity",
    },
    strengths=(
        Text(
            "An output of any size: the usual last layer of a regression.", "输出不受限制，常用作回归网络的最后一层。"
        ),
    ),
    weaknesses=(
        Text(
            "Stacked layers with nothing else between them collapse into one linear map.",
            "层与层之间若只有它，多层网络等价于单层线性映射。",
        ),
        Text("Its gradient is the same everywhere and says nothing about the input.", "梯度处处相同，与输入无关。"),
    ),
)
def identity(x: "Tensor") -> "Tensor":
    """x, as a new node of the graph."""
    return x * 1


@activation(
    Text("Binary step", "二值阶跃函数"),
    formula="where(x < 0, 0, where(x > 0, 1, at0))",
    derivative="0",
    summary=Text("Switches from 0 to 1 at x = 0.", "在 x = 0 处由 0 跳到 1。"),
    breaks=(0.0,),
    aliases=("step", "heaviside"),
    range=(-3.0, 3.0),
    names={"pytorch": "torch.heaviside", "jax": "jax.numpy.heaviside"},
    strengths=(
        Text(
            "A plain yes or no: the perceptron's original activation.", "输出非此即彼，是最早的感知机所用的激活函数。"
        ),
        Text("Its lines combine into polygons as decision regions.", "多个单元的直线边界可以围成多边形决策区域。"),
    ),
    weaknesses=(
        Text(
            "The derivative is 0 wherever it exists: gradient descent cannot train it.",
            "导数处处为 0，无法用梯度下降训练。",
        ),
        Text("The jump at 0 has no derivative at all.", "在 0 处跳变，不可导。"),
    ),
)
def binary_step(x: "Tensor", at0: AtZero = 1.0) -> "Tensor":
    """0 below zero, 1 above.

    ``torch.heaviside`` raises in backward and a comparison leaves the graph. ``torch.sign`` has the derivative this
    function has wherever there is one, 0, and returns it at the jump too.
    """
    return torch.where(x == 0, at0, (torch.sign(x) + 1) / 2)


@activation(
    Text("Threshold", "阈值函数"),
    formula="where(x > threshold, x, value)",
    derivative="where(x > threshold, 1, 0)",
    summary=Text(
        "Passes x on above a threshold and puts a fixed value in its place elsewhere.",
        "x 超过阈值时原样输出，否则输出固定值。",
    ),
    breaks=lambda threshold: (threshold,),
    range=(-2.0, 2.0),
    names={"pytorch": "torch.nn.functional.threshold"},
)
def threshold(x: "Tensor", threshold: Threshold = 0.0, value: Value = 0.5) -> "Tensor":
    """PyTorch has no defaults for the two; these show the jump. At the threshold it returns the value, with slope 0."""
    return torch.nn.functional.threshold(x, threshold, value)
