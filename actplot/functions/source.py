"""Functions from text: a name of the catalog, an expression in x, or a callable in a module or a file."""

import contextlib
import importlib
import importlib.util
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from actplot.errors import ActplotError, BadValue, FunctionFailed, NotInstalled, did_you_mean
from actplot.functions import expression
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function, takes
from actplot.text import Text, narrow, number

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from actplot.numerics.autograd import Generators
else:
    from actplot.functions import _torch as torch

# The longest expression that is its own title; a longer one is called f(x).
_TITLE_LENGTH = 40


def function(text: str, parameters: Mapping[str, float] | None = None) -> Function:
    """The function that a text names.

    Parameters
    ----------
    text
        ``gelu``, a name of the catalog; ``leaky_relu:slope=0.1``, one with parameters; ``x*sigmoid(b*x)``, an
        expression (see :mod:`actplot.functions.expression`); ``package.module:callable`` or ``file.py:callable``, a function of
        a tensor, a JAX array or a NumPy array (see :mod:`actplot.numerics.frameworks`), or an ``nn.Module``, as an
        instance or a class. Random numbers that it draws while it is loaded are
        the same every time.
    parameters
        Values for the parameters by name.

    Raises
    ------
    UnknownFunction, BadValue
        For a text that means nothing, and parameters that are missing, unknown or outside their domain. A callable is
        imported when it is first called; what is wrong with it is raised then.

    Examples
    --------
    >>> [function(text).label for text in ("LeakyReLU:slope=0.1", "x*sigmoid(b*x):b=2", "torch:tanh")]
    ['Leaky ReLU (slope = 0.1)', 'x*sigmoid(b*x) (b = 2)', 'tanh']
    """
    given = dict(parameters or {})
    text = _narrow(text)
    head, colon, tail = text.rpartition(":")
    if colon and "=" in tail:
        text = head
        given = _assignments(tail, text) | given
    if text in CATALOG:
        return CATALOG.function(text, **given)
    if head in CATALOG and colon:
        raise BadValue(
            Text(f"{text!r}: {tail!r} is no parameter", f"{text!r}：{tail!r} 不是参数"),
            Text(
                f"write it as {head}:name=value, as in leaky_relu:slope=0.1",
                f"请写成 {head}:名称=值，例如 leaky_relu:slope=0.1",
            ),
        )
    if head and ":" in text and not text.lstrip().startswith("lambda"):
        return _callable(text, given)
    if text.endswith(".py"):
        raise BadValue(
            Text(f"{text!r} names no function", f"{text!r} 没有写明函数"),
            Text(f"say which one: {text}:callable", f"请写明是哪一个：{text}:函数名"),
        )
    is_expression = expression.looks_like_expression(text) or text.lstrip().startswith("lambda")
    if is_expression or text in expression.CONSTANTS or text in given:
        return _of_expression(expression.parse(text, given))
    if (not text.isascii() or " " in text.strip()) and (better := expression.meant(text)) is not None:
        raise BadValue(
            Text(f"{text!r} is no expression", f"{text!r} 不是表达式"), Text(f"write {better}", f"请写 {better}")
        )
    return CATALOG.function(text)  # which raises with a similar name


def _narrow(text: str) -> str:
    """The text as it is read; the name of a file, which may hold any sign, stays."""
    return text.replace(".py：", ".py:") if ".py" in text else narrow(text)


def runs_code(text: str) -> bool:
    """Whether :func:`function` would import a module or run a file for this text."""
    text = _narrow(text)
    head, colon, tail = text.rpartition(":")
    if colon and "=" in tail:
        text = head
    return ":" in text and head not in CATALOG


def assignment(text: str) -> tuple[str, float]:
    """``b=1.702`` as a name and a number."""
    name, equals, value = (part.strip() for part in narrow(text).partition("="))
    if not equals or not name:
        raise BadValue(
            Text(f"{text!r} is no parameter", f"{text!r} 不是参数"),
            Text("write NAME=VALUE, as in b=1.702", "请写成 名称=值，例如 b=1.702"),
        )
    try:
        return name, float(value)
    except ValueError:
        raise BadValue(Text(f"{name} must be a number, got {value!r}", f"{name} 须是数，这里是 {value!r}")) from None


def _assignments(text: str, name: str) -> dict[str, float]:
    values: dict[str, float] = {}
    for part in text.split(","):
        parameter, value = assignment(part)
        if parameter in values:
            raise BadValue(Text(f"{name}: {parameter} is given twice", f"{name}：{parameter} 给了两次"))
        values[parameter] = value
    return values


def _of_expression(call: expression.Expression) -> Function:
    text = " ".join(call.text.split())
    parameters = dict(call.parameters)
    return Function(
        name=text,
        title=text if len(text) <= _TITLE_LENGTH else "f(x)",
        parameters=parameters,
        non_default=parameters,
        call=call,
        rebind=partial(_rebind_expression, call),
        formula=text,
    )


def _rebind_expression(call: expression.Expression, parameters: Mapping[str, float]) -> Function:
    return _of_expression(call.with_parameters(parameters))


def _callable(text: str, parameters: dict[str, float]) -> Function:
    place, name = text.rsplit(":", 1)
    if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", name):
        raise BadValue(
            Text(f"{text!r}: {name!r} is no name of a callable", f"{text!r}：{name!r} 不是可调用对象的名称"),
            Text("write package.module:callable or file.py:callable", "请写成 包.模块:函数名 或 文件.py:函数名"),
        )
    loaded = _of_loaded(place, name, parameters)
    if place.endswith(".py"):
        if not os.path.isfile(place):
            raise BadValue(
                Text(f"there is no file {place!r}", f"没有文件 {place!r}"),
                Text("write file.py:callable", "请写成 文件.py:函数名"),
            )
    else:
        _look_for(place)
    return loaded


def _of_loaded(place: str, name: str, parameters: Mapping[str, float]) -> Function:
    """The callable of that name, which is not loaded yet, with these parameters."""
    for parameter, value in parameters.items():
        if parameter == "x":
            raise BadValue(
                Text("a parameter cannot be named 'x'", "参数不能叫 'x'"), Text("x is the variable", "x 是自变量")
            )
        if not parameter.isidentifier():
            raise BadValue(
                Text(f"a parameter cannot be named {parameter!r}", f"参数不能叫 {parameter!r}"),
                Text("use letters, digits and _", "请用字母、数字和 _"),
            )
        if value != value or value in (float("inf"), float("-inf")):
            raise BadValue(
                Text(
                    f"{parameter} must be finite, got {number(value)}",
                    f"{parameter} 须是有限的数，这里是 {number(value)}",
                )
            )
    return Function(
        name=f"{place}:{name}",
        title=name.rpartition(".")[2],
        parameters=dict(parameters),
        non_default=dict(parameters),
        call=Loaded(place, name, tuple(parameters.items())),
        rebind=partial(_of_loaded, place, name),
    )


def _look_for(module: str) -> None:
    """Raises :class:`BadValue` where the top package of a module is not installed; below it, only importing can tell."""
    if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", module):
        raise BadValue(
            Text(f"{module!r} is no name of a module", f"{module!r} 不是模块名"),
            Text("write package.module:callable or file.py:callable", "请写成 包.模块:函数名 或 文件.py:函数名"),
        )
    with _here():
        try:
            found = importlib.util.find_spec(module.partition(".")[0])
        except (ImportError, ValueError):
            found = None
    if found is None and module.partition(".")[0] == "jax":
        install = 'pip install "actplot[jax]"'
        raise NotInstalled(
            Text(f"{module} needs JAX, which is not installed", f"{module} 需要 JAX，尚未安装"), Text(install, install)
        )
    if found is None:
        raise BadValue(
            Text(f"there is no module {module!r}", f"没有模块 {module!r}"),
            Text("is it installed in this environment?", "它装在当前的环境里了吗？"),
        )


@contextlib.contextmanager
def _here() -> Any:
    """The current folder first in the search path, as with ``python -m``, and stdout, which is for results, as stderr."""
    sys.path.insert(0, os.getcwd())
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(os.getcwd())


@dataclass(frozen=True)
class Loaded:
    """A callable in a module or a file, imported when it is first called; so it can be sent to another process.

    Attributes
    ----------
    place
        A module, or a file that ends in ``.py``.
    name
        The callable in it, with dots for attributes.
    parameters
        Its keywords and their values.
    drew
        Whether loading it drew random numbers, which come from a fixed seed; False before it is called.
    """

    place: str
    name: str
    parameters: tuple[tuple[str, float], ...]
    drew: bool = field(default=False, compare=False)

    def target(self) -> "Callable[[Tensor], Tensor]":
        """The callable itself, of whatever arrays."""
        place = os.path.abspath(self.place) if self.place.endswith(".py") else self.place
        target, drew = _target(place, self.name, self.parameters)
        object.__setattr__(self, "drew", drew)  # so that it is known wherever the function is sent
        return target

    def __call__(self, x: "Tensor") -> "Tensor":
        from actplot.numerics.autograd import apply

        target = self.target()
        with contextlib.redirect_stdout(sys.stderr):
            return apply(target, x)


def notes(functions: Iterable[Function]) -> list[Text]:
    """A line for each function that drew random numbers when it was loaded, with its seed."""
    drew = [function for function in functions if isinstance(function.call, Loaded) and function.call.drew]
    return [
        Text(
            f"{label} drew random numbers when it was loaded: seed 0, unless it sets one itself",
            f"{label} 在载入时用了随机数：种子为 0，除非它自己设定",
        )
        for label in dict.fromkeys(function.label for function in drew)
    ]


@cache
def _target(
    place: str, name: str, parameters: tuple[tuple[str, float], ...]
) -> "tuple[Callable[[Tensor], Tensor], bool]":
    """The callable, and whether loading it drew random numbers: the same ones every time."""
    from actplot.numerics.autograd import seeded

    module, generators, drew = _module(place)
    with seeded(generators) as has_drawn:  # the states the module left, which may have set a seed
        target = _made(module, place, name, parameters)
        return target, drew or has_drawn()


def _made(
    module: ModuleType, place: str, name: str, parameters: tuple[tuple[str, float], ...]
) -> "Callable[[Tensor], Tensor]":
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            known = [known for known in dir(found) if not known.startswith("_")]
            raise BadValue(
                Text(f"{place} has no {name!r}", f"{place} 里没有 {name!r}"),
                did_you_mean(part, known, Text("name a function or an nn.Module", "请写一个函数或 nn.Module")),
            )
        found = getattr(found, part)
    if not callable(found):
        raise BadValue(
            Text(
                f"{place}:{name} is {type(found).__name__}, not callable",
                f"{place}:{name} 是 {type(found).__name__}，不能调用",
            ),
            Text("name a function or an nn.Module", "请写一个函数或 nn.Module"),
        )
    values = dict(parameters)
    if isinstance(found, type):
        declared = _as_declared(found, values, name, takes_x=False)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                made: Any = found(**declared)
        except Exception as error:
            from actplot.numerics.autograd import format_exception

            raise FunctionFailed(
                Text(
                    f"{name}({_listed(values)}) raised {format_exception(error)}",
                    f"{name}({_listed(values)}) 抛出了 {format_exception(error)}",
                )
            ) from error
        if not callable(made):
            raise BadValue(
                Text(
                    f"{place}:{name} is a class whose instances are not callable",
                    f"{place}:{name} 是一个类，它的实例不能调用",
                ),
                Text("name a function or an nn.Module", "请写一个函数或 nn.Module"),
            )
        instance: Callable[[Tensor], Tensor] = made
        return instance
    if isinstance(found, torch.nn.Module):
        if values:
            raise BadValue(
                Text(
                    f"{place}:{name} is a module that is made already and takes no parameters",
                    f"{place}:{name} 是已经建好的模块，不接受参数",
                ),
                Text("name its class", "请写它的类"),
            )
        ready: Callable[[Tensor], Tensor] = found
        return ready
    return partial(found, **_as_declared(found, values, name, takes_x=True))


def _listed(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name}={number(value)}" for name, value in values.items())


def _as_declared(
    target: Callable[..., Any], values: Mapping[str, float], name: str, *, takes_x: bool
) -> dict[str, float]:
    """The values, whole numbers where the signature wants such; raises for a parameter that it does not have."""
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):  # a built-in has no signature
        return dict(values)
    declared = list(signature.parameters.values())
    whole = {p.name for p in declared if "int" in str(p.annotation) or type(p.default) is int}
    converted = {key: int(value) if key in whole and value.is_integer() else value for key, value in values.items()}
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in declared):
        return converted
    known = [p.name for p in declared if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    if takes_x:
        known = [each for each in known if each != declared[0].name]
    for given in values:
        if given not in known:
            raise BadValue(Text(f"{name} has no parameter {given!r}", f"{name} 没有参数 {given!r}"), takes(known))
    return converted


@cache
def _module(place: str) -> "tuple[ModuleType, Generators, bool]":
    """A module, the random generators as it left them, and whether it drew from them."""
    from actplot.numerics.autograd import Generators, seeded

    _load_jax_for(place)
    with seeded() as has_drawn:
        return _imported(place), Generators.now(), has_drawn()


def _load_jax_for(place: str) -> None:
    """Loads JAX before a module that will: it draws random numbers meanwhile, which are not the module's."""
    if place.endswith(".py"):
        with contextlib.suppress(OSError), open(place, "rb") as file:
            if b"jax" not in file.read():
                return
    elif place.partition(".")[0] != "jax":
        return
    with contextlib.suppress(ImportError):  # which the module itself will raise
        importlib.import_module("jax")


def _imported(place: str) -> ModuleType:
    from actplot.numerics.autograd import format_exception

    try:
        with _here():
            if not place.endswith(".py"):
                return importlib.import_module(place)
            # A name that no other module has, in sys.modules, where dataclasses look it up.
            spec = importlib.util.spec_from_file_location("_actplot_" + os.path.basename(place)[:-3], place)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            sys.path.insert(1, os.path.dirname(place))  # so that it can import its neighbours, as a script can
            spec.loader.exec_module(module)
            return module
    except ActplotError:
        raise
    except ModuleNotFoundError as error:
        if error.name and (place == error.name or place.startswith(error.name + ".")):
            raise BadValue(
                Text(f"there is no module {place!r}", f"没有模块 {place!r}"),
                Text("is it installed in this environment?", "它装在当前的环境里了吗？"),
            ) from None
        raise FunctionFailed(
            Text(
                f"importing {os.path.basename(place)} raised {format_exception(error)}",
                f"导入 {os.path.basename(place)} 时抛出了 {format_exception(error)}",
            )
        ) from error
    except (Exception, SystemExit) as error:
        raise FunctionFailed(
            Text(
                f"importing {os.path.basename(place)} raised {format_exception(error)}",
                f"导入 {os.path.basename(place)} 时抛出了 {format_exception(error)}",
            )
        ) from error
