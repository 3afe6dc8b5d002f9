"""``actplot FUNCTION``: one activation, with its own parameters, any of them swept."""

from typing import Any

from actplot.cli.curves import CurvePicture, curves
from actplot.cli.functions import spec_of_entry
from actplot.cli.options import FigureOptions, command_of_entry, parameters, take_parameters
from actplot.functions.registry import Activation
from actplot.text import Text


def build(entry: Activation) -> Any:
    """The typer command of an activation."""

    def run(**values: Any) -> CurvePicture:
        return curves(spec_of_entry(entry, take_parameters(entry, values)), FigureOptions(**values))

    return command_of_entry(
        entry, run, parameters(), Text(f"{entry.title.en}: {entry.summary.en}", f"{entry.title.zh}：{entry.summary.zh}")
    )
