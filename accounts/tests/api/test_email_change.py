from datetime import timedelta

import pytest

from accounts.models import User
from accounts.services.one_time_links import email_change_tokens, encode_uid
from accounts.tests.links import BAD_LINKS, error_of
from accounts.tokens.sessions import end_all_sessions

pytestmark = pytest.mark.django_db
ASK = "/api/v1/auth/email/change/"
URL = "/api/v1/auth/email/change/confirm/"
INVALID = ("token", "invalid_token")


@pytest.fixture
def body(user) -> dict[str, str]:
    return {"new_email": "New@example.com", "password": user.raw_password}


def test_ask__sends_a_link_to_the_new_and_a_notice_to_the_old_email(
    api, user, send, mailoutbox, body
):
    assert send(api, ASK, body).status_code == 202
    notice, link = mailoutbox
    assert notice.to == ["ann@example.com"]
    assert "new@example.com" in notice.body
    assert "token" not in notice.body
    assert "/accounts/" not in notice.body
    assert link.to == ["new@example.com"]
    assert "ann@example.com" not in link.body
    user.refresh_from_db()
    assert user.email == "ann@example.com"


def test_confirm__changes_the_email_once(anonymous, user, change_link):
    assert anonymous.post(URL, change_link).status_code == 204
    user.refresh_from_db()
    assert (user.email, user.email_verified) == ("new@example.com", True)
    assert error_of(anonymous.post(URL, change_link)) == INVALID


def test_confirm__keeps_the_sign_ins(anonymous, api, change_link):
    anonymous.post(URL, change_link)
    assert api.get("/api/v1/users/me/").json()["email"] == "new@example.com"


def test_confirm__works_for_three_days(anonymous, change_link, later):
    later(timedelta(days=3, minutes=1))
    assert error_of(anonymous.post(URL, change_link)) == INVALID
    later(timedelta(days=2, hours=23))
    assert anonymous.post(URL, change_link).status_code == 204


def set_password(user: User) -> None:
    user.set_password("something else 12")
    user.save()


def set_email(user: User) -> None:
    User.objects.filter(pk=user.pk).update(email="third@example.com")


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize(
    "event", [set_password, set_email, end_all_sessions, deactivate]
)
def test_confirm__link_dies_with(anonymous, user, change_link, event):
    event(user)
    assert error_of(anonymous.post(URL, change_link)) == INVALID


def test_confirm__of_an_email_that_was_taken_meanwhile_is_refused(
    anonymous, user, change_link, make_user
):
    make_user("new@example.com")
    assert error_of(anonymous.post(URL, change_link)) == ("token", "unique")
    user.refresh_from_db()
    assert (user.email, user.email_verified) == ("ann@example.com", False)


@pytest.mark.parametrize(("change", "attr", "code"), BAD_LINKS)
def test_confirm__with_a_bad_link_is_refused(
    anonymous, change_link, change, attr, code
):
    assert error_of(anonymous.post(URL, {**change_link, **change})) == (attr, code)


def test_confirm__with_somebody_else_s_token_is_refused(
    anonymous, user, stranger, change_link
):
    theirs = email_change_tokens.make_token(stranger, "evil@example.com")
    for uid, token in (
        (change_link["uid"], theirs),
        (encode_uid(stranger), change_link["token"]),
    ):
        assert error_of(anonymous.post(URL, {"uid": uid, "token": token})) == INVALID


def test_confirm__with_a_token_of_another_kind_is_refused(
    anonymous, reset_link, verify_link
):
    for link in (reset_link, verify_link):
        assert error_of(anonymous.post(URL, link)) == INVALID


def test_ask__for_a_known_email_says_nothing_to_the_caller(
    api, stranger, send, mailoutbox, body
):
    free = send(api, ASK, body)
    mailoutbox.clear()
    known = send(api, ASK, {**body, "new_email": stranger.email.upper()})
    assert (known.status_code, known.content) == (free.status_code, free.content)
    notice, told = mailoutbox
    assert told.to == [stranger.email]
    assert "you already have an account" in told.body
    assert "/accounts/" not in told.body


@pytest.mark.parametrize(
    ("change", "attr", "code"),
    [
        ({"password": "wrong"}, "password", "wrong_password"),
        ({"new_email": "ANN@example.com"}, "new_email", "unchanged"),
        ({"new_email": "no address"}, "new_email", "invalid"),
        ({"new_email": "a@b.de\nBcc: c@d.de"}, "new_email", "invalid"),
        ({"new_email": "a@b.de\x00"}, "new_email", "invalid"),
        ({"new_email": "x" * 250 + "@b.de"}, "new_email", "max_length"),
    ],
)
def test_ask__with_bad_input_is_refused(
    api, send, mailoutbox, body, change, attr, code
):
    response = send(api, ASK, {**body, **change})
    assert error_of(response) == (attr, code)
    assert mailoutbox == []
