import io
import struct

import pytest

from images.media.formats import inspect_image
from images.media.formats.exif import parse_orientation
from images.tests.media.formats import samples as s

LIMITS = {"max_pixels": 1000, "max_frames": 1}
ORIENTATION, ASCII, SHORT = 0x0112, 2, 3


def tiff(*entries, order="<", directory=8):
    """Write a TIFF structure; an entry is tag, type, count and value."""
    header = {"<": b"II*\0", ">": b"MM\0*"}[order]
    rows = b"".join(struct.pack(order + "HHIH2x", *entry) for entry in entries)
    count = struct.pack(order + "H", len(entries))
    return header + struct.pack(order + "I", directory) + count + rows


SIX = tiff((ORIENTATION, SHORT, 1, 6))


@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"], ids=["bare", "prefixed"])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("value", range(1, 9))
def test_parse_orientation__valid(value, order, prefix):
    entries = [(0x010F, 2, 1, 0), (ORIENTATION, SHORT, 1, value), (0x0131, 2, 1, 0)]

    assert parse_orientation(prefix + tiff(*entries, order=order)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Exif\0\0",
        b"II",
        b"II*\0\x08\0\0\0",
        b"XX" + SIX[2:],
        b"II\0*" + SIX[4:],
        SIX[:-1],
        tiff((ORIENTATION, SHORT, 1, 0)),
        tiff((ORIENTATION, SHORT, 1, 9)),
        tiff((ORIENTATION, SHORT, 2, 6)),
        tiff((ORIENTATION, SHORT, 0, 6)),
        tiff((ORIENTATION, ASCII, 1, 6)),
        tiff((0x0113, SHORT, 1, 6)),
        tiff((ORIENTATION, SHORT, 1, 6), directory=0xFFFFFFFF),
        tiff((ORIENTATION, SHORT, 1, 9), (ORIENTATION, SHORT, 1, 6)),
    ],
)
def test_parse_orientation__malformed__upright(data):
    assert parse_orientation(data) == 1


def inspected(content):
    return inspect_image(io.BytesIO(content), **LIMITS).orientation


def test_inspect__jpeg__first_exif_counts():
    two = [
        s.jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>"),
        s.jpeg_segment(0xE1, b"Exif\0\0" + SIX),
        s.jpeg_segment(0xE1, b"Exif\0\0" + tiff((ORIENTATION, SHORT, 1, 3))),
    ]

    assert inspected(s.jpeg(*two, s.jpeg_frame(2, 3), s.SCAN)) == 6


def test_inspect__jpeg__exif_needs_its_prefix():
    segment = s.jpeg_segment(0xE1, SIX)

    assert inspected(s.jpeg(segment, s.jpeg_frame(2, 3), s.SCAN)) == 1


@pytest.mark.parametrize("size", [100, 200_000], ids=["short", "long"])
def test_inspect__png__exif_behind_the_pixels(size):
    chunk = s.png_chunk(b"eXIf", SIX + bytes(size))

    assert inspected(s.png(s.png_header(), s.PIXEL, chunk, s.END)) == 6


def test_inspect__png__entry_belongs_to_the_next_chunk():
    # The directory promises an entry that lies behind the end of the chunk.
    chunk = s.png_chunk(b"eXIf", SIX[:10]) + s.png_chunk(b"abCd", SIX[10:])

    assert inspected(s.png(s.png_header(), s.PIXEL, chunk, s.END)) == 1


@pytest.mark.parametrize("flags", [0, 8])
def test_inspect__webp__exif_does_not_count(flags):
    chunk = s.webp_chunk(b"EXIF", SIX)

    assert inspected(s.webp(s.vp8x(2, 3, flags), s.vp8l(2, 3), chunk)) == 1


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(
    ("kind", "code"), [(1, "B"), (4, "I"), (6, "b"), (8, "h"), (9, "i")]
)
def test_parse_orientation__of_any_type_of_number(kind, code, order):
    number = struct.pack(order + code, 6).ljust(4, b"\0")
    entry = struct.pack(order + "HHI", ORIENTATION, kind, 1) + number
    plain = tiff((ORIENTATION, SHORT, 1, 0), order=order)

    assert parse_orientation(plain[:10] + entry) == 6
    assert parse_orientation(plain[:10] + entry[:8] + b"\xff" * 4) == 1
