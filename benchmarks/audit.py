"""Audits: of a part of float32, and of half-precision types.

The first takes, per input, the processor time of an audit against that of a bare loop that only calls the function and its
backward on the same chunks; the others are whole commands against drawing the same function's curve.
"""

import time
from collections.abc import Iterator

import torch

from actplot.functions.catalog import CATALOG
from actplot.numerics.audit.formats import FORMATS, Inputs
from actplot.numerics.audit.measure import Plan, measure, run
from actplot.numerics.audit.run import keep_memory
from actplot.numerics.autograd import one_thread
from benchmarks.measure import Command, Cost, Pair, actplot
from benchmarks.rows import Row, of_commands

NAMES = ("relu", "tanh", "gelu", "softplus", "sine")
SIZE = 1 << 18
# The first input of each chunk that is timed.
STARTS = (1e-20, 0.01, 0.5, 2.0, 5.0, 40.0, 1e10)


def seconds(task: object, *arguments: object) -> float:
    begin = time.process_time()
    task(*arguments)  # type: ignore[operator]
    return time.process_time() - begin


def float32(name: str) -> tuple[float, float]:
    """Seconds of processor time per input: of an audit, and of the function and its backward alone."""
    keep_memory()
    function, form = CATALOG[name].bind(), FORMATS["float32"]
    plan = Plan(function, function, Inputs.of("float32", None))
    audited = bare = 0.0
    for start in STARTS:
        place = form.magnitude(start) // SIZE * SIZE
        measure(plan, place, place + SIZE)
        audited += min(seconds(measure, plan, place, place + SIZE) for _ in range(3))
        magnitudes = torch.from_numpy(plan.inputs.magnitudes(place, place + SIZE))
        both = [form.tensor(magnitudes, negative=negative) for negative in (False, True)]

        def loop(both: list[torch.Tensor] = both) -> None:
            with one_thread():
                for x in both:
                    run(function, x, forward_only=False)

        loop()
        bare += min(seconds(loop) for _ in range(3))
    each = 1 / (2 * SIZE * len(STARTS))
    return audited * each, bare * each


def rows() -> Iterator[Row]:
    """A row of a part of float32, and one of each half-precision type."""
    yield Row(
        "audit.float32", "an input of an audit of float32, against the bare loop", lambda rounds: map(_pair, NAMES)
    )
    for dtype in ("bfloat16", "float16"):
        ours = Command(actplot("audit", "gelu", "--dtype", dtype, "--quiet", "--out", "a.png"))
        curve = Command(actplot("gelu", "--quiet", "--out", "a.png"))
        yield of_commands(f"audit.{dtype}", f"an audit of gelu in {dtype}, against its figure", ours, curve)


def _pair(name: str) -> Pair:
    audited, bare = float32(name)
    return Pair(Cost(audited, audited), Cost(bare, bare))
