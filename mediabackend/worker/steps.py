"""The steps of a worker, and the pace of each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from django.core.management import call_command
from django.db.models import Q
from django.utils import timezone

from accounts.services.housekeeping import forget_old_records
from images.imagekit.files import BULK_LIMIT
from images.moderation.notices import tell_owners
from images.moderation.quarantine import delete_old_originals, quarantine_waiting
from images.moderation.reports import recount_open_reports
from images.outbox.budget import forget_old_counts
from images.outbox.claims import RoundResult
from images.outbox.deletion import NEEDS_LOOK_UP, delete_due_files
from images.outbox.purges import follow_purges, order_purges
from images.services.housekeeping import (
    forget_old_keys,
    forget_old_receipts,
    forget_old_tickets,
)
from images.services.relisting import relist_images
from images.services.remote_previews import fill_previews
from mediabackend.events.queue import forget_old_events
from mediabackend.events.sending import send_events
from mediabackend.models import Worker
from mediabackend.worker.task_queue import prune_results, requeue_abandoned, run_task

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
# For work that makes a remote call for each file: a worker ends between two batches.
_FEW = 5
_RELISTED = 5000
# Seconds of one batch of events.
_SENDING = 2
_WORKERS_KEPT_FOR = timedelta(days=7)


class Outcome(NamedTuple):
    """The number of things that a step has done, and how long ImageKit asks to wait."""

    done: int
    wait: float = 0.0


@dataclass(frozen=True)
class Step:
    """Work that a worker does every `every` seconds.

    `run` does one batch, which takes seconds, and is called again at once until it has
    nothing to do. Other workers may run the same step at the same time.
    """

    name: str
    every: float
    run: Callable[[], Outcome]


def counted(function: Callable[[], int]) -> Callable[[], Outcome]:
    """Make a step of a function that returns how many things it has done."""
    return lambda: Outcome(function())


def _outbox(
    function: Callable[[int, Q | None], RoundResult], limit: int, rows: Q | None = None
) -> Callable[[], Outcome]:
    """Make a step of a round of the outbox; `rows` selects among those that are due."""

    def run() -> Outcome:
        due = rows and rows & Q(due_at__lte=timezone.now())
        result = function(limit, due)
        return Outcome(result.claimed, result.wait)

    return run


_delete_files = _outbox(delete_due_files, BULK_LIMIT, ~NEEDS_LOOK_UP)
_look_up_and_delete_files = _outbox(delete_due_files, _FEW, NEEDS_LOOK_UP)


def _clean_up_accounts() -> int:
    return sum(forget_old_records().values())


def _clear_sessions() -> int:
    call_command("clearsessions", verbosity=0)
    return 0


def _forget_old_workers() -> int:
    end = timezone.now() - _WORKERS_KEPT_FOR
    return Worker.objects.filter(seen_at__lt=end).delete()[0]


# `run_worker --once` runs them in this order: the first ones schedule deletions.
STEPS = (
    Step("requeue abandoned tasks", 5 * _MINUTE, counted(requeue_abandoned)),
    Step("tasks", 1, counted(run_task)),
    Step("quarantine", _MINUTE, counted(lambda: quarantine_waiting(_FEW)[0])),
    Step("delete old originals", _HOUR, counted(delete_old_originals)),
    Step("delete files", _MINUTE, _delete_files),
    Step("look up and delete files", _MINUTE, _look_up_and_delete_files),
    Step("order purges", _MINUTE, _outbox(order_purges, _FEW)),
    Step("follow purges", _MINUTE, _outbox(follow_purges, _FEW)),
    Step("fetch previews", _MINUTE, counted(partial(fill_previews, _FEW))),
    Step("relist images", _MINUTE, counted(partial(relist_images, _RELISTED))),
    Step("send events", 1, counted(lambda: send_events(seconds=_SENDING).sent)),
    Step("tell owners", _MINUTE, counted(partial(tell_owners, _FEW))),
    Step("recount reports", 5 * _MINUTE, counted(recount_open_reports)),
    Step("forget idempotency keys", _HOUR, counted(forget_old_keys)),
    Step("forget tickets", _HOUR, counted(forget_old_tickets)),
    Step("forget receipts", _HOUR, counted(forget_old_receipts)),
    Step("forget purge counts", _DAY, counted(forget_old_counts)),
    Step("forget events", _DAY, counted(forget_old_events)),
    Step("forget workers", _DAY, counted(_forget_old_workers)),
    Step("clean up accounts", _DAY, counted(_clean_up_accounts)),
    Step("clear sessions", _DAY, counted(_clear_sessions)),
    Step("prune task results", _DAY, counted(prune_results)),
)
