"""Delete images at their owner's request."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from accounts.models import User
from images.models import Image
from images.models.querysets import ImageQuerySet
from images.outbox.models import DeletionReceipt
from images.services.locking import check_version


def delete_image(
    *,
    images: ImageQuerySet,
    key: UUID,
    user: User,
    if_versions: Collection[int] | None = None,
) -> DeletionReceipt:
    """Delete the image with this key.

    Raises Image.DoesNotExist if it is not one of `images`, and ImageStale if its
    version is not one of `if_versions`.
    """
    found = images.filter(pk=key)
    with transaction.atomic():
        keys = found.lock()
        if if_versions is not None:
            check_version(found.values_list("version", flat=True).get(), if_versions)
        receipt = _delete_locked(keys, user)
    if receipt is None:
        raise Image.DoesNotExist
    return receipt


def delete_images(
    *, images: ImageQuerySet, ids: list[UUID], user: User
) -> tuple[set[UUID], DeletionReceipt | None]:
    """Delete those of `images` that have these ids; call it in a transaction.

    Returns the ids of the deleted images, and one receipt for all of them, or None if
    nothing was deleted.
    """
    keys = images.filter(pk__in=ids).lock()
    return set(keys), _delete_locked(keys, user)


def _delete_locked(keys: list[UUID], user: User) -> DeletionReceipt | None:
    if not keys:
        return None
    receipt = DeletionReceipt.objects.create(user=user)
    rows: ImageQuerySet = Image.objects.all()
    rows.delete_locked(keys, receipt=receipt.pk)
    return receipt
