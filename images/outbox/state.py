"""Figures about the outbox, for monitoring."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Min, Q
from django.utils import timezone

from images.outbox.models import PendingDeletion


class OutboxState(NamedTuple):
    """How many rows are in each state, and when the oldest overdue work was noted."""

    uploading: int
    pending: int
    waiting: int
    oldest_pending: datetime | None


def outbox_state() -> OutboxState:
    """Count the rows of the outbox, in one statement.

    `uploading` are reservations of running uploads, `waiting` purges that wait for the
    next month's budget. All others are `pending`.
    """
    uploading = Q(reason=PendingDeletion.Reason.RESERVATION, due_at__gt=timezone.now())
    waiting = Q(purge_waits=True)
    pending = ~(uploading | waiting)
    row = PendingDeletion.objects.aggregate(
        uploading=Count("pk", filter=uploading),
        pending=Count("pk", filter=pending),
        waiting=Count("pk", filter=waiting),
        oldest_pending=Min("created_at", filter=pending),
    )
    return OutboxState(**row)
