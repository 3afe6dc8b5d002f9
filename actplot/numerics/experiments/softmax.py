"""Softmax: scores to probabilities, and how each depends on each score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from actplot.functions.registry import Function
from actplot.numerics.autograd import find_device
from actplot.options import check_dtype

if TYPE_CHECKING:
    import torch
    from torch import Tensor
else:
    from actplot.functions import _torch as torch

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Softmax:
    """Samples of scores and what softmax makes of them.

    Attributes
    ----------
    labels
        Names of the classes.
    temperature
        What scores are divided by.
    logarithmic
        Whether ``values`` are logarithms of the probabilities.
    scores, values
        Arrays of shape (samples, classes).
    jacobian
        Derivatives of value i by score j, of shape (samples, classes, classes), as autograd has them.
    device
        What torch computed on.
    """

    labels: tuple[str, ...]
    temperature: float
    logarithmic: bool
    scores: Floats
    values: Floats
    jacobian: Floats
    device: str


def apply(scores: "Tensor", temperature: float, *, logarithmic: bool) -> "Tensor":
    """Softmax, or its logarithm, of scores of shape (..., classes) over the last axis.

    The largest score is subtracted first, so that none overflows when it is divided by a small temperature.
    """
    shifted = (scores - scores.max(dim=-1, keepdim=True).values.detach()) / temperature
    return torch.log_softmax(shifted, dim=-1) if logarithmic else torch.softmax(shifted, dim=-1)


def softmax(
    scores: Sequence[Sequence[float]],
    labels: Sequence[str],
    *,
    temperature: float = 1.0,
    logarithmic: bool = False,
    dtype: str = "float64",
    device: str = "cpu",
) -> Softmax:
    """The probabilities of scores and their Jacobian.

    Parameters
    ----------
    scores
        One list of scores per sample, all of one length.
    labels
        A name for each class.
    temperature
        Greater than 0; scores are divided by it.
    logarithmic
        For the logarithms of the probabilities.
    dtype, device
        What torch computes in and on.

    Returns
    -------
    Softmax
        Values and Jacobians in float64, whatever the dtype.

    Raises
    ------
    NoDevice
        If this machine does not have the device.

    Examples
    --------
    >>> softmax([[1.0, 2.0, 3.0, 4.0]], ["a", "b", "c", "d"]).values.round(4).tolist()
    [[0.0321, 0.0871, 0.2369, 0.6439]]
    """
    where = find_device(device)
    given = torch.tensor(scores, dtype=getattr(torch, check_dtype(dtype)), device=where)

    def one(z: "Tensor") -> "Tensor":
        return apply(z, temperature, logarithmic=logarithmic)

    jacobians = [torch.autograd.functional.jacobian(one, z) for z in given]  # type: ignore[no-untyped-call]
    return Softmax(
        labels=tuple(labels),
        temperature=temperature,
        logarithmic=logarithmic,
        scores=np.array(scores, dtype=np.float64),
        values=one(given).double().cpu().numpy(),
        jacobian=torch.stack(jacobians).double().cpu().numpy(),
        device=str(where),
    )


@dataclass(frozen=True)
class Varied:
    """One value of softmax as a function of one score, the others fixed: called with a tensor of that score.

    Attributes
    ----------
    scores
        All of them; the one at ``place`` is replaced.
    place, value
        The index of the score that varies, and that of the value.
    temperature, logarithmic
        As for :func:`softmax`.
    """

    scores: tuple[float, ...]
    place: int
    value: int
    temperature: float
    logarithmic: bool

    def __call__(self, x: "Tensor") -> "Tensor":
        fixed = torch.tensor(self.scores, dtype=x.dtype, device=x.device).expand(*x.shape, len(self.scores))
        mask = torch.arange(len(self.scores), device=x.device) == self.place
        scores = torch.where(mask, x[..., None], fixed)
        return apply(scores, self.temperature, logarithmic=self.logarithmic)[..., self.value]


def varied(
    scores: Sequence[float], labels: Sequence[str], place: int, temperature: float, *, logarithmic: bool
) -> list[Function]:
    """Every value of softmax as a function of the score at ``place``.

    Parameters
    ----------
    scores, labels
        The scores of one sample, and a name for each class.
    place
        The index of the score that varies.
    temperature, logarithmic
        As for :func:`softmax`.

    Returns
    -------
    list of Function
        One for each class, over a range that shows the transition.
    """
    low, high = min(*scores, 0.0), max(scores)
    room = max(5.0 * temperature, 0.5 * (high - low))
    return [
        Function(
            name=f"p({label})" if not logarithmic else f"log p({label})",
            title=label,
            parameters={},
            non_default={},
            call=Varied(tuple(scores), place, value, temperature, logarithmic),
            breaks=(),
            range=(low - room, high + room),
        )
        for value, label in enumerate(labels)
    ]
