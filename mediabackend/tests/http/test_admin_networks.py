"""Networks that may open the admin, and the log of sign-ins."""

import logging
from ipaddress import ip_network

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
PASSWORD = "correct horse battery 9"
PATHS = [
    "/admin/",
    "/admin",
    "/admin/login/",
    "/admin/images/image/",
    "/admin/jsi18n/",
    "/admin/nowhere",
]


@pytest.fixture
def only_office(settings):
    settings.ADMIN_ALLOWED_NETWORKS = [ip_network("192.0.2.0/24")]
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.1")]


def test_admin__opens_from_everywhere_by_default(client):
    assert client.get("/admin/login/", REMOTE_ADDR="203.0.113.9").status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_admin__is_not_there_from_elsewhere(client, only_office, path):
    response = client.get(path, REMOTE_ADDR="203.0.113.9")
    assert response.status_code == 404
    # As any address that does not exist.
    other = client.get("/nowhere", REMOTE_ADDR="203.0.113.9")
    assert response.content == other.content


def test_admin__is_not_there_for_a_session_from_elsewhere(
    client, only_office, make_user
):
    client.force_login(make_user("root@example.com", is_staff=True, is_superuser=True))
    assert client.get("/admin/", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/admin/", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_admin__opens_from_an_allowed_network(client, only_office):
    assert client.get("/admin/login/", REMOTE_ADDR="192.0.2.7").status_code == 200
    forwarded = client.get(
        "/admin/login/",
        REMOTE_ADDR="10.0.0.1",
        headers={"X-Forwarded-For": "192.0.2.7"},
    )
    assert forwarded.status_code == 200


@pytest.mark.parametrize(
    ("remote", "forwarded"),
    [
        # Not from a proxy of ours.
        ("203.0.113.9", "192.0.2.7"),
        # The proxy has appended where it really came from.
        ("10.0.0.1", "192.0.2.7, 203.0.113.9"),
        ("10.0.0.1", "192.0.2.7, garbage"),
        ("10.0.0.1", ""),
        # A Unix socket is a proxy of ours too, and appends in the same way.
        ("", "192.0.2.7, 203.0.113.9"),
        ("", ""),
    ],
)
def test_admin__spoofed_forwarded_address_does_not_help(
    client, only_office, remote, forwarded
):
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP"):
        response = client.get(
            "/admin/login/", REMOTE_ADDR=remote, headers={name: forwarded}
        )
        assert response.status_code == 404


@pytest.mark.parametrize("path", ["/", "/api/v1/", "/docs", "/api-auth/login/"])
def test_other_pages__open_from_everywhere(client, only_office, path):
    assert client.get(path, REMOTE_ADDR="203.0.113.9").status_code == 200


def log_in(client, email: str, password: str, path: str = "/admin/login/"):
    return client.post(
        path, {"username": email, "password": password}, REMOTE_ADDR="203.0.113.9"
    )


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="accounts.signin")

    def messages() -> list[str]:
        return [r.getMessage() for r in caplog.records if r.name == "accounts.signin"]

    return messages


@pytest.mark.parametrize("path", ["/admin/login/", "/api-auth/login/"])
def test_staff_sign_in__is_logged(client, make_user, lines, caplog, path):
    make_user("root@example.com", is_staff=True)
    log_in(client, "ROOT@example.com", PASSWORD, path)
    assert lines() == ["staff signed in: root@example.com from 203.0.113.9"]
    assert caplog.records[-1].ip == "203.0.113.9"


@pytest.mark.parametrize("path", ["/admin/login/", "/api-auth/login/"])
def test_failed_staff_sign_in__is_logged_without_the_password(
    client, make_user, lines, path
):
    make_user("root@example.com", is_staff=True)
    log_in(client, "root@example.com", "hunter2-hunter2", path)
    assert lines() == ["staff sign-in failed: root@example.com from 203.0.113.9"]


def test_failed_sign_in__by_token_is_logged_too(anonymous, make_user, lines):
    make_user("root@example.com", is_staff=True)
    anonymous.post(
        "/api/v1/auth/token/", {"email": "root@example.com", "password": "hunter2"}
    )
    assert lines() == ["staff sign-in failed: root@example.com from 127.0.0.1"]


@pytest.mark.parametrize("typed", ["my-secret-password", "ann@example.com"])
def test_failed_sign_in__of_others_is_logged_without_what_was_typed(
    client, user, lines, typed
):
    log_in(client, typed, "wrong")
    assert lines() == ["sign-in failed: not staff from 203.0.113.9"]


def test_sign_in__of_others_is_not_logged(client, user, lines):
    log_in(client, "ann@example.com", PASSWORD, "/api-auth/login/")
    assert lines() == []


def test_log__cannot_be_forged_by_a_name(client, make_user, lines):
    name = "root\n2026-01-01 INFO staff signed in@example.com"
    make_user(name, is_staff=True)
    from django.contrib.auth import authenticate

    authenticate(None, username=name, password="wrong")
    assert len(lines()) == 1
    assert "\n" not in lines()[0]
    assert "root\\u000a2026" in lines()[0]
