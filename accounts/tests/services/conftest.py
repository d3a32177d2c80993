"""Fixtures of the tests of services."""

import pytest

LIMIT = 3
MINUTES = 15


@pytest.fixture
def lockout(settings) -> None:
    """Lock the sign-ins from a network after `LIMIT` failures."""
    settings.LOCKOUT_FAILURES = LIMIT
    settings.LOCKOUT_MINUTES = MINUTES


def by_token(client, email: str, password: str, **extra):
    body = {"email": email, "password": password}
    return client.post("/api/v1/auth/token/", body, format="json", **extra)


def fail(client, email: str = "ann@example.com", **extra) -> int:
    return by_token(client, email, "wrong", **extra).status_code
