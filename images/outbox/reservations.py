"""Reservations: a PendingDeletion names each upload until an Image row does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from images.imagekit.errors import StorageError, StorageUnavailable
from images.imagekit.storage import ImageKitStorage
from images.media.stripping import StrippedFile
from images.outbox.log import log_remote
from images.outbox.models import PendingDeletion
from images.outbox.schedule import schedule_deletion

# Far longer than an upload can take.
_RESERVED_FOR = timedelta(hours=1)


class ReservationLost(StorageUnavailable):
    """The sweep has taken the file's reservation, and maybe the file."""


class ReservedFile(NamedTuple):
    """A stored file, by its stored name, and the id of its reservation."""

    name: str
    reservation_id: int


def upload_reserved(
    storage: ImageKitStorage, path: str, file: StrippedFile
) -> ReservedFile:
    """Reserve `path`, then upload the file there.

    Every file is sent to ImageKit here, and its type says that its metadata are gone.
    The reservation is committed before the file leaves: if nothing more comes of the
    upload, the sweep removes whatever has arrived. Raises StorageError.
    """
    with transaction.atomic(durable=True):
        reservation = PendingDeletion.objects.create(
            name=path,
            reason=PendingDeletion.Reason.RESERVATION,
            due_at=timezone.now() + _RESERVED_FOR,
        )
    try:
        name = storage.save(path, file)
    except StorageError as error:
        log_remote("upload", path, "failed", error=str(error))
        raise
    log_remote("upload", name, "done", size=file.size)
    return ReservedFile(name, reservation.pk)


@contextmanager
def redeeming(file: ReservedFile) -> Iterator[None]:
    """Give the reservation up in the transaction in which a row takes the file over.

    Opens that transaction. Raises ReservationLost at its end when the sweep has
    claimed the file, which is then noted for deletion anew: it may have arrived late.
    """
    try:
        with transaction.atomic(durable=True):
            yield
            # Not once the sweep has claimed it: the file is about to be deleted.
            mine = PendingDeletion.objects.filter(
                pk=file.reservation_id, attempted_at=None
            )
            if not mine.delete()[0]:
                raise ReservationLost("The upload took so long that it was swept away.")
    except ReservationLost:
        schedule_deletion(file.name, reason=PendingDeletion.Reason.DELETED)
        raise
