import io

import pytest

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.stripping import strip_metadata
from images.tests.media.formats.heif_samples import all_good_files
from images.tests.media.stripping.photographs import decoded

LIMITS = {"max_pixels": 50_000_000, "max_frames": 500}


@pytest.mark.parametrize("name", all_good_files())
def test_truncated_at_every_byte__is_refused_unless_all_pixels_are_there(name):
    content = all_good_files()[name]
    pixels = list(decoded(stored(content)))

    for end in range(len(content)):
        try:
            out = stored(content[:end])
        except InvalidImage:
            continue
        frames = list(decoded(out))
        # What ends between two frames of a GIF file is a shorter animation.
        assert frames[1:] == pixels[1 : len(frames)]
        assert name.startswith("gif-animated") or frames == pixels


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("jpeg-RGB", 2),
        ("jpeg-progressive", 0),
        ("png-RGB", 12),
        ("gif-P", 1),
        ("webp-lossy", 0),
        ("avif", 0),
        ("heic", 0),
    ],
)
def test_truncated__an_end_that_is_missing_is_added(name, ends):
    content = all_good_files()[name]
    without_end = content[: len(content) - (ends or 2)]

    if ends:
        assert stored(without_end) == stored(content)
    else:
        with pytest.raises(InvalidImage):
            stored(without_end)


@pytest.mark.parametrize("name", all_good_files())
def test_inspect__truncated__file_is_rewound(name):
    file = io.BytesIO(all_good_files()[name][:20])

    with pytest.raises(InvalidImage):
        inspect_image(file, **LIMITS)

    assert file.tell() == 0


def stored(content):
    """Return what is stored of an upload."""
    info = inspect_image(io.BytesIO(content), **LIMITS)
    return strip_metadata(io.BytesIO(content), info.format).read()
