"""Blitting: the picture of what stands still is kept, and what moves is drawn over it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.transforms import BboxBase


class Cached(Artist):
    """Artists that stand before what moves and seldom change: they are drawn once, and then copied.

    Parameters
    ----------
    artists
        What is drawn.
    boxes
        The pixels that are copied, which the artists must cover whole.
    """

    def __init__(self, artists: Callable[[], Iterable[Artist]], boxes: Callable[[], Sequence[BboxBase]]) -> None:
        super().__init__()
        self._artists, self._boxes = artists, boxes
        self._pictures: tuple[Any, list[Any]] | None = None

    def invalidate(self) -> None:
        """Forgets the picture: the artists have changed."""
        self._pictures = None

    def draw(self, renderer: Any) -> None:
        if self._pictures is not None and self._pictures[0] is renderer:
            for picture in self._pictures[1]:
                renderer.restore_region(picture)
            return
        for artist in self._artists():
            artist.draw(renderer)
        self._pictures = renderer, [renderer.copy_from_bbox(box) for box in self._boxes()]


class Blitter:
    """The background of a figure, and what moves in front of it.

    ``moving`` gives the artists that move, in the order of drawing; all of them are animated, which keeps them out of
    the background.
    """

    def __init__(self, figure: Figure, moving: Callable[[], Iterable[Artist]]) -> None:
        self._figure, self._moving = figure, moving
        self._background: Any = None
        self._is_paused = True

    @contextmanager
    def paused(self) -> Iterator[None]:
        """A context in which artists are replaced; some canvases would draw in the midst of it."""
        self._is_paused = True
        yield
        self._is_paused = False  # not after an exception: artists may be missing

    def invalidate(self) -> None:
        """Forgets the background: what stands still has changed."""
        self._background = None

    def paint(self) -> None:
        """Draws what moves over the background; everything where there is none."""
        canvas: Any = self._figure.canvas
        if self._background is None or self._is_paused or not canvas.supports_blit:
            canvas.draw_idle()
            return
        canvas.restore_region(self._background)
        self._draw_moving()
        canvas.blit(self._figure.bbox)

    def on_draw(self) -> None:
        """Keeps the background that was just drawn, and draws what moves over it."""
        if self._is_paused:
            return
        canvas: Any = self._figure.canvas
        if canvas.supports_blit:
            self._background = canvas.copy_from_bbox(self._figure.bbox)
        self._draw_moving()

    def _draw_moving(self) -> None:
        renderer = self._figure.canvas.get_renderer()  # type: ignore[attr-defined]
        for artist in self._moving():
            artist.draw(renderer)
