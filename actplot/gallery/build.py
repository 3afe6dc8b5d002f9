"""The gallery: many functions as pictures in a folder, with a page about them."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from actplot.errors import ActplotError, Argument, CannotDo, CannotWrite
from actplot.gallery.index import Picture, html, markdown
from actplot.options import Sampling, Style
from actplot.output.files import write_whole
from actplot.worker import Job, end_with_parent, interruptions_held

if TYPE_CHECKING:
    from actplot.functions.registry import Catalog, Function, PlotSpec
    from actplot.numerics.curve import Curve
    from actplot.page.entries import Facts
    from actplot.plot.figure import CurveFigure

# Pages that carry this line are ours to replace.
_OURS = "<!-- made by actplot gallery -->"


@dataclass(frozen=True)
class PlannedFigure:
    """A figure named after its file: its functions, how they are sampled, and the command that draws it alone, given the
    device that computed it."""

    spec: "PlotSpec"
    sampling: Sampling
    command: "Callable[[str], str]"


@dataclass(frozen=True)
class Plan:
    """What to draw, and how.

    Attributes
    ----------
    figures
        All of one style and order.
    style
        What they look like.
    order
        How many derivatives they show.
    formats
        Endings of the files: png, svg, pdf. The first is the one the page shows.
    jobs
        Processes that draw.
    """

    figures: tuple[PlannedFigure, ...]
    style: Style
    order: int
    formats: tuple[str, ...]
    jobs: int


@dataclass(frozen=True)
class Outcome:
    """How one function came out: its files, the command for it and the seconds it took, or what went wrong."""

    name: str
    files: tuple[str, ...] = ()
    command: str = ""
    seconds: float = 0.0
    error: str = ""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what had been finished by then."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__()
        self.outcomes = outcomes


class Numbers:
    """One process with torch: it computes the curves and, while they are drawn, what the page says of the functions.

    The latter if ``described``.
    """

    def __init__(self, plan: Plan, *, described: bool) -> None:
        self._functions = [planned.spec.functions[0] for planned in plan.figures]
        self._described = described
        self._job = Job(lambda: _sample_all(plan), stays=described)

    def curves(self) -> "list[tuple[list[Curve], str]]":
        """The curves of each figure, or why there are none."""
        found: list[tuple[list[Curve], str]] = self._job.result()
        if self._described:
            self._answer = self._job.begin(_describe_all, self._functions)
        return found

    def facts(self) -> "dict[str, Facts]":
        """What the page says of each function, once the curves are there."""
        found: dict[str, Facts] = self._answer()
        self._job.cancel()
        return found

    def cancel(self) -> None:
        """Stops the process."""
        self._job.cancel()


def _describe_all(functions: "Sequence[Function]") -> "dict[str, Facts]":
    from actplot.page import page

    return page.describe(functions, most=len(functions))


def draw_all(plan: Plan, folder: Path, numbers: Numbers | None = None) -> Iterator[Outcome]:
    """Draws every function of the plan into ``folder``, in the order in which they get done.

    One process computes all curves while those that draw get ready; they need no torch. ``numbers`` is that process
    where it has begun already.

    Raises
    ------
    Interrupted
        On Ctrl-C. Only whole files are left behind.
    """
    outcomes: list[Outcome] = []
    numbers = numbers or Numbers(plan, described=False)
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    ready = plan.figures[0].spec.functions, plan.formats, plan.style, plan.order, os.getpid()
    jobs = min(plan.jobs, len(plan.figures))
    pool = ProcessPoolExecutor(jobs, context, initializer=_get_ready, initargs=ready)
    try:
        with interruptions_held():
            for _ in range(jobs):
                pool.submit(os.getpid)  # starts the processes
        waiting = set()
        for planned, (curves, error) in zip(plan.figures, numbers.curves(), strict=True):
            if error:
                outcomes.append(Outcome(planned.spec.name, error=error))
                yield outcomes[-1]
            else:
                command = planned.command(curves[0].device)
                waiting.add(pool.submit(_draw, planned.spec.name, curves, command, plan.formats, str(folder)))
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in sorted(done, key=lambda future: future.result().name):
                outcomes.append(future.result())
                yield outcomes[-1]
    except BrokenProcessPool:
        raise CannotDo("a process that draws died", f"try fewer with {Argument('jobs')}") from None
    except KeyboardInterrupt:
        numbers.cancel()
        raise Interrupted(outcomes) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _sample_all(plan: Plan) -> "list[tuple[list[Curve], str]]":
    from actplot.numerics.curve import sample

    results: list[tuple[list[Curve], str]] = []
    for planned in plan.figures:
        try:
            results.append(([sample(each, **asdict(planned.sampling)) for each in planned.spec.functions], ""))
        except Exception as error:  # one function must not stop the others
            results.append(([], _reason(error)))
    return results


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ActplotError) else f"{type(error).__name__}: {error}"


# The figure that this process draws one function after another on.
_figure: "CurveFigure"


def _get_ready(functions: "Sequence[Function]", formats: Sequence[str], style: Style, order: int, parent: int) -> None:
    global _figure
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that gives out the work decides when it ends
    from actplot.output import image
    from actplot.plot import figure

    _figure = figure.CurveFigure(order=order, **asdict(style))
    for form in formats:
        image.render(figure.warm_up(_figure, functions, order), form)


def _draw(name: str, curves: "Sequence[Curve]", command: str, formats: Sequence[str], folder: str) -> Outcome:
    from actplot.output import image

    start = time.perf_counter()
    try:
        drawn = _figure.draw(*curves)
        files = tuple(f"{name}.{form}" for form in formats)
        for file in files:
            image.save(drawn, Path(folder, file), command=command)
    except Exception as error:
        return Outcome(name, error=_reason(error))
    return Outcome(name, files, command, time.perf_counter() - start)


def prepare(folder: Path) -> None:
    """Makes the folder and clears what a killed run has left in it.

    Raises
    ------
    CannotWrite
        Where no folder can be made or nothing be written into it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise CannotWrite(f"cannot write to {folder}: it is a file", f"name a folder with {Argument('out')}") from None
    except OSError as error:
        raise CannotWrite(f"cannot make {folder}: {error.strerror}", f"name another with {Argument('out')}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWrite(f"cannot write to {folder}: it is not writable", f"name another with {Argument('out')}")
    for left in folder.glob(".actplot-*.tmp"):
        process = re.fullmatch(r"\.actplot-(\d+)-\w+\.tmp", left.name)
        if process and not _runs(int(process[1])):
            with suppress(OSError):
                left.unlink()


def _runs(process: int) -> bool:
    if sys.platform == "win32":  # where asking would be a signal
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_pages(
    plan: Plan, outcomes: Sequence[Outcome], folder: Path, catalog: "Catalog", facts: "Mapping[str, Facts]"
) -> tuple[list[str], list[str]]:
    """Writes ``index.html`` and ``README.md`` about the pictures; returns the names written, and those left alone.

    A page that somebody else has put there is left alone. ``facts`` are those of :class:`Numbers`.
    """
    drawn = {outcome.name: outcome for outcome in outcomes if outcome.files}
    families = {family.key: family.title for family in catalog.families}
    width, height = (round(inches * plan.style.dpi) for inches in plan.style.size)
    pictures = []
    for spec in (planned.spec for planned in plan.figures):
        if outcome := drawn.get(spec.name):
            entry = catalog[spec.name]
            family = families[entry.family]
            pictures.append(Picture(entry, family, spec.functions, outcome.files, outcome.command, (width, height)))
    written, left = [], []
    for name, content in (("index.html", html(pictures, facts)), ("README.md", markdown(pictures))):
        page = folder / name
        if page.exists() and _OURS not in page.read_text("utf-8", errors="replace"):
            left.append(name)
            continue
        write_whole(str(page), f"{content.rstrip()}\n{_OURS}\n".encode())
        written.append(name)
    return written, left
