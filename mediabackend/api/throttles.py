"""How often who may do what; the rates are settings, see `throttle_settings`."""

import logging
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from mediabackend.db.counters import CountersUnavailable, count
from mediabackend.http.client_ip import address_group, client_address

logger = logging.getLogger(__name__)


class Throttle(BaseThrottle):
    """A limit on the requests of one scope, by user or by address."""

    scope: ClassVar[str]
    # Where people are not signed in yet, or should not be, the address counts.
    by_user: ClassVar[bool] = True
    # Of the last request that was refused.
    seconds_left: int = 0

    def covers(self, method: str, view: Any) -> bool:
        """Say whether requests with this method are counted, for the document."""
        return True

    def counts(self, request: HttpRequest | Request, view: Any) -> bool:
        """Say whether this request is counted."""
        return self.covers(request.method or "", view)

    def allow_request(self, request: HttpRequest | Request, view: Any) -> bool:
        """Count the request; False when there were too many.

        Without Redis, where it keeps the counters, everything is allowed: it
        must not take the API down with it.
        """
        rate = settings.THROTTLE_RATES[self.scope]
        if rate is None or not self.counts(request, view):
            return True
        limit, seconds = rate
        try:
            counted = count(self._key(request), seconds)
        except CountersUnavailable:
            return True
        self.seconds_left = counted.seconds_left
        return counted.number <= limit

    def wait(self) -> float | None:
        return self.seconds_left

    def _key(self, request: HttpRequest | Request) -> str:
        if self.by_user and request.user.is_authenticated:
            return f"throttle:{self.scope}:user:{request.user.pk}"
        group = address_group(client_address(request))
        return f"throttle:{self.scope}:address:{group}"


class SignupThrottle(Throttle):
    scope = "signup"
    by_user = False


class LoginThrottle(Throttle):
    """Signing in and renewing tokens."""

    scope = "login"
    by_user = False


class ResetThrottle(Throttle):
    """Whatever sends a mail, the tokens from mails, and asks for a password again.

    The last so that a stolen access token is no way to guess the password.
    """

    scope = "reset"


class ExportThrottle(Throttle):
    """Downloads of everything, each of which fetches all of one's files."""

    scope = "export"


class ReportThrottle(Throttle):
    scope = "report"


class UploadThrottle(Throttle):
    """Requests that bring a file, or ask where to send one."""

    scope = "upload"

    def counts(self, request: HttpRequest | Request, view: Any) -> bool:
        # By its type: the body has not been read, and will not be if refused.
        return request.method == "POST" or (request.content_type or "").startswith(
            "multipart/"
        )


class CompletionThrottle(UploadThrottle):
    """The ends of uploads: as many as tickets, and counted apart from them."""

    def _key(self, request: HttpRequest | Request) -> str:
        return f"{super()._key(request)}:complete"


class AnonymousReadThrottle(Throttle):
    """Reading without an account. Who is signed in is not counted."""

    scope = "anon"

    def covers(self, method: str, view: Any) -> bool:
        return method in SAFE_METHODS and any(
            isinstance(permission, AllowAny) for permission in view.get_permissions()
        )

    def counts(self, request: HttpRequest | Request, view: Any) -> bool:
        return request.method in SAFE_METHODS and not request.user.is_authenticated
