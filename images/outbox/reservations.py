"""Files on their way: a PendingDeletion names each until the row of an Image does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from images.imagekit.errors import StorageError, StorageUnavailable
from images.media.stripping import StrippedFile
from images.models.image import Image, image_path
from images.outbox.log import log_remote
from images.outbox.models import PendingDeletion
from images.outbox.schedule import schedule_deletion

# Far longer than an upload can take.
_RESERVED_FOR = timedelta(hours=1)


class ReservationLost(StorageUnavailable):
    """The sweep has taken the file's reservation, and maybe the file."""


def upload_reserved(image: Image, file: StrippedFile) -> tuple[str, PendingDeletion]:
    """Upload under a name that is reserved first; returns both.

    Every file passes here on its way out, and by its type none with its metadata.
    A PendingDeletion names the file before it leaves: if nothing more comes of it,
    the sweep removes whatever has arrived.
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


def redeem(reservation: PendingDeletion) -> None:
    """Give up the reservation, for the row of an Image takes over."""
    # Not once the sweep has claimed it: the file is about to be deleted.
    mine = PendingDeletion.objects.filter(pk=reservation.pk, attempted_at=None)
    if not mine.delete()[0]:
        raise ReservationLost("The upload took so long that it was swept away.")


@contextmanager
def noted_if_swept(name: str) -> Iterator[None]:
    """Note the file anew if the sweep took its reservation before it arrived."""
    try:
        yield
    except ReservationLost:
        schedule_deletion(name, PendingDeletion.Reason.DELETED)
        raise
