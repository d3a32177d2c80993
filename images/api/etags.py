"""ETags of images and of lists (RFC 9110, sections 8.8.3 and 13.1).

The ETags of the caller's own images are compared without reading an image. A list's
ETag is a hash of everything that the answer depends on: the user's `content_version`,
which authentication has read, the URL, the settings, and the hour for which URLs are
signed. An image's ETag is `"<image>-<version>.<hash>"`: `If-Match` compares only the
first part, because it must not fail when another image has changed.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags
from rest_framework.request import Request

from images.api.image_rows import ImageRow
from images.api.serializers.images import ImageSerializer
from images.imagekit.delivery_urls import expiry
from images.models import Image, Visibility, storage_for

_SALT = "images.etags"


def list_etag(request: Request) -> str:
    """Return the ETag of the caller's list at this URL."""
    return f'"{_hash(request)}"'


def own_etag(request: Request, image: Image | ImageRow) -> str:
    """Return the ETag of one of the caller's images."""
    part = f"{_prefix(image)}{image.version}"
    return f'"{part}.{_hash(request, part)}"'


def fresh_own_etag(request: Request) -> str | None:
    """Return the tag of `If-None-Match` that still holds for the list or image.

    The tags are signed for one user, so a match also proves that the image exists and
    is the caller's.
    """
    for tag in _none_match(request):
        part, of_one_image, _ = tag.strip('"').rpartition(".")
        if of_one_image and tag == f'"{part}.{_hash(request, part)}"':
            return tag
        if not of_one_image and tag == list_etag(request):
            return tag
    return None


def none_matches(request: Request, etag: str) -> bool:
    """Say whether `If-None-Match` has this tag or `*`: then the answer is 304."""
    tags = _none_match(request)
    return etag in tags or "*" in tags


def match_fails(request: Request, etag: str) -> bool:
    """Say whether `If-Match` lacks this tag and `*`: then the answer is 412."""
    header = request.META.get("HTTP_IF_MATCH")
    return header is not None and not {etag, "*"} & set(parse_etags(header))


def expected_versions(request: Request, image: Image | ImageRow) -> set[int] | None:
    """Return the versions of the image that `If-Match` allows; None allows any.

    Weak tags never match (RFC 9110, section 13.1.1).
    """
    header = request.META.get("HTTP_IF_MATCH")
    if header is None:
        return None
    tags = parse_etags(header)
    if "*" in tags:
        return None
    starts = f'"{_prefix(image)}'
    versions = (
        tag.removeprefix(starts).partition(".")[0]
        for tag in tags
        if tag.startswith(starts)
    )
    return {int(version) for version in versions if version.isdecimal()}


def _none_match(request: Request) -> list[str]:
    """Return the tags; weak ones match too (RFC 9110, section 13.1.2)."""
    tags = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    return [tag.removeprefix("W/") for tag in tags]


def _prefix(image: Image | ImageRow) -> str:
    # The random end of the id, so that no other image's tag matches.
    return f"{image.id.hex[-12:]}-"


def _hash(request: Request, part: str = "") -> str:
    user: Any = request.user
    parts = (
        request.build_absolute_uri(),
        user.pk,
        user.content_version,
        part,
        # When it changes, the signed URLs do.
        expiry(storage_for(Visibility.PRIVATE).url_ttl),
        _settings(),
    )
    return salted_hmac(_SALT, repr(parts), algorithm="sha256").hexdigest()[:32]


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
