"""Formulas in ball arithmetic: proved enclosures of a function and its Taylor coefficients, by python-flint.

A formula (see :mod:`actplot.functions.formula`) or an expression of the user's becomes a tree of Python closures over
power series with balls for coefficients. Given a number, the coefficients enclose the value and the derivatives there;
given a ball, those at each of its points. Nothing of a text is run as Python.
"""

import ast
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from flint import arb, arb_series, ctx, fmpq

from actplot.errors import Argument, BadValue
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function
from actplot.text import Text

# A constant or a power series. The stubs of python-flint do not know its mixed arithmetic.
Value = Any


class Undecided(ArithmeticError):
    """A comparison, or the sign of a divisor, that differs among the points of a ball: a break may lie there."""


class Undefined(ArithmeticError):
    """The function has no real value at any point of a ball."""


class Pole(ArithmeticError):
    """The value or the derivative is infinite at a point."""


@dataclass(frozen=True)
class Place:
    """Where a formula is evaluated: ``x`` as a power series; ``side`` is -1 or 1 for the limit from that side, else 0."""

    x: Value
    side: int = 0


Node = Callable[[Place, dict[str, Value]], Value]


@contextmanager
def precision(bits: int, terms: int) -> Iterator[None]:
    """Arithmetic with so many bits, and power series with so many terms."""
    before = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = bits, terms
    try:
        yield
    finally:
        ctx.prec, ctx.cap = before


@dataclass(frozen=True)
class Formula:
    """A formula at fixed parameters, compiled by :func:`compiled`."""

    text: str
    main: Node
    auxiliary: tuple[tuple[str, Node], ...]

    def series(self, x: Value, side: int = 0, scale: float = 1.0) -> Value:
        """Taylor coefficients at ``x``, a number or ball, as a power series; see :func:`precision`.

        The series is one in the distance from ``x`` over ``scale``.

        Raises
        ------
        Undecided, Undefined, Pole
            Where there are none, or too few points of the ball share them.
        """
        place = Place(arb_series([x, scale]), side)
        names: dict[str, Value] = {}
        _saturation.seen = False
        try:
            for name, node in self.auxiliary:
                names[name] = node(place, names)
            result = self.main(place, names)
        except ValueError:  # a divisor whose points are not all of one sign
            raise Undecided from None
        return result if isinstance(result, arb_series) else arb_series([result])


def enclosures(function: Function) -> tuple[Formula, Formula | None]:
    """The formula of a function and that of its derivative, where one is declared.

    Raises
    ------
    BadValue
        For a function that has no formula, or one that ball arithmetic does not know.
    """
    if function.formula is None:
        raise BadValue(
            Text(f"{function.name} has no formula to be held against", f"{function.name} 没有可以对照的公式"),
            Text(f"say what it should be with {Argument('against')}", f"请用 {Argument('against')} 说明它应为什么"),
        )
    derivative = None if function.derivative is None else compiled(function.derivative, function.parameters)
    return compiled(function.formula, function.parameters), derivative


def compiled(text: str, parameters: Mapping[str, float]) -> Formula:
    """The formula with values for its parameters; a value stands for the simplest fraction that rounds to it."""
    main, *auxiliary = text.split(";")
    known = {name: simplest(value) for name, value in parameters.items()}
    nodes = []
    for definition in auxiliary:
        name, _, body = definition.partition("=")
        nodes.append((name.strip(), _compile(_parse(body), known)))
    return Formula(text, _compile(_parse(main), known), tuple(nodes))


def _parse(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


_LARGEST_DENOMINATOR = 1_000_000


def simplest(value: float) -> fmpq:
    """1/6 for 0.16666666666666666: a parameter stands for the number that was meant, not for its rounding."""
    exact = Fraction(value)
    simple = exact.limit_denominator(_LARGEST_DENOMINATOR)
    chosen = simple if float(simple) == value else exact
    return fmpq(chosen.numerator, chosen.denominator)


def _decimal(value: float) -> fmpq:
    """A literal as it was written."""
    exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    return fmpq(exact.numerator, exact.denominator)


def _compile(node: ast.expr, parameters: Mapping[str, fmpq]) -> Node:
    """A closure that evaluates a node; stable forms stand for what cancels in tails."""
    stable = _stable_form(node)
    if stable is not None:
        name, arguments, factor = stable
        stable_call, nodes = STABLE[name], [_compile(argument, parameters) for argument in arguments]
        return lambda place, names: factor * stable_call(*(each(place, names) for each in nodes))
    match node:
        case ast.Constant(value=int() | float() as value):
            number = _decimal(value)
            return lambda place, names: arb(number)
        case ast.Name(id="x"):
            return lambda place, names: place.x
        case ast.Name(id=name):
            return _name(name, parameters)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _compile(operand, parameters)
            return lambda place, names: -inner(place, names)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _compile(operand, parameters)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power_node(_compile(left, parameters), right, parameters)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _product(_compile(left, parameters), _compile(right, parameters))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _ARITHMETIC:
            combine = _ARITHMETIC[type(operator)]
            first, second = _compile(left, parameters), _compile(right, parameters)
            return lambda place, names: combine(first(place, names), second(place, names))
        case ast.Compare():
            holds = _condition(node, parameters)
            return lambda place, names: arb(int(holds(place, names)))
        case ast.Call(func=ast.Name(id="where"), args=[condition, yes, no]):
            assert isinstance(condition, ast.Compare)
            holds = _condition(condition, parameters)
            then, otherwise = _compile(yes, parameters), _compile(no, parameters)
            return lambda place, names: (then if holds(place, names) else otherwise)(place, names)
        case ast.Call(func=ast.Name(id="max" | "min" as name), args=arguments):
            sign = 1 if name == "max" else -1
            all_nodes = [_compile(argument, parameters) for argument in arguments]
            return lambda place, names: reduce(
                lambda a, b: a if sign * sign_of(a - b, place.side) >= 0 else b, (n(place, names) for n in all_nodes)
            )
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in FUNCTIONS:
            return _apply(name, _compile(argument, parameters))
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in CATALOG:
            return _entry_node(name, arguments, parameters)
    raise BadValue(
        Text(f"the audit has no exact arithmetic for {ast.unparse(node)!r}", f"检验不能精确计算 {ast.unparse(node)!r}"),
        Text(f"give {Argument('against')} another formula", f"请给 {Argument('against')} 另一个公式"),
    )


def _name(name: str, parameters: Mapping[str, fmpq]) -> Node:
    if name in parameters:
        number = parameters[name]
        return lambda place, names: arb(number)
    if name in ("pi", "e"):
        constant = arb.pi if name == "pi" else arb.const_e
        return lambda place, names: constant()
    return lambda place, names: names[name]


def _apply(name: str, inner: Node) -> Node:
    call = FUNCTIONS[name]
    if name in _SIDED:
        return lambda place, names: call(inner(place, names), place.side)
    return lambda place, names: call(inner(place, names))


def _entry_node(name: str, arguments: list[ast.expr], parameters: Mapping[str, fmpq]) -> Node:
    """An entry of the catalog applied to an argument, with values for its parameters by position."""
    entry = CATALOG[name]
    first, *given = arguments
    values = {}
    for parameter, node in zip(entry.defaults, given, strict=False):
        value = _compile(node, parameters)(Place(arb(0)), {})
        values[parameter] = float(value.mid())
    function = entry.bind(**values)
    assert function.formula is not None
    formula, inner = compiled(function.formula, function.parameters), _compile(first, parameters)

    def call(place: Place, names: dict[str, Value]) -> Value:
        there = Place(inner(place, names), place.side)
        own: dict[str, Value] = {}
        for auxiliary, node in formula.auxiliary:
            own[auxiliary] = node(there, own)
        return formula.main(there, own)

    return call


def _condition(node: ast.Compare, parameters: Mapping[str, fmpq]) -> Callable[[Place, dict[str, Value]], bool]:
    parts = [_compile(part, parameters) for part in (node.left, *node.comparators)]
    relations = [_RELATIONS[type(relation)] for relation in node.ops]

    def holds(place: Place, names: dict[str, Value]) -> bool:
        values = [part(place, names) for part in parts]
        return all(
            relation(sign_of(first - second, place.side))
            for relation, first, second in zip(relations, values, values[1:], strict=False)
        )

    return holds


_RELATIONS: dict[type[ast.cmpop], Callable[[int], bool]] = {
    ast.Lt: lambda sign: sign < 0,
    ast.LtE: lambda sign: sign <= 0,
    ast.Gt: lambda sign: sign > 0,
    ast.GtE: lambda sign: sign >= 0,
    ast.Eq: lambda sign: sign == 0,
    ast.NotEq: lambda sign: sign != 0,
}


def constant_term(value: Value) -> arb:
    """The value itself, without its derivatives."""
    return value[0] if isinstance(value, arb_series) else value


# A smaller term of a one-sided limit counts as 0: parameters such as 1/6 are not exact in binary.
_NEGLIGIBLE = 2.0**-60


def sign_of(value: Value, side: int = 0) -> int:
    """The sign of every point of a ball, which must be the same; of a limit, that of the first term which is not 0.

    A ball that reaches 0 with one end, at a limit from that side, has the sign of its other points.
    """
    terms = list(value) if isinstance(value, arb_series) and side else [constant_term(value)]
    for order, term in enumerate(terms):
        if term > 0:
            return int(side**order) if side else 1
        if term < 0:
            return -int(side**order) if side else -1
        if term.is_zero():
            continue
        if not side:
            raise Undecided
        if not term.abs_upper() < _NEGLIGIBLE:
            if order == 0 and (term >= 0 or term <= 0):
                return 1 if term >= 0 else -1
            raise Undecided
    return 0


def _stable_form(node: ast.expr) -> tuple[str, list[ast.expr], int] | None:
    """A function of :data:`STABLE`, its arguments and a sign, for a node whose terms nearly cancel somewhere."""
    match node:
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Div(), right=below) if u := _in_one_plus_exp(below):
            return "sigmoid", [_negated(u)], 1  # 1/(1 + exp(-u))
        case ast.BinOp(left=above, op=ast.Div(), right=below) if u := _in_tanh(above, below):
            return "tanh", [u], 1  # (exp(u) - exp(-u))/(exp(u) + exp(-u))
        case ast.BinOp(left=ast.Call(func=ast.Name(id="sin"), args=[u]), op=ast.Div(), right=below) if _same(u, below):
            return "sinc", [u], 1  # sin(u)/u
        case ast.Call(func=ast.Name(id="log" | "ln"), args=[ast.BinOp(left=above, op=ast.Div(), right=below)]) if (
            u := _in_one_plus_exp(above)
        ) and (v := _in_one_plus_exp(below)):
            return "softplus_difference", [u, v], 1  # log((1 + exp(u))/(1 + exp(v)))
        case ast.Call(func=ast.Name(id="log" | "ln"), args=[ast.BinOp(left=above, op=ast.Div(), right=below)]) if (
            isinstance(below, ast.Constant) and (u := _in_one_plus_exp(above))
        ):
            return "softplus_less_log", [u, below], 1  # log((1 + exp(u))/2)
        case ast.Call(func=ast.Name(id="log" | "ln"), args=[inside]) if u := _in_one_plus_exp(inside):
            return "softplus", [u], 1  # log(1 + exp(u))
        case ast.BinOp(left=ast.Call(func=ast.Name(id="exp"), args=[u]), op=ast.Sub(), right=ast.Constant(value=1)):
            return "expm1", [u], 1  # exp(u) - 1
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Sub(), right=ast.Call(func=ast.Name(id="exp"), args=[u])):
            return "expm1", [u], -1  # 1 - exp(u)
        case ast.BinOp(
            left=u,
            op=ast.Add(),
            right=ast.Call(
                func=ast.Name(id="sqrt"),
                args=[
                    ast.BinOp(left=ast.BinOp(left=v, op=ast.Pow(), right=ast.Constant(value=2)), op=ast.Add(), right=b)
                ],
            ),
        ) if _same(u, v):
            return "root_sum", [u, b], 1  # u + sqrt(u**2 + b)
    return None


def _same(first: ast.expr, second: ast.expr) -> bool:
    return ast.dump(first) == ast.dump(second)


def _in_one_plus_exp(node: ast.expr) -> ast.expr | None:
    match node:
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Add(), right=ast.Call(func=ast.Name(id="exp"), args=[u])):
            return u
    return None


def _in_tanh(above: ast.expr, below: ast.expr) -> ast.expr | None:
    match above, below:
        case (
            ast.BinOp(
                left=ast.Call(func=ast.Name(id="exp"), args=[u]),
                op=ast.Sub(),
                right=ast.Call(func=ast.Name(id="exp"), args=[v]),
            ),
            ast.BinOp(
                left=ast.Call(func=ast.Name(id="exp"), args=[w]),
                op=ast.Add(),
                right=ast.Call(func=ast.Name(id="exp"), args=[z]),
            ),
        ) if _same(u, w) and _same(v, z) and _same(_negated(u), v):
            return u
    return None


def _negated(node: ast.expr) -> ast.expr:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return operand
    return ast.UnaryOp(ast.USub(), node)


def _divide(above: Value, below: Value) -> Value:
    divisor = constant_term(below)
    if divisor.is_zero():
        if isinstance(above, arb_series) and isinstance(below, arb_series) and constant_term(above).is_zero():
            try:
                return above / below
            except ValueError:
                raise Pole from None
        raise Pole
    if not (divisor > 0 or divisor < 0):
        raise Undecided
    return above / below


def _product(left: Node, right: Node) -> Node:
    """The product of two nodes; a constant 0 switches the other one off, which may have a pole."""

    def call(place: Place, names: dict[str, Value]) -> Value:
        first = left(place, names)
        if isinstance(first, arb) and first.is_zero():
            return first
        return first * right(place, names)

    return call


_ARITHMETIC: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Div: _divide,
}


def _power_node(base: Node, exponent: ast.expr, parameters: Mapping[str, fmpq]) -> Node:
    whole = _whole(exponent)
    if whole is not None and whole >= 0:
        return lambda place, names: base(place, names) ** whole
    if whole is not None:
        return lambda place, names: _divide(arb(1), base(place, names) ** -whole)
    above = _compile(exponent, parameters)
    return lambda place, names: _power(base(place, names), above(place, names))


def _whole(node: ast.expr) -> int | None:
    match node:
        case ast.Constant(value=int() | float() as value) if value == int(value):
            return int(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)) if value == int(value):
            return -int(value)
    return None


def _power(base: Value, exponent: Value) -> Value:
    bottom = constant_term(base)
    if bottom.is_zero() and not isinstance(exponent, arb_series):
        if exponent > 1 or (exponent > 0 and ctx.cap == 1):
            return base * 0
        raise Pole
    return _exp(exponent * _log(base))


def _with_constant(series: Value, constant: arb) -> Value:
    """The series with another constant term, which is known better."""
    return arb_series([constant, *list(series)[1:]], prec=series.prec)


def _builtin(name: str) -> Callable[[Value], Value]:
    def call(u: Value) -> Value:
        return getattr(u, name)()

    return call


class _Saturation(threading.local):
    """Whether the present evaluation has cut an exponential off."""

    seen = False


_saturation = _Saturation()
# Where all points of a ball have a larger exponent than this, exp stands still at its value for this one: a number that
# no power of an input reaches, and beyond every format. What grows as slowly as a logarithm would undo that.
_LARGEST_EXPONENT = 2.0**16


def _exp(u: Value) -> Value:
    if constant_term(u) > _LARGEST_EXPONENT:
        _saturation.seen = True
        return arb(_LARGEST_EXPONENT).exp()
    return u.exp()


def _log(u: Value) -> Value:
    if _saturation.seen:
        raise Undecided
    inside = constant_term(u)
    if inside > 0:
        return u.log()
    if inside < 0:
        raise Undefined
    raise Pole if inside.is_zero() else Undecided


def _sqrt(u: Value) -> Value:
    inside = constant_term(u)
    if inside > 0:
        return u.sqrt()
    if inside < 0:
        raise Undefined
    if not inside.is_zero():
        raise Undecided
    if isinstance(u, arb_series) and ctx.cap > 1 and any(not term.is_zero() for term in u):
        raise Pole
    return arb(0)


def _expm1(u: Value) -> Value:
    if not isinstance(u, arb_series) or u[0] > _LARGEST_EXPONENT:
        return _exp(u) - 1 if constant_term(u) > _LARGEST_EXPONENT else u.expm1()
    return _with_constant(u.exp(), u[0].expm1())


def _log1p(u: Value) -> Value:
    if not isinstance(u, arb_series):
        return u.log1p() if u > -1 else _log(u + 1)
    return _with_constant(_log(u + 1), u[0].log1p())


# Beyond this an exponential differs from 0 or infinity by less than any format could show.
_SATURATED = 2.0**40


def _sigmoid(u: Value) -> Value:
    inside = constant_term(u)
    if inside > _SATURATED:
        return arb(1)
    if inside > 0:
        return 1 / (1 + (-u).exp())
    below = u.exp()
    return below / (1 + below)


def _tanh(u: Value) -> Value:
    inside = constant_term(u)
    if not isinstance(u, arb_series):
        return u.tanh()
    if inside > _SATURATED or inside < -_SATURATED:
        return arb(1 if inside > 0 else -1)
    sign = -1 if inside < 0 else 1
    below = (-2 * sign * u).exp()
    return _with_constant(-2 * sign * below / (1 + below), inside.tanh())


def _softplus(u: Value) -> Value:
    inside = constant_term(u)
    if inside > _SATURATED:
        return u
    value = inside.exp().log1p() if not inside > 0 else inside + (-inside).exp().log1p()
    if not isinstance(u, arb_series):
        return value
    return (u.derivative() * _sigmoid(u)).integral() + value


def _root_sum(u: Value, b: Value) -> Value:
    """u + sqrt(u**2 + b)."""
    root = _sqrt(u * u + b)
    return b / (root - u) if constant_term(u) < 0 else u + root


def _sinc(u: Value) -> Value:
    """sin(u)/u; around 0 by its power series, of which what is left out is below 2**-200."""
    inside = constant_term(u)
    if inside > 0 or inside < 0 or inside.is_zero():
        return _divide(u.sin(), u)
    if not inside.abs_upper() < 1:
        raise Undecided
    square = u * u
    result = arb(1, 2.0**-200)
    for k in range(24, 0, -1):
        result = 1 - square * result / (2 * k * (2 * k + 1))
    return result


def _by_slope(name: str, slope: Callable[[Value], Value], domain: Callable[[arb], bool]) -> Callable[[Value], Value]:
    """A function of numbers, and of series by the integral of its derivative."""

    def call(u: Value) -> Value:
        inside = constant_term(u)
        value = getattr(inside, name)()
        if not domain(inside):
            raise Undecided if not inside.is_exact() else Undefined
        if not isinstance(u, arb_series) or ctx.cap == 1:
            return value
        return (u.derivative() * slope(u)).integral() + value

    return call


def _tan(u: Value) -> Value:
    cosine = constant_term(u).cos()
    if not (cosine > 0 or cosine < 0):
        raise Undecided
    return u.tan()


def _lgamma(u: Value) -> Value:
    inside = constant_term(u)
    if inside > 0:
        return u.lgamma()
    if ctx.cap > 1 and isinstance(u, arb_series):  # by reflection
        from_above = (1 - u).lgamma()
        sine = abs_of(u.sin_pi() if hasattr(u, "sin_pi") else (u * arb.pi()).sin())
        return (_divide(arb.pi(), sine)).log() - from_above
    return abs_of(inside.gamma()).log()


def _cbrt(u: Value) -> Value:
    inside = constant_term(u)
    if inside.is_zero():
        if ctx.cap > 1:
            raise Pole
        return arb(0)
    sign = sign_of(u)
    return sign * ((sign * u).log() / 3).exp()


def abs_of(u: Value, side: int = 0) -> Value:
    """The absolute value."""
    return u if sign_of(u, side) >= 0 else -u


def _step(round_one: Callable[[arb], arb]) -> Callable[[Value], Value]:
    """A function that is constant between its jumps."""

    def call(u: Value) -> Value:
        value = round_one(constant_term(u))
        if not value.is_exact():
            raise Undecided
        return value

    return call


def _round(u: arb) -> arb:
    """To the nearest whole number, ties to even, as torch does."""
    low = (u - arb(0.5)).ceil()
    high = (u + arb(0.5)).floor()
    if low.is_exact() and high.is_exact() and not (low - high).is_zero():  # a tie
        return low if (low / 2).is_integer() else high
    return high


FUNCTIONS: dict[str, Callable[..., Value]] = {
    **{name: _builtin(name) for name in ("sin", "cos", "erf", "erfc", "atan")},
    "abs": abs_of,
    "sign": lambda u, side: arb(sign_of(u, side)),
    "exp": _exp,
    "expm1": _expm1,
    "log": _log,
    "log1p": _log1p,
    "log2": lambda u: _log(u) / arb.const_log2(),
    "log10": lambda u: _log(u) / arb.const_log10(),
    "sqrt": _sqrt,
    "cbrt": _cbrt,
    "square": lambda u: u * u,
    "tan": _tan,
    "sinh": lambda u: (_expm1(u) - _expm1(-u)) / 2,
    "cosh": lambda u: (_exp(u) + _exp(-u)) / 2,
    "tanh": _tanh,
    "asin": _by_slope("asin", lambda u: _sqrt(1 - u * u) ** -1, lambda c: abs(c) < 1),
    "acos": _by_slope("acos", lambda u: -(_sqrt(1 - u * u) ** -1), lambda c: abs(c) < 1),
    "asinh": _by_slope("asinh", lambda u: (1 + u * u).rsqrt(), lambda c: True),
    "acosh": _by_slope("acosh", lambda u: _sqrt(u * u - 1) ** -1, lambda c: bool(c > 1)),
    "atanh": _by_slope("atanh", lambda u: 1 / (1 - u * u), lambda c: abs(c) < 1),
    "sigmoid": _sigmoid,
    "softplus": _softplus,
    "Phi": lambda u: (-u * arb(0.5).sqrt()).erfc() / 2,
    "phi": lambda u: (-(u * u) / 2).exp() / (2 * arb.pi()).sqrt(),
    "lgamma": _lgamma,
    "floor": _step(arb.floor),
    "ceil": _step(arb.ceil),
    "trunc": _step(lambda u: u.floor() if u >= 0 else u.ceil()),
    "round": _step(_round),
}
# What stands for the forms that :func:`_stable_form` finds.
STABLE: dict[str, Callable[..., Value]] = {
    "expm1": _expm1,
    "root_sum": _root_sum,
    "sigmoid": _sigmoid,
    "sinc": _sinc,
    "softplus": _softplus,
    "softplus_difference": lambda u, v: _softplus(u) - _softplus(v),
    "softplus_less_log": lambda u, b: _softplus(u) - _log(b),
    "tanh": _tanh,
}
FUNCTIONS |= {
    other: FUNCTIONS[name]
    for other, name in (
        *(("ln", "log"), ("arctan", "atan"), ("arcsin", "asin"), ("arccos", "acos")),
        *(("arcsinh", "asinh"), ("arccosh", "acosh"), ("arctanh", "atanh")),
    )
}
# Those that look at a sign, which at a limit depends on the side.
_SIDED = ("abs", "sign")
