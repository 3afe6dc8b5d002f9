"""What the documents say is true."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from command import Act

import actplot

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
TEST_COMMAND = 'python3 -m venv .venv && .venv/bin/pip install -c constraints.txt -e ".[dev]" && .venv/bin/pytest'


def test_the_test_command_is_the_one_that_ci_runs() -> None:
    for document in ("README.md", "CONTRIBUTING.md", ".ci/run"):
        assert TEST_COMMAND in (ROOT / document).read_text("utf-8").splitlines()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


FILE, EXAMPLE = blocks("python")
LINES = [line for language in ("sh", "powershell", "yaml") for block in blocks(language) for line in block.splitlines()]
IN_TABLES = re.findall(r"^\| `(actplot [^`]+)` \|", README, re.MULTILINE)
# Those that want a display, or go on until they are stopped.
LIVE = re.compile(r"actplot (explore|gelu$)|.* --(web|inline)( |$)")
COMMANDS = [each for each in (*IN_TABLES, *LINES) if each.startswith("actplot ") and not LIVE.match(each)]


def test_commands_can_be_pasted_into_any_shell() -> None:
    """cmd and zsh take no comments, cmd no single quotes; PowerShell makes lists of commas, and drops lone braces."""
    assert len(IN_TABLES) > 30
    for line in (*IN_TABLES, *(line for line in LINES if "actplot" in line and not line.startswith("- "))):
        bare = re.sub(r'"[^"]*"', "", line)
        assert not re.search(r"[#'`;{}$%^!*?()<>|]", bare), line
        assert not re.search(r"(?<!\S)[^\s]*,", bare), line


def test_the_commands_of_the_readme_work_one_after_another(act: Act, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(FILE)
    assert len(COMMANDS) > 5
    for command in COMMANDS:
        words = shlex.split(command)[1:]
        if words[0] == "gallery":  # whose whole is drawn by a test of its own
            words += ["relu", "tanh"]
        words += ["--jobs", "1"] if {"gallery", "float32"}.intersection(words) else []  # others would load torch for it
        answer = act(*words)
        assert answer.code == 0, (command, answer.err)


def test_the_python_example_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(EXAMPLE, names)
    assert np.array_equal(names["dy"], actplot.evaluate("elu", [-1.0, 0.0, 1.0], alpha=2.0)[1])  # type: ignore[arg-type]
    assert (tmp_path / "lrelu.png").stat().st_size > 10_000


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
