"""What a user's row keeps of their images: how many, how large, and the version.

It moves in the transaction that changes the images, and before their rows are
locked: the order everywhere is the owner's row first.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import User
from mediabackend.db.compiled import CompiledUpdate

# The most frequent change by far.
_say_changed = CompiledUpdate(
    User, lambda key: User.objects.filter(pk=key), **User.next_images_version()
)


class OwnerGone(Exception):
    """The account was deleted while its upload was running."""


class QuotaExceeded(Exception):
    """The user's images would take more than USER_QUOTA_BYTES."""


def owner_account(
    owner_id: UUID, *, images: int = 0, size: int = 0, using: str | None = None
) -> None:
    """Count `images` more images and `size` more bytes, of which both may be negative.

    With neither it only says that the images have changed. Call it in a
    transaction: the owner's row is locked from here on. The quota is a condition
    of the statement, so any number of uploads at once keep to it.

    Raises OwnerGone and QuotaExceeded.
    """
    if not images and not size and using is None:
        if not _say_changed.run(owner_id):
            raise OwnerGone
        return
    row = User.objects.using(using).filter(pk=owner_id)
    fitting = row
    if size > 0 and settings.USER_QUOTA_BYTES:
        fitting = row.filter(stored_bytes__lte=settings.USER_QUOTA_BYTES - size)
    moved = fitting.update(
        image_count=F("image_count") + images,
        # Never below zero: a wrong counter must not keep a file from going.
        stored_bytes=Greatest(F("stored_bytes") + size, 0),
        **User.next_images_version(),
    )
    if not moved:
        raise QuotaExceeded if row.exists() else OwnerGone


def check_quota(owner: Any, size: int) -> None:
    """Raise QuotaExceeded before an upload that will not fit, by what is known of it.

    `owner` is the row as this request has read it. The word that counts is
    `owner_account`'s; this one saves the way to ImageKit.
    """
    quota = settings.USER_QUOTA_BYTES
    if quota and size > 0 and owner.stored_bytes + size > quota:
        raise QuotaExceeded
