"""``actplot gallery``: which functions, where to, and what to say of it."""

import json
import os
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actplot.cli.commands.list import families
from actplot.cli.console import say
from actplot.cli.functions import entry_to_argv, spec_of_entry
from actplot.cli.options import (
    ANIMATION,
    BESIDE_THE_PICTURE,
    FigureOptions,
    completing,
    option_of_parameter,
    own_parameters,
    parameters,
    real,
    whole,
)
from actplot.cli.resolve import (
    check_installed,
    natural_size_of_curves,
    needs_svg,
    resolve_sampling,
    resolve_style,
    to_argv,
)
from actplot.cli.words import FOLDER, NAME, NAMES, ONE_PER_CORE, argument, give_signature, option
from actplot.errors import SEE_LIST, BadValue, UnknownFunction, one_of
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, PlotSpec
from actplot.gallery import manifest
from actplot.gallery.manifest import Manifest
from actplot.language import spoken
from actplot.look import check_look
from actplot.options import FONT_ENDINGS, FORMATS, Sampling, Style, shipped_styles
from actplot.output import metadata
from actplot.output.tables import aligned
from actplot.output.versions import versions
from actplot.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from actplot.gallery.build import Outcome, Plan
    from actplot.gallery.check import Difference
    from actplot.page.entries import Facts

# Where --check puts images of what differs.
_DIFF = "figs-diff"


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
        str | None,
        option(
            metavar=FOLDER,
            help=Text("Where --check puts images of what differs.", "--check 把有差异的图片放在哪里。"),
            default=_DIFF,
        ),
    ] = None,
    **shared: Any,
) -> None:
    """Every function as a picture, with a page about them; or the same pictures checked. A parameter for each option."""
    swept = {name: values for name in _PARAMETERS if (values := shared.pop(name))}
    options = FigureOptions(**shared)
    entries = _entries(names or [], family or [])
    formats = tuple(dict.fromkeys(form or ["png"]))
    for each in formats:
        if each not in FORMATS:
            raise BadValue(Text(f"unknown format {each!r}", f"未知的格式 {each!r}"), one_of(FORMATS))
    if options.text is not None and "svg" not in formats:
        raise needs_svg()
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

    os.environ["MPLBACKEND"] = "agg"
    shared_jobs = jobs or _cores()
    if check is None:
        _export(_plan(_specs(entries, swept), options, formats, shared_jobs), Path(out), options)
        return
    folder = Path(check)
    before = manifest.read(folder)
    pages = None
    if before is None:
        plans = [_plan(_specs(entries, swept), options, formats, shared_jobs)]
        known: Collection[str] | None = () if len(entries) == len(CATALOG) else None
    else:
        recorded = {entry.name for entry in entries if entry.name in before.pictures}
        wanted = [entry for entry in entries if entry.name in recorded or names or family]
        known = before.files
        if swept or form or _of_figure(options):
            plans = [_plan(_specs(wanted, swept), options, formats, shared_jobs)]
        else:
            plans = _recorded_plans(wanted, before, folder, shared_jobs)
            if not (names or family) and before.versions == versions():
                pages = _pages
    _check(plans, folder, _outside(folder, diff), tolerance, known, pages, options)


def _outside(folder: Path, diff: str | None) -> Path:
    """Where images of what differs go: not into the folder that is checked, which is only read."""
    place = Path(_DIFF if diff is None else diff)
    if not place.resolve().is_relative_to(folder.resolve()):
        return place
    if diff is None:
        return folder.resolve().parent / _DIFF
    raise BadValue(
        Text(f"--diff {diff} lies in the folder that is checked", f"--diff {diff} 位于要检查的文件夹里"),
        Text(f"name another, as in --diff ../{_DIFF}", f"请换一个，例如 --diff ../{_DIFF}"),
    )


def _pages(now: Manifest, facts: "Mapping[str, Facts]") -> dict[str, bytes]:
    """The pages about the pictures of a manifest."""
    from actplot.gallery import build

    return build.pages(now.in_order(CATALOG), CATALOG, facts)


def _of_figure(options: FigureOptions) -> dict[str, Any]:
    """The options among those of the gallery that change what is drawn, as they were given."""
    names = {parameter.name for parameter in _shared} - BESIDE_THE_PICTURE
    given = {name: getattr(options, name) for name in FigureOptions.__dataclass_fields__ if name in names}
    return {name: value for name, value in given.items() if value not in (None, [])}


def _recorded_plans(entries: list[Activation], before: Manifest, folder: Path, jobs: int) -> "list[Plan]":
    """What draws the pictures of these entries as a gallery remembers them; those that it does not know as usual."""
    groups: dict[tuple[str, tuple[str, ...]], tuple[FigureOptions, list[PlotSpec]]] = {}
    for entry in entries:
        each = before.pictures.get(entry.name)
        parameters: Sequence[Mapping[str, float]] = ({},) if each is None else each.parameters
        spec = PlotSpec(entry.name, tuple(entry.bind(**values) for values in parameters), entry_to_argv)
        chosen = each.options if each else _usual(before)
        _check_is_ours(chosen, folder)
        formats = tuple(dict.fromkeys(file.rpartition(".")[2] for file in each.files)) if each else ("png",)
        key = json.dumps(chosen, sort_keys=True), formats
        groups.setdefault(key, (FigureOptions(**chosen), []))[1].append(spec)
    return [_plan(tuple(specs), options, formats, jobs) for (_, formats), (options, specs) in groups.items()]


def _usual(before: Manifest) -> "Mapping[str, Any]":
    """The options of most of the pictures."""
    every = [each.options for each in before.pictures.values()]
    return max(every, key=every.count, default={})


def _check_is_ours(chosen: "Mapping[str, Any]", folder: Path) -> None:
    """Raises where a folder names a file that would be read; a style of matplotlib's and a family are none."""
    for name, value in (("style", chosen.get("style")), ("font", chosen.get("font"))):
        is_known = value in {"default", *shipped_styles()} if name == "style" else not str(value).endswith(FONT_ENDINGS)
        if value is not None and not is_known:
            raise BadValue(
                Text(f"{folder} names the {name} {value!r}", f"{folder} 用到了 {value!r}（--{name}）"),
                Text(f"give --{name} yourself, with the other options", f"请自己给出 --{name} 和其余选项"),
            )


# The parameters of all functions, by name; each applies to the functions that have it.
_PARAMETERS = {parameter.name: parameter for entry in CATALOG.values() for parameter in entry.parameters}
# Title, points, files and window are matters of a single figure.
_shared = parameters("title", "label", "at", "out", "data", "show", "inline", "web", "port", *ANIMATION)
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
    sampling = [resolve_sampling(options, spec) for spec in specs]
    style = resolve_style(options)
    size = natural_size_of_curves(sampling[0].order, style)
    for spec, each in zip(specs, sampling, strict=True):
        check_look(style, curves=len(spec.functions), order=each.order, range=each.range)
    check_installed(style)

    from actplot.gallery import build

    figures = tuple(
        build.PlannedFigure(spec, each, partial(_command, spec, each, style, size))
        for spec, each in zip(specs, sampling, strict=True)
    )
    return build.Plan(
        figures=figures,
        style=style,
        order=sampling[0].order,
        formats=formats,
        jobs=jobs,
        options=_of_figure(options) | {"lang": style.lang},
    )


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
    others = build.kept(plan, folder, manifest.read(folder), CATALOG)
    build.prepare(folder)
    outcomes: list[Outcome] = []
    facts: dict[str, Any] = {}
    try:
        with _progress(len(plan.figures), options.quiet) as seen:
            for outcome in build.draw_all(plan, folder, facts, build.functions_of(others, CATALOG)):
                outcomes.append(outcome)
                seen(outcome)
                _say_files(outcome.files, folder, options)
    except build.Interrupted:
        done = sum(len(outcome.files) > 0 for outcome in outcomes)
        planned = len(plan.figures)
        say(
            Text(
                f"{done} of {planned} functions were written to {folder}",
                f"{planned} 个函数中有 {done} 个已写入 {folder}",
            )
        )
        raise
    pages, left = build.write_pages(plan, outcomes, folder, CATALOG, facts, others)
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


def _check(
    plans: "Sequence[Plan]",
    folder: Path,
    diff: Path,
    tolerance: float,
    known: "Collection[str] | None",
    pages: "Callable[[Manifest, Mapping[str, Facts]], dict[str, bytes]] | None",
    options: FigureOptions,
) -> None:
    from actplot.gallery.check import check

    with _progress(sum(len(plan.figures) for plan in plans), options.quiet) as seen:
        verdict = check(plans, folder, diff, tolerance=tolerance, known=known, pages=pages, seen=seen)
    found = verdict.differences
    if options.json:
        print(json.dumps([_difference(each) for each in found], ensure_ascii=False, indent=2))
    else:
        _say_differences(found)
    if not options.quiet:
        counted = _in_a_word(plans, found, has_pages=pages is not None)
        say(Text(f"{folder}: {counted.en}", f"{folder}：{counted.zh}"))
        if verdict.versions:
            packages = ", ".join(verdict.versions)
            say(
                Text(
                    f"{folder}: drawn by other versions: {packages}",
                    f"{folder}：由其他版本绘制：{packages}",
                )
            )
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


def _in_a_word(plans: "Sequence[Plan]", found: "list[Difference]", *, has_pages: bool) -> Text:
    """How many images, and pages about them, are as they should be."""
    images = sum(len(plan.figures) * len(plan.formats) for plan in plans)
    extra = sum(each.kind == "extra" for each in found)
    pages = sum(each.file in manifest.PAGES for each in found)
    if not found:
        beside = Text(" and the pages about them", "和网页") if has_pages else None
        verb = "are as they should be" if images > 1 or beside else "is as it should be"
        return Text(
            f"{images} image{'s' * (images > 1)}{beside.en if beside else ''} {verb}",
            f"{images} 张图{beside.zh if beside else ''}都与应有的一样",
        )
    parts = [
        Text(
            f"{len(found) - extra - pages} of {images} images differ",
            f"{images} 张图中有 {len(found) - extra - pages} 张不同",
        ),
        *([Text(f"{extra} extra", f"多出 {extra} 张")] if extra else []),
        *(
            [Text(f"{pages} of {len(manifest.PAGES)} pages differ", f"{len(manifest.PAGES)} 个网页中有 {pages} 个不同")]
            if pages
            else []
        ),
    ]
    return Text(", ".join(part.en for part in parts), "，".join(part.zh for part in parts))


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
