import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from images.models import Image
from images.tests.pictures import make_image, picture_bytes

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/"


def test_create__at_the_byte_limit_passes(api, settings):
    settings.UPLOAD_MAX_BYTES = len(picture_bytes())
    assert api.post(URL, {"file": make_image()}, format="multipart").status_code == 201


def test_create__over_the_byte_limit_is_413(api, settings, emulator):
    settings.UPLOAD_MAX_BYTES = len(picture_bytes()) - 1
    response = api.post(URL, {"file": make_image()}, format="multipart")
    assert response.status_code == 413
    assert response.json()["type"] == "client_error"
    assert response.json()["errors"][0]["code"] == "file_too_large"
    assert emulator.requests.counts() == {}


def test_create__far_over_the_limit_is_413_before_the_body_is_read(api, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    body = SimpleUploadedFile("big.jpg", b"\xff" * 3_000_000)
    response = api.post(URL, {"file": body}, format="multipart")
    assert response.status_code == 413
    assert response.json()["errors"][0]["code"] == "file_too_large"


def test_create__over_the_limit_without_a_token_is_413_too(anonymous, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    body = SimpleUploadedFile("big.jpg", b"\xff" * 3_000_000)
    response = anonymous.post(URL, {"file": body}, format="multipart")
    assert response.status_code == 413


def test_create__without_a_length_is_411(api):
    response = api.generic(
        "POST", URL, b"", CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked"
    )
    assert response.status_code == 411
    assert response.json()["errors"][0]["code"] == "length_required"


def test_json__over_its_limit_is_413(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = api.patch("/api/v1/users/me/", {"display_name": "x" * 2000})
    assert response.status_code == 413


@pytest.mark.parametrize(("pixels", "status"), [(64 * 48, 201), (64 * 48 - 1, 400)])
def test_create__is_limited_in_pixels(api, settings, pixels, status):
    settings.UPLOAD_MAX_PIXELS = pixels
    response = api.post(URL, {"file": make_image(64, 48)}, format="multipart")
    assert response.status_code == status
    if status == 400:
        assert response.json()["errors"][0]["code"] == "too_many_pixels"
        assert not Image.objects.exists()


def test_create__with_too_many_parts_is_400(api):
    files = {f"f{number}": make_image() for number in range(12)}
    response = api.post(URL, files, format="multipart")
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "parse_error"


@pytest.mark.parametrize(
    "body", [b"", b"--x", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data"]
)
def test_create__with_a_broken_multipart_body_is_400(api, body):
    response = api.generic("POST", URL, body, "multipart/form-data; boundary=x")
    assert response.status_code == 400


def test_create__with_a_multipart_type_without_boundary_is_400(api):
    response = api.generic("POST", URL, b"abc", "multipart/form-data")
    assert response.status_code == 400
