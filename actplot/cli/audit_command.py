"""``actplot audit``: how accurate an activation is, on every input there is."""

import json
import math
import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from actplot import options as allowed
from actplot.cli.delivery import Output, deliver
from actplot.cli.figure_options import ANIMATION, FigureOptions, give_signature, own_parameters, parameters, real, whole
from actplot.cli.function_command import once
from actplot.cli.several_commands import ParamOption, to_argument, values_of
from actplot.errors import ActplotError, BadValue, NotInstalled
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function
from actplot.functions.source import function, notes
from actplot.text import choose_language, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from actplot.numerics.audit.result import Audit

# What is tried of a type that is too large to be tried whole in a moment.
_SAMPLE = 1 << 24
# Rows that a file with every input can have.
_MOST_ROWS = 1 << 22
_MOST_JOBS = 256
_SIZE = (10.0, 4.6)


class _Job(NamedTuple):
    """What is audited, and how."""

    function: Function
    against: Function
    dtype: str
    inputs: int | None
    forward_only: bool
    limits: tuple[float | None, float | None]
    jobs: int
    scheduler: str | None


def audit(
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="SOURCE", help="A name, an expression in x, package.module:callable or file.py:callable."
        ),
    ] = None,
    param: ParamOption = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="REF", help="The truth: a name or an expression, evaluated exactly.", show_default="SOURCE itself"
        ),
    ] = None,
    dtype: Annotated[str, typer.Option(metavar="TYPE", help="bfloat16, float16, float32 or float64.")] = "bfloat16",
    inputs: Annotated[
        str | None,
        typer.Option(
            metavar="N|all",
            help="Inputs, evenly over the representations, or all of them.",
            show_default="all; 16,777,216 of float32",
        ),
    ] = None,
    max_ulp: Annotated[
        float | None, typer.Option(metavar="X", parser=real, help="Exit code 1 where f is off by more ULP.")
    ] = None,
    max_ulp_grad: Annotated[
        float | None, typer.Option(metavar="X", parser=real, help="Exit code 1 where f' is off by more ULP.")
    ] = None,
    forward_only: Annotated[bool, typer.Option("--forward-only", help="Leave the derivative out.")] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Audit the catalog: a table, and pictures into --out DIR.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(metavar="N", parser=whole, help="Processes.", show_default="one per core")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:PORT", help="Hand the work to a Dask cluster.")
    ] = None,
    **shared: Any,
) -> None:
    """Audits a function and its derivative on every input of a type."""
    _check_installed(scheduler)
    allowed.check_dtype(dtype)
    count = _count(inputs, dtype)
    limits = (_limit("--max-ulp", max_ulp), _limit("--max-ulp-grad", max_ulp_grad))
    if forward_only and max_ulp_grad is not None:
        raise BadValue("--max-ulp-grad and --forward-only contradict each other", "give one of them")
    if jobs is not None and not 1 <= jobs <= _MOST_JOBS:
        raise BadValue(f"--jobs must be from 1 to {_MOST_JOBS}, got {jobs}")
    cores = jobs or os.cpu_count() or 1
    given = FigureOptions(**shared)
    if every:
        if source is not None or against is not None:
            extra = repr(source) if source is not None else "--against"
            raise BadValue(f"--all audits the whole catalog, and takes no {extra}", "leave one of them out")
        _audit_all(given, dtype, count, forward_only, limits, cores)
        return
    if source is None:
        raise BadValue("audit needs a function", "as in 'actplot audit gelu', or --all for the catalog")
    chosen = function(source, once(values_of(param)))
    truth = _truth(chosen, against)
    if given.data is not None and ((count is None and dtype == "float32") or (count or 0) > _MOST_ROWS):
        raise BadValue(f"--data holds at most {_MOST_ROWS:,} inputs", "sample: --inputs 1000000")
    _audit_one(_Job(chosen, truth, dtype, count, forward_only, limits, cores, scheduler), given)


def _check_installed(scheduler: str | None) -> None:
    if find_spec("flint") is None:
        raise NotInstalled("audit needs python-flint, which is not installed", 'pip install "actplot[audit]"')
    if scheduler is not None and find_spec("distributed") is None:
        raise NotInstalled("--scheduler needs dask, which is not installed", 'pip install "actplot[dask]"')
    if scheduler is not None and "://" not in scheduler:
        raise BadValue(f"--scheduler {scheduler!r} is no address", "write it as tcp://HOST:PORT")


def _count(inputs: str | None, dtype: str) -> int | None:
    """How many inputs were asked for; None for all."""
    if inputs == "all":
        if dtype == "float64":
            raise BadValue("float64 has too many inputs to try them all", "give --inputs N, as in --inputs 100000")
        return None
    if inputs is None:
        if dtype == "float64":
            raise BadValue(
                "an audit of float64 needs to know how many inputs to try", "give --inputs N, as in --inputs 100000"
            )
        return _SAMPLE if dtype == "float32" else None
    try:
        count = int(inputs.replace("_", ""))
    except ValueError:
        raise BadValue(f"--inputs must be a whole number or all, got {inputs!r}") from None
    if not 1000 <= count <= 1 << 32:
        raise BadValue(f"--inputs must be from 1,000 to {1 << 32:,}, got {count:,}")
    return count


def _limit(name: str, value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and value > 0):
        raise BadValue(f"{name} must be > 0, got {number(value)}", f"as in {name} 2")
    return value


def _truth(chosen: Function, against: str | None) -> Function:
    """What the function is held against; raises where that has no formula."""
    truth = chosen if against is None else function(against)
    from actplot.numerics.audit.enclosure import enclosures

    enclosures(truth)
    return truth


def _audit_one(job: _Job, given: FigureOptions) -> None:
    options = given.settled(_SIZE)
    is_long = job.dtype in ("float32", "float64")
    parallel = job.jobs if is_long and options.device == "cpu" and job.scheduler is None else 1
    is_here = is_long or job.scheduler is not None  # where there are workers, or something to wait for

    def compute() -> "Audit":
        with _progress(job, quiet=options.quiet or not is_here) as seen:
            return _run(job, options.device, parallel, keep=options.data is not None, seen=seen)

    def paint(result: "Audit") -> Any:
        from actplot.plot.audit import draw

        return draw(result, limits=job.limits, **options.page(_SIZE))

    def lines(result: "Audit") -> list[str]:
        from actplot.output.audit import table

        return table(result, choose_language(options.lang))

    result: Audit = deliver(
        Output(
            name=f"audit-{job.function.name}" if job.function.name in CATALOG else "audit",
            title=f"audit: {job.function.label}",
            compute=compute,
            paint=paint,
            words=_words(job),
            numbers=_numbers,
            summary=_summary,
            lines=lines,
            notes=lambda result: notes([result.function]),
            here=is_here,
        ),
        options,
    )
    if not result.is_complete:
        print(f"actplot: interrupted after {result.covered:,} of {result.planned:,} inputs", file=sys.stderr)
        raise typer.Exit(130)
    if _report_breaches(result, job.limits):
        raise typer.Exit(1)


def _run(
    job: _Job, device: str, jobs: int, *, keep: bool = False, seen: "Callable[[int], None] | None" = None
) -> "Audit":
    from actplot.numerics.audit.run import audit as run

    f_limit, gradient_limit = job.limits
    return run(
        job.function,
        job.against,
        dtype=job.dtype,
        device=device,
        inputs=job.inputs,
        forward_only=job.forward_only,
        levels=(f_limit or 1.0, gradient_limit or 1.0),
        keep=keep,
        jobs=jobs,
        scheduler=job.scheduler,
        seen=seen,
    )


def _words(job: _Job) -> list[str]:
    """The command line that asks for this audit."""
    words = ["actplot", "audit", job.function.name]
    for name, value in job.function.non_default.items():
        words += ["--param", f"{name}={number(value)}"]
    if job.against is not job.function:
        words += ["--against", to_argument(job.against)]
    words += ["--dtype", job.dtype]
    if job.dtype in ("float32", "float64") or job.inputs is not None:
        words += ["--inputs", "all" if job.inputs is None else str(job.inputs)]
    for name, limit in zip(("--max-ulp", "--max-ulp-grad"), job.limits, strict=True):
        words += [] if limit is None else [name, number(limit)]
    return [*words, *(["--forward-only"] if job.forward_only else [])]


def _report_breaches(result: "Audit", limits: tuple[float | None, float | None]) -> bool:
    """Says on stderr what is beyond a limit, and whether anything is."""
    from actplot.output.audit import breach

    found = [
        breach(quantity, sign, option, limit)
        for quantity, sign, option, limit in (
            (result.f, "f", "--max-ulp", limits[0]),
            (result.gradient, "f'", "--max-ulp-grad", limits[1]),
        )
        if quantity is not None and limit is not None
    ]
    for line in filter(None, found):
        print(f"actplot: {line}", file=sys.stderr)
    return any(found)


def _summary(result: "Audit") -> dict[str, Any]:
    from actplot.output.audit import summary

    return summary(result)


def _numbers(result: "Audit", form: str, command: str) -> bytes:
    from actplot.output.data import render_table

    columns = {name: list(values) if name == "hex" else values.tolist() for name, values in result.table.items()}
    return render_table(columns, form, command=command, about=_summary(result), arrays={})


@contextmanager
def _progress(job: _Job, *, quiet: bool) -> "Iterator[Callable[[int], None] | None]":
    """A bar with the inputs done and the time that is left on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from actplot.numerics.audit.formats import Inputs

    total = Inputs.of(job.dtype, job.inputs).total
    columns = (BarColumn(), TextColumn("{task.completed:,.0f} of {task.total:,.0f} inputs"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.update(task, completed=done)


def _audit_all(
    given: FigureOptions,
    dtype: str,
    count: int | None,
    forward_only: bool,
    limits: tuple[float | None, float | None],
    jobs: int,
) -> None:
    """The catalog: a row for each function on stdout, and a picture for each into a folder."""
    if given.data is not None:
        raise BadValue("--all has no --data", "audit one function for its numbers")
    folder = Path(given.out) if given.out is not None else None
    options = replace(given, out=None).settled(_SIZE)
    if folder is not None:
        from actplot.gallery.build import prepare

        prepare(folder)
    entries = [
        _Job(function, function, dtype, count, forward_only, limits, 1, None)
        for function in (entry.bind() for entry in CATALOG.values())
    ]
    look = options.page(_SIZE)
    audits = list(_several(entries, options, look, folder, jobs))
    _tell_all(audits, options, dtype, folder)
    worse = [audit for audit in audits if _report_breaches(audit, limits)]
    if worse:
        raise typer.Exit(1)


def _several(
    entries: list[_Job], options: FigureOptions, look: dict[str, Any], folder: Path | None, jobs: int
) -> "Iterator[Audit]":
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    context = get_context("fork" if sys.platform == "linux" and "torch" not in sys.modules else "spawn")
    with ProcessPoolExecutor(jobs, context) as pool:
        tasks = [
            pool.submit(_audited, entry, options.device, look, folder, options.command(_words(entry), options.device))
            for entry in entries
        ]
        for done, task in enumerate(tasks, 1):
            result = task.result()
            if not options.quiet:
                print(f"[{done}/{len(tasks)}] {result.function.name}", file=sys.stderr, flush=True)
            yield result


def _audited(job: _Job, device: str, look: dict[str, Any], folder: Path | None, command: str) -> "Audit":
    """One audit of many, with its picture in the folder."""
    os.environ["MPLBACKEND"] = "agg"
    try:
        result = _run(job, device, 1)
    except ActplotError as error:
        raise type(error)(f"{job.function.name}: {error.message}", error.hint) from None
    if folder is not None:
        from actplot.output import image
        from actplot.plot.audit import draw

        image.save(draw(result, limits=job.limits, **look), str(folder / f"{job.function.name}.png"), command=command)
    return result


def _tell_all(audits: "list[Audit]", options: FigureOptions, dtype: str, folder: Path | None) -> None:
    from actplot.output.audit import aligned, overview, summary

    audits = sorted(audits, key=lambda each: (-_largest(each), each.function.name))
    if options.json:
        print(json.dumps([summary(each) for each in audits], ensure_ascii=False, indent=2))
    elif not options.quiet:
        for line in aligned(overview(audits)):
            print(line)
        if folder is not None:
            print(folder)


def _largest(audit: "Audit") -> float:
    return max(audit.f.max_ulp, audit.gradient.max_ulp if audit.gradient else 0.0)


give_signature(
    audit, [*own_parameters(audit), *parameters("range", "samples", "order", "at", "layout", "dtype", *ANIMATION)]
)
