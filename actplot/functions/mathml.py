"""Formulas as MathML, which browsers set by themselves."""

import ast
import html
import re

from actplot.functions.formula import FRACTION, GREEK, PRODUCT, SIGNS, WithBars, Writer, written


def mathml(formula: str, name: str = "f(x)") -> str:
    """``formula`` as a ``math`` element, with a row for each auxiliary quantity; ``name`` is what it is equal to."""
    rows = written(formula, _heading(name), _MathML())
    if len(rows) > 1:
        cells = "".join(f'<mtr><mtd class="left">{row}</mtd></mtr>' for row in rows)
        rows = [f'<mtable displaystyle="true">{cells}</mtable>']
    return f'<math display="block">{rows[0]}</math>'.replace("> <", "><")


def _heading(name: str) -> str:
    """``f'(x)`` letter by letter."""
    marks = {"'": "<mo>′</mo>", "(": '<mo stretchy="false">(</mo>', ")": '<mo stretchy="false">)</mo>'}
    return "".join(marks.get(part) or _identifier(part) for part in re.findall(r"\w+|['()]", name))


def _identifier(text: str) -> str:
    return f"<mi>{html.escape(text)}</mi>"


def _row(text: str) -> str:
    return f"<mrow>{text}</mrow>"


class _MathML(WithBars):
    column = 1
    plus = "<mo>+</mo>"
    minus = "<mo>−</mo>"
    comma = "<mo>,</mo><mspace width='1em'/>"
    separator = "<mo>,</mo>"
    equals = "<mo>=</mo>"
    slash = "<mo>/</mo>"
    bar = "<mfrac"
    euler = "<mi>e</mi>"

    def numeral(self, text: str) -> str:
        return f"<mn>{text}</mn>"

    def relation(self, sign: str) -> str:
        return f"<mo>{html.escape(sign)}</mo>"

    def bars(self, text: str) -> str:
        return _row(f"<mo>|</mo>{text}<mo>|</mo>")

    def name(self, name: str) -> str:
        if len(name) == 2 and name.isalnum() and name not in GREEK:  # an amplitude a for positive x: ap
            return f"<msub>{_identifier(name[0])}{_identifier(name[1])}</msub>"
        return _identifier(GREEK.get(name, name))

    def function(self, name: str) -> str:
        return _identifier(SIGNS[name][1]) if name in SIGNS else self.name(name)

    def parentheses(self, text: str) -> str:
        grow = "" if "<mfrac" in text else ' stretchy="false"'
        return _row(f"<mo{grow}>(</mo>{text}<mo{grow}>)</mo>")

    def product(self, left: ast.expr, right: ast.expr) -> str:
        first, second = self.inside(left, PRODUCT), self.inside(right, FRACTION)
        words = re.search(r"<mi>\w{2,}</mi>$", first) or re.match(r"<mi>\w{2,}</mi>(?!<mrow><mo[^>]*>\()", second)
        if second.startswith("<mn>") or words:
            return f"{first}<mo>·</mo>{second}"
        space = '<mspace width="0.17em"/>' if re.match(r"<mi>\w{2,}</mi>", second) else ""
        return f"{first}<mo>&#x2062;</mo>{space}{second}"  # invisible times

    def over(self, above: str, below: str) -> str:
        return f"<mfrac>{_row(above)}{_row(below)}</mfrac>"

    def flat(self) -> Writer:
        return _Flat()

    def power(self, base: str, exponent: ast.expr) -> str:
        return f"<msup>{_row(base)}{_row(self.flat().write(exponent))}</msup>"

    def root(self, argument: ast.expr) -> str:
        return f"<msqrt>{self.flat().write(argument)}</msqrt>"

    def cases(self, rows: list[tuple[str, str]]) -> str:
        cell = '<mtd class="left">'
        lines = "".join(f"<mtr>{cell}{value}</mtd>{cell}{condition}</mtd></mtr>" for value, condition in rows)
        return _row(f"<mo>{{</mo><mtable>{lines}</mtable>")


class _Flat(_MathML):
    """Fractions with a slash, where a bar would be too small to read."""

    fraction = Writer.fraction
