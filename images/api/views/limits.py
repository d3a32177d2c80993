"""What an upload may be, and how much room the caller has left."""

from typing import Any, cast

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from images.models import Format


class UploadLimitsSerializer(serializers.Serializer[Any]):
    max_bytes = serializers.IntegerField(help_text="Of one file.")
    max_pixels = serializers.IntegerField(help_text="Of one image: width times height.")
    formats = serializers.ListField(child=serializers.ChoiceField(Format.choices))
    quota_bytes = serializers.IntegerField(
        allow_null=True, help_text="Of all the caller's images; null is no limit."
    )
    used_bytes = serializers.IntegerField(help_text="Of the quota.")


class UploadLimitsView(APIView):
    """The limits, for a client that wants to say no before it sends a file."""

    @extend_schema(
        summary="The limits of uploads, and what is used",
        responses=UploadLimitsSerializer,
    )
    def get(self, request: Request) -> Response:
        limits = {
            "max_bytes": settings.UPLOAD_MAX_BYTES,
            "max_pixels": settings.UPLOAD_MAX_PIXELS,
            "formats": Format.values,
            "quota_bytes": settings.USER_QUOTA_BYTES or None,
            # Authentication has read it with the user.
            "used_bytes": cast(User, request.user).stored_bytes,
        }
        return Response(limits, headers={"Cache-Control": "private, no-cache"})
