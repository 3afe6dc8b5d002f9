"""``actplot depth``: what becomes of a signal and its gradient in a deep network."""

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
    whole,
)
from actplot.cli.several_commands import functions_named, to_argument
from actplot.errors import BadValue, did_you_mean
from actplot.functions.source import notes
from actplot.options import MAX_CURVES

if TYPE_CHECKING:
    from actplot.numerics.experiments.depth import Depth

INITS = ("xavier", "kaiming", "lecun", "normal")
_DEFAULT = ["sigmoid", "tanh", "relu", "selu"]
_SIZE = (10.0, 4.6)


def depth(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAMES", help=f"Up to {MAX_CURVES} activations.", show_default=" ".join(_DEFAULT)),
    ] = None,
    layers: Annotated[int, typer.Option("--depth", metavar="N", parser=whole, help="Layers.")] = 30,
    width: Annotated[int, typer.Option(metavar="N", parser=whole, help="Units in each layer.")] = 256,
    init: Annotated[str, typer.Option(metavar="NAME", help=f"Weights: {', '.join(INITS)}.")] = "lecun",
    batch: Annotated[int, typer.Option(metavar="N", parser=whole, help="Inputs, from N(0, 1).")] = 256,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole, help="Of weights and inputs.")] = 0,
    **shared: Any,
) -> None:
    """Sends a batch through many layers, and gradients back."""
    functions = functions_named(names or _DEFAULT, MAX_CURVES)
    if init not in INITS:
        raise BadValue(f"unknown --init {init!r}", did_you_mean(init, INITS, f"there are {', '.join(INITS)}"))
    between("--depth", layers, 1, 1000)
    between("--width", width, 2, 4096)
    between("--batch", batch, 2, 65536)
    between("--seed", seed, 0, 2**31)
    # Weights and signals of all layers, and what the graph of one layer holds.
    check_memory(
        layers * (width * width + batch * width) + 50 * batch * width,
        f"--depth {layers} with --width {width} and --batch {batch}",
    )
    options = FigureOptions(**shared).settled(_SIZE)
    words = ["actplot", "depth", *map(to_argument, functions), "--depth", str(layers), "--width", str(width)]
    words += ["--init", init, "--batch", str(batch), "--seed", str(seed)]

    def compute() -> "Depth":
        from actplot.numerics.experiments.depth import propagate

        sizes: Any = dict(depth=layers, width=width, batch=batch, seed=seed)
        return propagate(functions, init=init, dtype=options.dtype, device=options.device, **sizes)

    def paint(result: "Depth") -> Any:
        from actplot.plot.experiments.depth import draw

        return draw(result, **options.page(_SIZE))

    deliver(
        Output(
            name="depth",
            title="depth",
            compute=compute,
            paint=paint,
            words=words,
            numbers=_numbers,
            summary=_summary,
            lines=_table,
            notes=lambda result: notes(signal.activation for signal in result.signals),
        ),
        options,
    )


give_signature(depth, [*own_parameters(depth), *parameters("range", "samples", "order", "at", "layout", *ANIMATION)])


def _summary(result: "Depth") -> dict[str, Any]:
    return {
        "init": result.init,
        "depth": result.depth,
        "width": result.width,
        "seed": result.seed,
        "layers": [
            {
                "activation": signal.activation.name,
                "label": signal.activation.label,
                "std": signal.std.tolist(),
                "gradient_norm": signal.gradient_norm.tolist(),
            }
            for signal in result.signals
        ],
    }


def _table(result: "Depth") -> list[str]:
    rows = [["activation", "std_last", "gradient_norm_first"]]
    rows += [
        [signal.activation.label, f"{signal.std[-1]:.6g}", f"{signal.gradient_norm[0]:.6g}"]
        for signal in result.signals
    ]
    return aligned(rows)


def _numbers(result: "Depth", form: str, command: str) -> bytes:
    from actplot.output.data import render_table

    table: dict[str, list[Any]] = {
        "activation": [signal.activation.name for signal in result.signals for _ in signal.std],
        "label": [signal.activation.label for signal in result.signals for _ in signal.std],
        "layer": [layer for signal in result.signals for layer, _ in enumerate(signal.std)],
        "std": [float(value) for signal in result.signals for value in signal.std],
        "gradient_norm": [float(value) for signal in result.signals for value in signal.gradient_norm],
    }
    about = {"init": result.init, "depth": result.depth, "width": result.width, "seed": result.seed}
    return render_table(table, form, command=command, about=about, arrays={})
