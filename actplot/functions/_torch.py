"""A module that stands for torch and imports it on first use, so that the catalog can be read in milliseconds.

Inside the catalog's functions ``torch.tanh(x)`` reads as usual. Python 3.15's ``lazy import`` will replace this.
"""

from typing import Any


def load_torch() -> None:
    """Imports torch now."""
    import torch  # noqa: F401


def __getattr__(name: str) -> Any:
    import torch

    return getattr(torch, name)
