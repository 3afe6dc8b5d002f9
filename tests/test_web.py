"""Live figures in a real browser, and what the server behind them refuses."""

import base64
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import command
import numpy as np
import pytest
from browser import needs_browser
from PIL import Image

pytest.importorskip("tornado")


def serve(*words: str, cwd: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A running command and the address that it has printed."""
    running = command.start(*words, cwd=cwd)
    assert running.stdout is not None
    return running, running.stdout.readline().decode().strip()


def end(running: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Exit code and stderr of a command that is about to end; nothing of its process group is left."""
    _, err = running.communicate(timeout=20)
    time.sleep(0.5)
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)
    return running.returncode, err.decode()


@pytest.fixture
def served(tmp_path: Path, interruptible: None) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    running, address = serve("elu", "--alpha", "2", "--lang", "en", "--web", cwd=tmp_path)
    yield running, address
    if running.poll() is None:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()


def status(url: str, **headers: str) -> int:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_only_its_own_pages_on_this_machine_are_answered(served: tuple[subprocess.Popen[bytes], str]) -> None:
    running, address = served
    port = int(address.removesuffix("/").rpartition(":")[2])
    assert address == f"http://127.0.0.1:{port}/"
    paths = ["", "mpl.js", "_static/css/mpl.css", "_images/home.png", "download.png", "socket"]
    for path in paths:
        ours = status(address + path)
        assert ours == (400 if path == "socket" else 200)  # a socket wants an upgrade
        assert status(address + path, Host="evil.example") == 403
        assert status(address + path, Host=f"evil.example:{port}") == 403
        assert status(address + path, Origin="http://evil.example") == 403
        assert status(address + path, Origin="http://127.0.0.1:1") == 403
        assert status(address + path, Origin="null") == 403
        assert status(address + path, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors") == 403
        assert status(address + path, Origin=address.rstrip("/")) == ours
        assert status(address + path, Host=f"localhost:{port + 1}") == ours  # through a tunnel
    assert status(address + "nothing") == 404
    assert status(address + "_static/../../__init__.py") in (403, 404)
    # It listens to this machine alone.
    addresses = {
        line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:] if line.split()[3] == "0A"
    }
    assert f"0100007F:{port:04X}" in addresses
    assert f"00000000:{port:04X}" not in addresses
    running.send_signal(signal.SIGINT)
    code, err = end(running)
    assert code == 130
    assert err.splitlines()[-1] == "actplot: interrupted"
    assert "Traceback" not in err


def test_what_a_page_would_not_say_is_refused(served: tuple[subprocess.Popen[bytes], str], tmp_path: Path) -> None:
    _, address = served
    host, port = address[7:-1].split(":")

    def upgrade(origin: str) -> Any:
        connection = socket.create_connection((host, int(port)), timeout=10)
        head = f"GET /socket HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        head += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        connection.sendall((head + (f"Origin: {origin}\r\n" if origin else "") + "\r\n").encode())
        return connection, connection.recv(200)

    connection, answer = upgrade("http://evil.example")
    connection.close()
    assert b" 403 " in answer
    bad = [b"nonsense", b"[]", b"{}", b'{"type": "resize", "width": "x"}', b'{"type": "key_press"}', b"\xff\xfe"]
    bad += [json.dumps({"type": "resize", "width": 10**9, "height": 10**9}).encode()]
    for message in bad:
        connection, answer = upgrade(address[:-1])
        assert b" 101 " in answer
        mask = b"\0\0\0\0"
        connection.sendall(bytes([0x81, 0x80 | len(message)]) + mask + message)
        time.sleep(0.1)
        connection.close()
    assert status(address) == 200
    assert not list(tmp_path.iterdir())


def test_bad_ports_are_one_line(tmp_path: Path) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    for words, code, said in (
        (["--web", "--port", str(port)], 1, "in use"),
        (["--web", "--port", "0"], 2, "--port must be from 1 to 65535, got 0"),
        (["--web", "--port", "70000"], 2, "--port must be from 1 to 65535"),
        (["--web", "--port", "x"], 2, "'x' is not a whole number"),
        (["--port", "8000"], 2, "--port needs --web"),
        (["--web", "--no-show"], 2, "--web and --no-show"),
        (["--web", "--inline"], 2, "--inline and --web"),
    ):
        exit_code, out, err = command.run("tanh", *words, cwd=tmp_path)
        assert (exit_code, out, err.count("\n")) == (code, b"", 1), err
        assert said in err
    taken.close()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("package", "extra", "words"),
    [
        ("tornado", "web", ["--web"]),
        ("plotly", "html", ["--out", "x.html"]),
        ("textual_image", "terminal", ["--inline"]),
    ],
)
def test_an_extra_that_is_not_installed_is_one_line(package: str, extra: str, words: list[str], tmp_path: Path) -> None:
    code = "import sys, importlib.util as u; found = u.find_spec\n"
    code += f"u.find_spec = lambda name, *more: None if name == {package!r} else found(name, *more)\n"
    code += f"from actplot.cli import main; print(main(['tanh', *{words!r}])); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["1", "False"], done.stderr
    assert f'pip install "actplot[{extra}]"' in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


class Page:
    """The figure in the browser, and a mouse over it."""

    def __init__(self, driver: Any, address: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        self.driver = driver
        driver.get(address)
        self.wait(lambda: driver.find_elements("css selector", "canvas"))
        self.box = driver.find_element("css selector", "#figure [tabindex]")
        self.actions = lambda: ActionChains(driver, duration=20)
        self.wait(lambda: len(np.unique(self.pixels().reshape(-1, 3), axis=0)) > 50)

    def wait(self, condition: Any) -> None:
        deadline = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def move(self, x: float, y: float) -> Any:
        size = self.box.size
        return self.actions().move_to_element_with_offset(
            self.box, round(x - size["width"] / 2), round(y - size["height"] / 2)
        )

    def pixels(self) -> np.ndarray:
        """The canvas, once it no longer changes."""
        before = None
        while True:
            drawn = self.driver.execute_script("return document.querySelector('canvas').toDataURL()")
            png = base64.b64decode(drawn.partition(",")[2])
            now = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
            if before is not None and now.shape == before.shape and (now == before).all():
                return now
            before = now
            time.sleep(0.25)

    def key(self, key: str) -> None:
        self.box.send_keys(key)


@needs_browser
def test_a_figure_in_the_browser(chromium: Any, served: tuple[subprocess.Popen[bytes], str], tmp_path: Path) -> None:
    running, address = served
    page = Page(chromium, address)
    assert chromium.title == "ELU (alpha = 2)"
    blank = page.pixels()
    assert ((np.abs(blank - (0x1F, 0x5F, 0xC4)).max(axis=2) < 25).sum()) > 300, "no curve"
    # The pointer: the readout changes, and a line stands in both panels, which are 4.9 inches of 100 pixels apart.
    page.move(200, 150).perform()
    pointed = page.pixels()
    changed = np.abs(pointed - blank).max(axis=2) > 20
    assert changed[400:430].any()
    columns = changed[60:340].mean(axis=0)
    for column in (200, 690):
        assert columns[column - 3 : column + 4].max() > 0.4
    # The slider: the curve changes, and what is saved says by how much.
    page.move(250, 461).click_and_hold().perform()
    for x in range(260, 330, 10):
        page.move(x, 461).perform()
    page.actions().release().perform()
    page.move(200, 480).perform()
    turned = page.pixels()
    assert (np.abs(turned - blank).max(axis=2) > 20)[60:340, 75:485].sum() > 200
    page.key("s")
    page.wait((tmp_path / "elu.png").exists)
    words = Image.open(tmp_path / "elu.png").text["Command"].split()
    assert words[:3] == ["actplot", "elu", "--alpha"]
    assert 1 < float(words[3]) < 2
    # What the page downloads is the same picture.
    with urllib.request.urlopen(address + "download.png", timeout=20) as answer:
        assert answer.read() == (tmp_path / "elu.png").read_bytes()
    # Loading the page again keeps the figure; closing it ends the command.
    chromium.refresh()
    again = Page(chromium, address)
    assert (again.pixels()[60:340] == turned[60:340]).all()
    chromium.get("about:blank")
    code, err = end(running)
    assert (code, err.count("\n")) == (0, 1), err


@needs_browser
def test_explore_in_the_browser(chromium: Any, tmp_path: Path, interruptible: None) -> None:
    running, address = serve("explore", "--web", "--lang", "en", cwd=tmp_path)
    try:
        page = Page(chromium, address)
        page.move(80, 30).click().perform()
        for letter in "mish":
            page.key(letter)
        page.pixels()
        page.move(60, 70).click().perform()
        page.pixels()
        page.key("s")
        page.wait((tmp_path / "mish.png").exists)
        chromium.get("about:blank")
        assert end(running)[0] == 0
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()


@needs_browser
def test_a_picture_that_does_not_answer_can_be_seen_and_saved(
    chromium: Any, tmp_path: Path, interruptible: None
) -> None:
    running, address = serve("depth", "--depth", "3", "--web", "--lang", "en", cwd=tmp_path)
    try:
        page = Page(chromium, address)
        page.key("s")
        page.wait((tmp_path / "depth.png").exists)
        assert Image.open(tmp_path / "depth.png").text["Command"].startswith("actplot depth ")
        running.send_signal(signal.SIGINT)
        assert end(running)[0] == 130
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
