"""Removed stays removed: the same file is refused, a similar picture is looked at."""

import logging

from django.db.models import F

from images.models import Image
from images.moderation.fingerprints import removed_same, removed_similar
from images.moderation.models import Report, ReportReason

logger = logging.getLogger(__name__)


class ContentRemoved(Exception):
    """The very same file was taken down before."""


def refuse_removed(sha256: str, owner: object) -> None:
    """Raise ContentRemoved for the bytes of a picture that was taken down.

    `sha256` is that of the file without its metadata, so other metadata do not
    make another file of it.
    """
    if removed := removed_same(sha256):
        logger.warning("Refused a removed picture: %s, by %s", removed.image_id, owner)
        raise ContentRemoved


def report_if_similar(image: Image) -> None:
    """Put an image that looks like a removed one into the queue; no more than that.

    Call it in the transaction that stores the image, which holds its owner's row.
    """
    removed = removed_similar(image.perceptual_hash)
    if removed is None:
        return
    logger.warning("Resembles %s, which was removed: %s", removed.image_id, image.pk)
    Report.objects.create(
        image=image,
        reason=ReportReason.RESEMBLES_REMOVED,
        details=f"Resembles {removed.image_id}, removed as {removed.reason}.",
    )
    Image.objects.filter(pk=image.pk).update(open_reports=F("open_reports") + 1)
