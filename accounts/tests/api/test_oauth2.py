import pytest

from accounts.tokens.kinds import RefreshToken

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/login/"
FORM = "application/x-www-form-urlencoded"


def post(client, body: str, content_type: str = FORM, **headers):
    return client.post(URL, body, content_type=content_type, **headers)


def test_login__answers_as_rfc_6749_says(anonymous, user):
    response = post(
        anonymous,
        f"grant_type=password&username=ann%40example.com&password={user.raw_password}",
    )
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 3600
    assert response["Cache-Control"] == "no-store"
    assert response["Pragma"] == "no-cache"
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access_token']}")
    assert anonymous.get("/api/v1/users/me/").status_code == 200


def test_login__needs_no_grant_type(anonymous, user):
    body = f"username=ANN%40example.com&password={user.raw_password}"
    assert post(anonymous, body).status_code == 200


def test_login__ignores_client_credentials(anonymous, user):
    """Swagger UI sends an empty client id and secret in the header."""
    body = f"username=ann%40example.com&password={user.raw_password}"
    response = post(anonymous, body, HTTP_AUTHORIZATION="Basic Og==")
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("username=ann%40example.com&password=wrong", "invalid_grant"),
        ("username=nobody%40example.com&password=wrong", "invalid_grant"),
        ("grant_type=client_credentials", "unsupported_grant_type"),
        ("grant_type=refresh_token&refresh_token=x", "invalid_grant"),
        ("grant_type=refresh_token", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=a%00", "invalid_request"),
        ("grant_type=refresh_token&refresh_token=x&refresh_token=x", "invalid_request"),
        (f"grant_type=refresh_token&refresh_token={'x' * 4097}", "invalid_request"),
        ("username=ann%40example.com", "invalid_request"),
        ("", "invalid_request"),
        ("username=a&username=b&password=c", "invalid_request"),
        ("username=a%00&password=c", "invalid_request"),
        ("username=%ff%fe&password=%ff", "invalid_grant"),
    ],
)
def test_login__errors_are_those_of_rfc_6749(anonymous, user, body, error):
    response = post(anonymous, body)
    assert response.status_code == 400
    answer = response.json()
    assert answer["error"] == error
    assert set(answer) == {"error", "error_description"}
    assert response["Cache-Control"] == "no-store"


def test_login__without_a_body_is_an_invalid_request(anonymous):
    response = anonymous.generic("POST", URL)
    assert response.status_code == 400
    assert response.json()["error"] == "invalid_request"


def test_login__with_json_is_an_invalid_request(anonymous):
    response = post(anonymous, "{}", "application/json")
    assert response.status_code == 400
    assert response.json()["error"] == "invalid_request"


def test_login__for_an_inactive_user_is_an_invalid_grant(anonymous, make_user):
    user = make_user(is_active=False)
    body = f"username=ann%40example.com&password={user.raw_password}"
    assert post(anonymous, body).json()["error"] == "invalid_grant"


def refresh(client, token: str, more: str = ""):
    return post(client, f"grant_type=refresh_token&refresh_token={token}{more}")


@pytest.mark.parametrize("more", ["", "&scope=a", "&client_id=app&client_secret="])
def test_refresh__answers_as_a_sign_in(anonymous, tokens, more):
    response = refresh(anonymous, tokens["refresh"], more)
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (body["token_type"], body["expires_in"]) == ("bearer", 3600)
    assert response["Cache-Control"] == "no-store"
    assert response["Pragma"] == "no-cache"
    assert body["refresh_token"] != tokens["refresh"]
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access_token']}")
    assert anonymous.get("/api/v1/users/me/").status_code == 200


def test_refresh__used_again_ends_the_sign_in(anonymous, tokens, dead_sessions):
    """The rules of `auth/token/refresh/`, which may be mixed with this."""
    first = refresh(anonymous, tokens["refresh"]).json()["refresh_token"]
    again = refresh(anonymous, tokens["refresh"]).json()["refresh_token"]
    # Two tabs.
    assert id_of(again) == id_of(first)
    body = {"refresh": first}
    second = anonymous.post("/api/v1/auth/token/refresh/", body).json()
    answer = refresh(anonymous, tokens["refresh"])
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"
    assert dead_sessions(second)


def id_of(refresh_token: str) -> str:
    return str(RefreshToken(refresh_token)["jti"])


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_refresh__takes_no_other_or_ended_token(api, anonymous, tokens, kind):
    if kind == "refresh":
        assert api.post("/api/v1/auth/logout/all/").status_code == 204
    response = refresh(anonymous, tokens[kind])
    assert response.status_code == 400
    assert response.json()["error"] == "invalid_grant"
    assert response["Cache-Control"] == "no-store"


def test_refresh__counts_as_a_sign_in(anonymous, tokens, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "login": (1, 3600)}
    assert refresh(anonymous, tokens["refresh"]).status_code == 200
    assert refresh(anonymous, tokens["refresh"]).status_code == 429
