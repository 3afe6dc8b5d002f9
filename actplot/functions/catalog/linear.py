"""Identity, steps and thresholds."""

from typing import TYPE_CHECKING, Annotated

from actplot.functions.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

activation = Family("linear", Text("Identity, steps, thresholds", "恒等、阶跃与阈值"))

AtZero = Annotated[float, Param(Text("value at x = 0", "x = 0 处的值"), span=(0.0, 1.0))]
Threshold = Annotated[float, Param(Text("x must exceed it to pass", "x 超过它才原样通过"), span=(-1.0, 1.0))]
Gap = Annotated[float, Param(Text("x must exceed it to pass", "x 超过它才原样通过"), span=(0.0, 3.0), at_least=0.0)]
Value = Annotated[float, Param(Text("value where x does not pass", "x 不超过阈值时的输出"), span=(-1.0, 1.0))]


@activation(
    Text("Identity", "恒等函数"),
    formula="x",
    derivative="1",
    summary=Text("Passes its input on unchanged.", "输出等于输入。"),
    aliases=("linear",),
    names={
        "pytorch": "torch.nn.Identity",
        "tensorflow": "tf.identity",
        "keras": "keras.activations.linear",
        "jax": "jax.nn.identity",
        "numpy": "numpy.positive",
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
    breaks="0",
    aliases=("step", "heaviside"),
    range=(-3.0, 3.0),
    names={
        "pytorch": "torch.heaviside",
        "keras": "keras.ops.heaviside",
        "jax": "jax.numpy.heaviside(x, 1)",
        "numpy": "numpy.heaviside(x, 1)",
    },
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
    breaks="threshold",
    range=(-2.0, 2.0),
    names={"pytorch": "torch.nn.functional.threshold", "keras": "keras.activations.threshold"},
)
def threshold(x: "Tensor", threshold: Threshold = 0.0, value: Value = 0.5) -> "Tensor":
    """PyTorch has no defaults for the two; these show the jump. At the threshold it returns the value, with slope 0."""
    return torch.nn.functional.threshold(x, threshold, value)


@activation(
    Text("Sign", "符号函数"),
    formula="sign(x)",
    derivative="0",
    summary=Text("Keeps the sign of its input alone: -1, 0 or 1.", "只保留输入的符号：-1、0 或 1。"),
    breaks="0",
    aliases=("bipolar_step",),
    range=(-3.0, 3.0),
    names={
        "pytorch": "torch.sign",
        "tensorflow": "tf.sign",
        "keras": "keras.ops.sign",
        "jax": "jax.numpy.sign",
        "numpy": "numpy.sign",
        "onnx": "Sign",
    },
    strengths=(
        Text("One bit per output, as binarised networks want it.", "输出只需一个比特，适合二值网络。"),
        Text("Centred on 0.", "以 0 为中心。"),
    ),
    weaknesses=(
        Text(
            "The derivative is 0 wherever it exists: training needs a substitute for it.",
            "导数处处为 0，训练时需要替代梯度。",
        ),
    ),
)
def sign(x: "Tensor") -> "Tensor":
    """At 0 the value is 0, with slope 0."""
    return torch.sign(x)


@activation(
    Text("Thresholded ReLU", "阈值修正线性单元"),
    formula="where(x > alpha, x, 0)",
    derivative="where(x > alpha, 1, 0)",
    summary=Text("Passes on what exceeds a threshold, and 0 for the rest.", "超过阈值的输入原样通过，其余为 0。"),
    breaks="alpha",
    range=(-2.0, 4.0),
    names={
        "pytorch": "torch.nn.functional.threshold(value=0)",
        "keras": "keras.layers.ReLU(threshold=...)",
        "onnx": "ThresholdedRelu",
    },
    reference="Konda, Memisevic & Krueger, Zero-bias autoencoders and the benefits of co-adapting features, 2014, arXiv:1402.3337",
)
def thresholded_relu(x: "Tensor", alpha: Gap = 1.0) -> "Tensor":
    """At the jump PyTorch returns 0 with slope 0; alpha = 0 is ReLU."""
    return torch.nn.functional.threshold(x, alpha, 0.0)


@activation(
    Text("Absolute value", "绝对值函数"),
    formula="abs(x)",
    derivative="sign(x)",
    summary=Text("The size of its input, without the sign.", "取输入的绝对值。"),
    breaks="0",
    aliases=("abs",),
    names={
        "pytorch": "torch.abs",
        "tensorflow": "tf.abs",
        "keras": "keras.ops.abs",
        "jax": "jax.numpy.abs",
        "numpy": "numpy.abs",
        "onnx": "Abs",
    },
    differs={"jax": Text("slope 1 at x = 0", "x = 0 处导数取 1")},
    strengths=(Text("The gradient is never small: 1 or -1 on either side.", "梯度不会变小：两侧分别为 1 与 -1。"),),
    weaknesses=(Text("Forgets the sign: x and -x look the same.", "丢失符号：x 与 -x 无法区分。"),),
)
def absolute(x: "Tensor") -> "Tensor":
    """At 0 PyTorch takes slope 0."""
    return torch.abs(x)


@activation(
    Text("Bent identity", "弯曲恒等函数"),
    formula="(sqrt(x**2 + 1) - 1)/2 + x",
    derivative="x/(2*sqrt(x**2 + 1)) + 1",
    summary=Text("A line whose slope grows gently from 1/2 to 3/2.", "斜率由 1/2 缓慢增至 3/2 的曲线。"),
    strengths=(Text("The gradient never vanishes: it stays above 1/2.", "梯度始终大于 1/2，不会消失。"),),
    weaknesses=(Text("Bends so little that it is close to linear.", "弯曲很小，接近线性。"),),
)
def bent_identity(x: "Tensor") -> "Tensor":
    """With the difference of the root and 1 turned into a quotient, which keeps its digits near 0."""
    return x + x * x / (torch.sqrt(x * x + 1) + 1) / 2
