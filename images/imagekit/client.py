"""The client of the official SDK, with time-outs, a gate and typed errors."""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.dispatch import Signal
from django.utils.module_loading import import_string

from images.imagekit.errors import (
    StorageFileNotFound,
    StorageRateLimited,
    StorageRejected,
    StorageUnavailable,
)

if TYPE_CHECKING:
    import httpx
    from imagekitio import ImageKit

# Signals, for counters.
# A call has ended. Arguments: `operation`, `seconds`, and `error`, a StorageError or
# another exception, or None.
call_ended = Signal()
# One more thread waits for a place, or one less: `change` is 1 or -1.
queue_changed = Signal()
# A call was not made, because ImageKit has been silent.
call_refused = Signal()

# Bytes; httpx reads as much of a file at a time (`FileField.CHUNK_SIZE`).
_SHORT_BODY = 64 * 1024


@dataclass(frozen=True)
class ClientOptions:
    """The options of a client; `images.imagekit.storage` describes them.

    A service that hangs holds `max_concurrent` threads for `timeout` times
    `max_retries + 1` seconds. That must be shorter than the web server's time-out.
    """

    private_key: str
    api_url: str | None = None
    transport: str | None = None
    timeout: float = 7.0
    connect_timeout: float = 3.0
    max_retries: int = 1
    max_concurrent: int = 12
    max_silence: float = 2.0


class Clients(NamedTuple):
    """The SDK's client, the HTTP client that it uses, and the gate before both."""

    imagekit: "ImageKit"
    http: "httpx.Client"
    gate: "Gate"


class Gate:
    """Let a few threads at a time talk to ImageKit; the others wait.

    A connection pool of this size with a time-out is not enough: each request would
    wait for all of that time, so a service that hangs would soon hold every thread.
    The gate refuses at once while ImageKit is silent, and waits while it answers.
    """

    def __init__(self, places: int, max_silence: float) -> None:
        self._places = self._free = places
        self._max_silence = max_silence
        self._changed = threading.Condition()
        # The time of the last answer, or of the first request after a rest.
        self._answered_at = 0.0

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Take a place; raises StorageUnavailable when ImageKit has been silent."""
        with self._changed:
            if not self._free:
                self._wait_for_a_place()
            if self._free == self._places:
                self._answered_at = time.monotonic()
            self._free -= 1
        answered = True
        try:
            yield
        except StorageUnavailable:
            # Any other error is an answer too.
            answered = False
            raise
        finally:
            with self._changed:
                self._free += 1
                if answered:
                    self._answered_at = time.monotonic()
                self._changed.notify()

    def _wait_for_a_place(self) -> None:
        queue_changed.send_robust(Gate, change=1)
        try:
            while not self._free:
                left = self._answered_at + self._max_silence - time.monotonic()
                if left <= 0:
                    call_refused.send_robust(Gate)
                    raise StorageUnavailable("Too many requests wait for ImageKit.")
                self._changed.wait(left)
        finally:
            queue_changed.send_robust(Gate, change=-1)


_clients: dict[tuple[int, ClientOptions], Clients] = {}
_lock = threading.Lock()


def get_clients(options: ClientOptions) -> Clients:
    """Return the clients of this process; the first call makes them.

    The key contains the process id: after a fork, parent and child would read each
    other's answers from one connection pool.
    """
    key = (os.getpid(), options)
    clients = _clients.get(key)
    if clients is None:
        with _lock:
            clients = _clients.get(key) or _clients.setdefault(key, _make(options))
    return clients


def _make(options: ClientOptions) -> Clients:
    # Imported here because it takes a third of a second, and most `manage.py`
    # commands never talk to ImageKit.
    import httpx
    from imagekitio import DefaultHttpxClient, ImageKit

    timeout = httpx.Timeout(options.timeout, connect=options.connect_timeout)
    transport = import_string(options.transport)() if options.transport else None
    http = DefaultHttpxClient(
        timeout=timeout,
        transport=transport,
        event_hooks={"request": [_join_short_body]},
    )
    imagekit = ImageKit(
        private_key=options.private_key,
        # ImageKit documents an empty password; the SDK would send a placeholder.
        password="",
        base_url=options.api_url,
        timeout=timeout,
        max_retries=options.max_retries,
        http_client=http,
    )
    gate = Gate(options.max_concurrent, options.max_silence)
    return Clients(imagekit, http, gate)


def _join_short_body(request: "httpx.Request") -> None:
    """Send a short form in one piece: otherwise it is sent in two dozen packets."""
    length = request.headers.get("Content-Length")
    if length is not None and int(length) <= _SHORT_BODY:
        request.read()


@contextmanager
def remote_call(options: ClientOptions, operation: str) -> Iterator[Clients]:
    """Lend the clients for one call; `operation` names the call in errors.

    Errors of the SDK are raised as StorageError. Sends `call_ended` at the end.
    """
    clients = get_clients(options)
    with clients.gate.entered():
        before = time.monotonic()
        error: BaseException | None = None
        try:
            with _translated_errors(operation):
                yield clients
        except BaseException as raised:
            error = raised
            raise
        finally:
            seconds = time.monotonic() - before
            facts = {"operation": operation, "seconds": seconds, "error": error}
            call_ended.send_robust(None, **facts)


@contextmanager
def _translated_errors(operation: str) -> Iterator[None]:
    import httpx
    import imagekitio

    try:
        yield
    except imagekitio.NotFoundError as error:
        raise StorageFileNotFound(f"{operation}: no such file.") from error
    except imagekitio.RateLimitError as error:
        raise StorageRateLimited(
            f"{operation}: ImageKit limits the rate of requests.",
            retry_after=_reset_seconds(error.response),
        ) from error
    except imagekitio.APIStatusError as error:
        status = error.status_code
        text = f"{operation}: ImageKit answered {status}: {_message(error.body)}"
        if status >= 500 or status == 408:
            raise StorageUnavailable(text) from error
        raise StorageRejected(text) from error
    except (imagekitio.APIConnectionError, httpx.HTTPError) as error:
        raise StorageUnavailable(f"{operation}: no answer ({error!r}).") from error
    except json.JSONDecodeError as error:
        raise StorageUnavailable(f"{operation}: the answer is not JSON.") from error


def _reset_seconds(response: "httpx.Response") -> float | None:
    """Return the wait that `X-RateLimit-Reset` (in milliseconds) asks for."""
    try:
        return float(response.headers["x-ratelimit-reset"]) / 1000
    except (KeyError, ValueError):
        return None


def _message(body: object) -> str:
    """Return the text of an error body, cut to fit a log line."""
    text = body.get("message", "") if isinstance(body, dict) else body
    return str(text)[:200]
