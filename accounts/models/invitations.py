"""Invitations to sign up."""

from django.db import models
from django.utils import timezone

from accounts.email_field import AccountEmailField
from mediabackend.db.ids import uuid7


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self) -> "InvitationQuerySet":
        """Select the invitations that somebody can still sign up with."""
        now = timezone.now()
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """Lets one person sign up, until it is used, revoked or too old.

    Its link contains a token. Only the token's hash is stored.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Empty until there is a token.
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    email = AccountEmailField(
        "e-mail address",
        blank=True,
        help_text="Only this e-mail address can sign up. Empty: any can.",
    )
    # Empty if the token was shown to staff: only a token that was mailed proves that
    # its owner reads the mails to `email`.
    mailed_at = models.DateTimeField("mailed", null=True, editable=False)
    created_at = models.DateTimeField("created", auto_now_add=True)
    expires_at = models.DateTimeField("expires", db_index=True)
    revoked_at = models.DateTimeField(null=True, editable=False)
    used_at = models.DateTimeField("used", null=True, editable=False)
    used_by = models.ForeignKey(
        "accounts.User",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["token_hash"], name="invitation_token")]

    def __str__(self) -> str:
        return f"invitation for {self.email or 'anybody'}"

    @property
    def state(self) -> str:
        if self.used_at:
            return "used"
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > timezone.now() else "expired"

    @property
    def proves_email(self) -> bool:
        """Say whether whoever has the token reads the mails to `email`."""
        return bool(self.email and self.mailed_at)
