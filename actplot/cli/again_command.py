"""``actplot again``: from a figure back to its command, and to the figure drawn anew."""

import shlex
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, NamedTuple

import typer

from actplot import embedded, window
from actplot.catalog import CATALOG
from actplot.cli.figure_options import BESIDE_THE_PICTURE
from actplot.errors import BadValue, WrongUse
from actplot.source import runs_code

_VERBS = {"compare", "plot", "softmax", "log_softmax", "boundary", "depth"}
# What says where a figure goes.
_OUTPUTS = {"out", "data", "show", "web", "inline", "animate"}

_Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FIGURE [OPTIONS]", help="A file that actplot wrote, and options to change.", show_default=False
    ),
]
_Trust = Annotated[bool, typer.Option("--trust", help="Also run the Python file or module that the figure names.")]


class _Option(NamedTuple):
    """An option as it stood in a command: its name as a parameter, and its words."""

    name: str
    words: tuple[str, ...]


def again(words: _Words = None, trust: _Trust = False) -> None:
    """Shows the command inside a figure, or draws it anew with changed options."""
    if not words:
        raise BadValue("again needs a figure", "as in 'actplot again old.png --lang en --out new.svg'")
    path, *changes = [word for word in words if word != "--trust"]
    trust = trust or "--trust" in words
    if path.startswith("-"):
        raise BadValue(f"again takes the figure first, got {path!r}", "as in 'actplot again old.png --out new.svg'")
    command = embedded.read(path)
    verb, arguments, options = _checked(path, command)
    if not changes:
        print(command)
        return
    more, changed = _split(verb, changes)
    if more:
        raise WrongUse(f"again takes one figure and options, got {more[0]!r}", "quote a file name that has blanks")
    given = {option.name for option in changed}
    if not given & _OUTPUTS and not window.display_at_hand():
        raise BadValue("where the new figure goes is not said", "add --out FILE")
    code = [argument for argument in arguments if runs_code(argument)]
    if code and not trust:
        raise BadValue(
            f"{path} names {code[0]!r}, whose code would be run", f"actplot again --trust {shlex.quote(path)} ..."
        )
    replaced = given if "animate" in given else given | {"frames", "fps"}
    kept = [option for option in options if option.name not in replaced]
    _run(
        [
            verb,
            *(word for option in (*kept, *changed) for word in option.words),
            *(["--", *arguments] if arguments else []),
        ]
    )


def _checked(path: str, command: str) -> tuple[str, list[str], list[_Option]]:
    """Function or verb, arguments and options of a command that was read; refuses whatever actplot does not write."""
    refused = f"the command in {path} was not written by this version of actplot"
    try:
        program, verb, *rest = shlex.split(command)
    except ValueError:
        raise BadValue(f"{refused}: {command[:60]!r}") from None
    if program != "actplot" or shlex.join([program, verb, *rest]) != command or not command.isprintable():
        raise BadValue(f"{refused}: {command[:60]!r}")
    if verb not in _VERBS and verb not in CATALOG:
        raise BadValue(f"{refused}: it knows no {verb!r}", "see 'actplot list'")
    try:
        arguments, options = _split(verb, rest)
    except WrongUse as error:
        raise BadValue(f"{refused}: {error.message}") from None
    for option in options:
        if option.name in BESIDE_THE_PICTURE:
            raise BadValue(f"{refused}: it has {option.words[0]}, which no figure carries")
    return verb, arguments, options


def _split(verb: str, words: Iterable[str]) -> tuple[list[str], list[_Option]]:
    """The arguments and the options among the words of a command."""
    known = {spelling: param for param in _command(verb).params for spelling in (*param.opts, *param.secondary_opts)}
    arguments: list[str] = []
    options: list[_Option] = []
    left = iter(words)
    for word in left:
        name, equals, _ = word.partition("=")
        if word == "--":
            arguments += left
        elif name in known and name.startswith("-"):
            param = known[name]
            values = () if equals or getattr(param, "is_flag", False) else tuple(_take(left, param.nargs, word))
            options.append(_Option(param.name, (word, *values)))
        elif word.startswith("--"):
            raise WrongUse(f"'actplot {verb}' has no option {name}", f"see 'actplot {verb} --help'")
        else:
            arguments.append(word)
    return arguments, options


def _take(words: Iterator[str], count: int, option: str) -> Iterator[str]:
    for _ in range(count):
        value = next(words, "--")
        if value.startswith("--"):
            raise WrongUse(f"{option} lacks a value", f"it takes {count}")
        yield value


def _command(verb: str) -> Any:
    from actplot.cli.app import app

    group: Any = typer.main.get_command(app)
    return group.get_command(typer.Context(group), verb)


def _run(words: list[str]) -> None:
    from actplot.cli.app import app

    app(args=words, prog_name="actplot", standalone_mode=False)
