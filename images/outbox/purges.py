"""The CDN's copies of deleted files: ordered to go, and followed until they have.

ImageKit limits the orders a month, so the id of each is written down before the
next one is placed. https://imagekit.io/docs/api-reference/caching/purge-cache
"""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from images.imagekit.aliases import imagekit_storage
from images.imagekit.errors import StorageError, StorageFileNotFound, StorageUnavailable
from images.outbox.claims import Outcome, claim, log_row, postpone, receipts_told
from images.outbox.models import PendingDeletion

# Each row costs a call. So many, even slow ones, end before the claim does.
BATCH = 20
# A purge takes minutes. Then as long again as it has taken so far, an hour at most.
_FIRST_LOOK = timedelta(minutes=1)
_LAST_LOOK = timedelta(hours=1)
_OVERDUE = timedelta(hours=6)

_TO_ORDER = Q(file_deleted_at__isnull=False, purge_ordered_at=None)
_ORDERED = Q(purge_ordered_at__isnull=False)
_NO_ORDER = {"purge_ordered_at": None, "purge_request_id": ""}


def order_purges(limit: int = BATCH, due: Q | None = None) -> Outcome:
    """Order the purge of up to `limit` (20 at most) deleted files that are due.

    `due` says which rows to take instead of those whose time has come.
    """
    rows = claim(min(limit, BATCH), _TO_ORDER, due)
    outcome = Outcome(claimed=len(rows))

    def order(row: PendingDeletion) -> None:
        request_id = imagekit_storage().purge(row.name)
        now = timezone.now()
        with receipts_told([row], "purge_requested", Q(purge_ordered_at=None)):
            PendingDeletion.objects.filter(pk=row.pk).update(
                purge_request_id=request_id,
                purge_ordered_at=now,
                due_at=now + _FIRST_LOOK,
                attempted_at=None,
                last_error="",
            )
        outcome.ordered += 1
        log_row("purge order", row, "done", request_id=request_id)

    _for_each(rows, "purge order", order, outcome)
    return outcome


def follow_purges(limit: int = BATCH, due: Q | None = None) -> Outcome:
    """Ask for up to `limit` (20 at most) ordered purges that are due.

    What is completed is done with. What ImageKit does not know, or has not done
    in six hours, is ordered again.
    """
    rows = claim(min(limit, BATCH), _ORDERED, due)
    outcome = Outcome(claimed=len(rows))
    completed: list[PendingDeletion] = []
    pending: list[PendingDeletion] = []

    def look(row: PendingDeletion) -> None:
        try:
            done = imagekit_storage().purge_completed(row.purge_request_id)
        except StorageFileNotFound as error:
            postpone(row, "purge", error, outcome, **_NO_ORDER)
            return
        (completed if done else pending).append(row)

    _for_each(rows, "purge", look, outcome)
    _put_off(pending)
    if completed:
        with receipts_told(completed, "purge_completed", Q()):
            PendingDeletion.objects.filter(
                pk__in=[row.pk for row in completed]
            ).delete()
    for row in completed:
        log_row("purge", row, "done")
    outcome.purged = len(completed)
    return outcome


def _for_each(
    rows: list[PendingDeletion],
    operation: str,
    work: Callable[[PendingDeletion], None],
    outcome: Outcome,
) -> None:
    """Do `work`, one remote call, on each row; put off those that it fails on."""
    for position, row in enumerate(rows):
        try:
            work(row)
        except StorageUnavailable as error:
            # The next call would only wait as long for nothing.
            for one in rows[position:]:
                postpone(one, operation, error, outcome)
            outcome.wait = max(outcome.wait, error.retry_after)
            return
        except StorageError as error:
            postpone(row, operation, error, outcome)


def _put_off(pending: list[PendingDeletion]) -> None:
    now = timezone.now()
    for row in pending:
        age = now - (row.purge_ordered_at or now)
        row.last_error = ""
        row.due_at = now + min(max(age, _FIRST_LOOK), _LAST_LOOK)
        if age >= _OVERDUE:
            row.last_error = f"Purge {row.purge_request_id} was pending for too long."
            row.due_at = now
            row.purge_ordered_at, row.purge_request_id = None, ""
            log_row("purge", row, "failed", error=row.last_error)
    PendingDeletion.objects.bulk_update(pending, ["due_at", "last_error", *_NO_ORDER])
