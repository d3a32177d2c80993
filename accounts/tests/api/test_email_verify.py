from datetime import timedelta

import pytest

from accounts.models import User
from accounts.services.one_time_links import encode_uid
from accounts.tests.links import BAD_LINKS, error_of

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/email/verify/"
RESEND = "/api/v1/auth/email/resend/"
INVALID = ("token", "invalid_token")
SIGN_UP = {"email": "new@example.com", "password": "correct horse battery 9"}


def test_signup__sends_a_link_that_verifies(anonymous, send, mailoutbox, link_in):
    send(anonymous, "/api/v1/auth/signup/", SIGN_UP)
    (mail,) = mailoutbox
    assert mail.to == ["new@example.com"]
    assert anonymous.post(URL, link_in(mail)).status_code == 204
    assert User.objects.get().email_verified


def test_signup__that_is_refused_sends_nothing(anonymous, user, send, mailoutbox):
    send(anonymous, "/api/v1/auth/signup/", {**SIGN_UP, "email": user.email})
    assert mailoutbox == []


def test_verify__works_once(anonymous, verify_link):
    assert anonymous.post(URL, verify_link).status_code == 204
    assert error_of(anonymous.post(URL, verify_link)) == INVALID


def test_verify__survives_a_sign_in(anonymous, user, verify_link, sign_in):
    sign_in(user)
    assert anonymous.post(URL, verify_link).status_code == 204


def test_verify__works_for_three_days(anonymous, verify_link, later):
    later(timedelta(days=3, minutes=1))
    assert error_of(anonymous.post(URL, verify_link)) == INVALID
    later(timedelta(days=2, hours=23))
    assert anonymous.post(URL, verify_link).status_code == 204


@pytest.mark.parametrize(
    "change", [{"email": "other@example.com"}, {"is_active": False}], ids=str
)
def test_verify__link_dies_with_a_change_of(anonymous, user, verify_link, change):
    User.objects.filter(pk=user.pk).update(**change)
    assert error_of(anonymous.post(URL, verify_link)) == INVALID
    assert not User.objects.get().email_verified


@pytest.mark.parametrize(("change", "attr", "code"), BAD_LINKS)
def test_verify__with_a_bad_link_is_refused(anonymous, verify_link, change, attr, code):
    assert error_of(anonymous.post(URL, {**verify_link, **change})) == (attr, code)


def test_verify__with_somebody_else_s_uid_is_refused(anonymous, stranger, verify_link):
    swapped = {**verify_link, "uid": encode_uid(stranger)}
    assert error_of(anonymous.post(URL, swapped)) == INVALID


def test_verify__with_a_token_of_another_kind_is_refused(
    anonymous, reset_link, change_link
):
    for link in (reset_link, change_link):
        assert error_of(anonymous.post(URL, link)) == INVALID


def test_resend__sends_to_unverified_emails_only(api, user, send, mailoutbox):
    assert send(api, RESEND).status_code == 202
    assert [mail.to for mail in mailoutbox] == [[user.email]]
    User.objects.update(email_verified=True)
    assert send(api, RESEND).status_code == 202
    assert len(mailoutbox) == 1


def test_resend__needs_a_sign_in(anonymous):
    assert anonymous.post(RESEND).status_code == 401
