"""Waves, and bells around 0."""

from typing import TYPE_CHECKING, Annotated

from actplot.functions.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

activation = Family("periodic", Text("Periodic and radial functions", "周期与径向函数"))

Omega = Annotated[float, Param(Text("waves per 2 pi", "每 2π 内的周期数"), span=(0.5, 30.0))]
Frequency = Annotated[
    float,
    Param(
        Text("the larger, the shorter and flatter the waves", "越大，周期越短、幅度越小"), span=(0.2, 5.0), above=0.0
    ),
]
Sigma = Annotated[float, Param(Text("width of the bell", "钟形的宽度"), span=(0.2, 3.0), above=0.0)]


@activation(
    Text("Sine", "正弦函数"),
    formula="sin(omega*x)",
    derivative="omega*cos(omega*x)",
    summary=Text("A wave, for networks that represent images and sounds.", "正弦波，用于表示图像与声音的网络。"),
    aliases=("siren", "sin"),
    range=(-10.0, 10.0),
    names={
        "pytorch": "torch.sin",
        "tensorflow": "tf.sin",
        "keras": "keras.ops.sin",
        "jax": "jax.numpy.sin",
        "numpy": "numpy.sin",
        "onnx": "Sin",
    },
    strengths=(
        Text("Represents fine detail, and so do all its derivatives.", "能表示细节，各阶导数亦然。"),
        Text("Never saturates.", "不会饱和。"),
    ),
    weaknesses=(
        Text(
            "Many inputs share one output: training depends on the initialisation.",
            "许多输入对应同一输出，训练依赖初始化。",
        ),
    ),
    reference="Sitzmann et al., Implicit Neural Representations with Periodic Activation Functions, 2020, arXiv:2006.09661",
)
def sine(x: "Tensor", omega: Omega = 1.0) -> "Tensor":
    """SIREN layers take omega = 30."""
    return torch.sin(omega * x)


@activation(
    Text("Snake", "Snake 函数"),
    formula="x + sin(a*x)**2/a",
    derivative="1 + sin(2*a*x)",
    summary=Text("A line with a wave on it; never falls.", "叠加了波的直线，从不下降。"),
    range=(-10.0, 10.0),
    strengths=(
        Text("Extrapolates periodic data, which ReLU and tanh cannot.", "能外推周期数据，ReLU 与 tanh 做不到。"),
        Text("Monotone, so easier to train than a sine.", "单调，因此比正弦更易训练。"),
    ),
    weaknesses=(Text("The gradient is 0 once in every wave.", "每个周期内有一点梯度为 0。"),),
    reference="Ziyin, Hartwig & Ueda, Neural Networks Fail to Learn Periodic Functions and How to Fix It, 2020, arXiv:2006.08195",
)
def snake(x: "Tensor", a: Frequency = 1.0) -> "Tensor":
    """For a towards 0 it becomes the identity."""
    return x + torch.sin(a * x).square() / a


@activation(
    Text("Growing cosine unit", "增长余弦单元"),
    formula="x*cos(x)",
    derivative="cos(x) - x*sin(x)",
    summary=Text("A cosine whose swings grow with x.", "振幅随 x 增大的余弦。"),
    range=(-10.0, 10.0),
    strengths=(
        Text("One unit has several zeros: it can solve XOR alone.", "单个神经元有多个零点，可独自解决异或问题。"),
    ),
    weaknesses=(Text("Swings and gradients grow without a bound.", "振幅与梯度无限增大。"),),
    reference="Noel et al., Growing Cosine Unit: A Novel Oscillatory Activation Function That Can Speedup Training and Reduce Parameters in Convolutional Neural Networks, 2021, arXiv:2108.12943",
)
def gcu(x: "Tensor") -> "Tensor":
    """x cos(x)."""
    return x * torch.cos(x)


@activation(
    Text("Gaussian", "高斯函数"),
    formula="exp(-(x**2/(2*sigma**2)))",
    derivative="-(x/sigma**2*exp(-(x**2/(2*sigma**2))))",
    summary=Text(
        "A bell around 0; exp(-x**2) at the default width.", "以 0 为中心的钟形曲线，默认宽度下为 exp(-x**2)。"
    ),
    range=(-4.0, 4.0),
    strengths=(
        Text("Local: a unit answers to inputs near its centre alone.", "局部响应：只对中心附近的输入有反应。"),
        Text("Smooth and bounded.", "处处光滑且有界。"),
    ),
    weaknesses=(Text("Far from the centre both value and gradient vanish.", "远离中心处，函数值与梯度都消失。"),),
)
def gaussian(x: "Tensor", sigma: Sigma = 2**-0.5) -> "Tensor":
    """The radial basis function of one variable."""
    return torch.exp(-(x / sigma).square() / 2)


@activation(
    Text("Sinc", "Sinc 函数"),
    formula="where(x == 0, 1, sin(x)/x)",
    derivative="where(x == 0, 0, (x*cos(x) - sin(x))/x**2)",
    summary=Text("A wave that dies away from 0.", "自 0 向外衰减的波。"),
    range=(-20.0, 20.0),
    names={"pytorch": "torch.sinc(x/pi)", "jax": "jax.numpy.sinc(x/pi)", "numpy": "numpy.sinc(x/pi)"},
    differs={
        "pytorch": Text("torch.sinc is sin(pi x)/(pi x)", "torch.sinc 为 sin(pi x)/(pi x)"),
        "jax": Text("jax.numpy.sinc is sin(pi x)/(pi x)", "jax.numpy.sinc 为 sin(pi x)/(pi x)"),
        "numpy": Text("numpy.sinc is sin(pi x)/(pi x)", "numpy.sinc 为 sin(pi x)/(pi x)"),
    },
)
def sinc(x: "Tensor") -> "Tensor":
    """Near 0 by its series: the slope of ``torch.sinc`` loses all its digits there."""
    near = x.abs() < 0.5
    square = torch.where(near, x * x, 0.0)
    series = torch.ones_like(x)
    for product in (210, 156, 110, 72, 42, 20, 6):  # 15 * 14, 13 * 12, ..., 3 * 2
        series = 1 - square / product * series
    away = torch.where(near, 1.0, x)
    return torch.where(near, series, torch.sin(away) / away)


@activation(
    Text("Cosine", "余弦函数"),
    formula="cos(x)",
    derivative="-sin(x)",
    summary=Text("A sine moved to start at 1.", "从 1 开始的正弦波。"),
    aliases=("cos",),
    range=(-10.0, 10.0),
    names={
        "pytorch": "torch.cos",
        "tensorflow": "tf.cos",
        "keras": "keras.ops.cos",
        "jax": "jax.numpy.cos",
        "numpy": "numpy.cos",
        "onnx": "Cos",
    },
)
def cosine(x: "Tensor") -> "Tensor":
    """Even, with slope 0 at 0."""
    return torch.cos(x)
