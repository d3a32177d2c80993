"""Compute the columns of an Image that depend on its file."""

import hashlib
from typing import NamedTuple
from uuid import UUID

from images.media.formats.info import InvalidImage
from images.media.previews import Preview, make_preview
from images.models import Image
from images.screening.inspection import InspectedFile, exceeds_imagekit


class FileFacts(NamedTuple):
    """The values of these columns of an Image."""

    width: int
    height: int
    size: int
    format: str
    delivered_as_is: bool
    sha256: str
    placeholder: str
    dominant_color: str
    perceptual_hash: int | None


def read_facts(file: InspectedFile) -> FileFacts:
    """Return the facts of a file; hashes it and makes its preview.

    Raises InvalidImage when the picture is damaged.
    """
    return _facts(file, make_preview(file.content, file.info))


def reread_facts(file: InspectedFile, image: Image) -> FileFacts:
    """Return the facts of the image's own file, also when it is damaged.

    Those that are missing now are the image's: a preview may be too costly to decode
    this time, and the frames were not counted again.
    """
    try:
        facts = read_facts(file)
    except InvalidImage:
        facts = _facts(file, Preview())
    names = (*Preview._fields, "delivered_as_is")
    known = {name: getattr(facts, name) or getattr(image, name) for name in names}
    return facts._replace(**known)


def _facts(file: InspectedFile, preview: Preview) -> FileFacts:
    info = file.info
    # `hashlib.file_digest` would need four times the memory.
    digest = hashlib.sha256()
    for chunk in file.content.chunks():
        digest.update(chunk)
    file.content.seek(0)
    return FileFacts(
        width=info.width,
        height=info.height,
        size=info.size,
        format=info.format,
        delivered_as_is=exceeds_imagekit(info),
        sha256=digest.hexdigest(),
        **preview._asdict(),
    )


def find_duplicate(image: Image) -> UUID | None:
    """Return the id of the owner's oldest other image with the same bytes."""
    if not image.sha256:
        return None
    same = Image.objects.filter(owner=image.owner_id, sha256=image.sha256)
    return same.exclude(pk=image.pk).order_by("pk").values_list("pk", flat=True).first()
