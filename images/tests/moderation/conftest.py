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


@pytest.fixture
def named_site(settings) -> None:
    """Set what the mails about decisions say of the site."""
    settings.SITE_NAME = "Pictures"
    settings.SITE_URL = "https://media.example.com"
    settings.MODERATION_CONTACT = "objections@example.com"
    settings.MODERATION_REDRESS = "You can object within six months, free of charge."
    settings.MODERATION_TERMS = "https://example.com/terms"


@pytest.fixture
def image(stored_image) -> Image:
    """Store an image of `user` with a caption that is escaped in HTML."""
    return stored_image(caption="By the <sea>")
