"""The export of the caller's own data."""

import threading
from collections.abc import Iterator
from typing import cast

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import APIException
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


class TooManyExports(APIException):
    status_code = 503
    default_detail = "Too many exports are running. Try again in a minute."
    default_code = "too_many_exports"
    wait = 60


class _Turn:
    """Chunks of an answer; Django closes them at its end, which ends the turn."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        if self._open:
            self._open = False
            _turns.release()


class ExportView(APIView):
    """A ZIP of the caller's data: `manifest.json` and the original files.

    The manifest comes last, as it holds the checksums. It also names the files that
    could not be fetched, and the images that were taken down, whose files are left out.
    """

    throttle_classes = (ExportThrottle,)

    @extend_schema(
        summary="Download all of your data",
        responses={
            (200, "application/zip"): OpenApiResponse(
                OpenApiTypes.BINARY, "A ZIP archive."
            )
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        user = cast(User, request.user)
        archive = export_archive(user, UserSerializer(user).data)
        if not _turns.acquire(blocking=False):
            raise TooManyExports
        response = StreamingHttpResponse(
            _Turn(guarded_chunks(archive)), content_type="application/zip"
        )
        response["Content-Disposition"] = 'attachment; filename="export.zip"'
        return response
