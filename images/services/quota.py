"""The totals that a user's row keeps of their images, and the quota.

They move in the transaction that changes the images, and before the images' rows are
locked: the order everywhere is the owner's row first.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import User


class OwnerGone(Exception):
    """The account was deleted while its upload was running."""


class QuotaExceeded(Exception):
    """The user's images would take more than USER_QUOTA_BYTES."""


def mark_changed(owner_id: UUID) -> None:
    """Say that images of the owner change; raises OwnerGone.

    Call it in a transaction: the owner's row is locked from here on.
    """
    row = User.objects.filter(pk=owner_id)
    if not row.update(**User.next_content_version()):
        raise OwnerGone


def add_to_totals(owner_id: UUID, *, images: int = 0, size: int = 0) -> None:
    """Count `images` more images and `size` more bytes, which may be negative.

    Call it in a transaction: the owner's row is locked from here on. The quota is a
    condition of the statement, so any number of uploads at once keep to it. Raises
    OwnerGone and QuotaExceeded.
    """
    row = User.objects.filter(pk=owner_id)
    fitting = row
    if size > 0 and settings.USER_QUOTA_BYTES:
        fitting = row.filter(stored_bytes__lte=settings.USER_QUOTA_BYTES - size)
    moved = fitting.update(
        item_count=F("item_count") + images,
        # Never below zero: a wrong counter must not keep a file from going.
        stored_bytes=Greatest(F("stored_bytes") + size, 0),
        **User.next_content_version(),
    )
    if not moved:
        raise QuotaExceeded if row.exists() else OwnerGone


def check_quota(owner: Any, size: int) -> None:
    """Raise QuotaExceeded before an upload that will not fit.

    `owner` is the row as this request has read it. `add_to_totals` decides; this
    check only saves the way to ImageKit.
    """
    quota = settings.USER_QUOTA_BYTES
    if quota and size > 0 and owner.stored_bytes + size > quota:
        raise QuotaExceeded
