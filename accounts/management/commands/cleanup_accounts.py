"""`manage.py cleanup_accounts`: delete old records of sign-ins, mails, invitations."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from accounts.models import (
    FailedSignIn,
    Invitation,
    KnownNetwork,
    SentMail,
    Session,
)
from accounts.models.attempts import ALL_NETWORKS, KNOWN_FOR


class Command(BaseCommand):
    help = (
        "Delete old records of sign-ins, failed sign-ins, networks, mails and "
        "invitations."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=90,
            help="how many days records are kept (default: 90)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        before = now - timedelta(days=options["days"])
        # A refresh token may live longer than that: its sign-in stays.
        sessions = Session.objects.filter(last_used_at__lt=before, expires_at__lt=now)
        # These rows are the locks on signing in: those that still hold stay.
        unlocked = now - timedelta(minutes=settings.LOCKOUT_MINUTES)
        failed = FailedSignIn.objects.filter(last_at__lt=min(before, unlocked))
        failed = failed.exclude(
            network=ALL_NETWORKS, number__gte=settings.LOCKOUT_ACCOUNT_FAILURES
        )
        networks = KnownNetwork.objects.filter(last_used_at__lt=now - KNOWN_FOR)
        mails = SentMail.objects.filter(valid_until__lt=now)
        invitations = Invitation.objects.filter(expires_at__lt=before)
        self.stdout.write(
            f"deleted: sign-ins {sessions.delete()[0]}, "
            f"failed sign-ins {failed.delete()[0]}, "
            f"networks {networks.delete()[0]}, mails {mails.delete()[0]}, "
            f"invitations {invitations.delete()[0]}"
        )
