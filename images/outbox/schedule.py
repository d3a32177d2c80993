"""Note remote files for deletion."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, UUIDField, Value
from django.db.models.expressions import Combinable
from django.utils import timezone

from images.outbox.background import delete_in_background
from images.outbox.models import PendingDeletion
from mediabackend.db.insert_select import insert_from


def schedule_deletion(
    name: str, *, reason: PendingDeletion.Reason, withdrawn: bool = False
) -> None:
    """Note one remote file for deletion; call it in the row's transaction.

    `withdrawn` says that everybody could see it, and must not any more.
    """
    purge = wants_purge(PendingDeletion.Reason.TAKEN_DOWN if withdrawn else reason)
    PendingDeletion.objects.create(name=name, reason=reason, purge=purge)
    delete_soon()


def schedule_deletions(
    rows: QuerySet, *, reason: str, purge: Combinable, receipt: UUID | None = None
) -> None:
    """Note the files that the column `file` of `rows` names, in one statement.

    `purge` is an expression over the rows: whether the CDN's copies have to go too.
    `receipt` is the id of the DeletionReceipt that tells what becomes of the files.
    """
    now = timezone.now()
    insert_from(
        PendingDeletion,
        rows,
        {
            "name": F("file"),
            "reason": Value(reason),
            "due_at": Value(now),
            "purge": purge,
            "receipt": Value(receipt, output_field=UUIDField()),
            "attempts": Value(0),
            "last_error": Value(""),
            "created_at": Value(now),
        },
    )
    delete_soon(using=rows.db)


def wants_purge(reason: PendingDeletion.Reason) -> bool:
    """Say whether IMAGEKIT_PURGE_ON wants the CDN's copies of such files to go too."""
    if reason is PendingDeletion.Reason.TAKEN_DOWN:
        return settings.IMAGEKIT_PURGE_ON != "never"
    return settings.IMAGEKIT_PURGE_ON == "delete" and reason in (
        PendingDeletion.Reason.DELETED,
        PendingDeletion.Reason.REPLACED,
    )


def delete_soon(using: str | None = None) -> None:
    """Delete what is due once the transaction is committed, as a background task.

    The queue only makes it soon: what must not be lost stands in the table.
    """
    transaction.on_commit(delete_in_background.enqueue, using=using, robust=True)
