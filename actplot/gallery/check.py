"""The pictures of a gallery drawn again and compared with those in a folder."""

import filecmp
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actplot.errors import Argument, BadValue, CannotWrite, reason_of
from actplot.gallery.build import Outcome, Plan, draw_all, is_ours, recorded
from actplot.gallery.manifest import Manifest, Recorded
from actplot.options import FORMATS
from actplot.output.pdf import body
from actplot.text import Text

if TYPE_CHECKING:
    from actplot.page.entries import Facts


@dataclass(frozen=True)
class Difference:
    """An image, or a page about them, that is not as it should be.

    ``kind`` is changed, missing, extra or broken; ``rms`` the difference of a changed one, from 0 to 255; ``picture``
    the image that shows it.
    """

    kind: str
    file: str
    detail: Text | None = None
    rms: float | None = None
    picture: str = ""


@dataclass(frozen=True)
class Verdict:
    """What a check has found: differences, and other versions that drew what looks the same, as ``name old → new``."""

    differences: list[Difference]
    versions: list[str]


def check(
    plans: Sequence[Plan],
    folder: Path,
    differences: Path,
    *,
    tolerance: float,
    known: Collection[str] | None,
    pages: "Callable[[Manifest, Mapping[str, Facts]], Mapping[str, bytes]] | None",
    seen: Callable[[Outcome], None],
) -> Verdict:
    """Draws again and compares with what stands in ``folder``, which is only read.

    Parameters
    ----------
    plans
        What to draw; all of different functions.
    differences
        A folder for images of what differs; made when there is one.
    tolerance
        The root mean square difference of two images, from 0 to 255, up to which they count as the same.
    known
        Images that belong there although no plan draws them; any other is extra. None where it is not known which do.
    pages
        The pages that belong beside the pictures of a manifest, given what was computed of each function; None where
        those that stand there are about other pictures too, or were made by other versions.
    seen
        Called with each function as it is drawn.

    Raises
    ------
    BadValue
        If the folder does not exist or holds no images.
    """
    standing = _standing(folder, {form for plan in plans for form in plan.formats} if known is None else FORMATS)
    found, versions = [], set()
    expected: set[str] = set()
    facts: dict[str, Facts] | None = None if pages is None else {}
    drawn: dict[str, Recorded] = {}
    with tempfile.TemporaryDirectory(prefix="actplot-") as fresh:
        for plan in plans:
            expected |= {f"{planned.spec.name}.{form}" for planned in plan.figures for form in plan.formats}
            outcomes = []
            for outcome in draw_all(replace(plan, fresh=True), Path(fresh), facts):
                outcomes.append(outcome)
                seen(outcome)
                if error := outcome.error:
                    detail = Text(f"cannot be drawn: {error.en}", f"无法绘制：{error.zh}")
                    found.append(Difference("broken", outcome.name, detail))
                for file in outcome.files:
                    if file not in standing:
                        found.append(Difference("missing", file))
                        continue
                    versions |= _other_versions(folder / file, Path(fresh, file))
                    if difference := _compare(folder / file, Path(fresh, file), tolerance, differences):
                        found.append(difference)
            drawn |= recorded(plan, outcomes)
    if pages is not None and facts is not None:
        found += _other_pages(folder, pages(Manifest(drawn), facts))
    if known is not None:
        found += [Difference("extra", file) for file in standing - expected - set(known)]
    return Verdict(sorted(found, key=lambda difference: (difference.file, difference.kind)), sorted(versions))


def _other_pages(folder: Path, pages: Mapping[str, bytes]) -> Iterator[Difference]:
    """The pages in a folder that are not as they should be; those of somebody else are left out."""
    for name, content in pages.items():
        page = folder / name
        if not page.exists():
            yield Difference("missing", name)
        # Lines are compared: a checkout may change their ends.
        elif is_ours(page) and page.read_bytes().splitlines() != content.splitlines():
            yield Difference("changed", name, Text("its text differs", "内容不同"))


def _standing(folder: Path, formats: Collection[str]) -> set[str]:
    """The names of the images in a folder."""
    hint = Text(f"make it with 'actplot gallery --out {folder}'", f"先用 'actplot gallery --out {folder}' 生成")
    given = Argument("check", (str(folder),))
    if folder.is_file():
        raise BadValue(
            Text(f"{given}: it is a file", f"{given}：这是一个文件"),
            Text("name the folder of a gallery", "请写图库的文件夹"),
        )
    if not folder.is_dir():
        raise BadValue(Text(f"{given}: there is no such folder", f"{given}：没有这个文件夹"), hint)
    standing = {path.name for path in folder.iterdir() if path.suffix.lstrip(".") in formats}
    if not standing:
        raise BadValue(Text(f"{given}: it holds no images", f"{given}：里面没有图片"), hint)
    return standing


# What a file says of those who made it, by its ending.
_MAKERS = {
    ".svg": re.compile(rb"<dc:title>(actplot [^<]*)</dc:title>"),
    ".pdf": re.compile(rb"/Creator \((actplot [^)]*)\)"),
    ".png": re.compile(rb"Software\0(actplot [^\0-\x1f]*)"),
}


def _other_versions(before: Path, now: Path) -> set[str]:
    """The packages of which another version made the first of two files: ``numpy 2.4.6 → 2.4.5``."""
    old, new = (
        dict(each.rsplit(" ", 1) for each in found[1].decode("latin-1").split(", ") if " " in each) if found else {}
        for found in (_MAKERS[path.suffix].search(path.read_bytes()) for path in (before, now))
    )
    return {f"{name} {old[name]} → {new[name]}" for name in old.keys() & new.keys() if old[name] != new[name]}


def _drawing(path: Path) -> bytes:
    """A file that is no PNG without what it says of those who made it."""
    content = path.read_bytes()
    content = content if path.suffix != ".pdf" else body(content)
    return _MAKERS[path.suffix].sub(b"", content)


def _compare(expected: Path, actual: Path, tolerance: float, differences: Path) -> Difference | None:
    """Compares the pixels of two PNGs, the drawings of two files of another format."""
    name = expected.name
    if filecmp.cmp(expected, actual, shallow=False):
        return None
    if expected.suffix != ".png":
        if _drawing(expected) == _drawing(actual):
            return None
        _keep(differences, expected, actual)
        return Difference("changed", name, Text("its drawing differs", "图形不同"))
    from matplotlib.testing.compare import compare_images
    from matplotlib.testing.exceptions import ImageComparisonFailure

    copy = actual.with_name(f"{expected.stem}-expected.png")
    shutil.copyfile(expected, copy)
    try:
        result: Any = compare_images(str(copy), str(actual), tolerance, in_decorator=True)
    except ImageComparisonFailure:
        _keep(differences, expected, actual)
        return Difference("changed", name, Text("its size differs", "大小不同"))
    except Exception as error:  # whatever Pillow meets in a file that is no image
        kind = type(error).__name__
        return Difference("broken", name, Text(f"cannot be read as an image ({kind})", f"不能作为图片读取（{kind}）"))
    if result is None:
        return None
    _keep(differences, expected, actual)
    picture = differences / f"{expected.stem}-diff.png"
    shutil.copyfile(result["diff"], picture)
    return Difference("changed", name, rms=float(result["rms"]), picture=str(picture))


def _keep(differences: Path, expected: Path, actual: Path) -> None:
    """Puts both versions of an image beside each other into the folder of differences."""
    try:
        differences.mkdir(parents=True, exist_ok=True)
        for path, label in ((expected, "expected"), (actual, "actual")):
            shutil.copyfile(path, differences / f"{expected.stem}-{label}{expected.suffix}")
    except OSError as error:
        reason = reason_of(error)
        raise CannotWrite(
            Text(f"cannot write to {differences}: {reason.en}", f"无法写入 {differences}：{reason.zh}"),
            Text(f"name another with {Argument('diff')}", f"请用 {Argument('diff')} 指定别处"),
        ) from error
