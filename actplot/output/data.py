"""The numbers behind a figure, as CSV, JSON or NumPy arrays; what is written reads back to the same bits."""

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actplot.numerics.curve import Curve
from actplot.output.versions import versions

Floats = NDArray[np.float64]


def columns(curve: Curve) -> dict[str, Floats]:
    """The curve as columns ``x``, ``y``, ``dy``, ``d2y``, as many as its order has.

    Around a break three rows share its x: the limit from the left, what torch returns at the point, the limit from the
    right. Where the function is not defined there are no rows.

    Examples
    --------
    >>> from actplot import sample
    >>> columns(sample("relu", range=(-1, 1), samples=2))["dy"].tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0]
    """
    names = ("y", "dy", "d2y")[: curve.order + 1]
    inside = np.isfinite(curve.y)
    for each in curve.breaks:
        inside &= curve.x != each.x
    table = np.array([curve.x, *(getattr(curve, name) for name in names)])[:, inside]
    places, rows = [], []
    for each in curve.breaks:
        places += [int(np.searchsorted(table[0], each.x))] * 3
        rows += [[each.x, *(getattr(each, f"{name}_{side}") for name in names)] for side in ("left", "at", "right")]
    if rows:
        table = np.insert(table, places, np.array(rows).T, axis=1)
    return dict(zip(("x", *names), table, strict=True))


def render(curves: Sequence[Curve], labels: Sequence[str], form: str, *, command: str) -> bytes:
    """The curves as the bytes of a file.

    Parameters
    ----------
    curves
        The curves, all of one order.
    labels
        A name for each.
    form
        ``csv``: a header and a row per point, 17 significant digits; with several curves the label comes first.
        ``json``: ``{command, versions, curves: [{label, function, parameters, breaks, x, y, dy}]}``; infinities and
        what is not a number are null.
        ``npz``: arrays of the same names; with several curves one after the other, and ``curve`` has the label of each
        row. ``metadata`` is the JSON without the numbers.
    command
        The command line that made them.
    """
    tables = [columns(curve) for curve in curves]
    if form == "csv":
        return "".join(_csv(tables, labels)).encode()
    about: dict[str, Any] = {"command": command, "versions": versions(), "curves": []}
    for curve, label in zip(curves, labels, strict=True):
        breaks = [each.as_json(curve.order) for each in curve.breaks]
        function = curve.function
        about["curves"].append(
            {"label": label, "function": function.name, "parameters": function.parameters, "breaks": breaks}
        )
    if form == "npz":
        arrays: dict[str, Any] = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
        if len(curves) > 1:
            arrays["curve"] = np.repeat(np.array(labels), [table["x"].size for table in tables])
        return _npz(about, arrays)
    for entry, table in zip(about["curves"], tables, strict=True):
        entry.update({name: [_number(value) for value in values.tolist()] for name, values in table.items()})
    return (json.dumps(about, ensure_ascii=False, allow_nan=False) + "\n").encode()


def render_table(
    table: Mapping[str, Sequence[Any]],
    form: str,
    *,
    command: str,
    about: Mapping[str, Any],
    arrays: Mapping[str, Floats],
) -> bytes:
    """Columns of one length as the bytes of a file: CSV, or with everything else JSON and npz.

    Parameters
    ----------
    table
        The columns by name: numbers or text.
    form
        csv, json or npz.
    command
        The command line that made them.
    about
        More to say of them by name; not in CSV.
    arrays
        Numbers that fit in no column, by name; not in CSV.
    """
    if form == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(table)
        for row in zip(*table.values(), strict=True):
            writer.writerow([format(cell, ".17g") if isinstance(cell, float) else cell for cell in row])
        return buffer.getvalue().encode()
    known = {"command": command, "versions": versions(), **about}
    if form == "npz":
        return _npz(known, {name: np.array(column) for name, column in table.items()} | dict(arrays))
    listed = {name: np.asarray(array).tolist() for name, array in arrays.items()}
    everything = {**known, **{name: list(column) for name, column in table.items()}, **listed}
    return (json.dumps(_without_infinities(everything), ensure_ascii=False, allow_nan=False) + "\n").encode()


def _npz(about: Mapping[str, Any], arrays: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, metadata=json.dumps(about, ensure_ascii=False), **arrays)
    return buffer.getvalue()


def _without_infinities(value: Any) -> Any:
    """The value with null for what JSON has no number for."""
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return [_without_infinities(each) for each in value]
    if isinstance(value, dict):
        return {name: _without_infinities(each) for name, each in value.items()}
    return value


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _csv(tables: Sequence[dict[str, Floats]], labels: Sequence[str]) -> Iterator[str]:
    """The lines of curves; numbers need no quotes, and are formatted twice as fast without :mod:`csv`."""
    several = len(tables) > 1
    yield _csv_line([*(["curve"] if several else []), *tables[0]])
    for table, label in zip(tables, labels, strict=True):
        first = _csv_line([label]).removesuffix("\n") + "," if several else ""
        numbers = ",".join(["%.17g"] * len(table)) + "\n"
        for row in zip(*(values.tolist() for values in table.values()), strict=True):
            yield first + numbers % row


def _csv_line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()
