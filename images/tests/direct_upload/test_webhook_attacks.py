"""Forged and replayed messages: one test for each attack."""

import time

import pytest

from images.imagekit.aliases import imagekit_storage
from images.models import Image, UploadTicket, WebhookMessage
from images.tests.direct_upload.conftest import SECRET, signature
from images.tests.direct_upload.test_webhooks import created, file_id_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def victim(stored_image):
    """Return the image that the attacks try to mark as missing."""
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
    """The image's file was stored again meanwhile: the old message is ignored."""
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
    """A ticket accepts only the file at its own path, whatever the message says."""
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


UNSTORABLE = ["\0", "a\0b", "\ud800", "a\udfffb"]


@pytest.mark.parametrize("text", UNSTORABLE, ids=ascii)
@pytest.mark.parametrize("field", ["filePath", "fileId", "name"])
@pytest.mark.parametrize("kind", ["file.created", "file.deleted", "other"])
def test_attack__text_that_the_database_cannot_hold(deliver_event, kind, field, text):
    """Signed all the same: somebody may have uploaded a file with such a name."""
    root = imagekit_storage().location
    data = {"filePath": f"/{root}/x.jpg", "fileId": "x"} | {field: f"/{root}/{text}"}
    assert deliver_event(kind, data).status_code == 400
    assert not WebhookMessage.objects.exists()


@pytest.mark.parametrize("kind", ["\0", "\ud800"], ids=ascii)
def test_attack__kind_that_the_database_cannot_hold(deliver_event, kind):
    assert deliver_event(kind, {}).status_code == 400


def test_attack__nul_in_the_message_s_id(deliver_event):
    assert deliver_event("file.deleted", {}, "msg_\0").status_code == 400
    assert not WebhookMessage.objects.exists()
