"""What everybody may page through: the feed, and the images of one user."""

from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from images.api.image_rows import ImagePages, listed_images, public_images
from images.api.permissions import read_permissions
from images.api.serializers.images import ImageSerializer
from images.models import Image
from mediabackend.api.caching import revalidated
from mediabackend.api.pagination import KeysetPagination


@extend_schema_view(get=extend_schema(summary="Everybody's public images"))
class FeedView(generics.ListAPIView[Image]):
    """Public images, newest first."""

    serializer_class = ImageSerializer
    pagination_class = KeysetPagination
    page_name = "PublicImagePage"

    def get_permissions(self) -> list[BasePermission]:
        return read_permissions()

    def get_queryset(self) -> Any:
        return ImagePages(public_images, using=settings.PUBLIC_READS_DATABASE)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        return revalidated(request, super().list(request, *args, **kwargs))


@extend_schema_view(
    get=extend_schema(
        summary="A user's public images",
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )
)
class UserImagesView(FeedView):
    """The user's public images, newest first; 404 where there is no active user."""

    def get_queryset(self) -> Any:
        try:
            self.owner = UUID(self.kwargs["id"])
        except ValueError as error:
            raise NotFound from error
        using = settings.PUBLIC_READS_DATABASE
        return ImagePages(listed_images, self.owner, using=using)

    def paginate_queryset(self, queryset: Any) -> Any:
        page: Any = super().paginate_queryset(queryset)
        # After the images: whoever is suspended meanwhile shows none.
        users = User.objects.using(settings.PUBLIC_READS_DATABASE)
        if not users.filter(pk=self.owner, is_active=True).exists():
            raise NotFound
        return page
