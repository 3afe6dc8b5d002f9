"""What pictures are drawn on: a figure of matplotlib's that keeps its layout and says what it shows."""

import io
import re
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from actplot.plot.style import drawing
from actplot.text import Language

if TYPE_CHECKING:
    from collections.abc import Callable

# Pixels of a browser's inch.
_PIXELS = 96
_MATH = {r"\partial ": "∂", r"\partial\,": "∂", r"\partial": "∂", r"\,": "", r"\log": "log "}


class Sheet(Figure):
    """A figure that notebooks show as a picture, although pyplot does not know it.

    Attributes
    ----------
    lang
        Of its text.
    svg_text
        How that stands in an SVG: "path" or "text".
    description
        What it shows, for those who cannot see it; "" for what its titles say.
    arrange
        Puts everything where it belongs, once the figure has another size than before; None where nobody has to.
    """

    def __init__(self, *, lang: Language, text: str = "path", **options: Any) -> None:
        super().__init__(**options)
        self.lang, self.svg_text = lang, text
        self.description = ""
        self.arrange: Callable[[], None] | None = None
        self._arranged = tuple(self.get_size_inches())

    def draw(self, renderer: Any) -> None:
        """Draws the figure, arranged for its present size."""
        if self.arrange is not None and self._arranged != (size := tuple(self.get_size_inches())):
            self._arranged = size
            self.arrange()
        super().draw(renderer)

    @property
    def heading(self) -> str:
        """What stands above it all, else above its panels, without the marks of formulas."""
        titles = [axes.get_title() or axes.get_title(loc="left") for axes in self.axes]
        return _plain(self.get_suptitle() or " · ".join(dict.fromkeys(filter(None, titles))))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        picture, size = self.as_png()
        return {"image/png": picture}, {"image/png": size}

    def as_png(self) -> tuple[bytes, dict[str, int]]:
        """The picture, and its width and height in pixels of a browser."""
        picture = io.BytesIO()
        with drawing(text=self.svg_text):
            self.savefig(picture, format="png", dpi=self.dpi, facecolor=self.get_facecolor())
        width, height = (round(_PIXELS * inches) for inches in self.get_size_inches())
        return picture.getvalue(), {"width": width, "height": height}


def _plain(title: str) -> str:
    for mark, words in _MATH.items():
        title = title.replace(mark, words)
    title = re.sub(r"_\{(\w+)\}", r"\1", title.replace(r"\$", "\0").replace("$", "").replace("\0", "$"))
    return " ".join(title.split())
