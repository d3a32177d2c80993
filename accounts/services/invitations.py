"""Invitations: create, find, use and revoke them."""

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Invitation, User

DEFAULT_DAYS = 7
MAX_DAYS = 365


class InvalidInvitation(Exception):
    """Nobody can sign up with this invitation, or not with this email."""

    def __init__(self) -> None:
        super().__init__(
            "The invitation does not work: it is missing or wrong, too old, was used "
            "before, or is for another e-mail address."
        )


def create_invitation(*, email: str = "", days: int = DEFAULT_DAYS) -> Invitation:
    """Create an invitation, which has no token yet."""
    expires_at = timezone.now() + timedelta(days=days)
    return Invitation.objects.create(email=email, expires_at=expires_at)


def issue_token(invitation: Invitation) -> str:
    """Give the invitation a new token; the one that it had stops working."""
    token = secrets.token_urlsafe(32)
    invitation.token_hash, invitation.mailed_at = _hash(token), None
    invitation.save(update_fields=["token_hash", "mailed_at"])
    return token


def find_invitation(token: str, email: str | None = None) -> Invitation:
    """Return the invitation of a token; raises InvalidInvitation.

    With an `email`, only an invitation that it can sign up with.
    """
    found = Invitation.objects.usable().filter(token_hash=_hash(token))
    if email is not None:
        found = found.filter(Q(email="") | Q(email=email))
    invitation = found.first()
    if invitation is None:
        raise InvalidInvitation
    return invitation


def use_invitation(invitation: Invitation, user: User | None) -> None:
    """Mark the invitation as used; raises InvalidInvitation if it no longer works.

    The email is forgotten: from now on the user's is known. Of two requests at once
    only one changes the row.
    """
    rows = Invitation.objects.usable().filter(
        pk=invitation.pk, token_hash=invitation.token_hash
    )
    if not rows.update(used_at=timezone.now(), used_by=user, email=""):
        raise InvalidInvitation


def revoke_invitations(invitations: QuerySet[Invitation]) -> int:
    """Revoke the invitations that were not used; return how many."""
    return invitations.filter(used_at=None, revoked_at=None).update(
        revoked_at=timezone.now()
    )


def _hash(token: str) -> str:
    # The token has 256 random bits: a salt or a slow hash would add nothing.
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
