"""Pages of other sites: who may call the API, and with what."""

import os
import subprocess
import sys

import pytest

from mediabackend.tests.test_project import KEYS, SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
ORIGIN = "https://app.example.com"
IMAGES = "/api/v1/images/"


@pytest.fixture(autouse=True)
def one_origin(settings):
    settings.CORS_ALLOWED_ORIGINS = [ORIGIN]


def preflight(client, origin: str, path: str = IMAGES):
    return client.options(
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, idempotency-key",
        },
    )


def test_preflight__of_an_allowed_origin(client):
    headers = preflight(client, ORIGIN).headers
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    allowed = headers["Access-Control-Allow-Headers"].split(", ")
    assert {"authorization", "content-type", "idempotency-key"} <= set(allowed)
    assert {"if-match", "if-none-match"} <= set(allowed)
    assert {"PUT", "PATCH", "DELETE"} <= set(
        headers["Access-Control-Allow-Methods"].split(", ")
    )


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://app.example.com.evil.example",
        "http://app.example.com",
        "https://APP.example.com:8443",
        "null",
    ],
)
def test_preflight__of_another_origin_allows_nothing(client, origin):
    assert "Access-Control-Allow-Origin" not in preflight(client, origin).headers


def test_answer__may_be_read_with_its_headers(api):
    response = api.get(IMAGES, headers={"Origin": ORIGIN})
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
    exposed = response.headers["Access-Control-Expose-Headers"].split(", ")
    assert {
        "Location",
        "ETag",
        "Retry-After",
        "X-Request-ID",
        "Idempotent-Replayed",
    } <= set(exposed)
    assert "origin" in response.headers["Vary"].lower()


def test_errors__may_be_read_too(anonymous):
    refused = anonymous.get(IMAGES, headers={"Origin": ORIGIN})
    too_large = anonymous.generic(
        "POST", IMAGES, "x" * (1024 * 1024 + 1), headers={"Origin": ORIGIN}
    )
    assert (refused.status_code, too_large.status_code) == (401, 413)
    for response in (refused, too_large):
        assert response.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_credentials__are_never_allowed(api, client):
    for response in (
        api.get(IMAGES, headers={"Origin": ORIGIN}),
        preflight(client, ORIGIN),
    ):
        assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("path", ["/", "/admin/login/", "/api-auth/login/", "/readyz"])
def test_pages__outside_the_api_are_not_shared(client, path):
    for response in (
        client.get(path, headers={"Origin": ORIGIN}),
        preflight(client, ORIGIN, path),
    ):
        assert "Access-Control-Allow-Origin" not in response.headers


def test_default__allows_nobody(client, settings):
    settings.CORS_ALLOWED_ORIGINS = []
    assert "Access-Control-Allow-Origin" not in preflight(client, ORIGIN).headers


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost",
        "http://localhost:5173",
        "https://localhost:3000",
        "http://127.0.0.1:8080",
        "http://[::1]:4200",
    ],
)
def test_debug__allows_pages_of_localhost_on_any_port(api, client, settings, origin):
    settings.CORS_ALLOWED_ORIGINS = []
    headers = preflight(client, origin).headers
    assert headers["Access-Control-Allow-Origin"] == origin
    answer = api.get(IMAGES, headers={"Origin": origin})
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Location", "Retry-After", "X-Deletion-ID"} <= set(exposed)
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost.evil.example",
        "http://localhost:80.evil.example",
        "http://evil.example/localhost",
        "http://evil-localhost",
        "http://127.0.0.10:80",
        "http://localhost:5173\n",
        "null",
    ],
)
def test_debug__allows_no_other_pages(client, origin):
    assert "Access-Control-Allow-Origin" not in preflight(client, origin).headers


@pytest.mark.parametrize(("debug", "count"), [("true", "1"), ("false", "0")])
def test_localhost__is_allowed_with_debug_only(debug, count):
    program = (
        "from mediabackend.settings import browser;"
        "print(len(browser.CORS_ALLOWED_ORIGIN_REGEXES))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **KEYS, "SECRET_KEY": SECRET, "DEBUG": debug},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == count
