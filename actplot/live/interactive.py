"""What every figure on a screen has: a canvas to connect to, keys, and a way to be saved as ``--out`` saves it."""

import os
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from matplotlib.backend_bases import key_press_handler
from matplotlib.figure import Figure

from actplot.live.actions import PICTURE_ACTIONS, Action
from actplot.options import format_of
from actplot.output.files import numbered
from actplot.output.image import render, save


class InteractiveFigure:
    """A figure on a screen.

    ``name`` is the stem of the files it is saved in; ``still`` makes what they show, and the command that draws it.
    """

    actions: ClassVar[Sequence[Action]] = PICTURE_ACTIONS

    def __init__(self, figure: Figure, name: str, still: Callable[[], tuple[Figure, str]]) -> None:
        self.figure, self.name, self.still = figure, name, still
        plain = figure.savefig

        def savefig(fname: Any, **form: Any) -> None:
            if isinstance(fname, str | os.PathLike):  # from the toolbar
                path = os.fspath(fname)
                self.save(path if os.path.splitext(path)[1] else f"{path}.{form.get('format') or 'png'}")
            else:
                plain(fname, **form)

        figure.savefig = savefig  # type: ignore[method-assign]

    def connect(self) -> None:
        """Begins to answer, on the canvas that the figure has now."""
        canvas: Any = self.figure.canvas
        if canvas.manager is not None and canvas.manager.key_press_handler_id is not None:
            canvas.mpl_disconnect(canvas.manager.key_press_handler_id)
        canvas.mpl_connect("key_press_event", self.key)

    def key(self, event: Any) -> None:
        """Does what a key stands for; a letter is the same with Shift."""
        effects = {key: effect for action in self.actions for key, effect in action.keys.items()}
        if effect := effects.get(event.key, effects.get(str(event.key).removeprefix("shift+"))):
            effect(self)
        elif any(event.key in action.native for action in self.actions):
            key_press_handler(event)

    def save_here(self) -> str:
        """Saves the figure as a PNG in the current folder, under a name that is free; prints and returns it."""
        path = numbered(self.name)
        self.save(path)
        print(path, flush=True)
        return path

    def save(self, path: str) -> None:
        """Writes the figure to a file, as ``--out`` does."""
        format_of(path)
        figure, command = self.still()
        save(figure, path, command=command)

    def render(self, form: str) -> bytes:
        """The figure as the bytes of a file."""
        figure, command = self.still()
        return render(figure, form, command=command)
