"""How the words of a command become values: without pydantic, which takes as long to load as all else of the command line."""

from functools import partial
from typing import Any


def read_plainly(params: list[Any]) -> list[Any]:
    """The options, made to read their words by the parsers that they declare.

    Typer would build a validator of pydantic's for each option, even for those that are not given. Where an option is
    neither text nor has a parser, that is still what happens once it is given.
    """
    for param in params:
        param.process_value = partial(_process, param)
    return params


def _process(param: Any, ctx: Any, value: Any) -> Any:
    """The value of an option, given its words: one, a tuple of several, or such for each time it was given."""
    declared = param.type_descriptor
    parser = declared.parameter_info.parser
    is_text = declared.annotation in (str, list[str])
    is_missing = param.required and param.value_is_missing(value)
    if is_missing or (value is not None and parser is None and not is_text):
        return type(param).process_value(param, ctx, value)
    read = parser or str
    is_repeated = param.multiple or param.nargs == -1
    if value is None:
        value = () if is_repeated else None
    elif is_repeated:
        value = [read(each) for each in value]
    else:
        value = tuple(map(read, value)) if param.nargs > 1 else read(value)
    return value if param.callback is None else param.callback(ctx, param, value)
