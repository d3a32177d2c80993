import threading
from datetime import timedelta

import jwt
import pytest
from django.db import connection
from django.db.models import F, QuerySet
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.tokens.sessions import end_sessions

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/token/refresh/"
VERIFY = "/api/v1/auth/token/verify/"


def renew(client, refresh: str):
    return client.post(URL, {"refresh": refresh})


def pass_time(seconds: float) -> None:
    """Let time pass for the sign-ins."""
    Session.objects.update(last_used_at=F("last_used_at") - timedelta(seconds=seconds))


def claims_of(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def test_refresh__gives_a_new_pair(anonymous, tokens):
    response = renew(anonymous, tokens["refresh"])
    assert response.status_code == 200
    new = response.json()
    assert new["refresh"] != tokens["refresh"]
    assert anonymous.post(VERIFY, {"token": new["access"]}).status_code == 200
    assert anonymous.post(VERIFY, {"token": new["refresh"]}).status_code == 200
    assert renew(anonymous, new["refresh"]).status_code == 200
    assert Session.objects.count() == 1


def test_refresh__kills_the_used_token(anonymous, tokens):
    assert renew(anonymous, tokens["refresh"]).status_code == 200
    assert anonymous.post(VERIFY, {"token": tokens["refresh"]}).status_code == 401


def test_refresh__that_is_reused_kills_the_whole_family(anonymous, tokens):
    """Whoever has a copy of an old token must not stay signed in, nor we."""
    newest = renew(anonymous, tokens["refresh"]).json()["refresh"]
    pass_time(11)
    reused = renew(anonymous, tokens["refresh"])
    assert reused.status_code == 401
    assert reused["WWW-Authenticate"].startswith("Bearer")
    assert renew(anonymous, newest).status_code == 401


def test_refresh__that_is_reused_leaves_other_sign_ins_alone(
    anonymous, tokens, sign_in, user
):
    other = sign_in(user)
    renew(anonymous, tokens["refresh"])
    pass_time(11)
    assert renew(anonymous, tokens["refresh"]).status_code == 401
    assert renew(anonymous, other["refresh"]).status_code == 200


def test_refresh__for_an_inactive_user_is_401(anonymous, user, tokens):
    user.is_active = False
    user.save()
    assert renew(anonymous, tokens["refresh"]).status_code == 401


def test_refresh__for_a_deleted_user_is_401(anonymous, user, tokens):
    user.delete()
    assert renew(anonymous, tokens["refresh"]).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\x00", "x" * 5000, "e30.e30.x"])
def test_refresh__with_garbage_is_a_client_error(anonymous, token):
    assert renew(anonymous, token).status_code in (400, 401)
    assert anonymous.post(VERIFY, {"token": token}).status_code in (400, 401)


def test_refresh__with_an_access_token_is_401(anonymous, tokens):
    assert renew(anonymous, tokens["access"]).status_code == 401


def test_access__with_a_refresh_token_is_401(anonymous, tokens):
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['refresh']}")
    assert anonymous.get("/api/v1/users/me/").status_code == 401


def test_verify__refuses_a_token_that_was_altered(anonymous, tokens):
    assert anonymous.post(VERIFY, {"token": tokens["access"]}).status_code == 200
    head, body, signature = tokens["access"].split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    assert anonymous.post(VERIFY, {"token": forged}).status_code == 401


def test_two_tabs__get_the_same_token_and_stay_signed_in(anonymous, tokens):
    refresh = tokens["refresh"]
    for _ in range(3):
        first, second = (renew(anonymous, refresh) for _ in range(2))
        assert (first.status_code, second.status_code) == (200, 200)
        one, other = first.json(), second.json()
        for claim in ("jti", "exp", "sid"):
            assert (
                claims_of(one["refresh"])[claim] == claims_of(other["refresh"])[claim]
            )
        for pair in (one, other):
            assert anonymous.post(VERIFY, {"token": pair["access"]}).status_code == 200
        refresh = other["refresh"]
        pass_time(60)
    assert Session.objects.get().revoked_at is None


def test_second_tab__is_in_time_for_ten_seconds(anonymous, tokens):
    renew(anonymous, tokens["refresh"])
    pass_time(9)
    assert renew(anonymous, tokens["refresh"]).status_code == 200
    # Its renewal does not begin another ten seconds.
    pass_time(2)
    assert renew(anonymous, tokens["refresh"]).status_code == 401
    assert Session.objects.get().revoked_at


def test_second_tab__does_not_prolong_the_sign_in(anonymous, tokens):
    first = claims_of(renew(anonymous, tokens["refresh"]).json()["refresh"])
    Session.objects.update(expires_at=F("expires_at") - timedelta(hours=1))
    second = claims_of(renew(anonymous, tokens["refresh"]).json()["refresh"])
    assert second == {**first, "exp": first["exp"] - 3600, "iat": first["iat"] - 3600}


def test_attack__only_the_token_used_last_works_again(anonymous, tokens):
    second = renew(anonymous, tokens["refresh"]).json()["refresh"]
    third = renew(anonymous, second).json()["refresh"]
    assert renew(anonymous, tokens["refresh"]).status_code == 401
    assert renew(anonymous, third).status_code == 401


def test_attack__a_token_of_a_sign_in_that_has_ended_does_not_work_again(
    anonymous, tokens, user
):
    renew(anonymous, tokens["refresh"])
    end_sessions(Session.objects.all())
    assert renew(anonymous, tokens["refresh"]).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_two_tabs__at_the_same_moment_get_the_same_token(tokens):
    barrier = threading.Barrier(2)
    answers: list[dict[str, str]] = []

    def run() -> None:
        barrier.wait()
        answers.append(renew(APIClient(), tokens["refresh"]).json())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    one, other = (claims_of(answer["refresh"]) for answer in answers)
    assert one == other


@pytest.mark.parametrize("change", [{"is_active": False}, {"token_version": 1}])
def test_refresh__needs_a_user_of_the_same_version(anonymous, user, tokens, change):
    # Past the query set that would end the sign-in itself.
    QuerySet(User).filter(pk=user.pk).update(**change)
    assert renew(anonymous, tokens["refresh"]).status_code == 401
    assert anonymous.post(VERIFY, {"token": tokens["refresh"]}).status_code == 401
