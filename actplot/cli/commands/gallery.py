"""``actplot gallery``: which functions, where to, and what to say of it."""

import json
import os
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actplot.cli.commands.list import families
from actplot.cli.console import say
from actplot.cli.functions import spec_of_entry
from actplot.cli.options import (
    ANIMATION,
    FigureOptions,
    completing,
    option_of_parameter,
    own_parameters,
    parameters,
    real,
    whole,
)
from actplot.cli.resolve import check_installed, natural_size_of_curves, resolve_sampling, resolve_style, to_argv
from actplot.cli.words import FOLDER, NAME, NAMES, ONE_PER_CORE, argument, give_signature, option
from actplot.errors import SEE_LIST, BadValue, UnknownFunction, one_of
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, PlotSpec
from actplot.language import spoken
from actplot.options import FORMATS, Sampling, Style
from actplot.output import metadata
from actplot.output.tables import aligned
from actplot.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from actplot.gallery.build import Outcome, Plan
    from actplot.gallery.check import Difference


def run(
    names: Annotated[
        list[str] | None,
        argument(
            metavar=NAMES,
            autocompletion=completing(*CATALOG),
            help=Text("Functions; all where none is named.", "函数；不写则为全部。"),
        ),
    ] = None,
    out: Annotated[
        str, option("--out", "-o", metavar=FOLDER, help=Text("The folder to write into.", "写入的文件夹。"))
    ] = "figs",
    family: Annotated[
        list[str] | None, option(metavar=NAME, help=Text("One family only; repeatable.", "只要这个函数族；可重复。"))
    ] = None,
    form: Annotated[
        list[str] | None,
        option("--format", metavar="png|svg|pdf", help=Text("Repeatable.", "格式；可重复。"), default="png"),
    ] = None,
    jobs: Annotated[
        int | None,
        option(
            "--jobs",
            "-j",
            metavar="N",
            parser=whole,
            help=Text("Processes that draw.", "绘图的进程数。"),
            default=ONE_PER_CORE,
        ),
    ] = None,
    check: Annotated[
        str | None,
        option(
            metavar=FOLDER,
            help=Text("Draw again and compare with DIR, which is only read.", "重新绘制并与这个文件夹比较，只读不写。"),
        ),
    ] = None,
    tolerance: Annotated[
        float,
        option(
            metavar="RMS",
            parser=real,
            help=Text("What --check lets pass, from 0 to 255.", "--check 允许的差异，0 到 255。"),
            default="0",
        ),
    ] = 0.0,
    diff: Annotated[
        str,
        option(
            metavar=FOLDER, help=Text("Where --check puts images of what differs.", "--check 把有差异的图片放在哪里。")
        ),
    ] = "figs-diff",
    **shared: Any,
) -> None:
    """Every function as a picture, with a page about them; or the same pictures checked."""
    swept = {name: values for name in _PARAMETERS if (values := shared.pop(name))}
    options = FigureOptions(**shared)
    entries = _entries(names or [], family or [])
    formats = tuple(dict.fromkeys(form or ["png"]))
    for each in formats:
        if each not in FORMATS:
            raise BadValue(Text(f"unknown format {each!r}", f"未知的格式 {each!r}"), one_of(FORMATS))
    if jobs is not None and jobs < 1:
        raise BadValue(
            Text(f"--jobs must be at least 1, got {jobs}", f"--jobs 至少为 1，这里是 {jobs}"),
            Text("leave it out for one per core", "不写则每个核一个进程"),
        )
    if not 0 <= tolerance <= 255:
        raise BadValue(
            Text(
                f"--tolerance must be from 0 to 255, got {tolerance:g}",
                f"--tolerance 须在 0 到 255 之间，这里是 {tolerance:g}",
            ),
            Text("0 is the same pixels", "0 表示像素完全相同"),
        )

    plan = _plan(_specs(entries, swept), options, formats, jobs or _cores())
    os.environ["MPLBACKEND"] = "agg"
    if check is not None:
        whole_catalog = len(entries) == len(CATALOG)
        _check(plan, Path(check), Path(diff), tolerance, whole_catalog, options)
    else:
        _export(plan, Path(out), options)


# The parameters of all functions, by name; each applies to the functions that have it.
_PARAMETERS = {parameter.name: parameter for entry in CATALOG.values() for parameter in entry.parameters}
# Title, points, files and window are matters of a single figure.
_shared = parameters("title", "at", "out", "data", "show", "inline", "web", "port", *ANIMATION)
give_signature(
    run,
    [
        *own_parameters(run),
        *_shared,
        *(option_of_parameter(parameter, hidden=True) for parameter in _PARAMETERS.values()),
    ],
)


def _plan(specs: tuple[PlotSpec, ...], options: FigureOptions, formats: tuple[str, ...], jobs: int) -> "Plan":
    """The figures that the options ask for."""
    size = natural_size_of_curves(options)
    sampling = [resolve_sampling(options, spec) for spec in specs]
    style = resolve_style(options, size)
    check_installed(style)

    from actplot.gallery import build

    figures = tuple(
        build.PlannedFigure(spec, each, partial(_command, spec, each, style, size))
        for spec, each in zip(specs, sampling, strict=True)
    )
    return build.Plan(figures=figures, style=style, order=sampling[0].order, formats=formats, jobs=jobs)


def _command(spec: PlotSpec, sampling: Sampling, style: Style, natural_size: tuple[float, float], device: str) -> str:
    """The command that draws one figure of the gallery alone."""
    return metadata.join([*spec.argv, *to_argv(sampling, style, natural_size, device=device, animation=None)])


def _specs(entries: list[Activation], given: dict[str, list[float]]) -> tuple[PlotSpec, ...]:
    """A figure for each entry, with the values given for those parameters that it has."""
    known = {name for entry in entries for name in entry.defaults}
    for name in given:
        if name not in known:
            raise BadValue(
                Text(
                    f"none of these functions has --{name.replace('_', '-')}",
                    f"这些函数都没有 --{name.replace('_', '-')}",
                ),
                SEE_LIST,
            )
    return tuple(
        spec_of_entry(entry, {name: values for name, values in given.items() if name in entry.defaults})
        for entry in entries
    )


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _entries(names: list[str], chosen: list[str]) -> list[Activation]:
    """The entries asked for, in the order of the catalog; all that are unknown in one error."""
    unknown = [name for name in names if name not in CATALOG]
    if unknown:
        near = {name: hint for name in unknown if (hint := CATALOG.nearest(name)) != SEE_LIST}
        english = (f"{name!r} ({near[name].en})" if name in near else repr(name) for name in unknown)
        chinese = (f"{name!r}（{near[name].zh}）" if name in near else repr(name) for name in unknown)
        raise UnknownFunction(
            Text(
                f"unknown function{'s' * (len(unknown) > 1)} {', '.join(english)}", f"未知的函数 {'、'.join(chinese)}"
            ),
            SEE_LIST,
        )
    wanted = {CATALOG[name].name for name in names}
    keys = {family.key for key in chosen for family in families(key)}
    return [
        entry
        for entry in CATALOG.values()
        if (entry.name in wanted or not names) and (entry.family in keys or not chosen)
    ] or _nothing()


def _nothing() -> list[Activation]:
    raise BadValue(
        Text("none of the functions named is in the family named", "所写的函数都不在所写的函数族里"),
        Text("leave one of them out", "请去掉其中一个"),
    )


def _export(plan: "Plan", folder: Path, options: FigureOptions) -> None:
    from actplot.gallery import build

    start = time.perf_counter()
    build.prepare(folder)
    outcomes: list[Outcome] = []
    facts = build.describe(plan)
    try:
        with _progress(len(plan.figures), options.quiet) as seen:
            for outcome in build.draw_all(plan, folder):
                outcomes.append(outcome)
                seen(outcome)
                _say_files(outcome.files, folder, options)
    except build.Interrupted:
        facts.cancel()
        done = sum(len(outcome.files) > 0 for outcome in outcomes)
        planned = len(plan.figures)
        say(
            Text(
                f"{done} of {planned} functions were written to {folder}",
                f"{planned} 个函数中有 {done} 个已写入 {folder}",
            )
        )
        raise
    pages, left = build.write_pages(plan, outcomes, folder, CATALOG, facts.result())
    _say_files(pages, folder, options)
    failed = [outcome for outcome in outcomes if outcome.error]
    if options.json:
        files = [str(folder / file) for outcome in outcomes for file in outcome.files]
        summary = {
            "files": sorted(files) + [str(folder / page) for page in pages],
            "failed": {outcome.name: outcome.error.spoken for outcome in failed if outcome.error},
        }
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    if not options.quiet:
        for name in left:
            page = folder / name
            say(Text(f"{page} is not a page of actplot's and was left alone", f"{page} 不是 actplot 的网页，没有改动"))
        _summary(plan, outcomes, folder, time.perf_counter() - start)
    for outcome in failed:
        error = outcome.error
        assert error is not None
        say(Text(f"{outcome.name}: {error.en}", f"{outcome.name}：{error.zh}"))
    if failed:
        raise typer.Exit(1)


def _say_files(files: Any, folder: Path, options: FigureOptions) -> None:
    if not options.quiet and not options.json:
        for file in files:
            print(folder / file, flush=True)


def _summary(plan: "Plan", outcomes: "list[Outcome]", folder: Path, seconds: float) -> None:
    """A table of what was written, by family."""
    from rich.console import Console
    from rich.table import Table

    rows: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        rows.setdefault(CATALOG[outcome.name].family, []).append(outcome)
    table = Table(box=None, show_footer=True, padding=(0, 2, 0, 0))
    written = [(folder / file).stat().st_size for outcome in outcomes for file in outcome.files]
    failures = sum(bool(outcome.error) for outcome in outcomes)
    table.add_column(Text("family", "函数族").spoken, Text(f"{seconds:.1f} s in all", f"共 {seconds:.1f} 秒").spoken)
    table.add_column(Text("functions", "函数").spoken, str(len(outcomes) - failures), justify="right")
    table.add_column(Text("files", "文件").spoken, str(len(written)), justify="right")
    table.add_column("KiB", f"{sum(written) / 1024:.0f}", justify="right")
    table.add_column(Text("failed", "失败").spoken, str(failures), justify="right")
    for family in CATALOG.families:
        if members := rows.get(family.key):
            files = [folder / file for outcome in members for file in outcome.files]
            bad = sum(bool(outcome.error) for outcome in members)
            size = sum(file.stat().st_size for file in files) / 1024
            table.add_row(
                family.title.zh if spoken() == "zh" else family.key,
                str(len(members) - bad),
                str(len(files)),
                f"{size:.0f}",
                str(bad),
            )
    Console(stderr=True, highlight=False).print(table)


def _check(plan: "Plan", folder: Path, diff: Path, tolerance: float, whole: bool, options: FigureOptions) -> None:
    from actplot.gallery.check import check

    with _progress(len(plan.figures), options.quiet) as seen:
        found = check(plan, folder, diff, tolerance=tolerance, whole=whole, seen=seen)
    if options.json:
        print(json.dumps([_difference(each) for each in found], ensure_ascii=False, indent=2))
    else:
        _say_differences(found)
    images = len(plan.figures) * len(plan.formats)
    if not options.quiet:
        if found:
            counts = Counter(_DIFFERENCES[each.kind] for each in found)
            verdict = Text(
                f"{', '.join(f'{count} {kind.en}' for kind, count in counts.items())}; {images} images are due",
                f"{'，'.join(f'{kind.zh} {count} 张' for kind, count in counts.items())}；应有 {images} 张",
            )
        else:
            verdict = Text(f"{images} images are as they should be", f"{images} 张图都与应有的一样")
        say(Text(f"{folder}: {verdict.en}", f"{folder}：{verdict.zh}"))
    if found:
        raise typer.Exit(1)


_DIFFERENCES = {
    "changed": Text("changed", "有变化"),
    "missing": Text("missing", "缺少"),
    "extra": Text("extra", "多余"),
    "broken": Text("broken", "损坏"),
}


def _difference(found: "Difference") -> dict[str, Any]:
    """What ``--json`` prints of one image."""
    return asdict(found) | {"detail": found.detail.spoken if found.detail else ""}


def _say_differences(found: "list[Difference]") -> None:
    rows = []
    for each in found:
        detail = each.detail.spoken if each.detail else ""
        if each.rms is not None:
            detail = Text(f"RMS {each.rms:.4g}, see {each.picture}", f"RMS {each.rms:.4g}，见 {each.picture}").spoken
        rows.append([_DIFFERENCES[each.kind].spoken, each.file, detail])
    for line in aligned(rows):
        print(line)


@contextmanager
def _progress(total: int, quiet: bool) -> "Iterator[Callable[[Outcome], None]]":
    """Something to tell of every function that is done: a bar on a terminal, lines elsewhere, nothing if quiet."""
    if quiet:
        yield lambda outcome: None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(Text("loading", "正在载入").spoken, total=total)
            yield lambda outcome: bar.update(task, advance=1, description=outcome.name)
    else:
        done = 0

        def line(outcome: "Outcome") -> None:
            nonlocal done
            done += 1
            print(f"[{done}/{total}] {outcome.name}", file=sys.stderr, flush=True)

        yield line
