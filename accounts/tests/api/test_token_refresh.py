import threading

import pytest
from django.db import connection
from django.db.models import QuerySet
from rest_framework.test import APIClient

from accounts.models import Session, User

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/token/refresh/"
VERIFY = "/api/v1/auth/token/verify/"


def renew(client, refresh: str):
    return client.post(URL, {"refresh": refresh})


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
    reused = renew(anonymous, tokens["refresh"])
    assert reused.status_code == 401
    assert reused["WWW-Authenticate"].startswith("Bearer")
    assert renew(anonymous, newest).status_code == 401


def test_refresh__that_is_reused_leaves_other_sign_ins_alone(
    anonymous, tokens, sign_in, user
):
    other = sign_in(user)
    renew(anonymous, tokens["refresh"])
    renew(anonymous, tokens["refresh"])
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


@pytest.mark.django_db(transaction=True)
def test_refresh__by_two_at_once_is_won_by_one_at_most(tokens):
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def run() -> None:
        barrier.wait()
        statuses.append(renew(APIClient(), tokens["refresh"]).status_code)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 401]


@pytest.mark.parametrize("change", [{"is_active": False}, {"token_version": 1}])
def test_refresh__needs_a_user_of_the_same_version(anonymous, user, tokens, change):
    # Past the query set that would end the sign-in itself.
    QuerySet(User).filter(pk=user.pk).update(**change)
    assert renew(anonymous, tokens["refresh"]).status_code == 401
    assert anonymous.post(VERIFY, {"token": tokens["refresh"]}).status_code == 401
