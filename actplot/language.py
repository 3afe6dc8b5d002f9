"""Words in two languages, and which of them are spoken."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True)
class Text:
    """The same words in English and Chinese. Both must be given, and neither may be blank."""

    en: str
    zh: str

    def __post_init__(self) -> None:
        if not self.en.strip() or not self.zh.strip():
            raise TypeError(f"a text needs both languages, got {self}")

    def __getitem__(self, lang: Language) -> str:
        return self.en if lang == "en" else self.zh

    @property
    def spoken(self) -> str:
        """The words in the language that is :func:`spoken`."""
        return self[spoken()]


INTERRUPTED = Text("interrupted", "已中断")

# That of the command line, while one runs.
_spoken: Language | None = None


def spoken() -> Language:
    """The language of what is said beside figures: help, errors, notes, progress, heads of tables.

    That of the command that runs (see :func:`language_of_command`); to who calls from Python, that of ``ACTPLOT_LANG``,
    else English.
    """
    return _spoken or known_language(os.environ.get("ACTPLOT_LANG")) or "en"


@contextlib.contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Makes a language the one that is :func:`spoken`, in this process."""
    global _spoken
    before, _spoken = _spoken, language
    try:
        yield
    finally:
        _spoken = before


def language_of_command(words: Sequence[str], environment: Mapping[str, str]) -> Language:
    """The language for what a command says: that of ``--lang``, of ``ACTPLOT_LANG``, or of the locale.

    The words are only looked through, so that the error about a wrong command is in its language too.
    """
    asked = None
    for word, after in pairwise([*words, ""]):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if name == "--lang":
            asked = known_language(value if equals else after) or asked
    return asked or known_language(environment.get("ACTPLOT_LANG")) or _language_of_locale(environment)


def known_language(name: str | None) -> Language | None:
    """The language of a name, which may go on as that of a locale does: ``zh_CN``, ``en-US.UTF-8``; else None."""
    first = re.split("[-_.@]", name.lower())[0] if name else ""
    return next((language for language in LANGUAGES if language == first), None)


def _language_of_locale(environment: Mapping[str, str]) -> Language:
    """Chinese in a Chinese locale, English in any other and where there is none."""
    locale = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    if sys.platform == "win32" and not locale:
        import ctypes

        is_chinese = ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 0x04
    else:
        is_chinese = locale.lower().startswith("zh")
    return "zh" if is_chinese else "en"
