import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from accounts.models import User
from conftest import PASSWORD
from imagekit_emulator.transport import get_app
from images.tests.changes import create_image
from images.tests.pictures import make_image
from mediabackend.api import throttles
from mediabackend.http.client_ip import ip_group
from mediabackend.settings.throttles import parse_rate

pytestmark = pytest.mark.django_db
TOKEN = "/api/v1/auth/token/"


@dataclass
class Clock:
    """Stands in for Python's `time`."""

    now: float

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def limit(settings):
    """Set the rate of a scope: so many a minute."""

    def set_rate(scope: str, number: int) -> None:
        settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, scope: (number, 60)}

    return set_rate


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> Clock:
    """Stop the clock, 20 seconds into a minute."""
    clock = Clock(1_800_000_020)
    monkeypatch.setattr(throttles, "time", clock)
    return clock


def assert_throttled(response) -> None:
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    body = response.json()
    assert body["type"] == "client_error"
    assert [error["code"] for error in body["errors"]] == ["throttled"]
    assert body["errors"][0]["attr"] is None


def sign_in(client, **extra):
    body = {"email": "nobody@example.com", "password": "x"}
    return client.post(TOKEN, body, **extra)


def upload(client):
    return client.post("/api/v1/images/", {"file": make_image()}, format="multipart")


def test_signup__is_limited_by_ip(anonymous, limit):
    limit("signup", 2)
    for number in range(2):
        body = {"email": f"u{number}@example.com", "password": "plum-orbit-42"}
        assert anonymous.post("/api/v1/auth/signup/", body).status_code == 201
    assert_throttled(anonymous.post("/api/v1/auth/signup/", {}))
    elsewhere = anonymous.post("/api/v1/auth/signup/", {}, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 400


@pytest.mark.parametrize("route", ["token", "token-refresh", "login"])
def test_login__is_limited_over_all_its_endpoints(anonymous, limit, route):
    limit("login", 1)
    assert sign_in(anonymous).status_code == 401
    form = {"content_type": "application/x-www-form-urlencoded"}
    extra = form if route == "login" else {}
    assert_throttled(anonymous.post(reverse(route), "" if extra else {}, **extra))


@pytest.mark.parametrize("url", ["/admin/login/", "/api-auth/login/"])
def test_login__is_limited_on_pages(client, limit, url):
    limit("login", 1)
    form = {"username": "a@example.com", "password": "x"}
    assert client.post(url, form).status_code == 200
    response = client.post(url, form)
    assert response.status_code == 429
    assert int(response["Retry-After"]) >= 1
    assert client.get(url).status_code == 200


def test_upload__is_limited_by_user(api, client_of, stranger, limit):
    limit("upload", 1)
    image = upload(api)
    assert image.status_code == 201
    assert_throttled(upload(api))
    url = f"/api/v1/images/{image.json()['id']}/"
    file = {"file": make_image()}
    assert_throttled(api.patch(url, file, format="multipart"))
    assert_throttled(api.put(url, file, format="multipart"))
    assert upload(client_of(stranger)).status_code == 201
    # What brings no file goes on.
    assert api.patch(url, {"caption": "Sea"}).status_code == 200
    assert api.get(url).status_code == 200


def test_upload__counts_each_move_of_a_file(api, user, limit):
    """Each is a download, an upload and a deletion at ImageKit."""
    image = create_image(owner=user, file=make_image(), visibility="unlisted")
    url = f"/api/v1/images/{image.pk}/"
    limit("upload", 2)
    emulator = get_app()
    for visibility in ("private", "public"):
        assert api.patch(url, {"visibility": visibility}).status_code == 200
    emulator.requests.clear()
    assert_throttled(api.patch(url, {"visibility": "private"}))
    assert not emulator.requests.counts()
    # Nothing moves: the same storage, and the same visibility.
    assert api.patch(url, {"visibility": "unlisted"}).status_code == 200
    assert api.patch(url, {"visibility": "unlisted"}).status_code == 200


def test_upload__counts_a_move_in_a_form_once(api, user, limit):
    image = create_image(owner=user, file=make_image(), visibility="unlisted")
    url = f"/api/v1/images/{image.pk}/"
    limit("upload", 2)
    for visibility, status in (("private", 200), ("public", 200), ("private", 429)):
        form = {"visibility": visibility}
        assert api.patch(url, form, format="multipart").status_code == status


def test_write__is_limited_by_user(api, client_of, stranger, limit):
    image = create_image(owner=stranger, file=make_image())
    limit("write", 2)
    assert api.patch("/api/v1/users/me/", {"display_name": "A"}).status_code == 200
    body = {"ids": [str(image.pk)]}
    assert api.post("/api/v1/images/bulk-delete/", body).status_code == 200
    for send in (
        lambda: api.patch("/api/v1/users/me/", {"display_name": "B"}),
        lambda: api.post("/api/v1/images/bulk-delete/", body),
        lambda: api.delete(f"/api/v1/images/{image.pk}/"),
        lambda: api.patch(f"/api/v1/images/{image.pk}/", {"caption": "x"}),
        lambda: api.post(f"/api/v1/images/{image.pk}/report/", {"reason": "spam"}),
        lambda: api.post("/api/v1/uploads/", {}),
        lambda: api.delete("/api/v1/users/me/sessions/x/"),
    ):
        assert_throttled(send())
    assert upload(api).status_code == 201
    assert api.get("/api/v1/users/me/").status_code == 200
    other = client_of(stranger).patch("/api/v1/users/me/", {"display_name": "C"})
    assert other.status_code == 200


def test_export__is_limited_by_user(api, client_of, stranger, limit):
    limit("export", 1)
    url = "/api/v1/users/me/export/"
    assert api.get(url).status_code == 200
    assert_throttled(api.get(url))
    assert client_of(stranger).get(url).status_code == 200


@pytest.mark.parametrize(
    ("method", "url", "name"),
    [
        ("delete", "/api/v1/users/me/", "password"),
        ("post", "/api/v1/auth/password/change/", "current_password"),
        ("post", "/api/v1/auth/email/change/", "password"),
    ],
)
def test_attack__a_stolen_token_does_not_guess_the_password(
    api, user, limit, method, url, name
):
    limit("reset", 3)
    body = {name: "wrong", "new_password": "x1-y2-z3-w4", "new_email": "n@example.com"}
    for _ in range(3):
        assert getattr(api, method)(url, body).status_code == 400
    assert_throttled(getattr(api, method)(url, {**body, name: PASSWORD}))
    assert User.objects.filter(pk=user.pk).exists()


@pytest.mark.parametrize("name", ["ReportThrottle"])
def test_scope__that_has_no_view_yet_counts(user, limit, name):
    throttle = getattr(throttles, name)()
    limit(throttle.scope, 1)
    request = RequestFactory().post("/")
    request.user = user
    assert throttle.allow_request(request, None)
    assert not throttle.allow_request(request, None)
    assert throttle.wait() >= 1


def test_reads__are_limited_without_an_account_only(anonymous, api, limit):
    limit("anon", 1)
    assert anonymous.get("/api/v1/").status_code == 200
    assert_throttled(anonymous.get("/api/v1/"))
    assert api.get("/api/v1/").status_code == 200


def test_reads__with_an_account_cost_no_further_query(
    api, limit, django_assert_num_queries
):
    limit("anon", 1)
    with django_assert_num_queries(1):
        assert api.get("/api/v1/users/me/").status_code == 200


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


def test_openapi__documents_429_where_it_can_happen():
    document = SchemaGenerator().get_schema(request=None, public=True)
    found = {
        f"{method} {path.removeprefix('/api/v1')}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "429" in operation["responses"]
    }
    assert found == {
        "delete /images/{id}/",
        "delete /users/me/",
        "delete /users/me/sessions/{id}/",
        "patch /users/me/",
        "post /auth/logout/",
        "post /auth/logout/all/",
        "post /images/bulk-delete/",
        "get /users/me/export/",
        "post /auth/password/change/",
        "post /auth/password/reset/",
        "post /auth/password/reset/confirm/",
        "post /auth/email/verify/",
        "post /auth/email/resend/",
        "post /auth/email/change/",
        "post /auth/email/change/confirm/",
        "get /auth/signup/",
        "post /auth/signup/",
        "post /auth/token/",
        "post /auth/token/refresh/",
        "post /auth/login/",
        "post /images/",
        "post /uploads/",
        "post /images/{id}/report/",
        "post /uploads/{id}/complete/",
        "get /feed/",
        "get /users/{id}/images/",
        "get /images/{id}/",
        "put /images/{id}/",
        "patch /images/{id}/",
    }
