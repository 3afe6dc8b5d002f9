"""Smooth ramps, and the logarithm of the sigmoid."""

import math
from typing import TYPE_CHECKING, Annotated

from actplot.functions.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

activation = Family("softplus", Text("Softplus family", "Softplus 族"))

Sharpness = Annotated[float, Param(Text("how sharply it bends", "转折的陡峭程度"), span=(0.5, 5.0), above=0.0)]
Smoothness = Annotated[
    float, Param(Text("how widely it bends around 0", "0 附近弯曲的宽度"), span=(0.1, 10.0), above=0.0)
]
Threshold = Annotated[float, Param(Text("linear where beta x exceeds it", "beta x 超过它时改用直线"), span=(0.5, 30.0))]


# Where softplus turns into its line, if the step there can be seen in the value or in the slope.
_SWITCH = (
    "where(max(step, fall) > 1e-8, threshold/beta);"
    "step = log1p(exp(-abs(threshold)))/beta + max(0, -threshold/beta); fall = 1/(1 + exp(min(threshold, 700)))"
)


@activation(
    Text("Softplus", "Softplus 函数"),
    formula="where(beta*x <= threshold, log(1 + exp(beta*x))/beta, x)",
    derivative="where(beta*x <= threshold, sigmoid(beta*x), 1)",
    d2y_at="0",
    summary=Text("A smooth ReLU, always positive.", "处处为正的光滑 ReLU。"),
    breaks=_SWITCH,
    names={
        "pytorch": "torch.nn.functional.softplus",
        "tensorflow": "tf.nn.softplus",
        "keras": "keras.activations.softplus",
        "jax": "jax.nn.softplus",
        "numpy": "scipy.special.softplus",
        "onnx": "Softplus",
    },
    differs={
        framework: Text("no beta, no threshold", "没有 beta 与阈值")
        for framework in ("tensorflow", "keras", "jax", "numpy", "onnx")
    },
    strengths=(
        Text("Smooth everywhere; its derivative is the sigmoid.", "处处光滑，导数就是 Sigmoid。"),
        Text("Positive outputs, for variances and rates.", "输出恒为正，适合表示方差与速率。"),
    ),
    weaknesses=(
        Text("Never exactly 0: no sparsity, and not centred on 0.", "不会恰好为 0：没有稀疏性，均值也不为 0。"),
        Text("Needs an exponential and a logarithm.", "需要计算指数与对数。"),
    ),
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
        "numpy": "scipy.special.log_expit",
    },
)
def log_sigmoid(x: "Tensor") -> "Tensor":
    """Never log(sigmoid(x)), which is -inf for x < -104 in float32."""
    return torch.nn.functional.logsigmoid(x)


@activation(
    Text("Shifted softplus", "平移的 Softplus"),
    formula="log((1 + exp(x))/2)",
    derivative="sigmoid(x)",
    summary=Text("A softplus moved down so that it passes through 0.", "向下平移、经过原点的 Softplus。"),
    reference="Schuett et al., SchNet: A continuous-filter convolutional neural network for modeling quantum interactions, 2017, arXiv:1706.08566",
)
def shifted_softplus(x: "Tensor") -> "Tensor":
    """Through log(sigmoid(-x)), which has no threshold; near 0 in a form whose digits do not cancel."""
    near = torch.log1p(torch.expm1(x.clamp(-1.0, 1.0)) / 2)
    return torch.where(x.abs() < 1, near, -torch.nn.functional.logsigmoid(-x) - math.log(2))


@activation(
    Text("Squareplus", "Squareplus 函数"),
    formula="(x + sqrt(x**2 + b))/2",
    derivative="(1 + x/sqrt(x**2 + b))/2",
    summary=Text("A smooth ReLU without exponentials.", "不用指数的光滑 ReLU。"),
    names={"keras": "keras.activations.squareplus", "jax": "jax.nn.squareplus"},
    strengths=(
        Text("Smooth, with nothing but arithmetic and a square root.", "处处光滑，只需四则运算与开方。"),
        Text("Never overflows as an exponential does.", "不会像指数那样溢出。"),
    ),
    weaknesses=(Text("Reaches 0 slowly: its left tail is that of -1/x.", "趋于 0 很慢：左尾与 -1/x 相当。"),),
    reference="Barron, Squareplus: A Softplus-Like Algebraic Rectifier, 2021, arXiv:2112.11687",
)
def squareplus(x: "Tensor", b: Smoothness = 4.0) -> "Tensor":
    """For x < 0 as a quotient: the sum would cancel."""
    root = torch.sqrt(x * x + b)
    return torch.where(x < 0, b / 2 / (root - x.clamp(max=0.0)), (x + root) / 2)


@activation(
    Text("Sparse plus", "稀疏 Plus 函数"),
    formula="where(x <= -1, 0, where(x < 1, (x + 1)**2/4, x))",
    derivative="where(x <= -1, 0, where(x < 1, (x + 1)/2, 1))",
    d2y_at="where(x < 1, 1/2, 0)",
    dy_kinks="-1, 1",
    summary=Text("A softplus that is exactly 0 and exactly x away from 0.", "远离 0 时恰为 0 或 x 的 Softplus。"),
    names={"keras": "keras.activations.sparse_plus", "jax": "jax.nn.sparse_plus"},
    strengths=(Text("Smooth like softplus and sparse like ReLU.", "像 Softplus 一样光滑，像 ReLU 一样稀疏。"),),
    weaknesses=(Text("No gradient for x < -1.", "x < -1 时没有梯度。"),),
    reference="Blondel, Martins & Niculae, Learning with Fenchel-Young Losses, JMLR 2020",
)
def sparse_plus(x: "Tensor") -> "Tensor":
    """The slope is continuous; the curvature is 1/2 between -1 and 1 and 0 elsewhere."""
    return torch.where(x < 1, ((x.clamp(-1.0, 1.0) + 1) / 2).square(), x)
