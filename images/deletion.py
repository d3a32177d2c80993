"""Deletion of remote files that the database no longer names."""

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from images.imagekit_files import BULK_LIMIT
from images.models import PendingDeletion, storage_for
from images.storage_errors import StorageError

logger = logging.getLogger(__name__)

# How long a process that has claimed a row may take before another tries.
_LEASE = timedelta(minutes=5)
_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(hours=6)


def delete_due_files(limit: int = BULK_LIMIT) -> int:
    """Delete up to `limit` remote files that are due; returns how many are gone.

    A failure is noted on its row, which becomes due again later. Nothing is
    raised for it: the caller's own work is done.
    """
    claimed = _claim(limit)
    if not claimed:
        return 0
    failures = storage_for().delete_many({row.name for row in claimed})
    gone = [row for row in claimed if row.name not in failures]
    PendingDeletion.objects.filter(pk__in=[row.pk for row in gone]).delete()
    for row in gone:
        logger.info("Deleted %s (%s).", row.name, row.reason)
    for row in claimed:
        if row.name in failures:
            _postpone(row, failures[row.name])
    return len(gone)


def _claim(limit: int) -> list[PendingDeletion]:
    """Take due rows for this process, so that no other works on them as well.

    The remote calls come after this transaction. A process that dies in
    between leaves rows that become due again.
    """
    now = timezone.now()
    with transaction.atomic():
        due = PendingDeletion.objects.filter(due_at__lte=now).order_by("due_at")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        claimed = list(due[:limit])
        if claimed:
            PendingDeletion.objects.filter(pk__in=[row.pk for row in claimed]).update(
                due_at=now + _LEASE, attempts=F("attempts") + 1
            )
    return claimed


def _postpone(row: PendingDeletion, error: StorageError) -> None:
    delay = min(_FIRST_RETRY * 2**row.attempts, _LAST_RETRY)
    PendingDeletion.objects.filter(pk=row.pk).update(
        due_at=timezone.now() + delay, last_error=str(error)[:300]
    )
    logger.warning("Deleting %s failed: %s", row.name, error)
