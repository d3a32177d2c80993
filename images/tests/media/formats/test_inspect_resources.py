"""Memory is bounded, and the time grows no faster than the file."""

import time
import tracemalloc

import pytest

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.formats.reader import CHUNK_SIZE
from images.tests.media.formats import samples as s

MIB = 1024 * 1024
LIMITS = {"max_pixels": 50_000_000, "max_frames": 500}


def fill(part, size):
    return part * (size // len(part))


def jpeg(part, size):
    return s.jpeg(s.jpeg_frame(9, 9), s.SCAN + fill(part, size) + b"\0")


def png(size, *, chunk):
    pixels = s.png_chunk(b"IDAT", bytes(chunk))
    return s.png(s.png_header(), fill(pixels, size), s.END)


def gif(part, size):
    return s.gif(s.gif_image(data=b"\x02" + fill(part, size) + b"\0"))


def webp(size):
    chunk = s.webp_chunk(b"what", bytes(1000))
    return s.webp(s.vp8l(), fill(chunk, size))


def behind(part, size):
    return s.jpeg(s.jpeg_frame(9, 9), s.SCAN) + fill(part, size)


# What 20 MiB can be made of; most of it is what costs a careless reader most.
FILES = {
    "jpeg": lambda size: jpeg(bytes(range(255)), size),
    "jpeg-stuffing": lambda size: jpeg(b"\xff\0", size),
    "jpeg-restarts": lambda size: jpeg(b"\xff\xd0", size),
    "jpeg-fill-in-a-scan": lambda size: jpeg(b"\xff", size),
    "jpeg-fill-in-the-header": lambda size: b"\xff\xd8" + fill(b"\xff", size) + b"\xd9",
    "jpeg-comments": lambda size: s.jpeg(fill(s.jpeg_segment(0xFE, b""), size)),
    "png": lambda size: png(size, chunk=size - 100),
    "png-large-chunks": lambda size: png(size, chunk=8192),
    "png-empty-chunks": lambda size: png(size, chunk=0),
    "gif": lambda size: gif(b"\xff" + bytes(255), size),
    "gif-one-byte-blocks": lambda size: gif(b"\x01x", size),
    "gif-extensions": lambda size: s.gif(fill(b"!\xfe\0", size)),
    "webp": webp,
    "trailing-zeros": lambda size: behind(b"\0", size),
    "trailing-tags": lambda size: behind(b"<", size),
    "trailing-tag-beginnings": lambda size: behind(b"<!doctyp", size),
    "trailing-archive-beginnings": lambda size: behind(b"PK\x05", size),
}


class CountingFile:
    """A file on disk that counts what is read."""

    def __init__(self, path):
        self._file = path.open("rb", buffering=0)
        self.seek, self.tell = self._file.seek, self._file.tell
        self.bytes = self.reads = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._file.close()

    def read(self, size):
        data = self._file.read(size)
        self.bytes += len(data)
        self.reads += 1
        return data


def inspect(file):
    try:
        return inspect_image(file, **LIMITS)
    except InvalidImage as refusal:
        return refusal


@pytest.mark.parametrize("name", FILES)
def test_inspect__large_file__little_memory_and_few_reads(name, tmp_path):
    # Tracing makes the unusual files slow, so they are smaller.
    size = 20 * MIB if name in ("jpeg", "png", "gif", "webp") else 3 * MIB
    path = tmp_path / "image"
    path.write_bytes(FILES[name](size))

    with CountingFile(path) as file:
        tracemalloc.start()
        inspect(file)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert peak < 256 * 1024
    # At most twice: once to walk, once to look for other documents.
    assert file.bytes < 2.1 * size + MIB // 4
    assert file.reads < 2.1 * size / CHUNK_SIZE + 10


@pytest.mark.deep
@pytest.mark.parametrize("name", FILES)
def test_inspect__time_grows_no_faster_than_the_file(name, tmp_path):
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_bytes(FILES[name](MIB))
    long.write_bytes(FILES[name](8 * MIB))

    # Linear is 8, quadratic 64; what is cut off early is less. The addend keeps
    # the very short times from mattering.
    assert seconds(long) < 24 * (seconds(short) + 0.005)


def seconds(path):
    times = []
    for _ in range(3):
        with CountingFile(path) as file:
            start = time.process_time()
            inspect(file)
            times.append(time.process_time() - start)
    return min(times)
