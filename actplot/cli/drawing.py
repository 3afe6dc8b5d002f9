"""Curves: what a request asks for, as a product, and alive."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from actplot.cli.delivery import Output, aligned, deliver
from actplot.cli.figure_options import FigureOptions
from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function, PlotSpec, tell_apart
from actplot.functions.source import function as function_of
from actplot.functions.source import notes as notes_of
from actplot.options import ANIMATION_FORMATS, check_page, format_of, natural_size, panels
from actplot.text import Language, choose_language, number
from actplot.worker import Job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from actplot.live.view import Live
    from actplot.numerics.curve import Curve, Point
    from actplot.plot.figure import CurveFigure


Headings = Callable[[Language], tuple[str, ...]]


def draw(
    request: PlotSpec,
    given: FigureOptions,
    *,
    headings: Headings | None = None,
    choose: Callable[[str], PlotSpec] | None = None,
) -> None:
    """Draws the curves of a request as asked.

    ``headings`` replace the titles of the panels; with ``choose``, which makes a request of a name, what is shown has a
    list of the catalog beside it.
    """
    options = given.checked(request)
    if options.animate is not None:
        swept(request.functions)
    if options.is_page:
        check_page(options.samples * len(request.functions))
    sheets: list[Any] = []

    def sheet() -> Any:
        if not sheets:
            sheets.append(_sheet(options, headings))
        return sheets[0]

    def warm_up() -> "Figure":
        from actplot.plot.figure import warm_up

        return warm_up(sheet(), request.functions, options.order)

    deliver(
        Output(
            name=request.name,
            title=request.functions[0].label if len(request.functions) == 1 else request.name,
            compute=lambda: _sample(request.functions, options),
            paint=lambda curves: sheet().draw(*curves),
            words=request.words,
            device=lambda curves: curves[0].device,
            numbers=_numbers,
            summary=lambda curves: _summary(curves, bool(options.at)),
            lines=lambda curves: _point_table(curves) if options.at else (),
            notes=_notes,
            warm_up=warm_up,
            live=lambda job: live(job, request, options, headings, choose),
            animation=lambda job: _animation(job, request, options),
            page=lambda curves: _page(curves, request, options, headings),
            resized=lambda curves, size: _sheet(
                replace(options, size=size or options.size, dpi=options.screen_dpi), headings
            ).draw(*curves),
            blocks=lambda curves, columns: _blocks(curves, columns, options),
        ),
        options,
    )


def live(
    job: Job,
    request: PlotSpec,
    options: FigureOptions,
    headings: Headings | None,
    choose: Callable[[str], PlotSpec] | None,
) -> "Live":
    """The curves of a request as a figure that answers, computed by the job."""
    from actplot.live.view import Live, LiveBackend

    def seen(range: tuple[float, float]) -> FigureOptions:
        return replace(options, range=range, at=[x for x in options.at or () if range[0] <= x <= range[1]])

    def curves(functions: "Sequence[Function]", range: tuple[float, float], points: int) -> "list[Curve]":
        curves: list[Curve] = job.call(_sample, functions, replace(seen(range), samples=points))
        return curves

    def still(request: PlotSpec, range: tuple[float, float], lang: Language) -> "tuple[Figure, str]":
        now = replace(seen(range), lang=lang)
        drawn = job.call(_sample, request.functions, now)
        return _sheet(now, headings).draw(*drawn), now.command(request.words, drawn[0].device)

    assert options.range is not None
    return Live(
        request,
        options.range,
        choose_language(options.lang),
        LiveBackend(
            order=options.order,
            sample=curves,
            evaluate=partial(job.call, _values, dtype=options.dtype, device=options.device),
            sheet=lambda lang, **where: _sheet(replace(options, lang=lang), headings, **where),
            still=still,
            style=options.style,
            font=options.font,
            choose=choose,
        ),
        size=options.size or natural_size(panels(options.order, options.layout)),
        dpi=options.screen_dpi,
    )


def _page(curves: "Sequence[Curve]", request: PlotSpec, options: FigureOptions, headings: Headings | None) -> bytes:
    """The curves of a request as an HTML file."""
    from actplot.page import standalone

    lang = choose_language(options.lang)
    return standalone.render(
        curves,
        lang=lang,
        layout=options.layout,
        title=options.title,
        headings=headings(lang) if headings else None,
        size=options.size,
        command=options.command(request.words, curves[0].device),
    )


def _blocks(curves: "Sequence[Curve]", columns: int, options: FigureOptions) -> Any:
    from actplot.output import terminal

    return terminal.panels(curves, columns, lang=choose_language(options.lang), layout=options.layout)


def _animation(job: Job, request: PlotSpec, options: FigureOptions) -> bytes:
    """The sweep of a request as a file of pictures, computed by the job."""
    from actplot.output import animation

    assert options.animate is not None
    parameter, values = swept(request.functions)
    first = request.functions[0]
    steps = [
        function_of(first.name, {**first.parameters, parameter: value}) for value in between(values, options.frames)
    ]
    curves: list[Curve] = job.call(_sample, steps, options)
    lang = choose_language(options.lang)
    pictures = animation.frames(_sheet(replace(options, dpi=options.screen_dpi), None), curves, parameter, lang)
    command = options.command(request.words, curves[0].device, animated=True)
    return animation.encode(pictures, format_of(options.animate, ANIMATION_FORMATS), fps=options.fps, command=command)


def swept(functions: "Sequence[Function]") -> tuple[str, list[float]]:
    """The one parameter that differs among the functions, and its values; raises where an animation has none."""
    first = functions[0]
    if len({function.name for function in functions}) == 1:
        varying = [name for name in first.parameters if len({each.parameters[name] for each in functions}) > 1]
        if len(varying) > 1:
            raise BadValue(f"--animate sweeps one parameter, not {' and '.join(varying)}", "give the others once")
        if varying:
            parameter = varying[0]
            if first.name in CATALOG and any(p.name == parameter and p.choices for p in CATALOG[first.name].parameters):
                raise BadValue(f"--animate cannot sweep {parameter}, which takes only a few values")
            return parameter, [function.parameters[parameter] for function in functions]
    raise BadValue("--animate needs a sweep", "give one parameter several values, as in --alpha 0.1 --alpha 3")


def between(values: "Sequence[float]", count: int) -> list[float]:
    """So many values, evenly on the way from each value to the next, with few digits."""
    steps = (len(values) - 1) / (count - 1)
    resolution = min(abs(after - before) for before, after in pairwise(values)) * steps / 4
    digits = max(0, 1 - math.floor(math.log10(resolution)))
    way = []
    for frame in range(count):
        place, share = divmod(frame * steps, 1)
        before, after = values[int(place)], values[min(int(place) + 1, len(values) - 1)]
        way.append(round(before + share * (after - before), digits) + 0.0)
    return [values[0], *way[1:-1], values[-1]]


def _values(function: Function, x: Any, **options: Any) -> Any:
    from actplot.numerics.curve import evaluate

    return evaluate(function, x, **options)


def _sheet(options: FigureOptions, headings: Headings | None, **where: Any) -> "CurveFigure":
    from actplot.plot.figure import CurveFigure

    form: Any = dict(title=options.title, layout=options.layout, size=options.size, dpi=options.dpi)
    words = headings(choose_language(options.lang)) if headings else None
    return CurveFigure(order=options.order, headings=words, **options.look, **form, **where)


def _sample(functions: "Sequence[Function]", options: FigureOptions) -> "list[Curve]":
    from actplot.numerics.curve import sample

    return [
        sample(
            function,
            range=options.range,
            samples=options.samples,
            order=options.order,
            at=options.at or (),
            dtype=options.dtype,
            device=options.device,
        )
        for function in functions
    ]


def _labels(curves: "Sequence[Curve]") -> list[str]:
    return tell_apart([curve.function for curve in curves])


def _numbers(curves: "Sequence[Curve]", form: str, command: str) -> bytes:
    from actplot.output import data

    return data.render(curves, _labels(curves), form, command=command)


def _notes(curves: "Sequence[Curve]") -> list[str]:
    notes = notes_of(curve.function for curve in curves)
    for curve in curves:
        label = curve.function.label
        if curve.undefined:
            notes.append(f"{label} has no value on {100 * curve.undefined:.3g}% of the range")
        if curve.too_many_breaks:
            notes.append(
                f"{label} breaks at more places than can be told apart; its least and greatest values are drawn"
            )
        elif not curve.has_few_breaks:
            notes.append(f"{label} breaks at {len(curve.breaks):,} places, too many to be shown singly")
        elif not curve.is_searched_whole:
            notes.append(f"{label} moves too fast in places to be searched for breaks there")
        if curve.envelope is not None and not curve.too_many_breaks:
            notes.append(f"{label} changes faster than a line can show; there its least and greatest values are drawn")
    return notes


def _summary(curves: "Sequence[Curve]", pointed: bool) -> dict[str, Any]:
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
        **({"points": of_all("points")} if pointed else {}),
    }


def _point(point: "Point", order: int) -> dict[str, float | None]:
    numbers = (value if math.isfinite(value) else None for value in point)
    return dict(zip(("x", "y", "dy", "d2y")[: order + 2], numbers, strict=False))


def _point_table(curves: "Sequence[Curve]") -> list[str]:
    """The table of ``--at``."""
    order, several = curves[0].order, len(curves) > 1
    rows = [["curve"] * several + ["x", "f(x)", "f'(x)", "f''(x)"][: order + 2]]
    for curve, label in zip(curves, _labels(curves), strict=True):
        rows += [[label] * several + [number(value + 0.0) for value in point[: order + 2]] for point in curve.points]
    return aligned(rows)
