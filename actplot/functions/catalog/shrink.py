"""Shrinkage: small inputs become 0."""

from typing import TYPE_CHECKING, Annotated

from actplot.functions.registry import Family, Param
from actplot.text import Text

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

activation = Family("shrink", Text("Shrinkage", "收缩函数"))

Lambd = Annotated[
    float, Param(Text("inputs up to this size become 0", "绝对值不超过它的输入变为 0"), span=(0.0, 2.0), at_least=0.0)
]


@activation(
    Text("Hardshrink", "硬收缩函数"),
    formula="where(abs(x) > lambd, x, 0)",
    derivative="where(abs(x) > lambd, 1, 0)",
    summary=Text("Sets small inputs to 0 and leaves the others as they are.", "把小的输入置零，其余保持不变。"),
    breaks="-lambd, lambd",
    range=(-2.0, 2.0),
    names={
        "pytorch": "torch.nn.functional.hardshrink",
        "keras": "keras.activations.hard_shrink",
        "onnx": "Shrink(lambd=0.5, bias=0)",
    },
)
def hardshrink(x: "Tensor", lambd: Lambd = 0.5) -> "Tensor":
    """At the two jumps PyTorch returns 0 with slope 0. For lambd = 0 the slope is 0 at x = 0 alone."""
    return torch.nn.functional.hardshrink(x, lambd)


@activation(
    Text("Softshrink", "软收缩函数"),
    formula="sign(x)*max(abs(x) - lambd, 0)",
    derivative="where(abs(x) > lambd, 1, 0)",
    summary=Text("Moves every input towards 0 by a fixed amount.", "把每个输入向 0 移动固定的距离。"),
    breaks="-lambd, lambd",
    range=(-2.0, 2.0),
    names={
        "pytorch": "torch.nn.functional.softshrink",
        "keras": "keras.activations.soft_shrink",
        "onnx": "Shrink(lambd=0.5, bias=0.5)",
    },
)
def softshrink(x: "Tensor", lambd: Lambd = 0.5) -> "Tensor":
    """At the two kinks PyTorch takes slope 0. For lambd = 0 the slope is 0 at x = 0 alone."""
    return torch.nn.functional.softshrink(x, lambd)


@activation(
    Text("Tanhshrink", "双曲正切收缩函数"),
    formula="x - tanh(x)",
    derivative="tanh(x)**2",
    summary=Text(
        "Small inputs nearly vanish; large ones are moved towards 0 by 1.", "小输入几乎为 0，大输入向 0 移动 1。"
    ),
    names={"pytorch": "torch.nn.functional.tanhshrink", "keras": "keras.activations.tanh_shrink"},
)
def tanhshrink(x: "Tensor") -> "Tensor":
    """x - tanh(x), as PyTorch has it: digits cancel near 0."""
    return torch.nn.functional.tanhshrink(x)
