"""Whatever the bytes: no crash, and what an inspection takes stays what it was."""

import contextlib
import io
import warnings

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.stripping import strip_metadata
from images.media.stripping.plan import Kind
from images.tests.hostile import MAGIC
from images.tests.media.formats import samples as s
from images.tests.media.formats.heif_samples import all_good_files
from images.tests.media.formats.samples import good_files

LIMITS = {"max_pixels": 1_000_000, "max_frames": 50}
KEEPS = st.sampled_from([[], ["copyright"], ["c2pa"], ["copyright", "c2pa"]])
NAMES = st.sampled_from(sorted(all_good_files()))


@given(
    image_format=st.sampled_from(sorted(MAGIC)),
    rest=st.binary(max_size=300),
)
def test_strip__random_bytes(image_format, rest):
    with contextlib.suppress(InvalidImage):
        strip_metadata(io.BytesIO(MAGIC[image_format] + rest), image_format).read()


@settings(max_examples=500, deadline=None)
@given(name=NAMES, keep=KEEPS, data=st.data())
def test_strip__mutated_file(name, keep, data):
    content = bytearray(all_good_files()[name])
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = start + data.draw(st.integers(0, 4))
        content[start:end] = data.draw(st.binary(max_size=6))

    check(bytes(content), keep)


@settings(max_examples=200, deadline=None)
@given(
    bodies=st.lists(
        st.tuples(
            st.sampled_from([0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE, 0xFE]),
            st.sampled_from([b"", b"JFIF\0", b"Exif\0\0", b"Adobe", b"JP", b"MPF\0"]),
            st.binary(max_size=40) | st.just(s.exif(6)[6:]),
        ),
        max_size=5,
    ),
    at=st.integers(0, 3),
    keep=KEEPS,
)
def test_strip__any_segments_in_a_jpeg(bodies, at, keep):
    parts = [good_files()["jpeg-RGB"][2:]]
    others = [s.jpeg_segment(marker, name + body) for marker, name, body in bodies]
    parts[0:0] = others[:at]

    check(b"\xff\xd8" + b"".join(parts) + b"".join(others[at:]), keep)


def check(content, keep):
    try:
        before = inspect_image(io.BytesIO(content), **LIMITS)
    except InvalidImage:
        return
    try:
        stripped = strip_metadata(io.BytesIO(content), before.format, keep)
    except InvalidImage as error:
        reasons = "another kind", "its items overlap", "truncated"
        assert any(reason in str(error) for reason in reasons)  # noqa: PT017
        return
    out = stripped.read()
    after = inspect_image(io.BytesIO(out), **LIMITS)
    again = strip_metadata(io.BytesIO(out), before.format, keep)

    assert len(out) == stripped.size == after.size
    assert facts(after) == facts(before)
    assert again.read() == out
    assert again.removed == []
    assert set(stripped.removed) <= {kind.value for kind in Kind} - set(keep) | {
        "copyright"  # of which what is damaged does go
    }
    pixels = decode(content)
    if pixels is not None:
        # Of a GIF file with an unknown block, browsers show the frames before it.
        assert decode(out) == pixels[: after.frames]


def facts(info):
    return info.format, info.width, info.height, info.orientation, info.frames


def decode(content):
    """Return every frame as Pillow decodes it, or None if it cannot."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content)) as image:
                frames = []
                for number in range(getattr(image, "n_frames", 1)):
                    image.seek(number)
                    duration = image.info.get("duration")
                    frames.append((image.size, image.mode, duration, image.tobytes()))
                return frames
    except (
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        IndexError,
        TypeError,
        RuntimeError,
    ):
        return None
