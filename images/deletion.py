"""Deletion of remote files that the database no longer names."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Min, Q, QuerySet, Value
from django.utils import timezone

from images.imagekit_files import BULK_LIMIT
from images.models import Image, PendingDeletion, storage_for
from images.querysets import insert_from
from images.remote_log import log_remote
from images.storage_errors import (
    StorageError,
    StorageRateLimited,
    StorageUnavailable,
)
from mediabackend.tasks import task

Reason = PendingDeletion.Reason

# How long a process that has claimed rows may take before another one tries.
LEASE = timedelta(minutes=5)
_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(hours=6)
_MAX_DOUBLINGS = 10


@dataclass
class Outcome:
    """What one round did. `wait` is how many seconds ImageKit asks us to pause."""

    claimed: int = 0
    deleted: int = 0
    purged: int = 0
    failed: int = 0
    wait: float = 0.0

    def add(self, other: "Outcome") -> None:
        self.claimed += other.claimed
        self.deleted += other.deleted
        self.purged += other.purged
        self.failed += other.failed
        self.wait = max(self.wait, other.wait)


def schedule_deletion(name: str, reason: Reason, withdrawn: bool = False) -> None:
    """Note one remote file for deletion; call it in the row's transaction.

    `withdrawn` says that everybody could see it, and must not any more.
    """
    purge = wants_purge(Reason.TAKEN_DOWN if withdrawn else reason)
    PendingDeletion.objects.create(name=name, reason=reason, purge=purge)
    delete_soon()


def schedule_deletions(images: QuerySet[Image], reason: str) -> None:
    """Note the files of all these rows for deletion, in one statement."""
    now = timezone.now()
    insert_from(
        PendingDeletion,
        images,
        {
            "name": F("file"),
            "reason": Value(reason),
            "due_at": Value(now),
            "purge": Value(wants_purge(Reason(reason))),
            "attempts": Value(0),
            "last_error": Value(""),
            "created_at": Value(now),
        },
    )
    delete_soon(using=images.db)


def wants_purge(reason: Reason) -> bool:
    """Say whether the CDN's copies have to go too, by IMAGEKIT_PURGE_ON."""
    if reason is Reason.TAKEN_DOWN:
        return settings.IMAGEKIT_PURGE_ON != "never"
    return settings.IMAGEKIT_PURGE_ON == "delete" and reason in (
        Reason.DELETED,
        Reason.REPLACED,
    )


def delete_soon(using: str | None = None) -> None:
    """Delete what is due once the transaction is committed, as a background task.

    The queue only makes it soon: what must not be lost stands in the table.
    """
    transaction.on_commit(delete_in_background.enqueue, using=using, robust=True)


@task()
def delete_in_background() -> None:
    """Do one round of what needs no look-up; the sweep does what is left."""
    known = ~Q(reason__in=[Reason.RESERVATION, Reason.ORPHANED])
    delete_due_files(due=known & Q(due_at__lte=timezone.now()))


def delete_due_files(limit: int = BULK_LIMIT, due: Q | None = None) -> Outcome:
    """Delete up to `limit` (100 at most) remote files that are due, and purge.

    A failure is noted on its row, which becomes due again later. `due` says
    which rows to take instead of those whose time has come.
    """
    rows = _claim(limit, due)
    outcome = Outcome(claimed=len(rows))
    if not rows:
        return outcome
    _delete_files([row for row in rows if row.file_deleted_at is None], outcome)
    _purge([row for row in rows if row.purge and row.file_deleted_at], outcome)
    done = [row.pk for row in rows if row.file_deleted_at and not row.purge]
    PendingDeletion.objects.filter(pk__in=done).delete()
    return outcome


def _claim(limit: int, due: Q | None) -> list[PendingDeletion]:
    """Take rows for this process, so that no other works on them as well.

    The remote calls come after this transaction. A process that dies in
    between leaves rows that become due again.
    """
    now = timezone.now()
    condition = Q(due_at__lte=now) if due is None else due
    with transaction.atomic(durable=True):
        rows = PendingDeletion.objects.filter(condition).order_by("due_at")
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


def _delete_files(rows: list[PendingDeletion], outcome: Outcome) -> None:
    failures = storage_for().delete_many({row.name for row in rows}) if rows else {}
    now = timezone.now()
    for row in rows:
        if row.name in failures:
            _postpone(row, "delete", failures[row.name], outcome)
            continue
        row.file_deleted_at = now
        outcome.deleted += 1
        _log("delete", row, "done")
    to_purge = [row.pk for row in rows if row.purge and row.file_deleted_at]
    if to_purge:
        # Before the purge is tried: a crash must not delete the file again.
        PendingDeletion.objects.filter(pk__in=to_purge).update(file_deleted_at=now)


def _purge(rows: list[PendingDeletion], outcome: Outcome) -> None:
    outage: StorageUnavailable | None = None
    for row in rows:
        try:
            if outage is None:
                storage_for().purge(row.name)
        except StorageUnavailable as error:
            # The next call would only wait as long for nothing.
            outage = error
        except StorageError as error:
            _postpone(row, "purge", error, outcome)
            continue
        if outage is not None:
            _postpone(row, "purge", outage, outcome)
            continue
        row.purge = False
        outcome.purged += 1
        _log("purge", row, "done")


def _postpone(
    row: PendingDeletion, operation: str, error: StorageError, outcome: Outcome
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
        due_at=timezone.now() + delay, last_error=str(error)[:300]
    )
    outcome.failed += 1
    _log(operation, row, "failed", error=str(error))


def _log(operation: str, row: PendingDeletion, result: str, **extra: Any) -> None:
    log_remote(
        operation,
        row.name,
        result,
        reason=row.reason,
        attempts=row.attempts + 1,
        **extra,
    )


def oldest_pending() -> timedelta | None:
    """Return how long the oldest file has been waiting for its deletion, if any is.

    Uploads under way do not count.
    """
    now = timezone.now()
    under_way = Q(reason=Reason.RESERVATION, due_at__gt=now)
    oldest = PendingDeletion.objects.exclude(under_way).aggregate(Min("created_at"))
    created_at = oldest["created_at__min"]
    return now - created_at if created_at else None
