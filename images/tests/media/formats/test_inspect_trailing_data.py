import io
import os
import struct

import pytest

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.formats.reader import CHUNK_SIZE
from images.media.stripping import strip_metadata
from images.tests.media.formats.samples import (
    END,
    PIXEL,
    gif,
    gif_image,
    good_files,
    png,
    png_chunk,
    png_header,
)
from images.tests.polyglots import harmless_polyglots

LIMITS = {"max_pixels": 50_000_000, "max_frames": 500}
STILL = ["jpeg-RGB", "png-RGB", "gif-P", "webp-lossy"]
TRAILERS = {
    "a second image": good_files()["jpeg-exif"],
    "a video": b"\0\0\0\x18ftypmp42\0\0\0\0isommp42" + bytes(range(256)) * 400,
    "a phone's directory": b"\0\0\x01\x0aMotionPhoto_Data"
    + b"SEFH"
    + bytes(40)
    + b"SEFT",
    "metadata": b'<?xml version="1.0"?><x:xmpmeta xmlns:x="adobe:ns:meta/"/>',
    "the letters of a tag": b"<svga <scripted <htmlx <!doctypes",
    "the signature of an archive": b"PK\x05\x06" + b"\x77" * 30,
    "half an archive's end": b"PK\x05\x06" + bytes(17),
    "one byte": b"\n",
    "zeros": bytes(3 * CHUNK_SIZE),
}


@pytest.mark.parametrize("trailer", TRAILERS)
@pytest.mark.parametrize("name", STILL)
def test_inspect__trailing_data_are_not_counted(name, trailer):
    content = good_files()[name]

    info = inspect_image(io.BytesIO(content + TRAILERS[trailer]), **LIMITS)

    assert info == inspect_image(io.BytesIO(content), **LIMITS)
    assert info.size == len(content)


@pytest.mark.parametrize("name", harmless_polyglots())
def test_inspect__a_document_in_what_is_never_stored(name):
    content, stored = harmless_polyglots()[name]

    info = inspect_image(io.BytesIO(content), **LIMITS)
    stripped = strip_metadata(io.BytesIO(content), info.format)

    assert stripped.read() == stored


def zip_end(length, offset):
    return b"PK\x05\x06" + bytes(8) + struct.pack("<IIH", length, offset, 0)


def refuse(png_profile):
    """Put the data in a colour profile, which is stored."""
    chunk = png_chunk(b"iCCP", b"x\0\0" + png_profile)
    content = png(png_header(), chunk, PIXEL, END)
    with pytest.raises(InvalidImage, match="another kind of document"):
        strip_metadata(io.BytesIO(content), "png")


@pytest.mark.parametrize("distance", range(CHUNK_SIZE - 80, CHUNK_SIZE - 40))
def test_strip__archive_across_the_end_of_a_chunk(distance):
    refuse(b"\n" * distance + b"PK\x05\x06" + bytes(18))


@pytest.mark.parametrize(
    "archive",
    [
        b"PK\x01\x02" + bytes(42) + zip_end(46, 0xFFFF),
        zip_end(0, 0),
        b"PK\x06\x07" + bytes(16) + zip_end(0xFFFFFFFF, 0xFFFFFFFF),
        # Its directory is elsewhere: behind 44 bytes of the image.
        b"PK\x01\x02" + bytes(51) + zip_end(46, 44),
        # Too many to check each.
        (b"PK\x05\x06" + b"\x77" * 18) * 100,
    ],
    ids=["directory-before-its-end", "empty", "large", "apart", "many-ends"],
)
def test_strip__archive_in_the_image(archive):
    refuse(archive)


@pytest.mark.parametrize("name", ["png-text", "jpeg-xmp"])
def test_inspect__markup_within_the_image(name):
    content = good_files()[name]

    assert b"<x:xmpmeta" in content
    assert inspect_image(io.BytesIO(content), **LIMITS).size == len(content)


def test_inspect__image_followed_by_its_like():
    content = gif(gif_image()) * 2

    assert inspect_image(io.BytesIO(content), **LIMITS).size == len(content) // 2


def test_inspect__noise_behind_the_image():
    content = good_files()["jpeg-RGB"] + os.urandom(4096).replace(b"<", b">")

    assert inspect_image(io.BytesIO(content), **LIMITS).format == "jpeg"
