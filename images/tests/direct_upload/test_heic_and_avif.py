"""Direct uploads of HEIC and AVIF, and of pictures too large for ImageKit."""

import json
from io import BytesIO

import pytest
from PIL import Image as Picture

from imagekit_emulator import rendering
from imagekit_emulator.faults import Fault
from images.models import Image
from images.outbox.models import PendingDeletion
from images.tests.media.formats.heif_samples import good_heifs
from images.tests.media.formats.samples import animation
from images.tests.pictures import picture_bytes

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("type", ["image/heic", "image/heif", "IMAGE/HEIC"])
def test_heic__becomes_a_jpeg(sent, complete, deliver, type):
    content = picture_bytes(700, 400, "heic")
    ticket, file_id = sent(content, content_type=type)
    assert json.loads(ticket["fields"]["transformation"])["pre"].endswith(",f-jpg")
    assert ticket["fields"]["fileName"].endswith(".jpg")
    body = complete(ticket, file_id).json()
    assert (body["format"], body["width"], body["height"]) == ("jpeg", 700, 400)
    assert body["placeholder"]
    status, stored = deliver(f"{body['url']}?tr=orig-true")
    assert (status, Picture.open(BytesIO(stored)).format) == (200, "JPEG")


def test_avif__stays_avif(sent, complete, deliver):
    content = picture_bytes(700, 400, "avif")
    ticket, file_id = sent(content, content_type="image/avif")
    body = complete(ticket, file_id).json()
    assert (body["format"], body["width"]) == ("avif", 700)
    assert body["placeholder"]
    assert deliver(body["url"])[0] == 200


@pytest.mark.parametrize("format", ["heic", "avif"])
def test_metadata__are_not_stored(sent, complete, format):
    content = good_heifs()[f"{format}-exif"]
    assert b"A camera" in content
    ticket, file_id = sent(content, content_type=f"image/{format}")
    assert complete(ticket, file_id).status_code == 201
    image = Image.objects.get()
    with image.storage.open(image.file.name) as file:
        assert b"A camera" not in file.read()


@pytest.mark.parametrize(
    ("declared", "sent_format"), [("heic", "avif"), ("avif", "heic"), ("jpeg", "heic")]
)
def test_other_format__is_refused_by_imagekit(ask, send, declared, sent_format):
    content = picture_bytes(format=sent_format)
    ticket = ask(size=len(content), content_type=f"image/{declared}")
    assert send(ticket, content)[0] == 400


def test_stored_heic__is_refused_as_its_metadata_are_there(
    sent, complete, api, emulator
):
    ticket, file_id = sent(picture_bytes())
    with emulator.services.database.write() as connection:
        connection.execute("UPDATE assets SET mime = 'image/heic'")
    response = complete(ticket, file_id)
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "invalid_image"
    assert PendingDeletion.objects.filter(reason="deleted").exists()


def test_too_many_frames__are_refused_by_imagekit(ask, send, monkeypatch):
    monkeypatch.setattr(rendering, "MAX_INPUT_PIXELS", 5 * 40 * 30 - 1)
    content = animation("GIF", 5, (40, 30))
    ticket = ask(size=len(content), content_type="image/gif")
    status, answer = send(ticket, content)
    assert status == 400
    assert "too large" in answer["message"]


def test_file__that_imagekit_cannot_transform_is_refused(
    sent, complete, emulator, settings
):
    ticket, file_id = sent(picture_bytes())
    emulator.faults.add(Fault("delivery", "status", status=400))
    response = complete(ticket, file_id)
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["code"] == "too_many_pixels"
    assert str(settings.IMAGEKIT_MAX_PIXELS) in error["detail"]
    assert PendingDeletion.objects.filter(reason="deleted").exists()
    assert not Image.objects.exists()
