"""The map of the house as a test: what each room may not import, and that all rooms are on the map."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import actplot

ROOT = Path(actplot.__file__).parent
HEAVY = {"torch", "numpy", "scipy", "matplotlib", "rich", "noto_cjk_sans_otc"}
LIGHT_ROOMS = HEAVY | {
    "actplot.compute",
    "actplot.breaks",
    "actplot.curve",
    "actplot.figure",
    "actplot.fonts",
    "actplot.live",
    "actplot.web",
    "actplot.animation",
    "actplot.inline",
    "actplot.standalone",
    "plotly",
    "textual_image",
    "tornado",
}

# Room: what no line of it may import (whole file) and what it may import inside functions only (top of the file).
NOWHERE = {
    "errors": HEAVY | {"typer", "actplot"},
    "text": HEAVY | {"typer", "actplot.registry"},
    "formula": HEAVY | {"typer", "actplot.registry", "actplot.catalog"},
    "registry": HEAVY - {"torch"} | {"typer", "actplot.catalog"},
    "expression": HEAVY - {"torch"} | {"typer"},
    "source": HEAVY - {"torch"} | {"typer"},
    "files": HEAVY | {"typer", "actplot.registry"},
    "versions": HEAVY | {"typer", "actplot.registry"},
    "options": HEAVY | {"typer", "actplot.registry", "actplot.catalog"},
    "catalog": HEAVY - {"torch"} | {"typer"},
    "compute": {"matplotlib", "typer", "rich", "actplot.catalog", "actplot.registry"},
    "breaks": {"matplotlib", "typer", "rich", "actplot.catalog", "actplot.registry"},
    "curve": {"matplotlib", "typer", "rich"},
    "fonts": {"torch", "matplotlib.pyplot", "typer", "rich"},
    "figure": {"torch", "matplotlib.pyplot", "typer", "rich"},
    "output": {"torch", "matplotlib.pyplot", "typer", "rich"},
    "gallery": {"torch", "matplotlib.pyplot", "typer", "rich"},
    "data": {"torch", "matplotlib", "typer", "rich"},
    "properties": {"matplotlib", "typer", "rich", "actplot.catalog"},
    "experiments": {"matplotlib", "typer", "rich", "actplot.catalog"},
    "pictures": {"torch", "matplotlib.pyplot", "typer", "rich"},
    "page": HEAVY | {"typer", "actplot.catalog"},
    "worker": HEAVY | {"typer"},
    "standalone": {"torch", "matplotlib.pyplot", "typer", "rich", "actplot.cli"},
    "animation": {"torch", "matplotlib.pyplot", "typer", "rich", "actplot.cli"},
    "inline": {"torch", "matplotlib.pyplot", "typer", "actplot.cli"},
    "embedded": HEAVY | {"typer", "actplot.registry"},
    "live": {"torch", "matplotlib.pyplot", "typer", "rich", "actplot.cli"},
    "web": {"torch", "matplotlib.pyplot", "typer", "rich", "actplot.cli"},
    "window": {"torch", "typer", "rich"},
    "info": {"matplotlib", "typer"},
    "cli": {"torch", "matplotlib"},
}
AT_THE_TOP = {
    "registry": {"torch"},
    "catalog": {"torch"},
    "expression": {"torch"},
    "source": LIGHT_ROOMS,
    "window": {"matplotlib"},
    "gallery": HEAVY,
    "info": {"torch"},
    "cli": LIGHT_ROOMS,
    "__init__": LIGHT_ROOMS,
    "__main__": LIGHT_ROOMS | {"typer"},
    "_torch": {"torch"},
}


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path, *, top_only: bool) -> set[str]:
    """The modules that a file imports; what only type checkers see does not count."""
    found: set[str] = set()

    def walk(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                for other in child.orelse:
                    walk(ast.Module([other], []))
                continue
            if top_only and isinstance(child, ast.FunctionDef | ast.Lambda):
                continue
            if isinstance(child, ast.Import):
                found.update(alias.name for alias in child.names)
            elif isinstance(child, ast.ImportFrom) and child.module:
                found.update({child.module, *(f"{child.module}.{alias.name}" for alias in child.names)})
            walk(child)

    walk(ast.parse(path.read_text("utf-8")))
    return found


def offences(used: set[str], forbidden: set[str]) -> set[str]:
    return {name for name in used for wrong in forbidden if name == wrong or name.startswith(wrong + ".")}


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_rooms_import_what_they_may(path: Path) -> None:
    own = {"actplot.errors"} if room(path) == "errors" else set()
    assert not offences(imports(path, top_only=False), NOWHERE.get(room(path), set())) - own
    assert not offences(imports(path, top_only=True), AT_THE_TOP.get(room(path), set()))


def test_every_room_is_on_the_map() -> None:
    assert {room(path) for path in FILES} == {*NOWHERE, *AT_THE_TOP}
    readme = (ROOT.parent / "README.md").read_text("utf-8")
    table = set(re.findall(r"^\| `(\w+)/?` \|", readme, re.MULTILINE))
    assert table == {name for name in {*NOWHERE, *AT_THE_TOP} if not name.startswith("__")}


def test_the_probe_can_fail(tmp_path: Path) -> None:
    file = tmp_path / "room.py"
    file.write_text("from matplotlib import pyplot\ndef f():\n    import torch.nn\n")
    assert offences(imports(file, top_only=False), {"torch", "matplotlib.pyplot"}) == {"torch.nn", "matplotlib.pyplot"}
    assert offences(imports(file, top_only=True), {"torch"}) == set()


def test_rooms_after_the_door_open_without_torch() -> None:
    rooms = "compute breaks curve data properties fonts figure output info window worker live.view web animation inline standalone"
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
