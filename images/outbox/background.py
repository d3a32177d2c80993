"""The background task that deletes files as soon as possible."""

from django.db.models import Q
from django.utils import timezone

from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion
from images.outbox.purges import order_purges
from mediabackend.tasks import task


@task()
def delete_in_background() -> None:
    """Do one round of what needs no look-up; the sweep does what is left."""
    looked_up = [PendingDeletion.Reason.RESERVATION, PendingDeletion.Reason.ORPHANED]
    due = ~Q(reason__in=looked_up) & Q(due_at__lte=timezone.now())
    delete_due_files(due=due)
    order_purges()
