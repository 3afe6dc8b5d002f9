"""Curves and facts that were computed before: read from the cache, computed and kept where they are not there.

Only functions of the catalog and expressions are kept, and what the CPU computed. A name holds all that can change a
number: the program's own source, the versions of Python, torch, NumPy and SciPy, the processor, how many threads torch
uses, the function with its parameters, and how it is sampled. This module loads neither torch nor NumPy before it has to.
"""

import ast
import json
import os
import sys
import time
import types
from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from actplot import cache
from actplot.functions.catalog import CATALOG
from actplot.functions.expression import Expression
from actplot.functions.registry import Activation, Function
from actplot.options import Sampling

if TYPE_CHECKING:
    from actplot.numerics.curve import Curve
    from actplot.numerics.facts import Properties

# A curve with more samples takes less time to compute than to keep.
_MOST_SAMPLES = 100_000
# The names of a curve's arrays and plain values.
_ARRAYS = ("x", "y", "dy", "d2y", "breaks", "points", "edges", "low", "high")
_PLAIN = ("samples", "order", "dtype", "device", "too_many_breaks", "is_searched_whole")


def holds_curves(functions: Sequence[Function], sampling: Sampling) -> bool:
    """Whether the curves of these functions can be had without torch."""
    names = [_name_of_curve(function, sampling, _threads_elsewhere()) for function in functions]
    return all(name is not None and cache.holds(name) for name in names)


def curve(function: Function, sampling: Sampling) -> "Curve":
    """The curve of a function, as :func:`actplot.numerics.curve.sample` computes it."""
    threads = _threads_elsewhere() if "torch" not in sys.modules else _threads()
    name = _name_of_curve(function, sampling, threads)
    if name is not None and (body := cache.load(name)) is not None:
        return _decoded(body, function)
    from actplot.numerics.curve import sample

    found = sample(function, **asdict(sampling))
    kept = _name_of_curve(function, sampling, _threads())
    if kept is not None:
        cache.store(kept, _encoded(found))
    return found


def holds_facts(functions: Sequence[Function]) -> bool:
    """Whether the facts of these functions can be had without torch."""
    names = [_name_of_facts(function) for function in functions]
    return all(name is not None and cache.holds(name) for name in names)


def facts(function: Function) -> "Properties":
    """The facts of a function, as :func:`actplot.numerics.facts.properties` computes them.

    Those that may have run out of time are not kept: a faster moment finds more.
    """
    name = _name_of_facts(function)
    if name is not None and (body := cache.load(name)) is not None:
        from actplot.numerics.facts import Properties

        found: Properties = _read(Properties, json.loads(body))
        return found
    from actplot.numerics.facts import SECONDS, properties

    start = time.thread_time()
    found = properties(function)
    if name is not None and time.thread_time() - start < SECONDS:
        cache.store(name, json.dumps(_plain(found)).encode())
    return found


def _threads_elsewhere() -> str:
    """The threads of torch in a second process, which :class:`actplot.worker.Job` starts on Linux."""
    return "1" if sys.platform == "linux" else _threads()


def _threads() -> str:
    """What decides on the threads of torch in this process."""
    return os.environ.get("OMP_NUM_THREADS") or f"one for each of {os.cpu_count()} cores"


def _name_of_curve(function: Function, sampling: Sampling, threads: str) -> str | None:
    source = _source(function)
    if source is None or sampling.device != "cpu" or sampling.samples > _MOST_SAMPLES:
        return None
    return cache.key("curve", *_program(), threads, *source, sorted(asdict(sampling).items()))


def _name_of_facts(function: Function) -> str | None:
    source = _source(function)
    return None if source is None else cache.key("facts", *_program(), *source)


def _source(function: Function) -> tuple[object, ...] | None:
    """What a function computes; None for what is not ours to know."""
    declared = function.breaks, function.dy_kinks, function.range, function.domain
    parameters = sorted(function.parameters.items())
    if isinstance(function.call, Expression):
        return "expression", ast.dump(function.call.tree), parameters, declared
    entry: Activation | None = getattr(function.call, "activation", None)
    if entry is not None and CATALOG.get(entry.name) is entry:
        return "catalog", entry.name, parameters, declared
    return None


def _program() -> tuple[object, ...]:
    return (
        cache.sources("functions", "numerics"),
        sys.version,
        cache.versions("actplot", "torch", "numpy", "scipy"),
        cache.processor(),
    )


def _encoded(curve: "Curve") -> bytes:
    """A line of JSON, and the bytes of the arrays that it lists."""
    import numpy as np

    envelope = curve.envelope or (None, None, None)
    listed = [
        *(getattr(curve, name) for name in _ARRAYS[:4]),
        np.array([[getattr(each, field.name) for field in fields(each)] for each in curve.breaks]),
        np.array(curve.points),
        *envelope,
    ]
    arrays = {
        name: np.ascontiguousarray(array, "<f8")
        for name, array in zip(_ARRAYS, listed, strict=True)
        if array is not None
    }
    head = {
        **{name: getattr(curve, name) for name in _PLAIN},
        "range": curve.range,
        "arrays": {name: array.shape for name, array in arrays.items()},
    }
    return b"\n".join([json.dumps(head).encode(), b"".join(array.tobytes() for array in arrays.values())])


def _decoded(body: bytes, function: Function) -> "Curve":
    import numpy as np

    from actplot.numerics.breaks import Break
    from actplot.numerics.curve import Curve, Point
    from actplot.numerics.refinement import Envelope

    line, _, numbers = body.partition(b"\n")
    head = json.loads(line)
    values = np.frombuffer(numbers, "<f8").astype(float)
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    start = 0
    for name, shape in head["arrays"].items():
        size = int(np.prod(shape))
        arrays[name] = values[start : start + size].reshape(shape)
        start += size
    return Curve(
        function=function,
        range=tuple(head["range"]),
        **{name: head[name] for name in _PLAIN},
        **{name: arrays.get(name) for name in _ARRAYS[:4]},  # type: ignore[arg-type]
        breaks=tuple(Break(*row) for row in arrays["breaks"].tolist()),
        points=tuple(Point(*row) for row in arrays["points"].tolist()),
        envelope=Envelope(arrays["edges"], arrays["low"], arrays["high"]) if "edges" in arrays else None,
    )


def _plain(value: Any) -> Any:
    """A value of dataclasses, named tuples and tuples as lists."""
    if is_dataclass(value):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.item() if hasattr(value, "item") else value


def _read(kind: Any, value: Any) -> Any:
    """The value of a type, given what :func:`_plain` has made of it."""
    if value is None:
        return None
    if get_origin(kind) in (Union, types.UnionType):
        (kind,) = (each for each in get_args(kind) if each is not type(None))
    if get_origin(kind) is tuple:
        first, *others = get_args(kind)
        kinds = [first] * len(value) if others == [...] else [first, *others]
        return tuple(_read(each, part) for each, part in zip(kinds, value, strict=True))
    if isinstance(value, list):
        return kind(*(_read(each, part) for each, part in zip(get_type_hints(kind).values(), value, strict=True)))
    return value
