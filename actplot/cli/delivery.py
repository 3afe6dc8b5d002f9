"""From what a command computes to a file, a window, numbers and what is printed; the same for every picture."""

import gc
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from actplot import worker
from actplot.cli.figure_options import SPELLING, FigureOptions
from actplot.errors import BadValue, NoDisplay
from actplot.live import window
from actplot.options import DATA_FORMATS, check_terminal, format_of
from actplot.output.files import check_folder, write_whole
from actplot.text import printable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from actplot.live.interactive import InteractiveFigure


@dataclass(frozen=True)
class Output:
    """What a command makes. Everything but ``compute`` is given what ``compute`` returned.

    Attributes
    ----------
    name
        The stem of the file, where the user names none.
    title
        Of the window.
    compute
        Computes; in a second process where that is possible.
    paint
        The figure. Called inside no rc context.
    words
        The command line that asks for this, without the options of the figure.
    numbers
        The numbers as the bytes of a file, from the result, the format and the command.
    summary
        What ``--json`` prints, without files and command.
    device
        The name of the device that computed.
    lines
        What is printed after the paths.
    notes
        What is said on stderr.
    warm_up
        Gets ready for ``paint`` while another process computes.
    live
        The figure that answers, which a window or a browser shows, given the job that goes on computing; without, that
        of ``paint``.
    animation
        The bytes of ``--animate``, likewise.
    page
        The bytes of an HTML file; None where there is no such picture.
    resized
        The figure at another size, for a narrow terminal; None where it has but one.
    blocks
        What stands for the figure in a terminal without graphics, given its columns.
    here
        Whether it must be computed in this process.
    """

    name: str
    title: str
    compute: Callable[[], Any]
    paint: "Callable[[Any], Figure]"
    words: Sequence[str]
    numbers: Callable[[Any, str, str], bytes]
    summary: Callable[[Any], dict[str, Any]]
    device: Callable[[Any], str] = field(default=lambda result: result.device)
    lines: Callable[[Any], Sequence[str]] = field(default=lambda result: ())
    notes: Callable[[Any], Sequence[str]] = field(default=lambda result: ())
    warm_up: "Callable[[], Figure] | None" = None
    live: "Callable[[worker.Job], InteractiveFigure] | None" = None
    animation: Callable[[worker.Job], bytes] | None = None
    page: Callable[[Any], bytes] | None = None
    resized: "Callable[[Any, tuple[float, float] | None], Figure] | None" = None
    blocks: Callable[[Any, int], Any] | None = None
    here: bool = False


class Spelt(Exception):
    """Carries the command of a output, where no more is wanted of it."""


def spelling(run: Callable[[], object]) -> str:
    """The command that a figure would carry, for what delivers one; computes nothing and looks for no file."""
    token = SPELLING.set(True)
    try:
        run()
    except Spelt as spelt:
        return str(spelt)
    finally:
        SPELLING.reset(token)
    return ""


def deliver(output: Output, options: FigureOptions) -> Any:
    """Computes the output and writes, shows and prints what was wanted of it; returns the result."""
    if SPELLING.get():
        device = "cpu" if options.device == "auto" else options.device  # a figure carries the one that was found
        raise Spelt(options.command(output.words, device, animated=True))
    if options.is_page and output.page is None:
        raise BadValue(f"{output.name} cannot be written as a page ({options.out})", "use .png, .svg or .pdf")
    files = [options.out, options.data, options.animate]
    is_inline = options.inline
    showing = options.show or options.web
    if options.show is None and not options.web and not is_inline and not any(files):
        showing = window.display_at_hand()
        is_inline = not showing and not options.json and not options.quiet and _has_graphics()
    no_picture = options.out is None and (any(files) or is_inline) and not showing
    if showing and not options.web and not window.display_at_hand():
        raise window.no_display()
    path = options.out
    if path is None and not showing and not no_picture:
        path = f"{output.name}.png"
    if is_inline and sys.stdout.isatty():
        check_terminal(get_terminal_size().columns)
    for each in (path, options.data, options.animate):
        if each not in (None, "-"):
            check_folder(each)

    if not showing or options.web:
        os.environ["MPLBACKEND"] = "agg"  # a file needs no other, whatever the environment says
    goes_on = (showing and output.live is not None) or options.animate is not None
    job = worker.Job(output.compute, here=output.here, stays=goes_on)
    if no_picture:
        result = job.result()
    else:
        path, result = _picture(output, job, options, path, showing)
    if is_inline:
        _print_inline(output, result)
    if options.animate is not None:
        assert output.animation is not None  # commands without have no such option
        write_whole(options.animate, output.animation(job))
    command = _command(output, result, options)
    if options.data is not None:
        _write_numbers(options.data, output, result, command)
    written = [each for each in (path, options.data, options.animate) if each not in (None, "-")]
    _print(output, result, written, command, options)
    return result


def _command(output: Output, result: Any, options: FigureOptions) -> str:
    return options.command(output.words, output.device(result))


def _picture(
    output: Output, job: worker.Job, options: FigureOptions, path: str | None, showing: bool
) -> tuple[str | None, Any]:
    """Paints what the job computes; returns the path written, if any, and the result."""
    try:
        from actplot.output import image
        from actplot.plot import figure
    except ValueError as error:
        raise BadValue(f"MPLBACKEND: {' '.join(str(error).split())}", "unset it") from None

    if job.is_elsewhere and output.warm_up is not None:
        image.render(output.warm_up(), "png")
    result = job.result()
    if path is not None and options.is_page:
        assert output.page is not None
        write_whole(path, output.page(result))
    elif path is not None:
        image.save(output.paint(result), path, command=_command(output, result, options))
    if showing:
        try:
            with figure.drawing(**options.look):
                _show(output, result, job, options)
        except NoDisplay:  # there seemed to be a display; without being told to use it, a file will do
            if options.show or options.web or path is not None:
                raise
            path = f"{output.name}.png"
            image.save(output.paint(result), path, command=_command(output, result, options))
    return path, result


def _show(output: Output, result: Any, job: worker.Job, options: FigureOptions) -> None:
    """Shows the figure in a window or in the browser until that is closed."""
    gc.freeze()
    gc.enable()  # artists come and go now
    from actplot.live.interactive import InteractiveFigure

    if output.live:
        shown = output.live(job)
    else:
        figure = output.paint(result)
        shown = InteractiveFigure(figure, output.name, lambda: (figure, _command(output, result, options)))
    if options.web:
        from actplot.page import web

        web.serve(shown, output.title, options.port, announce=lambda address: _announce(address, options))
    else:
        window.show(shown, output.title)


def _has_graphics() -> bool:
    """Whether stdout is a terminal that shows pictures, and what it takes to send them is installed."""
    if not (sys.stdout.isatty() and sys.stdin.isatty() and find_spec("textual_image")):
        return False
    from actplot.output import terminal

    return terminal.has_pixels()


def _print_inline(output: Output, result: Any) -> None:
    """Prints the picture in the terminal."""
    from actplot.output import terminal

    def paint(size: tuple[float, float] | None) -> "Figure":
        return output.resized(result, size) if output.resized else output.paint(result)

    blocks = output.blocks
    terminal.show(paint, None if blocks is None else lambda columns: blocks(result, columns))


def _announce(address: str, options: FigureOptions) -> None:
    """Says where the figure is: on stdout, unless that is taken."""
    is_taken = options.json or "-" in (options.out, options.data)
    print(address, file=sys.stderr if is_taken else sys.stdout, flush=True)
    if not options.quiet:
        print("actplot: open this in a browser on this machine; Ctrl-C stops it", file=sys.stderr)


def _write_numbers(path: str, output: Output, result: Any, command: str) -> None:
    content = output.numbers(result, "csv" if path == "-" else format_of(path, DATA_FORMATS), command)
    if path == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(path, content)


def _print(output: Output, result: Any, files: list[str], command: str, options: FigureOptions) -> None:
    if options.json:
        summary = output.summary(result) | {"files": files, "command": command}
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    if options.quiet:
        return
    for note in output.notes(result):
        print(f"actplot: {note}", file=sys.stderr)
    if not options.json and options.data != "-" and options.out != "-":
        for line in (*files, *output.lines(result)):
            print(printable(line) if sys.stdout.isatty() else line)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows of a table as lines with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
