import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from images.outbox.models import PendingDeletion
from mediabackend import __version__
from mediabackend.models import Worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead_database(monkeypatch):
    """Make every query fail as it does when the server is gone."""

    def fail(*args, **kwargs):
        raise OperationalError("connection to server at 10.0.0.7 refused")

    monkeypatch.setattr(connection, "cursor", fail)


@pytest.fixture
def dead_cache(monkeypatch):
    monkeypatch.setattr(cache._connections[cache._alias], "set", lambda *a, **k: None)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", b"State of this server"),
        ("/docs", b"swagger-ui"),
        ("/redoc", b"redoc"),
        ("/api/schema/", b"openapi: 3"),
        ("/healthz", b'"ok"'),
    ],
)
def test_page__opens(client, path, text):
    response = client.get(path)
    assert response.status_code == 200
    assert text in response.content


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_docs__load_nothing_from_elsewhere(client, path):
    page = client.get(path).content.decode()
    assert "https://" not in page
    for script in re.findall(r'src="([^"]+\.js)"', page):
        assert script.startswith("/")


def test_redoc__has_its_logo_from_here(client):
    script = client.get("/redoc/redoc.standalone.js").content.decode()
    assert "Redoc" in script
    assert "cdn.redoc.ly" not in script


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_docs__answer_options_with_405(client, path):
    assert client.options(path).status_code == 405


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_docs__are_found_with_a_slash_too(client, path):
    assert client.get(f"{path}/")["Location"] == path


@pytest.mark.parametrize(("token", "status"), [("", 200), ("Bearer x", 401)])
@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_docs__answer_whatever_type_is_asked_for(client, path, token, status):
    headers = {"accept": "application/json", "authorization": token}
    assert client.get(path, headers=headers).status_code == status


def test_favicon__leads_to_the_icon(client):
    assert client.get("/favicon.ico")["Location"].endswith("icon.svg")


def test_landing__shows_the_state_and_links_the_rest(client):
    page = client.get("/").content.decode()
    for text in ("emulator", connection.vendor, "/docs", "/redoc", "/admin/"):
        assert text in page


@pytest.mark.parametrize("path", ["/", "/accounts/reset/", "/nowhere"])
def test_page__has_the_name_and_the_url_of_the_service(client, settings, path):
    settings.SITE_NAME, settings.SITE_URL = "Ann's <b>", "https://media.example.com"
    page = client.get(path).content.decode()
    name = "Ann&#x27;s &lt;b&gt;"
    assert f"{name}</title>" in page
    foot = f'{name} · <a href="{settings.SITE_URL}">{settings.SITE_URL}</a></footer>'
    assert foot in page


@pytest.mark.parametrize(
    ("seen", "text"), [(1, "All is well."), (3600, "Not everything works.")]
)
def test_landing__says_whether_all_is_well(client, make_worker, seen, text):
    make_worker(timedelta(seconds=seen))
    assert text in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("open", "Everybody can sign up."),
        ("invite", "People sign up by invitation."),
        ("closed", "Nobody can sign up."),
    ],
)
def test_landing_and_openapi__say_who_can_sign_up(client, settings, mode, text):
    settings.SIGNUP = mode
    assert text in client.get("/").content.decode()
    document = SchemaGenerator().get_schema(public=True)
    assert document["info"]["description"].endswith(text)


def test_root__of_the_api_links_what_exists(client):
    body = client.get("/api/v1/", headers={"Accept": "application/json"}).json()
    assert body["images"] == "http://testserver/api/v1/images/"
    for url in body.values():
        assert client.get(url).status_code in (200, 401, 405)


def test_healthz__names_the_version(client):
    version = client.get("/healthz").json()["version"]
    schema = client.get("/api/schema/", {"format": "json"}).json()
    assert version == schema["info"]["version"] == __version__


def test_readyz__names_each_part(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {
            "database": connection.vendor,
            "cache": "LocMemCache",
            "storage": "emulator",
        },
        "oldest_pending_deletion_seconds": 0,
        "waiting_purges": 0,
        "worker_seen_seconds": None,
    }


def test_readyz__tells_how_long_deletions_have_been_waiting(client):
    now = timezone.now()
    for reason, minutes in (("deleted", 10), ("replaced", 30), ("reservation", 50)):
        PendingDeletion.objects.create(
            name="u/a.jpg",
            reason=reason,
            created_at=now - timedelta(minutes=minutes),
            due_at=now + timedelta(minutes=10),
        )
    seconds = client.get("/readyz").json()["oldest_pending_deletion_seconds"]
    assert 1790 < seconds < 1860


@pytest.fixture
def make_worker(db):
    def make(seen: timedelta) -> None:
        Worker.objects.create(host="host-1", seen_at=timezone.now() - seen)

    return make


def test_readyz__tells_when_the_last_worker_was_seen(client, make_worker):
    make_worker(timedelta(days=2))
    make_worker(timedelta(minutes=20))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert abs(answer.json()["worker_seen_seconds"] - 20 * 60) <= 5


@pytest.mark.parametrize("page", ["/", "/admin/"])
@pytest.mark.parametrize(
    ("seen", "text", "warned"),
    [
        (timedelta(seconds=5), "last seen 0\xa0minutes ago", False),
        (timedelta(hours=3), "last seen 3\xa0hours ago", True),
        (None, "none was seen", True),
    ],
    ids=["running", "gone", "never"],
)
def test_page__tells_when_the_last_worker_was_seen(
    client, make_user, make_worker, page, seen, text, warned
):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    if seen:
        make_worker(seen)
    shown = client.get(page).content.decode()
    assert text in shown
    marks = "errornote" if page == "/admin/" else "Missing"
    assert (marks in shown) is warned


def test_readyz__without_the_database_is_503(client, dead_database):
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "failing"
    assert response.json()["checks"]["cache"] == "LocMemCache"
    assert b"10.0.0.7" not in response.content
    assert client.get("/healthz").status_code == 200


def test_readyz__with_a_broken_storage_configuration_is_503(client, settings):
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "no.such.Class"}}
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["storage"] == "failing"


def test_landing__opens_without_the_database(client, dead_database):
    response = client.get("/")
    assert response.status_code == 200
    assert b"Failing" in response.content
    assert b"Not everything works." in response.content


def test_api__without_the_database_is_503(api, dead_database):
    response = api.get("/api/v1/images/")
    assert response.status_code == 503
    assert response.json()["errors"][0]["code"] == "database_unavailable"
    assert "Retry-After" in response
    assert b"10.0.0.7" not in response.content


def test_page__without_the_database_is_503(client, user, dead_database):
    client.raise_request_exception = False
    client.cookies["sessionid"] = "x" * 32
    response = client.get("/admin/")
    assert response.status_code == 503
    assert b"10.0.0.7" not in response.content


def test_gallery__is_there_with_debug_only(client):
    """The browser tests have a server with DEBUG."""
    assert client.get("/gallery/").status_code == 404
    assert "gallery" not in client.get("/").content.decode()
