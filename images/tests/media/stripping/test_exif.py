"""What stays of EXIF data, and what they are said to have told."""

import io
import struct

import pytest
from PIL import Image

from images.media.stripping import strip_metadata
from images.media.stripping.exif import Exif
from images.tests.media.formats import samples as s

FRAME = s.jpeg_frame(9, 9)
TEXTS = (b"Ann\0", b"Bob\0")


def strip(content, image_format, keep=()):
    return strip_metadata(io.BytesIO(content), image_format, keep)


def exif_segment(tiff):
    return s.jpeg_segment(0xE1, b"Exif\0\0" + tiff)


def tiff(*entries, next_directory=0):
    """Return a TIFF structure of one directory; values of up to four bytes."""
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    return head + body + struct.pack("<I", next_directory)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("image_format", ["jpeg", "png"])
def test_strip__keeps_the_orientation_alone(orientation, image_format):
    options = {"exif": s.exif(orientation)}
    stripped = strip(s.save(s.picture(), image_format, **options), image_format).read()

    with Image.open(io.BytesIO(stripped)) as image:
        expected = {} if orientation == 1 else {s.ORIENTATION: orientation}
        assert dict(image.getexif()) == expected
        assert image.getexif().get_ifd(s.GPS) == {}
        assert ("exif" in image.info) == bool(expected)


def test_strip_webp__the_orientation_goes_because_browsers_ignore_it():
    content = s.save(s.picture(), "webp", exif=s.exif(6))

    stripped = strip(content, "webp")

    assert stripped.removed == ["camera", "gps"]
    with Image.open(stripped) as image:
        assert dict(image.getexif()) == {}


@pytest.mark.parametrize(
    ("entry", "kinds"),
    [
        ((0x010F, 2, 4, 0), ["camera"]),
        ((0x0131, 2, 4, 0), ["software"]),
        ((0x0132, 2, 20, 0), ["time"]),
        ((0x010E, 2, 4, 0), ["comment"]),
        ((0x8298, 2, 4, 0), ["copyright"]),
        ((0x8825, 4, 1, 0), ["gps"]),
        ((0x02BC, 1, 4, 0), ["xmp"]),
        ((0x83BB, 7, 4, 0), ["iptc"]),
        ((0x4746, 3, 1, 5), ["other"]),
        ((0x0112, 3, 1, 1), []),
        ((0x011A, 5, 1, 0), []),
        # A pointer into nowhere, and one to the directory that it stands in.
        ((0x8769, 4, 1, 0xFFFFFFF0), []),
        ((0x8769, 4, 1, 8), []),
    ],
)
def test_strip__says_what_exif_data_told(entry, kinds):
    stripped = strip(s.jpeg(exif_segment(tiff(entry)), FRAME, s.SCAN), "jpeg")

    assert stripped.read() == s.jpeg(FRAME, s.SCAN)
    assert stripped.removed == kinds


@pytest.mark.parametrize("data", [b"", b"II*\0", b"nonsense", b"MM\0*\xff\xff\xff\xff"])
def test_strip__takes_damaged_exif_data(data):
    stripped = strip(s.jpeg(exif_segment(data), FRAME, s.SCAN), "jpeg")

    assert stripped.read() == s.jpeg(FRAME, s.SCAN)


def test_strip__a_second_exif_block_goes_and_does_not_count():
    blocks = exif_segment(s.exif(1)[6:]) + exif_segment(s.exif(6)[6:])

    stripped = strip(s.jpeg(blocks, FRAME, s.SCAN), "jpeg")

    assert stripped.read() == s.jpeg(FRAME, s.SCAN)
    assert stripped.removed == ["camera", "gps", "other"]


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        ((0x8298, 2, 4, int.from_bytes(b"Ann\0", "little")), b"Ann\0"),
        ((0x013B, 129, 3, int.from_bytes(b"\xc3\x84\0", "little")), b"\xc3\x84\0"),
        # Outside of the block, and of a type that is no text.
        ((0x8298, 2, 40, 26), None),
        ((0x8298, 4, 1, 26), None),
    ],
)
def test_strip__keeps_a_copyright_that_is_sound(entry, kept):
    content = s.jpeg(exif_segment(tiff(entry)), FRAME, s.SCAN)

    stripped = strip(content, "jpeg", ["copyright"])

    out = stripped.read()
    assert (out == s.jpeg(FRAME, s.SCAN)) == (kept is None)
    assert stripped.removed == ([] if kept else ["copyright"])
    assert (kept or b"") in out


@pytest.mark.parametrize("length", [4096, 4097])
def test_strip__keeps_a_copyright_of_limited_length(length):
    block = tiff((0x8298, 2, length, 26)) + b"A" * (length - 1) + b"\0"

    stripped = strip(s.jpeg(exif_segment(block), FRAME, s.SCAN), "jpeg", ["copyright"])

    assert stripped.removed == ([] if length == 4096 else ["copyright"])
    assert (b"A" * 4095 in stripped.read()) == (length == 4096)


def test_strip__takes_exif_data_with_very_many_entries():
    block = tiff(*[(0x010F, 2, 4, 0)] * 0xFFFF)
    content = s.png(s.png_header(), s.png_chunk(b"eXIf", block), s.PIXEL, s.END)

    stripped = strip(content, "png")

    assert stripped.read() == s.png(s.png_header(), s.PIXEL, s.END)
    assert stripped.removed == ["camera"]


def test_strip__of_two_copyrights_keeps_the_first():
    entries = [(0x8298, 2, 4, int.from_bytes(text, "little")) for text in TEXTS]
    content = s.jpeg(exif_segment(tiff(*entries)), FRAME, s.SCAN)

    stripped = strip(content, "jpeg", ["copyright"])

    out = stripped.read()
    assert TEXTS[0] in out
    assert TEXTS[1] not in out
    assert stripped.removed == ["copyright"]


def test_minimal__puts_values_at_even_offsets():
    """TIFF 6.0, section 2; some readers refuse others."""
    block = Exif(6, {0x013B: (2, b"Annie\0\0"), 0x8298: (2, b"(c) Ann\0")}).minimal()

    offsets = [struct.unpack_from(">I", block, 10 + 12 * n + 8)[0] for n in (1, 2)]
    assert [offset % 2 for offset in offsets] == [0, 0]
    assert block[offsets[0] :].startswith(b"Annie\0\0")
    assert block[offsets[1] :] == b"(c) Ann\0"


def test_strip_png__a_copyright_does_not_reach_into_the_checksum():
    chunk = s.png_chunk(b"eXIf", tiff((0x8298, 2, 6, 26)) + b"Ann")
    content = s.png(s.png_header(), chunk, s.PIXEL, s.END)

    stripped = strip(content, "png", ["copyright"])

    assert stripped.read() == s.png(s.png_header(), s.PIXEL, s.END)
