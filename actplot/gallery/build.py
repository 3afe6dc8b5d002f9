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
from dataclasses import asdict, dataclass, field
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from actplot.errors import ActplotError, Argument, CannotDo, CannotWrite, reason_of
from actplot.gallery import manifest
from actplot.gallery.index import Picture, html, markdown
from actplot.gallery.manifest import Manifest, Recorded
from actplot.numerics import cache
from actplot.options import Sampling, Style
from actplot.output.files import write_whole
from actplot.output.versions import versions
from actplot.plot.loading import load_matplotlib
from actplot.text import Text
from actplot.worker import Job, end_with_parent, interruptions_held

if TYPE_CHECKING:
    from actplot.functions.registry import Catalog, Function, PlotSpec
    from actplot.language import Language
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
    options
        The options of the figures as they were given, by name, which the manifest remembers.
    fresh
        Whether everything is computed anew, whatever was kept.
    """

    figures: tuple[PlannedFigure, ...]
    style: Style
    order: int
    formats: tuple[str, ...]
    jobs: int
    options: Mapping[str, Any] = field(default_factory=dict)
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
    error: Text | None = None


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, with what had been finished by then."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__()
        self.outcomes = outcomes


def draw_all(
    plan: Plan, folder: Path, facts: "dict[str, Facts] | None" = None, also: "Sequence[Function]" = ()
) -> Iterator[Outcome]:
    """Draws every function of the plan into ``folder``, in the order in which they get done.

    What the page says of each function, and of those that it is ``also`` about, is found out on the side, where there are
    ``facts`` to add it to, by name.

    One process computes all curves while those that draw get ready; they need no torch. Curves are handed on as they come,
    a few ahead of those that draw, so that a large gallery takes no more memory than a small one.

    Raises
    ------
    Interrupted
        On Ctrl-C. Only whole files are left behind.
    """
    outcomes: list[Outcome] = []
    described = [] if facts is None else [*plan.described, *also]
    job = Job(lambda: _computed(plan, described), here=plan.is_at_hand and cache.holds_facts(described))
    planned = plan.figures[0]
    first = _First(planned.spec.functions, planned.sampling.range, plan.formats, plan.style, plan.order)
    is_forked = sys.platform == "linux"
    try:
        if is_forked:  # those that draw begin with all that is loaded here, while another process loads torch
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process with threads cannot be forked
            _warm_up(first)
    except KeyboardInterrupt:
        job.cancel()
        raise Interrupted(outcomes) from None
    context = get_context("fork" if is_forked else "spawn")
    jobs = min(plan.jobs, len(plan.figures))
    pool = ProcessPoolExecutor(jobs, context, initializer=_get_ready, initargs=(first, os.getpid()))
    try:
        with interruptions_held():
            for _ in range(jobs):
                pool.submit(os.getpid)  # starts the processes
        for outcome in _drawn(plan, _curves(job.results(), facts), pool, folder):
            outcomes.append(outcome)
            yield outcome
    except BrokenProcessPool:
        raise CannotDo(
            Text("a process that draws died", "一个绘图进程意外终止"),
            Text(f"try fewer with {Argument('jobs')}", f"请用 {Argument('jobs')} 减少进程"),
        ) from None
    except KeyboardInterrupt:
        job.cancel()
        raise Interrupted(outcomes) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _drawn(
    plan: Plan, sampled: "Iterator[tuple[list[Curve], Text | None]]", pool: ProcessPoolExecutor, folder: Path
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
    computed: "Iterator[tuple[list[Curve], Text | None] | dict[str, Facts]]", facts: "dict[str, Facts] | None"
) -> "Iterator[tuple[list[Curve], Text | None]]":
    """The curves among what was computed; facts go where they are gathered."""
    for each in computed:
        if not isinstance(each, dict):
            yield each
        elif facts is not None:
            facts.update(each)


def _computed(
    plan: Plan, described: "Sequence[Function]"
) -> "Iterator[tuple[list[Curve], Text | None] | dict[str, Facts]]":
    """The curves of each figure, and facts of functions between, which leave those that draw enough to do."""
    sampled = _sampled(plan)
    yield from islice(sampled, _AHEAD * plan.jobs)
    if described:
        from actplot.page import page

        for function in described:
            yield page.describe([function])
            yield from islice(sampled, 1)
    yield from sampled


def _sampled(plan: Plan) -> "Iterator[tuple[list[Curve], Text | None]]":
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
            yield curves, None


def _reason(error: Exception) -> Text:
    if isinstance(error, ActplotError):
        return Text(error.line("en", options=True), error.line("zh", options=True))
    said = f"{type(error).__name__}: {error}"
    return Text(said, said)


# The figure that this process draws one function after another on.
_figure: "CurveFigure"


class _First(NamedTuple):
    """What a first figure is drawn of, so that all that draws is loaded."""

    functions: "Sequence[Function]"
    range: tuple[float, float]
    formats: Sequence[str]
    style: Style
    order: int


def _get_ready(first: _First, parent: int) -> None:
    end_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that gives out the work decides when it ends
    if "_figure" not in globals():
        _warm_up(first)


def _warm_up(first: _First) -> None:
    """Loads what draws, and draws a first figure."""
    global _figure
    load_matplotlib()
    from actplot.output import image
    from actplot.plot import figure

    _figure = figure.CurveFigure(order=first.order, **vars(first.style))
    for form in first.formats:
        image.render(figure.warm_up(_figure, first.functions, first.order, first.range), form)


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
        raise CannotWrite(
            Text(f"cannot write to {folder}: it is a file", f"无法写入 {folder}：它是一个文件"),
            Text(f"name a folder with {Argument('out')}", f"请用 {Argument('out')} 指定一个文件夹"),
        ) from None
    except OSError as error:
        reason = reason_of(error)
        raise CannotWrite(
            Text(f"cannot make {folder}: {reason.en}", f"无法建立 {folder}：{reason.zh}"),
            Text(f"name another with {Argument('out')}", f"请用 {Argument('out')} 指定别处"),
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWrite(
            Text(f"cannot write to {folder}: it is not writable", f"无法写入 {folder}：没有写权限"),
            Text(f"name another with {Argument('out')}", f"请用 {Argument('out')} 指定别处"),
        )
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


def kept(plan: Plan, folder: Path, before: Manifest | None, catalog: "Catalog") -> Manifest:
    """What a manifest remembers of pictures that are still there and not drawn anew by the plan."""
    planned = {planned.spec.name for planned in plan.figures}
    return Manifest(
        {
            name: recorded
            for name, recorded in (before or Manifest()).pictures.items()
            if name not in planned
            and name in catalog
            and all((folder / file).is_file() for file in recorded.files)
            and all(each.keys() <= catalog[name].defaults.keys() for each in recorded.parameters)
        }
    )


def functions_of(others: Manifest, catalog: "Catalog") -> "list[Function]":
    """The first function of each picture that a manifest remembers."""
    return [catalog[name].bind(**each.parameters[0]) for name, each in others.pictures.items()]


def write_pages(
    plan: Plan,
    outcomes: Sequence[Outcome],
    folder: Path,
    catalog: "Catalog",
    facts: "Mapping[str, Facts]",
    others: Manifest,
) -> tuple[list[str], list[str]]:
    """Writes ``index.html``, ``README.md`` and the manifest; returns the names written, and those left alone.

    A page that somebody else has put there is left alone. ``facts`` are what :func:`draw_all` found out, ``others`` the
    pictures that :func:`kept` has found.
    """
    now = Manifest({**others.pictures, **recorded(plan, outcomes)}, versions()).in_order(catalog)
    written, left = [], []
    for name, content in pages(now, catalog, facts).items():
        if not is_ours(page := folder / name):
            left.append(name)
            continue
        write_whole(str(page), content)
        written.append(name)
    write_whole(str(folder / manifest.NAME), now.rendered())
    return [*written, manifest.NAME], left


def pages(now: Manifest, catalog: "Catalog", facts: "Mapping[str, Facts]") -> dict[str, bytes]:
    """The pages about the pictures of a manifest, by their names."""
    families = {family.key: family.title for family in catalog.families}
    shown = []
    for name, each in now.pictures.items():
        entry = catalog[name]
        functions = tuple(entry.bind(**parameters) for parameters in each.parameters)
        shown.append(Picture(entry, families[entry.family], functions, each.files, each.command, each.size))
    # The language of the pictures, where they have one.
    lang: Language = "en" if {each.options.get("lang") for each in now.pictures.values()} == {"en"} else "zh"
    contents = (html(shown, facts, lang), markdown(shown))
    return {
        name: f"{content.rstrip()}\n{_OURS}\n".encode() for name, content in zip(manifest.PAGES, contents, strict=True)
    }


def is_ours(page: Path) -> bool:
    """Whether a page is missing, or one that a gallery may replace."""
    return not page.exists() or _OURS in page.read_text("utf-8", errors="replace")


def recorded(plan: Plan, outcomes: Sequence[Outcome]) -> dict[str, Recorded]:
    """What is to be remembered of the pictures that were drawn."""
    drawn = {outcome.name: outcome for outcome in outcomes if outcome.files}
    width, height = (round(inches * plan.style.dpi) for inches in plan.style.size)
    return {
        spec.name: Recorded(
            outcome.files,
            tuple(function.non_default for function in spec.functions),
            plan.options,
            (width, height),
            outcome.command,
        )
        for spec in (planned.spec for planned in plan.figures)
        if (outcome := drawn.get(spec.name))
    }
