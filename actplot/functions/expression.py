"""Expressions in ``x`` as functions of a tensor: ``"x*sigmoid(b*x)"``.

The text is parsed as Python parses it, and then read by whitelist: numbers, ``x``, parameters, ``+ - * / **``,
comparisons, ``where(condition, a, b)``, the functions of the catalog and of elementary mathematics. Nothing of it is
ever run as Python.
"""

import ast
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import TYPE_CHECKING

from actplot.errors import Argument, BadValue, did_you_mean
from actplot.functions.catalog import CATALOG
from actplot.functions.operators import ARITHMETIC, COMPARISONS
from actplot.text import number

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

MAX_LENGTH = 1000
MAX_DEPTH = 50
MAX_EXPONENT = 1000
_LARGEST = 1e300

CONSTANTS = {"pi": math.pi, "e": math.e}

# Elementary functions of one argument by their name in torch; those of the catalog come after them.
ELEMENTARY = {
    **{
        name: name
        for name in (
            *("abs", "sign", "floor", "ceil", "round", "trunc", "square", "sqrt", "exp", "expm1", "log", "log1p"),
            *("log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "asin", "acos"),
            *("atan", "erf", "erfc", "sigmoid", "lgamma"),
        )
    },
    **{"ln": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan"},
    **{"arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh"},
}


def _cube_root(x: "Tensor") -> "Tensor":
    """The cube root, with slope infinity at 0, which ``sign`` or ``abs`` would make NaN: 0 times infinity."""
    size = torch.where(x < 0, -x, x)
    root = size ** (1 / 3)
    return torch.where(x < 0, -root, root)


_OTHER: dict[str, "Callable[[Tensor], Tensor]"] = {
    "Phi": lambda x: torch.special.erfc(-x / math.sqrt(2)) / 2,
    "phi": lambda x: torch.exp(-x * x / 2) / math.sqrt(2 * math.pi),
    "cbrt": _cube_root,
}
_PAIRWISE = ("max", "min")
FUNCTIONS = {*ELEMENTARY, *_OTHER, *_PAIRWISE, "where"}

# How long operations take whose derivatives are slow; 5 for a function of the catalog, 1 for any other operation.
_COSTS = {"lgamma": 25.0, **dict.fromkeys(CATALOG.names, 5.0)}


def _name_of(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


@dataclass(frozen=True)
class Expression:
    """An expression that has passed the whitelist; called with a tensor it returns one of the same shape.

    Made by :func:`parse`; it can be pickled.

    Attributes
    ----------
    text
        The expression as it was written.
    parameters
        A value for each of its parameters.
    tree
        Its syntax tree.
    """

    text: str
    parameters: Mapping[str, float]
    tree: ast.expr = field(repr=False, compare=False)

    @cached_property
    def cost(self) -> float:
        """How long a point takes, roughly, in units of a common activation: by the operations in the text."""
        return max(1.0, sum(_COSTS.get(_name_of(node), 1.0) for node in ast.walk(self.tree)) / 12)

    def __call__(self, x: "Tensor") -> "Tensor":
        values = _Evaluation(self.parameters).value(self.tree, x).to(x.dtype).expand(x.shape)
        if values.requires_grad or not x.requires_grad:
            return values
        # The second branch is never taken: it gives constants and comparisons, which have no graph, the derivative 0.
        return torch.where(torch.ones_like(x, dtype=torch.bool), values, x)

    def with_parameters(self, parameters: Mapping[str, float]) -> "Expression":
        """The same expression with values for all its parameters, checked as by :func:`parse` but not read again."""
        return _bind(self.text, self.tree, parameters)

    def __reduce__(self) -> "tuple[Callable[..., Expression], tuple[object, ...]]":
        return parse, (self.text, self.parameters)  # a tree takes longer to be read back than the text


def parse(text: str, parameters: Mapping[str, float]) -> Expression:
    """The expression with values for its parameters.

    Parameters
    ----------
    text
        At most 1,000 characters, nested at most 50 deep; exponents that are numbers from -1000 to 1000.
    parameters
        A finite value for every name in the text that is neither ``x`` nor a function nor a constant (``pi``, ``e``).

    Raises
    ------
    BadValue
        With the column of what is not allowed, or for a parameter that is missing, unknown or has no finite value.

    Examples
    --------
    >>> import torch
    >>> parse("where(x > 0, x, a*x)", {"a": 0.5})(torch.tensor([-1.0, 1.0]))
    tensor([-0.5000,  1.0000])
    """
    return _bind(text, _read(text), parameters)


def _bind(text: str, tree: ast.expr, parameters: Mapping[str, float]) -> Expression:
    """The expression of a tree with values for its parameters; raises where one of them does not go with it."""
    for name, value in parameters.items():
        if name == "x":
            raise BadValue("a parameter cannot be named 'x'", "x is the variable")
        if name in CONSTANTS or _is_function(name):
            kind = "constant" if name in CONSTANTS else "function"
            raise BadValue(f"a parameter cannot be named {name!r}", f"that is a {kind}")
        if not (name.isidentifier() and name.isascii()):
            raise BadValue(f"a parameter cannot be named {name!r}", "use letters, digits and _")
        if not math.isfinite(value):
            raise BadValue(f"{name} must be finite, got {number(value)}")
    reader = _Whitelist(text, parameters)
    reader.check(tree)
    if unused := [name for name in parameters if name not in reader.used]:
        has = f"it has {', '.join(sorted(reader.used))}" if reader.used else "it has none"
        raise BadValue(f"the expression has no parameter {unused[0]!r}", has)
    return Expression(text, dict(parameters), tree)


def looks_like_expression(text: str) -> bool:
    """Whether a text is meant as an expression rather than as a name: an operator, a call, a number or ``x`` alone."""
    parts = text.replace("-", " ").split()
    return "x" in parts or text.strip()[:1] in "-.0123456789" or not all(c.isalnum() or c in "_-. " for c in text)


def _is_function(name: str) -> bool:
    return name in FUNCTIONS or name in CATALOG


def _read(text: str) -> ast.expr:
    """The syntax tree of the text, or :class:`BadValue` where Python finds none."""
    if len(text) > MAX_LENGTH:
        raise BadValue(f"the expression has {len(text):,} characters; at most {MAX_LENGTH:,} are allowed")
    if not text.strip():
        raise BadValue("the expression is empty", 'write one in x, such as "x*sigmoid(x)"')
    # One line, so that the column of an error is the place in the text.
    line = "".join(" " if character.isspace() else character for character in text)
    shift = len(line) - len(line.lstrip())
    for character in "#\0\\":
        if character in line:
            raise BadValue(f"{_short(text)!r}, column {line.index(character) + 1}: {character!r} is not allowed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on what it only parses
            return ast.parse(line.lstrip(), mode="eval").body
    except SyntaxError as error:
        place = f" at column {error.offset + shift}" if error.offset and error.offset <= len(line) + 1 else ""
        raise BadValue(f"cannot read the expression {_short(text)!r}{place}: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        reason = str(error).splitlines()[0] if str(error) else "nested too deep"
        raise BadValue(f"cannot read the expression {_short(text)!r}: {reason}") from None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


class _Whitelist:
    """A check of a tree: what is not on the whitelist raises :class:`BadValue`."""

    def __init__(self, text: str, parameters: Mapping[str, float]) -> None:
        self._text = text
        self._parameters = parameters
        self.used: set[str] = set()

    def check(self, node: ast.expr, depth: int = 1) -> None:
        if depth > MAX_DEPTH:
            raise self._refusal(node, f"nested more than {MAX_DEPTH} deep")
        match node:
            case ast.Constant(value=value):
                if isinstance(value, bool) or not isinstance(value, int | float):
                    kind = {str: "a string", bytes: "a string", complex: "a complex number"}.get(
                        type(value), repr(value)
                    )
                    raise self._refusal(node, f"{kind} is not allowed")
                if abs(value) > _LARGEST:
                    raise self._refusal(node, f"numbers go up to {_LARGEST:g}")
            case ast.Name(id=name):
                self._name(node, name)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                self.check(operand, depth + 1)
            case ast.BinOp(left=left, op=operator, right=right) if type(operator) in ARITHMETIC:
                self.check(left, depth + 1)
                self.check(right, depth + 1)
                if isinstance(operator, ast.Pow):
                    self._exponent(right)
            case ast.BinOp(op=ast.BitXor()):
                raise self._refusal(node, "^ is not a power", "write **")
            case ast.Compare(left=left, ops=relations, comparators=others) if all(
                type(relation) in COMPARISONS for relation in relations
            ):
                for part in (left, *others):
                    self.check(part, depth + 1)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                self._call(node, name, arguments, depth)
            case ast.Call(func=ast.Name(id=name)):
                raise self._refusal(node, "arguments have no names here", f"write {name}(x, 0.1)")
            case ast.Call(func=ast.Attribute(attr=name)):
                raise self._refusal(node, "names with a dot are not allowed", f"write {name}(x)")
            case ast.BoolOp():
                raise self._refusal(
                    node, "and, or are not allowed", "chain comparisons, -1 < x < 1, or nest where(...)"
                )
            case _:
                raise self._refusal(node, f"{_KINDS.get(type(node), 'this')} is not allowed")

    def _name(self, node: ast.expr, name: str) -> None:
        if name == "x" or name in CONSTANTS:
            return
        if name in self._parameters:
            self.used.add(name)
            return
        if _is_function(name):
            raise self._refusal(node, f"{name} is a function", f"write {name}(x)")
        raise self._refusal(
            node, f"{name} has no value", f"give it one with {Argument(name, (1.0,), f'--param {name}=1')}"
        )

    def _exponent(self, node: ast.expr) -> None:
        value = _number(node)
        if value is not None and abs(value) > MAX_EXPONENT:
            raise self._refusal(node, f"exponents go from -{MAX_EXPONENT} to {MAX_EXPONENT}")

    def _call(self, node: ast.Call, name: str, arguments: list[ast.expr], depth: int) -> None:
        if not _is_function(name):
            known = sorted({*FUNCTIONS, *CATALOG})
            raise self._refusal(node, f"there is no function {name!r}", did_you_mean(name, known, "see 'actplot list'"))
        entry = CATALOG[name] if name not in FUNCTIONS else None
        least, most = _arity(name)
        if not least <= len(arguments) <= most:
            takes = str(least) if least == most else f"{least} to {most}" if most < 99 else f"{least} or more"
            raise self._refusal(node, f"{name} takes {takes} argument{'s' * (takes != '1')}, not {len(arguments)}")
        for argument in arguments:
            self.check(argument, depth + 1)
        if name == "where" and not isinstance(arguments[0], ast.Compare):
            raise self._refusal(arguments[0], "where needs a comparison first", "as in where(x > 0, x, 0)")
        if entry is not None:
            for argument in arguments[1:]:
                if _mentions_x(argument):
                    raise self._refusal(argument, f"the parameters of {name} must not depend on x")
            try:
                entry.bind(**_bound(entry.name, arguments, self._parameters))
            except BadValue as error:
                raise self._refusal(node, *error.args) from None

    def _refusal(self, node: ast.expr, reason: str, hint: str = "") -> BadValue:
        shift = len(self._text) - len(self._text.lstrip())
        column = _column(self._text.lstrip(), node) + shift
        return BadValue(f"{_short(self._text)!r}, column {column}: {reason}", hint)


_KINDS: dict[type[ast.AST], str] = {
    ast.Attribute: "an attribute",
    ast.Subscript: "a subscript",
    ast.Lambda: "lambda",
    ast.ListComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.JoinedStr: "a string",
    ast.NamedExpr: ":=",
    ast.Await: "await",
    ast.Starred: "*",
    ast.IfExp: "if ... else",
    ast.Tuple: "a tuple",
    ast.List: "a list",
    ast.Dict: "a dict",
    ast.Set: "a set",
    ast.UnaryOp: "this operator",
    ast.BinOp: "this operator",
    ast.Compare: "this comparison",
    ast.Call: "calling this",
}


def _column(line: str, node: ast.expr) -> int:
    """The column of a node, from 1, in characters; Python counts in bytes."""
    return len(line.encode()[: node.col_offset].decode(errors="ignore")) + 1


def _arity(name: str) -> tuple[int, int]:
    if name == "where":
        return 3, 3
    if name in _PAIRWISE:
        return 2, 99
    if name in FUNCTIONS:
        return 1, 1
    return 1, 1 + len(CATALOG[name].parameters)


def _mentions_x(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id == "x" for part in ast.walk(node))


def _bound(name: str, arguments: list[ast.expr], parameters: Mapping[str, float]) -> dict[str, float]:
    """The parameters of an entry of the catalog that a call gives by position."""
    given = {}
    for parameter, node in zip(CATALOG[name].defaults, arguments[1:], strict=False):
        value = _number(node, parameters)
        if value is None:
            raise BadValue(f"{parameter} of {name} must be a number or a parameter, with + - * / between them")
        given[parameter] = value
    return given


def _number(node: ast.expr, parameters: Mapping[str, float] = CONSTANTS) -> float | None:
    """The value of plain arithmetic on numbers and parameters, or None for anything else."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            return {**CONSTANTS, **parameters}.get(name)
        case ast.UnaryOp(op=sign, operand=operand):
            inner = _number(operand, parameters)
            return None if inner is None else -inner if isinstance(sign, ast.USub) else inner
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in ARITHMETIC:
            a, b = _number(left, parameters), _number(right, parameters)
            if a is None or b is None:
                return None
            try:
                value = ARITHMETIC[type(operator)](a, b)
                return value if isinstance(value, float) else math.nan  # complex
            except (ZeroDivisionError, OverflowError):
                return math.nan
    return None


class _Evaluation:
    """Walks a tree that has passed the whitelist, with tensors in the place of names."""

    def __init__(self, parameters: Mapping[str, float]) -> None:
        self._parameters = {**CONSTANTS, **parameters}

    def value(self, node: ast.expr, x: "Tensor") -> "Tensor":
        """The value of a node; comparisons count as 1 and 0."""
        match node:
            case ast.Constant(value=int() | float() as value):
                return self._tensor(value, x)
            case ast.Name(id=name):
                return x if name == "x" else self._tensor(self._parameters[name], x)
            case ast.UnaryOp(op=sign, operand=operand):
                inner = self.value(operand, x)
                return -inner if isinstance(sign, ast.USub) else inner
            case ast.BinOp(left=left, op=ast.Pow(), right=right) if math.isfinite(
                exponent := _number(right) or math.nan
            ):
                # With a plain number torch has the derivative of the power alone, which is defined for x < 0 too.
                return self.value(left, x) ** (int(exponent) if exponent == int(exponent) else exponent)
            case ast.BinOp(left=left, op=operator, right=right):
                combined: Tensor = ARITHMETIC[type(operator)](self.value(left, x), self.value(right, x))
                return combined
            case ast.Compare():
                return self._condition(node, x).to(x.dtype)
            case ast.Call(func=ast.Name(id="where"), args=[condition, yes, no]):
                return self._where(condition, yes, no, x)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._apply(name, arguments, x)
        raise AssertionError(f"the whitelist let {ast.dump(node)} pass")

    def _tensor(self, value: float, x: "Tensor") -> "Tensor":
        return torch.tensor(float(value), dtype=x.dtype, device=x.device)

    def _condition(self, node: ast.expr, x: "Tensor") -> "Tensor":
        assert isinstance(node, ast.Compare)
        terms = [self.value(part, x) for part in (node.left, *node.comparators)]
        holds: list[Tensor] = [
            COMPARISONS[type(relation)](first, second)
            for relation, first, second in zip(node.ops, terms, terms[1:], strict=False)
        ]
        result = holds[0]
        for more in holds[1:]:
            result = result & more
        return result

    def _where(self, condition: ast.expr, yes: ast.expr, no: ast.expr, x: "Tensor") -> "Tensor":
        """Each branch is computed on its own points alone, so that what it does elsewhere cannot spoil a derivative."""
        holds = self._condition(condition, x).expand(x.shape)
        result = torch.zeros_like(x)
        for mask, branch in ((holds, yes), (~holds, no)):
            if mask.any():
                points = x[mask]
                result = result.masked_scatter(mask, self.value(branch, points).expand(points.shape).to(x.dtype))
        return result

    def _apply(self, name: str, arguments: list[ast.expr], x: "Tensor") -> "Tensor":
        if name not in FUNCTIONS:
            entry = CATALOG[name]
            given = _bound(entry.name, arguments, self._parameters)
            return entry.bind(**given).call(self.value(arguments[0], x))
        first, *others = (self.value(argument, x) for argument in arguments)
        if name in _PAIRWISE:
            extreme: Callable[[Tensor, Tensor], Tensor] = torch.maximum if name == "max" else torch.minimum
            return reduce(extreme, others, first)
        call: Callable[[Tensor], Tensor] = _OTHER.get(name) or getattr(torch, ELEMENTARY[name])
        return call(first)
