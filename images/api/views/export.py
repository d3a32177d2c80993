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
    """The caller's data: `manifest.json` and the original files.

    The manifest comes last, for it holds the checksums. It also names what could
    not be fetched, and what was taken down: of that there is no file.
    """

    throttle_classes = (ExportThrottle,)

    @extend_schema(
        summary="Download everything of one's own",
        responses={
            (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "A ZIP.")
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        user = cast(User, request.user)
        archive = export_archive(user, UserSerializer(user).data)
        response = StreamingHttpResponse(archive, content_type="application/zip")
        response["Content-Disposition"] = 'attachment; filename="export.zip"'
        response["Cache-Control"] = "no-store"
        return response
