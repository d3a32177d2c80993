"""What one run of a function takes, counted."""

import re
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created
from psycopg import pq

# What a client sends (F) for a statement, in one message or in several.
_STATEMENT = re.compile(r"F\t\d+\t(Query|Execute)\b")


def count_calls(run: Callable[[], object]) -> int:
    """Return how many Python functions are called, generators that go on included.

    Only in this thread: the requests start no other.
    """
    calls = 0

    def count(frame: FrameType, event: str, arg: Any) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        run()
    finally:
        sys.setprofile(None)
    return calls


def count_memory(run: Callable[[], object]) -> int:
    """Return by how many bytes Python's memory grows at most.

    That of libraries in C, such as decoded pixels, is not in it.
    """
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        run()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak - before


def count_statements(run: Callable[[], object]) -> int:
    """Return how many statements reach the database, BEGIN and COMMIT included.

    The drivers tell: Django does not know of those that they send by themselves. What
    opens a new connection is not counted. On PostgreSQL it needs Linux.
    """
    watch = _watch_sqlite if connection.vendor == "sqlite" else _watch_postgres
    seen: list[str] = []
    with watch(seen):
        run()
    return len(seen)


@contextmanager
def _watch_sqlite(seen: list[str]) -> Iterator[None]:
    def note(statement: str) -> None:
        # A comment stands for what a trigger does.
        if not statement.startswith("--"):
            seen.append(statement)

    def attach(**kwargs: Any) -> None:
        connection.connection.set_trace_callback(note)

    with _each_connection(attach):
        yield
    # The next one has no trace.
    connection.close()


@contextmanager
def _watch_postgres(seen: list[str]) -> Iterator[None]:
    """Read libpq's log of its messages.

    https://www.postgresql.org/docs/current/libpq-control.html#LIBPQ-PQTRACE
    """
    with tempfile.TemporaryFile("w+") as log:
        watched: list[pq.abc.PGconn] = []

        def attach(**kwargs: Any) -> None:
            wire = connection.connection.pgconn
            wire.trace(log.fileno())
            wire.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
            watched.append(wire)

        with _each_connection(attach):
            yield
        for wire in watched:
            wire.untrace()
        log.seek(0)
        seen.extend(line for line in log if _STATEMENT.match(line))


@contextmanager
def _each_connection(attach: Callable[..., None]) -> Iterator[None]:
    """Attach to the connection that is open, and to those that are opened."""
    if connection.connection is not None:
        attach()
    connection_created.connect(attach)
    try:
        yield
    finally:
        connection_created.disconnect(attach)
