"""What a wrong command was meant to be: rules that rewrite its words, and the proof that the outcome is a command.

A rule sees the words as options with their values and loose words between them. What it makes of them is offered to the
user only where it has no error left, which the parser and the checks of the command itself decide.
"""

import os
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple

import typer

from actplot import options
from actplot.cli.picture import Picture
from actplot.cli.resolve import Surroundings, resolve_destinations
from actplot.cli.usage import is_parameter, no_parameter
from actplot.errors import ActplotError, WrongUse
from actplot.functions import expression
from actplot.functions.catalog import CATALOG
from actplot.functions.source import function
from actplot.text import Text, narrow, printable

# Rewritings of one command: a comma list in an option of another name takes two.
_MOST_STEPS = 6
# Commands that draw curves, beside those of the catalog: they can be asked for a picture without computing it.
_CURVES = {"plot", "compare", "explore"}
# Those whose argument is a function of the user's own.
_SOURCES = {"plot", "audit", "explore", "compare"}

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_BETWEEN = re.compile(r"(?:[\s,;:~()\[\]]|to|至|到)*")
_SEPARATOR = re.compile(r"\s*[,;+&]\s*|\s+(?:vs|and|与|和)\s+")
_ASSIGNMENT = re.compile(r"-*([A-Za-z_]\w*)\s*=\s*(.+)")
_DOTTED = re.compile(r"((?:[A-Za-z_]\w*\.)+)([A-Za-z_]\w*)(?:\(\))?")
# Modules by the names under which they are imported.
_MODULES = {"F": "torch.nn.functional", "nn": "torch.nn", "np": "numpy", "jnp": "jax.numpy"}
# Options by what other programs call them.
_OPTIONS = {
    **dict.fromkeys(("--output", "--save", "--file", "--outfile", "--filename", "--savefig", "--png"), "--out"),
    **dict.fromkeys(("--xlim", "--x-range", "--xrange", "--interval", "--domain"), "--range"),
    **dict.fromkeys(("--points", "--num", "--steps", "--resolution"), "--samples"),
    **dict.fromkeys(("--language", "--locale"), "--lang"),
    **dict.fromkeys(("--figsize", "--fig-size"), "--size"),
    **{"--derivatives": "--order", "--theme": "--style", "--precision": "--dtype", "--open": "--show"},
    **dict.fromkeys(("--colour", "--colors", "--colours"), "--color"),
    **dict.fromkeys(("--line-width", "--lw"), "--linewidth"),
    **dict.fromkeys(("--labels", "--names"), "--label"),
    **{"--font-size": "--fontsize", "--panel": "--panels", "--x-label": "--xlabel", "--y-label": "--ylabel"},
    **{"--browser": "--web", "--terminal": "--inline", "--csv": "--data", "--gif": "--animate", "--points-at": "--at"},
}
_FORMATS = {
    "--out": (*options.FORMATS, options.PAGE),
    "--data": options.DATA_FORMATS,
    "--animate": options.ANIMATION_FORMATS,
}


class Change(NamedTuple):
    """The words of a command that was meant, and what was wrong; None where what was said of it stands."""

    words: list[str]
    why: Text | None = None


@dataclass(frozen=True)
class Part:
    """A piece of a command: an option with its values, or a loose word.

    Attributes
    ----------
    typed
        The words as they were typed.
    option
        The name of the option; empty for a loose word.
    values
        Of the option; the word itself where it is loose.
    """

    typed: tuple[str, ...]
    option: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Typed:
    """A command whose first words are known: ``head``, the options it takes by name, and the rest in parts."""

    head: tuple[str, ...]
    params: Mapping[str, Any]
    parts: tuple[Part, ...]

    @property
    def loose(self) -> list[str]:
        return [part.values[0] for part in self.parts if not part.option]

    def has(self, option: str) -> bool:
        return any(part.option == option for part in self.parts)

    def replacing(self, changed: Mapping[int, Sequence[str]], *, head: Sequence[str] | None = None) -> list[str]:
        """The words of the command with those of some parts, by their place, replaced."""
        words = [*(self.head if head is None else head)]
        for place, part in enumerate(self.parts):
            words += changed.get(place, part.typed)
        return words


def change(group: Any, words: Sequence[str]) -> Change | None:
    """The command that was meant by these words; None where no rule finds one.

    Parameters
    ----------
    group
        The group of all commands.
    words
        A command that is wrong, without the name of the program.
    """
    if not words or words[0] == "again" or (not _is_checked(words) and _parses(group, words)):
        return None
    meant, why = [*words], None
    for step in range(_MOST_STEPS):
        found = _changed(group, meant)
        if found is None or found.words == meant:
            return None
        meant, why = found.words, found.why if step == 0 else why
        if is_right(group, meant):
            return Change(meant, why) if all(printable(word) == word for word in meant) else None
    return None


def line(words: Iterable[str]) -> str:
    """A command as it can be pasted into any shell, where its words allow that."""
    return " ".join(["actplot", *map(_quoted, words)])


def _quoted(word: str) -> str:
    if re.fullmatch(r"[\w@%+=:,./-]+", word) or re.search(r"[\"$`\\!%]", word):
        return shlex.quote(word) if re.search(r"[^\w@%+=:,./-]", word) else word
    return f'"{word}"'


def is_right(group: Any, words: Sequence[str]) -> bool:
    """Whether a command has no error that shows before anything is computed."""
    verb, *rest = words
    try:
        command = _command(group, verb)
        if command is None:
            return False
        if rest[-1:] == ["--help"]:
            return True
        if not _is_checked(words):
            return _parses(group, words)
        made = command.main(args=[*rest], prog_name=f"actplot {verb}", standalone_mode=False)
        if isinstance(made, Picture):
            resolve_destinations(made.options, f"{made.name}.png", made.style, _Anywhere())
    except (WrongUse, typer.TyperException, typer.Exit):
        return False
    except ActplotError:  # the command is right, and cannot be done here
        return True
    return True


def _is_checked(words: Sequence[str]) -> bool:
    """Whether the command can be asked for its picture, so that all its checks are made, without anything being computed."""
    verb = words[0]
    return verb in CATALOG or verb in _CURVES or (verb in ("softmax", "log_softmax") and "--vary" not in words)


def _parses(group: Any, words: Sequence[str]) -> bool:
    """Whether typer finds nothing wrong with the words, and the function of one's own among them can be read."""
    verb, *rest = words
    try:
        command = _command(group, verb)
        if verb == "info" and rest:
            command, verb, *rest = _command(command, rest[0]), *rest
        if command is None:
            return False
        given = command.make_context(verb, [*rest]).params
        source = verb if words[0] == "info" else given.get("source")
        if isinstance(source, str) and expression.looks_like_expression(source):
            function(source)
    except (ActplotError, typer.TyperException, typer.Exit):
        return False
    return True


class _Anywhere(Surroundings):
    """A place where everything can be shown."""

    has_display, has_graphics, columns = True, True, None  # stdout is no terminal

    def has_package(self, name: str) -> bool:
        return True


def _command(group: Any, name: str) -> Any:
    return group.get_command(typer.Context(group), name)


def _changed(group: Any, words: list[str]) -> Change | None:
    """The first change that a rule makes."""
    if not words:
        return None
    first, *rest = words
    command = None if first.startswith("-") else _command(group, first)
    head = [first]
    if first == "info" and rest and not rest[0].startswith("-"):
        if rest[0] in group.verbs and rest[0] not in CATALOG:
            page = Text(f"{rest[0]} has no page of facts", f"{rest[0]} 没有性质页")
            return Change([rest[0], "--help"], page)
        head, command = words[:2], _command(command, rest[0])
        if (source := _source(rest[0])) is not None:
            return Change(["info", source, *rest[1:]])
    if command is None:
        return _first(group, words)
    params = _params(command)
    typed = Typed(tuple(head), params, tuple(_parts(words[len(head) :], params)))
    return next((found for rule in _RULES if (found := rule(typed)) is not None), None)


def _params(command: Any) -> dict[str, Any]:
    """The options of a command by name."""
    params = command.get_params(typer.Context(command))
    return {name: param for param in params for name in (*param.opts, *param.secondary_opts) if name.startswith("-")}


def _parts(words: Sequence[str], params: Mapping[str, Any]) -> Iterable[Part]:
    """The words as options with their values and loose words; an unknown option takes all up to the next."""
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            yield from (Part((each,), "", (each,)) for each in words[at:])
            return
        if not _is_option(word, params):
            yield Part((word,), "", (word,))
            continue
        name, equals, value = word.partition("=")
        if not word.startswith("--") and word[:2] in params and word != word[:2]:
            name, equals, value = word[:2], "=", word[2:]
        start, values = at - 1, [value] if equals else []
        param = params.get(name)
        while at < len(words) and not _is_option(words[at], params) and _wants_more(param, values):
            values.append(words[at])
            at += 1
        yield Part(tuple(words[start:at]), param.opts[0] if param is not None else name, tuple(values))


def _is_option(word: str, params: Mapping[str, Any]) -> bool:
    if not word.startswith("-") or word == "-" or re.match(_NUMBER, word):
        return False
    is_expression = not word.startswith("--") and expression.looks_like_expression(word.lstrip("-"))
    return word.partition("=")[0] in params or word[:2] in params or not is_expression


def _wants_more(param: Any, values: Sequence[str]) -> bool:
    """Whether an option takes one more value; where it takes two numbers, these may stand in one word or in three."""
    if param is None:
        return True
    taken = len(_numbers(*values) or values) if param.nargs > 1 else len(values)
    return not getattr(param, "is_flag", False) and taken < int(param.nargs)


def _numbers(*words: str) -> list[str]:
    """The numbers in words that hold nothing else but what can stand between numbers; none in any others."""
    text = narrow(" ".join(words)).replace("..", " ")
    return re.findall(_NUMBER, text) if _BETWEEN.fullmatch(re.sub(_NUMBER, " ", text)) else []


def _is_function(word: str) -> bool:
    """Whether a word is a name of the catalog, with or without parameters."""
    with suppress(ActplotError):
        return function(word).name in CATALOG
    return False


def _source(word: str) -> str | None:
    """The source that was meant by a word that is none: a formula as on paper, or a callable with a dot before its name."""
    if (found := _DOTTED.fullmatch(word)) and ":" not in word and not word.endswith(".py"):
        first, _, rest = found[1].rstrip(".").partition(".")
        return f"{'.'.join(filter(None, (_MODULES.get(first, first), rest)))}:{found[2]}"
    return expression.meant(word) if not _is_function(word) else None


def _first(group: Any, words: list[str]) -> Change | None:
    """What was meant where the first word is no command."""
    first, *rest = words
    if first.startswith("-"):
        name = first.lstrip("-").replace("-", "_")
        if name in group.verbs or name in CATALOG:
            return Change([name, *rest], Text(f"{name} is a command, not an option", f"{name} 是命令，不是选项"))
        for place, part in enumerate(parts := [*_parts(words, _params(_command(group, "relu")))]):
            if not part.option and (part.values[0] in group.verbs or part.values[0] in CATALOG):
                others = [word for other in (*parts[:place], *parts[place + 1 :]) for word in other.typed]
                after = Text("options come after the function", "选项写在函数之后")
                return Change([part.values[0], *others], after)
        return None
    if len(names := _SEPARATOR.split(narrow(first).strip(",; "))) > 1 and all(map(_is_function, names)):
        return Change(["compare", *names, *rest], _SEVERAL)
    name, _, values = narrow(first).partition(":")
    if name in CATALOG and all(_ASSIGNMENT.fullmatch(value) for value in values.split(",")):
        given = [word for value in values.split(",") for word in _as_option(value)]
        return Change([name, *given, *rest], _AS_OPTIONS)
    if expression.looks_like_expression(first) or not first.isascii() or _DOTTED.fullmatch(first):
        return Change(["plot", _source(first) or first, *rest], _OWN)
    return None


_SEVERAL = Text("several functions are drawn by compare", "画几个函数用 compare")
_OWN = Text("a function of your own is drawn by plot", "自己的函数用 plot 画")
_AS_OPTIONS = Text("parameters are options", "参数要写成选项")


def _as_option(assignment: str) -> list[str]:
    """``--slope 0.1`` for ``slope=0.1``."""
    found = _ASSIGNMENT.fullmatch(assignment)
    assert found is not None
    return ["--" + found[1].replace("_", "-"), found[2].strip()]


# The rules, in the order in which they are tried.


def _several_functions(typed: Typed) -> Change | None:
    verb, loose = typed.head[0], typed.loose
    if verb not in CATALOG and verb not in ("compare", "plot"):
        return None
    pieces = [[name for name in _SEPARATOR.split(f" {narrow(word)} ".strip(" ,;")) if name] for word in loose]
    names = [name for piece in pieces for name in piece if name not in ("vs", "and", "与", "和")]
    if verb == "compare":
        if names == loose or not all(map(_is_function, names)):
            names = [word.rstrip(",，、;") for word in loose]
        if names == loose:
            return None
        return _with_sources(
            typed, names, ["compare"], Text("names stand with blanks between them", "函数名之间用空格")
        )
    if not names or not all(map(_is_function, names)) or (verb == "plot" and len(names) < 2):
        return None
    if verb == "plot":
        return _with_sources(typed, names, ["compare"], _SEVERAL)
    own = {option: parameter.name for parameter in CATALOG[verb].parameters for option in parameter.options}
    given = {place: part for place, part in enumerate(typed.parts) if part.option in own and len(part.values) == 1}
    values = ",".join(f"{own[part.option]}={part.values[0]}" for part in given.values())
    first = f"{verb}:{values}" if values else verb
    return _with_sources(typed, [first, *names], ["compare"], _SEVERAL, without=given)


def _with_sources(
    typed: Typed, sources: Sequence[str], head: Sequence[str], why: Text | None, *, without: Iterable[int] = ()
) -> Change:
    """The command with other words in the place of those that are loose."""
    left_out = {*without, *(place for place, part in enumerate(typed.parts) if not part.option)}
    return Change(typed.replacing(dict.fromkeys(left_out, ()), head=[*head, *sources]), why)


def _applied(typed: Typed) -> Change | None:
    """``sin x``, in two words."""
    verb, loose = typed.head[0], typed.loose
    if verb in CATALOG and loose and all("x" in re.findall(r"[a-z]+", word) for word in loose):
        called = f"{verb}({' '.join(loose).strip('()')})"
        return _with_sources(typed, [called], ["plot"], _OWN)
    return None


def _renamed_option(typed: Typed) -> Change | None:
    for place, part in enumerate(typed.parts):
        ours = _OPTIONS.get(part.option, "")
        if part.option not in typed.params and ours in typed.params:
            why = Text(f"{part.option} is called {ours} here", f"{part.option} 在这里叫 {ours}")
            return Change(typed.replacing({place: [ours, *part.values]}), why)
    return None


def _file(typed: Typed) -> Change | None:
    for place, part in enumerate(typed.parts):
        ending = os.path.splitext(part.values[0])[1].lower()[1:] if not part.option else ""
        for option, formats in _FORMATS.items():
            if option in typed.params and not typed.has(option) and (ending in formats or ending in ("jpg", "jpeg")):
                why = Text(f"a file is named by {option}", f"文件名写在 {option} 之后")
                return Change(typed.replacing({place: [option, part.values[0]]}), why)
    return None


def _file_format(typed: Typed) -> Change | None:
    for place, part in enumerate(typed.parts):
        formats = _FORMATS.get(part.option, ())
        if not formats or not _is_checked(typed.head) or len(part.values) != 1 or part.values[0] in ("", "-"):
            continue
        (path,) = part.values
        if path.endswith(("/", os.sep)) or os.path.isdir(path):
            name = typed.head[0] if typed.head[0] not in CATALOG else CATALOG[typed.head[0]].name
            why = Text(f"{path} is a folder", f"{path} 是文件夹")
            return Change(typed.replacing({place: [part.option, os.path.join(path, f"{name}.{formats[0]}")]}), why)
        stem, ending = os.path.splitext(path)
        if ending.lower()[1:] in formats:
            continue
        endings = [f".{form}" for form in formats]
        for option, others in _FORMATS.items():
            if ending.lower()[1:] in others and option in typed.params and not typed.has(option):
                why = Text(
                    f"{part.option} {path!r} must end in {', '.join(endings)}; {ending} is for {option}",
                    f"{part.option} {path!r} 须以 {'、'.join(endings)} 结尾；{ending} 用 {option}",
                )
                return Change(typed.replacing({place: [option, path]}), why)
        why = Text(
            f"cannot tell the format of {path!r}; it must end in {', '.join(endings)}",
            f"看不出 {path!r} 的格式；须以 {'、'.join(endings)} 结尾",
        )
        return Change(typed.replacing({place: [part.option, f"{stem}.{formats[0]}"]}), why)
    return None


def _scores(typed: Typed) -> Change | None:
    if "--scores" not in typed.params:
        return None
    first, scores, taken = None, [], []
    for place, part in enumerate(typed.parts):
        if part.option == "--scores" or (not part.option and _numbers(*part.values)):
            first = place if first is None else first
            taken.append(place)
            scores += _numbers(*part.values)
    if first is None or not any(not typed.parts[place].option for place in taken):
        return None
    why = Text("scores are one word, with commas between them", "得分写成一个词，中间用逗号")
    return Change(typed.replacing({**dict.fromkeys(taken, ()), first: ["--scores=" + ",".join(scores)]}), why)


def _repeated(typed: Typed) -> Change | None:
    """``--at -1 0 1`` and ``--slope 0.1,0.2``: several numbers for an option that takes one, and can be repeated."""
    for place, part in enumerate(typed.parts):
        param = typed.params.get(part.option)
        if param is None or not param.multiple or param.type_descriptor.parameter_info.parser is None:
            continue
        after = place + 1
        while after < len(typed.parts) and not typed.parts[after].option and _numbers(*typed.parts[after].values):
            after += 1
        values = [value for each in typed.parts[place:after] for value in _numbers(*each.values)]
        if len(values) > 1:
            repeated = [word for value in values for word in (part.option, value)]
            why = Text(f"{part.option} is given once for each value", f"每个值各写一次 {part.option}")
            return Change(typed.replacing({**dict.fromkeys(range(place, after), ()), place: repeated}), why)
    return None


def _range(typed: Typed) -> Change | None:
    """Two numbers that are not two words, or stand without their option."""
    for place, part in enumerate(typed.parts):
        param = typed.params.get(part.option)
        values = (value.replace("x", " ") for value in part.values)  # 10x4
        if param is not None and param.nargs == 2 and len(found := _numbers(*values)) in (1, 2):
            pair = _around_0(found) if len(found) == len(part.values) == 1 and part.option == "--range" else found
            if len(pair) == 2 and tuple(pair) != part.values:
                why = Text(
                    f"{part.option} takes two numbers with a blank between", f"{part.option} 后写两个数，中间用空格"
                )
                return Change(typed.replacing({place: [part.option, *pair]}), why)
    if "--range" not in typed.params or typed.has("--range"):
        return None
    places = [place for place, part in enumerate(typed.parts) if not part.option and _numbers(*part.values)]
    if typed.head[0] in _SOURCES and places and places[0] == 0:  # which is the function
        places = places[1:]
    found = [number for place in places for number in _numbers(*typed.parts[place].values)]
    if len(found) not in (1, 2):
        return None
    pair = _around_0(found) if len(found) == 1 else found
    why = Text("the range is an option", "范围要写成选项")
    return Change(typed.replacing({**dict.fromkeys(places, ()), places[0]: ["--range", *pair]}), why)


def _around_0(numbers: Sequence[str]) -> list[str]:
    size = numbers[0].lstrip("+-")
    return [f"-{size}", size]


def _parameter(typed: Typed) -> Change | None:
    """``slope=0.1`` or ``0.1`` without the option, and the option of another function's parameter."""
    verb = typed.head[-1]
    parameters = CATALOG[verb].parameters if verb in CATALOG else ()
    for place, part in enumerate(typed.parts):
        if not part.option and _ASSIGNMENT.fullmatch(part.values[0]):
            option, value = _as_option(part.values[0])
            if option in typed.params:
                return Change(typed.replacing({place: [option, value]}), _AS_OPTIONS)
        if part.option in typed.params or len(parameters) != 1:
            continue
        (own,) = parameters
        if not part.option and len(typed.loose) == 1 and _numbers(*part.values) == [part.values[0]]:
            return Change(typed.replacing({place: [own.option, part.values[0]]}), _AS_OPTIONS)
        if is_parameter(part.option) and part.values:
            return Change(typed.replacing({place: [own.option, *part.values]}), no_parameter(verb, part.option))
    return None


def _own_parameter(typed: Typed) -> Change | None:
    """``--param b 2``, ``--param b:2``, ``--param b=1,2``, ``--b 2`` and ``b=2`` for ``--param b=2``."""
    if "--param" not in typed.params:
        return None
    for place, part in enumerate(typed.parts):
        name, values, taken = "", "", [place]
        if part.option == "--param" and len(part.values) == 1:
            name, equals, values = narrow(part.values[0]).replace(":", "=").partition("=")
            if not equals and place + 1 < len(typed.parts) and not typed.parts[place + 1].option:
                taken, values = [place, place + 1], typed.parts[place + 1].values[0]
        elif part.option and part.option not in typed.params:
            name, values = part.option.lstrip("-").replace("-", "_"), " ".join(part.values)
        elif not part.option and (found := _ASSIGNMENT.fullmatch(part.values[0])) and len(typed.loose) > 1:
            name, values = found[1], found[2]
        given = _numbers(values) if name.isidentifier() else []
        written = [word for value in given for word in ("--param", f"{name.strip()}={value}")]
        if written and tuple(written) != part.typed:
            why = Text("a parameter is given as --param NAME=VALUE", "参数写成 --param 名称=值")
            return Change(typed.replacing({**dict.fromkeys(taken, ()), place: written}), why)
    return None


def _formula(typed: Typed) -> Change | None:
    if typed.head[0] not in _SOURCES or not typed.loose:
        return None
    loose = typed.loose
    meant = [_source(word) or word for word in loose]
    if meant == loose and len(loose) > 1 and typed.head[0] != "compare":
        text = " ".join(loose)
        meant = [expression.meant(text) or text]
    return None if meant == loose else _with_sources(typed, meant, typed.head, None)


def _misspelt_option(typed: Typed) -> Change | None:
    for place, part in enumerate(typed.parts):
        if part.option.startswith("--") and part.option not in typed.params:
            near = get_close_matches(part.option, typed.params, n=1, cutoff=0.8)
            return Change(typed.replacing({place: [near[0], *part.values]})) if near else None
    return None


_RULES: tuple[Callable[[Typed], Change | None], ...] = (
    _several_functions,
    _applied,
    _renamed_option,
    _file,
    _file_format,
    _scores,
    _repeated,
    _parameter,
    _own_parameter,
    _range,
    _formula,
    _misspelt_option,
)
