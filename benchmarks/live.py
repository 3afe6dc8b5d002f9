"""Times the steps of sliders: compute and draw, for every parameter of the catalog, on the canvases at hand.

    python benchmarks/live.py            Agg; for every sixth function TkAgg, where there is a display

Expressions whose breaks are searched for, and a figure with a pinned point, are timed too.

A step counts from the motion of the mouse until the new picture is on the canvas: in the window
for TkAgg. 60 frames a second leave 16.7 ms for each.
"""

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

from matplotlib.backend_bases import MouseButton, MouseEvent

from actplot.cli.curves import curves
from actplot.cli.functions import spec_of_entry, spec_of_source
from actplot.cli.options import FigureOptions
from actplot.functions.catalog import CATALOG
from actplot.numerics.curve import sample
from actplot.worker import Job

STEPS, FRAME = 100, 16.7
EXPRESSIONS = {"tan(a*x)": {"a": [1.0]}, "1/(x*x-c)": {"c": [1.0]}, "sin(300*a*x)": {"a": [1.0]}}


def agg(figure: Any) -> Callable[[], None]:
    figure.canvas.draw()
    return lambda: None


def tkagg(figure: Any) -> Callable[[], None]:
    import matplotlib
    import matplotlib.pyplot as plt

    matplotlib.use("tkagg")
    plt.close("all")
    plt.figure(figure)
    figure.canvas.draw()
    return figure.canvas.get_tk_widget().update


def steps(job: Job, name: str, canvas: Callable[[Any], Callable[[], None]], pinned: float | None = None) -> list[float]:
    """Milliseconds of each step, over all sliders of a function; with a point pinned at an x, if it is given."""
    spec = spec_of_source(name, EXPRESSIONS[name]) if name in EXPRESSIONS else spec_of_entry(CATALOG[name], {})
    picture = curves(spec, FigureOptions(lang="zh"))
    shown = picture.live(job, job.call(picture.compute))
    finish = canvas(shown.figure)
    shown.connect()
    finish()
    shown.figure.canvas.draw()
    if pinned is not None:
        panel = next(axes for axes in shown.figure.axes if axes.get_xlabel())
        x, y = panel.transData.transform((pinned, 0.5))
        MouseEvent("button_press_event", shown.figure.canvas, x, y, MouseButton.LEFT)._process()
    taken = []
    for slider in shown.sliders:
        box = slider.ax.bbox
        form: Any = dict(canvas=shown.figure.canvas, y=(box.y0 + box.y1) / 2, button=MouseButton.LEFT)
        MouseEvent("button_press_event", x=box.x0 + 1, **form)._process()
        finish()
        for step in range(STEPS):
            began = time.perf_counter()
            place = box.x0 + 1 + (box.width - 2) * step / STEPS
            MouseEvent("motion_notify_event", x=place, **form)._process()
            finish()
            taken.append(1e3 * (time.perf_counter() - began))
        MouseEvent("button_release_event", x=box.x1 - 1, **form)._process()
    return taken


def main() -> None:
    job = Job(lambda: sample("gelu"), stays=True)
    job.result()
    canvases = {"Agg": agg}
    if os.environ.get("DISPLAY"):
        canvases["TkAgg"] = tkagg
    names = [entry.name for entry in CATALOG.values() if entry.parameters]
    print(f"{len(names)} functions with parameters, {STEPS} steps of each slider")
    for label, canvas in canvases.items():
        taken = {name: steps(job, name, canvas) for name in (names if label == "Agg" else names[::6])}
        taken |= {name: steps(job, name, canvas) for name in EXPRESSIONS}
        taken["elu, pinned"] = steps(job, "elu", canvas, pinned=-1.0)
        for name in (*EXPRESSIONS, "elu, pinned"):
            several = sorted(taken[name])
            print(f"{label:7} {name}: median {several[50]:.1f}, 95th percentile {several[95]:.1f}")
        flat = sorted(each for several in taken.values() for each in several)
        inside = 100 * sum(each <= FRAME for each in flat) / len(flat)
        slowest = max(taken, key=lambda name: statistics.median(taken[name]))
        print(
            f"{label:7} {inside:5.1f} % within {FRAME} ms; median {statistics.median(flat):.1f}, 95th percentile "
            f"{flat[int(0.95 * len(flat))]:.1f}, slowest {slowest} ({statistics.median(taken[slowest]):.1f} ms)"
        )


if __name__ == "__main__":
    main()
