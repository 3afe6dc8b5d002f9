"""Rules across the parameters of an entry, in the language of formulas: where breaks are, which values go together.

A list of places is written ``"-lambd, lambd"``; ``where(alpha != 1, 0)``, with two arguments, is a place only where
the condition holds. Auxiliary quantities follow after semicolons, as in :mod:`actplot.functions.formula`. Rules are
evaluated in plain floats, without torch or NumPy, and parsed when they are first asked.
"""

import ast
import math
import re
from collections.abc import Callable, Mapping
from functools import cache

from actplot.functions.formula import definitions
from actplot.functions.operators import ARITHMETIC, COMPARISONS

_FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": abs,
    "exp": math.exp,
    "log": math.log,
    "log1p": math.log1p,
    "max": max,
    "min": min,
    "sqrt": math.sqrt,
}
_CONSTANTS = {"pi": math.pi, "e": math.e}
_NAME = re.compile(r"\b[A-Za-z_]\w*")


def names(rule: str) -> set[str]:
    """The parameters that a rule mentions; quick, without parsing it."""
    defined = {part.partition("=")[0].strip() for part in rule.split(";")[1:]}
    return set(_NAME.findall(rule)) - {"where", *_FUNCTIONS, *_CONSTANTS} - defined


def places(rule: str, values: Mapping[str, float]) -> tuple[float, ...]:
    """The places that a list names at these parameter values, in ascending order, each once."""
    listed, scope = _prepare(rule, values)
    found = (_conditional(node, scope) for node in listed)
    return tuple(sorted({place + 0.0 for place in found if place is not None}))  # -0.0 becomes 0.0


def holds(rule: str, values: Mapping[str, float]) -> bool:
    """Whether a comparison such as ``"lower <= upper"`` is true; the empty rule always is."""
    listed, scope = _prepare(rule, values)
    return all(_value(node, scope) for node in listed)


def _prepare(rule: str, values: Mapping[str, float]) -> tuple[list[ast.expr], dict[str, float]]:
    listed, auxiliary = _parse(rule)
    scope = {**_CONSTANTS, **values}
    for symbol, body in auxiliary:
        scope[symbol] = _value(body, scope)
    return listed, scope


@cache
def _parse(rule: str) -> tuple[list[ast.expr], list[tuple[str, ast.expr]]]:
    """The listed expressions, and the auxiliary quantities in an order in which each needs only earlier ones."""
    if not rule.strip():
        return [], []
    main, auxiliary = definitions(rule)
    return main.elts if isinstance(main, ast.Tuple) else [main], auxiliary


def _conditional(node: ast.expr, scope: Mapping[str, float]) -> float | None:
    """A place, or None where its condition does not hold."""
    match node:
        case ast.Call(func=ast.Name(id="where"), args=[condition, place]):
            return _value(place, scope) if _value(condition, scope) else None
    return _value(node, scope)


def _value(node: ast.expr, scope: Mapping[str, float]) -> float:
    """The value of arithmetic on numbers and names; a comparison counts as 1 or 0."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            return scope[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, scope)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in ARITHMETIC:
            return float(ARITHMETIC[type(operator)](_value(left, scope), _value(right, scope)))
        case ast.Compare(left=left, ops=[relation], comparators=[right]):
            return float(COMPARISONS[type(relation)](_value(left, scope), _value(right, scope)))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(_value(argument, scope) for argument in arguments))
    raise SyntaxError(f"not part of a rule: {ast.unparse(node)}")
