"""Figures about the outbox, for monitoring."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from images.outbox.models import PendingDeletion

# What has waited for so long needs an operator.
_STUCK_AFTER = timedelta(days=1)
# In the texts of errors: `images.imagekit.client` writes the status of the answer.
_KEYS_REFUSED = Q(last_error__contains="ImageKit answered 401") | Q(
    last_error__contains="ImageKit answered 403"
)


class OutboxState(NamedTuple):
    """How many rows are in each state, and the age of the oldest that is pending."""

    uploading: int
    pending: int
    waiting: int
    oldest_seconds: float


def outbox_state() -> OutboxState:
    """Count the rows of the outbox, in one statement.

    `uploading` are reservations of running uploads, `waiting` purges that wait for the
    next month's budget. All others are `pending`.
    """
    now = timezone.now()
    uploading = Q(reason=PendingDeletion.Reason.RESERVATION, due_at__gt=now)
    waiting = Q(purge_waits=True)
    pending = ~(uploading | waiting)
    row = PendingDeletion.objects.aggregate(
        uploading=Count("pk", filter=uploading),
        pending=Count("pk", filter=pending),
        waiting=Count("pk", filter=waiting),
        oldest=Min("created_at", filter=pending),
    )
    oldest = row.pop("oldest") or now
    return OutboxState(**row, oldest_seconds=(now - oldest).total_seconds())


def stuck_rows() -> QuerySet[PendingDeletion]:
    """Select what has been waiting for more than a day, but not for the budget."""
    return PendingDeletion.objects.filter(
        created_at__lte=timezone.now() - _STUCK_AFTER, purge_waits=False
    )


def failed_deletions() -> QuerySet[PendingDeletion]:
    """Select the deletions whose last attempt has failed; they are tried again."""
    return PendingDeletion.objects.exclude(last_error="").filter(purge_waits=False)


def refusal_of_keys() -> str:
    """Return the error of the last call for which ImageKit refused the keys, or ""."""
    refused = failed_deletions().filter(_KEYS_REFUSED).order_by("-attempted_at")
    return refused.values_list("last_error", flat=True).first() or ""


def removals_to_confirm() -> QuerySet[PendingDeletion]:
    """Select the removals by staff that ImageKit has not confirmed yet."""
    reasons = [reason for reason in PendingDeletion.Reason if reason.is_removal]
    return PendingDeletion.objects.filter(reason__in=reasons)
