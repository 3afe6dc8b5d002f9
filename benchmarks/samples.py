"""Times curves of very many samples: ``python benchmarks/samples.py [SAMPLES] [NAME ...]``.

Processor time against a bare loop that only evaluates the function and its derivative at the same chunks of samples, in
one thread and by turns; and the largest memory of this process.
"""

import resource
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch

from actplot import sample
from actplot.functions.catalog import CATALOG

COUNT = int(sys.argv[1]) if sys.argv[1:] else 100_000_000
NAMES = sys.argv[2:] or ["relu", "tanh", "gelu"]
CHUNK = 1 << 17
REPEATS = 5


def bare(name: str) -> None:
    function = CATALOG[name].bind()
    low, high = function.range
    step = (high - low) / (COUNT - 1)
    for start in range(0, COUNT, CHUNK):
        x = torch.from_numpy(np.arange(start, min(start + CHUNK, COUNT)) * step + low).requires_grad_()
        y = function.call(x)
        torch.autograd.grad(y.sum(), x)


def seconds(task: Callable[[], object]) -> float:
    begin = time.process_time()
    task()
    return time.process_time() - begin


def main() -> None:
    torch.set_num_threads(1)
    print(f"{COUNT:,} samples  {'curve':>10}{'bare loop':>12}{'ratio':>8}")
    for name in NAMES:
        pairs = [
            (seconds(lambda name=name: sample(name, samples=COUNT)), seconds(lambda name=name: bare(name)))  # type: ignore[misc]
            for _ in range(REPEATS)
        ]
        curve, loop = (median(pair[index] for pair in pairs) for index in (0, 1))
        print(f"{name:<20}{curve:>8.2f} s{loop:>10.2f} s{median(one / other for one, other in pairs):>8.2f}")
    print(f"largest memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
