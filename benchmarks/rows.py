"""The rows of the table: each pairs a command of actplot's with what a user would run instead."""

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from actplot.functions.catalog import CATALOG
from benchmarks.enlarged import enlarge
from benchmarks.measure import Command, Pair, actplot, alternating, alternative


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes
    ----------
    key
        What it is chosen by on the command line: ``figure.first``.
    title
        What is measured.
    pairs
        So many pairs of measurements of both sides, alternating.
    most
        The target: the largest ratio of wall times that meets it; None for none.
    peaks
        The highest memory of both sides in MiB; None where it is not measured.
    most_memory
        The largest ratio of those that meets the target; None for none.
    notes
        Lines below the table, known once the pairs are.
    """

    key: str
    title: str
    pairs: Callable[[int], Iterator[Pair]]
    most: float | None = None
    peaks: Callable[[], tuple[float, float]] | None = None
    most_memory: float | None = None
    notes: Callable[[], Sequence[str]] = tuple


def of_commands(
    key: str,
    title: str,
    ours: Command,
    theirs: Command,
    most: float | None = None,
    most_memory: float | None = None,
) -> Row:
    """The row of two commands."""
    return Row(
        key,
        title,
        lambda rounds: alternating(ours.cost, theirs.cost, rounds),
        most,
        lambda: (ours.peak(), theirs.peak()),
        most_memory,
    )


_SCRIPT = Command(alternative("script", "script.png"))
# In the order in which curves come into a comparison; torch knows each by the same name.
_COMPARED = (
    *("relu", "gelu", "silu", "elu", "mish", "softplus", "tanh", "sigmoid", "selu", "celu", "hardtanh", "softsign"),
)


def all_rows(folder: Path) -> Iterator[Row]:
    """Every row, with files of their own in ``folder``."""
    yield from _figures(folder / "warm")
    yield from _starts(folder / "warm")
    yield from _comparisons()
    yield from _galleries(folder)
    yield from _catalogs(folder)
    for name in ("boundary", "depth"):
        theirs = Command(alternative(name, "x.png"))
        yield of_commands(name, f"actplot {name}", Command(actplot(name, "--out", "x.png")), theirs)
    for module in ("live", "page", "audit", "samples"):
        yield from importlib.import_module(f"benchmarks.{module}").rows()


def _figures(warm: Path) -> Iterator[Row]:
    """One figure: its first time, and when its curve was computed before."""
    sigmoid = ("sigmoid", "--range", "-10", "10")
    first = Command(actplot(*sigmoid, "--out", "x.png"))
    yield of_commands("figure.first", "first figure", first, _SCRIPT, 0.52)
    for key, title, words in (
        ("title", "the same curve, another title", ("--title", "S", "--out", "x.png")),
        ("size", "the same curve, another size", ("--size", "8", "5", "--out", "x.png")),
        ("language", "the same curve, another language", ("--lang", "en", "--out", "x.png")),
        ("svg", "the same curve as SVG", ("--out", "x.svg")),
        ("pdf", "the same curve as PDF", ("--out", "x.pdf")),
    ):
        again = Command(actplot(*sigmoid, *words), cache=warm)
        theirs = Command(alternative("script", words[-1].replace("x", "script")))
        yield of_commands(f"figure.{key}", title, again, theirs, 0.30)
    other = Command(actplot("elu", "--alpha", "2", "--out", "x.png"))
    yield of_commands("figure.parameter", "another parameter", other, _SCRIPT, 0.52)


def _starts(warm: Path) -> Iterator[Row]:
    """Commands that draw nothing."""
    yield of_commands("start.help", "actplot --help", Command(actplot("--help")), _SCRIPT, 0.07)
    yield of_commands("start.list", "actplot list", Command(actplot("list")), _SCRIPT, 0.08)
    wrong = Command(actplot("sigmod", "--range", "-10", "10"), fails=True)
    yield of_commands("start.wrong", "a wrong command", wrong, _SCRIPT, 0.08)
    facts = Command(alternative("facts"))
    yield of_commands("info.first", "actplot info elu", Command(actplot("info", "elu")), facts)
    yield of_commands("info.again", "actplot info elu, again", Command(actplot("info", "elu"), cache=warm), facts)


def _comparisons() -> Iterator[Row]:
    for count in (1, 4, 12):
        names = _COMPARED[:count]
        ours = Command(actplot("compare", *names, "--out", "x.png"))
        title = f"compare, {count} curve{'s' * (count > 1)}"
        yield of_commands(f"compare.{count}", title, ours, Command(alternative("compare", "x.png", *names)))


def _galleries(folder: Path) -> Iterator[Row]:
    """Galleries against the plain loop, a figure each, as the catalog grows; memory against that of the first."""
    words = actplot("gallery", "--quiet", "--out", "figures")
    count = len(CATALOG)
    loop = Command(alternative("gallery", "."), count)
    small = Command(words, count)
    yield of_commands("gallery.cold", f"a figure of a gallery of {count}", small, loop, 1 / 2.3)
    again = Command(words, count, cache=folder / "gallery")
    yield of_commands("gallery.again", f"a figure of a gallery of {count}, again", again, loop, 1 / 4)
    for times in (4, 10):
        package = folder / f"catalog{times}"
        yield _later(
            f"gallery.x{times}",
            f"a figure of a gallery of {count * times}, against one of {count}",
            lambda package=package, times=times: (
                Command(words, count * times, package=_enlarged(package, times)),
                small,
            ),
            1.0,
            1.05,
        )


def _catalogs(folder: Path) -> Iterator[Row]:
    """Start-up with ten times the entries against start-up with those there are."""
    for key, words, fails in (("list", ("list",), False), ("wrong", ("sigmod",), True)):
        ours = actplot(*words)
        yield _later(
            f"catalog.{key}",
            f"actplot {words[0]}, with 10 x the entries against now",
            lambda ours=ours, fails=fails: (
                Command(ours, fails=fails, package=_enlarged(folder / "catalog10", 10)),
                Command(ours, fails=fails),
            ),
            1.05,
        )


def _later(
    key: str,
    title: str,
    commands: Callable[[], tuple[Command, Command]],
    most: float,
    most_memory: float | None = None,
) -> Row:
    """The row of two commands that are made when it is measured."""

    def pairs(rounds: int) -> Iterator[Pair]:
        ours, theirs = commands()
        yield from alternating(ours.cost, theirs.cost, rounds)

    def peaks() -> tuple[float, float]:
        ours, theirs = commands()
        return ours.peak(), theirs.peak()

    return Row(key, title, pairs, most, peaks, most_memory)


def _enlarged(folder: Path, times: int) -> Path:
    return folder if folder.is_dir() else enlarge(folder, times)
