"""Headers for browsers in every answer."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/", "text/html"),
        ("/nowhere", "text/html"),
        ("/admin/login/", "text/html"),
        ("/api/v1/", "text/html"),
        ("/api/v1/images/", "application/json"),
        ("/healthz", "*/*"),
    ],
)
def test_headers__are_on_every_answer(client, path, accept):
    headers = client.get(path, headers={"Accept": accept}).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Content-Security-Policy" in headers


def test_headers__are_on_refusals_before_any_view(client):
    response = client.generic("POST", "/", "x" * (1024 * 1024 + 1))
    assert response.status_code == 413
    assert "Content-Security-Policy" in response.headers
    assert "Permissions-Policy" in response.headers


@pytest.fixture
def production(settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def test_http__is_redirected(client, production):
    response = client.get("/admin/?next=1")
    assert response.status_code == 301
    assert response.headers["Location"] == "https://testserver/admin/?next=1"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health__answers_on_plain_http(client, production, path):
    assert client.get(path).status_code == 200


def test_https__behind_a_proxy_has_hsts(client, production):
    response = client.get("/", headers={"X-Forwarded-Proto": "https"})
    assert response.status_code == 200
    assert response.headers["Strict-Transport-Security"] == (
        "max-age=31536000; includeSubDomains"
    )


def test_https__is_offered_to_preload_lists_by_choice(client, production, settings):
    settings.SECURE_HSTS_PRELOAD = True
    response = client.get("/", headers={"X-Forwarded-Proto": "https"})
    assert response.headers["Strict-Transport-Security"].endswith("; preload")


def test_laptop__is_not_locked_into_https(client):
    assert "Strict-Transport-Security" not in client.get("/", secure=True).headers


def test_session_cookie__is_for_http_and_this_site_only(client, make_user):
    make_user("ann@example.com")
    response = client.post(
        "/api-auth/login/",
        {"username": "ann@example.com", "password": "correct horse battery 9"},
    )
    cookie = response.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_session__cannot_write_without_a_csrf_token(make_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("ann@example.com"))
    response = client.patch(
        "/api/v1/users/me/", {"display_name": "x"}, content_type="application/json"
    )
    assert response.status_code == 403
