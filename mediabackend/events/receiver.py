"""Post messages to the receiver of events.

The host's IPs are looked up once, checked, and used for the connection, so no second
answer of the DNS can lead elsewhere. Redirects are not followed, and time and answers
are bounded.
"""

import socket
import ssl
import time
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit

import httpcore

# For everything from the connection to the end of the answer.
SECONDS = 10.0
# What is read of an answer.
_ANSWER_BYTES = 4096
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# IPv4 addresses for hosts that have IPv6 only (NAT64, RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
# These answers come from a receiver, or a proxy in front of it, that has no time now.
_BUSY = {429, 502, 503, 504}


class EventRefused(Exception):
    """The receiver does not accept this message."""


class ReceiverUnavailable(Exception):
    """The receiver cannot be reached: the next message would fail too."""


def post_message(
    url: str, headers: dict[str, str], body: bytes, *, allow_private: bool
) -> None:
    """Post the message; returns if the answer is a 2xx.

    Raises EventRefused and ReceiverUnavailable.
    """
    if not allow_private and urlsplit(url).scheme != "https":
        raise ReceiverUnavailable("The receiver's URL does not begin with https://.")
    fields = list(headers.items())
    network = _Network(allow_private)
    pool = httpcore.ConnectionPool(ssl_context=_tls(), network_backend=network)
    try:
        with pool, pool.stream("POST", url, headers=fields, content=body) as answer:
            text = _beginning(answer)
            status = answer.status
    except (
        httpcore.NetworkError,
        httpcore.TimeoutException,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
    ) as error:
        name = type(error).__name__
        raise ReceiverUnavailable(f"{name}: {error}".rstrip(": ")) from error
    if 200 <= status < 300:
        return
    problem = f"The receiver answered {status}."
    if 300 <= status < 400:
        problem += " Redirects are not followed."
    problem += f" {text}" if text else ""
    raise ReceiverUnavailable(problem) if status in _BUSY else EventRefused(problem)


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """Say whether this IP is on the public internet."""
    if isinstance(ip, IPv4Address):
        return ip.is_global and not ip.is_multicast
    embedded = ip.ipv4_mapped
    if ip in _NAT64:
        embedded = IPv4Address(int(ip) & 0xFFFF_FFFF)
    if embedded:
        return is_public(embedded)
    # The tunnels 6to4 and Teredo lead to the IPv4 address that they contain.
    is_tunnel = bool(ip.sixtofour or ip.teredo)
    return ip in _GLOBAL_UNICAST and ip.is_global and not is_tunnel


def _look_up(host: str, port: int, allow_private: bool) -> list[str]:
    """Return the host's IPs; raises ReceiverUnavailable if one is not public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError(f"{host}: {error}") from error
    ips = [str(entry[4][0]) for entry in found]
    private = [ip for ip in ips if not is_public(ip_address(ip))]
    if private and not allow_private:
        raise ReceiverUnavailable(
            f"{host} is {private[0]}, which is not a public IP. For a receiver in a "
            "private network set EVENTS_ALLOW_PRIVATE=true."
        )
    return ips


def _beginning(answer: httpcore.Response) -> str:
    """Return the beginning of an answer's text, on one line, for the log."""
    read = b""
    for chunk in answer.iter_stream():
        read += chunk
        if len(read) >= _ANSWER_BYTES:
            break
    text = read[:200].decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


# Made once, as it reads all certificates of authorities.
_tls = lru_cache(maxsize=1)(httpcore.default_ssl_context)


class _Network(httpcore.NetworkBackend):
    """Connects to IPs that are allowed; its connections end after SECONDS."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._sockets = httpcore.SyncBackend()
        self._deadline = time.monotonic() + SECONDS

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError(f"{host} has no IP.")
        for ip in _look_up(host, port, self._allow_private):
            try:
                stream = self._sockets.connect_tcp(
                    ip, port, _left(self._deadline), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._deadline)
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection whose reads and writes all end at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline)
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return _Stream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    """Return the seconds until the deadline; raises ReadTimeout after it."""
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout(f"No whole answer within {SECONDS:g} seconds.")
    return seconds
