"""Exponential for negative inputs, linear for positive ones."""

from typing import TYPE_CHECKING, Annotated

from actplot.functions.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

activation = Family("exponential", Text("Exponential-linear family", "指数线性族"))

Depth = Annotated[
    float,
    Param(Text("how far down it goes for x < 0", "负半轴的饱和深度（下界为 -alpha）"), span=(0.1, 3.0), at_least=0.0),
]
Scale = Annotated[float, Param(Text("depth and width for x < 0", "负半轴的深度与宽度"), span=(0.1, 3.0), above=0.0)]
Alpha = Annotated[
    float, Param(Text("the larger, the higher its lower bound", "越大，下界越高"), span=(0.2, 5.0), above=0.0)
]
Right = Annotated[float, Param(Text("curvature for x > 0, halved", "x > 0 一侧曲率的一半"), span=(0.1, 2.0))]
Left = Annotated[float, Param(Text("curvature at 0 from the left", "0 处左侧的曲率"), span=(0.1, 2.0))]
AtZero = Annotated[float, Param(Text("slope at x = 0", "x = 0 处的斜率"), span=(0.0, 1.0))]


@activation(
    Text("ELU", "指数线性单元"),
    formula="max(0, x) + alpha*min(0, exp(x) - 1)",
    derivative="where(x > 0, 1, alpha*exp(x))",
    d2y_at="0",
    dy_kinks="where(alpha == 1, 0)",
    summary=Text(
        "Linear for positive inputs; bends towards -alpha for negative ones.", "正半轴为直线，负半轴平滑趋于 -alpha。"
    ),
    breaks="where(alpha != 1, 0)",
    names={
        "pytorch": "torch.nn.functional.elu",
        "tensorflow": "tf.nn.elu",
        "keras": "keras.activations.elu",
        "jax": "jax.nn.elu",
        "onnx": "Elu",
    },
    strengths=(
        Text("Negative outputs bring the mean towards 0.", "有负输出，均值趋近于 0。"),
        Text(
            "Saturates on the left only: robust against large negative noise.", "仅左侧饱和，对幅度较大的负噪声更鲁棒。"
        ),
        Text("Smooth for alpha = 1.", "alpha = 1 时一阶导数连续。"),
    ),
    weaknesses=(
        Text("Needs an exponential for every negative input.", "负输入需要计算指数。"),
        Text("For alpha other than 1 there is a kink at 0.", "alpha 不为 1 时在 0 处有折点。"),
    ),
    reference="Clevert, Unterthiner & Hochreiter, Fast and Accurate Deep Network Learning by Exponential Linear Units, 2015, arXiv:1511.07289",
)
def elu(x: "Tensor", alpha: Depth = 1.0) -> "Tensor":
    """At 0 PyTorch returns slope alpha, the limit from the left."""
    return torch.nn.functional.elu(x, alpha)


@activation(
    Text("SELU", "缩放指数线性单元"),
    formula="s*(max(0, x) + alpha*min(0, exp(x) - 1)); s = 1.0507009873554805; alpha = 1.6732632423543772",
    derivative="where(x > 0, s, s*alpha*exp(x)); s = 1.0507009873554805; alpha = 1.6732632423543772",
    d2y_at="0",
    summary=Text(
        "An ELU whose two constants make layers keep mean 0 and variance 1.",
        "两个常数使各层输出保持均值 0、方差 1 的 ELU。",
    ),
    breaks="0",
    names={
        "pytorch": "torch.nn.functional.selu",
        "tensorflow": "tf.nn.selu",
        "keras": "keras.activations.selu",
        "jax": "jax.nn.selu",
        "onnx": "Selu",
    },
    strengths=(
        Text(
            "Self-normalising: deep plain networks train without batch normalisation.",
            "具有自归一化性质，深层全连接网络无需批归一化。",
        ),
        Text("Gradients neither vanish nor explode in such networks.", "在这类网络中梯度不会消失或爆炸。"),
    ),
    weaknesses=(
        Text("Only with LeCun normal initialisation and AlphaDropout.", "必须配合 LeCun 正态初始化与 AlphaDropout。"),
        Text("Has a kink at 0, where the slope falls from 1.758 to 1.051.", "在 0 处有折点，斜率由 1.758 降到 1.051。"),
    ),
    reference="Klambauer et al., Self-Normalizing Neural Networks, 2017, arXiv:1706.02515",
)
def selu(x: "Tensor") -> "Tensor":
    """At 0 PyTorch returns the limit from the left, scale times alpha."""
    return torch.nn.functional.selu(x)


@activation(
    Text("CELU", "连续可微指数线性单元"),
    formula="max(0, x) + alpha*min(0, exp(x/alpha) - 1)",
    derivative="where(x > 0, 1, exp(x/alpha))",
    d2y_at="0",
    dy_kinks="0",
    summary=Text("An ELU that stays smooth at 0 for every alpha.", "对任意 alpha 在 0 处都光滑的 ELU。"),
    names={
        "pytorch": "torch.nn.functional.celu",
        "keras": "keras.activations.celu",
        "jax": "jax.nn.celu",
        "onnx": "Celu",
    },
    reference="Barron, Continuously Differentiable Exponential Linear Units, 2017, arXiv:1704.07483",
)
def celu(x: "Tensor", alpha: Scale = 1.0) -> "Tensor":
    """The slope is continuous; the curvature jumps at 0."""
    return torch.nn.functional.celu(x, alpha)


@activation(
    Text("ISRLU", "逆平方根线性单元"),
    formula="where(x >= 0, x, x/sqrt(1 + alpha*x**2))",
    derivative="where(x >= 0, 1, 1/sqrt(1 + alpha*x**2)**3)",
    summary=Text("Like ELU, with an inverse square root for the exponential.", "形似 ELU，用平方根的倒数代替指数。"),
    strengths=(
        Text("Cheaper than ELU: no exponential.", "不用指数，计算开销比 ELU 小。"),
        Text("Slope and curvature are both continuous.", "斜率与曲率都连续。"),
    ),
    weaknesses=(Text("Saturates for large negative inputs.", "很大的负输入会饱和。"),),
    reference="Carlile et al., Improving Deep Learning by Inverse Square Root Linear Units (ISRLUs), 2017, arXiv:1710.09967",
)
def isrlu(x: "Tensor", alpha: Alpha = 1.0) -> "Tensor":
    """The lower bound is -1/sqrt(alpha). It is the third derivative that jumps at 0."""
    below = x.clamp(max=0.0)
    return torch.where(x >= 0, x, below * torch.rsqrt(1 + alpha * below * below))


@activation(
    Text("xIELU", "ELU 的扩展积分"),
    formula="where(x > 0, ap*x**2 + b*x, an*(exp(x) - 1 - x) + b*x)",
    derivative="where(x > 0, 2*ap*x + b, an*(exp(x) - 1) + b)",
    dy_kinks="where(an != 2*ap, 0)",
    summary=Text(
        "The integral of a stretched ELU: a parabola to the right, nearly a line to the left.",
        "拉伸后的 ELU 的积分：右侧为抛物线，左侧近似直线。",
    ),
    strengths=(Text("The gradient grows with x, as in the squared ReLU.", "梯度随 x 增大，与平方 ReLU 相同。"),),
    weaknesses=(Text("Three parameters to learn or to choose.", "有三个参数需要训练或选取。"),),
    reference="Huang & Schlag, Deriving Activation Functions Using Integration, 2024, arXiv:2411.13010",
)
def xielu(x: "Tensor", ap: Right = 0.8, an: Left = 0.8, b: AtZero = 0.5) -> "Tensor":
    """The paper learns ap and an. The slope is continuous; the curvature jumps at 0 from an to 2 ap."""
    below = x.clamp(max=0.0)
    return torch.where(x > 0, x * (ap * x + b), an * torch.expm1(below) + (b - an) * below)


@activation(
    Text("Exponential", "指数函数"),
    formula="exp(x)",
    derivative="exp(x)",
    summary=Text("Grows in proportion to itself; always positive.", "增长率等于自身，恒为正。"),
    aliases=("exp",),
    range=(-4.0, 4.0),
    names={
        "pytorch": "torch.exp",
        "tensorflow": "tf.exp",
        "keras": "keras.activations.exponential",
        "jax": "jax.numpy.exp",
        "numpy": "numpy.exp",
        "onnx": "Exp",
    },
    strengths=(Text("Positive outputs, for rates and variances.", "输出恒为正，适合表示速率与方差。"),),
    weaknesses=(Text("Explodes: float32 overflows from x = 89.", "增长极快：float32 在 x = 89 处即溢出。"),),
)
def exponential(x: "Tensor") -> "Tensor":
    """Infinite in float32 from x = 89, in float64 from x = 710."""
    return torch.exp(x)
