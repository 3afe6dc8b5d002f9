"""Where other frameworks' functions differ from an entry of the catalog, in values and in slopes: measured, not told."""

import ast
import inspect
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actplot.errors import ActplotError
from actplot.functions.registry import Activation, Function, Parameter
from actplot.numerics.autograd import derivatives
from actplot.numerics.frameworks import Framework, as_tensors

Floats = NDArray[np.float64]

# The frameworks whose functions can be called here, by the keys of a catalog entry's names.
MEASURED: dict[str, Framework] = {"pytorch": "torch", "jax": "jax", "numpy": "numpy"}
# Differences below this share of the value, or of 1 where that is smaller, are another way of rounding.
_ROUNDING = 1e-7
# Points in the range of the entry, and of either sign and of all sizes up to 100.
_IN_RANGE, _OF_ALL_SIZES = 2001, np.geomspace(1e-3, 100.0, 501)


@dataclass(frozen=True)
class Difference:
    """The largest one: at ``x`` the entry has ``ours`` and the other function ``theirs``; infinite where one is no number."""

    size: float
    x: float
    ours: float
    theirs: float

    @property
    def is_rounding(self) -> bool:
        return self.size <= _ROUNDING * max(1.0, abs(self.ours))


@dataclass(frozen=True)
class SlopeAt:
    """The slopes that both return at a break."""

    x: float
    ours: float
    theirs: float


@dataclass(frozen=True)
class Disagreement:
    """What one framework's function does otherwise than an entry, in float64 on the CPU.

    Attributes
    ----------
    name, version
        What was called, as in ``jax.nn.gelu(approximate=False)``, and the version of its package.
    values
        The largest difference of values.
    slopes
        That of slopes away from breaks; None where the framework differentiates nothing.
    at_breaks
        The slopes at breaks that are not the same.
    by_default
        The largest difference of values where it is called on x alone, if the name asks for another form; else None.
    missing
        Parameters of the entry that it does not take.
    """

    name: str
    version: str
    values: Difference
    slopes: Difference | None
    at_breaks: tuple[SlopeAt, ...]
    by_default: Difference | None
    missing: tuple[str, ...]


def disagreements(function: Function, entry: Activation) -> dict[str, Disagreement]:
    """Those of every framework that is installed and has the function by a name that can be called, by its key.

    Parameters
    ----------
    function
        The entry at its parameters. Where they are not the defaults, those frameworks are left out that do not take them.
    entry
        Whose names are meant.
    """
    found = {}
    for key, framework in MEASURED.items():
        name = entry.names.get(key)
        call = None if name is None else _callable(name, function, entry)
        if name is not None and call is not None:
            try:
                found[key] = _measured(function, entry, name, framework, call)
            except ActplotError:  # it needs more than one argument
                continue
    return found


def _measured(
    function: Function, entry: Activation, name: str, framework: Framework, call: Callable[[Any], Any]
) -> Disagreement:
    target = _target(name)
    breaks = np.array([at for at in function.breaks or () if math.isfinite(at)])
    x = _points(function, breaks)
    order = 0 if framework == "numpy" else 1
    theirs = derivatives(as_tensors(call, framework), np.concatenate([x, breaks]), order=order)
    ours = derivatives(function.call, np.concatenate([x, breaks]), order=order)
    bare = None
    if _chooses_a_form(name) and not function.non_default:
        try:
            (y,) = derivatives(as_tensors(target, framework), x, order=0)
            bare = _largest(x, ours[0][: x.size], y)
        except ActplotError:
            bare = None
    slopes, at_breaks = None, []
    if order:
        slopes = _largest(x, ours[1][: x.size], theirs[1][: x.size])
        pairs = zip(breaks.tolist(), ours[1][x.size :].tolist(), theirs[1][x.size :].tolist(), strict=True)
        at_breaks = [
            SlopeAt(*each) for each in pairs if not _largest(*(np.array([value]) for value in each)).is_rounding
        ]
    return Disagreement(
        name=name,
        version=version(name.partition(".")[0]).partition("+")[0],
        values=_largest(np.concatenate([x, breaks]), ours[0], theirs[0]),
        slopes=slopes,
        at_breaks=tuple(at_breaks),
        by_default=bare,
        missing=tuple(_missing(target, name, entry)),
    )


def _points(function: Function, breaks: Floats) -> Floats:
    """Where both are called: within the domain and not at a break."""
    x = np.concatenate([np.linspace(*function.range, _IN_RANGE), -_OF_ALL_SIZES, _OF_ALL_SIZES])
    low, high = function.domain
    return np.setdiff1d(x[(x > low) & (x < high)], breaks)


def _largest(x: Floats, ours: NDArray[Any], theirs: NDArray[Any]) -> Difference:
    """The largest difference, over the size of the value where that is more than 1."""
    with np.errstate(all="ignore"):
        size = np.abs(theirs - ours)
    same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
    size = np.where(same, 0.0, np.where(np.isnan(size), np.inf, size))
    place = int(np.argmax(size / np.maximum(1.0, np.abs(np.nan_to_num(ours)))))
    return Difference(float(size[place]), float(x[place]), float(ours[place]), float(theirs[place]))


# A name with or without arguments.
_NAME = re.compile(r"(?P<place>\w+(?:\.\w+)+)(?:\((?P<arguments>.*)\))?")


def _place(name: str) -> str:
    match = _NAME.fullmatch(name)
    assert match is not None
    return match["place"]


def _chooses_a_form(name: str) -> bool:
    """Whether the arguments of a name choose another form of the function, and not the values of parameters."""
    match ast.parse(name, mode="eval").body:
        case ast.Call(args=[] | [_], keywords=keywords):
            return all(isinstance(getattr(each.value, "value", None), bool | str) for each in keywords)
    return False


def _target(name: str) -> Any:
    """The function of a name, without its arguments."""
    first, *rest = _place(name).split(".")
    found: Any = import_module(first)
    for depth, part in enumerate(rest):
        if not hasattr(found, part):
            import_module(".".join([first, *rest[: depth + 1]]))
        found = getattr(found, part)
    return found


def _callable(name: str, function: Function, entry: Activation) -> Callable[[Any], Any] | None:
    """The function of a name with its arguments and the parameters; None where that cannot be called here."""
    match = _NAME.fullmatch(name)
    if match is None or find_spec(match["place"].partition(".")[0]) is None:
        return None
    try:
        target = _target(name)
    except (ImportError, AttributeError):  # of another version
        return None
    if isinstance(target, type) or not callable(target):
        return None
    call = ast.parse(f"f({match['arguments'] or 'x'})", mode="eval").body
    assert isinstance(call, ast.Call)
    parameters = {parameter.name: parameter for parameter in entry.parameters}
    given = {_known(target, parameters[name]): value for name, value in function.non_default.items()}
    if None in given:
        return None
    keywords = {word.arg: word.value for word in call.keywords}
    arguments = call.args or [ast.Name("x")]
    try:
        [_evaluated(each, 1.0) for each in (*arguments, *keywords.values())]
    except _NotAnArgument:
        return None
    return partial(_called, target, arguments, keywords, given)


def _called(
    target: Callable[..., Any],
    arguments: list[ast.expr],
    keywords: Mapping[str | None, ast.expr],
    given: Mapping[str | None, float],
    x: Any,
) -> Any:
    named = {name: _evaluated(value, x) for name, value in keywords.items()} | dict(given)
    return target(*(_evaluated(each, x) for each in arguments), **{str(name): value for name, value in named.items()})


class _NotAnArgument(Exception):
    """A part of a name that is for readers."""


_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {ast.Div: operator.truediv, ast.Mult: operator.mul}


def _evaluated(node: ast.expr, x: Any) -> Any:
    match node:
        case ast.Name(id="x"):
            return x
        case ast.Name(id="pi"):
            return math.pi
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluated(operand, x)
        case ast.BinOp(left=left, op=ast.Div() | ast.Mult() as op, right=right):
            return _OPERATORS[type(op)](_evaluated(left, x), _evaluated(right, x))
    raise _NotAnArgument


def _known(target: Any, parameter: Parameter) -> str | None:
    """What a function calls a parameter; None where it has no such parameter. Of a built-in only a call can tell."""
    try:
        names = inspect.signature(target).parameters
    except (TypeError, ValueError):
        return parameter.name
    return next((name for name in (parameter.name, *parameter.also) if name in names), None)


def _missing(target: Any, name: str, entry: Activation) -> Iterator[str]:
    """The parameters of the entry that a function does not take; none are known of a built-in."""
    for parameter in entry.parameters:
        if _known(target, parameter) is None and f"{parameter.name}=" not in name:
            yield parameter.name
