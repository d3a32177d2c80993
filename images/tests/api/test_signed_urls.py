"""Signed URLs of public images, for accounts that restrict unsigned URLs."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_all(settings):
    """Configure what IMAGEKIT_SIGN=all does."""

    def switch() -> None:
        storages = {
            alias: settings.STORAGES[alias]
            | {"OPTIONS": settings.STORAGES[alias]["OPTIONS"] | {"signed": True}}
            for alias in ("default", "private")
        }
        settings.STORAGES = {**settings.STORAGES, **storages}
        settings.IMAGEKIT_EMULATOR = {
            **settings.IMAGEKIT_EMULATOR,
            "TRAITS": ("restrict_unsigned",),
        }

    return switch


def urls_of(body: dict) -> set[str]:
    renditions = dict(body["renditions"])
    offered = [entry.split()[0] for entry in renditions.pop("srcset").split(", ")]
    return {body["url"], *renditions.values(), *offered}


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private"])
def test_urls__work_with_their_signatures_only(
    api, stored_image, sign_all, deliver, visibility
):
    sign_all()
    image = stored_image(width=700, height=400, visibility=visibility)
    urls = urls_of(api.get(f"/api/v1/images/{image.pk}/").json())
    assert len(urls) > 3
    for url in urls:
        assert deliver(url)[0] == 200
        assert deliver(url.partition("ik-")[0].rstrip("?&"))[0] == 401


def test_urls__of_a_public_image_stay_the_same(
    api, stored_image, sign_all, monkeypatch
):
    sign_all()
    path = f"/api/v1/images/{stored_image(visibility='public').pk}/"
    first = urls_of(api.get(path).json())
    monkeypatch.setattr("images.imagekit.delivery_urls.time.time", lambda: 10**10)
    assert urls_of(api.get(path).json()) == first


def test_etag__changes_with_the_switch(api, stored_image, sign_all):
    path = f"/api/v1/images/{stored_image(visibility='public').pk}/"
    tags = {url: api.get(url)["ETag"] for url in (path, "/api/v1/images/")}
    sign_all()
    for url, tag in tags.items():
        assert api.get(url, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_visibility__can_be_changed(api, stored_image, sign_all, deliver):
    """The file is downloaded by a signed URL."""
    sign_all()
    path = f"/api/v1/images/{stored_image(visibility='public').pk}/"
    assert api.patch(path, {"visibility": "private"}).status_code == 200
    assert deliver(api.get(path).json()["url"])[0] == 200
