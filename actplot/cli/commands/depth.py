"""``actplot depth``: what becomes of a signal and its gradient in a deep network."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any

from actplot.cli.functions import functions_named, to_argument
from actplot.cli.options import (
    NOT_FOR_EXPERIMENTS,
    FigureOptions,
    check_bounds,
    check_memory,
    completing,
    own_parameters,
    parameters,
    whole,
)
from actplot.cli.picture import Picture
from actplot.cli.resolve import resolve_arithmetic, resolve_style
from actplot.cli.words import NAME, NAMES, argument, give_signature, option
from actplot.errors import BadValue, did_you_mean
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function
from actplot.functions.source import notes
from actplot.options import MAX_CURVES, Style
from actplot.output.tables import aligned
from actplot.text import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from actplot.numerics.experiments.depth import Depth

INITS = ("xavier", "kaiming", "lecun", "normal")
_DEFAULT = ["sigmoid", "tanh", "relu", "selu"]
_SIZE = (10.0, 4.6)


@dataclass(frozen=True)
class _Network:
    """The network that the signal passes through, as the options say."""

    depth: int
    width: int
    init: str
    batch: int
    seed: int

    def check(self) -> None:
        """Raises :class:`BadValue` for what cannot be built, or not in the memory there is."""
        if self.init not in INITS:
            raise BadValue(
                Text(f"unknown --init {self.init!r}", f"未知的 --init {self.init!r}"),
                did_you_mean(self.init, INITS, Text(f"there are {', '.join(INITS)}", f"可用 {'、'.join(INITS)}")),
            )
        check_bounds("--depth", self.depth, 1, 1000)
        check_bounds("--width", self.width, 2, 4096)
        check_bounds("--batch", self.batch, 2, 65536)
        check_bounds("--seed", self.seed, 0, 2**31)
        # Weights and signals of all layers, and what the graph of one layer holds.
        check_memory(
            self.depth * (self.width * self.width + self.batch * self.width) + 50 * self.batch * self.width,
            Text(
                f"--depth {self.depth} with --width {self.width} and --batch {self.batch}",
                f"--depth {self.depth}、--width {self.width} 和 --batch {self.batch}",
            ),
        )

    def to_argv(self) -> list[str]:
        """The options that ask for this network."""
        return [word for name, value in vars(self).items() for word in (f"--{name}", str(value))]


_HEADS = (
    Text("activation", "激活函数"),
    Text("std_last", "末层标准差"),
    Text("gradient_norm_first", "首层梯度范数"),
)


@dataclass(frozen=True, kw_only=True)
class DepthPicture(Picture["Depth"]):
    """Spread of the signal and norm of the gradient, layer by layer."""

    functions: tuple[Function, ...]
    network: _Network

    def compute(self) -> "Depth":
        from actplot.numerics.experiments.depth import propagate

        return propagate(self.functions, **vars(self.network), **asdict(self.sampling))

    def figure(self, result: "Depth", style: Style) -> "Figure":
        from actplot.plot.experiments.depth import draw

        return draw(result, **style.without_curves())

    def blocks(self, result: "Depth", columns: int, rows: int) -> Any:
        from actplot.output import terminal

        return terminal.lines_of(self.figure(result, self.screen_style), columns, rows)

    def notes(self, result: "Depth") -> list[Text]:
        return notes(signal.activation for signal in result.signals)

    def summary(self, result: "Depth") -> dict[str, Any]:
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

    def table(self, result: "Depth") -> list[str]:
        rows = [[head.spoken for head in _HEADS]]
        rows += [
            [signal.activation.label, f"{signal.std[-1]:.6g}", f"{signal.gradient_norm[0]:.6g}"]
            for signal in result.signals
        ]
        return aligned(rows)

    def data(self, result: "Depth", form: str, command: str) -> bytes:
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


def depth(
    names: Annotated[
        list[str] | None,
        argument(
            metavar=NAMES,
            autocompletion=completing(*CATALOG),
            help=Text(f"Up to {MAX_CURVES} activations.", f"最多 {MAX_CURVES} 个激活函数。"),
            default=" ".join(_DEFAULT),
        ),
    ] = None,
    layers: Annotated[int, option("--depth", metavar="N", parser=whole, help=Text("Layers.", "层数。"))] = 30,
    width: Annotated[int, option(metavar="N", parser=whole, help=Text("Units in each layer.", "每层的单元数。"))] = 256,
    init: Annotated[
        str, option(metavar=NAME, help=Text(f"Weights: {', '.join(INITS)}.", f"权重的初始化：{'、'.join(INITS)}。"))
    ] = "lecun",
    batch: Annotated[
        int, option(metavar="N", parser=whole, help=Text("Inputs, from N(0, 1).", "输入的个数，服从 N(0, 1)。"))
    ] = 256,
    seed: Annotated[
        int, option(metavar="N", parser=whole, help=Text("Of weights and inputs.", "权重与输入的随机种子。"))
    ] = 0,
    **shared: Any,
) -> DepthPicture:
    """Sends a batch through many layers, and gradients back."""
    functions = functions_named(names or _DEFAULT, MAX_CURVES)
    network = _Network(layers, width, init, batch, seed)
    network.check()
    options = FigureOptions(**shared)
    return DepthPicture(
        name="depth",
        argv=["actplot", "depth", *map(to_argument, functions), *network.to_argv()],
        options=options,
        sampling=resolve_arithmetic(options),
        style=resolve_style(options, _SIZE),
        natural_size=_SIZE,
        functions=functions,
        network=network,
    )


give_signature(
    depth, [*own_parameters(depth), *parameters("range", "samples", "order", "at", "layout", *NOT_FOR_EXPERIMENTS)]
)
