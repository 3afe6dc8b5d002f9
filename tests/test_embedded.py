"""Commands inside figures: any text survives every format, other readers find it too, and no file does harm."""

import html.parser
import io
import os
import random
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import environment
from conftest import first_of
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from actplot.cli.app import command_group
from actplot.cli.commands.again import check_command
from actplot.errors import BadValue
from actplot.output import animation, image, metadata
from actplot.page import page

STILLS, MOVING = ("png", "svg", "pdf"), ("gif", "webp", "apng")
FORMS = (*STILLS, *MOVING, "html")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.text(
    "'\"\\$()<>&;\n\r\t\x1b\u3000\xa0\u200bn", max_size=8
)
WORDS = st.lists(TEXT, max_size=4)


@pytest.fixture(scope="module")
def figure() -> Figure:
    return Figure(figsize=(1, 1), dpi=10)


@pytest.fixture(scope="module")
def encode(figure: Figure) -> Callable[[str, str], bytes]:
    """The bytes of a small figure of a format, with a command in it."""

    def made(form: str, command: str) -> bytes:
        if form in STILLS:
            return image.render(figure, form, command=command)
        if form in MOVING:
            pictures = (Image.new("RGB", (4, 4), (shade, 0, 0)) for shade in (0, 200))
            return animation.encode(pictures, form, fps=10, command=command)
        return page.document("picture", {}, lang="zh", title="", command=command)

    return made


def read(content: bytes, folder: Path) -> str:
    (folder / "figure").write_bytes(content)
    return metadata.read(str(folder / "figure"))


@given(WORDS)
def test_what_is_joined_is_split_again_and_safe_to_print(words: list[str]) -> None:
    command = metadata.join(words)
    assert metadata.split(command) == words
    assert all(character.isprintable() or character.isspace() for character in command)
    assert not re.search(r"[\n\r\t\x1b\x85\u2028\u202e\u200b]", command)


@given(TEXT)
def test_only_what_is_joined_so_is_split(text: str) -> None:
    try:
        words = metadata.split(text)
    except ValueError:
        return
    assert metadata.join(words) == text


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_a_shell_reads_what_is_joined() -> None:
    dice = random.Random(1)
    odd = [*map(chr, range(1, 0x250)), "\u3000", "\u200b", "\u202e", "\ufeff", "中", "😀", "\U000e0001"]
    words = ["".join(dice.choices(odd, k=dice.randrange(8))) for _ in range(300)] + odd
    done = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {metadata.join(words)}"],
        capture_output=True,
        env=environment(LC_ALL="C.UTF-8"),
        check=True,
    )
    assert done.stdout.decode().split("\0")[:-1] == words


class Head(html.parser.HTMLParser):
    """The command among the tags of a page."""

    command = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if ("name", "actplot-command") in attrs:
            self.command = dict(attrs)["content"] or ""


def pdf_string(content: bytes) -> str:
    """The value of /Subject, byte by byte as the standard of PDF has it."""
    at, depth, made = content.index(b"/Subject (") + 10, 0, bytearray()
    while depth or content[at : at + 1] != b")":
        byte = content[at : at + 1]
        if byte == b"\\":
            at += 1
            escapes = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
            byte = escapes.get(content[at : at + 1], content[at : at + 1])
        elif byte in b"\r\n":  # an end of line is a line feed, however it is written
            byte = b"\n"
        depth += {b"(": 1, b")": -1}.get(byte, 0) if content[at - 1 : at] != b"\\" else 0
        made += byte
        at += 1
    return bytes(made).decode("utf-16" if made.startswith(b"\xfe\xff") else "ascii")


def independently(form: str, content: bytes) -> str:
    """The command as a reader that knows nothing of actplot finds it."""
    if form == "svg":
        (found,) = ElementTree.fromstring(content).iter("{http://purl.org/dc/elements/1.1/}description")
        return found.text or ""
    if form == "pdf":
        return pdf_string(content)
    if form == "html":
        head = Head()
        head.feed(content.decode())
        return head.command
    with Image.open(io.BytesIO(content)) as picture:
        info: Any = picture.info
        if form == "gif":
            return str(info["comment"].decode())
        if form == "webp":
            about = next(
                ElementTree.fromstring(info["xmp"]).iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description")
            )
            return about.attrib["{http://purl.org/dc/elements/1.1/}description"]
        return str(info["Command"])


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=40)
@example(title="不上")  # whose UTF-16 holds the bytes of an end of line
@example(title="a\nb\r\nc")
@example(title="\u3000\u0a0d\u0d0a\u5c28")
@example(title="\x1b[31m\x00\ufffe")
@example(title="中" * 70_000)
@example(title="é\x85\xa0")
@given(title=TEXT)
def test_any_title_survives_every_format(
    title: str, form: str, encode: Callable[[str, str], bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    command = metadata.join(["actplot", "elu", "--title", title])
    content = encode(form, command)
    assert read(content, tmp_path_factory.getbasetemp()) == command
    assert independently(form, content) == command


def damaged(content: bytes, dice: random.Random) -> bytes:
    """The file broken off, or with bits flipped, parts swapped, repeated, overwritten or nested."""
    at = content.find(b"actplot elu")
    near = max(0, (at if at >= 0 else content.find(b"/Subject")) - 60)  # where the metadata is

    def place() -> int:
        return min(len(content) - 1, dice.choice([near + dice.randrange(250), dice.randrange(len(content))]))

    match dice.randrange(7):
        case 0:
            return content[: place()]
        case 1:
            flipped = bytearray(content)
            for _ in range(dice.choice([1, 1, 8])):
                flipped[place()] ^= 1 << dice.randrange(8)
            return bytes(flipped)
        case 2:
            a, b, c = sorted(place() for _ in range(3))
            return content[:a] + content[b:c] + content[a:b] + content[c:]
        case 3:
            a, b = sorted(place() for _ in range(2))
            return content[:b] + content[a:]
        case 4:
            at = place()
            size = dice.choice([1, 2, 4, 8])
            return content[:at] + dice.choice([b"\xff", b"\0", b"\x7f"]) * size + content[at + size :]
        case 5:
            at = place()
            return content[:at] + content + content[at:]
        case _:
            at = place()
            return (
                content[:at] + dice.choice([b"\\", b"(", b")", b"&#x110000;", b"&amp;" * 99, b"\xd8\0"]) + content[at:]
            )


@pytest.mark.parametrize("form", first_of(sorted(FORMS, key=("png", "html").__contains__, reverse=True), 2))
def test_a_damaged_figure_is_refused_or_says_what_actplot_would(
    form: str, encode: Callable[[str, str], bytes], tmp_path: Path
) -> None:
    whole = encode(form, "actplot elu --alpha 2 --range -5 5 --lang zh --title '中 (1) \\ <&>'")
    assert read(whole, tmp_path)
    dice = random.Random(form)
    refused = 0
    for _ in range(150):
        try:
            command = read(damaged(whole, dice), tmp_path)
            check_command(command_group(), "figure", command)
        except BadValue:
            refused += 1
        else:
            assert metadata.join(metadata.split(command)) == command
    assert refused > 15
    assert os.listdir(tmp_path) == ["figure"]


def compressed(keyword: bytes, kind: bytes) -> bytes:
    """A PNG whose text would fill the memory if it were unpacked."""
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(10**6)) for _ in range(400)) + packer.flush()
    head = keyword + {b"zTXt": b"\0\0", b"iTXt": b"\0\1\0\0\0"}[kind]
    data = kind + head + packed
    chunk = (len(data) - 4).to_bytes(4, "big") + data + zlib.crc32(data).to_bytes(4, "big")
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, "png")
    return buffer.getvalue()[:33] + chunk + buffer.getvalue()[33:]


def large_picture() -> bytes:
    """A small file of a picture larger than Pillow opens, as actplot writes it at --size 40 20 --dpi 500."""
    notes = PngInfo()
    notes.add_text("Command", "actplot elu --range -5 5 --lang zh --size 40 20 --dpi 490")
    buffer = io.BytesIO()
    Image.new("1", (19600, 9800)).save(buffer, "png", pnginfo=notes)
    return buffer.getvalue()


HUGE = {
    "zTXt": (lambda: compressed(b"Command", b"zTXt"), 2),
    "iTXt": (lambda: compressed(b"Command", b"iTXt"), 2),
    "pixels": (large_picture, 0),
    "zeros": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 20_000_000, 2),
    "comments": (lambda: b"GIF89a" + b"\0" * 7 + b"!\xfe\1a\0" * 4_000_000, 2),
    "parentheses": (lambda: b"%PDF" + b"/Subject (" * 400_000, 2),
    "quotes": (lambda: b"<!DOCTYPE html>" + b'<meta name="actplot-command" content="' * 200_000, 2),
    "long": (lambda: b"<svg><dc:description>actplot elu " + b"&amp;" * 1_900_000 + b"</dc:description>", 2),
}


# Reads one file after another, and tells the exit code of each on stderr, after what was said.
AGAIN = """
import sys
from actplot.cli import main
for path in sys.argv[1:]:
    print("code", main(["again", path]), file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs ulimit")
def test_reading_takes_little_memory_and_time(tmp_path: Path) -> None:
    for name, (content, _) in HUGE.items():
        (tmp_path / name).write_bytes(content())
    limited = 'ulimit -v 500000; ulimit -t 20; exec "$0" -c "$@"'
    done = subprocess.run(
        ["bash", "-c", limited, sys.executable, AGAIN, *HUGE],
        cwd=tmp_path,
        env=environment(OPENBLAS_NUM_THREADS="1"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-500:]
    said = re.findall(r"(.*?)code (\d)\n", done.stderr, re.DOTALL)
    for (name, (_, code)), (text, found) in zip(HUGE.items(), said, strict=True):
        assert (int(found), text.count("\n")) == (code, 1 if code else 0), (name, text[-500:])
        assert len(text) < 1000
    assert sorted(os.listdir(tmp_path)) == sorted(HUGE)


@pytest.mark.skipif(sys.platform == "win32", reason="needs devices")
def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", str(tmp_path / "pipe")):
        with pytest.raises(BadValue, match="no regular file"):
            metadata.read(path)
    with pytest.raises(BadValue, match="cannot read"):
        metadata.read("a\0b")
