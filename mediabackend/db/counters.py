"""Counters that all processes and hosts share, for throttles and the lockout.

Each count is one atomic step: reading a number and writing it back one higher
loses counts as soon as two requests meet (encode/django-rest-framework#5181).
They are kept in Redis when CACHE_URL names one, else in the database.
"""

import functools
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import redis
from django.conf import settings
from django.core.cache import caches
from django.db import connection

from mediabackend.models import Counter

logger = logging.getLogger(__name__)

# A counter is worth less than an answer: Redis gets this long, in seconds, and
# is left alone for a while after it failed.
_REDIS_TIMEOUT = 0.5
_REDIS_PAUSE = 5.0

_REDIS_SCRIPT = """
local number = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 or number == tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {number, left}
"""

_UPSERT = """
INSERT INTO mediabackend_counter AS counter (key, number, ends_at)
VALUES (%(key)s, 1, %(end)s)
ON CONFLICT (key) DO UPDATE SET
  number = CASE WHEN counter.ends_at <= %(now)s THEN 1
                ELSE counter.number + 1 END,
  ends_at = CASE WHEN counter.ends_at <= %(now)s
                   OR counter.number + 1 = %(restart_at)s THEN %(end)s
                 ELSE counter.ends_at END
RETURNING number, ends_at
"""


class CountersUnavailable(Exception):
    """Redis keeps the counters, and does not answer."""


@dataclass(frozen=True)
class Count:
    """How many there were in this window, this one included."""

    number: int
    seconds_left: int


def count(
    key: str, window_seconds: int, *, restart_at: int = 0, durable: bool = False
) -> Count:
    """Count one more under `key`, in a window that begins with its first.

    The window begins anew when the number gets to `restart_at`. Raises
    CountersUnavailable when Redis is down; a `durable` count goes to the
    database then.
    """
    if uses_redis():
        try:
            return _count_in_redis(key, window_seconds, restart_at)
        except CountersUnavailable:
            if not durable:
                raise
    return _count_in_database(key, window_seconds, restart_at)


def forget(*keys: str, everywhere: bool = False) -> None:
    """Set counters back to nothing.

    `everywhere`: also what went to the database while Redis was down.
    """
    in_redis = False
    if uses_redis() and keys:
        with suppress(CountersUnavailable), _redis() as client:
            client.delete(*map(_redis_key, keys))
            in_redis = True
    if everywhere or not in_redis:
        Counter.objects.filter(key__in=keys).delete()


def forget_expired() -> int:
    """Delete the rows whose window has ended; returns how many."""
    return Counter.objects.filter(ends_at__lte=_now()).delete()[0]


def uses_redis() -> bool:
    return settings.CACHES["default"]["BACKEND"].endswith(".RedisCache")


def _count_in_database(key: str, window_seconds: int, restart_at: int) -> Count:
    now = _now()
    values: dict[str, str | int] = {
        "key": key,
        "now": now,
        "end": now + window_seconds * 1000,
        "restart_at": restart_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, values)
        number, ends_at = cursor.fetchone()
    return Count(number, _seconds(ends_at - now))


def _count_in_redis(key: str, window_seconds: int, restart_at: int) -> Count:
    values = (_redis_key(key), str(window_seconds * 1000), str(restart_at))
    with _redis() as client:
        answer: Any = client.eval(_REDIS_SCRIPT, 1, *values)
    number, left = answer
    return Count(number, _seconds(left))


class Pause:
    """Until when this process leaves Redis alone."""

    until = 0.0


_pause = Pause()


def _now() -> int:
    return int(time.time() * 1000)


def _seconds(milliseconds: int) -> int:
    """Round up: after that many seconds the window has ended."""
    return max(1, -(-milliseconds // 1000))


def _redis_key(key: str) -> str:
    # With the prefix that keeps two installations on one Redis apart.
    return caches["default"].make_key(f"count:{key}")


@contextmanager
def _redis() -> Iterator[redis.Redis]:
    """Give a client; raises CountersUnavailable when it fails, or just did."""
    if time.monotonic() < _pause.until:
        raise CountersUnavailable
    location = settings.CACHES["default"]["LOCATION"]
    try:
        # Of several servers, Django's cache writes to the first.
        yield _connect(location if isinstance(location, str) else location[0])
    except redis.RedisError as error:
        _pause.until = time.monotonic() + _REDIS_PAUSE
        logger.warning("counters: Redis does not answer: %s", error)
        raise CountersUnavailable from error


@functools.cache
def _connect(url: str) -> redis.Redis:
    # A pool of our own: Django's cache offers no script and no short time-out.
    return redis.Redis.from_url(
        url, socket_timeout=_REDIS_TIMEOUT, socket_connect_timeout=_REDIS_TIMEOUT
    )
