"""Which quantity each panel shows, and the colour, dashes, label and title of everything in it.

Decided here once, for matplotlib, the page and the terminal alike. Imports neither NumPy nor matplotlib.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from actplot import text
from actplot.functions.registry import Function, in_common, tell_apart
from actplot.options import PANELS
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
# Of several curves whose derivatives share the panel with them: once through the colours, and once more.
DERIVATIVE_DASHES = {"dy": (":", ". ."), "d2y": ("-.", "-..")}
# Strokes and gaps that matplotlib has no name for, in widths of the line.
PATTERNS = {". .": (1.0, 4.0), "-..": (6.4, 1.6, 1.0, 1.6, 1.0, 1.6)}
# Of curves in colours of the user's or of a style, each time through them.
_MORE_DASHES = ("-", "--", "-.", ":", "-..", ". .")

LABELS = {"y": text.FUNCTION_LABEL, "dy": text.DERIVATIVE_LABEL, "d2y": text.SECOND_LABEL}
TITLES = {
    ("y",): text.FUNCTION_TITLE,
    ("dy",): text.DERIVATIVE_TITLE,
    ("d2y",): text.SECOND_TITLE,
    ("y", "dy"): text.BOTH_TITLE,
    ("y", "dy", "d2y"): text.ALL_TITLE,
    ("y", "d2y"): text.FUNCTION_AND_SECOND_TITLE,
    ("dy", "d2y"): text.DERIVATIVES_TITLE,
}
TITLES_OF_SEVERAL = {
    ("y",): text.SEVERAL_FUNCTIONS,
    ("dy",): text.SEVERAL_DERIVATIVES,
    ("d2y",): text.SEVERAL_SECONDS,
    ("y", "dy"): text.SEVERAL_BOTH,
    ("y", "dy", "d2y"): text.SEVERAL_BOTH,
    ("y", "d2y"): text.SEVERAL_FUNCTIONS_AND_SECONDS,
    ("dy", "d2y"): text.SEVERAL_FIRSTS_AND_SECONDS,
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
        "-", "--", ":" or "-.", as in matplotlib, or a name of :data:`PATTERNS`.
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
    formulas
        What its lines have in common: symbols, each with an expression in x. None of a quantity for
        which they have different ones.
    x_label, y_label
        Of its axes.
    """

    quantities: tuple[str, ...]
    title: str
    title_colour: Colour | None
    lines: tuple[LineEncoding, ...]
    formulas: tuple[tuple[str, str], ...]
    x_label: str
    y_label: str

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
        In place of the title of the one panel, or above several; None for none, False for no titles at all.
    headings
        In place of the titles of the function and its derivatives.
    chosen
        The panels shown, as "f", "df" and "d2f"; None for all.
    names
        Of the curves, in place of those of the functions.
    cycle
        Colours and dashes ("" where none are given) of the lines, in place of the usual ones.
    x_label
        Of the x axes, in place of what x is to the functions.
    y_labels
        Of the y axes of the first panels, in place of the usual ones.
    has_formulas
        Whether formulas are shown.
    """

    order: int = 1
    layout: str = "side"
    lang: Language = "zh"
    title: str | Literal[False] | None = None
    headings: tuple[str, ...] = ()
    chosen: tuple[str, ...] | None = None
    names: tuple[str, ...] = ()
    cycle: tuple[tuple[str, str], ...] = ()
    x_label: str | None = None
    y_labels: tuple[str, ...] = ()
    has_formulas: bool = True

    @property
    def _shown(self) -> tuple[str, ...]:
        if self.chosen is None:
            return QUANTITIES[: self.order + 1]
        return tuple(QUANTITIES[PANELS.index(panel)] for panel in self.chosen)

    @property
    def quantities(self) -> tuple[tuple[str, ...], ...]:
        """What each panel shows."""
        if panel_count(self.order, self.layout, self.chosen) == 1:
            return (tuple(sorted(self._shown, key=QUANTITIES.index)),)
        return tuple((quantity,) for quantity in self._shown)

    @property
    def figure_title(self) -> str | None:
        """The line above several panels; None where there is one panel, or no title."""
        return self.title if self.title is not False and len(self.quantities) > 1 else None

    def panels(self, functions: Sequence[Function], values: str | None = None) -> tuple[PanelEncoding, ...]:
        """Each panel with the lines of these functions.

        ``values`` stand in the titles in the place of the parameters that all functions share.
        """
        return tuple(self._panel(place, functions, values) for place in range(len(self.quantities)))

    def _panel(self, place: int, functions: Sequence[Function], values: str | None) -> PanelEncoding:
        quantities = self.quantities[place]
        lines = tuple(self._lines(functions, quantities))
        is_single = len(lines) == 1
        return PanelEncoding(
            quantities=quantities,
            title=self._title(quantities, functions, values),
            title_colour=lines[0].colour if is_single and quantities != ("y",) else None,
            lines=lines,
            formulas=tuple(_formulas(functions, quantities)) if self.has_formulas else (),
            x_label=self._x_label(functions),
            y_label=self.y_label(place),
        )

    def _x_label(self, functions: Sequence[Function]) -> str:
        """The label of every x axis: what x is to all of the functions."""
        if self.x_label is not None:
            return self.x_label
        (variable, *others) = {function.variable for function in functions}
        return "x" if variable is None or others else variable[self.lang]

    def y_label(self, place: int) -> str:
        """The label of the y axis of the panel at this place."""
        return self.y_labels[place] if place < len(self.y_labels) else axis_label(self.quantities[place])

    def _title(self, quantities: tuple[str, ...], functions: Sequence[Function], values: str | None) -> str:
        if self.title is False:
            return ""
        if self.title is not None and len(self.quantities) == 1:
            return self.title if values is None else self.title + text.TITLE_VALUES[self.lang].format(values=values)
        if (first := QUANTITIES.index(quantities[0])) < len(self.headings):
            return self.headings[first]
        name = self.names[0] if len(self.names) == len(functions) == 1 else None
        return heading(functions, quantities, self.lang, values, name=name)

    def _lines(self, functions: Sequence[Function], quantities: tuple[str, ...]) -> Iterator[LineEncoding]:
        labels = self.names or tell_apart(functions)
        for quantity in quantities:
            for curve, label in enumerate(labels):
                place = curve if len(functions) > 1 else None
                colour, dashes = self.line_style(quantity, place)
                short_label = label
                if len(functions) == 1:
                    label, short_label = LABELS[quantity][self.lang], AXIS_LABELS[quantity]
                elif len(quantities) > 1 and quantity != "y":
                    label = short_label = f"{label}  {AXIS_LABELS[quantity]}"
                    rounds = DERIVATIVE_DASHES[quantity]
                    dashes = rounds[curve // len(self.cycle or CYCLE) % len(rounds)]
                yield LineEncoding(curve, quantity, colour, dashes, label, short_label)

    def line_style(self, quantity: str, index: int | None) -> tuple[Colour, str]:
        """Colour and dashes of a line in a panel of its quantity; ``index`` is the place of its curve among several."""
        if not self.cycle:
            return line_style(quantity, index)
        shown = self._shown if quantity in self._shown else QUANTITIES
        place = shown.index(quantity) if index is None else index
        colour, dashes = self.cycle[place % len(self.cycle)]
        if not dashes:
            is_apart = index is None and len(self.quantities) == len(self._shown)
            dashes = "-" if is_apart else _MORE_DASHES[place // len(self.cycle) % len(_MORE_DASHES)]
        return Colour(colour, colour), dashes


def line_style(quantity: str, index: int | None) -> tuple[Colour, str]:
    """The usual colour and dashes of a line."""
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
    functions: Sequence[Function],
    quantities: tuple[str, ...],
    lang: Language,
    values: str | None = None,
    *,
    name: str | None = None,
) -> str:
    """The title of a panel; ``values`` stand in the place of the parameters that all functions share.

    ``name`` stands in the place of the function's.
    """
    if len({function.title for function in functions}) > 1:
        return TITLES_OF_SEVERAL[quantities][lang]
    values = text.assignments(in_common(functions)) if values is None else values
    values = text.TITLE_VALUES[lang].format(values=values) if values else ""
    return text.titled(TITLES[quantities][lang], name or functions[0].title_in(lang), values)


def _formulas(functions: Sequence[Function], quantities: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The symbol and the formula of each quantity that has the same in all functions."""
    for quantity in quantities:
        name = {"y": "formula", "dy": "derivative"}.get(quantity)
        formula, *others = {getattr(function, name) for function in functions} if name else {None}
        if formula is not None and not others:
            yield SYMBOLS[quantity], formula
