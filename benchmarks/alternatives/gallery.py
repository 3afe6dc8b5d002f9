"""What a user would run instead of the gallery: one process, pyplot, a figure per function."""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch

from actplot.functions.catalog import CATALOG

folder = Path(sys.argv[1])
for name in CATALOG:
    function = CATALOG[name].bind()
    x = torch.linspace(*function.range, 1000, dtype=torch.float64, requires_grad=True)
    y = function.call(x)
    y.sum().backward()
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), dpi=150)
    left.plot(x.detach().numpy(), y.detach().numpy(), color="blue")
    left.set_title(f"{name} function")
    right.plot(x.detach().numpy(), x.grad.numpy(), color="red")
    right.set_title(f"{name} derivative", color="red")
    for axes, label in ((left, "y"), (right, "dy/dx")):
        axes.set_xlabel("x")
        axes.set_ylabel(label)
        axes.grid(True)
    figure.savefig(folder / f"{name}.png")
    plt.close(figure)
