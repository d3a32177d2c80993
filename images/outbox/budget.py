"""The budget of purges. ImageKit limits how many can be ordered in a month."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from images.imagekit.names import StoredName
from images.outbox.models import PendingDeletion, PurgeCount

# The percentage of a month's purges that owners cannot use: it is for take-downs.
_KEPT_FOR_TAKE_DOWNS = 20


def take_purge(row: PendingDeletion) -> bool:
    """Count the purge of this file; False, and nothing is counted, without a budget.

    The counts are in the database, so that any number of processes share the budget.
    """
    limits = _limits(row)
    month = _month()
    with transaction.atomic(durable=True):
        PurgeCount.objects.bulk_create(
            [PurgeCount(month=month, scope=scope) for scope in limits],
            ignore_conflicts=True,
        )
        for scope, limit in limits.items():
            count = PurgeCount.objects.filter(month=month, scope=scope)
            if limit:
                count = count.filter(number__lt=limit)
            if not count.update(number=F("number") + 1):
                transaction.set_rollback(True)
                return False
    return True


def give_purge_back(row: PendingDeletion) -> None:
    """Take one off the counts, because ImageKit did not accept the order."""
    counts = PurgeCount.objects.filter(month=_month(), scope__in=_limits(row))
    counts.filter(number__gt=0).update(number=F("number") - 1)


def next_budget() -> datetime:
    """Return the beginning of the next month."""
    now = timezone.now()
    year, month = divmod(now.year * 12 + now.month, 12)
    return now.replace(
        year=year, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )


def ordered_this_month() -> int:
    """Return how many purges have been ordered in this month."""
    count = PurgeCount.objects.filter(month=_month(), scope="all")
    return count.values_list("number", flat=True).first() or 0


def forget_old_counts() -> int:
    """Delete the counts of earlier months; returns how many."""
    return PurgeCount.objects.filter(month__lt=_month()).delete()[0]


def _month() -> date:
    return timezone.now().date().replace(day=1)


def _limits(row: PendingDeletion) -> dict[str, int]:
    """Return the counts that the purge adds to, each with its limit; 0 is no limit.

    All code locks the counts in this order.
    """
    total = settings.PURGES_PER_MONTH
    if PendingDeletion.Reason(row.reason).is_removal or row.purge_allowed:
        return {"all": total}
    owners = total - total * _KEPT_FOR_TAKE_DOWNS // 100
    # The folder of a file has the id of its owner.
    owner = StoredName.parse(row.name).path.split("/")[-2:][0]
    return {"all": total, "owners": owners, owner: settings.PURGES_PER_USER}
