from django.db.models import Q
from django.utils import timezone

from images.outbox.deletion import delete_due_files
from images.outbox.purges import order_purges
from images.outbox.schedule import Reason
from mediabackend.tasks import task


@task()
def delete_in_background() -> None:
    """Do one round of what needs no look-up; the sweep does what is left."""
    known = ~Q(reason__in=[Reason.RESERVATION, Reason.ORPHANED])
    delete_due_files(due=known & Q(due_at__lte=timezone.now()))
    order_purges()
