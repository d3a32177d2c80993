"""The background task that deletes files as soon as possible."""

from django.db.models import Q
from django.utils import timezone

from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion
from images.outbox.purges import order_purges
from mediabackend.tasks import task


@task()
def delete_in_background() -> None:
    """Delete the due files that need no look-up, and order their purges.

    The sweep does the rest.
    """
    looked_up = [PendingDeletion.Reason.RESERVATION, PendingDeletion.Reason.ORPHANED]
    due = ~Q(reason__in=looked_up) & Q(due_at__lte=timezone.now())
    if delete_due_files(due=due).to_purge:
        order_purges()
