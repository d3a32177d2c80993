"""Keep the totals in a user's row equal to their images, and enforce the quota.

The totals change in the same transaction as the images. Open upload tickets count
against the quota too: each of their files may still arrive. All code locks the owner's
row before the rows of images.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from accounts.models import User
from images.models import UploadTicket
from images.models.totals import change_totals


class OwnerGone(Exception):
    """The account was deleted during the upload."""


class QuotaExceeded(Exception):
    """The user's images would need more than USER_QUOTA_BYTES."""


def add_to_totals(
    owner_id: UUID, *, images: int = 0, size: int = 0, ticket: UUID | None = None
) -> None:
    """Add `images` and `size`, in bytes, to the owner's totals; both may be negative.

    It also raises the version of the owner's content. Call it in a transaction; it
    locks the owner's row. `ticket` is the id of the upload ticket that the image comes
    from: it needs no room of its own any more. Raises OwnerGone and QuotaExceeded.
    """
    if size > 0:
        require_room(owner_id, size, ticket)
    if not change_totals(owner_id, images, size):
        raise OwnerGone


def require_room(owner_id: UUID, size: int, ticket: UUID | None = None) -> None:
    """Raise QuotaExceeded unless the quota has room for `size` more bytes.

    Call it in a transaction that then takes the room: it locks the owner's row, so that
    uploads and tickets at the same time cannot take the same room. `ticket` is the id
    of one that does not count. Raises OwnerGone.
    """
    if not settings.USER_QUOTA_BYTES:
        return
    owner = User.objects.select_for_update(no_key=True).filter(pk=owner_id).first()
    if owner is None:
        raise OwnerGone
    if used_bytes(owner, ticket) + size > settings.USER_QUOTA_BYTES:
        raise QuotaExceeded


def check_quota(owner: Any, size: int) -> None:
    """Raise QuotaExceeded if an upload of `size` bytes exceeds the quota.

    This check uses the owner's row as the request has read it, and only saves the
    upload to ImageKit. `require_room` makes the final check.
    """
    quota = settings.USER_QUOTA_BYTES
    if quota and size > 0 and used_bytes(owner) + size > quota:
        raise QuotaExceeded


def used_bytes(owner: Any, ticket: UUID | None = None) -> int:
    """Return the part of the quota that the owner's images and open tickets use.

    Without a quota, tickets do not count: they reserve nothing. `ticket` is the id of
    one that does not count.
    """
    if not settings.USER_QUOTA_BYTES:
        return owner.stored_bytes
    tickets = UploadTicket.objects.open().filter(owner=owner.pk)
    if ticket:
        tickets = tickets.exclude(pk=ticket)
    return owner.stored_bytes + (tickets.aggregate(all=Sum("size"))["all"] or 0)
