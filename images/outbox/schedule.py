"""Schedule the deletion of remote files, and delete them soon, by a task."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, UUIDField, Value
from django.db.models.expressions import Combinable
from django.utils import timezone

from images.imagekit.aliases import DEFAULT
from images.outbox.deletion import NEEDS_LOOK_UP, delete_due_files
from images.outbox.models import PendingDeletion
from images.outbox.purges import order_purges
from mediabackend.db.insert_select import insert_from
from mediabackend.tasks import task


def schedule_deletion(
    name: str,
    *,
    reason: PendingDeletion.Reason,
    withdrawn: bool = False,
    storage: str = DEFAULT,
) -> None:
    """Schedule the deletion of one remote file.

    Call it in the transaction that removes the file's name from its row. `withdrawn`
    says that the file was public and must not be any more. `storage` is an alias.
    """
    purge = wants_purge(PendingDeletion.Reason.TAKEN_DOWN if withdrawn else reason)
    PendingDeletion.objects.create(
        name=name, storage=storage, reason=reason, purge=purge
    )
    delete_soon()


def schedule_deletions(
    rows: QuerySet,
    *,
    reason: str,
    purge: Combinable,
    storage: Combinable,
    receipt: UUID | None = None,
) -> None:
    """Schedule the deletion of the files of `rows`, from their column `file`.

    It takes one statement. `purge` is an expression over the rows that says whether to
    purge the CDN's copies too, `storage` one for the alias of the storage. `receipt` is
    the id of a DeletionReceipt.
    """
    now = timezone.now()
    insert_from(
        PendingDeletion,
        rows,
        {
            "name": F("file"),
            "storage": storage,
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
    """Say whether IMAGEKIT_PURGE_ON asks for a purge of files deleted for `reason`."""
    if reason.is_removal:
        return settings.IMAGEKIT_PURGE_ON != "never"
    return settings.IMAGEKIT_PURGE_ON == "delete" and reason in (
        PendingDeletion.Reason.DELETED,
        PendingDeletion.Reason.REPLACED,
        PendingDeletion.Reason.MOVED,
    )


@task()
def delete_in_background() -> None:
    """Delete the due files that need no look-up, and order their purges.

    The sweep does the rest.
    """
    due = ~NEEDS_LOOK_UP & Q(due_at__lte=timezone.now())
    if delete_due_files(due=due).to_purge:
        order_purges()


def delete_soon(using: str | None = None) -> None:
    """Start the background task that deletes due files, after the commit.

    If the task is lost, the sweep deletes the files later.
    """
    transaction.on_commit(delete_in_background.enqueue, using=using, robust=True)
