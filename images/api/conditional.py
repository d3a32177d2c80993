"""Conditional requests on images: `If-None-Match` (304) and `If-Match` (412)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.http import HttpResponseBase, HttpResponseNotModified
from django.utils.http import http_date
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from accounts.models import User
from images.api.etags import (
    expected_versions,
    fresh_own_etag,
    list_etag,
    match_fails,
    none_matches,
    own_etag,
)
from images.api.image_rows import ImageRow, own_image, parse_id, visible_row
from images.models import Image
from images.services.locking import ImageStale, check_version
from mediabackend.api.caching import content_etag

T = TypeVar("T")


class ConditionalViewSet(ModelViewSet[Image]):
    """Reads with ETags. Pages of the browsable API have none."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if etag := self._fresh(request):
            return _stamped(HttpResponseNotModified(), etag)
        etag = list_etag(request)
        response = super().list(request, *args, **kwargs)
        changed_at = cast(User, request.user).content_changed_at
        return self._answer(request, response, etag, changed_at)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if etag := self._fresh(request):
            return _stamped(HttpResponseNotModified(), etag)
        image = self._found(visible_row)
        data = self.get_serializer(image).data
        if image.owner_id == request.user.pk:
            etag = own_etag(request, image)
            check_version(image.version, self.expected(image))
        else:
            etag = content_etag(data)
            if match_fails(request, etag):
                raise ImageStale
        return self._answer(request, Response(data), etag, image.updated_at)

    def get_object(self) -> Image:
        """Return an image of the caller that is to be changed; raises NotFound."""
        return self._found(own_image)

    def _found(self, look_up: Callable[[Any, UUID], T | None]) -> T:
        found = look_up(self.request.user, parse_id(self.kwargs["pk"]))
        if found is None:
            raise NotFound
        return found

    def expected(self, image: Image | ImageRow) -> set[int] | None:
        """Return the versions that `If-Match` allows; None allows any."""
        return expected_versions(self.request, image)

    def _fresh(self, request: Request) -> str | None:
        if not request.user.is_authenticated or not _is_json(request):
            return None
        return fresh_own_etag(request)

    def _answer(
        self, request: Request, response: Response, etag: str, changed_at: datetime
    ) -> HttpResponseBase:
        if not _is_json(request):
            return response
        if none_matches(request, etag):
            return _stamped(HttpResponseNotModified(), etag)
        response["Last-Modified"] = http_date(changed_at.timestamp())
        return _stamped(response, etag)


def _is_json(request: Request) -> bool:
    return request.accepted_renderer.format == "json"


def _stamped(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    # Caches ask again each time, which costs one query.
    response["Cache-Control"] = "private, no-cache"
    return response
