"""Signing up, and who may do it."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User
from accounts.models.attempts import remember_network
from accounts.services.credentials import EmailTaken
from accounts.services.invitations import find_invitation, use_invitation
from accounts.services.mails import enqueue_mail, mail_email_taken, mail_verification
from mediabackend.db.ids import uuid7

# The values of SIGNUP, for people.
SIGNUP_TEXTS = {
    "open": "Everybody can sign up.",
    "invite": "People sign up by invitation.",
    "closed": "Nobody can sign up.",
}


class SignupClosed(Exception):
    """Nobody can sign up."""


def check_signup_open() -> None:
    """Raise SignupClosed if nobody can sign up, with or without an invitation."""
    if settings.SIGNUP == "closed":
        raise SignupClosed


def sign_up_user(
    request: Request | HttpRequest,
    *,
    email: str,
    password: str,
    display_name: str = "",
    invitation: str = "",
) -> User | None:
    """Create an account, and have a link mailed that verifies its email.

    Raises SignupClosed, InvalidInvitation and EmailTaken. With SIGNUP_ENUMERATION_SAFE
    returns None in place of the user and of EmailTaken: a mail says what happened.
    """
    check_signup_open()
    fields = {"email": email, "password": password, "display_name": display_name}
    try:
        user = _create_user(fields, invitation)
    except EmailTaken:
        if not settings.SIGNUP_ENUMERATION_SAFE:
            raise
        enqueue_mail(mail_email_taken, request, email)
        return None
    enqueue_mail(mail_verification, request, user.email)
    return None if settings.SIGNUP_ENUMERATION_SAFE else user


def _create_user(fields: dict[str, str], token: str) -> User:
    """Create a user, with an invitation if there is one or must be.

    Does the same work for emails that are new and for those that have an account: one
    hash, one insert. Only the database checks that the email is free.
    """
    invitation = None
    if token or settings.SIGNUP == "invite":
        invitation = find_invitation(token, fields["email"])
    verified = bool(invitation and invitation.proves_email)
    key = uuid7()
    try:
        with transaction.atomic():
            user = User.objects.create_user(id=key, email_verified=verified, **fields)
            if invitation:
                use_invitation(invitation, user)
    except IntegrityError as error:
        if invitation and settings.SIGNUP_ENUMERATION_SAFE:
            # If it still worked, that would tell that the email has an account.
            use_invitation(invitation, None)
        raise EmailTaken from error
    finally:
        # Also if there is no such user: the time must not tell.
        remember_network(key)
    return user
