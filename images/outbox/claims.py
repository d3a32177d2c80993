"""Rows of PendingDeletion: claimed for one step, put off, told to their receipts."""

import random
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from images.imagekit.errors import StorageError, StorageRateLimited
from images.outbox.log import log_remote
from images.outbox.models import DeletionReceipt, PendingDeletion

# How long a process that has claimed rows may take before another one tries.
LEASE = timedelta(minutes=5)
_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(hours=6)
_MAX_DOUBLINGS = 10


@dataclass
class Outcome:
    """What one round did. `wait` is how many seconds to pause before the next."""

    claimed: int = 0
    deleted: int = 0
    ordered: int = 0
    purged: int = 0
    failed: int = 0
    wait: float = 0.0

    def add(self, other: "Outcome") -> None:
        self.claimed += other.claimed
        self.deleted += other.deleted
        self.ordered += other.ordered
        self.purged += other.purged
        self.failed += other.failed
        self.wait = max(self.wait, other.wait)


def claim(limit: int, step: Q, due: Q | None) -> list[PendingDeletion]:
    """Take rows for this process, so that no other works on them as well.

    `step` says which rows have it before them, and `due` which of those to take
    instead of those whose time has come. The remote calls come after this
    transaction. A process that dies in between leaves rows that become due again.
    """
    now = timezone.now()
    condition = Q(due_at__lte=now) if due is None else due
    with transaction.atomic(durable=True):
        rows = PendingDeletion.objects.filter(step & condition).order_by("due_at")
        # Whatever the caller asks for: "it is not there" would not last.
        rows = rows.exclude(not_before__gt=now)
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        claimed = list(rows[:limit])
        if claimed:
            PendingDeletion.objects.filter(pk__in=[row.pk for row in claimed]).update(
                due_at=now + LEASE, attempted_at=now, attempts=F("attempts") + 1
            )
    return claimed


def postpone(
    row: PendingDeletion,
    operation: str,
    error: StorageError,
    outcome: Outcome,
    **changes: Any,
) -> None:
    """Note the failure; wait twice as long as before, and as long as asked to."""
    doublings = min(row.attempts, _MAX_DOUBLINGS)
    delay = min(_FIRST_RETRY * 2**doublings, _LAST_RETRY)
    # Jitter (no secret), so that what failed together does not come back together.
    delay *= random.uniform(0.75, 1)  # noqa: S311  # nosec B311
    if isinstance(error, StorageRateLimited):
        outcome.wait = max(outcome.wait, error.retry_after)
        delay = max(delay, timedelta(seconds=error.retry_after))
    PendingDeletion.objects.filter(pk=row.pk).update(
        due_at=timezone.now() + delay, last_error=str(error)[:300], **changes
    )
    outcome.failed += 1
    log_row(operation, row, "failed", error=str(error))


@contextmanager
def receipts_told(
    rows: Collection[PendingDeletion], field: str, unfinished: Q
) -> Iterator[None]:
    """Change these rows inside, and `field` of their receipts, in one transaction.

    A receipt gets the time once none of all its rows is `unfinished`.
    """
    keys = {row.receipt_id for row in rows if row.receipt_id}
    receipts = DeletionReceipt.objects.filter(pk__in=keys)
    with transaction.atomic(durable=True):
        if keys:
            # Two processes with the last two rows of one receipt would each see
            # the other's as unfinished. In order: no deadlock.
            list(receipts.select_for_update().order_by("pk").values_list("pk"))
        yield
        if keys:
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
