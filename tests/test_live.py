"""Live figures without a window: events as a toolkit would send them, on a canvas that can be read."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib
import numpy as np
import pytest
from conftest import typical_entries, typical_first
from hand import Hand, SlowJob
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from matplotlib.backend_bases import MouseButton
from matplotlib.colors import to_rgb
from matplotlib.transforms import Bbox
from PIL import Image

import actplot
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation
from actplot.functions.source import function
from actplot.live.actions import ACTIONS
from actplot.live.chooser import search
from actplot.live.sliders import slider_specs
from actplot.plot.limits import y_limits


@typical_entries
def test_the_readout_is_what_torch_returns_and_snaps_to_breaks(entry: Activation) -> None:
    hand = Hand(entry.name)
    reads_values(hand, entry)
    reads_both_sides_of_breaks(hand, entry)
    in_the_toolbar_is_the_x_of_the_readout(hand)
    everything_has_its_place_in_small_windows(hand)


def reads_values(hand: Hand, entry: Activation) -> None:
    low, high = hand.panels[0].get_xlim()
    for share in (0.13, 0.52, 0.87):
        hand.point(low + share * (high - low))
        x = hand.number("x")
        y, dy = actplot.evaluate(entry.name, x)
        shown = hand.number("f(x)")
        assert shown == pytest.approx(float(y), rel=1e-5, abs=1e-12, nan_ok=True)
        # The tangent touches the curve there, and rises as the curve itself does.
        lines = [line for line in hand.panels[0].lines if line.get_visible() and len(line.get_xdata()) == 2]
        left, right = [line for line in lines if line.get_xdata()[0] == x and line.get_xdata()[1] != x]
        rises = [np.diff(line.get_ydata())[0] / np.diff(line.get_xdata())[0] for line in (left, right)]
        assert left.get_ydata()[0] == pytest.approx(float(y), abs=1e-12)
        step = 1e-6
        near = [float(actplot.evaluate(entry.name, x + side, order=0)[0]) for side in (-step, 0, step)]
        rough = [(near[1] - near[0]) / step, (near[2] - near[1]) / step]
        if "left" not in hand.head and np.isfinite(rough).all() and abs(rough[0] - rough[1]) < 1e-3:
            assert rises == pytest.approx(rough, rel=2e-3, abs=2e-4)
            assert hand.number("f'(x)") == pytest.approx(float(dy), rel=1e-5, abs=1e-12)


def reads_both_sides_of_breaks(hand: Hand, entry: Activation) -> None:
    low, high = hand.panels[0].get_xlim()
    pixel = (high - low) / hand.panels[0].bbox.width
    shown = [at for at in actplot.sample(entry.name).breaks if low < at.x < high]
    for at in shown:
        hand.point(at.x + 3 * pixel)
        nearest = min(shown, key=lambda each: abs(each.x - at.x - 3 * pixel))
        assert hand.number("x") == pytest.approx(nearest.x, rel=1e-5)
        assert "left" in hand.head
        part, symbol = ("y", "f") if nearest.y_is_discontinuous else ("dy", "f'")
        sides = re.search(rf"{symbol}\(x\) = left (\S+) *here (\S+) *right (\S+)", hand.head)
        assert sides, hand.head
        values = [float(text.replace("∞", "inf").replace("–", "nan")) for text in sides.groups()]
        expected = [getattr(nearest, f"{part}_{side}") for side in ("left", "at", "right")]
        assert values == pytest.approx(expected, rel=1e-5, nan_ok=True)


def in_the_toolbar_is_the_x_of_the_readout(hand: Hand) -> None:
    low, high = hand.panels[1].get_xlim()
    for x in np.linspace(low, high, 9)[1:-1]:
        hand.point(x, 1)
        pointed = hand.panels[1].transData.inverted().transform(hand.pixel(hand.panels[1], x))
        said = hand.panels[1].format_coord(*pointed)
        assert said.startswith(f"x = {hand.live.readout[0].split()[2].rstrip(chr(0x2007))} ")


def everything_has_its_place_in_small_windows(hand: Hand) -> None:
    if len(hand.live.name) % 2:
        hand.key("l")
    for width, height in SMALL_SIZES:
        hand.resize(width, height)
        hand.live.step(1, 200)
        stands_apart(hand)


def stands_apart(hand: Hand) -> None:
    """Nothing that is read or taken by hand leaves the canvas or lies on anything else; and it can be read."""
    renderer, figure = hand.canvas.get_renderer(), hand.live.figure
    things: dict[str, Any] = {f"slider {each.label.get_text()}": each.ax for each in hand.live.sliders}
    things = {name: axes.bbox.padded(-1) for name, axes in things.items() if axes.get_visible()}
    for slider in hand.live.sliders:
        if slider.ax.get_visible():
            for label in (slider.label, slider.valtext):
                things[f"label {label.get_text()}"] = label.get_window_extent(renderer)
                assert label.get_fontsize() >= 6
    for axes in figure.axes:
        if axes in hand.panels:
            things[f"panel {axes.get_ylabel()}"] = axes.bbox.padded(1)
            things[f"title {axes.get_title()}"] = axes.title.get_window_extent(renderer)
            assert axes.title.get_fontsize() >= 6, axes.get_title()
            assert axes.bbox.height >= 0.4 * figure.dpi
        elif len(axes.texts) == 1 and not axes.get_animated():
            things[f"button {axes.texts[0].get_text()}"] = axes.bbox.padded(-1)
            assert axes.texts[0].get_window_extent(renderer).width <= axes.bbox.width
    shown = [each for each in figure.texts if each.get_text() and each in hand.shown]
    things |= {f"text {each.get_text()}": each.get_window_extent(renderer) for each in shown}
    boxes = list(things.items())
    for index, (name, box) in enumerate(boxes):
        whole = figure.bbox
        assert whole.x0 <= box.x0 + 1, name
        assert whole.y0 <= box.y0 + 1, name
        assert box.x1 <= whole.x1 + 1, name
        assert box.y1 <= whole.y1 + 1, name
        for other, their in boxes[index + 1 :]:
            across, up = min(box.x1, their.x1) - max(box.x0, their.x0), min(box.y1, their.y1) - max(box.y0, their.y0)
            assert across <= 1 or up <= 4, f"{name} lies on {other}"


def test_the_pointer_is_in_both_panels_and_leaves_with_the_mouse() -> None:
    hand = Hand("tanh")
    hand.point(1.0)
    assert all(
        any(line.get_visible() and set(line.get_xdata()) == {1.0} for line in axes.lines) for axes in hand.panels
    )
    hand.leave()
    assert "move the pointer" in hand.head


@pytest.mark.parametrize(
    ("name", "panel", "near", "x", "kind"),
    [
        ("gelu", 1, 1.45, 2**0.5, "maximum"),  # f'' = (2 - x^2) phi(x)
        ("gelu", 1, -1.4, -(2**0.5), "minimum"),
        ("gelu", 0, -0.76, -0.7517915, "minimum"),
        ("sigmoid", 1, 0.05, 0.0, "maximum"),
        ("hard_swish", 0, -1.52, -1.5, "minimum"),
        ("sine", 0, 1.6, np.pi / 2, "maximum"),
    ],
)
def test_near_an_extremum_it_snaps(name: str, panel: int, near: float, x: float, kind: str) -> None:
    hand = Hand(name)
    curve = hand.curve(panel)
    hand.point(near, panel, float(np.interp(near, *curve)))
    assert hand.number("x") == pytest.approx(x, abs=2e-5)
    assert f"{('f(x)', chr(102) + chr(39) + '(x)')[panel]} {kind}" in hand.head
    assert hand.number(("f(x)", "f'(x)")[panel]) == pytest.approx(
        float(actplot.evaluate(name, x)[panel]), rel=1e-5, abs=1e-12
    )


def test_arrow_keys_step_and_stop_at_every_break() -> None:
    hand = Hand("hardtanh", range=(-3.0, 3.0))

    def steps(start: float, *keys: str) -> list[float]:
        hand.point(start)
        passed = [hand.number("x")]
        for key in keys:
            hand.key(key)
            passed.append(hand.number("x"))
        return passed

    for key, most, sign in (("right", 6 / 200, 1), ("shift+right", 6 / 20, 1), ("shift+left", 6 / 20, -1)):
        for at in (-1.0, 1.0):
            passed = steps(at - sign * 2.2 * most, *[key] * 5)
            assert np.all(sign * np.diff(passed) > 0)
            assert max(abs(np.diff(passed))) <= most + 1e-9
            assert at in passed
    assert steps(2.95, *["right"] * 5)[-1] == 3.0
    assert steps(-2.95, *["left"] * 5)[-1] == -3.0


def test_keys_begin_in_the_middle_where_the_pointer_is_nowhere() -> None:
    hand = Hand("tanh", range=(0.0, 4.0))
    hand.key("right")
    assert hand.number("x") == pytest.approx(2.0, abs=0.03)


def test_a_click_pins_and_another_lets_go() -> None:
    hand = Hand("tanh")
    hand.point(1.0)
    hand.click(hand.pixel(hand.panels[0], 1.0))
    pinned = hand.head
    assert "pinned" in pinned
    hand.point(-2.0)
    assert hand.head == pinned
    hand.key("left")
    assert hand.number("x") < 1.0
    assert "pinned" in hand.head
    hand.click(hand.pixel(hand.panels[1], -2.0))
    hand.point(-2.0)
    assert hand.number("x") == pytest.approx(-2.0)
    assert "pinned" not in hand.head


WITH_PARAMETERS = [entry for entry in CATALOG.values() if entry.parameters]


@typical_first(WITH_PARAMETERS)
def test_a_slider_for_each_parameter_makes_the_figure_what_it_is_at_the_value(entry: Activation) -> None:
    hand = Hand(entry.name)
    assert [slider.label.get_text() for slider in hand.live.sliders] == list(entry.defaults)
    for index, parameter in enumerate(entry.parameters):
        slider = hand.live.sliders[index]
        assert slider.valmin <= min(parameter.span[0], parameter.default)
        assert slider.valmax >= max(parameter.span[1], parameter.default)
        hand.live.reset()
        shown = hand.hold(index, 0.2 if parameter.default > sum(parameter.span) / 2 else 0.8)
        moved = hand.live.state.functions[0].parameters
        assert shown == parameter.format_value(moved[parameter.name]) != parameter.format_value(parameter.default)
        hand.let_go()
        curve = actplot.sample(entry.name, range=hand.panels[0].get_xlim(), **moved)
        for panel, values in enumerate((curve.y, curve.dy)):
            x, y = hand.curve(panel)
            np.testing.assert_array_equal(x, curve.x)
            np.testing.assert_array_equal(np.isnan(y), np.isnan(values) | np.isinf(values))
            np.testing.assert_array_equal(y[~np.isnan(y)], values[~np.isnan(y)])
    if WITH_PARAMETERS.index(entry) % 3:  # to draw both takes longer than all the rest
        return
    words = ",".join(f"{name}={value!r}" for name, value in moved.items())
    fresh = Hand(f"{entry.name}:{words}", range=hand.live.state.range)
    np.testing.assert_array_equal(hand.pixels_of_panels(), fresh.pixels_of_panels())


def test_while_a_slider_is_held_the_axes_stand_still_and_the_curve_stays_inside() -> None:
    hand = Hand("elu")
    seen = set()
    for share in np.linspace(0.3, 0.99, 12):
        hand.hold(0, share)
        _, y = hand.curve()
        bottom, top = hand.panels[0].get_ylim()
        assert bottom <= np.nanmin(y) <= np.nanmax(y) <= top
        seen.add((bottom, top))
    assert len(seen) <= 2
    hand.let_go()
    assert hand.panels[0].get_ylim()[0] > -3.7  # fitted again


@pytest.mark.parametrize(
    ("source", "name"), [("tan(a*x)", "a"), ("1/(x*x-c)", "c"), ("sin(300*a*x)", "a"), ("abs(x-a)*sign(x+a)", "a")]
)
def test_a_slow_function_follows_the_hand_roughly_and_exactly_once_it_rests(source: str, name: str) -> None:
    job = SlowJob()
    hand = Hand(source, values={name: 1.0}, job=job)
    hand.pixels()
    first = hand.curve()
    for share in (0.6, 0.65, 0.7):
        shown = hand.hold(0, share)
        if share == 0.6:
            assert f"{name} = {shown}" in hand.panels[0].get_title(), "the first step is in the title at once"
        value = hand.live.state.functions[0].parameters[name]
        assert shown == f"{value:g}"
        assert hand.live.sliders[0].val == pytest.approx(value, abs=0.02)
        np.testing.assert_array_equal(hand.curve(), first)  # which is still being computed
        assert not hand.canvas.is_stale, "the handle is painted"
    assert len(job.calls) == 1, "questions that are out of date are not asked"
    job.answer()
    hand.canvas.pass_time()
    assert f"{name} = {shown}" in hand.panels[0].get_title(), (
        "the title follows a moment later, while the slider is held"
    )
    assert not np.array_equal(hand.curve()[1], first[1]), "what was asked first is shown when it comes"
    for _ in range(3):
        job.answer()
        hand.canvas.pass_time()
    follows(hand, actplot.sample(function(source, {name: value})))
    hand.let_go()
    for _ in range(5):
        job.answer()
        hand.canvas.pass_time()
    fresh = Hand(source, values={name: value})
    np.testing.assert_array_equal(hand.pixels_of_panels(), fresh.pixels_of_panels())


def follows(hand: Hand, curve: actplot.Curve) -> None:
    """Both panels show a curve, and no line crosses a pole or a jump."""
    for panel, quantity in enumerate(("y", "dy")):
        x, y = hand.curve(panel)
        for at in curve.breaks:
            if np.isinf([at.y_left, at.y_right]).any() or getattr(at, f"{quantity}_is_discontinuous"):
                assert np.isnan(y[np.abs(x - at.x) < 1e-4]).any(), (at, "is crossed")
        bottom, top = hand.panels[panel].get_ylim()
        inside = np.isfinite(y) & (y > bottom) & (y < top)
        assert np.ptp(y[inside]) > 0.3 * (top - bottom), "it is out of sight"


def test_what_a_function_does_not_take_is_said_and_nothing_moves() -> None:
    hand = Hand("rrelu:upper=0.2")  # lower goes up to 0.25
    before = hand.curve()
    hand.hold(0, 0.99)
    assert "rrelu needs lower" in hand.live.message
    np.testing.assert_array_equal(hand.live.state.functions[0].parameters["lower"], 0.125)
    hand.let_go()
    assert hand.live.sliders[0].valtext.get_text() == "0.125"
    np.testing.assert_array_equal(before, hand.curve())


def test_sliders_hold_the_value_given_however_far() -> None:
    functions = [CATALOG["elu"].bind(alpha=40.0)]
    (slider,) = slider_specs(functions)
    assert (slider.low, slider.high, slider.value(functions)) == (0.1, 40.0, 40.0)
    (slider,) = slider_specs([function("x*sigmoid(b*x)", {"b": 1.702})])
    assert slider.low < 1.702 < slider.high
    assert not slider_specs([CATALOG["leaky_relu"].bind(slope=slope) for slope in (0.1, 0.2)])
    functions = [CATALOG["elu"].bind(), CATALOG["celu"].bind(alpha=2.0)]
    both = slider_specs(functions)
    assert [(slider.label, slider.value(functions), slider.targets) for slider in both] == [
        ("ELU alpha", 1.0, (0,)),
        ("CELU alpha", 2.0, (1,)),
    ]


@pytest.mark.parametrize("entry", WITH_PARAMETERS, ids=lambda entry: entry.name)
def test_values_of_a_slider_are_short_and_allowed(entry: Activation) -> None:
    for slider, parameter in zip(slider_specs([entry.bind()]), entry.parameters, strict=True):
        for place in np.linspace(slider.low, slider.high, 57):
            value = slider.nearest(float(place))
            assert parameter.check(value) == value
            assert abs(value - place) <= max((slider.high - slider.low) / 200, 9 if slider.choices else 0)
            assert len(slider.format_value(value)) <= 6 or value in (slider.low, slider.high)


@pytest.mark.parametrize("name", ["elu", "hardshrink", "sine", "isrlu", "threshold"])
def test_what_is_blitted_is_what_a_full_draw_gives(name: str) -> None:
    hand = Hand(name)
    hand.pixels()
    hand.point(-0.7)
    hand.click(hand.pixel(hand.panels[0], -0.7))
    for share in (0.4, 0.45, 0.5):
        hand.hold(0, share)
        is_blitted = not hand.canvas.is_stale
        blitted = hand.pixels()
        hand.canvas.draw()
        np.testing.assert_array_equal(blitted, hand.pixels())
    assert is_blitted


def test_zoom_shows_the_same_stretch_in_all_panels_and_never_coarsely() -> None:
    hand = Hand("leaky_relu", order=2)
    hand.panels[1].set_xlim(-1e-6, 2e-6)
    assert {axes.get_xlim() for axes in hand.panels} == {(-1e-6, 2e-6)}
    for panel in range(3):
        x, _ = hand.curve(panel)
        assert x.size >= 500
        assert x[0] == -1e-6
        assert x[-1] == 2e-6
        assert 0.0 in x  # the kink, not a sample next to it
    hand.canvas.rest()
    assert hand.panels[0].get_xlim() == (-1e-6, 2e-6)
    assert hand.curve()[0].size >= 1000
    hand.key("r")
    assert hand.panels[0].get_xlim() == (-5.0, 5.0)


def test_zoom_keeps_the_height_and_the_domain() -> None:
    hand = Hand("bce")
    before = hand.panels[0].get_ylim()
    hand.panels[0].set_xlim(-3, 0.5)  # a prediction has no chance below 0
    hand.canvas.rest()
    x, _ = hand.curve()
    assert x[0] == 0.0
    assert x[-1] == 0.5
    assert hand.panels[0].get_ylim() == before
    hand.panels[0].set_xlim(2, 3)  # where there is nothing at all
    assert hand.live.message
    hand.key("l", "g")
    assert "函数曲线图" in hand.panels[0].get_title()
    hand.key("r")
    assert hand.panels[0].get_xlim() == actplot.CATALOG["bce"].range


def test_reset_brings_back_the_same_pixels() -> None:
    hand = Hand("elu:alpha=2")
    before = hand.pixels()
    hand.drag(0, 0.2)
    hand.panels[0].set_xlim(-1, 1)
    hand.key("g")
    assert (hand.pixels() != before).any()
    hand.key("r")
    np.testing.assert_array_equal(hand.pixels(), before)


@cache
def figure(names: tuple[str, ...], order: int) -> tuple[Hand, np.ndarray]:
    """A live figure that several tests may change and reset, and its first pixels."""
    hand = Hand(*names, order=order)
    return hand, hand.pixels()


places = st.floats(0.0, 1.0)


class AnySequenceOfEvents(RuleBasedStateMachine):
    """What users do, in any order; a reset follows."""

    @initialize(which=st.sampled_from([(("elu",), 1), (("hardshrink", "gelu"), 2), (("rrelu",), 0)]))
    def begin(self, which: tuple[tuple[str, ...], int]) -> None:
        self.which = which
        self.hand, self.first = figure(*which)
        self.size = self.first.shape[1] / self.hand.live.figure.dpi, self.first.shape[0] / self.hand.live.figure.dpi
        self.is_held = False

    @rule(panel=st.integers(0, 2), x=places, y=places, pins=st.booleans())
    def point(self, panel: int, x: float, y: float, pins: bool) -> None:
        box = self.hand.panels[panel % len(self.hand.panels)].bbox
        at = box.x0 + 1 + x * (box.width - 2), box.y0 + 1 + y * (box.height - 2)
        self.hand.mouse("motion_notify", at, MouseButton.LEFT if self.is_held else None)
        if pins and not self.is_held:
            self.hand.click(at)

    @rule(key=st.sampled_from(["left", "shift+right", "g", "l", "?", "up"]))
    def press(self, key: str) -> None:
        self.hand.key(key)

    @rule(slider=st.integers(0, 1), place=places)
    def hold(self, slider: int, place: float) -> None:
        if not self.is_held:
            self.hand.hold(slider % len(self.hand.live.sliders), place)
            self.is_held = True

    @precondition(lambda self: self.is_held)
    @rule()
    def let_go(self) -> None:
        self.hand.let_go()
        self.is_held = False

    @rule(panel=st.integers(0, 2), start=places, width=st.floats(0.01, 2.0), height=st.none() | st.floats(0.1, 2.0))
    def zoom(self, panel: int, start: float, width: float, height: float | None) -> None:
        axes = self.hand.panels[panel % len(self.hand.panels)]
        low, high = axes.get_xlim()
        axes.set_xlim(low + start * (high - low), low + (start + width) * (high - low))
        if height is not None:
            bottom, top = axes.get_ylim()
            axes.set_ylim(bottom, bottom + height * (top - bottom))

    @precondition(lambda self: not self.is_held)
    @rule(size=st.sampled_from([(3.0, 2.2), (5.2, 3.6), (9.0, 7.0)]))
    def resize(self, size: tuple[float, float]) -> None:
        self.hand.resize(*size)

    @rule()
    def rest(self) -> None:
        self.hand.canvas.rest()

    @rule()
    def look(self) -> None:
        self.hand.pixels()

    def teardown(self) -> None:
        if self.is_held:
            self.hand.let_go()
        self.hand.leave()
        self.hand.resize(*self.size)
        if self.hand.live.state.help:
            self.hand.key("?")
        self.hand.key("r")
        try:
            np.testing.assert_array_equal(self.hand.pixels(), self.first)
            self.hand.canvas.rest()
            np.testing.assert_array_equal(self.hand.pixels(), self.first)
        except AssertionError:
            figure.cache_clear()
            raise


def test_after_any_sequence_of_events_a_reset_gives_the_first_pixels() -> None:
    run_state_machine_as_test(
        AnySequenceOfEvents, settings=settings(max_examples=20, stateful_step_count=12, deadline=None)
    )


def test_every_action_says_what_it_does_and_no_key_does_two_things() -> None:
    keys = [key for action in ACTIONS for key in (*action.keys, *action.native)]
    assert len(set(keys)) == len(keys)
    hand = Hand("elu")
    hand.key("?")
    texts = {text.get_text(): text for text in hand.live.figure.texts}
    rows = [(texts[each.label.en], texts[each.help.en]) for each in ACTIONS]
    for column in zip(*rows, strict=True):
        assert len({text.get_position()[0] for text in column}) == 1
        assert len({text.get_horizontalalignment() for text in column}) == 1
    assert all(left.get_position()[1] == right.get_position()[1] for left, right in rows)
    for width, height in ((10, 4.9), (5.2, 3.6), (3.0, 2.2)):
        hand.resize(width, height)
        renderer, whole = hand.canvas.get_renderer(), hand.live.figure.bbox
        for row in [each for each in hand.live.figure.texts if each.get_text() in texts]:
            box = row.get_window_extent(renderer)
            assert whole.x0 <= box.x0 <= box.x1 <= whole.x1
            assert whole.y0 <= box.y0 <= box.y1 <= whole.y1
    hand = Hand("elu")
    buttons = [text.get_text() for axes in hand.live.figure.axes for text in axes.texts]
    assert {"reset r", "grid g", "中文 l", "save s", "keys ?"} <= set(buttons)


def test_language_grid_and_help_come_and_go() -> None:
    hand = Hand("elu:alpha=2")
    before = hand.pixels()
    for key in ("l", "g", "?"):
        hand.key(key)
        assert (hand.pixels() != before).any()
        if key == "l":
            assert "函数曲线图" in hand.panels[0].get_title()
        hand.key(key)
        np.testing.assert_array_equal(hand.pixels(), before)


def test_a_grid_that_an_option_hides_comes_with_the_first_key() -> None:
    bare, usual = Hand("elu", grid=False), Hand("elu")
    shown = usual.pixels()
    assert (bare.pixels() != shown).any()
    bare.key("g")
    np.testing.assert_array_equal(bare.pixels(), shown)
    bare.key("g")
    usual.key("g")
    np.testing.assert_array_equal(bare.pixels(), usual.pixels())


def test_saving_gives_what_the_command_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    from actplot.cli.app import main

    monkeypatch.chdir(tmp_path)
    hand = Hand("elu")
    hand.drag(0, 0.5)
    hand.panels[0].set_xlim(-2.0, 3.0)
    hand.canvas.rest()
    hand.key("l", "s", "s")
    assert capsys.readouterr().out == "elu.png\nelu-2.png\n"
    assert "elu-2.png" in hand.live.message
    command = Image.open("elu.png").text["Command"]
    assert command == "actplot elu --alpha 1.55 --range -2 3 --lang zh"
    assert main([*command.split()[1:], "--out", "again.png"]) == 0
    assert Path("again.png").read_bytes() == Path("elu.png").read_bytes() == Path("elu-2.png").read_bytes()
    hand.live.figure.savefig("from_the_toolbar.svg")
    assert command in Path("from_the_toolbar.svg").read_text("utf-8")
    with pytest.raises(actplot.errors.BadValue):
        hand.live.figure.savefig("picture.tiff")


@pytest.mark.parametrize("count", [2, 3, 6, 12])
def test_the_readout_lists_every_curve(count: int) -> None:
    names = [f"leaky_relu:slope={slope / 20:g}" for slope in range(count)]
    hand = Hand(*names)
    hand.point(-2.0, 0)
    assert len(hand.live.readout) == 1 + count
    for index, line in enumerate(hand.live.readout[1:]):
        y, dy = (float(each.replace("−", "-")) for each in line.split())
        assert (y, dy) == pytest.approx((-2.0 * index / 20, index / 20))
    hand.point(0.01)
    assert all("|" in line for line in hand.live.readout[1:])


def test_texts_of_the_foot_do_not_run_into_each_other() -> None:
    for names in (["gelu"], ["hard_sigmoid"], [f"elu:alpha={a}" for a in range(1, 13)], ["xielu", "flatten_t_swish"]):
        hand = Hand(*names, order=2)
        hand.point(-1.0)
        renderer = hand.canvas.get_renderer()
        foot = [text for text in hand.live.figure.texts if text.get_text()]
        foot += [each for slider in hand.live.sliders for each in (slider.label, slider.valtext)]
        boxes = [text.get_window_extent(renderer) for text in foot]
        whole = hand.live.figure.bbox
        for index, box in enumerate(boxes):
            assert whole.x0 <= box.x0, foot[index].get_text()
            assert box.x1 <= whole.x1, foot[index].get_text()
            for other in boxes[index + 1 :]:
                across = min(box.x1, other.x1) - max(box.x0, other.x0)
                up = min(box.y1, other.y1) - max(box.y0, other.y0)
                assert across <= 1 or up <= 7  # lines are set tight: ascenders have room that they do not use


def test_the_list_is_searched_by_names_aliases_and_titles() -> None:
    assert [entry.name for entry in search("带泄漏")] == ["leaky_relu"]
    assert search("lrelu")[0].name == "leaky_relu"
    assert search("Leaky-ReLU")[0].name == "leaky_relu"
    assert search("swish")[0].name in ("silu", "swish")
    assert search("")[0].name == next(iter(CATALOG))
    assert len(search("")) == len(CATALOG)
    assert not search("nonsense")


def test_explore_chooses_by_click_search_and_keys() -> None:
    hand = Hand("sigmoid", explore=True)
    chooser = hand.live.chooser
    field, rows = hand.live.figure.axes[-2:]

    def choose(at: tuple[float, float]) -> None:
        hand.click(at)
        hand.canvas.rest()  # a timer does it, once the event is over

    middle = (field.bbox.x0 + 20, (field.bbox.y0 + field.bbox.y1) / 2)
    hand.click(middle)
    for letter in "elu":
        hand.key(letter)
    assert hand.panels[0].get_title().startswith("Sigmoid")
    names = [text.get_text() for text in rows.texts]
    assert names[0] == "elu"
    row = rows.transData.transform((0.3, names.index("celu") + 0.5))
    choose(tuple(row))
    assert hand.panels[0].get_title().startswith("CELU")
    assert [slider.label.get_text() for slider in hand.live.sliders] == ["alpha"]
    assert chooser.current == "celu"
    hand.key("down")
    hand.canvas.rest()
    assert hand.live.name == names[names.index("celu") + 1]
    hand.point(-1.0)
    assert hand.number("f(x)") == pytest.approx(float(actplot.evaluate(hand.live.name, hand.number("x"))[0]), rel=1e-5)


def test_a_click_into_the_field_selects_the_old_words_and_escape_shows_the_current_entry() -> None:
    hand = Hand("gelu", explore=True)
    chooser, (field, _) = hand.live.chooser, hand.live.figure.axes[-2:]
    middle = ((field.bbox.x0 + field.bbox.x1) / 2, (field.bbox.y0 + field.bbox.y1) / 2)
    hand.click(middle)
    hand.key("e", "l", "u")
    hand.click(hand.pixel(hand.panels[0], 4.0))
    assert not chooser.is_typing
    hand.click(middle)
    hand.key("t", "a", "n", "h")
    assert chooser.query == "tanh"
    assert chooser.labels[0] == "tanh"
    hand.key("left", "backspace", "x", "end", "home", "delete")
    assert chooser.query == "axh"
    hand.click(middle)  # the second click only puts the caret
    hand.key("y")
    assert sorted(chooser.query) == sorted("axhy")
    hand.key("escape")
    assert chooser.query == ""
    assert "gelu" in chooser.labels
    hand.key("escape", "g")
    assert not chooser.is_typing
    assert not hand.live.state.grid


def test_a_key_reaches_the_field_and_typing_draws_the_list_alone() -> None:
    hand = Hand("gelu", explore=True)
    hand.pixels()
    hand.key("/")
    for letter in "lrelu":
        before = hand.pixels()
        hand.key(letter)
        assert not hand.canvas.is_stale, "the whole figure is drawn"
        assert (hand.pixels() != before).any(), "the letter is not shown"
    assert hand.live.chooser.labels == ["leaky_relu  (lrelu)"]
    shown = hand.pixels()
    hand.live.chooser.picture.invalidate()
    hand.canvas.draw()
    np.testing.assert_array_equal(hand.pixels(), shown)
    hand.key("down", "enter")
    hand.canvas.rest()
    assert hand.live.name == "leaky_relu"
    assert not hand.live.chooser.is_typing
    assert "prelu" in hand.live.chooser.labels


def test_up_and_down_go_through_what_is_found_while_words_are_typed() -> None:
    hand = Hand("sigmoid", explore=True)
    hand.key("/", "e", "l", "u")
    found = [entry.name for entry in search("elu")]
    for name in found[:3]:
        hand.key("down")
        hand.canvas.rest()
        assert hand.live.name == name
    hand.key("enter")
    hand.canvas.rest()
    assert hand.live.name == found[2]


def test_the_window_is_called_what_it_shows() -> None:
    hand = Hand("sigmoid", explore=True)
    titles: list[str] = []
    hand.canvas.manager = SimpleNamespace(set_window_title=titles.append, key_press_handler_id=None)
    hand.key("/", "c", "e", "l", "u", "enter")
    hand.canvas.rest()
    hand.hold(0, 0.5)
    hand.let_go()
    assert titles == ["CELU", f"CELU (alpha = {hand.live.state.functions[0].parameters['alpha']:g})"]


SMALL_SIZES = [(5.2, 3.6), (3.0, 2.2), (3.0, 1.7)]  # the last without a toolbar's height


@pytest.mark.parametrize("names", [("elu", "celu", "gelu"), tuple(f"elu:alpha={a}" for a in range(1, 13)), ("xielu",)])
def test_several_curves_have_their_places_in_small_windows_and_come_back(names: tuple[str, ...]) -> None:
    hand = Hand(*names, order=2 if len(names) == 1 else 1)
    first = hand.pixels()
    whole = hand.live.figure.get_size_inches().copy()
    for size in SMALL_SIZES:
        hand.resize(*size)
        hand.live.step(1, 200)
        stands_apart(hand)
    hand.leave()
    hand.resize(*whole)
    hand.canvas.rest()
    hand.key("r")
    np.testing.assert_array_equal(hand.pixels(), first)


def test_the_list_can_be_used_in_small_windows() -> None:
    hand = Hand("xielu", explore=True)
    for size, name in zip(SMALL_SIZES, ("mish", "hardtanh", "prelu"), strict=True):
        hand.resize(*size)
        stands_apart(hand)
        field, rows = hand.live.figure.axes[-2:]
        boxes = [axes.bbox for axes in hand.panels] + ([] if size[0] < 4 else [rows.bbox])
        assert all(Bbox.intersection(field.bbox, box) is None for box in boxes)
        hand.click(((field.bbox.x0 + field.bbox.x1) / 2, (field.bbox.y0 + field.bbox.y1) / 2))
        hand.key(*name)
        row = hand.live.chooser.labels.index(name)
        hand.click(tuple(rows.transData.transform((0.3, row + 0.5))))
        hand.canvas.rest()
        assert hand.live.name == name


def test_of_twelve_curves_the_table_is_the_legend() -> None:
    hand = Hand(*(f"elu:alpha={a}" for a in range(1, 13)))
    curves = [actplot.sample("elu", alpha=float(a)) for a in range(1, 13)]
    for axes, quantity in zip(hand.panels, ("y", "dy"), strict=True):
        assert axes.get_legend() is None
        assert axes.get_ylim() == pytest.approx(y_limits(curves, [quantity]), rel=1e-3)
    assert {f"alpha = {a}" for a in range(1, 13)} <= {text.get_text() for text in hand.live.figure.texts}


@pytest.mark.parametrize("style", [None, "dark_background", "Solarize_Light2", "grayscale"])
def test_tracks_and_borders_can_be_seen_in_every_style(style: str | None) -> None:
    hand = Hand("elu", style=style)
    ground = to_rgb(hand.live.figure.get_facecolor())
    colours = [hand.live.sliders[0].track.get_facecolor()]
    buttons = [axes for axes in hand.live.figure.axes if len(axes.texts) == 1 and axes not in hand.panels]
    colours += [axes.spines["left"].get_edgecolor() for axes in buttons]
    for red, green, blue, alpha in colours:
        mixed = [alpha * part + (1 - alpha) * below for part, below in zip((red, green, blue), ground, strict=True)]
        light, dark = sorted((luminance(mixed), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) > 1.6


def luminance(colour: Sequence[float]) -> float:
    """The relative luminance, as WCAG defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


@pytest.mark.parametrize("name", ["elu", "gelu", "hardshrink", "xielu"])
def test_the_line_of_the_pointer_does_not_cross_the_formula(name: str) -> None:
    hand = Hand(name)
    before = hand.pixels()
    for panel, axes in enumerate(hand.panels):
        box = axes.patches[0].get_window_extent().padded(-2)
        rows = slice(int(len(before) - box.y1), int(len(before) - box.y0))
        columns = slice(int(box.x0), int(box.x1))
        hand.point(axes.transData.inverted().transform(((box.x0 + box.x1) / 2, 0.0))[0], panel)
        assert (hand.pixels() != before).any()
        np.testing.assert_array_equal(hand.pixels()[rows, columns], before[rows, columns])


def test_a_resized_figure_keeps_its_margins() -> None:
    hand = Hand("elu", explore=True)
    hand.resize(15, 7)
    hand.canvas.rest()
    first, second = hand.panels
    dpi = hand.live.figure.dpi
    assert (second.bbox.x0 - first.bbox.x1) / dpi == pytest.approx(0.8)
    assert (hand.live.figure.bbox.x1 - second.bbox.x1) / dpi == pytest.approx(0.25)
    assert hand.live.sliders[0].ax.bbox.x1 < hand.live.figure.bbox.x1


def test_after_a_search_all_keys_work_again() -> None:
    hand = Hand("sigmoid", explore=True)
    before = dict(matplotlib.rcParams)
    field = hand.live.figure.axes[-2]
    middle = ((field.bbox.x0 + field.bbox.x1) / 2, (field.bbox.y0 + field.bbox.y1) / 2)
    hand.click(middle)
    hand.key("z", "z", "escape", "l", "i", "s", "h", "t")
    assert all("lisht" in name for name in hand.live.chooser.labels)
    hand.key("enter")
    hand.canvas.rest()
    assert dict(matplotlib.rcParams) == before
    assert hand.live.name == hand.live.chooser.current == "lisht"
    assert {"lisht", "logish"} & set(hand.live.chooser.labels) == {"lisht", "logish"}, "the whole list, around lisht"
    for step, key in ((1, "down"), (-1, "up"), (-1, "up")):
        names = [entry.name for family in CATALOG.families for entry in family.entries]
        expected = names[(names.index(hand.live.name) + step) % len(names)]
        hand.key(key)
        hand.canvas.rest()
        assert hand.live.name == expected
    hand.key("g", "r")
    assert "f(x)" in (hand.point(1.0), hand.head)[1]


def test_the_bar_beside_the_list_can_be_dragged() -> None:
    hand = Hand("sigmoid", explore=True)
    rows = hand.live.figure.axes[-1]
    box = rows.bbox
    first = [text.get_text() for text in rows.texts]
    assert "sigmoid" in first
    hand.mouse("button_press", (box.x1 - 2, box.y1 - 5), MouseButton.LEFT)
    assert next(iter(CATALOG)) in [text.get_text() for text in rows.texts]
    hand.mouse("motion_notify", (box.x1 - 2, box.y0 + 5), MouseButton.LEFT)
    assert list(CATALOG)[-1] in [text.get_text() for text in rows.texts]
    hand.mouse("button_release", (box.x1 - 2, box.y0 + 5), MouseButton.LEFT)
    hand.mouse("motion_notify", (box.x1 - 2, box.y1 - 5))
    assert list(CATALOG)[-1] in [text.get_text() for text in rows.texts]


def test_a_panel_that_follows_a_zoom_is_fitted() -> None:
    hand = Hand("mish")
    left, right = hand.panels
    left.set(xlim=(2.0, 3.0), ylim=(1.5, 3.0))
    hand.canvas.rest()
    assert left.get_ylim() == (1.5, 3.0)
    bottom, top = right.get_ylim()
    values = actplot.evaluate("mish", np.linspace(2, 3, 99))[1]
    assert bottom < values.min() < values.max() < top
    assert top - bottom < 1.5 * np.ptp(values)
