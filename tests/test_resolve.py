"""Options as given, resolved: a pure function, so each case is a row."""

import ast
import pickle
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

import actplot
from actplot.cli.functions import spec_of_entry
from actplot.cli.options import FigureOptions
from actplot.cli.resolve import Animation, Destinations, resolve_curves, resolve_destinations, screen_dpi
from actplot.errors import ActplotError, Argument, BadValue, NoDisplay, NotInstalled
from actplot.functions.catalog import CATALOG
from actplot.options import Style
from actplot.text import Text

STYLE = Style(lang="en", size=(10.0, 4.0))
PACKAGE = Path(actplot.__file__).parent


@dataclass(frozen=True)
class Machine:
    """Surroundings as a row gives them."""

    has_display: bool = False
    has_graphics: bool = False
    columns: int | None = None
    packages: tuple[str, ...] = ("textual_image",)

    def has_package(self, name: str) -> bool:
        return name in self.packages


PIPE, DESKTOP = Machine(), Machine(has_display=True, columns=120)
CONSOLE, KITTY = Machine(columns=80), Machine(has_graphics=True, columns=80)


def destinations(machine: Machine, **given: Any) -> Destinations:
    return resolve_destinations(FigureOptions(**given), "f.png", STYLE, machine)


@pytest.mark.parametrize(
    ("machine", "given", "expected"),
    [
        (PIPE, {}, Destinations(file="f.png")),
        (CONSOLE, {}, Destinations(file="f.png")),
        (KITTY, {}, Destinations(terminal=True)),
        (DESKTOP, {}, Destinations(window=True, without_window="f.png")),
        (KITTY, {"json": True}, Destinations(file="f.png", json=True)),
        (KITTY, {"quiet": True}, Destinations(file="f.png", quiet=True)),
        (KITTY, {"show": False}, Destinations(file="f.png")),
        (DESKTOP, {"show": False}, Destinations(file="f.png")),
        (DESKTOP, {"show": True}, Destinations(window=True)),
        (DESKTOP, {"out": "a.svg"}, Destinations(file="a.svg")),
        (DESKTOP, {"out": "a.svg", "show": True}, Destinations(file="a.svg", window=True)),
        (PIPE, {"out": "-"}, Destinations(file="-")),
        (DESKTOP, {"data": "a.csv"}, Destinations(data="a.csv")),
        (DESKTOP, {"data": "a.csv", "show": True}, Destinations(data="a.csv", window=True, without_window=None)),
        (PIPE, {"data": "-"}, Destinations(data="-")),
        (PIPE, {"data": "a.csv", "out": "a.png"}, Destinations(file="a.png", data="a.csv")),
        (PIPE, {"animate": "a.gif"}, Destinations(animation=Animation("a.gif", 40, 20))),
        (PIPE, {"animate": "a.gif", "frames": 9, "fps": 5}, Destinations(animation=Animation("a.gif", 9, 5))),
        (DESKTOP, {"inline": True}, Destinations(terminal=True)),
        (CONSOLE, {"inline": True, "out": "a.png"}, Destinations(file="a.png", terminal=True)),
        (PIPE, {"web": True}, Destinations(browser=True)),
        (DESKTOP, {"web": True, "port": 8000}, Destinations(browser=True, port=8000)),
        (DESKTOP, {"web": True, "show": True}, Destinations(browser=True)),
        (PIPE, {"web": True, "out": "a.pdf"}, Destinations(file="a.pdf", browser=True)),
    ],
)
def test_destinations(machine: Machine, given: dict[str, Any], expected: Destinations) -> None:
    assert destinations(machine, **given) == expected


@pytest.mark.parametrize(
    ("machine", "given", "error", "message"),
    [
        (PIPE, {"show": True}, NoDisplay, "no display"),
        (DESKTOP, {"frames": 40}, BadValue, "--frames needs --animate"),
        (DESKTOP, {"fps": 20}, BadValue, "--fps needs --animate"),
        (DESKTOP, {"port": 80}, BadValue, "--port needs --web"),
        (DESKTOP, {"web": True, "port": 0}, BadValue, "--port must be from 1 to 65535, got 0"),
        (DESKTOP, {"inline": True, "web": True}, BadValue, "--inline and --web contradict"),
        (DESKTOP, {"inline": True, "show": True}, BadValue, "--inline and --show contradict"),
        (DESKTOP, {"web": True, "show": False}, BadValue, "--web and --no-show contradict"),
        (DESKTOP, {"out": "-"}, BadValue, "would print a PNG on the terminal; name a file"),
        (PIPE, {"json": True, "out": "-"}, BadValue, "--json and --out - both want stdout"),
        (PIPE, {"data": "-", "out": "-"}, BadValue, "--out - and --data - both want stdout"),
        (PIPE, {"data": "-", "out": "a.png"}, BadValue, "--data - and --out a.png both want stdout; add --quiet"),
        (PIPE, {"out": "-", "at": [1.0]}, BadValue, "the table of --at both want stdout"),
        (PIPE, {"out": "a.html", "size": (9.0, 4.0)}, BadValue, "--size has no meaning for a page"),
        (PIPE, {"out": "a.html", "dpi": 150.0}, BadValue, "--dpi has no meaning for a page"),
        (PIPE, {"out": "a.txt"}, BadValue, "cannot tell the format of 'a.txt'"),
        (PIPE, {"animate": "a.gif", "frames": 1}, BadValue, "--frames must be from 2 to 600, got 1"),
        (Machine(columns=20), {"inline": True}, BadValue, "20 columns wide, and --inline needs 30"),
        (Machine(packages=()), {"inline": True}, NotInstalled, "--inline needs textual-image"),
    ],
)
def test_destinations_that_are_refused(
    machine: Machine, given: dict[str, Any], error: type[ActplotError], message: str
) -> None:
    with pytest.raises(error) as raised:
        destinations(machine, **given)
    assert message in raised.value.line("en", options=True)


def test_no_option_has_a_value_before_it_is_given() -> None:
    assert {field.default for field in fields(FigureOptions)} == {None, False}


def test_a_value_given_counts_even_where_it_is_the_default() -> None:
    assert screen_dpi(FigureOptions()) == 100
    assert screen_dpi(FigureOptions(dpi=150.0)) == 150


@pytest.mark.parametrize("name", CATALOG)
def test_sampling_and_style_are_whole_and_can_be_sent(name: str) -> None:
    spec = spec_of_entry(CATALOG[name], {})
    resolved = resolve_curves(FigureOptions(), spec)
    sampling, style, natural_size = resolved
    assert pickle.loads(pickle.dumps(resolved)) == resolved
    assert sampling.range == spec.range
    assert (style.size, natural_size) == ((10.0, 4.0), (10.0, 4.0))
    explicit = FigureOptions(
        range=spec.range,
        samples=1000,
        order=1,
        dtype="float64",
        device="cpu",
        layout="side",
        size=(10.0, 4.0),
        dpi=150.0,
    )
    assert resolve_curves(explicit, spec) == resolved


def test_an_argument_is_named_as_its_reader_would_write_it() -> None:
    given, better = Argument("range", (5.0, -5.0)), Argument("min_val", (1e-05,))
    error = BadValue(Text(f"{given}: wrong", f"{given}：有误"), Text(f"try {better}", f"试试 {better}"))
    assert str(error) == "range=(5, -5): wrong; try min_val=1e-05"
    assert error.parts("en", options=True) == ("--range 5 -5: wrong", "try --min-val 1e-05")
    assert error.line("zh", options=True) == "--range 5 -5：有误；试试 --min-val 1e-05"
    assert pickle.loads(pickle.dumps(error)).args == error.args


def test_only_the_command_line_speaks_of_options() -> None:
    """Who calls from Python has none."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if PACKAGE / "cli" in path.parents:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        raised = (node for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc is not None)
        for node in raised:
            named = [
                each for each in ast.walk(node) if isinstance(each, ast.Call) and ast.unparse(each.func) == "Argument"
            ]
            options = {id(word) for call in named for each in call.args for word in ast.walk(each)}
            words = [
                each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and id(each) not in options
            ]
            # A whole command, to be copied, is one for everybody.
            found += [(path.name, w) for w in words if re.search(r"(^|\W)--[a-z]", str(w)) and "actplot " not in str(w)]
    assert not found
