"""Keep images of inactive users out of the indexes of the public lists.

The lists do not show these images anyway, as they check the owner's row. But a list
would have to skip each of them, perhaps a hundred thousand, every time. So the sweep
removes them from the indexes, and adds them again for users who are active again. Until
then a list takes longer or lacks images; it never shows too many.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from images.models import Image
from images.models.querysets import IS_LISTED, ImageQuerySet

# Images per transaction: it blocks uploads of their owner.
_BATCH = 5000


def relist_images(enough: int | None = None) -> int:
    """Set `listed` of images as their owners are active or not; returns how many.

    It stops once there are `enough`.
    """
    listed = Image.objects.filter(IS_LISTED, owner=OuterRef("pk"))
    gone = User.objects.filter(Exists(listed), is_active=False)
    unlisted = Image.objects.filter(listed=False)
    back = User.objects.filter(pk__in=unlisted.values("owner"), is_active=True)
    users = [*gone.values_list("pk", flat=True), *back.values_list("pk", flat=True)]
    done = 0
    for user in users:
        while (enough is None or done < enough) and (moved := _relist_some(user)):
            done += moved
    return done


def _relist_some(user: UUID) -> int:
    with transaction.atomic():
        # Locked, as the user may be reinstated at this moment.
        row = User.objects.select_for_update(no_key=True).filter(pk=user)
        is_active = row.values_list("is_active", flat=True).first()
        if is_active is None:
            return 0
        images: ImageQuerySet = Image.objects.filter(owner=user)
        wrong = images.filter(listed=False) if is_active else images.filter(IS_LISTED)
        some = wrong.order_by().values("pk")[:_BATCH]
        return Image.objects.filter(pk__in=some).update(listed=is_active)
