"""The commands: verbs, and one command per activation; each is loaded and built when it is asked for."""

import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from actplot import __version__
from actplot.cli.reading import Command, read_plainly
from actplot.errors import ActplotError, UnknownFunction, WrongUse, did_you_mean
from actplot.functions.catalog import CATALOG
from actplot.functions.expression import looks_like_expression
from actplot.text import printable


class Verb(NamedTuple):
    """A command that is no activation.

    Attributes
    ----------
    help
        What the list of commands says of it.
    run
        Its function, as module and name within :mod:`actplot.cli.commands`.
    kind
        The class of the command, in the same way; "" for the usual one.
    settings
        Of its context.
    """

    help: str
    run: str
    kind: str = ""
    settings: Mapping[str, Any] = MappingProxyType({})

    def build(self, name: str) -> Any:
        """The command."""
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        kind = _found(self.kind) if self.kind else Command
        alone.command(name, cls=kind, help=self.help, context_settings=dict(self.settings))(_found(self.run))
        return typer.main.get_command(alone)


def _found(place: str) -> Any:
    module, name = place.split(":")
    return getattr(import_module(f"actplot.cli.commands.{module}"), name)


class ByFunction(TyperGroup):
    """A group with a command for every activation of the catalog, under any spelling of its name."""

    verbs: Mapping[str, Verb] = MappingProxyType({})
    build = "activation:build"
    _is_listed = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in self.verbs:
            verb = self.verbs[cmd_name]
            if self._is_listed:  # which needs no options
                return TyperCommand(cmd_name, help=verb.help)
            if cmd_name not in self.commands:
                self.commands[cmd_name] = verb.build(cmd_name)
        if cmd_name in self.commands or cmd_name not in CATALOG:
            return super().get_command(ctx, cmd_name)
        return _found(self.build)(CATALOG[cmd_name])

    def get_params(self, ctx: Any) -> list[Any]:
        return read_plainly(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._is_listed = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listed = False

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            hint = did_you_mean(name.lower(), [*self.verbs, *CATALOG.names], "see 'actplot list'")
            if looks_like_expression(name):
                hint = f"to draw an expression: actplot plot {shlex.quote(name)}"
            raise UnknownFunction(f"unknown function {name!r}", hint)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        # A shell completes every name; the help page, for which all commands would have to be built, has its own list.
        return [*self.verbs, *CATALOG] if ctx.resilient_parsing else [*self.verbs]


class InfoByFunction(ByFunction):
    """The same, with pages of facts for commands."""

    build = "info:build_info"

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in CATALOG and (":" in cmd_name or looks_like_expression(cmd_name)):
            return _found("info:build_source_info")(cmd_name)
        return super().get_command(ctx, cmd_name)


class Verbs(ByFunction):
    """The commands of actplot."""

    verbs = MappingProxyType(
        {
            "list": Verb("What there is: every function with its parameters.", "list:list_functions"),
            "compare": Verb("Several functions over each other, with a legend.", "compare:compare"),
            "plot": Verb("A function of your own: an expression in x, or a callable.", "plot:plot", "plot:SourceFirst"),
            "explore": Verb("A live figure beside a searchable list of all functions.", "explore:explore"),
            "again": Verb(
                "The command inside a figure, or the figure drawn anew with changed options.",
                "again:again",
                settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
            ),
            "softmax": Verb("Scores to probabilities: bars, and the Jacobian as a heat map.", "softmax:softmax"),
            "log_softmax": Verb("The same with logarithms of the probabilities.", "softmax:log_softmax"),
            "boundary": Verb(
                "Small networks that learn, one per activation: decision regions side by side.", "boundary:boundary"
            ),
            "depth": Verb("Signal and gradient through many layers, one line per activation.", "depth:depth"),
            "audit": Verb(
                "How accurate a function is: the error of f and f' in ULP.", "audit:audit", "plot:SourceFirst"
            ),
            "gallery": Verb(
                "Every function as a picture, with a page about them; or the same pictures checked.", "gallery:run"
            ),
            "cache": Verb("What is kept of curves and facts, and where.", "cache:show_cache"),
            "info": Verb(
                "Formula, parameters, facts, strengths and weaknesses of a function.", "info:info_needs_a_name"
            ),
        }
    )

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name == "info" and not self._is_listed:
            return _info_group()
        return super().get_command(ctx, cmd_name)


_FUNCTIONS = "\n\n".join(
    f"[bold]{family.title.en}[/bold]: {', '.join(entry.name for entry in family.entries)}"
    for family in CATALOG.families
)

app = typer.Typer(
    cls=Verbs,
    name="actplot",
    help="Draws an activation function and its derivative side by side."
    "\n\nactplot sigmoid --range -10 10\n\nactplot leaky_relu --slope 0.03 --out lrelu.png",
    epilog=f"[bold underline]Functions[/bold underline]\n\n{_FUNCTIONS}\n\n'actplot FUNCTION --help' shows a function's own options.",
    subcommand_metavar="FUNCTION [OPTIONS]",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)


@cache
def _info_group() -> Any:
    alone = typer.Typer(
        cls=InfoByFunction,
        name="info",
        help=Verbs.verbs["info"].help,
        subcommand_metavar="FUNCTION [OPTIONS]",
        invoke_without_command=True,
        callback=_found("info:info_needs_a_name"),
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    return typer.main.get_command(alone)


@cache
def command_group() -> Any:
    """All commands, as typer sees them."""
    return typer.main.get_command(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"actplot {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version.")
    ] = False,
) -> None:
    if ctx.invoked_subcommand is None:
        print(ctx.get_help(), end="")


def main(args: Sequence[str] | None = None) -> int:
    """Runs a command line and returns its exit code; errors become one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if not stream.isatty() and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    if sys.stdout.isatty() and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # what the terminal has no code for
    if not sys.stdout.isatty():  # typer colours its help wherever GITHUB_ACTIONS is set
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"
    try:
        made = app(args=args, prog_name="actplot", standalone_mode=False)
        code = made if made is None or isinstance(made, int) else _delivered(made)
        sys.stdout.flush()
        if code == _INTERRUPTED:
            raise KeyboardInterrupt
        return code if isinstance(code, int) else 0
    except ActplotError as error:
        return _report(*error.with_options(), error.exit_code)
    except typer.TyperException as error:
        words = list(sys.argv[1:] if args is None else args)
        return _report(*_usage(error, words[0] if words and not words[0].startswith("-") else ""))
    except (KeyboardInterrupt, typer.Abort):
        return _report("interrupted", "", _INTERRUPTED)
    except UnicodeEncodeError as error:
        return _report(f"{error.object[error.start : error.end]!r} is no text", "write it in UTF-8", WrongUse.exit_code)
    except RecursionError:
        return _report("this is nested too deeply", "write it flatter", WrongUse.exit_code)
    except MemoryError:
        return _report("this takes more memory than there is", "ask for less", 1)
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - or Python would complain again when it flushes at exit
        if isinstance(error, BrokenPipeError):  # the reader has seen enough
            return 1
        return _report(f"cannot write the result: {error.strerror or error}", "", 1)


def _delivered(picture: Any) -> int:
    from actplot.cli.deliver import deliver

    return deliver(picture)


_INTERRUPTED = 130
# Characters of a message or a hint.
_LONGEST_PART = 700


def _usage(error: typer.TyperException, command: str) -> tuple[str, str, int]:
    """What typer found wrong with the command, and a hint."""
    ctx = getattr(error, "ctx", None)
    message = " ".join(error.format_message().split()).rstrip(".")
    path = ctx.command_path if ctx is not None else f"actplot {command}".rstrip()
    hint = f"see '{path} --help'"
    option = getattr(error, "option_name", "")
    if option and looks_like_expression(option.lstrip("-")) and not option.startswith("--"):
        hint = f"an expression that starts with a minus sign goes into parentheses: '({option}...)'"
    if path == "actplot" and message.startswith("No such option"):
        hint = "options come after the function, as in 'actplot sigmoid --range -10 10'"
    return message, hint, WrongUse.exit_code


def _report(message: str, hint: str, code: int) -> int:
    line = "; ".join(printable(_cut(part)) for part in (message, hint) if part)
    print(f"actplot: {line}", file=sys.stderr)
    return code


def _cut(words: str) -> str:
    """The words without the middle of what is too long to be read, which what is echoed may be."""
    words = re.sub(r"\S{161,}", lambda word: f"{word[0][:60]}…{word[0][-10:]}", words)
    return words if len(words) <= _LONGEST_PART else f"{words[: _LONGEST_PART - 100]} … {words[-97:]}"
