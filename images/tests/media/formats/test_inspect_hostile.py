import io
import zipfile

import pytest

from images.media.formats import inspect_image
from images.media.formats.info import NOT_AN_IMAGE, InvalidImage
from images.media.stripping import strip_metadata
from images.tests.hostile import hostile_uploads

LIMITS = {"max_pixels": 50_000_000, "max_frames": 500}


def inspect_and_strip(file):
    strip_metadata(file, inspect_image(file, **LIMITS).format)


@pytest.mark.parametrize("upload", hostile_uploads(), ids=lambda upload: upload.name)
def test_inspect__hostile_upload(upload):
    file = io.BytesIO(upload.content)

    with pytest.raises(InvalidImage) as refusal:
        inspect_and_strip(file)

    assert refusal.value.code == upload.code
    assert str(refusal.value).isascii()


def test_hostile_uploads__are_small_and_have_names_of_their_own():
    uploads = hostile_uploads()

    assert len({upload.name for upload in uploads}) == len(uploads) > 100
    assert max(len(upload.content) for upload in uploads) < 200_000


def test_hostile_uploads__archives_can_be_opened():
    archives = [
        upload.name
        for upload in hostile_uploads()
        if zipfile.is_zipfile(io.BytesIO(upload.content))
    ]

    assert archives == [
        "zip",
        "polyglot-jpeg-zip-in-a-profile",
        "polyglot-png-zip-in-a-profile",
        "polyglot-heic-zip-in-the-pixels",
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("empty", "The file is empty."),
        ("wav-as-webp", NOT_AN_IMAGE),
        ("mp4-as-heic", NOT_AN_IMAGE),
        ("html-as-jpeg", NOT_AN_IMAGE),
        ("gif-magic-and-nothing", "The file is truncated."),
    ],
)
def test_inspect__message(name, message):
    contents = {upload.name: upload.content for upload in hostile_uploads()}

    with pytest.raises(InvalidImage) as refusal:
        inspect_image(io.BytesIO(contents[name]), **LIMITS)

    assert str(refusal.value) == message
