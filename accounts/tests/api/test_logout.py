from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Session

pytestmark = pytest.mark.django_db
ME = "/api/v1/users/me/"
REFRESH = "/api/v1/auth/token/refresh/"
SESSIONS = "/api/v1/users/me/sessions/"


def bearer(client, access: str):
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return client


def test_logout__ends_the_sign_in(anonymous, tokens):
    client = bearer(anonymous, tokens["access"])
    response = client.post("/api/v1/auth/logout/", {"refresh": tokens["refresh"]})
    assert response.status_code == 204
    assert client.post(REFRESH, {"refresh": tokens["refresh"]}).status_code == 401


def test_logout__with_somebody_else_s_token_is_401(
    anonymous, tokens, sign_in, stranger
):
    theirs = sign_in(stranger)["refresh"]
    client = bearer(anonymous, tokens["access"])
    response = client.post("/api/v1/auth/logout/", {"refresh": theirs})
    assert response.status_code == 401
    assert client.post(REFRESH, {"refresh": theirs}).status_code == 200


def test_logout_all__ends_access_and_refresh_tokens_everywhere(
    anonymous, tokens, sign_in, user, stranger
):
    other, theirs = sign_in(user), sign_in(stranger)
    client = bearer(anonymous, tokens["access"])
    assert client.post("/api/v1/auth/logout/all/").status_code == 204
    for pair in (tokens, other):
        assert bearer(anonymous, pair["access"]).get(ME).status_code == 401
        anonymous.credentials()
        answer = anonymous.post(REFRESH, {"refresh": pair["refresh"]})
        assert answer.status_code == 401
    user.refresh_from_db()
    assert bearer(anonymous, theirs["access"]).get(ME).status_code == 200
    assert bearer(anonymous, sign_in(user)["access"]).get(ME).status_code == 200


def test_version__is_checked_without_a_further_query(api, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert api.get(ME).status_code == 200


def test_sessions__are_listed_with_where_and_what(anonymous, user):
    body = {"email": user.email, "password": user.raw_password}
    tokens = anonymous.post(
        "/api/v1/auth/token/",
        body,
        HTTP_USER_AGENT="Phone 7",
        REMOTE_ADDR="203.0.113.9",
    ).json()
    response = bearer(anonymous, tokens["access"]).get(SESSIONS)
    assert response.status_code == 200
    (session,) = response.json()
    assert session["agent"] == "Phone 7"
    assert session["address"] == "203.0.113.9"
    assert set(session) == {
        "id",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
        "address",
        "agent",
    }


def test_session__can_be_ended_by_its_owner_only(
    anonymous, tokens, sign_in, user, stranger
):
    other = sign_in(user)
    client = bearer(anonymous, tokens["access"])
    newest = client.get(SESSIONS).json()[0]["id"]
    foreign = bearer(anonymous, sign_in(stranger)["access"])
    assert foreign.delete(f"{SESSIONS}{newest}/").status_code == 404
    client = bearer(anonymous, tokens["access"])
    assert client.delete(f"{SESSIONS}{newest}/").status_code == 204
    assert client.delete(f"{SESSIONS}{newest}/").status_code == 404
    assert client.post(REFRESH, {"refresh": other["refresh"]}).status_code == 401
    assert client.post(REFRESH, {"refresh": tokens["refresh"]}).status_code == 200


def test_sessions__of_the_last_90_days_can_be_asked_for(api, user, sign_in):
    sign_in(user)
    first, second = Session.objects.order_by("pk")
    Session.objects.filter(pk=second.pk).update(revoked_at=timezone.now())
    assert len(api.get(SESSIONS).json()) == 1
    assert len(api.get(SESSIONS, {"ended": "true"}).json()) == 2
    old = timezone.now() - timedelta(days=91)
    Session.objects.filter(pk=second.pk).update(created_at=old)
    history = api.get(SESSIONS, {"ended": "true"}).json()
    assert [session["id"] for session in history] == [str(first.pk)]


def test_sign_in__costs_few_queries(
    anonymous, user, settings, django_assert_num_queries
):
    """Read the user and the network, count for the network and the account, forget.

    Note the network and, twice, the sign-in. Two transactions have two more each.
    """
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "login": (30, 60)}
    body = {"email": user.email, "password": user.raw_password}
    with django_assert_num_queries(12):
        assert anonymous.post("/api/v1/auth/token/", body).status_code == 200
