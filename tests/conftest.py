"""The catalog as test cases: every entry at its defaults, at the ends of each parameter's span, and in between."""

import gc
import inspect
import itertools
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from browser import launch
from command import Act, Answer, Forks
from screen import Screen

from actplot.cli import main
from actplot.errors import BadValue
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Activation, Function

# Threads of one process would wait for those of the other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What a test measures is computed for it.
os.environ["ACTPLOT_CACHE"] = "off"


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Processes that start from here heed Ctrl-C, even where a shell has put the tests in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def act(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> Act:
    """Runs a command in this process, in an empty folder and without a display."""
    import torch  # noqa: F401 - where it is loaded, commands compute in their one process

    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "ACTPLOT_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def run(*words: str) -> Answer:
        # A gallery forks, which a process with JAX's threads cannot.
        if words[:1] == ("gallery",) and "jax" in sys.modules:
            told = {name: os.environ[name] for name in ("LC_ALL", "ACTPLOT_LANG") if name in os.environ}
            done = request.getfixturevalue("warm")(*words, cwd=Path.cwd(), **told)
            return Answer(done.code, done.out.decode(), done.err)
        code = main(words)
        return Answer(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def light() -> Iterator[Forks]:
    """Commands in forks of a process that has loaded the command line and nothing heavy."""
    forks = Forks("actplot.cli")
    yield forks
    forks.end()


@pytest.fixture(scope="session")
def warm() -> Iterator[Forks]:
    """Commands in forks of a process that has loaded all that draws and computes."""
    forks = Forks(
        "torch",
        "actplot",
        "actplot.numerics.curve",
        "actplot.plot.figure",
        "actplot.output.image",
        "actplot.output.info",
        "actplot.page.page",
        "actplot.gallery.build",
        "actplot.gallery.check",
        "rich.table",
        "scipy.integrate",
        "actplot.cli",
    )
    yield forks
    forks.end()


@pytest.fixture
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """A virtual screen of its own for each test."""
    screen = Screen(tmp_path_factory.mktemp("screen"))
    yield screen
    screen.process.terminate()
    screen.process.wait()


@pytest.fixture(scope="session")
def browser_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser, driven by selenium."""
    driver = launch(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture
def chromium(browser_process: Any) -> Iterator[Any]:
    """A browser that remembers nothing of other tests.

    They share its window: a new one, with a process that knows no page yet, takes three times as long as the page.
    """
    first = browser_process.current_window_handle
    browser_process.execute_cdp_cmd("Page.bringToFront", {})  # and gets the keys
    browser_process.get_log("browser")  # the complaints of other tests
    yield browser_process
    for window in browser_process.window_handles:
        browser_process.switch_to.window(window)
        if window != first:
            browser_process.close()
    browser_process.switch_to.window(first)
    browser_process.get("about:blank")
    browser_process.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    browser_process.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser_process.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})
    browser_process.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def pytest_collection_finish() -> None:
    """Spares the collector of garbage the modules and tests, which stay: a walk over them takes longer than most tests."""
    gc.collect()
    gc.freeze()


def settings(entry: Activation) -> Iterator[dict[str, float]]:
    """Parameter values worth trying: combinations of default, both ends and a point between, or of all choices."""
    choices = [
        tuple(p.choices.values()) if p.choices else (p.default, *p.span, p.span[0] + 0.37 * (p.span[1] - p.span[0]))
        for p in entry.parameters
    ]
    if len(choices) > 2:  # each parameter for itself, and all ends together
        defaults = tuple(entry.defaults.values())
        varied = [(*defaults[:n], value, *defaults[n + 1 :]) for n, values in enumerate(choices) for value in values]
        combined = [tuple(p.span[end] for p in entry.parameters) for end in (0, 1)]
        several = [*varied, *combined]
    else:
        several = list(itertools.product(*choices))
    for values in several:
        yield dict(zip(entry.defaults, values, strict=True))


def functions() -> Iterator[Function]:
    """Every entry at every setting that its rules allow."""
    for entry in CATALOG.values():
        for values in settings(entry):
            try:
                yield entry.bind(**values)
            except BadValue:
                continue


_facts: dict[str, Any] = {}


def facts_of(function: Function) -> Any:
    """The facts of a function, computed once for all tests of this process."""
    from actplot.numerics.facts import properties

    key = function.name + str(function.parameters)
    if key not in _facts:
        _facts[key] = properties(function)
    return _facts[key]


def by_entry(functions: Iterable[Function]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes a law of functions one test for each entry, which holds it at each of the entry's settings.

    A test for each setting would cost pytest more than most laws cost.
    """
    grouped: dict[str, list[Function]] = defaultdict(list)
    for function in functions:
        grouped[function.name].append(function)

    def decorate(law: Callable[..., None]) -> Callable[..., None]:
        @wraps(law)
        def test(entry: Activation, **fixtures: Any) -> None:
            for function in grouped[entry.name]:
                try:
                    law(function=function, **fixtures)
                except BaseException as error:
                    error.add_note(f"{function.name} at {function.parameters}")
                    raise

        signature = inspect.signature(law)
        others = [each for each in signature.parameters.values() if each.name != "function"]
        entry = inspect.Parameter("entry", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        test.__signature__ = signature.replace(parameters=[entry, *others])  # type: ignore[attr-defined]
        return every_entry(test)  # type: ignore[no-any-return]

    return decorate


every_entry = pytest.mark.parametrize("entry", CATALOG.values(), ids=list(CATALOG))


def of_each_kind(entries: Iterable[Activation]) -> set[str]:
    """The first entry of each kind: its family, with parameters or without, smooth, with kinks or with jumps."""
    first: dict[tuple[str, bool, bool, bool], str] = {}
    for entry in entries:
        function = entry.bind()
        kind = (entry.family, bool(entry.parameters), bool(function.breaks), bool(function.dy_kinks))
        first.setdefault(kind, entry.name)
    return set(first.values())


def first_of(cases: Sequence[Any], count: int = 1) -> list[Any]:
    """So many cases of a law that takes long, and the others among the slow tests."""
    return [*cases[:count], *(pytest.param(case, marks=pytest.mark.slow) for case in cases[count:])]


TYPICAL = of_each_kind(CATALOG.values())


def typical_case(name: str, *values: Any) -> Any:
    """A case about an entry, for a law that takes long: among the slow tests where another stands for its kind."""
    return pytest.param(*values, marks=() if name in TYPICAL else pytest.mark.slow)


def typical_first(entries: Iterable[Activation]) -> pytest.MarkDecorator:
    """Every entry as a test, for laws that take long: those of a kind that another stands for are among the slow tests."""
    several = list(entries)
    cases = [typical_case(each.name, each) for each in several]
    return pytest.mark.parametrize("entry", cases, ids=[each.name for each in several])


typical_entries = typical_first(CATALOG.values())
FUNCTIONS = list({function.name + str(function.parameters): function for function in functions()}.values())
# For what takes long: defaults, and every tenth of the rest.
SOME = [function for index, function in enumerate(FUNCTIONS) if index % 10 == 0 or not function.non_default]
some_functions = by_entry(SOME)
every_function = by_entry(FUNCTIONS)
