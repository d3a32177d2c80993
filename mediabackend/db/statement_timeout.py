"""A limit on how long the statements of a web process may take, on PostgreSQL."""

from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created


def limit_statements() -> None:
    """Limit the statements of this process to STATEMENT_TIMEOUT seconds.

    For web processes: migrations and commands may take longer. The limit is set after
    connecting, as PgBouncer refuses it as a parameter of the connection.
    """
    connection_created.connect(_set_limit, dispatch_uid="statement_timeout")


def _set_limit(connection: Any, **kwargs: Any) -> None:
    if connection.vendor == "postgresql" and settings.STATEMENT_TIMEOUT:
        milliseconds = settings.STATEMENT_TIMEOUT * 1000
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {int(milliseconds)}")
