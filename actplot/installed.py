"""The versions of installed packages."""

import os
import re
import sys
from functools import cache

_ENDING = ".dist-info"


@cache
def version(package: str) -> str:
    """The full version of a package, with what a build adds to it (``+cpu``).

    Read from the line that holds it, in the folder that is found by its name: to load ``importlib.metadata`` takes 8 ms,
    and to parse all that a package says of itself more.
    """
    found = _folders().get(_normalised(package))
    if found is None:  # an archive, or another form than that of a wheel
        from importlib.metadata import version as version_of

        return version_of(package)
    with open(os.path.join(found, "METADATA"), encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("Version:"):
                return line.partition(":")[2].strip()
    raise ModuleNotFoundError(f"{found} names no version")


@cache
def _folders() -> dict[str, str]:
    """The folders that installers have left about packages, by name; the first on the path, as it is with modules."""
    found: dict[str, str] = {}
    for place in sys.path:
        try:
            names = os.listdir(place or ".")
        except OSError:
            continue
        for name in names:
            if name.endswith(_ENDING):
                package = _normalised(name.removesuffix(_ENDING).partition("-")[0])
                found.setdefault(package, os.path.join(place, name))
    return found


def _normalised(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()
