"""Where the database and ImageKit both change.

The order of the steps is what keeps the two equal when a step fails, or the
process dies between two of them; docs/decisions/0001-remote-files.md says why.
No remote call is made inside a transaction.
"""

from collections.abc import Callable
from typing import Any

from django.core.files.base import File
from django.db import transaction

from accounts.models import User
from images.media.formats.info import ImageInfo
from images.models import Image
from images.outbox.models import PendingDeletion
from images.outbox.reservations import noted_if_swept, redeem, upload_reserved
from images.screening.inspection import _strip
from images.screening.removed import refuse_removed, report_if_similar
from images.services.facts import duplicate_of, file_facts
from images.services.quota import check_quota, owner_account

OnSaved = Callable[[Image], None]


def image_create(
    *,
    owner: User,
    file: File,
    info: ImageInfo,
    on_saved: OnSaved | None = None,
    **fields: Any,
) -> Image:
    """Store the file, then add the row. `fields` are caption, alt text, visibility.

    Its metadata are not stored: `removed_metadata` of the image says which.

    `on_saved` is called with the image inside the transaction that adds it.

    Raises StorageError when ImageKit does not take the file, OwnerGone,
    QuotaExceeded and ContentRemoved; then nothing is kept.
    """
    stripped = _strip(file, info)
    check_quota(owner, stripped.size)
    image = Image(owner=owner, **fields, **file_facts(stripped, info))
    refuse_removed(image.sha256, owner.pk)
    image.file, reservation = upload_reserved(image, stripped)
    image.removed_metadata = stripped.removed
    image_add(image=image, reservation=reservation, on_saved=on_saved)
    return image


def image_add(
    *,
    image: Image,
    reservation: PendingDeletion,
    claim: Callable[[], None] | None = None,
    on_saved: OnSaved | None = None,
) -> None:
    """Add the row of a file that is stored already, under its reservation.

    `claim` is called first, once the owner is locked: what it raises ends all, and
    leaves the file to who was faster. Raises OwnerGone, QuotaExceeded and
    ReservationLost; then the file goes.
    """
    with noted_if_swept(str(image.file.name)), transaction.atomic(durable=True):
        # First the owner's row: it waits for a deletion of the account.
        owner_account(image.owner_id, images=1, size=image.size)
        if claim:
            claim()
        redeem(reservation)
        image.save(force_insert=True)
        image.duplicate_of = duplicate_of(image)
        report_if_similar(image)
        if on_saved:
            on_saved(image)
