"""Lists of public images: everybody's and one user's."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from images.api.browsable import RENDERERS
from images.api.image_rows import (
    ImagePages,
    listed_images,
    parse_id,
    public_images,
)
from images.api.permissions import read_permissions
from images.api.serializers import ImageSerializer
from images.models import Image
from mediabackend.api.caching import revalidated
from mediabackend.api.openapi import ETAG, IF_NONE_MATCH, NOT_MODIFIED
from mediabackend.api.pagination import KeysetPagination


@extend_schema_view(
    get=extend_schema(
        operation_id="feed.list",
        summary="List everybody's public images",
        parameters=[IF_NONE_MATCH, ETAG],
        responses={200: ImageSerializer(many=True), 304: NOT_MODIFIED},
    )
)
class FeedView(generics.ListAPIView[Image]):
    """Everybody's public images, newest first."""

    serializer_class = ImageSerializer
    pagination_class = KeysetPagination
    renderer_classes = RENDERERS
    page_name = "PublicImagePage"

    def get_permissions(self) -> list[BasePermission]:
        return read_permissions()

    def get_queryset(self) -> Any:
        return ImagePages(public_images, using=settings.PUBLIC_READS_DATABASE)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        return revalidated(request, super().list(request, *args, **kwargs))


@extend_schema_view(
    get=extend_schema(
        operation_id="feed.listOfUser", summary="List a user's public images"
    )
)
class UserImagesView(FeedView):
    """A user's public images, newest first; 404 for an unknown or inactive user."""

    def get_queryset(self) -> Any:
        self.owner = parse_id(self.kwargs["id"])
        using = settings.PUBLIC_READS_DATABASE
        return ImagePages(listed_images, self.owner, using=using)

    def paginate_queryset(self, queryset: Any) -> Any:
        page: Any = super().paginate_queryset(queryset)
        # Asked after the images were read, so that a user who is suspended meanwhile
        # shows none.
        users = User.objects.using(settings.PUBLIC_READS_DATABASE)
        if not users.filter(pk=self.owner, is_active=True).exists():
            raise NotFound
        return page
