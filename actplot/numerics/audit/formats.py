"""Number formats, and all their finite numbers in order of representation.

The error of a result is counted in units in the last place. ``ulp`` is that of Goldberg, "What every computer
scientist should know about floating-point arithmetic" (ACM Computing Surveys 23, 1991), extended to real numbers as in
Muller et al., Handbook of Floating-Point Arithmetic (2nd edition, 2018), section 2.3.2: for a true value t with
2^e <= abs(t) < 2^(e + 1), ulp(t) = 2^(max(e, emin) - p + 1). So the ulp of 0 and of subnormal values is the smallest
subnormal number. With it, the result of rounding to nearest is off by at most 1/2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from actplot.errors import BadValue
from actplot.text import Text

if TYPE_CHECKING:
    import torch
else:
    from actplot.functions import _torch as torch

Integers = NDArray[np.int64]
_Places = TypeVar("_Places", Integers, "torch.Tensor")


@dataclass(frozen=True)
class Format:
    """A binary number format.

    Attributes
    ----------
    name
        That of torch's dtype.
    bits
        The size of a number.
    p
        Bits of the significand, the hidden one included.
    emin, emax
        The least and the largest exponent of normal numbers.
    """

    name: str
    bits: int
    p: int
    emin: int
    emax: int

    @property
    def magnitudes(self) -> int:
        """How many finite numbers have one sign, zero included."""
        return ((self.emax - self.emin + 1) + 1) << (self.p - 1)

    @property
    def finite(self) -> int:
        """How many finite numbers there are; the two zeros count as two."""
        return 2 * self.magnitudes

    @property
    def smallest(self) -> float:
        """The smallest positive number, a subnormal one."""
        return float(2.0 ** (self.emin - self.p + 1))

    @property
    def smallest_normal(self) -> float:
        return float(2.0**self.emin)

    @property
    def largest(self) -> float:
        return float((2.0 - 2.0 ** (1 - self.p)) * 2.0**self.emax)

    @property
    def beyond(self) -> float:
        """What infinity counts as: the power of two after the largest number; infinite in float64."""
        return float(2.0 ** (self.emax + 1)) if self.emax < 1023 else float("inf")

    def ulp(self, value: float) -> float:
        """The unit in the last place of a true value."""
        if value == 0:
            return self.smallest
        exponent = int(np.frexp(min(abs(value), self.largest))[1]) - 1
        return float(2.0 ** (max(exponent, self.emin) - self.p + 1))

    def value(self, magnitude: int, negative: bool = False) -> float:
        """The number with that magnitude as its bits, without the sign."""
        exponent, fraction = magnitude >> (self.p - 1), magnitude & ((1 << (self.p - 1)) - 1)
        if exponent:
            fraction, exponent = fraction | 1 << (self.p - 1), exponent - 1
        size = float(np.ldexp(float(fraction), self.emin - self.p + 1 + exponent))
        return -size if negative else size

    def values(self, magnitudes: Integers) -> NDArray[np.float64]:
        """The same for an array, in float64."""
        exponents, fractions = magnitudes >> (self.p - 1), magnitudes & ((1 << (self.p - 1)) - 1)
        is_normal = exponents > 0
        fractions = np.where(is_normal, fractions | 1 << (self.p - 1), fractions)
        powers = (self.emin - self.p + 1 + np.maximum(exponents - 1, 0)).astype(np.int32)
        return np.asarray(np.ldexp(fractions.astype(np.float64), powers))

    def magnitude(self, value: float) -> int:
        """The bits of the number at or below the size of ``value``, without the sign."""
        size = abs(value)
        if size >= self.largest:
            return self.magnitudes - 1
        exponent = max(int(np.frexp(size)[1]) - 1, self.emin) if size else self.emin
        fraction = int(size / 2.0 ** (exponent - self.p + 1))
        return fraction if exponent == self.emin else fraction + ((exponent - self.emin) << (self.p - 1))

    def hex(self, value: float, *, nan: str = "nan") -> str:
        """The bits of a number of the format, in hexadecimal."""
        if value != value:
            return nan
        sign = int(np.signbit(value))
        magnitude = self.magnitudes if np.isinf(value) else self.magnitude(value)
        return f"0x{sign << (self.bits - 1) | magnitude:0{self.bits // 4}x}"

    def tensor(self, magnitudes: "torch.Tensor", *, negative: bool) -> "torch.Tensor":
        """The numbers with these magnitudes (int64) as a tensor of the format, on the device of the magnitudes."""
        whole = {16: torch.int16, 32: torch.int32, 64: torch.int64}[self.bits]
        sign = -(1 << (self.bits - 1)) if negative else 0
        return (magnitudes + sign).to(whole).view(getattr(torch, self.name))


FORMATS = {
    each.name: each
    for each in (
        Format("float16", 16, 11, -14, 15),
        Format("bfloat16", 16, 8, -126, 127),
        Format("float32", 32, 24, -126, 127),
        Format("float64", 64, 53, -1022, 1023),
    )
}


# More cells than these are not told apart along x: 128 in each power of two of the wide formats.
CELLS = 1 << 15
# Inputs of one sign that one chunk holds at most.
_CHUNK = 1 << 18
_LEAST_INPUTS, _MOST_INPUTS = 1000, 1 << 32


@dataclass(frozen=True)
class Inputs:
    """The numbers of a format that are tried: all of them, or a sample that is even in the order of representation.

    Of each sign there are ``count``: the place ``i`` from 0 to ``count - 1`` stands for the magnitude
    ``i * (magnitudes - 1) // (count - 1)``, so that zero and the largest number are always among them. Consecutive
    places form cells of ``per_cell``, and whole cells form chunks, the units of work.
    """

    format: Format
    count: int

    @classmethod
    def of(cls, dtype: str, inputs: int | None) -> "Inputs":
        """All finite inputs of the type, or about so many of them.

        Raises
        ------
        BadValue
            For a number that is too small or too large.
        """
        form = FORMATS[dtype]
        if inputs is not None and not _LEAST_INPUTS <= inputs <= _MOST_INPUTS:
            raise BadValue(
                Text(
                    f"inputs must be from {_LEAST_INPUTS:,} to {_MOST_INPUTS:,}, got {inputs:,}",
                    f"输入个数须在 {_LEAST_INPUTS:,} 到 {_MOST_INPUTS:,} 之间，这里是 {inputs:,}",
                )
            )
        count = form.magnitudes if inputs is None else min(form.magnitudes, inputs // 2)
        return cls(form, count)

    @property
    def is_exhaustive(self) -> bool:
        return self.count == self.format.magnitudes

    @property
    def total(self) -> int:
        """How many finite inputs there are, of both signs."""
        return 2 * self.count

    @property
    def per_cell(self) -> int:
        return -(-self.count // CELLS)

    @property
    def cells(self) -> int:
        """How many cells one sign has."""
        return -(-self.count // self.per_cell)

    def chunks(self, most: int = _CHUNK) -> Iterator[tuple[int, int]]:
        """The first place of each chunk and the one after its last."""
        step = max(1, most // self.per_cell) * self.per_cell
        for start in range(0, self.count, step):
            yield start, min(start + step, self.count)

    def magnitude(self, place: int) -> int:
        """The magnitude at a place."""
        if self.is_exhaustive:
            return place
        whole, rest = divmod(self.format.magnitudes - 1, self.count - 1)
        return place * whole + place * rest // (self.count - 1)

    def magnitudes(self, start: int, end: int) -> Integers:
        """Those at the places from ``start`` to before ``end``."""
        return self.magnitudes_at(np.arange(start, end, dtype=np.int64))

    def ends(self, step: int, count: int) -> NDArray[np.float64]:
        """The positive inputs at the starts of so many groups of ``step`` places, and the last one; shape (count + 1,)."""
        places = np.minimum(np.arange(count + 1, dtype=np.int64) * step, self.count - 1)
        return self.format.values(self.magnitudes_at(places))

    def magnitudes_at(self, places: _Places) -> _Places:
        """Those at places (int64), an array or a tensor on any device."""
        if self.is_exhaustive:
            return places
        whole, rest = divmod(self.format.magnitudes - 1, self.count - 1)
        return places * whole + places * rest // (self.count - 1)

    def value(self, place: int, *, negative: bool) -> float:
        """The input at a place."""
        return self.format.value(self.magnitude(place), negative)
