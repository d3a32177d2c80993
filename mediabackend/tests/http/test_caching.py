"""No cache hands out an answer to somebody else: every route, by everybody."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client

from mediabackend.tests.site import permission_table as table
from mediabackend.tests.site.test_permission_matrix import World, world

__all__ = ["world"]

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
# The same for everybody.
PUBLIC = {
    "GET /api/schema/",
    "GET /favicon.ico",
    "GET /redoc/redoc.standalone.js",
    "POST /favicon.ico",
    "POST /redoc/redoc.standalone.js",
}
# Visitors without an account may share these.
PUBLIC_LISTS = {"GET /api/v1/feed/", "GET /api/v1/users/{id}/images/"}
NO_LENGTH = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
CREDENTIALS = {"Authorization", "Cookie"}


def is_kept_apart(response: Any) -> bool:
    """Say whether no cache may give the answer to somebody else."""
    told = set(response["Cache-Control"].split(", "))
    varies = set(response.get("Vary", "").split(", "))
    alone = "no-store" in told or {"private", "no-cache"} <= told
    return alone and varies >= CREDENTIALS and "public" not in told


def is_public(name: str, role: str, response: Any) -> bool:
    if name in PUBLIC:
        return "public" in response["Cache-Control"]
    return (
        name in PUBLIC_LISTS
        and role in ("anonymous", "suspended, session")
        and response["Cache-Control"] == "no-cache"
        and set(response.get("Vary", "").split(", ")) >= CREDENTIALS
    )


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_answers__are_for_the_one_who_asked(world: World, accept):
    wrong = []
    for name in table.ROUTES:
        method, path = name.split()
        if method != "GET" and accept == "text/html":
            continue
        response = world.send(method, world.url(path), {"post": "yes"}, accept)
        if not (is_kept_apart(response) or is_public(name, world.role, response)):
            wrong.append((name, response.status_code, dict(response.items())))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    ("path", "extra", "status"),
    [
        ("/api/v1/nowhere/", {}, 404),
        ("/api/v1/images/", NO_LENGTH, 411),
        ("/api/v1/images/", {"HTTP_HOST": "elsewhere.example"}, 400),
        ("/admin/", {"REMOTE_ADDR": "203.0.113.9"}, 404),
    ],
)
def test_errors__of_the_middleware_are_kept_out_of_caches(
    settings, path, extra, status
):
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.ADMIN_ALLOWED_NETWORKS = [ip_network("192.0.2.0/24")]
    response = Client().generic("POST", path, b"{}", "application/json", **extra)
    assert response.status_code == status
    assert response["Cache-Control"] == "private, no-store"
    assert is_kept_apart(response)
