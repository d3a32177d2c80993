"""Counters of the calls of ImageKit, which its storage reports by signals."""

from typing import Any

from django.dispatch import receiver

from images.imagekit.client import call_ended, call_refused, queue_changed
from images.imagekit.errors import (
    StorageFileNotFound,
    StorageRateLimited,
    StorageRejected,
    StorageUnavailable,
)
from mediabackend.telemetry.counters import (
    IMAGEKIT_CALLS,
    IMAGEKIT_REFUSED,
    IMAGEKIT_SECONDS,
    IMAGEKIT_WAITING,
)

# The first class that the error is an instance of counts.
_RESULTS = {
    type(None): "ok",
    StorageFileNotFound: "not_found",
    StorageRateLimited: "rate_limited",
    StorageRejected: "rejected",
    StorageUnavailable: "unavailable",
}


@receiver(call_ended, dispatch_uid="count_imagekit_call")
def count_call(
    operation: str, seconds: float, error: BaseException | None, **kwargs: Any
) -> None:
    found = (name for kind, name in _RESULTS.items() if isinstance(error, kind))
    IMAGEKIT_CALLS.labels(operation, next(found, "interrupted")).inc()
    IMAGEKIT_SECONDS.labels(operation).observe(seconds)


@receiver(queue_changed, dispatch_uid="count_imagekit_queue")
def count_waiting(change: int, **kwargs: Any) -> None:
    IMAGEKIT_WAITING.inc(change)


@receiver(call_refused, dispatch_uid="count_imagekit_refusal")
def count_refusal(**kwargs: Any) -> None:
    IMAGEKIT_REFUSED.inc()
