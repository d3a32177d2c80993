"""No answer tells whether an e-mail has an account, except to its owner.

OWASP Authentication Cheat Sheet, "Authentication and error messages".
"""

import time

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher, MD5PasswordHasher
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "ann@example.com", "nobody@example.com"
TOKEN = "/api/v1/auth/token/"
RESET = "/api/v1/auth/password/reset/"
SIGN_UP = "/api/v1/auth/signup/"
PASSWORD = "another horse battery 8"


class CheapBcrypt(BCryptSHA256PasswordHasher):
    rounds = 8


@pytest.fixture
def hashes(monkeypatch) -> list[str]:
    """Count the hashes: one entry each."""
    done: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        done.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return done


@pytest.fixture
def work_of(hashes, anonymous):
    """Return status, body, hashes and statements of a request."""

    def measure(url: str, body: dict[str, str], **extra) -> tuple:
        hashes.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = anonymous.post(url, body, **extra)
        statements = [query["sql"].split()[0] for query in queries]
        return response.status_code, response.content, len(hashes), statements

    return measure


def credentials(email: str) -> dict[str, str]:
    return {"email": email, "password": PASSWORD}


@pytest.mark.parametrize("account", ["active", "inactive", "without-password"])
def test_sign_in__does_the_same_for_any_email(work_of, user, account):
    if account == "inactive":
        user.is_active = False
    elif account == "without-password":
        user.set_unusable_password()
    user.save()
    known = work_of(TOKEN, credentials(KNOWN))
    assert known == work_of(TOKEN, credentials(UNKNOWN))
    assert (known[0], known[2]) == (401, 1)


def test_oauth2_sign_in__does_the_same_for_any_email(work_of, user):
    url, form = "/api/v1/auth/login/", "application/x-www-form-urlencoded"
    known, unknown = (
        work_of(url, f"username={email}&password=wrong", content_type=form)
        for email in (KNOWN, UNKNOWN)
    )
    assert known == unknown
    assert (known[0], known[2]) == (400, 1)


@pytest.mark.parametrize("change", [{}, {"is_active": False}, {"password": "!"}])
def test_reset__does_the_same_for_any_email(work_of, user, change):
    User.objects.filter(pk=user.pk).update(**change)
    known = work_of(RESET, {"email": KNOWN})
    assert known == work_of(RESET, {"email": UNKNOWN})
    # Nothing is looked up in the request itself: the task does.
    assert known[0] == 202
    assert known[2:] == (0, [])


def test_reset_page__does_the_same_for_any_email(work_of, user):
    url = "/accounts/reset/"
    known = work_of(url, {"email": KNOWN}, format="multipart")
    assert known == work_of(url, {"email": UNKNOWN}, format="multipart")
    assert known[0] == 302


def test_resend__answers_the_same_whether_verified_or_not(api, user):
    first = api.post("/api/v1/auth/email/resend/")
    User.objects.update(email_verified=True)
    second = api.post("/api/v1/auth/email/resend/")
    assert (first.status_code, first.content) == (second.status_code, second.content)


@pytest.mark.parametrize("change", [{}, {"is_active": False}, {"password": "!"}])
def test_safe_sign_up__does_the_same_for_any_email(work_of, user, settings, change):
    settings.SIGNUP_ENUMERATION_SAFE = True
    User.objects.filter(pk=user.pk).update(**change)
    status, body, hashes, statements = work_of(SIGN_UP, credentials(KNOWN))
    new = work_of(SIGN_UP, credentials(UNKNOWN))
    assert (status, body, hashes) == new[:3]
    assert (status, hashes) == (202, 1)
    # A savepoint and an insert; the first is rolled back, the second is not.
    assert statements[:2] == new[3][:2] == ["SAVEPOINT", "INSERT"]
    assert b"access" not in body


def test_safe_sign_up__makes_an_account_and_sends_a_link(
    anonymous, send, settings, mailoutbox, link_in
):
    settings.SIGNUP_ENUMERATION_SAFE = True
    send(anonymous, SIGN_UP, credentials(UNKNOWN))
    (mail,) = mailoutbox
    assert mail.to == [UNKNOWN]
    link = link_in(mail)
    assert anonymous.post("/api/v1/auth/email/verify/", link).status_code == 204
    assert anonymous.post(TOKEN, credentials(UNKNOWN)).status_code == 200


def test_safe_sign_up__tells_the_owner_and_changes_nothing(
    anonymous, user, send, settings, mailoutbox
):
    settings.SIGNUP_ENUMERATION_SAFE = True
    send(anonymous, SIGN_UP, credentials(KNOWN.upper()))
    (mail,) = mailoutbox
    assert mail.to == [KNOWN]
    assert "you already have an account" in mail.body
    assert "/accounts/" not in mail.body
    user.refresh_from_db()
    assert user.check_password(user.raw_password)


def test_safe_sign_up__still_refuses_bad_input(anonymous, user, settings):
    settings.SIGNUP_ENUMERATION_SAFE = True
    for email in (KNOWN, UNKNOWN):
        body = {"email": email, "password": "short"}
        assert anonymous.post(SIGN_UP, body).status_code == 400


def fastest_seconds(*actions, times: int = 9) -> list[float]:
    """Time each action in turns, so that a busy machine disturbs all of them alike."""

    def measure(action) -> float:
        start = time.perf_counter()
        action()
        return time.perf_counter() - start

    rounds = [[measure(action) for action in actions] for _ in range(times)]
    return [min(column) for column in zip(*rounds, strict=True)]


def test_sign_in__takes_as_long_for_any_email(anonymous, user, settings):
    """Whole requests; a hash that is left out shows at once."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CheapBcrypt"]
    user.set_password(PASSWORD + "x")
    user.save()
    known, unknown = fastest_seconds(
        lambda: anonymous.post(TOKEN, credentials(KNOWN)),
        lambda: anonymous.post(TOKEN, credentials(UNKNOWN)),
    )
    assert 0.5 < known / unknown < 2


def test_safe_sign_up__takes_as_long_for_any_email(anonymous, user, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CheapBcrypt"]
    settings.SIGNUP_ENUMERATION_SAFE = True
    new = (f"new{number}@example.com" for number in range(100))
    known, unknown = fastest_seconds(
        lambda: anonymous.post(SIGN_UP, credentials(KNOWN)),
        lambda: anonymous.post(SIGN_UP, credentials(next(new))),
    )
    assert 0.5 < known / unknown < 2
