"""Counters of the calls, the memory and the statements of a function."""

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

# A message of the frontend (F) that runs a statement.
_STATEMENT = re.compile(r"F\t\d+\t(Query|Execute)\b")


def count_calls(run: Callable[[], object]) -> int:
    """Return the number of calls of Python functions, and of resumed generators.

    It counts this thread only: the requests start no other.
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
    """Return the largest growth of Python's memory, in bytes.

    Memory of C libraries, such as decoded pixels, is not counted.
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
    """Return the number of statements that reach the database, with BEGIN and COMMIT.

    The drivers are watched, as they send some statements of which Django does not know.
    Statements that open a connection are not counted. On PostgreSQL it needs Linux.
    """
    watch = _watch_sqlite if connection.vendor == "sqlite" else _watch_postgres
    seen: list[str] = []
    with watch(seen):
        run()
    return len(seen)


@contextmanager
def _watch_sqlite(seen: list[str]) -> Iterator[None]:
    def note(statement: str) -> None:
        # SQLite reports statements of triggers as comments.
        if not statement.startswith("--"):
            seen.append(statement)

    def attach(**kwargs: Any) -> None:
        connection.connection.set_trace_callback(note)

    with _each_connection(attach):
        yield
    # A new connection has no trace.
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
    """Call `attach` for the open connection, and for each that is opened."""
    if connection.connection is not None:
        attach()
    connection_created.connect(attach)
    try:
        yield
    finally:
        connection_created.disconnect(attach)
