"""Counters for Prometheus. docs/monitoring.md describes each.

No label has the id of a person, and each has few values: every combination is a series
of its own.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

# A series more for each, that nobody asks for.
disable_created_metrics()

# Those of this process. With several processes, each writes to files; see
# `mediabackend.site.metrics`.
REGISTRY = CollectorRegistry()
# In seconds. A profile takes less than a millisecond, ImageKit up to 14 s.
_DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def _counter(name: str, text: str, *labels: str) -> Counter:
    return Counter(f"mediabackend_{name}", text, labels, registry=REGISTRY)


def _histogram(name: str, text: str, *labels: str) -> Histogram:
    return Histogram(
        f"mediabackend_{name}", text, labels, registry=REGISTRY, buckets=_DURATIONS
    )


REQUESTS = _counter(
    "requests", "Requests that were answered.", "method", "route", "status"
)
REQUEST_SECONDS = _histogram(
    "request_duration_seconds", "Time until an answer begins.", "method", "route"
)
THROTTLED = _counter("throttled_requests", "Requests over a rate limit.", "scope")
SIGN_INS = _counter("sign_ins", "Checks of a password or code to sign in.", "result")
RENEWALS = _counter("token_renewals", "Uses of refresh tokens.", "result")
UPLOADS = _counter("uploads", "Files that were stored at ImageKit.", "via")
UPLOADED_BYTES = _counter("uploaded_bytes", "Bytes of these files.", "via")
IMAGEKIT_CALLS = _counter("imagekit_calls", "Calls of ImageKit.", "operation", "result")
IMAGEKIT_SECONDS = _histogram(
    "imagekit_call_duration_seconds",
    "Time of calls of ImageKit, without the wait for a place.",
    "operation",
)
IMAGEKIT_WAITING = Gauge(
    "mediabackend_imagekit_waiting_calls",
    "Calls that wait for a place, because the others of their process are running.",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
IMAGEKIT_REFUSED = _counter(
    "imagekit_refused_calls", "Calls that gave up waiting, because ImageKit was silent."
)

# Alerts see the first event only if there was a zero before.
for _result in ("granted", "wrong_password", "inactive", "locked", "wrong_code"):
    SIGN_INS.labels(_result)
for _result in ("renewed", "ended", "reused"):
    RENEWALS.labels(_result)
for _via in ("server", "direct"):
    UPLOADS.labels(_via)
    UPLOADED_BYTES.labels(_via)


def count_upload(via: str, size: int) -> None:
    """Count a file that has arrived, `via` the server or direct."""
    UPLOADS.labels(via).inc()
    UPLOADED_BYTES.labels(via).inc(size)
