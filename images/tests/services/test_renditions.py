"""The URLs of renditions, their delivery, and the cost of building them."""

import re
import sys
from io import BytesIO

import pytest
from django.core.checks import run_checks
from PIL import Image as Picture

from images.models import Image
from images.services.renditions import build_urls
from images.tests.api.measure_urls import PAGE, build_page, cpu_milliseconds, make_page

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


def renditions_of(api, image) -> dict[str, str]:
    return api.get(f"/api/v1/images/{image.pk}/").json()["renditions"]


def test_renditions__are_never_wider_than_the_original(api, stored_image):
    renditions = renditions_of(api, stored_image(width=500, height=100))
    assert "tr=w-100,h-100,fo-auto,f-auto" in renditions["thumbnail"]
    assert "tr=w-320,f-auto" in renditions["small"]
    assert "tr=w-500,f-auto" in renditions["medium"]
    assert "tr=w-500,f-auto" in renditions["large"]
    widths = [entry.split()[1] for entry in renditions["srcset"].split(", ")]
    assert widths == ["320w", "500w"]


def test_renditions__of_a_large_image_end_at_2048(api, stored_image):
    renditions = renditions_of(api, stored_image(width=3000, height=20))
    widths = [entry.split()[1] for entry in renditions["srcset"].split(", ")]
    assert widths == ["320w", "640w", "960w", "1280w", "1600w", "2048w"]


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_renditions__are_delivered_as_wide_as_they_say(
    api, stored_image, deliver, visibility
):
    image = stored_image(width=700, height=400, visibility=visibility)
    renditions = renditions_of(api, image)
    entries = [entry.split() for entry in renditions.pop("srcset").split(", ")]
    expected = {url: int(width.removesuffix("w")) for url, width in entries}
    expected[renditions["small"]] = 320
    expected[renditions["medium"]] = 640
    expected[renditions["large"]] = 700
    for url, width in expected.items():
        status, body = deliver(url)
        assert (status, Picture.open(BytesIO(body)).width) == (200, width)
    thumbnail = Picture.open(BytesIO(deliver(renditions["thumbnail"])[1]))
    assert thumbnail.size == (320, 320)


def test_private_urls__are_worth_nothing_when_altered_or_expired(
    api, stored_image, deliver
):
    image = stored_image(visibility="private")
    body = api.get(f"/api/v1/images/{image.pk}/").json()
    for url in (body["url"], *body["renditions"]["srcset"].split(", ")):
        good = url.split()[0]
        assert deliver(good)[0] == 200
        assert deliver(good.partition("?")[0])[0] == 401
        path, _, signature = good.rpartition("ik-s=")
        assert deliver(f"{path}ik-s={signature[::-1]}")[0] == 401
        later = re.sub(r"ik-t=\d+", "ik-t=9999999998", good)
        assert deliver(later)[0] == 401
    # The storage signs it, but for a time that is over.
    assert deliver(image.storage.url(image.file.name, now=1))[0] == 401


def test_urls__are_absolute(api, stored_image):
    body = api.get(f"/api/v1/images/{stored_image().pk}/").json()
    assert body["url"].startswith("http://testserver/")
    for entry in body["renditions"]["srcset"].split(", "):
        assert entry.startswith("http://testserver/")


@pytest.mark.parametrize("parameter", ["tr", "transformation", "width", "renditions"])
def test_renditions__are_not_for_clients_to_choose(api, stored_image, parameter):
    url = f"/api/v1/images/{stored_image().pk}/"
    assert api.get(url, {parameter: "w-7"}).json() == api.get(url).json()


@pytest.mark.parametrize(
    ("name", "preset"),
    [
        ("small", {"width": 0}),
        ("small", {"width": "320"}),
        ("small", {}),
        ("small", {"width": 320, "blur": 9}),
        ("large", {"width": 1_000_000}),
        ("srcset", {"widths": ()}),
        ("srcset", {"widths": (640, 320)}),
        ("huge", {"width": 4000}),
    ],
)
def test_check__refuses_a_table_that_cannot_work(settings, name, preset):
    assert not run_checks(tags=["files"])
    settings.IMAGE_RENDITIONS = {**settings.IMAGE_RENDITIONS, name: preset}
    assert {found.id for found in run_checks(tags=["files"])} == {"images.E004"}


def test_thumbnail__without_smart_crop_shows_the_centre(
    api, stored_image, settings, deliver
):
    image = stored_image(width=500, height=100)
    table = settings.IMAGE_RENDITIONS
    assert "fo-auto" in renditions_of(api, image)["thumbnail"]
    thumbnail = table["thumbnail"] | {"smart_crop": False}
    settings.IMAGE_RENDITIONS = {**table, "thumbnail": thumbnail}
    assert not run_checks(tags=["files"])
    url = renditions_of(api, image)["thumbnail"]
    assert "tr=w-100,h-100,f-auto" in url
    assert "fo-auto" not in str(renditions_of(api, image))
    assert deliver(url)[0] == 200


def test_check__misses_a_rendition(settings):
    table = settings.IMAGE_RENDITIONS
    settings.IMAGE_RENDITIONS = {name: table[name] for name in ("small", "srcset")}
    assert {found.id for found in run_checks(tags=["files"])} == {"images.E004"}


@pytest.mark.parametrize(
    ("visibility", "bound"), [("public", 1.0), ("private", 3.0)], ids=str
)
def test_urls__of_a_page_cost_little(visibility, bound):
    # Twice the bound that a quiet machine keeps, at its best of many times.
    assert cpu_milliseconds(make_page(visibility)) < 2 * bound


@pytest.mark.parametrize("visibility", ["public", "private"])
def test_urls__of_an_image_are_made_in_few_calls(visibility):
    """Calls are counted, as their number is always the same."""
    calls = 0

    def count(frame, event, arg) -> None:
        nonlocal calls
        calls += event == "call"

    page = make_page(visibility)
    build_page(page)
    sys.setprofile(count)
    try:
        build_page(page)
    finally:
        sys.setprofile(None)
    assert calls / PAGE < {"public": 80, "private": 130}[visibility]


def test_renditions__share_a_url_where_they_are_the_same():
    image = Image(file="u/a~id.jpg", width=10, height=10)
    assert len({*build_urls(image)[1].values()} - {""}) == 3
