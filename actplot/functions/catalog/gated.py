"""Self-gated functions: x times a gate that opens with x."""

import math
from typing import TYPE_CHECKING, Annotated

from actplot.functions.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

activation = Family("gated", Text("Self-gated functions", "自门控函数"))

Beta = Annotated[float, Param(Text("how sharply the gate opens", "门控的陡峭程度"), span=(0.1, 5.0))]
Factor = Annotated[float, Param(Text("factor before SiLU", "SiLU 前的系数"), span=(1.0, 2.0))]
Floor = Annotated[float, Param(Text("value where x <= 0", "x <= 0 处的值"), span=(-1.0, 0.5))]


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
        "门控的陡峭程度可调，介于 x/2 与 ReLU 之间。",
    ),
    names={"tensorflow": "tf.nn.silu(beta=...)", "onnx": "Swish(alpha=...)"},
    differs={framework: Text("beta is fixed at 1", "beta 固定为 1") for framework in ("keras", "jax")},
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
    breaks="-3, 3",
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
    differs={
        "keras": Text("keras.ops.gelu takes the tanh form by default", "keras.ops.gelu 默认使用 tanh 近似"),
        "jax": Text("the tanh form by default", "默认使用 tanh 近似"),
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
    differs={"pytorch": Text("the exact form by default", "默认使用精确形式")},
    strengths=(
        Text(
            "Cheaper than the error function, and hardly to be told from it.",
            "计算开销比误差函数小，曲线几乎没有差别。",
        ),
    ),
    weaknesses=(
        Text(
            "Not quite GELU: weights trained with one form are off in the other.",
            "与 GELU 略有差异，权重换用另一形式会有误差。",
        ),
    ),
    reference="Hendrycks & Gimpel, Gaussian Error Linear Units, 2016, arXiv:1606.08415",
)
def gelu_tanh(x: "Tensor") -> "Tensor":
    """The form with tanh, JAX's default."""
    return torch.nn.functional.gelu(x, approximate="tanh")


@activation(
    Text("Mish", "Mish 函数"),
    formula="x*tanh(softplus(x))",
    derivative="tanh(s) + x*sigmoid(x)*(1 - tanh(s)**2); s = softplus(x)",
    summary=Text("x gated by the tanh of its softplus.", "用 Softplus 的 tanh 作门控。"),
    names={
        "pytorch": "torch.nn.functional.mish",
        "keras": "keras.activations.mish",
        "jax": "jax.nn.mish",
        "onnx": "Mish",
    },
    strengths=(
        Text("Smooth, and often a little better than swish.", "处处光滑，常略优于 Swish。"),
        Text("Negative inputs keep a gradient.", "负输入仍有梯度。"),
    ),
    weaknesses=(
        Text("Costs more than ReLU: an exponential, a logarithm and a tanh.", "代价高于 ReLU：需要指数、对数与 tanh。"),
        Text("Not monotone: it falls before it rises.", "不单调：先降后升。"),
    ),
    reference="Misra, Mish: A Self Regularized Non-Monotonic Activation Function, 2019, arXiv:1908.08681",
)
def mish(x: "Tensor") -> "Tensor":
    """x tanh(softplus(x))."""
    return torch.nn.functional.mish(x)


@activation(
    Text("Quick GELU", "快速 GELU"),
    formula="x*sigmoid(1.702*x)",
    derivative="s*(1 + 1.702*x*(1 - s)); s = sigmoid(1.702*x)",
    summary=Text(
        "GELU approximated by a sigmoid: the swish with beta = 1.702.",
        "用 Sigmoid 近似的 GELU，即 beta = 1.702 的 Swish。",
    ),
    names={"onnx": "Swish(alpha=1.702)"},
    strengths=(Text("One sigmoid: cheaper than GELU.", "只需一个 Sigmoid，计算开销比 GELU 小。"),),
    weaknesses=(
        Text(
            "Off from GELU by up to 0.02: not to be swapped in a trained model.",
            "与 GELU 最多相差 0.02，不能在已训练的模型中互换。",
        ),
    ),
    reference="Hendrycks & Gimpel, Gaussian Error Linear Units, 2016, arXiv:1606.08415",
)
def quick_gelu(x: "Tensor") -> "Tensor":
    """The form that CLIP uses."""
    return x * torch.sigmoid(1.702 * x)


@activation(
    Text("E-swish", "E-Swish 函数"),
    formula="beta*x*sigmoid(x)",
    derivative="beta*sigmoid(x)*(1 + x*(1 - sigmoid(x)))",
    summary=Text("A SiLU multiplied by a constant.", "乘以常数的 SiLU。"),
    reference="Alcaide, E-swish: Adjusting Activations to Different Network Depths, 2018, arXiv:1801.07145",
)
def e_swish(x: "Tensor", beta: Factor = 1.375) -> "Tensor":
    """The paper takes beta between 1 and 2."""
    return beta * torch.nn.functional.silu(x)


@activation(
    Text("ELiSH", "指数线性 Sigmoid 压缩函数"),
    formula="where(x >= 0, x*sigmoid(x), (exp(x) - 1)*sigmoid(x))",
    derivative="where(x >= 0, sigmoid(x)*(1 + x*(1 - sigmoid(x))), sigmoid(x)*(exp(x) + tanh(x/2)))",
    dy_kinks="0",
    summary=Text("A SiLU whose negative half is an ELU times a sigmoid.", "负半轴换为 ELU 乘 Sigmoid 的 SiLU。"),
    reference="Basirat & Roth, The Quest for the Golden Activation Function, 2018, arXiv:1808.00783",
)
def elish(x: "Tensor") -> "Tensor":
    """The slope is continuous; the curvature jumps at 0."""
    return torch.where(x >= 0, x, torch.expm1(x.clamp(max=0.0))) * torch.sigmoid(x)


@activation(
    Text("Hard ELiSH", "硬 ELiSH 函数"),
    formula="where(x <= -1, 0, where(x < 0, (exp(x) - 1)*(x + 1)/2, where(x < 1, x*(x + 1)/2, x)))",
    derivative="where(x <= -1, 0, where(x < 0, (exp(x)*(x + 2) - 1)/2, where(x < 1, x + 1/2, 1)))",
    dy_kinks="0",
    summary=Text("An ELiSH with a straight ramp for the sigmoid.", "用直线斜坡代替 Sigmoid 的 ELiSH。"),
    breaks="-1, 1",
    range=(-3.0, 3.0),
    reference="Basirat & Roth, The Quest for the Golden Activation Function, 2018, arXiv:1808.00783",
)
def hard_elish(x: "Tensor") -> "Tensor":
    """As in hard swish, the slope is 0 at the left kink and 1 at the right one."""
    gate = (torch.nn.functional.hardtanh(x) + 1) / 2
    return torch.where(x >= 0, x, torch.expm1(x.clamp(max=0.0))) * gate


@activation(
    Text("LiSHT", "线性缩放双曲正切"),
    formula="x*tanh(x)",
    derivative="tanh(x) + x*(1 - tanh(x)**2)",
    summary=Text("x times its own tanh: even, and never negative.", "x 乘以自身的 tanh：偶函数，恒非负。"),
    strengths=(Text("Large negative inputs keep a gradient.", "很大的负输入仍有梯度。"),),
    weaknesses=(Text("Forgets the sign: x and -x look the same.", "丢失符号：x 与 -x 无法区分。"),),
    reference="Roy et al., LiSHT: Non-Parametric Linearly Scaled Hyperbolic Tangent Activation Function for Neural Networks, 2019, arXiv:1901.05894",
)
def lisht(x: "Tensor") -> "Tensor":
    """A smooth |x|."""
    return x * torch.tanh(x)


@activation(
    Text("TanhExp", "TanhExp 函数"),
    formula="x*tanh(exp(x))",
    derivative="tanh(s) + x*s*(1 - tanh(s)**2); s = exp(x)",
    summary=Text("x gated by the tanh of its exponential.", "用指数的 tanh 作门控。"),
    aliases=("telu",),
    strengths=(
        Text("Smooth, and closer to x than mish for x > 0.", "处处光滑，正半轴比 Mish 更接近直线。"),
        Text("Negative inputs keep a gradient.", "负输入仍有梯度。"),
    ),
    weaknesses=(
        Text("Naive code overflows: the exponential must be clamped.", "直接实现会溢出，指数须截断。"),
        Text("Not monotone: it falls before it rises.", "不单调：先降后升。"),
    ),
    reference="Liu & Di, TanhExp: A Smooth Activation Function with High Convergence Speed for Lightweight Neural Networks, 2020, arXiv:2003.09855",
)
def tanhexp(x: "Tensor") -> "Tensor":
    """The clamp changes nothing, the gate is 1 long before, and keeps the gradient from 0 times infinity."""
    return x * torch.tanh(torch.exp(x.clamp(max=20.0)))


@activation(
    Text("Serf", "Serf 函数"),
    formula="x*erf(softplus(x))",
    derivative="erf(s) + 2*x/sqrt(pi)*exp(-s**2)*sigmoid(x); s = softplus(x)",
    summary=Text("x gated by the error function of its softplus.", "用 Softplus 的误差函数作门控。"),
    strengths=(Text("Smooth; a sharper relative of mish.", "处处光滑，比 Mish 更陡。"),),
    weaknesses=(Text("Costs more than ReLU; not monotone.", "代价高于 ReLU；不单调。"),),
    reference="Nag & Bhattacharyya, SERF: Towards better training of deep neural networks using log-Softplus ERror activation Function, 2021, arXiv:2108.09598",
)
def serf(x: "Tensor") -> "Tensor":
    """x erf(softplus(x))."""
    return x * torch.erf(torch.nn.functional.softplus(x))


@activation(
    Text("Phish", "Phish 函数"),
    formula="x*tanh(g); g = x*Phi(x)",
    derivative="tanh(g) + x*(1 - tanh(g)**2)*(Phi(x) + x*phi(x)); g = x*Phi(x)",
    summary=Text("x gated by the tanh of its GELU; never negative.", "用 GELU 的 tanh 作门控，恒非负。"),
    weaknesses=(Text("Not monotone: a bump near x = -1.2.", "不单调：在 x = -1.2 附近有一个小峰。"),),
)
def phish(x: "Tensor") -> "Tensor":
    """GELU with erfc, which keeps its digits in the left tail."""
    return x * torch.tanh(x / 2 * torch.special.erfc(-x * math.sqrt(0.5)))


@activation(
    Text("Smish", "Smish 函数"),
    formula="x*tanh(s); s = log(1 + sigmoid(x))",
    derivative="tanh(s) + x*(1 - tanh(s)**2)*sigmoid(x)*(1 - sigmoid(x))/(1 + sigmoid(x)); s = log(1 + sigmoid(x))",
    summary=Text("A logish through one more tanh; its slope tends to 0.6.", "多经一次 tanh 的 Logish，斜率趋于 0.6。"),
    reference="Wang, Ren & Wang, Smish: A Novel Activation Function for Deep Learning Methods, Electronics 2022",
)
def smish(x: "Tensor") -> "Tensor":
    """x tanh(log(1 + sigmoid(x)))."""
    return x * torch.tanh(torch.log1p(torch.sigmoid(x)))


@activation(
    Text("Logish", "Logish 函数"),
    formula="x*log(1 + sigmoid(x))",
    derivative="log(1 + sigmoid(x)) + x*sigmoid(x)*(1 - sigmoid(x))/(1 + sigmoid(x))",
    summary=Text(
        "x gated by the logarithm of 1 plus its sigmoid; its slope tends to ln 2.",
        "用 1 加 Sigmoid 的对数作门控，斜率趋于 ln 2。",
    ),
)
def logish(x: "Tensor") -> "Tensor":
    """x log(1 + sigmoid(x))."""
    return x * torch.log1p(torch.sigmoid(x))


@activation(
    Text("GoLU", "Gompertz 线性单元"),
    formula="x*exp(-exp(-x))",
    derivative="exp(-exp(-x))*(1 + x*exp(-x))",
    summary=Text("x gated by the Gompertz function, an asymmetric sigmoid.", "用不对称的 Gompertz 函数作门控。"),
    reference="Das et al., Gompertz Linear Units: Leveraging Asymmetry for Enhanced Learning Dynamics, 2025, arXiv:2502.03654",
)
def golu(x: "Tensor") -> "Tensor":
    """The clamp changes nothing, the gate is 0 long before, and keeps the gradient from 0 times infinity."""
    return x * torch.exp(-torch.exp(-x.clamp(min=-20.0)))


@activation(
    Text("Flatten-T swish", "Flatten-T Swish 函数"),
    formula="max(0, x)*sigmoid(x) + t",
    derivative="where(x > 0, sigmoid(x)*(1 + x*(1 - sigmoid(x))), 0)",
    summary=Text(
        "A SiLU for x > 0 and flat elsewhere, moved by a constant.", "正半轴为 SiLU，负半轴为常数，并整体平移。"
    ),
    breaks="0",
    aliases=("fts",),
    reference="Chieng et al., Flatten-T Swish: a thresholded ReLU-Swish-like activation function for deep learning, 2018, arXiv:1812.06247",
)
def flatten_t_swish(x: "Tensor", t: Floor = -0.2) -> "Tensor":
    """At 0 the slope is 0, as in ReLU."""
    return torch.nn.functional.relu(x) * torch.sigmoid(x) + t
