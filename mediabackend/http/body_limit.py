"""Limits on the body of a request, enforced while it arrives."""

import time
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse

from mediabackend.http.error_responses import error_response

# Bytes of a multipart form besides the file: its other fields and headers.
FORM_ALLOWANCE = 1024 * 1024
_CHUNK = 64 * 1024
_DISCARD_SECONDS = 2.0


def largest_body(content_type: str) -> int:
    """Return the largest size in bytes of a body with this `Content-Type`."""
    if is_multipart(content_type):
        return largest_form()
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def largest_form() -> int:
    """Return the largest size in bytes of a form with a file."""
    return settings.UPLOAD_MAX_BYTES + FORM_ALLOWANCE


def is_multipart(content_type: str) -> bool:
    return content_type.lower().startswith("multipart/")


class BodyLimitMiddleware:
    """Answer 413 to a body whose `Content-Length` is over the limit.

    Django reads at most `Content-Length` bytes, so this also limits memory and disk. A
    body without a length would look empty to Django: 411 (RFC 9110, 15.5.12).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        declared = request.META.get("CONTENT_LENGTH") or ""
        if not declared and request.META.get("HTTP_TRANSFER_ENCODING"):
            return error_response(
                request, 411, "length_required", "A Content-Length is required."
            )
        limit = largest_body(request.META.get("CONTENT_TYPE", ""))
        if declared.isdecimal() and int(declared) > limit:
            _discard(request)
            return error_response(
                request, 413, "file_too_large", _too_large_text(limit)
            )
        response = self.get_response(request)
        if response.status_code >= 400:
            _remove_temporary_files(request)
            # The next request of the connection comes after the rest of the body.
            _discard(request)
        return response


class FormFileTooLarge(RequestDataTooBig):
    """A file of a form has more bytes than UPLOAD_MAX_BYTES; clients get the text."""


class FileSizeLimitHandler(FileUploadHandler):
    """Stops the upload when a file has more bytes than UPLOAD_MAX_BYTES."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the chunk on; raises FormFileTooLarge above the limit."""
        if start + len(raw_data) > settings.UPLOAD_MAX_BYTES:
            raise FormFileTooLarge(_too_large_text(settings.UPLOAD_MAX_BYTES))
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handlers."""


def _too_large_text(limit: int) -> str:
    return f"The upload is larger than the limit of {limit} bytes."


def _remove_temporary_files(request: HttpRequest) -> None:
    """Free the disk of an upload that failed while it arrived.

    Django leaves that to the garbage collector: a traceback may keep the file open.
    """
    if not is_multipart(request.META.get("CONTENT_TYPE", "")):
        return
    for handler in request.upload_handlers:
        # On a full disk, closing fails as well, and removes the file all the same.
        with suppress(OSError):
            handler.upload_interrupted()


def _discard(request: HttpRequest) -> None:
    """Read the rest of a refused body, for two seconds at most.

    Most clients read the answer only after they have sent everything, and only then can
    the connection be used again. A huge or slow body is cut off.
    """
    left = largest_form()
    deadline = time.monotonic() + _DISCARD_SECONDS
    connection = request.META.get("gunicorn.socket")
    patience = connection.gettimeout() if connection else None
    try:
        if connection:
            connection.settimeout(_DISCARD_SECONDS)
        while left > 0 and time.monotonic() < deadline:
            chunk = request.read(min(_CHUNK, left))
            if not chunk:
                return
            left -= len(chunk)
    except OSError:
        # The client has gone, or sends too slowly.
        return
    finally:
        if connection:
            connection.settimeout(patience)
    stream = request.META.get("wsgi.input")
    if isinstance(stream, LimitedStream):
        # The development server would read the rest into memory at the end.
        stream.limit = 0
