"""Writes docs/accuracy.md: how accurate torch's kernels and the compositions of the catalog are on this machine's CPU.

``python docs/accuracy.py``; it takes a few minutes. ``python docs/accuracy.py cuda`` writes the part on how CUDA differs,
docs/accuracy-cuda.md, on a machine with such a device; the page includes it as it is.
"""

import functools
import os
import platform
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from actplot.functions.catalog import CATALOG
from actplot.numerics.audit.result import Audit, Quantity
from actplot.numerics.audit.run import audit
from actplot.output.audit import markdown, overview, short
from actplot.output.versions import versions

TYPES = {"bfloat16": None, "float16": None, "float32": 1 << 20}
# What is told of the tables; the numbers in it are those of the tables.
NOTES = Path(__file__).with_name("accuracy-notes.md")
CUDA = Path(__file__).with_name("accuracy-cuda.md")
# Devices are said to differ where the largest errors do by more than this factor.
_FACTOR = 1.1


def one(name: str, dtype: str, device: str = "cpu") -> Audit:
    result = audit(CATALOG[name].bind(), dtype=dtype, inputs=TYPES[dtype], device=device)
    for quantity in (result.f, result.gradient):
        if quantity is not None:
            quantity.profile = None  # type: ignore[assignment]  # which only a picture needs
    return result


def largest(result: Audit) -> float:
    return max(result.f.max_ulp, result.gradient.max_ulp if result.gradient else 0.0)


def all_of(dtype: str, device: str = "cpu") -> dict[str, Audit]:
    """The audit of every function."""
    work = functools.partial(one, dtype=dtype, device=device)
    if device != "cpu":  # one process has the device
        return {name: work(name) for name in CATALOG}
    context = get_context("fork" if sys.platform == "linux" and "torch" not in sys.modules else "spawn")
    with ProcessPoolExecutor(os.cpu_count(), context) as pool:
        return dict(zip(CATALOG, pool.map(work, CATALOG), strict=True))


def tried(dtype: str, audits: Iterable[Audit]) -> str:
    """How many inputs of a type were tried."""
    if TYPES[dtype] is None:
        return f"{dtype}: every finite input"
    return f"{dtype}: {next(iter(audits)).covered:,} inputs, evenly over the representations"


def machine() -> str:
    made = ", ".join(f"{package} {number}" for package, number in versions("python-flint").items())
    return f"{platform.machine()}, Python {platform.python_version()}; {made}."


def page() -> None:
    lines = [
        "# How accurate torch's activations are",
        "",
        "Errors of f and of its autograd derivative in units in the last place of each type, on the CPU, the largest first.",
        "A name stands for the torch function or the composition that `actplot info NAME` shows; the truth is its formula.",
        "At a break either one-sided slope counts as right. `make accuracy` writes this page.",
        "",
        machine(),
        "",
        NOTES.read_text("utf-8").strip(),
    ]
    for dtype in TYPES:
        audits = sorted(all_of(dtype).values(), key=lambda each: (-largest(each), each.function.name))
        lines += ["", f"## {tried(dtype, audits)}", "", *markdown(overview(audits, "en"))]
        print(dtype, file=sys.stderr)
    lines += ["", CUDA.read_text("utf-8").strip()]
    Path(__file__).with_name("accuracy.md").write_text("\n".join(lines) + "\n", "utf-8")


def cuda() -> None:
    """Writes the part of the page on how CUDA differs from the CPU of the same machine."""
    here = {dtype: all_of(dtype) for dtype in TYPES}  # before torch is in this process
    import torch

    lines = [
        "## CUDA beside the CPU",
        "",
        f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}; {machine()}",
        "The same inputs as above, on both devices of one machine. A row where the largest errors of f or f' differ by more",
        f"than a factor of {_FACTOR}, or where results of one are wrong in a way that those of the other are not.",
    ]
    for dtype in TYPES:
        there = all_of(dtype, "cuda")
        rows = [row for name in CATALOG if (row := differing(here[dtype][name], there[name]))]
        head = [
            "function",
            "f max ULP, CPU",
            "CUDA",
            "f' max ULP, CPU",
            "CUDA",
            "wrong on the CPU alone",
            "on CUDA alone",
        ]
        lines += ["", f"### {tried(dtype, there.values())}", ""]
        lines += [f"{len(rows)} of {len(CATALOG)} functions differ.", "", *markdown([head, *rows])]
        print(dtype, file=sys.stderr)
    CUDA.write_text("\n".join(lines) + "\n", "utf-8")


def differing(cpu: Audit, gpu: Audit) -> list[str]:
    """The row of a function on both devices; none where they agree."""
    row, is_close = [cpu.function.label], True
    for one_of, other in ((cpu.f, gpu.f), (cpu.gradient, gpu.gradient)):
        sizes = [quantity.max_ulp if quantity else 0.0 for quantity in (one_of, other)]
        is_close &= sizes[0] == sizes[1] or max(sizes) <= _FACTOR * min(sizes)
        row += [short(size) for size in sizes]
    wrong = [
        {
            (sign, kind)
            for sign, quantity in (("f", each.f), ("f'", each.gradient))
            if quantity
            for kind in kinds(quantity)
        }
        for each in (cpu, gpu)
    ]
    for alone in (wrong[0] - wrong[1], wrong[1] - wrong[0]):
        row.append(", ".join(f"{sign} {kind}" for sign, kind in sorted(alone)) or "-")
    return [] if is_close and wrong[0] == wrong[1] else row


def kinds(quantity: Quantity) -> set[str]:
    """The kinds of wrong results."""
    return {finding.kind for finding in quantity.findings}


if __name__ == "__main__":
    cuda() if sys.argv[1:] == ["cuda"] else page()
