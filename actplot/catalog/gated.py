"""Self-gated functions: x times a gate that opens with x."""

from typing import TYPE_CHECKING, Annotated

from actplot.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot import _torch as torch

activation = Family("gated", Text("Self-gated functions", "自门控函数"))

Beta = Annotated[float, Param(Text("how sharply the gate opens", "门打开的锐利程度"), span=(0.1, 5.0))]


@activation(
    Text("SiLU", "Sigmoid 加权线性单元"),
    formula="x*sigmoid(x)",
    derivative="sigmoid(x)*(1 + x*(1 - sigmoid(x)))",
    summary=Text(
        "x gated by its own sigmoid; the swish with beta = 1.", "用自身的 Sigmoid 作门控，即 beta = 1 的 Swish。"
    ),
    aliases=("swish-1",),
    names={
        "pytorch": "torch.nn.functional.silu",
        "tensorflow": "tf.nn.silu",
        "keras": "keras.activations.silu",
        "jax": "jax.nn.silu",
        "onnx": "Swish",
    },
    strengths=(
        Text("Smooth, and slightly better than ReLU in deep networks.", "处处光滑，在深层网络中略优于 ReLU。"),
        Text("Negative inputs keep a gradient.", "负输入仍有梯度。"),
    ),
    weaknesses=(
        Text("Needs an exponential.", "需要计算指数。"),
        Text("Not monotone: it falls before it rises.", "不单调：先降后升。"),
    ),
    reference="Elfwing, Uchibe & Doya, Sigmoid-Weighted Linear Units, 2017, arXiv:1702.03118",
)
def silu(x: "Tensor") -> "Tensor":
    """x sigmoid(x)."""
    return torch.nn.functional.silu(x)


@activation(
    Text("Swish", "Swish 函数"),
    formula="x*sigmoid(beta*x)",
    derivative="sigmoid(beta*x)*(1 + beta*x*(1 - sigmoid(beta*x)))",
    summary=Text(
        "x gated by a sigmoid of adjustable sharpness, between x/2 and ReLU.",
        "门控锐利程度可调，介于 x/2 与 ReLU 之间。",
    ),
    names={"tensorflow": "tf.nn.silu(beta=...)", "onnx": "Swish(alpha=...)"},
    strengths=(
        Text("Smooth, and slightly better than ReLU in deep networks.", "处处光滑，在深层网络中略优于 ReLU。"),
        Text("beta can be learned.", "beta 可以由训练得到。"),
    ),
    weaknesses=(
        Text("Needs an exponential.", "需要计算指数。"),
        Text("Not monotone: it falls before it rises.", "不单调：先降后升。"),
    ),
    reference="Ramachandran, Zoph & Le, Searching for Activation Functions, 2017, arXiv:1710.05941",
)
def swish(x: "Tensor", beta: Beta = 1.0) -> "Tensor":
    """x sigmoid(beta x)."""
    return x * torch.sigmoid(beta * x)


@activation(
    Text("Hard swish", "硬 Swish 函数"),
    formula="x/6*min(max(x + 3, 0), 6)",
    derivative="where(x <= -3, 0, where(x < 3, (2*x + 3)/6, 1))",
    summary=Text("A swish of straight lines and one parabola.", "由直线和一段抛物线组成的 Swish。"),
    breaks=(-3.0, 3.0),
    aliases=("hard_silu",),
    names={
        "pytorch": "torch.nn.functional.hardswish",
        "keras": "keras.activations.hard_silu",
        "jax": "jax.nn.hard_silu",
        "onnx": "HardSwish",
    },
    reference="Howard et al., Searching for MobileNetV3, 2019, arXiv:1905.02244",
)
def hard_swish(x: "Tensor") -> "Tensor":
    """PyTorch returns slope 0 at -3 and 1 at 3."""
    return torch.nn.functional.hardswish(x)


@activation(
    Text("GELU", "高斯误差线性单元"),
    formula="x*Phi(x)",
    derivative="Phi(x) + x*phi(x)",
    summary=Text(
        "x times the probability that a standard normal variable stays below x.",
        "x 乘以标准正态变量小于 x 的概率。",
    ),
    names={
        "pytorch": "torch.nn.functional.gelu",
        "tensorflow": "tf.nn.gelu",
        "keras": "keras.activations.gelu",
        "jax": "jax.nn.gelu(approximate=False)",
        "onnx": "Gelu",
    },
    strengths=(
        Text("Smooth; the usual choice in Transformers.", "处处光滑，是 Transformer 的常用选择。"),
        Text("Negative inputs near 0 keep a gradient.", "0 附近的负输入仍有梯度。"),
    ),
    weaknesses=(
        Text("Costs more than ReLU: it needs the error function.", "需要误差函数，计算代价高于 ReLU。"),
        Text(
            "Frameworks disagree on the default: JAX takes the tanh form.",
            "各框架默认形式不同：JAX 默认使用 tanh 近似。",
        ),
    ),
    reference="Hendrycks & Gimpel, Gaussian Error Linear Units, 2016, arXiv:1606.08415",
)
def gelu(x: "Tensor") -> "Tensor":
    """The exact form, with the error function."""
    return torch.nn.functional.gelu(x)


@activation(
    Text("GELU (tanh form)", "GELU 的 tanh 近似"),
    formula="x/2*(1 + tanh(u)); u = sqrt(2/pi)*(x + 0.044715*x**3)",
    derivative="(1 + tanh(u))/2 + x/2*(1 - tanh(u)**2)*v; u = sqrt(2/pi)*(x + 0.044715*x**3); v = sqrt(2/pi)*(1 + 0.134145*x**2)",
    summary=Text(
        "The approximation of GELU by tanh, off by at most 4.8e-4.", "用 tanh 近似的 GELU，误差不超过 4.8e-4。"
    ),
    aliases=("gelu_new",),
    names={
        "pytorch": 'torch.nn.functional.gelu(approximate="tanh")',
        "tensorflow": "tf.nn.gelu(approximate=True)",
        "keras": "keras.activations.gelu(approximate=True)",
        "jax": "jax.nn.gelu",
        "onnx": 'Gelu(approximate="tanh")',
    },
    reference="Hendrycks & Gimpel, Gaussian Error Linear Units, 2016, arXiv:1606.08415",
)
def gelu_tanh(x: "Tensor") -> "Tensor":
    """The form with tanh, JAX's default."""
    return torch.nn.functional.gelu(x, approximate="tanh")


@activation(
    Text("Mish", "Mish 函数"),
    formula="x*tanh(softplus(x))",
    derivative="tanh(s) + x*sigmoid(x)*(1 - tanh(s)**2); s = softplus(x)",
    summary=Text("x gated by the tanh of its softplus.", "用 softplus 的 tanh 作门控。"),
    names={
        "pytorch": "torch.nn.functional.mish",
        "keras": "keras.activations.mish",
        "jax": "jax.nn.mish",
        "onnx": "Mish",
    },
    reference="Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019, arXiv:1908.08681",
)
def mish(x: "Tensor") -> "Tensor":
    """x tanh(softplus(x))."""
    return torch.nn.functional.mish(x)
