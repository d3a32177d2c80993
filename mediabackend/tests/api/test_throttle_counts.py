"""Rates, and the counts of requests, by IP and in the cache."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from mediabackend.api import throttles
from mediabackend.http.client_ip import ip_group
from mediabackend.settings.throttles import parse_rate
from mediabackend.tests.api.conftest import assert_throttled, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_window__ends(anonymous, limit, clock):
    limit("login", 1)
    sign_in(anonymous)
    refused = sign_in(anonymous)
    assert_throttled(refused)
    assert refused["Retry-After"] == "40"
    clock.now += 39.5
    assert_throttled(sign_in(anonymous))
    clock.now += 0.5
    assert sign_in(anonymous).status_code == 401


def test_rate__empty_is_no_limit(anonymous):
    assert {sign_in(anonymous).status_code for _ in range(4)} == {401}


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP"])
def test_attack__a_spoofed_header_does_not_escape_the_limit(anonymous, limit, header):
    limit("login", 1)
    came_from = {"REMOTE_ADDR": "203.0.113.9"}
    sign_in(anonymous, **came_from)
    for number in range(3):
        spoofed = {header: f"198.51.100.{number}"}
        assert_throttled(sign_in(anonymous, **came_from, **spoofed))


def test_ip__behind_a_trusted_proxy_is_the_clients(anonymous, limit, settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    limit("login", 1)
    sign_in(anonymous, HTTP_X_FORWARDED_FOR="203.0.113.9")
    other = sign_in(anonymous, HTTP_X_FORWARDED_FOR="203.0.113.10")
    assert other.status_code == 401
    assert_throttled(sign_in(anonymous, HTTP_X_FORWARDED_FOR="203.0.113.9"))


@pytest.mark.parametrize(
    ("ip", "group"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1", "fe80::/64"),
        (None, "none"),
    ],
)
def test_ip__of_version_6_counts_by_its_network(ip, group):
    assert ip_group(ip) == group


def allowed(requests: int) -> int:
    """Return how many of these requests are let through, sent from many threads."""
    request = RequestFactory().post("/")

    def send(_: int) -> bool:
        return throttles.LoginThrottle().allow_request(request, None)

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(send, range(requests)))


@pytest.mark.parametrize("store", ["memory", "redis"])
def test_count__loses_none_in_threads(limit, request, store):
    if store == "redis":
        request.getfixturevalue("redis_cache")
    limit("login", 50)
    assert allowed(200) == 50


def test_dead_redis__lets_everything_through(anonymous, limit, dead_redis):
    limit("login", 1)
    assert {sign_in(anonymous).status_code for _ in range(3)} == {401}


def test_dead_redis__is_logged_once_in_a_while(limit, dead_redis, clock, caplog):
    limit("login", 1)
    assert allowed(20) == 20
    assert len(caplog.records) >= 1
    before = len(caplog.records)
    assert allowed(20) == 20
    assert len(caplog.records) == before
    clock.now += 5
    assert throttles.LoginThrottle().allow_request(RequestFactory().post("/"), None)
    assert len(caplog.records) == before + 1
    assert "the cache does not work" in caplog.text


def test_hanging_redis__holds_no_request_long(limit, settings):
    """With the options that `mediabackend.settings.data` gives a Redis."""
    limit("login", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": f"redis://127.0.0.1:{silent.getsockname()[1]}/0",
                "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5},
            }
        }
        start = time.perf_counter()
        assert allowed(1) == 1
        assert 0.4 < time.perf_counter() - start < 1.5
        start = time.perf_counter()
        assert allowed(100) == 100
        assert time.perf_counter() - start < 0.4


@pytest.mark.parametrize(
    ("text", "rate"),
    [("10/hour", (10, 3600)), ("1/s", (1, 1)), ("600/min", (600, 60)), ("", None)],
)
def test_parse_rate__reads(text, rate):
    assert parse_rate("X", text) == rate


@pytest.mark.parametrize("text", ["10", "0/min", "-1/min", "10/fortnight", "x/min"])
def test_parse_rate__names_the_setting_that_is_wrong(text):
    with pytest.raises(ImproperlyConfigured, match="THROTTLE_X"):
        parse_rate("THROTTLE_X", text)
