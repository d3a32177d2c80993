"""ETags of images and of lists (RFC 9110, sections 8.8.3 and 13.1).

Those of one's own images are compared without reading an image. A list's is a hash
of all that shapes it: the user's `content_version`, which authentication has read,
the URL, the settings, and the hour that signed URLs are made for. An image's has a
part of its own in front, `"<image>.<hash>"`: only a change of that very image, and
no other's, must make `If-Match` fail.
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
    """Return the ETag of an image of the caller's."""
    part = f"{_prefix(image)}{image.version}"
    return f'"{part}.{_hash(request, part)}"'


def fresh_own_etag(request: Request) -> str | None:
    """Return the tag of `If-None-Match` that still holds for the caller's resource.

    None of these can be made by anybody else, so a match says too that the image
    exists and is the caller's.
    """
    for tag in _none_match(request):
        part, of_one_image, _ = tag.strip('"').rpartition(".")
        if of_one_image and tag == f'"{part}.{_hash(request, part)}"':
            return tag
        if not of_one_image and tag == list_etag(request):
            return tag
    return None


def none_matches(request: Request, etag: str) -> bool:
    """Say whether `If-None-Match` names this tag, or any: then the answer is 304."""
    tags = _none_match(request)
    return etag in tags or "*" in tags


def match_fails(request: Request, etag: str) -> bool:
    """Say whether `If-Match` names other tags only: then the answer is 412."""
    header = request.META.get("HTTP_IF_MATCH")
    return header is not None and not {etag, "*"} & set(parse_etags(header))


def expected_versions(request: Request, image: Image | ImageRow) -> set[int] | None:
    """Return the versions of the image that `If-Match` allows; None is any.

    Weak tags are none that it could match (RFC 9110, section 13.1.1).
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
    """Return the tags; weak ones are as good (RFC 9110, section 13.1.2)."""
    tags = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    return [tag.removeprefix("W/") for tag in tags]


def _prefix(image: Image | ImageRow) -> str:
    # The random end of the key: another image's tag does not match.
    return f"{image.id.hex[-12:]}-"


def _hash(request: Request, part: str = "") -> str:
    user: Any = request.user
    shapes = (
        request.build_absolute_uri(),
        user.pk,
        user.content_version,
        part,
        # Signed URLs change with it.
        expiry(storage_for(Visibility.PRIVATE).url_ttl),
        _settings(),
    )
    return salted_hmac(_SALT, repr(shapes), algorithm="sha256").hexdigest()[:32]


@cache
def _settings() -> str:
    """Return what shapes answers and stays as it is until the next start."""
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
