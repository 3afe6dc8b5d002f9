"""The page of a gallery in a real browser, opened from disk."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import needs_browser
from PIL import Image

import actplot
from actplot.functions.catalog import CATALOG
from actplot.gallery.index import Picture, html
from actplot.output import info

pytestmark = needs_browser
NAMES = ["relu", "leaky_relu", "sigmoid", "hardshrink"]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    families = {family.key: family.title for family in CATALOG.families}
    pictures = []
    for name in NAMES:
        entry = CATALOG[name]
        actplot.save(actplot.draw(actplot.sample(name), lang="zh"), folder / f"{name}.png")
        pictures.append(
            Picture(entry, families[entry.family], (entry.bind(),), (f"{name}.png",), f"actplot {name}", (1500, 600))
        )
    facts = {"leaky_relu": info.rows(CATALOG["leaky_relu"].bind(), CATALOG["leaky_relu"])}
    (folder / "index.html").write_text(html(pictures, facts), "utf-8")
    return folder / "index.html"


class Browser:
    """What a person does on the page."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, address: str) -> None:
        from selenium.webdriver.support.ui import WebDriverWait

        self.driver.get("about:blank")
        self.driver.get(address)
        WebDriverWait(self.driver, 10).until(lambda driver: driver.execute_script("return Boolean(globalThis.actplot)"))

    def wait(self, condition: Any) -> None:
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 10, poll_frequency=0.02).until(lambda _: condition())

    def shown_function(self) -> str:
        """The name of the function whose figure is shown; nothing where the list is."""
        if self.one("#list").is_displayed():
            return ""
        return str(self.driver.execute_script("return actplot.state.functions[0].name"))

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.driver.find_elements("css selector", selector)]

    def shown(self) -> list[str]:
        return [
            card.get_attribute("id") for card in self.driver.find_elements("css selector", ".cards > :not([hidden])")
        ]

    def search(self, words: str) -> list[str]:
        field = self.one("#search")
        field.clear()
        field.send_keys(words)
        return self.shown()

    def press(self, key: str) -> None:
        self.driver.switch_to.active_element.send_keys(key)

    def screenshot(self) -> np.ndarray:
        return np.asarray(Image.open(io.BytesIO(self.driver.get_screenshot_as_png())).convert("RGB"))


@pytest.fixture
def browser(chromium: Any, page: Path) -> Browser:
    chromium.set_window_size(1300, 1000)
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    chromium.get(page.as_uri())
    chromium.execute_script("localStorage.clear()")
    browser = Browser(chromium)
    browser.open(page.as_uri())
    return browser


def test_search_by_name_or_alias(browser: Browser) -> None:
    assert browser.shown() == NAMES
    assert browser.one("#shown").text == "显示 4 / 4"
    for words in ("lrelu", "Leaky ReLU", "leaky-relu", "LEAKY_RELU", "带泄漏"):
        assert browser.search(words) == ["leaky_relu"]
    assert browser.search("relu") == ["relu", "leaky_relu"]
    assert browser.search("nonsense") == []
    assert browser.one("#nothing").is_displayed()
    assert browser.one("#shown").text == "显示 0 / 4"


def test_filter_by_family(browser: Browser) -> None:
    browser.one('.pill[value="shrink"]').click()
    assert browser.shown() == ["hardshrink"]
    assert browser.search("relu") == []
    browser.one('.pill[value=""]').click()
    assert browser.shown() == ["relu", "leaky_relu"]


def test_a_click_opens_the_living_figure(browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.one("#leaky_relu .open").click()
    browser.wait(lambda: browser.shown_function() == "leaky_relu")
    assert browser.driver.current_url.endswith("#leaky_relu")
    assert browser.one("main .facts h2").text == "关于 Leaky ReLU"
    for words in ("折点", "负输入仍有梯度", "leaky_relu.png"):
        assert words in browser.one("main .facts").text
    assert browser.driver.execute_script("return document.querySelectorAll('math').length") == 2
    browser.driver.execute_script(
        "const slider = document.querySelector('[name=slope]'); slider.value = 0.5; slider.dispatchEvent(new Event('input'))"
    )
    assert browser.one("figcaption h2").text == "Leaky ReLU 函数曲线图（slope = 0.5）"
    browser.wait(lambda: "#f=leaky_relu:slope=0.5&range=-5,5&order=1&lang=zh" in browser.driver.current_url)
    browser.one("#next").click()
    browser.wait(lambda: browser.shown_function() == "sigmoid")
    browser.one("#previous").click()
    browser.wait(lambda: browser.shown_function() == "leaky_relu")
    browser.one(".back").click()
    browser.wait(lambda: browser.shown_function() == "")
    assert browser.shown() == NAMES
    browser.press(Keys.ENTER)  # the thumbnail has the focus again
    browser.wait(lambda: browser.shown_function() == "leaky_relu")
    browser.driver.back()
    browser.wait(lambda: browser.shown_function() == "")


def test_a_link_opens_a_figure(browser: Browser, page: Path) -> None:
    browser.open(f"{page.as_uri()}#hardshrink")
    assert browser.shown_function() == "hardshrink"
    browser.open(f"{page.as_uri()}#f=gelu&f=elu:alpha=2&order=2&lang=en")
    assert [each["name"] for each in browser.driver.execute_script("return actplot.state.functions")] == ["gelu", "elu"]
    assert len(browser.driver.find_elements("css selector", "figure")) == 3
    browser.open(f"{page.as_uri()}#f=nonsense")
    assert browser.shown_function() == ""
    assert browser.one(".notice").is_displayed()
    browser.driver.execute_script("actplot.state = {functions: [{name: 'silu', parameters: {}}]}")
    assert browser.shown_function() == "silu"


def test_enter_opens_what_was_searched_for(browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.search("relu")
    browser.press(Keys.ENTER)
    browser.wait(lambda: browser.shown_function() == "relu")


def test_scripts_can_ask_the_gallery(browser: Browser) -> None:
    assert browser.driver.execute_script("return actplot.names") == NAMES
    assert browser.driver.execute_script("return actplot.evaluate('gelu', [0, 1], {}, 0)[0][0]") == 0


def test_the_language_changes_everything_and_is_remembered(browser: Browser) -> None:
    assert browser.one("h1").text == "激活函数"
    browser.one("#list-language").click()
    assert browser.one("h1").text == "Activation functions"
    assert browser.one("#shown").text == "4 of 4 shown"
    assert browser.one("#search").get_attribute("placeholder") == "Search by name or alias"
    assert browser.one("#relu img").get_attribute("alt").startswith("Curves of ReLU")
    assert browser.driver.execute_script("return document.documentElement.lang") == "en"
    assert "silences negative ones" in browser.one("#relu .summary").text
    browser.driver.refresh()
    browser.wait(lambda: browser.one("h1").text == "Activation functions")
    browser.one("#relu .open").click()
    browser.wait(lambda: browser.shown_function() == "relu")
    assert browser.one("figcaption h2").text == "ReLU function"


def test_nothing_leaves_the_disk(browser: Browser) -> None:
    fetched = browser.driver.execute_script("return performance.getEntriesByType('resource').map((each) => each.name)")
    assert all(name.startswith("file://") for name in fetched)


@pytest.mark.parametrize("width", [1300, 500])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_not_blank(browser: Browser, width: int, scheme: str) -> None:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    browser.driver.set_window_size(width, 1000)
    browser.driver.refresh()
    browser.wait(lambda: browser.driver.execute_script("return Boolean(globalThis.actplot)"))
    browser.driver.execute_async_script("document.querySelector('img').decode().then(arguments[0])")  # it loads lazily
    pixels = browser.screenshot()
    brightness = pixels[:, :8].mean()
    assert brightness > 200 if scheme == "light" else brightness < 60
    assert len(np.unique(pixels @ (1 << 16, 1 << 8, 1))) > 300  # colours
    red, green, blue = np.moveaxis(pixels.astype(int), 2, 0)
    assert ((blue > red + 60) & (blue > green + 30)).sum() > 200, "no curve on the screen"
    # Nothing sticks out at the side.
    assert browser.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
