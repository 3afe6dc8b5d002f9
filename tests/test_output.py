"""Saving: whole or not at all, the same bytes everywhere, and the command inside."""

import errno
import io
import json
import os
import re
import signal
import subprocess
import threading
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command import script
from matplotlib.figure import Figure
from PIL import Image

import actplot
from actplot.errors import BadValue, CannotWrite
from actplot.options import FORMATS
from actplot.output.files import write_whole
from actplot.output.image import render, save
from actplot.output.versions import versions

MAGIC = {"png": b"\x89PNG\r\n\x1a\n", "svg": b"<?xml", "pdf": b"%PDF-"}
OLD, NEW = b"old content", b"new content " * 10_000


@pytest.fixture(scope="module")
def figure() -> Figure:
    return actplot.draw(actplot.sample("elu", samples=20), size=(4, 2), dpi=40)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A file that stands where another is to be written."""
    path = tmp_path / "picture.png"
    path.write_bytes(OLD)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Whole or not at all


def test_a_new_file(tmp_path: Path) -> None:
    write_whole(str(tmp_path / "new.png"), NEW)
    assert (tmp_path / "new.png").read_bytes() == NEW
    assert names(tmp_path) == ["new.png"]


def test_a_file_in_the_place_of_another(target: Path) -> None:
    write_whole(str(target), NEW)
    assert target.read_bytes() == NEW
    assert names(target.parent) == ["picture.png"]


def test_a_name_without_a_folder(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(target.parent)
    write_whole("picture.png", NEW)
    assert target.read_bytes() == NEW


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    return fail


class FullDisk(io.FileIO):
    """A file that takes half of what it is given before the disk is full."""

    def write(self, content: Any) -> int:
        super().write(bytes(content)[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
DENIED = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
FAILURES = {
    "the folder takes no file": ("open", raising(DENIED), "Permission denied"),
    "the disk fills up": ("open", FullDisk, "No space left on device"),
    "the disk is full when all is written": ("os.fsync", raising(FULL), "No space left on device"),
    "the file cannot be replaced": ("os.replace", raising(DENIED), "Permission denied"),
}


@pytest.mark.parametrize(("place", "failing", "reason"), FAILURES.values(), ids=FAILURES)
def test_what_stood_there_survives_a_failure(
    place: str, failing: Callable[..., Any], reason: str, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(f"actplot.output.files.{place}", failing, raising=False)
        with pytest.raises(CannotWrite) as caught:
            write_whole(str(target), NEW)
    assert str(caught.value) == f"cannot write {target}: {reason}"
    assert target.read_bytes() == OLD
    assert names(target.parent) == ["picture.png"]


def test_an_interruption_leaves_things_as_they_were(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("actplot.output.files.os.fsync", raising(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            write_whole(str(target), NEW)
    assert target.read_bytes() == OLD
    assert names(target.parent) == ["picture.png"]


@pytest.fixture
def small_files_only() -> Iterator[None]:
    """No file may grow beyond 5000 bytes: the kernel's own failure in the middle of a file."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert signal.getsignal(signal.SIGXFSZ) == signal.SIG_IGN  # as Python sets it
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_file_that_breaks_off(target: Path, small_files_only: None) -> None:
    with pytest.raises(CannotWrite, match="File too large"):
        write_whole(str(target), NEW)
    assert target.read_bytes() == OLD
    assert names(target.parent) == ["picture.png"]


def test_a_reader_never_sees_half_a_file(target: Path) -> None:
    contents = [b"a" * 3_000_000, b"b" * 3_000_000]
    write_whole(str(target), contents[0])
    seen = set()
    done = threading.Event()

    def write() -> None:
        for turn in range(20):
            write_whole(str(target), contents[turn % 2])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        seen.add(target.read_bytes())
    writer.join()
    assert seen <= set(contents)
    assert names(target.parent) == ["picture.png"]


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"missing/new\.png: No such file or directory; make the folder 'missing'"):
        write_whole(str(tmp_path / "missing" / "new.png"), NEW)
    assert names(tmp_path) == []


def test_a_folder_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "new.png").mkdir()
    with pytest.raises(CannotWrite, match="it is a folder"):
        write_whole(str(tmp_path / "new.png"), NEW)
    assert names(tmp_path) == ["new.png"]


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="File name too long"):
        write_whole(str(tmp_path / ("x" * 300)), NEW)
    assert names(tmp_path) == []


@pytest.mark.parametrize("there", [True, False], ids=["to-a-file", "dangling"])
def test_a_link_stays_a_link(there: bool, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if there:
        (folder / "real.png").write_bytes(OLD)
    link = tmp_path / "link.png"
    link.symlink_to("elsewhere/real.png")
    write_whole(str(link), NEW)
    assert os.readlink(link) == "elsewhere/real.png"
    assert (folder / "real.png").read_bytes() == NEW
    assert (names(tmp_path), names(folder)) == (["elsewhere", "link.png"], ["real.png"])


def test_a_link_to_itself(tmp_path: Path) -> None:
    link = tmp_path / "loop.png"
    link.symlink_to("loop.png")
    with pytest.raises(CannotWrite, match=r"cannot write .*loop\.png"):
        write_whole(str(link), NEW)
    assert names(tmp_path) == ["loop.png"]


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_permissions_that_the_umask_leaves(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        write_whole(str(tmp_path / "new.png"), NEW)
    finally:
        os.umask(before)
    assert (tmp_path / "new.png").stat().st_mode & 0o777 == 0o666 & ~umask


# Formats


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_the_name_decides_the_format(form: str, change: Callable[[str], str], figure: Figure, tmp_path: Path) -> None:
    path = tmp_path / change(f"picture.{form}")
    save(figure, path)
    assert path.read_bytes().startswith(MAGIC[form])
    assert names(tmp_path) == [path.name]


def test_a_dash_is_png_on_stdout(figure: Figure, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    save(figure, "-", command="actplot elu")
    assert capsysbinary.readouterr().out == render(figure, "png", command="actplot elu")


@pytest.mark.parametrize("name", ["picture.jpg", "picture", "picture.png.txt", ""])
def test_a_name_without_a_format_of_ours(
    name: str, figure: Figure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadValue, match=re.escape(repr(name))):
        save(figure, name)
    with pytest.raises(BadValue, match="unknown format 'jpg'"):
        render(figure, "jpg")
    assert names(tmp_path) == []


def test_the_language_of_the_environment_is_no_matter(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> None:
    # The figure has its language already.
    before = render(figure, "png")
    monkeypatch.setenv("ACTPLOT_LANG", "fr")
    assert render(figure, "png") == before


def test_dots_per_inch(figure: Figure) -> None:
    with Image.open(io.BytesIO(render(figure, "png"))) as image:
        assert image.size == (160, 80)


# What a file says of itself

COMMAND = r"""actplot elu --alpha 2 --title '激活 <b> & "$\alpha$" (1'"""


def png_text(figure: Figure) -> dict[str, str]:
    with Image.open(io.BytesIO(render(figure, "png", command=COMMAND))) as image:
        image.load()
        return {str(key): value for key, value in image.info.items() if isinstance(value, str)}


def svg_text(figure: Figure) -> dict[str, str]:
    root = ElementTree.fromstring(render(figure, "svg", command=COMMAND))
    purl = "{http://purl.org/dc/elements/1.1/}"
    found = {element.tag.removeprefix(purl): element.text or "" for element in root.iter() if purl in element.tag}
    return {key: value for key, value in found.items() if value.strip()}


def pdf_text(figure: Figure) -> dict[str, str]:
    content = render(figure, "pdf", command=COMMAND)
    position = re.search(rb"/Info (\d+) 0 R", content)
    assert position is not None
    information = re.search(rb"\n%s 0 obj\n<<(.*?)>>\nendobj" % position[1], content, re.DOTALL)
    assert information is not None
    found = {}
    for key, value in re.findall(rb"/(\w+) \(((?:\\.|[^\\)])*)\)", information[1], re.DOTALL):
        value = re.sub(rb"\\(.)", lambda escaped: {b"n": b"\n", b"r": b"\r"}.get(escaped[1], escaped[1]), value)
        found[key.decode()] = value.decode("utf-16" if value.startswith(b"\xfe\xff") else "ascii")
    return found


READERS = {"png": png_text, "svg": svg_text, "pdf": pdf_text}
KEYS = {"png": ("Command", "Software"), "svg": ("description", "title"), "pdf": ("Subject", "Creator")}


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_carries_its_command_and_the_versions(
    form: str, figure: Figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actplot.output.versions, "version", lambda name: "2.13.0+cpu" if name == "torch" else "1.2.3")
    versions.cache_clear()
    try:
        said = READERS[form](figure)
    finally:
        versions.cache_clear()
    command, makers = KEYS[form]
    assert said[command] == COMMAND
    more = ", fonttools 1.2.3" if form == "pdf" else ""  # which makes the fonts of it
    assert said[makers] == (
        f"actplot 1.2.3, torch 2.13.0, matplotlib 1.2.3, numpy 1.2.3, pillow 1.2.3, noto-cjk-sans-otc 1.2.3{more}"
    )


def test_the_versions_are_those_of_the_packages() -> None:
    assert versions()["actplot"] == actplot.__version__
    assert set(versions()) == {"actplot", "torch", "matplotlib", "numpy", "pillow", "noto-cjk-sans-otc"}
    assert all(re.fullmatch(r"[\w.]+", number) for number in versions().values())


def test_no_file_says_when_it_was_made(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert b"tIME" not in render(figure, "png")
    assert b"dc:date" not in render(figure, "svg")
    assert not re.search(rb"/(CreationDate|ModDate)", render(figure, "pdf"))
    for form in FORMATS:
        monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
        now = render(figure, form)
        monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
        assert render(figure, form) == now


# The same bytes everywhere

HOSTILE = """
lines.linewidth: 9
font.family: monospace
font.size: 20
savefig.dpi: 33
savefig.bbox: tight
axes.grid: False
axes.unicode_minus: False
axes.facecolor: black
axes.formatter.use_locale: True
mathtext.fontset: stix
svg.fonttype: none
pdf.compression: 0
"""
DRAWN = ["elu", "--alpha", "2", "--range", "-3000", "3000", "--title", "折点在 $x=0$ 处"]


def other_locale() -> str:
    """A locale with a decimal comma, where one is installed."""
    listed = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    return next((name for name in listed if re.match(r"(de|fr|es|it|ru)_.*utf", name, re.IGNORECASE)), "C.UTF-8")


# Draws a figure in every format that is named after it, each with a command of its own in one process.
DRAW = """
import json, sys
import torch
from actplot.cli import main
command = json.loads(sys.argv[1])
print([main([*command, "--quiet", "--out", path]) for path in sys.argv[2:]])
"""


@pytest.mark.slow
def test_the_same_bytes_everywhere(tmp_path: Path) -> None:
    folder, settings = tmp_path / "drawn", tmp_path / "settings"
    for each in (folder, settings):
        each.mkdir()
    (settings / "matplotlibrc").write_text(HOSTILE)
    drawn = []
    for surroundings in (
        dict(LC_ALL="C", TZ="UTC", PYTHONHASHSEED="0", OMP_NUM_THREADS="1"),
        dict(
            LC_ALL=other_locale(),
            TZ="Asia/Tokyo",
            PYTHONHASHSEED="12345",
            OMP_NUM_THREADS="2",
            MPLCONFIGDIR=str(settings),
            SOURCE_DATE_EPOCH="86400",
        ),
    ):
        files = [folder / f"picture.{form}" for form in FORMATS]
        told = script(DRAW, json.dumps(DRAWN), *map(str, files), **surroundings)
        assert told == f"{[0] * len(files)}\n"
        drawn.append([file.read_bytes() for file in files])
    assert all(content.startswith(MAGIC[form]) for content, form in zip(drawn[0], FORMATS, strict=True))
    assert drawn[0] == drawn[1]
    assert names(folder) == sorted(path.name for path in files)
