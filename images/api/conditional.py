"""Conditional requests on images (RFC 9110, sections 8.8.3 and 13): 304 and 412.

The ETags of the caller's own images are compared without reading an image. A list's
ETag is a hash of everything that the answer depends on: the user's `content_version`,
which authentication has read, the URL, the settings, and the hour for which URLs are
signed. An image's ETag is `"<image>-<version>.<hash>"`: `If-Match` compares only the
first part, because it must not fail when another image has changed.
"""

from datetime import datetime
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.http import HttpResponseBase, HttpResponseNotModified
from django.utils.crypto import salted_hmac
from django.utils.http import http_date, parse_etags
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from accounts.models import User
from images.api.image_rows import ImageRow, own_image, parse_id, visible_row
from images.api.serializers import ImageSerializer
from images.imagekit.delivery_urls import expiry
from images.models import Image, Visibility, storage_for
from images.services.locking import ImageStale, check_version
from mediabackend.api.caching import content_etag


class ConditionalViewSet(ModelViewSet[Image]):
    """Reads with ETags. Pages of the browsable API have none."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if etag := _fresh_etag(request):
            return _stamped(HttpResponseNotModified(), etag)
        etag = _etag(request)
        response = super().list(request, *args, **kwargs)
        changed_at = cast(User, request.user).content_changed_at
        return _answer(request, response, etag, changed_at)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if etag := _fresh_etag(request):
            return _stamped(HttpResponseNotModified(), etag)
        image = visible_row(request.user, parse_id(self.kwargs["pk"]))
        if image is None:
            raise NotFound
        data = self.get_serializer(image).data
        if image.owner_id == request.user.pk:
            etag = own_etag(request, image)
            check_version(image.version, self.expected(image))
        else:
            etag = content_etag(data)
            if {etag, "*"}.isdisjoint(_if_match(request)):
                raise ImageStale
        return _answer(request, Response(data), etag, image.updated_at)

    def get_object(self) -> Image:
        """Return an image of the caller that is to be changed; raises NotFound."""
        user = cast(User, self.request.user)
        image = own_image(user, parse_id(self.kwargs["pk"]))
        if image is None:
            raise NotFound
        return image

    def expected(self, image: Image | ImageRow) -> set[int] | None:
        """Return the versions that `If-Match` allows; None allows any.

        Weak tags never match (RFC 9110, section 13.1.1).
        """
        tags = _if_match(self.request)
        if "*" in tags:
            return None
        starts = f'"{_prefix(image)}'
        versions = (
            tag.removeprefix(starts).partition(".")[0]
            for tag in tags
            if tag.startswith(starts)
        )
        return {int(version) for version in versions if version.isdecimal()}


def own_etag(request: Request, image: Image | ImageRow) -> str:
    """Return the ETag of one of the caller's images."""
    return _etag(request, f"{_prefix(image)}{image.version}")


def _fresh_etag(request: Request) -> str | None:
    """Return the tag of `If-None-Match` that still holds for the list or image.

    The tags are signed for one user, so a match also proves that the image exists and
    is the caller's.
    """
    if not request.user.is_authenticated or not _is_json(request):
        return None
    for tag in _if_none_match(request):
        if tag == _etag(request, tag.strip('"').rpartition(".")[0]):
            return tag
    return None


def _answer(
    request: Request, response: Response, etag: str, changed_at: datetime
) -> HttpResponseBase:
    if not _is_json(request):
        return response
    if not {etag, "*"}.isdisjoint(_if_none_match(request)):
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


def _if_match(request: Request) -> list[str]:
    """Return the tags; `*`, also without the header, matches any."""
    return parse_etags(request.META.get("HTTP_IF_MATCH", "*"))


def _if_none_match(request: Request) -> list[str]:
    """Return the tags; weak ones match too (RFC 9110, section 13.1.2)."""
    tags = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    return [tag.removeprefix("W/") for tag in tags]


def _prefix(image: Image | ImageRow) -> str:
    # The random end of the id, so that no other image's tag matches.
    return f"{image.id.hex[-12:]}-"


def _etag(request: Request, part: str = "") -> str:
    """Return the ETag of the list, or of the image and version that `part` names."""
    user: Any = request.user
    facts = (
        request.build_absolute_uri(),
        user.pk,
        user.content_version,
        part,
        # When it changes, the signed URLs do.
        expiry(storage_for(Visibility.PRIVATE).url_ttl),
        _settings(),
    )
    mac = salted_hmac("images.etags", repr(facts), algorithm="sha256").hexdigest()[:32]
    return f'"{part}.{mac}"' if part else f'"{mac}"'


@cache
def _settings() -> str:
    """Return the part of the hash that stays the same until the next start."""
    return repr(
        (
            ImageSerializer.Meta.fields,
            settings.IMAGE_RENDITIONS,
            [settings.STORAGES[alias] for alias in ("default", "private")],
            settings.SPECTACULAR_SETTINGS["VERSION"],
        )
    )


@receiver(setting_changed)
def _forget_settings(**kwargs: Any) -> None:
    _settings.cache_clear()
