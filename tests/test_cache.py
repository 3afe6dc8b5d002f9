"""The cache: the same bytes with it as without, and no command that fails for it."""

import importlib.metadata
import json
import os
import re
import resource
import signal
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import Act, script, within_seconds
from conftest import facts_of, typical_entries

from actplot import cache
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation
from actplot.functions.source import function
from actplot.installed import version
from actplot.numerics import cache as results
from actplot.numerics import curve as curves
from actplot.numerics import facts
from actplot.options import Sampling
from actplot.output.image import render
from actplot.plot.figure import CurveFigure


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of this test's own."""
    monkeypatch.setenv("ACTPLOT_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def files(folder: Path) -> list[Path]:
    """What a cache holds."""
    return sorted(folder.glob("*.cache"))


def none_computed(*args: object, **options: object) -> None:
    raise AssertionError("it was at hand")


# The same bytes


_figures: dict[int, CurveFigure] = {}


def picture(curve: curves.Curve) -> bytes:
    """A small figure of a curve."""
    figure = _figures.setdefault(curve.order, CurveFigure(order=curve.order, lang="en", size=(6, 3), dpi=40))
    return render(figure.draw(curve), "png")


@typical_entries
def test_a_curve_from_the_cache_is_the_curve(entry: Activation, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bound = entry.bind()
    at = tuple(x for x in bound.breaks or (0.0,) if bound.range[0] <= x <= bound.range[1])
    for sampling in (Sampling(range=bound.range), Sampling(range=bound.range, samples=60, order=2, at=at)):
        fresh = results.curve(bound, sampling)
        with monkeypatch.context() as within:
            within.setattr(curves, "sample", none_computed)
            again = results.curve(bound, sampling)
        for name, value in vars(fresh).items():
            if isinstance(value, np.ndarray):
                assert value.tobytes() == getattr(again, name).tobytes(), name
            elif value is not None:  # NaN is not equal to itself
                assert repr(value) == repr(getattr(again, name)), name
        if sampling.order == 1:
            assert picture(fresh) == picture(again)


def test_envelopes_are_kept(kept: Path) -> None:
    wild, sampling = function("sin(100000*x)"), Sampling(range=(-5.0, 5.0))
    fresh, again = results.curve(wild, sampling), results.curve(wild, sampling)
    assert fresh.envelope is not None
    assert again.envelope is not None
    for one, other in zip(fresh.envelope, again.envelope, strict=True):
        np.testing.assert_array_equal(one, other)
    assert fresh.too_many_breaks == again.too_many_breaks


@typical_entries
def test_facts_from_the_cache_are_the_facts(entry: Activation, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bound = entry.bind()
    fresh = facts_of(bound)
    monkeypatch.setattr(facts, "properties", lambda function: fresh)
    assert results.facts(bound) is fresh
    monkeypatch.setattr(facts, "properties", none_computed)
    # The numbers and the types around them; NumPy's own numbers become Python's.
    assert repr(results.facts(bound)) == re.sub(r"np\.(?:float64\(([^)]*)\)|(True|False)_)", r"\1\2", repr(fresh))


def test_facts_that_ran_out_of_time_are_not_kept(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "SECONDS", 0.0)
    results.facts(CATALOG["relu"].bind())
    assert files(kept) == []


# No torch


def test_what_is_at_hand_needs_neither_torch_nor_a_second_process(tmp_path: Path) -> None:
    code = """
import sys
if sys.argv[1] == "first":
    import torch
from actplot import worker
from actplot.cli import main
commands = (
    ["compare", "relu", "2*x", "-o", "b.svg"], ["info", "relu"], ["gallery", "relu", "--out", "g", "--jobs", "1"]
)
for command in commands:
    assert main([*command, "--quiet"] if command[0] != "info" else command) == 0
if sys.argv[1] == "again":
    def fork(self):
        raise AssertionError("a second process")
    worker.Job._fork = fork
    for command in commands:
        assert main([*command, "--lang", "en", "--quiet"] if command[0] != "info" else command) == 0
print("torch" in sys.modules)
"""
    folder = str(tmp_path / "kept")
    script(f"import os; os.chdir({str(tmp_path)!r})\n{code}", "first", ACTPLOT_CACHE=folder)
    said = script(f"import os; os.chdir({str(tmp_path)!r})\n{code}", "again", ACTPLOT_CACHE=folder)
    assert said.splitlines()[-1] == "False"


def test_off_reads_and_writes_nothing(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    relu, sampling = CATALOG["relu"].bind(), Sampling(range=(-1.0, 1.0))
    results.curve(relu, sampling)
    before = files(kept)
    monkeypatch.setenv("ACTPLOT_CACHE", "off")
    assert not results.holds_curves([relu], sampling)
    monkeypatch.setattr(cache, "load", lambda name: None if cache.folder() is None else none_computed())
    results.curve(CATALOG["gelu"].bind(), sampling)
    assert files(kept) == before


# What decides


def names(source: str, sampling: Sampling, **parameters: float) -> str | None:
    return results._name_of_curve(function(source, parameters), sampling, "1")


def test_all_that_can_change_a_number_is_in_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    sampling = Sampling(range=(-1.0, 1.0))
    seen = [names("elu", sampling), names("elu", sampling, alpha=2.0), names("celu", sampling), names("x*2", sampling)]
    changes: list[dict[str, Any]] = [
        *({"range": (-1.0, 2.0)}, {"samples": 999}, {"order": 2}, {"at": (0.5,)}, {"dtype": "float32"})
    ]
    seen += [names("elu", replace(sampling, **change)) for change in changes]
    seen.append(results._name_of_curve(CATALOG["elu"].bind(), sampling, "2"))
    for attribute in ("sources", "versions", "processor"):
        with monkeypatch.context() as within:
            within.setattr(cache, attribute, lambda *_: ("another",))
            seen.append(names("elu", sampling))
    assert None not in seen
    assert len({*seen}) == len(seen)
    assert names("elu", sampling) == seen[0]
    assert names(" x * 2 ", sampling) == seen[3]


@pytest.mark.parametrize("package", ["actplot", "torch", "NumPy", "noto_cjk.sans-otc", "scipy", "fonttools", "pillow"])
def test_versions_are_those_that_installers_have_left(package: str) -> None:
    assert version(package) == importlib.metadata.version(package)


def test_a_package_that_is_not_there_has_no_version() -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        version("no-such-package")


def test_settings_of_libraries_count_as_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.processor.__wrapped__()
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    assert cache.processor.__wrapped__() != before


def test_a_changed_entry_is_another_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "functions").mkdir()
    entry = tmp_path / "functions" / "relu.py"
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py"))
    digests = set()
    for content in ("x * 2", "x * 3"):
        entry.write_text(content)
        digests.add(cache.sources.__wrapped__("functions"))
    entry.rename(tmp_path / "functions" / "gelu.py")
    digests.add(cache.sources.__wrapped__("functions"))
    assert len(digests) == 3


def test_what_is_the_users_is_never_kept(kept: Path) -> None:
    sampling = Sampling(range=(-1.0, 1.0))
    results.curve(function("torch:tanh"), sampling)
    results.curve(replace(CATALOG["relu"].bind(), call=lambda x: x), sampling)
    results.curve(CATALOG["relu"].bind(), replace(sampling, device="auto"))
    assert files(kept) == []


def test_a_check_asks_no_cache(act: Act, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export = ("gallery", "relu", "--jobs", "1", "--quiet", "--size", "4", "2", "--dpi", "20")
    assert act(*export, "--out", "g").code == 0
    assert len([path for path in files(kept) if path.name.startswith("curve")]) == 1
    (curve,) = (path for path in files(kept) if path.name.startswith("curve"))
    name = curve.name.removesuffix(".cache")
    body = cache.load(name)
    assert body is not None
    cache.store(name, body.replace(b'"samples": 1000', b'"samples": nope'))  # which whoever reads it stumbles over
    assert act(*export, "--check", "g").code == 0


# Whatever happens to a file


def test_a_flipped_bit_is_noticed(kept: Path) -> None:
    cache.store("curve-0", b"some numbers")
    (path,) = files(kept)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert cache.load("curve-0") is None
    path.write_bytes(whole)
    assert cache.load("curve-0") == b"some numbers"


@pytest.mark.parametrize("content", [b"", b"actplot cache 0\n" + bytes(60), b"\x93NUMPY of somebody else's"])
def test_a_broken_foreign_or_older_file_is_replaced(content: bytes, kept: Path) -> None:
    relu, sampling = CATALOG["relu"].bind(), Sampling(range=(-1.0, 1.0))
    fresh = results.curve(relu, sampling)
    (path,) = files(kept)
    whole = path.read_bytes()
    path.write_bytes(content)
    assert results.curve(relu, sampling).y.tobytes() == fresh.y.tobytes()
    assert path.read_bytes() == whole


def test_a_file_under_another_name_is_not_taken(kept: Path) -> None:
    cache.store("curve-0", b"some numbers")
    files(kept)[0].rename(kept / "curve-1.cache")
    assert cache.load("curve-1") is None


def fill(first: int, last: int, body: bytes) -> None:
    """Stores results again and again."""
    while True:
        for number in range(first, last):
            cache.store(f"curve-{number}", body)


@pytest.fixture
def writers(kept: Path) -> Iterator[list[Any]]:
    """Two processes that store results, some of them the same."""
    context = get_context("fork")
    bodies = bytes(1_000_000), b"1" * 1_000_000
    both = [context.Process(target=fill, args=(n, n + 3, body), daemon=True) for n, body in enumerate(bodies)]
    for each in both:
        each.start()
    yield both
    for each in both:
        each.kill()
        each.join()


def test_killed_and_concurrent_writers_leave_whole_files(writers: list[Any], kept: Path) -> None:
    assert within_seconds(lambda: len(files(kept)) >= 4)
    for _ in range(50):
        for number in range(4):
            body = cache.load(f"curve-{number}")
            assert body in (bytes(1_000_000), b"1" * 1_000_000)
    for each in writers:
        os.kill(each.pid, signal.SIGKILL)
        each.join()
    for number in range(4):
        assert cache.load(f"curve-{number}") is not None
    (kept / "1-00.part").write_bytes(b"left by a process that was killed")
    os.utime(kept / "1-00.part", (0, 0))
    cache.store("curve-9", b"")
    assert not (kept / "1-00.part").exists()


def test_a_full_disk_leaves_no_trace(act: Act, kept: Path) -> None:
    kept.mkdir()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        cache.store("curve-0", bytes(1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(kept.iterdir()) == []


def test_a_folder_that_cannot_be_written_stops_nothing(
    act: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    for place in ("file", "file/below", "/proc/nowhere"):
        monkeypatch.setenv("ACTPLOT_CACHE", place)
        answer = act("relu", "--samples", "10", "--data", "-")
        assert (answer.code, answer.err) == (0, "")


# How much


def test_the_oldest_go_first(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LIMIT", 5000)
    for number in range(8):
        cache.store(f"curve-{number}", bytes(900))
        os.utime(kept / f"curve-{number}.cache", (number, number))
    left = [path.stem for path in files(kept)]
    assert left[-1] == "curve-7"
    assert left == [f"curve-{number}" for number in range(8 - len(left), 8)]
    assert 4000 < cache.usage().bytes <= 5000
    assert cache.usage().files == len(left)


def test_what_is_larger_than_its_use_is_not_kept(kept: Path) -> None:
    cache.store("curve-0", bytes(cache.LARGEST + 1))
    results.curve(CATALOG["relu"].bind(), Sampling(range=(-1.0, 1.0), samples=200_000))
    assert files(kept) == []


def test_the_command_says_what_is_kept_and_clears_it(act: Act, kept: Path) -> None:
    assert act("relu", "--samples", "10", "--data", "-").code == 0
    (kept / "notes.txt").write_text("somebody else's")
    about = json.loads(act("cache", "--json").out)
    assert about == {"folder": str(kept), "limit": cache.LIMIT, "kept": {"files": 1, "bytes": cache.usage().bytes}}
    english, chinese = (act("cache", "--lang", lang).out for lang in ("en", "zh"))
    assert f"folder: {kept}\nfiles: 1\n" in english
    assert f"文件夹：{kept}\n文件数：1\n" in chinese
    assert "files removed: 1" in act("cache", "--clear", "--lang", "en").out
    assert [path.name for path in kept.iterdir()] == ["notes.txt"]
    assert "files: 0\n" in act("cache", "--lang", "en").out
