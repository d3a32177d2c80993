"""Clients that send too large a head, or stall in a head or a body."""

import re
import select
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from mediabackend.http.minimum_rate import WINDOW_SECONDS
from mediabackend.server.worker import HEAD_SECONDS

pytestmark = [pytest.mark.e2e, pytest.mark.any_database]

CONFIG = (Path(__file__).resolve().parent.parent / "gunicorn.conf.py").read_text()
STALLED_SECONDS = int(re.search(r"^STALLED_SECONDS = (\d+)$", CONFIG, re.M)[1])


def answer_to(url: str, sent: bytes, timeout: float = 10) -> bytes:
    """Send these bytes; return all bytes until the server hangs up."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout) as line:
        line.sendall(sent)
        received = bytearray()
        while part := line.recv(4096):
            received += part
        return bytes(received)


def request(*lines: str) -> bytes:
    return "\r\n".join([*lines, "Host: 127.0.0.1", "", ""]).encode()


@pytest.mark.parametrize(
    "head",
    [
        request(f"GET /healthz?{'x' * 4100} HTTP/1.1"),
        request("GET /healthz HTTP/1.1", f"X-Long: {'x' * 8200}"),
        request("GET /healthz HTTP/1.1", *(f"X-{n}: 1" for n in range(70))),
        request("GET /healthz HTTP/1.1", "X-Nul: a\x00b"),
    ],
    ids=["line", "field", "fields", "nul"],
)
def test_head__beyond_the_limits_is_refused(gunicorn, head):
    answer = answer_to(gunicorn.url, head)
    assert re.match(rb"HTTP/1.1 4(00|14|31) ", answer), answer[:100]


@pytest.mark.deep
def test_body__that_stalls_is_given_up(gunicorn):
    start = time.monotonic()
    answer = answer_to(
        gunicorn.url,
        request(
            "POST /api/v1/auth/token/ HTTP/1.1",
            "Content-Type: application/json",
            "Content-Length: 500",
        )
        + b'{"email":',
        timeout=2 * STALLED_SECONDS,
    )
    assert time.monotonic() - start > STALLED_SECONDS - 1
    assert not answer or answer.startswith(b"HTTP/1.1 400 "), answer[:200]


SILENT = 120


def connect(url: str, stack: ExitStack) -> socket.socket:
    parts = urlsplit(url)
    line = socket.create_connection((parts.hostname, parts.port), 10)
    return stack.enter_context(line)


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: 127"])
def test_clients__that_never_finish_a_head_take_no_thread(gunicorn, sent):
    with ExitStack() as stack:
        lines = [connect(gunicorn.url, stack) for _ in range(SILENT)]
        for line in lines:
            line.sendall(sent)
        start = time.monotonic()
        for _ in range(20):
            httpx.get(f"{gunicorn.url}/healthz", timeout=5).raise_for_status()
        # When such clients held threads, each request waited for one for seconds.
        assert time.monotonic() - start < 5


def test_head__that_comes_in_pieces_is_answered(gunicorn):
    with ExitStack() as stack:
        line = connect(gunicorn.url, stack)
        for byte in request("GET /healthz HTTP/1.1", "Connection: close"):
            line.sendall(bytes([byte]))
        received = b""
        while part := line.recv(4096):
            received += part
    assert received.startswith(b"HTTP/1.1 200 "), received[:200]


def test_heads__on_a_kept_connection_may_come_in_pieces_too(gunicorn):
    with ExitStack() as stack:
        line = connect(gunicorn.url, stack)
        for _ in range(3):
            head = request("GET /healthz HTTP/1.1")
            line.sendall(head[:30])
            # After another request, no thread waits on the connection any more.
            httpx.get(f"{gunicorn.url}/healthz").raise_for_status()
            line.sendall(head[30:])
            answer = b""
            while not answer.endswith(b"}"):
                answer += line.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.deep
def test_head__that_never_ends_is_given_up(gunicorn):
    with ExitStack() as stack:
        line = connect(gunicorn.url, stack)
        start = time.monotonic()
        line.settimeout(2 * HEAD_SECONDS)
        line.sendall(b"GET /healthz HTTP/1.1\r\n")
        while time.monotonic() - start < 2 * HEAD_SECONDS:
            # One byte a second: a limit of the wait for a byte would never end it.
            readable, _, _ = select.select([line], [], [], 1)
            if readable:
                break
            line.sendall(b"X")
        # The server has hung up, and has not read the last bytes.
        with suppress(ConnectionResetError):
            assert line.recv(100) == b""
        assert HEAD_SECONDS - 1 < time.monotonic() - start < HEAD_SECONDS + 5


@pytest.mark.deep
def test_body__that_drips_is_given_up(gunicorn):
    """Each byte comes in time, but all of them would take an hour."""
    head = request(
        "POST /api/v1/auth/token/ HTTP/1.1",
        "Content-Type: application/json",
        "Content-Length: 5000",
    )
    with ExitStack() as stack:
        line = connect(gunicorn.url, stack)
        start = time.monotonic()
        line.sendall(head)
        answered: list[socket.socket] = []
        while not answered and time.monotonic() - start < 3 * WINDOW_SECONDS:
            with suppress(OSError):
                line.sendall(b" ")
            answered, _, _ = select.select([line], [], [], 0.7)
        with suppress(ConnectionResetError):
            answer = line.recv(4096)
            assert not answer or answer.startswith(b"HTTP/1.1 400 ")
        assert time.monotonic() - start < WINDOW_SECONDS + 10
