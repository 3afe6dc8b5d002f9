"""Curves: what a request asks for, as a product."""

import math
from typing import TYPE_CHECKING, Any

from actplot.cli.delivery import Product, aligned, deliver
from actplot.cli.figure_options import FigureOptions
from actplot.registry import Request, tell_apart
from actplot.text import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from actplot.curve import Curve, Point


def draw(request: Request, given: FigureOptions, *, headings: tuple[str, ...] | None = None) -> None:
    """Draws the curves of a request as asked; ``headings`` replace the titles of the panels."""
    options = given.checked(request)
    sheets: list[Any] = []

    def sheet() -> Any:
        from actplot.figure import Sheet

        if not sheets:
            form: Any = dict(title=options.title, layout=options.layout, size=options.size, dpi=options.dpi)
            sheets.append(Sheet(order=options.order, headings=headings, **options.look, **form))
        return sheets[0]

    def rehearse() -> "Figure":
        from actplot.figure import rehearse

        return rehearse(sheet(), request.functions, options.order)

    deliver(
        Product(
            name=request.name,
            title=request.functions[0].label if len(request.functions) == 1 else request.name,
            compute=lambda: _sample(request, options),
            paint=lambda curves: sheet().draw(*curves),
            command=lambda curves: options.command(request.words, curves[0].device),
            numbers=_numbers,
            summary=lambda curves: _summary(curves, bool(options.at)),
            lines=lambda curves: _point_table(curves) if options.at else (),
            notes=_notes,
            rehearse=rehearse,
        ),
        options,
    )


def _sample(request: Request, options: FigureOptions) -> "list[Curve]":
    from actplot.curve import sample

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
        for function in request.functions
    ]


def _labels(curves: "Sequence[Curve]") -> list[str]:
    return tell_apart([curve.function for curve in curves])


def _numbers(curves: "Sequence[Curve]", form: str, command: str) -> bytes:
    from actplot import data

    return data.render(curves, _labels(curves), form, command=command)


def _notes(curves: "Sequence[Curve]") -> list[str]:
    return [
        f"{curve.function.label} has no value on {100 * curve.undefined:.3g}% of the range"
        for curve in curves
        if curve.undefined
    ]


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
        rows += [[label] * several + [number(value) for value in point[: order + 2]] for point in curve.points]
    return aligned(rows)
