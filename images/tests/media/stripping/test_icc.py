"""Colour profiles lose what tells of one device, and no colour changes."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from images.media.stripping import strip_metadata
from images.tests.media.formats import samples as s
from images.tests.media.formats.heif_boxes import box, heif
from images.tests.media.formats.heif_samples import coded, with_properties
from images.tests.media.stripping.photographs import ICC

MMOD = b"mmod" + bytes(4) + b"SERIAL NUMBER 4711"
DATE = bytes.fromhex("07e8 0005 0006 0007 0008 0009".replace(" ", ""))


def profile_of_a_screen(*tags, shared=b""):
    """Return the sRGB profile with private tags; `shared` is a tag of rTRC's data."""
    count = int.from_bytes(ICC[128:132], "big")
    old = [ICC[132 + 12 * n : 144 + 12 * n] for n in range(count)]
    table = [(o[:4], *struct.unpack(">II", o[4:])) for o in old]
    shift = 12 * (len(tags) + bool(shared))
    table = [(kind, offset + shift, size) for kind, offset, size in table]
    if shared:
        table.append((shared, *next(row[1:] for row in table if row[0] == b"rTRC")))
    data = ICC[132 + 12 * count :]
    for tag in tags:
        table.append((tag[:4], 132 + 12 * count + shift + len(data), len(tag)))
        data += tag
    head = ICC[:24] + DATE + ICC[36:84] + b"\x11" * 16 + ICC[100:128]
    rows = b"".join(struct.pack(">4sII", *row) for row in table)
    body = head[4:] + struct.pack(">I", len(table)) + rows + data
    return struct.pack(">I", len(body) + 4) + body


SCREEN = profile_of_a_screen(MMOD, b"vcgt" + bytes(4) + b"CALIBRATION", shared=b"aarg")
PICTURE = s.picture(size=(61, 43))


def in_gif(profile):
    parts = [profile[at : at + 255] for at in range(0, len(profile), 255)]
    blocks = b"".join(bytes([len(part)]) + part for part in parts)
    return s.gif(b"!\xff\x0bICCRGBG1012" + blocks + b"\0", s.gif_image())


def in_parts(profile):
    """Cut the profile within the private data, and turn the parts around."""
    parts = [profile[:-20], profile[-20:]]
    segments = [
        s.jpeg_segment(0xE2, b"ICC_PROFILE\0" + bytes([number, 2]) + part)
        for number, part in enumerate(parts, 1)
    ]
    return s.jpeg(*reversed(segments), s.jpeg_frame(9, 9), s.SCAN)


FILES = {
    "jpeg": s.save(PICTURE, "JPEG", icc_profile=SCREEN),
    "png": s.save(PICTURE, "PNG", icc_profile=SCREEN),
    "webp": s.save(PICTURE, "WEBP", icc_profile=SCREEN),
    "avif": s.save(PICTURE, "AVIF", icc_profile=SCREEN),
    "gif": in_gif(SCREEN),
    "heic": heif(
        with_properties(coded("hvc1"), box(b"colr", b"prof", SCREEN)), codec="hvc1"
    ),
}


def strip(content, image_format):
    return strip_metadata(io.BytesIO(content), image_format)


def inflated(content):
    """Return a file with the profile as it is read, also where it is compressed."""
    if content.startswith(b"\x89PNG"):
        start = content.index(b"iCCP") + 4
        return zlib.decompress(content[content.index(b"\0\0", start) + 2 :])
    if content.startswith(b"GIF"):
        start = content.index(b"ICCRGBG1012") + 11
        data = b""
        while length := content[start]:
            data += content[start + 1 : start + 1 + length]
            start += 1 + length
        return data
    return content


@pytest.mark.parametrize("image_format", FILES)
def test_strip_icc__a_screen_is_not_told(image_format):
    content = FILES[image_format]
    assert b"4711" in inflated(content)

    stripped = strip(content, image_format)

    out = inflated(stripped.read())
    assert stripped.removed == ["other"]
    for private in (b"4711", b"CALIBRATION", DATE, b"\x11" * 16):
        assert private not in out
    assert b"acsp" in out


@pytest.mark.parametrize("image_format", ["jpeg", "webp", "avif", "gif", "heic"])
def test_strip_icc__has_the_same_length(image_format):
    content = FILES[image_format]

    assert strip(content, image_format).size == len(content)


@pytest.mark.parametrize("image_format", ["jpeg", "png", "webp", "avif"])
def test_strip_icc__colours_are_the_same(image_format):
    with Image.open(strip(FILES[image_format], image_format)) as image:
        cleaned = image.info["icc_profile"]

    assert len(cleaned) == len(SCREEN)
    assert transformed(cleaned) == transformed(SCREEN)


def transformed(profile):
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    target = ImageCms.createProfile("LAB")
    return ImageCms.profileToProfile(
        PICTURE, source, target, outputMode="LAB"
    ).tobytes()


def test_strip_icc__a_profile_in_parts():
    stripped = strip(in_parts(SCREEN), "jpeg").read()

    assert b"CALIB" not in stripped
    assert b"RATION" not in stripped
    assert len(stripped) == len(in_parts(SCREEN))


@pytest.mark.parametrize("image_format", FILES)
def test_strip_icc__a_second_time_changes_nothing(image_format):
    once = strip(FILES[image_format], image_format).read()

    twice = strip(once, image_format)

    assert twice.read() == once
    assert twice.removed == []


@pytest.mark.parametrize("image_format", ["jpeg", "png", "webp", "avif"])
def test_strip_icc__a_common_profile_loses_its_date_unsaid(image_format):
    stripped = strip(s.save(PICTURE, image_format, icc_profile=ICC), image_format)

    assert stripped.removed == []
    with Image.open(stripped) as image:
        profile = image.info["icc_profile"]
    assert profile == ICC[:24] + bytes(12) + ICC[36:84] + bytes(16) + ICC[100:]


@pytest.mark.parametrize(
    "profile",
    [b"", b"profile" * 40, ICC[:100], ICC[:140], ICC[:128] + b"\xff" * 400],
    ids=["empty", "text", "half-a-header", "half-a-table", "lengths-past-the-end"],
)
def test_strip_icc__takes_damaged_profiles(profile):
    segment = s.jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile)
    content = s.jpeg(segment, s.jpeg_frame(9, 9), s.SCAN)

    assert strip(content, "jpeg").size == len(content)


@pytest.mark.parametrize(
    "data", [b"x\0\0" + zlib.compress(bytes(2**21)), b"x\0\0" + b"no zlib", b"x"]
)
def test_strip_icc__png_keeps_what_it_cannot_read(data):
    content = s.png(s.png_header(), s.png_chunk(b"iCCP", data), s.PIXEL, s.END)

    stripped = strip(content, "png")

    assert stripped.read() == content
    assert stripped.removed == []


def test_strip_icc__png_keeps_one_profile():
    chunk = s.png_chunk(b"iCCP", b"x")

    stripped = strip(s.png(s.png_header(), chunk, chunk, s.PIXEL, s.END), "png")

    assert stripped.read() == s.png(s.png_header(), chunk, s.PIXEL, s.END)
    assert stripped.removed == ["other"]
