"""Passwords: change one that is known, set one that was forgotten."""

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import User
from accounts.services.lockout import unlock
from accounts.services.one_time_links import (
    InvalidLink,
    find_user,
    password_reset_tokens,
)
from accounts.tokens.sessions import end_all_sessions


class PasswordChanged(Exception):
    """Somebody else has just changed the password that was checked."""


def password_change(*, user: User, new_password: str) -> None:
    """Set a new password and end every sign-in, the caller's own too.

    The caller has checked the current one. Raises PasswordChanged, and Django's
    ValidationError for a password that is too weak.
    """
    password_validation.validate_password(new_password, user)
    # Hashed before the row is locked: it takes a quarter of a second.
    hashed = make_password(new_password)
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        if locked.password != user.password:
            raise PasswordChanged
        _store(locked, hashed)


def password_reset(*, uid: str, token: str, new_password: str) -> None:
    """Set a password by the link of a mail, and end every sign-in.

    Raises InvalidLink, and Django's ValidationError for a weak password, which
    does not use the link up.
    """
    user = find_user(uid)
    if user is None or not password_reset_tokens.check_token(user, token):
        raise InvalidLink
    password_validation.validate_password(new_password, user)
    hashed = make_password(new_password)
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        # Again, on the locked row: of two requests with one link, one wins.
        if not password_reset_tokens.check_token(locked, token):
            raise InvalidLink
        # Whoever has the link reads the mail of that address.
        locked.email_verified = True
        _store(locked, hashed)
    unlock(locked)


def _store(user: User, hashed: str) -> None:
    user.password = hashed
    user.save(update_fields=["password", "email_verified"])
    end_all_sessions(user)


# Longer ones are refused before they cost a hash; bcrypt itself never sees
# more than the 44 bytes of a SHA-256 digest in base64.
MAX_PASSWORD_LENGTH = 1024
