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
from actplot.functions.registry import tell_apart
from actplot.numerics.curve import Curve
from actplot.options import SIZE
from actplot.output.versions import versions
from actplot.plot.figure import (
    AXIS_LABELS,
    COLOURS,
    DASHES_OF_SLOPES,
    SYMBOLS,
    cycle_style,
    dots,
    formula_of,
    heading,
    limits,
    line_of,
    parts_shown,
    span,
)
from actplot.text import ALL, Language

_PIXELS = 100  # an inch
_DASHES = {"-": "solid", "--": "dash", ":": "dot", "-.": "dashdot"}
_FAMILY = 'actplot, "Noto Sans CJK SC", "DejaVu Sans", sans-serif'
_GRID, _EDGE, _INK = "#e4e4e4", "#8a8a8a", "#333333"
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

    figure = _figure(curves, lang=lang, layout=layout, title=title, headings=headings, size=size)
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


def _functions(curves: Sequence[Curve]) -> list[Any]:
    return [curve.function for curve in curves]


def _figure(
    curves: Sequence[Curve],
    *,
    lang: Language,
    layout: str,
    title: str | None,
    headings: tuple[str, ...] | None,
    size: tuple[float, float] | None,
) -> dict[str, Any]:
    """What plotly draws."""
    shown = parts_shown(curves[0].order, layout)
    is_sweep = len(curves) > 1 and len({curve.function.name for curve in curves}) == 1
    width = (1 - 0.08 * (len(shown) - 1)) / len(shown)
    page: dict[str, Any] = dict(
        font=dict(family=_FAMILY, size=14, color=_INK),
        height=(size or SIZE)[1] * _PIXELS + (130 if is_sweep else 40),
        margin=dict(l=70, r=30, t=125 if title and len(shown) > 1 else 90, b=60),
        paper_bgcolor="#fff",
        plot_bgcolor="#fff",
        hovermode="x",
        hoverlabel=dict(font=dict(family=_FAMILY, size=13), align="left"),
        dragmode="pan",
        showlegend=len(curves) > 1 or len(shown[0]) > 1,
        legend=dict(orientation="h", x=0.5, xanchor="center", y=-0.18, yanchor="top"),
        annotations=[],
    )
    if size is not None:
        page["width"] = size[0] * _PIXELS
    data: list[dict[str, Any]] = []
    low, high = span(curves)
    for place, parts in enumerate(shown):
        suffix = "" if place == 0 else str(place + 1)
        start = place * (width + 0.08)
        line = dict(gridcolor=_GRID, zerolinecolor=_EDGE, linecolor=_EDGE, mirror=True, showline=True, ticks="outside")
        across = dict(line, range=[low, high], domain=[start, start + width], anchor=f"y{suffix}", title=dict(text="x"))
        if place:
            across["matches"] = "x"
        labels = ", ".join(AXIS_LABELS[part] for part in parts)
        up = dict(line, range=[*limits(curves, parts)], anchor=f"x{suffix}", title=dict(text=_escaped(labels)))
        page |= {f"xaxis{suffix}": across, f"yaxis{suffix}": up}
        if title and len(shown) == 1:
            words = title
        elif headings and place < len(headings):
            words = headings[place]
        else:
            words = heading(_functions(curves), parts, lang)
        several = len(curves) > 1 or len(parts) > 1
        colour = COLOURS[parts[0]]["light"] if not several and parts != ("y",) else "#000"
        page["annotations"].append(_text(words, start + width / 2, 1.07, size=18, color=colour))
        if formula := None if several else _formula(curves[0], parts[0]):
            page["annotations"].append(_text(formula, start + width / 2, 1.01, size=12, color="#777"))
        for part in parts:
            data += _traces(curves, part, parts, suffix)
    if title and len(shown) > 1:
        page["annotations"].append(_text(title, 0.5, 1.18, size=20))
    if is_sweep:
        page["sliders"] = [_slider(curves, data, lang)]
        for trace in data:
            trace["visible"] = trace["meta"] == 0
    return {"data": data, "layout": page}


def _escaped(words: str) -> str:
    """The words as they are, where plotly reads markup and, in a readout, the values of ``%{...}``."""
    return html.escape(words, quote=False).replace("{", "&#123;").replace("\n", "<br>")


def _text(words: str, x: float, y: float, **look: Any) -> dict[str, Any]:
    return dict(
        text=_escaped(words),
        x=x,
        y=y,
        xref="paper",
        yref="paper",
        xanchor="center",
        yanchor="bottom",
        showarrow=False,
        font=look,
    )


def _formula(curve: Curve, part: str) -> str | None:
    """The formula of a panel as text, if it is one line."""
    formula = formula_of(curve.function, part)
    lines = plain(formula, SYMBOLS[part]) if formula else []
    return lines[0] if len(lines) == 1 else None


def _traces(curves: Sequence[Curve], part: str, parts: tuple[str, ...], suffix: str) -> Iterator[dict[str, Any]]:
    """The lines of one part, and their dots; ``meta`` is the place of the curve."""
    labels = tell_apart(_functions(curves))
    for index, curve in enumerate(curves):
        symbols = list(SYMBOLS)[: curve.order + 1]
        if len(curves) == 1:
            colour, dash, name = COLOURS[part]["light"], "-", AXIS_LABELS[part]
        else:
            colour, dash = cycle_style(index)
            name = labels[index]
            if len(parts) > 1 and part != "y":
                dash, name = DASHES_OF_SLOPES[part], f"{name}  {AXIS_LABELS[part]}"
        common = dict(
            type="scatter",
            xaxis=f"x{suffix}",
            yaxis=f"y{suffix}",
            name=_escaped(name),
            legendgroup=f"{index}{part if len(parts) > 1 else ''}",
            meta=index,
        )
        values = "<br>".join(f"{SYMBOLS[each]} = %{{customdata[{row}]:.6~g}}" for row, each in enumerate(symbols))
        label = f"{_escaped(labels[index])}<br>" if len(curves) > 1 else ""
        line_x, line_y = line_of(curve, part)
        readout = dict(
            customdata=np.column_stack([line_of(curve, each)[1] for each in symbols]),
            hovertemplate=f"{label}x = %{{x:.6~g}}<br>{values}<extra></extra>",
        )
        yield dict(
            **common,
            **readout,
            mode="lines",
            x=line_x,
            y=line_y,
            line=dict(color=colour, width=2.5, dash=_DASHES[dash], simplify=False),
            showlegend=suffix == "",
        )
        (open_x, open_y), (full_x, full_y) = dots(curve, part)
        for x, y, fill in ((open_x, open_y, "#fff"), (full_x, full_y, colour)):
            if x:
                marker = dict(color=fill, size=8, line=dict(color=colour, width=2))
                yield dict(**common, mode="markers", x=x, y=y, marker=marker, cliponaxis=False, showlegend=False,
                           hovertemplate="x = %{x:.6~g}<br>%{y:.6~g}<extra></extra>")  # fmt: skip
        if curve.points:
            marker = dict(color=colour, size=11, line=dict(color="#fff", width=1.5))
            x, y = [point.x for point in curve.points], [getattr(point, part) for point in curve.points]
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
