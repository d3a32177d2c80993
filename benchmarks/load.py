"""Load for a server: by `wrk` for reads, by threads for other requests."""

import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from benchmarks.measure import Load, percentile

_SCRIPT = Path(__file__).with_name("wrk.lua")
# Returns the nth request in pieces, which are sent one after another.
Request = Callable[[int], Sequence[bytes]]


def read_load(
    url: str, headers: Mapping[str, str], seconds: float, connections: int = 16
) -> Load:
    """Get one URL again and again with wrk."""
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds:.0f}s",
        "-s",
        str(_SCRIPT),
    ]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    done = subprocess.run([*command, url], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return Load(
        requests=found["requests"],
        seconds=found["duration"] / 1e6,
        p50=found["p50"] / 1e6,
        p99=found["p99"] / 1e6,
        errors=found["errors"],
    )


def client_load(port: int, makers: Sequence[Request], seconds: float) -> Load:
    """Send requests with one client for each of `makers`, one after another.

    Requests that run when the time is up are finished, and count.
    """
    clients = [_Client(port, maker) for maker in makers]
    started = time.perf_counter()
    threads = [
        threading.Thread(target=client.work, args=(started + seconds,))
        for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    times = sorted(value for client in clients for value in client.times)
    return Load(
        requests=len(times),
        seconds=took,
        p50=percentile(times, 50),
        p99=percentile(times, 99),
        errors=sum(client.errors for client in clients),
    )


def head(method: str, path: str, headers: Mapping[str, str], length: int = 0) -> bytes:
    """Return the head of a request whose body has `length` bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


class Connection:
    """A connection that is kept alive.

    It uses a bare socket, to take little CPU time from the servers.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._answers: IO[bytes] | None = None

    def ask(self, pieces: Sequence[bytes]) -> tuple[int, bytes]:
        """Send a request; return the status and the body. Raises OSError."""
        if self._socket is None or self._answers is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), 60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._answers = self._socket.makefile("rb")
        for piece in pieces:
            self._socket.sendall(piece)
        status_line = self._answers.readline()
        if not status_line:
            raise ConnectionResetError
        length, closing = 0, False
        while (line := self._answers.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").lower().partition(":")
            if name == "content-length":
                length = int(value)
            elif name == "connection":
                closing = value.strip() == "close"
        body = self._answers.read(length)
        if closing:
            self.close()
        return int(status_line.split()[1]), body

    def close(self) -> None:
        if self._socket and self._answers:
            self._answers.close()
            self._socket.close()
        self._socket = self._answers = None


class _Client:
    def __init__(self, port: int, maker: Request) -> None:
        self._connection = Connection(port)
        self._maker = maker
        self.times: list[float] = []
        self.errors = 0

    def work(self, until: float) -> None:
        number = 0
        while (began := time.perf_counter()) < until:
            try:
                status, _ = self._connection.ask(self._maker(number))
            except OSError:
                self._connection.close()
                status = 0
            number += 1
            if 200 <= status < 300:
                self.times.append(time.perf_counter() - began)
            else:
                self.errors += 1
        self._connection.close()
