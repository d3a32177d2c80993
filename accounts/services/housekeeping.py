"""Delete old records of sign-ins, of mails and of invitations."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import (
    FailedSignIn,
    Invitation,
    KnownNetwork,
    SentMail,
    Session,
)
from accounts.models.attempts import ALL_NETWORKS, KNOWN_FOR

KEPT_DAYS = 90


def forget_old_records(days: int = KEPT_DAYS) -> dict[str, int]:
    """Delete the records that are older than `days`; returns how many of each kind."""
    now = timezone.now()
    before = now - timedelta(days=days)
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
    return {
        "sign-ins": sessions.delete()[0],
        "failed sign-ins": failed.delete()[0],
        "networks": networks.delete()[0],
        "mails": mails.delete()[0],
        "invitations": invitations.delete()[0],
    }
