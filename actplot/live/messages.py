"""What a live figure says for a while: what went wrong, where a file is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from actplot.errors import ActplotError
from actplot.language import Language
from actplot.live.timers import Timers

# Milliseconds for which a message is shown.
_SHOWN = 4000


class Messages:
    """One message at a time. ``write`` puts it on the figure, or takes it away where it is empty.

    ``language`` returns the language of the figure.
    """

    def __init__(self, timers: Timers, write: Callable[[str], object], language: Callable[[], Language]) -> None:
        self._timers, self._write, self._language = timers, write, language
        self.current = ""

    def show(self, message: str) -> None:
        """Shows a message for a while."""
        self.current = message
        self._write(message)
        if message:
            self._timers.later("message", _SHOWN, self.clear)

    def clear(self) -> None:
        """Takes the message away."""
        if self.current:
            self.show("")

    @contextmanager
    def reporting_errors(self) -> Iterator[None]:
        """A context in which what goes wrong is said in the figure, which stays as it was."""
        try:
            yield
        except ActplotError as error:
            self.show_error(error)

    def show_error(self, error: ActplotError) -> None:
        """Shows what went wrong, without the hint."""
        self.show(error.parts(self._language())[0])
