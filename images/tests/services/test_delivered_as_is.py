"""Pictures with more pixels than ImageKit transforms, or of extreme shapes."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture

from images.models import Image
from images.services.renditions import build_urls
from images.tests.media.formats.samples import animation
from images.tests.pictures import make_image

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/"
FRAMES = 5


@pytest.fixture
def upload(api, settings):
    """Upload an animation of 5 frames of 40 x 30, and of one pixel too many."""
    settings.IMAGEKIT_MAX_PIXELS = FRAMES * 40 * 30 - 1

    def send(format: str = "GIF", **fields):
        content = animation(format, FRAMES, (40, 30))
        file = SimpleUploadedFile("a", content)
        return api.post(URL, {"file": file, **fields}, format="multipart")

    return send


def all_urls(body) -> set[str]:
    renditions = dict(body["renditions"])
    (entry,) = renditions.pop("srcset").split(", ")
    url, width = entry.split()
    assert width == f"{body['width']}w"
    return {body["url"], url, *renditions.values()}


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG", "AVIF"])
@pytest.mark.parametrize("visibility", ["public", "private"])
def test_large_animation__is_delivered_as_it_is(upload, deliver, format, visibility):
    (url,) = all_urls(upload(format, visibility=visibility).json())
    status, content = deliver(url)
    picture = Picture.open(BytesIO(content))
    assert (status, picture.format, picture.n_frames) == (200, format, FRAMES)


def test_animation__within_the_limit_is_transformed(upload, settings):
    settings.IMAGEKIT_MAX_PIXELS += 1
    body = upload().json()
    assert "tr" not in body["url"]
    assert "f-auto" in body["renditions"]["small"]


def test_change_of_visibility__keeps_it(api, upload):
    url = f"{URL}{upload().json()['id']}/"
    (moved,) = all_urls(api.patch(url, {"visibility": "private"}).json())
    assert "tr=orig-true" in moved


def test_replacement__decides_anew(api, upload):
    url = f"{URL}{upload().json()['id']}/"
    body = api.patch(url, {"file": make_image()}, format="multipart").json()
    assert "orig-true" not in body["renditions"]["small"]


def test_heic__that_no_url_could_show_is_refused(api, settings):
    settings.IMAGEKIT_MAX_PIXELS = 64 * 48 - 1
    file = make_image(64, 48, "heic")
    response = api.post(URL, {"file": file}, format="multipart")
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert error["code"] == "too_many_pixels"
    assert str(settings.IMAGEKIT_MAX_PIXELS) in error["detail"]
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    ("width", "height", "widths"),
    [
        (1000, 60_000, ["273w"]),
        (2000, 20_000, ["320w", "640w", "960w", "1280w", "1600w", "1638w"]),
        (60_000, 1000, ["320w", "640w", "960w", "1280w", "1600w", "2048w"]),
        (1, 100, ["1w"]),
    ],
)
def test_extreme_shapes__get_renditions_that_webp_can_hold(width, height, widths):
    image = Image(file="u/a~id.png", width=width, height=height, format="png")
    renditions = build_urls(image)[1]
    entries = [entry.split() for entry in renditions["srcset"].split(", ")]
    assert [label for _, label in entries] == widths
    for url, label in entries:
        assert f"tr=w-{label[:-1]}," in url
        assert int(label[:-1]) * height // width <= 16_383


def test_lines__are_delivered_whole():
    image = Image(file="u/a~id.png", width=2, height=50_000, format="png")
    url, renditions = build_urls(image)
    assert renditions.pop("thumbnail")
    assert renditions == {
        **dict.fromkeys(("small", "medium", "large"), url),
        "srcset": f"{url} 2w",
    }


@pytest.mark.parametrize("width", [65_536, 70_000])
def test_sides__over_the_limit_of_imagekit_are_delivered_as_they_are(api, width):
    response = api.post(URL, {"file": make_image(width, 2, "png")}, format="multipart")
    assert response.status_code == 201
    (url,) = all_urls(response.json())
    assert "orig-true" in url
