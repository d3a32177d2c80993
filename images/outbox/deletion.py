"""Deletion of remote files that the database no longer names."""

from django.db.models import Q
from django.utils import timezone

from images.imagekit.aliases import imagekit_storage
from images.imagekit.errors import StorageError
from images.imagekit.files import BULK_LIMIT
from images.outbox.claims import (
    RoundResult,
    claim,
    log_row,
    postpone,
    updating_receipts,
)
from images.outbox.models import PendingDeletion

# Their names may lack ImageKit's file id, so each takes a call to find the file.
NEEDS_LOOK_UP = Q(
    reason__in=[PendingDeletion.Reason.RESERVATION, PendingDeletion.Reason.ORPHANED]
)


def delete_due_files(limit: int = BULK_LIMIT, due: Q | None = None) -> RoundResult:
    """Delete up to `limit` (100 at most) remote files that are due.

    A row whose deletion fails notes the error and becomes due again later. `due`
    selects other rows than those whose `due_at` has passed.
    """
    rows = claim(limit, Q(file_deleted_at=None), due)
    failures = _delete(rows)
    gone = [row for row in rows if row.pk not in failures]
    _note_gone(gone)
    to_purge = sum(row.purge for row in gone)
    result = RoundResult(claimed=len(rows), deleted=len(gone), to_purge=to_purge)
    for row in rows:
        if row.pk in failures:
            postpone(row, "delete", failures[row.pk], result)
        else:
            log_row("delete", row, "done")
    return result


def _delete(rows: list[PendingDeletion]) -> dict[int, StorageError]:
    """Delete the files of these rows; returns the failures by the rows' keys."""
    failures: dict[int, StorageError] = {}
    for alias in {row.storage for row in rows}:
        of_storage = [row for row in rows if row.storage == alias]
        failed = imagekit_storage(alias).delete_many({row.name for row in of_storage})
        failures |= {
            row.pk: failed[row.name] for row in of_storage if row.name in failed
        }
    return failures


def _note_gone(rows: list[PendingDeletion]) -> None:
    """Remove these rows, and keep those whose file has to be purged for that step."""
    now = timezone.now()
    finished = [row.pk for row in rows if not row.purge]
    to_purge = [row.pk for row in rows if row.purge]
    with updating_receipts(rows, "file_deleted", Q(file_deleted_at=None)):
        PendingDeletion.objects.filter(pk__in=finished).delete()
        # Reset, like a new row, for the next step.
        PendingDeletion.objects.filter(pk__in=to_purge).update(
            **{"file_deleted_at": now, "due_at": now, "last_error": ""},
            **{"attempts": 0, "attempted_at": None},
        )
