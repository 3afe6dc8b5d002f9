"""Activations and their declaration: a decorated function whose signature names its parameters."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from actplot.errors import SEE_LIST, Argument, BadValue, UnknownFunction, did_you_mean
from actplot.functions import rules
from actplot.text import Language, Text, assignments, narrow, number

if TYPE_CHECKING:
    from torch import Tensor

FINITE = Text("finite", "有限的数")
FRAMEWORKS = {
    "pytorch": "PyTorch",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "jax": "JAX",
    "numpy": "NumPy/SciPy",
    "onnx": "ONNX",
}


@dataclass(frozen=True)
class Param:
    """The annotation of a parameter, beside its type.

    Parameters
    ----------
    text
        What the parameter does.
    span
        The ends of the values that show what it does: those of a slider, and of what the tests try.
    above, at_least, at_most
        The domain: an open or a closed lower bound, a closed upper bound. Without, every finite number is allowed.
    choices
        The only values allowed, by what they are called on the command line.
    also
        Names that frameworks have for it, which are taken for its own.
    """

    text: Text
    span: tuple[float, float]
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    choices: Mapping[str, float] | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One parameter of an activation: a :class:`Param` with its name and default."""

    name: str
    default: float
    text: Text
    span: tuple[float, float]
    above: float | None
    at_least: float | None
    at_most: float | None
    choices: Mapping[str, float] | None
    also: tuple[str, ...]

    @property
    def option(self) -> str:
        """The option on the command line: ``--min-val``."""
        return self.options[0]

    @property
    def options(self) -> tuple[str, ...]:
        """The option under each of its names."""
        return tuple("--" + name.replace("_", "-") for name in (self.name, *self.also))

    @property
    def domain(self) -> Text:
        """What is allowed, as a phrase: ``> 0``, ``>= 0``, ``from 0 to 1``, ``e, 2 or 10`` or ``finite``."""
        if self.choices is not None:
            *others, last = self.choices
            return Text(f"{', '.join(others)} or {last}", f"{'、'.join(others)} 或 {last}")
        if self.at_least is not None and self.at_most is not None:
            low, high = number(self.at_least), number(self.at_most)
            return Text(f"from {low} to {high}", f"{low} 到 {high}")
        if self.above is not None:
            return Text(f"> {number(self.above)}", f"> {number(self.above)}")
        if self.at_least is not None:
            return Text(f">= {number(self.at_least)}", f">= {number(self.at_least)}")
        return FINITE

    def format_value(self, value: float) -> str:
        """The value as it is written on the command line."""
        named = {choice: name for name, choice in (self.choices or {}).items()}
        return named.get(value, number(value))

    def check(self, value: float) -> float:
        """``value`` as a float, or :class:`BadValue` where it lies outside the domain."""
        try:
            value = float(value)
        except (TypeError, ValueError):
            raise BadValue(
                Text(f"{self.name} must be a number, got {value!r}", f"{self.name} 须是数，这里是 {value!r}")
            ) from None
        outside = (
            (self.above is not None and value <= self.above)
            or (self.at_least is not None and value < self.at_least)
            or (self.at_most is not None and value > self.at_most)
            or (self.choices is not None and value not in self.choices.values())
        )
        if outside or not math.isfinite(value):
            allowed = self.domain if outside else FINITE
            default = Argument(self.name, (self.default,), f"{self.option} {self.format_value(self.default)}")
            raise BadValue(
                Text(
                    f"{self.name} must be {allowed.en}, got {number(value)}",
                    f"{self.name} 须为 {allowed.zh}，这里是 {number(value)}",
                ),
                Text(f"try {default}", f"试试 {default}"),
            )
        return value


@dataclass(frozen=True)
class Function:
    """A function of one tensor with all its parameters fixed: what is sampled, drawn and saved.

    Attributes
    ----------
    name
        The canonical name, or the name of the user's callable.
    title
        The name as it stands in titles.
    parameters
        Every parameter and its value.
    non_default
        Those whose value is not the default.
    call
        Takes and returns a tensor, element by element.
    rebind
        The function of the same source at the given values of all its parameters; None where it cannot be had.
    breaks
        Where the function or its derivative jumps, in ascending order; None where it is not declared.
    dy_kinks
        Where the derivative, which does not jump, has a kink: the second derivative jumps.
    range
        The range of x that shows what the function does.
    domain
        The ends of where it is defined.
    formula, derivative
        Formulas (see :mod:`actplot.functions.formula`), or None.
    chinese
        What stands for ``title`` in Chinese titles; None where that is used in both languages.
    variable
        What x is, as its axis says it; None where it is x and no more.
    """

    name: str
    title: str
    parameters: dict[str, float]
    non_default: dict[str, float]
    call: "Callable[[Tensor], Tensor]" = field(repr=False)
    rebind: "Callable[[Mapping[str, float]], Function] | None" = field(default=None, repr=False, compare=False)
    breaks: tuple[float, ...] | None = None
    dy_kinks: tuple[float, ...] = ()
    range: tuple[float, float] = (-5.0, 5.0)
    domain: tuple[float, float] = (-math.inf, math.inf)
    formula: str | None = None
    derivative: str | None = None
    chinese: str | None = None
    variable: Text | None = None

    def title_in(self, lang: Language) -> str:
        """The name as it stands in titles of a language."""
        return self.chinese or self.title if lang == "zh" else self.title

    @property
    def label(self) -> str:
        """Title and parameters that are not at their defaults, for a legend."""
        return f"{self.title} ({assignments(self.non_default)})" if self.non_default else self.title

    def with_parameters(self, /, **values: float) -> "Function":
        """The function of the same source with these parameters changed, the others as they are.

        Raises
        ------
        BadValue
            For a parameter it does not have, or a value outside the parameter's domain.

        Examples
        --------
        >>> from actplot import CATALOG
        >>> CATALOG["hardtanh"].bind(min_val=-2).with_parameters(max_val=3).parameters
        {'min_val': -2.0, 'max_val': 3.0}
        """
        if not values:
            return self
        if self.rebind is None:
            raise BadValue(
                Text(
                    f"{self.name} has no parameter {next(iter(values))!r}",
                    f"{self.name} 没有参数 {next(iter(values))!r}",
                ),
                takes(()),
            )
        return self.rebind({**self.parameters, **values})

    def check_domain(self, low: float, high: float) -> None:
        """Raises :class:`BadValue` for a range that goes beyond where the function is defined."""
        if low < self.domain[0] or high > self.domain[1]:
            least, most = map(number, self.domain)
            inside = Argument("range", (max(low, self.domain[0]), min(high, self.domain[1])))
            raise BadValue(
                Text(
                    f"{self.name} is defined from {least} to {most}; the range goes from {number(low)} to {number(high)}",
                    f"{self.name} 的定义域是 {least} 到 {most}，而范围是 {number(low)} 到 {number(high)}",
                ),
                Text(f"try {inside}", f"试试 {inside}"),
            )


def in_common(functions: Sequence[Function]) -> dict[str, float]:
    """The parameters that have the same value in all functions, and not the default in one."""
    first, *others = functions
    return {
        name: value
        for name, value in first.parameters.items()
        if any(name in function.non_default for function in functions)
        and all(other.parameters.get(name) == value for other in others)
    }


def tell_apart(functions: Sequence[Function]) -> list[str]:
    """A label for each: the parameters that vary where all are the same function, else titles with parameters."""
    if len({function.name for function in functions}) > 1:
        labels = [function.label for function in functions]
        # Where titles are alike, for one because they were too long, names with parameters are not.
        return [
            label if labels.count(label) == 1 else replace(function, title=function.name).label
            for function, label in zip(functions, labels, strict=True)
        ]
    names = dict.fromkeys(name for function in functions for name in function.parameters)
    varying = [name for name in names if len({function.parameters.get(name) for function in functions}) > 1]
    return [
        assignments({name: function.parameters[name] for name in varying if name in function.parameters})
        or function.label
        for function in functions
    ]


@dataclass(frozen=True)
class PlotSpec:
    """The functions of one figure.

    Attributes
    ----------
    name
        What a file of it is called.
    functions
        One function, or several over each other.
    to_argv
        The command line that asks for functions like these, without the options of the figure.
    """

    name: str
    functions: tuple[Function, ...]
    to_argv: Callable[[Sequence[Function]], Sequence[str]]

    @property
    def argv(self) -> tuple[str, ...]:
        """The command line that asks for these."""
        return tuple(self.to_argv(self.functions))

    @property
    def range(self) -> tuple[float, float]:
        """The range of x that shows what all of them do."""
        return min(f.range[0] for f in self.functions), max(f.range[1] for f in self.functions)


@dataclass(frozen=True)
class _Call:
    """An activation applied at fixed parameters: a callable that can be sent to another process."""

    activation: "Activation"
    parameters: dict[str, float]

    def __call__(self, x: "Tensor") -> "Tensor":
        return self.activation.function(x, **self.parameters)

    @property
    def second(self) -> "Callable[[Tensor], Tensor] | None":
        """The declared second derivative, which :func:`actplot.numerics.autograd.derivatives` takes where there is one."""
        declared = self.activation.second
        return None if declared is None else lambda x: declared(x, **self.parameters)


@dataclass(frozen=True, eq=False)
class Activation:
    """An entry of the catalog, made by decorating a function: see :class:`Family`.

    Attributes
    ----------
    name
        The canonical name: that of the decorated function.
    title
        The name as it is written in each language.
    family
        The key of its family.
    function
        The decorated function: a tensor and the parameters, to a tensor of the same shape.
    parameters
        Read from the function's signature.
    formula, derivative
        See :mod:`actplot.functions.formula`; the derivative has at breaks what torch returns.
    d2y_at
        The second derivative as torch has it at breaks and kinks, as an expression, where ``derivative`` says otherwise
        there; else "".
    breaks
        The points where the function or its derivative jumps, as expressions in the parameters: ``"-lambd, lambd"``
        (see :mod:`actplot.functions.rules`).
    dy_kinks
        In the same way the points where the derivative has a kink: where the second derivative jumps.
    requires
        What values must have in common, as a comparison: ``"lower <= upper"``.
    second
        The second derivative as a function like ``function``, where torch has none; else None.
    summary
        What it does, in one sentence.
    aliases
        Other names it is found by.
    range
        The range of x that shows what it does.
    domain
        The ends of where it is defined.
    names
        Its name in each framework, by the keys of :data:`FRAMEWORKS`.
    differs
        What a framework does otherwise than this entry, by the same keys: its defaults, its slope at a kink.
    strengths, weaknesses
        One sentence each.
    reference
        Paper or other source, or "" where there is none.
    chinese
        Its name in Chinese titles of figures; None where that is the English one.
    variable
        What x is, as its axis says it; None where it is x and no more.
    """

    name: str
    title: Text
    family: str
    function: "Callable[..., Tensor]"
    parameters: tuple[Parameter, ...]
    formula: str
    derivative: str
    d2y_at: str
    second: "Callable[..., Tensor] | None"
    summary: Text
    aliases: tuple[str, ...]
    range: tuple[float, float]
    domain: tuple[float, float]
    names: Mapping[str, str]
    differs: Mapping[str, Text]
    strengths: tuple[Text, ...]
    weaknesses: tuple[Text, ...]
    reference: str
    breaks: str
    dy_kinks: str
    requires: str
    chinese: str | None
    variable: Text | None

    def __call__(self, x: "Tensor", **parameters: float) -> "Tensor":
        return self.function(x, **parameters)

    def __reduce__(self) -> str:
        # Pickled by name, like the function it decorates.
        return self.name

    def __post_init__(self) -> None:
        # The module in which pickle looks the name up.
        object.__setattr__(self, "__module__", self.function.__module__)

    @cached_property
    def defaults(self) -> dict[str, float]:
        return {parameter.name: parameter.default for parameter in self.parameters}

    def bind(self, **parameters: float) -> Function:
        """The function at these parameters, the defaults where none is given.

        Raises
        ------
        BadValue
            For a parameter it does not have, or a value outside the parameter's domain.

        Examples
        --------
        >>> from actplot import CATALOG
        >>> function = CATALOG["softshrink"].bind(lambd=1.5)
        >>> function.label, function.breaks
        ('Softshrink (lambd = 1.5)', (-1.5, 1.5))
        """
        ours = {name: parameter.name for parameter in self.parameters for name in parameter.also}
        parameters = {ours.get(name, name): value for name, value in parameters.items()}
        unknown = [name for name in parameters if name not in self.defaults]
        if unknown:
            known = takes(self.defaults)
            raise BadValue(
                Text(f"{self.name} has no parameter {unknown[0]!r}", f"{self.name} 没有参数 {unknown[0]!r}"), known
            )
        try:
            values = {p.name: p.check(parameters.get(p.name, p.default)) for p in self.parameters}
        except BadValue as error:
            message = error.text
            raise BadValue(Text(f"{self.name}: {message.en}", f"{self.name}：{message.zh}"), error.advice) from None
        if not rules.holds(self.requires, values):
            raise BadValue(
                Text(
                    f"{self.name} needs {self.requires}, got {assignments(values)}",
                    f"{self.name} 要求 {self.requires}，这里是 {assignments(values)}",
                )
            )
        breaks = rules.places(self.breaks, values)
        return Function(
            name=self.name,
            title=self.title.en,
            parameters=values,
            non_default={name: value for name, value in values.items() if value != self.defaults[name]},
            call=_Call(self, values),
            rebind=self._rebind,
            breaks=breaks,
            dy_kinks=rules.places(self.dy_kinks, values),
            range=self.range if math.isfinite(self.domain[0]) else _widened(self.range, breaks),
            domain=self.domain,
            formula=self.formula,
            derivative=self.derivative,
            chinese=self.chinese,
            variable=self.variable,
        )

    def _rebind(self, parameters: Mapping[str, float]) -> Function:
        return self.bind(**parameters)


def _widened(range: tuple[float, float], breaks: tuple[float, ...]) -> tuple[float, float]:
    """A range with room on both sides of all breaks, which parameters may have moved out of it."""
    low, high = min([range[0], *breaks]), max([range[1], *breaks])
    room = (high - low) / 4
    near = 0.1 * (high - low)
    return (
        low - room if any(at < low + near for at in breaks) else low,
        high + room if any(at > high - near for at in breaks) else high,
    )


@dataclass(frozen=True)
class Family:
    """A family of activations. Called with the facts of one, it is the decorator that declares it.

    Attributes
    ----------
    key
        The name for ``--family``.
    title
        The heading in each language.
    is_named_in_chinese
        Whether Chinese titles of figures have the Chinese names of its entries. Those of activations are known by the
        names that frameworks use.
    variable
        What x is to its entries, as the axis says it; None where it is x and no more.
    entries
        Its activations, in the order of declaration.
    """

    key: str
    title: Text
    is_named_in_chinese: bool = False
    variable: Text | None = None
    entries: list[Activation] = field(default_factory=list)

    def __call__(
        self,
        title: Text,
        *,
        formula: str,
        derivative: str,
        summary: Text,
        breaks: str = "",
        dy_kinks: str = "",
        d2y_at: str = "",
        requires: str = "",
        aliases: tuple[str, ...] = (),
        range: tuple[float, float] = (-5.0, 5.0),
        domain: tuple[float, float] = (-math.inf, math.inf),
        names: Mapping[str, str] = MappingProxyType({}),
        differs: Mapping[str, Text] = MappingProxyType({}),
        second: "Callable[..., Tensor] | None" = None,
        strengths: tuple[Text, ...] = (),
        weaknesses: tuple[Text, ...] = (),
        reference: str = "",
    ) -> "Callable[[Callable[..., Tensor]], Activation]":
        """The decorator that declares an activation; the arguments are those of :class:`Activation`.

        They are as many as there are things to say of an activation, and keywords: a declaration reads as a record.
        ``breaks``, ``dy_kinks`` and ``requires`` are written in the language of formulas: see
        :mod:`actplot.functions.rules`.

        Raises
        ------
        TypeError
            At import, where the declaration contradicts the signature.
        """

        def declare(function: "Callable[..., Tensor]") -> Activation:
            parameters = tuple(_parameters(function))
            known = {parameter.name for parameter in parameters}
            for rule in filter(None, (breaks, dy_kinks, requires)):
                if strange := rules.names(rule) - known:
                    raise TypeError(f"{function.__name__} has no parameter {', '.join(sorted(strange))}")
            if strange := {*names, *differs} - set(FRAMEWORKS):
                raise TypeError(f"{function.__name__}: no framework {', '.join(sorted(strange))}")
            entry = Activation(
                name=function.__name__,
                title=title,
                family=self.key,
                function=function,
                parameters=parameters,
                formula=formula,
                derivative=derivative,
                d2y_at=d2y_at,
                second=second,
                summary=summary,
                aliases=aliases,
                range=range,
                domain=domain,
                names=MappingProxyType(dict(names)),
                differs=MappingProxyType(dict(differs)),
                strengths=strengths,
                weaknesses=weaknesses,
                reference=reference,
                breaks=breaks,
                dy_kinks=dy_kinks,
                requires=requires,
                chinese=title.zh if self.is_named_in_chinese else None,
                variable=self.variable,
            )
            self.entries.append(entry)
            return entry

        return declare


def _parameters(function: Callable[..., Any]) -> Iterator[Parameter]:
    # Read from the function itself: for a whole catalog, inspect.signature takes longer than all else at its import.
    code, defaults = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[1 : code.co_argcount]
    values = dict(zip(reversed(names), reversed(defaults), strict=False))
    for name in names:
        try:
            (param,) = function.__annotations__[name].__metadata__
            default = float(values[name])
        except (AttributeError, KeyError, TypeError, ValueError):
            raise TypeError(
                f"{function.__name__}: {name} needs an Annotated[float, Param(...)] and a default"
            ) from None
        yield Parameter(name=name, default=default, **vars(param))


def takes(names: Iterable[str]) -> Text:
    """A hint with the parameters that something has."""
    known = list(names)
    if not known:
        return Text("it takes none", "它没有参数")
    return Text(f"it takes {', '.join(known)}", f"它的参数有 {'、'.join(known)}")


def normalise(name: str) -> str:
    """``name`` without what does not matter in it: case, ``-``, ``_``, blanks and the width of signs."""
    return narrow(name).casefold().replace("-", "").replace("_", "").replace(" ", "")


class Catalog(Mapping[str, Activation]):
    """The activations by canonical name; read-only. Look-ups take aliases and any spelling too."""

    def __init__(self, families: Iterable[Family]) -> None:
        self.families = tuple(families)
        self._entries = {entry.name: entry for family in self.families for entry in family.entries}
        self._found: dict[str, Activation] = {}
        for entry in self._entries.values():
            for name in (
                entry.name,
                *entry.aliases,
                entry.title.en,
                entry.title.zh,
                entry.title.zh.removesuffix("函数"),
            ):
                if self._found.setdefault(normalise(name), entry) is not entry:
                    raise TypeError(f"{name} names both {self._found[normalise(name)].name} and {entry.name}")

    def __getitem__(self, name: str) -> Activation:
        try:
            return self._found[normalise(name)]
        except (KeyError, AttributeError):
            hint = self.nearest(str(name))
            raise UnknownFunction(Text(f"unknown function {name!r}", f"未知的函数 {name!r}"), hint) from None

    def __contains__(self, name: object) -> bool:
        # Mapping's own would ask __getitem__, which looks through all names for a hint before it fails.
        return isinstance(name, str) and normalise(name) in self._found

    def nearest(self, name: str, *more: str) -> Text:
        """A hint with the names nearest to one that is none: of the catalog, in either language, and ``more``."""
        chinese = [entry.title.zh for entry in self._entries.values()]
        return did_you_mean(name.lower(), [*more, *self.names, *chinese], SEE_LIST)

    @property
    def names(self) -> list[str]:
        """Canonical names, then aliases."""
        return [*self._entries, *(alias for entry in self._entries.values() for alias in entry.aliases)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def function(
        self, source: "str | Activation | Function | Callable[[Tensor], Tensor]", **parameters: float
    ) -> Function:
        """The function of a name, an entry or a callable, at these parameters.

        Parameters
        ----------
        source
            A name of the catalog, an entry of it, a function, or a callable on a tensor, which is given the parameters
            as keywords.
        **parameters
            Values by name. Where none is given, that of the function, or the default.

        Raises
        ------
        UnknownFunction, BadValue
            For a name, or a parameter of it, that the catalog does not know.
        """
        if isinstance(source, str):
            source = self[source]
        if isinstance(source, Activation):
            return source.bind(**parameters)
        if isinstance(source, Function):
            return source.with_parameters(**parameters)
        if isinstance(source, type):
            name = source.__name__
            raise BadValue(
                Text(f"{name} is a class, not a function of a tensor", f"{name} 是类，不是张量的函数"),
                Text(f"give an instance: {name}()", f"请给出实例：{name}()"),
            )
        if not callable(source):
            raise BadValue(
                Text(f"cannot take {source!r} for a function", f"{source!r} 不能当作函数"),
                Text("give a name, or a callable on a tensor", "请给出函数名，或以张量为自变量的可调用对象"),
            )
        return _of_callable(source, parameters)


def _of_callable(target: "Callable[..., Tensor]", parameters: Mapping[str, float]) -> Function:
    """A callable of the user's own, given the parameters as keywords."""
    name = getattr(target, "__name__", type(target).__name__)
    return Function(
        name="f" if name == "<lambda>" else name,
        title="f" if name == "<lambda>" else name,
        parameters=dict(parameters),
        non_default=dict(parameters),
        call=partial(target, **parameters) if parameters else target,
        rebind=partial(_of_callable, target),
    )
