"""The queue of events: claim them, and note how each attempt has ended."""

import random
from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from mediabackend.events.models import Event

# After this time another process may take events that one process has claimed. It is
# longer than a round of sending can take.
LEASE = timedelta(minutes=5)
# Finished events are kept for this time.
KEPT_FOR = timedelta(days=30)
_GIVEN_UP_AFTER = timedelta(days=3)
_FIRST_RETRY = timedelta(seconds=10)
_LAST_RETRY = timedelta(hours=6)
_MAX_DOUBLINGS = 12


def claim_events(limit: int) -> list[Event]:
    """Claim up to `limit` due events, so that no other process sends them too.

    Of each subject only the oldest waiting event is taken. If the process dies before
    it has sent them, they become due again.
    """
    now = timezone.now()
    waiting = Event.objects.filter(state=Event.State.WAITING)
    older = waiting.filter(subject=OuterRef("subject"), pk__lt=OuterRef("pk"))
    with transaction.atomic(durable=True):
        rows = waiting.filter(~Exists(older), due_at__lte=now)
        rows = rows.order_by("due_at", "pk").select_for_update(skip_locked=True)
        claimed = list(rows[:limit])
        make_due(claimed, LEASE)
    return claimed


def make_due(events: Iterable[Event], delay: timedelta = timedelta(0)) -> None:
    """Let processes take those of the events that still wait, after a delay."""
    keys = [event.pk for event in events]
    waiting = Event.objects.filter(pk__in=keys, state=Event.State.WAITING)
    waiting.update(due_at=timezone.now() + delay)


def note_success(event: Event) -> None:
    Event.objects.filter(pk=event.pk).update(
        state=Event.State.SENT,
        finished_at=timezone.now(),
        attempts=F("attempts") + 1,
        last_error="",
    )


def note_failure(event: Event, error: str) -> bool:
    """Note a failed attempt; return whether the event will be tried again.

    The delay doubles with each attempt. Three days after the first failure the event
    is given up, and no longer holds up the later events of its subject.
    """
    now = timezone.now()
    since = event.failing_since or now
    changes = {
        "attempts": F("attempts") + 1,
        "failing_since": Coalesce("failing_since", now),
        "last_error": error[:300],
    }
    rows = Event.objects.filter(pk=event.pk)
    if now - since >= _GIVEN_UP_AFTER:
        rows.update(state=Event.State.FAILED, finished_at=now, **changes)
        return False
    delay = min(_FIRST_RETRY * 2 ** min(event.attempts, _MAX_DOUBLINGS), _LAST_RETRY)
    # Random, so that events that failed together are not retried together. No secret.
    delay *= random.uniform(0.75, 1)  # noqa: S311  # nosec B311
    rows.update(due_at=now + delay, **changes)
    return True


def send_again(events: QuerySet[Event]) -> int:
    """Make these events due now, as if they were new; returns how many.

    Those that another process may be sending now are left alone.
    """
    now = timezone.now()
    claimed = Q(state=Event.State.WAITING, due_at__lte=now + LEASE)
    return events.exclude(claimed).update(
        state=Event.State.WAITING,
        due_at=now,
        attempts=0,
        failing_since=None,
        finished_at=None,
    )


def forget_old_events() -> int:
    """Delete the events that were sent or given up 30 days ago; returns how many."""
    old = Event.objects.exclude(state=Event.State.WAITING).filter(
        finished_at__lte=timezone.now() - KEPT_FOR
    )
    return old.delete()[0]
