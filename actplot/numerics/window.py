"""What of a curve's values is looked at beside a pole, where it leaves every bound."""

# Of the values, those below which a tenth, a half and nine tenths of the curve lie.
QUANTILES = (0.1, 0.5, 0.9)
# A curve is followed so many times as far as its quantiles lie from the middle one, and so many times further as they
# lie apart, so that it is seen to leave.
_STRETCH, _EXTRA = 1.6, 0.4


def window_beside_poles(bottom: float, middle: float, top: float) -> tuple[float, float]:
    """The least and the greatest value that are looked at, from the three :data:`QUANTILES` of the values."""
    extra = _EXTRA * (top - bottom)
    return float(middle - _STRETCH * (middle - bottom) - extra), float(middle + _STRETCH * (top - middle) + extra)
