"""``actplot boundary``: what a non-linearity does to the regions that a small network can cut out."""

import math
import sys
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actplot.cli.functions import functions_named, to_argument
from actplot.cli.options import (
    NOT_FOR_EXPERIMENTS,
    FigureOptions,
    check_bounds,
    check_memory,
    give_signature,
    own_parameters,
    parameters,
    real,
    whole,
)
from actplot.cli.picture import Picture
from actplot.cli.resolve import resolve_arithmetic, resolve_style
from actplot.cli.tables import aligned
from actplot.errors import BadValue, did_you_mean
from actplot.functions.registry import Function
from actplot.functions.source import notes
from actplot.options import Style
from actplot.text import number

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
                f"unknown data set {self.dataset!r}",
                did_you_mean(self.dataset, DATASETS, f"there are {', '.join(DATASETS)}"),
            )
        for units in self.hidden:
            check_bounds("--hidden", units, 1, 512)
        check_bounds("the number of --hidden layers", len(self.hidden), 1, 20)
        check_bounds("--epochs", self.epochs, 1, 100_000)
        check_bounds("--samples", self.samples, 4, 100_000)
        check_bounds("--seed", self.seed, 0, 2**31)
        # Of each network: what its units return for all points, with the graph, and its weights with Adam's moments.
        weights = sum(fan_in * fan_out for fan_in, fan_out in pairwise((2, *self.hidden, 1)))
        check_memory(
            networks * (60 * self.samples * sum(self.hidden) + 8 * weights),
            f"{networks} networks of {sum(self.hidden)} units with --samples {self.samples}",
        )
        if not (math.isfinite(self.lr) and self.lr > 0):
            raise BadValue(f"--lr must be > 0, got {number(self.lr)}", "try --lr 0.1")
        if not 0 <= self.noise <= 10:
            raise BadValue(f"--noise must be from 0 to 10, got {number(self.noise)}", "try --noise 0.05")

    def to_argv(self) -> list[str]:
        """The options that ask for this training."""
        words = ["--dataset", self.dataset]
        words += [word for units in self.hidden for word in ("--hidden", str(units))]
        words += ["--epochs", str(self.epochs), "--lr", number(self.lr), "--noise", number(self.noise)]
        return [*words, "--samples", str(self.samples), "--seed", str(self.seed)]


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

    def notes(self, result: "Boundary") -> list[str]:
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
        rows = [["activation", "accuracy", "train_accuracy", "loss", "affine_difference"]]
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
        print(f"actplot: drawn after {result.epochs} of {self.training.epochs} epochs", file=sys.stderr)
        return 130


def boundary(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAMES", help=f"Up to {MAX_NETWORKS} activations.", show_default=" ".join(_DEFAULT)),
    ] = None,
    dataset: Annotated[str, typer.Option(metavar="NAME", help=f"{', '.join(DATASETS)}.")] = "circles",
    hidden: Annotated[
        list[int] | None,
        typer.Option(metavar="N", parser=whole, help="Units of a hidden layer; repeatable.", show_default="3"),
    ] = None,
    epochs: Annotated[int, typer.Option(metavar="N", parser=whole, help="Steps, each over all points.")] = 400,
    lr: Annotated[float, typer.Option("--lr", metavar="X", parser=real, help="Learning rate of Adam.")] = 0.1,
    noise: Annotated[
        float, typer.Option(metavar="X", parser=real, help="Standard deviation added to the points.")
    ] = 0.05,
    points: Annotated[int, typer.Option("--samples", metavar="N", parser=whole, help="Points to learn from.")] = 200,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole, help="Of points and weights.")] = 0,
    **shared: Any,
) -> BoundaryPicture:
    """Trains a small network per activation and draws what it has learnt."""
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

    columns = (TextColumn("epoch"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=epochs)

        def seen(epoch: int, losses: list[float]) -> None:
            losses_now = "  ".join(f"{label} {loss:.3f}" for label, loss in zip(labels, losses, strict=True))
            bar.update(task, completed=epoch, description=losses_now)

        yield seen
