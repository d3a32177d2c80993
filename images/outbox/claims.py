"""Claim rows of PendingDeletion, postpone them, and update their receipts."""

import random
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from images.imagekit.errors import StorageError, StorageRateLimited
from images.outbox.log import log_remote
from images.outbox.models import DeletionReceipt, PendingDeletion

# After this time another process may take rows that one process has claimed.
LEASE = timedelta(minutes=5)
_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(hours=6)
_MAX_DOUBLINGS = 10


@dataclass
class RoundResult:
    """The counts of one round, and the seconds to `wait` before the next round.

    `to_purge` counts the deleted files whose purge has to be ordered, `waiting` those
    for which this month's budget has no purge left.
    """

    claimed: int = 0
    deleted: int = 0
    to_purge: int = 0
    ordered: int = 0
    purged: int = 0
    failed: int = 0
    waiting: int = 0
    wait: float = 0.0

    def add(self, other: "RoundResult") -> None:
        self.claimed += other.claimed
        self.deleted += other.deleted
        self.to_purge += other.to_purge
        self.ordered += other.ordered
        self.purged += other.purged
        self.failed += other.failed
        self.waiting += other.waiting
        self.wait = max(self.wait, other.wait)


def claim(limit: int, step: Q, due: Q | None) -> list[PendingDeletion]:
    """Claim up to `limit` rows, so that no other process works on them too.

    `step` selects the rows that wait for one step. `due` selects among them; by
    default those whose `due_at` has passed. The remote calls come after this
    transaction. If the process dies before them, its rows become due again.
    """
    now = timezone.now()
    condition = Q(due_at__lte=now) if due is None else due
    with transaction.atomic(durable=True):
        rows = PendingDeletion.objects.filter(step & condition).order_by("due_at")
        # Never before this time: a file could still arrive after its deletion.
        rows = rows.exclude(not_before__gt=now)
        claimed = list(rows.select_for_update(skip_locked=True)[:limit])
        PendingDeletion.objects.filter(pk__in=[row.pk for row in claimed]).update(
            due_at=now + LEASE, attempted_at=now, attempts=F("attempts") + 1
        )
    return claimed


def postpone(
    row: PendingDeletion,
    operation: str,
    error: StorageError,
    result: RoundResult,
    **changes: Any,
) -> None:
    """Note the failure, and make the row due again later.

    The delay doubles with each attempt, and is at least what ImageKit asks for.
    """
    doublings = min(row.attempts, _MAX_DOUBLINGS)
    delay = min(_FIRST_RETRY * 2**doublings, _LAST_RETRY)
    # Random, so that rows that failed together are not retried together. No secret.
    delay *= random.uniform(0.75, 1)  # noqa: S311  # nosec B311
    if isinstance(error, StorageRateLimited):
        result.wait = max(result.wait, error.retry_after)
        delay = max(delay, timedelta(seconds=error.retry_after))
    PendingDeletion.objects.filter(pk=row.pk).update(
        due_at=timezone.now() + delay, last_error=str(error)[:300], **changes
    )
    result.failed += 1
    log_row(operation, row, "failed", error=str(error))


@contextmanager
def updating_receipts(
    rows: Collection[PendingDeletion], field: str, unfinished: Q
) -> Iterator[None]:
    """Open a transaction in which the block changes `rows`.

    At its end, set `field` to the current time on each receipt of these rows that has
    no `unfinished` rows left.
    """
    keys = {row.receipt_id for row in rows if row.receipt_id}
    receipts = DeletionReceipt.objects.filter(pk__in=keys)
    with transaction.atomic(durable=True):
        # Without the lock, two processes that finish the last two rows of a receipt
        # would each see the other's row as unfinished. The order avoids deadlocks.
        list(receipts.select_for_update().order_by("pk").values_list("pk"))
        yield
        left = PendingDeletion.objects.filter(unfinished, receipt=OuterRef("pk"))
        receipts.filter(~Exists(left), **{field: None}).update(
            **{field: timezone.now()}
        )


def log_row(operation: str, row: PendingDeletion, result: str, **extra: Any) -> None:
    log_remote(
        operation,
        row.name,
        result,
        reason=row.reason,
        attempts=row.attempts + 1,
        **extra,
    )
