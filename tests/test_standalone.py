"""Curves as one HTML file, in a real browser without a network."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch  # noqa: F401 - loaded here, so that commands in this process compute in this process
from browser import needs_browser
from PIL import Image

import actplot
from actplot.cli import main
from actplot.page import standalone

pytest.importorskip("plotly")
BLUE = (0x1F, 0x5F, 0xC4)


class Page:
    """A page from disk, in a browser that reaches nothing else."""

    def __init__(self, driver: Any, path: Path) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        self.driver = driver
        self.actions = lambda: ActionChains(driver, duration=10)
        driver.set_window_size(1250, 750)
        driver.execute_cdp_cmd("Network.enable", {})
        cut = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        driver.execute_cdp_cmd("Network.emulateNetworkConditions", cut)
        driver.get(path.as_uri())
        self.run("return document.fonts.ready.then(() => 1)")
        assert self.one(".main-svg")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def texts(self) -> list[str]:
        return [each.text for each in self.driver.find_elements("css selector", "#figure text")]

    def hover(self, x: float, panel: int = 0) -> str:
        """What the readout says with the pointer at an x of a panel."""
        plots = self.driver.find_elements("css selector", ".nsewdrag")
        box = plots[panel].rect
        low, high = self.run(
            f"return document.getElementById('figure')._fullLayout.xaxis{panel + 1 if panel else ''}.range"
        )
        across = (x - low) / (high - low) * box["width"] - box["width"] / 2
        self.actions().move_to_element_with_offset(plots[panel], round(across), 0).perform()
        self.actions().pause(0.2).perform()
        return " ".join(each.text for each in self.driver.find_elements("css selector", ".hoverlayer text"))

    def pixels(self) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("RGB")).astype(int)

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]


def page(driver: Any, folder: Path, *words: str) -> Page:
    assert main([*words, "--out", str(folder / "figure.html"), "--quiet"]) == 0
    return Page(driver, folder / "figure.html")


def number(symbol: str, text: str) -> float:
    found = re.search(rf"{re.escape(symbol)} = ([-−\d.e]+)", text)
    assert found, text
    return float(found[1].replace("−", "-"))


@needs_browser
def test_the_readout_is_what_evaluate_gives(chromium: Any, tmp_path: Path) -> None:
    shown = page(chromium, tmp_path, "gelu", "--order", "2", "--lang", "zh")
    assert {"GELU 函数曲线图", "GELU 函数导数曲线图", "GELU 函数二阶导数曲线图", "f(x) = x·Φ(x)"} <= set(shown.texts())
    for panel, x in ((0, -1.3), (1, 0.4), (2, 2.2)):
        text = shown.hover(x, panel)
        at = number("x", text)
        assert at == pytest.approx(x, abs=0.06)
        values = actplot.evaluate("gelu", at, order=2)
        for symbol, value in zip(("f(x)", "f'(x)", "f''(x)"), values, strict=True):
            assert number(symbol, text) == pytest.approx(float(value), rel=3e-5, abs=3e-5)
    assert (np.abs(shown.pixels() - BLUE).max(axis=2) < 40).sum() > 200
    # The characters come from the page itself.
    assert (
        shown.run("return [...document.fonts].map((font) => font.family + ' ' + font.status).join()")
        == "actplot loaded"
    )
    assert shown.errors() == []
    requests = shown.run("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert all(name.startswith("data:") for name in requests)


@needs_browser
def test_the_slider_moves_the_curve(chromium: Any, tmp_path: Path) -> None:
    shown = page(chromium, tmp_path, "elu", "--alpha", "0.5", "--alpha", "2", "--alpha", "1", "--lang", "en")
    values = [number("f(x)", shown.hover(-2.0))]
    before = shown.pixels()
    steps = shown.driver.find_elements("css selector", ".slider-label-group")
    assert [step.text for step in steps] == ["alpha = 0.5", "alpha = 2", "alpha = 1", "all"]
    for step in steps[1:3]:
        shown.actions().move_to_element(step).click().perform()
        values.append(number("f(x)", shown.hover(-2.0)))
    assert (np.abs(shown.pixels() - before).max(axis=2) > 60).sum() > 300
    x = number("x", shown.hover(-2.0))
    expected = [float(actplot.evaluate("elu", x, order=0, alpha=alpha)[0]) for alpha in (0.5, 2.0, 1.0)]
    assert values == pytest.approx(expected, rel=1e-4)
    shown.actions().move_to_element(steps[3]).click().perform()
    lines = "document.getElementById('figure').data.filter((each) => each.visible && each.mode === 'lines')"
    visible = shown.run(f"return {lines}.length")
    assert visible == 6
    # The height of the panels is that of all the curves, whichever is shown.
    assert shown.run("return document.getElementById('figure').layout.yaxis.range[0]") < -1.9


@needs_browser
def test_zoom_is_shared_and_breaks_are_gaps(chromium: Any, tmp_path: Path) -> None:
    shown = page(chromium, tmp_path, "hardshrink", "--lang", "en")
    figure = "document.getElementById('figure')"
    shown.run(f"return Plotly.relayout({figure}, {{'xaxis.range': [0, 1]}})")
    assert shown.run(f"return {figure}._fullLayout.xaxis2.range") == [0, 1]
    traces = shown.run(f"return {figure}.data.map((each) => [each.mode, Array.from(each.x), Array.from(each.y)])")
    (_, x, y), *dots = traces[:3]
    gaps = {at for at, value in zip(x, y, strict=True) if value is None}
    assert gaps == {-0.5, 0.5}
    assert sorted(zip(dots[0][1], dots[0][2], strict=True)) == [(-0.5, -0.5), (-0.5, 0.0), (0.5, 0.0), (0.5, 0.5)]
    assert sorted(zip(dots[1][1], dots[1][2], strict=True)) == [(-0.5, 0.0), (0.5, 0.0)]


@needs_browser
def test_a_size_is_heeded(chromium: Any, tmp_path: Path) -> None:
    widths = []
    for words in ([], ["--size", "7", "3"]):
        shown = page(chromium, tmp_path, "tanh", *words)
        widths.append(shown.one(".main-svg").rect["width"])
    assert widths[0] > 1100
    assert widths[1] == 700


@needs_browser
def test_names_and_titles_are_read_as_they_are(chromium: Any, tmp_path: Path) -> None:
    other, title = "where(0<b>x, x, 0):b=1", "<b>no</b> &lt; %{x} {y}"
    shown = page(chromium, tmp_path, "compare", "relu", other, "--title", title, "--lang", "en")
    label = "where(0<b>x, x, 0) (b = 1)"
    assert {title, label, "ReLU"} <= set(shown.texts())
    assert label in shown.hover(1.0)
    assert shown.errors() == []


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a figure of plotly's, but for templates, which are its own language."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for name, each in value.items() if name != "font" for text in texts_in(each))
    elif isinstance(value, list | tuple):
        yield from (text for each in value for text in texts_in(each))


@pytest.mark.parametrize("sweep", [False, True])
@pytest.mark.parametrize("layout", ["side", "overlay"])
def test_nothing_handed_to_plotly_is_markup(layout: str, sweep: bool) -> None:
    hostile = "<i>%{x}&"
    curves = [
        replace(curve, function=replace(curve.function, name=name, title=hostile, parameters={hostile: value}))
        for name, value in (("a", 1.0), ("a" if sweep else "b", 2.0))
        for curve in [actplot.sample("relu", samples=5)]
    ]
    figure = standalone.plotly_figure(
        curves, lang="en", layout=layout, title=hostile, headings=(hostile, hostile), size=(8, 4)
    )
    texts = list(texts_in(figure))
    assert any("&lt;i" in text for text in texts)
    assert not [text for text in texts if "<i" in text or "%{x}&" in text]


@pytest.mark.parametrize(
    "words", [["compare", "relu", "gelu", "x<0", "--layout", "overlay", "--title", "a < b & <c>"], ["tan"]]
)
def test_the_page_is_whole_and_the_same_every_time(words: list[str], tmp_path: Path) -> None:
    words = ["plot", "tan(x)"] if words == ["tan"] else words
    for name in ("one.html", "two.html"):
        assert main([*words, "--out", str(tmp_path / name), "--quiet"]) == 0
    content = (tmp_path / "one.html").read_text("utf-8")
    assert content == (tmp_path / "two.html").read_text("utf-8")
    own = content[: content.index("<body>")] + content[content.rindex('<div id="figure"') :]
    assert not re.search(r"(src|href)=.?http", own)
    assert "<c>" not in own
    assert 4_000_000 < len(content) < 7_000_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--style", "ggplot"], "--style has no meaning for a page"),
        (["--font", "DejaVu Sans"], "--font has no meaning"),
        (["--dpi", "200"], "--dpi has no meaning"),
        (["--title", "$x$"], "a page sets no $math$"),
        (["-n", "200000"], "a page holds at most 100,000 points"),
    ],
)
def test_what_a_page_cannot_do_is_one_line(words: list[str], said: str, tmp_path: Path, capsys: Any) -> None:
    assert main(["elu", *words, "--out", str(tmp_path / "x.html")]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert said in err
    for verb in ("softmax", "depth", "boundary"):
        assert main([verb, "--out", str(tmp_path / "x.html")]) == 2
        assert "cannot be written as a page" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
