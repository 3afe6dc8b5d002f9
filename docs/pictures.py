"""Draws the pictures in this folder that no command writes: a live figure, a page in a browser, a terminal."""

import sys
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backend_bases import MouseEvent
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console
from rich.segment import Segment

import actplot
from actplot.cli import main
from actplot.cli.commands.explore import choose
from actplot.cli.curves import curves
from actplot.cli.functions import spec_of_entry
from actplot.cli.options import FigureOptions
from actplot.functions.catalog import CATALOG
from actplot.options import SIZE, Style
from actplot.output import metadata
from actplot.output import terminal as inline
from actplot.worker import Job

DOCS = Path(__file__).parent


def live_figure() -> None:
    """What a live figure looks like with the pointer on a curve."""
    picture = curves(spec_of_entry(CATALOG["elu"], {"alpha": [1.5]}), FigureOptions(lang="en"), choose=choose)
    shown = picture.live(Job(picture.compute, here=True), picture.compute())
    canvas: Any = shown.figure.canvas
    shown.connect()
    canvas.draw()
    left = next(axes for axes in shown.figure.axes if axes.get_xlabel())
    x, y = left.transData.transform((-1.2, 2))
    MouseEvent("motion_notify_event", canvas, x, y)._process()
    Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save(DOCS / "live.png")


def terminal() -> None:
    """What a terminal without graphics shows."""
    console = Console(width=100, color_system="truecolor", force_terminal=True)
    lines = console.render_lines(inline.panels([actplot.sample("gelu")], Style(lang="en", size=SIZE), 100))
    screen([[Segment("$ actplot gelu --inline --lang en")], *lines]).save(DOCS / "terminal.png")


def again(folder: Path) -> None:
    """From a figure to its command, and to another figure."""
    old = str(folder / "old.png")
    main(["elu", "--alpha", "2", "--at", "-1", "--lang", "zh", "--out", old, "--quiet"])
    words = [
        "$ actplot again old.png",
        metadata.read(old),
        "$ actplot again old.png --lang en --out new.svg",
        "new.svg",
    ]
    screen([[Segment(line)] for line in words]).save(DOCS / "again.png")


def screen(lines: list[list[Segment]], columns: int = 100) -> Image.Image:
    """Lines on a dark terminal, cell by cell."""
    cell = (9, 18)
    picture = Image.new("RGB", (columns * cell[0] + 20, len(lines) * cell[1] + 20), "#1e1e1e")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSansMono.ttf")), 14)

    def write(segments: list[Segment], row: int) -> None:
        column = 0
        for text, style, _ in segments:
            for character in text:
                x, y = 10 + column * cell[0], 10 + row * cell[1]
                ink = style.color.triplet.hex if style and style.color and style.color.triplet else "#d0d0d0"
                if character == "▀" and style and style.bgcolor and style.bgcolor.triplet:
                    pen.rectangle((x, y, x + cell[0] - 1, y + 8), fill=ink)
                    pen.rectangle((x, y + 9, x + cell[0] - 1, y + 17), fill=style.bgcolor.triplet.hex)
                elif character.strip():
                    pen.text((x, y), character, font=font, fill=ink)
                column += 1

    for row, segments in enumerate(lines):
        write(segments, row)
    return picture


def page(folder: Path) -> None:
    """The page of a sweep in a browser, with a point pinned."""
    from selenium.webdriver.support.ui import WebDriverWait

    sys.path.insert(0, str(DOCS.parent / "tests"))
    from browser import launch

    file = folder / "page.html"
    main(["elu", "--alpha", "0.5", "--alpha", "1", "--alpha", "2", "--lang", "en", "--out", str(file), "--quiet"])
    driver = launch(folder / "profile")
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 1150, "height": 760, "deviceScaleFactor": 1, "mobile": False}
    )
    driver.get(file.as_uri() + "#f=elu:alpha=0.5&f=elu&f=elu:alpha=2&x=-1&lang=en")
    WebDriverWait(driver, 10).until(lambda _: driver.execute_script("return Boolean(globalThis.actplot)"))
    driver.save_screenshot(str(DOCS / "page.png"))
    driver.quit()


def notebook(folder: Path) -> None:
    """The outputs of the example notebook, without its page, which is large and no forge shows."""
    import nbclient
    import nbformat

    path = DOCS / "notebook.ipynb"
    made = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(made, resources={"metadata": {"path": str(folder)}}).execute()
    for cell in made.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", ()):
            if "text/html" in output.get("data", {}):
                del output.data["text/html"]
    nbformat.write(made, path)


if __name__ == "__main__":
    import tempfile

    live_figure()
    terminal()
    with tempfile.TemporaryDirectory() as name:
        again(Path(name))
        notebook(Path(name))
        page(Path(name))
