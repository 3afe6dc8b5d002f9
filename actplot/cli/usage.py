"""What typer finds wrong with a command, in both languages."""

from collections.abc import Sequence
from typing import Any

import typer

from actplot.functions.catalog import CATALOG
from actplot.functions.expression import looks_like_expression
from actplot.language import Text


class Invalid(typer.BadParameter):
    """A word that is no value of its option, with what is wrong with it; typer adds which option it is."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


def message(error: typer.TyperException) -> Text:
    """What is wrong. The classes of typer's errors have no public names, so they are told by those they have."""
    english = " ".join(error.format_message().split()).rstrip(".")
    ctx = getattr(error, "ctx", None)
    name = ctx.command.name if ctx is not None else ""
    match type(error).__name__:
        case "NoSuchOption" if name in CATALOG and is_parameter(error.option_name):  # type: ignore[attr-defined]
            return no_parameter(name, error.option_name)  # type: ignore[attr-defined]
        case "NoSuchOption":
            chinese = f"没有选项 {error.option_name}"  # type: ignore[attr-defined]
            if possible := sorted(error.possibilities or ()):  # type: ignore[attr-defined]
                chinese += f"（相近的选项：{'、'.join(possible)}）"
        case "BadOptionUsage":
            chinese = _bad_option(error)
        case "MissingParameter":
            chinese = f"缺少参数 {_name(error)}"
        case "UsageError":
            chinese = f"多出了参数：{' '.join(getattr(error, 'extra', ()))}"
        case "Invalid":
            assert isinstance(error, Invalid)
            chinese = f"{_name(error)} 的值无效：{error.why.zh}"
        case _:
            chinese = f"命令有误：{english}"
    return Text(english, chinese)


def is_parameter(option: str) -> bool:
    """Whether an option is that of a parameter of some function."""
    return any(option in parameter.options for entry in CATALOG.values() for parameter in entry.parameters)


def no_parameter(name: str, option: str) -> Text:
    """That a function of the catalog does not have a parameter."""
    known = [parameter.option for parameter in CATALOG[name].parameters]
    if not known:
        return Text(f"{name} has no parameters, and so no {option}", f"{name} 没有参数，也就没有 {option}")
    return Text(
        f"{name} has no {option}; it takes {', '.join(known)}", f"{name} 没有 {option}；它的参数是 {'、'.join(known)}"
    )


def _bad_option(error: Any) -> str:
    """An option with too few values, or with one where it takes none."""
    params = error.ctx.command.get_params(error.ctx) if error.ctx is not None else ()
    for param in params:
        if error.option_name in (*param.opts, *param.secondary_opts):
            if getattr(param, "is_flag", False):
                return f"选项 {error.option_name} 不接受值"
            return f"选项 {error.option_name} 需要 {param.nargs} 个值"
    return f"选项 {error.option_name} 的用法不对"


def _name(error: Any) -> str:
    """The option or argument that an error is about, as a command line names it."""
    if error.param is None:
        return error.param_hint or ""
    name: str = error.param.get_error_hint()
    return name


def hint(error: typer.TyperException, words: Sequence[str]) -> Text:
    """What to do about it; ``words`` are those of the command line."""
    command = words[0] if words and not words[0].startswith("-") else ""
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else f"actplot {command}".rstrip()
    option = getattr(error, "option_name", "")
    if path == "actplot" and type(error).__name__ == "NoSuchOption":
        example = "'actplot sigmoid --range -10 10'"
        return Text(f"options come after the function, as in {example}", f"选项写在函数之后，例如 {example}")
    if option and looks_like_expression(option.lstrip("-")) and not option.startswith("--") and command not in CATALOG:
        return Text(
            f"an expression that starts with a minus sign goes into parentheses: '({option}...)'",
            f"以负号开头的表达式请加括号：'({option}...)'",
        )
    return Text(f"see '{path} --help'", f"用法见 '{path} --help'")
