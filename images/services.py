"""Where the database and ImageKit both change.

The order of the steps is what keeps the two equal when a step fails, or the
process dies between two of them; docs/decisions/0001-remote-files.md says why.
No remote call is made inside a transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from images.deletion import schedule_deletion
from images.formats import ImageInfo
from images.models import (
    DeletionReceipt,
    Image,
    PendingDeletion,
    Visibility,
    image_path,
    storage_for,
)
from images.querysets import ImageQuerySet
from images.remote_log import log_remote
from images.storage_errors import StorageError, StorageUnavailable


class ReservationLost(StorageUnavailable):
    """The sweep has taken the file's reservation, and maybe the file."""


OnSaved = Callable[[Image], None]


class ImageChanged(Exception):
    """Another request changed the image while this one was at work."""


class OwnerGone(Exception):
    """The account was deleted while its upload was running."""


# Far longer than an upload can take.
_RESERVED_FOR = timedelta(hours=1)


def image_create(
    *,
    owner: User,
    file: File,
    info: ImageInfo,
    on_saved: OnSaved | None = None,
    **fields: Any,
) -> Image:
    """Store the file, then add the row. `fields` are caption, alt text, visibility.

    `on_saved` is called with the image inside the transaction that adds it.

    Raises StorageError when ImageKit does not take the file, and OwnerGone;
    then nothing is kept.
    """
    image = Image(owner=owner, **fields, **_measures(info))
    image.file, reservation = _upload(image, file)
    image_add(image=image, reservation=reservation, on_saved=on_saved)
    return image


def image_add(
    *, image: Image, reservation: PendingDeletion, on_saved: OnSaved | None = None
) -> None:
    """Add the row of a file that is stored already, under its reservation.

    Raises OwnerGone and ReservationLost; then the file goes.
    """
    with _noted_if_swept(str(image.file.name)), transaction.atomic(durable=True):
        # First the owner's row: it waits for a deletion of the account.
        counted = User.objects.filter(pk=image.owner_id).update(
            image_count=F("image_count") + 1
        )
        if not counted:
            raise OwnerGone
        _redeem(reservation)
        image.save(force_insert=True)
        if on_saved:
            on_saved(image)


def image_replace(
    *,
    image: Image,
    file: File,
    info: ImageInfo,
    on_saved: OnSaved | None = None,
    instead_of: str | None = None,
    **fields: Any,
) -> Image:
    """Put another file in the place of the image's, under a new URL.

    The old file goes only after the row names the new one. Raises StorageError
    with the image untouched, Image.DoesNotExist when it was deleted meanwhile,
    and ImageChanged when it was made private or public meanwhile, or when its file
    is no longer the one named by `instead_of`.
    """
    draft = Image(pk=image.pk, owner_id=image.owner_id, **_measures(info))
    draft.visibility = fields.get("visibility", image.visibility)
    name, reservation = _upload(draft, file)
    with _noted_if_swept(name), transaction.atomic(durable=True):
        current = Image.objects.select_for_update().get(pk=image.pk)
        old_name = str(current.file.name)
        was_shared = current.visibility != Visibility.PRIVATE
        changes = {"file": name, **_measures(info), "missing_since": None, **fields}
        for field, value in changes.items():
            setattr(current, field, value)
        replaced_meanwhile = instead_of is not None and instead_of != old_name
        if replaced_meanwhile or current.storage is not draft.storage:
            raise ImageChanged
        _redeem(reservation)
        current.save(update_fields=[*changes, "updated_at"])
        schedule_deletion(
            old_name,
            PendingDeletion.Reason.REPLACED,
            withdrawn=was_shared and current.visibility == Visibility.PRIVATE,
        )
        current.owner = image.owner
        if on_saved:
            on_saved(current)
    return current


def image_update(*, image: Image, **fields: Any) -> Image:
    """Change caption, alt text or visibility; raises as `image_replace`."""
    visibility = fields.get("visibility", image.visibility)
    if storage_for(visibility) is not image.storage:
        return _restore(image, **fields)
    row = Image.objects.filter(pk=image.pk)
    if "visibility" in fields:
        # Another request may have moved the file between the storages.
        row = row.filter(visibility=image.visibility)
    # Not `save()`, which would write back a file name that is no longer true.
    fields["updated_at"] = timezone.now()
    if not row.update(**fields):
        Image.objects.only("pk").get(pk=image.pk)
        raise ImageChanged
    for field, value in fields.items():
        setattr(image, field, value)
    return image


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


def _restore(image: Image, **fields: Any) -> Image:
    """Move the file between public and private, which ImageKit cannot flip.

    It is fetched, and stored anew under another path.
    """
    info = ImageInfo(
        format=image.format,
        width=image.width,
        height=image.height,
        orientation=1,
        frames=1,
        size=image.size,
    )
    name = str(image.file.name)
    with image.storage.open(name) as file:
        if file.size != image.size:
            raise StorageUnavailable("download: these are not the image's bytes.")
        return image_replace(
            image=image, file=file, info=info, instead_of=name, **fields
        )


def _upload(image: Image, file: File) -> tuple[str, PendingDeletion]:
    """Upload under a name that is reserved first; returns both.

    From the first line on a PendingDeletion names the file: if nothing more
    comes of it, the sweep removes whatever has arrived.
    """
    with transaction.atomic(durable=True):
        path = image_path(image)
        reservation = PendingDeletion.objects.create(
            name=path,
            reason=PendingDeletion.Reason.RESERVATION,
            due_at=timezone.now() + _RESERVED_FOR,
        )
    try:
        name = image.storage.save(path, file)
    except StorageError as error:
        log_remote("upload", path, "failed", error=str(error))
        raise
    log_remote("upload", name, "done", size=image.size)
    return name, reservation


def _redeem(reservation: PendingDeletion) -> None:
    """Give up the reservation, for the row of an Image takes over."""
    # Not once the sweep has claimed it: the file is about to be deleted.
    mine = PendingDeletion.objects.filter(pk=reservation.pk, attempted_at=None)
    if not mine.delete()[0]:
        raise ReservationLost("The upload took so long that it was swept away.")


@contextmanager
def _noted_if_swept(name: str) -> Iterator[None]:
    """Note the file anew if the sweep took its reservation before it arrived."""
    try:
        yield
    except ReservationLost:
        schedule_deletion(name, PendingDeletion.Reason.DELETED)
        raise


def _measures(info: ImageInfo) -> dict[str, Any]:
    return {
        "width": info.width,
        "height": info.height,
        "size": info.size,
        "format": info.format,
    }
