"""What commands do on macOS and Windows: processes that are spawned, and paths with blanks, Chinese letters, backslashes."""

import json
from pathlib import Path

import pytest
from command import SMALL, script

# A name for every folder that is not Windows', where a backslash parts folders.
FOLDER = "图 片" if Path("\\").is_absolute() else "图 片\\夹"
# The modules that start processes are told that this is another system, on which they do not fork.
COMMANDS = """
import json, os, sys
import actplot.gallery.build, actplot.worker
from actplot.cli import main

class Elsewhere:
    platform = "darwin"
    def __getattr__(self, name):
        return getattr(sys, name)

for module in (actplot.gallery.build, actplot.worker):
    module.sys = Elsewhere()
os.chdir(sys.argv[1])
for words in json.loads(sys.argv[2]):
    print(main(words), flush=True)
"""


@pytest.mark.slow
def test_spawned_processes_and_paths_of_any_letters(tmp_path: Path) -> None:
    folder = tmp_path / "我的 项目"
    (folder / FOLDER).mkdir(parents=True)
    (folder / FOLDER / "函 数.py").write_text("def f(x, a=1.0):\n    return a * x.tanh()\n", "utf-8")
    commands = [
        ["gallery", "relu", "tanh", "--out", f"{FOLDER}/画 廊", "--jobs", "2", "--quiet", *SMALL],
        ["plot", f"{FOLDER}/函 数.py:f", "--param", "a=2", *SMALL, "--out", f"{FOLDER}/图 一.svg"],
        ["again", f"{FOLDER}/图 一.svg", "--trust", "--data", f"{FOLDER}/数 据.csv"],
    ]
    told = script(COMMANDS, str(folder), json.dumps(commands)).splitlines()
    assert [line for line in told if line.isdigit()] == ["0"] * len(commands)
    assert {path.name for path in (folder / FOLDER).rglob("*.*")} >= {"relu.png", "tanh.png", "图 一.svg", "数 据.csv"}
