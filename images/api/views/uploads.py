"""The endpoints of direct uploads: a ticket, and its completion."""

from typing import Any, ClassVar, cast

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import UUIDField

from accounts.models import User
from images.api.permissions import MayUpload
from images.api.serializers.images import ImageSerializer
from images.api.serializers.uploads import (
    CompletionSerializer,
    TicketRequestSerializer,
    TicketSerializer,
)
from images.models import UploadTicket
from images.services.direct_upload import complete_ticket, create_ticket
from mediabackend.api.throttles import CompletionThrottle, UploadThrottle


class TicketView(GenericAPIView[Any]):
    """Upload tickets: the file goes to ImageKit, and not through this server."""

    permission_classes = (IsAuthenticated, MayUpload)
    throttle_classes = (UploadThrottle,)
    serializer_class = TicketRequestSerializer
    error_statuses: ClassVar[dict[str, list[str]]] = {"POST": ["403"]}

    @extend_schema(
        summary="Get a ticket for a direct upload",
        description="Post `fields` and then `file`, as multipart/form-data, to "
        "`upload_url` before `expires_at`; then complete the upload with the `fileId` "
        "of ImageKit's answer. A ticket is good for one file.",
        responses={201: TicketSerializer},
    )
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        # What the client calls the file is of no use: nothing is named after it.
        del data["filename"]
        ticket, form = create_ticket(
            owner=cast(User, request.user), format=data.pop("content_type"), **data
        )
        answer = {
            "id": ticket.pk,
            # The emulator's URLs are paths of this very server.
            "upload_url": request.build_absolute_uri(settings.IMAGEKIT_UPLOAD_URL),
            "fields": form,
            "expires_at": ticket.expires_at,
        }
        return Response(answer, 201)


class CompletionView(GenericAPIView[Any]):
    """The end of a direct upload."""

    permission_classes = (IsAuthenticated, MayUpload)
    throttle_classes = (CompletionThrottle,)
    serializer_class = CompletionSerializer
    error_statuses: ClassVar[dict[str, list[str]]] = {
        "POST": ["403", "409", "410", "502"]
    }

    @extend_schema(
        summary="Complete a direct upload",
        description="What the file is, ImageKit is asked. A file that is not what may "
        "be uploaded is deleted. May be sent again: the image is made once.",
        responses={
            201: OpenApiResponse(ImageSerializer, "The image was made."),
            200: OpenApiResponse(ImageSerializer, "It was there already."),
        },
    )
    def post(self, request: Request, pk: str) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        image, created = complete_ticket(
            ticket=_own_ticket(request, pk),
            file_id=serializer.validated_data["file_id"],
        )
        data = ImageSerializer(image, context=self.get_serializer_context()).data
        link = reverse("image-detail", args=[image.pk], request=request)
        status = 201 if created else 200
        return Response(data, status, headers={"Location": link})


def _own_ticket(request: Request, pk: str) -> UploadTicket:
    """Return the caller's ticket; raises NotFound for others, too."""
    try:
        key = UUIDField().to_internal_value(pk)
        return UploadTicket.objects.get(pk=key, owner=cast(User, request.user))
    except (ValidationError, UploadTicket.DoesNotExist) as error:
        raise NotFound from error
