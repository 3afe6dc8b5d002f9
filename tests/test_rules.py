"""Rules across parameters: places and conditions, in plain floats."""

import pytest

from actplot.functions import rules
from actplot.functions.catalog import CATALOG


@pytest.mark.parametrize(
    ("rule", "values", "places"),
    [
        ("", {}, ()),
        ("0", {}, (0.0,)),
        ("-3, 3", {}, (-3.0, 3.0)),
        ("b, a", {"a": 1.0, "b": 2.0}, (1.0, 2.0)),
        ("-a, a", {"a": 0.0}, (0.0,)),
        ("where(a != 1, 0)", {"a": 1.0}, ()),
        ("where(a != 1, 0)", {"a": 1.5}, (0.0,)),
        ("where(a > 0, 0), where(a < 1, 1)", {"a": 0.5}, (0.0, 1.0)),
        ("u/v; v = max(a, exp(0)); u = 2*v + b", {"a": -1.0, "b": 1.0}, (3.0,)),
        ("-offset/slope, (1 - offset)/slope", {"offset": 0.37, "slope": 0.1}, (-0.37 / 0.1, 0.63 / 0.1)),
    ],
)
def test_places(rule: str, values: dict[str, float], places: tuple[float, ...]) -> None:
    found = rules.places(rule, values)
    assert found == places
    assert "-0.0" not in map(str, found)


def test_conditions() -> None:
    assert rules.holds("", {})
    assert rules.holds("a <= b", {"a": 1.0, "b": 1.0})
    assert not rules.holds("a < b", {"a": 1.0, "b": 1.0})


def test_names_are_known_without_parsing() -> None:
    assert rules.names("where(max(u, a) > 1e-8, b/c); u = exp(d)") == {"a", "b", "c", "d"}


@pytest.mark.parametrize("rule", ["[a]", "a.b", "f(a)", "a if a else 0", "1 < a < 2", "'a'"])
def test_what_is_no_rule(rule: str) -> None:
    with pytest.raises(SyntaxError):
        rules.places(rule, {"a": 1.0})


# Where the catalog's breaks and kinks are, worked out by hand at parameters with no round numbers.
BREAKS = [
    ("leaky_relu", {"slope": 1.0}, (), ()),
    ("rrelu", {"lower": 0.25, "upper": 1.75}, (), ()),
    ("rrelu", {"lower": 0.1, "upper": 0.3}, (0.0,), ()),
    ("elu", {"alpha": 1.0}, (), (0.0,)),
    ("elu", {"alpha": 0.3}, (0.0,), ()),
    ("xielu", {"ap": 0.3, "an": 0.6}, (), ()),
    ("xielu", {"ap": 0.3, "an": 0.7}, (), (0.0,)),
    ("star_relu", {"s": 0.0}, (), ()),
    ("hardtanh", {"min_val": -2.7, "max_val": 0.9}, (-2.7, 0.9), ()),
    ("hard_sigmoid", {"slope": 0.3, "offset": 0.1}, (-0.1 / 0.3, 0.9 / 0.3), ()),
    ("huber", {"target": 0.3, "delta": 0.7}, (), (0.3 - 0.7, 0.3 + 0.7)),
    ("bce", {"target": 0.0}, (1.0,), ()),
    ("bce", {"target": 0.4}, (0.0, 1.0), ()),
    ("hinge", {"target": -1.0}, (-1.0,), ()),
    ("softplus", {"beta": 3.0, "threshold": 7.0}, (7.0 / 3.0,), ()),
    ("softplus", {"beta": 3.0, "threshold": 19.0}, (), ()),
    ("softplus", {"beta": 3.0, "threshold": -2.0}, (-2.0 / 3.0,), ()),
    ("softplus", {"beta": 3.0, "threshold": 1e5}, (), ()),
    ("softshrink", {"lambd": 0.0}, (0.0,), ()),
]


@pytest.mark.parametrize(("name", "parameters", "breaks", "kinks"), BREAKS)
def test_breaks_of_the_catalog(
    name: str, parameters: dict[str, float], breaks: tuple[float, ...], kinks: tuple[float, ...]
) -> None:
    function = CATALOG[name].bind(**parameters)
    assert (function.breaks, function.dy_kinks) == (breaks, kinks)
