"""What stays of a JPEG file and what goes, segment by segment."""

import io

import pytest
from PIL import Image

from images.media.formats.jpeg import segments
from images.media.formats.reader import Reader
from images.media.stripping import strip_metadata
from images.tests.media.formats import samples as s
from images.tests.media.stripping.photographs import JUMBF

FRAME = s.jpeg_frame(9, 9)
JFIF = s.jpeg_segment(0xE0, b"JFIF\0\x01\x02\x01\0\x48\0\x48\0\0")
ADOBE = s.jpeg_segment(0xEE, b"Adobe\0\x64\0\0\0\0\x02")
ICC = s.jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01profile")


def strip(content):
    return strip_metadata(io.BytesIO(content), "jpeg")


@pytest.mark.parametrize(
    ("segment", "kind"),
    [
        (s.jpeg_segment(0xFE, b"words"), "comment"),
        (s.jpeg_segment(0xE0, b"JFXX\0\x10thumbnail"), "thumbnail"),
        (s.jpeg_segment(0xE0, b"AVI1\0"), "other"),
        (s.jpeg_segment(0xE0, b"JFIF\0\x01\x02"), "other"),
        (s.jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"), "xmp"),
        (s.jpeg_segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0"), "xmp"),
        (s.jpeg_segment(0xE1, b"whatever"), "other"),
        (s.jpeg_segment(0xE2, b"MPF\0II*\0"), "trailing_data"),
        (s.jpeg_segment(0xE2, b"FPXR\0"), "other"),
        (s.jpeg_segment(0xEB, b"JP" + JUMBF), "c2pa"),
        (s.jpeg_segment(0xEB, b"HDR_RI"), "other"),
        (s.jpeg_segment(0xED, b"Photoshop 3.0\x008BIM"), "iptc"),
        (s.jpeg_segment(0xEC, b""), "other"),
        (s.jpeg_segment(0xEE, b"Adobe too short"[:11]), "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_strip_jpeg__removes(segment, kind):
    rest = [ADOBE, FRAME, s.SCAN]

    for content in (s.jpeg(segment, *rest), s.jpeg(*rest, segment)):
        stripped = strip(content)

        assert stripped.read() == s.jpeg(*rest)
        assert stripped.removed == [kind]


def test_strip_jpeg__keeps_what_decides_the_colours():
    content = s.jpeg(JFIF, ADOBE, ICC, ICC, FRAME, s.SCAN)

    stripped = strip(content)

    assert stripped.read() == content
    assert stripped.removed == []


def test_strip_jpeg__jfif_loses_its_thumbnail_and_comes_first():
    with_thumbnail = s.jpeg_segment(0xE0, JFIF[4:-2] + b"\x01\x01rgb")

    stripped = strip(s.jpeg(ADOBE, with_thumbnail, FRAME, s.SCAN))

    assert stripped.read() == s.jpeg(JFIF, ADOBE, FRAME, s.SCAN)
    assert stripped.removed == ["thumbnail"]


def test_strip_jpeg__a_jfif_segment_behind_a_scan_does_not_come_to_count():
    """It would make decoders take RGB for YCbCr."""
    stripped = strip(s.jpeg(FRAME, s.SCAN, JFIF, s.SCAN))

    assert stripped.read() == s.jpeg(FRAME, s.SCAN, s.SCAN)


def test_strip_jpeg__adobe_loses_what_follows_the_transform():
    longer = s.jpeg_segment(0xEE, ADOBE[4:] + b"and more")

    stripped = strip(s.jpeg(longer, FRAME, s.SCAN))

    assert stripped.read() == s.jpeg(ADOBE, FRAME, s.SCAN)
    assert stripped.removed == ["other"]


def test_strip_jpeg__the_orientation_stands_behind_jfif():
    content = s.jpeg(JFIF, FRAME, s.jpeg_segment(0xE1, s.exif(6)), s.SCAN)

    stripped = strip(content).read()

    kinds = [segment.kind for segment in segments(Reader(io.BytesIO(stripped)))]
    assert kinds[:4] == [b"\xd8", b"\xe0", b"\xe1", b"\xc0"]


def test_strip_jpeg__the_motion_pictures_of_phones_go():
    first, second = s.frames(2)
    content = s.save(first, "MPO", save_all=True, append_images=[second])

    stripped = strip(content)

    assert stripped.removed == ["trailing_data"]
    with Image.open(stripped) as image, Image.open(io.BytesIO(content)) as before:
        assert (image.format, before.n_frames) == ("JPEG", 2)
        assert image.tobytes() == before.tobytes()
