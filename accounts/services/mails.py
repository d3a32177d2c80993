"""Mails about accounts, each sent by a background task.

A task gets ids and e-mails, and makes the token itself: the queue may be a table, and
no table may contain a token. Mails contain no text that a stranger typed, not even a
display name: a sign-up could send such a text to anybody.
"""

import logging
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from accounts.models import Invitation, User
from accounts.services.invitations import issue_token
from accounts.services.mail_layout import Section, compose_mail, read_paragraphs
from accounts.services.mail_limits import claiming_mail
from accounts.services.one_time_links import (
    build_link,
    email_change_tokens,
    encode_uid,
    find_site,
    password_reset_tokens,
    verification_tokens,
)
from mediabackend.tasks import task

logger = logging.getLogger(__name__)

SUBJECTS = {
    "password_reset": "Set a new password",
    "verification": "Confirm your e-mail address",
    "email_taken": "You already have an account",
    "change_confirmation": "Confirm your new e-mail address",
    "change_notice": "Your e-mail address is about to change",
    "invitation": "You are invited",
}


def enqueue_mail(mail: Any, request: Request | HttpRequest | None, *args: str) -> None:
    """Enqueue one of the tasks below after the transaction is committed.

    A request does not fail because its mail could not be enqueued. Commands have none.
    """
    site = find_site(request)
    if not site:
        logger.error("A mail was not sent. Set SITE_URL or FRONTEND_URL.")
        return
    transaction.on_commit(lambda: mail.enqueue(site, *args), robust=True)


@task()
def mail_password_reset(site: str, email: str) -> None:
    """Send a link for a new password, if this e-mail has an account with one."""
    user = _active(email=email)
    if user is None or not user.has_usable_password():
        return
    link = _link(site, "reset-password", user, password_reset_tokens.make_token(user))
    state = password_reset_tokens.state_of(user)
    _send("password_reset", user.email, site, state, link=link)


@task()
def mail_verification(site: str, email: str) -> None:
    """Send the link that verifies the e-mail, unless it is verified already."""
    user = _active(email=email)
    if user is None or user.email_verified:
        return
    link = _link(site, "verify-email", user, verification_tokens.make_token(user))
    state = verification_tokens.state_of(user)
    _send("verification", user.email, site, state, link=link)


@task()
def mail_email_taken(site: str, email: str) -> None:
    """Tell the owner of an e-mail that somebody wanted an account with it."""
    user = _active(email=email)
    if user is not None:
        _send("email_taken", user.email, site)


@task()
def mail_email_change(site: str, user_id: str, new_email: str) -> None:
    """Send the link to the new e-mail, and a notice to the old one."""
    user = _active(pk=user_id)
    if user is None:
        return
    state = email_change_tokens.state_of(user, new_email)
    _send("change_notice", user.email, site, state, new_email=new_email)
    if User.objects.filter(email=new_email).exists():
        _send("email_taken", new_email, site)
        return
    token = email_change_tokens.make_token(user, new_email)
    link = _link(site, "confirm-email", user, token)
    _send("change_confirmation", new_email, site, state, link=link)


@task()
def mail_invitation(site: str, invitation_id: str) -> None:
    """Send the link of an invitation, with a token that only this mail contains."""
    usable = Invitation.objects.usable().exclude(email="")
    invitation = usable.filter(pk=invitation_id).first()
    if invitation is None:
        return
    link = build_link(site, "sign-up", invitation=issue_token(invitation))
    until = f"{invitation.expires_at:%Y-%m-%d}"
    _send("invitation", invitation.email, site, invitation_id, link=link, until=until)
    sent = Invitation.objects.filter(pk=invitation.pk, token_hash=invitation.token_hash)
    sent.update(mailed_at=timezone.now())


def _active(**look_up: str) -> User | None:
    return User.objects.filter(is_active=True, **look_up).first()


def _link(site: str, page: str, user: User, token: str) -> str:
    return build_link(site, page, uid=encode_uid(user), token=token)


def _send(mail: str, to: str, site: str, state: str = "", **context: str) -> None:
    """Send the mail, unless the last one of its kind to `to` is still good."""
    paragraphs = read_paragraphs(f"accounts/mail/{mail}.txt", **context)
    message = compose_mail(
        SUBJECTS[mail],
        [Section(paragraphs)],
        to=to,
        site=site,
        link=context.get("link", ""),
    )
    with claiming_mail(mail, to, state) as is_free:
        if is_free:
            message.send()
