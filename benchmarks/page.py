"""Times the living page in headless Chromium: sliders, opening, and ten curves at once.

    python benchmarks/page.py

A step counts from the slider's event to the frame that shows it: the event is sent when a frame begins, as browsers
send those of a mouse, and the clock stops once that frame is painted. 60 frames a second leave 16.7 ms for each. The
distance to the next frame, beside it, says whether the browser could keep up.
"""

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import actplot
from actplot.functions.catalog import CATALOG
from actplot.page import page

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


def report(label: str, taken: list[float]) -> None:
    flat = sorted(taken)
    inside = 100 * sum(each <= FRAME for each in flat) / len(flat)
    print(
        f"{label:28} {inside:5.1f} % within {FRAME} ms; median {statistics.median(flat):.1f}, 95th percentile "
        f"{flat[int(0.95 * len(flat))]:.1f}, slowest {flat[-1]:.1f} ms"
    )


def main() -> None:
    from browser import launch

    with tempfile.TemporaryDirectory() as folder:
        driver = launch(Path(folder, "profile"))
        try:
            measure(driver, Path(folder))
        finally:
            driver.quit()


def measure(driver: Any, folder: Path) -> None:
    driver.set_window_size(1300, 1000)
    elu, ten = folder / "elu.html", folder / "ten.html"
    elu.write_bytes(page.render([actplot.sample("elu")], lang="zh"))
    names = [entry.name for entry in CATALOG.values() if entry.parameters][:10]
    ten.write_bytes(page.render([actplot.sample(name, range=(-5, 5)) for name in names], lang="zh", facts={}))

    opened = []
    for _ in range(10):
        open_page(driver, elu)
        opened.append(driver.execute_async_script(OPENED))
    print(
        f"a page of {elu.stat().st_size / 1000:.0f} kB is painted after {statistics.median(opened):.0f} ms (median of 10)"
    )

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
    slowest = max(steps, key=lambda name: statistics.median(steps[name]))
    print(f"{len(steps)} functions with parameters, {STEPS} steps of each slider")
    report("event to painted frame", [each for several in steps.values() for each in several])
    report("frame to frame", [each - 0.3 for each in distances])
    print(f"slowest: {slowest} (median {statistics.median(steps[slowest]):.1f} ms)")

    open_page(driver, ten)
    taken = []
    for place in range(10):
        taken += driver.execute_async_script(DRAG, place, STEPS)[0]
    report("ten curves", taken)


if __name__ == "__main__":
    main()
