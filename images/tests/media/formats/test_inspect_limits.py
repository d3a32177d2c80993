import io

import pytest

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage, TooManyFrames, TooManyPixels
from images.tests.media.formats.samples import animation, good_files, picture, save

FORMATS = ["jpeg", "png", "webp", "gif"]


@pytest.mark.parametrize("image_format", FORMATS)
def test_inspect__as_many_pixels_as_allowed(image_format):
    content = save(picture(size=(40, 25)), image_format)

    info = inspect_image(io.BytesIO(content), max_pixels=1000, max_frames=1)

    assert info.width * info.height == 1000


@pytest.mark.parametrize("image_format", FORMATS)
def test_inspect__one_pixel_too_many(image_format):
    content = save(picture(size=(40, 25)), image_format)

    with pytest.raises(TooManyPixels, match="40 x 25 pixels; at most 999 pixels"):
        inspect_image(io.BytesIO(content), max_pixels=999, max_frames=1)


@pytest.mark.parametrize("image_format", ["png", "webp", "gif"])
def test_inspect__as_many_frames_as_allowed(image_format):
    content = animation(image_format, 5)

    info = inspect_image(io.BytesIO(content), max_pixels=1000, max_frames=5)

    assert info.frames == 5


@pytest.mark.parametrize("image_format", ["png", "webp", "gif"])
def test_inspect__one_frame_too_many(image_format):
    content = animation(image_format, 5)

    with pytest.raises(TooManyFrames, match="more than 4 frames"):
        inspect_image(io.BytesIO(content), max_pixels=1000, max_frames=4)


@pytest.mark.parametrize("name", ["jpeg-RGB", "png-RGB", "webp-lossy", "gif-P"])
def test_inspect__too_many_pixels__found_before_the_rest_is_read(name):
    class Counting(io.BytesIO):
        taken = 0

        def read(self, size=-1):
            data = super().read(size)
            self.taken += len(data)
            return data

    file = Counting(good_files()[name] + bytes(1_000_000))

    with pytest.raises(TooManyPixels):
        inspect_image(file, max_pixels=9, max_frames=1)

    assert file.taken < 100_000


def test_errors__are_value_errors_with_a_code():
    assert InvalidImage.code == TooManyFrames.code == "invalid_image"
    assert TooManyPixels.code == "too_many_pixels"
    assert issubclass(TooManyPixels, InvalidImage)
    assert issubclass(TooManyFrames, InvalidImage)
    assert issubclass(InvalidImage, ValueError)
