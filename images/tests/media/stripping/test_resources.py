"""Little memory whatever the file, and a file that others can read as any other."""

import io
import tracemalloc

import httpx
import pytest

from images.media.formats.info import InvalidImage
from images.media.stripping import strip_metadata
from images.tests.media.formats import samples as s

MIB = 1024 * 1024
COMMENT = s.jpeg_segment(0xFE, b"")
TABLE = s.jpeg_segment(0xDB, b"")
# 99,990 segments of which every second goes: the most pieces that there can be.
PIECES = 49_995


def photo(size):
    noise = bytes(range(255)) * (size // 255)
    exif = s.jpeg_segment(0xE1, s.exif(6))
    return s.jpeg(exif, s.jpeg_frame(9, 9), s.SCAN + noise)


def pieces():
    return s.jpeg(s.jpeg_frame(9, 9), s.SCAN, (COMMENT + TABLE) * PIECES)


def frame_of_pieces():
    unknown, alpha = s.webp_chunk(b"what", b""), s.webp_chunk(b"ALPH", b"")
    frame = s.anmf((unknown + alpha) * (PIECES - 5), s.vp8l())
    return s.webp(s.vp8x(1, 1, flags=2), s.ANIM, frame)


FILES = {
    "photo": (lambda: photo(20 * MIB), "jpeg"),
    "pieces": (pieces, "jpeg"),
    "frame-of-pieces": (frame_of_pieces, "webp"),
    "exif-blocks": (lambda: s.jpeg(exif_blocks(), s.jpeg_frame(9, 9), s.SCAN), "jpeg"),
    "texts": (lambda: s.png(s.png_header(), texts(), s.PIXEL, s.END), "png"),
}


def exif_blocks():
    # The count of the directory is wrong: as many entries as there can be.
    return s.jpeg_segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(64_000)) * 99


def texts():
    return s.png_chunk(b"zTXt", bytes(100_000)) * 30


@pytest.mark.parametrize("name", FILES)
def test_strip__takes_little_memory(name, tmp_path):
    make, image_format = FILES[name]
    path = tmp_path / "image"
    path.write_bytes(make())

    with path.open("rb") as file:
        tracemalloc.start()
        stripped = strip_metadata(file, image_format)
        size = sum(len(chunk) for chunk in stripped.chunks())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert size == stripped.size
    assert peak < MIB


def test_strip__of_many_pieces_is_right():
    stripped = strip_metadata(io.BytesIO(pieces()), "jpeg")

    expected = s.jpeg(s.jpeg_frame(9, 9), s.SCAN, TABLE * PIECES)
    assert stripped.read() == expected


def test_strip__of_too_many_segments_is_refused():
    content = s.jpeg(s.jpeg_frame(9, 9), s.SCAN, (COMMENT + TABLE) * 50_001)

    with pytest.raises(InvalidImage):
        strip_metadata(io.BytesIO(content), "jpeg")


@pytest.fixture
def original():
    return io.BytesIO(photo(200_000))


@pytest.fixture
def stripped(original):
    return strip_metadata(original, "jpeg")


def test_stripped_file__reads_from_anywhere(stripped):
    whole = stripped.read()
    assert stripped.read() == b""
    for position in (*range(60), 100_000, stripped.size - 1, stripped.size):
        assert stripped.seek(position) == position == stripped.tell()
        assert stripped.read(70_000) == whole[position : position + 70_000]
    assert stripped.seek(0, io.SEEK_END) == stripped.size
    assert stripped.seek(-2, io.SEEK_END) == stripped.size - 2
    assert stripped.seek(1, io.SEEK_CUR) == stripped.size - 1
    assert stripped.read() == whole[-1:]


def test_stripped_file__chunks_begin_at_the_start(stripped):
    whole = stripped.read()
    assert b"".join(stripped.chunks(1000)) == whole
    assert b"".join(stripped.chunks()) == whole


def test_stripped_file__does_not_mind_where_the_original_is(stripped, original):
    whole = stripped.read()
    stripped.seek(0)
    first = stripped.read(10)
    original.seek(12_345)
    assert first + stripped.read() == whole


def test_stripped_file__closed_leaves_the_original_open(stripped, original):
    stripped.close()
    assert stripped.closed
    assert not original.closed


def test_stripped_file__of_a_file_that_became_shorter_is_an_error(stripped, original):
    original.truncate(1000)
    with pytest.raises(OSError, match="shorter"):
        stripped.read()


def test_stripped_file__is_sent_with_its_length(tmp_path):
    """The file on disk below has a length of its own, which must not be sent."""
    path = tmp_path / "image"
    path.write_bytes(photo(200_000))
    with path.open("rb") as original:
        check_request(strip_metadata(original, "jpeg"))


def check_request(stripped):
    request = httpx.Request("POST", "http://x", files={"file": ("a.jpg", stripped)})

    whole = stripped.read()
    body = b"".join(request.stream)
    assert int(request.headers["Content-Length"]) == len(body)
    assert whole in body
