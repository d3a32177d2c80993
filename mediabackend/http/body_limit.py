"""Limits on what a request may send, enforced while it arrives."""

import time
from collections.abc import Callable
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse

from mediabackend.http.error_responses import error_response

# What a multipart form may hold beside the file: its other fields and headers.
FORM_ALLOWANCE = 1024 * 1024
_CHUNK = 64 * 1024
_DISCARD_SECONDS = 2.0


def largest_body(content_type: str) -> int:
    """Return how many bytes a body of this `Content-Type` may have."""
    if content_type.lower().startswith("multipart/"):
        return settings.UPLOAD_MAX_BYTES + FORM_ALLOWANCE
    return settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class BodyLimitMiddleware:
    """Answer 413 to a body over the limit, by its declared length.

    Django reads no more than `Content-Length` bytes, so a declared length
    within the limit bounds memory and disk whatever the client sends. A body
    with no declared length would look empty to Django: 411 (RFC 9110, 15.5.12).
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
            # Refused before the body was read: the next request comes after it.
            _discard(request)
        return response


class FileTooBig(RequestDataTooBig):
    """One file has more bytes than UPLOAD_MAX_BYTES; `detail` is for the client."""

    def __init__(self) -> None:
        self.detail = _too_large_text(settings.UPLOAD_MAX_BYTES)
        super().__init__(self.detail)


class FileSizeLimitHandler(FileUploadHandler):
    """Stop the transfer once one file has more than `UPLOAD_MAX_BYTES`."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the chunk on; raises FileTooBig over the limit."""
        if start + len(raw_data) > settings.UPLOAD_MAX_BYTES:
            raise FileTooBig
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that follow."""


def _too_large_text(limit: int) -> str:
    return f"The upload is larger than the limit of {limit} bytes."


def _remove_temporary_files(request: HttpRequest) -> None:
    """Free the disk of an upload that failed while it arrived.

    Django leaves that to the garbage collector: a traceback may keep the file open.
    """
    if not request.META.get("CONTENT_TYPE", "").lower().startswith("multipart/"):
        return
    for handler in request.upload_handlers:
        # On a full disk, closing fails as well, and removes the file all the same.
        with suppress(OSError):
            handler.upload_interrupted()


def _discard(request: HttpRequest) -> None:
    """Read what is left of a refused body, for two seconds at most.

    Most clients look for the answer only when all is sent, and a connection
    can be used again only after that. A huge or slow body is cut off.
    """
    left = settings.UPLOAD_MAX_BYTES + FORM_ALLOWANCE
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
        # The client went away, or sends too slowly.
        return
    finally:
        if connection:
            connection.settimeout(patience)
    stream = request.META.get("wsgi.input")
    if isinstance(stream, LimitedStream):
        # The development server would read the rest into memory at the end.
        stream.limit = 0
