"""Where things stand beside and below the panels, in inches, and the colour of what can be moved."""

from typing import Any

from matplotlib.axes import Axes

ACCENT = "#4c84d9"

# The list of the catalog at the left, and the rows of sliders and buttons at the bottom.
LIST_WIDTH = 2.2
INSET, ROW = 0.14, 0.3


def controls_height(sliders: int) -> float:
    """The height that so many sliders, and the buttons beside them, need."""
    return 2 * INSET + ROW * max(1, sliders) - 0.06


def place(axes: Axes, x: float, y: float, width: float, height: float) -> None:
    """Puts axes at this distance from the lower left corner of their figure."""
    figure: Any = axes.figure
    figure_width, figure_height = figure.get_size_inches()
    axes.set_position((x / figure_width, y / figure_height, max(width, 0.1) / figure_width, height / figure_height))
