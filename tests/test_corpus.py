"""The finder of breaks on functions that are hard on it, each with breaks worked out by hand."""

import numpy as np
import pytest
from corpus import CASES, Case, Truth
from numpy.testing import assert_allclose

from actplot.numerics.curve import Curve, sample

# Every third, and with the slow tests the others.
every_case = pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=pytest.mark.slow if index % 3 else ()) for index, case in enumerate(CASES)],
    ids=[case.name for case in CASES],
)


def tolerance(case: Case, truth: Truth) -> float:
    return max(case.slack, 1e-9 if truth.pole else 1e-12) * max(min(1.0, np.ptp(case.range)), abs(truth.x))


def limits(case: Case, name: str) -> list[float]:
    """What a side should tend to, as a list."""
    return [getattr(truth, name) for truth in case.breaks]


def test_the_corpus_is_large_and_its_names_are_different() -> None:
    assert len(CASES) > 100
    assert len({case.name for case in CASES}) == len(CASES)
    for case in CASES:
        places = [truth.x for truth in case.breaks]
        assert places == sorted(places)
        assert all(case.range[0] < x < case.range[1] for x in places)


def finds_all_breaks_and_invents_none(case: Case, drawn: Curve) -> None:
    found = [at.x for at in drawn.breaks]
    true = [truth.x for truth in case.breaks]
    assert len(found) == len(true), f"found {found[:20]}, not {true[:20]}"
    assert all(abs(x - truth.x) <= tolerance(case, truth) for x, truth in zip(found, case.breaks, strict=True)), found


def knows_what_jumps_and_the_limits(case: Case, drawn: Curve) -> None:
    breaks = drawn.breaks
    assert len(breaks) == len(case.breaks)
    assert [at.y_is_discontinuous for at in breaks] == limits(case, "y_is_discontinuous")
    assert [at.dy_is_discontinuous for at in breaks] == limits(case, "dy_is_discontinuous")
    for name in ("y_left", "y_right", "dy_left", "dy_right"):
        pairs = [
            (getattr(at, name), limit)
            for at, limit in zip(breaks, limits(case, name), strict=True)
            if limit is not None
        ]
        found, true = np.array(pairs or np.empty((0, 2)), dtype=float).T
        assert_allclose(found, true, rtol=1e-6, atol=1e-7 * case.scale, err_msg=name)


def no_stroke_crosses_a_jump(case: Case, drawn: Curve) -> None:
    for truth in case.breaks:
        close = max(tolerance(case, truth), 1e-9 * min(1.0, np.ptp(case.range)))
        first, last = np.searchsorted(drawn.x, [truth.x - close, truth.x + close])
        around = slice(max(first - 1, 0), last + 1)
        assert np.isnan(drawn.y[around]).any() == truth.y_is_discontinuous, truth
        assert np.isnan(drawn.dy[around]).any() == (truth.y_is_discontinuous or truth.dy_is_discontinuous), truth


@every_case
def test_breaks_limits_and_lines(case: Case) -> None:
    drawn = sample(case.function, range=case.range)
    finds_all_breaks_and_invents_none(case, drawn)
    knows_what_jumps_and_the_limits(case, drawn)
    no_stroke_crosses_a_jump(case, drawn)
