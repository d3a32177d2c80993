"""System checks of a deployment: the database, and the token for metrics."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

from mediabackend.settings.secrets import weakness

_TOKEN_LENGTH = 32


@register(Tags.security, deploy=True)
def check_database(**kwargs: Any) -> Iterator[CheckMessage]:
    """W001: SQLite in production."""
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        yield Warning(
            "The database is SQLite: one request at a time can write, and only "
            "processes on this machine can use it.",
            hint="Set DATABASE_URL to a PostgreSQL server.",
            id="mediabackend.W001",
        )


@register(Tags.security, deploy=True)
def check_metrics_token(**kwargs: Any) -> Iterator[CheckMessage]:
    """W002: the token for metrics can be guessed."""
    token = settings.METRICS_TOKEN
    if problem := token and weakness(token, _TOKEN_LENGTH):
        yield Warning(
            f"METRICS_TOKEN {problem}.",
            hint="A good one comes from "
            "`python -c 'import secrets; print(secrets.token_urlsafe(32))'`.",
            id="mediabackend.W002",
        )
