"""Passwords: change one that is known, set one that was forgotten.

Setting a password ends all sign-ins of the user; see `accounts.models.User`.
"""

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import User
from accounts.models.attempts import remember_network
from accounts.services.lockout import unlock_account
from accounts.services.one_time_links import (
    InvalidLink,
    find_user,
    password_reset_tokens,
)

# Longer passwords are refused before they cost a hash. bcrypt itself only gets the
# 44 bytes of a SHA-256 digest in base64.
MAX_PASSWORD_LENGTH = 1024


class PasswordChanged(Exception):
    """Another request changed the password after it was checked."""


def change_password(*, user: User, new_password: str) -> None:
    """Set a new password, after the caller has checked the current one.

    Raises PasswordChanged, and Django's ValidationError for a weak password.
    """
    password_validation.validate_password(new_password, user)
    # Hashed before the row is locked: it takes a quarter of a second.
    hashed = make_password(new_password)
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        if locked.password != user.password:
            raise PasswordChanged
        locked.password = hashed
        locked.save(update_fields=["password"])


def reset_password(*, uid: str, token: str, new_password: str) -> None:
    """Set a password with the link of a mail, and unlock the account.

    Raises InvalidLink, and Django's ValidationError for a weak password; the link
    still works after that.
    """
    user = find_user(uid)
    if user is None or not password_reset_tokens.check_token(user, token):
        raise InvalidLink
    password_validation.validate_password(new_password, user)
    hashed = make_password(new_password)
    with transaction.atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        # Checked again on the locked row: only one of two requests can use a link.
        if not password_reset_tokens.check_token(locked, token):
            raise InvalidLink
        locked.password = hashed
        # Whoever has the link can read the mails to this e-mail.
        locked.email_verified = True
        locked.save(update_fields=["password", "email_verified"])
    unlock_account(locked.email)
    # Otherwise strangers could lock the account again before the user signs in.
    remember_network(locked.pk)
