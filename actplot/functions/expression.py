"""Expressions in ``x`` as functions of a tensor: ``"x*sigmoid(b*x)"``.

The text is parsed as Python parses it, and then read by whitelist: numbers, ``x``, parameters, ``+ - * / **``,
comparisons, ``where(condition, a, b)``, the functions of the catalog and of elementary mathematics. Nothing of it is
ever run as Python.
"""

import ast
import math
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import TYPE_CHECKING

from actplot.errors import SEE_LIST, Argument, BadValue, did_you_mean
from actplot.functions import notation
from actplot.functions.catalog import CATALOG
from actplot.functions.operators import ARITHMETIC, COMPARISONS
from actplot.text import Text, narrow, number

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
    try:
        return _bind(text, _read(text), parameters)
    except BadValue as error:
        better = meant(text)
        if better is None:
            raise
        raise BadValue(error.text, Text(f"write {better}", f"请写 {better}")) from None


def meant(text: str) -> str | None:
    """The expression that was meant by a text that is none, such as ``2x``; None where that cannot be guessed.

    Examples
    --------
    >>> [meant(text) for text in ("sin x", "|x|²", "lambda t: 2t", "x if x > 0 else 0", "x)")]
    ['sin(x)', 'abs(x)**2', '2*x', 'where(x > 0, x, 0)', None]
    """
    if len(text) > MAX_LENGTH:
        return None
    better = notation.rewritten(text, {*FUNCTIONS, *CATALOG.names})
    return better if better != " ".join(narrow(text).split()) and _is_readable(better) else None


def _is_readable(text: str) -> bool:
    """Whether a text is an expression at some values of its parameters."""
    try:
        tree = _read(text)
        free = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        _Whitelist(text, {name: 1.0 for name in free if name not in CONSTANTS and not _is_function(name)}).check(tree)
    except BadValue:
        return False
    return True


def _bind(text: str, tree: ast.expr, parameters: Mapping[str, float]) -> Expression:
    """The expression of a tree with values for its parameters; raises where one of them does not go with it."""
    for name, value in parameters.items():
        if name == "x":
            raise BadValue(
                Text("a parameter cannot be named 'x'", "参数不能叫 'x'"), Text("x is the variable", "x 是自变量")
            )
        if name in CONSTANTS or _is_function(name):
            kind = Text("a constant", "一个常数") if name in CONSTANTS else Text("a function", "一个函数")
            raise BadValue(
                Text(f"a parameter cannot be named {name!r}", f"参数不能叫 {name!r}"),
                Text(f"that is {kind.en}", f"它是{kind.zh}"),
            )
        if not (name.isidentifier() and name.isascii()):
            raise BadValue(
                Text(f"a parameter cannot be named {name!r}", f"参数不能叫 {name!r}"),
                Text("use letters, digits and _", "请用字母、数字和 _"),
            )
        if not math.isfinite(value):
            raise BadValue(
                Text(f"{name} must be finite, got {number(value)}", f"{name} 须是有限的数，这里是 {number(value)}")
            )
    reader = _Whitelist(text, parameters)
    reader.check(tree)
    if unused := [name for name in parameters if name not in reader.used]:
        has = sorted(reader.used)
        raise BadValue(
            Text(f"the expression has no parameter {unused[0]!r}", f"表达式没有参数 {unused[0]!r}"),
            Text(f"it has {', '.join(has)}", f"它有 {'、'.join(has)}") if has else Text("it has none", "它没有参数"),
        )
    return Expression(text, dict(parameters), tree)


def looks_like_expression(text: str) -> bool:
    """Whether a text is meant as an expression rather than as a name: an operator, a call, a number or ``x`` alone."""
    parts = text.replace("-", " ").split()
    return "x" in parts or text.strip()[:1] in "-.0123456789" or not all(c.isalnum() or c in "_-. " for c in text)


def _is_function(name: str) -> bool:
    return name in FUNCTIONS or name in CATALOG


def _read(text: str) -> ast.expr:
    """The syntax tree of the text, in which signs may be as wide as Chinese characters, or :class:`BadValue` where Python finds none."""
    if len(text) > MAX_LENGTH:
        raise BadValue(
            Text(
                f"the expression has {len(text):,} characters; at most {MAX_LENGTH:,} are allowed",
                f"表达式有 {len(text):,} 个字符，最多 {MAX_LENGTH:,} 个",
            )
        )
    if not text.strip():
        raise BadValue(
            Text("the expression is empty", "表达式是空的"),
            Text('write one in x, such as "x*sigmoid(x)"', '请写一个含 x 的式子，例如 "x*sigmoid(x)"'),
        )
    # One line, so that the column of an error is the place in the text.
    line = "".join(" " if character.isspace() else character for character in text)
    shift = len(line) - len(line.lstrip())
    for character in "#\0\\":
        if character in line:
            raise BadValue(
                Text(
                    f"{_short(text)!r}, column {line.index(character) + 1}: {character!r} is not allowed",
                    f"{_short(text)!r}，第 {line.index(character) + 1} 列：不能用 {character!r}",
                )
            )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's advice on what it only parses
            return ast.parse(line.lstrip(), mode="eval").body
    except SyntaxError as error:
        why = _explained(error.msg)
        if not (error.offset and error.offset <= len(line) + 1):
            raise _unreadable(text, why) from None
        column = error.offset + shift
        raise BadValue(
            Text(
                f"cannot read the expression {_short(text)!r} at column {column}: {why.en}",
                f"看不懂表达式 {_short(text)!r}，第 {column} 列：{why.zh}",
            )
        ) from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        reason = str(error).splitlines()[0] if isinstance(error, ValueError) and str(error) else ""
        raise _unreadable(text, _explained(reason) if reason else _TOO_DEEP) from None


_TOO_DEEP = Text("nested too deep", "嵌套太深")


def _unreadable(text: str, why: Text) -> BadValue:
    return BadValue(
        Text(f"cannot read the expression {_short(text)!r}: {why.en}", f"看不懂表达式 {_short(text)!r}：{why.zh}")
    )


# What Python says of a text that it cannot parse; of anything else, in Chinese, that it cannot be parsed.
_COMPLAINTS = {
    r"'(.)' was never closed": "'{0}' 没有闭合",
    r"unmatched '(.)'": "'{0}' 没有对应的左括号",
    r"closing parenthesis '(.)' does not match opening parenthesis '(.)'.*": "'{0}' 与 '{1}' 不配对",
    r"invalid (?:decimal|hexadecimal|octal|binary) literal": "数字写错了",
    r"leading zeros in decimal integer literals .*": "整数不能以 0 开头",
    r"invalid character '(.)' \((U\+\w+)\)": "不能用字符 '{0}'（{1}）",
    r"invalid non-printable character (U\+\w+)": "不能用不可见的字符 {0}",
    r"unterminated string literal.*": "引号没有闭合",
    r"invalid syntax\. Perhaps you forgot a comma\?": "语法错误，可能漏了逗号",
    r".*Maybe you meant '==' .*": "比较是否相等用 ==",
    r"Exceeds the limit .* for integer string conversion.*": "整数的位数太多",
}


def _explained(complaint: str) -> Text:
    for pattern, chinese in _COMPLAINTS.items():
        if found := re.fullmatch(pattern, complaint):
            return Text(complaint, chinese.format(*found.groups()))
    return Text(complaint, "语法错误")


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
            raise self._refusal(node, Text(f"nested more than {MAX_DEPTH} deep", f"嵌套超过了 {MAX_DEPTH} 层"))
        match node:
            case ast.Constant(value=value):
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise self._refusal(
                        node, _not_allowed(_CONSTANT_KINDS.get(type(value)) or Text(repr(value), repr(value)))
                    )
                if abs(value) > _LARGEST:
                    raise self._refusal(node, Text(f"numbers go up to {_LARGEST:g}", f"数最大为 {_LARGEST:g}"))
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
                raise self._refusal(node, Text("^ is not a power", "^ 不是乘方"), Text("write **", "乘方请写 **"))
            case ast.Compare(left=left, ops=relations, comparators=others) if all(
                type(relation) in COMPARISONS for relation in relations
            ):
                for part in (left, *others):
                    self.check(part, depth + 1)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                self._call(node, name, arguments, depth)
            case ast.Call(func=ast.Name(id=name)):
                raise self._refusal(
                    node,
                    Text("arguments have no names here", "这里的参数没有名称"),
                    Text(f"write {name}(x, 0.1)", f"请写 {name}(x, 0.1)"),
                )
            case ast.Call(func=ast.Attribute(attr=name)):
                raise self._refusal(
                    node,
                    Text("names with a dot are not allowed", "不能用带点的名称"),
                    Text(f"write {name}(x)", f"请写 {name}(x)"),
                )
            case ast.BoolOp():
                raise self._refusal(
                    node,
                    Text("and, or are not allowed", "不能用 and、or"),
                    Text(
                        "chain comparisons, -1 < x < 1, or nest where(...)",
                        "请连写比较，如 -1 < x < 1，或嵌套 where(...)",
                    ),
                )
            case _:
                raise self._refusal(node, _not_allowed(_KINDS.get(type(node), Text("this", "这种写法"))))

    def _name(self, node: ast.expr, name: str) -> None:
        if name == "x" or name in CONSTANTS:
            return
        if name in self._parameters:
            self.used.add(name)
            return
        if _is_function(name):
            raise self._refusal(
                node, Text(f"{name} is a function", f"{name} 是函数"), Text(f"write {name}(x)", f"请写 {name}(x)")
            )
        value = Argument(name, (1.0,), f"--param {name}=1")
        raise self._refusal(
            node,
            Text(f"{name} has no value", f"{name} 没有值"),
            Text(f"give it one with {value}", f"请用 {value} 给它一个值"),
        )

    def _exponent(self, node: ast.expr) -> None:
        value = _number(node)
        if value is not None and abs(value) > MAX_EXPONENT:
            raise self._refusal(
                node,
                Text(
                    f"exponents go from -{MAX_EXPONENT} to {MAX_EXPONENT}",
                    f"指数须在 -{MAX_EXPONENT} 到 {MAX_EXPONENT} 之间",
                ),
            )

    def _call(self, node: ast.Call, name: str, arguments: list[ast.expr], depth: int) -> None:
        if not _is_function(name):
            known = sorted({*FUNCTIONS, *CATALOG})
            raise self._refusal(
                node,
                Text(f"there is no function {name!r}", f"没有函数 {name!r}"),
                did_you_mean(name, known, SEE_LIST),
            )
        entry = CATALOG[name] if name not in FUNCTIONS else None
        least, most = _arity(name)
        if not least <= len(arguments) <= most:
            raise self._refusal(node, _wrong_count(name, least, most, len(arguments)))
        for argument in arguments:
            self.check(argument, depth + 1)
        if name == "where" and not isinstance(arguments[0], ast.Compare):
            raise self._refusal(
                arguments[0],
                Text("where needs a comparison first", "where 的第一个参数须是比较"),
                Text("as in where(x > 0, x, 0)", "例如 where(x > 0, x, 0)"),
            )
        if entry is not None:
            for argument in arguments[1:]:
                if _mentions_x(argument):
                    raise self._refusal(
                        argument, Text(f"the parameters of {name} must not depend on x", f"{name} 的参数不能含 x")
                    )
            try:
                entry.bind(**_bound(entry.name, arguments, self._parameters))
            except BadValue as error:
                raise self._refusal(node, error.text, error.advice) from None

    def _refusal(self, node: ast.expr, reason: Text, hint: Text | None = None) -> BadValue:
        shift = len(self._text) - len(self._text.lstrip())
        column = _column(self._text.lstrip(), node) + shift
        shown = _short(self._text)
        return BadValue(
            Text(f"{shown!r}, column {column}: {reason.en}", f"{shown!r}，第 {column} 列：{reason.zh}"), hint
        )


def _not_allowed(what: Text) -> Text:
    return Text(f"{what.en} is not allowed", f"不能用{' ' if what.zh.isascii() else ''}{what.zh}")


def _wrong_count(name: str, least: int, most: int, given: int) -> Text:
    """What is wrong with the number of a function's arguments."""
    if least == most:
        takes = Text(str(least), f"{least} 个")
    elif most < 99:
        takes = Text(f"{least} to {most}", f"{least} 到 {most} 个")
    else:
        takes = Text(f"{least} or more", f"至少 {least} 个")
    return Text(
        f"{name} takes {takes.en} argument{'s' * (takes.en != '1')}, not {given}",
        f"{name} 需要 {takes.zh}参数，这里有 {given} 个",
    )


_CONSTANT_KINDS: dict[type, Text] = {
    str: Text("a string", "字符串"),
    bytes: Text("a string", "字符串"),
    complex: Text("a complex number", "复数"),
}

_KINDS: dict[type[ast.AST], Text] = {
    ast.Attribute: Text("an attribute", "属性"),
    ast.Subscript: Text("a subscript", "下标"),
    ast.Lambda: Text("lambda", "lambda"),
    ast.ListComp: Text("a comprehension", "推导式"),
    ast.GeneratorExp: Text("a comprehension", "推导式"),
    ast.SetComp: Text("a comprehension", "推导式"),
    ast.DictComp: Text("a comprehension", "推导式"),
    ast.JoinedStr: Text("a string", "字符串"),
    ast.NamedExpr: Text(":=", ":="),
    ast.Await: Text("await", "await"),
    ast.Starred: Text("*", "*"),
    ast.IfExp: Text("if ... else", "if ... else"),
    ast.Tuple: Text("a tuple", "元组"),
    ast.List: Text("a list", "列表"),
    ast.Dict: Text("a dict", "字典"),
    ast.Set: Text("a set", "集合"),
    ast.UnaryOp: Text("this operator", "这个运算符"),
    ast.BinOp: Text("this operator", "这个运算符"),
    ast.Compare: Text("this comparison", "这种比较"),
    ast.Call: Text("calling this", "这种调用"),
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
            raise BadValue(
                Text(
                    f"{parameter} of {name} must be a number or a parameter, with + - * / between them",
                    f"{name} 的 {parameter} 须是数或参数，可用 + - * / 连接",
                )
            )
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
