"""Fixtures of the consistency tests."""

from types import SimpleNamespace

import pytest
from imagekitio import _base_client


@pytest.fixture
def impatience(settings, monkeypatch):
    """Give up soon and retry at once, so that tests of faults are fast."""
    storages = {**settings.STORAGES}
    for alias in ("default", "private"):
        options = {**storages[alias]["OPTIONS"], "timeout": 0.02}
        storages[alias] = {**storages[alias], "OPTIONS": options}
    settings.STORAGES = storages
    monkeypatch.setattr(
        _base_client.BaseClient, "_calculate_retry_timeout", lambda *args: 0
    )
    # A reconcile waits for a rate limit to end.
    clock = SimpleNamespace(sleep=lambda seconds: None)
    monkeypatch.setattr("images.imagekit.listing.time", clock)
