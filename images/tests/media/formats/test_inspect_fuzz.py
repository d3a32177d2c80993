import contextlib
import io
import random
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from images.media.formats import inspect_image
from images.media.formats.exif import parse_orientation
from images.media.formats.info import InvalidImage
from images.tests.hostile import MAGIC
from images.tests.media.formats import samples
from images.tests.media.formats.heif_samples import all_good_files

LIMITS = {"max_pixels": 1_000_000, "max_frames": 50}
NAMES = st.sampled_from(sorted(all_good_files()))
MAGICS = st.sampled_from([b"", *MAGIC.values()])


class ShortReads(io.BytesIO):
    """A file that returns less than asked for, as sockets and pipes do."""

    def __init__(self, content, seed):
        super().__init__(content)
        self._random = random.Random(seed)

    def read(self, size=-1):
        assert size > 0, "The whole file was asked for."
        return super().read(self._random.randint(1, min(size, 50)))


def outcome(file):
    try:
        return inspect_image(file, **LIMITS)
    except InvalidImage as refusal:
        return str(refusal)


@given(magic=MAGICS, rest=st.binary(max_size=300))
def test_inspect__random_bytes(magic, rest):
    outcome(io.BytesIO(magic + rest))


@settings(max_examples=600, deadline=None)
@given(name=NAMES, data=st.data())
def test_inspect__mutated_file(name, data):
    content = bytearray(all_good_files()[name])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = start + data.draw(st.integers(0, 4))
        content[start:end] = data.draw(st.binary(max_size=6))

    info = outcome(io.BytesIO(content))

    if not isinstance(info, str):
        assert 0 < info.size <= len(content)
        assert 1 <= info.orientation <= 8
        assert_same_size_as_oracle(info, bytes(content))


def assert_same_size_as_oracle(info, content):
    """Compare the header with Pillow's view, where Pillow can open the file."""
    with (
        contextlib.suppress(OSError, SyntaxError, ValueError),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(content)) as oracle:
            assert oracle.format.lower() == info.format
            assert sorted(oracle.size) == sorted((info.width, info.height))


@settings(deadline=None)
@given(name=NAMES, seed=st.integers(0, 2**16), end=st.integers(0, 3000))
def test_inspect__short_reads(name, seed, end):
    content = all_good_files()[name][:end]

    assert outcome(ShortReads(content, seed)) == outcome(io.BytesIO(content))


@pytest.mark.parametrize("name", all_good_files())
def test_inspect__short_reads_of_a_good_file(name):
    content = all_good_files()[name] + b"behind\xff\xd9" * 20

    info = inspect_image(ShortReads(content, 1), **LIMITS)

    assert info == inspect_image(io.BytesIO(content), **LIMITS)


@given(st.binary(max_size=100), st.sampled_from([b"", b"Exif\0\0"]))
def test_parse_orientation__random_bytes(rest, prefix):
    for order in (b"II*\0", b"MM\0*", b""):
        assert 1 <= parse_orientation(prefix + order + rest) <= 8


@settings(max_examples=300)
@given(st.data())
def test_parse_orientation__mutated(data):
    content = bytearray(samples.exif(6, data.draw(st.sampled_from("<>"))))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at:] = data.draw(st.binary(max_size=8)) + content[at + 8 :]

    assert 1 <= parse_orientation(bytes(content)) <= 8
