"""The facts of a shifted, scaled or mirrored function follow from those of the function itself.

Nothing is declared of the transformed one, so that its facts rest on what is found.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import torch
from conftest import facts_of, typical_case

from actplot.functions.catalog import CATALOG
from actplot.numerics.facts import Properties, properties

# None or NaN: a fact that could not be established.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Transform:
    """f as a * f(s * (x - c)) + b."""

    a: float = 1.0
    s: float = 1.0
    b: float = 0.0
    c: float = 0.0

    def x(self, x: float) -> float:
        """Where the transformed function does what f does at ``x``."""
        return x / self.s + self.c + 0.0

    def y(self, y: float) -> float:
        return self.a * y + self.b + 0.0

    def dy(self, dy: float) -> float:
        return self.a * self.s * dy + 0.0


class Transformed:
    """A callable that has no name, declares nothing and is differentiated by autograd alone."""

    def __init__(self, name: str, by: Transform) -> None:
        self._call, self._by = CATALOG[name].bind().call, by

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return self._by.a * self._call(self._by.s * (x - self._by.c)) + self._by.b


# The last two map fixed points to fixed points.
TRANSFORMS = {
    "shift": Transform(c=1.25),
    "scale": Transform(a=3.0),
    "offset": Transform(b=0.75),
    "mirror": Transform(s=-1.0),
    "stretch": Transform(s=2.0),
    "negate": Transform(a=-1.0),
    "conjugate": Transform(a=-0.5, s=-2.0, b=0.75, c=0.75),
    "turn": Transform(a=-1.0, s=-1.0),
}
ENTRIES = [name for name, entry in CATALOG.items() if math.isinf(entry.domain[0])]


def rotation() -> Iterator[tuple[str, str]]:
    """One transform for each entry, in turn, so that each family meets several."""
    for index, name in enumerate(ENTRIES):
        yield name, list(TRANSFORMS)[index % len(TRANSFORMS)]


PAIRS = list(rotation())


def pairs(follows: Callable[[Transform], bool]) -> Any:
    """The pairs of an entry and a transform of which a fact follows."""
    chosen = [(name, transform) for name, transform in PAIRS if follows(TRANSFORMS[transform])]
    several = [typical_case(pair[0], *pair) for pair in chosen]
    return pytest.mark.parametrize(("name", "transform"), several, ids=[f"{n}-{t}" for n, t in chosen])


every_pair = pairs(lambda by: True)


def facts(name: str) -> Properties:
    found: Properties = facts_of(CATALOG[name].bind())
    return found


@cache
def facts_of_transformed(name: str, transform: str) -> Properties:
    return properties(CATALOG.function(Transformed(name, TRANSFORMS[transform])))


def is_unknown(value: Any) -> bool:
    return value is None or value == UNKNOWN or (isinstance(value, float) and math.isnan(value))


def about(value: Any, relative: float = 1e-9) -> Any:
    return pytest.approx(value, rel=relative, abs=relative, nan_ok=True)


def image(found: Properties) -> list[Any]:
    """Both ends of the image with their brackets; None each where the image, or an end of it, is unknown."""
    ends = (found.low, found.high)
    return [None if is_unknown(end) or is_unknown(end.value) else (end.value, end.closed) for end in ends]


def expected_image(found: Properties, by: Transform) -> list[tuple[float, bool]]:
    ends = [(by.y(end.value), end.closed) for end in (found.low, found.high)]
    return ends if by.a > 0 else ends[::-1]


def expected_parity(found: Properties, by: Transform) -> str:
    """What scaling and mirroring keep, a shift destroys, and an offset where it was odd."""
    if found.low.value == found.high.value:
        return "even"
    if by.c or (by.b and found.parity == "odd"):
        return "no"
    return found.parity


def searched_in_both(found: Properties, other: Properties, by: Transform) -> tuple[float, float]:
    """Where both were searched, without the ends, in terms of the transformed function."""
    low, high = sorted(map(by.x, found.searched))
    low, high = max(low, other.searched[0]), min(high, other.searched[1])
    return low + 1e-3, high - 1e-3


def points(found: Properties, which: str, by: Transform, within: tuple[float, float]) -> list[float]:
    return sorted(x for x in map(by.x, getattr(found, which)) if within[0] < x < within[1])


def intervals(given: tuple[tuple[float, float], ...], by: Transform) -> list[tuple[float, float]]:
    return sorted(tuple(sorted((by.x(low), by.x(high)))) for low, high in given)  # type: ignore[misc]


@every_pair
def test_breaks_follow(name: str, transform: str) -> None:
    by = TRANSFORMS[transform]
    before, after = facts(name), facts_of_transformed(name, transform)
    if after.breaks is None:
        return
    expected = sorted(
        (
            by.x(at.x),
            *map(by.y, (at.y_left, at.y_right)[:: -1 if by.s < 0 else 1]),
            *map(by.dy, (at.dy_left, at.dy_right)[:: -1 if by.s < 0 else 1]),
        )
        for at in before.breaks
    )
    found = [(at.x, at.y_left, at.y_right, at.dy_left, at.dy_right) for at in after.breaks]
    assert len(found) == len(expected)
    for row, true in zip(found, expected, strict=True):
        assert row[0] == about(true[0], 1e-12)
        assert row[1:] == about(true[1:], 1e-7)


@every_pair
def test_image_follows(name: str, transform: str) -> None:
    expected = expected_image(facts(name), TRANSFORMS[transform])
    for found, true in zip(image(facts_of_transformed(name, transform)), expected, strict=True):
        assert found is None or found == (about(true[0]), true[1])


@every_pair
def test_shape_follows(name: str, transform: str) -> None:
    by = TRANSFORMS[transform]
    before, after = facts(name), facts_of_transformed(name, transform)
    flipped = {"increasing": "decreasing", "decreasing": "increasing"}
    monotone = flipped.get(before.monotone, before.monotone) if by.a * by.s < 0 else before.monotone
    mirrored = {"left": "right", "right": "left"}
    saturates = mirrored.get(before.saturates, before.saturates) if by.s < 0 else before.saturates
    expected = {
        "monotone": monotone,
        "saturates": saturates,
        "smoothness": before.smoothness,
        "parity": expected_parity(before, by),
    }
    found = {fact: getattr(after, fact) for fact in expected}
    if before.low.value == before.high.value:  # both rise and fall nowhere
        del expected["monotone"]
    assert {fact: value for fact, value in expected.items() if not is_unknown(found[fact])} == {
        fact: found[fact] for fact in expected if not is_unknown(found[fact])
    }


@every_pair
def test_largest_slope_follows(name: str, transform: str) -> None:
    found = facts_of_transformed(name, transform).max_abs_slope
    assert is_unknown(found) or found == about(abs(TRANSFORMS[transform].dy(facts(name).max_abs_slope)), 1e-8)


@every_pair
def test_extrema_follow(name: str, transform: str) -> None:
    by = TRANSFORMS[transform]
    before, after = facts(name), facts_of_transformed(name, transform)
    if after.extrema is None:
        return
    within = searched_in_both(before, after, by)
    other = {"min": "max", "max": "min"}
    expected = sorted(
        (by.x(each.x), by.y(each.y), each.kind if by.a > 0 else other[each.kind])
        for each in before.extrema
        if within[0] < by.x(each.x) < within[1]
    )
    found = [each for each in after.extrema if within[0] < each.x < within[1]]
    assert [each.kind for each in found] == [kind for *_, kind in expected]
    assert [each.x for each in found] == about([x for x, *_ in expected], 1e-7)
    assert [each.y for each in found] == about([y for _, y, _ in expected])


@pairs(lambda by: not by.b)  # an offset moves the roots
def test_roots_follow(name: str, transform: str) -> None:
    by = TRANSFORMS[transform]
    before, after = facts(name), facts_of_transformed(name, transform)
    within = searched_in_both(before, after, by)
    if after.roots is not None:
        found = [x for x in after.roots if within[0] < x < within[1]]
        assert found == about(points(before, "roots", by, within), 1e-7)
    if after.zero_on is not None:
        assert list(after.zero_on) == about_rows(intervals(before.zero_on, by))


def about_rows(rows: list[tuple[float, float]]) -> list[Any]:
    return [(about(low), about(high)) for low, high in rows]


@pairs(lambda by: by in (TRANSFORMS["conjugate"], TRANSFORMS["turn"]))
def test_fixed_points_follow(name: str, transform: str) -> None:
    by = TRANSFORMS[transform]
    assert by.a * by.s == 1
    assert by.b == by.c
    before, after = facts(name), facts_of_transformed(name, transform)
    within = searched_in_both(before, after, by)
    if after.fixed_points is not None:
        found = [x for x in after.fixed_points if within[0] < x < within[1]]
        assert found == about(points(before, "fixed_points", by, within), 1e-7)
    if after.fixed_on is not None:
        assert list(after.fixed_on) == about_rows(intervals(before.fixed_on, by))


@pairs(lambda by: not by.c and abs(by.s) == 1)  # else the inputs no longer follow N(0, 1)
def test_moments_follow(name: str, transform: str) -> None:
    by = TRANSFORMS[transform]
    before, after = facts(name).gaussian, facts_of_transformed(name, transform).gaussian
    mean = by.a * before.mean + by.b
    second = by.a**2 * before.second_moment + 2 * by.a * by.b * before.mean + by.b**2
    assert is_unknown(after.mean) or after.mean == about(mean)
    assert is_unknown(after.second_moment) or after.second_moment == about(second)
    assert is_unknown(after.dead_fraction) or after.dead_fraction == about(before.dead_fraction)


@pytest.mark.slow
def test_most_facts_are_known() -> None:
    """An unknown is never wrong, but nine of ten facts of functions like these can be found."""
    known, asked = 0, 0
    for name, transform in PAIRS:
        after = facts_of_transformed(name, transform)
        values = [after.monotone, after.parity, after.smoothness, after.saturates, after.max_abs_slope, *image(after)]
        values += [after.breaks, after.extrema, after.roots, after.fixed_points, after.zero_on, after.fixed_on]
        values += [after.gaussian.mean, after.gaussian.second_moment]
        known += sum(not is_unknown(value) for value in values)
        asked += len(values)
    assert known >= 0.9 * asked


FAR = [("relu", 100.0), ("sign", -88.0), ("hardtanh", 1e4), ("absolute", 100.0), ("silu", -88.0), ("silu", 1e4)]


@pytest.mark.parametrize(("name", "place"), FAR)
def test_far_from_0_facts_are_right_or_unknown(name: str, place: float) -> None:
    by = Transform(c=place)
    before, after = facts(name), properties(CATALOG.function(Transformed(name, by)))
    for fact in ("monotone", "saturates", "smoothness"):
        assert is_unknown(getattr(after, fact)) or getattr(after, fact) == getattr(before, fact), fact
    assert is_unknown(after.parity) or after.parity == "no"
    assert is_unknown(after.max_abs_slope) or after.max_abs_slope == about(before.max_abs_slope, 1e-6)
    for found, true in zip(image(after), expected_image(before, by), strict=True):
        assert found is None or found == (about(true[0], 1e-6), true[1])
    known = [at.x for at in after.breaks or ()]
    assert known == about([by.x(at.x) for at in before.breaks] if known else [])
