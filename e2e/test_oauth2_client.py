"""The password grant with an OAuth2 client of others, requests-oauthlib."""

from collections.abc import Callable

import pytest
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
        # Our endpoint to refresh takes JSON, and is not the grant of RFC 6749.
        renewed = session.post(
            f"{gunicorn.url}/api/v1/auth/token/refresh/",
            json={"refresh": token["refresh_token"]},
        )
        assert renewed.status_code == 200


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
