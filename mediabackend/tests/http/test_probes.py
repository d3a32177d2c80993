"""Probes ask with any `Host`, for example the IP address of an instance."""

import re

import pytest
from django.urls import get_resolver

from mediabackend.tests.test_project import routes

pytestmark = pytest.mark.django_db
FOREIGN = ["10.1.2.3:8000", "[fe80::1]:8000", "evil.example", "_", "a b", ""]
PROBES = {"healthz", "readyz", "metrics"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
@pytest.mark.parametrize("host", FOREIGN)
def test_probe__is_answered_for_any_host(client, caplog, path, host):
    assert client.get(path, headers={"host": host}).status_code == 200
    assert caplog.records == []


def test_nothing_else__is_answered_for_a_foreign_host(client):
    found = {
        re.sub(r"[\^$]", "", route) for route in routes(get_resolver().url_patterns)
    }
    assert {"", "admin/login/", "api/v1/feed/", "api/v1/images/"} <= found
    for route in found - PROBES:
        # Both kinds of arguments in routes: <str:pk> and (?P<pk>...).
        path = re.sub(r"\(\?P[^)]*\)|<[^>]*>", "x", route)
        response = client.get(f"/{path}", headers={"host": "evil.example"})
        assert response.status_code == 400, path


@pytest.mark.parametrize("path", ["/healthz/", "//healthz", "/healthz/x", "/Healthz"])
def test_nothing_like_a_probe__is_answered_for_a_foreign_host(client, path):
    assert client.get(path, headers={"host": "evil.example"}).status_code == 400
