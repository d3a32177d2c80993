"""Keeps the indexes of the public lists free of suspended users' images.

Nobody sees those anyway: the lists look at the owner's row. But they would walk past
each of them every time, if a hundred thousand were newer than all others. So the
sweep takes them out of the indexes, and those of users who are back in again. Until
then a list takes longer, or lacks images; it never shows too much.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from images.models import Image
from images.models.querysets import IS_LISTED, ImageQuerySet

# Images a transaction, for it holds back their owner's uploads.
_BATCH = 5000


def relist() -> int:
    """Take out and put in what has to be; returns how many images it was."""
    listed = Image.objects.filter(IS_LISTED, owner=OuterRef("pk"))
    gone = User.objects.filter(Exists(listed), is_active=False)
    unlisted = Image.objects.filter(listed=False)
    back = User.objects.filter(pk__in=unlisted.values("owner"), is_active=True)
    users = [*gone.values_list("pk", flat=True), *back.values_list("pk", flat=True)]
    return sum(map(_relist, users))


def _relist(user: UUID) -> int:
    done = 0
    while moved := _relist_some(user):
        done += moved
    return done


def _relist_some(user: UUID) -> int:
    with transaction.atomic():
        # Under the lock, for they may be reinstated at this moment.
        row = User.objects.select_for_update(no_key=True).filter(pk=user)
        is_active = row.values_list("is_active", flat=True).first()
        if is_active is None:
            return 0
        images: ImageQuerySet = Image.objects.filter(owner=user)
        wrong = images.filter(listed=False) if is_active else images.filter(IS_LISTED)
        some = wrong.order_by().values("pk")[:_BATCH]
        return Image.objects.filter(pk__in=some).update(listed=is_active)
