"""Throttles: limits on how often requests may be made.

The rates are settings; see `mediabackend.settings.throttles`.
"""

import logging
import time
from typing import Any, ClassVar

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS, AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from mediabackend.http.body_limit import is_multipart
from mediabackend.http.client_ip import client_ip, ip_group
from mediabackend.telemetry.counters import THROTTLED

logger = logging.getLogger(__name__)

# How many seconds a process leaves the cache alone after it failed. A cache that hangs
# would otherwise slow each request down.
_PAUSE_SECONDS = 5.0


class Throttle(BaseThrottle):
    """A limit on the requests of one scope, by user or by IP address."""

    scope: ClassVar[str]
    # False: by IP address, also for requests of signed-in users.
    by_user: ClassVar[bool] = True
    # Until a refused request may be made again.
    seconds_left: int = 0

    def covers(self, method: str, view: Any) -> bool:
        """Return whether requests with this method are counted, for OpenAPI."""
        return True

    def counts(self, request: HttpRequest | Request, view: Any) -> bool:
        """Return whether this request is counted."""
        return self.covers(request.method or "", view)

    def allow_request(self, request: HttpRequest | Request, view: Any) -> bool:
        """Count the request if it is one that counts; False if there were too many."""
        return not self.counts(request, view) or self.admits(request)

    def admits(self, request: HttpRequest | Request) -> bool:
        """Count the request; False if there were too many in this window of time."""
        rate = settings.THROTTLE_RATES[self.scope]
        if rate is None:
            return True
        limit, window = rate
        now = int(time.time())
        self.seconds_left = window - now % window
        if _count(f"{self._key(request)}:{now // window}", window) <= limit:
            return True
        THROTTLED.labels(self.scope).inc()
        return False

    def wait(self) -> float | None:
        return self.seconds_left

    def _key(self, request: HttpRequest | Request) -> str:
        if self.by_user and request.user.is_authenticated:
            return f"throttle:{self.scope}:user:{request.user.pk}"
        return f"throttle:{self.scope}:ip:{ip_group(client_ip(request))}"


class _Pause:
    """The time until which this process leaves the cache alone."""

    until = 0.0


def _count(key: str, seconds: int) -> int:
    """Count one more, and return the number; 0 if the cache does not work.

    Then everything is allowed: a broken cache must not take the API down.
    """
    if time.monotonic() < _Pause.until:
        return 0
    try:
        cache.add(key, 0, timeout=seconds)
        return cache.incr(key)
    # Each backend has exceptions of its own.
    except Exception:
        _Pause.until = time.monotonic() + _PAUSE_SECONDS
        logger.warning("throttles: the cache does not work", exc_info=True)
        return 0


class SignupThrottle(Throttle):
    scope = "signup"
    by_user = False

    def covers(self, method: str, view: Any) -> bool:
        return method not in SAFE_METHODS


class LoginThrottle(Throttle):
    """Sign-ins and renewals of tokens."""

    scope = "login"
    by_user = False


class ResetThrottle(Throttle):
    """Requests that send a mail, use a link of a mail, or ask for the password again.

    The last so that nobody can guess a password with a stolen access token.
    """

    scope = "reset"


class ExportThrottle(Throttle):
    """Exports, each of which downloads all files of a user."""

    scope = "export"


class ReportThrottle(Throttle):
    scope = "report"


class UploadThrottle(Throttle):
    """Requests that store a file anew, or ask where to upload one."""

    scope = "upload"

    def covers(self, method: str, view: Any) -> bool:
        return method not in SAFE_METHODS

    def counts(self, request: HttpRequest | Request, view: Any) -> bool:
        # By content type: the body has not been read, and is not if this refuses.
        return request.method == "POST" or _is_multipart(request)

    def admits_move(self, request: Request, view: Any) -> bool:
        """Count a request that moves a file, unless it is counted as an upload."""
        return self.counts(request, view) or self.admits(request)


class CompletionThrottle(UploadThrottle):
    """Completions of uploads: as many as tickets, and counted separately."""

    def _key(self, request: HttpRequest | Request) -> str:
        return f"{super()._key(request)}:complete"


class WriteThrottle(Throttle):
    """Changes by signed-in users, but for forms with a file: those are uploads."""

    scope = "write"

    def covers(self, method: str, view: Any) -> bool:
        return method not in SAFE_METHODS and any(
            isinstance(permission, IsAuthenticated)
            for permission in view.get_permissions()
        )

    def counts(self, request: HttpRequest | Request, view: Any) -> bool:
        return (
            request.method not in SAFE_METHODS
            and request.user.is_authenticated
            and not _is_multipart(request)
        )


def _is_multipart(request: HttpRequest | Request) -> bool:
    return is_multipart(request.content_type or "")


class AnonymousReadThrottle(Throttle):
    """Reads without an account. Signed-in users are not counted."""

    scope = "anon"

    def covers(self, method: str, view: Any) -> bool:
        return method in SAFE_METHODS and any(
            isinstance(permission, AllowAny) for permission in view.get_permissions()
        )

    def counts(self, request: HttpRequest | Request, view: Any) -> bool:
        return request.method in SAFE_METHODS and not request.user.is_authenticated
