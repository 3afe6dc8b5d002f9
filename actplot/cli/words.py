"""Options and commands whose help is in both languages; typer is given the one that is spoken."""

import inspect
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, redirect_stderr, redirect_stdout
from copy import copy
from dataclasses import dataclass
from functools import cache, wraps
from types import ModuleType
from typing import Annotated, Any, get_args, get_origin

import typer
from typer.core import TyperCommand, TyperGroup

from actplot.cli.reading import read_plainly
from actplot.errors import BadValue, CannotDo
from actplot.language import Text
from actplot.text import line_breaks

# Headings of a help page, by the names of typer's constants.
_TYPER = {
    "ARGUMENTS_PANEL_TITLE": Text("Arguments", "参数"),
    "OPTIONS_PANEL_TITLE": Text("Options", "选项"),
    "COMMANDS_PANEL_TITLE": Text("Commands", "命令"),
    "DEFAULT_STRING": Text("[default: {}]", "[默认：{}]"),
    "REQUIRED_LONG_STRING": Text("[required]", "[必填]"),
}
# Options that typer adds itself, by their names.
_ADDED = {
    "help": Text("Show this message and exit.", "显示这段说明。"),
    "install_completion": Text("Install completion for the current shell.", "为当前的 shell 安装命令补全。"),
    "show_completion": Text(
        "Show completion for the current shell, to copy it or customize the installation.",
        "显示当前 shell 的补全脚本，可以复制或自行安装。",
    ),
}
# Parameters that name a file to be written.
_FILES = {"out", "data", "animate"}
_DEFAULT = Text("default: {}", "默认：{}")
_USAGE = Text("Usage: ", "用法：")
OPTIONS = Text("[OPTIONS]", "[选项]")

FIGURE, LOOK, OUTPUT = Text("Figure", "图形"), Text("Look", "外观"), Text("Output", "输出")
PARAMETERS = Text("Parameters", "函数参数")
FILE, FOLDER, NAME, TYPE = Text("FILE", "文件"), Text("DIR", "文件夹"), Text("NAME", "名称"), Text("TYPE", "类型")
FUNCTION, NAMES, SOURCE = Text("FUNCTION", "函数"), Text("NAMES", "函数名"), Text("SOURCE", "来源")
ONE_PER_CORE = Text("one per core", "每个核一个")


@dataclass(frozen=True)
class _Words:
    """What a help page says of an option or argument: ``default`` in place of the value itself."""

    help: Text
    metavar: Text | str | None
    default: Text | str | None
    panel: Text | None


def option(
    *names: str,
    help: Text,
    metavar: Text | str | None = None,
    default: Text | str | None = None,
    panel: Text | None = None,
    **more: Any,
) -> Any:
    """An option for ``Annotated``, as ``typer.Option``; :func:`translated` gives it its words."""
    made = typer.Option(*names, **more)
    made.words = _Words(help, metavar, default, panel)
    return made


def argument(*, help: Text, metavar: Text | str, default: Text | str | None = None, **more: Any) -> Any:
    """The same of an argument, as ``typer.Argument``."""
    made = typer.Argument(**more)
    made.words = _Words(help, metavar, default, None)
    return made


def translated(run: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a command with the words of its options in the language that is spoken."""

    @wraps(run)
    def command(*arguments: Any, **options: Any) -> Any:
        return run(*arguments, **options)

    declared = inspect.signature(run).parameters.values()
    give_signature(command, [each.replace(annotation=_translated(each.annotation)) for each in declared])
    return command


def _translated(annotation: Any) -> Any:
    if get_origin(annotation) is not Annotated:
        return annotation
    kind, declared = get_args(annotation)
    words: _Words = declared.words
    made = copy(declared)
    made.help, made.metavar, made.rich_help_panel = _in(words.help), _in(words.metavar), _in(words.panel)
    if words.default is not None:  # typer would put it into parentheses
        shown = _DEFAULT.spoken.format(_in(words.default))
        made.help, made.show_default = rf"{made.help} [dim]\[{shown}][/dim]", False
    return Annotated[kind, made]


def _in(words: Text | str | None) -> str | None:
    return words.spoken if isinstance(words, Text) else words


def give_signature(run: Callable[..., Any], signature: Sequence[inspect.Parameter]) -> None:
    """Makes typer see these parameters in place of those of ``run``."""
    run.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in signature}


def _folding(make: Callable[..., Any]) -> Callable[..., Any]:
    """The maker of rich's texts, or of columns of them, which are then broken where Chinese may be.

    A Chinese sentence is one word to rich, which cuts it off or breaks it anywhere.
    """
    from rich.containers import Lines
    from rich.text import Text as RichText

    class Folded(RichText):
        def wrap(self, console: Any, width: int, **_: Any) -> Lines:
            lines = Lines()
            for line in self.split(allow_blank=True):
                broken = line.divide(line_breaks(line.plain, width))
                for each in broken:
                    each.rstrip_end(width)
                lines.extend(broken)
            return lines

    @wraps(make)
    def made(**given: Any) -> Any:
        found = make(**given)
        if isinstance(found, RichText):
            return Folded.assemble(found, overflow="fold")
        found.renderables = [Folded.assemble(each, overflow="fold") for each in found.renderables]
        return found

    return made


# What typer loads of rich for pages in Markdown and for tracebacks, of which there are none here: half of its time.
_UNUSED = {"rich.markdown": "Markdown", "rich.traceback": "Traceback"}


@cache
def _help_pages() -> Any:
    """The module of typer's help pages."""
    idle = {module: ModuleType(module) for module in _UNUSED if module not in sys.modules}
    for module, stand_in in idle.items():
        setattr(stand_in, _UNUSED[module], type(_UNUSED[module], (), {}))
    sys.modules.update(idle)
    try:
        from typer import rich_utils
    finally:
        for module in idle:
            del sys.modules[module]
    made: Any = rich_utils
    made._make_rich_text = _folding(made._make_rich_text)
    made._get_parameter_help = _folding(made._get_parameter_help)
    return made


class _Speaking:
    """What typer says itself, in the language that is spoken; and errors that know the command they belong to."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        words = [*args]
        try:
            left: list[str] = super().parse_args(ctx, args)  # type: ignore[misc]
        except typer.TyperException as error:
            if getattr(error, "ctx", ctx) is None:
                error.ctx = ctx  # type: ignore[attr-defined]
            if type(error).__name__ == "UsageError":
                _, error.extra, _ = self.make_parser(ctx).parse_args(args=words)  # type: ignore[attr-defined]
            raise
        self._check_files(ctx, words)
        return left

    def _check_files(self, ctx: Any, words: list[str]) -> None:
        """Raises for an option given twice that names one file: typer would forget the first."""
        files = [param for param in self.get_params(ctx) if param.name in _FILES and not param.multiple]
        for param in files:
            if sum(word.partition("=")[0] in param.opts for word in words) > 1:
                _, _, order = self.make_parser(ctx).parse_args(args=[*words])  # type: ignore[attr-defined]
                if order.count(param) > 1:
                    name = param.opts[0]
                    raise BadValue(
                        Text(f"{name} is given {order.count(param)} times", f"{name} 给了 {order.count(param)} 次"),
                        Text(
                            "name one file; 'actplot again a.png --out b.svg' draws another from it",
                            "请只写一个文件；'actplot again a.png --out b.svg' 可由它再画一个",
                        ),
                    )

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=_USAGE.spoken)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        pages = _help_pages()
        for name, words in _TYPER.items():
            setattr(pages, name, words.spoken)
        super().format_help(ctx, formatter)  # type: ignore[misc]

    def get_params(self, ctx: Any) -> list[Any]:
        params = read_plainly(super().get_params(ctx))  # type: ignore[misc]
        for param in params:
            if param.name in _ADDED:
                param.help = _ADDED[param.name].spoken
            if param.name in _COMPLETIONS:
                param.callback = _COMPLETIONS[param.name]
            # A switch takes no value, and an argument is called what its value is called.
            if getattr(param, "is_flag", False) or param.param_type_name == "argument":
                param.display_type_rich = _nothing
        return params


def _nothing(ctx: Any) -> None:
    """What stands beside a name in a help page where no value is to be described."""


def _install_completion(ctx: Any, param: Any, value: Any) -> Any:
    """Typer's installer, which says in English what it has done."""
    if not value or ctx.resilient_parsing:
        return value
    from typer.completion import install  # type: ignore[attr-defined]

    with _of_a_known_shell(redirect_stdout):
        shell, path = install()
    print(_INSTALLED.spoken.format(shell=shell, path=path))
    raise typer.Exit


def _show_completion(ctx: Any, param: Any, value: Any) -> Any:
    from typer.completion import show_callback

    with _of_a_known_shell(redirect_stderr):
        return show_callback(ctx, param, value)


@contextmanager
def _of_a_known_shell(redirect: Callable[[io.StringIO], AbstractContextManager[Any]]) -> Iterator[None]:
    """A context that says in place of typer that it does not know the shell, which it does in English and stops."""
    try:
        with redirect(io.StringIO()):
            yield
    except typer.Exit:
        raise CannotDo(_UNKNOWN_SHELL, _SHELLS) from None


_INSTALLED = Text(
    "{shell} completion is installed in {path}; it works once the terminal is restarted",
    "{shell} 的命令补全已安装到 {path}；重新打开终端后生效",
)
_UNKNOWN_SHELL = Text("commands cannot be completed in this shell", "无法在这个 shell 里补全命令")
_SHELLS = Text("call it from bash, zsh, fish or PowerShell", "请在 bash、zsh、fish 或 PowerShell 里运行")
_COMPLETIONS = {"install_completion": _install_completion, "show_completion": _show_completion}


class Command(_Speaking, TyperCommand):
    """A command with help and errors in both languages."""


class Group(_Speaking, TyperGroup):
    """The same of a group of commands."""


def command_alone(name: str, run: Callable[..., Any], help: Text) -> Any:
    """A typer command that belongs to no group."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(name, cls=Command, help=help.spoken, options_metavar=OPTIONS.spoken)(translated(run))
    return typer.main.get_command(app)
