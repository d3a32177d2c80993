"""Deletion of remote files that the database no longer names."""

from datetime import timedelta

from django.db.models import Min, Q
from django.utils import timezone

from images.imagekit.aliases import imagekit_storage
from images.imagekit.files import BULK_LIMIT
from images.outbox.claims import Outcome, claim, log_row, postpone, receipts_told
from images.outbox.models import PendingDeletion


def delete_due_files(limit: int = BULK_LIMIT, due: Q | None = None) -> Outcome:
    """Delete up to `limit` (100 at most) remote files that are due.

    A failure is noted on its row, which becomes due again later. `due` says
    which rows to take instead of those whose time has come.
    """
    rows = claim(limit, Q(file_deleted_at=None), due)
    outcome = Outcome(claimed=len(rows))
    failures = (
        imagekit_storage().delete_many({row.name for row in rows}) if rows else {}
    )
    gone = [row for row in rows if row.name not in failures]
    if gone:
        _note_gone(gone)
    for row in rows:
        if row.name in failures:
            postpone(row, "delete", failures[row.name], outcome)
        else:
            log_row("delete", row, "done")
    outcome.deleted = len(gone)
    return outcome


def _note_gone(rows: list[PendingDeletion]) -> None:
    """Be done with these rows, but for those that have a purge before them."""
    now = timezone.now()
    gone = PendingDeletion.objects.filter(pk__in=[row.pk for row in rows])
    with receipts_told(rows, "file_deleted", Q(file_deleted_at=None)):
        gone.filter(purge=False).delete()
        gone.filter(purge=True).update(
            # As new for its next step.
            **{"file_deleted_at": now, "due_at": now, "last_error": ""},
            **{"attempts": 0, "attempted_at": None},
        )


def oldest_pending() -> timedelta | None:
    """Return how long the oldest file has been waiting for its deletion, if any is.

    Uploads under way do not count.
    """
    now = timezone.now()
    under_way = Q(reason=PendingDeletion.Reason.RESERVATION, due_at__gt=now)
    oldest = PendingDeletion.objects.exclude(under_way).aggregate(Min("created_at"))
    created_at = oldest["created_at__min"]
    return now - created_at if created_at else None
