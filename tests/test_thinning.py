"""Curves of very many samples: computed in chunks, and drawn as if all of them had been held."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import peak
from conftest import first_of, typical_entries
from PIL import Image

from actplot import draw, sample
from actplot.functions.registry import Activation
from actplot.numerics import curve, thinning
from actplot.numerics.curve import Curve

SAMPLES = 1 << 18


def both(monkeypatch: pytest.MonkeyPatch, source: Any, samples: int = SAMPLES, **options: Any) -> tuple[Curve, Curve]:
    """The curve with all its samples, and with those that show."""
    whole = sample(source, samples=samples, **options)
    monkeypatch.setattr(curve, "MAX_WHOLE", 1)
    thin = sample(source, samples=samples, **options)
    monkeypatch.undo()
    return whole, thin


def pixels(each: Curve) -> Any:
    buffer = io.BytesIO()
    draw(each, lang="en").savefig(buffer, format="png", dpi=100)
    return np.asarray(Image.open(buffer).convert("RGB")).astype(int)


@typical_entries
def test_what_is_kept_are_samples_and_has_the_same_extremes(entry: Activation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "GROUPS", 500)
    whole, thin = both(monkeypatch, entry.name, samples=30_011)
    assert repr(thin.breaks) == repr(whole.breaks)
    assert thin.x.size < whole.x.size
    rows = np.searchsorted(whole.x, thin.x)
    for name in ("y", "dy"):
        ours, theirs = getattr(thin, name), getattr(whole, name)
        beside = ~np.isin(thin.x, [at.x for at in whole.breaks])  # where three rows share an x
        np.testing.assert_array_equal(ours[beside], theirs[rows[beside]])
        with np.errstate(invalid="ignore"):
            assert np.nanmax(ours) == np.nanmax(theirs)
            assert np.nanmin(ours) == np.nanmin(theirs)


@pytest.mark.parametrize("source", first_of(["relu", "tan(x)", "sin(300*x)", "log(x)", "sqrt(sin(9*x))"], 3))
def test_the_picture_is_that_of_all_samples(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, thin = both(monkeypatch, source, range=(-5.0, 5.0))
    one, other = draw(whole, lang="en"), draw(thin, lang="en")
    assert [axes.get_ylim() for axes in one.axes] == [axes.get_ylim() for axes in other.axes]
    off = np.abs(pixels(whole) - pixels(thin)).max(axis=2)  # of 255: matplotlib leaves points of either line out
    assert np.mean(off > 4) < 1e-3
    assert off.max() < 64


@pytest.mark.slow
def test_chunks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve, "MAX_WHOLE", 1)
    for source in ("tan(7*x)", "sqrt(sin(50*x))"):
        curves = []
        for size in (1 << 12, 1 << 17, 1 << 30):
            monkeypatch.setattr(thinning, "_CHUNK", size)
            curves.append(sample(source, samples=100_003, range=(-4.0, 5.0), order=2))
        for each in curves[1:]:
            for name in ("x", "y", "dy", "d2y"):
                np.testing.assert_array_equal(getattr(each, name), getattr(curves[0], name))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_narrow_types_keep_each_point_once(dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, thin = both(monkeypatch, "hardtanh", samples=200_000, dtype=dtype)
    assert np.isin(thin.x, whole.x).all()
    assert repr(thin.breaks) == repr(whole.breaks)
    assert np.nanmax(thin.y) == 1


@pytest.mark.parametrize(("scale", "range"), [("log", (1e-3, 1e3)), ("symlog", (-100.0, 1e3))])
def test_samples_are_evenly_spaced_on_the_scale(
    scale: str, range: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = np.log if scale == "log" else np.arcsinh
    whole, thin = both(monkeypatch, "tanh", range=range, xscale=scale)
    every = thinning.Evenly(*range, SAMPLES, lambda x: x, scale).points(0, SAMPLES)
    np.testing.assert_allclose(place(every), np.linspace(*place(range), SAMPLES), atol=1e-12)
    assert (every[0], every[-1]) == range
    for each in (whole, thin):
        assert (each.x[0], each.x[-1]) == range
        assert (np.diff(each.x) > 0).all()
    assert np.isin(thin.x, whole.x).all()


def test_a_swing_between_the_pixels_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve, "MAX_WHOLE", 1)
    swing = sample("sin(1e6*x)", samples=SAMPLES)
    low, high = (np.array([reduce(part) for part in np.array_split(swing.y, 500)]) for reduce in (np.min, np.max))
    assert high.min() > 0.99
    assert low.max() < -0.99


@pytest.mark.slow
def test_memory_stays_flat(tmp_path: Path) -> None:
    assert peak("tanh", "--samples", "20000000", "--out", "a.png", "--dpi", "50", cwd=tmp_path) < 600 << 20
