"""Refuse decisions on an image that has changed since the moderator opened it."""

from uuid import UUID

from images.models import Image
from images.services.locking import lock_image


class DecidedMeanwhile(Exception):
    """Somebody else decided on the image after this moderator had opened it."""


class PictureReplaced(Exception):
    """The owner replaced the picture after this moderator had opened it."""


def lock_as_seen(image: UUID, seen: int, file: str | None) -> Image:
    """Lock the image's row, which nobody may have changed since it was looked at.

    `seen` is the number of decisions that it had then, `file` the name of its file,
    which is not compared when it is None. Raises DecidedMeanwhile, PictureReplaced and
    Image.DoesNotExist.
    """
    row = lock_image(Image.objects.get(pk=image))
    if row.decision_count != seen:
        raise DecidedMeanwhile
    if file is not None and row.file.name != file:
        raise PictureReplaced
    return row
