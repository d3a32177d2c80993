from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from django.contrib.auth import hashers
from django.contrib.auth.hashers import make_password

from accounts.models import Session, User

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/token/"


def sign_in(client, user: User, password: str | None = None):
    return client.post(
        URL, {"email": user.email, "password": password or user.raw_password}
    )


def test_token__for_good_credentials(anonymous, user):
    response = sign_in(anonymous, user)
    assert response.status_code == 200
    assert set(response.json()) == {"access", "refresh"}
    user.refresh_from_db()
    assert user.last_login is not None


def test_token__takes_a_form_too(anonymous, user):
    response = anonymous.post(
        URL,
        f"email=ann%40example.com&password={user.raw_password}",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code == 200


def test_token__without_regard_to_the_case_of_the_email(anonymous, user):
    user.email = "ANN@Example.com"
    assert sign_in(anonymous, user).status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ann@example.com", "wrong"),
        ("nobody@example.com", "wrong"),
        ("ann@example.com", "x" * 1000),
        ("ann", "pässwörd ☃"),
    ],
)
def test_token__for_bad_credentials_is_401(anonymous, user, email, password):
    response = anonymous.post(URL, {"email": email, "password": password})
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json() == {
        "type": "client_error",
        "errors": [
            {
                "code": "no_active_account",
                "detail": "No active account has these credentials.",
                "attr": None,
            }
        ],
    }


def test_token__for_an_inactive_user_is_401(anonymous, make_user):
    user = make_user(is_active=False)
    assert sign_in(anonymous, user).status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"email": "a@b.de"}, {"email": "", "password": ""}, [], "text"]
)
def test_token__for_an_incomplete_body_is_400(anonymous, body):
    assert anonymous.post(URL, body).status_code == 400


@pytest.mark.parametrize("field", ["email", "password"])
def test_token__with_nul_is_400(anonymous, user, field):
    body = {"email": user.email, "password": user.raw_password}
    body[field] += "\x00"
    assert anonymous.post(URL, body).status_code == 400


def test_token__costs_one_hash_whether_or_not_the_email_is_known(anonymous, user):
    """The time of an answer must not tell which addresses have an account."""
    for email in (user.email, "nobody@example.com"):
        with patch.object(
            hashers.MD5PasswordHasher,
            "encode",
            autospec=True,
            side_effect=hashers.MD5PasswordHasher.encode,
        ) as encode:
            anonymous.post(URL, {"email": email, "password": "wrong"})
        assert encode.call_count == 1, email


@pytest.mark.usefixtures("cheap_bcrypt")
@pytest.mark.parametrize("algorithm", ["bcrypt", "argon2", "pbkdf2_sha256"])
def test_token__upgrades_the_hash_of_an_imported_account(
    anonymous, user, settings, algorithm
):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
        "accounts.hashers.ImportedBcryptHasher",
        "django.contrib.auth.hashers.Argon2PasswordHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
    encoded = make_password(user.raw_password, hasher=algorithm)
    User.objects.filter(pk=user.pk).update(password=encoded)
    assert sign_in(anonymous, user, "wrong").status_code == 401
    assert sign_in(anonymous, user).status_code == 200
    user.refresh_from_db()
    assert user.password.startswith("bcrypt_sha256$")
    assert sign_in(anonymous, user).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("url", "name", "status", "code"),
    [
        (URL, "email", 401, "no_active_account"),
        ("/api/v1/auth/login/", "username", 400, "invalid_grant"),
    ],
)
def test_token__for_an_account_that_goes_while_its_password_is_checked(  # noqa: PLR0913
    anonymous, user, url, name, status, code
):
    def delete(*args, **kwargs):
        User.objects.get(pk=user.pk).delete()
        return True

    body = urlencode({name: user.email, "password": user.raw_password})
    form = "application/x-www-form-urlencoded"
    with patch.object(hashers, "check_password", delete):
        response = anonymous.post(url, body, content_type=form)
    assert (response.status_code, code in str(response.json())) == (status, True)


def test_token__for_a_password_that_changes_while_it_is_checked(anonymous, user):
    def change(*args, **kwargs):
        User.objects.update(password="!")
        return True

    with patch.object(hashers, "check_password", change):
        assert sign_in(anonymous, user).status_code == 401
    assert not Session.objects.exists()


def test_settings__hash_with_bcrypt_first():
    from mediabackend import settings

    assert settings.PASSWORD_HASHERS[0].endswith("BCryptSHA256PasswordHasher")
