"""S-shaped curves, most of them between two bounds."""

import math
from typing import TYPE_CHECKING, Annotated

from actplot.functions.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

activation = Family("sigmoid", Text("Sigmoids", "S 形函数"))

Slope = Annotated[float, Param(Text("slope of the middle part", "中段的斜率"), span=(0.1, 1.0), above=0.0)]
Offset = Annotated[float, Param(Text("value at x = 0", "x = 0 处的值"), span=(0.0, 1.0))]
Amplitude = Annotated[float, Param(Text("distance of the bounds from 0", "上下界到 0 的距离"), span=(0.5, 3.0))]
Stretch = Annotated[float, Param(Text("factor before x", "x 前的系数"), span=(0.1, 2.0))]
Gain = Annotated[float, Param(Text("factor after tanh", "tanh 之后的系数"), span=(0.5, 2.0))]
Shift = Annotated[float, Param(Text("added at the end", "最后加上的常数"), span=(-1.0, 1.0))]
Alpha = Annotated[
    float, Param(Text("the larger, the closer the bounds", "越大，上下界越近"), span=(0.1, 5.0), above=0.0)
]
Corner = Annotated[float, Param(Text("how sharp both corners are", "两处转折的陡峭程度"), span=(1.0, 50.0), above=0.0)]
Mean = Annotated[float, Param(Text("where the curve crosses 1/2", "曲线取 1/2 的位置"), span=(-1.0, 1.0))]
Deviation = Annotated[float, Param(Text("width of the rise", "上升段的宽度"), span=(0.1, 2.0), above=0.0)]


def _absolute(x: "Tensor") -> "Tensor":
    """``torch.abs`` and its derivatives, to the bit.

    The second derivative of ``torch.abs`` imports ``torch._dynamo``, which takes 1.2 s.
    """
    return x * x.detach().sign() + 0.0  # which turns -0 into 0


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
        "numpy": "scipy.special.expit",
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
    breaks="-offset/slope, (1 - offset)/slope",
    names={
        "pytorch": "torch.nn.functional.hardsigmoid",
        "keras": "keras.activations.hard_sigmoid",
        "jax": "jax.nn.hard_sigmoid",
        "onnx": "HardSigmoid(alpha=1/6)",
    },
    differs={
        "keras": Text("slope 0.2 in Keras 2", "Keras 2 中斜率为 0.2"),
        "onnx": Text("slope 0.2 by default", "默认斜率为 0.2"),
    },
    # torch.nn.functional.hardsigmoid has no second derivative: this one is declared.
    second=lambda x, slope, offset: x * 0,
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
        "numpy": "numpy.tanh",
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
    dy_kinks="0",
    summary=Text(
        "An S curve that approaches its bounds slowly, without exponentials.", "不用指数、缓慢趋于上下界的 S 形曲线。"
    ),
    aliases=("elliotsig",),
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
    """The slope is continuous at 0; the curvature jumps from 2 to -2. To the bit ``torch.nn.functional.softsign``."""
    return x / (_absolute(x) + 1)


@activation(
    Text("Sparse sigmoid", "稀疏 Sigmoid 函数"),
    formula="min(max((x + 1)/2, 0), 1)",
    derivative="where(abs(x) <= 1, 1/2, 0)",
    summary=Text(
        "A straight ramp from 0 to 1; the derivative of sparse plus.", "从 0 到 1 的直线斜坡，稀疏 Plus 的导数。"
    ),
    breaks="-1, 1",
    range=(-3.0, 3.0),
    names={
        "keras": "keras.activations.sparse_sigmoid",
        "jax": "jax.nn.sparse_sigmoid",
        "onnx": "HardSigmoid(alpha=0.5, beta=0.5)",
    },
    differs={"jax": Text("slope 0.25 at both ends", "两端导数取 0.25")},
    reference="Blondel, Martins & Niculae, Learning with Fenchel-Young Losses, JMLR 2020",
)
def sparse_sigmoid(x: "Tensor") -> "Tensor":
    """At both ends ``torch.clamp`` takes the slope of the ramp, 1/2."""
    return (torch.clamp(x, -1.0, 1.0) + 1) / 2


@activation(
    Text("LeCun's tanh", "LeCun 缩放双曲正切"),
    formula="a*tanh(b*x)",
    derivative="a*b*(1 - tanh(b*x)**2)",
    summary=Text(
        "A tanh scaled so that -1 and 1 map nearly to themselves.", "经缩放的 tanh，使 -1 与 1 几乎映到自身。"
    ),
    aliases=("scaled_tanh",),
    range=(-6.0, 6.0),
    strengths=(
        Text(
            "Targets of -1 and 1 lie where the curvature is largest, not in the flat ends.",
            "目标值 ±1 处曲率最大，而非平坦的两端。",
        ),
    ),
    weaknesses=(Text("Still saturates on both sides.", "两侧仍会饱和。"),),
    reference="LeCun et al., Efficient BackProp, 1998",
)
def lecun_tanh(x: "Tensor", a: Amplitude = 1.7159, b: Stretch = 2 / 3) -> "Tensor":
    """a tanh(b x)."""
    return a * torch.tanh(b * x)


@activation(
    Text("Arctan", "反正切函数"),
    formula="arctan(x)",
    derivative="1/(1 + x**2)",
    summary=Text("Squeezes any input into (-pi/2, pi/2), slowly.", "把任意输入缓慢压缩到 (-pi/2, pi/2)。"),
    aliases=("atan",),
    range=(-10.0, 10.0),
    names={
        "pytorch": "torch.atan",
        "tensorflow": "tf.atan",
        "keras": "keras.ops.arctan",
        "jax": "jax.numpy.arctan",
        "numpy": "numpy.arctan",
        "onnx": "Atan",
    },
    strengths=(
        Text("Saturates more slowly than tanh: gradients fall like 1/x**2.", "比 tanh 饱和得慢：梯度按 1/x**2 衰减。"),
        Text("Smooth and centred on 0.", "处处光滑，以 0 为中心。"),
    ),
    weaknesses=(Text("Saturates all the same.", "最终仍会饱和。"),),
)
def arctan(x: "Tensor") -> "Tensor":
    """The angle whose tangent is x."""
    return torch.atan(x)


@activation(
    Text("Asinh", "反双曲正弦函数"),
    formula="log(x + sqrt(x**2 + 1))",
    derivative="1/sqrt(x**2 + 1)",
    summary=Text("Linear near 0 and logarithmic far away, without bounds.", "0 附近为直线，远处为对数，没有上下界。"),
    aliases=("arcsinh",),
    range=(-10.0, 10.0),
    names={
        "pytorch": "torch.asinh",
        "tensorflow": "tf.asinh",
        "keras": "keras.ops.arcsinh",
        "jax": "jax.numpy.arcsinh",
        "numpy": "numpy.arcsinh",
        "onnx": "Asinh",
    },
    strengths=(Text("Tames large inputs without cutting them off.", "压缩大输入而不截断。"),),
)
def asinh(x: "Tensor") -> "Tensor":
    """The inverse of sinh."""
    return torch.asinh(x)


@activation(
    Text("Erf", "误差函数"),
    formula="erf(x)",
    derivative="2/sqrt(pi)*exp(-x**2)",
    summary=Text("The integral of a bell curve, between -1 and 1.", "钟形曲线的积分，介于 -1 与 1 之间。"),
    names={
        "pytorch": "torch.erf",
        "tensorflow": "tf.math.erf",
        "keras": "keras.ops.erf",
        "jax": "jax.scipy.special.erf",
        "numpy": "scipy.special.erf",
        "onnx": "Erf",
    },
    weaknesses=(Text("Saturates faster than tanh.", "比 tanh 饱和得更快。"),),
)
def erf(x: "Tensor") -> "Tensor":
    """The error function."""
    return torch.erf(x)


@activation(
    Text("ISRU", "逆平方根单元"),
    formula="x/sqrt(1 + alpha*x**2)",
    derivative="1/sqrt(1 + alpha*x**2)**3",
    summary=Text(
        "An S curve from an inverse square root, with bounds 1/sqrt(alpha).",
        "由平方根的倒数得到的 S 形曲线，界为 1/sqrt(alpha)。",
    ),
    range=(-10.0, 10.0),
    strengths=(Text("No exponential: cheap to compute.", "不用指数，计算开销小。"),),
    weaknesses=(Text("Saturates on both sides.", "两侧饱和。"),),
    reference="Carlile et al., Improving Deep Learning by Inverse Square Root Linear Units (ISRLUs), 2017, arXiv:1710.09967",
)
def isru(x: "Tensor", alpha: Alpha = 1.0) -> "Tensor":
    """x / sqrt(1 + alpha x**2)."""
    return x * torch.rsqrt(1 + alpha * x * x)


@activation(
    Text("Complementary log-log", "互补双对数函数"),
    formula="1 - exp(-exp(x))",
    derivative="exp(x - exp(x))",
    summary=Text(
        "An asymmetric sigmoid: slow to leave 0, quick to reach 1.", "不对称的 Sigmoid：离开 0 缓慢，到达 1 迅速。"
    ),
)
def cloglog(x: "Tensor") -> "Tensor":
    """The clamp changes nothing, 1 is reached long before, and keeps the gradient from 0 times infinity."""
    return -torch.expm1(-torch.exp(x.clamp(max=20.0)))


@activation(
    Text("SQNL", "平方非线性函数"),
    formula="where(abs(x) > 2, sign(x), x - x*abs(x)/4)",
    derivative="max(0, 1 - abs(x)/2)",
    dy_kinks="-2, 0, 2",
    summary=Text(
        "An S curve of two parabolas; its derivative is a triangle.", "由两段抛物线组成的 S 形曲线，导数为三角形。"
    ),
    strengths=(Text("No exponential: made for small hardware.", "不用指数，适合小型硬件。"),),
    weaknesses=(Text("No gradient for |x| > 2.", "|x| > 2 时没有梯度。"),),
    reference="Wuraola & Patel, SQNL: A New Computationally Efficient Activation Function, IJCNN 2018",
)
def sqnl(x: "Tensor") -> "Tensor":
    """The slope is continuous; the curvature jumps at -2, 0 and 2."""
    inside = x.clamp(-2.0, 2.0)
    return inside - inside * _absolute(inside) / 4


@activation(
    Text("Soft clipping", "软截断函数"),
    formula="1/a*log((1 + exp(a*x))/(1 + exp(a*(x - 1))))",
    derivative="sigmoid(a*x) - sigmoid(a*(x - 1))",
    summary=Text("The ramp from 0 to 1 with rounded corners.", "拐角圆滑的、从 0 到 1 的斜坡。"),
    strengths=(Text("Nearly linear inside (0, 1), smooth everywhere.", "在 (0, 1) 内近似线性，处处光滑。"),),
    weaknesses=(Text("Saturates on both sides.", "两侧饱和。"),),
    reference="Klimek & Perelstein, Neural Network-Based Approach to Phase Space Integration, 2018, arXiv:1810.11509",
)
def soft_clipping(x: "Tensor", a: Corner = 1.0) -> "Tensor":
    """The right half is the left one turned about (1/2, 1/2), where the two terms would cancel."""
    left = x < 0.5
    near = torch.where(left, x, 1 - x)
    logsigmoid = torch.nn.functional.logsigmoid
    rise = (logsigmoid(a * (1 - near)) - logsigmoid(-a * near)) / a
    return torch.where(left, rise, 1 - rise)


@activation(
    Text("DyT", "动态双曲正切"),
    formula="gamma*tanh(alpha*x) + beta",
    derivative="gamma*alpha*(1 - tanh(alpha*x)**2)",
    summary=Text(
        "A tanh with learned scales and shift, put in the place of a normalisation layer.",
        "缩放与平移可训练的 tanh，用来代替归一化层。",
    ),
    aliases=("dynamic_tanh",),
    range=(-10.0, 10.0),
    strengths=(Text("Needs no statistics over a batch or a token.", "无需统计批次或词元的均值与方差。"),),
    weaknesses=(Text("Clips outliers wherever alpha is too large.", "alpha 过大时会截断离群值。"),),
    reference="Zhu et al., Transformers without Normalization, 2025, arXiv:2503.10622",
)
def dyt(x: "Tensor", alpha: Stretch = 0.5, gamma: Gain = 1.0, beta: Shift = 0.0) -> "Tensor":
    """alpha starts at 0.5 in the paper; gamma and beta are one number per channel there."""
    return gamma * torch.tanh(alpha * x) + beta


@activation(
    Text("Laplace", "Laplace 函数"),
    formula="Phi(z); z = (x - mu)/sigma",
    derivative="phi(z)/sigma; z = (x - mu)/sigma",
    summary=Text(
        "A normal distribution function, fitted to the squared ReLU where it replaces softmax in attention.",
        "正态分布函数，在注意力中代替 softmax，参数按平方 ReLU 拟合。",
    ),
    range=(-3.0, 3.0),
    reference="Ma et al., Mega: Moving Average Equipped Gated Attention, 2022, arXiv:2209.10655",
)
def laplace(x: "Tensor", mu: Mean = 0.707107, sigma: Deviation = 0.282095) -> "Tensor":
    """With erfc, which keeps its digits in the left tail."""
    tail: Tensor = torch.special.erfc((mu - x) / (sigma * math.sqrt(2)))
    return tail / 2
