"""The living page in a real browser: what one sees, does, sends on and takes along."""

import base64
import contextlib
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import needs_browser
from conftest import first_of
from PIL import Image

import actplot
from actplot.output import metadata
from actplot.page import bundle, page

pytestmark = needs_browser


def written(
    folder: Path, *sources: str, lang: Any = "zh", layout: str = "side", title: str | None = None, **options: Any
) -> Path:
    """A page of functions, as a file."""
    curves = [actplot.sample(source, **options) for source in sources]
    handle, name = tempfile.mkstemp(".html", dir=folder)
    os.close(handle)
    path = Path(name)
    path.write_bytes(page.render(curves, lang=lang, layout=layout, title=title, facts={}))
    return path


class Reader:
    """What a person does with a page."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, address: Path | str) -> None:
        self.driver.get("about:blank")
        self.driver.get(address.as_uri() if isinstance(address, Path) else address)
        self.wait(lambda: self.run("return Boolean(globalThis.actplot)"))

    def wait(self, condition: Callable[[], Any]) -> Any:
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, 10, poll_frequency=0.02).until(lambda _: condition())

    def run(self, script: str, *values: Any) -> Any:
        return self.driver.execute_script(script, *values)

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        return list(self.driver.find_elements("css selector", selector))

    def texts(self, selector: str) -> list[str]:
        """What elements say, all at one moment."""
        found = self.run(
            "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent)", selector
        )
        return [" ".join(words.split()) for words in found]

    def text(self, selector: str) -> str:
        return self.texts(selector)[0]

    @property
    def state(self) -> dict[str, Any]:
        state = self.run("return actplot.state")
        assert isinstance(state, dict)
        return state

    @property
    def reading(self) -> str:
        return self.text('[role="status"]')

    def slide(self, name: str, value: float, place: int = 0) -> None:
        slider = self.all(f'input[type="range"][name="{name}"]')[place]
        self.run(
            "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))",
            slider,
            str(value),
        )

    def pixel(self, panel: int, x: float, y: float) -> tuple[float, float]:
        """Where a point of a panel is on the screen, told by the labels of its slider role and its size."""
        plot = self.all(".plot")[panel]
        box = self.run("const b = arguments[0].getBoundingClientRect(); return [b.x, b.y, b.width, b.height]", plot)
        low, high = self.state["range"]
        bottom, top = self.limits(panel)
        return box[0] + 50 + (x - low) / (high - low) * (box[2] - 64), box[1] + 24 + (top - y) / (top - bottom) * (
            box[3] - 62
        )

    def limits(self, panel: int) -> tuple[float, float]:
        low, high = json.loads(self.all(".plot")[panel].get_attribute("data-limits"))
        return low, high

    def hover(self, panel: int, x: float, y: float) -> None:
        self._mouse("mouseMoved", *self.pixel(panel, x, y))

    def click(self, panel: int, x: float, y: float) -> None:
        place = self.pixel(panel, x, y)
        self._mouse("mouseMoved", *place)
        self._mouse("mousePressed", *place, button="left", clickCount=1)
        self._mouse("mouseReleased", *place, button="left", clickCount=1)

    def drag(self, panel: int, start: tuple[float, float], by: tuple[float, float]) -> None:
        x, y = self.pixel(panel, *start)
        self._mouse("mousePressed", x, y, button="left", clickCount=1)
        for share in (0.25, 0.5, 1.0):
            self._mouse("mouseMoved", x + share * by[0], y + share * by[1], button="left", buttons=1)
        self._mouse("mouseReleased", x + by[0], y + by[1], button="left", clickCount=1)

    def wheel(self, panel: int, x: float, y: float, turned: float, modifiers: int = 0) -> None:
        self._mouse("mouseWheel", *self.pixel(panel, x, y), deltaX=0, deltaY=turned, modifiers=modifiers)

    def _mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self.driver.execute_cdp_cmd("Input.dispatchMouseEvent", {"type": kind, "x": x, "y": y, **more})
        self.settle()

    def touch(self, kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y, "id": place} for place, (x, y) in enumerate(points)]
        self.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})
        self.settle()

    def settle(self) -> None:
        """Waits until what has happened is drawn."""
        self.driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
        )

    def key(self, panel: int, *keys: str) -> None:
        self.run("arguments[0].focus()", self.all(".plot")[panel])
        self.driver.switch_to.active_element.send_keys(*keys)
        self.settle()

    def size(self, width: int, height: int, *, touch: bool = False) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": touch})

    def scheme(self, scheme: str) -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


@pytest.fixture
def reader(chromium: Any) -> Reader:
    reader = Reader(chromium)
    reader.size(1280, 800)
    reader.scheme("light")
    chromium.get_log("browser")
    return reader


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def elu(folder: Path) -> Path:
    return written(folder, "elu", lang="en")


@pytest.fixture(scope="module")
def gelu(folder: Path) -> Path:
    return written(folder, "gelu", lang="en")


def test_a_page_needs_nothing_and_nobody(reader: Reader, elu: Path) -> None:
    source = elu.read_text("utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', source)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy[1]
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", source)
    reader.open(elu)
    assert reader.run("return performance.getEntriesByType('resource').map((each) => each.name)") == []
    assert reader.driver.get_log("browser") == []
    # The policy holds: what the file does not bring itself is not run.
    reader.run(
        "document.head.append(Object.assign(document.createElement('script'), {textContent: 'window.alien = 1'}))"
    )
    assert reader.run("return window.alien") is None
    assert "Content Security Policy" in reader.driver.get_log("browser")[0]["message"]


def test_a_page_is_small_and_always_the_same(folder: Path) -> None:
    curves = [actplot.sample("hard_elish")]
    rendered = page.render(curves, lang="zh", facts=page.describe([curves[0].function]))
    assert rendered == page.render(curves, lang="zh", facts=page.describe([curves[0].function]))
    font = re.search(rb"base64,([^)]*)", rendered)
    assert font is not None
    assert len(rendered) - len(font[1]) < 150_000


def test_a_script_can_ask_the_page(reader: Reader, elu: Path) -> None:
    reader.open(elu)
    assert reader.run("return actplot.names") == ["elu"]
    for points, order in (([-1.0, 0.0, 2.0], 1), ([-1.0, 0.5, 2.0], 2)):
        expected = actplot.evaluate("elu", points, alpha=2.0, order=order)
        found = reader.run(f"return actplot.evaluate('elu', {points}, {{alpha: 2}}, {order})")
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert reader.run("return actplot.evaluate('elu', 2)") == [2, 1]
    assert reader.run("return actplot.breaks('elu', {alpha: 3})[0].dy") == [3, 1, 3]
    assert reader.run("return actplot.evaluate('gelu', 0, {}, 1)") == [0, 0.5]
    with pytest.raises(Exception, match="has no parameter"):
        reader.run("actplot.evaluate('elu', 0, {beta: 1})")
    reader.run("actplot.state = {functions: [{name: 'silu', parameters: {}}], order: 2, layout: 'overlay', lang: 'zh'}")
    assert reader.state["functions"] == [{"name": "silu", "parameters": {}}]
    assert (reader.state["order"], reader.state["layout"], reader.state["lang"]) == (2, "overlay", "zh")
    assert reader.text("figcaption h2") == "SiLU 函数与各阶导数曲线图"
    for wrong in (
        "{order: 3}",
        "{range: [1, 1]}",
        "{range: [0, Infinity]}",
        "{layout: 'x'}",
        "{functions: []}",
        "{functions: [{name: 'elu', parameters: {alpha: NaN}}]}",
        "{functions: [{name: 'hardtanh', parameters: {min_val: 2}}]}",
        "{functions: [{name: 'nonsense', parameters: {}}]}",
        "{functions: Array(13).fill({name: 'relu', parameters: {}})}",
    ):
        before = reader.state
        with pytest.raises(Exception, match="javascript error"):
            reader.run(f"actplot.state = {wrong}")
        assert reader.state == before


def test_a_slider_moves_the_curve(reader: Reader, elu: Path) -> None:
    reader.open(elu)
    slider = reader.one('input[type="range"][name="alpha"]')
    (parameter,) = actplot.CATALOG["elu"].parameters
    ends = tuple(float(slider.get_attribute(name)) for name in ("min", "max", "value"))
    assert ends == (*parameter.span, parameter.default)
    reader.slide("alpha", 3)
    assert reader.state["functions"][0]["parameters"] == {"alpha": 3}
    reader.wait(lambda: reader.text("figcaption h2") == "ELU function (alpha = 3)")
    assert reader.limits(0)[0] < -3 <= 1.4 * reader.limits(0)[0] + 6
    field = reader.one("input.field")
    reader.wait(lambda: field.get_attribute("value") == "3")
    # What is typed widens the slider; what is not allowed is said beside it and changes nothing.
    reader.run("arguments[0].value = ''", field)
    field.send_keys("12", "\n")
    reader.wait(lambda: reader.state["functions"][0]["parameters"] == {"alpha": 12})
    reader.wait(lambda: float(reader.one('input[name="alpha"]').get_attribute("max")) == 12)
    for wrong in ("-1", "-1e-300", "abc", "1e999"):
        reader.run("arguments[0].value = ''", field)
        field.send_keys(wrong, "\n")
        reader.wait(lambda: reader.text(".parameter .error") == "alpha must be ≥ 0")
        assert reader.state["functions"][0]["parameters"] == {"alpha": 12}
    reader.one("#reset").click()
    reader.wait(lambda: reader.state["functions"][0]["parameters"] == {"alpha": 1})


_SLIDE = """
const [names] = arguments;
return names.map((name) => {
  actplot.state = {functions: [{name, parameters: {}}]};
  return [...document.querySelectorAll('input[type="range"]')].flatMap((slider) => ['max', 'min'].map((end) => {
    slider.value = slider[end];
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    return [slider.name, actplot.state.functions[0].parameters[slider.name]];
  }));
});
"""


def test_every_slider_of_the_catalog_goes_from_end_to_end(reader: Reader, elu: Path) -> None:
    reader.open(elu)
    entries = [entry for entry in actplot.CATALOG.values() if entry.parameters]
    for entry, reached in zip(entries, reader.run(_SLIDE, [entry.name for entry in entries]), strict=True):
        assert [name for name, _ in reached] == [each.name for each in entry.parameters for _ in ("max", "min")]
        for parameter, (highest, lowest) in zip(entry.parameters, zip(*[iter(reached)] * 2, strict=True), strict=True):
            assert lowest[1] != highest[1]
            assert [parameter.check(value) for _, value in (highest, lowest)] == [highest[1], lowest[1]]
    assert reader.driver.get_log("browser") == []


def test_the_reading_snaps_to_extrema_and_breaks(reader: Reader, gelu: Path, folder: Path) -> None:
    reader.open(gelu)
    assert reader.reading == "Point at a curve, or tap it, to read its values."
    reader.hover(1, 1.40, 1.1)
    assert reader.reading == "x = 1.41421 f(x) = 1.30299 f'(x) = 1.1289 f'(x) maximum"
    reader.hover(0, -0.74, -0.1)
    assert reader.reading == "x = −0.751792 f(x) = −0.169971 f'(x) = 0 f(x) minimum"
    reader.hover(0, 3, 2.9)
    assert re.fullmatch(r"x = [\d.]+ f\(x\) = [\d.]+ f'\(x\) = [\d.]+", reader.reading)
    reader.open(written(folder, "hardshrink", lang="en"))
    reader.hover(0, 0.49, 0.2)
    assert reader.reading == "x = 0.5 f(x) = left 0 here 0 right 0.5 f'(x) = left 0 here 0 right 1 jump"
    # Both panels say the same to those who hear them.
    spoken = [plot.get_attribute("aria-valuetext") for plot in reader.all(".plot")]
    assert spoken == [
        "x = 0.5; f(x) = left 0  here 0  right 0.5; jump",
        "x = 0.5; f'(x) = left 0  here 0  right 1; jump",
    ]


def test_a_click_pins_and_keys_step(reader: Reader, gelu: Path, folder: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    reader.open(gelu)
    reader.click(0, 2, 1.9)
    pinned = reader.reading
    assert pinned.endswith("pinned")
    reader.hover(0, -2, 0)
    assert reader.reading == pinned
    reader.click(0, 2, 1.9)
    reader.hover(0, -2, 0)
    assert reader.reading.startswith(("x = −2 ", "x = −1.9", "x = −2.0"))
    reader.open(written(folder, "relu6", lang="en"))
    reader.key(0, Keys.ARROW_RIGHT)
    first = reader.reading
    reader.key(0, Keys.SHIFT + Keys.ARROW_RIGHT + Keys.NULL, Keys.ARROW_LEFT)
    assert reader.reading != first
    low, high = reader.state["range"]
    reader.key(0, Keys.HOME, *[Keys.SHIFT + Keys.ARROW_RIGHT + Keys.NULL] * 5)
    for _ in range(40):
        if reader.reading.startswith("x = 0 "):
            break
        reader.key(0, Keys.ARROW_RIGHT)
    assert "f'(x) = left 0 here 0 right 1 kink" in reader.reading, "it went past the break"
    reader.key(0, "n")
    assert reader.reading.startswith("x = 6 ")
    reader.key(0, Keys.ESCAPE)
    assert reader.reading.startswith("Point at")
    reader.key(0, "+")
    assert reader.state["range"][1] - reader.state["range"][0] == pytest.approx(0.8 * (high - low))
    reader.key(0, "0")
    assert reader.state["range"] == [low, high]


def test_wheel_and_drag_sample_the_view_anew(reader: Reader, elu: Path) -> None:
    reader.open(elu)
    before = reader.limits(1)
    reader.wheel(0, 0, 0, -400)
    low, high = reader.state["range"]
    assert high - low == pytest.approx(10 * np.exp(-0.6))
    assert low < 0 < high
    assert reader.limits(1) != before, "the other panel finds its own height"
    reader.wheel(0, 0, 0, 400, modifiers=8)
    assert reader.state["range"] == pytest.approx([-5, 5], abs=1e-6)
    x, _ = reader.pixel(0, 1, 0)
    zero, _ = reader.pixel(0, 0, 0)
    reader.drag(0, (0, 0), (3 * (x - zero), 0))
    assert reader.state["range"] == pytest.approx([-8, 2], abs=0.05)
    reader.one("#reset").click()
    assert reader.state["range"] == [-5, 5]
    for _ in range(40):  # as far as numbers go, and not further
        reader.wheel(0, 0.5, 0, -5000)
    low, high = reader.state["range"]
    assert 0 < high - low < 1e-9
    assert reader.driver.get_log("browser") == []


def test_fingers_read_pan_and_pinch(reader: Reader, gelu: Path) -> None:
    reader.size(360, 740, touch=True)
    reader.open(gelu)
    place = reader.pixel(1, 1.5, 1.1)
    reader.touch("touchStart", place)
    reader.touch("touchEnd")
    assert "f'(x) maximum, pinned" in reader.reading
    start = reader.pixel(0, -2, 2)
    reader.touch("touchStart", start)
    for step in (10, 20, 40):
        reader.touch("touchMove", (start[0] + step, start[1]))
    reader.touch("touchEnd")
    low, high = reader.state["range"]
    assert high - low == pytest.approx(10)
    assert low < -5.5
    left, right = reader.pixel(0, -2, 2), reader.pixel(0, 2, 2)
    reader.touch("touchStart", left, right)
    for step in (5, 15, 30):
        reader.touch("touchMove", (left[0] - step, left[1]), (right[0] + step, right[1]))
    reader.touch("touchEnd")
    low, high = reader.state["range"]
    assert high - low < 8.5


def test_functions_are_laid_over_each_other(reader: Reader, elu: Path) -> None:
    reader.open(elu)
    field = reader.one("#add")
    field.send_keys("swish")
    assert reader.text("#add-list li").startswith("Swish")
    field.send_keys("\n")
    assert [each["name"] for each in reader.state["functions"]] == ["elu", "swish"]
    assert reader.texts("figcaption h2") == ["Activation functions", "Their derivatives"]
    reader.one("#add").send_keys("x*tanh(k*x)", "\n")
    assert reader.state["functions"][2] == {"name": "x*tanh(k*x)", "parameters": {"k": 1}}
    reader.slide("k", 2)
    assert reader.state["functions"][2]["parameters"] == {"k": 2}
    assert [toggle.get_attribute("aria-pressed") for toggle in reader.all(".toggle")] == ["true"] * 3
    reader.all(".toggle")[1].click()
    assert reader.all(".toggle")[1].get_attribute("aria-pressed") == "false"
    reader.hover(0, 2, 2)
    assert "Swish" not in reader.reading
    assert "x*tanh(k*x) (k = 2) f(x) = 1.98861" in reader.reading
    for words, said in (("x*", "column 3"), ("eval(1)", "column 1"), ("'a'", "column 1"), ("zzz zz", "No function")):
        reader.run("arguments[0].value = ''", reader.one("#add"))
        reader.one("#add").send_keys(words, "\n")
        assert said in reader.text(".chooser .error")
        assert len(reader.state["functions"]) == 3
    for name in ("relu", "gelu", "silu", "mish", "tanh", "sigmoid", "softplus", "erf", "sine"):
        reader.run("arguments[0].value = ''", reader.one("#add"))
        reader.one("#add").send_keys(name, "\n")
    assert len(reader.state["functions"]) == 12
    reader.one("#add").send_keys("celu", "\n")
    assert "at most 12" in reader.text(".chooser .error")
    for _ in range(11):
        reader.one(".remove").click()
    assert [each["name"] for each in reader.state["functions"]] == ["sine"]
    assert reader.all(".remove") == []


STATES: list[dict[str, Any]] = [
    {"functions": [{"name": "elu", "parameters": {"alpha": 0.25}}], "range": [-2.5, 7], "order": 2, "lang": "zh"},
    {
        "functions": [
            {"name": "leaky_relu", "parameters": {"slope": -0.1}},
            {"name": "where(x >= a, x, 1e-3*x**2)", "parameters": {"a": -1e-7}},
            {"name": "max(x, 0) + b", "parameters": {"b": 2.5}},
        ],
        "range": [-1e-3, 1e5],
        "order": 0,
        "lang": "en",
    },
    {"functions": [{"name": "sigmoid", "parameters": {}}], "range": [-6, 6], "order": 1, "layout": "overlay"},
]


@pytest.mark.parametrize("state", first_of(STATES))
def test_a_link_holds_the_state(reader: Reader, elu: Path, gelu: Path, state: dict[str, Any]) -> None:
    reader.open(elu)
    reader.run("actplot.state = arguments[0]", state)
    shown = reader.state
    reader.wait(lambda: "#" in reader.driver.current_url)
    reader.open(reader.driver.current_url)
    assert reader.state == shown
    # On another page of actplot it opens the same figure.
    reader.open(f"{gelu.as_uri()}#{reader.driver.current_url.partition('#')[2]}")
    assert reader.state == shown
    assert not reader.one(".notice").is_displayed()


def test_a_name_alone_is_a_link(reader: Reader, elu: Path) -> None:
    reader.open(f"{elu.as_uri()}#hardshrink")
    assert reader.state["functions"] == [{"name": "hardshrink", "parameters": {"lambd": 0.5}}]
    assert reader.state["range"] == [-2, 2]
    reader.run("location.hash = '#f=gelu&f=elu:alpha=2&x=1'")
    reader.wait(lambda: len(reader.state["functions"]) == 2)
    reader.wait(lambda: reader.reading.startswith("x = 1 pinned GELU f(x) = 0.841345"))


NONSENSE = [
    "nonsense",
    "f=elu:alpha=-1",
    "f=elu:beta=1",
    "f=elu:alpha=",
    "f=elu:alpha=1=2",
    "f=hardtanh:min_val=5",
    "f=elu&range=1",
    "f=elu&range=5,-5",
    "f=elu&range=NaN,1",
    "f=elu&range=-1e999,1e999",
    "range=,",
    "order=7",
    "layout=up",
    "lang=fr",
    "lang=__proto__",
    "__proto__=1",
    "f=constructor",
    "f=__proto__",
    "f=toString()",
    "f=x*unknown(x)",
    "%",
    "%E0%A4%A",
    "f=%00",
    "f=<img src=x onerror=alert(1)>",
    "f=%3Cscript%3Ealert(1)%3C/script%3E",
    "f=x:a=1",
    "&".join(["f=relu"] * 13),
    "f=" + "(" * 500 + "x" + ")" * 500,
    "f=" + "x+" * 5000 + "x",
    "f=alert(1)",
    "javascript:alert(1)",
]


# Follows a link on a page that is open.
_FOLLOW = """
const [fragment, done] = arguments;
document.querySelector('.notice').hidden = true;
addEventListener('hashchange', () => setTimeout(done), {once: true});
location.hash = fragment;
"""
_NOTICE = """
const notice = document.querySelector('.notice');
const alien = document.querySelectorAll('img, main script, iframe').length;
return [notice.checkVisibility(), notice.role, notice.innerText, alien];
"""


def test_a_link_that_makes_no_sense_is_ignored_and_said(reader: Reader, elu: Path) -> None:
    reader.open(elu)
    before = reader.state

    def check_ignored(fragment: str) -> None:
        assert reader.state == before, fragment
        is_visible, role, said, alien = reader.run(_NOTICE)
        assert (is_visible, role, alien) == (True, "alert", 0), fragment
        assert "ignored" in said, fragment
        assert len(said) < 300
        with contextlib.suppress(Exception):
            assert not reader.driver.switch_to.alert, "something was run"

    for fragment in NONSENSE:
        reader.driver.execute_async_script(_FOLLOW, fragment)
        check_ignored(fragment)
    for fragment in NONSENSE[::6]:  # a page that opens with it reads it in the same way
        reader.open(f"{elu.as_uri()}#{fragment}")
        check_ignored(fragment)


def saved(reader: Reader, form: str) -> bytes:
    """The file that a button saves."""
    script = """
        const [form, done] = arguments;
        const make = URL.createObjectURL;
        URL.createObjectURL = (blob) => {
            URL.createObjectURL = make;
            const file = new FileReader();
            file.onload = () => done(file.result.split(',')[1]);
            file.readAsDataURL(blob);
            return '#';
        };
        document.getElementById('save-' + form).click();
    """
    return base64.b64decode(reader.driver.execute_async_script(script, form))


@pytest.mark.parametrize("state", first_of(STATES))
def test_saved_figures_carry_a_command_that_draws_them(
    reader: Reader, elu: Path, state: dict[str, Any], tmp_path: Path
) -> None:
    from actplot.cli import main

    reader.open(elu)
    reader.run("actplot.state = arguments[0]", state)
    commands = set()
    for form in ("png", "svg"):
        path = tmp_path / f"saved.{form}"
        path.write_bytes(saved(reader, form))
        commands.add(metadata.read(str(path)))
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            assert main(["again", str(path)]) == 0  # which refuses what actplot would not write
        assert printed.getvalue().strip() == metadata.read(str(path))
    (command,) = commands
    names = [each["name"] for each in state["functions"]]
    assert metadata.split(command)[1] == ("compare" if len(names) > 1 else names[0])
    with Image.open(tmp_path / "saved.png") as picture:
        assert picture.size == ((2235 if state["order"] == 2 else 1500), 600)
    assert "<text" in (tmp_path / "saved.svg").read_text("utf-8")


def test_the_command_can_be_copied(reader: Reader, elu: Path) -> None:
    reader.open(elu)
    reader.slide("alpha", 2)
    button = reader.one("#copy-command")
    button.click()
    reader.wait(lambda: button.text == "Copied")
    assert reader.text(".notice") == "actplot elu --alpha 2 --range -5 5 --lang en"


def test_page_and_figure_agree(reader: Reader, folder: Path, tmp_path: Path) -> None:
    """The picture that the page saves, laid over the one that Python draws."""
    for name, colours in (("elu", ((0x1F, 0x5F, 0xC4), (0xD0, 0x28, 0x1E))), ("hardshrink", ((0x1F, 0x5F, 0xC4),))):
        curve = actplot.sample(name)
        actplot.save(actplot.draw(curve, lang="en"), tmp_path / "python.png")
        reader.open(written(folder, name, lang="en"))
        (tmp_path / "page.png").write_bytes(saved(reader, "png"))
        ours, theirs = (
            np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGB")).astype(int)
            for path in (tmp_path / "page.png", tmp_path / "python.png")
        )
        assert ours.shape == theirs.shape
        for colour in colours:
            here, there = (np.abs(each - colour).max(axis=2) < 40 for each in (ours, theirs))
            here[:80] = there[:80] = False  # titles, whose fonts are others
            for one, other in ((here, there), (there, here)):
                assert one.sum() > 500
                near = np.zeros_like(other)
                for down in range(-2, 3):
                    for across in range(-2, 3):
                        near |= np.roll(other, (down, across), axis=(0, 1))
                assert (one & ~near).sum() <= 0.002 * one.sum(), name


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_languages_and_colours(reader: Reader, elu: Path, scheme: str, lang: str) -> None:
    reader.scheme(scheme)
    reader.open(elu)
    if lang == "zh":
        reader.one("#language").click()
    assert reader.run("return document.documentElement.lang") == {"zh": "zh-Hans", "en": "en"}[lang]
    assert reader.text("#reset") == {"zh": "重置", "en": "Reset"}[lang]
    pixels = np.asarray(Image.open(io.BytesIO(reader.driver.get_screenshot_as_png())).convert("L"))
    assert (np.median(pixels) > 200) == (scheme == "light")
    reader.one("#theme").click()
    pixels = np.asarray(Image.open(io.BytesIO(reader.driver.get_screenshot_as_png())).convert("L"))
    assert (np.median(pixels) > 200) == (scheme == "dark")
    reader.run("localStorage.clear()")


# Of every text against its ground, as WCAG has it.
CONTRAST = """
    const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const groundOf = (element) => {
        for (let each = element; each; each = each.parentElement) {
            const colour = parse(getComputedStyle(each).backgroundColor);
            if (colour.length < 4 || colour[3] === 1) return colour;
        }
        return [255, 255, 255];
    };
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const element = texts.currentNode.parentElement;
        if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.closest('script, .aside')) continue;
        const [one, other] = [parse(getComputedStyle(element).color), groundOf(element)].map(light).sort((a, b) => b - a);
        const contrast = (one + 0.05) / (other + 0.05);
        if (contrast < 4.5) found.push([texts.currentNode.data, contrast]);
    }
    return found;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("source", ["elu", "gelu silu hardshrink"])
def test_all_text_can_be_read_and_every_control_has_a_name(
    reader: Reader, folder: Path, source: str, scheme: str
) -> None:
    reader.scheme(scheme)
    reader.open(written(folder, *source.split(), lang="en", range=(-3, 3), order=2))
    reader.key(0, "n")
    assert reader.run(CONTRAST) == []
    nameless = reader.run(
        "return [...document.querySelectorAll('button, input, summary, a, [tabindex]')].filter((each) => !("
        "each.getAttribute('aria-label') || each.textContent.trim() || each.labels?.length)).map((each) => each.outerHTML)"
    )
    assert nameless == []
    doubled = reader.run(
        "const ids = [...document.querySelectorAll('[id]')].map((each) => each.id);"
        "return ids.filter((id, place) => ids.indexOf(id) < place)"
    )
    assert doubled == []


def overflow(reader: Reader) -> Any:
    return reader.run(
        "const wide = document.documentElement.clientWidth; return [document.documentElement.scrollWidth - wide, "
        "[...document.querySelectorAll('main *, header *')].filter((each) => each.checkVisibility() && "
        "!each.closest('.formula, .aside, svg') && each.getBoundingClientRect().right > wide + 1).map((each) => each.outerHTML.slice(0, 80))]"
    )


@pytest.mark.parametrize("sources", [["elu"], ["hard_elish"], ["gelu", "leaky_relu", "x*sigmoid(x)"], ["tan(x)"]])
def test_a_phone_shows_all_of_it(reader: Reader, folder: Path, sources: list[str]) -> None:
    reader.size(360, 740, touch=True)
    reader.open(written(folder, *sources, order=2, range=(-4, 4)))
    for lang, layout in product(("zh", "en"), ("side", "overlay")):
        reader.run("actplot.state = arguments[0]", {"lang": lang, "layout": layout})
        assert (reader.state["lang"], reader.state["layout"]) == (lang, layout)
        reader.key(0, "n")
        assert overflow(reader) == [0, []]
    sliders = reader.all('input[type="range"]')
    assert all(slider.size["width"] > 120 and slider.size["height"] >= 30 for slider in sliders)


def test_titles_of_the_figure(reader: Reader, folder: Path) -> None:
    reader.open(written(folder, "gelu", lang="en", title="<b>Mine & 'yours'</b>"))
    assert reader.text("h1") == "<b>Mine & 'yours'</b>"
    reader.one("#copy-command").click()
    reader.wait(lambda: reader.text(".notice"))
    assert metadata.split(reader.text(".notice"))[-2:] == ["--title", "<b>Mine & 'yours'</b>"]


def test_a_callable_is_shown_by_its_samples(reader: Reader, folder: Path) -> None:
    def steps(x: Any, height: float = 1.0) -> Any:
        return (x > 0.5).to(x.dtype) * height + x * 0

    curves = [actplot.sample(steps, height=height) for height in (1.0, 2.0, 3.0)]
    path = folder / "callable.html"
    path.write_bytes(page.render(curves[:1], lang="en", facts={}))
    reader.open(path)
    assert reader.run("return actplot.names") == ["steps"]
    assert reader.run("return actplot.evaluate('steps', [0, 1])") == [[0, 1], [0, 0]]
    assert reader.run("return actplot.breaks('steps')")[0]["y"] == [0, 1, 0]
    path.write_bytes(page.render(curves, lang="en", facts={}))
    reader.open(path)
    reader.slide("height", 2)
    assert reader.state["functions"][0]["parameters"] == {"height": 3}


def test_coarser_numbers_are_shown_as_they_are(reader: Reader, folder: Path) -> None:
    curve = actplot.sample("gelu", range=(-6, -5), dtype="float32")
    path = folder / "float32.html"
    command = "actplot gelu --range -6 -5 --dtype float32 --lang en"
    path.write_bytes(page.render([curve], lang="en", facts={}, command=command))
    reader.open(path)
    points = curve.x[::50].tolist()
    np.testing.assert_array_equal(reader.run("return actplot.evaluate('gelu', arguments[0])[0]", points), curve.y[::50])
    assert np.abs(curve.y - actplot.evaluate("gelu", curve.x)[0]).max() > 1e-9, "it would not be seen"
    reader.wheel(0, -5.5, 0, -100)
    reader.one("#copy-command").click()
    reader.wait(lambda: reader.text(".notice") == command)


class TestBundle:
    """Modules as one script."""

    def make(self, monkeypatch: pytest.MonkeyPatch, folder: Path, **modules: str) -> str:
        (folder / "js").mkdir()
        for name, source in modules.items():
            (folder / "js" / f"{name}.js").write_text(source)
        monkeypatch.setattr(bundle, "files", lambda package: folder)
        monkeypatch.setattr(bundle, "_source", bundle._source.__wrapped__)
        return bundle.script("main")

    def test_modules_stay_apart(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, reader: Reader) -> None:
        script = self.make(
            monkeypatch,
            tmp_path,
            main="import { one, two as second } from './a.js';\nimport * as b from \"./b.js\";\nconst own = 3;\n"
            "window.sum = one + second() + own + b.own; // an aside\n",
            a="/** Says\n * things. */\nconst own = 1;\nexport const one = own;\n  // alone\nexport function two() {\n  return own + 1;\n}\n",
            b="import { one } from './a.js';\nexport const own = 10 * one;\n",
        )
        assert "Says" not in script
        assert "alone" not in script
        assert script.count("const _a =") == 1
        reader.driver.get("about:blank")
        assert reader.run(script + "return window.sum") == 16

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("import one from './a.js';\n", "cannot be put in line"),
            ("export default 1;\n", "cannot be put in line"),
            ("const a = `one\ntwo`;\n", "a string goes over lines"),
            ("import { main } from './main.js';\n", "import each other"),
        ],
    )
    def test_what_it_does_not_understand(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: str, said: str
    ) -> None:
        with pytest.raises(ValueError, match=said):
            self.make(monkeypatch, tmp_path, main=source, a="export const one = 1;\n")


def sources() -> Sequence[Path]:
    return sorted(Path(page.__file__).parent.joinpath("js").glob("*.js"))


def test_modules_are_short() -> None:
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in sources()}
    assert {name: length for name, length in lengths.items() if length >= 360} == {}


@pytest.fixture(scope="module")
def scores(folder: Path) -> Path:
    from actplot.numerics.experiments.softmax import softmax

    path = folder / "softmax.html"
    command = "actplot softmax --scores=1,2,3,4 --lang en"
    path.write_bytes(page.softmax(softmax([[1, 2, 3, 4]], list("1234")), lang="en", command=command))
    return path


@pytest.mark.parametrize("logarithmic", [False, True])
def test_softmax_is_that_of_torch(reader: Reader, folder: Path, logarithmic: bool) -> None:
    from actplot.numerics.experiments.softmax import softmax

    for samples, temperature in (([[1.0, 2.0, 3.0, 4.0]], 1.0), ([[1000.0, -3.0, 0.5], [0.1, 0.2, 0.3]], 0.25)):
        result = softmax(samples, list("abcd")[: len(samples[0])], temperature=temperature, logarithmic=logarithmic)
        path = folder / "softmax-numbers.html"
        path.write_bytes(page.softmax(result, lang="zh"))
        reader.open(path)
        for sample, values, jacobian in zip(samples, result.values, result.jacobian, strict=True):
            found = reader.run(f"return actplot.evaluate(actplot.names[0], {sample}, {{temperature: {temperature}}})")
            np.testing.assert_allclose(found[0], values, rtol=1e-12, atol=1e-300)
            np.testing.assert_allclose(found[1], jacobian, rtol=1e-9, atol=1e-15)


@pytest.mark.slow
def test_scores_move(reader: Reader, scores: Path, tmp_path: Path) -> None:
    from actplot.cli import main

    reader.open(scores)
    assert reader.reading == "p(1) = 0.032059 p(2) = 0.087144 p(3) = 0.23688 p(4) = 0.64391"
    reader.slide("z1", 4)
    reader.slide("temperature", 2)
    assert reader.state["functions"] == [
        {"name": "softmax", "parameters": {"z1": 4, "z2": 2, "z3": 3, "z4": 4, "temperature": 2}}
    ]
    reader.wait(lambda: "#scores=4,2,3,4&temperature=2&lang=en" in reader.driver.current_url)
    reader.open(reader.driver.current_url)
    assert reader.state["functions"][0]["parameters"]["z1"] == 4
    for form in ("png", "svg"):
        path = tmp_path / f"saved.{form}"
        path.write_bytes(saved(reader, form))
        assert metadata.read(str(path)) == "actplot softmax --scores=4,2,3,4 --temperature 2 --lang en"
        with contextlib.redirect_stdout(io.StringIO()):
            assert main(["again", str(path)]) == 0
    plot = reader.all(".plot")[1]
    plot.send_keys("\ue014\ue015\ue015")  # right, down, down
    assert reader.reading.startswith("∂p(3)/∂z(1) = −0.")
    for fragment in ("scores=1,2", "scores=1,2,3,x", "temperature=0", "lang=fr", "scores=1,2,3,1e999", "<b>", "x"):
        reader.open(f"{scores.as_uri()}#{fragment}")
        assert reader.reading.startswith("p(1) = 0.032059")
        assert "ignored" in reader.text(".notice")
    assert reader.driver.get_log("browser") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_softmax_can_be_read_on_a_phone(reader: Reader, folder: Path, scheme: str) -> None:
    from actplot.numerics.experiments.softmax import softmax

    labels = ["apple", "a long name of a class", "香蕉", "lemon"]
    path = folder / "softmax-phone.html"
    path.write_bytes(page.softmax(softmax([[1, 2, 3, 4], [0, 0, 1, -3]], labels), lang="zh"))
    reader.scheme(scheme)
    reader.size(360, 740, touch=True)
    reader.open(path)
    assert overflow(reader) == [0, []]
    assert reader.run(CONTRAST) == []


def test_values_against_one_score_are_curves(reader: Reader, folder: Path) -> None:
    from actplot.numerics.experiments.softmax import varied

    for logarithmic in (False, True):
        functions = varied((1.0, 2.0, -3.0, 40.0), list("abcd"), 1, 0.5, logarithmic=logarithmic)
        headings = {"zh": ["p 随 $z_{2}$ 的变化", "对 $z_{2}$ 的导数"], "en": ["p as $z_{2}$ varies", "Slopes"]}
        path = folder / "varied.html"
        curves = [actplot.sample(function) for function in functions]
        path.write_bytes(page.render(curves, lang="en", facts={}, headings=headings, command="actplot softmax"))
        reader.open(path)
        assert reader.texts("figcaption h2") == ["p as z₂ varies", "Slopes"]
        x = [-5.0, 0.0, 38.5, 40.0, 60.0]
        for function in functions:
            found = reader.run("return actplot.evaluate(arguments[0], arguments[1])", function.name, x)
            np.testing.assert_allclose(found, actplot.evaluate(function, x), rtol=1e-9, atol=1e-15)
        assert reader.run("return actplot.names.length") == 4


def test_a_picture_is_held(reader: Reader, folder: Path) -> None:
    curve = actplot.sample("relu")
    path = folder / "picture.html"
    actplot.save(actplot.draw(curve), folder / "picture.png")
    rendered = page.picture((folder / "picture.png").read_bytes(), lang="en", title="<Depth>", command="actplot depth")
    path.write_bytes(rendered)
    reader.open(path)
    image = reader.one("img")
    assert image.get_attribute("alt") == "<Depth>"
    assert reader.run("return arguments[0].naturalWidth", image) == 1500
    assert metadata.read(str(path)) == "actplot depth"
    reader.size(360, 740)
    assert overflow(reader) == [0, []]
    assert reader.driver.get_log("browser") == []


_TITLES_AND_LIMITS = """
const texts = (selector) => [...document.querySelectorAll(selector)].map((each) => each.textContent);
return arguments[0].map((state) => {
  actplot.state = state;
  const limits = [...document.querySelectorAll('.plot')].map((each) => JSON.parse(each.getAttribute('data-limits')));
  return [texts('figcaption h2'), limits];
});
"""


def test_titles_limits_and_numbers_are_those_of_python(reader: Reader, elu: Path) -> None:
    """The page decides nothing that Python decides: titles, labels, limits of y, and how numbers are spelt."""
    from actplot.plot.encoding import Encoding
    from actplot.plot.limits import y_limits

    reader.open(elu)
    functions = []
    for entry in actplot.CATALOG.values():
        functions += [entry.bind(), *(entry.bind(**{p.name: p.span[1]}) for p in entry.parameters[:1])]
    states = [
        {"functions": [{"name": function.name, "parameters": function.parameters}], "range": function.range}
        for function in functions
    ]
    for function, (titles, limits) in zip(functions, reader.run(_TITLES_AND_LIMITS, states), strict=True):
        curve = actplot.sample(function)
        panels = Encoding(lang="en").panels([function])
        assert titles == [panel.title for panel in panels]
        for found, panel in zip(limits, panels, strict=True):
            expected = y_limits([curve], panel.quantities)
            assert found == pytest.approx(expected, abs=0.01 * (expected[1] - expected[0])), function
    functions = [actplot.CATALOG["elu"].bind(alpha=alpha) for alpha in (0.5, 1e-5, 3.25)]
    shown = [{"name": "elu", "parameters": function.parameters} for function in functions]
    for more in ([], [{"name": "relu", "parameters": {}}]):
        reader.run("actplot.state = {functions: arguments[0]}", shown + more)
        each = [*functions, *(actplot.CATALOG["relu"].bind() for _ in more)]
        (panel, *_) = Encoding(lang="en").panels(each)
        assert reader.text("figcaption h2") == panel.title
        reader.hover(0, 1, 1)
        assert reader.texts(".row .label") == [line.label for line in panel.lines]


def test_numbers_are_spelt_as_python_spells_them(reader: Reader, elu: Path) -> None:
    from actplot.text import number

    rng = np.random.default_rng(0)
    values = [
        0.0,
        1.0,
        -1.0,
        0.1,
        1e-4,
        1e-5,
        123456.789,
        1e15,
        1e16,
        1.5e16,
        1e21,
        1e22,
        5e-324,
        1.7976931348623157e308,
    ]
    values += list(rng.normal(size=50) * 10.0 ** rng.integers(-30, 30, size=50))
    reader.open(elu)
    values = [value for value in values if 1e-290 < abs(value) < 1e290]
    shown = reader.run(
        """return arguments[0].map((k) => {
            actplot.state = {functions: [{name: 'x*k', parameters: {k}}]};
            return [document.querySelector('.function .name').textContent, document.querySelector('.field').value];
        });""",
        values,
    )
    assert shown == [["x*k", number(value)] for value in values]


def test_on_paper_the_figure_is_drawn_in_lines(reader: Reader, elu: Path) -> None:
    reader.open(elu)
    reader.run("document.documentElement.dataset.theme = 'dark'; actplot.state = {functions: [{name: 'gelu'}]}")
    printed = reader.driver.execute_cdp_cmd("Page.printToPDF", {})["data"]
    assert base64.b64decode(printed).startswith(b"%PDF")
    assert len(reader.all(".paper svg path")) >= 2
    assert "GELU" in reader.text(".paper svg title")
    reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert reader.one(".paper svg").is_displayed()
        assert not reader.one(".panels").is_displayed()
        assert not reader.one("#reset").is_displayed()
    finally:
        reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert not reader.one(".paper svg").is_displayed()
    assert reader.one(".panels").is_displayed()
