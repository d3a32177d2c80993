"""Previews that ImageKit's own small renditions give, for files not decoded here."""

import logging
from datetime import timedelta
from functools import partial
from typing import IO, Any, cast
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from images.imagekit.errors import (
    StorageError,
    StorageFileNotFound,
    StorageUnavailable,
    StorageUntransformable,
)
from images.imagekit.listing import is_certain
from images.imagekit.storage import ImageKitStorage
from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.previews import SIDE, Preview, make_preview
from images.models import Image, RemovedPicture
from images.models.querysets import NEEDS_PREVIEW
from images.screening.copies import find_similar_removed, report_similar
from images.services.locking import lock_image, write_image
from mediabackend.tasks import task

logger = logging.getLogger(__name__)

_TINY = f"w-{SIDE},h-{SIDE},c-at_max,f-jpg"
# After that the sweep gives up: ImageKit may never be able to show the file.
_TRIED_FOR = timedelta(days=1)


def fetch_preview(storage: ImageKitStorage, name: str) -> tuple[Preview, int]:
    """Return the preview of a tiny rendition, and by how much that is wider than high.

    It is empty if ImageKit's answer is not such a picture. Raises StorageError.
    """
    with storage.open_rendition(name, _TINY) as file:
        try:
            content = cast(IO[bytes], file.file)
            info = inspect_image(content, max_pixels=SIDE**2, max_frames=1)
            return make_preview(file, info), info.width - info.height
        except InvalidImage as error:
            logger.warning("No preview of %s: %s", name, error)
            return Preview(), 0


def compare_with_removed(image: Image) -> None:
    """Report the image if it resembles a removed one: now, or once it has a preview.

    Call it in the transaction that stores the file and has locked the owner's row.
    """
    follow_comparison(image, find_similar_removed(image.perceptual_hash))


def follow_comparison(image: Image, similar: RemovedPicture | None) -> None:
    """Do as `compare_with_removed`, with the removed picture that was found."""
    if similar:
        report_similar(image, similar)
    if image.perceptual_hash is None and not image.delivered_as_is:
        soon = partial(fill_preview_in_background.enqueue, str(image.pk))
        transaction.on_commit(soon, robust=True)


@task()
def fill_preview_in_background(image_id: str) -> None:
    """Give a new image its preview; after an error the sweep tries again."""
    image = Image.objects.filter(NEEDS_PREVIEW, pk=UUID(image_id)).first()
    try:
        if image:
            _fill_preview(image)
    except StorageError as error:
        logger.warning("No preview of %s yet: %s", image_id, error)


def fill_previews(limit: int) -> int:
    """Give up to `limit` images of the last day their previews; return how many.

    Then up to `limit` of those that were left in place, the newest first.
    """
    return _fill_recent(limit) + _fill_in_place(limit)


def _fill_recent(limit: int) -> int:
    filled = 0
    since = timezone.now() - _TRIED_FOR
    recent = Image.objects.filter(
        NEEDS_PREVIEW, left_in_place=False, updated_at__gte=since
    )
    # In random order: files that fail every time must not keep the others waiting.
    for image in recent.order_by("?")[:limit]:
        try:
            filled += _fill_preview(image)
        except StorageUnavailable:
            # The next file would very likely fail too, after the same wait.
            break
        except StorageError as error:
            logger.warning("No preview of %s: %s", image.pk, error)
    return filled


def _fill_in_place(limit: int) -> int:
    """Fill previews of imported images, which are many; each is tried only once."""
    filled = 0
    waiting = Image.objects.filter(
        NEEDS_PREVIEW, left_in_place=True, missing_since=None
    )
    for image in waiting.order_by("-pk")[:limit]:
        try:
            if _fill_preview(image):
                filled += 1
            else:
                _change(image, delivered_as_is=True)
        except StorageUntransformable:
            _change(image, delivered_as_is=True)
        except StorageFileNotFound:
            if _is_gone(image):
                _change(image, missing_since=timezone.now())
        except StorageError as error:
            logger.warning("No preview of %s yet: %s", image.pk, error)
            break
    return filled


def _is_gone(image: Image) -> bool:
    """Ask ImageKit's API too: the delivery may look for the file elsewhere."""
    try:
        image.storage.look_up(str(image.file.name))
    except StorageError as error:
        return isinstance(error, StorageFileNotFound) and is_certain(error)
    return False


def _change(image: Image, **changes: Any) -> None:
    """Change the image unless it has another file meanwhile."""
    with transaction.atomic():
        if current := _lock_same(image):
            write_image(current, changes)


def _lock_same(image: Image) -> Image | None:
    """Lock the image; None if it is gone, or has another file meanwhile."""
    try:
        current = lock_image(image)
    except Image.DoesNotExist:
        return None
    return current if current.file.name == image.file.name else None


def _fill_preview(image: Image) -> bool:
    """Fetch and write a preview, and compare it with the removed pictures."""
    preview, breadth = fetch_preview(image.storage, str(image.file.name))
    if preview.perceptual_hash is None:
        return False
    with transaction.atomic():
        current = _lock_same(image)
        if current is None:
            return False
        for column, value in preview._asdict().items():
            setattr(current, column, value)
        if image.left_in_place and breadth * (current.width - current.height) < 0:
            # ImageKit's list has the sides before a turn by EXIF.
            current.width, current.height = current.height, current.width
        # The version stays: an owner's `If-Match` is about their own changes.
        current.save(update_fields=[*Preview._fields, "width", "height"])
        removed = RemovedPicture.objects.filter(image_id=current.pk)
        if not removed.update(perceptual_hash=current.perceptual_hash):
            compare_with_removed(current)
    return True
