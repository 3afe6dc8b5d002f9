"""The formulas of the catalog, evaluated with 40 digits by mpmath: what the curves are held against."""

import ast
from functools import cache
from types import CodeType
from typing import Any

import mpmath
from mpmath import mp, mpf

mp.dps = 40

_NAMES: dict[str, Any] = {
    "abs": abs,
    "arctan": mpmath.atan,
    "cos": mpmath.cos,
    "erf": mpmath.erf,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "max": max,
    "min": min,
    "Phi": mpmath.ncdf,
    "phi": mpmath.npdf,
    "pi": mpmath.pi,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "sign": mpmath.sign,
    "sin": mpmath.sin,
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "sqrt": mpmath.sqrt,
    "tanh": mpmath.tanh,
    "where": lambda condition, yes, no: yes if condition else no,
}


class _Exactly(ast.NodeTransformer):
    """Turns the literals of a formula into multi-precision numbers."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Call(ast.Name("mpf", ast.Load()), [ast.Constant(repr(node.value))], [])


def value(formula: str, x: Any, parameters: dict[str, float]) -> Any:
    """The value of a formula at ``x``."""
    main, *auxiliary = formula.split(";")
    names = {**_NAMES, "mpf": mpf, "x": mpf(x), **{name: mpf(number) for name, number in parameters.items()}}
    for definition in auxiliary:  # later ones may use earlier ones
        symbol, _, body = definition.partition("=")
        names[symbol.strip()] = _evaluate(body, names)
    return _evaluate(main, names)


def _evaluate(text: str, names: dict[str, Any]) -> Any:
    return eval(_compiled(text), {"__builtins__": {}}, names)


@cache
def _compiled(text: str) -> CodeType:
    tree = ast.fix_missing_locations(_Exactly().visit(ast.parse(text.strip(), mode="eval")))
    return compile(tree, "formula", "eval")
