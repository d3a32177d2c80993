"""E-mail addresses: proved by the link of a mail, changed by one too."""

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.one_time_links import (
    InvalidLink,
    email_change_tokens,
    find_user,
    verification_tokens,
)


class AddressTaken(Exception):
    """Another account has got the address meanwhile."""


def email_verify(*, uid: str, token: str) -> None:
    """Note that the address is proved; raises InvalidLink."""
    with transaction.atomic():
        user = _lock(uid)
        if not verification_tokens.check_token(user, token):
            raise InvalidLink
        user.email_verified = True
        user.save(update_fields=["email_verified"])


def email_change(*, uid: str, token: str) -> None:
    """Put the address that a link has proved in the place of the old one.

    Raises InvalidLink and AddressTaken. Whether the address is free is for the
    database to say: time has passed since the link was sent.
    """
    try:
        with transaction.atomic():
            user = _lock(uid)
            new_email = email_change_tokens.read_token(user, token)
            if new_email is None:
                raise InvalidLink
            user.email = new_email
            user.email_verified = True
            user.save(update_fields=["email", "email_verified"])
    except IntegrityError as error:
        raise AddressTaken from error


def _lock(uid: str) -> User:
    """Return the row that a link is about, locked: of two requests, one wins."""
    user = find_user(uid)
    locked = user and User.objects.select_for_update().filter(pk=user.pk).first()
    if not locked:
        raise InvalidLink
    return locked
