"""The image endpoints."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.utils.cache import get_conditional_response
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import permissions, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, NotAuthenticated, NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer

from accounts.models import User
from accounts.permissions import MayUpload
from images.filters import ImageFilter
from images.idempotency import idempotent, keep_answer
from images.models import DeletionReceipt, Image
from images.pagination import OwnImagesPagination
from images.querysets import ImageQuerySet
from images.receipts import deletion_id, receipt_headers
from images.serializers import (
    BulkDeleteAnswerSerializer,
    BulkDeleteSerializer,
    ImageSerializer,
)
from images.services import ImageChanged, OwnerGone, images_delete
from mediabackend.parsers import JSONParser
from mediabackend.throttles import UploadThrottle


class Conflict(APIException):
    status_code = 409
    default_detail = "The image was changed by another request. Try again."
    default_code = "conflict"


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A new value for each thing to do: sent again with the same request, "
    "it gets the first answer, and nothing is done twice.",
)
# JSON cannot carry a file.
UPLOAD = {"multipart/form-data": ImageSerializer}


@extend_schema_view(
    list=extend_schema(summary="The caller's images, newest first"),
    create=extend_schema(
        summary="Upload an image", request=UPLOAD, parameters=[IDEMPOTENCY_KEY]
    ),
    retrieve=extend_schema(summary="One image"),
    update=extend_schema(
        summary="Replace the file and its texts",
        request=UPLOAD,
        parameters=[IDEMPOTENCY_KEY],
    ),
    partial_update=extend_schema(
        summary="Change the caption, or replace the file",
        parameters=[IDEMPOTENCY_KEY],
    ),
    destroy=extend_schema(
        summary="Delete the image, here and at ImageKit",
        parameters=[deletion_id(204)],
        # Without a description the headers would be left out.
        responses={204: OpenApiResponse(description="Deleted.")},
    ),
)
class ImageViewSet(viewsets.ModelViewSet[Image]):
    """Images with their captions; the bytes are stored and delivered by ImageKit."""

    serializer_class = ImageSerializer
    pagination_class = OwnImagesPagination
    filter_backends = (DjangoFilterBackend,)
    filterset_class = ImageFilter
    parser_classes = (MultiPartParser, JSONParser)
    # Whatever is no UUID is an unknown id, which we answer, not the URL resolver.
    lookup_value_regex = "[^/]+"
    error_statuses = {
        "POST": ["403", "409", "422", "502"],
        "PUT": ["403", "409", "422", "502"],
        "PATCH": ["403", "409", "422", "502"],
    }

    def get_queryset(self) -> ImageQuerySet:
        """Say once who may reach what: others' rows do not exist (404)."""
        images = Image.objects.select_related("owner")
        if self.action == "retrieve":
            return images.visible_to(self.request.user)
        return images.owned_by(self.request.user)

    def get_permissions(self) -> Any:
        if self.action == "retrieve":
            return [permissions.AllowAny()]
        if self.action in ("create", "update", "partial_update"):
            return [*super().get_permissions(), MayUpload()]
        return super().get_permissions()

    def get_throttles(self) -> Any:
        if self.action in ("create", "update", "partial_update"):
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
        with transaction.atomic():
            _, receipt = self._delete([image.pk])
        if receipt is None:
            # Deleted by another request meanwhile.
            raise NotFound
        return Response(status=204, headers=receipt_headers(receipt))

    def _delete(self, ids: list[UUID]) -> tuple[set[UUID], DeletionReceipt | None]:
        user = cast(User, self.request.user)
        return images_delete(images=self.get_queryset(), ids=ids, user=user)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        response = super().retrieve(request, *args, **kwargs)
        text = json.dumps(response.data, default=str).encode()
        response["ETag"] = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
        response["Cache-Control"] = "private, no-cache"
        return get_conditional_response(request, response["ETag"], None, response)

    def perform_create(self, serializer: BaseSerializer[Image]) -> None:
        try:
            serializer.save(on_saved=self._keeper(201))
        except OwnerGone as error:
            raise NotAuthenticated from error

    def perform_update(self, serializer: BaseSerializer[Image]) -> None:
        keeper = (
            {"on_saved": self._keeper(200)}
            if "file" in serializer.validated_data
            else {}
        )
        try:
            serializer.save(**keeper)
        except Image.DoesNotExist as error:
            # Deleted by another request while this one was uploading.
            raise NotFound from error
        except ImageChanged as error:
            raise Conflict from error

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
