"""The custom user."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Lower, Now
from django.utils import timezone

from accounts.managers import UserManager, validate_address
from mediabackend.db.ids import uuid7


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account, known by e-mail address; there is no username."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(
        "e-mail address", unique=True, validators=[validate_address]
    )
    display_name = models.CharField(max_length=100, blank=True)
    # What the user has stored. Kept, not counted: it moves in the transaction that
    # adds or removes an item, so a profile and a list cost no COUNT.
    item_count = models.PositiveIntegerField(default=0, editable=False)
    stored_bytes = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Of all items together."
    )
    # Goes up with every change of what the API says of the user's items, in the
    # transaction that makes the change: ETags are made of it.
    content_version = models.PositiveBigIntegerField(default=0, editable=False)
    content_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    email_verified = models.BooleanField(default=False)
    # Goes up when all tokens of the user have to end; each token carries it.
    token_version = models.PositiveIntegerField(default=0, editable=False)
    is_active = models.BooleanField(
        default=True,
        help_text="Inactive users cannot sign in, and their tokens are refused.",
    )
    is_staff = models.BooleanField(
        "staff status", default=False, help_text="May use this admin site."
    )

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager["User"]] = UserManager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        constraints = [
            # The guard for what does not come through `save`: two addresses
            # that differ in case only are one.
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_without_case",
                violation_error_message="This e-mail address is taken.",
            )
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = UserManager.normalize_email(self.email)
        if self._state.adding or args or kwargs.get("update_fields") is not None:
            super().save(*args, **kwargs)
            return
        kwargs["update_fields"] = self._uncounted_fields()
        with transaction.atomic():
            # The name stands in the answers about the items.
            User.objects.filter(pk=self.pk).update(**self.next_content_version())
            super().save(**kwargs)

    def _uncounted_fields(self) -> set[str]:
        """Return what may be written back from this copy, which may be old.

        Not the counters: they move by statements that count on from the row.
        """
        counters = {"item_count", "stored_bytes", *self.next_content_version()}
        names = {field.name for field in self._meta.concrete_fields} - {"id"}
        return names - counters - self.get_deferred_fields()

    @staticmethod
    def next_content_version() -> dict[str, Any]:
        """Return what to update on the rows of users whose items have changed."""
        return {
            "content_version": F("content_version") + 1,
            "content_changed_at": Now(),
        }

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the account and what belongs to it.

        The row is locked first: an upload that is about to be counted waits,
        and then finds the account gone.
        """
        with transaction.atomic():
            User.objects.select_for_update().filter(pk=self.pk).first()
            return super().delete(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.email = UserManager.normalize_email(self.email)

    def get_full_name(self) -> str:
        return self.display_name or self.email

    def get_short_name(self) -> str:
        return self.display_name or self.email


class Session(models.Model):
    """A sign-in through the API, and the one refresh token of it that is alive."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    current_jti = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id} from {self.address or 'unknown'}"
