"""The limits of uploads, and direct uploads: a ticket, then its completion."""

from typing import Any, ClassVar, cast

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from accounts.models import User
from images.api.permissions import MayUpload
from images.api.serializers import TEXTS, ImageSerializer
from images.models import Format, Image, UploadTicket
from images.screening.inspection import ACCEPTED
from images.services.arrivals import FileTooLarge
from images.services.direct_upload import complete_ticket, create_ticket
from images.services.quota import used_bytes
from mediabackend.api.openapi import LOCATION
from mediabackend.api.text import TextField, TextModelSerializer
from mediabackend.api.throttles import (
    CompletionThrottle,
    UploadThrottle,
    WriteThrottle,
)


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


class TicketRequestSerializer(TextModelSerializer[Image]):
    """The file that will be sent, and the texts of its image."""

    filename = TextField(
        max_length=255,
        help_text="The file's name on the client. It is stored under another name.",
    )
    size = serializers.IntegerField(
        min_value=1,
        help_text="The file's size in bytes. ImageKit refuses a larger file.",
    )
    content_type = TextField(
        max_length=255,
        help_text="image/jpeg, image/png, image/webp, image/gif, image/heic, "
        "image/heif or image/avif. ImageKit refuses a file of another type.",
    )

    class Meta:
        model = Image
        fields = [
            "filename",
            "size",
            "content_type",
            "caption",
            "alt_text",
            "visibility",
        ]
        extra_kwargs = TEXTS

    def validate_size(self, size: int) -> int:
        if size > settings.UPLOAD_MAX_BYTES:
            raise FileTooLarge
        return size

    def validate_content_type(self, text: str) -> Format:
        """Return the format; parameters, as in `image/png; x=y`, are ignored."""
        kind, _, name = text.partition(";")[0].strip().lower().partition("/")
        name = "heic" if name == "heif" else name
        if kind != "image" or name not in Format.values:
            raise serializers.ValidationError(ACCEPTED, "invalid_image")
        return Format(name)


class UploadFormSerializer(serializers.Serializer[Any]):
    """The fields of the form. Send them unchanged: the token signs them."""

    fileName = serializers.CharField()  # noqa: N815  (ImageKit's names)
    folder = serializers.CharField()
    useUniqueFileName = serializers.CharField()  # noqa: N815
    overwriteFile = serializers.CharField()  # noqa: N815
    isPrivateFile = serializers.CharField()  # noqa: N815
    checks = serializers.CharField()
    transformation = serializers.CharField()
    token = serializers.CharField()


class TicketSerializer(serializers.Serializer[Any]):
    """A permission to send one file to ImageKit."""

    id = serializers.UUIDField(
        help_text="The id of the image that the completed upload becomes."
    )
    upload_url = serializers.URLField(help_text="The URL to post the form to.")
    # A field of that name would hide the serializer's own `fields`.
    expires_at = serializers.DateTimeField(
        help_text="Begin to send the file before this time."
    )

    def get_fields(self) -> dict[str, Any]:
        declared = super().get_fields()
        form = UploadFormSerializer(help_text="Send all of them, before `file`.")
        last = declared.pop("expires_at")
        return {**declared, "fields": form, "expires_at": last}


class TicketView(GenericAPIView[Any]):
    """Gives tickets to send a file to ImageKit directly, not through this server."""

    permission_classes = (IsAuthenticated, MayUpload)
    throttle_classes = (UploadThrottle, WriteThrottle)
    serializer_class = TicketRequestSerializer

    @extend_schema(
        operation_id="uploads.createTicket",
        summary="Get a ticket for a direct upload",
        description="Before `expires_at`, post `fields` and then `file` as "
        "multipart/form-data to `upload_url`. Then complete the upload with the "
        "`fileId` in ImageKit's answer. A ticket is valid for one file.",
        responses={201: TicketSerializer},
    )
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        # Nothing is named after the client's name of the file.
        del data["filename"]
        ticket, form = create_ticket(
            owner=cast(User, request.user), format=data.pop("content_type"), **data
        )
        answer = {
            "id": ticket.pk,
            # The emulator's URL is a path on this server.
            "upload_url": request.build_absolute_uri(settings.IMAGEKIT_UPLOAD_URL),
            "fields": form,
            "expires_at": ticket.expires_at,
        }
        return Response(answer, 201)


class CompletionSerializer(serializers.Serializer[Any]):
    """The file that was sent with the ticket."""

    # No longer than the name of a stored file has room for.
    file_id = serializers.RegexField(
        r"^[A-Za-z0-9_-]{1,40}\Z", help_text="`fileId` in ImageKit's answer."
    )


class CompletionView(GenericAPIView[Any]):
    """Completes direct uploads."""

    permission_classes = (IsAuthenticated, MayUpload)
    throttle_classes = (CompletionThrottle, WriteThrottle)
    serializer_class = CompletionSerializer
    error_statuses: ClassVar[dict[str, list[str]]] = {"post": ["409", "410", "502"]}

    def get_queryset(self) -> QuerySet[UploadTicket]:
        tickets = UploadTicket.objects.select_related("owner")
        return tickets.filter(owner=self.request.user.pk)

    @extend_schema(
        operation_id="uploads.complete",
        summary="Complete a direct upload",
        parameters=[LOCATION],
        description="Create the image of a file that was sent to ImageKit. ImageKit "
        "tells the file's format and size; a file that is not accepted is deleted. "
        "The request can be repeated: it creates the image once.",
        responses={
            201: OpenApiResponse(ImageSerializer, "The image was created."),
            200: OpenApiResponse(ImageSerializer, "The image had been created before."),
        },
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        image, created = complete_ticket(
            ticket=self.get_object(),
            file_id=serializer.validated_data["file_id"],
        )
        data = ImageSerializer(image, context=self.get_serializer_context()).data
        link = reverse("image-detail", args=[image.pk], request=request)
        status = 201 if created else 200
        return Response(data, status, headers={"Location": link})
