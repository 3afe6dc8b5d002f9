"""Draws docs/live.png: what a live figure looks like with the pointer on a curve."""

from typing import Any

import numpy as np
from matplotlib.backend_bases import MouseEvent
from PIL import Image

from actplot.catalog import CATALOG
from actplot.cli.drawing import live
from actplot.cli.explore_command import choose
from actplot.cli.figure_options import FigureOptions
from actplot.cli.function_command import request
from actplot.worker import Job

asked = request(CATALOG["elu"], {"alpha": [1.5]})
shown = live(Job(lambda: None, here=True), asked, FigureOptions(lang="en").checked(asked), None, choose)
canvas: Any = shown.figure.canvas
shown.connect()
canvas.draw()
left = next(axes for axes in shown.figure.axes if axes.get_xlabel())
x, y = left.transData.transform((-1.2, 2))
MouseEvent("motion_notify_event", canvas, x, y)._process()
Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save("docs/live.png")
