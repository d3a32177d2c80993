"""Pictures are known again by their bits, and told apart from others."""

import random
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image as Picture

from images.media.previews import perceptual_hash
from images.models import RemovedPicture
from images.screening.copies import NEAR, find_similar_removed, refuse_removed

pytestmark = pytest.mark.django_db


def photo(seed: int, width: int = 640, height: int = 480) -> Picture.Image:
    """Return soft shapes that `seed` decides, as a photo has."""
    small = Picture.frombytes("L", (8, 6), random.Random(seed).randbytes(48))
    return small.resize((width, height), Picture.Resampling.BICUBIC).convert("RGB")


def distance(one: int, other: int) -> int:
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def recompressed(picture: Picture.Image) -> Picture.Image:
    out = BytesIO()
    picture.save(out, "jpeg", quality=30)
    return Picture.open(out)


@pytest.mark.parametrize(
    "alter", [lambda p: p.resize((123, 92)), recompressed, lambda p: p.convert("L")]
)
def test_hash__of_an_altered_copy_is_near(alter):
    for seed in range(20):
        original = photo(seed)
        altered = perceptual_hash(alter(original))
        assert distance(perceptual_hash(original), altered) <= NEAR


def test_hash__of_other_pictures_is_far():
    hashes = [perceptual_hash(photo(seed)) for seed in range(20)]
    pairs = [(a, b) for n, a in enumerate(hashes) for b in hashes[n + 1 :]]
    assert min(distance(a, b) for a, b in pairs) > NEAR


@pytest.mark.parametrize("known", [0, 1, -1, -(1 << 63), (1 << 63) - 1])
def test_similar__counts_bits_on_this_database(known):
    removed = RemovedPicture.objects.create(
        image_id=uuid4(), reason="spam", perceptual_hash=known
    )

    def flipped(bits: int) -> int:
        number = (known ^ (1 << bits) - 1) & (1 << 64) - 1
        return number - (1 << 64) if number >> 63 else number

    assert find_similar_removed(known) == removed
    assert find_similar_removed(flipped(NEAR)) == removed
    assert find_similar_removed(flipped(NEAR + 1)) is None


def test_similar__takes_the_nearest():
    for number in (0b111, 0b1):
        RemovedPicture.objects.create(
            image_id=uuid4(), reason="spam", perceptual_hash=number
        )
    assert find_similar_removed(0).perceptual_hash == 0b1


def test_nothing__is_like_the_unknown():
    RemovedPicture.objects.create(image_id=uuid4(), reason="spam")
    refuse_removed("", "somebody")
    assert find_similar_removed(None) is None
    assert find_similar_removed(0) is None
