"""Throttles for pages with forms, which are limited like their API endpoints."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from accounts.models.attempts import LockedOut
from mediabackend.api.throttles import (
    LoginThrottle,
    ResetThrottle,
    SignupThrottle,
    Throttle,
    WriteThrottle,
)
from mediabackend.http.error_responses import error_response

THROTTLES: dict[str, type[Throttle]] = {
    "admin:login": LoginThrottle,
    "admin:password_change": ResetThrottle,
    "rest_framework:login": LoginThrottle,
    "admin:second-factor": LoginThrottle,
    "admin:second-factor-setup": LoginThrottle,
    "ask-for-reset": ResetThrottle,
    "reset-password": ResetThrottle,
    "verify-email": ResetThrottle,
    "confirm-email": ResetThrottle,
    "sign-up": SignupThrottle,
    "end-session": WriteThrottle,
    "end-all-sessions": WriteThrottle,
}


class LoginPagesMiddleware(MiddlewareMixin):
    """Throttles the pages of THROTTLES, and answers 429 while a sign-in is locked."""

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if request.method != "POST" or not match or match.view_name not in THROTTLES:
            return None
        throttle = THROTTLES[match.view_name]()
        if throttle.allow_request(request, None):
            return None
        wait = throttle.seconds_left
        detail = f"Too many requests. Try again in {wait} seconds."
        return error_response(request, 429, "throttled", detail, retry_after=wait)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if isinstance(exception, LockedOut):
            code, detail, wait = "login_locked", str(exception), exception.retry_after
            return error_response(request, 429, code, detail, retry_after=wait)
        return None
