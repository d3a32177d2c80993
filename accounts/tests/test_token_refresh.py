import pytest
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/token/refresh/"
VERIFY = "/api/v1/auth/token/verify/"


def test_refresh__gives_a_new_pair(anonymous, user):
    old = str(RefreshToken.for_user(user))
    response = anonymous.post(URL, {"refresh": old})
    assert response.status_code == 200
    new = response.json()
    assert new["refresh"] != old
    assert anonymous.post(VERIFY, {"token": new["access"]}).status_code == 200
    assert anonymous.post(URL, {"refresh": new["refresh"]}).status_code == 200


def test_refresh__kills_the_used_token(anonymous, user):
    token = {"refresh": str(RefreshToken.for_user(user))}
    assert anonymous.post(URL, token).status_code == 200
    again = anonymous.post(URL, token)
    assert again.status_code == 401
    assert again["WWW-Authenticate"].startswith("Bearer")


def test_refresh__for_an_inactive_user_is_401(anonymous, user):
    token = {"refresh": str(RefreshToken.for_user(user))}
    user.is_active = False
    user.save()
    assert anonymous.post(URL, token).status_code == 401


def test_refresh__for_a_deleted_user_is_401(anonymous, user):
    token = {"refresh": str(RefreshToken.for_user(user))}
    user.delete()
    assert anonymous.post(URL, token).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\x00", "x" * 5000])
def test_refresh__with_garbage_is_a_client_error(anonymous, token):
    assert anonymous.post(URL, {"refresh": token}).status_code in (400, 401)


def test_refresh__with_an_access_token_is_401(anonymous, user):
    token = str(AccessToken.for_user(user))
    assert anonymous.post(URL, {"refresh": token}).status_code == 401


def test_verify__refuses_a_token_that_was_altered(anonymous, user):
    token = str(AccessToken.for_user(user))
    assert anonymous.post(VERIFY, {"token": token}).status_code == 200
    head, body, signature = token.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    assert anonymous.post(VERIFY, {"token": forged}).status_code == 401


def test_verify__refuses_a_blacklisted_token(anonymous, user):
    token = RefreshToken.for_user(user)
    token.blacklist()
    assert anonymous.post(VERIFY, {"token": str(token)}).status_code == 401
