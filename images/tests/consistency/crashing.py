"""Simulate a crash inside this process by an exception that only the test catches."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections

from images.tests.consistency.tracing import traced


class Crash(KeyboardInterrupt):
    """Ends the running code as a kill would: no `except Exception` catches it.

    A KeyboardInterrupt, as Django's task backends swallow all other exceptions.
    """


@contextmanager
def crashing_at(step: int | None) -> Iterator[None]:
    """Raise Crash at this step, if there are so many, and at each one after it.

    A killed process does nothing more: code that runs on the way out fails too, and
    the connection is closed.
    """
    seen = 0

    def on_step(name: str) -> None:
        nonlocal seen
        seen += 1
        if step is not None and seen >= step:
            if name == "before COMMIT":
                # The server rolls back for a killed process. Django would not do it
                # here, and on PostgreSQL would hide the crash behind an error.
                connections["default"].connection.rollback()
            raise Crash(name)

    try:
        with traced(on_step):
            yield
    except Crash:
        connections["default"].close()
        raise
