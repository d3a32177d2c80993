"""Fixtures of the image tests."""

from collections.abc import Callable

import pytest

from imagekit_emulator.transport import get_app
from images.formats import inspect_image
from images.imagekit_client import get_clients
from images.models import Image, storage_for
from images.services import image_create
from images.tests.pictures import make_image


@pytest.fixture
def emulator():
    """Return the ImageKit that this test talks to, to look at or to disturb."""
    return get_app()


@pytest.fixture
def remote_paths() -> Callable[[], set[str]]:
    """Return what ImageKit stores right now, by path."""

    def paths() -> set[str]:
        client = get_clients(storage_for().client_options).imagekit
        files = client.assets.list(search_query='type = "file"')
        return {file.file_path for file in files}

    return paths


@pytest.fixture
def deliver(client) -> Callable[[str], tuple[int, bytes]]:
    """Fetch a delivery URL as a browser would; returns status and body."""

    def fetch(url: str) -> tuple[int, bytes]:
        response = client.get(url)
        return response.status_code, response.getvalue()

    return fetch


@pytest.fixture
def stored_image(user) -> Callable[..., Image]:
    """Store an image of `user`, or of `owner`."""

    def make(*, owner=None, width=64, height=48, format="jpeg", **fields) -> Image:
        file = make_image(width, height, format)
        info = inspect_image(file.file, max_pixels=10**8, max_frames=10)
        return image_create(owner=owner or user, file=file, info=info, **fields)

    return make
