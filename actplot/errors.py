"""What can go wrong, drawn as a tree. Every error is one line and carries a hint.

ActplotError
├── WrongUse               the command or the call is wrong                 exit code 2
│   ├── UnknownFunction    not in the catalog; carries the nearest name
│   └── BadValue           a value that is not allowed; says what is
└── CannotDo               the request is right, but it cannot be done      exit code 1
    ├── NoDevice           the device asked for is not on this machine
    ├── NoDisplay          a window was asked for where none can open
    ├── NotInstalled       an option needs a package that only an extra brings
    ├── NoGlyph            a character that no font can draw
    ├── CannotWrite        a file that cannot be written
    └── FunctionFailed     the function raised, or does not return what a curve needs
"""

import errno
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from actplot.language import Language, Text, spoken


@dataclass(frozen=True)
class Argument:
    """An argument as a message names it: ``range=(5, -5)`` to who calls from Python, ``--range 5 -5`` on the command line.

    In an f-string it leaves both forms, of which :class:`ActplotError` shows one. ``values`` may be missing; ``words``
    are the option where it is not called like the argument.
    """

    name: str
    values: tuple[float | str, ...] = ()
    words: str = ""

    @property
    def call(self) -> str:
        """The argument in a call."""
        words = [repr(value) if isinstance(value, str) else _format_value(value) for value in self.values]
        value = f"({', '.join(words)})" if len(words) > 1 else "".join(words)
        return f"{self.name}={value}" if words else self.name

    @property
    def option(self) -> str:
        """The argument as an option."""
        return self.words or " ".join([f"--{self.name.replace('_', '-')}", *map(_format_value, self.values)])

    def __format__(self, spec: str) -> str:
        return f"\0{self.call}\0{self.option}\0"


# Both forms of an argument within a message.
_FORMS = re.compile("\0([^\0]*)\0([^\0]*)\0")


def _format_value(value: object) -> str:
    return repr(float(value)).removesuffix(".0") if isinstance(value, int | float) else str(value)


class ActplotError(Exception):
    """Base of every error that actplot raises on purpose.

    As a string it is in the language of ``ACTPLOT_LANG``, else in English; within a command, in the command's.

    Parameters
    ----------
    message
        What is wrong, naming the value and what is allowed. An :class:`Argument` in it is named as in a call.
    hint
        What to do about it, if there is something.
    """

    exit_code = 1

    def __init__(self, message: Text, hint: Text | None = None) -> None:
        super().__init__(message, hint)
        self.text, self.advice = message, hint

    def __str__(self) -> str:
        return self.line(spoken())

    @property
    def message(self) -> str:
        """What is wrong, in the language that is spoken."""
        return self.parts(spoken())[0]

    def line(self, language: Language, *, options: bool = False) -> str:
        """Message and hint in one line."""
        return joined(self.parts(language, options=options), language)

    def parts(self, language: Language, *, options: bool = False) -> tuple[str, ...]:
        """Message and hint, if there is one; with ``options``, as the command line knows them, in place of arguments."""
        form = r"\2" if options else r"\1"
        return tuple(_FORMS.sub(form, text[language]) for text in (self.text, self.advice) if text is not None)


def joined(parts: Iterable[str], language: Language) -> str:
    """Message and hint in one line."""
    return Text("; ", "；")[language].join(parts)


class WrongUse(ActplotError):
    """The command or the call is wrong."""

    exit_code = 2


class UnknownFunction(WrongUse, KeyError):
    """The name is neither in the catalog nor an alias of anything there."""


class BadValue(WrongUse, ValueError):
    """A value outside what is allowed."""


class CannotDo(ActplotError):
    """The request is right, but it cannot be done."""


class NoDevice(CannotDo):
    """The device asked for is not on this machine."""


class NoDisplay(CannotDo):
    """A window was asked for where none can open."""


class NotInstalled(CannotDo):
    """An option needs a package that only an extra of actplot's brings."""


class NoGlyph(CannotDo):
    """A character that no font at hand can draw."""


class CannotWrite(CannotDo, OSError):
    """A file that cannot be written."""


class FunctionFailed(CannotDo):
    """The function raised, or does not return what a curve needs."""


SEE_LIST = Text("see 'actplot list'", "可用的函数见 'actplot list'")


def did_you_mean(name: str, known: Iterable[str], otherwise: Text) -> Text:
    """A hint with the nearest of the ``known`` names, or ``otherwise`` where none is near."""
    near = get_close_matches(name, list(known), n=2, cutoff=0.6)
    return Text(f"did you mean {' or '.join(near)}?", f"是不是 {' 或 '.join(near)}？") if near else otherwise


def one_of(names: Iterable[str]) -> Text:
    """A hint with all there is to choose from."""
    words = list(names)
    return Text(f"use {', '.join(words)}", f"可用 {'、'.join(words)}")


# What the system says most often when a file or a port cannot be had, by the names of its numbers.
_REASONS = {
    "EACCES": "权限不足",
    "EADDRINUSE": "端口已被占用",
    "EDQUOT": "超出磁盘配额",
    "EEXIST": "文件已存在",
    "EFBIG": "文件过大",
    "EINVAL": "参数无效",
    "EIO": "输入输出错误",
    "EISDIR": "这是一个文件夹",
    "ELOOP": "符号链接层数过多",
    "EMFILE": "打开的文件过多",
    "ENAMETOOLONG": "文件名过长",
    "ENOENT": "没有这个文件或文件夹",
    "ENOMEM": "内存不足",
    "ENOSPC": "磁盘空间不足",
    "ENOTDIR": "路径中有一部分不是文件夹",
    "EPERM": "操作不被允许",
    "EROFS": "文件系统只读",
}


def reason_of(error: Exception) -> Text:
    """Why the system refused something; what has no translation is as the system says it."""
    said = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
    return Text(said, _REASONS.get(errno.errorcode.get(getattr(error, "errno", None) or 0, ""), said))
