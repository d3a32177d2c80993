"""Purge deleted files from the CDN: order each purge, and ask until it is completed.

ImageKit limits the orders per month, so the id of each order is stored before the
next order, and orders have a budget: a purge that it has no room for waits for the next
month. https://imagekit.io/docs/api-reference/caching/purge-cache
"""

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from images.imagekit.aliases import imagekit_storage
from images.imagekit.errors import StorageError, StorageFileNotFound, StorageUnavailable
from images.outbox.budget import give_purge_back, next_budget, take_purge
from images.outbox.claims import (
    RoundResult,
    claim,
    log_row,
    postpone,
    updating_receipts,
)
from images.outbox.models import PendingDeletion

# Each row costs a call. This many end before the claim expires, even if all are slow.
BATCH = 20
# A purge takes minutes. The next look comes after as much time again as has passed
# since the order, but after an hour at the latest.
_FIRST_LOOK = timedelta(minutes=1)
_LAST_LOOK = timedelta(hours=1)
_OVERDUE = timedelta(hours=6)

_TO_ORDER = Q(file_deleted_at__isnull=False, purge_ordered_at=None)
_ORDERED = Q(purge_ordered_at__isnull=False)
_NO_ORDER = {"purge_ordered_at": None, "purge_request_id": ""}


def order_purges(limit: int = BATCH, due: Q | None = None) -> RoundResult:
    """Order the purge of up to `limit` (20 at most) deleted files that are due.

    `due` selects other rows than those whose `due_at` has passed.
    """
    rows = claim(min(limit, BATCH), _TO_ORDER, due)
    result = RoundResult(claimed=len(rows))

    def order(row: PendingDeletion) -> None:
        if not take_purge(row):
            _wait_for_budget(row)
            result.waiting += 1
            return
        try:
            request_id = imagekit_storage(row.storage).purge(row.name)
        except StorageError:
            give_purge_back(row)
            raise
        now = timezone.now()
        with updating_receipts([row], "purge_requested", Q(purge_ordered_at=None)):
            PendingDeletion.objects.filter(pk=row.pk).update(
                purge_request_id=request_id,
                purge_ordered_at=now,
                due_at=now + _FIRST_LOOK,
                attempted_at=None,
                last_error="",
                purge_waits=False,
            )
        result.ordered += 1
        log_row("purge order", row, "done", request_id=request_id)

    _for_each(rows, "purge order", order, result)
    return result


def _wait_for_budget(row: PendingDeletion) -> None:
    text = "The budget of purges is spent: PURGES_PER_MONTH or PURGES_PER_USER."
    PendingDeletion.objects.filter(pk=row.pk).update(
        purge_waits=True, due_at=next_budget(), last_error=text
    )
    log_row("purge order", row, "waits", error=text)


def follow_purges(limit: int = BATCH, due: Q | None = None) -> RoundResult:
    """Ask ImageKit about up to `limit` (20 at most) ordered purges that are due.

    Rows of completed purges are deleted. A purge that ImageKit does not know, or has
    not completed in six hours, is ordered again.
    """
    rows = claim(min(limit, BATCH), _ORDERED, due)
    result = RoundResult(claimed=len(rows))
    completed: list[PendingDeletion] = []
    pending: list[PendingDeletion] = []

    def look(row: PendingDeletion) -> None:
        try:
            done = imagekit_storage().purge_completed(row.purge_request_id)
        except StorageFileNotFound as error:
            postpone(row, "purge", error, result, **_NO_ORDER)
            return
        (completed if done else pending).append(row)

    _for_each(rows, "purge", look, result)
    _ask_later(pending)
    with updating_receipts(completed, "purge_completed", Q()):
        PendingDeletion.objects.filter(pk__in=[row.pk for row in completed]).delete()
    for row in completed:
        log_row("purge", row, "done")
    result.purged = len(completed)
    return result


def _for_each(
    rows: list[PendingDeletion],
    operation: str,
    work: Callable[[PendingDeletion], None],
    result: RoundResult,
) -> None:
    """Call `work`, which makes one remote call, for each row; postpone failed rows."""
    for position, row in enumerate(rows):
        try:
            work(row)
        except StorageUnavailable as error:
            # The next call would very likely fail too, after the same wait.
            for one in rows[position:]:
                postpone(one, operation, error, result)
            result.wait = max(result.wait, error.retry_after)
            return
        except StorageError as error:
            postpone(row, operation, error, result)


def _ask_later(pending: list[PendingDeletion]) -> None:
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
