"""The limits of uploads, and the caller's usage."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from images.models import Format
from images.services.quota import used_bytes


class UploadLimitsSerializer(serializers.Serializer[Any]):
    """The limits of uploads, and what the caller uses."""

    max_bytes = serializers.IntegerField(help_text="The largest size of a file.")
    max_pixels = serializers.IntegerField(
        help_text="The largest number of pixels: width times height."
    )
    formats = serializers.ListField(child=serializers.ChoiceField(Format.choices))
    quota_bytes = serializers.IntegerField(
        allow_null=True,
        help_text="The largest size of all the caller's files together; null means "
        "no limit.",
    )
    used_bytes = serializers.IntegerField(
        help_text="The bytes that the caller's files take, with those that open upload "
        "tickets may still bring if there is a quota."
    )


class UploadLimitsView(APIView):
    """The limits, so that a client can refuse a file before it sends it."""

    @extend_schema(
        operation_id="uploads.getLimits",
        summary="Get the limits of uploads and the caller's usage",
        responses=UploadLimitsSerializer,
    )
    def get(self, request: Request) -> Response:
        limits = {
            "max_bytes": settings.UPLOAD_MAX_BYTES,
            "max_pixels": settings.UPLOAD_MAX_PIXELS,
            "formats": Format.values,
            "quota_bytes": settings.USER_QUOTA_BYTES or None,
            "used_bytes": used_bytes(request.user),
        }
        return Response(limits)
