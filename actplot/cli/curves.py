"""Curves: computed, drawn, said, and alive."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from actplot.cli.options import FigureOptions
from actplot.cli.picture import Picture
from actplot.cli.resolve import Animation, resolve_curves
from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function, PlotSpec, tell_apart
from actplot.functions.source import notes as notes_of
from actplot.numerics import cache
from actplot.options import ANIMATION_FORMATS, MAX_WHOLE, Sampling, Style, check_page, check_range, format_of
from actplot.output.tables import aligned
from actplot.text import LANGUAGES, Language, Text, number
from actplot.worker import Call, Job

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from actplot.live.interactive import InteractiveFigure
    from actplot.numerics.curve import Curve, Point
    from actplot.page.server import Backend
    from actplot.plot.figure import CurveFigure


_CURVE = Text("curve", "曲线")

Headings = Callable[[Language], tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class CurvePicture(Picture["list[Curve]"]):
    """Curves and their derivatives.

    Attributes
    ----------
    spec
        The functions.
    headings
        The titles of the panels in a language, in place of the usual ones.
    choose
        The spec of an entry of the catalog, by name: a list of all stands beside a live figure. None for none.
    """

    sampling: Sampling
    spec: PlotSpec
    headings: Headings | None = None
    choose: Callable[[str], PlotSpec] | None = None

    @property
    def has_live(self) -> bool:  # type: ignore[override]
        """Whether the scales are those that pointer, sliders and zoom reckon with."""
        return self.style.xscale == self.style.yscale == "linear"

    @property
    def title(self) -> str:
        return self.spec.functions[0].label if len(self.spec.functions) == 1 else self.spec.name

    def compute(self) -> "list[Curve]":
        return [cache.curve(function, self.sampling) for function in self.spec.functions]

    @property
    def is_at_hand(self) -> bool:
        return cache.holds_curves(self.spec.functions, self.sampling)

    def device(self, result: "list[Curve]") -> str:
        return result[0].device

    @cached_property
    def _own_figure(self) -> "CurveFigure":
        return self._curve_figure(self.style)

    def _curve_figure(self, style: Style, **where: Any) -> "CurveFigure":
        from actplot.plot.figure import CurveFigure

        headings = self._headings(style.lang)
        return CurveFigure(order=self.sampling.order, headings=headings, **vars(style), **where)

    def _headings(self, lang: Language) -> tuple[str, ...] | None:
        return self.headings(lang) if self.headings else None

    def warm_up(self) -> "Figure":
        from actplot.plot.figure import warm_up

        return warm_up(self._own_figure, self.spec.functions, self.sampling.order, self.sampling.range)

    def figure(self, result: "list[Curve]", style: Style) -> "Figure":
        return (self._own_figure if style == self.style else self._curve_figure(style)).draw(*result)

    def at_size(self, result: "list[Curve]", size: tuple[float, float] | None) -> "Figure":
        return self.figure(result, replace(self.screen_style, size=size or self.style.size))

    def blocks(self, result: "list[Curve]", columns: int, rows: int) -> Any:
        from actplot.output import terminal

        return terminal.panels(result, self.style, columns, rows, headings=self._headings(self.style.lang))

    def data(self, result: "list[Curve]", form: str, command: str) -> bytes:
        from actplot.output import data

        return data.render(result, _labels(result), form, command=command)

    def check_page(self) -> Sequence[Text]:
        from actplot.page.compile import why_sampled

        reasons = [why_sampled(function) for function in self.spec.functions]
        sampled = [reason for reason in reasons if reason is not None]
        check_page(self.sampling.samples * len(sampled))
        return [
            Text(f"{reason.en}; the page holds samples", f"{reason.zh}；网页保存取样的点")
            for reason in dict.fromkeys(sampled)
            if reason
        ]

    def check_window(self) -> Sequence[Text]:
        if self.has_live:
            return ()
        scales = "、".join(
            dict.fromkeys(scale for scale in (self.style.xscale, self.style.yscale) if scale != "linear")
        )
        return [
            Text(
                f"with {scales.replace('、', ' and ')} axes the window shows a picture: neither pointer nor sliders answer",
                f"坐标轴为 {scales} 时，窗口显示静态图，不能用指针读数，也没有滑块",
            )
        ]

    def page(self, job: Job, result: "list[Curve]", *, served: bool = False) -> bytes:
        from actplot.page import page
        from actplot.page.compile import why_sampled

        style = self.style
        facts = job.call(page.describe, self.spec.functions)
        first = self.spec.functions[0]
        if served and self.choose is not None and why_sampled(first) is None:
            from actplot.gallery.index import explorer

            families = {family.key: family.title for family in CATALOG.families}
            return explorer(CATALOG.values(), families, first, facts, style.lang)
        return page.render(
            result,
            lang=style.lang,
            layout=style.layout,
            title=style.heading,
            headings={lang: self.headings(lang) for lang in LANGUAGES} if self.headings else None,
            facts=facts,
            command=self.command(self.device(result)),
            served=served,
        )

    def backend(self, job: Job) -> "Backend":
        from actplot.page import page
        from actplot.page.server import Backend

        arithmetic = dict(dtype=self.sampling.dtype, device=self.sampling.device)

        def sample(function: Function, range: tuple[float, float], order: int) -> "Curve":
            sampling = replace(self._sampling_within(range), order=order)
            curve: Curve = job.call(_sample, [function], sampling)[0]
            return curve

        def evaluate(function: Function, x: Sequence[float], order: int) -> Any:
            return job.call(_evaluate, function, x, order=order, **arithmetic)

        def describe(name: str) -> Any:
            return job.call(page.describe, [CATALOG[name].bind()])[name]

        return Backend({function.name: function for function in self.spec.functions}, sample, evaluate, describe)

    def animation(self, job: Job, animation: Animation) -> bytes:
        from actplot.output import animation as encoder

        parameter, values = swept(self.spec.functions)
        first = self.spec.functions[0]
        steps = [
            first.with_parameters(**{**first.parameters, parameter: value})
            for value in interpolate(values, animation.frames)
        ]
        curves: list[Curve] = job.call(_sample, steps, self.sampling)
        frames = encoder.frames(self._curve_figure(self.screen_style), curves, parameter, self.style.lang)
        command = self.command(self.device(curves), animation)
        return encoder.encode(frames, format_of(animation.path, ANIMATION_FORMATS), fps=animation.fps, command=command)

    def live(self, job: Job, result: "list[Curve]") -> "InteractiveFigure":
        if not self.has_live:
            return super().live(job, result)
        from actplot.live.backend import LiveBackend
        from actplot.live.sampling import POINTS
        from actplot.live.view import Live

        backend = LiveBackend(
            order=self.sampling.order,
            sample=partial(self._sample_live, job),
            ask=partial(self._ask_live, job),
            evaluate=partial(job.call, _evaluate, dtype=self.sampling.dtype, device=self.sampling.device),
            sheet=self._sheet,
            still=partial(self._still, job),
            grid=self.style.grid,
            style=self.style.style,
            font=self.style.font,
            choose=self.choose,
        )
        screen = self.screen_style
        curves = result if self.sampling.samples == POINTS else None
        return Live(
            self.spec, self.sampling.range, screen.lang, backend, size=screen.size, dpi=screen.dpi, curves=curves
        )

    def _sheet(self, figure: "Figure", lang: Language, *, has_legend: bool) -> "CurveFigure":
        """The panels of a live figure, with the grid that its state may hide."""
        style = replace(self.screen_style, lang=lang, grid=True, legend=self.style.legend and has_legend)
        return self._curve_figure(style, figure=figure)

    def _sampling_within(self, range: tuple[float, float]) -> Sampling:
        return replace(self.sampling, range=range, at=tuple(x for x in self.sampling.at if range[0] <= x <= range[1]))

    def _sample_live(
        self, job: Job, functions: Sequence[Function], range: tuple[float, float], samples: int
    ) -> "list[Curve]":
        curves: list[Curve] = job.call(_sample, functions, replace(self._sampling_within(range), samples=samples))
        return curves

    def _ask_live(
        self,
        job: Job,
        groups: Sequence[Sequence[Function]],
        range: tuple[float, float],
        samples: int,
        is_exact: bool,
    ) -> Call:
        sampling = replace(self._sampling_within(range), samples=samples)
        return job.ask(_sample_groups if is_exact else _sketch_groups, groups, sampling)

    def _still(self, job: Job, spec: PlotSpec, range: tuple[float, float], lang: Language) -> "tuple[Figure, str]":
        """The figure that a file shows of what is on the screen, and the command that draws it."""
        sampling, style = self._sampling_within(range), replace(self.style, lang=lang)
        now = replace(self, argv=spec.argv, spec=spec, sampling=sampling, style=style)
        curves = job.call(_sample, spec.functions, sampling)
        return now.figure(curves, style), now.command(now.device(curves))

    def notes(self, result: "list[Curve]") -> list[Text]:
        return [*notes_of(curve.function for curve in result), *(note for curve in result for note in _notes(curve))]

    def summary(self, result: "list[Curve]") -> dict[str, Any]:
        return _summary(result, has_points=bool(self.sampling.at))

    def table(self, result: "list[Curve]") -> Sequence[str]:
        return _point_table(result) if self.sampling.at else ()


def curves(
    spec: PlotSpec,
    options: FigureOptions,
    *,
    headings: Headings | None = None,
    choose: Callable[[str], PlotSpec] | None = None,
) -> CurvePicture:
    """The curves of a spec as the options ask for them; see :class:`CurvePicture`.

    Raises
    ------
    BadValue
        For options that the functions of the spec, or curves, cannot have.
    """
    sampling, style, natural_size = resolve_curves(options, spec)
    if options.data is not None and sampling.samples > MAX_WHOLE:
        most, given = f"{MAX_WHOLE:,}", f"{sampling.samples:,}"
        raise BadValue(
            Text(
                f"--data holds at most {most} samples, not {given}",
                f"--data 最多保存 {most} 个取样点，而不是 {given} 个",
            ),
            Text("give fewer --samples", "请减少 --samples"),
        )
    if options.animate is not None:
        swept(spec.functions)
    return CurvePicture(
        name=spec.name,
        argv=spec.argv,
        options=options,
        sampling=sampling,
        style=style,
        natural_size=natural_size,
        spec=spec,
        headings=headings,
        choose=choose,
    )


def _sample(functions: Sequence[Function], sampling: Sampling) -> "list[Curve]":
    from actplot.numerics.curve import sample

    return [sample(function, **asdict(sampling)) for function in functions]


def _sample_groups(groups: Sequence[Sequence[Function]], sampling: Sampling) -> "list[list[Curve]]":
    return [_sample(functions, sampling) for functions in groups]


def _sketch_groups(groups: Sequence[Sequence[Function]], sampling: Sampling) -> "list[list[Curve]]":
    from actplot.numerics.sketch import sketch

    check_range(*sampling.range, sampling.dtype)
    return [[sketch(function, **asdict(sampling)) for function in functions] for functions in groups]


def _evaluate(function: Function, x: Any, **options: Any) -> Any:
    from actplot.numerics.curve import evaluate

    return evaluate(function, x, **options)


def swept(functions: Sequence[Function]) -> tuple[str, list[float]]:
    """The one parameter that differs among the functions, and its values.

    Raises
    ------
    BadValue
        Where an animation has none, or several.
    """
    first = functions[0]
    if len({function.name for function in functions}) == 1:
        varying = [name for name in first.parameters if len({each.parameters[name] for each in functions}) > 1]
        if len(varying) > 1:
            raise BadValue(
                Text(
                    f"--animate sweeps one parameter, not {' and '.join(varying)}",
                    f"--animate 只能变化一个参数，这里有 {'、'.join(varying)}",
                ),
                Text("give the others once", "其余参数请只给一个值"),
            )
        if varying:
            parameter = varying[0]
            if first.name in CATALOG and any(p.name == parameter and p.choices for p in CATALOG[first.name].parameters):
                raise BadValue(
                    Text(
                        f"--animate cannot sweep {parameter}, which takes only a few values",
                        f"--animate 不能变化 {parameter}，它只有几个可选值",
                    )
                )
            return parameter, [function.parameters[parameter] for function in functions]
    is_swept = len({function.name for function in functions}) == 1
    if is_swept and not first.parameters:
        example = "'actplot elu --alpha 0.1 --alpha 3 --animate elu.gif'"
        raise BadValue(
            Text(
                f"{first.name} has no parameter for --animate to sweep", f"{first.name} 没有可供 --animate 变化的参数"
            ),
            Text(f"as in {example}", f"例如 {example}"),
        )
    example = "--alpha 0.1 --alpha 3"
    if is_swept and first.name in CATALOG:
        own = CATALOG[first.name].parameters[0]
        example = " ".join(f"{own.option} {own.format_value(end)}" for end in own.span)
    elif is_swept:
        example = " ".join(f"--param {next(iter(first.parameters))}={value}" for value in (1, 2))
    raise BadValue(
        Text("--animate needs a sweep", "--animate 需要一个变化的参数"),
        Text(f"give one parameter several values, as in {example}", f"请给一个参数多个值，例如 {example}"),
    )


def interpolate(values: Sequence[float], count: int) -> list[float]:
    """So many values, evenly on the way from each value to the next, with few digits."""
    steps = (len(values) - 1) / (count - 1)
    resolution = min(abs(after - before) for before, after in pairwise(values)) * steps / 4
    digits = max(0, 1 - math.floor(math.log10(resolution)))
    between = []
    for frame in range(count):
        place, share = divmod(frame * steps, 1)
        before, after = values[int(place)], values[min(int(place) + 1, len(values) - 1)]
        between.append(round(before + share * (after - before), digits) + 0.0)
    return [values[0], *between[1:-1], values[-1]]


def _labels(curves: "Sequence[Curve]") -> list[str]:
    return tell_apart([curve.function for curve in curves])


def _notes(curve: "Curve") -> list[Text]:
    """What of a curve the figure does not show as a reader would take it."""
    label = curve.function.label
    notes = []
    if curve.undefined:
        share = f"{100 * curve.undefined:.3g}%"
        notes.append(Text(f"{label} has no value on {share} of the range", f"{label} 在范围的 {share} 上没有值"))
    if curve.too_many_breaks:
        notes.append(
            Text(
                f"{label} breaks at more places than can be told apart; its least and greatest values are drawn",
                f"{label} 的间断点太多，无法分辨；图中画的是最小值和最大值",
            )
        )
    elif not curve.has_few_breaks:
        count = f"{len(curve.breaks):,}"
        notes.append(
            Text(
                f"{label} breaks at {count} places, too many to be shown singly",
                f"{label} 有 {count} 处间断或折点，太多，不逐一标出",
            )
        )
    elif not curve.is_searched_whole:
        notes.append(
            Text(
                f"{label} moves too fast in places to be searched for breaks there",
                f"{label} 在有些地方变化太快，没有在那里查找间断点",
            )
        )
    if curve.envelope is not None and not curve.too_many_breaks:
        notes.append(
            Text(
                f"{label} changes faster than a line can show; there its least and greatest values are drawn",
                f"{label} 变化太快，线条无法表现；那里画的是最小值和最大值",
            )
        )
    return notes


def _summary(curves: "Sequence[Curve]", *, has_points: bool) -> dict[str, Any]:
    """What ``--json`` prints; of several curves, lists in the place of single values."""
    first = curves[0]
    each = [
        {
            "function": curve.function.name,
            "parameters": curve.function.parameters,
            "breaks": [at.as_json(curve.order) for at in curve.breaks],
            "undefined": curve.undefined,
            "points": [_point(point, curve.order) for point in curve.points],
        }
        for curve in curves
    ]
    several = {"labels": _labels(curves)} if len(curves) > 1 else {}

    def of_all(key: str) -> Any:
        return [summary[key] for summary in each] if several else each[0][key]

    return {
        "function": of_all("function"),
        **several,
        "parameters": of_all("parameters"),
        "range": list(first.range),
        "samples": first.samples,
        "order": first.order,
        "dtype": first.dtype,
        "device": first.device,
        "breaks": of_all("breaks"),
        **({"undefined": of_all("undefined")} if any(summary["undefined"] for summary in each) else {}),
        **({"points": of_all("points")} if has_points else {}),
    }


def _point(point: "Point", order: int) -> dict[str, float | None]:
    numbers = (value if math.isfinite(value) else None for value in point)
    return dict(zip(("x", "y", "dy", "d2y")[: order + 2], numbers, strict=False))


def _point_table(curves: "Sequence[Curve]") -> list[str]:
    """The table of ``--at``."""
    order, several = curves[0].order, len(curves) > 1
    rows = [[_CURVE.spoken] * several + ["x", "f(x)", "f'(x)", "f''(x)"][: order + 2]]
    for curve, label in zip(curves, _labels(curves), strict=True):
        rows += [[label] * several + [number(value + 0.0) for value in point[: order + 2]] for point in curve.points]
    return aligned(rows)
