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

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any


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

    Parameters
    ----------
    message
        What is wrong, naming the value and what is allowed. An :class:`Argument` in it is named as in a call.
    hint
        What to do about it. May be empty.
    """

    exit_code = 1

    def __init__(self, message: Any, hint: Any = "") -> None:
        message, hint = (getattr(text, "en", text) or "" for text in (message, hint))
        super().__init__(message, hint)
        self.message, self.hint = (_FORMS.sub(r"\1", text) for text in (message, hint))

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message

    def with_options(self) -> tuple[str, str]:
        """Message and hint for the command line: with options in the place of arguments."""
        message, hint = (_FORMS.sub(r"\2", text) for text in self.args)
        return message, hint


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


def did_you_mean(name: str, known: Iterable[str], otherwise: Any) -> Any:
    """A hint with the nearest of the ``known`` names, or ``otherwise`` where none is near."""
    near = get_close_matches(name, list(known), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else otherwise
