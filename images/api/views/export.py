"""Downloads of all data of a user."""

from typing import cast

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.profile import UserSerializer
from accounts.models import User
from images.services.export import export_archive
from mediabackend.api.throttles import ExportThrottle


class ExportView(APIView):
    """A ZIP of the caller's data: `manifest.json` and the original files.

    The manifest has the checksums, so it is the last file. It also lists the images
    without a file: those that could not be fetched and those that were taken down.
    """

    throttle_classes = (ExportThrottle,)

    @extend_schema(
        summary="Download all data of the caller",
        responses={
            (200, "application/zip"): OpenApiResponse(
                OpenApiTypes.BINARY, "A ZIP archive."
            )
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        user = cast(User, request.user)
        archive = export_archive(user, UserSerializer(user).data)
        response = StreamingHttpResponse(archive, content_type="application/zip")
        response["Content-Disposition"] = 'attachment; filename="export.zip"'
        response["Cache-Control"] = "no-store"
        return response
