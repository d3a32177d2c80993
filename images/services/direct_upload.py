"""Let clients upload straight to ImageKit with a ticket, and make images of the files.

As for other uploads, a reservation names the path until an Image does; it is committed
before the client gets the ticket. See docs/decisions/0001-remote-files.md.
"""

import logging
from datetime import timedelta
from math import isqrt
from typing import IO, Any, cast

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from images.imagekit.errors import StorageError, StorageFileNotFound
from images.imagekit.pictures import RemotePicture, fetch_picture
from images.imagekit.storage import ImageKitStorage
from images.imagekit.upload_tokens import upload_form
from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.previews import SIDE, Preview, make_preview
from images.models import Format, Image, UploadTicket, image_path, storage_for
from images.models.tickets import ARRIVES_WITHIN
from images.outbox.log import log_remote
from images.outbox.models import PendingDeletion
from images.outbox.reservations import (
    ReservationLost,
    ReservedFile,
    redeeming_reservation,
)
from images.outbox.schedule import schedule_deletion
from images.services.quota import add_to_totals, require_room
from images.services.upload import insert_image

logger = logging.getLogger(__name__)

_FORMATS = {f"image/{one.value}": one for one in Format}
# ImageKit refuses tokens with a lifetime of more than an hour.
_LIFETIME = timedelta(minutes=30)
# ImageKit does not transform pictures with a longer side.
_LONGEST_SIDE = 65_535


class UnknownFile(Exception):
    """There is no file with this id at the ticket's path."""


class TicketUsed(Exception):
    """The ticket was used for another file."""


class TicketExpired(Exception):
    """The ticket was not completed in time: its file was or will be deleted."""


class FileRefused(Exception):
    """The file may not be uploaded, and was deleted.

    `code` is the API's error code: `invalid_image`, `too_many_pixels` or
    `file_too_large`.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class FileTooLarge(FileRefused):
    """The file has more bytes than UPLOAD_MAX_BYTES."""

    def __init__(self) -> None:
        limit = settings.UPLOAD_MAX_BYTES
        text = f"The file is larger than the limit of {limit} bytes."
        super().__init__("file_too_large", text)


class _CompletedMeanwhile(Exception):
    """Another call has completed the ticket."""


def create_ticket(
    *, owner: User, format: Format, size: int, **fields: Any
) -> tuple[UploadTicket, dict[str, str]]:
    """Let `owner` send one file of this format and of at most `size` bytes.

    Returns the ticket, and the form fields that the client sends with it. `fields`
    are caption, alt text and visibility of the image. Raises OwnerGone, QuotaExceeded.
    """
    image = Image(owner=owner, format=format, **fields)
    issued_at = timezone.now().replace(microsecond=0)
    expires_at = issued_at + _LIFETIME
    swept_at = expires_at + ARRIVES_WITHIN
    path = image_path(image)
    form = upload_form(
        image.storage,
        path,
        checks=_checks(format, size),
        issued_at=issued_at,
        expires_at=expires_at,
    )
    with transaction.atomic(durable=True):
        require_room(owner.pk, size)
        reservation = PendingDeletion.objects.create(
            name=path,
            reason=PendingDeletion.Reason.RESERVATION,
            due_at=swept_at,
            not_before=swept_at,
        )
        ticket = UploadTicket.objects.create(
            id=image.pk,
            owner=owner,
            path=path,
            reservation=reservation,
            caption=image.caption,
            alt_text=image.alt_text,
            visibility=image.visibility,
            size=size,
            expires_at=expires_at,
        )
    return ticket, form


def complete_ticket(*, ticket: UploadTicket, file_id: str) -> tuple[Image, bool]:
    """Return the image of an uploaded file, and whether this call has made it.

    The file's properties are read from ImageKit. Raises UnknownFile, TicketUsed,
    TicketExpired, FileRefused, OwnerGone, QuotaExceeded, StorageError, and
    Image.DoesNotExist if the image was deleted meanwhile.
    """
    if not ticket.file_id:
        if ticket.is_over:
            raise TicketExpired
        try:
            return _make_image(ticket, file_id), True
        except _CompletedMeanwhile:
            ticket.refresh_from_db()
    if ticket.file_id != file_id:
        raise TicketUsed
    return Image.objects.select_related("owner").get(pk=ticket.pk), False


def _make_image(ticket: UploadTicket, file_id: str) -> Image:
    picture = _fetch(ticket, file_id)
    preview = _remote_preview(storage_for(ticket.visibility), picture.name)
    image = Image(
        pk=ticket.pk,
        owner_id=ticket.owner_id,
        file=picture.name,
        caption=ticket.caption,
        alt_text=ticket.alt_text,
        visibility=ticket.visibility,
        width=picture.width,
        height=picture.height,
        size=picture.size,
        format=_FORMATS[picture.mime],
        **preview._asdict(),
    )
    try:
        with redeeming_reservation(ReservedFile(picture.name, ticket.reservation_id)):
            # This locks the owner's row first, and so waits for a running deletion of
            # the account.
            add_to_totals(image.owner_id, images=1, size=image.size, ticket=ticket.pk)
            unused = UploadTicket.objects.filter(pk=ticket.pk, file_id="")
            if not unused.update(file_id=file_id):
                raise _CompletedMeanwhile
            insert_image(image)
    except ReservationLost as error:
        raise TicketExpired from error
    log_remote("direct upload", picture.name, "done", size=picture.size)
    return image


def _fetch(ticket: UploadTicket, file_id: str) -> RemotePicture:
    """Return the file's properties; raises UnknownFile, FileRefused, StorageError."""
    storage = storage_for(ticket.visibility)
    try:
        picture = fetch_picture(storage, file_id)
    except StorageFileNotFound as error:
        raise UnknownFile from error
    if picture.path != ticket.path:
        raise UnknownFile
    try:
        _require_acceptable(picture, private=storage.private)
    except FileRefused as error:
        # The reservation stays: perhaps the client can upload to the path again.
        with transaction.atomic():
            schedule_deletion(picture.name, reason=PendingDeletion.Reason.DELETED)
        log_remote("direct upload", picture.name, "failed", error=str(error))
        raise
    return picture


def _require_acceptable(picture: RemotePicture, *, private: bool) -> None:
    """Repeat the checks that ImageKit has made for the ticket; raises FileRefused.

    The size is that of the stored file, after the pre-transformation. Only ImageKit
    knows, and has checked, the size of the file that was sent.
    """
    if not (picture.mime in _FORMATS and picture.width and picture.height):
        raise FileRefused(
            "invalid_image", "The file is not a JPEG, PNG, WebP or GIF image."
        )
    if picture.private is not private:
        raise FileRefused(
            "invalid_image", "The file does not have the ticket's visibility."
        )
    if picture.width * picture.height > settings.UPLOAD_MAX_PIXELS:
        raise FileRefused(
            "too_many_pixels",
            f"The image has more than {settings.UPLOAD_MAX_PIXELS} pixels.",
        )
    if picture.size > settings.UPLOAD_MAX_BYTES:
        raise FileTooLarge


def _checks(format: Format, size: int) -> str:
    """Return the checks that ImageKit makes before it stores the file.

    https://imagekit.io/docs/api-reference/upload-file/upload-file#upload-api-checks
    The language cannot multiply the two sides. So one side must not be longer than the
    square root of the allowed pixels; the exact limit is checked at the completion.
    """
    side = isqrt(settings.UPLOAD_MAX_PIXELS)
    width, height = '"mediaMetadata.width"', '"mediaMetadata.height"'
    return (
        f'"file.size" <= {size} AND "file.mime" = "image/{format.value}"'
        f" AND {width} <= {_LONGEST_SIDE} AND {height} <= {_LONGEST_SIDE}"
        f" AND ({width} <= {side} OR {height} <= {side})"
    )


_TINY = f"w-{SIDE},h-{SIDE},c-at_max,f-jpg"


def _remote_preview(storage: ImageKitStorage, name: str) -> Preview:
    """Return a preview, made of a tiny rendition by ImageKit.

    Without an answer from ImageKit it is empty.
    """
    try:
        with storage.open_rendition(name, _TINY) as file:
            content = cast(IO[bytes], file.file)
            info = inspect_image(content, max_pixels=SIDE**2, max_frames=1)
            return make_preview(file, info)
    except (StorageError, InvalidImage) as error:
        logger.warning("No preview of %s: %s", name, error)
        return Preview()
