import json

import pytest
from django.test import Client, RequestFactory

from mediabackend.http import error_responses as errors
from mediabackend.http.current_request import RequestContextFilter
from mediabackend.wsgi import application


@pytest.mark.django_db
def test_unknown_route__of_the_api_is_404_in_its_shape(client):
    response = client.get("/api/v1/nothing/")
    assert response.status_code == 404
    assert response.json() == {
        "type": "client_error",
        "errors": [{"code": "not_found", "detail": "Not found.", "attr": None}],
    }


def test_unknown_page__is_a_page(client):
    response = client.get("/nothing")
    assert response.status_code == 404
    assert b"<h1>404</h1>" in response.content


@pytest.mark.django_db
def test_bug__is_a_500_that_says_nothing(api, monkeypatch):
    def fail(*args):
        raise RuntimeError("SELECT secret FROM /var/lib")

    monkeypatch.setattr("images.api.views.images.ImageViewSet.get_queryset", fail)
    response = api.get("/api/v1/images/")
    assert response.status_code == 500
    assert response.json()["type"] == "server_error"
    assert b"secret" not in response.content
    assert b"/var" not in response.content


@pytest.mark.parametrize(
    ("handler", "status"),
    [
        (lambda request: errors.bad_request(request, ValueError()), 400),
        (lambda request: errors.permission_denied(request, ValueError()), 403),
        (errors.server_error, 500),
    ],
)
def test_handlers__answer_in_the_api_s_shape(handler, status):
    response = handler(RequestFactory().get("/api/v1/x/"))
    assert response.status_code == status
    assert json.loads(response.content)["errors"][0]["attr"] is None


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 100_000])
def test_attack__json_nested_without_end_is_400(client, body):
    response = client.post("/api/v1/auth/token/", body, "application/json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "parse_error"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/v1/images", "/api/v1/auth/signup"])
def test_post__without_the_slash_is_404_and_no_redirect(client, path):
    """A redirect would lose the body, and turn the POST into a GET."""
    response = client.post(path, "{}", "application/json")
    assert response.status_code == 404
    assert response.json()["errors"][0]["code"] == "not_found"


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["zlib", "hex", "rot13", "undefined", "idna", "?"])
def test_attack__a_charset_that_is_none(charset):
    """Django would fail on it outside of all error handling."""
    environ = RequestFactory()._base_environ(
        PATH_INFO="/healthz",
        QUERY_STRING="x=1",
        CONTENT_TYPE=f"text/plain; charset={charset}",
    )
    statuses = []
    body = application(environ, lambda status, headers: statuses.append(status))
    assert statuses == ["200 OK"]
    assert b"".join(body).startswith(b'{"status": "ok"')


@pytest.mark.django_db
def test_malformed_json__is_400(api):
    response = api.generic("PATCH", "/api/v1/users/me/", "{", "application/json")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "parse_error"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("req-1.a_B", True),
        ("x" * 128, True),
        ("x" * 129, False),
        ("a b", False),
        ("a\tb", False),
        ("<script>", False),
        ("", False),
    ],
)
def test_request_id__is_the_caller_s_when_it_is_sane(given, kept):
    response = Client().get("/healthz", headers={"X-Request-ID": given})
    assert (response["X-Request-ID"] == given) is kept
    assert response["X-Request-ID"]


@pytest.mark.django_db
def test_request_id__is_in_every_answer_and_in_the_log(client, caplog):
    context = RequestContextFilter()
    caplog.handler.addFilter(context)
    response = client.get("/api/v1/nothing/", headers={"X-Request-ID": "req-7"})
    assert response["X-Request-ID"] == "req-7"
    caplog.handler.removeFilter(context)
    assert [record.request_id for record in caplog.records] == ["req-7"]
