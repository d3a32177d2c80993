"""Wait for other threads and processes."""

import time
from collections.abc import Callable

PATIENCE = 30.0


def wait_for(condition: Callable[[], object]) -> None:
    """Return when the condition is true; fail if that takes too long."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"Still false after {PATIENCE} s."
        time.sleep(0.05)
