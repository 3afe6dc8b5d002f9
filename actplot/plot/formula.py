"""A line of mathtext as the outline of its glyphs: set once, kept, and drawn by every renderer in the same way."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import __freetype_version__
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Bbox, ScaledTranslation

from actplot import cache

_POINTS_PER_INCH = 72
# Counts up with each change of what is kept of a line.
_FORM = 1


class Outline(NamedTuple):
    """A line of mathtext at a size of 1, from the left end of its base line: its glyphs, and what they cover."""

    path: Path
    box: Bbox


class Formula(PathPatch):
    """A line of mathtext in a panel.

    Attributes
    ----------
    text
        The line.
    """

    def __init__(self, axes: Axes, text: str, **style: Any) -> None:
        colour = matplotlib.rcParams["text.color"]
        super().__init__(outline(text).path, facecolor=colour, linewidth=0, **style)
        self.text = text
        self._families: list[str] = matplotlib.rcParams["font.family"]
        self._size = 0.0
        self._is_text = False
        axes.add_artist(self)

    def place(self, x: float, y: float, size: float) -> None:
        """Puts the left end of the base line at shares of the panel's width and height; ``size`` is in points."""
        axes: Any = self.axes
        self._size = size
        scale = Affine2D().scale(size / _POINTS_PER_INCH) + axes.figure.dpi_scale_trans
        self.set_transform(scale + ScaledTranslation(x, y, axes.transAxes))

    def draw(self, renderer: Any) -> None:
        """Draws the outline, or within :func:`searchable` the same glyphs as text."""
        if not self._is_text:
            super().draw(renderer)
            return
        axes: Any = self.axes
        x, y = self.get_transform().transform((0.0, 0.0))
        fonts = FontProperties(family=self._families, size=self._size)
        text = Text(x, y, self.text, color=self.get_facecolor(), fontproperties=fonts)
        text.set_figure(axes.figure)
        text.draw(renderer)


@contextmanager
def searchable(figure: Figure) -> Iterator[None]:
    """A context in which the formulas of a figure are drawn as text, for readers that search a file."""
    formulas = [patch for axes in figure.axes for patch in axes.patches if isinstance(patch, Formula)]
    for formula in formulas:
        formula._is_text = True
    try:
        yield
    finally:
        for formula in formulas:
            formula._is_text = False


def outline(text: str) -> Outline:
    """The outline of a line of mathtext.

    Raises
    ------
    RecursionError
        Where it is nested deeper than mathtext can follow.
    """
    settings = matplotlib.rcParams
    return _outline(text, settings["mathtext.default"], tuple(settings["font.family"]))


@lru_cache(256)
def _outline(text: str, letters: str, families: tuple[str, ...]) -> Outline:
    versions = cache.versions("matplotlib", "noto-cjk-sans-otc")
    name = cache.key("formula", _FORM, versions, __freetype_version__, text, letters, families)
    head, _, numbers = cache.recall(name, lambda: _set(text, families)).partition(b"\n")
    count, *edges = json.loads(head)
    vertices = np.frombuffer(numbers, "<f8", 2 * count).astype(float).reshape(count, 2)
    codes = np.frombuffer(numbers, np.uint8, count, offset=vertices.nbytes).copy()
    return Outline(Path(vertices, codes), Bbox.from_extents(*edges))


def _set(text: str, families: tuple[str, ...]) -> bytes:
    """A line of JSON, with the number of vertices and the edges of the box, then vertices and their codes."""
    listed, codes = text_to_path.get_text_path(FontProperties(family=list(families)), text, ismath=True)
    vertices = np.asarray(listed, "<f8").reshape(-1, 2)
    path = Path(vertices, codes)
    corners = np.concatenate([*path.to_polygons(closed_only=False), np.zeros((0, 2))])
    edges = [*corners.min(axis=0), *corners.max(axis=0)] if corners.size else [0.0] * 4
    scale = text_to_path.FONT_SCALE
    head = [len(vertices), *(round(edge / scale, 4) for edge in map(float, edges))]
    return b"\n".join([json.dumps(head).encode(), (vertices / scale).tobytes() + np.asarray(codes, np.uint8).tobytes()])
