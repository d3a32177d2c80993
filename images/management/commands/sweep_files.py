"""`manage.py sweep_files`: delete the remote files that are due."""

import signal
import threading
from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone

from images.imagekit.files import BULK_LIMIT
from images.management.arguments import count
from images.moderation.quarantine import delete_old_originals, quarantine_waiting
from images.moderation.reports import recount_open_reports
from images.outbox.claims import RoundResult
from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion
from images.outbox.purges import follow_purges, order_purges
from images.services.housekeeping import (
    forget_old_keys,
    forget_old_receipts,
    forget_old_tickets,
)
from images.services.relisting import relist_images

_STUCK = timedelta(days=1)
# One after the other: what holds up purges, a used-up quota say, must not hold up
# deletions.
Step = Callable[[int, Q | None], RoundResult]
_STEPS: tuple[Step, ...] = (delete_due_files, order_purges, follow_purges)


def _pause(text: str) -> float:
    seconds = float(text)
    if seconds < 1:
        raise ArgumentTypeError("must be at least 1")
    return seconds


class Command(BaseCommand):
    help = (
        "Delete the remote files that are due: left over from uploads that failed, "
        "replaced, or deleted; and purge the CDN's copies where that is wanted. Any "
        "number of copies may run at once. Exits with 1 when something has been "
        "waiting for more than a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--grace",
            type=float,
            metavar="SECONDS",
            help="Take everything noted and last tried longer ago than this, even what "
            "is not due yet: uploads under way, rows that wait for another try, rows "
            "that a process claimed. 0 is for a system that stands.",
        )
        parser.add_argument(
            "--every",
            type=_pause,
            metavar="SECONDS",
            help="Go on until SIGTERM, with this pause between two rounds.",
        )
        parser.add_argument(
            "--limit", type=count, help="Take no more files than this in each step."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if options["every"] is not None:
            signal.signal(signal.SIGTERM, lambda *_: stop.set())
        # When ImageKit has asked for a pause: the end of it, by step.
        pauses: dict[Step, datetime] = {}
        while True:
            self._sweep(options["grace"], options["limit"], stop, pauses)
            if options["every"] is None or stop.wait(options["every"]):
                break
        self._report_stuck()

    def _sweep(
        self,
        grace: float | None,
        limit: int | None,
        stop: threading.Event,
        pauses: dict[Step, datetime],
    ) -> None:
        # First, for it leaves files to delete.
        moved, not_moved = quarantine_waiting(limit or BULK_LIMIT)
        expired = delete_old_originals()
        recount_open_reports()
        relisted = relist_images()
        total = RoundResult()
        for step in _STEPS:
            if step not in pauses or pauses[step] <= timezone.now():
                outcome = self._run(step, grace, limit, stop)
                pauses[step] = timezone.now() + timedelta(seconds=outcome.wait)
                total.add(outcome)
        self.stdout.write(
            f"deleted {total.deleted}, purged {total.purged}, failed {total.failed}, "
            f"purges ordered {total.ordered}, quarantined {moved}, "
            f"not quarantined {not_moved}, removed after quarantine {expired}, "
            f"listed anew {relisted}, "
            f"forgotten: idempotency keys {forget_old_keys()}, "
            f"tickets and messages {forget_old_tickets()}, "
            f"receipts {forget_old_receipts()}"
        )

    def _run(
        self, step: Step, grace: float | None, limit: int | None, stop: threading.Event
    ) -> RoundResult:
        """Take batch after batch, until none is left or ImageKit asks for a pause."""
        total = RoundResult()
        due = None
        if grace is not None:
            # So each row once in a run, whatever comes of it. What another
            # process has claimed is left to it for as long, too.
            old = timezone.now() - timedelta(seconds=grace)
            due = Q(created_at__lte=old) & (
                Q(attempted_at=None) | Q(attempted_at__lt=old)
            )
        left = limit
        while not stop.is_set() and left != 0:
            outcome = step(BULK_LIMIT if left is None else min(left, BULK_LIMIT), due)
            total.add(outcome)
            left = None if left is None else left - outcome.claimed
            if outcome.claimed == 0 or outcome.wait:
                break
        return total

    def _report_stuck(self) -> None:
        stuck = PendingDeletion.objects.filter(created_at__lte=timezone.now() - _STUCK)
        if count := stuck.count():
            first = stuck.order_by("created_at")[0]
            raise CommandError(
                f"{count} files have been waiting for more than a day; the oldest, "
                f"{first.name}, since {first.created_at:%Y-%m-%d %H:%M} UTC: "
                f"{first.last_error or 'never tried'}"
            )
