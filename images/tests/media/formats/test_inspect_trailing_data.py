import io
import os
import struct

import pytest

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.formats.reader import CHUNK_SIZE
from images.tests.media.formats.samples import gif, gif_image, good_files

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


@pytest.mark.parametrize(
    "tag",
    [
        b"<svg>",
        b"<HTML ",
        b"<script\t",
        b"<!DocType html",
        b"<?PHP",
        b"%PDF-",
        b"Rar!\x1a\x07",
    ],
)
@pytest.mark.parametrize("distance", [0, 1, 5, CHUNK_SIZE, 3 * CHUNK_SIZE])
def test_inspect__document_in_trailing_data(tag, distance):
    content = good_files()["png-RGB"]
    # Try every way that the tag can lie across the end of a chunk.
    starts = [distance] if distance < 9 else range(distance - 20, distance + 20)

    for start in starts:
        with pytest.raises(InvalidImage, match="another kind of document"):
            inspect_image(io.BytesIO(content + b"\n" * start + tag), **LIMITS)


@pytest.mark.parametrize("distance", range(CHUNK_SIZE - 4, CHUNK_SIZE + 1))
def test_inspect__archive_across_the_end_of_a_chunk(distance):
    content = good_files()["png-RGB"]
    empty_archive = b"PK\x05\x06" + bytes(18)

    with pytest.raises(InvalidImage, match="another kind of document"):
        inspect_image(
            io.BytesIO(content + b"\n" * (distance - len(content)) + empty_archive),
            **LIMITS,
        )


def zip_end(length, offset):
    return b"PK\x05\x06" + bytes(8) + struct.pack("<IIH", length, offset, 0)


@pytest.mark.parametrize(
    "archive",
    [
        b"PK\x01\x02" + bytes(42) + zip_end(46, 0xFFFF),
        zip_end(0, 0),
        b"PK\x06\x07" + bytes(16) + zip_end(0xFFFFFFFF, 0xFFFFFFFF),
    ],
    ids=["directory-before-its-end", "empty", "large"],
)
def test_inspect__archive_in_trailing_data(archive):
    with pytest.raises(InvalidImage, match="another kind of document"):
        inspect_image(io.BytesIO(good_files()["gif-P"] + archive), **LIMITS)


def test_inspect__archive_with_its_directory_elsewhere():
    image = good_files()["gif-P"]
    directory = b"PK\x01\x02" + bytes(42)
    archive = directory + bytes(9) + zip_end(46, len(image))

    with pytest.raises(InvalidImage, match="another kind of document"):
        inspect_image(io.BytesIO(image + archive), **LIMITS)


def test_inspect__many_ends_of_archives():
    content = good_files()["png-RGB"] + (b"PK\x05\x06" + b"\x77" * 18) * 100

    with pytest.raises(InvalidImage, match="another kind of document"):
        inspect_image(io.BytesIO(content), **LIMITS)


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
