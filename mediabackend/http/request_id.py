"""One id per request, in its answer and in every log line."""

import logging
import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.core.signals import request_finished
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

_current: ContextVar[str] = ContextVar("request_id", default="-")
# Anything else could forge log lines or headers.
_SANE = re.compile(r"[A-Za-z0-9._-]{1,128}")


class RequestIDMiddleware:
    """Take `X-Request-ID` from the caller when it is sane, or make one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _SANE.fullmatch(given) else uuid.uuid4().hex
        _current.set(request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


@receiver(request_finished)
def forget_request_id(**kwargs: Any) -> None:
    """Reset at the very end: Django logs an error after all middleware."""
    _current.set("-")


class RequestIDFilter(logging.Filter):
    """Give each log record the id of the request that wrote it, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _current.get()
        return True
