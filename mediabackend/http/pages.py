"""Middleware for pages. Requests with a token skip it."""

from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from whitenoise import middleware as whitenoise


def is_token_request(request: HttpRequest) -> bool:
    """Say whether this is a request to the API with a bearer token and no cookie."""
    meta = request.META
    return (
        request.path_info.startswith("/api/")
        and meta.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
        and not meta.get("HTTP_COOKIE")
    )


class _ForPages:
    """Skips the middleware for requests to the API with a token and no cookie.

    They have no session and no messages, and their user is the token's.
    """

    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_token_request(request):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class WhiteNoiseMiddleware(_ForPages, whitenoise.WhiteNoiseMiddleware):
    """Serves static files."""


class SessionMiddleware(_ForPages, sessions.SessionMiddleware):
    """Adds the session to requests."""


class AuthenticationMiddleware(_ForPages, auth.AuthenticationMiddleware):
    """Adds the session's user to requests."""


class MessageMiddleware(_ForPages, messages.MessageMiddleware):
    """Stores messages for the next page."""
