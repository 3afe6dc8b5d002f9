"""What a gallery remembers of itself, in a file beside the pictures: their functions, options, files and versions."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from actplot.errors import BadValue
from actplot.options import FORMATS
from actplot.text import Text

NAME = "actplot.json"
# The pages about the pictures: one for browsers, one for forges.
PAGES = ("index.html", "README.md")
# A manifest of all functions has some kilobytes.
_LARGEST = 10_000_000
_FILE = re.compile(rf"[\w-]+\.({'|'.join(FORMATS)})", re.ASCII)
# Options that a manifest may hold, by the form of their values.
_FORMS: dict[str, tuple[type, ...] | int] = {
    **dict.fromkeys(("range", "size", "ylim", "dylim", "d2ylim"), 2),
    **dict.fromkeys(("samples", "order"), (int,)),
    **dict.fromkeys(("dpi", "fontsize", "linewidth"), (int, float)),
    **dict.fromkeys(("no_title", "transparent", "grid", "legend", "formula"), (bool,)),
    **dict.fromkeys(("color", "ylabel"), (list,)),
    **dict.fromkeys(("dtype", "device", "layout", "lang", "font", "style", "panels", "xlabel"), (str,)),
    **dict.fromkeys(("xscale", "yscale", "text"), (str,)),
}


@dataclass(frozen=True)
class Recorded:
    """What is remembered of one picture.

    Attributes
    ----------
    files
        Its names, the one to show first.
    parameters
        Those of each curve.
    options
        The options of the figure, as they were given, by name.
    size
        Width and height in pixels.
    command
        The command that draws it alone.
    """

    files: tuple[str, ...]
    parameters: tuple[Mapping[str, float], ...]
    options: Mapping[str, Any]
    size: tuple[int, int]
    command: str


@dataclass(frozen=True)
class Manifest:
    """The pictures by the name of their function, and the versions that drew the last of them."""

    pictures: Mapping[str, Recorded] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> set[str]:
        """The names of all pictures."""
        return {file for recorded in self.pictures.values() for file in recorded.files}

    def in_order(self, names: Iterable[str]) -> "Manifest":
        """The same pictures in the order of the names, without those that have none."""
        return replace(self, pictures={name: self.pictures[name] for name in names if name in self.pictures})

    def rendered(self) -> bytes:
        """The bytes of the file: a picture a line."""
        rows = [
            f"  {json.dumps(name)}: {json.dumps(_plain(recorded), ensure_ascii=False)}"
            for name, recorded in self.pictures.items()
        ]
        versions = json.dumps(dict(self.versions))
        body = ",\n".join(rows)
        return f'{{"versions": {versions},\n"pictures": {{\n{body}\n}}}}\n'.encode()


def _plain(recorded: Recorded) -> dict[str, Any]:
    return {
        "files": recorded.files,
        "parameters": [dict(each) for each in recorded.parameters],
        "options": dict(recorded.options),
        "size": recorded.size,
        "command": recorded.command,
    }


def read(folder: Path) -> Manifest | None:
    """The manifest of a folder; None where it has none.

    Raises
    ------
    BadValue
        For one that this version of actplot would not write.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            told = json.loads(file.read(_LARGEST))
        versions = {str(name): str(version) for name, version in told["versions"].items()}
        return Manifest(dict(_pictures(told["pictures"])), versions)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadValue(
            Text(f"{path} was not written by this version of actplot", f"{path} 不是这个版本的 actplot 写的"),
            Text("remove it, and draw the gallery anew", "请删除它，再重新生成图库"),
        ) from None


def _pictures(told: Any) -> Iterator[tuple[str, Recorded]]:
    for name, each in told.items():
        files = tuple(each["files"])
        if not files or not all(isinstance(file, str) and _FILE.fullmatch(file) for file in files):
            raise ValueError(files)
        width, height = map(int, each["size"])
        parameters = tuple({str(key): _number(value) for key, value in one.items()} for one in each["parameters"])
        if not parameters:
            raise ValueError(name)
        options = {key: _option(key, value) for key, value in each["options"].items()}
        yield str(name), Recorded(files, parameters, options, (width, height), str(each["command"]))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _option(name: str, value: Any) -> Any:
    """The value of an option as the command line has it."""
    form = _FORMS[name]
    if isinstance(form, int):
        low, high = value
        return _number(low), _number(high)
    if not isinstance(value, form) or (isinstance(value, bool) and bool not in form):
        raise ValueError(value)
    if isinstance(value, list) and not all(isinstance(word, str) for word in value):
        raise ValueError(value)
    return _number(value) if float in form else value
