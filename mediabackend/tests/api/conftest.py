"""Fixtures of the tests of throttles."""

from dataclasses import dataclass

import pytest

from mediabackend.api import throttles


@dataclass
class Clock:
    """Stands in for Python's `time`."""

    now: float

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def limit(settings):
    """Set the rate of a scope: so many a minute."""

    def set_rate(scope: str, number: int) -> None:
        settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, scope: (number, 60)}

    return set_rate


@pytest.fixture
def clock(monkeypatch) -> Clock:
    """Stop the clock, 20 seconds into a minute."""
    clock = Clock(1_800_000_020)
    monkeypatch.setattr(throttles, "time", clock)
    return clock


def assert_throttled(response) -> None:
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    body = response.json()
    assert body["type"] == "client_error"
    assert [error["code"] for error in body["errors"]] == ["throttled"]
    assert body["errors"][0]["attr"] is None


def sign_in(client, **extra):
    body = {"email": "nobody@example.com", "password": "x"}
    return client.post("/api/v1/auth/token/", body, **extra)
