"""``actplot again``: from a figure back to its command, and to the figure drawn anew."""

import re
import shlex
from typing import Annotated, Any, NamedTuple

import typer

from actplot.cli import usage
from actplot.cli.commands.plot import SourceFirst
from actplot.cli.options import BESIDE_THE_PICTURE
from actplot.cli.picture import Picture
from actplot.cli.words import argument, option
from actplot.errors import SEE_LIST, ActplotError, BadValue, WrongUse
from actplot.functions.catalog import CATALOG
from actplot.functions.source import runs_code
from actplot.live import window
from actplot.options import ANIMATION_FORMATS, shipped_styles
from actplot.output import metadata
from actplot.text import Text

_VERBS = {"audit", "compare", "plot", "softmax", "log_softmax", "boundary", "depth"}
# What says where a figure goes.
_OUTPUTS = {"out", "data", "show", "web", "inline", "animate", "help"}
_SOURCE = re.compile(r"(?P<place>.+\.py|[^\W\d]\w*(\.[^\W\d]\w*)*):[^\W\d]\w*(\.[^\W\d]\w*)*")
_FONT_FILE = re.compile(r".*\.(ttf|otf|ttc)", re.IGNORECASE | re.DOTALL)

_Words = Annotated[
    list[str] | None,
    argument(
        metavar=Text("FIGURE [OPTIONS]", "图片 [选项]"),
        help=Text("A file that actplot wrote, and options to change.", "actplot 写的文件，以及要改的选项。"),
        show_default=False,
    ),
]
_Trust = Annotated[
    bool,
    option(
        "--trust",
        help=Text(
            "Also use the Python files, modules, styles and fonts that the figure names.",
            "也使用图片中提到的 Python 文件、模块、样式和字体。",
        ),
    ),
]


class Parsed(NamedTuple):
    """A command as typer reads it: its arguments, and the words of each option by the name of its parameter."""

    arguments: list[str]
    options: dict[str, list[str]]


def again(ctx: typer.Context, words: _Words = None, trust: _Trust = False) -> Picture[Any] | None:
    """Shows the command inside a figure, or draws it anew with changed options."""
    assert ctx.parent is not None
    group: Any = ctx.parent.command
    if not words:
        raise BadValue(
            Text("again needs a figure", "again 需要一个图片文件"),
            Text(
                "as in 'actplot again old.png --lang en --out new.svg'",
                "例如 'actplot again old.png --lang en --out new.svg'",
            ),
        )
    path, *changes = [word for word in words if word != "--trust"]
    trust = trust or "--trust" in words
    if path.startswith("-"):
        raise BadValue(
            Text(f"again takes the figure first, got {path!r}", f"again 后面要先写图片文件，这里是 {path!r}"),
            Text("as in 'actplot again old.png --out new.svg'", "例如 'actplot again old.png --out new.svg'"),
        )
    command = metadata.read(path)
    verb, (arguments, options) = check_command(group, path, command)
    if not changes:
        is_animation = path.lower().endswith(tuple(f".{form}" for form in ANIMATION_FORMATS))
        print(f"{command} {metadata.join(['--animate', path])}" if is_animation else command)
        return None
    more, changed = _parse(_command(group, verb), changes)
    if more:
        raise WrongUse(
            Text(
                f"again takes one figure and options, got {more[0]!r}",
                f"again 只接受一个图片文件和选项，多出了 {more[0]!r}",
            ),
            Text("quote a file name that has blanks", "含空格的文件名请加引号"),
        )
    if not changed.keys() & _OUTPUTS and not window.display_at_hand():
        raise BadValue(
            Text("where the new figure goes is not said", "没有说明新图写到哪里"),
            Text("add --out FILE", "请加上 --out 文件名"),
        )
    kept = {
        name: words
        for name, words in options.items()
        if name not in changed and (name not in ("frames", "fps") or "animate" in changed)
    }
    if not trust and (named := _outside(arguments, kept)):
        raise BadValue(
            Text(f"{path} names {named.en}", f"{path} 提到了{named.zh}"),
            Text(
                f"actplot again --trust {shlex.quote(path)} ...",
                f"若信任它：actplot again --trust {shlex.quote(path)} ...",
            ),
        )
    written = [word for words in (*kept.values(), *changed.values()) for word in words]
    return picture(group, verb, [*written, *(["--", *arguments] if arguments else [])])


def _outside(arguments: list[str], options: dict[str, list[str]]) -> Text | None:
    """What a command names beyond itself, which would be run or read: code, a style or a font; else nothing."""
    for word in arguments:
        if runs_code(word):
            return Text(f"{word!r}, whose code would be run", f" {word!r}，其中的代码会被运行")
    style, font = (options.get(name, ["", ""])[1] for name in ("style", "font"))
    if style not in {"", "default", *shipped_styles()}:
        return Text(
            f"the style {style!r}, which is not matplotlib's own and would be read",
            f"样式 {style!r}，它不是 matplotlib 自带的，会被读取",
        )
    if _FONT_FILE.fullmatch(font):
        return Text(f"the font file {font!r}, which would be read", f"字体文件 {font!r}，它会被读取")
    return None


def check_command(group: Any, path: str, command: str) -> tuple[str, Parsed]:
    """The verb of a command and the rest as it is parsed.

    Parameters
    ----------
    group
        The typer group of all commands.
    path
        Where the command was found.
    command
        What was found.

    Raises
    ------
    BadValue
        For whatever this version of actplot would not write.
    """

    def refusal(why: Text, hint: Text | None = None) -> BadValue:
        return BadValue(
            Text(
                f"the command in {path} was not written by this version of actplot: {why.en}",
                f"{path} 中的命令不是这个版本的 actplot 写的：{why.zh}",
            ),
            hint,
        )

    as_found = Text(repr(command[:60]), repr(command[:60]))
    try:
        program, verb, *words = metadata.split(command)
    except ValueError:
        raise refusal(as_found) from None
    if program != "actplot":
        raise refusal(as_found)
    if verb not in _VERBS and verb not in CATALOG:
        raise refusal(Text(f"it knows no {verb!r}", f"没有 {verb!r} 这个命令"), SEE_LIST)
    try:
        parsed = _parse(_command(group, verb), words)
        for name in parsed.options.keys() & {*BESIDE_THE_PICTURE, "help"}:
            raise BadValue(
                Text(
                    f"it has {parsed.options[name][0]}, which no figure carries",
                    f"图片里不会有 {parsed.options[name][0]}",
                )
            )
        # What would be looked for on this machine has something in its place that is always there.
        sources = [argument for argument in parsed.arguments if runs_code(argument)]
        places = {source: _stand_in(source, index) for index, source in enumerate(dict.fromkeys(sources))}
        words = [places.get(word, word) for word in words]
        animated = ["--animate", "x.gif"] if parsed.options.keys() & {"frames", "fps"} else []
        canonical = picture(group, verb, [*words, *animated]).canonical_command
    except ActplotError as error:
        raise refusal(Text(error.parts("en", options=True)[0], error.parts("zh", options=True)[0])) from None
    except typer.TyperException as error:
        raise refusal(usage.message(error)) from None
    if canonical != metadata.join(["actplot", verb, *words]):
        raise refusal(as_found)
    return verb, parsed


def _stand_in(source: str, index: int) -> str:
    """A source of the same form whose module is loaded already."""
    head, colon, tail = source.rpartition(":")
    place, values = (head, colon + tail) if "=" in tail else (source, "")
    if not _SOURCE.fullmatch(place):
        raise BadValue(Text(f"{source!r} is no source", f"{source!r} 不是函数的来源"))
    return f"actplot:f{index}{values}"


def picture(group: Any, verb: str, words: list[str]) -> Picture[Any]:
    """The picture that a command makes; nothing is computed."""
    made = _command(group, verb).main(args=words, prog_name=f"actplot {verb}", standalone_mode=False)
    if not isinstance(made, Picture):  # it has shown its help
        raise typer.Exit(int(made or 0))
    return made


def _command(group: Any, verb: str) -> Any:
    return group.get_command(typer.Context(group), verb)


def _parse(command: Any, words: list[str]) -> Parsed:
    if isinstance(command, SourceFirst):
        words = command.arranged(words)
    ctx = typer.Context(command, info_name=f"actplot {command.name}")
    given, left, _ = command.make_parser(ctx).parse_args([*words])
    arguments: list[str] = []
    options: dict[str, list[str]] = {}
    for param in command.get_params(ctx):
        values = given.get(param.name)
        if values is None or values == ():
            continue
        if param.param_type_name == "argument":
            arguments += [values] if param.nargs == 1 else values
            continue
        name = next(name for name in param.opts if name.startswith("--"))
        if isinstance(values, bool):
            options[param.name] = [name if values else param.secondary_opts[0]]
            continue
        each = values if param.multiple else [values]
        if param.nargs > 1 and any(word.startswith("--") for value in each for word in value):
            raise WrongUse(
                Text(f"{name} lacks a value", f"{name} 缺少一个值"),
                Text(f"it takes {param.nargs}", f"它需要 {param.nargs} 个值"),
            )
        options[param.name] = [word for value in each for word in (name, *([value] if param.nargs == 1 else value))]
    return Parsed([*arguments, *left], options)
