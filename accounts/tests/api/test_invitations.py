"""Signing up with an invitation, and while nobody can."""

import hashlib
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Invitation, User
from accounts.services.invitations import (
    create_invitation,
    issue_token,
    revoke_invitations,
)
from accounts.services.sign_up import SignupClosed, sign_up_user

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/signup/"
EMAIL = "new@example.com"
BODY = {"email": EMAIL, "password": "correct horse battery 9"}


@pytest.fixture(autouse=True)
def by_invitation(settings) -> None:
    settings.SIGNUP = "invite"


def invite(email: str = "") -> str:
    return issue_token(create_invitation(email=email))


def sign_up(client, invitation: object = None, **change: object):
    body = BODY if invitation is None else {**BODY, "invitation": invitation}
    return client.post(URL, {**body, **change})


def errors_of(response) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.content
    return [(error["attr"], error["code"]) for error in response.json()["errors"]]


REFUSED = [("invitation", "invalid_invitation")]


@pytest.mark.parametrize("mode", ["open", "invite", "closed"])
def test_get__tells_who_can_sign_up(anonymous, settings, mode):
    settings.SIGNUP = mode
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "signup": (1, 3600)}
    for _ in range(3):
        response = anonymous.get(URL)
        assert (response.status_code, response.json()) == (200, {"signup": mode})


@pytest.mark.parametrize("email", ["", EMAIL, "NEW@Example.com"])
def test_invitation__lets_one_person_in(anonymous, email):
    token = invite(email)
    response = sign_up(anonymous, token)
    assert response.status_code == 201, response.content
    user = User.objects.get()
    assert not user.email_verified
    used = Invitation.objects.get()
    assert (used.state, used.used_by, used.email) == ("used", user, "")
    assert errors_of(sign_up(anonymous, token, email="b@example.com")) == REFUSED
    assert User.objects.count() == 1


def test_invitation__is_stored_as_a_hash_only():
    token = invite()
    row = Invitation.objects.values_list().get()
    assert token not in str(row)
    assert hashlib.sha256(token.encode()).hexdigest() in row


def wrong() -> str:
    return "x" * 43


def expired() -> str:
    token = invite()
    Invitation.objects.update(expires_at=timezone.now())
    return token


def revoked() -> str:
    token = invite()
    assert revoke_invitations(Invitation.objects.all()) == 1
    return token


def foreign() -> str:
    return invite("somebody.else@example.com")


def replaced() -> str:
    invitation = create_invitation()
    token = issue_token(invitation)
    issue_token(invitation)
    return token


@pytest.mark.parametrize("safe", [False, True])
@pytest.mark.parametrize("mode", ["invite", "open"])
@pytest.mark.parametrize("make", [wrong, expired, revoked, foreign, replaced])
def test_invitation__that_does_not_work_is_one_error(
    anonymous, user, settings, make, mode, safe
):
    """The same for emails with and without an account."""
    settings.SIGNUP, settings.SIGNUP_ENUMERATION_SAFE = mode, safe
    token = make()
    answers = {
        sign_up(anonymous, token, email=email).content for email in (user.email, EMAIL)
    }
    assert len(answers) == 1
    assert errors_of(sign_up(anonymous, token)) == REFUSED
    assert User.objects.get() == user


@pytest.mark.parametrize("token", [None, ""])
def test_invitation__must_be_there(anonymous, token):
    create_invitation()
    assert errors_of(sign_up(anonymous, token)) == REFUSED
    assert not User.objects.exists()


@pytest.mark.parametrize("token", ["x" * 101, ["x"], None, "x\x00", {}])
def test_invitation__that_is_no_text_is_refused(anonymous, token):
    ((field, _),) = errors_of(anonymous.post(URL, {**BODY, "invitation": token}))
    assert field == "invitation"


def test_invitation__is_not_needed_where_sign_up_is_open(anonymous, settings):
    settings.SIGNUP = "open"
    assert sign_up(anonymous).status_code == 201
    assert sign_up(anonymous, "", email="b@example.com").status_code == 201
    invited = sign_up(anonymous, invite(), email="c@example.com")
    assert invited.status_code == 201
    assert Invitation.objects.get().state == "used"


@pytest.mark.parametrize(
    "change", [{"email": "ann@example.com"}, {"password": "short"}, {"email": "x"}]
)
def test_invitation__is_not_used_up_by_a_sign_up_that_fails(anonymous, user, change):
    token = invite()
    assert sign_up(anonymous, token, **change).status_code == 400
    assert Invitation.objects.get().state == "open"
    assert sign_up(anonymous, token).status_code == 201


def test_attack__an_invitation_does_not_find_accounts_in_safe_mode(
    anonymous, user, settings
):
    """Otherwise it would work again after a known email, and not after a new one."""
    settings.SIGNUP_ENUMERATION_SAFE = True
    answers = []
    for email in (user.email, EMAIL):
        token = invite()
        first = sign_up(anonymous, token, email=email)
        second = sign_up(anonymous, token, email="c@example.com")
        answers.append((first.status_code, first.content, second.content))
    assert answers[0] == answers[1]
    assert answers[0][0] == 202
    assert not User.objects.filter(email="c@example.com").exists()


@pytest.mark.parametrize("safe", [False, True])
def test_closed__answers_the_same_to_everybody(anonymous, user, settings, safe):
    token = invite()
    settings.SIGNUP, settings.SIGNUP_ENUMERATION_SAFE = "closed", safe
    answers = [
        sign_up(anonymous, token, email=user.email),
        sign_up(anonymous, token),
        sign_up(anonymous),
        sign_up(anonymous, "wrong", email="no email", password=""),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["errors"][0]["code"] == "signup_closed"
    assert User.objects.get() == user
    assert Invitation.objects.get().state == "open"


def test_closed__is_checked_by_the_service_itself(settings):
    settings.SIGNUP = "closed"
    with pytest.raises(SignupClosed):
        sign_up_user(RequestFactory().post(URL), **BODY)
    assert not User.objects.exists()


def test_throttle__counts_wrong_invitations(anonymous, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "signup": (2, 3600)}
    statuses = [sign_up(anonymous, "wrong").status_code for _ in range(3)]
    assert statuses == [400, 400, 429]


def test_deleted_account__leaves_nothing_of_it_in_its_invitation(anonymous):
    sign_up(anonymous, invite(EMAIL))
    User.objects.get().delete()
    left = Invitation.objects.get()
    assert (left.used_by, left.email, left.state) == (None, "", "used")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("safe", [False, True])
def test_invitation__used_by_two_at_once_makes_one_account(settings, safe):
    settings.SIGNUP_ENUMERATION_SAFE = safe
    token = invite()
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def join(email: str) -> None:
        barrier.wait()
        statuses.append(sign_up(APIClient(), token, email=email).status_code)
        connection.close()

    threads = [
        threading.Thread(target=join, args=(f"{name}@example.com",)) for name in "ab"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [202 if safe else 201, 400]
    assert User.objects.count() == 1
    assert Invitation.objects.get().used_by == User.objects.get()


def test_expired_invitation__between_the_look_and_the_use(anonymous, monkeypatch):
    """The last check is on the row itself, in the transaction of the account."""
    from accounts.services import sign_up as service

    token = invite()
    find = service.find_invitation

    def find_and_revoke(*args):
        found = find(*args)
        Invitation.objects.update(revoked_at=timezone.now() - timedelta(seconds=1))
        return found

    monkeypatch.setattr(service, "find_invitation", find_and_revoke)
    assert errors_of(sign_up(anonymous, token)) == REFUSED
    assert not User.objects.exists()
