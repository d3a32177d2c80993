import io
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageOps

from images.media.formats import inspect_image
from images.media.formats.info import ImageInfo
from images.tests.media.formats.samples import (
    animation,
    exif,
    good_files,
    picture,
    save,
)

LIMITS = {"max_pixels": 50_000_000, "max_frames": 500}
FORMATS = ("jpeg", "png", "webp", "gif")
WITH_EXIF = ("jpeg", "png")


@pytest.mark.parametrize("name", good_files())
def test_inspect__good_file(name):
    content = good_files()[name]
    with Image.open(io.BytesIO(content)) as oracle:
        # Browsers do not turn WebP files.
        turns = oracle.format != "WEBP"
        shown = ImageOps.exif_transpose(oracle) if turns else oracle
        expected = ImageInfo(
            format=oracle.format.lower(),
            width=shown.width,
            height=shown.height,
            orientation=oracle.getexif().get(0x0112, 1) if turns else 1,
            frames=getattr(oracle, "n_frames", 1),
            size=len(content),
        )
        in_scans = bool(oracle.info.get("progressive"))

    found = inspect_image(io.BytesIO(content), **LIMITS)
    assert replace(found, scans=1) == expected
    assert (found.scans > 1) == in_scans
    assert expected.format == name.split("-")[0]


@pytest.mark.parametrize("order", ["<", ">"], ids=["little-endian", "big-endian"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("image_format", WITH_EXIF)
def test_inspect__orientation(image_format, orientation, order):
    content = save(picture(), image_format, exif=exif(orientation, order))

    info = inspect_image(io.BytesIO(content), **LIMITS)

    with Image.open(io.BytesIO(content)) as oracle:
        shown = ImageOps.exif_transpose(oracle)
    assert info.orientation == orientation
    assert (info.width, info.height) == shown.size


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (257, 129)])
@pytest.mark.parametrize("image_format", FORMATS)
def test_inspect__size(image_format, size):
    content = save(picture(size=size), image_format)

    info = inspect_image(io.BytesIO(content), **LIMITS)

    assert (info.width, info.height) == size


@pytest.mark.parametrize("count", [2, 7, 30])
@pytest.mark.parametrize("image_format", ["png", "webp", "gif"])
def test_inspect__animation(image_format, count):
    content = animation(image_format, count)

    assert inspect_image(io.BytesIO(content), **LIMITS).frames == count


@pytest.mark.parametrize("name", ["jpeg-RGB", "png-RGB", "gif-P", "webp-lossy"])
def test_inspect__name_and_position_do_not_matter(name):
    file = io.BytesIO(good_files()[name])
    file.name = "page.html"
    file.seek(11)

    info = inspect_image(file, **LIMITS)

    assert info.format == name.split("-")[0]
    assert file.tell() == 0


def test_inspect__jpeg_with_its_height_repeated():
    # DNL comes after the first scan, whose data end where the marker begins.
    content = good_files()["jpeg-RGB"]
    lines = b"\xff\xdc\x00\x04\x00\x09"

    info = inspect_image(io.BytesIO(content[:-2] + lines + content[-2:]), **LIMITS)

    assert (info.height, info.size) == (9, len(content) + len(lines))


def test_inspect__jpeg_with_fill_bytes():
    content = good_files()["jpeg-progressive"].replace(b"\xff\xda", b"\xff\xff\xff\xda")

    assert inspect_image(io.BytesIO(content), **LIMITS).size == len(content)


def test_inspect__django_upload():
    upload = SimpleUploadedFile("a.txt", good_files()["png-RGB"], "text/plain")

    assert inspect_image(upload, **LIMITS).format == "png"
    assert upload.read(4) == b"\x89PNG"
