"""The page's modules as one script: each in a scope of its own, in the order in which they need each other."""

import re
from functools import cache
from importlib.resources import files

_IMPORT = re.compile(r"^import (?:\{([^}]*)\}|\* as ([\w$]+)) from ['\"]\./(\w+)\.js['\"];$", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async function|function\*?|class|const) ([A-Za-z_$][\w$]*))", re.MULTILINE)
# Comments that have lines to themselves. No line of a module begins inside a string.
_COMMENT = re.compile(r"^[ \t]*(?:/\*(?:[^*]|\*(?!/))*\*/[ \t]*\n|//[^\n]*\n)|^[ \t]*\n", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def script(main: str) -> str:
    """The module ``main`` with all that it imports, as the text of one module script.

    The modules are written in a small part of the language: they import names from neighbours, export functions,
    classes and constants where these are declared, and have no string that goes over lines.

    Raises
    ------
    ValueError
        For a module that does otherwise.
    """
    return "".join(map(_scoped, _order(main, [], {})))


def plain(name: str) -> str:
    """A script that imports nothing, without its comments."""
    return lean(_source(name))


def lean(source: str) -> str:
    """A script or a style sheet without comments that have lines to themselves, and without indentation."""
    return _INDENT.sub("", _COMMENT.sub("", source))


@cache
def _source(name: str) -> str:
    source = files("actplot.page").joinpath("js", f"{name}.js").read_text("utf-8")
    for line in _COMMENT.sub("", source).splitlines():
        if line.count("`") % 2:
            raise ValueError(f"{name}.js: a string goes over lines: {line}")
    return source


def _order(name: str, above: list[str], done: dict[str, None]) -> dict[str, None]:
    """The modules that ``name`` needs, and itself, each after all that it needs itself; ``done`` is added to."""
    if name in above:
        raise ValueError(f"modules import each other: {' > '.join([*above, name])}")
    if name not in done:
        for found in _IMPORT.finditer(_source(name)):
            _order(found[3], [*above, name], done)
        done[name] = None
    return done


def _scoped(name: str) -> str:
    """A module as a function that is called once and returns what it exports."""
    source = _source(name)
    exported = _EXPORT.findall(source)
    body = _EXPORT.sub("", _IMPORT.sub(_taken, source))
    body = lean(body)
    for line in body.splitlines():
        if re.match(r"(import|export)\b", line):
            raise ValueError(f"{name}.js: cannot be put in line: {line}")
    return f"const _{name} = (() => {{\n{body}return {{{', '.join(exported)}}};\n}})();\n"


def _taken(found: re.Match[str]) -> str:
    """An import as what takes the names from the module's value."""
    names = found[2] or "{" + re.sub(r"\bas\b", ":", found[1]) + "}"
    return f"const {names} = _{found[3]};"
