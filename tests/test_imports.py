"""What a command loads: nothing heavy before it is needed, nothing at all for a wrong command."""

import sys
from pathlib import Path

import pytest
from command import HEAVY, Forks, script


def loaded(light: Forks, command: str, folder: Path) -> tuple[int, frozenset[str]]:
    """The exit code of a command, and what its process has loaded of what is heavy."""
    done = light(*command.split(), cwd=folder)
    return done.code, done.heavy


@pytest.mark.parametrize("command", ["list", "list --json", "list --family relu --lang en", "--version"])
def test_light_commands(command: str, light: Forks, tmp_path: Path) -> None:
    assert loaded(light, command, tmp_path) == (0, set())


@pytest.mark.parametrize("command", ["--help", "elu --help", "list --help", ""])
def test_help(command: str, light: Forks, tmp_path: Path) -> None:
    code, modules = loaded(light, command, tmp_path)
    assert code == 0
    assert modules <= {"rich"}  # typer's help pages are drawn with it


# Beside the wrong commands of the other files, which load nothing either.
@pytest.mark.parametrize(
    "command",
    [
        "sigmoid extra",
        "elu --alpha 1 --alpha 1",
        "sigmoid --order 3",
        "sigmoid --range 0 1 --at 2",
        "sigmoid --data numbers.txt",
        "sigmoid --data - --out -",
        "info x[0]",
        "list --family nonsense",
    ],
)
def test_wrong_commands_load_nothing(command: str, light: Forks, tmp_path: Path) -> None:
    assert loaded(light, command, tmp_path) == (2, set())


def test_a_wrong_font_loads_what_knows_fonts(light: Forks, tmp_path: Path) -> None:
    code, modules = loaded(light, "sigmoid --font no-such-font", tmp_path)
    assert code == 2
    assert "torch" not in modules


def test_a_file_that_cannot_be_written_is_found_before_anything_is_computed(light: Forks, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    for name in ("missing/a.png", "folder.png"):
        assert loaded(light, f"sigmoid --out {name}", tmp_path) == (1, set())


def test_the_package_is_light() -> None:
    code = """
import sys, actplot
dir(actplot), actplot.__version__, actplot.ActplotError, actplot.CATALOG['leaky relu'].bind(slope=0.5)
print(*sys.modules)
"""
    assert HEAVY.isdisjoint(script(code).split())


def test_the_probes_can_fail(light: Forks, tmp_path: Path) -> None:
    code, modules = loaded(light, "relu --samples 10", tmp_path)
    assert code == 0
    assert {"matplotlib", "numpy"} <= modules
    if sys.platform == "linux":  # where a second process loads torch
        assert "torch" not in modules
    code, modules = loaded(light, "info relu", tmp_path)
    assert code == 0
    assert {"torch", "numpy", "rich"} <= modules


def test_no_derivative_of_the_catalog_loads_the_compiler_of_torch() -> None:
    code = """
import sys
from actplot.functions.catalog import CATALOG
from actplot.numerics.autograd import derivatives
for entry in CATALOG.values():
    derivatives(entry.bind().call, [-1.5, 0.0, 0.5], order=2)
    assert "torch._dynamo" not in sys.modules, entry.name
print("none")
"""
    assert script(code) == "none\n"


def test_a_command_loads_matplotlib_without_docstrings_and_leaves_it_as_it_is() -> None:
    code = """
from actplot.plot.loading import load_matplotlib
load_matplotlib()
from matplotlib.lines import Line2D
import matplotlib.pyplot
class Later(Line2D): pass
for made in (Line2D, Later):
    made([0, 1], [0, 1]).set(linewidth=2)
    print("linewidth" in (made.set.__doc__ or ""))
"""
    assert script(code).split() == ["False", "True"]
