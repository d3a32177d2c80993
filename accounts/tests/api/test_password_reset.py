from datetime import timedelta

import pytest

from accounts.models import User
from accounts.services import credentials
from accounts.services.one_time_links import encode_uid, password_reset_tokens
from accounts.tests.links import BAD_LINKS, error_of

pytestmark = pytest.mark.django_db
ASK = "/api/v1/auth/password/reset/"
URL = "/api/v1/auth/password/reset/confirm/"
NEW = "violet harbour lamp 7"
INVALID = ("token", "invalid_token")


def make_link(user: User) -> dict[str, str]:
    user.refresh_from_db()
    token = password_reset_tokens.make_token(user)
    return {"uid": encode_uid(user), "token": token}


@pytest.fixture
def body(reset_link) -> dict[str, str]:
    return {**reset_link, "new_password": NEW}


def test_reset__sets_the_password_once(anonymous, user, body):
    assert anonymous.post(URL, body).status_code == 204
    user.refresh_from_db()
    assert user.check_password(NEW)
    again = {**body, "new_password": "another harbour lamp 8"}
    assert error_of(anonymous.post(URL, again)) == INVALID
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_reset__ends_every_sign_in(anonymous, user, sign_in, dead_sessions):
    # In this order: a sign-in after the mail would make its link invalid.
    before = sign_in(user)
    link = make_link(user)
    assert anonymous.post(URL, {**link, "new_password": NEW}).status_code == 204
    assert dead_sessions(before)


def test_reset__proves_the_email(anonymous, user, body):
    anonymous.post(URL, body)
    user.refresh_from_db()
    assert user.email_verified


def test_reset__works_for_an_hour(anonymous, body, later):
    later(timedelta(minutes=61))
    assert error_of(anonymous.post(URL, body)) == INVALID
    later(timedelta(minutes=59))
    assert anonymous.post(URL, body).status_code == 204


def set_password(user: User) -> None:
    user.set_password("something else 12")
    user.save()


def set_email(user: User) -> None:
    user.email = "other@example.com"
    user.save()


def end_sign_ins(user: User) -> None:
    User.objects.filter(pk=user.pk).update(token_version=user.token_version + 1)


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize(
    "event", [set_password, set_email, end_sign_ins, deactivate, User.delete]
)
def test_reset__link_dies_with(anonymous, user, body, event):
    event(user)
    assert error_of(anonymous.post(URL, body)) == INVALID


def test_reset__link_dies_with_a_sign_in(anonymous, user, body, sign_in):
    sign_in(user)
    assert error_of(anonymous.post(URL, body)) == INVALID


@pytest.mark.parametrize(("change", "attr", "code"), BAD_LINKS)
def test_reset__with_a_bad_link_is_refused(anonymous, body, change, attr, code):
    assert error_of(anonymous.post(URL, {**body, **change})) == (attr, code)


def test_reset__with_somebody_else_s_token_is_refused(anonymous, stranger, body):
    theirs = make_link(stranger)
    for uid, token in ((body["uid"], theirs["token"]), (theirs["uid"], body["token"])):
        swapped = {**body, "uid": uid, "token": token}
        assert error_of(anonymous.post(URL, swapped)) == INVALID


def test_reset__with_a_token_of_another_kind_is_refused(
    anonymous, change_link, verify_link
):
    for link in (change_link, verify_link):
        response = anonymous.post(URL, {**link, "new_password": NEW})
        assert error_of(response) == INVALID


def test_reset__with_a_weak_password_does_not_use_the_link_up(anonymous, body):
    weak = {**body, "new_password": "ann@example.com"}
    expected = ("new_password", "password_too_similar")
    assert error_of(anonymous.post(URL, weak)) == expected
    assert anonymous.post(URL, body).status_code == 204


def test_reset__of_two_at_once_is_won_by_one(anonymous, user, body, monkeypatch):
    hash_password = credentials.make_password

    def reset_meanwhile(password):
        monkeypatch.setattr(credentials, "make_password", hash_password)
        first = {**body, "new_password": "the first of two 1"}
        assert anonymous.post(URL, first).status_code == 204
        return hash_password(password)

    monkeypatch.setattr(credentials, "make_password", reset_meanwhile)
    assert error_of(anonymous.post(URL, body)) == INVALID
    user.refresh_from_db()
    assert user.check_password("the first of two 1")


@pytest.mark.parametrize(
    "email", ["", "no address", "a@b.de\x00", "a@b.de\nBcc: c@d.e"]
)
def test_ask__with_a_malformed_email_is_refused(anonymous, email):
    assert error_of(anonymous.post(ASK, {"email": email}))[0] == "email"


def test_ask__finds_the_email_without_regard_to_case(anonymous, user, send, mailoutbox):
    assert send(anonymous, ASK, {"email": "ANN@Example.COM"}).status_code == 202
    (mail,) = mailoutbox
    assert mail.to == ["ann@example.com"]


@pytest.mark.parametrize("change", ["inactive", "no-password", "unknown"])
def test_ask__sends_nothing_to(anonymous, user, send, mailoutbox, change):
    if change == "inactive":
        user.is_active = False
    elif change == "no-password":
        user.set_unusable_password()
    else:
        user.email = "somebody@example.com"
    user.save()
    assert send(anonymous, ASK, {"email": "ann@example.com"}).status_code == 202
    assert mailoutbox == []


def test_ask__sends_nothing_when_the_transaction_fails(anonymous, user, mailoutbox):
    # No commit happens in this test: the mail must wait for one.
    assert anonymous.post(ASK, {"email": user.email}).status_code == 202
    assert mailoutbox == []
