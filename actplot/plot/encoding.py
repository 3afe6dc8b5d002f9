"""Which quantity each panel shows, and the colour, dashes, label and title of everything in it.

Decided here once, for matplotlib, the page and the terminal alike. Imports neither NumPy nor matplotlib.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from actplot import text
from actplot.functions.registry import Function, in_common, tell_apart
from actplot.options import panels as panel_count
from actplot.text import Language

Background = Literal["light", "dark"]

# The function and its derivatives, by the names of a curve's arrays.
QUANTITIES = ("y", "dy", "d2y")
AXIS_LABELS = {"y": "y", "dy": "dy/dx", "d2y": "d²y/dx²"}
SYMBOLS = {"y": "f(x)", "dy": "f'(x)", "d2y": "f''(x)"}


class Colour(NamedTuple):
    """A colour as #rrggbb, on a light and on a dark background."""

    light: str
    dark: str

    def on(self, background: Background) -> str:
        return self.light if background == "light" else self.dark


# Of a single curve, by quantity.
COLOURS = {
    "y": Colour("#1f5fc4", "#6ea8ff"),
    "dy": Colour("#d0281e", "#ff7b6e"),
    "d2y": Colour("#1f7a3d", "#7bd88f"),
}


class Ground(NamedTuple):
    """The colours of what curves are drawn on: of the panel, its grid, its edge and zero axes, and all text."""

    panel: str
    grid: str
    edge: str
    text: str


GROUNDS: dict[Background, Ground] = {
    "light": Ground("#ffffff", "#e4e4e4", "#8a8a8a", "#333333"),
    "dark": Ground("#1b2129", "#2c343f", "#77818d", "#c3cad3"),
}


class Margins(NamedTuple):
    """Inches around and between the panels, the same for every figure, so that those of a gallery line up."""

    left: float
    right: float
    bottom: float
    top: float
    between: float


MARGINS = Margins(left=0.75, right=0.25, bottom=0.6, top=0.55, between=0.8)

# Of several curves: the palette of Okabe and Ito, which the colour-blind can tell apart on either background.
CYCLE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
CYCLE_DASHES = ("-", "--")
# Of several curves whose derivatives share the panel with them.
DERIVATIVE_DASHES = {"dy": ":", "d2y": "-."}

LABELS = {"y": text.FUNCTION_LABEL, "dy": text.DERIVATIVE_LABEL, "d2y": text.SECOND_LABEL}
TITLES = {
    ("y",): text.FUNCTION_TITLE,
    ("dy",): text.DERIVATIVE_TITLE,
    ("d2y",): text.SECOND_TITLE,
    ("y", "dy"): text.BOTH_TITLE,
    ("y", "dy", "d2y"): text.ALL_TITLE,
}
TITLES_OF_SEVERAL = {
    ("y",): text.SEVERAL_FUNCTIONS,
    ("dy",): text.SEVERAL_DERIVATIVES,
    ("d2y",): text.SEVERAL_SECONDS,
    ("y", "dy"): text.SEVERAL_BOTH,
    ("y", "dy", "d2y"): text.SEVERAL_BOTH,
}


@dataclass(frozen=True)
class LineEncoding:
    """The line of one quantity of one curve.

    Attributes
    ----------
    curve
        The place of the curve among those of the figure.
    quantity
        One of :data:`QUANTITIES`.
    colour
        Of the line, its dots and its marked points.
    dashes
        "-", "--", ":" or "-.", as in matplotlib.
    label
        The entry of a legend.
    short_label
        The same where a legend has no room for words: of a single curve the label of its axis.
    """

    curve: int
    quantity: str
    colour: Colour
    dashes: str
    label: str
    short_label: str


@dataclass(frozen=True)
class PanelEncoding:
    """One panel.

    Attributes
    ----------
    quantities
        What it shows, of every curve.
    title
        The line above it.
    title_colour
        The colour of that line; None for the colour of all text.
    lines
        By quantity, then by curve, in the order of drawing.
    formula
        Of its one line, an expression in x; None where there is none or several lines.
    """

    quantities: tuple[str, ...]
    title: str
    title_colour: Colour | None
    lines: tuple[LineEncoding, ...]
    formula: str | None

    x_label = "x"

    @property
    def y_label(self) -> str:
        return axis_label(self.quantities)

    @property
    def symbol(self) -> str:
        """What the formula is the formula of."""
        return SYMBOLS[self.quantities[0]]

    @property
    def has_legend(self) -> bool:
        return len(self.lines) > 1


@dataclass(frozen=True)
class Encoding:
    """A figure before its functions are known.

    Attributes
    ----------
    order
        The number of derivatives shown: 0, 1 or 2.
    layout
        "side" for a panel each, "overlay" for one panel.
    lang
        Of titles and labels.
    title
        In place of the title of the one panel, or above several; None for none.
    headings
        In place of the titles of the first panels.
    """

    order: int = 1
    layout: str = "side"
    lang: Language = "zh"
    title: str | None = None
    headings: tuple[str, ...] = ()

    @property
    def quantities(self) -> tuple[tuple[str, ...], ...]:
        """What each panel shows."""
        shown = QUANTITIES[: self.order + 1]
        return (shown,) if panel_count(self.order, self.layout) == 1 else tuple((quantity,) for quantity in shown)

    @property
    def figure_title(self) -> str | None:
        """The line above several panels; None where there is one panel, or no title."""
        return self.title if len(self.quantities) > 1 else None

    def panels(self, functions: Sequence[Function], values: str | None = None) -> tuple[PanelEncoding, ...]:
        """Each panel with the lines of these functions.

        ``values`` stand in the titles in the place of the parameters that all functions share.
        """
        return tuple(self._panel(place, functions, values) for place in range(len(self.quantities)))

    def _panel(self, place: int, functions: Sequence[Function], values: str | None) -> PanelEncoding:
        quantities = self.quantities[place]
        lines = tuple(self._lines(functions, quantities))
        if self.title is not None and len(self.quantities) == 1:
            title = self.title
        elif place < len(self.headings):
            title = self.headings[place]
        else:
            title = heading(functions, quantities, self.lang, values)
        is_single = len(lines) == 1
        return PanelEncoding(
            quantities=quantities,
            title=title,
            title_colour=lines[0].colour if is_single and quantities != ("y",) else None,
            lines=lines,
            formula=_formula(functions[0], quantities[0]) if is_single else None,
        )

    def _lines(self, functions: Sequence[Function], quantities: tuple[str, ...]) -> Iterator[LineEncoding]:
        labels = tell_apart(functions)
        for quantity in quantities:
            for curve, label in enumerate(labels):
                colour, dashes = line_style(quantity, curve if len(functions) > 1 else None)
                short_label = label
                if len(functions) == 1:
                    label, short_label = LABELS[quantity][self.lang], AXIS_LABELS[quantity]
                elif len(quantities) > 1 and quantity != "y":
                    label = short_label = f"{label}  {AXIS_LABELS[quantity]}"
                    dashes = DERIVATIVE_DASHES[quantity]
                yield LineEncoding(curve, quantity, colour, dashes, label, short_label)


def line_style(quantity: str, index: int | None) -> tuple[Colour, str]:
    """Colour and dashes of a line in a panel of its quantity; ``index`` is the place of its curve among several."""
    if index is None:
        return COLOURS[quantity], "-"
    colour, dashes = cycle_style(index)
    return Colour(colour, colour), dashes


def cycle_style(index: int) -> tuple[str, str]:
    """Colour and dashes of the line at a place among several."""
    return CYCLE[index % len(CYCLE)], CYCLE_DASHES[index // len(CYCLE) % len(CYCLE_DASHES)]


def axis_label(quantities: Sequence[str]) -> str:
    """The label of the y axis of a panel."""
    return ", ".join(AXIS_LABELS[quantity] for quantity in quantities)


def heading(
    functions: Sequence[Function], quantities: tuple[str, ...], lang: Language, values: str | None = None
) -> str:
    """The title of a panel; ``values`` stand in the place of the parameters that all functions share."""
    if len({function.title for function in functions}) > 1:
        return TITLES_OF_SEVERAL[quantities][lang]
    values = text.assignments(in_common(functions)) if values is None else values
    values = text.TITLE_VALUES[lang].format(values=values) if values else ""
    return text.titled(TITLES[quantities][lang], functions[0].title_in(lang), values)


def _formula(function: Function, quantity: str) -> str | None:
    return {"y": function.formula, "dy": function.derivative}.get(quantity)
