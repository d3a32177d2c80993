"""Users."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import hashers
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.db import models, router, transaction
from django.db.models import F
from django.db.models.functions import Lower, Now
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.email_field import AccountEmailField, readable_email
from accounts.managers import UserManager
from accounts.models.attempts import check_counted
from mediabackend.db.ids import uuid7
from mediabackend.events.models import Event, Kind
from mediabackend.events.noting import note_event

# A full `save` writes these only if this copy of the user has changed them: an old
# copy must not bring back an old password, or activate an account again.
_GUARDED = ("password", "is_active")


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account, known by e-mail address; there is no username."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = AccountEmailField("e-mail address", unique=True)
    display_name = models.CharField(max_length=100, blank=True)
    # Each transaction that adds or removes an item updates these: no COUNT is needed.
    item_count = models.PositiveIntegerField(default=0, editable=False)
    stored_bytes = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Of all items together."
    )
    # Each transaction that changes what the API shows of the user's items adds 1.
    # ETags are made of it.
    content_version = models.PositiveBigIntegerField(default=0, editable=False)
    content_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    email_verified = models.BooleanField(default=False)
    # Each token and each browser session carries this number, and ends when it moves.
    # Only `UserQuerySet.end_sign_ins` moves it.
    token_version = models.PositiveIntegerField(default=0, editable=False)
    is_active = models.BooleanField(
        default=True,
        help_text="Inactive users cannot sign in. Making a user inactive ends all "
        "sign-ins of that user.",
    )
    is_staff = models.BooleanField(
        "staff status", default=False, help_text="May use this admin site."
    )

    USERNAME_FIELD = "email"

    # What this copy knows of the guarded fields' values in the database.
    _stored: Mapping[str, Any] = MappingProxyType({})
    objects: ClassVar[UserManager["User"]] = UserManager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        # `save` uses this manager, so it must note events as `objects` does.
        base_manager_name = "objects"
        constraints = [
            # The field writes lower case; this guards against writes in SQL.
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique_without_case",
                violation_error_message="This e-mail address is taken.",
            )
        ]

    def __str__(self) -> str:
        return self.readable_email

    @property
    def readable_email(self) -> str:
        return readable_email(self.email)

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> "User":
        user: User = super().from_db(*args, **kwargs)
        user._note_stored(_GUARDED)
        return user

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet["User"] | None = None,
    ) -> None:
        names = None if fields is None else list(fields)
        super().refresh_from_db(using, names, from_queryset)
        self._note_stored(_GUARDED if names is None else names)

    def save(
        self,
        *,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Save the user; a new password, or `is_active` off, ends all sign-ins."""
        if self._state.adding or kwargs.get("force_insert"):
            super().save(using=using, update_fields=update_fields, **kwargs)
            self._note_stored(_GUARDED)
            return
        using = using or router.db_for_write(User, instance=self)
        is_full = update_fields is None
        names = self._changeable_fields() if is_full else set(update_fields or ())
        ends = "password" in names or ("is_active" in names and not self.is_active)
        row = User.objects.get_queryset().using(using).filter(pk=self.pk)
        with transaction.atomic(using=using), row.noting_activity(names):
            if is_full:
                # The answers about the items contain the user's name.
                row.update(**self.next_content_version())
            if ends:
                row.end_sign_ins()
            super().save(using=using, update_fields=names, **kwargs)
        self._note_stored(names)
        if ends:
            self.refresh_from_db(using=using, fields=["token_version"])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the account with everything that belongs to it.

        The row is locked first: an upload that is about to be counted waits, and then
        finds no account.
        """
        with transaction.atomic():
            User.objects.select_for_update().filter(pk=self.pk).first()
            return super().delete(*args, **kwargs)

    def get_full_name(self) -> str:
        return self.display_name or self.readable_email

    get_short_name = get_full_name

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether this is the password.

        Raises LockedOut. All checks of passwords come through here, those of Django's
        own forms too, so each check in a request is counted.
        """
        return check_counted(
            self,
            lambda: hashers.check_password(raw_password, self.password, self._rehash),
        )

    async def acheck_password(self, raw_password: str | None) -> bool:
        return await sync_to_async(self.check_password)(raw_password)

    def get_session_auth_hash(self) -> str:
        """Return a signature of `token_version`: browser sessions end with tokens.

        Django signs the password's hash, which a rehash of the same password changes.
        """
        return self._sign_version(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return map(self._sign_version, settings.SECRET_KEY_FALLBACKS)

    @staticmethod
    def next_content_version() -> dict[str, Any]:
        """Return the update of a user whose items have changed."""
        return {
            "content_version": F("content_version") + 1,
            "content_changed_at": Now(),
        }

    def _note_stored(self, names: Iterable[str]) -> None:
        """Note which values the database has of these fields."""
        values = self.__dict__
        noted = {n: values[n] for n in names if n in _GUARDED and n in values}
        self._stored = {**self._stored, **noted}

    def _changeable_fields(self) -> set[str]:
        """Return the fields that a full save writes: no counters, which only add up."""
        kept = {"id", "token_version", "item_count", "stored_bytes"}
        kept |= self.next_content_version().keys() | self.get_deferred_fields()
        kept |= {n for n, value in self._stored.items() if value == getattr(self, n)}
        return {field.name for field in self._meta.concrete_fields} - kept

    def _rehash(self, raw_password: str) -> None:
        """Store a new hash of the same password, which ends no sign-in.

        A password that was set since this copy was read stays.
        """
        hashed = hashers.make_password(raw_password)
        # The plain query set of Django: ours would end the sign-ins.
        rows: models.QuerySet[User] = models.QuerySet(User).filter(
            pk=self.pk, password=self.password
        )
        if rows.update(password=hashed):
            self.password = hashed
            self._note_stored(["password"])

    def _sign_version(self, secret: str | bytes) -> str:
        value = f"{self.pk}:{self.token_version}"
        return salted_hmac(
            "accounts.token_version", value, secret, algorithm="sha256"
        ).hexdigest()


@receiver(post_delete, sender=User)
def _note_deletion(instance: User, using: str, **kwargs: Any) -> None:
    """Note the event of each deletion; Django sends the signal in its transaction."""
    note_event(Event(kind=Kind.USER_DELETED, subject=instance.pk), using=using)
