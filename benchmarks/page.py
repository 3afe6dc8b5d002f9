"""The living page in headless Chromium: sliders, opening, and ten curves at once.

A step counts from the slider's event to the frame that shows it: the event is sent when a frame begins, as browsers
send those of a mouse, and the clock stops once that frame is painted. 60 frames a second leave 16.7 ms for each. The
distance to the next frame, beside it, says whether the browser could keep up. Instead, a user would draw a figure by
pyplot at each step, as ``interact`` does in a notebook, and send it as PNG.
"""

import io
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import actplot
from actplot.functions.catalog import CATALOG
from actplot.page import page
from benchmarks.measure import Cost, Pair
from benchmarks.rows import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

STEPS, FRAME = 100, 16.7
# Moves the slider of one parameter from end to end, a step a frame.
DRAG = """
    const [place, steps, done] = arguments;
    const slider = document.querySelectorAll('main input[type="range"]')[place];
    const [low, high] = [Number(slider.min), Number(slider.max)];
    const taken = [], distances = [];
    let step = 0, last = 0;
    const next = (now) => {
        if (step > 1) distances.push(now - last);
        last = now;
        if (step === steps) { slider.dispatchEvent(new Event('change', {bubbles: true})); done([taken, distances]); return; }
        slider.value = String(low + (high - low) * step / (steps - 1));
        const began = performance.now();
        slider.dispatchEvent(new Event('input', {bubbles: true}));
        step += 1;
        const after = new MessageChannel();
        after.port1.onmessage = () => { taken.push(performance.now() - began); requestAnimationFrame(next); };
        after.port2.postMessage(null);
    };
    requestAnimationFrame(next);
"""
# Milliseconds from the start of loading until something of the page is painted.
OPENED = """
    const [done] = arguments;
    const look = () => {
        const [paint] = performance.getEntriesByName('first-contentful-paint');
        if (paint) done(paint.startTime); else requestAnimationFrame(look);
    };
    look();
"""


def open_page(driver: Any, path: Path) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    driver.get("about:blank")
    driver.get(path.as_uri())
    WebDriverWait(driver, 10, poll_frequency=0.01).until(
        lambda _: driver.execute_script("return Boolean(globalThis.actplot)")
    )


def plain_step(name: str) -> float:
    """Seconds that a figure by pyplot and its PNG take."""
    import matplotlib.pyplot as plt
    import torch

    entry = CATALOG[name]
    began = time.perf_counter()
    x = torch.linspace(*entry.range, 1000, dtype=torch.float64, requires_grad=True)
    y = entry(x)
    y.sum().backward()  # type: ignore[no-untyped-call]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    left.plot(x.detach().numpy(), y.detach().numpy())
    right.plot(x.detach().numpy(), x.grad.numpy())  # type: ignore[union-attr]
    figure.savefig(io.BytesIO(), format="png")
    plt.close(figure)
    return time.perf_counter() - began


def report(label: str, taken: list[float]) -> str:
    flat = sorted(taken)
    inside = 100 * sum(each <= FRAME for each in flat) / len(flat)
    return (
        f"page, {label}: {inside:.1f} % within {FRAME} ms; median {statistics.median(flat):.1f}, 95th percentile "
        f"{flat[int(0.95 * len(flat))]:.1f}, slowest {flat[-1]:.1f} ms"
    )


def rows() -> Iterator[Row]:
    """One row, where there is a browser."""
    if shutil.which("chromedriver") is None:
        return
    lines: list[str] = []

    def pairs(rounds: int) -> Iterator[Pair]:
        from browser import launch

        with tempfile.TemporaryDirectory() as folder:
            driver = launch(Path(folder, "profile"))
            try:
                yield from measure(driver, Path(folder), lines)
            finally:
                driver.quit()

    yield Row("slider.page", "a slider step, page in a browser", pairs, notes=lambda: lines)


def measure(driver: Any, folder: Path, lines: list[str]) -> Iterator[Pair]:
    """A pair for each function; lines about opening and about ten curves at once go to ``lines``."""
    driver.set_window_size(1300, 1000)
    elu, ten = folder / "elu.html", folder / "ten.html"
    elu.write_bytes(page.render([actplot.sample("elu")], lang="zh"))
    names = [entry.name for entry in CATALOG.values() if entry.parameters][:10]
    ten.write_bytes(page.render([actplot.sample(name, range=(-5, 5)) for name in names], lang="zh", facts={}))

    opened = []
    for _ in range(10):
        open_page(driver, elu)
        opened.append(driver.execute_async_script(OPENED))
    lines.append(f"a page of {elu.stat().st_size / 1000:.0f} kB is painted after {statistics.median(opened):.0f} ms")

    open_page(driver, elu)
    steps: dict[str, list[float]] = {}
    distances: list[float] = []
    for entry in CATALOG.values():
        if not entry.parameters:
            continue
        driver.execute_script("actplot.state = {functions: [{name: arguments[0], parameters: {}}]}", entry.name)
        for place in range(len(entry.parameters)):
            taken, between = driver.execute_async_script(DRAG, place, STEPS)
            steps.setdefault(entry.name, []).extend(taken)
            distances += between
        step, plain = statistics.median(steps[entry.name]) / 1e3, plain_step(entry.name)
        yield Pair(Cost(step, step), Cost(plain, plain))
    lines.append(report("event to painted frame", [each for several in steps.values() for each in several]))
    lines.append(report("frame to frame", [each - 0.3 for each in distances]))

    open_page(driver, ten)
    taken = []
    for place in range(10):
        taken += driver.execute_async_script(DRAG, place, STEPS)[0]
    lines.append(report("ten curves", taken))
