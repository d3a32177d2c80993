"""Where the database and ImageKit both change.

The order of the steps is what keeps the two equal when a step fails, or the
process dies between two of them; docs/decisions/0001-remote-files.md says why.
No remote call is made inside a transaction.
"""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from accounts.models import User
from images.deletion import schedule_deletion
from images.file_facts import duplicate_of, file_facts, keep_preview
from images.formats import ImageInfo, InvalidImage
from images.models import (
    DeletionReceipt,
    Image,
    PendingDeletion,
    State,
    storage_for,
)
from images.moderation.removed import refuse_removed, report_if_similar
from images.owners import check_quota, owner_account
from images.querysets import ImageQuerySet
from images.reservations import noted_if_swept, redeem, upload_reserved
from images.storage_errors import StorageUnavailable
from images.stripping import StrippedFile, strip_metadata
from images.versions import check_version, locked_image, write_image

OnSaved = Callable[[Image], None]


class ImageChanged(Exception):
    """Another request changed the image while this one was at work."""


class ImageTakenDown(Exception):
    """Moderators have taken the image down: its owner can only delete it."""


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


def image_replace(
    *,
    image: Image,
    file: File,
    info: ImageInfo,
    on_saved: OnSaved | None = None,
    instead_of: str | None = None,
    if_versions: Collection[int] | None = None,
    **fields: Any,
) -> Image:
    """Put another file in the place of the image's, under a new URL.

    The old file goes only after the row names the new one. Raises StorageError,
    QuotaExceeded and ContentRemoved with the image untouched, Image.DoesNotExist
    when it was deleted meanwhile, ImageStale when its version is none of
    `if_versions`, ImageTakenDown, and ImageChanged when it was made private or
    public meanwhile, or when its file is no longer the one named by `instead_of`.
    """
    _refuse_taken_down(image, fields)
    stripped = _strip(file, info)
    check_quota(image.owner, stripped.size - image.size)
    check_version(image, if_versions)
    facts = file_facts(stripped, info)
    if instead_of is None:
        refuse_removed(facts["sha256"], image.owner_id)
        facts["reviewed"] = False
    else:
        keep_preview(facts, image)
    draft = Image(pk=image.pk, owner_id=image.owner_id, **facts)
    draft.visibility = fields.get("visibility", image.visibility)
    draft.quarantined_at = fields.get("quarantined_at", image.quarantined_at)
    draft.file, reservation = upload_reserved(draft, stripped)
    with noted_if_swept(str(draft.file.name)), transaction.atomic(durable=True):
        current = locked_image(image, if_versions)
        _refuse_taken_down(current, fields)
        _exchange_file(current, draft, instead_of, {**facts, **fields})
        redeem(reservation)
        current.owner = image.owner
        current.removed_metadata = stripped.removed
        if on_saved:
            on_saved(current)
    return current


def _exchange_file(
    current: Image, draft: Image, instead_of: str | None, changes: dict[str, Any]
) -> None:
    """Point the locked row at the draft's file, and let the old one go.

    Raises QuotaExceeded and ImageChanged.
    """
    old_name, was_shared = str(current.file.name), current.is_shared
    if grown := draft.size - current.size:
        owner_account(current.owner_id, size=grown)
    name = str(draft.file.name)
    write_image(current, {"file": name, "missing_since": None, **changes})
    replaced_meanwhile = instead_of is not None and instead_of != old_name
    if replaced_meanwhile or current.storage is not draft.storage:
        raise ImageChanged
    current.duplicate_of = duplicate_of(current)
    if instead_of is None:
        report_if_similar(current)
    schedule_deletion(
        old_name,
        PendingDeletion.Reason.REPLACED,
        # A signed URL that was handed out is no longer to work either.
        withdrawn=bool(changes.get("quarantined_at"))
        or (was_shared and not current.is_shared),
    )


def image_update(
    *, image: Image, if_versions: Collection[int] | None = None, **fields: Any
) -> Image:
    """Change caption, alt text or visibility; raises as `image_replace`."""
    visibility = fields.get("visibility", image.visibility)
    _refuse_taken_down(image, fields)
    if storage_for(visibility) is not image.storage:
        return image_move(image, if_versions=if_versions, **fields)
    with transaction.atomic():
        current = locked_image(image, if_versions)
        _refuse_taken_down(current, fields)
        if "visibility" in fields and current.visibility != image.visibility:
            # Another request may have moved the file between the storages.
            raise ImageChanged
        write_image(current, fields)
    current.owner = image.owner
    return current


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


def image_move(image: Image, **fields: Any) -> Image:
    """Move the file to where `fields` say: public, private, or into quarantine.

    ImageKit cannot flip it: the file is fetched, and stored anew under another
    path. Takes and raises what `image_replace` does.
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
        try:
            return image_replace(
                image=image, file=file, info=info, instead_of=name, **fields
            )
        except InvalidImage as error:
            raise StorageUnavailable(
                "download: these are not the image's bytes."
            ) from error


def _strip(file: File, info: ImageInfo) -> StrippedFile:
    """Take the metadata out; raises InvalidImage for a damaged file."""
    if isinstance(file, StrippedFile):
        return file
    return strip_metadata(file, info.format, settings.KEEP_METADATA)


def _refuse_taken_down(image: Image, fields: dict[str, Any]) -> None:
    """Raise ImageTakenDown, unless it is moderation that moves the file."""
    if image.state == State.TAKEN_DOWN and "quarantined_at" not in fields:
        raise ImageTakenDown
