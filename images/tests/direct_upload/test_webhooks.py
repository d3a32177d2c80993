"""The effects of ImageKit's webhooks."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.imagekit.names import StoredName
from images.models import Image, UploadTicket, WebhookMessage
from images.tests import many_rows
from images.tests.consistency.sides import (
    assert_all_is_named,
    assert_sides_are_equal,
)
from images.tests.direct_upload.conftest import SECRET, signature

pytestmark = pytest.mark.django_db


def created(file_id: str, path: str = "") -> dict[str, str]:
    """Return the part of ImageKit's File object that is read."""
    path = path or f"/media/{UploadTicket.objects.get().path}"
    return {"type": "file", "fileId": file_id, "filePath": path, "mime": "text/html"}


def file_id_of(image: Image) -> str:
    return StoredName.parse(image.file.name).file_id


def test_file_created__completes_the_ticket(sent, complete, deliver_event):
    ticket, file_id = sent(caption="by webhook")
    assert deliver_event("file.created", created(file_id)).status_code == 200
    image = Image.objects.get()
    assert (str(image.pk), image.caption) == (ticket["id"], "by webhook")
    later = complete(ticket, file_id)
    assert (later.status_code, later.json()["id"]) == (200, ticket["id"])
    assert_sides_are_equal()


def test_file_created__completes_the_ticket_in_a_library_without_a_folder(
    sent, deliver_event, monkeypatch
):
    for alias in ("default", "private"):
        monkeypatch.setattr(storages[alias], "location", "")
    ticket, file_id = sent()
    path = f"/{UploadTicket.objects.get().path}"
    assert deliver_event("file.created", created(file_id, path)).status_code == 200
    assert str(Image.objects.get().pk) == ticket["id"]


def test_file_created__after_the_client_said_so(sent, complete, deliver_event):
    ticket, file_id = sent()
    complete(ticket, file_id)
    assert deliver_event("file.created", created(file_id)).status_code == 200
    assert Image.objects.count() == 1


def test_file_created__of_an_upload_through_us_costs_no_call(
    stored_image, deliver_event, emulator
):
    image = stored_image()
    emulator.requests.clear()
    path = f"/media/{StoredName.parse(image.file.name).path}"
    response = deliver_event("file.created", created(file_id_of(image), path))
    assert response.status_code == 200
    assert emulator.requests.counts() == {}


def test_file_created__over_the_quota_is_not_sent_again(
    sent, complete, deliver_event, settings
):
    """The sweep deletes the file, unless the client frees space and completes."""
    ticket, file_id = sent()
    settings.USER_QUOTA_BYTES = 1
    assert deliver_event("file.created", created(file_id)).status_code == 200
    assert not Image.objects.exists()
    assert_all_is_named()
    settings.USER_QUOTA_BYTES = 0
    assert complete(ticket, file_id).status_code == 201


def test_file_deleted__marks_the_image(stored_image, api, deliver_event):
    image, other = stored_image(), stored_image()
    data = {"fileId": file_id_of(image)}
    url = "/api/v1/images/"
    known = {"If-None-Match": api.get(f"{url}{image.pk}/")["ETag"]}
    assert deliver_event("file.deleted", data).status_code == 200
    answer = api.get(f"{url}{image.pk}/", headers=known)
    assert answer.json()["available"] is False
    assert api.get(f"{url}{other.pk}/").json()["available"] is True
    first = Image.objects.get(pk=image.pk).missing_since
    deliver_event("file.deleted", data)
    assert Image.objects.get(pk=image.pk).missing_since == first


@pytest.mark.parametrize("data", [{}, {"fileId": None}, {"fileId": ""}, [], None, "x"])
@pytest.mark.parametrize("kind", ["file.deleted", "file.created"])
def test_event__with_other_data_changes_nothing(
    stored_image, deliver_event, kind, data
):
    stored_image()
    assert deliver_event(kind, data).status_code == 200
    assert not Image.objects.exclude(missing_since=None).exists()


@pytest.mark.parametrize("kind", ["file-version.created", "something.new", None, {}])
def test_event__of_no_interest_is_accepted(deliver_event, caplog, kind):
    with caplog.at_level("INFO", logger="images.api.views.webhooks"):
        assert deliver_event(kind, {"fileId": "x"}).status_code == 200
    assert "ignored" in caplog.text


def test_event__that_fails_is_done_when_it_comes_again(sent, deliver_event, emulator):
    _, file_id = sent()
    emulator.faults.add(Fault("details", "status", status=500, every=1))
    data = created(file_id)
    assert deliver_event("file.created", data, "msg_again").status_code == 503
    emulator.faults.clear()
    assert deliver_event("file.created", data, "msg_again").status_code == 200
    assert Image.objects.count() == 1


def test_file_deleted__is_found_by_an_index(stored_image, deliver_event):
    file_id = file_id_of(stored_image())
    with CaptureQueriesContext(connection) as queries:
        deliver_event("file.deleted", {"fileId": file_id})
    searches = [q["sql"] for q in queries if f"'{file_id}'" in q["sql"]]
    assert searches
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    if connection.vendor == "postgresql":
        # Of a few rows it would take any index.
        many_rows.add_users(101)
        many_rows.add_images(4000, owner_id=many_rows.user_key("n % 101"))
        many_rows.analyze()
    with connection.cursor() as cursor:
        for search in searches:
            cursor.execute(f"{explain} {search}")
            assert "image_file_id" in str(cursor.fetchall())


def test_webhook__without_a_secret_is_not_there(client, settings):
    settings.IMAGEKIT_WEBHOOK_SECRET = ""
    response = client.post("/webhooks/imagekit/", b"{}", "application/json")
    assert response.status_code == 404


def test_signature__is_that_of_the_sdk():
    """A vector that was made by running the SDK."""
    body = (
        b'{"type":"file.deleted","id":"evt_1",'
        b'"created_at":"2026-10-01T00:00:00.000Z","data":{"fileId":"f1"}}'
    )
    expected = "v1,Sd7/yiuMrxqkADtLArST/orOtbPoH09o1Un4HZi9TWY="
    assert signature(SECRET, "msg_1", "1790812800", body) == expected


def test_sweep__forgets_old_messages(deliver_event):
    deliver_event("x", {})
    call_command("sweep_files", stdout=StringIO())
    assert WebhookMessage.objects.count() == 1
    WebhookMessage.objects.update(received_at=timezone.now() - timedelta(days=1))
    call_command("sweep_files", stdout=StringIO())
    assert not WebhookMessage.objects.exists()
