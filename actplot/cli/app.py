"""The commands: verbs, and one command per activation that is built when it is asked for."""

import os
import re
import shlex
import sys
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from actplot import __version__
from actplot.cli.commands import (
    activation,
    again,
    audit,
    boundary,
    compare,
    depth,
    explore,
    gallery,
    info,
    plot,
    softmax,
)
from actplot.cli.commands import list as list_command
from actplot.cli.deliver import deliver
from actplot.cli.picture import Picture
from actplot.errors import ActplotError, UnknownFunction, WrongUse, did_you_mean
from actplot.functions.catalog import CATALOG
from actplot.functions.expression import looks_like_expression
from actplot.text import printable


class ByFunction(TyperGroup):
    """A group with a command for every activation of the catalog, under any spelling of its name."""

    build = staticmethod(activation.build)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        verb = super().get_command(ctx, cmd_name)
        if verb is not None or cmd_name not in CATALOG:
            return verb
        return self.build(CATALOG[cmd_name])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            hint = did_you_mean(name.lower(), [*self.commands, *CATALOG.names], "see 'actplot list'")
            if looks_like_expression(name):
                hint = f"to draw an expression: actplot plot {shlex.quote(name)}"
            raise UnknownFunction(f"unknown function {name!r}", hint)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        # A shell completes every name; the help page, for which all commands would have to be built, has its own list.
        verbs = super().list_commands(ctx)
        return [*verbs, *CATALOG] if ctx.resilient_parsing else verbs


class InfoByFunction(ByFunction):
    """The same, with pages of facts for commands."""

    build = staticmethod(info.build_info)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in CATALOG and (":" in cmd_name or looks_like_expression(cmd_name)):
            return info.build_source_info(cmd_name)
        return super().get_command(ctx, cmd_name)


_FUNCTIONS = "\n\n".join(
    f"[bold]{family.title.en}[/bold]: {', '.join(entry.name for entry in family.entries)}"
    for family in CATALOG.families
)

app = typer.Typer(
    cls=ByFunction,
    name="actplot",
    help="Draws an activation function and its derivative side by side."
    "\n\nactplot sigmoid --range -10 10\n\nactplot leaky_relu --slope 0.03 --out lrelu.png",
    epilog=f"[bold underline]Functions[/bold underline]\n\n{_FUNCTIONS}\n\n'actplot FUNCTION --help' shows a function's own options.",
    subcommand_metavar="FUNCTION [OPTIONS]",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)
for _name, _help, _run, _form in (
    ("list", "What there is: every function with its parameters.", list_command.list_functions, {}),
    ("compare", "Several functions over each other, with a legend.", compare.compare, {}),
    (
        "plot",
        "A function of your own: an expression in x, or a callable.",
        plot.plot,
        {"cls": plot.SourceFirst},
    ),
    ("explore", "A live figure beside a searchable list of all functions.", explore.explore, {}),
    (
        "again",
        "The command inside a figure, or the figure drawn anew with changed options.",
        again.again,
        {"context_settings": {"ignore_unknown_options": True, "allow_interspersed_args": False}},
    ),
    ("softmax", "Scores to probabilities: bars, and the Jacobian as a heat map.", softmax.softmax, {}),
    ("log_softmax", "The same with logarithms of the probabilities.", softmax.log_softmax, {}),
    (
        "boundary",
        "Small networks that learn, one per activation: decision regions side by side.",
        boundary.boundary,
        {},
    ),
    ("depth", "Signal and gradient through many layers, one line per activation.", depth.depth, {}),
    ("audit", "How accurate a function is: the error of f and f' in ULP.", audit.audit, {"cls": plot.SourceFirst}),
    (
        "gallery",
        "Every function as a picture, with a page about them; or the same pictures checked.",
        gallery.run,
        {},
    ),
):
    app.command(_name, help=_help, **_form)(_run)
app.add_typer(
    typer.Typer(
        cls=InfoByFunction,
        help="Formula, parameters, facts, strengths and weaknesses of a function.",
        subcommand_metavar="FUNCTION [OPTIONS]",
        invoke_without_command=True,
        callback=info.info_needs_a_name,
    ),
    name="info",
)


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
        made = command_group()(args=args, prog_name="actplot", standalone_mode=False)
        code = deliver(made) if isinstance(made, Picture) else made
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
