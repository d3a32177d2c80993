"""ImageKit's messages: what they do, and what forged ones do not."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.models import Image
from images.storage_names import StoredName
from images.tests.consistency.sides import assert_sides_are_equal
from images.tests.direct.conftest import SECRET, signature
from images.ticket_models import UploadTicket, WebhookMessage

pytestmark = pytest.mark.django_db


def created(file_id: str, path: str = "") -> dict[str, str]:
    """Return the part of ImageKit's File object that is read."""
    path = path or f"/media/{UploadTicket.objects.get().path}"
    return {"type": "file", "fileId": file_id, "filePath": path, "mime": "text/html"}


def file_id_of(image: Image) -> str:
    return StoredName.parse(image.file.name).file_id


# --- What they do -------------------------------------------------------------


def test_file_created__completes_the_ticket(sent, complete, deliver_event):
    ticket, file_id = sent(caption="by webhook")
    assert deliver_event("file.created", created(file_id)).status_code == 200
    image = Image.objects.get()
    assert (str(image.pk), image.caption) == (ticket["id"], "by webhook")
    later = complete(ticket, file_id)
    assert (later.status_code, later.json()["id"]) == (200, ticket["id"])
    assert_sides_are_equal()


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


def test_file_deleted__marks_the_image(stored_image, api, deliver_event):
    image, other = stored_image(), stored_image()
    data = {"fileId": file_id_of(image)}
    assert deliver_event("file.deleted", data).status_code == 200
    url = "/api/v1/images/"
    assert api.get(f"{url}{image.pk}/").json()["available"] is False
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
    with caplog.at_level("INFO", logger="images.webhooks"):
        assert deliver_event(kind, {"fileId": "x"}).status_code == 200
    assert "of no interest" in caplog.text


def test_event__that_fails_is_done_when_it_comes_again(sent, deliver_event, emulator):
    _, file_id = sent()
    emulator.faults.add(Fault("details", "status", status=500, every=1))
    data = created(file_id)
    assert deliver_event("file.created", data, "msg_again").status_code == 503
    emulator.faults.clear()
    assert deliver_event("file.created", data, "msg_again").status_code == 200
    assert Image.objects.count() == 1


def test_file_deleted__is_found_by_an_index(stored_image, deliver_event):
    image = stored_image()
    with CaptureQueriesContext(connection) as queries:
        deliver_event("file.deleted", {"fileId": file_id_of(image)})
    (update,) = (q["sql"] for q in queries if q["sql"].startswith("UPDATE"))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {update}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {update}")
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


# --- What forged ones do not --------------------------------------------------


@pytest.fixture
def victim(stored_image):
    """Return the image that the attacks are to make look missing."""
    return stored_image()


@pytest.fixture
def assert_refused(victim, deliver_event):
    def check(status: int = 400, **forgery) -> None:
        data = {"fileId": file_id_of(victim)}
        response = deliver_event("file.deleted", data, **forgery)
        assert response.status_code == status, response.content
        victim.refresh_from_db()
        assert victim.missing_since is None
        assert not WebhookMessage.objects.exists()

    return check


@pytest.mark.parametrize(
    "value",
    [
        "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "v1,",
        "v2,x",
        "",
        "v1",
        "v1,\u00e9",
        "v1,not base64,",
        "a b c",
    ],
)
def test_attack__wrong_signature(assert_refused, value):
    assert_refused(headers={"webhook-signature": value})


def test_attack__signature_of_another_secret(assert_refused):
    now = str(int(time.time()))
    body = b'{"type":"file.deleted","data":{}}'
    forged = signature("whsec_x", "msg_1", now, body)
    assert_refused(body=body, headers={"webhook-signature": forged})


@pytest.mark.parametrize("seconds", [-301, 302, -86_400])
def test_attack__timestamp_out_of_the_window(assert_refused, seconds):
    assert_refused(later=seconds)


@pytest.mark.parametrize("value", ["", "x", "nan", "inf", "1e400", "-1"])
def test_attack__timestamp_that_is_none(assert_refused, value):
    assert_refused(headers={"webhook-timestamp": value})


def test_attack__timestamp_renewed(assert_refused):
    """An old message with a new time has another signature."""
    assert_refused(later=-200, headers={"webhook-timestamp": str(int(time.time()))})


@pytest.mark.parametrize(
    "name", ["webhook-id", "webhook-timestamp", "webhook-signature"]
)
def test_attack__missing_header(assert_refused, name):
    assert_refused(headers={name: None})


def test_attack__swapped_body(assert_refused, victim):
    other = f'{{"type":"file.deleted","data":{{"fileId":"{file_id_of(victim)}"}}}}'
    assert_refused(body=other.encode())


def test_attack__replayed_id(stored_image, deliver_event):
    """The image's file was stored anew meanwhile; the old message must not count."""
    image = stored_image()
    data = {"fileId": file_id_of(image)}
    assert deliver_event("file.deleted", data, "msg_1").status_code == 200
    Image.objects.update(missing_since=None)
    assert deliver_event("file.deleted", data, "msg_1").status_code == 200
    image.refresh_from_db()
    assert image.missing_since is None


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x"]
)
def test_attack__oversized_body(client, secret, kind):
    body = b" " * (1024 * 1024 + 1)
    response = client.post("/webhooks/imagekit/", body, kind)
    assert response.status_code == 413


@pytest.mark.parametrize("body", [b"\xff", b"[]", b"1", b"{", b"", b"[" * 100_000])
def test_attack__signed_body_that_is_no_message(client, secret, body):
    now = str(int(time.time()))
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": now,
        "webhook-signature": signature(SECRET, "msg_1", now, body),
    }
    response = client.post(
        "/webhooks/imagekit/", body, "application/json", headers=headers
    )
    assert response.status_code == 400


def test_attack__long_id(assert_refused):
    assert_refused(message_id="m" * 201)


def test_attack__file_of_a_foreign_path(sent, deliver_event):
    """A ticket takes the file at its own path, whatever the message says."""
    _, first = sent()
    path = f"/media/{UploadTicket.objects.get().path}"
    _, second = sent()
    assert deliver_event("file.created", created(second, path)).status_code == 200
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    "path", ["/elsewhere/{}", "/media2/{}", "{}", "/media/x/{}", "/media/../{}"]
)
def test_attack__file_of_another_folder(sent, deliver_event, path):
    _, file_id = sent()
    path = path.format(UploadTicket.objects.get().path)
    assert deliver_event("file.created", created(file_id, path)).status_code == 200
    assert not Image.objects.exists()


def test_attack__get(client, secret):
    assert client.get("/webhooks/imagekit/").status_code == 405


def test_sweep__forgets_old_messages(deliver_event):
    deliver_event("x", {})
    call_command("sweep_files", stdout=StringIO())
    assert WebhookMessage.objects.count() == 1
    WebhookMessage.objects.update(received_at=timezone.now() - timedelta(days=1))
    call_command("sweep_files", stdout=StringIO())
    assert not WebhookMessage.objects.exists()
