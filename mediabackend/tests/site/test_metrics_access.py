"""/metrics is an unknown path for whom it does not concern."""

from ipaddress import ip_network

import pytest
from django.test import Client

from mediabackend.tests.site.conftest import TOKEN

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


@pytest.fixture
def client() -> Client:
    """Return a client whose requests come from elsewhere, as a browser's would."""
    return Client(enforce_csrf_checks=True, REMOTE_ADDR="203.0.113.9")


@pytest.fixture(autouse=True)
def guard(settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    settings.METRICS_ALLOWED_NETWORKS = [ip_network("192.0.2.0/24")]
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.1")]


def assert_hidden(response) -> None:
    assert response.status_code == 404
    assert b"mediabackend_" not in response.content


def assert_open(response) -> None:
    assert response.status_code == 200
    assert b"\nmediabackend_requests_total{" in response.content


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_metrics__open_with_the_token(client, scheme):
    headers = {"Authorization": f"{scheme} {TOKEN}"}
    client.get("/", headers=headers)
    response = client.get("/metrics", headers=headers)
    assert_open(response)
    assert response["Content-Type"].startswith("text/plain; version=")
    assert "no-store" in response["Cache-Control"]


def test_metrics__open_to_an_allowed_network(client):
    client.get("/")
    assert_open(client.get("/metrics", REMOTE_ADDR="192.0.2.7"))
    assert_open(
        client.get(
            "/metrics",
            REMOTE_ADDR="10.0.0.1",
            headers={"X-Forwarded-For": "192.0.2.7"},
        )
    )


@pytest.mark.parametrize("method", METHODS)
def test_metrics__are_like_an_unknown_path(client, method):
    """With each method, by each header."""
    answers = [
        client.generic(method, path, headers={"X-Request-ID": "same"})
        for path in ("/metrics", "/nowhere")
    ]
    hidden, unknown = answers
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content
    assert hidden.headers == unknown.headers


@pytest.mark.parametrize("secure", [False, True])
def test_metrics__are_hidden_by_default(client, settings, secure):
    settings.METRICS_TOKEN, settings.METRICS_ALLOWED_NETWORKS = "", []
    assert_hidden(client.get("/metrics", secure=secure))
    assert_hidden(client.get("/metrics", secure=secure, REMOTE_ADDR="127.0.0.1"))


ATTACKS = {
    "prefix": f"Bearer {TOKEN[:-1]}",
    "longer": f"Bearer {TOKEN}x",
    "twice": f"Bearer {TOKEN} {TOKEN}",
    "other case": f"Bearer {TOKEN.lower()}",
    "other scheme": f"Basic {TOKEN}",
    "no scheme": TOKEN,
    "list": f"Bearer x, Bearer {TOKEN}",
    "empty": "Bearer ",
    "only the scheme": "Bearer",
    "nothing": "",
    "other alphabet": "Bearer \u00e4\u00f6\u00fc",
}


@pytest.mark.parametrize("header", ATTACKS.values(), ids=ATTACKS)
def test_attack__wrong_token(client, header):
    assert_hidden(client.get("/metrics", headers={"Authorization": header}))


@pytest.mark.parametrize("header", ["Bearer ", "Bearer", "", "Bearer None", "bearer  "])
def test_attack__empty_token_when_none_is_configured(client, settings, header):
    settings.METRICS_TOKEN = ""
    assert_hidden(client.get("/metrics", headers={"Authorization": header}))


def test_attack__token_elsewhere_than_in_the_header(client):
    assert_hidden(client.get(f"/metrics?token={TOKEN}&access_token={TOKEN}"))
    client.cookies["Authorization"] = f"Bearer {TOKEN}"
    assert_hidden(client.get("/metrics"))
    assert_hidden(client.post("/metrics", {"access_token": TOKEN}))


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
@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP"]
)
def test_attack__forged_ip(client, name, remote, forwarded):
    headers = {name: forwarded}
    assert_hidden(client.get("/metrics", REMOTE_ADDR=remote, headers=headers))


def test_attack__access_token_of_an_administrator(make_user, sign_in, client):
    root = make_user("root@example.com", is_staff=True, is_superuser=True)
    headers = {"Authorization": f"Bearer {sign_in(root)['access']}"}
    assert_hidden(client.get("/metrics", headers=headers))
    client.force_login(root)
    assert_hidden(client.get("/metrics"))


@pytest.mark.parametrize("path", ["/metrics/", "/Metrics", "/metrics%20"])
def test_other_spellings__are_unknown(client, path):
    response = client.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
    assert_hidden(response)
