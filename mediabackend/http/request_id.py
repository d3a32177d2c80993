"""An id for each request, in its answer and in its log lines, with its client."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from mediabackend.http.client_ip import client_ip
from mediabackend.http.current_request import current_request, user_id_of

_current: ContextVar[str] = ContextVar("request_id", default="-")
# Other characters could forge log lines or headers.
_VALID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class RequestIDMiddleware:
    """Uses a valid `X-Request-ID` of the client, else makes an id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _VALID.fullmatch(given) else uuid.uuid4().hex
        _current.set(request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


@receiver(request_finished)
def forget_request_id(**kwargs: Any) -> None:
    """Forget the id at the very end, as Django logs errors after all middleware."""
    _current.set("-")


def current_request_id() -> str:
    """Return the id of the request that is being answered, or `-`."""
    return _current.get()


class RequestContextFilter(logging.Filter):
    """Adds `request_id`, `ip` and `user_id` to log records, or `-` for each."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = current_request_id()
        # Django logs errors after all middleware, and hands the request on.
        request = current_request() or getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            # Some lines are about an IP address of their own.
            record.ip = getattr(record, "ip", None) or client_ip(request) or "-"
            record.user_id = user_id_of(request)
        return True
