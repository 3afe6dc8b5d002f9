"""Files: written whole or not at all."""

import os
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

from actplot.errors import Argument, CannotWrite, reason_of
from actplot.text import Text


def numbered(name: str, may_replace: Callable[[str], bool] = lambda path: False) -> str:
    """The first of ``name.png``, ``name-2.png``, ``name-3.png`` ... that is free, or that may be replaced."""
    names = (f"{name}{'' if number == 1 else f'-{number}'}.png" for number in count(1))
    return next(path for path in names if not os.path.lexists(path) or may_replace(path))


def check_folder(path: str) -> None:
    """Raises :class:`CannotWrite` where a file of that name could not be written, before anything is computed."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise CannotWrite(
            Text(f"cannot write {path}: there is no folder {folder!r}", f"无法写入 {path}：没有文件夹 {folder!r}"),
            Text("make it first", "请先建立它"),
        )
    if os.path.isdir(path):
        raise CannotWrite(
            Text(f"cannot write {path}: it is a folder", f"无法写入 {path}：它是一个文件夹"),
            Text("name a file in it", "请写其中的一个文件名"),
        )
    if not os.access(folder, os.W_OK):
        raise CannotWrite(
            Text(
                f"cannot write {path}: the folder {folder!r} is not writable",
                f"无法写入 {path}：文件夹 {folder!r} 没有写权限",
            ),
            Text(f"name another with {Argument('out')}", f"请用 {Argument('out')} 指定别处"),
        )


def write_whole(path: str, content: bytes) -> None:
    """Writes a file completely or leaves things as they were: a temporary file in the same folder is renamed.

    Raises
    ------
    CannotWrite
        With the reason: a folder missing or not writable, a disk full.
    """
    temporary = None
    try:
        target = Path(path).resolve()  # a link stays, and what it points to is replaced
        temporary = target.with_name(f".actplot-{os.getpid()}-{os.urandom(4).hex()}.tmp")
        if target.is_dir():
            raise CannotWrite(Text(f"cannot write {path}: it is a folder", f"无法写入 {path}：它是一个文件夹"))
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except CannotWrite:
        raise
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself
        reason, folder = reason_of(error), Path(path).parent.name
        missing = isinstance(error, FileNotFoundError)
        raise CannotWrite(
            Text(f"cannot write {path}: {reason.en}", f"无法写入 {path}：{reason.zh}"),
            Text(f"make the folder {folder!r} first", f"请先建立文件夹 {folder!r}") if missing else None,
        ) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
