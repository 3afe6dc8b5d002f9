"""Functions written down for the page: formulas as trees that JavaScript computes, and as MathML.

A tree is JSON: a number; a name, which is ``"x"``, a parameter, ``"pi"`` or ``"e"``; or a list that begins with an
operator and goes on with its arguments:

* ``+ - * / **`` with two arguments, ``neg`` with one;
* ``< <= > >= == !=`` with two, ``and`` with several: 1 where it holds, else 0;
* ``where``, a condition and two values; with one value alone, in lists of places, a place under a condition;
* ``max`` and ``min`` with two or more;
* ``call``, the name of an entry of the catalog, its argument and its parameters in their order;
* functions of one argument: those of :mod:`actplot.functions.expression`, and ``softplus`` without a threshold.
"""

import ast
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from actplot.errors import BadValue
from actplot.functions import formula as formulas
from actplot.functions.catalog import CATALOG
from actplot.functions.expression import ELEMENTARY, FUNCTIONS, Expression
from actplot.functions.mathml import mathml
from actplot.functions.registry import Activation, Function, Parameter
from actplot.numerics.curve import Curve
from actplot.numerics.experiments.softmax import Varied
from actplot.text import Text, number

__all__ = ["entry", "free_parameter", "mathml", "places", "samples", "samples_of", "tree"]

Tree = float | int | str | list[Any]

_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


def tree(source: str | Expression) -> Tree:
    """A formula of the catalog, or an expression of ``actplot plot``, as a tree.

    Raises
    ------
    BadValue
        For a part that cannot be compiled, naming it.
    """
    if isinstance(source, Expression):
        return _Compiler({}, is_expression=True).tree(source.tree)
    main, auxiliary = formulas.definitions(source)
    known: dict[str, Tree] = {}
    for symbol, body in _in_order(auxiliary):
        known[symbol] = _Compiler(known).tree(body)
    return _Compiler(known).tree(main)


def why_sampled(function: Function) -> Text | Literal[""] | None:
    """What keeps the page from computing a function by its formula: the part that cannot be compiled, or "" for code,
    which has none; None where nothing does."""
    if hasattr(function.call, "activation") or isinstance(function.call, Varied):
        return None
    if not isinstance(function.call, Expression):
        return ""
    try:
        entry(function)
    except BadValue as error:
        return error.text
    return None


def places(rule: str) -> list[Tree]:
    """The places of a rule (see :mod:`actplot.functions.rules`), each as a tree in the parameters."""
    if not rule:
        return []
    main, auxiliary = formulas.definitions(rule)
    known: dict[str, Tree] = {}
    for symbol, body in auxiliary:
        known[symbol] = _Compiler(known).tree(body)
    listed = main.elts if isinstance(main, ast.Tuple) else [main]
    return [_Compiler(known).tree(node) for node in listed]


def entry(source: Activation | Function) -> dict[str, Any]:
    """What the page knows of a function, as JSON: an entry of the catalog, or an expression with its parameters.

    Raises
    ------
    BadValue
        For a callable, which has no formula, and for an expression that cannot be compiled.
    """
    if isinstance(source, Activation):
        return _entry_of_catalog(source)
    activation = getattr(source.call, "activation", None)
    if activation is not None:
        return _entry_of_catalog(activation)
    if not isinstance(source.call, Expression):
        raise BadValue(
            Text(f"{source.title} has no formula", f"{source.title} 没有公式"),
            Text("a callable is drawn from samples", "可调用对象按取样的点绘制"),
        )
    return {
        "name": source.name,
        "title": {"en": source.title, "zh": source.title},
        "family": "",
        "parameters": [free_parameter(name, value) for name, value in source.parameters.items()],
        "range": list(source.range),
        "tree": tree(source.call),
        "formula": {"y": mathml(source.formula) if source.formula else None, "dy": None},
    }


def samples(curves: Sequence[Curve]) -> dict[str, Any]:
    """Curves of one function that has no formula, as JSON: x, values (null where not finite) and breaks of each.

    What their parameters differ in becomes a parameter that takes their values alone.
    """
    first = curves[0].function
    varying = [name for name in first.parameters if len({curve.function.parameters[name] for curve in curves}) > 1]
    parameters = []
    for name in varying:
        values = sorted({curve.function.parameters[name] for curve in curves})
        choices = {"choices": {number(value): value for value in values}}
        parameters.append(
            free_parameter(name, first.parameters[name]) | choices | {"low": values[0], "high": values[-1]}
        )
    return {
        "name": first.name,
        "title": {"en": first.title, "zh": first.title},
        "family": "",
        "parameters": parameters,
        "range": list(curves[0].range),
        "formula": {"y": None, "dy": None},
        "samples": [samples_of(curve, varying) for curve in curves],
    }


def samples_of(curve: Curve, varying: Sequence[str] = ()) -> dict[str, Any]:
    """One curve as JSON, with those of its parameters that tell it from others."""
    names = ("y", "dy", "d2y")
    return {
        "parameters": {name: curve.function.parameters[name] for name in varying},
        "x": curve.x.tolist(),
        **{name: _finite(getattr(curve, name)) for name in names[: curve.order + 1]},
        "breaks": [
            {
                "x": at.x,
                **{
                    name: [_finite_or_text(getattr(at, f"{name}_{side}")) for side in ("left", "right", "at")]
                    for name in names
                },
            }
            for at in curve.breaks
        ],
    }


def _finite(values: Iterable[float]) -> list[float | None]:
    return [float(value) if math.isfinite(value) else None for value in values]


def _finite_or_text(value: float) -> float | str:
    """A number for JSON, which has no infinity; the page reads the words back."""
    return float(value) if math.isfinite(value) else {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")


def _entry_of_catalog(source: Activation) -> dict[str, Any]:
    return {
        "name": source.name,
        "title": _both(source.title),
        **({"chinese": source.chinese} if source.chinese else {}),
        **({"variable": _both(source.variable)} if source.variable else {}),
        "family": source.family,
        "aliases": list(source.aliases),
        "parameters": [_parameter(each) for each in source.parameters],
        "range": list(source.range),
        "domain": [end if math.isfinite(end) else None for end in source.domain],
        "tree": tree(source.formula),
        "at": {"dy": tree(source.derivative), "d2y": tree(source.d2y_at) if source.d2y_at else None},
        "breaks": places(source.breaks),
        "kinks": places(source.dy_kinks),
        "requires": tree(source.requires) if source.requires else None,
        "formula": {"y": mathml(source.formula), "dy": mathml(source.derivative, "f'(x)")},
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    low, high = parameter.span
    entry = {
        "name": parameter.name,
        "default": parameter.default,
        "low": low,
        "high": high,
        "text": _both(parameter.text),
        "domain": {
            "low": parameter.above if parameter.above is not None else parameter.at_least,
            "high": parameter.at_most,
            "open_low": parameter.above is not None,
            "open_high": False,
        },
    }
    return entry | ({"choices": dict(parameter.choices)} if parameter.choices else {})


def free_parameter(name: str, value: float) -> dict[str, Any]:
    """A parameter without a declaration: a slider around its value."""
    reach = max(1.0, abs(value))
    return {
        "name": name,
        "default": value,
        "low": value - reach,
        "high": value + reach,
        "text": {"zh": name, "en": name},
        "domain": {"low": None, "high": None, "open_low": False, "open_high": False},
    }


def _in_order(auxiliary: Sequence[tuple[str, ast.expr]]) -> Iterable[tuple[str, ast.expr]]:
    """Auxiliary quantities in an order in which each needs only earlier ones; formulas may name them in any."""
    waiting = dict(auxiliary)
    while waiting:
        for symbol, body in waiting.items():
            names = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
            if not names & (waiting.keys() - {symbol}):
                yield symbol, waiting.pop(symbol)
                break
        else:
            raise BadValue(
                Text(
                    f"auxiliary quantities need each other: {', '.join(waiting)}",
                    f"辅助量互相依赖：{'、'.join(waiting)}",
                )
            )


class _Compiler:
    """Turns syntax trees into trees.

    ``known`` are auxiliary quantities. In an expression functions of the catalog can be called; in a formula
    ``softplus`` is the function without a threshold.
    """

    def __init__(self, known: Mapping[str, Tree], *, is_expression: bool = False) -> None:
        self._known = known
        self._is_expression = is_expression

    def tree(self, node: ast.expr) -> Tree:
        match node:
            case ast.Constant(value=int() | float() as value):
                return int(value) if value == int(value) and abs(value) < 2**53 else float(value)
            case ast.Name(id=name):
                return self._known.get(name, name)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.tree(operand)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.tree(operand)
                return ["neg", inner] if isinstance(inner, str | list) else -inner
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
                return [_OPERATORS[type(operator)], self.tree(left), self.tree(right)]
            case ast.Compare(left=left, ops=relations, comparators=others):
                terms = [self.tree(part) for part in (left, *others)]
                links: list[Tree] = [
                    [_OPERATORS[type(relation)], first, second]
                    for relation, first, second in zip(relations, terms, terms[1:], strict=False)
                ]
                return links[0] if len(links) == 1 else ["and", *links]
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return [*self._function(name, node), *map(self.tree, arguments)]
        raise BadValue(Text(f"cannot be compiled: {ast.unparse(node)}", f"无法编译：{ast.unparse(node)}"))

    def _function(self, name: str, node: ast.expr) -> list[Tree]:
        if name in FUNCTIONS:
            return [ELEMENTARY.get(name, name)]
        if not self._is_expression and name == "softplus":
            return [name]
        if self._is_expression and name in CATALOG:
            return ["call", CATALOG[name].name]
        raise BadValue(Text(f"cannot be compiled: {ast.unparse(node)}", f"无法编译：{ast.unparse(node)}"))
