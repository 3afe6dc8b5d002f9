"""Live figures in the browser: matplotlib's WebAgg, served to this machine alone."""

# mypy: allow-untyped-calls

import asyncio
import io
import json
import signal
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import matplotlib
import numpy as np
import tornado.httpserver
import tornado.netutil
import tornado.template
import tornado.web
import tornado.websocket
from matplotlib.backends import backend_webagg_core as core
from PIL import Image

from actplot import text
from actplot.errors import Argument, NoDisplay
from actplot.live.interactive import InteractiveFigure
from actplot.options import FORMATS

_ADDRESS = "127.0.0.1"
_HOSTS = {"127.0.0.1", "localhost", "::1"}
# Seconds that a page may be away, for one because it is loaded again.
_GRACE = 1.5
# Pixels of a side and resolution that a page may ask for.
_SIDES, _RATIOS = (200, 6000), (0.5, 4.0)


class _Canvas(core.FigureCanvasWebAggCore):
    """A canvas that sends a picture when the browser is ready for one, however fast the figure changes."""

    supports_blit = True
    _is_stale = True
    _last_buff: Any

    def draw_idle(self) -> None:
        self._is_stale = True
        self.send_event("draw")

    def blit(self, bbox: Any = None) -> None:
        self._png_is_old = True
        self.send_event("draw")

    def get_diff_image(self) -> bytes | None:
        """What has changed since the last picture, as PNG: like matplotlib's, encoded in half the time."""
        if not self._png_is_old:
            return None
        buffer = np.asarray(self.get_renderer().buffer_rgba())
        pixels = buffer.view(np.uint32).squeeze(2)
        is_full = self._force_full or pixels.shape != self._last_buff.shape or bool((buffer[:, :, 3] < 255).any())
        self.set_image_mode("full" if is_full else "diff")
        shown = pixels if is_full else np.where(pixels != self._last_buff, pixels, 0)
        self._last_buff = pixels.copy()
        self._force_full = self._png_is_old = False
        encoded = io.BytesIO()
        picture = Image.fromarray(shown.view(np.uint8).reshape(buffer.shape))
        picture.save(encoded, "png", compress_level=1, compress_type=zlib.Z_RLE)
        return encoded.getvalue()

    def handle_draw(self, event: Any) -> None:
        if self._is_stale:
            self._is_stale = False
            self.draw()
        else:
            self.manager.refresh_all()  # type: ignore[union-attr]

    def handle_resize(self, event: Any) -> None:
        sides = {side: min(max(int(event[side]), _SIDES[0]), _SIDES[1]) for side in ("width", "height")}
        super().handle_resize(event | sides)

    def handle_set_device_pixel_ratio(self, event: Any) -> None:
        ratio = min(max(float(event["device_pixel_ratio"]), _RATIOS[0]), _RATIOS[1])
        super().handle_set_device_pixel_ratio({"device_pixel_ratio": ratio})


class _Manager(core.FigureManagerWebAgg):
    _toolbar2_class = core.NavigationToolbar2WebAgg  # type: ignore[assignment]


class _Local:
    """A handler that answers only pages that it has served itself, to a browser that reached it by a local name."""

    request: Any

    def prepare(self) -> None:
        host = urlsplit(f"//{self.request.host}")
        headers = self.request.headers
        origin = headers.get("Origin")
        is_elsewhere = headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
        if (
            host.hostname not in _HOSTS
            or (origin is not None and urlsplit(origin).netloc != host.netloc)
            or (is_elsewhere and headers.get("Sec-Fetch-Mode") != "navigate")
        ):
            raise tornado.web.HTTPError(403, reason="Only pages of actplot on this machine are answered")

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")  # type: ignore[attr-defined]
        self.set_header("X-Content-Type-Options", "nosniff")  # type: ignore[attr-defined]
        self.set_header("Content-Security-Policy", "frame-ancestors 'none'")  # type: ignore[attr-defined]


class _Page(_Local, tornado.web.RequestHandler):
    def get(self) -> None:
        shown: InteractiveFigure = self.settings["shown"]
        page = tornado.template.Template(Path(__file__).with_name("page.html").read_text("utf-8"))
        over = " / ".join(text.CLOSED[lang] for lang in ("zh", "en"))
        self.write(page.generate(title=self.settings["title"] or shown.name, over=over, formats=json.dumps(FORMATS)))


class _Script(_Local, tornado.web.RequestHandler):
    def get(self) -> None:
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.write(core.FigureManagerWebAgg.get_javascript())


class _Static(_Local, tornado.web.StaticFileHandler):
    pass


class _Download(_Local, tornado.web.RequestHandler):
    def get(self, form: str) -> None:
        shown: InteractiveFigure = self.settings["shown"]
        kinds = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}
        self.set_header("Content-Type", kinds[form])
        self.set_header("Content-Disposition", f'attachment; filename="{shown.name}.{form}"')
        self.write(shown.render(form))


class _Socket(_Local, tornado.websocket.WebSocketHandler):
    """What a page says to the figure, and the pictures it gets."""

    def open(self) -> None:
        self.set_nodelay(True)
        self.settings["manager"].add_web_socket(self)
        self.settings["gone"](False)

    def on_close(self) -> None:
        self.settings["manager"].remove_web_socket(self)
        self.settings["gone"](not self.settings["manager"].web_sockets)

    def on_message(self, message: str | bytes) -> None:
        try:
            content = json.loads(message)
            if content["type"] != "supports_binary":  # every browser of this decade does
                self.settings["manager"].handle_json(content)
        except (ValueError, KeyError, TypeError, OverflowError):  # not from our page
            self.close(1003, "not understood")

    def send_json(self, content: Any) -> None:
        self._send(json.dumps(content), binary=False)

    def send_binary(self, blob: bytes) -> None:
        self._send(blob, binary=True)

    def _send(self, message: str | bytes, *, binary: bool) -> None:
        if self.ws_connection is not None and not self.ws_connection.is_closing():
            self.write_message(message, binary=binary)


def serve(shown: InteractiveFigure, title: str, port: int | None, announce: Callable[[str], None]) -> None:
    """Serves a figure to the browsers of this machine until its page is closed.

    Parameters
    ----------
    shown, title
        The figure, and what stands on the tab.
    port
        Where; None for one that is free.
    announce
        Is told the address once it answers.

    Raises
    ------
    NoDisplay
        If the port cannot be had.
    """
    try:
        sockets = tornado.netutil.bind_sockets(port or 0, _ADDRESS)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NoDisplay(
            f"cannot serve on port {port}: {reason}", f"choose another {Argument('port')}, or leave it out"
        ) from None
    asyncio.run(_serve(shown, title, sockets, announce))


async def _serve(shown: InteractiveFigure, title: str, sockets: Any, announce: Callable[[str], None]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio would first let running work end
    closed = asyncio.Event()
    waiting: list[asyncio.TimerHandle] = []

    def gone(is_last: bool) -> None:
        while waiting:
            waiting.pop().cancel()
        if is_last:
            waiting.append(asyncio.get_running_loop().call_later(_GRACE, closed.set))

    manager = _Manager(_Canvas(shown.figure), 1)
    manager.set_window_title(title)
    shown.connect()
    application = tornado.web.Application(
        [
            ("/", _Page),
            ("/mpl.js", _Script),
            ("/_static/(.*)", _Static, {"path": core.FigureManagerWebAgg.get_static_file_path()}),
            ("/_images/(.*)", _Static, {"path": str(Path(matplotlib.get_data_path(), "images"))}),
            (f"/download.({'|'.join(FORMATS)})", _Download),
            ("/socket", _Socket),
        ],
        shown=shown,
        title=title,
        manager=manager,
        gone=gone,
        log_function=lambda handler: None,
        websocket_max_message_size=1 << 16,
    )
    server = tornado.httpserver.HTTPServer(application)
    server.add_sockets(sockets)
    announce(f"http://{_ADDRESS}:{sockets[0].getsockname()[1]}/")
    try:
        await closed.wait()
    finally:
        server.stop()
