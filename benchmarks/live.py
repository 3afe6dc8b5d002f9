"""Steps of sliders: compute and draw, for every parameter of the catalog, on the canvases at hand.

A step counts from the motion of the mouse until the new picture is on the canvas: in the window for TkAgg, which takes
part where there is a display, with every sixth function. 60 frames a second leave 16.7 ms for each. Instead, a user would
connect matplotlib's own slider to torch and draw the figure again.
Expressions whose breaks are searched for, and a figure with a pinned point, are timed too.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from matplotlib.backend_bases import MouseButton, MouseEvent

from actplot.cli.curves import curves
from actplot.cli.functions import spec_of_entry, spec_of_source
from actplot.cli.options import FigureOptions
from actplot.functions.catalog import CATALOG
from actplot.numerics.curve import sample
from actplot.worker import Job
from benchmarks.measure import Cost, Pair
from benchmarks.rows import Row

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


def plain_steps(name: str, canvas: Callable[[Any], Callable[[], None]]) -> list[float]:
    """Milliseconds of each step of matplotlib's own sliders."""
    import torch
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.widgets import Slider

    entry = CATALOG[name]
    figure = Figure(figsize=(10, 4))
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(bottom=0.3)
    values = dict(entry.defaults)

    def compute() -> tuple[Any, Any, Any]:
        x = torch.linspace(*entry.range, 1000, dtype=torch.float64, requires_grad=True)
        y = entry(x, **values)
        y.sum().backward()  # type: ignore[no-untyped-call]
        return x.detach().numpy(), y.detach().numpy(), x.grad.numpy()  # type: ignore[union-attr]

    x, y, dy = compute()
    lines = left.plot(x, y)[0], right.plot(x, dy)[0]
    finish = canvas(figure)
    taken = []
    for place, parameter in enumerate(entry.parameters):
        area = figure.add_axes((0.2, 0.05 + 0.05 * place, 0.6, 0.03))
        slider = Slider(area, parameter.name, *parameter.span, valinit=parameter.default)

        def turn(value: float, parameter: Any = parameter) -> None:
            values[parameter.name] = value
            _, y, dy = compute()
            for line, column in zip(lines, (y, dy), strict=True):
                line.set_ydata(column)
            figure.canvas.draw()

        slider.on_changed(turn)
        low, high = parameter.span
        for step in range(STEPS // 4):
            began = time.perf_counter()
            try:
                slider.set_val(low + (high - low) * step / (STEPS // 4))
            except (RuntimeError, ValueError):  # two parameters that do not go together
                continue
            finish()
            taken.append(1e3 * (time.perf_counter() - began))
    return taken


def rows() -> Iterator[Row]:
    """A row for each canvas."""
    canvases = {"Agg": agg}
    if os.environ.get("DISPLAY"):
        canvases["TkAgg"] = tkagg
    names = [entry.name for entry in CATALOG.values() if entry.parameters]
    for label, canvas in canvases.items():
        taken: dict[str, list[float]] = {}

        def pairs(
            rounds: int, label: str = label, canvas: Any = canvas, taken: dict[str, list[float]] = taken
        ) -> Iterator[Pair]:
            job = Job(lambda: sample("gelu"), stays=True)
            job.result()
            for name in names if label == "Agg" else names[::6]:
                taken[name] = steps(job, name, canvas)
                yield Pair(_cost(taken[name]), _cost(plain_steps(name, canvas)))
            taken.update({name: steps(job, name, canvas) for name in EXPRESSIONS})
            taken["elu, pinned"] = steps(job, "elu", canvas, pinned=-1.0)

        yield Row(f"slider.{label.lower()}", f"a slider step, {label}", pairs, notes=partial(_notes, label, taken))


def _cost(milliseconds: Sequence[float]) -> Cost:
    """The median step; it runs in two processes, of which this one's clock sees one, so wall time stands for both."""
    step = statistics.median(milliseconds) / 1e3
    return Cost(step, step)


def _notes(label: str, taken: dict[str, list[float]]) -> list[str]:
    flat = sorted(each for several in taken.values() for each in several)
    inside = 100 * sum(each <= FRAME for each in flat) / len(flat)
    slowest = max(taken, key=lambda name: statistics.median(taken[name]))
    return [
        f"{label}: {len(taken)} functions with parameters, {STEPS} steps of each slider; {inside:.1f} % within {FRAME} ms; "
        f"median {statistics.median(flat):.1f}, 95th percentile {flat[int(0.95 * len(flat))]:.1f}, "
        f"slowest {slowest} ({statistics.median(taken[slowest]):.1f} ms)",
        *(
            f"{label}, {name}: median {statistics.median(taken[name]):.1f}, 95th percentile {sorted(taken[name])[95]:.1f} ms"
            for name in (*EXPRESSIONS, "elu, pinned")
        ),
    ]
