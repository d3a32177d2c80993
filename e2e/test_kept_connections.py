"""Connections that are kept alive do not keep the threads."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from e2e.servers import Server

pytestmark = [pytest.mark.e2e, pytest.mark.any_database]

# Of both workers.
THREADS = 32


@contextmanager
def opened(server: Server, number: int) -> Iterator[list[socket.socket]]:
    parts = urlsplit(server.url)
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                socket.create_connection((parts.hostname, parts.port), 10)
            )
            for _ in range(number)
        ]


def ask(connection: socket.socket) -> None:
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


def hear(connection: socket.socket) -> None:
    answer = b""
    while not answer.endswith(b"}"):
        piece = connection.recv(4096)
        assert piece, answer
        answer += piece
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'{"status": "ok"' in answer


def test_connections_that_are_always_busy__leave_threads_to_others(gunicorn: Server):
    done = threading.Event()

    def keep_busy(connection: socket.socket) -> int:
        answers = 0
        while not done.is_set():
            ask(connection)
            hear(connection)
            answers += 1
        return answers

    number = 2 * THREADS
    with opened(gunicorn, number) as sockets, ThreadPoolExecutor(number) as pool:
        busy = [pool.submit(keep_busy, one) for one in sockets]
        try:
            for _ in range(20):
                with opened(gunicorn, 1) as [another]:
                    ask(another)
                    hear(another)
        finally:
            done.set()
        assert min(one.result() for one in busy) > 1
