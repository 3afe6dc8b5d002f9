"""The map of the house: every folder is on it, and what the package promises is there.

What each folder may import is held by the contracts of import-linter in pyproject.toml.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import actplot

ROOT = Path(actplot.__file__).parent


def test_every_folder_is_on_the_map_and_says_what_happens_there() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    files = {path.stem for path in ROOT.glob("*.py")} - {"__init__", "__main__"}
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| ((?:`\w+/?`(?:, )?)+) \|", readme, re.MULTILINE)
    assert {name.strip("/") for row in rows for name in re.findall(r"`(\w+/?)`", row)} == folders | files
    for folder in folders:
        assert (ROOT / folder / "__init__.py").read_text("utf-8").startswith('"""')


def test_rooms_after_the_door_open_without_torch() -> None:
    rooms = (
        "numerics.autograd numerics.breaks numerics.curve numerics.facts plot.fonts plot.figure output.data output.image"
        " output.info output.animation output.terminal live.window live.view page.page page.server worker"
    )
    code = f"import sys, importlib\nfor r in {rooms.split()!r}: importlib.import_module('actplot.' + r)\n"
    code += "print('torch' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "False"]


def test_what_the_package_promises_is_there() -> None:
    for name in actplot.__all__:
        assert getattr(actplot, name) is not None
    assert {"CATALOG", "evaluate", "sample", "draw", "Break", "Curve"} <= set(dir(actplot))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        actplot.nonsense  # noqa: B018
