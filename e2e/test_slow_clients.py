"""Clients that send too large a head, or a body that stalls."""

import re
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.e2e

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
