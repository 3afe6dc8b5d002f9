"""Whatever a stranger's expression asks for, memory and time are bounded before the work is done."""

import json
from functools import reduce

import pytest
from command import script

GIGABYTE = 2**30


def balanced(terms: list[str]) -> str:
    """A sum that nests no deeper than it must."""
    if len(terms) == 1:
        return terms[0]
    half = len(terms) // 2
    return f"({balanced(terms[:half])}+{balanced(terms[half:])})"


HEAVY = {
    "slow functions nested": reduce(lambda inner, _: f"lgamma({inner})", range(45), "x"),
    "every frequency": balanced([f"sin({10**power}*x)" for power in range(16)] * 3),
    "many poles": balanced([f"tan({100_000 + k}*x)" for k in range(45)]),
    "poles beyond floats": "tan(1e6*x)",
    "noise": "sin(1e16*x)",
    "staircases": balanced([f"floor({100 + k}*x)" for k in range(60)]),
    "branches": reduce(lambda inner, _: f"where(x<1,x,{inner})", range(30), "1"),
    "entries of the catalog": balanced(["xielu(x)"] * 75),
}


# What each of the verbs does, without the start of a process and of torch. What facts do as long as they have time is
# bounded by the clock; what they always do is counted.
VERBS = """
import actplot
from actplot.functions.source import function
from actplot.numerics import facts
from actplot.output.image import render

facts.SECONDS = 0.1

def plot(expression):
    render(actplot.draw(actplot.sample(expression)), "png")

def info(expression):
    facts.properties(function(expression))
"""
MEASURE = """
import json, resource, sys
import torch

class Counted(torch.overrides.TorchFunctionMode):
    calls = elements = 0

    def __torch_function__(self, function, types, arguments=(), options=None):
        made = function(*arguments, **(options or {}))
        if isinstance(made, torch.Tensor):
            self.calls += 1
            self.elements += made.numel()
        return made

counts = {}
for name, expression in json.loads(sys.argv[1]).items():
    for verb in (plot, info):
        with Counted() as counted:
            verb(expression)
        counts[f"{verb.__name__} {name}"] = counted.calls, counted.elements
print(json.dumps([counts, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))
"""
# An operation takes some 10 µs, and 1 ns more for each of its elements; the slowest functions take 50 ns: 2 to 5 seconds.
MOST_OPERATIONS, MOST_ELEMENTS = 250_000, 2_000_000_000


@pytest.mark.slow
def test_any_expression_fits_into_two_gigabytes_and_a_bounded_number_of_operations() -> None:
    counts, peak = json.loads(script(VERBS + MEASURE, json.dumps(HEAVY)))
    assert peak < 2 * GIGABYTE
    assert len(counts) == 2 * len(HEAVY)
    assert all(0 < calls < MOST_OPERATIONS for calls, _ in counts.values()), counts
    assert all(0 < elements < MOST_ELEMENTS for _, elements in counts.values()), counts
