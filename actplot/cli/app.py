"""The commands: verbs, and one command per activation that is built when it is asked for."""

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
from typer.core import TyperCommand

from actplot import __version__
from actplot.cli import console, usage
from actplot.cli.options import LanguageBeforeOption
from actplot.cli.words import OPTIONS, Command, Group, option, translated
from actplot.errors import ActplotError, CannotDo, UnknownFunction, WrongUse, joined, reason_of
from actplot.functions.catalog import CATALOG
from actplot.functions.expression import looks_like_expression
from actplot.language import INTERRUPTED, Language, language_of_command, speaking, spoken
from actplot.text import COLON, Text, choose_language, printable

_HELP = Text("Draws an activation function and its derivative side by side.", "并排画出激活函数及其导数。")
_EXAMPLES = "actplot sigmoid --range -10 10\n\nactplot leaky_relu --slope 0.03 --out lrelu.png"
_FUNCTIONS = Text("Functions", "函数")
_OWN_OPTIONS = Text(
    "'actplot FUNCTION --help' shows a function's own options.", "各函数自己的选项见 'actplot 函数 --help'。"
)
_SUBCOMMAND = Text("FUNCTION [OPTIONS]", "函数 [选项]")
_VERSION = Text("Show the version.", "显示版本号。")
# What the first word stands for, where that is no command.
_SAME_AS = {"help": "--help", "-h": "--help", "version": "--version", "-V": "--version"}


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

    help: Text
    run: str
    kind: str = ""
    settings: Mapping[str, Any] = MappingProxyType({})

    def build(self, name: str) -> Any:
        """The command, with help in the language that is spoken."""
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(
            name,
            cls=_found(self.kind) if self.kind else Command,
            help=self.help.spoken,
            options_metavar=OPTIONS.spoken,
            context_settings=dict(self.settings),
        )(translated(_found(self.run)))
        return typer.main.get_command(alone)


def _found(place: str) -> Any:
    module, name = place.split(":")
    return getattr(import_module(f"actplot.cli.commands.{module}"), name)


class ByFunction(Group):
    """A group with a command for every activation of the catalog, under any spelling of its name."""

    verbs: Mapping[str, Verb] = MappingProxyType({})
    build = "activation:build"
    _is_listed = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in self.verbs:
            verb = self.verbs[cmd_name]
            if self._is_listed:  # which needs no options
                return TyperCommand(cmd_name, help=verb.help.spoken)
            if cmd_name not in self.commands:
                self.commands[cmd_name] = verb.build(cmd_name)
        if cmd_name in self.commands or cmd_name not in CATALOG:
            return super().get_command(ctx, cmd_name)
        return _found(self.build)(CATALOG[cmd_name])

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._is_listed = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listed = False

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name.startswith("-"):
            return super().resolve_command(ctx, args)
        command = self.get_command(ctx, name)
        if command is not None:  # typer's own would have it built once more
            return name, command, args[1:]
        hint = CATALOG.nearest(name, *self.verbs)
        if looks_like_expression(name):
            plotted = f"actplot plot {shlex.quote(name)}"
            hint = Text(f"to draw an expression: {plotted}", f"画表达式请用：{plotted}")
        raise UnknownFunction(Text(f"unknown function {name!r}", f"未知的函数 {name!r}"), hint)

    def list_commands(self, ctx: Any) -> list[str]:
        # A shell completes every name; the help page, for which all commands would have to be built, has its own list.
        return [*self.verbs, *CATALOG] if ctx.resilient_parsing else [*self.verbs]


class InfoByFunction(ByFunction):
    """The same, with pages of facts for commands."""

    build = "info:build_info"

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        is_source = ":" in cmd_name or looks_like_expression(cmd_name)
        if is_source and cmd_name not in CATALOG and not cmd_name.startswith("-"):
            return _found("info:build_source_info")(cmd_name)
        return super().get_command(ctx, cmd_name)

    def get_help_option_names(self, ctx: Any) -> list[str]:
        return ["--help", "-h"]  # typer keeps what it finds first, be it without the context of all commands


class Verbs(ByFunction):
    """The commands of actplot."""

    verbs = MappingProxyType(
        {
            "list": Verb(
                Text("What there is: every function with its parameters.", "全部函数及其参数。"), "list:list_functions"
            ),
            "compare": Verb(
                Text("Several functions over each other, with a legend.", "把几个函数画在一起，带图例。"),
                "compare:compare",
            ),
            "plot": Verb(
                Text(
                    "A function of your own: an expression in x, or a callable.", "自己的函数：x 的表达式或可调用对象。"
                ),
                "plot:plot",
                "plot:SourceFirst",
            ),
            "explore": Verb(
                Text(
                    "A live figure beside a searchable list of all functions.", "可交互的图，旁边是可搜索的函数列表。"
                ),
                "explore:explore",
            ),
            "again": Verb(
                Text(
                    "The command inside a figure, or the figure drawn anew with changed options.",
                    "图片里保存的命令，或改动选项后重新绘制。",
                ),
                "again:again",
                settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
            ),
            "softmax": Verb(
                Text(
                    "Scores to probabilities: bars, and the Jacobian as a heat map.",
                    "由得分到概率：条形图与雅可比矩阵的热图。",
                ),
                "softmax:softmax",
            ),
            "log_softmax": Verb(
                Text("The same with logarithms of the probabilities.", "同上，取概率的对数。"), "softmax:log_softmax"
            ),
            "boundary": Verb(
                Text(
                    "Small networks that learn, one per activation: decision regions side by side.",
                    "每个激活函数训练一个小网络，并排画出决策区域。",
                ),
                "boundary:boundary",
            ),
            "depth": Verb(
                Text(
                    "Signal and gradient through many layers, one line per activation.",
                    "信号与梯度穿过多层网络，每个激活函数一条线。",
                ),
                "depth:depth",
            ),
            "audit": Verb(
                Text(
                    "How accurate a function is: the error of f and f' in ULP.",
                    "函数算得多准：f 与 f' 的误差，以 ULP 计。",
                ),
                "audit:audit",
                "plot:SourceFirst",
            ),
            "gallery": Verb(
                Text(
                    "Every function as a picture, with a page about them; or the same pictures checked.",
                    "每个函数一张图，并附网页；或核对已有的图。",
                ),
                "gallery:run",
            ),
            "cache": Verb(
                Text("What is kept of curves and facts, and where.", "缓存的曲线与性质：大小与位置。"),
                "cache:show_cache",
            ),
            "info": Verb(
                Text(
                    "Formula, parameters, facts, strengths and weaknesses of a function.",
                    "函数的公式、参数、性质与优缺点。",
                ),
                "info:info_needs_a_name",
            ),
        }
    )

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] in _SAME_AS:
            args = [*args[1:], _SAME_AS[args[0]]]
        return super().parse_args(ctx, args)

    def get_help_option_names(self, ctx: Any) -> list[str]:
        return ["--help"]  # -h, which every command has from the context, would take a column of the page

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name == "info" and not self._is_listed:
            return _info_group(spoken())
        return super().get_command(ctx, cmd_name)


@cache
def _info_group(language: Language) -> Any:
    alone = typer.Typer(
        cls=InfoByFunction,
        name="info",
        help=Verbs.verbs["info"].help[language],
        options_metavar=OPTIONS[language],
        subcommand_metavar=_SUBCOMMAND[language],
        invoke_without_command=True,
        callback=translated(_found("info:info_needs_a_name")),
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    return typer.main.get_command(alone)


@cache
def _group(language: Language) -> Any:
    """All commands, as typer sees them, with help in the language, which must be the one that is spoken."""
    app = typer.Typer(
        cls=Verbs,
        name="actplot",
        help=f"{_HELP[language]}\n\n{_EXAMPLES}",
        epilog=_epilog(language),
        options_metavar=OPTIONS[language],
        subcommand_metavar=_SUBCOMMAND[language],
        invoke_without_command=True,
        context_settings={"help_option_names": ["--help", "-h"]},
        pretty_exceptions_enable=False,
    )
    app.callback()(translated(_root))
    return typer.main.get_command(app)


def _epilog(language: Language) -> str:
    """The names of all functions, by family."""
    families = "\n\n".join(
        f"[bold]{family.title[language]}[/bold]{COLON[language]}{', '.join(entry.name for entry in family.entries)}"
        for family in CATALOG.families
    )
    heading = f"[bold underline]{_FUNCTIONS[language]}[/bold underline]"
    return f"{heading}\n\n{families}\n\n{_OWN_OPTIONS[language]}"


def command_group() -> Any:
    """All commands, as typer sees them, with help in the language that is spoken."""
    return _group(spoken())


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"actplot {__version__}")
        raise typer.Exit


def _root(
    ctx: typer.Context,
    version: Annotated[bool, option("--version", is_eager=True, callback=_show_version, help=_VERSION)] = False,
    lang: LanguageBeforeOption = None,
) -> None:
    if lang is not None:
        ctx.default_map = {str(ctx.invoked_subcommand): {"lang": choose_language(lang)}}
    if ctx.invoked_subcommand is None:
        print(ctx.get_help(), end="")


def main(args: Sequence[str] | None = None) -> int:
    """Runs a command line and returns its exit code; errors become one line on stderr."""
    console.prepare()
    words = list(sys.argv[1:] if args is None else args)
    with speaking(language_of_command(words, os.environ)):
        return _run(args, words)


def _run(args: Sequence[str] | None, words: list[str]) -> int:
    try:
        made = command_group()(args=args, prog_name="actplot", standalone_mode=False)
        code = made if made is None or isinstance(made, int) else _delivered(made)
        sys.stdout.flush()
        if code == _INTERRUPTED:
            raise KeyboardInterrupt
        return code if isinstance(code, int) else 0
    except ActplotError as error:
        parts = error.parts(spoken(), options=True)
        return _report(_corrected(words, parts) if isinstance(error, WrongUse) else parts, error.exit_code)
    except typer.TyperException as error:
        parts = usage.message(error).spoken, usage.hint(error, words).spoken
        return _report(_corrected(words, parts), WrongUse.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _report([INTERRUPTED.spoken], _INTERRUPTED)
    except UnicodeEncodeError as error:
        odd = repr(error.object[error.start : error.end])
        said = Text(f"{odd} is no text", f"{odd} 不是文字"), Text("write it in UTF-8", "请用 UTF-8 书写")
    except RecursionError:
        said = Text("this is nested too deeply", "嵌套太深"), Text("write it flatter", "请减少嵌套")
    except MemoryError:
        said = Text("this takes more memory than there is", "内存不够"), Text("ask for less", "请减少要求")
        return _report([part.spoken for part in said], CannotDo.exit_code)
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - or Python would complain again when it flushes at exit
        if isinstance(error, BrokenPipeError):  # the reader has seen enough
            return 1
        reason = reason_of(error)
        lost = Text(f"cannot write the result: {reason.en}", f"无法写出结果：{reason.zh}")
        return _report([lost.spoken], CannotDo.exit_code)
    return _report([part.spoken for part in said], WrongUse.exit_code)


def _corrected(words: Sequence[str], parts: Sequence[str]) -> Sequence[str]:
    """What is wrong with a command and how it is written, where that can be guessed; else what was said of it."""
    from actplot.cli import meant

    found = meant.change(command_group(), words)
    if found is None:
        return parts
    written = meant.line(found.words)
    return found.why.spoken if found.why else parts[0], Text(f"write: {written}", f"请写：{written}").spoken


def _delivered(picture: Any) -> int:
    from actplot.cli.deliver import deliver

    return deliver(picture)


_INTERRUPTED = 130
# Characters of a message or a hint.
_LONGEST_PART = 700


def _report(parts: Sequence[str], code: int) -> int:
    line = joined((printable(_cut(part)) for part in parts), spoken())
    print(f"actplot: {line}", file=sys.stderr)
    return code


def _cut(words: str) -> str:
    """The words without the middle of what is too long to be read, which what is echoed may be."""
    words = re.sub(r"\S{161,}", lambda word: f"{word[0][:60]}…{word[0][-10:]}", words)
    return words if len(words) <= _LONGEST_PART else f"{words[: _LONGEST_PART - 100]} … {words[-97:]}"
