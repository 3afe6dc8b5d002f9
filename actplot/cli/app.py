"""The commands: verbs, and one command per activation that is built when it is asked for."""

import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any

import typer

from actplot import __version__
from actplot.cli import console, usage
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
from actplot.cli.words import OPTIONS, Command, Group, option, translated
from actplot.errors import ActplotError, CannotDo, UnknownFunction, WrongUse, joined, reason_of
from actplot.functions.catalog import CATALOG
from actplot.functions.expression import looks_like_expression
from actplot.language import INTERRUPTED, Language, language_of_command, speaking, spoken
from actplot.text import Text, printable


class ByFunction(Group):
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
            hint = CATALOG.nearest(name, *self.commands)
            if looks_like_expression(name):
                plotted = f"actplot plot {shlex.quote(name)}"
                hint = Text(f"to draw an expression: {plotted}", f"画表达式请用：{plotted}")
            raise UnknownFunction(Text(f"unknown function {name!r}", f"未知的函数 {name!r}"), hint)
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


_HELP = Text("Draws an activation function and its derivative side by side.", "并排画出激活函数及其导数。")
_EXAMPLES = "actplot sigmoid --range -10 10\n\nactplot leaky_relu --slope 0.03 --out lrelu.png"
_ABOUT = Text("Formula, parameters, facts, strengths and weaknesses of a function.", "函数的公式、参数、性质与优缺点。")
_FUNCTIONS = Text("Functions", "函数")
_OWN_OPTIONS = Text(
    "'actplot FUNCTION --help' shows a function's own options.", "各函数自己的选项见 'actplot 函数 --help'。"
)
_SUBCOMMAND = Text("FUNCTION [OPTIONS]", "函数 [选项]")
_VERSION = Text("Show the version.", "显示版本号。")
_COMMANDS: tuple[tuple[str, Text, Callable[..., Any], dict[str, Any]], ...] = (
    (
        "list",
        Text("What there is: every function with its parameters.", "全部函数及其参数。"),
        list_command.list_functions,
        {},
    ),
    (
        "compare",
        Text("Several functions over each other, with a legend.", "把几个函数画在一起，带图例。"),
        compare.compare,
        {},
    ),
    (
        "plot",
        Text("A function of your own: an expression in x, or a callable.", "自己的函数：x 的表达式或可调用对象。"),
        plot.plot,
        {"cls": plot.SourceFirst},
    ),
    (
        "explore",
        Text("A live figure beside a searchable list of all functions.", "可交互的图，旁边是可搜索的函数列表。"),
        explore.explore,
        {},
    ),
    (
        "again",
        Text(
            "The command inside a figure, or the figure drawn anew with changed options.",
            "图片里保存的命令，或改动选项后重新绘制。",
        ),
        again.again,
        {"context_settings": {"ignore_unknown_options": True, "allow_interspersed_args": False}},
    ),
    (
        "softmax",
        Text(
            "Scores to probabilities: bars, and the Jacobian as a heat map.", "由得分到概率：条形图与雅可比矩阵的热图。"
        ),
        softmax.softmax,
        {},
    ),
    (
        "log_softmax",
        Text("The same with logarithms of the probabilities.", "同上，取概率的对数。"),
        softmax.log_softmax,
        {},
    ),
    (
        "boundary",
        Text(
            "Small networks that learn, one per activation: decision regions side by side.",
            "每个激活函数训练一个小网络，并排画出决策区域。",
        ),
        boundary.boundary,
        {},
    ),
    (
        "depth",
        Text(
            "Signal and gradient through many layers, one line per activation.",
            "信号与梯度穿过多层网络，每个激活函数一条线。",
        ),
        depth.depth,
        {},
    ),
    (
        "audit",
        Text("How accurate a function is: the error of f and f' in ULP.", "函数算得多准：f 与 f' 的误差，以 ULP 计。"),
        audit.audit,
        {"cls": plot.SourceFirst},
    ),
    (
        "gallery",
        Text(
            "Every function as a picture, with a page about them; or the same pictures checked.",
            "每个函数一张图，并附网页；或核对已有的图。",
        ),
        gallery.run,
        {},
    ),
)


@cache
def _group(language: Language) -> Any:
    """All commands, as typer sees them, with help in the language, which must be the one that is spoken."""
    app = typer.Typer(
        cls=ByFunction,
        name="actplot",
        help=f"{_HELP[language]}\n\n{_EXAMPLES}",
        epilog=_epilog(language),
        options_metavar=OPTIONS[language],
        subcommand_metavar=_SUBCOMMAND[language],
        invoke_without_command=True,
        pretty_exceptions_enable=False,
    )
    for name, help, run, form in _COMMANDS:
        more = {"cls": Command, "options_metavar": OPTIONS[language], **form}
        app.command(name, help=help[language], **more)(translated(run))
    about = typer.Typer(
        cls=InfoByFunction,
        help=_ABOUT[language],
        options_metavar=OPTIONS[language],
        subcommand_metavar=_SUBCOMMAND[language],
        invoke_without_command=True,
        callback=info.info_needs_a_name,
    )
    app.add_typer(about, name="info")
    app.callback()(translated(_root))
    return typer.main.get_command(app)


def _epilog(language: Language) -> str:
    """The names of all functions, by family."""
    families = "\n\n".join(
        f"[bold]{family.title[language]}[/bold]{_COLON[language]}{', '.join(entry.name for entry in family.entries)}"
        for family in CATALOG.families
    )
    heading = f"[bold underline]{_FUNCTIONS[language]}[/bold underline]"
    return f"{heading}\n\n{families}\n\n{_OWN_OPTIONS[language]}"


_COLON = Text(": ", "：")


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
) -> None:
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
        code = deliver(made) if isinstance(made, Picture) else made
        sys.stdout.flush()
        if code == _INTERRUPTED:
            raise KeyboardInterrupt
        return code if isinstance(code, int) else 0
    except ActplotError as error:
        return _report(error.parts(spoken(), options=True), error.exit_code)
    except typer.TyperException as error:
        command = words[0] if words and not words[0].startswith("-") else ""
        said = usage.message(error), usage.hint(error, command)
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
