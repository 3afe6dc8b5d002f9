"""Animations: one curve after another in the same window, as GIF, WebP or APNG; the same bytes every time."""

import html
import io
from collections.abc import Iterator, Sequence
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from actplot.numerics.curve import Curve
from actplot.options import gif_delay
from actplot.output.image import opaque
from actplot.plot.figure import CurveFigure
from actplot.text import Language, assignments


def frames(figure: CurveFigure, curves: Sequence[Curve], parameter: str, lang: Language) -> Iterator[Image.Image]:
    """A picture for each curve, on axes that hold all of them; the titles show the value of the parameter."""
    values = [curve.function.parameters[parameter] for curve in curves]
    decimals = max(len(repr(value).partition(".")[2].removesuffix("0")) for value in values)
    canvas: Any = figure.draw(curves[0], beside=curves).canvas
    ground = figure.ground
    for curve, value in zip(curves, values, strict=True):
        # As many digits for every value, so that the titles stand still.
        others = {name: other for name, other in curve.function.non_default.items() if name != parameter}
        shown = [*filter(None, [assignments(others)]), f"{parameter} = {value:.{decimals}f}"]
        figure.move(curve, values=", ".join(shown))
        canvas.draw()
        yield opaque(canvas.buffer_rgba(), ground)


def encode(pictures: Iterator[Image.Image], form: str, *, fps: float, command: str) -> bytes:
    """The pictures as the bytes of a file, with the command inside that makes them again; it plays for ever."""
    first, *others = pictures if form == "webp" else _few_colours(pictures)
    settings: dict[str, Any] = dict(save_all=True, append_images=others, duration=1000 / fps, loop=0)
    if form == "gif":
        settings |= dict(comment=command.encode(), optimize=False, disposal=1, duration=10 * gif_delay(fps))
    elif form == "apng":
        notes = PngInfo()
        notes.add_itxt("Command", command)
        settings |= dict(pnginfo=notes)
    else:
        about = (
            f'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:description="{html.escape(command)}"/>'
        )
        rdf = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{about}</rdf:RDF>'
        settings |= dict(xmp=f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{rdf}</x:xmpmeta>'.encode(), lossless=True, method=4)
        settings["duration"] = round(settings["duration"])
    buffer = io.BytesIO()
    first.save(buffer, {"apng": "PNG"}.get(form, form), **settings)
    return buffer.getvalue()


def _few_colours(pictures: Iterator[Image.Image]) -> Iterator[Image.Image]:
    """The pictures in the colours of the first, which are those of all; fewer make smaller files."""
    palette = None
    for picture in pictures:
        if palette is None:
            palette = picture.quantize(128, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        yield picture.quantize(palette=palette, dither=Image.Dither.NONE)
