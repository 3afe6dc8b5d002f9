"""The rectifier and its relatives: straight lines with kinks."""

from typing import TYPE_CHECKING, Annotated

from actplot.functions.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

activation = Family("relu", Text("ReLU family", "ReLU 族"))

_SLOPE = Text("slope for x < 0", "x < 0 一侧的斜率")
Slope = Annotated[float, Param(_SLOPE, span=(0.0, 1.0), also=("negative_slope",))]
Weight = Annotated[float, Param(_SLOPE, span=(0.0, 1.0))]
Lower = Annotated[float, Param(Text("lower end of the random slope", "随机斜率的下界"), span=(0.0, 0.25))]
Upper = Annotated[float, Param(Text("upper end of the random slope", "随机斜率的上界"), span=(0.25, 1.0))]
MinVal = Annotated[float, Param(Text("lowest output", "输出下界"), span=(-3.0, 0.0))]
Cap = Annotated[float, Param(Text("highest output", "输出上界"), span=(1.0, 30.0), above=0.0)]
Scale = Annotated[float, Param(Text("factor of the parabola", "抛物线的系数"), span=(0.1, 2.0))]
Bias = Annotated[float, Param(Text("value where x <= 0", "x <= 0 处的值"), span=(-1.0, 1.0))]
MaxVal = Annotated[float, Param(Text("highest output", "输出上界"), span=(0.5, 3.0))]


@activation(
    Text("ReLU", "修正线性单元"),
    formula="max(0, x)",
    derivative="where(x > 0, 1, 0)",
    summary=Text("Passes positive inputs on and silences negative ones.", "正数原样输出，负数置零。"),
    breaks="0",
    names={
        "pytorch": "torch.nn.functional.relu",
        "tensorflow": "tf.nn.relu",
        "keras": "keras.activations.relu",
        "jax": "jax.nn.relu",
        "numpy": "numpy.maximum(x, 0)",
        "onnx": "Relu",
    },
    strengths=(
        Text("One comparison: the cheapest non-linearity there is.", "只需一次比较，计算代价极低。"),
        Text(
            "The gradient is 1 for every x > 0 and does not shrink through layers.",
            "x > 0 时梯度恒为 1，不会逐层衰减。",
        ),
        Text("Many outputs are exactly 0: activations are sparse.", "许多输出恰为 0，激活是稀疏的。"),
    ),
    weaknesses=(
        Text(
            "Where x <= 0 no gradient flows: a unit can die and never come back.",
            "x <= 0 时没有梯度，神经元可能“死亡”且不再恢复。",
        ),
        Text("Outputs are never negative, so they are not centred on 0.", "输出恒非负，均值不为 0。"),
    ),
    reference="Nair & Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010",
)
def relu(x: "Tensor") -> "Tensor":
    """At 0 PyTorch takes slope 0."""
    return torch.nn.functional.relu(x)


@activation(
    Text("ReLU6", "上限为 6 的修正线性单元"),
    formula="min(max(0, x), 6)",
    derivative="where(x <= 0, 0, where(x < 6, 1, 0))",
    summary=Text(
        "A ReLU that stops at 6, which keeps low-precision arithmetic in range.", "上限为 6 的 ReLU，便于低精度运算。"
    ),
    breaks="0, 6",
    range=(-3.0, 9.0),
    names={
        "pytorch": "torch.nn.functional.relu6",
        "tensorflow": "tf.nn.relu6",
        "keras": "keras.activations.relu6",
        "jax": "jax.nn.relu6",
        "numpy": "numpy.clip(x, 0, 6)",
        "onnx": "Clip(min=0, max=6)",
    },
)
def relu6(x: "Tensor") -> "Tensor":
    """At 0 and at 6 PyTorch takes slope 0."""
    return torch.nn.functional.relu6(x)


@activation(
    Text("Leaky ReLU", "带泄漏修正线性单元"),
    formula="max(0, x) + slope*min(0, x)",
    derivative="where(x > 0, 1, slope)",
    summary=Text("A ReLU that keeps a small slope for negative inputs.", "在负半轴保留一个小斜率的 ReLU。"),
    breaks="where(slope != 1, 0)",
    aliases=("lrelu",),
    names={
        "pytorch": "torch.nn.functional.leaky_relu",
        "tensorflow": "tf.nn.leaky_relu",
        "keras": "keras.activations.leaky_relu",
        "jax": "jax.nn.leaky_relu",
        "onnx": "LeakyRelu",
    },
    differs={
        "tensorflow": Text("slope 0.2", "斜率为 0.2"),
        "keras": Text("slope 0.2; 0.3 in layers.LeakyReLU", "斜率为 0.2；layers.LeakyReLU 中为 0.3"),
        "jax": Text("slope 1 at x = 0", "x = 0 处导数取 1"),
    },
    strengths=(
        Text("Negative inputs keep a gradient: no unit dies.", "负输入仍有梯度，神经元不会“死亡”。"),
        Text("As cheap as ReLU.", "计算与 ReLU 一样简单。"),
        Text("Negative outputs bring the mean closer to 0.", "有负输出，均值更接近 0。"),
    ),
    weaknesses=(
        Text(
            "The slope is one more hyperparameter, 0.01 by custom; a bad choice costs accuracy.",
            "多一个超参数：斜率通常取 0.01，选得不好会影响效果。",
        ),
        Text("Large negative inputs are not damped.", "对很大的负输入没有抑制作用。"),
    ),
    reference="Maas, Hannun & Ng, Rectifier Nonlinearities Improve Neural Network Acoustic Models, ICML 2013",
)
def leaky_relu(x: "Tensor", slope: Slope = 0.01) -> "Tensor":
    """At 0 PyTorch returns the slope; its name there is ``negative_slope``."""
    return torch.nn.functional.leaky_relu(x, slope)


@activation(
    Text("PReLU", "参数化修正线性单元"),
    formula="max(0, x) + weight*min(0, x)",
    derivative="where(x > 0, 1, weight)",
    summary=Text("A leaky ReLU whose negative slope is learned.", "负半轴斜率由训练得到的 Leaky ReLU。"),
    breaks="where(weight != 1, 0)",
    names={
        "pytorch": "torch.nn.functional.prelu",
        "keras": "keras.layers.PReLU",
        "onnx": "PRelu",
    },
    differs={
        "keras": Text("starts at 0", "初始值为 0"),
        "onnx": Text("the slope is an input", "斜率作为输入张量传入"),
    },
    reference="He et al., Delving Deep into Rectifiers, 2015, arXiv:1502.01852",
)
def prelu(x: "Tensor", weight: Weight = 0.25) -> "Tensor":
    """At 0 PyTorch returns the weight; 0.25 is where it starts to learn."""
    return torch.nn.functional.prelu(x, torch.tensor(weight, dtype=x.dtype, device=x.device))


@activation(
    Text("RReLU", "随机修正线性单元"),
    formula="max(0, x) + s*min(0, x); s = (lower + upper)/2",
    derivative="where(x > 0, 1, (lower + upper)/2)",
    summary=Text(
        "A leaky ReLU that draws its slope at random while training; shown as it evaluates, with the mean slope.",
        "训练时随机取斜率的 Leaky ReLU；此处画的是取平均斜率的推断形式。",
    ),
    breaks="where((lower + upper)/2 != 1, 0)",
    requires="lower <= upper",
    names={"pytorch": "torch.nn.functional.rrelu"},
    reference="Xu et al., Empirical Evaluation of Rectified Activations in Convolutional Network, 2015, arXiv:1505.00853",
)
def rrelu(x: "Tensor", lower: Lower = 1 / 8, upper: Upper = 1 / 3) -> "Tensor":
    """At 0 PyTorch returns the mean slope. ``training=False``: the training form is a different curve every time."""
    return torch.nn.functional.rrelu(x, lower, upper, training=False)


@activation(
    Text("Hardtanh", "硬双曲正切"),
    formula="min(max(x, min_val), max_val)",
    derivative="where(x <= min_val, 0, where(x < max_val, 1, 0))",
    summary=Text("A straight line, cut off below and above.", "上下截断的直线。"),
    breaks="min_val, max_val",
    requires="min_val < max_val",
    aliases=("hard_tanh",),
    range=(-3.0, 3.0),
    names={
        "pytorch": "torch.nn.functional.hardtanh",
        "keras": "keras.activations.hard_tanh",
        "jax": "jax.nn.hard_tanh",
        "onnx": "Clip(min=-1, max=1)",
    },
    differs={"jax": Text("slope 1 at both ends", "两端导数取 1")},
)
def hardtanh(x: "Tensor", min_val: MinVal = -1.0, max_val: MaxVal = 1.0) -> "Tensor":
    """At both ends PyTorch takes slope 0."""
    return torch.nn.functional.hardtanh(x, min_val, max_val)


@activation(
    Text("Clipped ReLU", "截断修正线性单元"),
    formula="min(max(0, x), cap)",
    derivative="where(x <= 0, 0, where(x < cap, 1, 0))",
    summary=Text("A ReLU with a ceiling.", "带上限的 ReLU。"),
    breaks="0, cap",
    range=(-5.0, 25.0),
    names={
        "pytorch": "torch.nn.functional.hardtanh(min_val=0, max_val=20)",
        "keras": "keras.activations.relu(max_value=20)",
        "onnx": "Clip(min=0, max=20)",
    },
    strengths=(Text("The ceiling keeps recurrent networks from exploding.", "上限可防止循环神经网络的输出爆炸。"),),
    weaknesses=(Text("No gradient flows outside 0 < x < cap.", "在 0 < x < cap 之外没有梯度。"),),
    reference="Hannun et al., Deep Speech: Scaling up end-to-end speech recognition, 2014, arXiv:1412.5567",
)
def clipped_relu(x: "Tensor", cap: Cap = 20.0) -> "Tensor":
    """At both ends the slope is 0, as in ReLU6."""
    return torch.nn.functional.hardtanh(x, 0.0, cap)


@activation(
    Text("Squared ReLU", "平方修正线性单元"),
    formula="max(0, x)**2",
    derivative="2*max(0, x)",
    d2y_at="0",
    dy_kinks="0",
    summary=Text("The square of a ReLU.", "ReLU 的平方。"),
    aliases=("relu2",),
    strengths=(
        Text("Smoother than ReLU: the slope is continuous at 0.", "比 ReLU 更光滑：斜率在 0 处连续。"),
        Text(
            "Sparse like ReLU, and found better by a search over Transformer language models.",
            "与 ReLU 一样稀疏，在 Transformer 语言模型的结构搜索中胜出。",
        ),
    ),
    weaknesses=(
        Text("Outputs and gradients grow with x without a bound.", "输出与梯度随 x 无限增大。"),
        Text("Where x <= 0 no gradient flows.", "x <= 0 时没有梯度。"),
    ),
    reference="So et al., Primer: Searching for Efficient Transformers for Language Modeling, 2021, arXiv:2109.08668",
)
def squared_relu(x: "Tensor") -> "Tensor":
    """The slope is continuous; the curvature jumps from 0 to 2."""
    return torch.nn.functional.relu(x).square()


@activation(
    Text("StarReLU", "StarReLU 函数"),
    formula="s*max(0, x)**2 + b",
    derivative="2*s*max(0, x)",
    d2y_at="0",
    dy_kinks="where(s != 0, 0)",
    summary=Text(
        "A squared ReLU, scaled and shifted to mean 0 and variance 1 for normal inputs.",
        "经缩放和平移的平方 ReLU，对标准正态输入均值为 0、方差为 1。",
    ),
    reference="Yu et al., MetaFormer Baselines for Vision, 2022, arXiv:2210.13452",
)
def star_relu(x: "Tensor", s: Scale = 0.8944, b: Bias = -0.4472) -> "Tensor":
    """s and b are learned; these are where they start."""
    return s * torch.nn.functional.relu(x).square() + b
