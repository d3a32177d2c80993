"""Metadata that a camera writes into a picture is not stored."""

import json
import shutil
import subprocess
from io import BytesIO

import pytest
from PIL import Image as Picture
from PIL import ImageCms
from PIL.PngImagePlugin import PngInfo

from images.tests.consistency.sides import remote_files

pytestmark = pytest.mark.django_db

MARKS = (b"SECRETCAMERA", b"SECRETCOMMENT", b"SECRETXMP", b"GPS")


def photo(format: str, orientation: int = 6) -> bytes:
    """Return a picture of 40 by 20 pixels with a position and a camera in its metadata.

    Its left half is red: as displayed, after a turn to the right, the upper one.
    """
    picture = Picture.new("RGB", (40, 20), "blue")
    picture.paste("red", (0, 0, 20, 20))
    exif = Picture.Exif()
    exif[0x010F] = "SECRETCAMERA"
    exif[0x0112] = orientation
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (52.0, 31.0, 12.0)
    gps[3], gps[4] = "E", (13.0, 24.0, 18.0)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": exif, "icc_profile": profile}
    if format in ("jpeg", "webp"):
        options["xmp"] = b"<x:xmpmeta>SECRETXMP</x:xmpmeta>"
    if format == "jpeg":
        options["comment"] = b"SECRETCOMMENT"
    if format == "png":
        info = PngInfo()
        info.add_text("Comment", "SECRETCOMMENT")
        options["pnginfo"] = info
    out = BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


@pytest.fixture
def stored(sent, complete):
    """Upload directly; returns the image's data and the bytes that are stored."""

    def make(format: str, **options):
        content = photo(format, **options)
        ticket, file_id = sent(content, content_type=f"image/{format}")
        body = complete(ticket, file_id).json()
        (file,) = remote_files().values()
        return body, file.content

    return make


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_metadata__is_gone_and_the_picture_stands_upright(stored, format):
    body, content = stored(format)
    assert not [mark for mark in MARKS if mark in content]
    picture = Picture.open(BytesIO(content))
    assert not picture.getexif()
    assert picture.format.lower() == body["format"] == format
    assert (body["width"], body["height"]) == picture.size == (20, 40)
    red, green, blue = picture.convert("RGB").getpixel((10, 5))
    assert red > 200 > 60 > max(green, blue)
    assert picture.info["icc_profile"]
    assert body["size"] == len(content)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_measures__are_those_of_the_picture_as_displayed(stored, orientation):
    body, _ = stored("jpeg", orientation=orientation)
    sideways = orientation >= 5
    assert (body["width"], body["height"]) == ((20, 40) if sideways else (40, 20))


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_metadata__exiftool_finds_none(stored, tmp_path):
    path = tmp_path / "stored.jpg"
    path.write_bytes(stored("jpeg")[1])
    command = ["exiftool", "-json", "-G1", "-a", "-u", str(path)]
    output = subprocess.run(command, check=True, capture_output=True).stdout
    groups = {name.partition(":")[0] for name in json.loads(output)[0]}
    # Of the file, its encoding and its colours.
    known = {"SourceFile", "ExifTool", "System", "File", "JFIF", "Composite"}
    assert {name for name in groups if not name.startswith("ICC")} <= known
