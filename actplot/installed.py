"""The versions of installed packages."""

import re
from functools import cache


@cache
def version(package: str) -> str:
    """The full version of a package, with what a build adds to it (``+cpu``).

    Read from the line that holds it: ``importlib.metadata.version`` parses all that a package says of itself, which
    takes milliseconds for one that says much.
    """
    from importlib.metadata import distribution

    found = distribution(package)
    line = re.search(r"^Version: *(\S+)", found.read_text("METADATA") or "", re.MULTILINE)
    return line[1] if line else found.version
