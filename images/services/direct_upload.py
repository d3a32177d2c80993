"""Let clients upload straight to ImageKit with a ticket, and make images of the files.

As for other uploads, a reservation names the path until an Image does; it is committed
before the client gets the ticket. See docs/decisions/0001-remote-files.md.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from images.imagekit.direct_upload import upload_form
from images.models import Format, Image, UploadTicket, image_path
from images.models.tickets import ARRIVES_WITHIN
from images.outbox.log import log_remote
from images.outbox.models import PendingDeletion
from images.outbox.reservations import (
    ReservationLost,
    ReservedFile,
    redeeming_reservation,
)
from images.services.arrivals import (
    STORED_FORMATS,
    fetch_arrival,
    preview_arrival,
    stored_as,
    upload_checks,
)
from images.services.quota import add_to_totals, require_room
from images.services.remote_previews import compare_with_removed
from mediabackend.telemetry.counters import count_upload

# ImageKit refuses tokens with a lifetime of more than an hour.
_LIFETIME = timedelta(minutes=30)


class TicketUsed(Exception):
    """The ticket was used for another file."""


class TicketExpired(Exception):
    """The ticket was not completed in time: its file was or will be deleted."""


def create_ticket(
    *, owner: User, format: Format, size: int, **fields: Any
) -> tuple[UploadTicket, dict[str, str]]:
    """Let `owner` send one file of this format and of at most `size` bytes.

    Returns the ticket, and the form fields that the client sends with it. `fields`
    are caption, alt text and visibility of the image. Raises OwnerGone, QuotaExceeded.
    """
    stored = stored_as(format)
    image = Image(owner=owner, format=stored, **fields)
    issued_at = timezone.now().replace(microsecond=0)
    expires_at = issued_at + _LIFETIME
    swept_at = expires_at + ARRIVES_WITHIN
    path = image_path(image)
    form = upload_form(
        image.storage,
        path,
        checks=upload_checks(format, size),
        output="orig" if stored is format else stored.extension,
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
            size=size,
            expires_at=expires_at,
            **{**fields, "visibility": image.visibility},
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
        except TicketUsed:
            # Another call has completed it meanwhile, perhaps with the same file.
            ticket.refresh_from_db()
    if ticket.file_id != file_id:
        raise TicketUsed
    return Image.objects.select_related("owner").get(pk=ticket.pk), False


def _make_image(ticket: UploadTicket, file_id: str) -> Image:
    picture = fetch_arrival(ticket, file_id)
    preview = preview_arrival(ticket, picture)
    try:
        with redeeming_reservation(ReservedFile(picture.name, ticket.reservation_id)):
            # This locks the owner's row first, and so waits for a running deletion of
            # the account.
            size = picture.size
            add_to_totals(ticket.owner_id, images=1, size=size, ticket=ticket.pk)
            unused = UploadTicket.objects.filter(pk=ticket.pk, file_id="")
            if not unused.update(file_id=file_id):
                raise TicketUsed
            image = Image(
                pk=ticket.pk,
                # Read while the account is locked: after the commit it may be deleted.
                owner=ticket.owner,
                file=picture.name,
                caption=ticket.caption,
                alt_text=ticket.alt_text,
                visibility=ticket.visibility,
                width=picture.width,
                height=picture.height,
                size=size,
                format=STORED_FORMATS[picture.mime],
                **preview._asdict(),
            )
            image.save(force_insert=True)
            compare_with_removed(image)
    except ReservationLost as error:
        raise TicketExpired from error
    log_remote("direct upload", picture.name, "done", size=picture.size)
    count_upload("direct", picture.size)
    return image
