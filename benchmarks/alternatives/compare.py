"""What a user would run instead of ``actplot compare``: torch functions over each other, drawn by pyplot."""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch
from torch.nn import functional

out, *names = sys.argv[1:]
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), dpi=150)
for name in names:
    x = torch.linspace(-5, 5, 1000, dtype=torch.float64, requires_grad=True)
    y = getattr(functional, name)(x)
    y.sum().backward()
    left.plot(x.detach(), y.detach(), label=name)
    right.plot(x.detach(), x.grad, label=name)
for axes, title in ((left, "functions"), (right, "derivatives")):
    axes.set_title(title)
    axes.set_xlabel("x")
    axes.grid(True)
    axes.legend()
figure.savefig(out)
