"""Previews of images that were left in place."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image as Picture

from imagekit_emulator.faults import Fault
from images.models import Image
from images.services.remote_previews import fill_previews
from images.tests.pictures import picture_bytes
from images.tests.reconciliation.library import drop_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(kit, upload, import_):
    """Leave a file in place, two days ago; returns the image."""

    def make(content: bytes | None = None) -> Image:
        kit.add_image(kit.add_user(), upload(content))
        import_("--leave-in-place")
        long_ago = timezone.now() - timedelta(days=2)
        Image.objects.update(updated_at=long_ago)
        return Image.objects.get()

    return make


def test_preview__comes_from_the_worker(place):
    image = place()
    assert fill_previews(10) == 1
    image.refresh_from_db()
    assert image.placeholder
    assert image.dominant_color
    assert (image.width, image.height, image.version) == (64, 48, 1)
    assert fill_previews(10) == 0


@pytest.mark.parametrize(
    ("sides", "orientation", "shown"),
    [
        ((80, 40), 6, (40, 80)),
        ((40, 80), 8, (80, 40)),
        ((80, 40), 3, (80, 40)),
        ((500, 499), 1, (500, 499)),
        ((499, 500), 1, (499, 500)),
    ],
)
def test_preview__mends_the_sides_of_a_turned_photo(place, sides, orientation, shown):
    exif, file = Picture.Exif(), BytesIO()
    exif[0x0112] = orientation
    Picture.linear_gradient("L").resize(sides).save(file, "JPEG", exif=exif)
    image = place(file.getvalue())
    assert (image.width, image.height) == sides
    assert fill_previews(10) == 1
    image.refresh_from_db()
    assert (image.width, image.height) == shown


def test_preview__of_a_picture_that_imagekit_cannot_transform(place, emulator):
    image = place()
    emulator.faults.add(Fault("delivery", "status", status=400, every=1))
    assert fill_previews(10) == 0
    image.refresh_from_db()
    assert image.delivered_as_is
    assert image.missing_since is None


def test_preview__of_a_file_that_kit_backend_has_deleted(place, emulator):
    image = place()
    drop_files(emulator, [image.file.name.partition("~")[2].removesuffix(".jpg")])
    assert fill_previews(10) == 0
    image.refresh_from_db()
    assert image.missing_since
    assert not image.delivered_as_is
    emulator.requests.clear()
    assert fill_previews(10) == 0
    assert emulator.requests.counts() == {}


@pytest.mark.parametrize("status", [401, 404, 503])
def test_preview__is_tried_again_after_other_errors(place, emulator, status):
    image = place()
    emulator.faults.add(Fault("delivery", "status", status=status, every=1))
    assert fill_previews(10) == 0
    image.refresh_from_db()
    assert (image.missing_since, image.delivered_as_is) == (None, False)
    emulator.faults.clear()
    assert fill_previews(10) == 1


def test_preview__of_the_newest_first(kit, place, upload, import_):
    place(picture_bytes())
    kit.add_image(1, upload(), created_at=None)
    import_("--leave-in-place")
    assert fill_previews(1) == 1
    newest = Image.objects.order_by("-pk").first()
    assert newest.placeholder
