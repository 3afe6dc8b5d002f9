"""The results of a run: a table on the screen, Markdown for the README, and JSON."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Literal

from benchmarks.measure import Pair
from benchmarks.rows import Row

_HEAD = ("", "instead", "actplot", "ratio", "quartiles", "CPU ratio", "MiB instead", "MiB", "target", "")
_SHORT = ("", "instead", "actplot", "ratio", "quartiles", "target")
_VERSIONS = ("actplot", "torch", "matplotlib", "numpy")


@dataclass(frozen=True)
class Result:
    """What a row measured."""

    row: Row
    pairs: tuple[Pair, ...]
    peaks: tuple[float, float] | None

    def ratios(self, clock: Literal["wall", "cpu"]) -> list[float]:
        """What actplot took over what the other side took, pair by pair."""
        return [getattr(pair.ours, clock) / (getattr(pair.theirs, clock) or float("inf")) for pair in self.pairs]

    @property
    def ratio(self) -> float:
        """The median of the ratios of wall time."""
        return median(self.ratios("wall"))

    @property
    def quartiles(self) -> tuple[float, float]:
        """The ends of the middle half of the ratios."""
        ratios = self.ratios("wall")
        if len(ratios) < 2:
            return ratios[0], ratios[0]
        first, _, third = quantiles(ratios, n=4, method="inclusive")
        return first, third

    @property
    def missed(self) -> list[str]:
        """By how much each target is missed."""
        misses = []
        if self.row.most is not None and self.ratio > self.row.most:
            misses.append(f"missed by {self.ratio / self.row.most - 1:.0%}")
        if self.peaks and self.row.most_memory is not None:
            ours, theirs = self.peaks
            if ours / theirs > self.row.most_memory:
                misses.append(f"memory missed by {ours / theirs / self.row.most_memory - 1:.0%}")
        return misses

    def median(self, side: Literal["ours", "theirs"]) -> float:
        """The median wall time of one side in seconds."""
        return median(getattr(pair, side).wall for pair in self.pairs)

    @property
    def cells(self) -> list[str]:
        """The row of the table."""
        memory = [f"{peak:.0f}" for peak in reversed(self.peaks)] if self.peaks else ["", ""]
        verdict = "; ".join(self.missed) or ("met" if self.row.most is not None else "")
        return [
            *self._short[:5],
            f"{median(self.ratios('cpu')):.2f}",
            *memory,
            self._short[5],
            verdict,
        ]

    @property
    def _short(self) -> list[str]:
        low, high = self.quartiles
        times = [_seconds(self.median("theirs")), _seconds(self.median("ours"))]
        target = "" if self.row.most is None else f"≤ {self.row.most:.2f}"
        return [self.row.title, *times, f"{self.ratio:.2f}", f"{low:.2f}–{high:.2f}", target]

    @property
    def markdown(self) -> list[str]:
        """The row of the README's table."""
        short = self._short
        return [*short[:5], f"{short[5]}{', ' if self.missed else ''}{'; '.join(self.missed)}"]

    def as_json(self) -> dict[str, Any]:
        low, high = self.quartiles
        return {
            "key": self.row.key,
            "title": self.row.title,
            "ratio": self.ratio,
            "quartiles": [low, high],
            "cpu_ratio": median(self.ratios("cpu")),
            "target": self.row.most,
            "missed": self.missed,
            "peak_mib": self.peaks and dict(zip(("ours", "theirs"), self.peaks, strict=True)),
            "pairs": [{"ours": pair.ours._asdict(), "theirs": pair.theirs._asdict()} for pair in self.pairs],
        }


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"


def machine() -> dict[str, Any]:
    """The machine and the versions that a run belongs to."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **{name: version(name) for name in _VERSIONS},
    }


def heading(about: dict[str, Any]) -> str:
    """One line about the machine."""
    versions = ", ".join(f"{name} {about[name]}" for name in ("python", *_VERSIONS[1:]))
    return f"{about['cores']} cores ({about['processor']}), {versions}; load {about['load']}"


def table(results: Sequence[Result]) -> list[str]:
    """The lines of the table for a screen."""
    rows = [_HEAD, *(result.cells for result in results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place in (0, len(widths) - 1) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def markdown(results: Sequence[Result]) -> list[str]:
    """The lines of the table for the README."""
    rows = [_SHORT, ("---",) * len(_SHORT), *(result.markdown for result in results)]
    return [f"| {' | '.join(row)} |" for row in rows]
