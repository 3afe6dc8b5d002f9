"""``actplot audit``: how accurate an activation is, on every input there is."""

import json
import math
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from actplot.cli.console import say
from actplot.cli.functions import once, parameter_values, to_argument
from actplot.cli.options import (
    NOT_FOR_EXPERIMENTS,
    FigureOptions,
    ParamOption,
    own_parameters,
    parameters,
    real,
    whole,
)
from actplot.cli.picture import Picture
from actplot.cli.resolve import check_installed, resolve_arithmetic, resolve_style
from actplot.cli.words import ONE_PER_CORE, SOURCE, TYPE, argument, give_signature, option
from actplot.errors import ActplotError, BadValue, FunctionFailed, NotInstalled
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function
from actplot.functions.source import function, notes
from actplot.language import spoken
from actplot.options import Arithmetic, Style, check_dtype
from actplot.text import Text, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.figure import Figure

    from actplot.numerics.audit.result import Audit

# What is tried of a type that is too large to be tried whole in a moment.
_SAMPLE = 1 << 24
# Rows that a file with every input can have.
_MOST_ROWS = 1 << 22
_MOST_JOBS = 256
_SIZE = (10.0, 4.6)
_INPUTS_DONE = Text(
    "{task.completed:,.0f} of {task.total:,.0f} inputs", "{task.total:,.0f} 个输入，已检验 {task.completed:,.0f} 个"
)


class _Task(NamedTuple):
    """What is audited, and how."""

    function: Function
    against: Function
    dtype: str
    inputs: int | None
    forward_only: bool
    limits: tuple[float | None, float | None]
    jobs: int
    scheduler: str | None

    def to_argv(self) -> list[str]:
        """The command line that asks for this."""
        words = ["actplot", "audit", self.function.name]
        for name, value in self.function.non_default.items():
            words += ["--param", f"{name}={number(value)}"]
        if self.against is not self.function:
            words += ["--against", to_argument(self.against)]
        words += ["--dtype", self.dtype]
        if self.is_long or self.inputs is not None:
            words += ["--inputs", "all" if self.inputs is None else str(self.inputs)]
        for name, limit in zip(("--max-ulp", "--max-ulp-grad"), self.limits, strict=True):
            words += [] if limit is None else [name, number(limit)]
        return [*words, *(["--forward-only"] if self.forward_only else [])]

    @property
    def is_long(self) -> bool:
        """Whether there is something to wait for."""
        return self.dtype in ("float32", "float64")


@dataclass(frozen=True, kw_only=True)
class AuditPicture(Picture["Audit"]):
    """The errors of a function and of its derivative over all inputs."""

    task: _Task

    @property
    def runs_here(self) -> bool:  # type: ignore[override]  # so that there may be workers, and Ctrl-C reaches the audit
        return self.task.is_long or self.task.scheduler is not None

    def compute(self) -> "Audit":
        task, device = self.task, self.sampling.device
        jobs = task.jobs if task.is_long and device == "cpu" and task.scheduler is None else 1
        with _progress(task, quiet=self.options.quiet or not self.runs_here) as seen:
            result = _run(task, device, jobs, keep=self.options.data is not None, seen=seen)
        if result.gradient is None and task.limits[1] is not None:
            raise FunctionFailed(
                Text("there is no derivative to hold against --max-ulp-grad", "没有导数可与 --max-ulp-grad 相比"),
                Text("leave it out", "请去掉它"),
            )
        return result

    def figure(self, result: "Audit", style: Style) -> "Figure":
        from actplot.plot.audit import draw

        return draw(result, limits=self.task.limits, **style.without_curves())

    def notes(self, result: "Audit") -> list[Text]:
        lines = notes([result.function])
        if result.gradient is None and not self.task.forward_only:
            label = result.function.label
            lines.append(
                Text(
                    f"{label} takes NumPy arrays, which have no derivative: f alone was audited",
                    f"{label} 的输入是 NumPy 数组，没有导数：只检验了 f",
                )
            )
        return lines

    def summary(self, result: "Audit") -> dict[str, Any]:
        return _summary(result)

    def table(self, result: "Audit") -> list[str]:
        from actplot.output.audit import table

        return table(result, spoken())

    def data(self, result: "Audit", form: str, command: str) -> bytes:
        return _numbers(result, form, command)

    def finish(self, result: "Audit") -> int:
        if not result.is_complete:
            covered, planned = f"{result.covered:,}", f"{result.planned:,}"
            say(
                Text(f"interrupted after {covered} of {planned} inputs", f"已中断：{planned} 个输入检验了 {covered} 个")
            )
            return 130
        return 1 if _report_breaches(result, self.task.limits) else 0


def audit(
    ctx: typer.Context,
    source: Annotated[
        str | None,
        argument(
            metavar=SOURCE,
            help=Text(
                "A name, an expression in x, package.module:callable or file.py:callable.",
                "函数名、x 的表达式、包.模块:函数名 或 文件.py:函数名。",
            ),
        ),
    ] = None,
    param: ParamOption = None,
    against: Annotated[
        str | None,
        option(
            metavar=Text("REF", "参照"),
            help=Text("The truth: a name or an expression, evaluated exactly.", "作为真值的函数名或表达式，精确计算。"),
            default=Text("SOURCE itself", "所检验的函数自己"),
        ),
    ] = None,
    dtype: Annotated[
        str,
        option(
            metavar=TYPE, help=Text("bfloat16, float16, float32 or float64.", "bfloat16、float16、float32 或 float64。")
        ),
    ] = "bfloat16",
    inputs: Annotated[
        str | None,
        option(
            metavar="N|all",
            help=Text(
                "Inputs, evenly over the representations, or all of them.", "输入的个数，按表示均匀取样，或全部。"
            ),
            default=Text("all; 16,777,216 of float32", "all；float32 取 16,777,216 个"),
        ),
    ] = None,
    max_ulp: Annotated[
        float | None,
        option(
            metavar="X",
            parser=real,
            help=Text("Exit code 1 where f is off by more ULP.", "f 的误差超过这么多 ULP 时退出码为 1。"),
        ),
    ] = None,
    max_ulp_grad: Annotated[
        float | None,
        option(
            metavar="X",
            parser=real,
            help=Text("Exit code 1 where f' is off by more ULP.", "f' 的误差超过这么多 ULP 时退出码为 1。"),
        ),
    ] = None,
    forward_only: Annotated[
        bool, option("--forward-only", help=Text("Leave the derivative out.", "不检验导数。"))
    ] = False,
    every: Annotated[
        bool,
        option(
            "--all",
            help=Text(
                "Audit the catalog: a table, and pictures into --out DIR.",
                "检验全部函数：输出表格，图片写入 --out 文件夹。",
            ),
        ),
    ] = False,
    jobs: Annotated[
        int | None, option(metavar="N", parser=whole, help=Text("Processes.", "进程数。"), default=ONE_PER_CORE)
    ] = None,
    scheduler: Annotated[
        str | None,
        option(
            metavar=Text("tcp://HOST:PORT", "tcp://主机:端口"),
            help=Text("Hand the work to a Dask cluster.", "交给 Dask 集群计算。"),
        ),
    ] = None,
    **shared: Any,
) -> AuditPicture | int:
    """Audits a function and its derivative on every input of a type.

    A parameter for each option; half of the lines declare them.
    """
    _check_scheduler(scheduler)
    dtype = check_dtype(dtype)
    count = _count(inputs, dtype)
    limits = (_limit("--max-ulp", max_ulp), _limit("--max-ulp-grad", max_ulp_grad))
    if forward_only and max_ulp_grad is not None:
        raise BadValue(
            Text(
                "--max-ulp-grad and --forward-only contradict each other", "--max-ulp-grad 与 --forward-only 互相矛盾"
            ),
            Text("give one of them", "只能给其中一个"),
        )
    if jobs is not None and not 1 <= jobs <= _MOST_JOBS:
        raise BadValue(
            Text(
                f"--jobs must be from 1 to {_MOST_JOBS}, got {jobs}",
                f"--jobs 须在 1 到 {_MOST_JOBS} 之间，这里是 {jobs}",
            )
        )
    cores = jobs or os.cpu_count() or 1
    options = FigureOptions(**shared)
    if every:
        if source is not None or against is not None:
            extra = repr(source) if source is not None else "--against"
            raise BadValue(
                Text(f"--all audits the whole catalog, and takes no {extra}", f"--all 检验全部函数，不能再给 {extra}"),
                Text("leave one of them out", "请去掉其中一个"),
            )
        if ctx.parent is None:  # asked for by a figure's command
            raise BadValue(Text("--all is no command of a figure", "图片里的命令不会有 --all"))
        whole_catalog = [
            _Task(entry, entry, dtype, count, forward_only, limits, 1, None)
            for entry in (entry.bind() for entry in CATALOG.values())
        ]
        _check_packages(scheduler)
        return _audit_all(options, whole_catalog, cores)
    if source is None:
        raise BadValue(
            Text("audit needs a function", "audit 需要一个函数"),
            Text("as in 'actplot audit gelu', or --all for the catalog", "例如 'actplot audit gelu'；全部函数用 --all"),
        )
    chosen = function(source, once(parameter_values(param)))
    _check_packages(scheduler)
    truth = _truth(chosen, against)
    if options.data is not None and ((count is None and dtype == "float32") or (count or 0) > _MOST_ROWS):
        raise BadValue(
            Text(f"--data holds at most {_MOST_ROWS:,} inputs", f"--data 最多保存 {_MOST_ROWS:,} 个输入"),
            Text("sample: --inputs 1000000", "请取样：--inputs 1000000"),
        )
    task = _Task(chosen, truth, dtype, count, forward_only, limits, cores, scheduler)
    return AuditPicture(
        name=f"audit-{chosen.name}" if chosen.name in CATALOG else "audit",
        argv=task.to_argv(),
        options=options,
        sampling=Arithmetic(device=resolve_arithmetic(options).device),  # the type is in argv, whatever it is
        style=resolve_style(options, _SIZE),
        natural_size=_SIZE,
        task=task,
    )


def _check_packages(scheduler: str | None) -> None:
    if find_spec("flint") is None:
        raise NotInstalled(
            Text("audit needs python-flint, which is not installed", "audit 需要 python-flint，它还没有安装"),
            Text('pip install "actplot[audit]"', '请运行 pip install "actplot[audit]"'),
        )
    if scheduler is not None and find_spec("distributed") is None:
        raise NotInstalled(
            Text("--scheduler needs dask, which is not installed", "--scheduler 需要 dask，它还没有安装"),
            Text('pip install "actplot[dask]"', '请运行 pip install "actplot[dask]"'),
        )


def _check_scheduler(scheduler: str | None) -> None:
    if scheduler is not None and "://" not in scheduler:
        raise BadValue(
            Text(f"--scheduler {scheduler!r} is no address", f"--scheduler {scheduler!r} 不是地址"),
            Text("write it as tcp://HOST:PORT", "请写成 tcp://主机:端口"),
        )


def _count(inputs: str | None, dtype: str) -> int | None:
    """How many inputs were asked for; None for all."""
    if inputs == "all":
        if dtype == "float64":
            raise BadValue(
                Text("float64 has too many inputs to try them all", "float64 的输入太多，无法全部检验"),
                Text("give --inputs N, as in --inputs 100000", "请给出 --inputs N，例如 --inputs 100000"),
            )
        return None
    if inputs is None:
        if dtype == "float64":
            raise BadValue(
                Text("an audit of float64 needs to know how many inputs to try", "检验 float64 需要说明取多少个输入"),
                Text("give --inputs N, as in --inputs 100000", "请给出 --inputs N，例如 --inputs 100000"),
            )
        return _SAMPLE if dtype == "float32" else None
    try:
        count = whole(inputs)
    except typer.BadParameter:
        raise BadValue(
            Text(
                f"--inputs must be a whole number or all, got {inputs!r}", f"--inputs 须是整数或 all，这里是 {inputs!r}"
            )
        ) from None
    if not 1000 <= count <= 1 << 32:
        raise BadValue(
            Text(
                f"--inputs must be from 1,000 to {1 << 32:,}, got {count:,}",
                f"--inputs 须在 1,000 到 {1 << 32:,} 之间，这里是 {count:,}",
            )
        )
    return count


def _limit(name: str, value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and value > 0):
        raise BadValue(
            Text(f"{name} must be > 0, got {number(value)}", f"{name} 须 > 0，这里是 {number(value)}"),
            Text(f"as in {name} 2", f"例如 {name} 2"),
        )
    return value


def _truth(chosen: Function, against: str | None) -> Function:
    """What the function is held against; raises where that has no formula."""
    truth = chosen if against is None else function(against)
    from actplot.numerics.audit.enclosure import enclosures

    enclosures(truth)
    return truth


def _run(
    task: _Task, device: str, jobs: int, *, keep: bool = False, seen: "Callable[[int], None] | None" = None
) -> "Audit":
    from actplot.numerics.audit.run import audit as run

    f_limit, gradient_limit = task.limits
    return run(
        task.function,
        task.against,
        dtype=task.dtype,
        device=device,
        inputs=task.inputs,
        forward_only=task.forward_only,
        levels=(f_limit or 1.0, gradient_limit or 1.0),
        keep=keep,
        jobs=jobs,
        scheduler=task.scheduler,
        seen=seen,
    )


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
        say(line)
    return any(found)


def _summary(result: "Audit") -> dict[str, Any]:
    from actplot.output.audit import summary

    return summary(result)


def _numbers(result: "Audit", form: str, command: str) -> bytes:
    from actplot.output.data import render_table

    columns = {name: list(values) if name == "hex" else values.tolist() for name, values in result.table.items()}
    return render_table(columns, form, command=command, about=_summary(result), arrays={})


@contextmanager
def _progress(task: _Task, *, quiet: bool) -> "Iterator[Callable[[int], None] | None]":
    """A bar with the inputs done and the time that is left on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from actplot.numerics.audit.formats import Inputs

    total = Inputs.of(task.dtype, task.inputs).total
    columns = (BarColumn(), TextColumn(_INPUTS_DONE.spoken), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task("", total=total)
        yield lambda done: bar.update(shown, completed=done)


def _audit_all(options: FigureOptions, tasks: list[_Task], jobs: int) -> int:
    """The catalog: a row for each function on stdout, and a picture for each into a folder; returns the exit code."""
    for name in ("data", "show", "web", "inline"):
        if getattr(options, name):
            raise BadValue(
                Text(f"--all has no --{name}", f"--all 不能与 --{name} 同用"),
                Text("audit one function", "请只检验一个函数"),
            )
    style, device = resolve_style(options, _SIZE), resolve_arithmetic(options).device
    check_installed(style)
    folder = Path(options.out) if options.out is not None else None
    if folder is not None:
        from actplot.gallery.build import prepare

        prepare(folder)
    pictures = [
        AuditPicture(
            name=task.function.name,
            argv=task.to_argv(),
            options=replace(options, quiet=True),
            sampling=Arithmetic(device=device),
            style=style,
            natural_size=_SIZE,
            task=task,
        )
        for task in tasks
    ]
    audits = list(_several(pictures, folder, jobs, quiet=options.quiet))
    audits.sort(key=lambda each: (-_largest(each), each.function.name))
    _tell_all(audits, options, folder)
    worse = [each for each in audits if _report_breaches(each, tasks[0].limits)]
    return 1 if worse else 0


def _several(pictures: list[AuditPicture], folder: Path | None, jobs: int, *, quiet: bool) -> "Iterator[Audit]":
    """The audits in their order, done by several processes, or by this one."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from actplot.numerics.audit.run import Here

    context = get_context("fork" if sys.platform == "linux" and "torch" not in sys.modules else "spawn")
    with Here() if jobs == 1 else ProcessPoolExecutor(jobs, context) as pool:
        waiting = [pool.submit(_audited, picture, folder) for picture in pictures]
        for done, future in enumerate(waiting, 1):
            result = future.result()
            if not quiet:
                print(f"[{done}/{len(waiting)}] {result.function.name}", file=sys.stderr, flush=True)
            yield result


def _audited(picture: AuditPicture, folder: Path | None) -> "Audit":
    """One audit of many, with its picture in the folder."""
    os.environ["MPLBACKEND"] = "agg"
    try:
        result = _run(picture.task, picture.sampling.device, 1)
    except ActplotError as error:
        raise type(error)(
            Text(f"{picture.name}: {error.text.en}", f"{picture.name}：{error.text.zh}"), error.advice
        ) from None
    if folder is not None:
        from actplot.output import image

        command = picture.command(picture.device(result))
        image.save(picture.figure(result, picture.style), str(folder / f"{picture.name}.png"), command=command)
    return result


def _tell_all(audits: "list[Audit]", options: FigureOptions, folder: Path | None) -> None:
    from actplot.output.audit import overview
    from actplot.output.tables import aligned

    if options.json:
        print(json.dumps([_summary(each) for each in audits], ensure_ascii=False, indent=2))
    elif not options.quiet:
        for line in aligned(overview(audits, spoken())):
            print(line)
        if folder is not None:
            print(folder)


def _largest(audit: "Audit") -> float:
    return max(audit.f.max_ulp, audit.gradient.max_ulp if audit.gradient else 0.0)


give_signature(
    audit,
    [
        *own_parameters(audit),
        *parameters("range", "samples", "order", "at", "layout", "dtype", "linewidth", *NOT_FOR_EXPERIMENTS),
    ],
)
