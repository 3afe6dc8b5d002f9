"""Rows of curves of very many samples, against a bare loop that only evaluates the function and its derivative."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch

from actplot import sample
from actplot.functions.catalog import CATALOG
from benchmarks.measure import Command, Cost, Pair, actplot
from benchmarks.rows import Row

_NAMES = ("relu", "tanh", "gelu")
_CHUNK = 1 << 17
# Samples of a row, and the target of the largest one.
_COUNTS = (1_000_000, 10_000_000, 100_000_000)
_MOST = 1.3


def bare(name: str, count: int) -> None:
    """Evaluates a function and its derivative at so many points, chunk by chunk."""
    function = CATALOG[name].bind()
    low, high = function.range
    step = (high - low) / (count - 1)
    for start in range(0, count, _CHUNK):
        x = torch.from_numpy(np.arange(start, min(start + _CHUNK, count)) * step + low).requires_grad_()
        y = function.call(x)
        torch.autograd.grad(y.sum(), x)


def cost(task: Callable[[], object]) -> Cost:
    """What a task takes in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    task()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def rows() -> Iterator[Row]:
    """A row of each number of samples; the memory is that of the whole command."""
    for count in _COUNTS:
        command = Command(actplot("gelu", "--samples", str(count), "--out", "x.png"))
        few = Command(actplot("gelu", "--out", "x.png"))

        def pairs(rounds: int, count: int = count) -> Iterator[Pair]:
            torch.set_num_threads(1)
            for turn in range(rounds):
                name = _NAMES[turn % len(_NAMES)]
                ours = cost(lambda name=name: sample(name, samples=count))  # type: ignore[misc]
                yield Pair(ours, cost(lambda name=name: bare(name, count)))  # type: ignore[misc]

        yield Row(
            f"samples.{count:.0e}".replace("+0", ""),
            f"{count:,} samples, against a bare loop",
            pairs,
            _MOST if count == _COUNTS[-1] else None,
            peaks=lambda command=command, few=few: (command.peak(), few.peak()),  # type: ignore[misc]
        )
