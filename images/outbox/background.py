"""The background task that deletes files as soon as possible."""

from django.db.models import Q
from django.utils import timezone

from images.outbox.deletion import NEEDS_LOOK_UP, delete_due_files
from images.outbox.purges import order_purges
from mediabackend.tasks import task


@task()
def delete_in_background() -> None:
    """Delete the due files that need no look-up, and order their purges.

    The sweep does the rest.
    """
    due = ~NEEDS_LOOK_UP & Q(due_at__lte=timezone.now())
    if delete_due_files(due=due).to_purge:
        order_purges()
