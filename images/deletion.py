"""Deletion of remote files that the database no longer names."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Min, Q, QuerySet, UUIDField, Value, When
from django.utils import timezone

from images.imagekit_files import BULK_LIMIT
from images.models import Image, PendingDeletion, State, storage_for
from images.pending import Outcome, claim, log_row, postpone, receipts_told
from images.purging import order_purges
from images.querysets import insert_from
from mediabackend.tasks import task

Reason = PendingDeletion.Reason


def schedule_deletion(name: str, reason: Reason, withdrawn: bool = False) -> None:
    """Note one remote file for deletion; call it in the row's transaction.

    `withdrawn` says that everybody could see it, and must not any more.
    """
    purge = wants_purge(Reason.TAKEN_DOWN if withdrawn else reason)
    PendingDeletion.objects.create(name=name, reason=reason, purge=purge)
    delete_soon()


def schedule_deletions(
    images: QuerySet[Image], reason: str, receipt: UUID | None = None
) -> None:
    """Note the files of all these rows for deletion, in one statement.

    `receipt` is the id of the DeletionReceipt that tells what becomes of them.
    """
    now = timezone.now()
    insert_from(
        PendingDeletion,
        images,
        {
            "name": F("file"),
            "reason": Value(reason),
            "due_at": Value(now),
            "purge": _purge(Reason(reason)),
            "receipt": Value(receipt, output_field=UUIDField()),
            "attempts": Value(0),
            "last_error": Value(""),
            "created_at": Value(now),
        },
    )
    delete_soon(using=images.db)


def _purge(reason: Reason) -> Case:
    """Return whether the CDN's copies of an image's file have to go, for a query.

    Those of what was taken down have to, whoever deletes it; in quarantine it has
    none.
    """
    reachable = Q(state=State.TAKEN_DOWN, quarantined_at=None)
    taken_down = When(reachable, then=Value(wants_purge(Reason.TAKEN_DOWN)))
    return Case(taken_down, default=Value(wants_purge(reason)))


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
    order_purges()


def delete_due_files(limit: int = BULK_LIMIT, due: Q | None = None) -> Outcome:
    """Delete up to `limit` (100 at most) remote files that are due.

    A failure is noted on its row, which becomes due again later. `due` says
    which rows to take instead of those whose time has come.
    """
    rows = claim(limit, Q(file_deleted_at=None), due)
    outcome = Outcome(claimed=len(rows))
    failures = storage_for().delete_many({row.name for row in rows}) if rows else {}
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
    under_way = Q(reason=Reason.RESERVATION, due_at__gt=now)
    oldest = PendingDeletion.objects.exclude(under_way).aggregate(Min("created_at"))
    created_at = oldest["created_at__min"]
    return now - created_at if created_at else None
