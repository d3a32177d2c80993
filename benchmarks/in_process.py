"""The project's WSGI application without a server, and ImageKit without a network.

It needs the settings in the environment, see `servers.project_environ`.
"""

import io
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from benchmarks.standin import HEAD_BYTES, upload_answer
from mediabackend.wsgi import application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class StandinTransport(httpx.BaseTransport):
    """Gives the answers of `benchmarks.standin`, in this process."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        start, size = b"", 0
        for chunk in request.stream:  # type: ignore[union-attr]
            if len(start) < HEAD_BYTES:
                start += chunk
            size += len(chunk)
        if request.method == "DELETE":
            return httpx.Response(204)
        status, answer = upload_answer(start, size)
        return httpx.Response(int(status[:3]), json=answer)


def environ_of(request: httpx.Request) -> "WSGIEnvironment":
    """Return the WSGI environ of a request (PEP 3333)."""
    body = request.read()
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.url.path,
        "QUERY_STRING": request.url.query.decode(),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        environ[key] = value
    return environ


def ask(environ: "WSGIEnvironment") -> Answer:
    """Send a request to the application, and finish it."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Any:
        started.append((status, headers))

    response = application(environ, start_response)
    try:
        body = b"".join(response)
    finally:
        # Django ends the request here, and gives its connection back.
        response.close()  # type: ignore[attr-defined]
    status, headers = started[-1]
    found = {name.lower(): value for name, value in headers}
    return Answer(int(status[:3]), found, body)
