"""Standard output and standard error: what they can show, and what they are told."""

import codecs
import os
import sys
import warnings
from typing import TextIO

from actplot.language import Text

# What stands for a character that a terminal has no code for; any other becomes a question mark.
_STAND_INS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "…": "...", "·": "*", "×": "x", "÷": "/", "±": "+-", "√": "sqrt",
    "²": "^2", "³": "^3", "⁴": "^4", "⁻": "^-", "¹": "^1", "₀": "_0", "₁": "_1", "₂": "_2",
    "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "→": "->", "←": "<-", "∞": "inf", "∂": "d", "π": "pi", "σ": "sigma",
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "λ": "lambda", "μ": "mu", "θ": "theta", "φ": "phi",
    "Φ": "Phi", "ω": "omega", "‘": "'", "’": "'", "“": '"', "”": '"', "′": "'", "•": "*", "✓": "v", "✗": "x",
    "，": ", ", "。": ". ", "；": "; ", "：": ": ", "（": " (", "）": ")", "、": ", ", "？": "?", "！": "!",
    "é": "e", "ö": "o", "ü": "u", "ä": "a", "ß": "ss", "■": "#", "▀": "#", "▄": "#", "█": "#",
    "─": "-", "━": "-", "│": "|", "┃": "|", "╭": "+", "╮": "+", "╰": "+", "╯": "+",
}  # fmt: skip


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """A handler of characters that an encoding lacks; half of a pair, which none has, is escaped."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(
        _STAND_INS.get(c) or (ascii(c)[1:-1] if "\ud800" <= c <= "\udfff" else "?") for c in lacking
    ), error.end


codecs.register_error("actplot", _stand_in)


def prepare() -> None:
    """Sets up standard output and standard error, so that no character can make printing fail.

    A terminal keeps its encoding. What is piped is UTF-8, for files that are the same on every machine, unless
    ``PYTHONIOENCODING`` names another.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            _prepare(stream)
    # What torch says to who writes a model.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"torch(\.|$)")
    if not sys.stdout.isatty():  # typer colours its help wherever GITHUB_ACTIONS is set
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"


def _prepare(stream: TextIO) -> None:
    asked, _, handler = os.environ.get("PYTHONIOENCODING", "").partition(":")
    settings = {"errors": "actplot" if handler in ("", "strict") else handler}
    if not stream.isatty():
        settings |= {"newline": "\n", "encoding": asked or "utf-8"}
    stream.reconfigure(**settings)  # type: ignore[attr-defined]


def can_show(characters: str) -> bool:
    """Whether standard output has codes for the characters."""
    try:
        characters.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return False
    return True


def say(words: Text) -> None:
    """Tells the user something beside the result, on standard error."""
    print(f"actplot: {words.spoken}", file=sys.stderr)
