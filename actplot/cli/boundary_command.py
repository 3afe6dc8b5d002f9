"""``actplot boundary``: what a non-linearity does to the regions that a small network can cut out."""

import math
import sys
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer

from actplot.cli.delivery import Output, aligned, deliver
from actplot.cli.figure_options import (
    ANIMATION,
    FigureOptions,
    between,
    check_memory,
    give_signature,
    own_parameters,
    parameters,
    real,
    whole,
)
from actplot.cli.several_commands import functions_named, to_argument
from actplot.errors import BadValue, did_you_mean
from actplot.functions.source import notes
from actplot.text import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from actplot.numerics.experiments.boundary import Boundary

DATASETS = ("circles", "xor", "gauss", "spiral", "moons")
MAX_NETWORKS = 8
_DEFAULT = ["linear", "step", "sigmoid", "relu"]


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
) -> None:
    """Trains a small network per activation and draws what it has learnt."""
    functions = functions_named(names or _DEFAULT, MAX_NETWORKS)
    layers = hidden or [3]
    if dataset not in DATASETS:
        raise BadValue(
            f"unknown data set {dataset!r}", did_you_mean(dataset, DATASETS, f"there are {', '.join(DATASETS)}")
        )
    for units in layers:
        between("--hidden", units, 1, 512)
    between("the number of --hidden layers", len(layers), 1, 20)
    between("--epochs", epochs, 1, 100_000)
    between("--samples", points, 4, 100_000)
    between("--seed", seed, 0, 2**31)
    # Of each network: what its units return for all points, with the graph, and its weights with Adam's moments.
    weights = sum(fan_in * fan_out for fan_in, fan_out in pairwise((2, *layers, 1)))
    check_memory(
        len(functions) * (60 * points * sum(layers) + 8 * weights),
        f"{len(functions)} networks of {sum(layers)} units with --samples {points}",
    )
    if not (math.isfinite(lr) and lr > 0):
        raise BadValue(f"--lr must be > 0, got {number(lr)}", "try --lr 0.1")
    if not 0 <= noise <= 10:
        raise BadValue(f"--noise must be from 0 to 10, got {number(noise)}", "try --noise 0.05")
    given = FigureOptions(**shared)
    size = _natural_size(len(functions))
    options = given.settled(size)
    words = ["actplot", "boundary", *map(to_argument, functions), "--dataset", dataset]
    words += [word for units in layers for word in ("--hidden", str(units))]
    words += ["--epochs", str(epochs), "--lr", number(lr), "--noise", number(noise)]
    words += ["--samples", str(points), "--seed", str(seed)]

    def compute() -> "Boundary":
        from actplot.numerics.experiments.boundary import train

        with _progress(epochs, [function.label for function in functions], quiet=options.quiet) as seen:
            return train(
                functions,
                dataset=dataset,
                hidden=layers,
                epochs=epochs,
                lr=lr,
                noise=noise,
                samples=points,
                seed=seed,
                dtype=options.dtype,
                device=options.device,
                seen=seen,
            )

    def paint(result: "Boundary") -> Any:
        from actplot.plot.experiments.boundary import draw

        return draw(result, **options.page(size))

    result: Boundary = deliver(
        Output(
            name="boundary",
            title="boundary",
            compute=compute,
            paint=paint,
            words=words,
            numbers=_numbers,
            summary=_summary,
            lines=_table,
            notes=lambda result: notes(network.activation for network in result.networks),
            here=True,  # so that Ctrl-C reaches the training, which then hands over what it has
        ),
        options,
    )
    if result.epochs < epochs:
        print(f"actplot: drawn after {result.epochs} of {epochs} epochs", file=sys.stderr)
        raise typer.Exit(130)


give_signature(
    boundary, [*own_parameters(boundary), *parameters("range", "samples", "order", "at", "layout", *ANIMATION)]
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
            told = "  ".join(f"{label} {loss:.3f}" for label, loss in zip(labels, losses, strict=True))
            bar.update(task, completed=epoch, description=told)

        yield seen


def _summary(result: "Boundary") -> dict[str, Any]:
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


def _table(result: "Boundary") -> list[str]:
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


def _numbers(result: "Boundary", form: str, command: str) -> bytes:
    from actplot.output.data import render_table

    table: dict[str, list[Any]] = {
        "activation": [network.activation.name for network in result.networks for _ in network.losses],
        "label": [network.activation.label for network in result.networks for _ in network.losses],
        "epoch": [epoch for network in result.networks for epoch, _ in enumerate(network.losses)],
        "loss": [float(loss) for network in result.networks for loss in network.losses],
    }
    import numpy as np

    arrays = {
        "decision": np.array([network.decision for network in result.networks]),
        "train_x": result.train.x,
        "train_label": result.train.label,
        "held_out_x": result.held_out.x,
        "held_out_label": result.held_out.label,
    }
    return render_table(table, form, command=command, about=_summary(result), arrays=arrays)
