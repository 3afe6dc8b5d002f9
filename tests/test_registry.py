"""Declaring activations: what the decorator reads, and what it refuses."""

from typing import Annotated, Any

import pytest
from conftest import every_function

from actplot.errors import BadValue, UnknownFunction
from actplot.functions import registry
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Catalog, Family, Function, Param
from actplot.text import Text

NAME = Text("Name", "名称")
Size = Annotated[float, Param(Text("size", "大小"), span=(0.5, 2.0), above=0.0)]


def declare(**facts: Any) -> tuple[Family, Any]:
    family = Family("test", NAME)
    return family, family(NAME, **{"formula": "x", "derivative": "1", "summary": NAME, **facts})


def test_the_signature_is_the_declaration() -> None:
    family, decorate = declare(breaks="-size, size", aliases=("other",))

    @decorate
    def shape(x: Any, size: Size = 1.5) -> Any:
        """Scales."""
        return x * size

    assert family.entries == [shape]
    assert (shape.name, shape.defaults) == ("shape", {"size": 1.5})
    assert shape.parameters[0].option == "--size"
    assert shape.parameters[0].domain.en == "> 0"
    function = shape.bind(size=2)
    assert function.breaks == (-2.0, 2.0)
    assert function.non_default == {"size": 2.0}
    assert function.label == "Name (size = 2)"
    assert shape(3, size=2) == function.call(3) == 6
    catalog = Catalog([family])
    assert catalog["Other"] is shape
    assert list(catalog) == ["shape"]


def test_declarations_that_contradict_the_signature_fail_at_import() -> None:
    def plain(x: Any, size: Size = 1.0) -> Any:
        return x

    for facts, message in (
        ({"breaks": "width"}, "plain has no parameter width"),
        ({"requires": "a < b"}, "plain has no parameter a, b"),
        ({"names": {"caffe": "ReLU"}}, "no framework caffe"),
    ):
        with pytest.raises(TypeError, match=message):
            declare(**facts)[1](plain)

    def bare(x: Any, size: float = 1.0) -> Any:
        return x

    def without_default(x: Any, size: Size) -> Any:
        return x

    for function in (bare, without_default):
        with pytest.raises(TypeError, match="size needs an Annotated"):
            declare()[1](function)


def test_one_name_for_two_entries_is_an_error() -> None:
    family, decorate = declare(aliases=("same",))
    decorate(lambda x: x)
    with pytest.raises(TypeError, match="same names both"):
        Catalog([family, _with_entry_named_same()])


def _with_entry_named_same() -> Family:
    family, decorate = declare()

    def same(x: Any) -> Any:
        return x

    decorate(same)
    return family


def test_the_catalog_is_a_read_only_mapping() -> None:
    assert "relu" in CATALOG
    assert "nonsense" not in CATALOG
    assert CATALOG.get("nonsense") is None
    assert 3 not in CATALOG
    with pytest.raises(TypeError):
        CATALOG["relu"] = None  # type: ignore[index]
    with pytest.raises(UnknownFunction, match="unknown function 'reluu'; did you mean relu"):
        CATALOG["reluu"]


def test_whether_a_name_is_known_costs_no_search_for_a_similar_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "did_you_mean", lambda *_: pytest.fail("searched"))
    assert "Leaky-ReLU" in CATALOG
    assert "swish" in CATALOG
    for unknown in ("reluu", "x*sigmoid(x)", "", None, 3):
        assert unknown not in CATALOG
    with pytest.raises(pytest.fail.Exception):
        CATALOG["reluu"]


@every_function
def test_a_function_of_the_catalog_takes_other_parameters(function: Function) -> None:
    default = CATALOG[function.name].bind()
    assert default.with_parameters(**function.parameters) == function
    assert function.with_parameters(**default.parameters) == default
    for name, value in function.parameters.items():
        assert function.with_parameters(**{name: value}) == function  # the others stay as they are


def test_a_function_made_by_hand_has_no_parameters_to_change() -> None:
    function = Function(name="f", title="f", parameters={}, non_default={}, call=abs)
    assert function.with_parameters() is function
    with pytest.raises(BadValue, match="f has no parameter 'b'; it takes none"):
        function.with_parameters(b=1.0)


def test_a_value_that_is_not_allowed_is_named_as_its_reader_would_write_it() -> None:
    with pytest.raises(BadValue) as error:
        CATALOG["bce"].bind(base=3.0)
    assert error.value.parts("en", options=True) == ("bce: base must be e, 2 or 10, got 3", "try --base e")
    assert str(error.value) == "bce: base must be e, 2 or 10, got 3; try base=2.718281828459045"


def test_a_function_is_one_and_takes_parameters() -> None:
    function = CATALOG.function("elu", alpha=2.0)
    assert CATALOG.function(function) is function
    assert CATALOG.function(function, alpha=3.0) == CATALOG["elu"].bind(alpha=3.0)
    for nothing in (3, None, ["elu"]):
        with pytest.raises(BadValue, match="for a function; give a name, or a callable"):
            CATALOG.function(nothing)  # type: ignore[arg-type]


def test_a_callable_takes_other_parameters() -> None:
    def scaled(x: Any, factor: float = 1.0, shift: float = 0.0) -> Any:
        return factor * x + shift

    function = CATALOG.function(scaled, factor=2.0, shift=1.0).with_parameters(shift=3.0)
    assert (function.name, function.parameters, function.call(5)) == ("scaled", {"factor": 2.0, "shift": 3.0}, 13)
    assert function.with_parameters(factor=1.0).call(5) == 8


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("elu", {"alpha": -1}, "elu: alpha must be >= 0, got -1; try alpha=1"),
        ("hardtanh", {"max_val": float("inf")}, "hardtanh: max_val must be finite, got inf; try max_val=1"),
        ("hinge", {"target": 0}, "hinge: target must be -1 or 1, got 0; try target=1"),
        ("celu", {"alpha": 0}, "celu: alpha must be > 0, got 0"),
        ("celu", {"alpha": float("inf")}, "must be finite, got inf"),
        ("leaky_relu", {"slope": float("nan")}, "slope must be finite, got nan"),
        ("leaky_relu", {"slope": "steep"}, "slope must be a number, got 'steep'"),
        ("hardtanh", {"min_val": 2}, "hardtanh needs min_val < max_val, got min_val = 2, max_val = 1"),
        ("rrelu", {"lower": 0.5}, "rrelu needs lower <= upper"),
        ("relu", {"slope": 1}, "relu has no parameter 'slope'; it takes none"),
        ("softplus", {"slope": 1}, "softplus has no parameter 'slope'; it takes beta, threshold"),
    ],
)
def test_parameters_outside_their_domain(name: str, parameters: dict[str, Any], message: str) -> None:
    for bind in (CATALOG[name].bind, CATALOG[name].bind().with_parameters):
        with pytest.raises(BadValue) as error:
            bind(**parameters)
        assert message in str(error.value)
