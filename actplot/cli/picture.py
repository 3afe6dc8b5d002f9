"""What a command makes: computed in one process, drawn in another, written and said in every form it has."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from actplot.cli import resolve
from actplot.cli.options import FigureOptions
from actplot.cli.resolve import Animation
from actplot.errors import BadValue
from actplot.options import Arithmetic, Style
from actplot.output import metadata
from actplot.output.files import numbered
from actplot.text import Text
from actplot.worker import Job

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from actplot.live.interactive import InteractiveFigure
    from actplot.page.server import Backend

Result = TypeVar("Result")


def _without_options(words: Sequence[str]) -> list[str]:
    return list(takewhile(lambda word: not word.startswith("--"), words))


@dataclass(frozen=True, kw_only=True)
class Picture(ABC, Generic[Result]):
    """A figure with its numbers. A command returns one, and :func:`actplot.cli.deliver.deliver` sees to the rest.

    Attributes
    ----------
    name
        The stem of the file, where the user names none.
    argv
        The command line that asks for this, without the options of the figure.
    options
        As given.
    sampling, style
        As resolved.
    natural_size
        The size in inches where none is given.
    """

    name: str
    argv: Sequence[str]
    options: FigureOptions
    sampling: Arithmetic
    style: Style
    natural_size: tuple[float, float]

    # Whether it must be computed in the process of the command.
    runs_here = False

    @property
    def default_file(self) -> str:
        """The file that is written where none is named: one of the same functions is replaced, any other is kept."""
        return numbered(self.name, self._is_of_the_same)

    def _is_of_the_same(self, path: str) -> bool:
        """Whether a file is a figure of actplot's that was asked for in the same words, but for options."""
        try:
            words = metadata.split(metadata.read(path))
        except ValueError:  # it is none
            return False
        return _without_options(words) == _without_options(self.argv)

    @property
    def title(self) -> str:
        """The title of a window."""
        return self.name

    @property
    def screen_style(self) -> Style:
        """The style of what is looked at on a screen."""
        return replace(self.style, dpi=resolve.screen_dpi(self.options), transparent=False)

    def command(self, device: str, animation: Animation | None = None) -> str:
        """The command that draws this again, where ``device`` computed it."""
        words = resolve.to_argv(self.sampling, self.style, self.natural_size, device=device, animation=animation)
        return metadata.join([*self.argv, *words])

    @property
    def canonical_command(self) -> str:
        """The command as a figure would carry it that was computed where it was asked to be."""
        device = "cpu" if self.sampling.device == "auto" else self.sampling.device
        return self.command(device, resolve.resolve_animation(self.options, self.style))

    @abstractmethod
    def compute(self) -> Result:
        """The numbers."""

    @property
    def is_at_hand(self) -> bool:
        """Whether the numbers were computed before and are kept, so that torch need not be loaded for them."""
        return False

    @abstractmethod
    def figure(self, result: Result, style: Style) -> "Figure":
        """The figure of the numbers, made outside of any rc context."""

    @abstractmethod
    def data(self, result: Result, form: str, command: str) -> bytes:
        """The numbers as the bytes of a file."""

    @abstractmethod
    def summary(self, result: Result) -> dict[str, Any]:
        """What ``--json`` prints, without files and command."""

    def device(self, result: Result) -> str:
        """The name of the device that computed."""
        device: str = result.device  # type: ignore[attr-defined]
        return device

    def table(self, result: Result) -> Sequence[str]:
        """The lines that are printed after the paths."""
        return ()

    def notes(self, result: Result) -> Sequence[Text]:
        """The lines that stderr is told."""
        return ()

    def warm_up(self) -> "Figure | None":
        """A figure of this kind with made-up numbers, drawn while another process computes."""
        return None

    def live(self, job: Job, result: Result) -> "InteractiveFigure":
        """The figure on a screen."""
        from actplot.live.interactive import InteractiveFigure

        figure = self.figure(result, self.style)
        return InteractiveFigure(figure, self.name, lambda: (figure, self.command(self.device(result))))

    # Whether the live figure goes on computing.
    has_live = False

    def page(self, job: Job, result: Result, *, served: bool = False) -> bytes:
        """The HTML page, in a file or ``served``: one that holds the figure, where it is not computed in a browser."""
        from actplot.output.image import render
        from actplot.page import page

        command = self.command(self.device(result))
        png = render(self.figure(result, self.style), "png", command=command)
        title = self.style.heading or self.title
        return page.picture(png, lang=self.style.lang, title=title, command=command, served=served)

    def backend(self, job: Job) -> "Backend | None":
        """What a page that is served may ask the job for."""
        return None

    def check_page(self) -> Sequence[Text]:
        """What stderr is told of a page; raises :class:`BadValue` for one that would hold too much."""
        return ()

    def check_window(self) -> Sequence[Text]:
        """What stderr is told of a window."""
        return ()

    def animation(self, job: Job, animation: Animation) -> bytes:
        """The bytes of ``--animate``, computed by the job."""
        raise BadValue(
            Text(f"{self.name} has no sweep to animate", f"{self.name} 没有可以做成动画的参数"),
            Text("--animate is for curves", "--animate 只用于曲线"),
        )

    def blocks(self, result: Result, columns: int, rows: int) -> Any:
        """What stands for the figure in a terminal without graphics; None where nothing does."""
        return None

    def at_size(self, result: Result, size: tuple[float, float] | None) -> "Figure":
        """The figure for a terminal that has room for this size in inches, or for any where it is None."""
        return self.figure(result, self.style)

    def finish(self, result: Result) -> int:
        """The exit code, once everything is delivered; says what is missing."""
        return 0
