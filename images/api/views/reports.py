"""Reporting an image."""

from typing import Any, cast

from django.db import IntegrityError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from images.models import Image, Report, Violation
from images.models.querysets import ImageQuerySet
from images.moderation.reports import report_image
from mediabackend.api.text import TextModelSerializer
from mediabackend.api.throttles import ReportThrottle


class OwnImage(PermissionDenied):
    default_detail = "This is your own image: delete it instead."
    default_code = "own_image"


class ReportSerializer(TextModelSerializer[Report]):
    reason = serializers.ChoiceField(choices=Violation.choices)

    class Meta:
        model = Report
        fields = ["id", "reason", "details", "created_at"]
        read_only_fields = ["id", "created_at"]
        extra_kwargs = {"details": {"multiline": True}}


class ReportView(GenericAPIView[Any]):
    """Report an image to the moderators."""

    serializer_class = ReportSerializer
    throttle_classes = (ReportThrottle,)
    error_statuses = {"POST": ["403"]}

    def get_queryset(self) -> ImageQuerySet:
        return Image.objects.visible_to(self.request.user)

    @extend_schema(
        summary="Report an image",
        responses={201: ReportSerializer, 200: ReportSerializer},
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Report the image: 201, and 200 with the first report when sent again."""
        image = self.get_object()
        user = cast(User, request.user)
        if image.owner_id == user.pk:
            raise OwnImage
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            report, new = report_image(
                image=image, by=user, **serializer.validated_data
            )
        except IntegrityError as error:
            # The reporter's account went meanwhile; the image is locked, and stays.
            raise NotAuthenticated from error
        code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
        return Response(self.get_serializer(report).data, code)
