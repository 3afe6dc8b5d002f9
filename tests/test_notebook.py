"""Curves, figures and pages in a notebook that runs, and in the browser that shows it."""

import base64
import html
import io
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import needs_browser
from numpy.testing import assert_array_equal
from PIL import Image

import actplot
from actplot.errors import BadValue

EXAMPLE = Path(__file__).parent.parent / "docs" / "notebook.ipynb"
nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

CELLS = [
    "import actplot; curve = actplot.sample('elu', alpha=2.0)",
    "curve",
    "actplot.draw(curve, lang='en')",
    "actplot.page('gelu', 'silu', lang='en', title='<Two>')",
    "actplot.page('sigmoid', lang='zh')",
    "%matplotlib inline\nactplot.draw(curve)",
    "actplot.draw('gelu', 'silu', range=(-2, 2))",
    "actplot.draw('gelu'); actplot.draw('silu')",
    "actplot.draw(3)",
    "import matplotlib.pyplot as plt; plt.get_fignums()",
]


@pytest.fixture(scope="module")
def notebook() -> Any:
    """A notebook whose cells have run."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    nbclient.NotebookClient(made, timeout=120, allow_errors=True).execute()
    return made


def outputs(notebook: Any, cell: int) -> list[Any]:
    return list(notebook.cells[cell].outputs)


@pytest.mark.slow
def test_a_curve_is_shown_as_a_living_page(notebook: Any) -> None:
    (output,) = outputs(notebook, 1)
    assert output.data["text/html"].startswith('<iframe title="ELU" srcdoc="&lt;!DOCTYPE html&gt;')
    assert picture_of(output).size == (1500, 600)
    assert output.data["text/plain"] == "<Curve of ELU (alpha = 2) from -5 to 5, 1003 points>"


@pytest.mark.slow
def test_a_figure_is_shown_once_as_png(notebook: Any) -> None:
    for cell in (2, 5, 6, 7):
        (output,) = outputs(notebook, cell)
        picture = picture_of(output)
        assert picture.size[0] > 700
        assert "text/html" not in output.data


@pytest.mark.slow
def test_what_is_no_curve_is_said(notebook: Any) -> None:
    (output,) = outputs(notebook, 8)
    assert output.evalue.startswith("cannot take 3 for a function")


def picture_of(output: Any) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(output.data["image/png"])))


@pytest.mark.slow
def test_pyplot_knows_nothing_of_figures_that_are_drawn(notebook: Any) -> None:
    (output,) = outputs(notebook, 9)
    assert output.data["text/plain"] == "[]"


@pytest.mark.slow
def test_the_example_notebook_runs_and_shows_what_is_stored(tmp_path: Path) -> None:
    stored = nbformat.read(EXAMPLE, as_version=4)
    made = nbformat.read(EXAMPLE, as_version=4)
    nbclient.NotebookClient(made, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert (tmp_path / "tanh.pdf").read_bytes().startswith(b"%PDF")
    for cell, before in zip(made.cells, stored.cells, strict=True):
        for output, old in zip(cell.get("outputs", ()), before.get("outputs", ()), strict=True):
            assert old.data.keys() <= output.data.keys()
            if "image/png" in old.data:
                assert_array_equal(*(np.asarray(picture_of(each)) for each in (output, old)))
    pages = [output for cell in made.cells for output in cell.get("outputs", ()) if "text/html" in output.data]
    assert len(pages) == 1


@pytest.mark.slow
@needs_browser
def test_pages_do_not_disturb_each_other(notebook: Any, chromium: Any, tmp_path: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    frames = [outputs(notebook, cell)[0].data["text/html"] for cell in (1, 3, 4)]
    path = tmp_path / "notebook.html"
    path.write_text("<!DOCTYPE html><meta charset=utf-8><body>" + "".join(frames))
    chromium.get(path.as_uri())
    shown = []
    for frame in chromium.find_elements("css selector", "iframe"):
        chromium.switch_to.frame(frame)
        WebDriverWait(chromium, 10).until(lambda driver: driver.execute_script("return Boolean(globalThis.actplot)"))
        chromium.execute_script("actplot.state = {range: [-3, 3]}")
        shown.append(chromium.execute_script("return [document.querySelector('h1').textContent, actplot.state.lang]"))
        assert chromium.execute_script("return actplot.state.range") == [-3, 3]
        assert not chromium.find_elements("css selector", "#copy-link"), "the address is the notebook's"
        with pytest.raises(Exception, match="localStorage"):
            chromium.execute_script("localStorage.length")
        chromium.switch_to.default_content()
    assert shown == [["ELU", "zh"], ["<Two>", "en"], ["Sigmoid", "zh"]]
    severe = [entry for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"]
    assert severe == []


def test_pages_from_python(tmp_path: Path) -> None:
    page = actplot.page(actplot.sample("gelu"), lang="en", height=500)
    assert repr(page) == "Page(title='GELU', height=500)"
    page.save(tmp_path / "gelu.html")
    assert (tmp_path / "gelu.html").read_bytes() == page.content
    frame = page._repr_html_()
    assert "height: 500px" in frame
    document = re.search(r'srcdoc="([^"]*)"', frame)
    assert document is not None
    assert html.unescape(document[1]).encode() == page.content
    for wrong, said in (
        (lambda: actplot.page(), "needs a curve"),
        (lambda: actplot.page("gelu", layout="up"), "layout"),
        (lambda: actplot.page("gelu", lang="fr"), "no language"),
        (lambda: actplot.page("nonsense"), "unknown function"),
        (lambda: actplot.page("gelu", actplot.sample("gelu", order=2)), "different orders"),
    ):
        with pytest.raises(actplot.ActplotError, match=said):
            wrong()


def test_a_page_takes_what_sample_takes() -> None:
    made = actplot.page("elu", alpha=2.0, range=(-3, 3), lang="en", title="Mine")
    again = actplot.page(actplot.sample("elu", alpha=2.0, range=(-3, 3)), lang="en", title="Mine")
    assert made.content == again.content
    with pytest.raises(BadValue, match="alpha has no meaning for a curve that is sampled already"):
        actplot.page(actplot.sample("elu"), alpha=2.0)
