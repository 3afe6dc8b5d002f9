"""A real browser without a screen."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

_MISSING = [tool for tool in ("chromium", "chromedriver") if shutil.which(tool) is None]
_MISSING += [] if find_spec("selenium") else ["selenium"]
needs_browser = pytest.mark.skipif(bool(_MISSING), reason=f"needs {', '.join(_MISSING)}")
_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1300,1000",
]


def launch(profile: Path) -> Any:
    """A driver of Chromium, with nobody's settings."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.binary_location = shutil.which("chromium") or ""
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {".js": "text/javascript"}  # noqa: RUF012 - as the base class has it

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """The address at which this machine alone is served the files of a folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
