"""Values with few digits, for sliders and the cursor."""

import math


def nice_step(step: float) -> float:
    """1, 2 or 5 times a power of ten, not above ``step``."""
    power = 10.0 ** math.floor(math.log10(step))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= step * (1 + 1e-9))


def round_to(value: float, resolution: float) -> float:
    """The number with few digits that is nearest to ``value``, on a grid a little finer than ``resolution``."""
    step = nice_step(resolution)
    return round(round(value / step) * step, max(0, -math.floor(math.log10(step)))) + 0.0
