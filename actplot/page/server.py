"""The living page served to this machine alone, and the functions that only this process can compute.

The server answers who knows its secret, under a local name; it reads bounded numbers, and writes no file.
"""

import contextlib
import hmac
import json
import math
import re
import secrets
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from actplot.errors import ActplotError, Argument, NoDisplay, reason_of
from actplot.functions.catalog import CATALOG
from actplot.functions.registry import Function
from actplot.numerics.curve import Curve
from actplot.options import check_order, check_range
from actplot.page.compile import samples_of
from actplot.page.entries import Facts, with_facts
from actplot.text import Text

_ADDRESS = "127.0.0.1"
_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?")
# Seconds that a page may be away, for one because it is loaded again.
_GRACE = 1.5
# Seconds until a request must be there, and between two signs of life to a page that listens.
_PATIENCE, _HEARTBEAT = 10.0, 15.0
# Requests answered at once, bytes of a question, points and parameters in it.
_MOST_AT_ONCE, _LONGEST, _MOST_POINTS, _MOST_PARAMETERS = 32, 1 << 16, 2000, 100


@dataclass(frozen=True)
class Backend:
    """What a page can ask this process for.

    Attributes
    ----------
    functions
        By name; their parameters are asked for at other values.
    sample
        The curve of a function along a range, with so many derivatives.
    evaluate
        Values and derivatives of a function at points, up to an order.
    describe
        What is known of an entry of the catalog at its defaults, by its name; None where nothing is told.
    """

    functions: Mapping[str, Function]
    sample: Callable[[Function, tuple[float, float], int], Curve]
    evaluate: Callable[[Function, Sequence[float], int], Sequence[Any]]
    describe: Callable[[str], Facts] | None = None


def serve(
    document: bytes, *, port: int | None = None, announce: Callable[[str], None], backend: Backend | None = None
) -> None:
    """Serves a page to the browsers of this machine until it is closed.

    Parameters
    ----------
    document
        As :func:`actplot.page.page.render` makes it with ``served``.
    port
        Where; None for one that is free.
    announce
        Is told the address once it answers.
    backend
        What the page may ask for; None for nothing.

    Raises
    ------
    NoDisplay
        If the port cannot be had.
    """
    try:
        server = _Server((_ADDRESS, port or 0), _Handler)
    except OSError as error:
        reason, elsewhere = reason_of(error), Argument("port")
        raise NoDisplay(
            Text(f"cannot serve on port {port}: {reason.en.lower()}", f"端口 {port} 无法使用：{reason.zh}"),
            Text(f"choose another {elsewhere}, or leave it out", f"请用 {elsewhere} 换一个，或不写"),
        ) from None
    server.state = _State(document, backend)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        announce(f"http://{_ADDRESS}:{server.server_address[1]}/{server.state.secret}/")
        while not server.state.is_over.wait(0.2):  # short waits let Ctrl-C through everywhere
            pass
    finally:
        server.state.is_over.set()
        server.shutdown()
        server.server_close()


@dataclass
class _State:
    """What the threads of a server share."""

    document: bytes
    backend: Backend | None
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    is_over: threading.Event = field(default_factory=threading.Event)
    room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_MOST_AT_ONCE))
    computing: threading.Lock = field(default_factory=threading.Lock)
    lock: threading.Lock = field(default_factory=threading.Lock)
    listening: int = 0
    left: int = 0

    def came(self) -> None:
        """A page listens."""
        with self.lock:
            self.listening += 1
            self.left += 1  # whoever waited for its return waits no more

    def went(self) -> None:
        """A page listens no more: if it was the last one and none comes back, all is over."""
        with self.lock:
            self.listening -= 1
            now = self.left
        time.sleep(_GRACE)
        with self.lock:
            if self.listening == 0 and self.left == now:
                self.is_over.set()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    state: _State

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self.state.room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.state.room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of pages that have gone in the midst of an answer."""


_NOT_UNDERSTOOD = Text("not understood", "看不懂这个请求")


class _Refused(Exception):
    """An answer that is none: its status, and why in one line."""

    def __init__(self, status: int, reason: Text) -> None:
        super().__init__(status, reason)
        self.status, self.reason = status, reason


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE
    server_version, sys_version = "actplot", ""

    def do_GET(self) -> None:
        self._answer({"": self._page, "events": self._events})

    def do_POST(self) -> None:
        self._answer({"curve": self._curve, "values": self._values, "facts": self._facts})

    def _answer(self, routes: Mapping[str, Callable[[], None]]) -> None:
        try:
            route = routes.get(self._route())
            if route is None:
                raise _Refused(404, Text("nothing is here", "这里什么也没有"))
            route()
        except _Refused as refused:
            self._send(refused.status, {"error": {"en": refused.reason.en, "zh": refused.reason.zh}})
        except (ConnectionError, TimeoutError):
            pass

    def _route(self) -> str:
        """What is asked for, of a request that may ask."""
        host, origin = self.headers.get_all("Host", []), self.headers.get_all("Origin", [])
        if len(host) != 1 or not _HOST.fullmatch(host[0]):
            raise _Refused(403, Text("only local names are answered", "只应答本机的名称"))
        is_navigation = self.headers.get("Sec-Fetch-Mode") == "navigate"
        is_elsewhere = self.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and not is_navigation
        if is_elsewhere or any(each != f"http://{host[0]}" for each in origin):
            raise _Refused(403, Text("only pages of actplot are answered", "只应答 actplot 的网页"))
        start, secret, *rest = self.path.split("/")
        if start or not hmac.compare_digest(secret.encode(), self.server.state.secret.encode()) or len(rest) != 1:
            raise _Refused(404, Text("nothing is here", "这里什么也没有"))
        return rest[0]

    def _page(self) -> None:
        self._send(200, self.server.state.document, "text/html; charset=utf-8")

    def _events(self) -> None:
        """Nothing but a sign of life now and then, so that each side knows when the other is gone."""
        state = self.server.state
        self.send_response(200)
        self._send_headers("text/event-stream", None)
        state.room.release()  # pages that listen take no room from those that ask
        state.came()
        try:
            self._listen()
        finally:
            state.went()
            state.room.acquire()

    def _listen(self) -> None:
        heard = 0.0
        with contextlib.suppress(OSError):
            while not self.server.state.is_over.is_set():
                if time.monotonic() - heard > _HEARTBEAT:
                    self.wfile.write(b": here\n\n")
                    heard = time.monotonic()
                readable, _, _ = select.select([self.connection], [], [], 0.2)
                if readable and not self.connection.recv(1024, socket.MSG_DONTWAIT):
                    return

    def _curve(self) -> None:
        question = self._question({"name", "parameters", "range", "order"})
        backend, function = self._function(question)
        with self._computing():
            low, high = _numbers(question["range"], 2)
            curve = backend.sample(function, check_range(low, high), check_order(question["order"]))
            self._send(200, samples_of(curve))

    def _values(self) -> None:
        question = self._question({"name", "parameters", "x", "order"})
        backend, function = self._function(question)
        x = _numbers(question["x"], None)
        with self._computing():
            order = check_order(question["order"])
            values = [list(map(float, row)) for row in backend.evaluate(function, x, order)]
            self._send(200, [[value if math.isfinite(value) else str(value) for value in row] for row in values])

    def _facts(self) -> None:
        name = self._question({"name"})["name"]
        backend = self.server.state.backend
        if backend is None or backend.describe is None or not isinstance(name, str) or name not in CATALOG:
            raise _Refused(404, Text("there is no such function here", "这里没有这个函数"))
        with self._computing():
            known: dict[str, Any] = {"parameters": []}
            defaults = CATALOG[name].defaults
            self._send(200, with_facts(known, backend.describe(name), defaults))

    @contextlib.contextmanager
    def _computing(self) -> Any:
        """One question at a time; what the function has against it is told."""
        try:
            with self.server.state.computing:
                yield
        except ActplotError as error:
            raise _Refused(422, Text(error.parts("en")[0], error.parts("zh")[0])) from None

    def _question(self, names: set[str]) -> dict[str, Any]:
        """The body of a request, an object with these names."""
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"\d{1,9}", length):
            raise _Refused(411, Text("the length is missing", "缺少长度"))
        if int(length) > _LONGEST:
            raise _Refused(413, Text(f"at most {_LONGEST:,} bytes are read", f"最多读取 {_LONGEST:,} 字节"))
        try:
            question = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            raise _Refused(400, _NOT_UNDERSTOOD) from None
        if not isinstance(question, dict) or question.keys() != names:
            raise _Refused(400, _NOT_UNDERSTOOD)
        return question

    def _function(self, question: dict[str, Any]) -> tuple[Backend, Function]:
        """The function that is asked for, at the parameters that are asked for."""
        backend, name, parameters = self.server.state.backend, question["name"], question["parameters"]
        if backend is None or not isinstance(name, str) or name not in backend.functions:
            raise _Refused(404, Text("there is no such function here", "这里没有这个函数"))
        if not isinstance(parameters, dict) or len(parameters) > _MOST_PARAMETERS:
            raise _Refused(400, _NOT_UNDERSTOOD)
        values = dict(zip(parameters, _numbers(list(parameters.values()), None), strict=True))
        try:
            return backend, backend.functions[name].with_parameters(**values)
        except ActplotError as error:
            raise _Refused(422, Text(error.parts("en")[0], error.parts("zh")[0])) from None

    def _send(self, status: int, content: Any, kind: str = "application/json") -> None:
        body = content if isinstance(content, bytes) else json.dumps(content, allow_nan=False).encode()
        self.send_response(status)
        self._send_headers(kind, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_headers(self, kind: str, length: int | None) -> None:
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library refuses, in one line, too."""
        with contextlib.suppress(OSError):
            self.close_connection = True
            body = (json.dumps({"error": message or self.responses.get(code, ("refused",))[0]}) + "\n").encode()
            self.send_response(code, "Refused")
            self._send_headers("application/json", len(body))
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing is logged."""


def _numbers(values: Any, count: int | None) -> list[float]:
    """Finite numbers of a question, which may be written as strings; so many, or as many as are allowed."""
    if not isinstance(values, list) or len(values) > _MOST_POINTS or (count is not None and len(values) != count):
        raise _Refused(400, _NOT_UNDERSTOOD)
    try:
        numbers = [float(value) for value in values if isinstance(value, int | float | str)]
    except (ValueError, OverflowError):
        raise _Refused(400, _NOT_UNDERSTOOD) from None
    if len(numbers) != len(values) or not all(map(math.isfinite, numbers)):
        raise _Refused(400, Text("numbers must be finite", "数须是有限的"))
    return numbers
