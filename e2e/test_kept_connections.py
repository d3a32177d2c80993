"""Connections that are kept alive: their share of workers and threads."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import psutil
import pytest

from e2e.servers import Server
from scripts.waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.any_database]

CONNECTIONS = 16
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


def shares(server: Server) -> list[int]:
    """Open connections at once; return how many each worker has taken."""
    _, *workers = server.processes()
    port = urlsplit(server.url).port
    with opened(server, CONNECTIONS) as sockets:
        for one in sockets:
            ask(one)
        for one in sockets:
            hear(one)
        return [
            sum(
                one.laddr.port == port and one.status == psutil.CONN_ESTABLISHED
                for one in worker.net_connections("tcp")
            )
            for worker in workers
        ]


def test_connections_at_once__are_shared_by_the_workers(gunicorn: Server):
    # One worker may answer before the other has started.
    wait_for(lambda: min(shares(gunicorn)) > 0)
    smaller = [min(shares(gunicorn)) for _ in range(30)]
    # Each has about half. Otherwise every third time one of them has two or fewer.
    assert min(smaller) > 2, smaller


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
