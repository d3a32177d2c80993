"""Sessions of PostgreSQL, as signs of life of the processes that they belong to."""

from django.db import connection
from django.db.models import Expression, Func, IntegerField, Value


def own_session() -> Expression:
    """Return, for a query, the number of the session that runs it; null on SQLite."""
    if connection.vendor != "postgresql":
        return Value(None, output_field=IntegerField())
    return Func(function="pg_backend_pid", output_field=IntegerField())


def has_ended(session: int | None) -> bool:
    """Say whether the session is over for sure: its process has died, or hung up.

    Behind a pooler that shares sessions it seldom is: they are the pooler's.
    """
    if session is None or connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)",
            [session],
        )
        return bool(cursor.fetchone()[0])
