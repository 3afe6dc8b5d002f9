"""Draws the pictures in this folder that no command writes: a live figure, a page in a browser, a terminal.

Each in English and in Chinese.
"""

import sys
from pathlib import Path
from typing import Any

import matplotlib
import noto_cjk_sans_otc
import numpy as np
from matplotlib.backend_bases import MouseEvent
from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
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
from actplot.text import LANGUAGES, Language
from actplot.worker import Job

DOCS = Path(__file__).parent
# The face of simplified Chinese in the collection of fonts.
CHINESE = 2


def place(name: str, lang: Language) -> Path:
    """Where a picture belongs."""
    return DOCS / (f"{name}.png" if lang == "en" else f"{name}-{lang}.png")


def live_figure(lang: Language) -> None:
    """What a live figure looks like with the pointer on a curve."""
    picture = curves(spec_of_entry(CATALOG["elu"], {"alpha": [1.5]}), FigureOptions(lang=lang), choose=choose)
    shown = picture.live(Job(picture.compute, here=True), picture.compute())
    canvas: Any = shown.figure.canvas
    shown.connect()
    canvas.draw()
    left = next(axes for axes in shown.figure.axes if axes.get_xlabel())
    x, y = left.transData.transform((-1.2, 2))
    MouseEvent("motion_notify_event", canvas, x, y)._process()
    Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save(place("live", lang))


def terminal(lang: Language) -> None:
    """What a terminal without graphics shows."""
    console = Console(width=100, color_system="truecolor", force_terminal=True)
    lines = console.render_lines(inline.panels([actplot.sample("gelu")], Style(lang=lang, size=SIZE), 100))
    words = "$ actplot gelu --inline" + (" --lang en" if lang == "en" else "")
    screen([[Segment(words)], *lines]).save(place("terminal", lang))


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
    """Lines on a dark terminal, cell by cell, an ideograph on two of them."""
    cell = (9, 18)
    picture = Image.new("RGB", (columns * cell[0] + 20, len(lines) * cell[1] + 20), "#1e1e1e")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSansMono.ttf")), 14)
    wide = ImageFont.truetype(str(noto_cjk_sans_otc.FONT_PATH), 15, index=CHINESE)

    def write(segments: list[Segment], row: int) -> None:
        column = 0
        for text, style, _ in segments:
            for character in text:
                cells = cell_len(character)
                x, y = 10 + column * cell[0], 10 + row * cell[1]
                ink = style.color.triplet.hex if style and style.color and style.color.triplet else "#d0d0d0"
                if character == "▀" and style and style.bgcolor and style.bgcolor.triplet:
                    pen.rectangle((x, y, x + cell[0] - 1, y + 8), fill=ink)
                    pen.rectangle((x, y + 9, x + cell[0] - 1, y + 17), fill=style.bgcolor.triplet.hex)
                elif cells == 2:
                    pen.text((x + cell[0], y + 14), character, font=wide, fill=ink, anchor="ms")
                elif character.strip():
                    pen.text((x, y), character, font=font, fill=ink)
                column += cells

    for row, segments in enumerate(lines):
        write(segments, row)
    return picture


def page(folder: Path, lang: Language) -> None:
    """The page of a sweep in a browser, with a point pinned."""
    from selenium.webdriver.support.ui import WebDriverWait

    sys.path.insert(0, str(DOCS.parent / "tests"))
    from browser import launch

    file = folder / f"page-{lang}.html"
    main(["elu", "--alpha", "0.5", "--alpha", "1", "--alpha", "2", "--lang", lang, "--out", str(file), "--quiet"])
    driver = launch(folder / f"profile-{lang}")
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 1150, "height": 760, "deviceScaleFactor": 1, "mobile": False}
    )
    driver.get(file.as_uri() + f"#f=elu:alpha=0.5&f=elu&f=elu:alpha=2&x=-1&lang={lang}")
    WebDriverWait(driver, 10).until(lambda _: driver.execute_script("return Boolean(globalThis.actplot)"))
    driver.save_screenshot(str(place("page", lang)))
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

    with tempfile.TemporaryDirectory() as name:
        for lang in LANGUAGES:
            live_figure(lang)
            terminal(lang)
            page(Path(name), lang)
        again(Path(name))
        notebook(Path(name))
