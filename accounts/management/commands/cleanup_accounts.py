"""`manage.py cleanup_accounts`: forget what nobody needs any more."""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt, AccessLog
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.models import Session
from mediabackend.db import counters


class Command(BaseCommand):
    help = (
        "Delete counters whose time is over, and sign-ins and failed sign-ins "
        "that are older than some days."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days", type=int, default=90, help="how long sign-ins are kept (90)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        before = timezone.now() - timedelta(days=options["days"])
        # A refresh token may live longer than that: its sign-in stays.
        sessions = Session.objects.filter(
            last_used_at__lt=before, expires_at__lt=timezone.now()
        )
        deleted = {
            "counters": counters.forget_expired(),
            "sign-ins": sessions.delete()[0],
            "failed sign-ins": _delete(AccessAttempt, before),
            "sign-ins to pages": _delete(AccessLog, before),
        }
        said = ", ".join(f"{name} {number}" for name, number in deleted.items())
        self.stdout.write(f"deleted: {said}")


def _delete(model: Any, before: Any) -> int:
    number: int = model.objects.filter(attempt_time__lt=before).delete()[0]
    return number
