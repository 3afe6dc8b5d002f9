"""What a user would run instead of ``actplot depth``: thirty layers and the gradient through them, drawn by pyplot."""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), dpi=150)
for activation in (torch.sigmoid, torch.tanh, torch.relu, torch.selu):
    torch.manual_seed(0)
    signal = torch.randn(256, 256, dtype=torch.float64, requires_grad=True)
    signals = [signal]
    for _ in range(30):
        signal = activation(signal @ (torch.randn(256, 256, dtype=torch.float64) / 16))
        signal.retain_grad()
        signals.append(signal)
    end = torch.randn_like(signal)
    signal.backward(end / end.norm())
    left.semilogy([each.std().item() for each in signals], label=activation.__name__)
    right.semilogy([each.grad.norm().item() for each in signals], label=activation.__name__)
left.legend()
left.set_xlabel("layer")
right.set_xlabel("layer")
figure.savefig(sys.argv[1])
