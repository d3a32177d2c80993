"""Waiting for what other threads and processes do."""

import time
from collections.abc import Callable

PATIENCE = 30.0


def wait_for(condition: Callable[[], object]) -> None:
    """Return when the condition holds; fails when it does not in time."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "It did not come true."
        time.sleep(0.05)
