"""Multipart forms that other parsers repair silently."""

import io
import random

import pytest
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest

from images.models import Image
from images.tests.pictures import picture_bytes
from mediabackend.api.forms import MultiPartParser

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
URL = "/api/v1/images/"
BOUNDARY = "Xy-12"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(disposition: bytes, content: bytes) -> bytes:
    start = b"--Xy-12\r\nContent-Disposition: form-data; "
    return start + disposition + b"\r\n\r\n" + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--Xy-12--\r\n"


PICTURE = part(b'name="file"; filename="a.jpg"', picture_bytes())


def post(api, *parts: bytes, type: str = TYPE):
    return api.generic("POST", URL, form(*parts), content_type=type)


@pytest.mark.parametrize("text", [b"M\xfcnchen", b"\xff", b"\xed\xa0\x80", b"a\xc3"])
def test_text__that_is_not_utf8_is_400(api, text):
    response = post(api, PICTURE, part(b'name="caption"', text))
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["attr"], error["code"]) == ("caption", "invalid")
    assert not Image.objects.exists()


@pytest.mark.parametrize("text", ["München ☃ 🏔", "\ufffd", "plain"])
def test_text__in_utf8_is_kept(api, text):
    response = post(api, PICTURE, part(b'name="caption"', text.encode()))
    assert response.status_code == 201
    assert response.json()["caption"] == text


def test_name_of_a_field__that_is_not_utf8_is_400(api):
    response = post(api, PICTURE, part(b'name="capti\xf6n"', b"a"))
    assert response.status_code == 400


@pytest.mark.parametrize(
    "name",
    [
        b'"M\xfcnchen.jpg"',
        b'"/"',
        b'".."',
        b'"C:\\photos\\a.jpg"',
        b'"C:\\photos\\"',
        b'"a\\"b;c.jpg"',
        b"a.jpg",
        b'"' + b"x" * 700 + b'"',
        b"\"a.jpg\"; filename*=UTF-8''%ff",
        b"\"a.jpg\"; filename*=unknown''a",
        b'"a.jpg"; FileName*0=a; filename*1=b',
    ],
)
def test_name_of_a_file__never_makes_it_missing(api, name):
    response = post(
        api, part(b'name="file"; filename=' + name, picture_bytes()), type=TYPE
    )
    assert response.status_code == 201, response.content


@pytest.mark.parametrize("name", [b'""', b""])
def test_file__that_was_not_chosen_is_missing(api, name):
    response = post(api, part(b'name="file"; filename=' + name, b""))
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "file"


def test_file__keeps_bytes_that_look_like_a_header(api):
    content = picture_bytes() + b'\r\n\r\nx; filename="a.jpg"\r\n\r\n'
    assert parsed(form(part(b'name="file"; filename="b"', content)), 10_000) == content


@pytest.mark.parametrize("size", [*range(1, 40), 97, 1000])
def test_form__may_arrive_in_pieces_of_any_size(size):
    content = random.Random(size).randbytes(3000) + b"\r\n--Xy-1\r\n--Xy"
    body = form(
        part(b'name="caption"', "ü".encode()),
        part(b'name="file"; filename="M\xfcnchen"', content),
    )
    assert parsed(body, size) == content


def parsed(body: bytes, size: int) -> bytes:
    """Return the file in a form that is read in pieces of `size` bytes."""
    handler = MemoryFileUploadHandler()
    request = HttpRequest()
    request.upload_handlers = [handler]
    request.META = {"CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": TYPE}

    class Slow(io.BytesIO):
        def read(self, wanted=-1):
            return super().read(size)

    found = MultiPartParser().parse(Slow(body), TYPE, {"request": request})
    return found.files["file"].read()
