"""The image endpoints."""

from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer

from accounts.models import User
from images.api.browsable import RENDERERS
from images.api.conditional import ConditionalViewSet, own_etag
from images.api.idempotency import (
    IDEMPOTENCY,
    idempotent,
    keep_answer,
    keep_image,
    kept_image,
)
from images.api.image_rows import ImagePages, own_image, own_images
from images.api.own_list import ImageFilter, OwnImagesPagination
from images.api.permissions import MayUpload, read_permissions
from images.api.serializers import (
    BulkDeleteAnswerSerializer,
    BulkDeleteSerializer,
    ImageChangeSerializer,
    ImageSerializer,
    UploadedImageSerializer,
)
from images.api.views.documented import documented
from images.api.views.receipts import deletion_id, receipt_headers
from images.models import IdempotencyKey, Image
from images.screening.inspection import InspectedFile
from images.services.delete import delete_image, delete_images
from images.services.update import changing_visibility, moves_file, updating_image
from images.services.upload import creating_image, replacing_file
from images.services.values import SavedImage
from mediabackend.api.forms import MultiPartParser
from mediabackend.api.parsers import JSONParser
from mediabackend.api.throttles import UploadThrottle, WriteThrottle

_WRITES = ("create", "update", "partial_update")


@documented
class ImageViewSet(ConditionalViewSet):
    """Images with their captions. ImageKit stores and delivers the files."""

    serializer_class = ImageSerializer
    pagination_class = OwnImagesPagination
    renderer_classes = RENDERERS
    filter_backends = (DjangoFilterBackend,)
    filterset_class = ImageFilter
    parser_classes = (MultiPartParser, JSONParser)
    # A text that is not a UUID is an unknown id: the view answers 404 in JSON.
    lookup_value_regex = "[^/]+"
    error_statuses = dict.fromkeys(_WRITES, ["410", "451", "502"])
    page_name = "ImagePage"

    def get_queryset(self) -> Any:
        """Return the caller's own images, so that others' images are a 404.

        To read one image, `visible_row` is used instead.
        """
        user = self.request.user
        if self.action == "list" and not ImageFilter.is_set(self.request):
            return ImagePages(own_images, cast(UUID, user.pk))
        return Image.objects.select_related("owner").owned_by(user)

    def filter_queryset(self, queryset: Any) -> Any:
        """Build the form of the filters only if the request has one of them."""
        if isinstance(queryset, ImagePages):
            return queryset
        return super().filter_queryset(queryset)

    def get_serializer_class(self) -> type[BaseSerializer[Image]]:
        if self.action in _WRITES:
            return ImageChangeSerializer
        return ImageSerializer

    def get_permissions(self) -> Any:
        if self.action == "retrieve":
            return read_permissions()
        if self.action in _WRITES:
            return [*super().get_permissions(), MayUpload()]
        return super().get_permissions()

    def get_throttles(self) -> Any:
        if self.action in _WRITES:
            return [UploadThrottle(), WriteThrottle()]
        return super().get_throttles()

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self._read(data=request.data)
        owner = cast(User, request.user)
        file = cast(InspectedFile, serializer.new_file)
        with creating_image(owner=owner, file=file, edits=serializer.edits) as saved:
            return self._keep_answer(saved, 201)

    @idempotent
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        image = self.get_object()
        serializer = self._read(
            image, data=request.data, partial=kwargs.get("partial", False)
        )
        change: dict[str, Any] = {
            "image": image,
            "edits": serializer.edits,
            "if_versions": self.expected(image),
        }
        if serializer.new_file is not None:
            saving = replacing_file(file=serializer.new_file, **change)
        elif moves_file(image, serializer.edits):
            self._count_move()
            saving = changing_visibility(**change)
        else:
            saving = updating_image(**change)
        with saving as saved:
            return self._keep_answer(saved, 200)

    @extend_schema(
        operation_id="images.deleteMany",
        summary="Delete up to 100 images",
        description="Those that are not the caller's are in `not_found`.",
        request=BulkDeleteSerializer,
        parameters=[*IDEMPOTENCY, deletion_id(200)],
        responses=BulkDeleteAnswerSerializer,
        filters=False,
    )
    @action(
        detail=False,
        methods=["post"],
        url_path="bulk-delete",
        parser_classes=[JSONParser],
    )
    @idempotent
    def bulk_delete(self, request: Request) -> Response:
        serializer = BulkDeleteSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = list(dict.fromkeys(serializer.validated_data["ids"]))
        user = cast(User, request.user)
        with transaction.atomic():
            deleted, receipt = delete_images(
                images=self.get_queryset(), ids=asked, user=user
            )
            data = {
                "deleted": [key for key in asked if key in deleted],
                "not_found": [key for key in asked if key not in deleted],
            }
            answer = Response(data, headers=receipt_headers(receipt))
            keep_answer(request, answer)
        return answer

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        image = self.get_object()
        receipt = delete_image(image, if_versions=self.expected(image))
        return Response(status=204, headers=receipt_headers(receipt))

    def _count_move(self) -> None:
        """Count a move as an upload, which it is for ImageKit; raises Throttled."""
        throttle = UploadThrottle()
        if not throttle.admits_move(self.request, self):
            self.throttled(self.request, cast(float, throttle.wait()))

    def _read(self, *args: Any, **kwargs: Any) -> ImageChangeSerializer:
        """Return the serializer of the valid body; raises ValidationError."""
        serializer = cast(ImageChangeSerializer, self.get_serializer(*args, **kwargs))
        serializer.is_valid(raise_exception=True)
        return serializer

    def replay(self, record: IdempotencyKey) -> Response:
        """Return the answer of a retry; raises ImageGone."""
        status = cast(int, record.status)
        if record.image_id is None:
            return Response(record.body, status, headers=record.headers)
        image = own_image(cast(User, self.request.user), record.image_id)
        return self._answer_about(kept_image(record, image), status)

    def _keep_answer(self, saved: SavedImage, status: int) -> Response:
        """Return the answer, and prepare for a retry; call this in the transaction."""
        keep_image(self.request, saved, status)
        return self._answer_about(saved, status)

    def _answer_about(self, saved: SavedImage, status: int) -> Response:
        headers = {"ETag": own_etag(self.request, saved.image)}
        if status == 201:
            headers["Location"] = reverse(
                "image-detail", args=[saved.image.pk], request=self.request
            )
        serializer = UploadedImageSerializer(
            cast(Any, saved), context=self.get_serializer_context()
        )
        return Response(serializer.data, status, headers=headers)
