"""The Content-Security-Policy of every kind of answer, without a browser."""

import re

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
PAGES = ["/", "/docs", "/redoc", "/api-auth/login/", "/admin/login/", "/nowhere"]


def directives(response) -> dict[str, list[str]]:
    policy = response.headers["Content-Security-Policy"]
    parts = (part.split() for part in policy.split(";"))
    return {name: values for name, *values in parts}


@pytest.fixture
def root(make_user, client: Client) -> Client:
    client.force_login(make_user("root@example.com", is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize("path", [*PAGES, "/admin/", "/admin/accounts/user/add/"])
def test_page__runs_no_script_of_its_own(root, path):
    response = root.get(path)
    found = directives(response)
    assert "'unsafe-inline'" not in response.headers["Content-Security-Policy"]
    assert "'unsafe-eval'" not in response.headers["Content-Security-Policy"]
    assert found["default-src"] == ["'self'"]
    assert "script-src" not in found
    assert found["object-src"] == found["frame-ancestors"] == ["'none'"]
    assert found["base-uri"] == found["form-action"] == ["'self'"]


@pytest.mark.parametrize(
    "path", [*PAGES, "/admin/", "/admin/accounts/user/add/", "/admin/images/image/"]
)
def test_page__has_neither_scripts_nor_styles_in_it(root, path):
    page = root.get(path).content.decode()
    for script in re.findall(r"<script\b[^>]*>", page):
        assert "src=" in script or 'type="application/json"' in script, script
    assert not re.search(r"<style\b|\sstyle=|\son\w+=|javascript:", page)


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/images/"])
def test_browsable_api__has_the_policy_of_a_page(root, path):
    response = root.get(path, headers={"Accept": "text/html"})
    assert directives(response)["default-src"] == ["'self'"]
    assert not re.search(r"<style\b|\sstyle=|\son\w+=", response.content.decode())


def test_api__may_load_nothing(api, anonymous):
    for response in (
        api.get("/api/v1/images/"),
        anonymous.get("/api/v1/images/"),
        anonymous.get("/api/v1/nowhere/"),
        anonymous.get("/healthz"),
        anonymous.get("/api/schema/"),
    ):
        assert directives(response) == {
            "default-src": ["'none'"],
            "frame-ancestors": ["'none'"],
        }


def test_error_page__has_the_policy(client):
    client.raise_request_exception = False
    response = client.get("/nowhere")
    assert response.status_code == 404
    assert directives(response)["default-src"] == ["'self'"]


def test_redoc__alone_may_make_style_elements_and_workers(client):
    found = directives(client.get("/redoc"))
    assert found["worker-src"] == ["'self'", "blob:"]
    assert found["style-src"][0] == "'self'"
    assert found["style-src"][1].startswith("'sha256-")
    assert "style-src" not in directives(client.get("/docs"))


def test_swagger__gets_its_script_as_a_file(client):
    page = client.get("/docs").content.decode()
    assert 'src="/docs?script="' in page
    response = client.get("/docs?script=")
    assert response.headers["Content-Type"].startswith("application/javascript")
    assert "SwaggerUIBundle" in response.content.decode()
