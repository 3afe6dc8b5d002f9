"""Losses as curves over the prediction x, at a target."""

import math
from typing import TYPE_CHECKING, Annotated

from actplot.functions.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

loss = Family(
    "loss",
    Text("Losses over the prediction", "损失函数（随预测值变化）"),
    is_named_in_chinese=True,
    variable=Text("prediction x", "预测值 x"),
)

_LABEL = Text("the label", "标签（真实值）")
Target = Annotated[float, Param(_LABEL, span=(-2.0, 2.0))]
Probability = Annotated[float, Param(_LABEL, span=(0.0, 1.0), at_least=0.0, at_most=1.0)]
Side = Annotated[float, Param(_LABEL, span=(-1.0, 1.0), choices={"-1": -1.0, "1": 1.0})]
Delta = Annotated[
    float, Param(Text("where the parabola turns into lines", "由抛物线转为直线处"), (0.2, 3.0), above=0.0)
]
Base = Annotated[
    float, Param(Text("base of the logarithm", "对数的底"), (2.0, 10.0), choices={"e": math.e, "2": 2.0, "10": 10.0})
]


@loss(
    Text("MSE", "均方误差"),
    formula="(x - target)**2",
    derivative="2*(x - target)",
    summary=Text("The square of the error: large errors count most.", "误差的平方：大的误差影响最大。"),
    aliases=("mean_squared_error", "l2"),
    range=(-3.0, 3.0),
    names={"pytorch": "torch.nn.functional.mse_loss", "keras": "keras.losses.mean_squared_error"},
    strengths=(Text("Smooth, with a slope that shrinks towards the target.", "处处光滑，越接近目标梯度越小。"),),
    weaknesses=(Text("Outliers dominate: the slope grows without bound.", "受离群点支配：梯度没有上界。"),),
)
def mse(x: "Tensor", target: Target = 0.0) -> "Tensor":
    """The squared error of one prediction; the mean is over samples."""
    return torch.nn.functional.mse_loss(x, torch.full_like(x, target), reduction="none")


@loss(
    Text("MAE", "平均绝对误差"),
    formula="abs(x - target)",
    derivative="sign(x - target)",
    summary=Text("The size of the error: all errors pull alike.", "误差的绝对值：大小误差的梯度相同。"),
    breaks="target",
    aliases=("mean_absolute_error", "l1"),
    range=(-3.0, 3.0),
    names={"pytorch": "torch.nn.functional.l1_loss", "keras": "keras.losses.mean_absolute_error"},
    strengths=(Text("Outliers pull no more than other samples.", "离群点的影响不比其他样本大。"),),
    weaknesses=(
        Text("A kink at the target, where the slope does not shrink.", "在目标处有折点，接近目标时梯度不减小。"),
    ),
)
def mae(x: "Tensor", target: Target = 0.0) -> "Tensor":
    """The absolute error of one prediction; at the target PyTorch takes slope 0."""
    return torch.nn.functional.l1_loss(x, torch.full_like(x, target), reduction="none")


@loss(
    Text("Huber", "Huber 损失"),
    formula="where(abs(x - target) <= delta, (x - target)**2/2, delta*(abs(x - target) - delta/2))",
    derivative="min(max(x - target, -delta), delta)",
    d2y_at="where(abs(x - target) < delta, 1, 0)",
    dy_kinks="target - delta, target + delta",
    summary=Text("A parabola near the target, straight lines further out.", "目标附近为抛物线，远处为直线。"),
    range=(-4.0, 4.0),
    names={
        "pytorch": "torch.nn.functional.huber_loss",
        "keras": "keras.losses.huber",
        "numpy": "scipy.special.huber(1, x)",
    },
    strengths=(Text("Smooth at the target and calm about outliers.", "在目标处光滑，对离群点稳健。"),),
)
def huber(x: "Tensor", target: Target = 0.0, delta: Delta = 1.0) -> "Tensor":
    """The slope is continuous; the curvature falls from 1 to 0 at a distance of delta."""
    return torch.nn.functional.huber_loss(x, torch.full_like(x, target), reduction="none", delta=delta)


@loss(
    Text("Binary cross-entropy", "二元交叉熵"),
    formula="-(target*log(x) + (1 - target)*log(1 - x))/log(base)",
    derivative="(x - target)/(x*(1 - x)*log(base))",
    summary=Text(
        "The surprise at a label of 0 or 1, given the probability x.", "以概率 x 预测 0/1 标签时的信息量（自信息）。"
    ),
    breaks="where(target > 0, 0), where(target < 1, 1)",
    aliases=("binary_cross_entropy", "log_loss"),
    range=(0.0, 1.0),
    domain=(0.0, 1.0),
    names={"pytorch": "torch.nn.functional.binary_cross_entropy", "keras": "keras.losses.binary_crossentropy"},
    differs={
        "pytorch": Text(
            "logarithms are at least -100: 100 at the wrong end, with a slope of size 1e12",
            "对数不小于 -100：错误的一端值为 100，斜率大小为 1e12",
        ),
        "keras": Text("x is kept 1e-7 away from 0 and 1", "x 限制在距 0 和 1 至少 1e-7 处"),
    },
    strengths=(Text("Being sure and wrong costs without bound.", "自信而错误的预测代价没有上界。"),),
    weaknesses=(
        Text(
            "Infinite at the wrong end: needs a probability inside (0, 1).",
            "在错误的一端为无穷大，概率须在 (0, 1) 内。",
        ),
    ),
)
def bce(x: "Tensor", target: Probability = 1.0, base: Base = math.e) -> "Tensor":
    """In units of the base: nats for e, bits for 2."""
    # Without the term that is 0 its derivative at the other end is not 0 times infinity.
    likelihood = torch.zeros_like(x)
    if target > 0:
        likelihood = likelihood + target * torch.log(x)
    if target < 1:
        likelihood = likelihood + (1 - target) * torch.log1p(-x)
    return -likelihood / math.log(base)


@loss(
    Text("Categorical cross-entropy", "多分类交叉熵"),
    formula="-log(x)/log(base)",
    derivative="-1/(x*log(base))",
    summary=Text(
        "The surprise at the true class, given its probability x.", "真实类别的概率为 x 时的信息量（自信息）。"
    ),
    breaks="0",
    aliases=("categorical_crossentropy", "nll"),
    range=(0.0, 1.0),
    domain=(0.0, 1.0),
    names={"pytorch": "torch.nn.functional.cross_entropy", "keras": "keras.losses.categorical_crossentropy"},
    differs={
        "pytorch": Text("takes scores and does the softmax too", "以得分为输入，softmax 也由它完成"),
        "keras": Text("x is kept 1e-7 away from 0 and 1", "x 限制在距 0 和 1 至少 1e-7 处"),
    },
    strengths=(
        Text("Only the probability of the true class counts.", "只取决于真实类别的概率。"),
        Text(
            "With softmax its slope by the scores is p - y: never flat where it is wrong.",
            "与 softmax 合用时对得分的梯度为 p - y，预测错误时不会变平。",
        ),
    ),
    weaknesses=(Text("Infinite at probability 0.", "概率为 0 时为无穷大。"),),
)
def categorical_cross_entropy(x: "Tensor", base: Base = math.e) -> "Tensor":
    """PyTorch's takes scores and does the softmax too; this is the part after it."""
    return -torch.log(x) / math.log(base)


@loss(
    Text("Hinge", "合页损失"),
    formula="max(0, 1 - target*x)",
    derivative="where(target*x < 1, -target, 0)",
    summary=Text("Asks for a score beyond a margin of 1 on the right side.", "要求得分在正确一侧且间隔超过 1。"),
    breaks="1/target",
    range=(-3.0, 3.0),
    names={"keras": "keras.losses.hinge"},
    strengths=(
        Text("Samples beyond the margin cost nothing: few count.", "间隔之外的样本没有损失，只有少数样本起作用。"),
    ),
    weaknesses=(Text("Its scores are no probabilities.", "得分不是概率。"),),
)
def hinge(x: "Tensor", target: Side = 1.0) -> "Tensor":
    """For labels of -1 and 1; at the margin the slope is 0."""
    return torch.relu(1 - target * x)
