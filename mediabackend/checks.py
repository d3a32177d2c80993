"""System checks: the database, the token for metrics, and the receiver of events."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from mediabackend.settings.secrets import weakness

_TOKEN_LENGTH = 32
# Standard Webhooks, "Signature scheme": 24 to 64 random bytes.
_SECRET_BYTES = range(24, 65)


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


@register(Tags.urls)
def check_events(**kwargs: Any) -> Iterator[CheckMessage]:
    """E001: the secret cannot sign. E002: the URL cannot be used."""
    if not settings.EVENTS_URL:
        return
    if not _is_secret(settings.EVENTS_SECRET):
        yield Error(
            "EVENTS_URL is set, but EVENTS_SECRET is not a secret that can sign.",
            hint="Set it to whsec_ and the Base64 of 24 to 64 random bytes: "
            "python -c 'import base64, secrets; "
            'print("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())\'',
            id="events.E001",
        )
    if problem := _problem(settings.EVENTS_URL):
        yield Error(
            f"EVENTS_URL {problem}.",
            hint="Set it to a URL such as https://app.example.com/media-events. "
            "EVENTS_ALLOW_PRIVATE=true allows http:// and private IPs.",
            id="events.E002",
        )


def _is_secret(text: str) -> bool:
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        return False
    return text.startswith("whsec_") and len(key) in _SECRET_BYTES


def _problem(url: str) -> str:
    """Return what is wrong with the URL, or an empty text."""
    schemes = ("https", "http") if settings.EVENTS_ALLOW_PRIVATE else ("https",)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme not in schemes:
        return f"does not begin with {' or '.join(f'{s}://' for s in schemes)}"
    if not parts.hostname or port == 0 or not url.isascii() or " " in url:
        return "is not a URL in ASCII with a host"
    if parts.username is not None or parts.fragment:
        return "has a user name, a password or a fragment, which are not sent"
    return ""
