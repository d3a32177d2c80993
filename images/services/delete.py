"""Delete images at their owner's request."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import transaction

from accounts.models import User
from images.models import Image
from images.models.querysets import ImageQuerySet, LockedImage
from images.outbox.models import DeletionReceipt
from images.services.locking import lock_image


def delete_image(
    image: Image, *, if_versions: Collection[int] | None = None
) -> DeletionReceipt:
    """Delete an image.

    Raises Image.DoesNotExist when it is gone, and ImageStale if its version is not one
    of `if_versions`.
    """
    with transaction.atomic():
        row = lock_image(image, if_versions)
        locked = LockedImage(row.pk, row.owner_id, row.size)
        return _delete_locked([locked], row.owner_id)


def delete_images(
    *, images: ImageQuerySet, ids: list[UUID], user: User
) -> tuple[set[UUID], DeletionReceipt | None]:
    """Delete those of `images` that have these ids; call it in a transaction.

    Returns the ids of the deleted images, and one receipt for all of them, or None if
    nothing was deleted.
    """
    rows = images.filter(pk__in=ids).lock()
    receipt = _delete_locked(rows, user.pk) if rows else None
    return {row.pk for row in rows}, receipt


def _delete_locked(rows: Sequence[LockedImage], user: UUID) -> DeletionReceipt:
    receipt = DeletionReceipt.objects.create(user_id=user)
    images: ImageQuerySet = Image.objects.all()
    images.delete_locked(rows, receipt=receipt.pk)
    return receipt
