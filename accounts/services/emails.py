"""E-mails of accounts: verify one, change one, each with the link of a mail."""

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.one_time_links import (
    InvalidLink,
    email_change_tokens,
    find_user,
    verification_tokens,
)


class EmailTaken(Exception):
    """Another account has this e-mail."""


def verify_email(*, uid: str, token: str) -> None:
    """Mark the user's e-mail as verified; raises InvalidLink."""
    with transaction.atomic():
        user = _lock_user(uid)
        if not verification_tokens.check_token(user, token):
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
            user = _lock_user(uid)
            new_email = email_change_tokens.read_token(user, token)
            if new_email is None:
                raise InvalidLink
            user.email = new_email
            user.email_verified = True
            user.save(update_fields=["email", "email_verified"])
    except IntegrityError as error:
        raise EmailTaken from error


def _lock_user(uid: str) -> User:
    """Return the user of a link, locked: only one of two requests can use it."""
    user = find_user(uid)
    locked = user and User.objects.select_for_update().filter(pk=user.pk).first()
    if not locked:
        raise InvalidLink
    return locked
