"""Sign-ins, failed sign-ins, and the networks that people sign in from."""

from django.db import models

from accounts.email_field import MAX_EMAIL_LENGTH
from mediabackend.db.ids import uuid7


class Session(models.Model):
    """A sign-in through the API. Exactly one of its refresh tokens works."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="sessions"
    )
    current_jti = models.CharField(max_length=32)
    # The refresh token before the current one, which replaced it at `last_used_at`.
    previous_jti = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)
    ip = models.GenericIPAddressField("IP address", null=True)
    agent = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id} from {self.ip or 'unknown'}"


class FailedSignIn(models.Model):
    """Wrong passwords in a row for one account, from one network or from all.

    The row is also the lock: see `accounts.models.attempts`. Deleting it unlocks.
    """

    account = models.CharField(
        max_length=MAX_EMAIL_LENGTH,
        help_text="The e-mail address as typed, in lower case.",
    )
    network = models.CharField(
        max_length=50,
        help_text="An IPv4 address, an IPv6 /64 or /48, or all networks.",
    )
    number = models.PositiveIntegerField("failures")
    last_at = models.DateTimeField("time", db_index=True)
    ip = models.GenericIPAddressField("IP address", null=True)
    path = models.CharField(max_length=200)
    agent = models.CharField("user agent", max_length=300)

    class Meta:
        verbose_name = "failed sign-in"
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "network"], name="failed_sign_in_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} from {self.ip or 'unknown'}"


class KnownNetwork(models.Model):
    """A network from which a user has signed in, or signed up.

    It stays open to the user while strangers lock the account.
    """

    user = models.ForeignKey(
        "accounts.User", on_delete=models.CASCADE, related_name="known_networks"
    )
    network = models.CharField(max_length=50)
    last_used_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "network"], name="known_network_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} from {self.network}"
