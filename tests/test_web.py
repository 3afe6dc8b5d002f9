"""``--web`` and pages in files, from the command line: what is written, served, refused, and when it ends."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import numpy as np
import pytest
from browser import needs_browser
from command import Act, Answer, check_refusal, names, run, start, within_seconds
from conftest import first_of
from test_living_page import Reader

import actplot
from actplot.output import metadata

Running = tuple[subprocess.Popen[bytes], str]


def serve(*words: str, cwd: Path) -> Running:
    """A running command and the address that it has printed."""
    running = start(*words, cwd=cwd)
    assert running.stdout is not None
    return running, running.stdout.readline().decode().strip()


def end(running: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Exit code and stderr of a command that is about to end; nothing of its process group is left."""
    _, err = running.communicate(timeout=20)

    def has_ended() -> bool:
        try:
            os.killpg(running.pid, 0)
        except ProcessLookupError:
            return True
        return False

    assert within_seconds(has_ended), "something of it still runs"
    return running.returncode, err.decode()


@pytest.fixture
def served(tmp_path: Path, interruptible: None, request: pytest.FixtureRequest) -> Iterator[Running]:
    words = getattr(request, "param", ("elu", "--alpha", "2", "--lang", "en"))
    running, address = serve(*words, "--web", cwd=tmp_path)
    yield running, address
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()


def status(url: str, **headers: str) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_it_serves_until_it_is_interrupted(served: Running, tmp_path: Path) -> None:
    running, address = served
    assert address.startswith("http://127.0.0.1:")
    assert status(address) == 200
    assert status(address, Host="evil.example") == 403
    assert status(address.rsplit("/", 2)[0] + "/") == 404, "without the secret nothing is answered"
    running.send_signal(signal.SIGINT)
    code, err = end(running)
    assert code == 130
    assert err.splitlines()[-1] == "actplot: interrupted"
    assert "Traceback" not in err
    assert names(tmp_path) == []


def test_bad_ports_are_one_line(tmp_path: Path) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    exit_code, out, err = run("tanh", "--web", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert (exit_code, out, err.count("\n")) == (1, b"", 1), err
    assert "in use" in err
    taken.close()
    assert names(tmp_path) == []


def test_an_extra_that_is_not_installed_is_one_line(tmp_path: Path) -> None:
    code = "import sys, importlib.util as u; found = u.find_spec\n"
    code += "u.find_spec = lambda name, *more: None if name == 'textual_image' else found(name, *more)\n"
    code += "from actplot.cli import main; print(main(['tanh', '--inline'])); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["1", "False"], done.stderr
    assert 'pip install "actplot[terminal]"' in done.stderr
    assert done.stderr.count("\n") == 1
    assert names(tmp_path) == []


@needs_browser
def test_a_figure_in_the_browser_ends_with_its_page(chromium: Any, served: Running, tmp_path: Path) -> None:
    running, address = served
    reader = Reader(chromium)
    reader.open(address)
    assert reader.text("figcaption h2") == "ELU function (alpha = 2)"
    reader.slide("alpha", 1.5)
    assert reader.state["functions"][0]["parameters"] == {"alpha": 1.5}
    reader.open(chromium.current_url)  # loading it again does not end it
    assert reader.state["functions"][0]["parameters"] in ({"alpha": 1.5}, {"alpha": 2})
    chromium.get("about:blank")
    code, err = end(running)
    assert (code, err.count("\n")) == (0, 1), err
    assert names(tmp_path) == []


SOURCE = """
import torch

def hump(x, height=1.0):
    return torch.where(x > height, height * torch.sin(x), x * 0.5)
"""


@pytest.mark.slow
@needs_browser
def test_a_callable_is_asked_for(chromium: Any, tmp_path: Path, interruptible: None) -> None:
    (tmp_path / "mine.py").write_text(SOURCE)
    running, address = serve("plot", "mine.py:hump", "--param", "height=2", "--web", "--lang", "en", cwd=tmp_path)
    reader = Reader(chromium)
    try:
        reader.open(address)
        (name,) = reader.run("return actplot.names")
        values = reader.run("return actplot.evaluate(arguments[0], [1, 3], {height: 2.5})", name)
        np.testing.assert_allclose(values, [[0.5, 2.5 * np.sin(3)], [0.5, 2.5 * np.cos(3)]], rtol=1e-15)
        reader.slide("height", 3)
        reader.wait(lambda: any("x = 3" in words for words in reader.texts(".chip")))
        reader.one("#copy-command").click()
        reader.wait(lambda: "--param height=3" in reader.text(".notice"))
        chromium.get("about:blank")
        assert end(running)[0] == 0
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()


@pytest.mark.slow
@needs_browser
@pytest.mark.parametrize("served", [("explore", "elu:alpha=2", "--lang", "en")], indirect=True)
def test_explore_in_the_browser(chromium: Any, served: Running) -> None:
    running, address = served
    reader = Reader(chromium)
    reader.open(address)
    assert reader.text("figcaption h2") == "ELU function (alpha = 2)"
    reader.one(".back").click()
    reader.wait(lambda: reader.one("#list").is_displayed())
    reader.one("#search").send_keys("mish\n")
    reader.wait(lambda: reader.texts("figcaption h2") == ["Mish function", "Mish derivative"])
    reader.wait(lambda: any("1.08849" in value for value in reader.texts(".facts dd")))  # the largest slope of mish
    chromium.get("about:blank")
    assert end(running)[0] == 0


@pytest.mark.slow
@needs_browser
@pytest.mark.parametrize("served", [("depth", "--depth", "3", "--lang", "en")], indirect=True)
def test_a_picture_in_the_browser(chromium: Any, served: Running) -> None:
    running, address = served
    reader = Reader(chromium)
    reader.open(address)
    assert reader.run("return document.querySelector('img').naturalWidth") > 500
    running.send_signal(signal.SIGINT)
    assert end(running)[0] == 130
    reader.wait(lambda: "closed" in reader.text(".notice"))


FILES = [
    ["elu", "--alpha", "0.5", "--alpha", "2", "--at", "1", "--order", "2"],
    ["compare", "relu", "gelu", "x<0", "--layout", "overlay", "--title", "a < b & <c>"],
    ["plot", "tan(a*x)", "--param", "a=2"],
    ["bce", "--target", "0.5"],
    ["softmax", "--scores=1,2,3", "--labels", "猫,狗,鸟"],
    ["softmax", "--scores=1,2,3", "--vary", "2"],
    ["depth", "--depth", "3", "--lang", "en"],
]


@needs_browser
@pytest.mark.parametrize(
    "words",
    first_of(FILES, 2),
    ids=[f"{words[0]} {len(words)}" for words in FILES],
)
def test_pages_in_files(chromium: Any, words: list[str], act: Act, tmp_path: Path) -> None:
    path = tmp_path / "figure.html"
    answer = act(*words, "--out", "figure.html")
    assert (answer.code, answer.out.splitlines()[0], answer.err) == (0, "figure.html", "")
    content = path.read_bytes()
    assert b"<c>" not in content
    if words[0] == "plot":
        assert act(*words, "--out", "figure.html", "--quiet").code == 0
        assert content == path.read_bytes(), "it is not the same every time"
    command = metadata.read(str(path))
    assert metadata.split(command)[1] == words[0]
    assert act("again", "figure.html") == Answer(0, f"{command}\n", "")
    reader = Reader(chromium)
    reader.open(path)
    assert reader.run("return performance.getEntriesByType('resource').length") == 0
    assert reader.driver.get_log("browser") == []


@needs_browser
def test_the_reading_of_a_file_is_what_evaluate_gives(chromium: Any, act: Act, tmp_path: Path) -> None:
    path = tmp_path / "gelu.html"
    assert act("gelu", "--order", "2", "--lang", "zh", "--out", "gelu.html").code == 0
    reader = Reader(chromium)
    reader.size(1280, 800)
    reader.open(path)
    assert reader.texts("figcaption h2") == ["GELU 函数曲线图", "GELU 函数导数曲线图", "GELU 函数二阶导数曲线图"]
    for panel, x in ((0, -1.3), (1, 0.4), (2, 2.2)):
        reader.hover(panel, x, 0)
        numbers = [
            float(each.replace("−", "-")) for each in reader.reading.replace("=", "").split() if each[-1:].isdigit()
        ]
        expected = actplot.evaluate("gelu", numbers[0], order=2)
        assert numbers[1:4] == pytest.approx([float(each) for each in expected], rel=1e-5, abs=1e-6)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--style", "ggplot"], "--style has no meaning for a page"),
        (["--font", "DejaVu Sans"], "--font has no meaning"),
        (["--dpi", "200"], "--dpi has no meaning"),
        (["--size", "8", "4"], "--size has no meaning"),
        (["--title", "$x$"], "a page sets no $math$"),
    ],
)
def test_what_a_page_cannot_do_is_one_line(words: list[str], said: str, act: Act, tmp_path: Path) -> None:
    check_refusal(act("elu", *words, "--out", "x.html"), 2, said)
    assert names(tmp_path) == []


def test_a_page_of_too_many_samples_is_one_line(act: Act) -> None:
    answer = act("plot", "torch.nn:Softplus", "-n", "200000", "--out", "x.html")
    check_refusal(answer, 2, "a page holds at most 100,000 points")
