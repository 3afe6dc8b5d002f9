"""Formulas in float64 with a bound on every rounding error, for functions that swing too fast for polynomials.

Each number is a pair of tensors: the value, and how far the true one can be from it. An operation of float64 is off by
at most half a unit in the last place; an elementary function by at most :data:`_FUNCTION_ULPS`, which is more than the
documented errors of the libraries that torch calls (SLEEF: 1; CUDA's mathematical functions in double precision: up to
2 for those used here). What the bound is too wide for is left to ball arithmetic.
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from actplot.functions.operators import COMPARISONS
from actplot.functions.registry import Function
from actplot.numerics.audit.enclosure import simplest

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

_HALF_ULP = 2.0**-53
_FUNCTION_ULPS = 8.0
# Second-order terms of the propagation of errors.
_SLACK = 1.0 + 2.0**-20


# Of the significand of an input: inputs are of float32 or of a narrower format.
_INPUT_BITS = 24


class NotBounded(Exception):
    """A formula with an operation that has no bound here."""


@dataclass(frozen=True)
class Bounded:
    """Values, and bounds on their errors; NaN and infinity stand for no bound.

    ``bits`` are those of the significands that can be other than 0: products of short ones are exact.
    """

    value: "Tensor"
    error: "Tensor"
    bits: int = 53

    def __neg__(self) -> "Bounded":
        return Bounded(-self.value, self.error, self.bits)

    def plus(self, other: "Bounded") -> "Bounded":
        """The sum."""
        value = self.value + other.value
        return Bounded(value, (self.error + other.error + _HALF_ULP * value.abs()) * _SLACK)

    def times(self, other: "Bounded") -> "Bounded":
        """The product."""
        value = self.value * other.value
        error = self.value.abs() * other.error + other.value.abs() * self.error + self.error * other.error
        bits = self.bits + other.bits
        rounding = 0.0 if bits <= 53 else _HALF_ULP
        return Bounded(value, (error + rounding * value.abs()) * _SLACK, min(bits, 53))

    def over(self, other: "Bounded") -> "Bounded":
        """The quotient; no bound where the divisor could be 0."""
        value = self.value / other.value
        room = other.value.abs() - other.error
        error = (self.error + value.abs() * other.error) / room
        error = torch.where(room > 0, error, torch.inf)
        return Bounded(value, (error + _HALF_ULP * value.abs()) * _SLACK)


Node = Callable[[Bounded, dict[str, Bounded]], Bounded]


def direct(text: str, parameters: Mapping[str, float]) -> "Callable[[Tensor], Bounded]":
    """The formula as a function of a float64 tensor.

    Raises
    ------
    NotBounded
        For a formula with another operation.
    """
    main, *auxiliary = text.split(";")
    constants = {name: _fraction(value) for name, value in parameters.items()}
    definitions = []
    for definition in auxiliary:
        name, _, body = definition.partition("=")
        definitions.append((name.strip(), _compile(_parse(body), constants)))
    node = _compile(_parse(main), constants)

    def call(x: "Tensor") -> Bounded:
        place = Bounded(x, torch.zeros_like(x), _INPUT_BITS)
        names: dict[str, Bounded] = {}
        for name, each in definitions:
            names[name] = each(place, names)
        return node(place, names)

    return call


def direct_forms(function: Function) -> "tuple[Callable[[Tensor], Bounded] | None, Callable[[Tensor], Bounded] | None]":
    """Those of the function's formula and of its derivative's; None where there is none, or where nothing swings."""

    def form(text: str | None) -> "Callable[[Tensor], Bounded] | None":
        try:
            return direct(text, function.parameters) if text is not None and _SWINGS.search(text) else None
        except NotBounded:
            return None

    return form(function.formula), form(function.derivative)


_SWINGS = re.compile(r"\b(sin|cos)\b")


def _parse(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


def _fraction(value: float) -> Fraction:
    number = simplest(value)
    return Fraction(int(number.p), int(number.q))


def _constant(number: Fraction) -> Node:
    value = float(number)
    numerator = abs(Fraction(value).numerator) or 1
    bits = (numerator // (numerator & -numerator)).bit_length()
    off = abs(float(number - Fraction(value))) * _SLACK

    def call(x: Bounded, names: dict[str, Bounded]) -> Bounded:
        return Bounded(torch.full_like(x.value, value), torch.full_like(x.value, off), bits)

    return call


def _compile(node: ast.expr, parameters: Mapping[str, Fraction]) -> Node:
    match node:
        case ast.Constant(value=int() | float() as value):
            return _constant(Fraction(repr(value)))
        case ast.Name(id="x"):
            return lambda x, names: x
        case ast.Name(id=name) if name in parameters:
            return _constant(parameters[name])
        case ast.Name(id=name) if name not in ("pi", "e"):
            return lambda x, names: names[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _compile(operand, parameters)
            return lambda x, names: -inner(x, names)
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)) if 1 <= power <= 8:
            return _power(_compile(left, parameters), power)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() as operator, right=right):
            return _binary(_compile(left, parameters), operator, _compile(right, parameters))
        case ast.Call(func=ast.Name(id="where"), args=[ast.Compare() as condition, yes, no]):
            return _where(condition, _compile(yes, parameters), _compile(no, parameters), parameters)
        case ast.Call(func=ast.Name(id="abs"), args=[argument]):
            inner = _compile(argument, parameters)

            def absolute(x: Bounded, names: dict[str, Bounded]) -> Bounded:
                number = inner(x, names)
                return Bounded(number.value.abs(), number.error)

            return absolute
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _FUNCTIONS:
            return _applied(name, _compile(argument, parameters))
    raise NotBounded(ast.unparse(node))


def _binary(left: Node, operator: ast.operator, right: Node) -> Node:
    def call(x: Bounded, names: dict[str, Bounded]) -> Bounded:
        first, second = left(x, names), right(x, names)
        match operator:
            case ast.Add():
                return first.plus(second)
            case ast.Sub():
                return first.plus(-second)
            case ast.Mult():
                return first.times(second)
        return first.over(second)

    return call


def _power(base: Node, power: int) -> Node:
    def call(x: Bounded, names: dict[str, Bounded]) -> Bounded:
        number = result = base(x, names)
        for _ in range(power - 1):
            result = result.times(number)
        return result

    return call


def _where(condition: ast.Compare, yes: Node, no: Node, parameters: Mapping[str, Fraction]) -> Node:
    """Each branch where its condition certainly holds; no bound where that is not certain."""
    parts = [_compile(part, parameters) for part in (condition.left, *condition.comparators)]

    def call(x: Bounded, names: dict[str, Bounded]) -> Bounded:
        numbers = [part(x, names) for part in parts]
        holds = torch.ones_like(x.value, dtype=torch.bool)
        certain = torch.ones_like(holds)
        for relation, first, second in zip(condition.ops, numbers, numbers[1:], strict=False):
            holds &= COMPARISONS[type(relation)](first.value, second.value)
            error = first.error + second.error
            certain &= ((first.value - second.value).abs() > error) | (error == 0)
        then, otherwise = yes(x, names), no(x, names)
        error = torch.where(certain, torch.where(holds, then.error, otherwise.error), torch.inf)
        return Bounded(torch.where(holds, then.value, otherwise.value), error)

    return call


# Functions of torch whose slope is at most 1 in size.
_FUNCTIONS = ("sin", "cos", "tanh", "sigmoid", "atan", "arctan")


def _applied(name: str, inner: Node) -> Node:
    def call(x: Bounded, names: dict[str, Bounded]) -> Bounded:
        number = inner(x, names)
        value = getattr(torch, name)(number.value)
        return Bounded(value, (number.error + _FUNCTION_ULPS * 2 * _HALF_ULP * value.abs()) * _SLACK)

    return call
