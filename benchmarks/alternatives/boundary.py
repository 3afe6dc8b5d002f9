"""What a user would run instead of ``actplot boundary``: a small network per activation, trained and drawn by pyplot."""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn


class Step(nn.Module):
    def forward(self, x):
        line = x.clamp(-1, 1)
        return (x > 0).to(x.dtype) - line.detach() + line


random = np.random.default_rng(0)
label = np.repeat([0, 1], 100)
angle = random.uniform(0, 2 * np.pi, 200)
radius = np.where(label == 1, 0.45 * np.sqrt(random.uniform(0, 1, 200)), random.uniform(0.75, 1.1, 200))
points = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]) + 0.05 * random.standard_normal((200, 2))
x, target = torch.from_numpy(points), torch.from_numpy(label.astype(float))[:, None]
axis = np.linspace(-1.5, 1.5, 160)
grid = torch.from_numpy(np.column_stack([part.ravel() for part in np.meshgrid(axis, axis)]))

figure, panels = plt.subplots(2, 2, figsize=(9, 8), dpi=150)
for activation, axes in zip((nn.Identity, Step, nn.Sigmoid, nn.ReLU), panels.flat, strict=True):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 3), activation(), nn.Linear(3, 1)).double()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    for _ in range(400):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(network(x), target).backward()
        optimizer.step()
    with torch.no_grad():
        decision = torch.sigmoid(network(grid)).numpy().reshape(160, 160)
    axes.contourf(axis, axis, decision, levels=20, cmap="RdBu_r")
    axes.scatter(*points.T, c=label, s=12, cmap="RdBu_r", edgecolors="white")
    axes.set_title(activation.__name__)
figure.savefig(sys.argv[1])
