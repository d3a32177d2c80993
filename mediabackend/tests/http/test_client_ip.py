from ipaddress import ip_network

import pytest
from django.test import RequestFactory

from mediabackend.http.client_ip import client_ip


@pytest.fixture(autouse=True)
def proxies(settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8")]


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.1", "10.0.0.1"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("", "", None),
        # A Unix socket: its permissions say who may connect.
        ("", "203.0.113.9", "203.0.113.9"),
        ("", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
    ],
)
def test_ip__comes_through_trusted_proxies(remote, forwarded, expected):
    request = RequestFactory().get(
        "/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded
    )
    assert client_ip(request) == expected


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        # The client speaks to us directly: its header counts for nothing.
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        # The proxy appends what it saw; what the client sent stands before it.
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9, ", "127.0.0.1"),
    ],
)
def test_attack__a_spoofed_header_changes_nothing(remote, forwarded, expected):
    request = RequestFactory().get(
        "/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded
    )
    assert client_ip(request) == expected
