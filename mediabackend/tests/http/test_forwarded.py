"""`X-Forwarded-Proto` is believed from trusted proxies and Unix sockets only."""

from ipaddress import ip_network

import pytest


@pytest.fixture(autouse=True)
def production(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("peer", "status"), [("10.0.0.7", 200), ("203.0.113.9", 301), ("", 200)]
)
def test_protocol__is_that_of_the_proxy(client, db, peer, status):
    response = client.get(
        "/api/v1/", headers={"X-Forwarded-Proto": "https"}, REMOTE_ADDR=peer
    )
    assert response.status_code == status
