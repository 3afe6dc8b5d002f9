"""Functions that are hard on a finder of breaks, each with its true breaks over a range, worked out by hand.

A break is where the function or the derivative that autograd has for it is not continuous. Single points off the curve
lie on whole numbers: nowhere else could anything find them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody gives it

INF, NAN, PI, E = math.inf, math.nan, math.pi, math.e
HALF_ROOT = math.sqrt(0.5)
WIDE = (-5.0, 5.0)


@dataclass(frozen=True)
class Truth:
    """A true break. Limits are infinite at a pole, NaN where that side has no values, None where they are not checked."""

    x: float
    y_left: float | None
    y_right: float | None
    dy_left: float | None
    dy_right: float | None
    y_is_discontinuous: bool
    dy_is_discontinuous: bool
    pole: bool = False


@dataclass(frozen=True)
class Case:
    """A function with its breaks over a range.

    ``scale`` is the size of its values and slopes; ``slack`` widens the tolerance of x, where the function itself
    rounds x.
    """

    name: str
    function: str | Callable[[Tensor], Tensor]
    breaks: tuple[Truth, ...]
    range: tuple[float, float]
    scale: float
    slack: float


CASES: list[Case] = []


def case(
    name: str,
    function: Any,
    *breaks: Truth,
    range: tuple[float, float] = WIDE,
    scale: float = 1.0,
    slack: float = 0.0,
) -> None:
    CASES.append(Case(name, function, breaks, range, scale, slack))


def kink(x: float, y: float, left: float, right: float) -> Truth:
    """The derivative jumps, or is infinite."""
    return Truth(x, y, y, left, right, y_is_discontinuous=False, dy_is_discontinuous=True)


def jump(x: float, left: float, right: float, before: float = 0.0, after: float = 0.0) -> Truth:
    """The function jumps from ``left`` to ``right``, its slope from ``before`` to ``after``."""
    return Truth(x, left, right, before, after, y_is_discontinuous=True, dy_is_discontinuous=before != after)


def hole(x: float, y: float | None, dy: float | None) -> Truth:
    """A single point off the curve, or without a value; what autograd has for it is off the slope, too."""
    return Truth(x, y, y, dy, dy, y_is_discontinuous=True, dy_is_discontinuous=True)


def pole(x: float, left: float, right: float, before: float | None, after: float | None) -> Truth:
    """A limit is infinite, or one side has no values."""
    return Truth(x, left, right, before, after, y_is_discontinuous=True, dy_is_discontinuous=True, pole=True)


class Straight(torch.autograd.Function):
    """The sign of x + 1 with the gradient of the identity."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return torch.sign(x + 1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        return gradient


class StraightStep(torch.autograd.Function):
    """The Heaviside step with the gradient of the identity; ``place`` is where it jumps."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, place: float) -> Tensor:
        return (x > place).to(x.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        return gradient, None


class StraightRound(torch.autograd.Function):
    """Rounding with the gradient of the identity."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return torch.round(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        return gradient


class StraightClamp(torch.autograd.Function):
    """The sign with the gradient of hardtanh."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return torch.sign(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # type: ignore[override]
        (x,) = ctx.saved_tensors
        return gradient * (x.abs() <= 1)


class Network(nn.Module):
    """relu(x + 1/2) - relu(2x - 1) + 2 relu(1/4 - x), as layers."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = nn.Linear(1, 3), nn.Linear(3, 1)
        with torch.no_grad():
            self.hidden.weight.copy_(torch.tensor([[1.0], [2.0], [-1.0]]))
            self.hidden.bias.copy_(torch.tensor([0.5, -1.0, 0.25]))
            self.out.weight.copy_(torch.tensor([[1.0, -1.0, 2.0]]))
            self.out.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.relu(self.hidden(x.unsqueeze(-1)))).squeeze(-1)


def masked(x: Tensor) -> Tensor:
    y = x.clone()
    y[x < 0] = 0
    return y


def masked_twice(x: Tensor) -> Tensor:
    y = 0.5 * x
    y[x > 1.5] = -1.0
    y[x < -2] *= 3
    return y


def in_place(x: Tensor) -> Tensor:
    return x.mul_(2).clamp_(-1, 3)


def nested(x: Tensor) -> Tensor:
    return torch.where(x < -1, -1.0, torch.where(x < 0, x, torch.where(x < 2, x * x, 4.0)))


def pieces(x: Tensor) -> Tensor:
    """Pieces summed by their indicators."""
    return (x < -1) * (x + 2) + ((x >= -1) & (x < 1)) * x**2 + (x >= 1) * (3 - x)


def loop(x: Tensor) -> Tensor:
    y = torch.zeros_like(x)
    for place in (-2.0, -0.7, 0.1, 1.9):
        y = y + torch.relu(x - place)
    return y


# A finite limit beside an infinite one.
case("pole beside a constant", "where(x < 0, 1, 1/x)", pole(0, 1, INF, 0, -INF))
case("root beside a line", "where(x < 0, x, sqrt(x))", kink(0, 0, 1, INF))
case("pole beside a line", "where(x <= 1, x, 1/(x - 1))", pole(1, 1, INF, 1, -INF))
case("logarithm beside an exponential", "where(x < 0, exp(x), log(x))", pole(0, 1, -INF, 1, INF))
case("pole on the left of a line", "where(x < 0, -1/x, x)", pole(0, INF, 0, INF, 1))
case("second order beside a constant", "where(x < 2, 0, 1/(x - 2)**2)", pole(2, 0, INF, 0, -INF))
case("x log x beside a constant", "where(x <= 0, 0, x*log(x))", kink(0, 0, 0, -INF))
case("root beside a jump", "where(x < 0, -1, sqrt(x))", jump(0, -1, 0, 0, INF))
case("root at a decimal beside a line", "where(x < 0.3, 0.3 - x, sqrt(x - 0.3))", kink(0.3, 0, -1, INF))
case("essential singularity", "exp(1/x)", pole(0, 0, INF, 0, -INF))

# Far breaks.
case("kink at 100", lambda x: torch.relu(x - 100), kink(100, 0, 0, 1), range=(-200, 200))
case("kink at -100", lambda x: torch.relu(-x - 100), kink(-100, 0, -1, 0), range=(-200, 200))
case("kink at 88", lambda x: (x - 88).abs(), kink(88, 0, -1, 1), range=(-150, 150))
case("kink at -88", lambda x: torch.tanh(x) + (x + 88).abs(), kink(-88, -1, -1, 1), range=(-150, 150))
case("jump at 70", lambda x: torch.where(x > 70, x + 1, x), jump(70, 70, 71, 1, 1), range=(-100, 100))
case("jump at -70", lambda x: torch.where(x > -70, x, x + 1), jump(-70, -69, -70, 1, 1), range=(-100, 100))
case("kink at 1e4", lambda x: (x - 1e4).abs(), kink(1e4, 0, -1, 1), range=(-2e4, 2e4))
case("kink at -1e4", lambda x: torch.relu(x + 1e4), kink(-1e4, 0, 0, 1), range=(-2e4, 2e4))
case("kink at 1e6", lambda x: (x - 1e6).abs(), kink(1e6, 0, -1, 1), range=(-2e6, 2e6))
case("kink at -1e6", lambda x: F.leaky_relu(x + 1e6, 0.1), kink(-1e6, 0, 0.1, 1), range=(-2e6, 2e6))
case("jump at 1e6", lambda x: torch.where(x > 1e6, x - 1e3, x), jump(1e6, 1e6, 999e3, 1, 1), range=(-2e6, 2e6))
case(
    "near and far",
    lambda x: torch.tanh(x).abs() + torch.relu(x - 1e3) + torch.relu(-x - 1e3),
    kink(-1e3, 1, -1, 0),
    kink(0, 0, -1, 1),
    kink(1e3, 1, 0, 1),
    range=(-3e3, 3e3),
)

# Many breaks.
case("eighths", lambda x: torch.round(x * 8), *(jump((k + 0.5) / 8, k, k + 1) for k in range(-40, 40)))
case(
    "1,536 steps",
    lambda x: torch.round(x * 256) / 256,
    *(jump((k + 0.5) / 256, k / 256, (k + 1) / 256) for k in range(-768, 768)),
    range=(-3, 3),
)
case(
    "2,560 steps",
    lambda x: torch.round(x * 256) / 256,
    *(jump((k + 0.5) / 256, k / 256, (k + 1) / 256) for k in range(-1280, 1280)),
)
case(
    "hundredths",
    lambda x: torch.floor(x * 100) / 100,
    *(jump(k / 100, (k - 1) / 100, k / 100) for k in range(-499, 500)),
    range=(-4.995, 4.995),
)
case(
    "sawtooth",
    lambda x: torch.ceil(x * 16) / 16 - x,
    *(jump(k / 16, 0, 1 / 16, -1, -1) for k in range(-79, 80)),
    range=(-4.97, 4.97),
)
case(
    "remainder",
    lambda x: torch.remainder(x, 0.25),
    *(jump(k / 4, 0.25, 0, 1, 1) for k in range(-19, 20)),
    range=(-4.9, 4.9),
)
case(
    "truncated thirds",
    lambda x: torch.trunc(x * 3),
    *(jump(k / 3, k - (k > 0), k + (k < 0)) for k in range(-14, 15) if k),
    range=(-4.9, 4.9),
)
case(
    "rectified wave", lambda x: torch.sin(100 * x).abs(), *(kink(k * PI / 100, 0, -100, 100) for k in range(-159, 160))
)
case(
    "triangle wave",
    lambda x: (x * 50 - torch.round(x * 50)).abs(),
    *(kink(k / 100, 0.5 * (k % 2), (50 if k % 2 else -50), (-50 if k % 2 else 50)) for k in range(-499, 500)),
    range=(-4.995, 4.995),
)

# Straight-through estimators: the slope does not follow the values.
for reach in (3, 5, 50):
    ends = (-float(reach), float(reach))
    case(f"straight-through sign over {reach}", Straight.apply, jump(-1, -1, 1, 1, 1), range=ends)
    case(
        f"straight-through round over {reach}",
        StraightRound.apply,
        *(jump(k + 0.5, k, k + 1, 1, 1) for k in range(-reach, reach)),
        range=ends,
    )
    case(
        f"straight-through clamp over {reach}",
        StraightClamp.apply,
        kink(-1, -1, 0, 1),
        jump(0, -1, 1, 1, 1),
        kink(1, 1, 1, 0),
        range=ends,
    )
for place, reach in ((-1.0, 5.0), (2.0, 10.0), (-1.0, 20.0), (0.3, 5.0), (2.0, 100.0), (0.0, 8.0)):
    case(
        f"straight-through step at {place:g} over {reach:g}",
        lambda x, place=place: StraightStep.apply(x, place),
        jump(place, 0, 1, 1, 1),
        range=(-reach, reach),
    )
case(
    "straight-through by detaching",
    lambda x: x + (torch.round(x * 4) / 4 - x).detach(),
    *(jump((k + 0.5) / 4, k / 4, (k + 1) / 4, 1, 1) for k in range(-20, 20)),
)

# Tiny and huge scale.
case("tiny kink", lambda x: 1e-9 * torch.relu(x - 1), kink(1, 0, 0, 1e-9), scale=1e-9)
case("tiny jump", lambda x: 1e-6 * torch.sign(x), jump(0, -1e-6, 1e-6), scale=1e-6)
case(
    "tiny clamp",
    lambda x: 1e-9 * F.hardtanh(x),
    kink(-1, -1e-9, 0, 1e-9),
    kink(1, 1e-9, 1e-9, 0),
    scale=1e-9,
)
case("tiny and smooth", lambda x: 1e-9 * torch.tanh(x), scale=1e-9)
case(
    "tiny staircase",
    lambda x: 1e-9 * torch.floor(x),
    *(jump(k, 1e-9 * (k - 1), 1e-9 * k) for k in range(-4, 5)),
    range=(-4.5, 4.5),
    scale=1e-9,
)
case("tiny range", lambda x: (x - 1e-8).abs(), kink(1e-8, 0, -1, 1), range=(-1e-7, 1e-7))
case("narrow range", lambda x: (x - 0.1000005).abs(), kink(0.1000005, 0, -1, 1), range=(0.1, 0.100001))
case("narrow range far out", lambda x: torch.relu(x - 1000000.3), kink(1000000.3, 0, 0, 1), range=(1e6, 1e6 + 1))
case("huge range", lambda x: (x - 3).abs(), kink(3, 0, -1, 1), range=(-1e12, 1e12))
case("huge kink", lambda x: 1e9 * torch.relu(x - 1), kink(1, 0, 0, 1e9), scale=1e9)
case("huge jump", lambda x: 1e9 * torch.sign(x - 0.1), jump(0.1, -1e9, 1e9), scale=1e9)
case("huge and smooth", lambda x: 1e12 * torch.tanh(x), scale=1e12)
case("huge offset", lambda x: 1e6 + (x - 0.7).abs(), kink(0.7, 1e6, -1, 1))

# What people write.
case("masked assignment", masked, kink(0, 0, 0, 1))
case("two masked assignments", masked_twice, jump(-2, -3, -1, 1.5, 0.5), jump(1.5, 0.75, -1, 0.5, 0))
case("in place", in_place, kink(-0.5, -1, 0, 2), kink(1.5, 3, 2, 0))
case(
    "masked_fill",
    lambda x: x.masked_fill(x.abs() < 0.5, 0.0),
    jump(-0.5, -0.5, 0, 1, 0),
    jump(0.5, 0, 0.5, 0, 1),
)
case("nested where", nested, kink(-1, -1, 0, 1), kink(0, 0, 1, 0), kink(2, 4, 4, 0))
case("indicators", pieces, kink(-1, 1, 1, -2), jump(1, 1, 2, 2, -1))
case("sum of kinks", loop, kink(-2, 0, 0, 1), kink(-0.7, 1.3, 1, 2), kink(0.1, 2.9, 2, 3), kink(1.9, 8.3, 3, 4))
case("module", nn.Softshrink(0.3), kink(-0.3, 0, 1, 0), kink(0.3, 0, 0, 1))
case("module that jumps", nn.Threshold(1.5, -2), jump(1.5, -2, 1.5, 0, 1))
case("module with a parameter", nn.PReLU(), kink(0, 0, 0.25, 1))
case("network", Network(), kink(-0.5, 1.5, -2, -1), kink(0.25, 0.75, -1, 1), kink(0.5, 1, 1, -1))
case("sequence of modules", nn.Sequential(nn.Tanh(), nn.ReLU()), kink(0, 0, 0, 1))
case("hardswish of one's own", lambda x: x * F.relu6(x + 3) / 6, kink(-3, 0, 0, -0.5), kink(3, 3, 1.5, 1))
case("elu with another slope", lambda x: F.elu(x, 2.0), kink(0, 0, 2, 1))
case(
    "softplus with a low threshold",
    lambda x: F.softplus(x, 1.0, 4.0),
    jump(4, math.log1p(math.exp(4)), 4, 1 / (1 + math.exp(-4)), 1),
)

# Equal values, other slopes; single points.
case("equal values", "where(x < 1, x**2, 3*x - 2)", kink(1, 1, 2, 3))
case("equal slopes, other values", "where(x < 1, x**2, x**2 + 1)", jump(1, 1, 2, 2, 2))
case("point above a line", lambda x: torch.where(x == 1, 5.0, x), hole(1, 1, 1))
case("point above a parabola", lambda x: torch.where(x == -2, 0.0, x * x), hole(-2, 4, -4))
case("point beside a kink", lambda x: torch.where(x == 0, 1.0, x.abs()), Truth(0, 0, 0, -1, 1, True, True))
case("removable pole", "sin(x)/x", hole(0, 1, 0))
case("removable pole of a product", "(x - 1)*(x + 1)/(x - 1)", hole(1, 2, None))
case("sign by division", "x/abs(x)", Truth(0, -1, 1, 0, 0, True, True))

# Poles.
case("1/x", "1/x", pole(0, -INF, INF, -INF, -INF))
case("1/x**2", "1/x**2", pole(0, INF, INF, INF, -INF))
case("1/x**3", lambda x: x**-3, pole(0, -INF, INF, -INF, -INF))
case("tan", "tan(x)", *(pole((k + 0.5) * PI, INF, -INF, INF, INF) for k in range(-2, 2)))
case("two poles", "1/(x - 1)/(x + 2)", pole(-2, INF, -INF, INF, INF), pole(1, -INF, INF, -INF, -INF))
case("pole at a decimal", "1/(x - 0.1)", pole(0.1, -INF, INF, -INF, -INF))
case(
    "irrational poles",
    "x/(x*x - 2)",
    pole(-math.sqrt(2), -INF, INF, -INF, -INF),
    pole(math.sqrt(2), -INF, INF, -INF, -INF),
)
case("pole of a root", "1/sqrt(abs(x))", pole(0, INF, INF, INF, -INF))
case("far pole", "1/(x - 100)", pole(100, -INF, INF, -INF, -INF), range=(-200, 200))
case("faint pole", "tanh(x) + 1e-6/(x - 0.7)", pole(0.7, -INF, INF, -INF, -INF))
case("arctangent of a pole", "atan(1/x)", Truth(0, -PI / 2, PI / 2, -1, -1, True, True))
case("sigmoid of a pole", "sigmoid(1/x)", Truth(0, 0, 1, 0, 0, True, True))
case("high order", "1/(x - 0.3)**5", pole(0.3, -INF, INF, -INF, -INF))
case("gamma", "exp(lgamma(x))", *(pole(-k, INF, INF, INF, -INF) for k in (3, 2, 1, 0)), range=(-3.5, 5))
case("flat at an essential singularity", "exp(-1/x**2)", kink(0, 0, 0, 0))
case("swing without a limit", "sin(1/x)", Truth(0, NAN, NAN, NAN, NAN, True, True))
case("pole and kink", "1/x + abs(x - 2)", pole(0, -INF, INF, -INF, -INF), kink(2, 0.5, -1.25, 0.75))

# Logarithms and ends of the domain.
case("log", "log(x)", pole(0, NAN, -INF, NAN, INF))
case("log of abs", "log(abs(x - 1))", pole(1, -INF, -INF, -INF, INF))
case("log of a shift", "log(x + 2)", pole(-2, NAN, -INF, NAN, INF))
case("root far out", "sqrt(x - 1000)", pole(1000, NAN, 0, NAN, INF), range=(-2e3, 2e3))
case("log far out", "log(x - 1000)", pole(1000, NAN, -INF, NAN, INF), range=(-2e3, 2e3))
case("one by log", "1/log(x)", pole(0, NAN, None, NAN, -INF), pole(1, -INF, INF, -INF, -INF))
case("square of a log", "log(x)**2", pole(0, NAN, INF, NAN, -INF))
case("x log abs x", "x*log(abs(x))", pole(0, 0, 0, -INF, -INF))
case(
    "log of sin",
    "log(sin(x))",
    pole(-PI, -INF, NAN, -INF, NAN),
    pole(0, NAN, -INF, NAN, INF),
    pole(PI, -INF, NAN, -INF, NAN),
)
case("sqrt", "sqrt(x)", pole(0, NAN, 0, NAN, INF))
case("half circle", "sqrt(4 - x**2)", pole(-2, NAN, 0, NAN, INF), pole(2, 0, NAN, -INF, NAN))
case("hyperbola", "sqrt(x**2 - 1)", pole(-1, 0, NAN, -INF, NAN), pole(1, NAN, 0, NAN, INF))
case("asin", "asin(x)", pole(-1, NAN, -PI / 2, NAN, INF), pole(1, PI / 2, NAN, INF, NAN))
case("acosh", "acosh(x)", pole(1, NAN, 0, NAN, INF))
case("atanh", "atanh(x)", pole(-1, NAN, -INF, NAN, INF), pole(1, INF, NAN, INF, NAN))
case("lgamma", "lgamma(x)", *(pole(-k, INF, INF, INF, -INF) for k in (3, 2, 1, 0)), range=(-3.5, 5))
case("cusp", "sqrt(abs(x - 1/3))", kink(1 / 3, 0, -INF, INF))
case("sharp cusp", "abs(x)**0.25", kink(0, 0, -INF, INF))
case("blunt cusp", "abs(x)**0.9", kink(0, 0, -INF, INF))
case("cube root", "cbrt(x)", kink(0, 0, INF, INF))
case(
    "NaN between",
    lambda x: torch.where((x > 1) & (x < 2), NAN, x * x),
    pole(1, 1, NAN, 2, NAN),
    pole(2, NAN, 4, NAN, 4),
)

# Absolute values, maxima and minima.
ROOT2 = math.sqrt(2)
case(
    "abs of a parabola",
    "abs(x**2 - 2)",
    kink(-ROOT2, 0, -2 * ROOT2, 2 * ROOT2),
    kink(ROOT2, 0, -2 * ROOT2, 2 * ROOT2),
)
case("abs of a cubic", "abs(x**3 - x)", kink(-1, 0, -2, 2), kink(0, 0, -1, 1), kink(1, 0, -2, 2))
case("abs of a touching parabola", "abs((x - 1)**2)")
case("power of abs", "abs(x)**1.5")
case("cube of abs", "abs(x - 0.3)**3")
case("maximum of three", "max(x, -x, 0.5)", kink(-0.5, 0.5, -1, 0), kink(0.5, 0.5, 0, 1))
case("minimum of a parabola and a line", "min(1, x**2)", kink(-1, 1, 0, -2), kink(1, 1, 2, 0))
case("maximum of a line and a parabola", "max(x, x**2, -1)", kink(0, 0, 0, 1), kink(1, 1, 1, 2))
case(
    "maximum of waves",
    "max(sin(x), cos(x))",
    kink(-3 * PI / 4, -HALF_ROOT, -HALF_ROOT, HALF_ROOT),
    kink(PI / 4, HALF_ROOT, -HALF_ROOT, HALF_ROOT),
    kink(5 * PI / 4, -HALF_ROOT, -HALF_ROOT, HALF_ROOT),
)
case("median", "max(min(x, 2 - x), -1)", kink(-1, -1, 0, 1), kink(1, 1, 1, -1), kink(3, -1, -1, 0))

# Narrow features; a thousandth of the range is the narrowest that must be seen.
case("pulse", lambda x: torch.where((x > 0.31) & (x < 0.33), 1.0, 0 * x), jump(0.31, 0, 1), jump(0.33, 1, 0))
case("short pulse", lambda x: torch.where((x > 0.314) & (x < 0.324), 1.0, 0 * x), jump(0.314, 0, 1), jump(0.324, 1, 0))
case(
    "spike",
    lambda x: torch.relu(1 - (x - 0.7).abs() / 0.02),
    kink(0.68, 0, 0, 50),
    kink(0.7, 1, 50, -50),
    kink(0.72, 0, -50, 0),
)
case(
    "two kinks 1e-4 apart", lambda x: (x - 1).abs() + (x - 1.0001).abs(), kink(1, 1e-4, -2, 0), kink(1.0001, 1e-4, 0, 2)
)
case("clamp of width 1e-4", lambda x: x.clamp(0.3, 0.3001), kink(0.3, 0.3, 0, 1), kink(0.3001, 0.3001, 1, 0))
case("two jumps 1e-4 apart", lambda x: F.hardshrink(x, 5e-5), jump(-5e-5, -5e-5, 0, 1, 0), jump(5e-5, 0, 5e-5, 0, 1))

# Smooth, whatever it looks like.
case("oscillating", lambda x: torch.sin(50 * x))
case("quickly oscillating", lambda x: torch.sin(200 * x))
case("very quickly oscillating", lambda x: torch.sin(1000 * x))
case("chirp", lambda x: torch.sin(x * x), range=(-20, 20))
case("wave packet", lambda x: torch.cos(100 * x) * torch.exp(-x * x))
case("steep sigmoid", lambda x: torch.sigmoid(1000 * x))
case("steep tanh", lambda x: torch.tanh(1e4 * x))
case("steep tanh off 0", lambda x: torch.tanh(1e6 * (x - 0.3)))
case("steep erf", lambda x: torch.erf(1e5 * x))
case("steep arctangent", lambda x: torch.atan(1e8 * x))
case("steep softplus", lambda x: F.softplus(x, 1000.0))
case("softplus past its threshold", F.softplus, range=(-30, 30))
case("rounded abs", lambda x: torch.sqrt(x * x + 1e-8))
case("narrow bell", lambda x: torch.exp(-((1e3 * (x - 0.37)) ** 2)))
case("tall peak", lambda x: 1 / (x * x + 1e-6))
case("steep hill", lambda x: torch.exp(3 * x), range=(-20, 20))
case("overflow", lambda x: torch.exp(100 * x), range=(-10, 10))
case("polynomial", "x**9 - 7*x**5 + x")

# float32 inside.
case("tanh in float32", lambda x: torch.tanh(x.float()).double())
case("gelu in float32", lambda x: F.gelu(x.float()).double())
case("relu in float32", lambda x: torch.relu(x.float()).double(), kink(0, 0, 0, 1))
case(
    "leaky relu in float32",
    lambda x: F.leaky_relu(torch.sinh(x.float()), 0.25).double(),
    kink(0, 0, 0.25, 1),
    range=(-2, 2),
)
case(
    "jump in float32",
    lambda x: torch.where(x.float() > 1, 2.0, torch.tanh(x.float())).double(),
    jump(1, math.tanh(1), 2, 1 - math.tanh(1) ** 2, 0),
    slack=1e-7,
)

# Cancellation.
case("a sum that loses digits", lambda x: (x + 1e6) - 1e6)
case("difference of roots", lambda x: torch.sqrt(x * x + 1) - x, range=(-50, 50))
case("tanh by exponentials", lambda x: (x.exp() - (-x).exp()) / (x.exp() + (-x).exp()), range=(-20, 20))
case("naive expm1 by x", "(exp(x) - 1)/x", hole(0, None, None))
case("naive softplus", lambda x: torch.log(1 + torch.exp(x)), range=(-30, 30))
case("expanded power", lambda x: x**5 - 5 * x**4 + 10 * x**3 - 10 * x**2 + 5 * x - 1, range=(-1, 3))

# floor, trunc, remainder and comparisons.
case("fraction", "x - floor(x)", *(jump(k, 1, 0, 1, 1) for k in range(-4, 5)), range=(-4.5, 4.5))
case(
    "floor of a parabola",
    "floor(x**2)",
    *(jump(-math.sqrt(k), k, k - 1) for k in range(24, 0, -1)),
    *(jump(math.sqrt(k), k - 1, k) for k in range(1, 25)),
    range=(-4.99, 4.99),
)
case("sign of a wave", "sign(sin(10*x))", *(jump(k * PI / 10, -((-1) ** k), (-1) ** k) for k in range(-15, 16)))
case(
    "distance to a half",
    "abs(x - floor(x) - 0.5)",
    *sorted(
        [*(kink(k, 0.5, 1, -1) for k in range(-4, 5)), *(kink(k + 0.5, 0, -1, 1) for k in range(-5, 5))],
        key=lambda truth: truth.x,
    ),
    range=(-4.7, 4.7),
)
case(
    "x times its floor",
    "x*floor(x)",
    *(jump(k, k * (k - 1), k * k, k - 1, k) if k else kink(0, 0, -1, 0) for k in range(-3, 4)),
    range=(-3.5, 3.5),
)
case(
    "square of the fraction",
    lambda x: torch.frac(x) ** 2,
    *(jump(k, 1, 0, 2, 0) if k > 0 else jump(k, 0, 1, 0, -2) for k in range(-4, 5) if k),
    range=(-4.5, 4.5),
)
case(
    "fmod",
    lambda x: torch.fmod(x, 1.5),
    jump(-3, 0, -1.5, 1, 1),
    jump(-1.5, 0, -1.5, 1, 1),
    jump(1.5, 1.5, 0, 1, 1),
    jump(3, 1.5, 0, 1, 1),
    range=(-4, 4),
)
case("comparison times x", lambda x: (x > 0) * x, kink(0, 0, 0, 1))
case("comparison times x that jumps", "x*(x > 1)", jump(1, 0, 1, 0, 1))
case("pulse of comparisons", "(x > 1) - (x > 2)", jump(1, 0, 1), jump(2, 1, 0))
case("ternary", lambda x: torch.sign(x) * (x.abs() > 0.5), jump(-0.5, -1, 0), jump(0.5, 0, 1))

# Clamps and quantised activations.
case("abs of a clamp", lambda x: x.clamp(-1, 1).abs(), kink(-1, 1, 0, -1), kink(0, 0, -1, 1), kink(1, 1, 1, 0))
case("log of a clamp", lambda x: x.clamp(min=0.1).log(), kink(0.1, math.log(0.1), 0, 10))
case(
    "sum of clamps",
    lambda x: x.clamp(-1, 1) + x.clamp(0, 2),
    kink(-1, -1, 0, 1),
    kink(0, 0, 1, 2),
    kink(1, 2, 2, 1),
    kink(2, 3, 1, 0),
)
case(
    "eight bits",
    lambda x: torch.round(x.clamp(-1, 1) * 127) / 127,
    *(jump((k + 0.5) / 127, k / 127, (k + 1) / 127) for k in range(-127, 127)),
    range=(-2, 2),
)
case(
    "quantised relu",
    lambda x: torch.floor(torch.relu(x).clamp(max=1) * 4) / 4,
    *(jump(k / 4, (k - 1) / 4, k / 4) for k in range(1, 5)),
)
case(
    "quantised tanh",
    lambda x: torch.round(2 * torch.tanh(x)) / 2,
    *(jump(math.copysign(math.atanh(abs(t)), t), t - 0.25, t + 0.25) for t in (-0.75, -0.25, 0.25, 0.75)),
)

# Joints without a jump of the derivative.
case("half parabola", "where(x < 0, 0, x**2)")
case("parabola into its tangent", "where(x < 1, x**2, 2*x - 1)")
case("huber", lambda x: F.huber_loss(x, torch.zeros_like(x), reduction="none"))
case("smooth l1 with a small beta", lambda x: F.smooth_l1_loss(x, torch.zeros_like(x), reduction="none", beta=0.01))
case("spline", lambda x: torch.relu(x + 1) ** 2 - 2 * torch.relu(x) ** 2 + torch.relu(x - 1) ** 2)
case("celu", lambda x: F.celu(x, 0.5))

# Places that are no round numbers.
case("kink at sqrt 2", lambda x: torch.relu(x - ROOT2), kink(ROOT2, 0, 0, 1))
case("sine into cosine", "where(x < pi/4, sin(x), cos(x))", kink(PI / 4, HALF_ROOT, HALF_ROOT, -HALF_ROOT))
case("kink at e", "abs(x - e)", kink(E, 0, -1, 1))
case("kinks at 0.1 and 0.3", "abs(x - 0.1) + abs(x - 0.3)", kink(0.1, 0.2, -2, 0), kink(0.3, 0.2, 0, 2))
case("kink at a third", "relu(3*x - 1)", kink(1 / 3, 0, 0, 3))
case("jump at a third", "where(3*x < 1, x, -x)", jump(1 / 3, 1 / 3, -1 / 3, 1, -1))
case(
    "jump at 0.1",
    "where(x < 0.1, sin(x), cos(x))",
    jump(0.1, math.sin(0.1), math.cos(0.1), math.cos(0.1), -math.sin(0.1)),
)
case("jump at log 2", "where(exp(x) < 2, x, x + 1)", jump(math.log(2), math.log(2), math.log(2) + 1, 1, 1))
