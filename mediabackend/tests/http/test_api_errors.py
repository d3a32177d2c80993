"""Paths below /api/ without their slash, unknown ones, and errors with DEBUG."""

import pytest
from django.http import HttpResponse
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
WRITES = ("post", "put", "patch", "delete", "options")


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture(params=[False, True], ids=["production", "debug"])
def debug(request, settings) -> bool:
    settings.DEBUG = request.param
    return settings.DEBUG


def assert_error(response: HttpResponse, status: int, code: str, detail: str) -> None:
    kind = "server_error" if status >= 500 else "client_error"
    error = {"code": code, "detail": detail, "attr": None}
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    assert response.json() == {"type": kind, "errors": [error]}
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    "path", ["/api/v1", "/api/v1/images", "/api/v1/images/x", "/api/schema"]
)
def test_read__without_the_slash_is_redirected(client, debug, method, path):
    for accept in ("application/json", "text/html"):
        response = getattr(client, method)(
            f"{path}?page_size=2&search=a%20b", headers={"Accept": accept}
        )
        assert response.status_code == 301
        assert response["Location"] == f"{path}/?page_size=2&search=a%20b"


@pytest.mark.parametrize("method", WRITES)
def test_write__without_the_slash_is_a_404_with_the_right_path(client, debug, method):
    response = getattr(client, method)("/api/v1/images/x%2Fy?a=b")
    assert_error(response, 404, "not_found", "Not found.")
    response = getattr(client, method)("/api/v1/images/x%22%0A?a=b")
    path = "/api/v1/images/x%22%0A/"
    detail = f"Not found. The path ends with a slash: {path}"
    assert_error(response, 404, "not_found", detail)


@pytest.mark.parametrize("method", ["get", "head", *WRITES])
@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v2", "/api/v1/nothing/", "/api/v1/a%0A", "/api//x/"]
)
def test_unknown_path__is_a_404_in_json(client, debug, method, path):
    response = getattr(client, method)(path, headers={"Accept": "text/html"})
    assert response.status_code == 404
    if method != "head":
        assert_error(response, 404, "not_found", "Not found.")


@pytest.mark.parametrize("path", ["//evil.example/api/v1", "/api/v1/..//evil.example"])
def test_attack__a_redirect_to_another_host(client, debug, path):
    """The test client would take the host out of the path."""
    response = client.get("/", PATH_INFO=path)
    assert response.status_code == 404
    assert "Location" not in response


@pytest.mark.parametrize("accept", ["application/json", "text/plain", "text/html"])
def test_bug__in_a_view_is_a_500_in_the_api_s_shape(
    client, debug, accept, monkeypatch, caplog
):
    def fail(*args):
        raise RuntimeError("a secret")

    monkeypatch.setattr("images.api.views.feed.FeedView.get_queryset", fail)
    response = client.get("/api/v1/feed/", headers={"Accept": accept})
    assert response.status_code == (406 if accept == "text/plain" else 500)
    assert b"secret" not in response.content
    assert b"Traceback" not in response.content
    if response.status_code == 500:
        # Of the same form as in production: a page for a browser.
        assert response["Content-Type"].startswith(accept)
        assert b"Server Error (500)" in response.content
        [record] = [r for r in caplog.records if r.exc_info]
        assert "a secret" in str(record.exc_info[1])


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize(
    "place",
    [
        "mediabackend.api.renderers.JSONRenderer.render",
        "mediabackend.http.common.CommonMiddleware.process_request",
    ],
)
def test_bug__elsewhere_is_a_500_in_json(
    client, debug, accept, place, monkeypatch, caplog
):
    def fail(*args):
        raise RuntimeError("a secret")

    monkeypatch.setattr(place, fail)
    response = client.get("/api/v1/feed/", headers={"Accept": accept})
    assert_error(response, 500, "error", "An error occurred on the server.")
    [record] = [r for r in caplog.records if r.exc_info]
    assert "a secret" in str(record.exc_info[1])


def test_unknown_host__is_a_400_in_json(client, debug):
    response = client.get("/api/v1/feed/", headers={"Host": "evil.example"})
    assert_error(response, 400, "bad_request", "The request could not be read.")


def test_pages__still_have_django_s_page_for_debugging(client, settings):
    settings.DEBUG = True
    assert b"DEBUG = True" in client.get("/nowhere").content
