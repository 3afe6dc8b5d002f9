"""Formulas as they are written on paper and in programs, rewritten as expressions: ``2x``, ``sin x``, ``|x|``, ``x²``.

Nothing here decides whether the outcome is an expression; see :func:`actplot.functions.expression.meant`.
"""

import ast
import re
from collections.abc import Collection

from actplot.text import narrow

_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "λ": "lambd", "μ": "mu", "θ": "theta", "ω": "omega"}
_SIGNS = {**_GREEK, "π": "pi", "Φ": "Phi", "φ": "phi", "ϕ": "phi", "σ": "sigma", "≤": "<=", "≥": ">=", "≠": "!="}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# Functions by what they are called elsewhere.
_CALLED = {"sigma": "sigmoid", "maximum": "max", "minimum": "min", "fabs": "abs", "absolute": "abs", "sgn": "sign"}
_WORDS = {"if", "else", "and", "or", "not", "in", "is", "lambda", "for"}
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NAME = r"[A-Za-z_]\w*"
_HEADS = (
    r"\s*lambda\s+(?P<name>[A-Za-z_]\w*)\s*:(?P<body>.*)",
    r"\s*(?:def\s+)?[A-Za-z_]\w*\s*\(\s*(?P<name>[A-Za-z_]\w*)\s*\)\s*[=:](?!=)(?P<body>.*)",
    r"\s*[fgy]\s*=(?!=)(?P<body>.*)",
)


def rewritten(text: str, functions: Collection[str]) -> str:
    """The text in the language of expressions, as far as it can be guessed; ``functions`` are the names it may call."""
    text = _signs(_without_head(" ".join(narrow(text).split())))
    text = re.sub(rf"(?<![\w.])(?:{_NAME}\.)+(?={_NAME})", "", text)  # np.tanh, math.pi
    text = re.sub(rf"\b({'|'.join(_CALLED)})(?=\s*\()", lambda found: _CALLED[found[1]], text)
    for _ in range(text.count("|") // 2):
        text = re.sub(r"\|([^|]+)\|", r"abs(\1)", text)
    text = _applied(_multiplied(_powers(text, functions), functions), functions)
    return _without_if(text).strip()


def _without_head(text: str) -> str:
    """The text without ``lambda x:``, ``f(x) =`` or ``y =``."""
    for head in _HEADS:
        if found := re.fullmatch(head, text):
            name = found.groupdict().get("name") or "x"
            return re.sub(rf"(?<![A-Za-z_]){name}(?!\w)", "x", found["body"])
    return text


def _signs(text: str) -> str:
    """Signs of mathematics as they are typed: roots, raised digits, Greek letters, braces, the caret."""
    text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda found: "**" + found[0].translate(_RAISED), text)
    text = re.sub(rf"√\s*({_NUMBER}|{_NAME})", r"sqrt(\1)", text).replace("√", "sqrt")
    for sign, typed in _SIGNS.items():
        text = re.sub(rf"{sign}(?=[A-Za-z0-9])", f"{typed} ", text).replace(sign, typed)
    return text.replace("^", "**").replace("{", "(").replace("}", ")").replace("[", "(").replace("]", ")")


def _powers(text: str, functions: Collection[str]) -> str:
    """``sin(x)**2`` for ``sin**2(x)``, and ``log2`` for ``log_2``."""
    text = re.sub(r"\blog_(2|10)\b", r"log\1", text)
    return re.sub(rf"\b({_any_of(functions)})\s*\*\*\s*(\d+)\s*\(([^()]*)\)", r"\1(\3)**\2", text)


def _any_of(functions: Collection[str]) -> str:
    return "|".join(sorted(map(re.escape, functions), key=len, reverse=True))


def _multiplied(text: str, functions: Collection[str]) -> str:
    """The text with the ``*`` that is left out on paper: ``2x``, ``2 sin(x)``, ``x(x + 1)``, ``(x + 1)(x - 1)``."""

    def times(found: re.Match[str]) -> str:
        left, right = found["left"], found["right"]
        return found[0] if {left, right} & _WORDS or left in functions else f"{left}*{right}"

    text = re.sub(rf"(?<![\w.])(?P<left>{_NUMBER})\s*(?P<right>{_NAME}|\()", times, text)
    text = re.sub(rf"(?P<left>\))\s*(?P<right>{_NAME}|\(|(?<=\s)\d)", times, text)
    text = re.sub(rf"\b(?P<left>{_NAME})\s+(?P<right>x)\b", times, text)
    return re.sub(rf"\b(?P<left>x|pi)\s*(?P<right>\(|(?<=\s){_NAME})", times, text)


def _applied(text: str, functions: Collection[str]) -> str:
    """The text with the parentheses that are left out on paper: ``sin x``, ``sinx``."""
    names = _any_of(functions)
    text = re.sub(rf"\b({names})x\b", lambda found: found[0] if found[0] in functions else f"{found[1]}(x)", text)
    atom = rf"(?:{_NUMBER}|{_NAME})(?!\s*\()"

    def called(found: re.Match[str]) -> str:
        return found[0] if _WORDS & {found[2], *found[2].split("*")} else f"{found[1]}({found[2]})"

    return re.sub(rf"\b({names})\s+({atom}(?:\*\*?{atom})*)", called, text)


def _without_if(text: str) -> str:
    """``where(c, a, b)`` for ``a if c else b``."""
    if " if " not in text:
        return text
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    return ast.unparse(_Where().visit(tree))


class _Where(ast.NodeTransformer):
    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        branches: list[ast.expr] = [self.visit(part) for part in (node.test, node.body, node.orelse)]
        return ast.Call(ast.Name("where"), branches, [])
