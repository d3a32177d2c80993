"""Every check of a password is counted, whichever form or endpoint asks for it."""

import ast
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import aauthenticate
from django.db import transaction
from django.test import AsyncRequestFactory, RequestFactory
from rest_framework.test import APIClient

from accounts.models import FailedSignIn
from accounts.models.attempts import LockedOut
from mediabackend.http.current_request import answering

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
ROOT = Path(__file__).resolve().parents[3]
LIMIT = 3
NEW = "violet harbour lamp 7"
JSON, PAGE = "json", "multipart"
# By name: method, URL, the name of the password in the body, the rest of the body, and
# the format. For the admin's form `user` is staff, and signed in with a session.
DOORS = {
    "token": ("post", "/api/v1/auth/token/", "password", {"email"}, JSON),
    "login-page": ("post", "/api-auth/login/", "password", {"username"}, PAGE),
    "admin-login": ("post", "/admin/login/", "password", {"username"}, PAGE),
    "password": (
        *("post", "/api/v1/auth/password/change/", "current_password"),
        *({"new_password"}, JSON),
    ),
    "email": ("post", "/api/v1/auth/email/change/", "password", {"new_email"}, JSON),
    "deletion": ("delete", "/api/v1/users/me/", "password", set(), JSON),
    "admin-password": (
        *("post", "/admin/password_change/", "old_password"),
        *({"new_password1", "new_password2"}, PAGE),
    ),
}
VALUES = {
    "email": "ann@example.com",
    "username": "ann@example.com",
    "new_email": "new@example.com",
    **dict.fromkeys(("new_password", "new_password1", "new_password2"), NEW),
}


@pytest.fixture
def staff(make_user):
    return make_user("ann@example.com", is_staff=True)


@pytest.fixture(params=DOORS)
def knock(request, settings, staff, client_of):
    """Give a password at one door; returns the status."""
    settings.LOCKOUT_FAILURES = LIMIT
    method, url, name, others, format = DOORS[request.param]
    if url.startswith("/api/v1/") and "token" not in url:
        client = client_of(staff)
    else:
        client = APIClient()
        if "password_change" in url:
            client.force_login(staff)
    body = {other: VALUES[other] for other in others}

    def send(password: str, **extra) -> int:
        post = getattr(client, method)
        return post(url, {**body, name: password}, format=format, **extra).status_code

    return send


def test_door__closes_after_wrong_passwords(knock, staff):
    statuses = [knock("wrong") for _ in range(LIMIT)]
    assert not {429, 500} & set(statuses)
    assert knock("wrong") == 429
    assert knock(staff.raw_password) == 429
    staff.refresh_from_db()
    assert staff.check_password(staff.raw_password)


def test_door__is_closed_by_wrong_passwords_elsewhere(knock, staff, anonymous):
    body = {"email": staff.email, "password": "wrong"}
    for _ in range(LIMIT):
        anonymous.post("/api/v1/auth/token/", body)
    assert knock(staff.raw_password) == 429


def test_door__counts_for_the_account_too(knock, staff, settings):
    settings.LOCKOUT_ACCOUNT_FAILURES = LIMIT
    for number in range(LIMIT):
        assert knock("wrong", REMOTE_ADDR=f"203.0.113.{number}") != 429
    assert knock(staff.raw_password, REMOTE_ADDR="203.0.113.200") == 429


def test_door__opens_to_the_right_password_and_begins_anew(knock, staff):
    knock("wrong")
    assert FailedSignIn.objects.exists()
    assert knock(staff.raw_password) in (200, 202, 204, 302)
    assert not FailedSignIn.objects.exists()


def test_admin_form__tells_how_long_it_is_closed(staff, client, settings):
    settings.LOCKOUT_FAILURES = 1
    client.force_login(staff)
    form = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    client.post("/admin/password_change/", form)
    response = client.post("/admin/password_change/", form)
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 15 * 60


def test_admin_form__is_throttled(staff, client, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "reset": (2, 3600)}
    client.force_login(staff)
    answers = [client.post("/admin/password_change/").status_code for _ in range(3)]
    assert answers == [200, 200, 429]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_asynchronous_check__is_counted(staff, settings, email):
    settings.LOCKOUT_FAILURES = LIMIT
    request = AsyncRequestFactory().post("/")
    check = async_to_sync(aauthenticate)
    for _ in range(LIMIT):
        assert check(request, username=email, password="wrong") is None
    with pytest.raises(LockedOut):
        check(request, username=email, password="wrong")


@pytest.mark.django_db(transaction=True)
def test_check__in_a_transaction_is_refused(staff):
    """The count would be lost if the transaction failed."""
    request = RequestFactory().post("/")
    with answering(request), transaction.atomic(), pytest.raises(RuntimeError):
        staff.check_password(staff.raw_password)


def test_code__checks_passwords_in_one_place_only():
    """`hashers.check_password` would not be counted: only the user's model calls it."""
    watched = {
        *("check_password", "acheck_password", "verify_password"),
        *("authenticate", "aauthenticate"),
    }
    found = {
        (str(path.relative_to(ROOT)), ast.unparse(node.func))
        for app in ("accounts", "images", "mediabackend")
        for path in (ROOT / app).rglob("*.py")
        if "tests" not in path.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in watched
    }
    assert found == {
        ("accounts/models/users.py", "hashers.check_password"),
        # These call the one above through `User.check_password`.
        ("accounts/api/fields.py", "self.context['request'].user.check_password"),
        ("accounts/services/sign_in.py", "user.check_password"),
        ("accounts/tokens/sessions.py", "authenticate"),
    }
