from collections.abc import Collection
from typing import Any

from django.core.files.base import File
from django.db import transaction

from images.imagekit.errors import StorageUnavailable
from images.media.formats.info import ImageInfo, InvalidImage
from images.models import Image, State
from images.outbox.models import PendingDeletion
from images.outbox.reservations import noted_if_swept, redeem, upload_reserved
from images.outbox.schedule import schedule_deletion
from images.screening.inspection import _strip
from images.screening.removed import refuse_removed, report_if_similar
from images.services.facts import duplicate_of, file_facts, keep_preview
from images.services.locking import check_version, locked_image, write_image
from images.services.quota import check_quota, owner_account
from images.services.upload import OnSaved


class ImageChanged(Exception):
    """Another request changed the image while this one was at work."""


class ImageTakenDown(Exception):
    """Moderators have taken the image down: its owner can only delete it."""


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


def _refuse_taken_down(image: Image, fields: dict[str, Any]) -> None:
    """Raise ImageTakenDown, unless it is moderation that moves the file."""
    if image.state == State.TAKEN_DOWN and "quarantined_at" not in fields:
        raise ImageTakenDown
