"""Files: written whole or not at all."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from actplot.errors import Argument, CannotWrite


def check_folder(path: str) -> None:
    """Raises :class:`CannotWrite` where a file of that name could not be written, before anything is computed."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise CannotWrite(f"cannot write {path}: there is no folder {folder!r}", "make it first")
    if os.path.isdir(path):
        raise CannotWrite(f"cannot write {path}: it is a folder", "name a file in it")
    if not os.access(folder, os.W_OK):
        raise CannotWrite(
            f"cannot write {path}: the folder {folder!r} is not writable", f"name another with {Argument('out')}"
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
        temporary = target.with_name(f".actplot-{os.getpid()}-{secrets.token_hex(4)}.tmp")
        if target.is_dir():
            raise CannotWrite(f"cannot write {path}: it is a folder")
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except CannotWrite:
        raise
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself
        reason = getattr(error, "strerror", None) or str(error)
        missing = isinstance(error, FileNotFoundError)
        raise CannotWrite(
            f"cannot write {path}: {reason}", f"make the folder {Path(path).parent.name!r} first" if missing else ""
        ) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
