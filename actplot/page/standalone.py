"""Curves as one HTML file to share: zoom, a readout at the pointer, a slider for a sweep; it needs nothing else."""

import base64
import html
import io
from collections.abc import Iterator, Sequence
from typing import Any

import noto_cjk_sans_otc
import numpy as np
from fontTools import subset

from actplot.functions.formula import plain
from actplot.functions.registry import Function, tell_apart
from actplot.numerics.curve import Curve
from actplot.options import SIZE
from actplot.output.versions import versions
from actplot.plot.encoding import SYMBOLS, Encoding, LineEncoding, PanelEncoding, heading
from actplot.plot.limits import x_limits, y_limits
from actplot.plot.marks import dots, line_points
from actplot.text import ALL, Language

_PIXELS = 100  # an inch
_DASHES = {"-": "solid", "--": "dash", ":": "dot", "-.": "dashdot"}
_FAMILY = 'actplot, "Noto Sans CJK SC", "DejaVu Sans", sans-serif'
_GRID, _EDGE, _TEXT = "#e4e4e4", "#8a8a8a", "#333333"
# The face of simplified Chinese among those of the collection.
_FACE = 2
_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="{makers}">
<meta name="actplot-command" content="{command}">
<title>{title}</title>
<style>
@font-face {{ font-family: "actplot"; src: url(data:font/woff;base64,{font}) format("woff"); }}
body {{ margin: 0; background: #fff; }}
</style>
</head>
<body>
{figure}
</body>
</html>
"""


def render(
    curves: Sequence[Curve],
    *,
    lang: Language,
    layout: str = "side",
    title: str | None = None,
    headings: tuple[str, ...] | None = None,
    size: tuple[float, float] | None = None,
    command: str = "",
) -> bytes:
    """The page, in UTF-8. The parameters are those of :func:`actplot.draw`; an inch of ``size`` is 100 pixels, and
    without it the figure is as wide as the window."""
    from plotly import io as plotly

    figure = plotly_figure(curves, lang=lang, layout=layout, title=title, headings=headings, size=size)
    buttons = ["toImage", "pan2d", "zoom2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]
    settings = {"displaylogo": False, "responsive": True, "scrollZoom": True, "modeBarButtons": [buttons]}
    body = plotly.to_html(
        figure, config=settings, include_plotlyjs=True, full_html=False, div_id="figure", validate=False
    )
    heads = [panel["title"]["text"] for name, panel in figure["layout"].items() if name.startswith("xaxis")]
    words = "".join(map(str, (figure["layout"]["annotations"], heads, [trace["name"] for trace in figure["data"]])))
    makers = ", ".join(f"{name} {number}" for name, number in versions("plotly").items())
    page = _PAGE.format(
        lang={"zh": "zh-Hans", "en": "en"}[lang],
        makers=html.escape(makers),
        command=html.escape(command),
        title=html.escape(curves[0].function.label if len(curves) == 1 else heading(_functions(curves), ("y",), lang)),
        font=_font(words + ALL[lang]),
        figure=body,
    )
    return page.encode()


def _functions(curves: Sequence[Curve]) -> list[Function]:
    return [curve.function for curve in curves]


def plotly_figure(
    curves: Sequence[Curve],
    *,
    lang: Language,
    layout: str,
    title: str | None,
    headings: tuple[str, ...] | None,
    size: tuple[float, float] | None,
) -> dict[str, Any]:
    """What plotly draws: its traces and its layout."""
    encoding = Encoding(curves[0].order, layout, lang, title or None, headings or ())
    panels = encoding.panels(_functions(curves))
    is_sweep = len(curves) > 1 and len({curve.function.name for curve in curves}) == 1
    width = (1 - 0.08 * (len(panels) - 1)) / len(panels)
    page: dict[str, Any] = dict(
        font=dict(family=_FAMILY, size=14, color=_TEXT),
        height=(size or SIZE)[1] * _PIXELS + (130 if is_sweep else 40),
        margin=dict(l=70, r=30, t=90 if encoding.figure_title is None else 125, b=60),
        paper_bgcolor="#fff",
        plot_bgcolor="#fff",
        hovermode="x",
        hoverlabel=dict(font=dict(family=_FAMILY, size=13), align="left"),
        dragmode="pan",
        showlegend=panels[0].has_legend,
        legend=dict(orientation="h", x=0.5, xanchor="center", y=-0.18, yanchor="top"),
        annotations=[],
    )
    if size is not None:
        page["width"] = size[0] * _PIXELS
    data: list[dict[str, Any]] = []
    low, high = x_limits(curves)
    for place, panel in enumerate(panels):
        suffix = "" if place == 0 else str(place + 1)
        start = place * (width + 0.08)
        line = dict(gridcolor=_GRID, zerolinecolor=_EDGE, linecolor=_EDGE, mirror=True, showline=True, ticks="outside")
        x_title, y_title = (dict(text=_escaped(label)) for label in (panel.x_label, panel.y_label))
        across = dict(line, range=[low, high], domain=[start, start + width], anchor=f"y{suffix}", title=x_title)
        if place:
            across["matches"] = "x"
        up = dict(line, range=[*y_limits(curves, panel.quantities)], anchor=f"x{suffix}", title=y_title)
        page |= {f"xaxis{suffix}": across, f"yaxis{suffix}": up}
        colour = panel.title_colour.light if panel.title_colour else "#000"
        page["annotations"].append(_text(panel.title, start + width / 2, 1.07, size=18, color=colour))
        if formula := _formula(panel):
            page["annotations"].append(_text(formula, start + width / 2, 1.01, size=12, color="#777"))
        for each in panel.lines:
            data += _traces(curves, each, panel, suffix)
    if encoding.figure_title is not None:
        page["annotations"].append(_text(encoding.figure_title, 0.5, 1.18, size=20))
    if is_sweep:
        page["sliders"] = [_slider(curves, data, lang)]
        for trace in data:
            trace["visible"] = trace["meta"] == 0
    return {"data": data, "layout": page}


def _escaped(words: str) -> str:
    """The words as they are, where plotly reads markup and, in a readout, the values of ``%{...}``."""
    return html.escape(words, quote=False).replace("{", "&#123;").replace("\n", "<br>")


def _text(words: str, x: float, y: float, **font: Any) -> dict[str, Any]:
    return dict(
        text=_escaped(words),
        x=x,
        y=y,
        xref="paper",
        yref="paper",
        xanchor="center",
        yanchor="bottom",
        showarrow=False,
        font=font,
    )


def _formula(panel: PanelEncoding) -> str | None:
    """The formula of a panel as text, if it is one line."""
    lines = plain(panel.formula, panel.symbol) if panel.formula else []
    return lines[0] if len(lines) == 1 else None


def _traces(
    curves: Sequence[Curve], encoded: LineEncoding, panel: PanelEncoding, suffix: str
) -> Iterator[dict[str, Any]]:
    """One line and its dots; ``meta`` is the place of the curve."""
    curve, quantity, colour = curves[encoded.curve], encoded.quantity, encoded.colour.light
    symbols = list(SYMBOLS)[: curve.order + 1]
    common = dict(
        type="scatter",
        xaxis=f"x{suffix}",
        yaxis=f"y{suffix}",
        name=_escaped(encoded.short_label),
        legendgroup=f"{encoded.curve}{quantity if len(panel.quantities) > 1 else ''}",
        meta=encoded.curve,
    )
    values = "<br>".join(f"{SYMBOLS[each]} = %{{customdata[{row}]:.6~g}}" for row, each in enumerate(symbols))
    label = f"{_escaped(tell_apart(_functions(curves))[encoded.curve])}<br>" if len(curves) > 1 else ""
    line_x, line_y = line_points(curve, quantity)
    readout = dict(
        customdata=np.column_stack([line_points(curve, each)[1] for each in symbols]),
        hovertemplate=f"{label}x = %{{x:.6~g}}<br>{values}<extra></extra>",
    )
    yield dict(
        **common,
        **readout,
        mode="lines",
        x=line_x,
        y=line_y,
        line=dict(color=colour, width=2.5, dash=_DASHES[encoded.dashes], simplify=False),
        showlegend=suffix == "",
    )
    (open_x, open_y), (filled_x, filled_y) = dots(curve, quantity)
    for x, y, fill in ((open_x, open_y, "#fff"), (filled_x, filled_y, colour)):
        if x:
            marker = dict(color=fill, size=8, line=dict(color=colour, width=2))
            yield dict(**common, mode="markers", x=x, y=y, marker=marker, cliponaxis=False, showlegend=False,
                       hovertemplate="x = %{x:.6~g}<br>%{y:.6~g}<extra></extra>")  # fmt: skip
    if curve.points:
        marker = dict(color=colour, size=11, line=dict(color="#fff", width=1.5))
        x, y = [point.x for point in curve.points], [getattr(point, quantity) for point in curve.points]
        yield dict(
            **common, mode="markers", x=x, y=y, marker=marker, showlegend=False, cliponaxis=False, hoverinfo="skip"
        )


def _slider(curves: Sequence[Curve], data: Sequence[dict[str, Any]], lang: Language) -> dict[str, Any]:
    """A step for each curve of a sweep, and one for all of them."""
    labels = tell_apart(_functions(curves))
    steps = [
        dict(label=_escaped(label), method="restyle", args=[{"visible": [trace["meta"] == index for trace in data]}])
        for index, label in enumerate(labels)
    ]
    steps.append(dict(label=_escaped(ALL[lang]), method="restyle", args=[{"visible": [True] * len(data)}]))
    return dict(name="sweep", active=0, steps=steps, pad=dict(t=95), currentvalue=dict(visible=False))


def _font(words: str) -> str:
    """The characters of a figure out of Noto Sans CJK, as WOFF in base64."""
    options = subset.Options(flavor="woff", layout_features=[], hinting=False, desubroutinize=True)
    options.font_number = _FACE
    font = subset.load_font(str(noto_cjk_sans_otc.FONT_PATH), options)
    chooser = subset.Subsetter(options)
    chooser.populate(text=words + "".join(map(chr, range(32, 127))) + "−–·²∞")
    chooser.subset(font)
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    font.close()
    return base64.b64encode(buffer.getvalue()).decode()
