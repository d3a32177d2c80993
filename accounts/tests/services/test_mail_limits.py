"""The most mails that one person gets, whoever asks for them."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.db.models import F
from django.test import override_settings

from accounts.models import SentMail, User
from accounts.services.mail_limits import claiming_mail
from accounts.services.mails import SUBJECTS
from accounts.tests.mail_backends import BROKEN, mails_through

pytestmark = pytest.mark.django_db
RESET = "/api/v1/auth/password/reset/"
CONFIRM = "/api/v1/auth/password/reset/confirm/"
RESEND = "/api/v1/auth/email/resend/"
CHANGE = "/api/v1/auth/email/change/"
SIGN_UP = "/api/v1/auth/signup/"
NEW = "violet harbour lamp 7"


def pass_time(**by: float) -> None:
    """Let time pass for the mails that were sent."""
    SentMail.objects.update(
        sent_at=F("sent_at") - timedelta(**by),
        valid_until=F("valid_until") - timedelta(**by),
    )


@pytest.fixture
def ask(anonymous, user, send):
    """Ask for a reset of `user`."""

    def post(**extra) -> None:
        body = {"email": user.email}
        assert send(anonymous, RESET, body, **extra).status_code == 202

    return post


def test_attack__sixty_resets_send_one_mail_whose_link_stays_good(
    ask, anonymous, user, mailoutbox, link_in
):
    for number in range(60):
        ask(REMOTE_ADDR=f"2001:db8:0:{number:x}::1")
    (mail,) = mailoutbox
    link = {**link_in(mail), "new_password": NEW}
    assert anonymous.post(CONFIRM, link).status_code == 204


def test_attack__the_case_of_the_email_brings_no_other_mail(
    ask, anonymous, send, mailoutbox
):
    ask()
    send(anonymous, RESET, {"email": "ANN@Example.com"})
    assert len(mailoutbox) == 1


def test_reset__mail_comes_again_when_the_link_is_too_old(ask, mailoutbox):
    ask()
    pass_time(minutes=59)
    ask()
    assert len(mailoutbox) == 1
    pass_time(minutes=2)
    ask()
    assert len(mailoutbox) == 2


def test_reset__mail_comes_again_when_the_link_was_used(
    ask, anonymous, mailoutbox, link_in
):
    ask()
    link = {**link_in(mailoutbox[0]), "new_password": NEW}
    assert anonymous.post(CONFIRM, link).status_code == 204
    ask()
    assert len(mailoutbox) == 2


def test_reset__mail_comes_again_when_a_sign_in_ended_the_link(
    ask, user, sign_in, mailoutbox
):
    ask()
    sign_in(user)
    ask()
    assert len(mailoutbox) == 2


def test_reset__mail_comes_again_when_the_first_could_not_be_sent(ask, mailoutbox):
    with override_settings(**mails_through(BROKEN)):
        ask()
    ask()
    assert len(mailoutbox) == 1


def test_reset__of_one_person_is_independent_of_others(
    ask, anonymous, stranger, send, mailoutbox
):
    ask()
    send(anonymous, RESET, {"email": stranger.email})
    assert {mail.to[0] for mail in mailoutbox} == {"ann@example.com", stranger.email}


def test_verification__is_mailed_again_after_three_days(api, send, mailoutbox):
    for _ in range(3):
        assert send(api, RESEND).status_code == 202
    assert len(mailoutbox) == 1
    pass_time(days=3, seconds=1)
    send(api, RESEND)
    assert len(mailoutbox) == 2


def test_attack__new_accounts_with_one_email_send_a_mail_an_hour(
    anonymous, send, mailoutbox
):
    body = {"email": "victim@example.com", "password": NEW}
    for hours, mails in ((0, 1), (0, 1), (1, 2), (0, 2)):
        pass_time(hours=hours)
        assert send(anonymous, SIGN_UP, body).status_code == 201
        User.objects.get(email=body["email"]).delete()
        assert len(mailoutbox) == mails


def test_attack__email_changes_to_one_recipient_send_one_mail(
    client_of, user, stranger, send, mailoutbox
):
    for person in (user, stranger, user, stranger):
        body = {"new_email": "victim@example.com", "password": person.raw_password}
        assert send(client_of(person), CHANGE, body).status_code == 202
    assert [m.to[0] for m in mailoutbox].count("victim@example.com") == 1


def test_email_change__is_told_to_the_old_email_each_time(api, user, send, mailoutbox):
    for new_email in ("a@example.com", "b@example.com", "b@example.com"):
        send(api, CHANGE, {"new_email": new_email, "password": user.raw_password})
    notices = [m for m in mailoutbox if m.subject.endswith(SUBJECTS["change_notice"])]
    assert len(notices) == 2


def test_attack__the_news_that_an_email_is_taken_comes_once_a_day(  # noqa: PLR0913
    anonymous, client_of, user, stranger, send, mailoutbox, settings
):
    settings.SIGNUP_ENUMERATION_SAFE = True
    for hours, mails in ((0, 1), (23, 1), (2, 2)):
        pass_time(hours=hours)
        send(anonymous, SIGN_UP, {"email": user.email, "password": NEW})
        change = {"new_email": user.email, "password": stranger.raw_password}
        send(client_of(stranger), CHANGE, change)
        assert [m.to[0] for m in mailoutbox].count(user.email) == mails


@pytest.mark.django_db(transaction=True)
def test_requests__at_the_same_moment_send_one_mail():
    barrier = Barrier(6)
    sent: list[bool] = []

    def run() -> None:
        barrier.wait()
        with claiming_mail("password_reset", "ann@example.com", "state") as is_free:
            sent.append(is_free)
        connection.close()

    threads = [Thread(target=run) for _ in range(barrier.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [False] * 5 + [True]
