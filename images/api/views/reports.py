"""Reports of images."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from images.api.permissions import IsNotOwner
from images.models import Image, Report, Violation
from images.models.querysets import ImageQuerySet
from images.moderation.reports import report_image
from mediabackend.api.text import TextModelSerializer
from mediabackend.api.throttles import ReportThrottle, WriteThrottle


class ReportSerializer(TextModelSerializer[Report]):
    """A report of an image to the moderators."""

    request_name = "NewReport"
    reason = serializers.ChoiceField(choices=Violation.choices)

    class Meta:
        model = Report
        fields = ["id", "reason", "details", "created_at"]
        extra_kwargs = {"details": {"multiline": True}}


class ReportView(GenericAPIView[Any]):
    """Report an image to the moderators."""

    permission_classes = (IsAuthenticated, IsNotOwner)
    serializer_class = ReportSerializer
    throttle_classes = (ReportThrottle, WriteThrottle)

    def get_queryset(self) -> ImageQuerySet:
        return Image.objects.visible_to(self.request.user)

    @extend_schema(
        operation_id="images.report",
        summary="Report an image",
        responses={201: ReportSerializer, 200: ReportSerializer},
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Report an image: 201, or 200 with the caller's first report of it."""
        image = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        report, new = report_image(
            image=image, by=cast(User, request.user), **serializer.validated_data
        )
        return Response(self.get_serializer(report).data, 201 if new else 200)
