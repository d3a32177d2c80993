"""The request that is being answered, its id, and both in log lines."""

import logging
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from mediabackend.http.client_ip import client_ip

_current: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)
# Variables of the request, in which the server's access log finds these ids too.
REQUEST_ID = "mediabackend.request_id"
USER_ID = "mediabackend.user_id"
# Other characters could forge log lines or headers.
_VALID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class CurrentRequestMiddleware:
    """Makes each request the current one, with an id, and notes whose it was.

    The id is a valid `X-Request-ID` of the client, or else a new one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _VALID.fullmatch(given) else uuid.uuid4().hex
        request.META[REQUEST_ID] = request_id
        _current.set(request)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        request.META[USER_ID] = user_id_of(request)
        return response


@receiver(request_finished)
def forget_request(**kwargs: Any) -> None:
    """Forget the request at the very end: Django logs errors after all middleware."""
    _current.set(None)


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """Make this the current request."""
    token = _current.set(request)
    try:
        yield
    finally:
        _current.reset(token)


def current_request() -> HttpRequest | None:
    """Return the request that is being answered; None in commands and tasks."""
    return _current.get()


def user_id_of(request: HttpRequest) -> str:
    """Return the id of the user, as far as it has been found out, or `-`."""
    user = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        # Looking at it would read the session and the user from the database.
        user = request.__dict__.get("_cached_user")
    return str(getattr(user, "pk", None) or "-")


class RequestContextFilter(logging.Filter):
    """Adds `request_id`, `ip` and `user_id` to log records of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        if request := current_request():
            record.request_id = request.META.get(REQUEST_ID, "-")
            # Some lines are about an IP address of their own.
            record.ip = getattr(record, "ip", None) or client_ip(request) or "-"
            record.user_id = user_id_of(request)
        return True
