"""The gallery: many functions as pictures in a folder, with a page about them."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from actplot.errors import ActplotError, Argument, CannotDo, CannotWrite
from actplot.gallery.index import Picture, html, markdown
from actplot.numerics import cache
from actplot.options import Sampling, Style
from actplot.output.files import write_whole
from actplot.worker import Job, end_with_parent, interruptions_held

if TYPE_CHECKING:
    from actplot.functions.registry import Catalog, Function, PlotSpec
    from actplot.numerics.curve import Curve
    from actplot.page.entries import Facts
    from actplot.plot.figure import CurveFigure

# Figures that are given to the drawing processes ahead of time, for each of them.
_AHEAD = 3
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
    fresh
        Whether everything is computed anew, whatever was kept.
    """

    figures: tuple[PlannedFigure, ...]
    style: Style
    order: int
    formats: tuple[str, ...]
    jobs: int
    fresh: bool = False

    @property
    def is_at_hand(self) -> bool:
        """Whether all curves were computed before and may be used."""
        return not self.fresh and all(cache.holds_curves(each.spec.functions, each.sampling) for each in self.figures)

    @property
    def described(self) -> "list[Function]":
        """The function of each figure that the page is about."""
        return [planned.spec.functions[0] for planned in self.figures]


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


def draw_all(plan: Plan, folder: Path, facts: "dict[str, Facts] | None" = None) -> Iterator[Outcome]:
    """Draws every function of the plan into ``folder``, in the order in which they get done.

    What the page says of each function is found out on the side, where there are ``facts`` to add it to, by name.

    One process computes all curves while those that draw get ready; they need no torch. Curves are handed on as they come,
    a few ahead of those that draw, so that a large gallery takes no more memory than a small one.

    Raises
    ------
    Interrupted
        On Ctrl-C. Only whole files are left behind.
    """
    outcomes: list[Outcome] = []
    is_here = plan.is_at_hand and (facts is None or cache.holds_facts(plan.described))
    job = Job(lambda: _computed(plan, describes=facts is not None), here=is_here)
    warm_up = plan.figures[0].spec.functions, plan.formats, plan.style, plan.order
    is_forked = sys.platform == "linux"
    try:
        if is_forked:  # those that draw begin with all that is loaded here, while another process loads torch
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process with threads cannot be forked
            _warm_up(*warm_up)
    except KeyboardInterrupt:
        job.cancel()
        raise Interrupted(outcomes) from None
    context = get_context("fork" if is_forked else "spawn")
    pool = ProcessPoolExecutor(plan.jobs, context, initializer=_get_ready, initargs=(warm_up, os.getpid()))
    try:
        with interruptions_held():
            for _ in range(plan.jobs):
                pool.submit(os.getpid)  # starts the processes
        for outcome in _drawn(plan, _curves(job.results(), facts), pool, folder):
            outcomes.append(outcome)
            yield outcome
    except BrokenProcessPool:
        raise CannotDo("a process that draws died", f"try fewer with {Argument('jobs')}") from None
    except KeyboardInterrupt:
        job.cancel()
        raise Interrupted(outcomes) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _drawn(
    plan: Plan, sampled: "Iterator[tuple[list[Curve], str]]", pool: ProcessPoolExecutor, folder: Path
) -> Iterator[Outcome]:
    """The outcomes of all figures, given their curves or what went wrong with them, as they come."""
    waiting: set[Future[Outcome]] = set()
    for planned, (curves, error) in zip(plan.figures, sampled, strict=True):
        if error:
            yield Outcome(planned.spec.name, error=error)
            continue
        if len(waiting) >= _AHEAD * plan.jobs:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from _outcomes(done)
        command = planned.command(curves[0].device)
        waiting.add(pool.submit(_draw, planned.spec.name, curves, command, plan.formats, str(folder)))
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        yield from _outcomes(done)


def _outcomes(done: "set[Future[Outcome]]") -> list[Outcome]:
    return sorted((future.result() for future in done), key=lambda outcome: outcome.name)


def _curves(
    computed: "Iterator[tuple[list[Curve], str] | dict[str, Facts]]", facts: "dict[str, Facts] | None"
) -> "Iterator[tuple[list[Curve], str]]":
    """The curves among what was computed; facts go where they are gathered."""
    for each in computed:
        if not isinstance(each, dict):
            yield each
        elif facts is not None:
            facts.update(each)


def _computed(plan: Plan, *, describes: bool) -> "Iterator[tuple[list[Curve], str] | dict[str, Facts]]":
    """The curves of each figure, and facts of its function between, which leave those that draw enough to do."""
    sampled = _sampled(plan)
    yield from islice(sampled, _AHEAD * plan.jobs)
    if describes:
        from actplot.page import page

        for function in plan.described:
            yield page.describe([function])
            yield from islice(sampled, 1)
    yield from sampled


def _sampled(plan: Plan) -> "Iterator[tuple[list[Curve], str]]":
    """The curves of each figure, or what went wrong with them."""
    for planned in plan.figures:
        try:
            if plan.fresh:
                from actplot.numerics.curve import sample

                curves = [sample(each, **asdict(planned.sampling)) for each in planned.spec.functions]
            else:
                curves = [cache.curve(each, planned.sampling) for each in planned.spec.functions]
        except Exception as error:  # one function must not stop the others
            yield [], _reason(error)
        else:
            yield curves, ""


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ActplotError) else f"{type(error).__name__}: {error}"


# The figure that this process draws one function after another on.
_figure: "CurveFigure"


def _get_ready(warm_up: "tuple[Sequence[Function], Sequence[str], Style, int]", parent: int) -> None:
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that gives out the work decides when it ends
    if "_figure" not in globals():
        _warm_up(*warm_up)


def _warm_up(functions: "Sequence[Function]", formats: Sequence[str], style: Style, order: int) -> None:
    """Loads what draws, and draws a first figure."""
    global _figure
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

    A page that somebody else has put there is left alone. ``facts`` are what :func:`draw_all` found out.
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
