"""Django's PostgreSQL backend, with what each request needs made cheaper."""

import select
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestamptzLoader

# As psycopg has it: the server plans anew for so many times.
_TIMES = 5


class _PreparedCursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        # Not for good: psycopg would keep the last hundred statements of all cursors,
        # some of them long, to count how often each comes.
        self.connection.prepare_threshold = _TIMES
        try:
            return super().execute(query, params, **options)
        finally:
            self.connection.prepare_threshold = None


class _Operations(DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        # psycopg does not say what was executed by the name of its plan.
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = _Operations
    _prepares = False

    def is_usable(self) -> bool:
        """Say whether the connection can be used again; CONN_HEALTH_CHECKS asks.

        By a look at its socket. The server says nothing between two statements: if
        there is something to read, it or the network has closed the connection, or
        it sends a notice. Only then it is asked, as Django would always do.
        """
        if self.connection is None or self.connection.closed:
            return False
        if self.connection.info.transaction_status != TransactionStatus.IDLE:
            # Somebody left it in the middle of something.
            return super().is_usable()
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0) or super().is_usable()

    def prepared_cursor(self) -> Any:
        """Return a cursor whose statements the server plans once, and keeps.

        Others put the values into the statement, which is a new one each time. Not
        the default: the server gives a parameter the type of its value, and what
        was compared with a literal then has another type, and no index.
        """
        self._prepares = True
        try:
            return self.cursor()
        finally:
            self._prepares = False

    def create_cursor(self, name: str | None = None) -> Any:
        if self._prepares:
            kind = _PreparedCursor if settings.PREPARED_STATEMENTS else psycopg.Cursor
            cursor = kind(self.connection)
            # In C. Django's loader, in Python, gives times the connection's zone,
            # which psycopg takes from the connection as well.
            cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
            return cursor
        return super().create_cursor(name)
