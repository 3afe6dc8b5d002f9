"""The pictures of a gallery drawn again and compared with those in a folder."""

import filecmp
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from actplot.errors import Argument, BadValue, CannotWrite, reason_of
from actplot.gallery.build import Outcome, Plan, draw_all
from actplot.text import Text


@dataclass(frozen=True)
class Difference:
    """An image that is not as it should be.

    ``kind`` is changed, missing, extra or broken; ``rms`` the difference of a changed one, from 0 to 255; ``picture``
    the image that shows it.
    """

    kind: str
    file: str
    detail: Text | None = None
    rms: float | None = None
    picture: str = ""


def check(
    plan: Plan, folder: Path, differences: Path, *, tolerance: float, whole: bool, seen: Callable[[Outcome], None]
) -> list[Difference]:
    """Draws again and compares with what stands in ``folder``, which is only read.

    Parameters
    ----------
    differences
        A folder for images of what differs; made when there is one.
    tolerance
        The root mean square difference of two images, from 0 to 255, up to which they count as the same.
    whole
        Whether images of nothing in the plan are extra.
    seen
        Called with each function as it is drawn.

    Raises
    ------
    BadValue
        If the folder does not exist or holds no images.
    """
    if not folder.is_dir():
        raise BadValue(
            Text(
                f"{Argument('check', (str(folder),))}: there is no such folder",
                f"{Argument('check', (str(folder),))}：没有这个文件夹",
            ),
            Text(f"make it with 'actplot gallery --out {folder}'", f"先用 'actplot gallery --out {folder}' 生成"),
        )
    standing = {path.name for path in folder.iterdir() if path.suffix.lstrip(".") in plan.formats}
    if not standing:
        raise BadValue(
            Text(
                f"{Argument('check', (str(folder),))}: it holds no images",
                f"{Argument('check', (str(folder),))}：里面没有图片",
            ),
            Text(f"make them with 'actplot gallery --out {folder}'", f"先用 'actplot gallery --out {folder}' 生成"),
        )
    found = []
    with tempfile.TemporaryDirectory(prefix="actplot-") as fresh:
        for outcome in draw_all(replace(plan, fresh=True), Path(fresh)):
            seen(outcome)
            if outcome.error:
                found.append(
                    Difference(
                        "broken",
                        outcome.name,
                        Text(f"cannot be drawn: {outcome.error.en}", f"无法绘制：{outcome.error.zh}"),
                    )
                )
            for file in outcome.files:
                if file not in standing:
                    found.append(Difference("missing", file))
                elif difference := _compare(folder / file, Path(fresh, file), tolerance, differences):
                    found.append(difference)
    if whole:
        expected = {f"{planned.spec.name}.{form}" for planned in plan.figures for form in plan.formats}
        found += [Difference("extra", file) for file in standing - expected]
    return sorted(found, key=lambda difference: (difference.file, difference.kind))


def _compare(expected: Path, actual: Path, tolerance: float, differences: Path) -> Difference | None:
    """Compares the pixels of two PNGs, the bytes of two files of another format."""
    name = expected.name
    if filecmp.cmp(expected, actual, shallow=False):
        return None
    if expected.suffix != ".png":
        _keep(differences, expected, actual)
        return Difference("changed", name, Text("its bytes differ", "字节不同"))
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
