"""Creation and look-up of users."""

from typing import Any, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction

U = TypeVar("U", bound=AbstractBaseUser)

# RFC 5321, section 4.5.3.1.3, less the angle brackets.
MAX_ADDRESS_LENGTH = 254


def validate_address(value: str) -> None:
    """Accept ASCII before the @: look-alike letters would make look-alike people."""
    local, _, _ = value.rpartition("@")
    if not local.isascii():
        raise ValidationError("Enter a valid e-mail address.", "invalid")
    if len(UserManager.normalize_email(value)) > MAX_ADDRESS_LENGTH:
        # Lower case can be longer than what was typed.
        raise ValidationError("This e-mail address is too long.", "max_length")


class UserQuerySet(models.QuerySet[U]):
    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the accounts, and what belongs to them.

        The rows are locked first, as in `User.delete`. What goes with them would
        otherwise be deleted before: that is the other way round than requests of
        these users lock it, and one of the two fails.
        """
        with transaction.atomic(using=self.db):
            rows = self.select_for_update(of=("self",)).order_by("pk")
            list(rows.values_list("pk"))
            return super().delete()

    # As on Django's own: not for templates, and not on managers.
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class UserManager(BaseUserManager[U]):
    """Users are known by their e-mail address, without regard to case."""

    use_in_migrations = True

    def get_queryset(self) -> UserQuerySet[U]:
        return UserQuerySet(self.model, using=self._db)

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the address as it is stored and looked up: in lower case.

        RFC 5321 lets the part before the @ depend on case; no provider that
        people use does, and two accounts that differ in case only are one
        person who typed differently.
        """
        return (email or "").strip().lower()

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> U:
        """Create a user; raises ValueError without an address."""
        return self._create(email, password, **fields)

    def create_superuser(
        self, email: str, password: str | None = None, **fields: Any
    ) -> U:
        """Create a user who may do everything."""
        return self._create(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> U:
        return self.get(email=self.normalize_email(username))

    def _create(self, email: str, password: str | None, **fields: Any) -> U:
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user: U = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user
