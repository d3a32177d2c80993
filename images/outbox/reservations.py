"""Reservations: a PendingDeletion names each uploaded file until an Image does."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from images.imagekit.errors import StorageError, StorageMisplaced, StorageUnavailable
from images.imagekit.storage import ImageKitStorage
from images.media.stripping import StrippedFile
from images.outbox.log import log_remote
from images.outbox.models import PendingDeletion
from images.outbox.schedule import schedule_deletion
from mediabackend.db.compiled import CompiledChange, delete_of
from mediabackend.telemetry.counters import count_upload

# Much longer than an upload can take.
_RESERVED_FOR = timedelta(hours=1)

_redemption = CompiledChange(
    PendingDeletion,
    lambda key: delete_of(PendingDeletion.objects.filter(pk=key, attempted_at=None)),
    examples=[partial(secrets.randbits, 62)],
)


class ReservationLost(StorageUnavailable):
    """The sweep has claimed the reservation, and may have deleted the file."""


class ReservedFile(NamedTuple):
    """The stored name of an uploaded file, and the id of its reservation."""

    name: str
    reservation_id: int


def upload_file(
    storage: ImageKitStorage, path: str, file: StrippedFile
) -> ReservedFile:
    """Reserve `path`, then upload the file there.

    All uploads by this server go through here, so the type StrippedFile ensures that
    no file is sent with its metadata. The reservation is committed before the upload:
    if the upload is never finished, the sweep deletes the file. Raises StorageError.
    """
    # Refuses to run in a transaction. The one statement then commits itself: it is
    # spared BEGIN and COMMIT.
    with transaction.atomic(durable=True):
        pass
    reservation = PendingDeletion.objects.create(
        name=path,
        reason=PendingDeletion.Reason.RESERVATION,
        due_at=timezone.now() + _RESERVED_FOR,
    )
    try:
        name = storage.save(path, file)
    except StorageError as error:
        log_remote("upload", path, "failed", error=str(error))
        if isinstance(error, StorageMisplaced):
            # The path does not lead to the file: its id is needed to delete it.
            with transaction.atomic():
                schedule_deletion(
                    error.stored_name, reason=PendingDeletion.Reason.DELETED
                )
                PendingDeletion.objects.filter(pk=reservation.pk).delete()
        raise
    log_remote("upload", name, "done", size=file.size)
    count_upload("server", file.size)
    return ReservedFile(name, reservation.pk)


@contextmanager
def redeeming_reservation(file: ReservedFile) -> Iterator[None]:
    """Open a transaction whose block adds the row that names the file.

    The reservation is removed at its end. Raises ReservationLost if the sweep has
    claimed it; then the file is scheduled for deletion again, as it may have arrived
    after the sweep's deletion.
    """
    try:
        with transaction.atomic(durable=True):
            yield
            # After the sweep's claim it is too late: the file may be gone.
            if not _redemption.run(file.reservation_id):
                raise ReservationLost(
                    "The upload took too long: its file was or will be deleted."
                )
    except ReservationLost:
        schedule_deletion(file.name, reason=PendingDeletion.Reason.DELETED)
        raise
