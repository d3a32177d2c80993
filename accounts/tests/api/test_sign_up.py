import threading

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/signup/"
GOOD = {"email": "new@example.com", "password": "correct horse battery 9"}


def error_of(response) -> tuple[str, str | None]:
    error = response.json()["errors"][0]
    return error["code"], error["attr"]


def test_signup__creates_the_user_and_signs_in(anonymous):
    response = anonymous.post(URL, {**GOOD, "display_name": "New"})
    assert response.status_code == 201
    body = response.json()
    user = User.objects.get()
    assert body["user"] == {
        "id": str(user.pk),
        "email": "new@example.com",
        "email_verified": False,
        "display_name": "New",
        "image_count": 0,
        "date_joined": user.date_joined.isoformat().replace("+00:00", "Z"),
    }
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access']}")
    assert anonymous.get("/api/v1/users/me/").status_code == 200


def test_signup__stores_a_bcrypt_hash(anonymous, settings):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.BCryptSHA256PasswordHasher"
    ]
    anonymous.post(URL, GOOD)
    assert User.objects.get().password.startswith("bcrypt_sha256$$2b$12$")


@pytest.mark.parametrize("email", ["new@example.com", "NEW@Example.com"])
def test_signup__with_a_known_email_is_refused(anonymous, make_user, email):
    make_user("new@example.com")
    response = anonymous.post(URL, {**GOOD, "email": email})
    assert response.status_code == 400
    assert error_of(response) == ("unique", "email")
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"email": ""}, ("blank", "email")),
        ({"email": None}, ("null", "email")),
        ({"email": "no address"}, ("invalid", "email")),
        ({"email": "a@b.de\x00"}, ("invalid", "email")),
        ({"email": "x" * 250 + "@example.com"}, ("max_length", "email")),
        ({"email": "admın@example.com"}, ("invalid", "email")),
        ({"email": "ſ@example.com"}, ("invalid", "email")),
        ({"email": "İ" * 240 + "@example.com"}, ("invalid", "email")),
        ({"email": ["a@b.de"]}, ("invalid", "email")),
        ({"password": ""}, ("blank", "password")),
        ({"password": "short"}, ("password_too_short", "password")),
        ({"password": "8462937501"}, ("password_entirely_numeric", "password")),
        ({"password": "password123"}, ("password_too_common", "password")),
        ({"password": "new@example.com"}, ("password_too_similar", "password")),
        ({"password": "x" * 1025}, ("max_length", "password")),
        (
            {"password": "nul\x00in the middle"},
            ("null_characters_not_allowed", "password"),
        ),
        ({"display_name": "x" * 101}, ("max_length", "display_name")),
    ],
)
def test_signup__with_bad_input_is_refused(anonymous, change, error):
    response = anonymous.post(URL, {**GOOD, **change})
    assert response.status_code == 400, response.content
    assert error_of(response) == error
    assert not User.objects.exists()


def test_signup__with_a_lone_surrogate_is_refused(anonymous):
    body = '{"email": "new@example.com", "password": "correct \\ud800 horse"}'
    response = anonymous.post(URL, body, content_type="application/json")
    assert response.status_code == 400
    assert error_of(response)[0] == "parse_error"


@pytest.mark.usefixtures("cheap_bcrypt")
@pytest.mark.parametrize(
    "password", ["x y" * 300, "pässwörd ☃ 密码 ünïcode", "  blank  ends  "]
)
def test_signup__keeps_long_and_unicode_passwords_as_typed(
    anonymous, settings, password
):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.BCryptSHA256PasswordHasher"
    ]
    assert anonymous.post(URL, {**GOOD, "password": password}).status_code == 201
    credentials = {"email": GOOD["email"], "password": password}
    assert anonymous.post("/api/v1/auth/token/", credentials).status_code == 200
    credentials["password"] = password[:-1]
    assert anonymous.post("/api/v1/auth/token/", credentials).status_code == 401


def test_signup__cannot_set_other_fields(anonymous):
    anonymous.post(URL, {**GOOD, "is_staff": True, "image_count": 7})
    user = User.objects.get()
    assert (user.is_staff, user.item_count) == (False, 0)


@pytest.mark.django_db(transaction=True)
def test_signup__by_two_at_once_makes_one_account():
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def sign_up(email: str) -> None:
        barrier.wait()
        statuses.append(APIClient().post(URL, {**GOOD, "email": email}).status_code)
        connection.close()

    threads = [
        threading.Thread(target=sign_up, args=(email,))
        for email in ("new@example.com", "NEW@example.com")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 400]
    assert User.objects.count() == 1
