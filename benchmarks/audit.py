"""Times audits: ``python benchmarks/audit.py [NAME ...]``.

For each function the processor time per input of a part of float32 against a bare loop that only calls the function and
its backward on the same chunks; then whole commands on half-precision types against drawing the same function's curve,
pair by pair, and the largest memory of one process of an audit of float32.
"""

import resource
import subprocess
import sys
import tempfile
import time
from statistics import median

import torch

from actplot.functions.catalog import CATALOG
from actplot.numerics.audit.formats import FORMATS, Inputs
from actplot.numerics.audit.measure import Plan, measure, run
from actplot.numerics.audit.run import keep_memory
from actplot.numerics.autograd import one_thread

NAMES = sys.argv[1:] or ["relu", "tanh", "gelu", "softplus", "sine"]
SIZE = 1 << 18
# The first input of each chunk that is timed.
STARTS = (1e-20, 0.01, 0.5, 2.0, 5.0, 40.0, 1e10)


def seconds(task: object, *arguments: object) -> float:
    begin = time.process_time()
    task(*arguments)  # type: ignore[operator]
    return time.process_time() - begin


def float32(name: str) -> tuple[float, float]:
    """Nanoseconds of processor time per input: of an audit, and of the function and its backward alone."""
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
    each = 1e9 / (2 * SIZE * len(STARTS))
    return audited * each, bare * each


def command(*words: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-m", "actplot", *words, "--out", f"{folder}/a.png", "--quiet"], check=True)
        return time.perf_counter() - begin


def main() -> None:
    keep_memory()
    print(f"{'float32':<12}{'audit':>10}{'bare loop':>12}{'ratio':>8}   all 2^32 on one core")
    for name in NAMES:
        audited, bare = float32(name)
        print(f"{name:<12}{audited:>7.1f} ns{bare:>9.1f} ns{audited / bare:>8.1f}   {audited * 2**32 / 6e10:.1f} min")
    for dtype in ("bfloat16", "float16"):
        for name in NAMES:
            pairs = [(command("audit", name, "--dtype", dtype), command(name)) for _ in range(3)]
            audit, curve = (median(pair[index] for pair in pairs) for index in (0, 1))
            ratio = median(one / other for one, other in pairs)
            print(f"{dtype:<10}{name:<10} audit {audit:.2f} s, curve {curve:.2f} s, ratio {ratio:.2f}")
    command("audit", "gelu", "--dtype", "float32", "--inputs", str(1 << 24))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest process of an audit of 2^24 inputs of float32: {peak:.0f} MiB")


if __name__ == "__main__":
    main()
