"""``actplot boundary``: what a non-linearity does to the regions that a small network can cut out."""

import math
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

from actplot.cli.console import say
from actplot.cli.functions import functions_named, to_argument
from actplot.cli.options import (
    NOT_FOR_EXPERIMENTS,
    FigureOptions,
    check_bounds,
    check_memory,
    completing,
    own_parameters,
    parameters,
    real,
    whole,
)
from actplot.cli.picture import Picture
from actplot.cli.resolve import resolve_arithmetic, resolve_style
from actplot.cli.words import NAME, NAMES, argument, give_signature, option
from actplot.errors import BadValue, did_you_mean
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function
from actplot.functions.source import notes
from actplot.options import Style
from actplot.output.tables import aligned
from actplot.text import Text, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from matplotlib.figure import Figure

    from actplot.numerics.experiments.boundary import Boundary

DATASETS = ("circles", "xor", "gauss", "spiral", "moons")
MAX_NETWORKS = 8
_DEFAULT = ["linear", "step", "sigmoid", "relu"]


@dataclass(frozen=True)
class _Training:
    """What the networks are and how they learn, as the options say."""

    dataset: str
    hidden: list[int]
    epochs: int
    lr: float
    noise: float
    samples: int
    seed: int

    def check(self, networks: int) -> None:
        """Raises :class:`BadValue` for what cannot be trained, or not in the memory there is."""
        if self.dataset not in DATASETS:
            raise BadValue(
                Text(f"unknown data set {self.dataset!r}", f"未知的数据集 {self.dataset!r}"),
                did_you_mean(
                    self.dataset, DATASETS, Text(f"there are {', '.join(DATASETS)}", f"可用 {'、'.join(DATASETS)}")
                ),
            )
        for units in self.hidden:
            check_bounds("--hidden", units, 1, 512)
        check_bounds(Text("the number of --hidden layers", "--hidden 的层数"), len(self.hidden), 1, 20)
        check_bounds("--epochs", self.epochs, 1, 100_000)
        check_bounds("--samples", self.samples, 4, 100_000)
        check_bounds("--seed", self.seed, 0, 2**31)
        # Of each network: what its units return for all points, with the graph, and its weights with Adam's moments.
        weights = sum(fan_in * fan_out for fan_in, fan_out in pairwise((2, *self.hidden, 1)))
        check_memory(
            networks * (60 * self.samples * sum(self.hidden) + 8 * weights),
            Text(
                f"{networks} networks of {sum(self.hidden)} units with --samples {self.samples}",
                f"{networks} 个各有 {sum(self.hidden)} 个单元的网络，加上 --samples {self.samples}，",
            ),
        )
        if not (math.isfinite(self.lr) and self.lr > 0):
            raise BadValue(
                Text(f"--lr must be > 0, got {number(self.lr)}", f"--lr 须 > 0，这里是 {number(self.lr)}"),
                Text("try --lr 0.1", "试试 --lr 0.1"),
            )
        if not 0 <= self.noise <= 10:
            raise BadValue(
                Text(
                    f"--noise must be from 0 to 10, got {number(self.noise)}",
                    f"--noise 须在 0 到 10 之间，这里是 {number(self.noise)}",
                ),
                Text("try --noise 0.05", "试试 --noise 0.05"),
            )

    def to_argv(self) -> list[str]:
        """The options that ask for this training."""
        words = ["--dataset", self.dataset]
        words += [word for units in self.hidden for word in ("--hidden", str(units))]
        words += ["--epochs", str(self.epochs), "--lr", number(self.lr), "--noise", number(self.noise)]
        return [*words, "--samples", str(self.samples), "--seed", str(self.seed)]


_HEADS = (
    Text("activation", "激活函数"),
    Text("accuracy", "准确率"),
    Text("train_accuracy", "训练准确率"),
    Text("loss", "损失"),
    Text("affine_difference", "与仿射的差"),
)


@dataclass(frozen=True, kw_only=True)
class BoundaryPicture(Picture["Boundary"]):
    """Decision regions side by side, the losses below."""

    functions: tuple[Function, ...]
    training: _Training

    runs_here = True  # so that Ctrl-C reaches the training, which then hands over what it has

    def compute(self) -> "Boundary":
        from actplot.numerics.experiments.boundary import train

        labels = [function.label for function in self.functions]
        with _progress(self.training.epochs, labels, quiet=self.options.quiet) as seen:
            return train(self.functions, **vars(self.training), **asdict(self.sampling), seen=seen)

    def figure(self, result: "Boundary", style: Style) -> "Figure":
        from actplot.plot.experiments.boundary import draw

        return draw(result, **style.without_curves())

    def notes(self, result: "Boundary") -> list[Text]:
        return notes(network.activation for network in result.networks)

    def summary(self, result: "Boundary") -> dict[str, Any]:
        return {
            "dataset": result.dataset,
            "seed": result.seed,
            "epochs": result.epochs,
            "networks": [
                {
                    "activation": network.activation.name,
                    "label": network.activation.label,
                    "accuracy": network.accuracy,
                    "train_accuracy": network.train_accuracy,
                    "loss": float(network.losses[-1]),
                    "affine_difference": network.affine_difference,
                    "straight_through": network.straight_through,
                }
                for network in result.networks
            ],
        }

    def table(self, result: "Boundary") -> list[str]:
        rows = [[head.spoken for head in _HEADS]]
        rows += [
            [
                network.activation.label,
                f"{network.accuracy:.3f}",
                f"{network.train_accuracy:.3f}",
                f"{network.losses[-1]:.4f}",
                f"{network.affine_difference:.3g}",
            ]
            for network in result.networks
        ]
        return aligned(rows)

    def data(self, result: "Boundary", form: str, command: str) -> bytes:
        import numpy as np

        from actplot.output.data import render_table

        table: dict[str, list[Any]] = {
            "activation": [network.activation.name for network in result.networks for _ in network.losses],
            "label": [network.activation.label for network in result.networks for _ in network.losses],
            "epoch": [epoch for network in result.networks for epoch, _ in enumerate(network.losses)],
            "loss": [float(loss) for network in result.networks for loss in network.losses],
        }
        arrays = {
            "decision": np.array([network.decision for network in result.networks]),
            "train_x": result.train.x,
            "train_label": result.train.label,
            "held_out_x": result.held_out.x,
            "held_out_label": result.held_out.label,
        }
        return render_table(table, form, command=command, about=self.summary(result), arrays=arrays)

    def finish(self, result: "Boundary") -> int:
        if result.epochs == self.training.epochs:
            return 0
        done, planned = result.epochs, self.training.epochs
        say(Text(f"drawn after {done} of {planned} epochs", f"共 {planned} 轮，画的是 {done} 轮之后的结果"))
        return 130


def boundary(
    names: Annotated[
        list[str] | None,
        argument(
            metavar=NAMES,
            autocompletion=completing(*CATALOG),
            help=Text(f"Up to {MAX_NETWORKS} activations.", f"最多 {MAX_NETWORKS} 个激活函数。"),
            default=" ".join(_DEFAULT),
        ),
    ] = None,
    dataset: Annotated[
        str, option(metavar=NAME, help=Text(f"{', '.join(DATASETS)}.", f"数据集：{'、'.join(DATASETS)}。"))
    ] = "circles",
    hidden: Annotated[
        list[int] | None,
        option(
            metavar="N",
            parser=whole,
            help=Text("Units of a hidden layer; repeatable.", "一个隐藏层的单元数；可重复。"),
            default="3",
        ),
    ] = None,
    epochs: Annotated[
        int, option(metavar="N", parser=whole, help=Text("Steps, each over all points.", "训练轮数，每轮用全部的点。"))
    ] = 400,
    lr: Annotated[
        float, option("--lr", metavar="X", parser=real, help=Text("Learning rate of Adam.", "Adam 的学习率。"))
    ] = 0.1,
    noise: Annotated[
        float,
        option(
            metavar="X", parser=real, help=Text("Standard deviation added to the points.", "给数据点加的噪声的标准差。")
        ),
    ] = 0.05,
    points: Annotated[
        int, option("--samples", metavar="N", parser=whole, help=Text("Points to learn from.", "训练用的点数。"))
    ] = 200,
    seed: Annotated[
        int, option(metavar="N", parser=whole, help=Text("Of points and weights.", "数据点与权重的随机种子。"))
    ] = 0,
    **shared: Any,
) -> BoundaryPicture:
    """Trains a small network per activation and draws what it has learnt; a parameter for each option."""
    functions = functions_named(names or _DEFAULT, MAX_NETWORKS)
    training = _Training(dataset, hidden or [3], epochs, lr, noise, points, seed)
    training.check(len(functions))
    options = FigureOptions(**shared)
    size = _natural_size(len(functions))
    return BoundaryPicture(
        name="boundary",
        argv=["actplot", "boundary", *map(to_argument, functions), *training.to_argv()],
        options=options,
        sampling=resolve_arithmetic(options),
        style=resolve_style(options, size),
        natural_size=size,
        functions=functions,
        training=training,
    )


give_signature(
    boundary,
    [*own_parameters(boundary), *parameters("range", "samples", "order", "at", "layout", *NOT_FOR_EXPERIMENTS)],
)


def _natural_size(networks: int) -> tuple[float, float]:
    """Width and height in inches: up to four squares in a row, and the losses below."""
    across, rows = min(networks, 4), -(-networks // 4)
    return (max(6.0, round(2.9 * across, 1)), round(3.25 * rows + 2.1, 2))


@contextmanager
def _progress(epochs: int, labels: list[str], *, quiet: bool) -> "Iterator[Callable[[int, list[float]], None]]":
    """A bar with epoch and losses on a terminal, nothing elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield lambda epoch, losses: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn(Text("epoch", "轮次").spoken),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=epochs)

        def seen(epoch: int, losses: list[float]) -> None:
            losses_now = "  ".join(f"{label} {loss:.3f}" for label, loss in zip(labels, losses, strict=True))
            bar.update(task, completed=epoch, description=losses_now)

        yield seen
