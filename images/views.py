"""The image endpoints."""

import hashlib
import json
from typing import Any

from django.db.models import QuerySet
from django.utils.cache import get_conditional_response
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import permissions, viewsets
from rest_framework.exceptions import APIException, NotFound
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer

from images.filters import ImageFilter
from images.models import Image
from images.pagination import OwnImagesPagination
from images.serializers import ImageSerializer
from images.services import ImageChanged


class Conflict(APIException):
    status_code = 409
    default_detail = "The image was changed by another request. Try again."
    default_code = "conflict"


@extend_schema_view(
    list=extend_schema(summary="The caller's images, newest first"),
    create=extend_schema(summary="Upload an image"),
    retrieve=extend_schema(summary="One image"),
    update=extend_schema(summary="Replace the file, and what else is given"),
    partial_update=extend_schema(summary="Change the caption, or replace the file"),
    destroy=extend_schema(summary="Delete the image, here and at ImageKit"),
)
class ImageViewSet(viewsets.ModelViewSet[Image]):
    """Images with their captions; the bytes are stored and delivered by ImageKit."""

    serializer_class = ImageSerializer
    pagination_class = OwnImagesPagination
    filter_backends = (DjangoFilterBackend,)
    filterset_class = ImageFilter
    parser_classes = (MultiPartParser, JSONParser)
    error_statuses = {
        "POST": ["502"],
        "PUT": ["409", "502"],
        "PATCH": ["409", "502"],
    }

    def get_queryset(self) -> QuerySet[Image]:
        """Say once who may reach what: others' rows do not exist (404)."""
        images = Image.objects.select_related("owner")
        if self.action == "retrieve":
            return images.visible_to(self.request.user)
        return images.owned_by(self.request.user)

    def get_permissions(self) -> Any:
        if self.action == "retrieve":
            return [permissions.AllowAny()]
        return super().get_permissions()

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        response = super().retrieve(request, *args, **kwargs)
        text = json.dumps(response.data, default=str).encode()
        response["ETag"] = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
        response["Cache-Control"] = "private, no-cache"
        return get_conditional_response(request, response["ETag"], None, response)

    def perform_update(self, serializer: BaseSerializer[Image]) -> None:
        try:
            serializer.save()
        except Image.DoesNotExist as error:
            # Deleted by another request while this one was uploading.
            raise NotFound from error
        except ImageChanged as error:
            raise Conflict from error

    def get_success_headers(self, data: Any) -> dict[str, str]:
        link = reverse("image-detail", args=[data["id"]], request=self.request)
        return {"Location": link}
