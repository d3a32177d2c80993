"""The grants of RFC 6749 with OAuth2 clients of others: requests-oauthlib, Authlib."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.integrations.requests_client import OAuthError
from oauthlib.oauth2 import InvalidGrantError, LegacyApplicationClient
from requests_oauthlib import OAuth2Session

from e2e.api_client import PASSWORD, Member
from e2e.servers import Server

pytestmark = pytest.mark.e2e


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> OAuth2Session:
    # Otherwise it insists on HTTPS; this is loopback.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    return OAuth2Session(client=LegacyApplicationClient(client_id=""))


def test_password_grant__works_with_requests_oauthlib(
    gunicorn: Server, make_member: Callable[..., Member], session: OAuth2Session
):
    member = make_member(gunicorn)
    with session:
        token = session.fetch_token(
            f"{gunicorn.url}/api/v1/auth/login/",
            username=member.email,
            password=PASSWORD,
        )
        assert token["token_type"].lower() == "bearer"
        me = session.get(f"{gunicorn.url}/api/v1/users/me/")
        assert me.json()["email"] == member.email


def test_password_grant__reports_a_wrong_password_as_the_rfc_says(
    gunicorn: Server, make_member: Callable[..., Member], session: OAuth2Session
):
    member = make_member(gunicorn)
    with session, pytest.raises(InvalidGrantError):
        session.fetch_token(
            f"{gunicorn.url}/api/v1/auth/login/",
            username=member.email,
            password="wrong",
        )


def open_requests_oauthlib(login: str, kept: list[Any]) -> OAuth2Session:
    return OAuth2Session(
        client=LegacyApplicationClient(client_id="app"),
        auto_refresh_url=login,
        auto_refresh_kwargs={"client_id": "app"},
        token_updater=kept.append,
    )


def open_authlib(login: str, kept: list[Any]) -> AuthlibSession:
    return AuthlibSession(
        "app",
        token_endpoint=login,
        token_endpoint_auth_method="none",
        update_token=lambda token, **old: kept.append(token),
    )


CLIENTS = [
    pytest.param(open_requests_oauthlib, InvalidGrantError, id="requests-oauthlib"),
    pytest.param(open_authlib, OAuthError, id="authlib"),
]


def let_expire(session: Any) -> None:
    """Let the client take its access token for expired, as it will in an hour."""
    session.token = {**session.token, "expires_in": -60, "expires_at": 1}


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize(("open_session", "error"), CLIENTS)
def test_refresh_grant__is_used_by_clients_by_themselves(
    gunicorn: Server,
    make_member: Callable[..., Member],
    open_session: Callable[[str, list[Any]], Any],
    error: type[Exception],
):
    member, kept = make_member(gunicorn), []
    login = f"{gunicorn.url}/api/v1/auth/login/"
    with open_session(login, kept) as session:
        first = session.fetch_token(login, username=member.email, password=PASSWORD)
        for number in (1, 2):
            let_expire(session)
            me = session.get(f"{gunicorn.url}/api/v1/users/me/")
            assert me.json()["email"] == member.email
            assert len(kept) == number
        refresh_tokens = {token["refresh_token"] for token in (first, *kept)}
        access_tokens = {token["access_token"] for token in (first, *kept)}
        assert (len(refresh_tokens), len(access_tokens)) == (3, 3)
        # It was used before, and not just now: the sign-in ends.
        form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        answer = requests.post(login, data=form, timeout=30)
        assert answer.json()["error"] == "invalid_grant"
        let_expire(session)
        with pytest.raises(error):
            session.get(f"{gunicorn.url}/api/v1/users/me/")
