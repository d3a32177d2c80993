"""The figures of /metrics."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from conftest import PASSWORD
from imagekit_emulator.faults import Fault
from imagekit_emulator.transport import get_app
from images.outbox.models import PendingDeletion, PurgeCount
from images.tests.pictures import make_image, picture_bytes
from mediabackend.models import Worker
from mediabackend.tests.site.conftest import samples_of

pytestmark = pytest.mark.django_db
IMAGES = "/api/v1/images/"
TOKEN = "/api/v1/auth/token/"


def labels_of(text: str, name: str, label: str) -> set[str]:
    """Return the values that a label has in a metric."""
    return {
        value
        for found, labels in samples_of(text)
        if found == f"mediabackend_{name}"
        for key, value in labels
        if key == label
    }


def test_requests__are_counted_by_the_template_of_their_route(api, added):
    labels = {"method": "GET", "route": "/api/v1/images/{pk}/", "status": "404"}
    with added(2, "requests_total", **labels):
        api.get(f"{IMAGES}00000000-0000-7000-8000-000000000000/")
        api.get(f"{IMAGES}00000000-0000-7000-8000-000000000001/")
    del labels["status"]
    with added(1, "request_duration_seconds_count", **labels):
        api.get(f"{IMAGES}00000000-0000-7000-8000-000000000000/")


def test_requests__to_unknown_paths_are_one_series(client, added):
    with added(3, "requests_total", method="GET", route="none", status="404"):
        for path in ("/wp-login.php", "/.env", "/api/v1/nothing/"):
            client.get(path)


def test_attack__methods_that_nobody_knows_are_one_series(client, scrape):
    for method in ("BREW", "PROPFIND", 'X"} 1\n', "get"):
        client.generic(method, "/api/v1/feed/")
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"}
    methods = labels_of(scrape(), "requests_total", "method")
    assert "OTHER" in methods
    assert methods <= known


def test_requests__that_fail_are_counted_too(api, added, monkeypatch):
    def fail(*args):
        raise RuntimeError

    monkeypatch.setattr("images.api.views.images.ImageViewSet.list", fail)
    route = {"method": "GET", "route": IMAGES}
    with added(1, "requests_total", status="500", **route):
        api.get(IMAGES)


@pytest.mark.any_database
def test_uploads__are_counted_with_their_bytes_and_calls(api, added):
    size = len(picture_bytes())
    with (
        added(1, "uploads_total", via="server"),
        added(size, "uploaded_bytes_total", via="server"),
        added(1, "imagekit_calls_total", operation="upload", result="ok"),
        added(1, "imagekit_call_duration_seconds_count", operation="upload"),
    ):
        response = api.post(IMAGES, {"file": make_image()}, format="multipart")
    assert response.status_code == 201


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("status", "result"),
    [(500, "unavailable"), (403, "rejected"), (429, "rate_limited")],
)
def test_calls_that_fail__are_counted_by_the_reason(api, added, status, result):
    fault = Fault("upload", "status", status=status, every=1)
    get_app().faults.add(fault)
    with (
        added(0, "uploads_total", via="server"),
        added(1, "imagekit_calls_total", operation="upload", result=result),
    ):
        api.post(IMAGES, {"file": make_image()}, format="multipart")


@pytest.mark.any_database
def test_sign_ins__are_counted_by_what_came_of_them(
    anonymous, make_user, settings, added
):
    settings.LOCKOUT_FAILURES = 2
    make_user("ann@example.com")
    make_user("eve@example.com", is_active=False)

    def sign_in(email: str, password: str) -> None:
        anonymous.post(TOKEN, {"email": email, "password": password})

    with added(1, "sign_ins_total", result="granted"):
        sign_in("ann@example.com", PASSWORD)
    with added(1, "sign_ins_total", result="inactive"):
        sign_in("eve@example.com", PASSWORD)
    with (
        added(3, "sign_ins_total", result="wrong_password"),
        added(2, "sign_ins_total", result="locked"),
    ):
        sign_in("nobody@example.com", "wrong")
        for password in ("wrong", "wrong", "wrong", PASSWORD):
            sign_in("ann@example.com", password)


@pytest.mark.any_database
def test_renewals__are_counted_by_what_came_of_them(
    anonymous, tokens, added, monkeypatch
):
    monkeypatch.setattr("accounts.tokens.sessions.REUSE_ALLOWED", timedelta(0))

    def renew() -> None:
        anonymous.post(f"{TOKEN}refresh/", {"refresh": tokens["refresh"]})

    for result in ("renewed", "reused", "ended"):
        with added(1, "token_renewals_total", result=result):
            renew()


def test_throttled_requests__are_counted_by_scope(anonymous, settings, added):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "login": (1, 86_400)}
    with added(2, "throttled_requests_total", scope="login"):
        for _ in range(3):
            anonymous.post(TOKEN, {"email": "a@example.com", "password": "wrong"})


def note(reason: str, minutes: int, **fields) -> None:
    now = timezone.now()
    PendingDeletion.objects.create(
        name=f"ann/{reason}-{minutes}.jpg",
        reason=reason,
        created_at=now - timedelta(minutes=minutes),
        **fields,
    )


def test_outbox__is_told_with_the_age_of_what_is_due(value_of):
    later = timezone.now() + timedelta(hours=1)
    assert value_of("outbox_oldest_seconds") == 0
    note("reservation", 50, due_at=later)
    note("deleted", 40, due_at=later, purge_waits=True)
    note("deleted", 30)
    # An upload that never ended.
    note("reservation", 20)
    counts = [
        value_of("outbox_rows", state=state)
        for state in ("uploading", "pending", "waiting")
    ]
    assert counts == [1, 2, 1]
    assert 1795 < value_of("outbox_oldest_seconds") < 1860


def test_purges__are_told_with_their_budget(value_of, settings):
    settings.PURGES_PER_MONTH = 70
    this_month = timezone.now().date().replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    for month, scope, number in [
        (last_month, "all", 40),
        (this_month, "owners", 3),
        (this_month, "all", 5),
    ]:
        PurgeCount.objects.create(month=month, scope=scope, number=number)
    assert value_of("purges_this_month") == 5
    assert value_of("purges_per_month_limit") == 70


def test_worker__is_told_with_the_time_since_it_was_seen(value_of):
    assert value_of("worker_last_seen_seconds") == float("inf")
    for minutes in (30, 10, 20):
        seen_at = timezone.now() - timedelta(minutes=minutes)
        Worker.objects.create(host="a", version="1", seen_at=seen_at)
    assert 595 < value_of("worker_last_seen_seconds") < 660


def test_database__is_told_with_its_connections(value_of):
    assert value_of("database_up") == 1
    if connection.vendor == "postgresql":
        limit = value_of("database_connections_limit")
        assert 1 <= value_of("database_connections") <= limit


def test_memory__is_told(value_of):
    assert 20e6 < value_of("process_resident_memory_bytes", worker="0") < 2e9


def test_metrics__answer_without_the_database(client, scrape, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise OperationalError("connection to server at 10.0.0.7 refused")

    client.get("/healthz")
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", fail)
        text = scrape()
    assert "mediabackend_database_up 0.0" in text
    assert 'route="/healthz"' in text
    assert "mediabackend_outbox_rows" not in text
    assert "10.0.0.7" not in text
    assert "were not read" in caplog.text


def test_metrics__take_few_statements(scrape, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        scrape()


def test_attack__no_label_tells_of_a_person(api, user, scrape):
    form = {"file": make_image(), "caption": "Sea"}
    image = api.post(IMAGES, form, format="multipart").json()
    for path in (f"{IMAGES}{image['id']}/", f"/api/v1/users/{user.pk}/images/"):
        api.get(path)
        api.get(f"{path}?search={user.email}")
    api.post(TOKEN, {"email": user.email, "password": "wrong"})
    text = scrape()
    for private in (str(user.pk), image["id"], user.email, "Ann", "Sea", "127.0.0.1"):
        assert private not in text
    # Nor an id of anybody else.
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-", text)
