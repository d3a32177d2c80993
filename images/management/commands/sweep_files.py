"""`manage.py sweep_files`: delete due remote files, and clean up old rows."""

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
from images.outbox.budget import forget_old_counts
from images.outbox.claims import RoundResult
from images.outbox.deletion import delete_due_files
from images.outbox.purges import follow_purges, order_purges
from images.outbox.state import outbox_state, stuck_rows
from images.services.housekeeping import (
    forget_old_keys,
    forget_old_receipts,
    forget_old_tickets,
)
from images.services.relisting import relist_images
from images.services.remote_previews import fill_previews

# Separate steps: what delays purges, for example a used-up quota, must not delay
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
        "Delete the due remote files of failed uploads, replacements and deletions, "
        "and purge the CDN's copies if the settings ask for it. Any number of "
        "sweeps may run at the same time. Exits with 1 if a file has been waiting for "
        "more than a day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--grace",
            type=float,
            metavar="SECONDS",
            help="Take all files scheduled and last tried longer ago than this, even "
            "if they are not due: also of running uploads and failed tries, and those "
            "that another process works on. Use 0 only while nothing else runs.",
        )
        parser.add_argument(
            "--every",
            type=_pause,
            metavar="SECONDS",
            help="Run until SIGTERM, with this pause between two rounds.",
        )
        parser.add_argument(
            "--limit", type=count, help="The maximum number of files in each step."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._grace, self._limit = options["grace"], options["limit"]
        self._stop = threading.Event()
        if options["every"] is not None:
            signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        # By step, the end of the pause that ImageKit has asked for.
        self._pauses: dict[Step, datetime] = {}
        while True:
            self._sweep(self._limit or BULK_LIMIT)
            if options["every"] is None or self._stop.wait(options["every"]):
                break
        self._report_stuck()

    def _sweep(self, limit: int) -> None:
        # First, as it schedules files for deletion.
        moved, not_moved = quarantine_waiting(limit)
        expired = delete_old_originals()
        recount_open_reports()
        relisted = relist_images()
        previews = fill_previews(limit)
        total = RoundResult()
        for step in _STEPS:
            if step not in self._pauses or self._pauses[step] <= timezone.now():
                outcome = self._run(step)
                self._pauses[step] = timezone.now() + timedelta(seconds=outcome.wait)
                total.add(outcome)
        self.stdout.write(
            f"deleted {total.deleted}, purged {total.purged}, failed {total.failed}, "
            f"purges ordered {total.ordered}, purges waiting {outbox_state().waiting}, "
            f"quarantined {moved}, "
            f"quarantine failed {not_moved}, deleted from quarantine {expired}, "
            f"relisted {relisted}, previews made {previews}, "
            f"old rows deleted: idempotency keys {forget_old_keys()}, "
            f"tickets and messages {forget_old_tickets()}, "
            f"receipts {forget_old_receipts()}, purge counts {forget_old_counts()}"
        )

    def _run(self, step: Step) -> RoundResult:
        """Run a step in batches, until none is left or ImageKit asks for a pause."""
        total = RoundResult()
        due = None
        if self._grace is not None:
            # This way a run takes each row only once, and leaves recently claimed rows
            # to the process that has claimed them.
            old = timezone.now() - timedelta(seconds=self._grace)
            due = Q(created_at__lte=old) & (
                Q(attempted_at=None) | Q(attempted_at__lt=old)
            )
        left = self._limit
        while not self._stop.is_set() and left != 0:
            outcome = step(BULK_LIMIT if left is None else min(left, BULK_LIMIT), due)
            total.add(outcome)
            left = None if left is None else left - outcome.claimed
            if outcome.claimed == 0 or outcome.wait:
                break
        return total

    def _report_stuck(self) -> None:
        stuck = stuck_rows()
        if count := stuck.count():
            first = stuck.order_by("created_at")[0]
            raise CommandError(
                f"{count} files have been waiting for more than a day; the oldest, "
                f"{first.name}, since {first.created_at:%Y-%m-%d %H:%M} UTC: "
                f"{first.last_error or 'never tried'}"
            )
