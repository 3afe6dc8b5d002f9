"""From a picture to a file, a window, numbers and what is printed; the same for every kind."""

import gc
import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any

from actplot.cli.console import say
from actplot.cli.picture import Picture
from actplot.cli.resolve import Destinations, Here, check_installed, resolve_destinations
from actplot.errors import BadValue, NoDisplay
from actplot.functions import _torch
from actplot.live import window
from actplot.options import DATA_FORMATS, format_of
from actplot.output.files import check_folder, write_whole
from actplot.plot.loading import load_matplotlib
from actplot.text import Text, printable
from actplot.worker import Job


def deliver(picture: Picture[Any]) -> int:
    """Computes a picture and writes, shows and prints what was wanted of it; returns the exit code."""
    file = picture.default_file if picture.options.out is None else picture.options.out
    destinations = resolve_destinations(picture.options, file, picture.style, Here())
    page_notes = picture.check_page() if destinations.is_page else ()
    check_installed(picture.style)
    for path in destinations.paths:
        check_folder(path)
    if not destinations.window:
        os.environ["MPLBACKEND"] = "agg"  # a file needs no other, whatever the environment says
    is_live = destinations.is_shown and picture.has_live
    stays = is_live or destinations.animation is not None or destinations.is_page
    is_here = picture.runs_here or (picture.is_at_hand and not stays)
    job = Job(picture.compute, here=is_here, stays=stays, then=_torch.load_torch)
    if destinations.window or (destinations.file is not None and not destinations.is_page):
        _warm_up(picture, job, "png" if destinations.window else _form(destinations))
    if job.is_elsewhere and (destinations.is_page or destinations.browser):
        import_module("actplot.page.page")  # loads while the job computes
    result = job.result()
    if destinations.file is not None:
        _write_figure(destinations, picture, job, result)
    if destinations.is_shown:
        gc.freeze()
        gc.enable()  # objects come and go now
    if destinations.browser:
        _serve(picture, job, result, destinations)
    elif destinations.window:
        destinations = _open_window(picture, job, result, destinations)
    if destinations.terminal:
        _print_inline(picture, result)
    if destinations.animation is not None:
        write_whole(destinations.animation.path, picture.animation(job, destinations.animation))
    command = picture.command(picture.device(result))
    if destinations.data is not None:
        _write_data(destinations.data, picture, result, command)
    animated = destinations.animation.note if destinations.animation else None
    _print(picture, result, command, destinations, [*page_notes, *([animated] if animated else [])])
    return picture.finish(result)


def _form(destinations: Destinations) -> str:
    """The format of the file that is written."""
    return "png" if destinations.file in (None, "-") else format_of(str(destinations.file))


def _warm_up(picture: Picture[Any], job: Job, form: str) -> None:
    """Loads what draws, and draws a first figure, while the job computes elsewhere."""
    try:
        load_matplotlib()
        from actplot.output import image
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise BadValue(
            Text(f"MPLBACKEND: {reason}", f"MPLBACKEND：{reason}"), Text("unset it", "请取消这个环境变量")
        ) from None

    if job.is_elsewhere and (drawn := picture.warm_up()) is not None:
        image.render(drawn, form)


def _write_figure(destinations: Destinations, picture: Picture[Any], job: Job, result: Any) -> None:
    assert destinations.file is not None
    if destinations.is_page:
        write_whole(destinations.file, picture.page(job, result))
    else:
        from actplot.output import image

        command = picture.command(picture.device(result))
        image.save(picture.figure(result, picture.style), destinations.file, command=command)


def _serve(picture: Picture[Any], job: Job, result: Any, destinations: Destinations) -> None:
    """Serves the page to browsers of this machine until it is closed."""
    from actplot.page import server

    server.serve(
        picture.page(job, result, served=True),
        port=destinations.port,
        announce=lambda address: _announce(address, destinations),
        backend=picture.backend(job),
    )


def _open_window(picture: Picture[Any], job: Job, result: Any, destinations: Destinations) -> Destinations:
    """Shows the figure in a window until that is closed; returns the destinations as they turned out."""
    from actplot.plot.style import drawing

    style = picture.style
    try:
        if not destinations.quiet:
            for note in picture.check_window():
                say(note)
        with drawing(style.lang, style=style.style, font=style.font):
            window.show(picture.live(job, result), picture.title)
    except NoDisplay:  # there seemed to be a display
        if destinations.without_window is None:
            raise
        destinations = Destinations(file=destinations.without_window, json=destinations.json, quiet=destinations.quiet)
        _write_figure(destinations, picture, job, result)
    return destinations


def _print_inline(picture: Picture[Any], result: Any) -> None:
    """Prints the picture in the terminal."""
    from actplot.output import terminal

    terminal.show(lambda size: picture.at_size(result, size), partial(picture.blocks, result))


def _announce(address: str, destinations: Destinations) -> None:
    """Says where the figure is: on stdout, unless that is taken."""
    print(address, file=sys.stderr if destinations.is_stdout_taken else sys.stdout, flush=True)
    if not destinations.quiet:
        say(Text("open this in a browser on this machine; Ctrl-C stops it", "请在本机的浏览器中打开；按 Ctrl-C 停止"))


def _write_data(path: str, picture: Picture[Any], result: Any, command: str) -> None:
    content = picture.data(result, "csv" if path == "-" else format_of(path, DATA_FORMATS), command)
    if path == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        write_whole(path, content)


def _print(
    picture: Picture[Any], result: Any, command: str, destinations: Destinations, more_notes: Sequence[Text]
) -> None:
    if destinations.json:
        summary = picture.summary(result) | {"files": destinations.paths, "command": command}
        print(json.dumps(summary, ensure_ascii=False, indent=2))
    if destinations.quiet:
        return
    for note in (*picture.notes(result), *more_notes):
        say(note)
    if not destinations.is_stdout_taken:
        for line in (*destinations.paths, *picture.table(result)):
            print(printable(line) if sys.stdout.isatty() else line)
