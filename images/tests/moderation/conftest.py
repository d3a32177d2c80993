"""Fixtures of the tests of moderation."""

import pytest

from images.models import Image
from images.tests.pictures import make_image

URL = "/api/v1/images/"


@pytest.fixture
def moderator(make_user):
    return make_user("moderator@example.com", is_staff=True)


@pytest.fixture
def make_public(api):
    """Upload public images of `user`; returns the row."""

    def make(**fields) -> Image:
        body = {"file": make_image(), "visibility": "public", **fields}
        response = api.post(URL, body, format="multipart")
        assert response.status_code == 201, response.content
        return Image.objects.get(pk=response.json()["id"])

    return make
