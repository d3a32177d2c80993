from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet, UUIDField, Value
from django.utils import timezone

from images.models.image import Image
from images.models.querysets import _purge
from images.outbox.background import delete_in_background
from images.outbox.models import PendingDeletion
from mediabackend.db.insert_select import insert_from

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
