"""Nothing private of a file reaches ImageKit, whichever way it is sent."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow

from images.models import Image, image_path
from images.tests.media.formats import samples as s
from images.tests.media.stripping.photographs import private
from images.tests.pictures import make_image

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/"
ALL = ["c2pa", "camera", "comment", "copyright", "gps", "iptc", "other", "software"]
ALL += ["thumbnail", "time", "trailing_data", "xmp"]


@pytest.fixture
def photo(photos):
    return photos["baseline.jpg"]


def upload(content):
    return SimpleUploadedFile("photo.jpg", content, "image/jpeg")


def test_create__what_can_be_downloaded_says_nothing(api, photo, deliver, exiftool):
    body = api.post(URL, {"file": upload(photo)}, format="multipart").json()

    names = {"original.jpg": body["url"] + "?tr=orig-true", "url.jpg": body["url"]}
    names["all.jpg"] = body["url"] + "?tr=w-30,md-true"
    downloads = {name: deliver(url)[1] for name, url in names.items()}
    assert "GPS:GPSLatitude" in exiftool({"a.jpg": photo})["a.jpg"]
    for tags in exiftool(downloads).values():
        assert private(tags) <= {"IFD0:Orientation"}
    assert body["removed_metadata"] == ALL
    assert body["size"] == len(downloads["original.jpg"]) < len(photo)
    image = Image.objects.get()
    assert (image.size, image.storage.size(image.file.name)) == (body["size"],) * 2
    # As displayed: the orientation still turns it.
    assert (body["width"], body["height"]) == (43, 61)
    with Pillow.open(io.BytesIO(downloads["original.jpg"])) as stored:
        assert stored.getexif()[0x0112] == 6


def test_create__of_what_would_become_a_document_is_400(api, emulator):
    """Without the comment the first 1024 bytes hold what makes it a PDF."""
    content = s.jpeg(
        s.jpeg_segment(0xFE, bytes(2000)),
        s.jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01%PDF-1.4"),
        s.jpeg_frame(9, 9),
        s.SCAN,
    )
    answer = api.post(URL, {"file": upload(content)}, format="multipart")

    assert answer.status_code == 400
    error = answer.json()["errors"][0]
    assert (error["code"], error["attr"]) == ("invalid_image", "file")
    assert emulator.requests.counts() == {}


@pytest.mark.parametrize("method", ["put", "patch"])
def test_replace__removes_metadata_too(api, stored_image, photo, deliver, method):
    image = stored_image()
    send = getattr(api, method)

    answer = send(f"{URL}{image.pk}/", {"file": upload(photo)}, format="multipart")

    body = answer.json()
    assert body["removed_metadata"] == ALL
    stored = deliver(body["url"] + "?tr=orig-true")[1]
    assert body["size"] == len(stored) == Image.objects.get().size
    assert b"Maker" not in stored


def test_create__of_a_file_without_metadata_removes_nothing(api):
    answer = api.post(URL, {"file": make_image()}, format="multipart")

    assert answer.json()["removed_metadata"] == []


def test_patch__without_a_file_says_null(api, stored_image):
    answer = api.patch(f"{URL}{stored_image().pk}/", {"caption": "Sea"})

    assert answer.json()["removed_metadata"] is None


def test_read__does_not_speak_of_it(api, photo):
    body = api.post(URL, {"file": upload(photo)}, format="multipart").json()

    assert "removed_metadata" not in api.get(f"{URL}{body['id']}/").json()
    assert "removed_metadata" not in api.get(URL).json()["results"][0]


def test_create__repeated_with_its_key_gives_the_same_answer(api, photo):
    answers = [
        api.post(
            URL,
            {"file": upload(photo)},
            format="multipart",
            headers={"Idempotency-Key": "one"},
        )
        for _ in range(2)
    ]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert answers[0].json() == answers[1].json()
    assert answers[1].json()["removed_metadata"] == ALL


def test_create__keeps_what_the_setting_names(api, photo, settings, deliver, exiftool):
    settings.KEEP_METADATA = ["copyright"]
    body = api.post(URL, {"file": upload(photo)}, format="multipart").json()

    seen = exiftool({"a.jpg": deliver(body["url"] + "?tr=orig-true")[1]})["a.jpg"]
    rights = {"IFD0:Artist", "IFD0:Copyright", "IFD0:Orientation"}
    assert private(seen) == rights


@pytest.fixture
def stored_before(user):
    """Store a file as versions did that removed nothing; returns the image."""

    def make(content: bytes) -> Image:
        image = Image(owner=user, width=43, height=61, format="jpeg", size=len(content))
        image.file = image.storage.save(image_path(image), ContentFile(content))
        image.save()
        return image

    return make


def test_move__cleans_a_file_that_was_stored_before(api, stored_before, photo, deliver):
    image = stored_before(photo)

    answer = api.patch(f"{URL}{image.pk}/", {"visibility": "private"})

    body = answer.json()
    assert body["removed_metadata"] == ALL
    moved = Image.objects.get()
    stored = deliver(moved.url("orig-true"))[1]
    assert b"Maker" in photo
    assert b"Maker" not in stored
    assert moved.size == body["size"] == len(stored)


def test_move__of_a_damaged_file_is_503_and_changes_nothing(api, stored_before):
    image = stored_before(b"no image")

    answer = api.patch(f"{URL}{image.pk}/", {"visibility": "private"})

    assert answer.status_code == 503
    assert Image.objects.get().visibility == "unlisted"
