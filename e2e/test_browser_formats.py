"""Every URL of a HEIC or AVIF picture shows in a real browser."""

import io

import pytest
from PIL import Image

from e2e.api_client import fetch
from e2e.pictures import WARM, animation, quarters

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]

WIDTH_OF = """url => new Promise((resolve, reject) => {
    const picture = new Image();
    picture.onload = () => resolve(picture.naturalWidth);
    picture.onerror = () => reject(new Error(`not shown: ${url}`));
    picture.src = url;
})"""


@pytest.mark.parametrize("format", ["HEIC", "AVIF"])
@pytest.mark.parametrize("visibility", ["public", "private"])
def test_urls__show_in_chromium(gunicorn, make_member, page, format, visibility):
    content = quarters(WARM, (800, 600), format)
    image = make_member(gunicorn).upload(content, visibility=visibility)
    assert image["format"] == format.lower()
    renditions = image["renditions"]
    widths = {image["url"]: 800, renditions["thumbnail"]: 320}
    widths |= {renditions["medium"]: 640, renditions["large"]: 800}
    for entry in renditions["srcset"].split(", "):
        url, width = entry.split()
        widths[url] = int(width.removesuffix("w"))
    for url, width in widths.items():
        assert page.evaluate(WIDTH_OF, url) == width


@pytest.mark.deep
def test_animation__over_the_limit_of_imagekit_shows_too(gunicorn, make_member, page):
    """The stored file is delivered: 30 frames of 4 megapixels."""
    image = make_member(gunicorn).upload(animation((2000, 2000), 30))
    assert image["renditions"]["small"] == image["url"]
    assert page.evaluate(WIDTH_OF, image["url"]) == 2000
    with Image.open(io.BytesIO(fetch(image["url"]).content)) as delivered:
        assert delivered.n_frames == 30
