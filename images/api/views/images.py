"""The image endpoints."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import (
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework.decorators import action
from rest_framework.exceptions import (
    APIException,
    NotAuthenticated,
    NotFound,
    PermissionDenied,
)
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer

from accounts.models import User
from images.api.conditional import (
    IF_MATCH,
    IF_NONE_MATCH,
    NOT_MODIFIED,
    ConditionalViewSet,
    PreconditionFailed,
)
from images.api.etags import own_etag
from images.api.filters import ImageFilter, OwnFilterBackend
from images.api.idempotency import IDEMPOTENCY_KEY, idempotent, keep_answer
from images.api.image_rows import ImagePages, own_images
from images.api.pagination import OwnImagesPagination
from images.api.permissions import MayUpload, read_permissions
from images.api.serializers.images import (
    BulkDeleteAnswerSerializer,
    BulkDeleteSerializer,
    ImageChangeSerializer,
    ImageSerializer,
    UploadedImageSerializer,
)
from images.api.views.receipts import deletion_id, receipt_headers
from images.models import Image
from images.outbox.models import DeletionReceipt
from images.services.delete import images_delete
from images.services.exchange import ImageChanged, ImageTakenDown
from images.services.locking import ImageStale, locked_image
from images.services.quota import OwnerGone
from mediabackend.api.parsers import JSONParser
from mediabackend.api.throttles import UploadThrottle


class TakenDown(PermissionDenied):
    default_detail = "The moderators have taken the image down."
    default_code = "taken_down"


class Conflict(APIException):
    status_code = 409
    default_detail = "The image was changed by another request. Try again."
    default_code = "conflict"


# JSON cannot carry a file.
UPLOAD = {"multipart/form-data": UploadedImageSerializer}
_WRITES = ("create", "update", "partial_update")


@extend_schema_view(
    list=extend_schema(
        summary="The caller's images, newest first",
        parameters=[IF_NONE_MATCH],
        responses={200: ImageSerializer(many=True), 304: NOT_MODIFIED},
    ),
    create=extend_schema(
        summary="Upload an image",
        request=UPLOAD,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: UploadedImageSerializer},
    ),
    retrieve=extend_schema(
        summary="One image",
        parameters=[IF_NONE_MATCH],
        responses={200: ImageSerializer, 304: NOT_MODIFIED},
    ),
    update=extend_schema(
        summary="Replace the file and its texts",
        request=UPLOAD,
        parameters=[IDEMPOTENCY_KEY, IF_MATCH],
        responses=UploadedImageSerializer,
    ),
    partial_update=extend_schema(
        summary="Change the caption, or replace the file",
        request=UploadedImageSerializer,
        responses=UploadedImageSerializer,
        parameters=[IDEMPOTENCY_KEY, IF_MATCH],
    ),
    destroy=extend_schema(
        summary="Delete the image, here and at ImageKit",
        parameters=[IF_MATCH, deletion_id(204)],
        # Without a description the headers would be left out.
        responses={204: OpenApiResponse(description="Deleted.")},
    ),
)
class ImageViewSet(ConditionalViewSet):
    """Images with their captions; the bytes are stored and delivered by ImageKit."""

    serializer_class = ImageSerializer
    pagination_class = OwnImagesPagination
    filter_backends = (OwnFilterBackend,)
    filterset_class = ImageFilter
    parser_classes = (MultiPartParser, JSONParser)
    # Whatever is no UUID is an unknown id, which we answer, not the URL resolver.
    lookup_value_regex = "[^/]+"
    error_statuses = {
        "POST": ["403", "409", "422", "451", "502"],
        "PUT": ["403", "409", "412", "422", "451", "502"],
        "PATCH": ["403", "409", "412", "422", "451", "502"],
        "DELETE": ["412"],
    }

    def get_queryset(self) -> Any:
        """Say once who may reach what: others' rows do not exist (404).

        Reading one image is said by `visible_row`.
        """
        user = self.request.user
        if self.action == "list" and not ImageFilter.is_set(self.request.query_params):
            return ImagePages(own_images, cast(UUID, user.pk))
        return Image.objects.select_related("owner").owned_by(user)

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
            return [UploadThrottle()]
        return super().get_throttles()

    @idempotent
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().create(request, *args, **kwargs)

    @idempotent
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().update(request, *args, **kwargs)

    @extend_schema(
        summary="Delete up to 100 images",
        request=BulkDeleteSerializer,
        parameters=[IDEMPOTENCY_KEY, deletion_id(200)],
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
        with transaction.atomic():
            deleted, receipt = self._delete(asked)
            answer = {
                "deleted": [key for key in asked if key in deleted],
                "not_found": [key for key in asked if key not in deleted],
            }
            headers = receipt_headers(receipt)
            keep_answer(self, 200, answer, headers)
        return Response(answer, headers=headers)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        image = self.get_object()
        versions = self.expected(image)
        with self._answered(), transaction.atomic():
            if versions is not None:
                locked_image(image, versions)
            _, receipt = self._delete([image.pk])
        if receipt is None:
            # Deleted by another request meanwhile.
            raise NotFound
        return Response(status=204, headers=receipt_headers(receipt))

    def _delete(self, ids: list[UUID]) -> tuple[set[UUID], DeletionReceipt | None]:
        user = cast(User, self.request.user)
        return images_delete(images=self.get_queryset(), ids=ids, user=user)

    def perform_create(self, serializer: BaseSerializer[Image]) -> None:
        try:
            image = serializer.save(on_saved=self._keeper(201))
        except OwnerGone as error:
            raise NotAuthenticated from error
        self.headers["ETag"] = own_etag(self.request, image)

    def perform_update(self, serializer: BaseSerializer[Image]) -> None:
        keeper: dict[str, Any] = {}
        if "file" in serializer.validated_data:
            keeper["on_saved"] = self._keeper(200)
        with self._answered():
            versions = self.expected(cast(Image, serializer.instance))
            image = serializer.save(if_versions=versions, **keeper)
        self.headers["ETag"] = own_etag(self.request, image)

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """Translate what can come of a change that others overtake."""
        try:
            yield
        except Image.DoesNotExist as error:
            # Deleted by another request while this one was uploading.
            raise NotFound from error
        except ImageStale as error:
            raise PreconditionFailed from error
        except ImageChanged as error:
            raise Conflict from error
        except ImageTakenDown as error:
            raise TakenDown from error

    def _keeper(self, status: int) -> Callable[[Image], None]:
        """Return what keeps the answer for a retry, inside the transaction."""

        def keep(image: Image) -> None:
            data = self.get_serializer(image).data
            headers = self.get_success_headers(data) if status == 201 else {}
            keep_answer(self, status, data, headers)

        return keep

    def get_success_headers(self, data: Any) -> dict[str, str]:
        link = reverse("image-detail", args=[data["id"]], request=self.request)
        return {"Location": link}
