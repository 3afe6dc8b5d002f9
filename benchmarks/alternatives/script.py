"""What a user would run instead: the usual script, as the tutorials have it."""

import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch

x = torch.linspace(-10, 10, 1000, requires_grad=True)
y = torch.sigmoid(x)
y.sum().backward()

plt.figure(figsize=(10, 4), dpi=150)
plt.subplot(1, 2, 1)
plt.plot(x.detach().numpy(), y.detach().numpy(), color="blue")
plt.title("Sigmoid function")
plt.xlabel("x")
plt.ylabel("y")
plt.grid(True)

plt.subplot(1, 2, 2)
plt.plot(x.detach().numpy(), x.grad.numpy(), color="red")
plt.title("Sigmoid derivative", color="red")
plt.xlabel("x")
plt.ylabel("dy/dx")
plt.grid(True)

plt.tight_layout()
plt.savefig(sys.argv[1])
