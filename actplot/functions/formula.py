"""Formulas: expressions in ``x`` and parameters, set as mathtext for figures and as text for terminals.

MathML for browsers is in :mod:`actplot.functions.mathml`.

The language is a small part of Python's expressions, so that a formula can be both typeset and evaluated:
numbers, names, ``+ - * / **``, comparisons, calls such as ``max(0, x)`` and ``where(x > 0, x, 0)``. Auxiliary
quantities follow after semicolons: ``"x*tanh(s); s = softplus(x)"``.
"""

import ast
from abc import ABC, abstractmethod
from collections.abc import Sequence

from actplot.text import number

GREEK = {
    "alpha": "α",
    "beta": "β",
    "delta": "δ",
    "gamma": "γ",
    "lambd": "λ",
    "mu": "μ",
    "omega": "ω",
    "sigma": "σ",
    "theta": "θ",
    "pi": "π",
}
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

# Where a call is written with another sign than its own name: (mathtext, text).
SIGNS = {
    "sigmoid": (r"\sigma", "σ"),
    "Phi": (r"\Phi", "Φ"),
    "phi": (r"\varphi", "φ"),
    "log": (r"\ln", "ln"),
    "sign": (r"\mathrm{sgn}", "sgn"),
    "ln": (r"\ln", "ln"),
    "asin": (r"\arcsin", "arcsin"),
    "acos": (r"\arccos", "arccos"),
    "atan": (r"\arctan", "arctan"),
    **{name: ("\\" + name, name) for name in ("max", "min", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: ("\\" + name, name) for name in ("arcsin", "arccos", "arctan")},
}
# Those whose powers are written before the argument: sin²(x).
_POWERED = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
_RELATIONS: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<"),
    ast.LtE: (r"\leq", "≤"),
    ast.Gt: (">", ">"),
    ast.GtE: (r"\geq", "≥"),
    ast.Eq: ("=", "="),
    ast.NotEq: (r"\neq", "≠"),
}
_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
# How tightly an expression holds together; a looser one inside a tighter one is put in parentheses.
CASES, SUM, PRODUCT, FRACTION, POWER, ATOM = range(6)


def mathtext(formula: str, name: str = "f(x)") -> list[str]:
    """``formula`` as lines of mathtext without dollar signs: ``"x**2"`` gives ``["f(x) = x^{2}"]``."""
    return written(formula, name, _Mathtext())


def plain(formula: str, name: str = "f(x)") -> list[str]:
    """``formula`` as lines of text: ``"x**2"`` gives ``["f(x) = x²"]``."""
    return written(formula, name, _Plain())


def written(formula: str, name: str, writer: "Writer") -> list[str]:
    """The lines of a formula: itself, its auxiliary quantities, and the constants among those in one line."""
    main, auxiliary = definitions(formula)
    lines = [writer.equation(name, main)]
    constants: list[str] = []
    for symbol, value in auxiliary:
        line = writer.equation(writer.name(symbol), value)
        (constants if isinstance(value, ast.Constant) else lines).append(line)
    return [*lines, writer.comma.join(constants)] if constants else lines


def definitions(formula: str) -> tuple[ast.expr, list[tuple[str, ast.expr]]]:
    """The syntax tree of a formula, and its auxiliary quantities as pairs of name and tree, in the order written."""
    main, *auxiliary = formula.split(";")
    pairs = [definition.partition("=") for definition in auxiliary]
    return _parse(main), [(symbol.strip(), _parse(body)) for symbol, _, body in pairs]


def _parse(text: str) -> ast.expr:
    return ast.parse(text.strip(), mode="eval").body


def _complement(condition: ast.expr) -> ast.expr | None:
    """The opposite of a single comparison: ``x > 0`` gives ``x <= 0``."""
    match condition:
        case ast.Compare(left=left, ops=[relation], comparators=[right]):
            return ast.Compare(left, [_OPPOSITES[type(relation)]()], [right])
    return None


def _both(first: ast.expr | None, second: ast.expr) -> ast.expr:
    """Two conditions as one: ``x > -3`` and ``x < 3`` chain, ``x >= 0`` and ``x <= 0`` meet, else the second says it all."""
    match first, second:
        case (
            ast.Compare(ops=[ast.Gt() | ast.GtE() as low], comparators=[bottom]),
            ast.Compare(left=middle, ops=[ast.Lt() | ast.LtE() as high], comparators=[top]),
        ):
            if ast.dump(bottom) == ast.dump(top):
                return ast.Compare(middle, [ast.Eq()], [top])
            first_relation: ast.cmpop = ast.Lt() if isinstance(low, ast.Gt) else ast.LtE()
            return ast.Compare(bottom, [first_relation, high], [middle, top])
    return second


def _scientific(text: str) -> ast.expr:
    """``5e-09`` as 5 times a power of ten."""
    mantissa, _, exponent = text.partition("e")
    power = ast.BinOp(ast.Constant(10), ast.Pow(), ast.Constant(int(exponent)))
    return power if mantissa == "1" else ast.BinOp(ast.Constant(float(mantissa)), ast.Mult(), power)


class Writer(ABC):
    """Walks an expression; what differs between the ways to write it is in the subclasses."""

    column: int  # which of the pairs above
    plus = "+"
    minus: str
    comma: str  # between constants
    separator = ", "  # between arguments
    equals = "="
    slash = "/"
    euler = "e"

    def write(self, node: ast.expr) -> str:
        return self.visit(node)[0]

    def inside(self, node: ast.expr, tightness: int) -> str:
        text, own = self.visit(node)
        return self.parentheses(text) if own < tightness else text

    def visit(self, node: ast.expr) -> tuple[str, int]:
        match node:
            case ast.Constant(value=int() | float() as value):
                text = number(float(f"{value:.5g}"))  # constants are exact in the catalog, short on the page
                return self.visit(_scientific(text)) if "e" in text else (self.numeral(text), ATOM)
            case ast.Name(id=name):
                return self.name(name), ATOM
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"{self.minus}{self.inside(operand, PRODUCT)}", SUM
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.visit(operand)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return f"{self.inside(left, SUM)} {self.plus} {self.inside(right, PRODUCT)}", SUM
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return f"{self.inside(left, SUM)} {self.minus} {self.inside(right, PRODUCT)}", SUM
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self.product(left, right), PRODUCT
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self.fraction(left, right)
            case ast.BinOp(
                left=ast.Call(func=ast.Name(id=name), args=arguments),
                op=ast.Pow(),
                right=ast.Constant(value=int()) as right,
            ) if name in _POWERED:
                return self.power(self.function(name), right) + self.arguments(arguments), ATOM
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self.power(self.inside(left, ATOM), right), POWER
            case ast.Compare(left=left, ops=relations, comparators=others):
                terms = [self.write(left)]
                for relation, other in zip(relations, others, strict=True):
                    terms += [self.relation(_RELATIONS[type(relation)][self.column]), self.write(other)]
                return " ".join(terms), CASES
            case ast.Call(func=ast.Name(id="where")):
                return self.cases(self.rows(node)), CASES
            case ast.Call(func=ast.Name(id="exp"), args=[argument]):
                return self.power(self.euler, argument), POWER
            case ast.Call(func=ast.Name(id="sqrt"), args=[argument]):
                return self.root(argument), ATOM
            case ast.Call(func=ast.Name(id="abs"), args=[argument]):
                return self.bars(self.write(argument)), ATOM
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.function(name) + self.arguments(arguments), ATOM
        raise SyntaxError(f"not part of a formula: {ast.unparse(node)}")

    def arguments(self, nodes: Sequence[ast.expr]) -> str:
        return self.parentheses(self.separator.join(map(self.write, nodes)))

    def equation(self, name: str, node: ast.expr) -> str:
        return f"{name} {self.equals} {self.write(node)}"

    def numeral(self, text: str) -> str:
        """A number without an exponent."""
        return text

    def relation(self, sign: str) -> str:
        """The sign of a comparison."""
        return sign

    def bars(self, text: str) -> str:
        """An absolute value."""
        return f"|{text}|"

    def rows(self, node: ast.expr, above: ast.expr | None = None) -> list[tuple[str, str]]:
        """The branches of nested ``where`` as (value, condition); the last condition is spelt out."""
        match node:
            case ast.Call(func=ast.Name(id="where"), args=[condition, value, rest]):
                row = self.write(value), self.write(_both(above, condition))
                left = _complement(condition)
                return [row, *self.rows(rest, _both(above, left) if left else above)]
        return [(self.write(node), self.write(above) if above else "")]

    @abstractmethod
    def name(self, name: str) -> str:
        """A variable or parameter."""

    @abstractmethod
    def function(self, name: str) -> str:
        """The name of a function, before its parentheses."""

    @abstractmethod
    def parentheses(self, text: str) -> str:
        """``text`` held together."""

    @abstractmethod
    def product(self, left: ast.expr, right: ast.expr) -> str:
        """left times right."""

    def fraction(self, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        """left over right, and how tightly it holds together."""
        return f"{self.inside(left, PRODUCT)}{self.slash}{self.inside(right, POWER)}", PRODUCT

    @abstractmethod
    def power(self, base: str, exponent: ast.expr) -> str:
        """base to the exponent."""

    @abstractmethod
    def root(self, argument: ast.expr) -> str:
        """The square root."""

    @abstractmethod
    def cases(self, rows: list[tuple[str, str]]) -> str:
        """A piecewise function, from (value, condition) pairs."""


class WithBars(Writer):
    """Writes fractions with a bar, one within another with a slash; a leading minus stands before the bar."""

    bar: str  # by which a fraction with one is known

    @abstractmethod
    def over(self, above: str, below: str) -> str:
        """One above the other, with a bar between them."""

    @abstractmethod
    def flat(self) -> Writer:
        """The same with slashes alone, where a bar would be too small to read."""

    def fraction(self, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        if isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub):
            return f"{self.minus}{self.fraction(left.operand, right)[0]}", SUM
        above, below = (self.write(part) for part in (left, right))
        if self.bar in above + below:  # one bar is read at once, one over another is not
            above, below = (self.flat().write(part) for part in (left, right))
        return self.over(above, below), FRACTION


class _Mathtext(WithBars):
    column = 0
    minus = "-"
    bar = "frac"
    comma = r",\quad "

    def name(self, name: str) -> str:
        if name in GREEK:
            return "\\lambda" if name == "lambd" else "\\" + name
        if len(name) == 1:
            return name
        if len(name) == 2 and name.isalnum():  # an amplitude a for positive x: ap
            return f"{name[0]}_{{{name[1]}}}"
        return r"\mathrm{" + name.replace("_", r"\_") + "}"

    def function(self, name: str) -> str:
        return SIGNS[name][0] if name in SIGNS else self.name(name)

    def parentheses(self, text: str) -> str:
        return rf"\left({text}\right)" if "frac" in text else f"({text})"

    def product(self, left: ast.expr, right: ast.expr) -> str:
        first, second = self.inside(left, PRODUCT), self.inside(right, FRACTION)
        if second[0].isdigit() or r"\mathrm" in first + second:
            return rf"{first} \cdot {second}"
        named = second.startswith(tuple(sign for sign, _ in SIGNS.values() if len(sign) > 3))
        closed = (first[-1].isdigit() and not named) or second[0] == "(" or second.startswith(r"\left(")
        return first + second if closed else rf"{first}\,{second}"

    def over(self, above: str, below: str) -> str:
        return rf"\dfrac{{{above}}}{{{below}}}"

    def flat(self) -> Writer:
        return _Flat()

    def power(self, base: str, exponent: ast.expr) -> str:
        return f"{base}^{{{self.flat().write(exponent)}}}"

    def root(self, argument: ast.expr) -> str:
        return rf"\sqrt{{{self.flat().write(argument)}}}"

    def cases(self, rows: list[tuple[str, str]]) -> str:
        values, conditions = zip(*rows, strict=True)
        return _stack(values, r"\{", ".") + r"\quad " + _stack(conditions)

    def equation(self, name: str, node: ast.expr) -> str:
        match node:
            case ast.Call(func=ast.Name(id="where")):
                rows = _Flat().rows(node)
                blank = [r"\ "] * (len(rows) // 2)  # an odd stack puts the name beside its middle row
                head = _stack([*blank, f"{name} =", *blank]) if len(rows) % 2 else f"{name} ="
                return f"{head} {self.cases(rows)}"
        return super().equation(name, node)


class _Flat(_Mathtext):
    """Mathtext of even height, for the rows of a piecewise function."""

    fraction = Writer.fraction


def _stack(rows: Sequence[str], left: str = "", right: str = "") -> str:
    """Rows above each other between two delimiters; mathtext has no other way to keep their distances even."""
    first, *rest = rows
    return rf"\genfrac{{{left}}}{{{right}}}{{0}}{{0}}{{{first}}}{{{_stack(rest)}}}" if rest else first


class _Plain(Writer):
    column = 1
    minus = "−"
    comma = ",  "

    def name(self, name: str) -> str:
        return GREEK.get(name, name)

    def function(self, name: str) -> str:
        return SIGNS[name][1] if name in SIGNS else name

    def parentheses(self, text: str) -> str:
        return f"({text})"

    def product(self, left: ast.expr, right: ast.expr) -> str:
        return f"{self.inside(left, PRODUCT)}·{self.inside(right, FRACTION)}"

    def power(self, base: str, exponent: ast.expr) -> str:
        match exponent:
            case ast.Constant(value=int() as value):
                return base + str(value).translate(_SUPERSCRIPT)
        text = self.write(exponent)
        return f"{base}^{text}" if isinstance(exponent, ast.Name | ast.Constant) else f"{base}^({text})"

    def root(self, argument: ast.expr) -> str:
        return f"√{self.inside(argument, ATOM)}"

    def cases(self, rows: list[tuple[str, str]]) -> str:
        return ";  ".join(f"{value} ({condition})" for value, condition in rows)
