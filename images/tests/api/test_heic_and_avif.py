"""HEIC and AVIF are taken like other formats, and delivered as others."""

import hashlib
import io
import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture

from images.models import Image
from images.tests.pictures import make_image, picture_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
URL = "/api/v1/images/"
ACCEPTED = ["*/*", "image/avif,image/webp,image/apng,image/*,*/*;q=0.8", "image/jpeg"]
BOTH = pytest.mark.parametrize("format", ["heic", "avif"])


@pytest.fixture
def upload(api):
    def send(format: str, name: str = "upload.bin", type: str = "", **fields):
        content = picture_bytes(700, 400, format)
        file = SimpleUploadedFile(name, content, type or "application/octet-stream")
        response = api.post(URL, {"file": file, **fields}, format="multipart")
        assert response.status_code == 201, response.content
        return response.json()

    return send


def urls_of(body) -> dict[str, int]:
    """Return the URLs of an answer, and the widths that they promise."""
    renditions = dict(body["renditions"])
    entries = [entry.split() for entry in renditions.pop("srcset").split(", ")]
    widths = {url: int(width.removesuffix("w")) for url, width in entries}
    return widths | {
        body["url"]: body["width"],
        renditions["small"]: 320,
        renditions["medium"]: 640,
        renditions["large"]: 700,
        renditions["thumbnail"]: 320,
    }


@BOTH
@pytest.mark.parametrize(
    ("name", "type"),
    [("a.jpg", "image/jpeg"), ("IMG.HEIC", ""), ("a.heif", "image/heif"), ("a", "")],
)
def test_create__finds_the_format_in_the_bytes(upload, format, name, type):
    body = upload(format, name, type)
    assert (body["format"], body["width"], body["height"]) == (format, 700, 400)
    assert Image.objects.get().file.name.endswith(f".{format}")


@BOTH
@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("visibility", ["public", "private"])
def test_urls__show_in_browsers(upload, client, format, accept, visibility):
    for url, width in urls_of(upload(format, visibility=visibility)).items():
        response = client.get(url, HTTP_ACCEPT=accept)
        assert response.status_code == 200
        assert response["Content-Type"] != "image/heic"
        assert Picture.open(BytesIO(response.getvalue())).width == width
        if accept == "image/jpeg":
            assert response["Content-Type"] == "image/jpeg"


@BOTH
def test_replacement__is_taken(api, stored_image, format):
    image = stored_image()
    file = make_image(80, 50, format)
    response = api.patch(f"{URL}{image.pk}/", {"file": file}, format="multipart")
    assert response.status_code == 200
    assert response.json()["format"] == format


@BOTH
def test_visibility__moves_the_same_bytes(api, upload, format):
    body = upload(format)
    before = Image.objects.get()
    response = api.patch(f"{URL}{body['id']}/", {"visibility": "private"})
    assert response.status_code == 200
    after = Image.objects.get()
    assert after.file.name != before.file.name
    assert (after.sha256, after.format) == (before.sha256, format)


@BOTH
def test_export__has_the_stored_original(api, upload, format):
    body = upload(format)
    export = api.get("/api/v1/users/me/export/")
    with zipfile.ZipFile(io.BytesIO(export.getvalue())) as archive:
        content = archive.read(f"images/{body['id']}.{format}")
    assert len(content) == len(picture_bytes(700, 400, format))
    assert hashlib.sha256(content).hexdigest() == Image.objects.get().sha256


def test_limits__name_both(api):
    assert api.get("/api/v1/uploads/limits/").json()["formats"][-2:] == ["heic", "avif"]


@pytest.mark.parametrize(("format", "output"), [("heic", "f-jpg"), ("avif", "f-auto")])
def test_urls__ask_for_another_format_whatever_the_account_does(upload, format, output):
    for url in urls_of(upload(format)):
        assert url.rpartition("tr=")[2].split(",")[-1] == output
