import pytest
from django.core.files.base import ContentFile

from images.imagekit.storage import ImageKitStorage
from images.tests.pictures import picture_bytes

OPTIONS = {
    "private_key": "private_emulator_that_guards_nothing",
    "public_key": "public_emulator",
    "url_endpoint": "/_imagekit/demo",
    "api_url": "http://emulator/_imagekit",
    "transport": "imagekit_emulator.transport.in_process_transport",
}


@pytest.fixture
def make_storage():
    """Make a storage on the emulator, as any project would configure it."""

    def make(**options) -> ImageKitStorage:
        return ImageKitStorage(**(OPTIONS | options))

    return make


@pytest.fixture
def storage(make_storage) -> ImageKitStorage:
    return make_storage(location="files")


@pytest.fixture
def content():
    return ContentFile(picture_bytes(), name="a.jpg")
