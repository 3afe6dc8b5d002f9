"""A real window on a virtual screen, with a real mouse and real keys."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from command import Act
from numpy.typing import NDArray
from PIL import Image
from screen import Screen, needs_screen, start, wait_for

from actplot.cli.app import main
from actplot.live import window as window_module

BLUE, RED = (0x1F, 0x5F, 0xC4), (0xD0, 0x28, 0x1E)


class Window:
    """Where things stand in a window of two panels, in pixels of the screen; ``left`` is the room beside them in inches."""

    def __init__(self, screen: Screen, left: float = 0.0) -> None:
        pixels = screen.pixels()
        width = int(pixels[5].any(axis=1).sum())
        below = int(np.flatnonzero((pixels[:, 5] < 230).all(axis=1))[0])  # where the toolbar begins
        inch = width / (10 + left)
        self.start, self.panel, self.next = (left + 0.75) * inch, 4.1 * inch, round(4.9 * inch)
        self.rows = slice(160, below - 160)  # below the titles and formulas
        self.titles = slice(0, 60)
        self.readout = slice(below - 90, below - 50)
        self.slider = below - 24
        self.button = width - 60

    def x(self, x: float, panel: int = 0) -> int:
        """The column of an x between -5 and 5."""
        return round(self.start + panel * self.next + self.panel * (x + 5) / 10)


def is_drawn(screen: Screen) -> bool:
    return screen.count(*BLUE) > 100 and screen.count(*RED) > 100


@pytest.fixture
def window(
    screen: Screen, interruptible: None, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[subprocess.Popen[str]]:
    """A window with a live figure."""
    running = start(request.param, screen.display, tmp_path)
    wait_for(lambda: is_drawn(screen), running, "curves on the screen")
    for _ in ("help comes", "help goes"):  # once it answers keys, it has found its size
        before = screen.pixels().copy()
        screen.hand("key", "question")
        screen.settled(since=before)
    yield running
    running.kill()
    running.communicate()


def difference(after: NDArray[np.uint8], before: NDArray[np.uint8]) -> NDArray[np.int16]:
    """How far the colours of each pixel are apart."""
    return np.abs(after.astype(np.int16) - before).max(axis=2)


def close(running: subprocess.Popen[str], screen: Screen) -> str:
    """What the command printed, once its window was closed by a key."""
    screen.hand("key", "q")
    out, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (0, "")
    return out


def saved(running: subprocess.Popen[str], screen: Screen, path: Path) -> str:
    """The command in the file that the key ``s`` writes."""
    screen.hand("key", "s")
    wait_for(path.exists, running, path.name)
    return str(Image.open(path).text["Command"])


@pytest.mark.slow
@needs_screen
@pytest.mark.parametrize("window", [["elu", "--alpha", "2", "--lang", "en"]], indirect=True)
def test_the_pointer_reads_both_panels_and_ctrl_c_closes_the_window(
    window: subprocess.Popen[str], screen: Screen, tmp_path: Path
) -> None:
    screen.hand("mousemove", 250, 700)
    before = screen.settled()
    at = Window(screen)
    screen.hand("mousemove", 200, 120)
    after = screen.settled(before, at.rows)
    changed = difference(after, before) > 20
    # The line that links the panels: all along the pointer's column, and along that of the other panel.
    columns = changed[at.rows].mean(axis=0)
    for column in (200, 200 + at.next):
        assert columns[column - 1 : column + 2].max() > 0.4, columns.nonzero()
    assert np.median(columns) == 0
    assert changed[at.readout].any()
    # The tangent on the left is red, where only the blue curve was.
    red = (difference(after, np.array(RED, np.uint8)) < 40)[at.rows, : at.next]
    assert red.sum() > 60
    # Pinned, it stays where it is.
    screen.hand("click", 1)
    pinned = screen.settled(since=after)
    screen.hand("mousemove", 350, 120, "mousemove", at.button, at.slider)  # where a button lights up
    assert (screen.settled(since=pinned)[at.rows] == pinned[at.rows]).all()
    screen.hand("mousemove", 350, 120, "click", 1, "mousemove", 351, 120)
    columns = (difference(screen.settled(pinned, at.rows), before) > 20)[at.rows].mean(axis=0)
    assert columns[350:353].max() > 0.4
    assert columns[199:202].max() < 0.2
    window.send_signal(signal.SIGINT)
    out, err = window.communicate(timeout=30)
    assert (window.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


@needs_screen
@pytest.mark.parametrize("window", [["elu", "--lang", "en"]], indirect=True)
def test_slider_keys_and_zoom_change_what_is_saved(
    window: subprocess.Popen[str],
    screen: Screen,
    tmp_path: Path,
) -> None:
    before = screen.pixels().copy()
    at = Window(screen)
    assert saved(window, screen, tmp_path / "elu.png") == "actplot elu --range -5 5 --lang en"
    screen.drag((242, at.slider), (420, at.slider))
    after = screen.settled(before, at.rows)
    words = saved(window, screen, tmp_path / "elu-2.png").split()
    assert words[2] == "--alpha"
    alpha = float(words[3])
    assert 2 < alpha < 3
    screen.hand("key", "l")
    screen.settled(after, at.titles)
    assert saved(window, screen, tmp_path / "elu-3.png") == f"actplot elu --alpha {alpha:g} --range -5 5 --lang zh"
    before = screen.pixels().copy()
    screen.hand("key", "r", "key", "o")
    before = screen.settled(before, at.rows)
    screen.drag((at.x(0.0), 100), (at.x(2.0), 300))
    screen.settled(before, at.rows)
    screen.hand("key", "o")
    words = saved(window, screen, tmp_path / "elu-4.png").split()
    assert words[:3] == ["actplot", "elu", "--range"]
    assert [float(word) for word in words[3:5]] == pytest.approx([0.0, 2.0], abs=0.05)
    assert close(window, screen) == "elu.png\nelu-2.png\nelu-3.png\nelu-4.png\n"


@pytest.mark.slow
@needs_screen
@pytest.mark.parametrize(
    "window", [["plot", "tan(a*x)", "--param", "a=1", "--lang", "en", "--show", "--quiet"]], indirect=True
)
def test_a_slow_function_moves_while_the_slider_is_held(window: subprocess.Popen[str], screen: Screen) -> None:
    at = Window(screen)
    before = screen.pixels().copy()
    screen.hand("mousemove", 285, at.slider, "mousedown", 1)
    for column in (300, 315, 330):
        screen.hand("mousemove", column, at.slider)
        after = screen.settled(before, at.rows)  # the handle may be there before the curve
        changed = difference(after, before) > 40
        assert changed[at.rows, : at.next].sum() > 500, "the curve stands still"
        assert changed[at.titles].sum() > 10, "the titles stand still"
        assert changed[at.slider - 8 : at.slider + 8, 280:].any(), "the handle stands still"
        before = after
    screen.hand("mouseup", 1)
    assert close(window, screen) == ""


@pytest.mark.slow
@needs_screen
@pytest.mark.parametrize("window", [["explore", "--lang", "en"]], indirect=True)
def test_explore_by_mouse_alone_finds_where_a_derivative_is_largest(
    window: subprocess.Popen[str],
    screen: Screen,
    tmp_path: Path,
) -> None:
    before = screen.pixels().copy()
    screen.hand("mousemove", 80, 30, "click", 1)
    screen.hand("type", "--delay", 60, "gelu")
    before = screen.settled(since=before)
    screen.hand("mousemove", 60, 72, "click", 1)  # the first one found
    screen.settled(since=before)
    assert saved(window, screen, tmp_path / "gelu.png").startswith("actplot gelu --range")
    # Over the derivative, somewhat beside its maximum, the pointer snaps to it: both panels show it at sqrt(2).
    before = screen.settled()
    at = Window(screen, left=2.2)
    target = at.x(2**0.5, panel=1)
    screen.hand("mousemove", target + 4, 75)
    columns = (difference(screen.settled(before, at.rows), before) > 20)[at.rows].mean(axis=0)
    found = np.flatnonzero(columns > 0.3)
    assert found.size
    for column in found:
        assert min(abs(column - target), abs(column - target + at.next)) <= 2
    assert np.ptp(found) > at.next - 4, "the line is in one panel only"
    assert close(window, screen) == "gelu.png\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--xscale", "symlog", "--lang", "en"], "with symlog axes the window shows a picture"),
        (["--xscale", "symlog", "--yscale", "log", "--lang", "zh"], "坐标轴为 symlog、log 时，窗口显示静态图"),
        (["--xscale", "symlog", "--quiet"], ""),
        (["--lang", "en"], ""),
    ],
)
def test_a_window_that_does_not_answer_says_so(
    words: list[str], said: str, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(window_module, "display_at_hand", lambda: True)
    monkeypatch.setattr(window_module, "show", lambda shown, title: opened.append(shown))
    made = act("softplus", "--show", *words)
    assert (made.code, len(opened)) == (0, 1)
    assert bool(said) == bool(made.err)
    assert said in made.err


def test_out_writes_and_opens_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(window_module, "display_at_hand", lambda: True)
    monkeypatch.setattr(window_module, "show", lambda *_: pytest.fail("a window opens"))
    assert main(["tanh", "--out", "tanh.png"]) == 0
    assert capsys.readouterr() == ("tanh.png\n", "")
    with pytest.raises(pytest.fail.Exception):
        main(["tanh"])


def test_a_display_that_does_not_answer_gives_a_file(tmp_path: Path) -> None:
    running = start(["tanh"], ":987", tmp_path)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (0, "tanh.png\n", "")
    running = start(["tanh", "--show"], ":987", tmp_path)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, out) == (1, "")
    assert err.count("\n") == 1
