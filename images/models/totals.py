"""The totals of a user's images, which stand in the user's row."""

import secrets
from functools import partial
from uuid import UUID, uuid4

from django.db.models import F
from django.db.models.functions import Greatest
from django.db.models.sql import UpdateQuery

from accounts.models import User
from mediabackend.db.compiled import CompiledChange, update_of


def change_totals(
    owner_id: UUID, images: int, size: int, using: str | None = None
) -> bool:
    """Add `images` and `size`, in bytes, to the owner's totals; both may be negative.

    It also raises the version of the owner's content. Returns False when there is no
    such user. Call it in a transaction; it locks the owner's row.
    """
    return bool(_addition.run(owner_id, images, size, using=using))


def _build(owner: UUID, images: int, size: int) -> UpdateQuery:
    return update_of(
        User.objects.filter(pk=owner),
        # Not below zero: a wrong total must not prevent a deletion.
        item_count=Greatest(F("item_count") + images, 0),
        stored_bytes=Greatest(F("stored_bytes") + size, 0),
        **User.next_content_version(),
    )


_bits = partial(secrets.randbits, 62)
_addition = CompiledChange(User, _build, examples=[uuid4, _bits, _bits])
