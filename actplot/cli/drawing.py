"""From a checked request to a file, a window, numbers and what is printed."""

import json
import math
import os
import sys
from typing import TYPE_CHECKING, Any

from actplot import window, worker
from actplot.cli.figure_options import FigureOptions
from actplot.errors import BadValue, NoDisplay
from actplot.files import check_folder, write_whole
from actplot.options import DATA_FORMATS, format_of
from actplot.registry import Request, tell_apart
from actplot.text import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actplot.curve import Curve, Point


def draw(request: Request, given: FigureOptions) -> None:
    """Draws as asked: computes in a second process, and writes, shows and prints what was wanted."""
    options = given.checked(request)
    only_numbers = options.data is not None and options.out is None and not options.show
    showing = options.show
    if showing is None:
        showing = options.out is None and not only_numbers and window.display_at_hand()
    if showing and not window.display_at_hand():
        raise window.no_display()
    path = options.out
    if path is None and not showing and not only_numbers:
        path = f"{request.name}.png"
    for each in (path, options.data):
        if each not in (None, "-"):
            check_folder(each)

    if not showing:
        os.environ["MPLBACKEND"] = "agg"  # a file needs no other, whatever the environment says
    job = worker.Job(lambda: _sample(request, options))
    if only_numbers:
        curves = job.result()
    else:
        path, curves = _picture(job, request, options, path, showing)
    command = options.command(request, curves[0].device)
    if options.data is not None:
        _write_numbers(options.data, curves, command)
    _print(curves, [each for each in (path, options.data) if each not in (None, "-")], command, options)


def _picture(
    job: worker.Job, request: Request, options: FigureOptions, path: str | None, showing: bool
) -> "tuple[str | None, list[Curve]]":
    """Draws the curves that the job computes; returns the path written, if any, and the curves."""
    try:
        from actplot import figure, output
    except ValueError as error:
        raise BadValue(f"MPLBACKEND: {' '.join(str(error).split())}", "unset it") from None

    look: Any = dict(lang=options.lang, style=options.style, font=options.font)
    form: Any = dict(
        order=options.order, title=options.title, layout=options.layout, size=options.size, dpi=options.dpi
    )
    sheet = figure.Sheet(**look, **form)
    if job.is_elsewhere:
        output.render(figure.rehearse(sheet, request.functions, options.order), "png")
    curves: list[Curve] = job.result()
    drawn = sheet.draw(*curves)
    command = options.command(request, curves[0].device)
    if path is not None:
        output.save(drawn, path, command=command)
    if showing:
        try:
            with figure.drawing(**look):
                window.show(drawn, request.functions[0].label if len(curves) == 1 else request.name)
        except NoDisplay:  # there seemed to be a display; without being told to use it, a file will do
            if options.show or path is not None:
                raise
            path = f"{request.name}.png"
            output.save(drawn, path, command=command)
    return path, curves


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


def _write_numbers(path: str, curves: "Sequence[Curve]", command: str) -> None:
    from actplot import data
    from actplot.versions import versions

    form = "csv" if path == "-" else format_of(path, DATA_FORMATS)
    content = data.render(curves, _labels(curves), form, command=command, versions=versions())
    if path == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(path, content)


def _print(curves: "Sequence[Curve]", files: list[str], command: str, options: FigureOptions) -> None:
    if options.json:
        print(json.dumps(_summary(curves, files, command, options), ensure_ascii=False, indent=2))
    if options.quiet:
        return
    for curve in curves:
        if share := curve.undefined:
            print(f"actplot: {curve.function.label} has no value on {100 * share:.3g}% of the range", file=sys.stderr)
    if not options.json:
        for file in files:
            print(file)
        if options.at:
            _print_points(curves)


def _summary(curves: "Sequence[Curve]", files: list[str], command: str, options: FigureOptions) -> dict[str, Any]:
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
        **({"points": of_all("points")} if options.at else {}),
        "files": files,
        "command": command,
    }


def _labels(curves: "Sequence[Curve]") -> list[str]:
    return tell_apart([curve.function for curve in curves])


def _point(point: "Point", order: int) -> dict[str, float | None]:
    numbers = (value if math.isfinite(value) else None for value in point)
    return dict(zip(("x", "y", "dy", "d2y")[: order + 2], numbers, strict=False))


def _print_points(curves: "Sequence[Curve]") -> None:
    """The table of ``--at``."""
    order, several = curves[0].order, len(curves) > 1
    rows = [["curve"] * several + ["x", "f(x)", "f'(x)", "f''(x)"][: order + 2]]
    for curve, label in zip(curves, _labels(curves), strict=True):
        rows += [[label] * several + [number(value) for value in point[: order + 2]] for point in curve.points]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
