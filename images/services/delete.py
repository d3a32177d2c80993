from uuid import UUID

from accounts.models import User
from images.models.querysets import ImageQuerySet
from images.outbox.models import DeletionReceipt


def images_delete(
    *, images: ImageQuerySet, ids: list[UUID], user: User
) -> tuple[set[UUID], DeletionReceipt | None]:
    """Delete those of `images` that have these ids, on behalf of `user`.

    Returns the ids of those, and one receipt for all of them; None when there is
    none. Call it in a transaction.
    """
    found = images.filter(pk__in=ids).lock()
    if not found:
        return set(), None
    receipt = DeletionReceipt.objects.create(user=user)
    images.filter(pk__in=found).delete(receipt=receipt.pk)
    return set(found), receipt
