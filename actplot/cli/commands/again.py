"""``actplot again``: from a figure back to its command, and to the figure drawn anew."""

import re
import shlex
from typing import Annotated, Any, NamedTuple

import typer

from actplot.cli.commands.plot import SourceFirst
from actplot.cli.options import BESIDE_THE_PICTURE
from actplot.cli.picture import Picture
from actplot.cli.resolve import is_svg
from actplot.errors import ActplotError, BadValue, WrongUse
from actplot.functions.catalog import CATALOG
from actplot.functions.source import runs_code
from actplot.live import window
from actplot.options import shipped_styles
from actplot.output import metadata

_VERBS = {"audit", "compare", "plot", "softmax", "log_softmax", "boundary", "depth"}
# What says where a figure goes.
_OUTPUTS = {"out", "data", "show", "web", "inline", "animate", "help"}
_SOURCE = re.compile(r"(?P<place>.+\.py|[^\W\d]\w*(\.[^\W\d]\w*)*):[^\W\d]\w*(\.[^\W\d]\w*)*")
_FONT_FILE = re.compile(r".*\.(ttf|otf|ttc)", re.IGNORECASE | re.DOTALL)

_Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FIGURE [OPTIONS]", help="A file that actplot wrote, and options to change.", show_default=False
    ),
]
_Trust = Annotated[
    bool, typer.Option("--trust", help="Also use the Python files, modules, styles and fonts that the figure names.")
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
        raise BadValue("again needs a figure", "as in 'actplot again old.png --lang en --out new.svg'")
    path, *changes = [word for word in words if word != "--trust"]
    trust = trust or "--trust" in words
    if path.startswith("-"):
        raise BadValue(f"again takes the figure first, got {path!r}", "as in 'actplot again old.png --out new.svg'")
    command = metadata.read(path)
    verb, (arguments, options) = check_command(group, path, command)
    if not changes:
        moves = metadata.is_animation(path)
        print(metadata.join([*metadata.split(command), "--animate", path]) if moves else command)
        return None
    more, changed = _parse(_command(group, verb), changes)
    if more:
        raise WrongUse(f"again takes one figure and options, got {more[0]!r}", "quote a file name that has blanks")
    if not changed.keys() & _OUTPUTS and not window.display_at_hand():
        raise BadValue("where the new figure goes is not said", "add --out FILE")
    of_no_use = {*([] if "animate" in changed else ["frames", "fps"])}
    of_no_use |= {*([] if is_svg(changed.get("out", ["", None])[-1]) else ["text"])}
    of_no_use |= {*(["title"] if "no_title" in changed else []), *(["no_title"] if "title" in changed else [])}
    kept = {name: words for name, words in options.items() if name not in changed and name not in of_no_use}
    if not trust and (named := _outside(arguments, kept)):
        raise BadValue(f"{path} names {named}", f"actplot again --trust {shlex.quote(path)} ...")
    written = [word for words in (*kept.values(), *changed.values()) for word in words]
    return picture(group, verb, [*written, *(["--", *arguments] if arguments else [])])


def _outside(arguments: list[str], options: dict[str, list[str]]) -> str:
    """What a command names beyond itself, which would be run or read: code, a style or a font; else nothing."""
    for argument in arguments:
        if runs_code(argument):
            return f"{argument!r}, whose code would be run"
    style, font = (options.get(name, ["", ""])[1] for name in ("style", "font"))
    if style not in {"", "default", *shipped_styles()}:
        return f"the style {style!r}, which is not matplotlib's own and would be read"
    if _FONT_FILE.fullmatch(font):
        return f"the font file {font!r}, which would be read"
    return ""


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
    refused = f"the command in {path} was not written by this version of actplot"
    try:
        program, verb, *words = metadata.split(command)
    except ValueError:
        raise BadValue(f"{refused}: {command[:60]!r}") from None
    if program != "actplot":
        raise BadValue(f"{refused}: {command[:60]!r}")
    if verb not in _VERBS and verb not in CATALOG:
        raise BadValue(f"{refused}: it knows no {verb!r}", "see 'actplot list'")
    try:
        parsed = _parse(_command(group, verb), words)
        for name in parsed.options.keys() & {*BESIDE_THE_PICTURE, "help"}:
            raise BadValue(f"it has {parsed.options[name][0]}, which no figure carries")
        # What would be looked for on this machine has something in its place that is always there.
        sources = [argument for argument in parsed.arguments if runs_code(argument)]
        places = {source: _stand_in(source, index) for index, source in enumerate(dict.fromkeys(sources))}
        words = [places.get(word, word) for word in words]
        animated = ["--animate", "x.gif"] if parsed.options.keys() & {"frames", "fps"} else []
        canonical = picture(group, verb, [*words, *animated]).canonical_command
    except ActplotError as error:
        raise BadValue(f"{refused}: {error.with_options()[0]}") from None
    except typer.TyperException as error:
        raise BadValue(f"{refused}: {error.format_message()}") from None
    if canonical != metadata.join(["actplot", verb, *words]):
        raise BadValue(f"{refused}: {command[:60]!r}")
    return verb, parsed


def _stand_in(source: str, index: int) -> str:
    """A source of the same form whose module is loaded already."""
    head, colon, tail = source.rpartition(":")
    place, values = (head, colon + tail) if "=" in tail else (source, "")
    if not _SOURCE.fullmatch(place):
        raise BadValue(f"{source!r} is no source")
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
            raise WrongUse(f"{name} lacks a value", f"it takes {param.nargs}")
        options[param.name] = [word for value in each for word in (name, *([value] if param.nargs == 1 else value))]
    return Parsed([*arguments, *left], options)
