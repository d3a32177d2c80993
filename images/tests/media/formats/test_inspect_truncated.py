import io

import pytest

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.tests.media.formats.heif_samples import all_good_files

LIMITS = {"max_pixels": 50_000_000, "max_frames": 500}


@pytest.mark.parametrize("name", all_good_files())
def test_inspect__truncated_at_every_byte(name):
    content = all_good_files()[name]

    accepted = [end for end in range(len(content)) if is_accepted(content[:end])]

    assert accepted == []
    assert is_accepted(content)


@pytest.mark.parametrize("name", all_good_files())
def test_inspect__truncated__file_is_rewound(name):
    file = io.BytesIO(all_good_files()[name][:-1])

    with pytest.raises(InvalidImage):
        inspect_image(file, **LIMITS)

    assert file.tell() == 0


def is_accepted(content):
    try:
        inspect_image(io.BytesIO(content), **LIMITS)
    except InvalidImage:
        return False
    return True
