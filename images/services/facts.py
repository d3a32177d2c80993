"""What a file says about an image, and whether its owner has it already."""

from typing import Any
from uuid import UUID

from django.core.files.base import File

from images.media.fingerprints import _sha256
from images.media.formats.info import ImageInfo
from images.media.previews import Preview, make_preview
from images.models import Image


def file_facts(file: File, info: ImageInfo) -> dict[str, Any]:
    """Return the columns of an Image that follow from its file, which is rewound.

    `file` has to be what is stored: the hash is of exactly these bytes.
    """
    return {
        "width": info.width,
        "height": info.height,
        "size": file.size,
        "format": info.format,
        "sha256": _sha256(file),
        **make_preview(file, info)._asdict(),
    }


def keep_preview(facts: dict[str, Any], image: Image) -> None:
    """Keep what is known of the picture of an image, where `facts` do not say it.

    The picture is the same, but decoding it may have been too costly this time.
    """
    for name in Preview._fields:
        facts[name] = facts[name] or getattr(image, name)


def duplicate_of(image: Image) -> UUID | None:
    """Return the oldest other image of the owner with the same bytes, if any is."""
    if not image.sha256:
        return None
    same = Image.objects.filter(owner=image.owner_id, sha256=image.sha256)
    return same.exclude(pk=image.pk).order_by("pk").values_list("pk", flat=True).first()
