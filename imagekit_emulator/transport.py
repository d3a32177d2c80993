"""A transport for httpx that calls the emulator in this process, without a port."""

import threading
import time
from collections.abc import Iterable, Iterator
from email.utils import formatdate
from io import RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from imagekit_emulator.app import SLEEP_KEY, Emulator
from imagekit_emulator.config import EmulatorConfig
from imagekit_emulator.errors import ConnectionDropped

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_lock = threading.Lock()
_current: tuple[EmulatorConfig, Emulator] | None = None


def config_from_settings() -> EmulatorConfig:
    """Read `settings.IMAGEKIT_EMULATOR`."""
    options: dict[str, Any] | None = settings.IMAGEKIT_EMULATOR
    if options is None:
        raise ImproperlyConfigured("IMAGEKIT_EMULATOR is not set: ImageKit is in use.")
    return EmulatorConfig(
        root=Path(options["ROOT"]),
        private_key=options["PRIVATE_KEY"],
        public_key=options["PUBLIC_KEY"],
        url_endpoint=options["URL_ENDPOINT"].rstrip("/"),
        purge_pending_polls=options.get("PURGE_PENDING_POLLS", 1),
        traits=frozenset(options.get("TRAITS", ())),
    )


def get_app() -> Emulator:
    """Return the emulator of this process; a new one after the settings change."""
    global _current
    config = config_from_settings()
    with _lock:
        if _current is None or _current[0] != config:
            if _current is not None:
                _current[1].close()
            _current = (config, Emulator(config))
        return _current[1]


def in_process_transport() -> httpx.BaseTransport:
    """Return a transport for `httpx.Client` that calls the emulator of this process."""
    return InProcessTransport()


class InProcessTransport(httpx.BaseTransport):
    """Streams both bodies, and raises the errors of a real connection."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        environ = _environ(request)
        try:
            answer = get_app().respond(environ)
        except ConnectionDropped as error:
            raise httpx.RemoteProtocolError(
                "Server disconnected without sending a response.", request=request
            ) from error
        body, _, headers = answer.get_wsgi_response(environ)
        # A server adds it.
        date = ("Date", formatdate(usegmt=True))
        return httpx.Response(
            answer.status_code, headers=[*headers, date], stream=_Stream(body)
        )


class _Stream(httpx.SyncByteStream):
    """The body of an answer, as httpx reads it."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield from self._body

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close:
            close()


class _Input(RawIOBase):
    """The chunks of a request body, as a file to read."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _environ(request: httpx.Request) -> "WSGIEnvironment":
    url = request.url
    # Below a prefix of a site, delivery URLs have the prefix too.
    prefix = urlsplit(config_from_settings().url_endpoint).path.rpartition("/")[0]
    if not url.path.startswith(f"{prefix}/"):
        prefix = ""
    if not isinstance(request.stream, httpx.SyncByteStream):
        raise TypeError("the in-process transport is for synchronous clients")
    environ: WSGIEnvironment = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": _Input(_checked(request, request.stream)),
        # The body ends with the last chunk; there may be no Content-Length.
        "wsgi.input_terminated": True,
        "wsgi.errors": _Discard(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": prefix,
        "PATH_INFO": url.path.removeprefix(prefix).encode().decode("latin-1"),
        "QUERY_STRING": url.query.decode("ascii"),
        "RAW_URI": url.raw_path.decode("ascii"),
        "SERVER_NAME": url.host,
        "SERVER_PORT": str(url.port or {"http": 80, "https": 443}[url.scheme]),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        SLEEP_KEY: _sleep_within(request),
    }
    for raw_name, raw_value in request.headers.raw:
        key = raw_name.decode("latin-1").upper().replace("-", "_")
        value = raw_value.decode("latin-1")
        if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            key = f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def _checked(request: httpx.Request, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the body; raises the error of a real connection if its length is wrong."""
    length = request.headers.get("Content-Length")
    left = int(length) if length else None
    for chunk in chunks:
        if left is not None:
            left -= len(chunk)
            if left < 0:
                raise httpx.LocalProtocolError(
                    "Too much data for declared Content-Length", request=request
                )
        yield chunk
    if left:
        raise httpx.LocalProtocolError(
            "Too little data for declared Content-Length", request=request
        )


def _sleep_within(request: httpx.Request) -> Any:
    """Return a function that waits, but no longer than the request's time-out."""
    limit = request.extensions.get("timeout", {}).get("read")

    def sleep(seconds: float) -> None:
        if limit is not None and seconds > limit:
            time.sleep(limit)
            raise httpx.ReadTimeout("timed out", request=request)
        time.sleep(seconds)

    return sleep


class _Discard:
    """A file for error messages that keeps none."""

    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None: ...
