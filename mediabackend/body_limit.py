"""Limits on what a request may send, enforced while it arrives."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse

from mediabackend.errors import error_response

# What a multipart form may hold beside the file: its other fields and headers.
FORM_ALLOWANCE = 1024 * 1024
_CHUNK = 64 * 1024


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
            _discard(request, limit)
            return error_response(
                request, 413, "file_too_large", _too_large_text(limit)
            )
        response = self.get_response(request)
        if response.status_code == 413:
            # One file of the form was too large: the rest of the form is short.
            _discard(request, FORM_ALLOWANCE)
        return response


class FileSizeLimitHandler(FileUploadHandler):
    """Stop the transfer once one file has more than `UPLOAD_MAX_BYTES`."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the chunk on; raises RequestDataTooBig over the limit."""
        if start + len(raw_data) > settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig(_too_large_text(settings.UPLOAD_MAX_BYTES))
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that follow."""


def _too_large_text(limit: int) -> str:
    return f"The upload is larger than the limit of {limit} bytes."


def _discard(request: HttpRequest, limit: int) -> None:
    """Read up to `limit` bytes of a refused body.

    Most clients look for the answer only when all is sent, so a body that is
    a little too large is taken in full; a huge one is cut off.
    """
    left = limit
    while left > 0 and (chunk := request.read(min(_CHUNK, left))):
        left -= len(chunk)
    stream = request.META.get("wsgi.input")
    if isinstance(stream, LimitedStream):
        # The development server would read the rest into memory at the end.
        stream.limit = 0
