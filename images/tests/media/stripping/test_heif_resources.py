"""HEIC and AVIF: little memory and little time, whatever the tables say."""

import io
import time
import tracemalloc

import pytest

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.stripping import strip_metadata
from images.tests.media.formats.large_heifs import NAMES, large_heif

MIB = 1024 * 1024
LARGE_TABLES = ("extents", "items", "exif-items", "boxes", "tiles")


def process(file, image_format):
    """Do all that is done with an upload; returns the bytes that are stored."""
    try:
        inspect_image(file, max_pixels=10**8, max_frames=9)
        stripped = strip_metadata(file, image_format)
    except InvalidImage:
        return 0
    return sum(len(chunk) for chunk in stripped.chunks())


@pytest.mark.parametrize("name", NAMES)
def test_heif__takes_little_memory(name, tmp_path):
    content, image_format = large_heif(name, 20 * MIB if name == "photo" else 3 * MIB)
    path = tmp_path / "image"
    path.write_bytes(content)

    with path.open("rb") as file:
        tracemalloc.start()
        process(file, image_format)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    # The tables are in memory, so what has the most entries takes the most.
    assert peak < (8 * MIB if name in LARGE_TABLES else MIB)


def test_heif__a_photo_of_20_mib_is_stored_whole():
    content, image_format = large_heif("photo", 20 * MIB)

    assert process(io.BytesIO(content), image_format) == len(content)


@pytest.mark.parametrize("name", NAMES)
def test_heif__takes_little_time(name):
    content, image_format = large_heif(name, 3 * MIB)
    start = time.process_time()

    process(io.BytesIO(content), image_format)

    assert time.process_time() - start < 2
