"""The export of the caller's own data."""

import threading
from collections.abc import Iterator
from typing import Any, cast

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.profile import UserSerializer
from accounts.models import User
from images.services.export import export_archive
from mediabackend.api.throttles import ExportThrottle
from mediabackend.http.minimum_rate import guarded_chunks

# A process's exports at once: each takes a thread, and a connection to ImageKit.
_AT_ONCE = 4
_turns = threading.BoundedSemaphore(_AT_ONCE)


# Many programs that write clients for an API know only the second one.
_TYPES = ("application/zip", "application/octet-stream")
_ZIP = {"type": "string", "format": "binary"}


class TooManyExports(APIException):
    status_code = 503
    default_detail = "Too many exports are running. Try again in a minute."
    default_code = "too_many_exports"
    wait = 60


def _ending_turn(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield b"" and the chunks; the turn ends after them, or when Django closes this.

    Take the b"" at once: a generator that was never started skips its `finally`.
    """
    try:
        yield b""
        yield from chunks
    finally:
        _turns.release()


class AnyType(BaseContentNegotiation):
    """Takes every `Accept`: only errors are rendered, as JSON."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class ExportView(APIView):
    """A ZIP of the caller's data: `manifest.json` and the original files.

    The manifest comes last, as it holds the checksums. It also names the files that
    could not be fetched, and the images that were taken down, whose files are left out.
    """

    throttle_classes = (ExportThrottle,)
    content_negotiation_class = AnyType

    @extend_schema(
        operation_id="account.export",
        summary="Download all of your data",
        responses={(200, *_TYPES): OpenApiResponse(_ZIP, "A ZIP archive.")},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        user = cast(User, request.user)
        archive = export_archive(user, UserSerializer(user).data)
        if not _turns.acquire(blocking=False):
            raise TooManyExports
        chunks = _ending_turn(guarded_chunks(archive))
        next(chunks)
        response = StreamingHttpResponse(
            chunks,
            content_type=request._request.get_preferred_type(_TYPES) or _TYPES[0],
        )
        response["Content-Disposition"] = 'attachment; filename="export.zip"'
        return response
