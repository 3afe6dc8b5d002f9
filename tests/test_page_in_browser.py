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
    (folder / "index.html").write_text(html(pictures), "utf-8")
    return folder / "index.html"


class Browser:
    """What a person does on the page."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.driver.find_elements("css selector", selector)]

    def shown(self) -> list[str]:
        return [card.get_attribute("id") for card in self.driver.find_elements("css selector", ".card:not([hidden])")]

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
    chromium.get("about:blank")
    chromium.get(page.as_uri())
    return Browser(chromium)


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


def test_large_view_by_mouse_and_keys(browser: Browser) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.one("#leaky_relu .open").click()
    dialog = browser.one("dialog")
    assert dialog.get_attribute("open")
    assert "带泄漏" in browser.one("#large-title").text
    for words in ("f(x) = max(0, x) + slope·min(0, x)", "slope = 0.01", "torch.nn.functional.leaky_relu", "x = 0"):
        assert words in dialog.text
    image = browser.one("dialog img")
    assert browser.driver.execute_script("return arguments[0].naturalWidth", image) == 1500
    browser.press(Keys.ARROW_RIGHT)
    assert "Sigmoid" in browser.one("#large-title").text
    browser.press(Keys.ARROW_LEFT)
    browser.press(Keys.ARROW_LEFT)
    assert browser.driver.current_url.endswith("#relu")
    browser.press(Keys.ESCAPE)
    assert not dialog.get_attribute("open")
    browser.press(Keys.ENTER)  # the thumbnail has the focus again
    assert dialog.get_attribute("open")


def test_a_link_opens_a_picture(browser: Browser, page: Path) -> None:
    browser.driver.get("about:blank")
    browser.driver.get(f"{page.as_uri()}#hardshrink")
    assert browser.one("dialog").get_attribute("open")
    assert "Hardshrink" in browser.one("#large-title").text


def test_the_command_can_be_copied(browser: Browser) -> None:
    browser.one("#sigmoid .open").click()
    button = browser.one("dialog .copy")
    button.click()
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser.driver, 5).until(lambda _: button.get_attribute("data-copied") == "true")
    assert button.text == "已复制"


def test_the_language_changes_everything_and_is_remembered(browser: Browser) -> None:
    assert browser.one("h1").text == "激活函数"
    browser.one("#language").click()
    assert browser.one("h1").text == "Activation functions"
    assert browser.one("#shown").text == "4 of 4 shown"
    assert browser.one("#search").get_attribute("placeholder") == "Search by name or alias"
    assert browser.one("#relu img").get_attribute("alt").startswith("Curves of ReLU")
    assert browser.driver.execute_script("return document.documentElement.lang") == "en"
    assert "silences negative ones" in browser.one("#relu .summary").text
    browser.driver.refresh()
    assert browser.one("h1").text == "Activation functions"


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
    browser.driver.execute_async_script("document.querySelector('img').decode().then(arguments[0])")  # it loads lazily
    pixels = browser.screenshot()
    brightness = pixels[:, :8].mean()
    assert brightness > 200 if scheme == "light" else brightness < 60
    assert len(np.unique(pixels @ (1 << 16, 1 << 8, 1))) > 300  # colours
    blue = (np.abs(pixels.astype(int) - (0x1F, 0x5F, 0xC4)).max(axis=2) < 25).sum()
    assert blue > 50, "no curve on the screen"
    # Nothing sticks out at the side.
    assert browser.driver.execute_script("return document.documentElement.scrollWidth <= innerWidth")
