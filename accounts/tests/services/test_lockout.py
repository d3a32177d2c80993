"""The lock on signing in, by account and network."""

from datetime import timedelta
from threading import Barrier, Thread
from unittest.mock import patch

import pytest
from django.contrib.auth import authenticate, hashers
from django.db import connection
from django.db.models import F
from rest_framework.test import APIClient

from accounts.models import FailedSignIn
from accounts.tests.services.conftest import LIMIT, MINUTES, by_token, fail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lockout")]
FORM = "application/x-www-form-urlencoded"


def by_oauth(client, email: str, password: str, **extra):
    body = f"username={email}&password={password.replace(' ', '+')}"
    return client.post("/api/v1/auth/login/", body, content_type=FORM, **extra)


def by_page(url: str):
    def post(client, email: str, password: str, **extra):
        body = f"username={email}&password={password.replace(' ', '+')}"
        return client.post(url, body, content_type=FORM, **extra)

    return post


WAYS = {
    "token": (by_token, 401, 200),
    "oauth": (by_oauth, 400, 200),
    "admin": (by_page("/admin/login/"), 200, 302),
    "api-auth": (by_page("/api-auth/login/"), 200, 302),
}


@pytest.fixture(params=WAYS)
def way(request):
    """Each way to sign in: a function, the statuses of a refusal and a success."""
    return WAYS[request.param]


@pytest.fixture
def staff(make_user):
    return make_user("ann@example.com", is_staff=True)


def assert_locked(response) -> None:
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= MINUTES * 60


def pass_time(seconds: int) -> None:
    """Let time pass for the failed sign-ins."""
    FailedSignIn.objects.update(last_at=F("last_at") - timedelta(seconds=seconds))


def test_lock__refuses_the_right_password_too(anonymous, staff, way):
    sign_in, refused, _ = way
    for _ in range(LIMIT):
        assert sign_in(anonymous, staff.email, "wrong").status_code == refused
    assert_locked(sign_in(anonymous, staff.email, "wrong"))
    assert_locked(sign_in(anonymous, staff.email, staff.raw_password))


def test_lock__holds_for_every_way_to_sign_in(anonymous, staff, way):
    for _ in range(LIMIT):
        fail(anonymous)
    sign_in, _, _ = way
    assert_locked(sign_in(anonymous, staff.email, staff.raw_password))


def test_success__begins_anew(anonymous, staff, way):
    sign_in, refused, welcome = way
    for _ in range(2):
        for _ in range(LIMIT - 1):
            assert sign_in(anonymous, staff.email, "wrong").status_code == refused
        answer = sign_in(anonymous, staff.email, staff.raw_password)
        assert answer.status_code == welcome


def test_lock__has_the_documented_body(anonymous, user):
    for _ in range(LIMIT):
        fail(anonymous)
    response = by_token(anonymous, user.email, "wrong")
    assert response.json()["type"] == "client_error"
    assert response.json()["errors"][0]["code"] == "login_locked"


def test_lock__of_an_unknown_account_is_the_same(anonymous, user):
    """No oracle: the answers do not tell which e-mails have an account."""
    known, unknown = (
        [
            (r.status_code, r.json(), r.get("Retry-After"))
            for r in (by_token(anonymous, email, "wrong") for _ in range(LIMIT + 2))
        ]
        for email in (user.email, "nobody@example.com")
    )
    assert known == unknown
    assert [status for status, _, _ in known] == [401] * LIMIT + [429] * 2


def test_lock__is_for_this_network_only(anonymous, user):
    for _ in range(LIMIT + 1):
        fail(anonymous, REMOTE_ADDR="203.0.113.9")
    elsewhere = by_token(
        anonymous, user.email, user.raw_password, REMOTE_ADDR="203.0.113.10"
    )
    assert elsewhere.status_code == 200


def test_attack__the_case_of_the_email_makes_no_new_account(anonymous, user):
    for email in ("ann@example.com", "ANN@example.com", " Ann@Example.COM "):
        assert fail(anonymous, email) == 401
    assert fail(anonymous, "aNN@example.com") == 429


def test_attack__ips_of_one_ipv6_network_are_one(anonymous, user):
    for number in range(LIMIT):
        assert fail(anonymous, REMOTE_ADDR=f"2001:db8::{number}") == 401
    assert fail(anonymous, REMOTE_ADDR="2001:db8::ffff") == 429
    assert fail(anonymous, REMOTE_ADDR="2001:db8:0:1::1") == 401


def test_attack__a_spoofed_header_does_not_escape_the_lock(anonymous, user):
    for number in range(LIMIT):
        spoofed = f"198.51.100.{number}"
        came = {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": spoofed}
        assert fail(anonymous, **came) == 401
    assert fail(anonymous, **came) == 429


def test_attack__refused_attempts_check_no_password(anonymous, user):
    with patch.object(
        hashers, "check_password", autospec=True, return_value=False
    ) as check:
        for _ in range(LIMIT + 5):
            fail(anonymous)
    assert check.call_count == LIMIT


def test_lock__ends_after_the_cooling_off_time(anonymous, user):
    fail(anonymous)
    pass_time(MINUTES * 60 - 10)
    for _ in range(LIMIT - 1):
        assert fail(anonymous) == 401
    # It lasts from the last failure, and refused attempts do not prolong it.
    pass_time(MINUTES * 60 - 30)
    response = by_token(anonymous, user.email, user.raw_password)
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 30
    pass_time(30)
    assert by_token(anonymous, user.email, user.raw_password).status_code == 200


def test_failures__long_ago_are_not_counted(anonymous, user):
    for _ in range(LIMIT - 1):
        assert fail(anonymous) == 401
    pass_time(MINUTES * 60)
    assert {fail(anonymous) for _ in range(LIMIT)} == {401}
    assert fail(anonymous) == 429


@pytest.mark.django_db(transaction=True)
def test_attack__simultaneous_attempts_check_no_more_passwords(user):
    barrier = Barrier(LIMIT * 3)
    statuses: list[int] = []

    def attempt() -> None:
        barrier.wait()
        statuses.append(fail(APIClient()))
        connection.close()

    threads = [Thread(target=attempt) for _ in range(barrier.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [401] * LIMIT + [429] * LIMIT * 2


def test_lock__is_off_with_zero_failures(anonymous, user, settings):
    settings.LOCKOUT_FAILURES = 0
    assert {fail(anonymous) for _ in range(LIMIT + 3)} == {401}
    assert not FailedSignIn.objects.exists()


def test_dead_redis__does_not_open_the_lock(anonymous, user, dead_redis):
    for _ in range(LIMIT):
        assert fail(anonymous) == 401
    assert_locked(by_token(anonymous, user.email, user.raw_password))


def test_record__is_one_row_per_count_of_bounded_size(anonymous, user):
    for agent in ("one", "thr\x00ee", "x" * 10_000):
        by_oauth(anonymous, user.email, "wrong", HTTP_USER_AGENT=agent)
    rows = FailedSignIn.objects.all()
    assert {row.network for row in rows} == {"127.0.0.1", "all"}
    for row in rows:
        assert (row.account, row.ip, row.number) == ("ann@example.com", "127.0.0.1", 3)
        assert (row.path, row.agent) == ("/api/v1/auth/login/", "x" * 300)


def test_record__of_a_long_name_is_bounded(client, db):
    by_page("/admin/login/")(client, "x" * 254, "wrong")
    by_page("/admin/login/")(client, "İ" * 254, "wrong")
    assert {len(row.account) for row in FailedSignIn.objects.all()} == {254}


def test_authenticate__without_a_request_is_not_counted(user):
    for _ in range(LIMIT + 1):
        assert authenticate(username=user.email, password="wrong") is None
    assert authenticate(username=user.email, password=user.raw_password) == user
