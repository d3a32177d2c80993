"""Managers and query sets of users."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from mediabackend.events.models import Event, Kind
from mediabackend.events.noting import NotingQuerySet, events_wanted, note_event

U = TypeVar("U", bound=AbstractBaseUser)


class UserQuerySet(NotingQuerySet[U]):
    def created_event(self, row: Any) -> Event:
        return Event(kind=Kind.USER_CREATED, subject=row.pk)

    def update(self, **changes: Any) -> int:
        """Update the rows.

        Setting a password or making accounts inactive ends the users' sign-ins.
        """
        with self.noting_activity(changes):
            if "password" in changes or changes.get("is_active", True) is not True:
                return self.end_sign_ins(**changes)
            return super().update(**changes)

    @contextmanager
    def noting_activity(self, changed: Container[str]) -> Iterator[None]:
        """Note an event of each of these users whom the block makes active or inactive.

        `changed` has the names of the fields that the block changes.
        """
        if not events_wanted() or "is_active" not in changed:
            yield
            return
        with transaction.atomic(using=self.db):
            before = self._lock()
            yield
            rows = self.model._base_manager.using(self.db).filter(pk__in=before)
            for key, active in rows.values_list("pk", "is_active"):
                if active != before[key]:
                    kind = Kind.USER_REINSTATED if active else Kind.USER_SUSPENDED
                    note_event(Event(kind=kind, subject=key), using=self.db)

    def end_sign_ins(self, **changes: Any) -> int:
        """End all sign-ins of these users, and update their rows with `changes`.

        Returns the number of users.
        """
        sessions: Any = self.model._meta.get_field("sessions").related_model
        with transaction.atomic(using=self.db):
            # Users before sessions, as everywhere: no two requests can deadlock.
            self._lock()
            sessions.objects.using(self.db).filter(
                user__in=self.order_by().values("pk"), revoked_at=None
            ).update(revoked_at=Now())
            return super().update(**changes, token_version=F("token_version") + 1)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the accounts, and everything that belongs to them.

        The rows are locked first, as in `User.delete`. Otherwise the rows that
        belong to a user would be locked before the user. Requests of these users
        lock in the opposite order, and one of the two would fail.
        """
        with transaction.atomic(using=self.db):
            self._lock()
            return super().delete()

    # Templates must not call it. Django sees to the others.
    end_sign_ins.alters_data = True  # type: ignore[attr-defined]

    def _lock(self) -> dict[Any, bool]:
        """Lock the users, and return which are active."""
        rows = self.select_for_update(of=("self",)).order_by("pk")
        return dict(rows.values_list("pk", "is_active"))


class UserManager(BaseUserManager[U]):
    """Finds users by their e-mail address, in upper or lower case."""

    use_in_migrations = True

    def get_queryset(self) -> UserQuerySet[U]:
        return UserQuerySet(self.model, using=self._db)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> U:
        """Create a user; raises ValueError without an e-mail address."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user: U = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **fields: Any
    ) -> U:
        """Create a user with all permissions."""
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **fields
        )
