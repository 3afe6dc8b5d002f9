"""What a command loads: nothing heavy before it is needed, nothing at all for a wrong command."""

import json
import sys
from pathlib import Path

import pytest
from command import script

HEAVY = {"torch", "numpy", "matplotlib", "rich", "tornado", "plotly", "textual_image"}

_PROBE = """
import json, sys
from actplot.__main__ import main
sys.argv = ["actplot", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    print("\\n" + json.dumps([end.code, sorted(sys.modules)]))
"""


def modules_after(*words: str) -> tuple[int, set[str]]:
    """The exit code of a command, and which heavy modules its own process has loaded by then."""
    code, modules = json.loads(script(_PROBE, *words).splitlines()[-1])
    return code, HEAVY.intersection(modules)


def modules_after_code(code: str) -> set[str]:
    return HEAVY.intersection(script(f"import sys\n{code}\nprint(*sys.modules)").split())


@pytest.mark.parametrize("command", ["list", "list --json", "list --family relu --lang en", "--version"])
def test_light_commands(command: str) -> None:
    assert modules_after(*command.split()) == (0, set())


@pytest.mark.parametrize("command", ["--help", "elu --help", "list --help", ""])
def test_help(command: str) -> None:
    code, modules = modules_after(*command.split())
    assert code == 0
    assert modules <= {"rich"}  # typer's help pages are drawn with it


@pytest.mark.parametrize(
    "command",
    [
        "nonsense",
        "sigmoid --bogus",
        "sigmoid extra",
        "--range 0 1 sigmoid",
        "sigmoid --range 2 1",
        "sigmoid --range a b",
        "sigmoid --samples 1",
        "elu --alpha -1",
        "elu --alpha 1 --alpha 1",
        "sigmoid --order 3",
        "sigmoid --range 0 1 --at 2",
        "sigmoid --data numbers.txt",
        "sigmoid --data - --out -",
        "compare relu nonsense",
        "compare relu gelu relu",
        "plot x.__class__",
        "plot b*x",
        "plot x --param b=1",
        "plot nothing.py:f",
        "plot nothing_there:f",
        "info x[0]",
        "hardtanh --min-val 2 --max-val 1",
        "sigmoid --dtype float8",
        "sigmoid --device tpu",
        "sigmoid --layout top",
        "sigmoid --style nonsense",
        "sigmoid --lang fr",
        "sigmoid --size 1 1",
        "sigmoid --dpi nan",
        "sigmoid --out picture.jpg",
        "sigmoid --json --out -",
        "info nonsense",
        "info elu --alpha -1",
        "list --family nonsense",
    ],
)
def test_wrong_commands_load_nothing(command: str) -> None:
    assert modules_after(*command.split()) == (2, set())


def test_a_wrong_font_loads_what_knows_fonts() -> None:
    code, modules = modules_after("sigmoid", "--font", "No Such Font")
    assert code == 2
    assert "torch" not in modules


def test_a_file_that_cannot_be_written_is_found_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    for name in ("missing/a.png", "folder.png"):
        assert modules_after("sigmoid", "--out", str(tmp_path / name)) == (1, set())


@pytest.mark.parametrize(
    "code",
    [
        "import actplot",
        "import actplot; dir(actplot); actplot.__version__; actplot.ActplotError",
        "import actplot; actplot.CATALOG['leaky relu'].bind(slope=0.5)",
    ],
)
def test_the_package_is_light(code: str) -> None:
    assert modules_after_code(code) == set()


def test_the_probes_can_fail(tmp_path: Path) -> None:
    code, modules = modules_after("relu", "--samples", "10", "--out", str(tmp_path / "relu.png"))
    assert code == 0
    assert {"matplotlib", "numpy"} <= modules
    if sys.platform == "linux":  # where a second process loads torch
        assert "torch" not in modules
    code, modules = modules_after("info", "relu")
    assert code == 0
    assert {"torch", "numpy", "rich"} <= modules
    assert {"torch", "numpy"} <= modules_after_code("import actplot; actplot.evaluate('relu', 1.0)")
