"""Live figures without a window: events as a toolkit would send them, on a canvas that can be read."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from conftest import every_entry
from hand import Hand
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from matplotlib.backend_bases import MouseButton
from PIL import Image

import actplot
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation
from actplot.functions.source import function
from actplot.live import view
from actplot.live.actions import ACTIONS
from actplot.live.chooser import search
from actplot.live.sliders import slider_specs


@pytest.fixture(autouse=True)
def however_slow_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Curves follow the hand at once, as they do unless they take long."""
    monkeypatch.setattr(view, "SLOW", np.inf)


@every_entry
def test_the_readout_is_what_torch_returns_and_snaps_to_breaks(entry: Activation) -> None:
    hand = Hand(entry.name)
    reads_values(hand, entry)
    reads_both_sides_of_breaks(hand, entry)


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


@pytest.mark.parametrize("entry", WITH_PARAMETERS, ids=lambda entry: entry.name)
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
    (shown,) = [text.get_text() for text in hand.live.figure.texts if "pins the point" in text.get_text()]
    assert [line.split("   ") for line in shown.splitlines()] == [[each.label.en, each.help.en] for each in ACTIONS]
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
    field, rows = hand.live.figure.axes[-2:]
    middle = ((field.bbox.x0 + field.bbox.x1) / 2, (field.bbox.y0 + field.bbox.y1) / 2)
    hand.click(middle)
    hand.key("z", "z", "escape", "l", "i", "s", "h", "t", "enter")
    names = [text.get_text() for text in rows.texts]
    assert all("lisht" in name for name in names)
    hand.canvas.rest()
    assert dict(matplotlib.rcParams) == before
    assert hand.live.name == "lisht"
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
