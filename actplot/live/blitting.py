"""Blitting: the picture of what stands still is kept, and what moves is drawn over it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox


class Pane(Protocol):
    """A part of the figure that seldom changes, and is kept as a picture of its own."""

    is_stale: bool

    def draw(self, renderer: Any) -> None:
        """Draws it, after which it is not stale."""

    @property
    def boxes(self) -> Sequence[Bbox]:
        """The pixels that it covers, all of them."""


class Blitter:
    """The background of a figure, and what moves in front of it.

    ``moving`` gives the artists that move, in the order of drawing; ``pane`` what stands before them, if anything;
    ``front`` the artists before that. All are animated, which keeps them out of the background.
    """

    def __init__(
        self,
        figure: Figure,
        *,
        moving: Callable[[], Iterable[Artist]],
        pane: Callable[[], Pane | None],
        front: Callable[[], Iterable[Artist]],
    ) -> None:
        self._figure, self._moving, self._pane, self._front = figure, moving, pane, front
        self._background: Any = None
        self._pictures: list[Any] = []
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
        if (pane := self._pane()) is not None:
            self._draw_pane(pane, renderer)
        for artist in self._front():
            artist.draw(renderer)

    def _draw_pane(self, pane: Pane, renderer: Any) -> None:
        canvas: Any = self._figure.canvas
        if not pane.is_stale:
            for picture in self._pictures:
                canvas.restore_region(picture)
            return
        pane.draw(renderer)
        self._pictures = [canvas.copy_from_bbox(box) for box in pane.boxes] if canvas.supports_blit else []
        pane.is_stale = not canvas.supports_blit
