"""Results kept between commands: one file each in the user's cache folder, written whole and checked when it is read.

``ACTPLOT_CACHE`` names another folder, or is ``off``. What cannot be read, or is not what was written, counts as absent;
what cannot be written is left out: no command fails for its cache.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from actplot.installed import version

OFF = "off"
# Bytes that all files together may take, and one alone.
LIMIT, LARGEST = 64 * 2**20, 4 * 2**20
# What a process may write before it looks again at what all files take: this share of the limit.
_UNSEEN = 64
# The first bytes of every file; a change of the form of any content counts up.
_MAGIC = b"actplot cache 1\n"
_ENDING, _UNFINISHED = ".cache", ".part"
_DIGEST_SIZE = 16
# Seconds after which nobody writes on a file that was not finished.
_ABANDONED = 3600
# What tells processors apart, which compute with instructions of their own: by its name in /proc/cpuinfo.
_PROCESSOR = frozenset(
    {"vendor_id", "cpu family", "model", "model name", "stepping", "flags", "Features"}
    | {"CPU implementer", "CPU architecture", "CPU variant", "CPU part"}
)
# Environment variables by whose beginning libraries choose how they compute.
_SETTINGS = ("ATEN_", "MKL_", "DNNL_", "ONEDNN_", "TORCH_")


class Usage(NamedTuple):
    """What the cache takes: files, and bytes."""

    files: int
    bytes: int


def folder() -> Path | None:
    """Where results are kept; None where none are."""
    given = os.environ.get("ACTPLOT_CACHE", "")
    if given == OFF:
        return None
    if given:
        return Path(given)
    from platformdirs import user_cache_path

    try:
        return user_cache_path("actplot", appauthor=False)
    except (OSError, RuntimeError):  # a user without a home
        return None


def key(kind: str, *parts: object) -> str:
    """The name of a result: what kind it is, and a digest of all that decides on it."""
    return f"{kind}-{_digest(repr(parts).encode())}"


def holds(name: str) -> bool:
    """Whether there is a file for a result, which may yet prove to be broken."""
    place = folder()
    return place is not None and os.path.isfile(_path(place, name))


def load(name: str) -> bytes | None:
    """A result that was stored; None where there is none, or what is there is not what was stored."""
    place = folder()
    if place is None:
        return None
    try:
        content = _path(place, name).read_bytes()
    except OSError:
        return None
    start = len(_MAGIC) + 2 * _DIGEST_SIZE
    body = content[start:]
    return body if content[:start] == _MAGIC + _digest(name.encode() + body).encode() else None


def store(name: str, body: bytes) -> None:
    """Keeps a result, in place of what may be there under its name; the oldest make room for it."""
    place = folder()
    if place is None or len(body) > LARGEST:
        return
    temporary = place / f"{os.getpid()}-{os.urandom(4).hex()}{_UNFINISHED}"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(temporary, "xb") as file:
            file.write(_MAGIC + _digest(name.encode() + body).encode() + body)
        os.replace(temporary, _path(place, name))
    except OSError:  # a full or read-only disk
        with suppress(OSError):
            temporary.unlink()
    else:
        _count(place, len(body))


def recall(name: str, compute: Callable[[], bytes]) -> bytes:
    """The result of that name, computed and kept where it is not at hand."""
    body = load(name)
    if body is None:
        body = compute()
        store(name, body)
    return body


def usage() -> Usage:
    """What the cache takes."""
    place = folder()
    sizes = [] if place is None else [size for _, size, _ in _files(place)]
    return Usage(len(sizes), sum(sizes))


def clear() -> Usage:
    """Removes everything that was kept, and returns what that was."""
    place = folder()
    removed = []
    for _, size, path in [] if place is None else _files(place):
        with suppress(OSError):
            path.unlink()
            removed.append(size)
    return Usage(len(removed), sum(removed))


def _path(place: Path, name: str) -> Path:
    return place / f"{name}{_ENDING}"


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST_SIZE).hexdigest()


def _files(place: Path) -> Iterator[tuple[float, int, Path]]:
    """Time of writing, size and path of all files of the cache, unfinished ones too."""
    try:
        with os.scandir(place) as found:
            for each in found:
                if each.name.endswith((_ENDING, _UNFINISHED)):
                    with suppress(OSError):
                        status = each.stat()
                        yield status.st_mtime, status.st_size, Path(each.path)
    except OSError:
        return


# The bytes that this process has written into each folder since it looked at what all files there take.
_written: dict[Path, int] = {}


def _count(place: Path, size: int) -> None:
    """Counts what was written, and makes room: looking at all files each time would take longer than writing one."""
    _written[place] = _written.get(place, LIMIT) + size
    if _written[place] > LIMIT // _UNSEEN:
        _trim(place)
        _written[place] = 0


def _trim(place: Path) -> None:
    """Removes the oldest files until the others are within the limit, and those that a killed process left unfinished."""
    files = sorted(_files(place), reverse=True)
    taken = 0
    for written, size, path in files:
        taken += size
        is_left = path.suffix == _UNFINISHED and written < time.time() - _ABANDONED
        if taken > LIMIT or is_left:
            with suppress(OSError):
                path.unlink()


@cache
def sources(*folders: str) -> str:
    """A digest of the Python files in these folders of the package, those in folders below included."""
    package = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=_DIGEST_SIZE)
    for path in sorted(path for name in folders for path in (package / name).rglob("*.py")):
        digest.update(f"{path.relative_to(package)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def versions(*packages: str) -> tuple[str, ...]:
    """The full version of each package."""
    return tuple(map(version, packages))


@cache
def processor() -> tuple[str, ...]:
    """What of the processor, and of the settings of libraries, can show in the last bits of a result."""
    uname = os.uname() if hasattr(os, "uname") else None
    about = [uname.sysname, uname.machine] if uname else [os.environ.get("PROCESSOR_IDENTIFIER", "")]
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() in _PROCESSOR:
                    about.append(value.strip())
                if not line.strip():  # the others are like the first
                    break
    except OSError:
        about += [uname.release] if uname else []
    return (*about, *sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith(_SETTINGS)))
