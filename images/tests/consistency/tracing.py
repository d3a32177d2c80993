"""Observe the steps of the project's code from outside.

A step is a point between two things that outlive the process: a statement, a
commit, a request to ImageKit. The product has no hooks for this; the tests wrap
what it calls.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import httpx
from django.db import connections

from imagekit_emulator.transport import InProcessTransport

OnStep = Callable[[str], None]


@contextmanager
def traced(on_step: OnStep) -> Iterator[None]:
    """Call `on_step` at each step of this thread's database and of ImageKit."""
    connection = connections["default"]
    commit = connection._commit

    def statement(execute: Any, sql: str, *args: Any) -> Any:
        on_step(f"before {sql[:60]}")
        result = execute(sql, *args)
        on_step(f"after {sql[:60]}")
        return result

    def traced_commit() -> None:
        on_step("before COMMIT")
        commit()
        on_step("after COMMIT")

    with (
        connection.execute_wrapper(statement),
        patch.object(connection, "_commit", traced_commit),
        traced_requests(on_step),
    ):
        yield


@contextmanager
def traced_requests(on_step: OnStep) -> Iterator[None]:
    """Call `on_step` before a request, after its work and after its answer."""
    original = InProcessTransport.handle_request

    def handle(self: InProcessTransport, request: httpx.Request) -> httpx.Response:
        name = f"{request.method} {request.url.path}"
        on_step(f"before {name}")
        response = original(self, request)
        on_step(f"after the work of {name}")
        content = response.read()
        response.close()
        on_step(f"after the answer of {name}")
        return httpx.Response(
            response.status_code, headers=response.headers, content=content
        )

    with patch.object(InProcessTransport, "handle_request", handle):
        yield
