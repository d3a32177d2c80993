"""The official SDK's client, set up for us, and its errors made ours."""

import json
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

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


@dataclass(frozen=True)
class ClientOptions:
    """What a client is made from.

    `timeout` is the longest wait for the service, in seconds, at each step of
    a request; `connect_timeout` that for a connection. With one retry a hung
    service costs a caller twice that, which must stay below gunicorn's
    `timeout`. `transport` is the dotted path of a callable that returns the
    httpx transport to use instead of the network.

    Of a process's threads `max_concurrent` may talk to the service at a time. Others
    wait for their turn, for as long as the service answers: once it has not for
    `max_silence` seconds all of them are refused, and more at once. The end of a long
    queue is refused after half of that, unless calls have taken long of late. So a
    service that is slow is waited for, and one that hangs cannot take all the threads:
    keep one and a half times `max_concurrent` below gunicorn's `threads`.
    """

    private_key: str
    api_url: str | None = None
    transport: str | None = None
    timeout: float = 7.0
    connect_timeout: float = 3.0
    max_retries: int = 1
    max_concurrent: int = 8
    max_silence: float = 2.0


class Clients(NamedTuple):
    """The SDK's client, the HTTP client below it, for downloads, and their gate."""

    imagekit: "ImageKit"
    http: "httpx.Client"
    gate: "Gate"


class Gate:
    """Bounds how many threads are inside; others queue while it moves."""

    def __init__(self, inside: int, max_silence: float) -> None:
        self._free = self._places = inside
        self._max_silence = max_silence
        # As many as may stand in the queue for all of that time.
        self._patient = (inside + 1) // 2
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()
        # Seconds, of the calls that were answered last.
        self._took: deque[float] = deque(maxlen=4 * inside)
        # When the service has answered last, or was first asked after a rest.
        self._answered_at = 0.0

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Take a place, in the order of arrival.

        Raises StorageUnavailable when the service is silent for too long.
        """
        start = self._enter()
        answered = False
        try:
            yield
            answered = True
        except StorageUnavailable:
            raise
        except Exception:
            # A refusal is an answer.
            answered = True
            raise
        finally:
            self._leave(start, answered)

    def _enter(self) -> float:
        """Return when, by the monotonic clock, the place was taken."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                while not self._free or self._queue[0] is not ticket:
                    left = self._answered_at + self._patience(ticket) - time.monotonic()
                    if left <= 0:
                        raise StorageUnavailable("Too many requests wait for ImageKit.")
                    self._changed.wait(left)
                start = time.monotonic()
                if self._free == self._places:
                    self._answered_at = start
                self._free -= 1
                return start
            finally:
                self._queue.remove(ticket)
                # The next one may be able to go too.
                self._changed.notify_all()

    def _patience(self, ticket: object) -> float:
        """Return the seconds of silence after which this one gives up.

        The end of a long queue gives up early: its threads have others to answer.
        But a service whose calls took long before is slow, and not yet silent.
        """
        if self._queue.index(ticket) < self._patient:
            return self._max_silence
        slow = 4 * max(self._took, default=0.0)
        return min(self._max_silence, max(self._max_silence / 2, slow))

    def _leave(self, start: float, answered: bool) -> None:
        with self._changed:
            self._free += 1
            if answered:
                self._answered_at = time.monotonic()
                self._took.append(self._answered_at - start)
            self._changed.notify_all()


_clients: dict[tuple[int, ClientOptions], Clients] = {}
_lock = threading.Lock()


def get_clients(options: ClientOptions) -> Clients:
    """Return this process's clients, made at the first call.

    The connection pool must not cross a fork (parent and child would read each
    other's answers), so the process id is part of the key.
    """
    key = (os.getpid(), options)
    clients = _clients.get(key)
    if clients is None:
        with _lock:
            clients = _clients.get(key) or _clients.setdefault(key, _make(options))
    return clients


def _make(options: ClientOptions) -> Clients:
    # Imported here: it takes a third of a second, which `manage.py` commands
    # that never talk to ImageKit need not pay.
    import httpx
    from imagekitio import DefaultHttpxClient, ImageKit

    timeout = httpx.Timeout(options.timeout, connect=options.connect_timeout)
    transport: httpx.BaseTransport | None = None
    if options.transport:
        transport = import_string(options.transport)()
    http = DefaultHttpxClient(timeout=timeout, transport=transport)
    imagekit = ImageKit(
        private_key=options.private_key,
        # The documented empty password; the SDK would send a placeholder.
        password="",
        base_url=options.api_url,
        timeout=timeout,
        max_retries=options.max_retries,
        http_client=http,
    )
    gate = Gate(options.max_concurrent, options.max_silence)
    return Clients(imagekit, http, gate)


@contextmanager
def remote_call(options: ClientOptions, operation: str) -> Iterator[Clients]:
    """Give the clients for one call; `operation` names it in errors.

    Raises our typed errors, from the SDK's.
    """
    clients = get_clients(options)
    with clients.gate.entered(), _translated_errors(operation):
        yield clients


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
            f"{operation}: ImageKit limits our rate.",
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
        raise StorageUnavailable(f"{operation}: the answer is no JSON.") from error


def _reset_seconds(response: "httpx.Response") -> float | None:
    """Return the wait that `X-RateLimit-Reset` (in milliseconds) asks for."""
    try:
        return max(0.0, float(response.headers["x-ratelimit-reset"]) / 1000)
    except (KeyError, ValueError):
        return None


def _message(body: object) -> str:
    """Return the text of ImageKit's error body, cut to what a log line bears."""
    text = body.get("message", "") if isinstance(body, dict) else body
    return str(text)[:200]
