"""Keep the totals in a user's row equal to their images, and enforce the quota.

The totals change in the same transaction as the images. All code locks the owner's row
before the rows of images.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest

from accounts.models import User


class OwnerGone(Exception):
    """The account was deleted during the upload."""


class QuotaExceeded(Exception):
    """The user's images would need more than USER_QUOTA_BYTES."""


def mark_owner_changed(owner_id: UUID) -> None:
    """Raise the version of the owner's content, as images change; raises OwnerGone.

    Call it in a transaction; it locks the owner's row.
    """
    row = User.objects.filter(pk=owner_id)
    if not row.update(**User.next_content_version()):
        raise OwnerGone


def add_to_totals(owner_id: UUID, *, images: int = 0, size: int = 0) -> None:
    """Add `images` and `size`, in bytes, to the owner's totals; both may be negative.

    Call it in a transaction; it locks the owner's row. The statement itself checks the
    quota, so concurrent uploads cannot exceed it. Raises OwnerGone and QuotaExceeded.
    """
    row = User.objects.filter(pk=owner_id)
    fitting = row
    if size > 0 and settings.USER_QUOTA_BYTES:
        fitting = row.filter(stored_bytes__lte=settings.USER_QUOTA_BYTES - size)
    moved = fitting.update(
        item_count=F("item_count") + images,
        # Not below zero: a wrong total must not prevent a deletion.
        stored_bytes=Greatest(F("stored_bytes") + size, 0),
        **User.next_content_version(),
    )
    if not moved:
        raise QuotaExceeded if row.exists() else OwnerGone


def check_quota(owner: Any, size: int) -> None:
    """Raise QuotaExceeded if an upload of `size` bytes exceeds the quota.

    This check uses the owner's row as the request has read it, and only saves the
    upload to ImageKit. `add_to_totals` makes the final check.
    """
    quota = settings.USER_QUOTA_BYTES
    if quota and size > 0 and owner.stored_bytes + size > quota:
        raise QuotaExceeded
