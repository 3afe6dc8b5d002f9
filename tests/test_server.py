"""The page served to this machine: what it answers, what it refuses, when it ends, and functions that it is asked for."""

import http.client
import json
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from browser import needs_browser
from test_living_page import Reader

from actplot.errors import NoDisplay
from actplot.functions.catalog import CATALOG
from actplot.numerics.curve import evaluate, sample
from actplot.page import page
from actplot.page.server import Backend, serve


def hump(x: torch.Tensor, height: float = 1.0) -> torch.Tensor:
    """Nothing the page could compute: a kink at height."""
    return torch.where(x > height, height * torch.sin(x), x * 0.5)


FUNCTION = CATALOG.function(hump, height=1.0)


def backend() -> Backend:
    return Backend(
        functions={"hump": FUNCTION},
        sample=lambda function, range, order: sample(function, range=range, order=order),
        evaluate=lambda function, x, order: evaluate(function, x, order=order),
        describe=lambda name: page.describe([CATALOG[name].bind()])[name],
    )


class Served:
    """A server that runs in a thread."""

    def __init__(self) -> None:
        self.addresses: queue.Queue[str] = queue.Queue()
        document = page.render([sample(FUNCTION)], lang="en", facts={}, served=True)
        options: Any = dict(announce=self.addresses.put, backend=backend())
        self.thread = threading.Thread(target=serve, args=(document,), kwargs=options, daemon=True)
        self.thread.start()
        self.address = self.addresses.get(timeout=20)
        self.host, _, self.path = self.address.removeprefix("http://").partition("/")
        self.path = f"/{self.path}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        """Status and body of an answer."""
        connection = http.client.HTTPConnection(self.host, timeout=20)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def question(self, path: str, **content: Any) -> tuple[int, Any]:
        status, said = self.ask("POST", self.path + path, json.dumps(content).encode())
        return status, json.loads(said)

    def raw(self, request: bytes) -> bytes:
        """What comes back for bytes that may be no request at all."""
        host, port = self.host.split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            said = b""
            while part := connection.recv(65536):
                said += part
            return said


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    running = Served()
    yield running
    assert running.thread.is_alive(), "it went away"


QUESTION = dict(name="hump", parameters={"height": 2}, range=[-1, 5], order=1)


def test_facts_of_every_entry_can_be_asked_for(served: Served) -> None:
    status, said = served.question("facts", name="elu")
    assert status == 200
    assert said["factsAt"] == CATALOG["elu"].defaults
    expected = page.describe([CATALOG["elu"].bind()])["elu"]
    assert [(each["label"]["en"], each["value"]["zh"]) for each in said["facts"]] == [
        (label.en, value.zh) for label, value in expected
    ]
    for name in ("hump", "nonsense", "os:getcwd", 5, None, ["elu"]):
        assert served.question("facts", name=name)[0] == 404
    assert served.question("facts", name="elu", more=1)[0] == 400


def test_facts_say_which_parameters_they_hold_for() -> None:
    document = page.render([sample("elu", alpha=2.0), sample("elu", alpha=3.0)], lang="en").decode()
    assert '"factsAt":{"alpha":2.0}' in document
    assert "(-2, ∞)" in document


def test_it_answers_who_knows_the_secret_under_a_local_name(served: Served) -> None:
    port = int(served.host.partition(":")[2])
    assert served.address.startswith(f"http://127.0.0.1:{port}/")
    assert len(served.path) > 20
    status, document = served.ask("GET", served.path)
    assert status == 200
    assert document.startswith("<!DOCTYPE html>")
    for name in ("localhost", f"localhost:{port + 1}", "127.0.0.1:80", f"[::1]:{port}"):  # as through a tunnel
        assert served.ask("GET", served.path, Host=name)[0] == 200
    for name in (
        "evil.example",
        f"evil.example:{port}",
        "[::ffff:127.0.0.1.evil]",
        "127.0.0.1.evil",
        "",
        "localhost:x",
    ):
        assert served.ask("GET", served.path, Host=name)[0] == 403
    own = f"http://{served.host}"
    assert served.ask("GET", served.path, Origin=own)[0] == 200
    for origin in ("http://evil.example", "http://127.0.0.1:1", "null", own + ".evil", own.replace("http", "https")):
        assert served.ask("GET", served.path, Origin=origin)[0] == 403
        assert served.ask("POST", served.path + "curve", json.dumps(QUESTION).encode(), Origin=origin)[0] == 403
    assert served.ask("GET", served.path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors")[0] == 403
    for path in ("/", "/x/", served.path[:-2] + "/", served.path + "x", served.path + "events/x", "/%00", "/%C3%A9/"):
        status, said = served.ask("GET", path)
        assert status == 404
        assert said.count("\n") <= 1
    for path in ("curve", "values"):
        assert served.ask("GET", served.path + path)[0] == 404
    # It listens to this machine alone.
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = {line[1] for line in listening if line[3] == "0A"}
    assert f"0100007F:{port:04X}" in addresses
    assert f"00000000:{port:04X}" not in addresses


def test_functions_are_computed_here(served: Served) -> None:
    status, said = served.question("curve", **QUESTION)
    assert status == 200
    curve = sample(FUNCTION.with_parameters(height=2.0), range=(-1, 5))
    np.testing.assert_array_equal(said["x"], curve.x)
    assert said["breaks"][0]["x"] == curve.breaks[0].x
    status, said = served.question("values", name="hump", parameters={"height": 2}, x=["0.5", "3"], order=1)
    assert status == 200
    np.testing.assert_array_equal(said, evaluate(FUNCTION.with_parameters(height=2.0), [0.5, 3.0]))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "elu"},
        {"name": ["hump"]},
        {"name": "os.system"},
        {"parameters": {"width": 1}},
        {"parameters": {"height": "x"}},
        {"parameters": {"height": None}},
        {"parameters": {"height": 1e999}},
        {"parameters": {str(each): 1 for each in range(1000)}},
        {"parameters": []},
        {"range": [1, 1]},
        {"range": [0, "nan"]},
        {"range": [0, 1e308]},
        {"range": [0]},
        {"range": "ab"},
        {"order": 3},
        {"order": True},
        {"order": "1"},
        {"more": 1},
    ],
)
def test_what_the_page_would_not_ask_is_refused_in_one_line(served: Served, change: dict[str, Any]) -> None:
    content = json.dumps(QUESTION | change).replace("Infinity", "1e999").encode()
    status, said = served.ask("POST", served.path + "curve", content)
    assert 400 <= status < 500
    assert list(json.loads(said)) == ["error"]
    assert len(said) < 300
    assert "\n" not in said


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\xff\xfe\x00\x01" * 1000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_request_is_answered_or_dropped(served: Served, request_: bytes) -> None:
    said = served.raw(request_)
    assert said == b"" or said.startswith(b"HTTP/1.0 4") or said.startswith(b"HTTP/1.0 5") or b'{"error"' in said
    assert served.ask("GET", served.path)[0] == 200


def test_bodies_are_bounded(served: Served) -> None:
    path = served.path + "curve"
    for body in (b"[" * 60_000, b"{" * 1000, b"null", b"1", b"\xff", b"", b'{"name": "' + b"x" * 60_000):
        status, said = served.ask("POST", path, body)
        assert status == 400, body[:20]
        assert "\n" not in said
    assert served.ask("POST", path, b"x" * 70_000)[0] == 413
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n".encode()
    for length in (b"9" * 30, b"-1", b"x", b"1_0", b"999999999"):
        assert b" 41" in served.raw(head + b"Content-Length: " + length + b"\r\n\r\nabc").splitlines()[0]
    assert b" 411 " in served.raw(head + b"\r\n").splitlines()[0]
    assert b" 400 " in served.raw(head + b"Content-Length: 50\r\n\r\n{").splitlines()[0]


@pytest.mark.slow
def test_many_at_once_do_not_stop_it(served: Served) -> None:
    host, port = served.host.split(":")
    idle = [socket.create_connection((host, int(port)), timeout=20) for _ in range(100)]
    for connection in idle:
        connection.close()
    answers: list[int] = []

    def ask() -> None:
        try:
            answers.append(served.question("curve", **QUESTION)[0])
        except OSError:
            answers.append(0)  # there was no room

    threads = [threading.Thread(target=ask) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {0, 200}
    assert 200 in answers
    assert served.question("curve", **QUESTION)[0] == 200


def test_a_function_that_raises_is_told(served: Served) -> None:
    status, said = served.question("values", name="hump", parameters={"height": 2}, x=["1"] * 3000, order=1)
    assert (status, said) == (400, {"error": {"en": "not understood", "zh": "看不懂这个请求"}})
    status, said = served.question("curve", **(QUESTION | {"parameters": {"nonsense": 1}}))
    assert status == 422
    assert "nonsense" in said["error"]["en"]


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(NoDisplay, match="in use"):
        serve(b"", port=taken.getsockname()[1], announce=lambda address: None)


@needs_browser
def test_sliders_and_zoom_ask_the_process(chromium: Any) -> None:
    running = Served()
    reader = Reader(chromium)
    reader.size(1280, 800)
    reader.open(running.address)
    assert reader.run("return actplot.names") == ["hump"]
    reader.slide("height", 1.5)
    reader.wait(lambda: "1.5" in reader.text("figcaption h2"))
    expected = evaluate(FUNCTION.with_parameters(height=1.5), [0.3, 1.5, 2.0])
    np.testing.assert_array_equal(reader.run("return actplot.evaluate('hump', [0.3, 1.5, 2], {height: 1.5})"), expected)
    (at,) = reader.run("return actplot.breaks('hump', {height: 1.5})")
    assert at["x"] == 1.5
    assert at["y"] == pytest.approx([0.75, 1.5 * np.sin(1.5), 0.75], abs=1e-9)
    # The curve that is drawn breaks where the function does.
    reader.wait(lambda: [words for words in reader.texts(".chip") if "jump" in words] == ["jump x = 1.5"])
    reader.run("actplot.state = {range: [1.4, 1.6]}")
    reader.wait(lambda: reader.limits(0)[1] < 1.6)
    reader.slide("height", 1.55)
    reader.wait(lambda: any("x = 1.55" in words for words in reader.texts(".chip")))
    assert reader.driver.get_log("browser") == []
    # The page goes, and with it the server.
    reader.driver.refresh()
    reader.wait(lambda: reader.run("return Boolean(globalThis.actplot)"))
    assert running.thread.is_alive(), "a page that is loaded again has not gone"
    reader.driver.get("about:blank")
    running.thread.join(timeout=10)
    assert not running.thread.is_alive()


@pytest.mark.slow
@needs_browser
def test_the_last_page_ends_it(chromium: Any) -> None:
    running = Served()
    reader = Reader(chromium)
    reader.open(running.address)
    first = chromium.current_window_handle
    chromium.switch_to.new_window("tab")
    reader.open(running.address)
    chromium.close()
    chromium.switch_to.window(first)
    assert reader.run("return actplot.names") == ["hump"]
    assert running.thread.is_alive(), "one of two pages is still open"
    chromium.get("about:blank")
    running.thread.join(timeout=10)
    assert not running.thread.is_alive()


ALONE = """
from actplot.numerics.curve import sample
from actplot.page import page, server
document = page.render([sample("elu")], lang="en", facts={}, served=True)
server.serve(document, announce=lambda address: print(address, flush=True))
"""


@pytest.mark.slow
@needs_browser
def test_ctrl_c_ends_it_and_the_page_says_so(chromium: Any, interruptible: None) -> None:
    running = subprocess.Popen([sys.executable, "-c", ALONE], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    reader = Reader(chromium)
    reader.open(running.stdout.readline().decode().strip())
    reader.slide("alpha", 3)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=20)
    assert err.decode().splitlines()[-1] == "KeyboardInterrupt"
    reader.wait(lambda: reader.text(".notice") == "The figure was closed. Run the command again.")
    reader.slide("alpha", 2)  # what the page computes itself goes on
    assert reader.state["functions"][0]["parameters"] == {"alpha": 2}
