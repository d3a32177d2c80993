"""The project's WSGI application without a server, and ImageKit without a network.

To be imported where the environment has the settings, see `servers.project_environ`.
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
    """Answers as `benchmarks.standin` does, in this process."""

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
    """Return what a server would make of the request (PEP 3333)."""
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
    """Let the application answer, to the end of the request."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Any:
        started.append((status, headers))

    response = application(environ, start_response)
    try:
        body = b"".join(response)
    finally:
        # Where Django ends the request, and lets go of the connection.
        response.close()  # type: ignore[attr-defined]
    status, headers = started[-1]
    found = {name.lower(): value for name, value in headers}
    return Answer(int(status[:3]), found, body)
