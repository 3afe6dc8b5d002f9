"""The command of one activation: its own parameters and the options of every figure, from request to file or window."""

import inspect
import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actplot import window, worker
from actplot.cli import figure_options
from actplot.cli.figure_options import FigureOptions, real
from actplot.errors import BadValue, CannotWrite, NoDisplay
from actplot.registry import Activation, Function
from actplot.text import number

if TYPE_CHECKING:
    from actplot.curve import Curve


def build(entry: Activation) -> Any:
    """The typer command of an activation."""

    def run(**values: Any) -> None:
        parameters = chosen_parameters(entry, values)
        draw(entry.bind(**parameters), FigureOptions(**values))

    return command(entry, run, figure_options.parameters(), f"{entry.title.en}: {entry.summary.en}")


def command(entry: Activation, run: Callable[..., None], shared: list[inspect.Parameter], help: str) -> Any:
    """A typer command for ``run`` with a parameter's options first and the ``shared`` ones after them."""
    own = [
        inspect.Parameter(
            parameter.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                list[float] | None,
                typer.Option(
                    parameter.option,
                    metavar="X",
                    parser=real,
                    help=f"{parameter.text.en}; {parameter.domain}",
                    show_default=number(parameter.default),
                    rich_help_panel="Parameters",
                ),
            ],
        )
        for parameter in entry.parameters
    ]
    figure_options.give_signature(run, [*own, *shared])
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(entry.name, help=help)(run)
    return typer.main.get_command(single)


def chosen_parameters(entry: Activation, values: dict[str, Any]) -> dict[str, float]:
    """The activation's own parameters among ``values``, taken out of them."""
    given = {parameter: values.pop(parameter.name) or [] for parameter in entry.parameters}
    for parameter, repeated in given.items():
        if len(repeated) > 1:
            raise BadValue(f"{parameter.option} is given {len(repeated)} times", "give it once")
    return {parameter.name: repeated[0] for parameter, repeated in given.items() if repeated}


def draw(function: Function, given: FigureOptions) -> None:
    """Draws a function as asked: computes in a second process, and writes, shows and prints what was wanted."""
    options = given.checked(function)
    showing = options.show if options.show is not None else options.out is None and window.display_at_hand()
    if showing and not window.display_at_hand():
        raise window.no_display()
    path = options.out if options.out is not None or showing else f"{function.name}.png"
    if path not in (None, "-"):
        _check_folder(path)

    if not showing:
        os.environ["MPLBACKEND"] = "agg"  # a file needs no other, whatever the environment says
    job = worker.Job(lambda: _sample(function, options))
    try:
        from actplot import figure, output
    except ValueError as error:
        raise BadValue(f"MPLBACKEND: {' '.join(str(error).split())}", "unset it") from None

    look: Any = dict(lang=options.lang, style=options.style, font=options.font)
    form: Any = dict(title=options.title, layout=options.layout, size=options.size, dpi=options.dpi)
    sheet = figure.Sheet(**look, **form)
    if job.is_elsewhere:
        output.render(figure.rehearse(sheet, function), "png")
    curve = job.result()
    drawn = sheet.draw(curve)
    command = options.command(function, curve.device)
    if path is not None:
        output.save(drawn, path, command=command)
    if showing:
        try:
            with figure.drawing(**look):
                window.show(drawn, function.label)
        except NoDisplay:  # there seemed to be a display; without being told to use it, a file will do
            if options.show or path is not None:
                raise
            path = f"{function.name}.png"
            output.save(drawn, path, command=command)
    _print(curve, [path] if path not in (None, "-") else [], command, options)


def _sample(function: Function, options: FigureOptions) -> "Curve":
    from actplot.curve import sample

    return sample(function, range=options.range, samples=options.samples, dtype=options.dtype, device=options.device)


def _check_folder(path: str) -> None:
    """Fails before anything is computed where the file could not be written."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise CannotWrite(f"cannot write {path}: there is no folder {folder!r}", "make it first")
    if os.path.isdir(path):
        raise CannotWrite(f"cannot write {path}: it is a folder", "name a file in it")
    if not os.access(folder, os.W_OK):
        raise CannotWrite(f"cannot write {path}: the folder {folder!r} is not writable", "name another with --out")


def _print(curve: "Curve", files: list[str], command: str, options: FigureOptions) -> None:
    if options.json:
        summary = {
            "function": curve.function.name,
            "parameters": curve.function.parameters,
            "range": list(curve.range),
            "samples": curve.samples,
            "order": 1,
            "dtype": curve.dtype,
            "device": curve.device,
            "breaks": [at.as_json() for at in curve.breaks],
            "files": files,
            "command": command,
        }
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    elif not options.quiet:
        for file in files:
            print(file)
