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


# What each of the verbs does, without the start of a process and of torch.
DRAW = """
import actplot
from actplot.output.image import render
def work(expression):
    render(actplot.draw(actplot.sample(expression)), "png")
"""
FACTS = """
from actplot.output.info import facts
from actplot.functions.source import function
def work(expression):
    facts(function(expression))
"""
MEASURE = """
import json, resource, sys, time
work("relu(x)")
seconds = {}
for name, expression in json.loads(sys.argv[1]).items():
    start = time.process_time()
    work(expression)
    seconds[name] = time.process_time() - start
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))
"""


@pytest.mark.parametrize("work", [DRAW, FACTS], ids=["plot", "info"])
def test_any_expression_fits_into_two_gigabytes_and_a_few_seconds(work: str) -> None:
    """Seconds are those of the processor, which a busy machine stretches little: 5 are due on an idle one."""
    seconds, peak = json.loads(script(work + MEASURE, json.dumps(HEAVY)))
    assert peak < 2 * GIGABYTE
    assert max(seconds.values()) < 15, seconds
