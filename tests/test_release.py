"""What is published: a source distribution that tests itself, a wheel, and a description that needs no other file."""

import re
import tarfile
import zipfile
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest

import actplot

ROOT = Path(__file__).parent.parent
# What a checkout has beside the sources.
_MADE = {".git", ".venv", "build", "dist"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the two distributions."""
    from build import ProjectBuilder

    folder = tmp_path_factory.mktemp("dist")
    for kind in ("sdist", "wheel"):
        ProjectBuilder(ROOT).build(kind, folder)
    return folder


def names(archive: Path) -> set[str]:
    """Paths of the files in a distribution."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return set(wheel.namelist())
    with tarfile.open(archive) as source:
        return {name.partition("/")[2] for name in source.getnames()}


def test_the_source_distribution_has_what_its_tests_and_documents_need(built: Path) -> None:
    found = names(next(built.glob("*.tar.gz")))
    for folder in ("actplot", "benchmarks", "docs", "gallery", "tests"):
        files = {path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts}
        assert {path.relative_to(ROOT).as_posix() for path in files} <= found
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "constraints.txt"} <= found
    assert not {name.split("/")[0] for name in found} & _MADE


def test_the_wheel_has_the_whole_package_and_nothing_else(built: Path) -> None:
    found = names(next(built.glob("*.whl")))
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "actplot").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.parent.name + path.suffix != "js.json"
    }
    assert {name for name in found if ".dist-info/" not in name} == package
    assert "actplot/py.typed" in package


def test_the_description_needs_no_other_file(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        name = next(each for each in wheel.namelist() if each.endswith("/METADATA"))
        metadata = BytesParser(policy=default).parsebytes(wheel.read(name))
    assert metadata["Version"] == actplot.__version__
    assert metadata["Description-Content-Type"] == "text/markdown"
    description = metadata.get_payload()
    assert "actplot sigmoid --range -10 10" in description
    assert "![" not in description
    assert "中文说明" not in description, "a link without its page"
    assert not re.findall(r"\]\((?!#|https?:)", description)
    assert not re.findall(r"^\|[ |-]*\|$\n\n", description, re.MULTILINE), "a table without rows"


def test_pip_can_do_what_the_documents_say() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    documents = [ROOT / "README.md", ROOT / "README.zh.md", *(ROOT / "docs").rglob("*.md")]
    lines = [line for each in documents for line in re.findall(r"pip install ([^#`\n]+)", each.read_text("utf-8"))]
    assert len(lines) > 10
    for line in lines:
        for extras in re.findall(r"\[([\w,]+)\]", line):
            assert set(extras.split(",")) <= set(project["optional-dependencies"]), line
        for constraints in re.findall(r"-c (\S+)", line):
            assert (ROOT / Path(constraints).name).exists(), line
        # The name is not that of a project on an index: what is installed is a folder, or what is installed already.
        assert not re.search(r"(?<![./\w\[])actplot(?![\w/\[])", line), line
