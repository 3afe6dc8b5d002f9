"""Whatever a stranger's expression asks for, memory and time are bounded before the work is done."""

import json
import resource
import subprocess
import sys
from functools import reduce

import pytest

GIGABYTE = 2**30


def balanced(terms: list[str]) -> str:
    """A sum that nests no deeper than it must."""
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return f"({balanced(terms[:half])}+{balanced(terms[half:])})"


HEAVY = {
    "many slow functions": balanced(["lgamma(x)"] * 80),
    "slow functions nested": reduce(lambda inner, _: f"lgamma({inner})", range(45), "x"),
    "every frequency": balanced([f"sin({10**power}*x)" for power in range(16)] * 3),
    "many poles": balanced([f"tan({100_000 + k}*x)" for k in range(45)]),
    "a pole to every sample": "tan(1000*x)",
    "poles beyond floats": "tan(1e6*x)",
    "noise": "sin(1e16*x)",
    "staircases": balanced([f"floor({100 + k}*x)" for k in range(60)]),
    "branches": reduce(lambda inner, _: f"where(x<1,x,{inner})", range(30), "1"),
    "entries of the catalog": balanced(["xielu(x)"] * 75),
}


def run(*words: str) -> tuple[float, int, str]:
    """Seconds of processor time, bytes at the highest in one process, and stderr, of one command in an address space of 24 GB."""
    program = (
        "import resource, sys, json\n"
        "from actplot.cli import main\n"
        f"code = main({list(words)!r})\n"
        "used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]\n"
        "peak = max(each.ru_maxrss for each in used) * 1024\n"
        "print(json.dumps([code, sum(each.ru_utime for each in used), peak]), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (50, 50)),
    )
    *said, last = done.stderr.strip().splitlines()
    code, seconds, peak = json.loads(last)
    assert code in (0, 1, 2), said
    assert "Traceback" not in done.stderr
    return seconds, peak, "\n".join(said)


@pytest.mark.parametrize("expression", HEAVY.values(), ids=list(HEAVY))
def test_a_figure_of_anything_fits_into_two_gigabytes(expression: str, tmp_path: object) -> None:
    seconds, peak, _ = run("plot", expression, "--out", f"{tmp_path}/x.png")
    assert peak < 2 * GIGABYTE
    # Processor time, which a busy machine does not stretch much: several times what was measured, a fifth of what it was.
    assert seconds < 25


@pytest.mark.parametrize("expression", HEAVY.values(), ids=list(HEAVY))
def test_facts_of_anything_end(expression: str) -> None:
    seconds, peak, _ = run("info", expression, "--json")
    assert peak < 2 * GIGABYTE
    assert seconds < 25
