"""The e-mail and the password of an account: change them, and verify the e-mail.

Setting a password ends all sign-ins of the user; see `accounts.models.User`.
"""

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.models.attempts import remember_network, unlock_account
from accounts.services.one_time_links import (
    InvalidLink,
    email_change_tokens,
    find_user,
    password_reset_tokens,
    verification_tokens,
)

# Longer passwords are refused before they cost a hash. bcrypt itself only gets the
# 44 bytes of a SHA-256 digest in base64.
MAX_PASSWORD_LENGTH = 1024


class EmailTaken(Exception):
    """Another account has this e-mail."""


class PasswordChanged(Exception):
    """Another request changed the password after it was checked."""


def verify_email(*, uid: str, token: str) -> None:
    """Mark the user's e-mail as verified; raises InvalidLink."""
    with transaction.atomic():
        user = find_user(uid, lock=True)
        if user is None or not verification_tokens.check_token(user, token):
            raise InvalidLink
        user.email_verified = True
        user.save(update_fields=["email_verified"])


def change_email(*, uid: str, token: str) -> None:
    """Give the user the new e-mail that the link belongs to, as verified.

    Raises InvalidLink and EmailTaken. The database decides whether the e-mail is
    free: another account may have taken it since the link was sent.
    """
    try:
        with transaction.atomic():
            user = find_user(uid, lock=True)
            new_email = email_change_tokens.read_token(user, token) if user else None
            if user is None or new_email is None:
                raise InvalidLink
            user.email = new_email
            user.email_verified = True
            user.save(update_fields=["email", "email_verified"])
    except IntegrityError as error:
        raise EmailTaken from error


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
        locked = find_user(uid, lock=True)
        # Checked again on the locked row: only one of two requests can use a link.
        if locked is None or not password_reset_tokens.check_token(locked, token):
            raise InvalidLink
        locked.password = hashed
        # Whoever has the link can read the mails to this e-mail.
        locked.email_verified = True
        locked.save(update_fields=["password", "email_verified"])
    unlock_account(locked.email)
    # Otherwise strangers could lock the account again before the user signs in.
    remember_network(locked.pk)
