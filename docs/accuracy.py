"""Writes docs/accuracy.md: how accurate torch's kernels and the compositions of the catalog are on this machine's CPU.

``python docs/accuracy.py``; it takes a few minutes.
"""

import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from actplot.functions.catalog import CATALOG
from actplot.numerics.audit.result import Audit
from actplot.numerics.audit.run import audit
from actplot.output.audit import markdown, overview
from actplot.output.versions import versions

TYPES = {"bfloat16": None, "float16": None, "float32": 1 << 20}
# What is told of the tables; the numbers in it are those of the tables.
NOTES = Path(__file__).with_name("accuracy-notes.md")


def one(name: str, dtype: str) -> Audit:
    result = audit(CATALOG[name].bind(), dtype=dtype, inputs=TYPES[dtype])
    for quantity in (result.f, result.gradient):
        if quantity is not None:
            quantity.profile = None  # type: ignore[assignment]  # which only a picture needs
    return result


def largest(result: Audit) -> float:
    return max(result.f.max_ulp, result.gradient.max_ulp if result.gradient else 0.0)


def main() -> None:
    made = ", ".join(f"{package} {number}" for package, number in versions("python-flint").items())
    lines = [
        "# How accurate torch's activations are",
        "",
        "Errors of f and of its autograd derivative in units in the last place of each type, on the CPU, the largest first.",
        "A name stands for the torch function or the composition that `actplot info NAME` shows; the truth is its formula.",
        "At a break either one-sided slope counts as right. `make accuracy` writes this page.",
        "",
        f"{platform.machine()}, Python {platform.python_version()}; {made}.",
        "",
        NOTES.read_text("utf-8").strip(),
    ]
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(os.cpu_count(), context) as pool:
        for dtype, count in TYPES.items():
            audits = list(pool.map(one, CATALOG, [dtype] * len(CATALOG)))
            audits.sort(key=lambda each: (-largest(each), each.function.name))
            tried = (
                "every finite input"
                if count is None
                else f"{audits[0].covered:,} inputs, evenly over the representations"
            )
            lines += ["", f"## {dtype}: {tried}", "", *markdown(overview(audits, "en"))]
            print(dtype, file=sys.stderr)
    Path(__file__).with_name("accuracy.md").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
